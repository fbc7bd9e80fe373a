"""Questions that came to no end: they are asked again, because that harms nobody, but not for ever.

A question that makes QuickBooks die, or a list that no session has the time for, would otherwise go out first
in every session and hold up all other work. So what was asked in vain counts as a try; after some of them the
job waits longer each time, and at last it is failed with its reason, as all work is.

Questions of many jobs go out together, and no result tells which of them is at fault. What brought no answer
twice goes last from then on, when QuickBooks has just answered something else, and in smaller and smaller
parts, until a job asks alone; then it counts as a try of this job. A result that speaks of the machine (a
dialog is open, access was refused) counts against no job.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from attrs import evolve

from ..handlers import Again
from ..jobs import Move, State
from ..qbxml.status import Kind, explain_hresult
from . import doubts
from .asking import distrust, templates_of
from .batches import Purpose
from .decisions import move_for, pause
from .plans import SendPlan

if TYPE_CHECKING:
    from ..jobs import Job, Lease
    from .batches import Batch
    from .plans import Pages
    from .turn import Turn

__all__ = ["asked_again", "drop_pages", "given_back", "unanswered"]

#: How long a question waits that was asked in vain more than once; each time twice as long.
_PAUSE: Final = timedelta(minutes=1)
_GIVEN_BACK = "the session ended before it was handed out"
_NO_ANSWER = "it was asked and no answer came; asking twice harms nobody"
_OF_MACHINE: Final = frozenset({Kind.LOCK, Kind.PERM, Kind.FEATURE})
_CUT = (
    "the session ended when it had brought {pages} pages of its list, and the next one begins anew: if that "
    "goes on, ask for larger pages (MaxReturned), or let sessions last longer"
)


def unanswered(turn: Turn, batch: Batch, reason: str = _NO_ANSWER, *, hresult: str = "") -> None:
    """Note that questions brought no answer; their jobs wait again.

    Args:
        turn: the call at work.
        batch: a set that only asks: look-ups, or jobs that read.
        reason: what came instead.
        hresult: the result of the call, where there was one.
    """
    if batch.purpose is Purpose.LOOK_UP:
        distrust(turn, batch)
        doubtful = turn.batch(batch.details.get("doubts"))
        if doubtful is not None:
            doubts.unheard(turn, doubtful, batch.job_ids, reason)
            return
    sizes = turn.company.unheard
    leases = [lease for lease in turn.leases() if lease.job.id in batch.job_ids]
    alone = len(batch.job_ids) == 1 and all(sizes.get(one.job.id) or _pages_of(one.job) for one in leases)
    way = _wait if not alone else _wait_longer if _is_of_machine(hresult) else _again
    turn.move([way(turn, lease, reason) for lease in leases])
    turn.company.suspect(turn.t, batch.job_ids)


def _is_of_machine(hresult: str) -> bool:
    """Return whether a result speaks of the machine as a whole, whatever was asked."""
    return explain_hresult(hresult).kind in _OF_MACHINE


def asked_again(job: Job, reason: str) -> Again:
    """Return the verdict on a job that was passed over among others: asking twice harms nobody."""
    return Again(reason, _PAUSE if job.attempts > 1 else timedelta(0))


def given_back(turn: Turn) -> None:
    """Give back the leases of a session that is over."""
    turn.move(
        [
            _again(turn, lease, _NO_ANSWER) if _pages_of(lease.job) else _wait(turn, lease, _GIVEN_BACK)
            for lease in turn.leases()
        ]
    )


def _pages_of(job: Job) -> Pages | None:
    """Return the pages of a list that has begun to come."""
    plan = SendPlan.of(job)
    return plan.pages if plan is not None and plan.pages is not None and plan.pages.batches else None


def _wait(turn: Turn, lease: Lease, reason: str) -> Move:
    """Let a job wait again; nothing counts against it."""
    drop_pages(turn, lease.job)
    return Move(job_id=lease.job.id, to=State.WAITING, token=lease.token, reason=reason)


def _wait_longer(turn: Turn, lease: Lease, reason: str) -> Move:
    """Let a job wait that is not to blame; longer each time, because something may be amiss with it."""
    until = turn.now + pause(lease.job, _PAUSE, lease.job.attempts)
    return evolve(_wait(turn, lease, reason), until=until)


def _again(turn: Turn, lease: Lease, reason: str) -> Move:
    """Count that a job was asked for in vain; it waits longer each time, and is failed in the end."""
    pages = _pages_of(lease.job)
    if pages is not None and reason == _NO_ANSWER:
        reason = _CUT.format(pages=pages.count)
    drop_pages(turn, lease.job)
    delay = timedelta(0) if pages is not None and lease.job.attempts <= 1 else _PAUSE
    return move_for(turn, lease.job, Again(reason, delay), lease.token, templates_of(turn))


def drop_pages(turn: Turn, job: Job) -> None:
    """Drop the texts of the pages that a job has got: they are in its outcome, or of no use."""
    plan = SendPlan.of(job)
    pages = plan.pages.batches if plan is not None and plan.pages is not None else ()
    for batch_id in (one for ids in pages for one in ids):
        batch = turn.batch(batch_id)
        if batch is not None and "page" in batch.details:
            kept = {name: value for name, value in batch.details.items() if name != "page"}
            turn.write_batch(evolve(batch, details=kept))
