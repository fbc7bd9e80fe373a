"""Jobs: what waits for QuickBooks, in which state it is, and how it ended.

A *job* is one or more requests that go out together, in order, in one message set.
Here are the values and the table of states; who stores jobs is in :mod:`qbsync.store`, who decides
about them in :mod:`qbsync.handlers`, who talks to QuickBooks in :mod:`qbsync.service`.

Nothing here reads a clock: every moment is an aware ``datetime`` that comes in as an argument.
"""

from __future__ import annotations

import enum
import json
from typing import TYPE_CHECKING, Generic, TypeVar

from attrs import evolve, field, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

__all__ = [
    "CHANGES",
    "FORMAT",
    "Change",
    "Job",
    "Lease",
    "Move",
    "NewJob",
    "Outcome",
    "Page",
    "Put",
    "PutResult",
    "RequestOutcome",
    "State",
]

T = TypeVar("T")

#: Writes outcomes; made once, because ``json.dumps`` makes one for each call with arguments of its own.
_json = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode

#: The format number written into everything that is stored (outcomes, plans, batches, sessions).
FORMAT = 1


class State(enum.StrEnum):
    """Where a job stands."""

    #: Ready, or ready at a later moment (``not_before``).
    WAITING = "waiting"
    #: Waits for another job (``depends_on``) or for a person; the reason says which.
    BLOCKED = "blocked"
    #: One session works on it.
    LEASED = "leased"
    #: Handed out, and nobody knows whether QuickBooks did it.
    IN_DOUBT = "in_doubt"
    #: QuickBooks did it, or it was there already.
    DONE = "done"
    #: It cannot be done as it is; the reason says who must act.
    FAILED = "failed"
    #: A person took it back.
    CANCELLED = "cancelled"


#: state → the states that may follow. What is not here is refused with ``JobStateError``.
#: (LEASED → LEASED stores a plan, a hand-out or a later deadline; WAITING → LEASED is done by ``lease``.)
CHANGES: Mapping[State, frozenset[State]] = {
    State.WAITING: frozenset({State.LEASED, State.BLOCKED, State.CANCELLED, State.WAITING}),
    State.BLOCKED: frozenset({State.WAITING, State.CANCELLED, State.BLOCKED}),
    State.LEASED: frozenset(State) - {State.CANCELLED},
    State.IN_DOUBT: frozenset({State.WAITING, State.DONE, State.FAILED, State.BLOCKED, State.IN_DOUBT}),
    State.DONE: frozenset(),
    State.FAILED: frozenset({State.WAITING, State.CANCELLED}),
    State.CANCELLED: frozenset({State.WAITING}),
}


@frozen(kw_only=True)
class RequestOutcome:
    """How one request of a job ended."""

    #: The ``requestID`` it went out with.
    request_id: str
    #: The request, e.g. ``InvoiceAddRq``.
    name: str
    #: ``True``: QuickBooks did it. ``False``: it did not. ``None``: nobody knows.
    applied: bool | None
    status_code: int | None = None
    severity: str | None = None
    message: str | None = None
    #: QuickBooks' ids, e.g. ``{"TxnID": "1A-1417118624"}``.
    ids: Mapping[str, str] = field(factory=dict)
    #: The response as XML text, or ``None`` where only the ids came back.
    response: str | None = None


@frozen(kw_only=True)
class Outcome:
    """How a job ended, or how far it came."""

    #: The kind's own word, e.g. ``posted`` or ``already_there``.
    label: str
    #: What the kind wants found again, e.g. ``{"invoice": "1A-1417118624", "payment": …}``.
    ids: Mapping[str, str | None] = field(factory=dict)
    #: One entry a request that was sent, in order; empty when nothing had to be sent.
    requests: tuple[RequestOutcome, ...] = ()

    def to_json(self) -> str:
        """Return the stored form."""
        return _json(
            {
                "format": FORMAT,
                "label": self.label,
                "ids": dict(self.ids),
                "requests": [
                    {
                        "request_id": r.request_id,
                        "name": r.name,
                        "applied": r.applied,
                        "status_code": r.status_code,
                        "severity": r.severity,
                        "message": r.message,
                        "ids": dict(r.ids),
                        "response": r.response,
                    }
                    for r in self.requests
                ],
            }
        )

    def without_documents(self) -> Outcome:
        """Return what is kept for ever: the label, QuickBooks' ids and status codes, no text of documents."""
        kept = tuple(evolve(request, message=None, response=None) for request in self.requests)
        return evolve(self, requests=kept)

    @classmethod
    def from_json(cls, text: str) -> Outcome:
        """Read the stored form back."""
        data = json.loads(text)
        return cls(
            label=data["label"],
            ids=data["ids"],
            requests=tuple(RequestOutcome(**entry) for entry in data["requests"]),
        )


