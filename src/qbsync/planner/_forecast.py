"""How much time is left, with a range and the reason."""

from __future__ import annotations

import math
from itertools import islice
from typing import TYPE_CHECKING

from attrs import frozen

from ._costs import growth
from ._load import Load

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ._batch import Budgets, Candidate
    from ._costs import CostModel

__all__ = ["Ahead", "Forecast", "ahead", "duration", "forecast"]

#: 10 % of a normal distribution lie further out than so many standard deviations.
_TENTH = 1.2816
#: What a typical job, and the next hours, may differ from the last ones, however much was measured.
_DRIFT = 0.08
_SKEW = 0.3
#: What happens rarely (a very dear request) is missing in the first answers: 5 % after two of them.
_UNSEEN = 0.15
#: Before anything was measured.
_UNMEASURED = 1.0
_SLOWER, _MUCH_SLOWER = 1.5, 4.0
_NEXT_TO_NOTHING = 1e-6
#: From this batch on all are alike: slow start is over, and the margin is what it will be.
_ALIKE_FROM = 60
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


@frozen(kw_only=True)
class Forecast:
    """How much time is left."""

    jobs: int
    #: Batches that are to be answered.
    round_trips: int
    #: Expected seconds until all of it is done.
    seconds: float
    #: In one case of ten it takes less, and in one of ten more.
    low: float
    high: float
    #: How QuickBooks does compared with its usual pace; empty: as usual.
    pace: str = ""
    #: Seconds until anything may go out at all; part of *seconds*.
    waits: float = 0.0

    @property
    def reason(self) -> str:
        """What to tell people: ``412 jobs, 14 round trips, about 2 min 40 s, QuickBooks is slower …``."""
        if not self.jobs and not self.round_trips:
            return "nothing is waiting"
        parts = [
            _count(self.jobs, "job"),
            _count(self.round_trips, "round trip"),
            f"about {duration(self.seconds)}",
        ]
        if self.waits:
            parts.append(f"of which {duration(self.waits)} until it may begin")
        return ", ".join([*parts, self.pace] if self.pace else parts)


def forecast(
    jobs: Sequence[Candidate] | Load | int,
    budgets: Budgets,
    costs: CostModel,
    *,
    more: int = 0,
    position: int | None = None,
    awaited: Load | None = None,
    waited: float = 0.0,
    waits: float = 0.0,
) -> Forecast:
    """Return how much time is left.

    Args:
        jobs: what waits, in order; or all of it added up; or how many typical jobs, of which nobody knows yet
            what they need.
        budgets: the bounds of a batch.
        costs: what was measured.
        more: typical jobs that wait behind *jobs*.
        position: only until the job at this place (1 is the first) is done; of a sum the share counts.
        awaited: the batch that is out, during a sync.
        waited: the seconds since it was handed out.
        waits: seconds until anything may go out: a window, a pause, the next run of the Web Connector.
    """
    known, typical = _waiting(jobs, more, position)
    load = known + costs.typical_job().times(typical)
    rounds = _rounds(load, budgets, costs)
    seconds = _total(load, rounds, costs)
    if awaited is not None:
        rounds += 1
        seconds += _rest(costs.seconds(awaited), waited)
    doubt = _uncertainty(costs, load, rounds, typical=typical > 0)
    width = math.exp(_TENTH * doubt)
    # Times are skewed: the mean of what may come lies above its middle.
    seconds *= math.exp(min(doubt, _SKEW) ** 2 / 2) * (1 + _UNSEEN / (1 + costs.answers))
    return Forecast(
        jobs=round(load.jobs + (awaited.jobs if awaited else 0)),
        round_trips=rounds,
        seconds=waits + seconds,
        low=waits + seconds / width,
        high=waits + seconds * width,
        pace=_pace(costs),
        waits=waits,
    )


@frozen(kw_only=True)
class Ahead:
    """One batch to come."""

    jobs: float
    requests: float
    #: Expected seconds.
    seconds: float


def ahead(
    jobs: Sequence[Candidate] | Load | int, budgets: Budgets, costs: CostModel, *, limit: int = 10
) -> list[Ahead]:
    """Return the next batches as they will come, at most *limit*, if nothing changes meanwhile.

    Args:
        jobs: what waits, as for :func:`forecast`.
        budgets: the bounds of a batch.
        costs: what was measured.
        limit: how many.
    """
    known, typical = _waiting(jobs, 0, None)
    load = known + costs.typical_job().times(typical)
    return [
        Ahead(
            jobs=load.jobs * size / load.total,
            requests=size,
            seconds=costs.round_trip + costs.work(load) * size / load.total,
        )
        for size in islice(_sizes(load, budgets, costs), limit)
    ]


