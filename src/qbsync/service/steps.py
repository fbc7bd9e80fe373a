"""The steps of a session, and its loose ends: every way out of a session passes here.

When a session is over, a write set without an answer is in doubt, and leases of jobs that were not handed out
are given back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..hooks import SessionEnded
from ..qbwc import session
from ..qbwc.session import OVER, Event, State
from .batches import BatchState, Purpose
from .reads import given_back, unanswered

if TYPE_CHECKING:
    from ..qbwc.session import Decision
    from .turn import Turn

__all__ = ["fail", "take"]

_NO_ANSWER: Final = "it was handed out to QuickBooks and no answer came"
_UNCONFIRMED: Final = (
    "QuickBooks could not read it, or another set: the session ended before that was certain"
)


def take(turn: Turn, event: Event) -> Decision:
    """Take one step; a session that is over by it leaves no loose ends."""
    before = turn.session.state
    turn.session, decision = session.step(turn.session, event, turn.now)
    if turn.session.state in OVER and before in {State.READY, State.AWAITING}:
        _tie_up(turn)
        turn.tell(
            SessionEnded,
            state=str(turn.session.state),
            error=turn.session.error,
            jobs=turn.session.ended,
            seconds=(turn.now - turn.session.opened_at).total_seconds(),
        )
    return decision


def fail(turn: Turn, error: str) -> None:
    """Remember what ``getLastError`` is to tell, and end the session if it is not over yet."""
    turn.change(error=error)
    if turn.session.state is State.AWAITING:
        take(turn, Event.GAVE_UP)


def _tie_up(turn: Turn) -> None:
    """Leave no loose ends."""
    batch = turn.batch(turn.session.batch)
    if batch is not None and batch.state is BatchState.SENT and not turn.session.checking:
        if batch.purpose is Purpose.WRITE:
            turn.doubt(batch, _NO_ANSWER)
        else:
            turn.forget_batch(batch)
            turn.change(batch=None)
            if batch.purpose is not Purpose.PROBE:
                unanswered(turn, batch)
    _doubt_refusal(turn)
    given_back(turn)


def _doubt_refusal(turn: Turn) -> None:
    """Put a write set in doubt that was refused last: nobody came for more, so it is not certain."""
    purpose, batch_id = turn.session.refused or ("", None)
    batch = turn.batch(batch_id) if purpose == Purpose.WRITE else None
    if batch is not None and turn.standing(batch):
        turn.doubt(batch, _UNCONFIRMED)
        turn.change(batch=batch.id)  # its answer may still come
    turn.change(refused=())
