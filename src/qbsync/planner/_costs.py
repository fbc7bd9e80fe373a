"""What QuickBooks' work costs in one company, learned from each answer.

The model is a value. :meth:`CostModel.learn` takes what a batch held and how long its answer took, and
returns the next model; whoever keeps it (the service, as a record) writes :meth:`CostModel.to_json`.

How it learns:

- It keeps the last batches, and older ones of other sizes, and fits costs to them anew each time
  (:mod:`._fit`): a round trip, each request by name, a key, a line. Older batches count less.
- A second, quicker look at the newest batches corrects the level of all costs: files grow, machines tire.
- An answer much later (or sooner) than the spread so far allows is *odd*. One odd answer may be a freeze
  (somebody has a dialogue open): it makes the next batch small and cautious, and is otherwise left out.
  A second one in the same direction means that the pace has changed: everything learned is kept and
  moved to the new pace.
- Slow start: so many requests are allowed; twice what went well is allowed next, four times what was answered
  in a small part of the budget, and less at once after a batch that was late. The upper estimate bounds them
  all the same. Reads and writes are allowed apart.
"""

from __future__ import annotations

import json
import math
from itertools import count
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from ._fit import ROUND_TRIP, Fit, Sample, fit, relative_error, weighted_mean
from ._load import Load
from ._seen import Seen, counts_of, make_room, prior_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["CostModel", "growth"]

#: The format number of the stored form.
FORMAT = 1

#: Requests in the first batch of a company.
START = 10

#: The relative error of a batch that is expected before anything was measured, how many batches that opinion
#: weighs, and how many are remembered: dear requests are rare, and must not be forgotten between two of them.
_SPREAD, _SPREAD_WEIGHT, _SPREAD_MEMORY = 0.2, 2.0, 50.0
_SPREAD_FLOOR = 0.04
#: Late and early answers count by these factors; together they count as much as without.
_LATE_COUNTS, _EARLY_COUNTS = 1.35, 0.5
#: The last answers, for the spread to come, and what is expected of it without them.
_RECENT, _RECENT_SPREAD, _RECENT_WEIGHT = 8, 0.07, 3.0
#: The upper estimate is so many spreads above the expected: hardly 1 batch in 200 is later.
_SPREADS = 2.5
#: An answer is odd when it is so many spreads off, and at least by this factor.
_ODD_SPREADS, _ODD_FACTOR = 3.5, 2.2
#: For the spread an odd answer counts as if it were so many spreads off: a freeze is no noise.
_ODD_COUNTS = 2.0
#: How much less a batch counts than the next one: for the costs, their level, the typical job.
_FADE_COSTS, _FADE_LEVEL, _FADE_JOBS = 0.97, 0.8, 0.9
#: What lasts becomes usual: the pace returns to 1 by so much a batch.
_FADE_PACE = 0.99
#: An odd answer may tell only a part of a change: how much worse it may be.
_WORSE = 2.5
_LONGEST = 7 * 86_400.0
#: So many times as much is allowed after a batch that went well, and after a quick one: so many times its own
#: seconds are within the budget. The more two batches differ, the better they tell a round trip from work.
_GROWTH, _QUICK_GROWTH = 2, 4


def growth(seconds: float, budget: float) -> int:
    """Return how many times as much slow start allows after a batch that took *seconds* of its *budget*."""
    return _QUICK_GROWTH if seconds * _QUICK_GROWTH <= budget else _GROWTH


