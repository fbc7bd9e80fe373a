"""What QuickBooks' work costs in one company, learned from each answer.

The model is a value. :meth:`CostModel.learn` takes what a batch held and how long its answer took, and
returns the next model; whoever keeps it (the service, as a record) writes :meth:`CostModel.to_json`.

How it learns:

- It keeps the last batches and fits costs to them anew each time (:mod:`._fit`): a round trip, each
  request by name, a key, a line. Older batches count less.
- A second, quicker look at the newest batches corrects the level of all costs: files grow, machines tire.
- An answer much later (or sooner) than the spread so far allows is *odd*. One odd answer may be a freeze
  (somebody has a dialogue open): it makes the next batch small and cautious, and is otherwise left out.
  A second one in the same direction means that the pace has changed: everything learned is kept and
  moved to the new pace.
- Slow start: so many requests are allowed; twice what went well is allowed next, and less at once after
  a batch that was late. Reads and writes are allowed apart.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from ._fit import ROUND_TRIP, Sample, fit, relative_error, weighted_mean
from ._load import Load

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CostModel", "Seen"]

#: The format number of the stored form.
FORMAT = 1

#: Requests in the first batch of a company.
START = 10
#: What is kept: more would not be fitted better, and would slow each answer.
_KEPT = 40

KEY, LINE = "key", "line"
#: Seconds, as far as one knows without having measured: only their proportions matter after one answer.
_ROUND_TRIP, _READ, _WRITE, _KEY, _LINE = 1.0, 0.02, 0.1, 0.001, 0.003

#: The relative error of a batch that is expected before anything was measured, and how many batches
#: that opinion weighs.
_SPREAD, _SPREAD_WEIGHT = 0.25, 3.0
_SPREAD_FLOOR = 0.04
#: The last answers, for the spread to come, and what is expected of it without them.
_RECENT, _RECENT_SPREAD, _RECENT_WEIGHT = 8, 0.1, 3.0
#: For the fit no more noise than this is taken for granted: it would lean on the prior for too long.
_FIT_NOISE = 0.08
#: The upper estimate is so many spreads above the expected: hardly 1 batch in 200 is later.
_SPREADS = 2.8
#: An answer is odd when it is so many spreads off, and at least by this factor.
_ODD_SPREADS, _ODD_FACTOR = 3.5, 1.8
#: For the spread an odd answer counts as if it were so many spreads off: a freeze is no noise.
_ODD_COUNTS = 2.0
#: How much less a batch counts than the next one: for the costs, their level, the spread, the typical job.
_FADE_COSTS, _FADE_LEVEL, _FADE_SPREAD, _FADE_JOBS = 0.97, 0.8, 0.97, 0.9
#: What lasts becomes usual: the pace returns to 1 by so much a batch.
_FADE_PACE = 0.99
#: An odd answer may tell only a part of a change: how much worse it may be.
_WORSE = 2.5
_LONGEST = 7 * 86_400.0


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


def counts_of(load: Load) -> dict[str, float]:
    """Return what the cost of *load*, sent in one round trip, is made of."""
    counts = {ROUND_TRIP: 1.0, **load.requests}
    if load.keys:
        counts[KEY] = load.keys
    if load.lines:
        counts[LINE] = load.lines
    return counts


#: So many times as much is allowed after a batch that went well, and after questions answered quickly.
_GROWTH, _READ_GROWTH = 2, 4


def prior_of(name: str) -> float:
    """Return what one *name* costs, as far as one knows without having measured."""
    fixed = {ROUND_TRIP: _ROUND_TRIP, KEY: _KEY, LINE: _LINE}
    return fixed.get(name) or (_READ if name.endswith("QueryRq") else _WRITE)


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
        return sum(self.cost(name) * count for name, count in counts_of(load).items())

    @property
    def margin(self) -> float:
        """The factor from the expected seconds to the upper estimate."""
        return math.exp(_SPREADS * self.spread) * max(1.0, min(self.alarm**2, self.alarm * _WORSE))

    @property
    def margin_ahead(self) -> float:
        """The margin to count on for later batches: what the last answers alone say of the spread.

        The spread itself forgets slowly, to be safe; in a forecast that would count round trips that will
        not be needed.
        """
        errors = [seen.error for seen in self.seen[-_RECENT:] if not seen.odd]
        total = sum(error**2 for error in errors) + _RECENT_WEIGHT * _RECENT_SPREAD**2
        return math.exp(_SPREADS * math.sqrt(total / (len(errors) + _RECENT_WEIGHT)))

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
        seen = (*self.seen, latest)[-_KEPT:]
        return evolve(self, seen=seen, answers=self.answers + 1, alarm=alarm, pace=self.pace**_FADE_PACE)

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
            seen=(*old, *new)[-_KEPT:],
            answers=self.answers + 1,
            alarm=1.0,
            pace=self.pace * factor,
            shift=self.shift * factor,
        )

    def _refitted(self) -> CostModel:
        """Return the model with costs, their level and their spread as the batches say."""
        kept = [(age, seen) for age, seen in enumerate(reversed(self.seen)) if not seen.odd]
        if not kept:
            return self
        prior = {name: prior_of(name) * self.shift for _, seen in kept for name in seen.counts}
        samples = [Sample(seen.counts, seen.seconds, _FADE_COSTS**age) for age, seen in kept]
        fitted = fit(samples, prior, noise=min(self.spread, _FIT_NOISE))
        level = self._level(kept, fitted)
        costs = {name: cost * level for name, cost in fitted.items()}
        return evolve(self, costs={**self.costs, **costs}, spread=self._spread())

    def _level(self, kept: list[tuple[int, Seen]], fitted: Mapping[str, float]) -> float:
        """Return by how much the newest batches differ from what was fitted to all."""
        ratios = [(1.0, 1.0)]
        for age, seen in kept:
            expected = sum(fitted[name] * count for name, count in seen.counts.items())
            ratios.append((min(max(seen.seconds / expected, 0.5), 2.0), _FADE_LEVEL**age))
        return weighted_mean(ratios)

    def _spread(self) -> float:
        """Return the relative error of one batch; what is off by much counts as far as was to be expected."""
        reach = max(_ODD_SPREADS * self.spread, math.log(_ODD_FACTOR))
        odd_reach = max(_ODD_COUNTS * self.spread, _SPREAD)
        weights = _SPREAD_WEIGHT * _FADE_SPREAD**self.answers
        total = _SPREAD**2 * weights
        for age, seen in enumerate(reversed(self.seen)):
            weight = _FADE_SPREAD**age
            total += weight * min(abs(seen.error), odd_reach if seen.odd else reach) ** 2
            weights += weight
        return max(math.sqrt(total / weights), _SPREAD_FLOOR)

    def _allowing(self, load: Load, seconds: float, budget: float) -> CostModel:
        """Return the model that allows twice as much as went well, or less after what did not.

        Questions change nothing, so what was answered in a small part of the budget may grow faster.
        """
        count, before = max(1, round(load.total)), self.allowed(reads=load.reads)
        late = seconds > budget
        if late or self.alarm > 1:
            share = min(budget / seconds, 1.0) / 2
            allowed = max(1, min(int(count * share), before))
        else:
            quick = load.reads and seconds * _READ_GROWTH <= budget
            allowed = max(before, (_READ_GROWTH if quick else _GROWTH) * count)
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
