"""What each part of a load costs, from whole batches: a small robust regression.

A batch tells only its total: ``seconds = round trip + Σ count · cost``. Counts of different batches differ in
size and mix, so costs can be told apart as far as the batches differ; where they do not, a prior decides.

Everything is fitted in logarithms, because nobody knows beforehand whether an add takes 20 ms or 2 s, and
nothing is ever free: costs stay positive, and noise grows with the work. What is believed beforehand is
normal in logarithms too: next to nothing of how dear this company's work is as a whole, more of the
proportions of its parts. The most likely costs are found step by step (Gauss and Newton), and the curvature
there says how sure they are.

Two things cannot be told from the first few batches, and are guessed in all combinations instead: how noisy
this company is, and whether a round trip is a quick or a slow one. Each counts as it explains the batches.

QuickBooks is late by much, but never early by much: a late answer is pulled in, so that one dear request
among twenty does not make all of them dear.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["KEY", "LINE", "ROUND_TRIP", "Fit", "Sample", "fit", "relative_error", "weighted_mean"]

#: The feature that every batch has once; and what is counted besides requests.
ROUND_TRIP, KEY, LINE = "round trip", "key", "line"

#: Guesses: the noise of a batch as a whole, and how often the prior's a round trip takes.
_NOISES, _TRIPS = (0.03, 0.1), (0.75, 3.0)
#: A single request is so many times noisier; that evens out in larger batches.
_REQUEST_NOISE = 4.0
#: How far off beliefs may well be (standard deviations of logarithms): the round trip of a guess, work as a
#: whole, the proportions of requests, those of keys and lines.
_TRIP_DOUBT, _SCALE_DOUBT, _SHARE_DOUBT, _PART_DOUBT = 0.5, 1.5, 0.3, 1.0
#: An answer counts in full as long as it is off by so many standard deviations.
_LATE_FROM, _EARLY_FROM = 0.7, 3.0
_ROUNDS = 8
#: No step is longer (far from the solution a straight line leads astray); one so short is the last.
_LONGEST_STEP, _SHORTEST_STEP = 1.0, 0.003


@frozen
class Sample:
    """One answered batch."""

    #: feature → count
    counts: Mapping[str, float]
    seconds: float
    weight: float


@frozen
class _Guess:
    """The most likely costs under one guess."""

    #: The logarithm of how well it explains the batches.
    evidence: float
    costs: Mapping[str, float]
    #: The inverse of the covariance of the logarithms of the costs.
    precision: list[list[float]] = field(repr=False)

    def variance(self, counts: Mapping[str, float]) -> float:
        """Return the variance of the logarithm of what *counts* cost."""
        total = _cost(self.costs, counts)
        shares = [cost * counts.get(name, 0.0) / total for name, cost in self.costs.items()]
        solved, _ = _solve([list(row) for row in self.precision], list(shares))
        return _product(shares, solved)


@frozen
class Fit:
    """Costs, and how sure they are."""

    _guesses: Sequence[_Guess]

    @property
    def _weights(self) -> list[float]:
        best = max(guess.evidence for guess in self._guesses)
        weights = [math.exp(guess.evidence - best) for guess in self._guesses]
        return [weight / sum(weights) for weight in weights]

    @property
    def costs(self) -> dict[str, float]:
        """The seconds of one of each feature: the mean of all guesses, in logarithms."""
        weights = self._weights
        return {
            name: math.exp(_product(weights, [math.log(guess.costs[name]) for guess in self._guesses]))
            for name in self._guesses[0].costs
        }

    def doubt(self, counts: Mapping[str, float]) -> float:
        """Return how unsure the cost of *counts* is: the standard deviation of its logarithm."""
        known = {name: count for name, count in counts.items() if name in self._guesses[0].costs and count}
        if not known:
            return 0.0
        weights = self._weights
        totals = [math.log(_cost(guess.costs, known)) for guess in self._guesses]
        mean = _product(weights, totals)
        within = _product(weights, [guess.variance(known) for guess in self._guesses])
        return math.sqrt(within + _product(weights, [(total - mean) ** 2 for total in totals]))


def weighted_mean(pairs: Sequence[tuple[float, float]]) -> float:
    """Return the mean of (value, weight) pairs."""
    return sum(value * weight for value, weight in pairs) / sum(weight for _, weight in pairs)


def relative_error(actual: float, expected: float) -> float:
    """Return the logarithm of *actual* / *expected*."""
    return math.log(max(actual, 1e-6) / max(expected, 1e-6))


def fit(samples: Sequence[Sample], prior: Mapping[str, float]) -> Fit:
    """Return the cost in seconds of one of each feature of *prior*.

    Args:
        samples: answered batches, at least one; their features are in *prior*.
        prior: what each feature costs as far as one knows without having measured.
    """
    return Fit(
        [
            _guess(samples, {**prior, ROUND_TRIP: prior[ROUND_TRIP] * trip}, noise)
            for noise in _NOISES
            for trip in _TRIPS
        ]
    )


def _guess(samples: Sequence[Sample], prior: Mapping[str, float], noise: float) -> _Guess:
    """Return the most likely costs if batches are so noisy and *prior* is right."""
    names = list(prior)
    place = {name: index for index, name in enumerate(names)}
    rows = [(s, [(place[name], count) for name, count in s.counts.items()]) for s in samples]
    belief = _belief(names)
    off, costs, precision, evidence = [0.0] * len(names), list(prior.values()), belief, 0.0
    for _ in range(_ROUNDS):
        precision, right, evidence = _likelihood(rows, costs, noise)
        for i, row in enumerate(belief):
            pull = _product(row, off)
            right[i] -= pull
            evidence -= off[i] * pull / 2
            precision[i] = [a + b for a, b in zip(precision[i], row, strict=True)]
        steps, logarithm = _solve([list(row) for row in precision], right)
        evidence -= logarithm / 2
        off = [
            one + min(max(step, -_LONGEST_STEP), _LONGEST_STEP) for one, step in zip(off, steps, strict=True)
        ]
        costs = [prior[name] * math.exp(one) for name, one in zip(names, off, strict=True)]
        if max(map(abs, steps)) < _SHORTEST_STEP:
            break
    return _Guess(evidence, dict(zip(names, costs, strict=True)), precision)


def _belief(names: Sequence[str]) -> list[list[float]]:
    """Return how sure the prior is: the inverse of the covariance of its logarithms.

    Work shares one doubt, its scale; so the inverse is that of a diagonal and a product (Sherman, Morrison).
    """
    doubts = {ROUND_TRIP: _TRIP_DOUBT, KEY: _PART_DOUBT, LINE: _PART_DOUBT}
    sure = [doubts.get(name, _SHARE_DOUBT) ** -2 for name in names]
    work = [0.0 if name == ROUND_TRIP else one for name, one in zip(names, sure, strict=True)]
    shared = 1 / (_SCALE_DOUBT**-2 + sum(work))
    return [
        [(sure[i] if i == j else 0.0) - work[i] * work[j] * shared for j in range(len(names))]
        for i in range(len(names))
    ]


def _likelihood(
    rows: Sequence[tuple[Sample, Sequence[tuple[int, float]]]], costs: Sequence[float], noise: float
) -> tuple[list[list[float]], list[float], float]:
    """Return what batches say near *costs*: their precision, their pull on each, and how likely they are."""
    gram, right, likely = [[0.0] * len(costs) for _ in costs], [0.0] * len(costs), 0.0
    for sample, row in rows:
        expected = sum(costs[i] * count for i, count in row)
        shares = [(i, costs[i] * count / expected) for i, count in row]
        # The first is the round trip.
        singly = sum(
            share * share / count for (_, share), (_, count) in zip(shares[1:], row[1:], strict=True)
        )
        variance = noise**2 * (1 + _REQUEST_NOISE**2 * singly)
        error = relative_error(sample.seconds, expected)
        reach = math.sqrt(variance) * (_LATE_FROM if error > 0 else _EARLY_FROM)
        weight = sample.weight / variance * min(1.0, reach / max(abs(error), reach))
        likely -= weight * error**2 / 2 + sample.weight * math.log(variance) / 2
        for i, a in shares:
            weighted, line = weight * a, gram[i]
            right[i] += weighted * error
            for j, b in shares:
                line[j] += weighted * b
    return gram, right, likely


def _product(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def _cost(costs: Mapping[str, float], counts: Mapping[str, float]) -> float:
    return sum(costs[name] * count for name, count in counts.items())


def _solve(matrix: list[list[float]], vector: list[float]) -> tuple[list[float], float]:
    """Solve a symmetric positive definite system by elimination; return also its determinant's logarithm."""
    size, logarithm = len(vector), 0.0
    for k in range(size):
        pivot = matrix[k]
        logarithm += math.log(pivot[k])
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
    return solved, logarithm
