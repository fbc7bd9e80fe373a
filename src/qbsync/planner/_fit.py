"""What each part of a load costs, from whole batches: a small robust regression.

A batch tells only its total: ``seconds = round trip + Σ count · cost``. Counts of different batches differ in
size and mix, so costs can be told apart as far as the batches differ; where they do not, a prior decides.

The fit is ridge regression in relative terms. Each feature's prior cost, scaled to what was measured as a
whole (but for the round trip), has the coefficient 1; coefficients are drawn towards 1 as weakly as the noise
allows, and are never negative. Errors count relative to what was expected (QuickBooks' noise grows with the
work), and what is far off is pulled in, so that one odd batch cannot bend the rest.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["ROUND_TRIP", "Sample", "fit", "relative_error", "weighted_mean"]

#: The feature that every batch has once.
ROUND_TRIP = "round trip"

#: Coefficients stay above this share of their prior: nothing is free.
_FLOOR = 0.02
#: How far off the prior may well be: the proportions of requests, and the round trip in seconds. What a
#: round trip takes has more to do with the Web Connector than with the company.
_LOOSENESS = 0.5
_LOOSENESS_TRIP = 2.0
#: A round trip that is off its prior by more than this is believed the more readily the further it is off:
#: noise makes small errors, another kind of machine large ones.
_TRIP_REACH = 0.3
_ROUNDS = 4
#: At least this share of a batch's time was work.
_LEAST_WORK = 0.3
#: A batch further off than this factor counts as if it were so far off.
_PULL_IN = 4.0


@frozen
class Sample:
    """One answered batch."""

    #: feature → count
    counts: Mapping[str, float]
    seconds: float
    weight: float


def weighted_mean(pairs: Sequence[tuple[float, float]]) -> float:
    """Return the mean of (value, weight) pairs."""
    return sum(value * weight for value, weight in pairs) / sum(weight for _, weight in pairs)


def relative_error(actual: float, expected: float) -> float:
    """Return the logarithm of *actual* / *expected*."""
    return math.log(max(actual, 1e-6) / max(expected, 1e-6))


def fit(samples: Sequence[Sample], prior: Mapping[str, float], *, noise: float) -> dict[str, float]:
    """Return the cost in seconds of one of each feature of *prior*.

    Args:
        samples: answered batches, at least one; their features are in *prior*.
        prior: what each feature costs as far as one knows without having measured.
        noise: the relative error of one batch; the smaller, the less the prior counts.
    """
    names = list(prior)
    scale = math.exp(weighted_mean([(_scale(s, prior), s.weight) for s in samples]))
    base = {name: cost if name == ROUND_TRIP else cost * scale for name, cost in prior.items()}
    costs = dict(base)
    pull = [(noise / _LOOSENESS) ** 2] * len(names)
    trip = names.index(ROUND_TRIP)
    for _ in range(_ROUNDS):
        costs = _round(samples, names, base, costs, pull)
        off = (costs[ROUND_TRIP] / base[ROUND_TRIP] - 1) / _TRIP_REACH
        pull[trip] = (noise / _LOOSENESS_TRIP) ** 2 / (1 + off * off)
    return costs


def _scale(sample: Sample, prior: Mapping[str, float]) -> float:
    """Return the logarithm of how dear the work of *sample* was, compared with *prior*."""
    trip = prior[ROUND_TRIP] * sample.counts[ROUND_TRIP]
    work = max(sample.seconds - trip, sample.seconds * _LEAST_WORK)
    return relative_error(work, _cost(prior, sample.counts) - trip)


def _round(
    samples: Sequence[Sample],
    names: Sequence[str],
    base: Mapping[str, float],
    costs: Mapping[str, float],
    pull: Sequence[float],
) -> dict[str, float]:
    """Solve once, with errors relative to what *costs* expect."""
    size = len(names)
    place = {name: index for index, name in enumerate(names)}
    gram = [[pull[i] if i == j else 0.0 for j in range(size)] for i in range(size)]
    right = list(pull)
    for sample in samples:
        expected = _cost(costs, sample.counts)
        target = min(max(sample.seconds, expected / _PULL_IN), expected * _PULL_IN)
        row = [(place[name], base[name] * count / expected) for name, count in sample.counts.items()]
        for i, a in row:
            right[i] += sample.weight * a * target / expected
            for j, b in row:
                gram[i][j] += sample.weight * a * b
    solved = _solve_bounded(gram, right)
    return {name: base[name] * solved[index] for index, name in enumerate(names)}


def _cost(costs: Mapping[str, float], counts: Mapping[str, float]) -> float:
    return sum(costs[name] * count for name, count in counts.items())


def _solve_bounded(gram: list[list[float]], right: list[float]) -> list[float]:
    """Solve, holding coefficients that would fall under the floor at the floor."""
    held: set[int] = set()
    while True:
        free = [i for i in range(len(right)) if i not in held]
        matrix = [[gram[i][j] for j in free] for i in free]
        vector = [right[i] - _FLOOR * sum(gram[i][j] for j in held) for i in free]
        solved = dict(zip(free, _solve(matrix, vector), strict=True))
        low = {i for i, value in solved.items() if value < _FLOOR}
        if not low:
            return [solved.get(i, _FLOOR) for i in range(len(right))]
        held |= low


def _solve(matrix: list[list[float]], vector: list[float]) -> list[float]:
    """Solve a symmetric positive definite system by elimination."""
    size = len(vector)
    for k in range(size):
        pivot = matrix[k]
        for i in range(k + 1, size):
            share = matrix[i][k] / pivot[k]
            if share:
                row = matrix[i]
                for j in range(k, size):
                    row[j] -= share * pivot[j]
                vector[i] -= share * vector[k]
    solved = [0.0] * size
    for k in reversed(range(size)):
        known = sum(matrix[k][j] * solved[j] for j in range(k + 1, size))
        solved[k] = (vector[k] - known) / matrix[k][k]
    return solved