@frozen(kw_only=True)
class NewJob:
    """Work to be put; the store gives it an id."""

    company: str
    #: Which handler is responsible, e.g. ``order`` or ``requests``.
    kind: str
    #: Unique per company for ever; the same key never does the same thing twice.
    key: str
    #: What the handler needs; opaque to the store.
    payload: bytes
    #: Higher goes first; equal ones in the order they were put.
    priority: int = 0
    #: Not to be sent before this moment.
    not_before: datetime | None = None
    #: Ids of jobs that must be done first.
    depends_on: tuple[str, ...] = ()


@frozen(kw_only=True)
class Job:
    """A job as the store knows it at one moment."""

    id: str
    company: str
    kind: str
    key: str
    state: State
    payload: bytes = field(repr=False)
    priority: int
    not_before: datetime | None
    depends_on: tuple[str, ...]
    #: How often it was handed out to QuickBooks.
    attempts: int
    #: Why it is blocked, waits again, is in doubt or failed; ``None`` when there is nothing to say.
    reason: str | None
    outcome: Outcome | None = field(repr=False)
    #: What was decided for it under the present (or doubtful) hand-out; opaque to the store.
    plan: bytes | None = field(repr=False)
    #: The message set it was last handed out in and that is not settled, or ``None``.
    batch: str | None
    created_at: datetime
    updated_at: datetime
    #: Whether its documents (payload, plan, responses) were dropped some time after it ended.
    purged: bool = False


@frozen(kw_only=True)
class Lease:
    """The right to work on a job until a moment, proven by a token."""

    job: Job
    token: str = field(repr=False)
    #: Who holds it (a session's key).
    holder: str
    deadline: datetime

    @property
    def handed_out(self) -> bool:
        """Whether the job went to QuickBooks under this lease."""
        return self.job.batch is not None


class PutResult(enum.StrEnum):
    """What became of a put."""

    CREATED = "created"
    #: The key stood for a failed or cancelled job, which now waits again with the new content.
    REPLACED = "replaced"
    #: The same key with the same content is there; nothing was changed.
    EXISTING = "existing"
    #: The same key stands for other content; nothing was changed.
    CONFLICT = "conflict"


@frozen(kw_only=True)
class Put:
    """The answer to one put."""

    job_id: str
    result: PutResult


@frozen(kw_only=True)
class Move:
    """One change of one job; a list of them is carried out as a whole or not at all.

    A leased job moves only with the token of its lease; any other job moves without one.
    Fields that are ``None`` by default and belong to a hand-out (*plan*, *batch*) are kept while the job
    stays leased or in doubt, unless given, and dropped when it leaves these states.
    An *outcome* is kept until another one is given; the *reason* is always that of the last move.
    FAILED or CANCELLED → WAITING counts attempts anew. WAITING for a job whose ``depends_on`` are not all
    done means BLOCKED.
    """

    job_id: str
    to: State
    token: str | None = field(default=None, repr=False)
    reason: str | None = None
    outcome: Outcome | None = None
    plan: bytes | None = field(default=None, repr=False)
    batch: str | None = None
    #: For WAITING: not before this moment. For LEASED: the new deadline of the lease.
    until: datetime | None = None
    #: Count this as a hand-out.
    attempted: bool = False


@frozen(kw_only=True)
class Change:
    """One row of a job's history."""

    job_id: str
    at: datetime
    #: ``None`` when the job was put.
    before: State | None
    after: State
    reason: str | None
    batch: str | None


@frozen(kw_only=True)
class Page(Generic[T]):
    """A part of a listing."""

    items: Sequence[T]
    #: Pass it back to get the next part; ``None`` at the end.
    cursor: str | None
