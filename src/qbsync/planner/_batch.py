"""What goes out next: from candidates, budgets and measured costs to a batch.

A job is never split over two batches; the order of the candidates (priority, then the order in which they
were put) is kept; reads and writes do not share a batch, because only write sets are named for recovery.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

from ._load import Load

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ._costs import CostModel

__all__ = ["Budgets", "Candidate", "Chosen", "fitting", "jobs_in_reply", "plan", "within"]

#: Our own work may take this share of the reply budget; the rest is for what was not foreseen.
_OWN_SHARE = 0.5


@frozen(kw_only=True)
class Budgets:
    """The bounds of what goes out at once."""

    #: Write requests in a set while nothing is measured (no cost model). With one, *seconds* decides.
    max_writes: int = 50
    #: Requests in a set of any sort.
    max_requests: int = 250
    #: Bytes of a document; a single job may be larger.
    max_bytes: int = 1_000_000
    #: Jobs looked up together.
    max_look_ups: int = 200
    #: Keys in one query.
    max_keys: int = 100
    #: Seconds from handing out a batch to its answer. It bounds how long QuickBooks is blocked, and how
    #: much one lost answer leaves in doubt.
    seconds: float = 20.0
    #: Seconds a session may last; ``None``: as long as there is work.
    session_seconds: float | None = None
    #: Seconds our reply to one call may take; the Web Connector waits 100.
    reply_seconds: float = 25.0


@frozen(kw_only=True)
class Candidate:
    """A job that is ready to be sent."""

    job_id: str
    #: The size in bytes of each of its own requests.
    sizes: tuple[int, ...]
    #: What it needs, as (key, size in bytes); sent once for all jobs of a batch.
    needs: tuple[tuple[str, int], ...] = ()
    #: Must go alone, in a set that stops at its first error.
    alone: bool = False
    #: Asks only; changes nothing in QuickBooks.
    reads: bool = False
    #: The names of its own requests, beside *sizes*; without them its requests count as of an unknown kind.
    names: tuple[str, ...] = ()
    #: The names of the requests that its needs are, beside *needs*.
    need_names: tuple[str, ...] = ()
    #: Keys in its queries.
    keys: int = 0
    #: Lines of its transactions.
    lines: int = 0
    #: The next page of an iterator that is open in this session: it goes before all others and alone,
    #: because nothing may come between two pages.
    continues: bool = False
    #: Jobs that must be done before: it stays behind while one of them is a candidate too.
    depends_on: tuple[str, ...] = ()

    def load(self, met: frozenset[str] = frozenset()) -> Load:
        """Return what it asks of QuickBooks, without the needs in *met*."""
        kind = "QueryRq" if self.reads else ""
        names = list(self.names or (kind,) * len(self.sizes))
        size = sum(self.sizes)
        for (key, need_size), name in zip(
            self.needs, self.need_names or ("",) * len(self.needs), strict=True
        ):
            if key not in met:
                names.append(name)
                size += need_size
        requests = {name: float(names.count(name)) for name in names}
        return Load(requests=requests, keys=self.keys, lines=self.lines, size=size, jobs=1)


@frozen(kw_only=True)
class Chosen:
    """The next batch."""

    job_ids: tuple[str, ...] = ()
    reads: bool = False
    stop_on_error: bool = False
    #: What it asks of QuickBooks.
    load: Load = field(factory=Load)
    #: Seconds that it should take, and that it should hardly exceed; ``None`` without a cost model.
    seconds: float | None = None
    upper: float | None = None
    #: What ended the run: ``all``, ``time``, ``session``, ``requests``, ``bytes``, ``start`` (slow start),
    #: ``alone``, ``sort`` (reads beside writes), ``dependency`` or ``pages`` (nothing may come between).
    ended_by: str = "all"


@frozen(kw_only=True)
class _Limits:
    """What bounds one batch."""

    requests: int
    #: Requests that slow start allows.
    allowed: float
    size: int
    #: Seconds of work beside the round trip, and what ends the run when they are used up.
    work: float
    scarce: str

    def passed_by(self, load: Load, work: float) -> str | None:
        """Return the limit that *load* passes, or ``None``."""
        total = load.total
        if total > self.requests:
            return "requests"
        if total > self.allowed:
            return "start"
        if load.size > self.size:
            return "bytes"
        return self.scarce if work > self.work else None


def plan(
    candidates: Sequence[Candidate],
    budgets: Budgets,
    *,
    max_writes: int | None = None,
    costs: CostModel | None = None,
    session_spent: float = 0.0,
) -> Chosen:
    """Choose the jobs of the next batch: a run from the front of *candidates*.

    The first job always goes, even when it alone is over a budget; only a session that has used up its own
    budget, or has too little left for a job that another session has room for, ends with nothing chosen.
    The run ends before the first job that does not fit, that must go alone, or that reads where the others
    write. Jobs that depend on another candidate stay behind.

    Args:
        candidates: jobs ready to be sent, the most urgent first.
        budgets: the bounds.
        max_writes: a tighter bound on write requests, after QuickBooks refused a set as a whole.
        costs: what was measured in this company; without it only counts and bytes bound the batch.
        session_spent: the seconds that this session has lasted; 0 at its beginning.
    """
    queue, held = _in_turn(candidates)
    if not queue:
        return Chosen()
    limits = _limits(queue[0], budgets, max_writes, costs, session_spent)
    if session_spent > 0 and budgets.session_seconds is not None:
        left = budgets.session_seconds - session_spent
        needed = 0.0 if costs is None else costs.upper(queue[0].load())
        if left <= 0 or left < needed <= budgets.session_seconds:
            return Chosen(ended_by="session")
    jobs, load, ended_by = _run(queue, limits, costs)
    if ended_by == "all" and held:
        ended_by = "dependency"
    return Chosen(
        job_ids=tuple(job.job_id for job in jobs),
        reads=jobs[0].reads,
        stop_on_error=jobs[0].alone,
        load=load,
        seconds=None if costs is None else costs.seconds(load),
        upper=None if costs is None else costs.upper(load),
        ended_by=ended_by,
    )


def _in_turn(candidates: Sequence[Candidate]) -> tuple[list[Candidate], bool]:
    """Return the candidates whose turn may come, an open iterator first, and whether some stay behind."""
    ids = {job.job_id for job in candidates}
    free = [job for job in candidates if ids.isdisjoint(job.depends_on)]
    queue = free or list(candidates[:1])  # a circle: the store refuses it, but nothing may stand still
    queue.sort(key=lambda job: not job.continues)
    return queue, len(queue) < len(candidates)


def _limits(
    first: Candidate, budgets: Budgets, max_writes: int | None, costs: CostModel | None, spent: float
) -> _Limits:
    """Return what bounds a batch that begins with *first*."""
    requests = budgets.max_requests
    if not first.reads and costs is None:
        requests = min(requests, budgets.max_writes)
    if not first.reads and max_writes is not None:
        requests = min(requests, max_writes)
    if costs is None:
        return _Limits(
            requests=requests, allowed=requests, size=budgets.max_bytes, work=float("inf"), scarce="time"
        )
    seconds, scarce = budgets.seconds, "time"
    if budgets.session_seconds is not None and budgets.session_seconds - spent < seconds:
        seconds, scarce = budgets.session_seconds - spent, "session"
    return _Limits(
        requests=requests,
        allowed=costs.allowed(reads=first.reads),
        size=budgets.max_bytes,
        work=seconds / costs.margin - costs.round_trip,
        scarce=scarce,
    )


def _run(
    queue: Sequence[Candidate], limits: _Limits, costs: CostModel | None
) -> tuple[list[Candidate], Load, str]:
    """Return the jobs of the batch, their load, and what ended the run."""
    first = queue[0]
    load = first.load()
    if first.alone or first.continues:
        return [first], load, "pages" if first.continues else "all" if len(queue) == 1 else "alone"
    jobs, met = [first], frozenset(key for key, _ in first.needs)
    work = 0.0 if costs is None else costs.work(load)
    for job in queue[1:]:
        if job.alone or job.reads is not first.reads:
            return jobs, load, "alone" if job.alone else "sort"
        more = job.load(met)
        together, work = load + more, work + (0.0 if costs is None else costs.work(more))
        passed = limits.passed_by(together, work)
        if passed is not None:
            return jobs, load, passed
        jobs.append(job)
        load, met = together, met | {key for key, _ in job.needs}
    return jobs, load, "all"


def within(load: Load, budgets: Budgets, costs: CostModel | None = None) -> bool:
    """Return whether *load* may go out in one batch: for merged look-ups, together with :func:`fitting`.

    Slow start bounds its requests, and the upper estimate its time.
    """
    if load.total > budgets.max_requests or load.size > budgets.max_bytes:
        return False
    if costs is None:
        return True
    return load.total <= costs.allowed(reads=load.reads) and costs.upper(load) <= budgets.seconds


def jobs_in_reply(budgets: Budgets, costs: CostModel) -> int:
    """Return how many jobs our own side can decide or build within the reply budget; at least 1."""
    if not costs.own_seconds:
        return budgets.max_look_ups
    return max(1, min(budgets.max_look_ups, int(budgets.reply_seconds * _OWN_SHARE / costs.own_seconds)))


def fitting(count: int, fits: Callable[[int], bool]) -> int:
    """Return how many of *count* things fit together, at least 1; more of them must never ask for less.

    Args:
        count: how many there are, at least 1.
        fits: whether so many fit.
    """
    least, most = 1, count
    while least < most:
        middle = (least + most + 1) // 2
        least, most = (middle, most) if fits(middle) else (least, middle - 1)
    return least
