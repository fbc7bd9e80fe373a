"""One conversation with a Web Connector: what may follow what.

The rules are the data in :data:`TABLE`: state → event → decision and next state. What is not in it cannot
happen, and :func:`step` says so. An event is a call of the Web Connector, something that the service found
out while it carried out a decision, or something from outside (another session takes over, time runs out).

The state of a session is a frozen value that can be written as JSON and read back by another process.
Nothing here reads a clock, a store or a document: ``now`` is an argument, and the decision says what the
service has to do.

The life of a session::

    OPEN        authenticate said yes; QuickBooks is being opened. A candidate: it touches no job yet.
    READY       it is the company's session; nothing is out.
    AWAITING    a document is out, its answer is awaited.
    FAILED      it stops here; ``error`` says why. Nothing more is handed out.
    SUPERSEDED  another session of the company has begun.
    CLOSED      it is over.

Whenever a session leaves READY or AWAITING for one of the last three, the service ties up the loose ends:
an unanswered write set is in doubt, leases that were not handed out are given back.
An answer that comes after that is still recorded (``RECORD_LATE``): it is the truth about its set.
"""

from __future__ import annotations

import enum
import json
from datetime import datetime
from typing import TYPE_CHECKING

from attrs import asdict, evolve, field, frozen

from ..jobs import FORMAT

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CALL_EVENTS", "OVER", "TABLE", "Decision", "Event", "Session", "State", "Step", "step"]


class State(enum.StrEnum):
    """Where a session stands."""

    #: Authenticated; no document was asked for yet.
    OPEN = "open"
    #: Nothing is out.
    READY = "ready"
    #: A document was handed out and not answered.
    AWAITING = "awaiting"
    #: Something ended it early; the error says what.
    FAILED = "failed"
    #: Another session of the same company has begun.
    SUPERSEDED = "superseded"
    #: It is over.
    CLOSED = "closed"


#: The states in which nothing is handed out any more.
OVER = frozenset({State.FAILED, State.SUPERSEDED, State.CLOSED})


class Event(enum.StrEnum):
    """What happens to a session."""

    #: ``sendRequestXML``.
    SEND = "send"
    #: ``receiveResponseXML`` with an answer that was not seen before.
    RECEIVE = "receive"
    #: ``receiveResponseXML`` with the very answer that came last.
    RECEIVE_AGAIN = "receive_again"
    #: ``connectionError``.
    CONNECTION_ERROR = "connection_error"
    #: ``connectionError`` because no company file is open, when one is known that can be tried.
    NO_FILE_OPEN = "no_file_open"
    #: ``getLastError``.
    GET_LAST_ERROR = "get_last_error"
    #: ``closeConnection``.
    CLOSE = "close"
    #: The service found a document to send.
    HANDED_OUT = "handed_out"
    #: The service found nothing to send.
    NOTHING_LEFT = "nothing_left"
    #: The service recorded the awaited answer; the session can go on.
    SETTLED = "settled"
    #: What came instead of an answer, or the file that is open, does not let the session go on.
    GAVE_UP = "gave_up"
    #: Another session of the company begins.
    TAKEN_OVER = "taken_over"
    #: No call came for too long.
    EXPIRED = "expired"


#: The events that are calls; every state knows all of them.
CALL_EVENTS = frozenset(
    {
        Event.SEND,
        Event.RECEIVE,
        Event.RECEIVE_AGAIN,
        Event.CONNECTION_ERROR,
        Event.NO_FILE_OPEN,
        Event.GET_LAST_ERROR,
        Event.CLOSE,
    }
)


