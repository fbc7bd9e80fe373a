"""Answered batches, as the cost model keeps them, and what is believed without having seen any."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from ._fit import KEY, LINE, ROUND_TRIP

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ._load import Load

__all__ = ["Seen", "counts_of", "make_room", "prior_of"]

#: What is kept: more would not be fitted better, and would slow each answer.
_KEPT = 24
#: Batches are alike whose sizes differ by less than this factor.
_ALIKE = 1.5
#: Seconds, as far as one knows without having measured: only their proportions matter after one answer.
_ROUND_TRIP, _READ, _WRITE, _KEY, _LINE = 1.0, 0.04, 0.2, 0.002, 0.012


@frozen(kw_only=True)
class Seen:
    """One answered batch."""

    load: Load
    seconds: float
    #: The logarithm of its seconds by what was expected of it; 0 for the first.
    error: float = 0.0
    #: Left out, because it may have been a freeze.
    odd: bool = False

    @property
    def counts(self) -> dict[str, float]:
        """What its cost is made of."""
        return counts_of(self.load)


def make_room(seen: Sequence[Seen], latest: Seen) -> tuple[Seen, ...]:
    """Return the batches to keep: the oldest one goes that is about as large as the latest.

    Only batches of different sizes tell a round trip from work, and later ones are mostly full.
    """
    if len(seen) < _KEPT:
        return (*seen, latest)
    total = latest.load.total
    alike = (i for i, one in enumerate(seen) if total / _ALIKE < one.load.total < total * _ALIKE)
    gone = next(alike, 0)
    return (*seen[:gone], *seen[gone + 1 :], latest)


def counts_of(load: Load) -> dict[str, float]:
    """Return what the cost of *load*, sent in one round trip, is made of."""
    counts = {ROUND_TRIP: 1.0} | {name: number for name, number in load.requests.items() if number}
    if load.keys:
        counts[KEY] = load.keys
    if load.lines:
        counts[LINE] = load.lines
    return counts


def prior_of(name: str) -> float:
    """Return what one *name* costs, as far as one knows without having measured."""
    fixed = {ROUND_TRIP: _ROUND_TRIP, KEY: _KEY, LINE: _LINE}
    return fixed.get(name) or (_READ if name.endswith("QueryRq") else _WRITE)