def _waiting(jobs: Sequence[Candidate] | Load | int, more: int, position: int | None) -> tuple[Load, int]:
    """Return the load that is known, and the number of typical jobs."""
    if isinstance(jobs, int):
        return Load(), jobs + more if position is None else min(jobs + more, position)
    if isinstance(jobs, Load):
        known, count = jobs, round(jobs.jobs)
        if position is not None and position < count:
            known = jobs.times(position / count)
    else:
        known, count = Load.sum(job.load() for job in jobs[:position]), len(jobs)
    return known, more if position is None else max(0, min(more, position - count))


def _sizes(load: Load, budgets: Budgets, costs: CostModel) -> Iterator[float]:
    """Yield the requests of each batch to come: slow start first, then as much as the budgets let through."""
    left = load.total
    if not left:
        return
    job, each = left / max(load.jobs, 1), costs.work(load) / left
    full = min(budgets.max_requests, budgets.max_bytes / (load.size / left) if load.size else math.inf)
    allowed: float = costs.allowed(reads=load.reads)
    for margin in costs.margins():
        most = min(full, (budgets.seconds / margin - costs.round_trip) / each)
        # The last job that does not fit leaves half of its room empty.
        size = min(left, max(job, min(allowed, most) - job / 2))
        yield size
        left, seconds = left - size, costs.round_trip + each * size
        allowed = max(allowed, growth(seconds, budgets.seconds) * size)
        if left <= _NEXT_TO_NOTHING:
            return


def _rounds(load: Load, budgets: Budgets, costs: CostModel) -> int:
    """Return how many batches *load* takes."""
    rounds, left = 0, load.total
    for size in _sizes(load, budgets, costs):
        if rounds == _ALIKE_FROM:
            return rounds + math.ceil(left / size - _NEXT_TO_NOTHING)
        rounds, left = rounds + 1, left - size
    return rounds


def _total(load: Load, rounds: int, costs: CostModel) -> float:
    return rounds * costs.round_trip + costs.work(load)


def _rest(expected: float, waited: float) -> float:
    """Return how long an awaited answer still takes; one that is late by much will take as long again."""
    return max(expected - waited, 0.2 * max(expected, waited))


def _uncertainty(costs: CostModel, load: Load, rounds: int, *, typical: bool) -> float:
    """Return the standard deviation of the logarithm of the time left."""
    if not costs.answers:
        return _UNMEASURED
    parts = (
        costs.spread / math.sqrt(max(rounds, 1)),
        costs.doubt(load, rounds),
        _DRIFT * (2 if typical else 1),
        math.log(costs.alarm) / _TENTH,  # it may last
    )
    return math.hypot(*parts)


def _pace(costs: CostModel) -> str:
    if costs.alarm > 1:
        return f"QuickBooks' last answer took {costs.alarm:.1f} times as long as expected"
    for factor, words in (
        (_MUCH_SLOWER, "QuickBooks is much slower than usual"),
        (_SLOWER, "QuickBooks is slower than usual"),
    ):
        if costs.pace >= factor:
            return words
    return "QuickBooks is faster than usual" if costs.pace <= 1 / _SLOWER else ""


def duration(seconds: float) -> str:
    """Return *seconds* as people say it: ``45 s``, ``2 min 40 s``, ``1 h 5 min``, ``3 d 2 h``."""
    whole = max(round(seconds), 0)
    if whole >= 5 * _MINUTE:
        whole = round(whole / _MINUTE) * _MINUTE
    elif whole >= _MINUTE:
        whole = round(whole / 10) * 10
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return _two(whole, _MINUTE, "min", 1, "s")
    if whole < _DAY:
        return _two(whole, _HOUR, "h", _MINUTE, "min")
    return _two(whole, _DAY, "d", _HOUR, "h")


def _two(whole: int, large: int, large_word: str, small: int, small_word: str) -> str:
    rest = whole % large // small
    first = f"{whole // large} {large_word}"
    return f"{first} {rest} {small_word}" if rest else first


def _count(number: int, word: str) -> str:
    return f"{number} {word}" + ("" if number == 1 else "s")
