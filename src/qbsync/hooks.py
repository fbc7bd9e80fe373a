"""What a host can listen to: sessions, calls, batches, answers, jobs, and companies that went silent.

A hook is any callable that takes one :class:`Event`; give hooks to :class:`qbsync.Service`. Events are stored
with the change they tell of and handed to hooks by ``Service.tick``, after the commit, at least once each,
never inside a call of the Web Connector. Details come as one frozen object, so a field can be added without
breaking a hook.

:func:`log_event` is the default: one line in ``logging`` with stable keys in ``extra``; it is called without
the detour through the store. Nothing secret is in an event: sessions are named by a hash, never by ticket.
"""

from __future__ import annotations

import json
import logging
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Final, Protocol

from attrs import asdict, fields, frozen

from .jobs import FORMAT

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "EVENTS",
    "AnswerReceived",
    "BatchSent",
    "CallServed",
    "CompanyStalled",
    "Event",
    "Hook",
    "JobInDoubt",
    "JobSettled",
    "SessionEnded",
    "SessionStarted",
    "from_json",
    "log_event",
    "to_json",
]

_log = logging.getLogger("qbsync.events")


@frozen(kw_only=True)
class Event:
    """Something that happened."""

    #: The name of the event in logs and metrics.
    name: ClassVar[str] = "event"
    #: How much it matters, as a level of ``logging``.
    level: ClassVar[int] = logging.INFO

    #: The store's moment of it.
    at: datetime
    #: The company; empty where it is not known.
    company: str


@frozen(kw_only=True)
class SessionStarted(Event):
    """A session has the company file: its first document was asked for."""

    name = "session_started"
    #: A name for the session that gives no access to it.
    session: str
    account: str
    #: The qbXML version and edition spoken.
    version: str
    edition: str
    #: What QuickBooks calls itself; empty when it did not say.
    product: str = ""
    #: How the company file is open, e.g. ``SingleUser``; empty when QuickBooks did not say.
    file_mode: str = ""


@frozen(kw_only=True)
class SessionEnded(Event):
    """A session is over."""

    name = "session_ended"
    session: str
    #: ``closed``, ``failed`` or ``superseded``.
    state: str
    #: What the Web Connector was told; empty when all went well.
    error: str
    #: How many jobs ended in it.
    jobs: int
    #: How long it lasted.
    seconds: float


@frozen(kw_only=True)
class CallServed(Event):
    """A call was answered."""

    name = "call_served"
    level = logging.DEBUG
    #: The call as it is named on the wire, e.g. ``sendRequestXML``.
    call: str
    session: str
    #: How long our side took.
    seconds: float


@frozen(kw_only=True)
class BatchSent(Event):
    """A document went out."""

    name = "batch_sent"
    session: str
    batch: str
    #: ``write``, ``read``, ``look_up``, ``probe``, or ``status`` where the outcome of a set is asked for.
    purpose: str
    requests: int
    jobs: int
    size_bytes: int


@frozen(kw_only=True)
class AnswerReceived(Event):
    """QuickBooks answered a document, or something came in place of an answer."""

    name = "answer_received"
    session: str
    batch: str
    purpose: str
    requests: int
    jobs: int
    #: From handing it out to the answer.
    seconds: float
    #: What came in place of an answer; empty for an answer.
    error: str = ""
    #: How many characters the answer has.
    size_chars: int = 0


@frozen(kw_only=True)
class JobSettled(Event):
    """A job ended, or waits for a person."""

    name = "job_settled"
    job_id: str
    kind: str
    key: str
    #: ``done``, ``failed`` or ``blocked``.
    state: str
    #: The outcome's word, e.g. ``posted``; empty when there is none.
    label: str
    #: Why, where there is something to say.
    reason: str


@frozen(kw_only=True)
class JobInDoubt(Event):
    """A job was handed out, and nobody knows whether QuickBooks did it."""

    name = "job_in_doubt"
    level = logging.WARNING
    job_id: str
    kind: str
    key: str
    reason: str


@frozen(kw_only=True)
class CompanyStalled(Event):
    """Work waits, and the company's Web Connector has not called for too long."""

    name = "company_stalled"
    level = logging.WARNING
    #: The last login.
    last_contact: datetime


#: Every kind of event by its name.
EVENTS: Final[Mapping[str, type[Event]]] = {
    kind.name: kind
    for kind in (
        SessionStarted,
        SessionEnded,
        CallServed,
        BatchSent,
        AnswerReceived,
        JobSettled,
        JobInDoubt,
        CompanyStalled,
    )
}


class Hook(Protocol):
    """Listens. What it raises is logged, and the event is handed over again later."""

    def __call__(self, event: Event, /) -> None:
        """Take one event; the same one may come again."""
        ...


def log_event(event: Event) -> None:
    """Write an event as one line of the logger ``qbsync.events``.

    The line is the event's name; its fields are in ``extra`` under their names, with ``event`` in front.
    """
    if _log.isEnabledFor(event.level):
        extra = {f"event_{name}": value for name, value in asdict(event).items()}
        shown = " ".join(f"{name}={value}" for name, value in asdict(event).items() if name != "at")
        _log.log(event.level, "%s %s", event.name, shown, extra=extra)


def to_json(event: Event) -> bytes:
    """Return the stored form."""
    values = {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in asdict(event).items()
    }
    return json.dumps({"format": FORMAT, "event": event.name, **values}).encode()


def from_json(stored: bytes) -> Event:
    """Read the stored form back."""
    values: dict[str, Any] = json.loads(stored)
    kind: Any = EVENTS[values.pop("event")]
    moments = {field.name for field in fields(kind) if "datetime" in str(field.type)}
    del values["format"]
    event: Event = kind(
        **{name: datetime.fromisoformat(v) if name in moments else v for name, v in values.items()}
    )
    return event