class Decision(enum.StrEnum):
    """What the service has to do."""

    #: First request of a session: take over from others, then as NEXT.
    BEGIN = "begin"
    #: Find the next document; HANDED_OUT or NOTHING_LEFT follows.
    NEXT = "next"
    #: Hand out the same document again.
    REPEAT = "repeat"
    #: Hand out nothing; ``getLastError`` will tell why.
    NOTHING = "nothing"
    #: Record the answer; SETTLED or GAVE_UP follows.
    RECORD = "record"
    #: Record the answer if its set is still open, then reply with a negative number.
    RECORD_LATE = "record_late"
    #: Reply as last time.
    REPLAY = "replay"
    #: Reply with a negative number; nothing was asked for.
    REFUSE = "refuse"
    #: Reply ``done``: do not try to open QuickBooks again.
    STOP = "stop"
    #: Reply with the company file to try.
    TRY_FILE = "try_file"
    #: Tell the error.
    TELL = "tell"
    #: Say good-bye.
    FAREWELL = "farewell"
    #: Nothing but the change of state.
    NOTE = "note"


@frozen
class Step:
    """One cell of the table."""

    decision: Decision
    state: State


def _over(state: State) -> dict[Event, Step]:
    """Return the row of a state in which nothing is handed out any more."""
    return {
        Event.SEND: Step(Decision.NOTHING, state),
        Event.RECEIVE: Step(Decision.RECORD_LATE, state),
        Event.RECEIVE_AGAIN: Step(Decision.REPLAY, state),
        Event.CONNECTION_ERROR: Step(Decision.STOP, state),
        Event.NO_FILE_OPEN: Step(Decision.STOP, state),
        Event.GET_LAST_ERROR: Step(Decision.TELL, state),
        Event.CLOSE: Step(Decision.FAREWELL, State.CLOSED),
        Event.EXPIRED: Step(Decision.NOTE, State.CLOSED),
    }


TABLE: Mapping[State, Mapping[Event, Step]] = {
    State.OPEN: {
        Event.SEND: Step(Decision.BEGIN, State.READY),
        Event.RECEIVE: Step(Decision.REFUSE, State.FAILED),
        Event.RECEIVE_AGAIN: Step(Decision.REFUSE, State.FAILED),
        Event.CONNECTION_ERROR: Step(Decision.STOP, State.FAILED),
        Event.NO_FILE_OPEN: Step(Decision.TRY_FILE, State.OPEN),
        Event.GET_LAST_ERROR: Step(Decision.TELL, State.OPEN),
        Event.CLOSE: Step(Decision.FAREWELL, State.CLOSED),
        Event.EXPIRED: Step(Decision.NOTE, State.CLOSED),
    },
    State.READY: {
        Event.SEND: Step(Decision.NEXT, State.READY),
        Event.RECEIVE: Step(Decision.REFUSE, State.FAILED),
        Event.RECEIVE_AGAIN: Step(Decision.REPLAY, State.READY),
        Event.CONNECTION_ERROR: Step(Decision.STOP, State.FAILED),
        Event.NO_FILE_OPEN: Step(Decision.STOP, State.FAILED),
        Event.GET_LAST_ERROR: Step(Decision.TELL, State.READY),
        Event.CLOSE: Step(Decision.FAREWELL, State.CLOSED),
        Event.HANDED_OUT: Step(Decision.NOTE, State.AWAITING),
        Event.NOTHING_LEFT: Step(Decision.NOTE, State.READY),
        Event.GAVE_UP: Step(Decision.NOTE, State.FAILED),
        Event.TAKEN_OVER: Step(Decision.NOTE, State.SUPERSEDED),
        Event.EXPIRED: Step(Decision.NOTE, State.CLOSED),
    },
    State.AWAITING: {
        Event.SEND: Step(Decision.REPEAT, State.AWAITING),
        Event.RECEIVE: Step(Decision.RECORD, State.AWAITING),
        Event.RECEIVE_AGAIN: Step(Decision.REPLAY, State.AWAITING),
        Event.CONNECTION_ERROR: Step(Decision.STOP, State.FAILED),
        Event.NO_FILE_OPEN: Step(Decision.STOP, State.FAILED),
        Event.GET_LAST_ERROR: Step(Decision.TELL, State.AWAITING),
        Event.CLOSE: Step(Decision.FAREWELL, State.CLOSED),
        Event.SETTLED: Step(Decision.NOTE, State.READY),
        Event.GAVE_UP: Step(Decision.NOTE, State.FAILED),
        Event.TAKEN_OVER: Step(Decision.NOTE, State.SUPERSEDED),
        Event.EXPIRED: Step(Decision.NOTE, State.CLOSED),
    },
    State.FAILED: {**_over(State.FAILED), Event.TAKEN_OVER: Step(Decision.NOTE, State.SUPERSEDED)},
    State.SUPERSEDED: _over(State.SUPERSEDED),
    State.CLOSED: {**_over(State.CLOSED), Event.TAKEN_OVER: Step(Decision.NOTE, State.CLOSED)},
}


