"""What each part of a load costs, from whole batches: a small robust regression.

A batch tells only its total: ``seconds = round trip + Σ count · cost``. Counts of different batches differ in
size and mix, so costs can be told apart as far as the batches differ; where they do not, a prior decides.

The fit is ridge regression in relative terms. Each feature's prior cost, scaled to what was measured as a
whole, has the coefficient 1; coefficients are drawn towards 1 as weakly as the noise allows, and are
never negative. Errors count relative to what was expected (QuickBooks' noise grows with the work), and what
is far off is pulled in, so that one odd batch cannot bend the rest.
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
#: The prior's looseness: a true cost may well be several times the prior.
_LOOSENESS = 3.0
_ROUNDS = 3
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
    return math.log(max(actual, 1e-3) / max(expected, 1e-3))


def fit(samples: Sequence[Sample], prior: Mapping[str, float], *, noise: float) -> dict[str, float]:
    """Return the cost in seconds of one of each feature of *prior*.

    Args:
        samples: answered batches, at least one; their features are in *prior*.
        prior: what each feature costs as far as one knows without having measured.
        noise: the relative error of one batch; the smaller, the less the prior counts.
    """
    names = list(prior)
    scale = math.exp(
        weighted_mean([(relative_error(s.seconds, _cost(prior, s.counts)), s.weight) for s in samples])
    )
    base = {name: prior[name] * scale for name in names}
    costs = dict(base)
    pull = (noise / _LOOSENESS) ** 2
    for _ in range(_ROUNDS):
        costs = _round(samples, names, base, costs, pull)
    return costs


def _round(
    samples: Sequence[Sample],
    names: Sequence[str],
    base: Mapping[str, float],
    costs: Mapping[str, float],
    pull: float,
) -> dict[str, float]:
    """Solve once, with errors relative to what *costs* expect."""
    size = len(names)
    place = {name: index for index, name in enumerate(names)}
    gram = [[pull if i == j else 0.0 for j in range(size)] for i in range(size)]
    right = [pull] * size
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
