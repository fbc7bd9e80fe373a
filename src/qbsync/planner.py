"""What goes out next: pure functions from candidates and budgets to a batch.

Facts in, choices out: no store, no clock, no XML. A job is never split over two batches; the order of the
candidates (priority, then the order in which they were put) is kept; reads and writes do not share a batch,
because only write sets are named for recovery.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Budgets", "Candidate", "Chosen", "fitting", "plan"]


@frozen(kw_only=True)
class Budgets:
    """The bounds of what goes out at once."""

    #: Write requests in a set. It bounds how long QuickBooks is blocked, and how much one lost answer
    #: leaves in doubt.
    max_writes: int = 50
    #: Requests in a set of any sort.
    max_requests: int = 250
    #: Bytes of a document; a single job may be larger.
    max_bytes: int = 1_000_000
    #: Jobs looked up together.
    max_look_ups: int = 200
    #: Keys in one query.
    max_keys: int = 100


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


@frozen(kw_only=True)
class Chosen:
    """The next batch."""

    job_ids: tuple[str, ...] = ()
    reads: bool = False
    stop_on_error: bool = False


@frozen
class _Load:
    """What a batch holds so far."""

    requests: int = 0
    size: int = 0
    needs: frozenset[str] = field(default=frozenset())

    def with_job(self, job: Candidate) -> _Load:
        fresh = {key: size for key, size in job.needs if key not in self.needs}
        return _Load(
            self.requests + len(job.sizes) + len(fresh),
            self.size + sum(job.sizes) + sum(fresh.values()),
            self.needs | fresh.keys(),
        )


def plan(candidates: Sequence[Candidate], budgets: Budgets, *, max_writes: int | None = None) -> Chosen:
    """Choose the jobs of the next batch: a run from the front of *candidates*.

    The first job always goes, even when it alone is over a budget. The run ends before the first job that
    does not fit, that must go alone, or that reads where the others write.

    Args:
        candidates: jobs ready to be sent, the most urgent first.
        budgets: the bounds.
        max_writes: a tighter bound on write requests, after QuickBooks refused a set as a whole.
    """
    if not candidates:
        return Chosen()
    first = candidates[0]
    limit = budgets.max_requests if first.reads else min(budgets.max_writes, max_writes or budgets.max_writes)
    load = _Load().with_job(first)
    chosen = [first.job_id]
    if not first.alone:
        for job in candidates[1:]:
            load = load.with_job(job)
            over = load.requests > limit or load.size > budgets.max_bytes
            if over or job.alone or job.reads is not first.reads:
                break
            chosen.append(job.job_id)
    return Chosen(job_ids=tuple(chosen), reads=first.reads, stop_on_error=first.alone)


def fitting(count: int, fits: Callable[[int], bool]) -> int:
    """Return how many of *count* things to take: all if they fit, else half as many, and so on; at least 1.

    Args:
        count: how many there are, at least 1.
        fits: whether so many fit.
    """
    while count > 1 and not fits(count):
        count = (count + 1) // 2
    return count