@frozen(kw_only=True)
class Session:
    """The state of one conversation."""

    company: str
    #: The account that logged in.
    account: str
    state: State = State.OPEN
    opened_at: datetime
    #: The moment of the last call.
    called_at: datetime
    #: The qbXML version and edition spoken; set when the session begins.
    version: str = "13.0"
    edition: str = "US"
    #: The document that is out, or that was never answered; ``None`` when nothing is open.
    batch: str | None = None
    #: Whether what is out asks for the stored outcome of *batch*, rather than being *batch* itself.
    checking: bool = False
    #: When the document that is out was handed out.
    out_since: datetime | None = None
    #: SHA-256 of the last answer, and the number it was replied to with.
    digest: str | None = None
    reply: int = -1
    #: Whether the last answer names the requests it answers. One that does not (a result of the call, the
    #: answer to an empty body) may come to the next document word for word, and is no repetition then.
    named: bool = False
    #: What ``getLastError`` tells.
    error: str = ""
    #: How often another company file was tried because none was open.
    failures: int = 0
    #: How often the Web Connector was told to wait and ask again, since the last document.
    pauses: int = 0
    #: Needs that were met since the last look-up (digests of their keys).
    met: tuple[str, ...] = field(default=(), repr=False)
    #: Groups of jobs that were refused as a whole or may have been; the last is next (``service.poison``).
    suspects: tuple[tuple[str, ...], ...] = field(default=(), repr=False)
    #: The purposes of which QuickBooks has taken a document in this session.
    accepted: tuple[str, ...] = ()
    #: The purpose for which a harmless document is to be tried next.
    probe: str | None = None
    #: Purpose and id of what was refused last, until the Web Connector asks for more: the refusal may have
    #: been an earlier one that came twice.
    refused: tuple[str, ...] = ()
    #: Whether anything was refused in this session: a refusal that comes late may be that one once more.
    had_refusal: bool = False
    #: How many jobs ended in this session.
    ended: int = 0

    def to_json(self) -> bytes:
        """Return the stored form."""
        values = asdict(self)
        values["opened_at"] = self.opened_at.isoformat()
        values["called_at"] = self.called_at.isoformat()
        values["out_since"] = self.out_since.isoformat() if self.out_since is not None else None
        return json.dumps({"format": FORMAT, **values}, separators=(",", ":")).encode()

    @classmethod
    def from_json(cls, stored: bytes) -> Session:
        """Read the stored form back."""
        values = json.loads(stored)
        del values["format"]
        for name in ("opened_at", "called_at"):
            values[name] = datetime.fromisoformat(values[name])
        if values["out_since"] is not None:
            values["out_since"] = datetime.fromisoformat(values["out_since"])
        for name in ("met", "accepted", "refused"):
            values[name] = tuple(values.get(name, ()))
        values["suspects"] = tuple(tuple(group) for group in values["suspects"])
        values["state"] = State(values["state"])
        return cls(**values)


def step(session: Session, event: Event, now: datetime) -> tuple[Session, Decision]:
    """Return the session after *event* and what the service has to do.

    Args:
        session: the state before.
        event: what happened.
        now: the store's present moment; remembered when the event is a call.

    Raises:
        ValueError: the table has no such step; only a bug of the caller can cause it, never a call.
    """
    cell = TABLE[session.state].get(event)
    if cell is None:
        raise ValueError(f"a session that is {session.state} cannot see {event}")
    called_at = now if event in CALL_EVENTS else session.called_at
    return evolve(session, state=cell.state, called_at=called_at), cell.decision