@frozen(kw_only=True)
class CostModel:
    """What QuickBooks' work costs in one company."""

    #: The last answered batches, oldest first.
    seen: tuple[Seen, ...] = field(default=(), repr=False)
    #: Seconds of one of each feature that was seen: ``round trip``, ``key``, ``line``, names of requests.
    costs: Mapping[str, float] = field(factory=dict)
    #: The relative error of one batch.
    spread: float = _SPREAD
    #: Answers learned from, ever.
    answers: int = 0
    #: Writes, and reads, that may go out in one batch.
    writes_allowed: int = START
    reads_allowed: int = START
    #: How much slower than usual QuickBooks is: 2 is half as fast.
    pace: float = 1.0
    #: By how much the pace has changed since the beginning.
    shift: float = 1.0
    #: The last answer was so many times later than expected, and nobody knows yet whether that lasts.
    alarm: float = 1.0
    #: What was sent, and looked up, lately, to know a typical job.
    typical_writes: Load = field(factory=Load, repr=False)
    typical_reads: Load = field(factory=Load, repr=False)
    #: Seconds that our side takes for a job in one reply; ``None`` before it was measured.
    own_seconds: float | None = None

    def cost(self, name: str) -> float:
        """Return the expected seconds of one *name*; what was never seen is as dear as its prior says."""
        known = self.costs.get(name)
        return prior_of(name) * self._scale if known is None else known

    @property
    def _scale(self) -> float:
        """How dear this company's work is, by the prior, as a whole."""
        known = [(self.costs[name], prior_of(name)) for name in self.costs if name != ROUND_TRIP]
        if not known:
            return 1.0
        return math.exp(sum(math.log(cost / prior) for cost, prior in known) / len(known))

    @property
    def round_trip(self) -> float:
        """The expected seconds of a round trip, whatever it holds."""
        return self.cost(ROUND_TRIP)

    def work(self, load: Load) -> float:
        """Return the expected seconds of *load* without the round trip."""
        return self.seconds(load) - self.round_trip

    def seconds(self, load: Load) -> float:
        """Return the expected seconds from handing out *load* in one batch to its answer."""
        return sum(self.cost(name) * number for name, number in counts_of(load).items())

    @property
    def margin(self) -> float:
        """The factor from the expected seconds to the upper estimate."""
        return math.exp(_SPREADS * self.spread) * max(1.0, min(self.alarm**2, self.alarm * _WORSE))

    def margins(self) -> Iterator[float]:
        """Yield the margins of the batches to come, if their errors are like those of the last ones.

        The spread forgets slowly that nothing was known at first: batches go on growing for a while.
        """
        errors = [relative_error(seen.seconds, self.seconds(seen.load)) for _, seen in self._kept()[:_RECENT]]
        total = sum(error**2 for error in errors) + _RECENT_WEIGHT * _RECENT_SPREAD**2
        to_come = total / (len(errors) + _RECENT_WEIGHT)
        spread = self.spread
        for answers in count(self.answers + 1):
            yield math.exp(_SPREADS * spread)
            spread = self._spread_after(to_come, spread**2, answers)

    def upper(self, load: Load) -> float:
        """Return the upper estimate: not one batch in a hundred should take longer."""
        return self.seconds(load) * self.margin

    def allowed(self, *, reads: bool) -> int:
        """Return how many requests may go out in one batch."""
        return self.reads_allowed if reads else self.writes_allowed

    def learn(self, load: Load, seconds: float, *, budget: float = 20.0) -> CostModel:
        """Return the model that has learned from one more answer.

        Args:
            load: what the batch held.
            seconds: from handing it out to its answer. What cannot be (negative, not a number: somebody set
                a clock) teaches nothing.
            budget: the seconds a batch may take; later answers shrink the next batch.
        """
        if not 0 <= seconds < math.inf or not load.requests:
            return self
        seconds = min(max(seconds, 0.001), _LONGEST)
        error = relative_error(seconds, self.seconds(load)) if self.answers else 0.0
        odd = abs(error) > self._odd_from()
        latest = Seen(load=load, seconds=seconds, error=error, odd=odd)
        model = self._shifted(latest) if odd and self._confirms(error) else self._with(latest)
        return model._refitted()._allowing(load, seconds, budget)._knowing(load)  # noqa: SLF001 - its own kind

    def _odd_from(self) -> float:
        """How far off an answer must be to be odd; at first almost nothing is."""
        unknown = 1.0 / max(self.answers, 1)
        if not self.answers:
            return math.inf
        return max(_ODD_SPREADS * math.hypot(self.spread, unknown), math.log(_ODD_FACTOR))

    def _confirms(self, error: float) -> bool:
        """Whether the answer before was odd in the same direction."""
        return bool(self.seen) and self.seen[-1].odd and self.seen[-1].error * error > 0

    def _with(self, latest: Seen) -> CostModel:
        alarm = math.exp(latest.error) if latest.odd and latest.error > 0 else 1.0
        seen = make_room(self.seen, latest)
        return evolve(
            self,
            seen=seen,
            answers=self.answers + 1,
            spread=self._spread(latest),
            alarm=alarm,
            pace=self.pace**_FADE_PACE,
        )

    def _shifted(self, latest: Seen) -> CostModel:
        """Return the model with all that was learned moved to the new pace."""
        first = self.seen[-1]
        alike = abs(first.error - latest.error) < 2 * self.spread
        step = (first.error + latest.error) / 2 if alike else latest.error
        factor = math.exp(step)
        old = [evolve(seen, seconds=seen.seconds * factor) for seen in self.seen[:-1]]
        # The first of the two may have begun before the change: only the second is certain.
        new = [evolve(first, error=0.0, odd=not alike), evolve(latest, error=0.0, odd=False)]
        return evolve(
            self,
            seen=make_room((*old, new[0]), new[1]),
            answers=self.answers + 1,
            alarm=1.0,
            pace=self.pace * factor,
            shift=self.shift * factor,
        )

    def _refitted(self) -> CostModel:
        """Return the model with costs, their level and their spread as the batches say."""
        kept = self._kept()
        if not kept:
            return self
        fitted = self._fit(kept).costs
        level = self._level(kept, fitted)
        costs = {name: cost * level for name, cost in fitted.items()}
        return evolve(self, costs={**self.costs, **costs})

    def _kept(self) -> list[tuple[int, Seen]]:
        """Return the age of each batch that counts, and the batch."""
        return [(age, seen) for age, seen in enumerate(reversed(self.seen)) if not seen.odd]

    def _fit(self, kept: Sequence[tuple[int, Seen]]) -> Fit:
        prior = {name: prior_of(name) * self.shift for _, seen in kept for name in seen.counts}
        samples = [Sample(seen.counts, seen.seconds, _FADE_COSTS**age) for age, seen in kept]
        return fit(samples, prior)

    def doubt(self, load: Load, rounds: float) -> float:
        """Return how unsure the cost of *load* in so many round trips is: a relative error."""
        kept = self._kept()
        return self._fit(kept).doubt({**counts_of(load), ROUND_TRIP: rounds}) if kept else 1.0

    def _level(self, kept: list[tuple[int, Seen]], fitted: Mapping[str, float]) -> float:
        """Return by how much the newest batches differ from what was fitted to all."""
        ratios = [(1.0, 1.0)]
        for age, seen in kept:
            expected = sum(fitted[name] * number for name, number in seen.counts.items())
            ratios.append((min(max(seen.seconds / expected, 0.5), 2.0), _FADE_LEVEL**age))
        return weighted_mean(ratios)

    def _spread(self, latest: Seen) -> float:
        """Return the spread after one more answer; the first one was foreseen by nobody, and tells nothing.

        An odd one tells something as soon as the next one says that it was no change of pace. What is off by
        much counts as far as was to be expected, and late answers more than early ones, because the upper
        estimate must hold for them.
        """
        if not self.answers or latest.odd:
            return self.spread
        spread = self.spread
        for seen in (*(seen for seen in self.seen[-1:] if seen.odd), latest):
            reach = max(_ODD_SPREADS * spread, math.log(_ODD_FACTOR))
            if seen.odd:
                reach = max(_ODD_COUNTS * spread, _SPREAD)
            error = min(abs(seen.error), reach) * (_LATE_COUNTS if seen.error > 0 else _EARLY_COUNTS)
            spread = self._spread_after(error**2, spread**2, self.answers + 1)
        return spread

    @staticmethod
    def _spread_after(error: float, before: float, answers: int) -> float:
        """Return the spread after so many answers, from the squares of the latest error and of itself."""
        learned = before + (error - before) / min(answers + _SPREAD_WEIGHT, _SPREAD_MEMORY)
        return max(math.sqrt(learned), _SPREAD_FLOOR)

    def _allowing(self, load: Load, seconds: float, budget: float) -> CostModel:
        """Return the model that allows more than what went well, or less than what did not."""
        sent, before = max(1, round(load.total)), self.allowed(reads=load.reads)
        late = seconds > budget
        if late or self.alarm > 1:
            share = min(budget / seconds, 1.0) / 2
            allowed = max(1, min(int(sent * share), before))
        else:
            allowed = max(before, growth(seconds, budget) * sent)
        return evolve(self, reads_allowed=allowed) if load.reads else evolve(self, writes_allowed=allowed)

    def _knowing(self, load: Load) -> CostModel:
        """Return the model that knows what a job is like, from the last jobs."""
        if not load.jobs:
            return self
        if load.reads:
            return evolve(self, typical_reads=self.typical_reads.times(_FADE_JOBS) + load)
        return evolve(self, typical_writes=self.typical_writes.times(_FADE_JOBS) + load)

    def served(self, *, jobs: int, seconds: float) -> CostModel:
        """Return the model that has learned how long our own side took over one reply.

        Args:
            jobs: jobs that were decided, settled or built for it.
            seconds: from the Web Connector's call to our reply.
        """
        if jobs < 1 or not 0 <= seconds < math.inf:
            return self
        each, before = seconds / jobs, self.own_seconds
        return evolve(self, own_seconds=each if before is None else max(each, 0.8 * before + 0.2 * each))

    def typical_job(self) -> Load:
        """Return what a job needs of QuickBooks, on average of the last ones: look-ups and writes."""
        reads, writes = self.typical_reads, self.typical_writes
        if not reads.jobs and not writes.jobs:
            return Load(requests={"InvoiceAddRq": 1, "CustomerAddRq": 1}, lines=2, jobs=1)
        asked = reads.times(1 / reads.jobs) if reads.jobs else Load()
        sent = writes.times(1 / writes.jobs) if writes.jobs else Load()
        return evolve(asked + sent, jobs=1)

    def to_json(self) -> str:
        """Return the stored form."""
        return json.dumps(
            {
                "format": FORMAT,
                "seen": [[s.load.to_list(), s.seconds, s.error, s.odd] for s in self.seen],
                "costs": dict(self.costs),
                "spread": self.spread,
                "answers": self.answers,
                "writes_allowed": self.writes_allowed,
                "reads_allowed": self.reads_allowed,
                "pace": self.pace,
                "shift": self.shift,
                "alarm": self.alarm,
                "typical_writes": self.typical_writes.to_list(),
                "typical_reads": self.typical_reads.to_list(),
                "own_seconds": self.own_seconds,
            },
            separators=(",", ":"),
        )

    @classmethod
    def from_json(cls, text: str | bytes) -> CostModel:
        """Read the stored form back; what another format says is not read, learning starts anew."""
        stored: dict[str, Any] = json.loads(text)
        if stored.pop("format", None) != FORMAT:
            return cls()
        seen = tuple(
            Seen(load=Load.from_list(load), seconds=seconds, error=error, odd=odd)
            for load, seconds, error, odd in stored.pop("seen")
        )
        for name in ("typical_writes", "typical_reads"):
            stored[name] = Load.from_list(stored[name])
        return cls(seen=seen, **stored)
