"""Questions that came to no end: they are asked again, because that harms nobody, but not for ever.

A question that makes QuickBooks die, or a list that no session has the time for, would otherwise go out first
in every session and hold up all other work. So what was asked in vain counts as a try; after some of them the
job waits longer each time, and at last it is failed with its reason, as all work is.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from attrs import evolve

from ..handlers import Again
from ..jobs import Move, State
from .asking import templates_of
from .decisions import move_for
from .plans import SendPlan

if TYPE_CHECKING:
    from collections.abc import Collection

    from ..jobs import Job
    from .batches import Batch
    from .turn import Turn

__all__ = ["drop_pages", "given_back", "unanswered"]

#: How long a question waits that was asked in vain more than once; each time twice as long.
_PAUSE: Final = timedelta(minutes=1)
_GIVEN_BACK = "the session ended before it was handed out"
_NO_ANSWER = "it was asked and no answer came; asking twice harms nobody"
_CUT = (
    "the session ended when it had brought {pages} pages of its list, and the next one begins anew: if that "
    "goes on, ask for larger pages (MaxReturned), or let sessions last longer"
)


def unanswered(turn: Turn, batch: Batch, reason: str) -> None:
    """Let the jobs of a read set wait again that brought no answer."""
    turn.move([_again(turn, job, token, reason) for job, token in turn.standing(batch)])


def given_back(turn: Turn, *, asked: Collection[str]) -> None:
    """Give back the leases of a session that is over.

    Args:
        turn: the call at work.
        asked: the jobs of the read set that was out and will not be answered.
    """
    turn.move([_given_back(turn, lease.job, lease.token, asked) for lease in turn.leases()])


def _given_back(turn: Turn, job: Job, token: str, asked: Collection[str]) -> Move:
    plan = SendPlan.of(job)
    if plan is not None and plan.pages is not None and plan.pages.batches:
        return _again(turn, job, token, _CUT.format(pages=plan.pages.count))
    if job.id in asked:
        return _again(turn, job, token, _NO_ANSWER)
    return Move(job_id=job.id, to=State.WAITING, token=token, reason=_GIVEN_BACK)


def _again(turn: Turn, job: Job, token: str | None, reason: str) -> Move:
    drop_pages(turn, job)
    delay = _PAUSE if job.attempts > 1 else timedelta(0)
    return move_for(turn, job, Again(reason, delay), token, templates_of(turn))


def drop_pages(turn: Turn, job: Job) -> None:
    """Drop the texts of the pages that a job has got: they are in its outcome, or of no use."""
    plan = SendPlan.of(job)
    pages = plan.pages.batches if plan is not None and plan.pages is not None else ()
    for batch_id in (one for ids in pages for one in ids):
        batch = turn.batch(batch_id)
        if batch is not None and "page" in batch.details:
            kept = {name: value for name, value in batch.details.items() if name != "page"}
            turn.write_batch(evolve(batch, details=kept))
