"""What was handed out to QuickBooks, as it is kept: exact bytes, and what each request was for.

A batch is a record: kind ``batch``, key its id, which for write sets is also the message set id that
QuickBooks keeps the outcome under. Its value is one line of JSON, a line feed, and the document.

States of the record: see :class:`BatchState`. The sort key is the moment of the hand-out.
"""

from __future__ import annotations

import enum
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from ..jobs import FORMAT
from ..store import Record

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["KIND", "Batch", "BatchState", "Entry", "Purpose"]

#: The kind of the records.
KIND = "batch"


class Purpose(enum.StrEnum):
    """What a batch is for."""

    #: Requests of jobs that change something; named for recovery.
    WRITE = "write"
    #: Requests of jobs that only ask.
    READ = "read"
    #: Questions that must be answered before jobs can be decided.
    LOOK_UP = "look_up"
    #: A harmless request, to see whether QuickBooks takes any document of ours.
    PROBE = "probe"


class BatchState(enum.StrEnum):
    """What is known of a batch."""

    #: Handed out, the answer is awaited.
    SENT = "sent"
    #: Nobody knows whether QuickBooks ran it (write sets only); its stored outcome is asked for next.
    IN_DOUBT = "in_doubt"
    #: QuickBooks has no stored outcome; what it did must be looked up.
    ASKED = "asked"
    #: Nothing of it is there: the same bytes go out again under the same id.
    AGAIN = "again"
    #: It could not be told now; the next session asks anew.
    LATER = "later"
    #: It cannot be told, or went unanswered too often: a person decides about its jobs.
    HELD = "held"
    #: Everything about it is known.
    ANSWERED = "answered"


@frozen(kw_only=True)
class Entry:
    """What one request of a batch was for."""

    #: The ``requestID`` in the document.
    request_id: str
    #: The request, e.g. ``InvoiceAddRq``.
    name: str
    #: The job it belongs to; ``None`` for needs, which belong to several.
    job_id: str | None = None
    #: The key of the need; ``None`` for a job's own requests.
    need: str | None = None


@frozen(kw_only=True)
class Batch:
    """One document that was handed out."""

    id: str
    company: str
    purpose: Purpose
    state: BatchState = BatchState.SENT
    #: The session that handed it out.
    session: str
    #: The exact bytes.
    document: bytes = field(repr=False)
    #: The requests of jobs and needs, in the order of the document.
    entries: tuple[Entry, ...] = ()
    #: The jobs, in order.
    job_ids: tuple[str, ...] = ()
    #: What the purpose needs besides: the questions of a look-up, the other half of a refused group.
    #: JSON values only.
    details: Mapping[str, Any] = field(factory=dict, repr=False)
    handed_out_at: datetime
    #: How often these very bytes were handed out.
    hand_outs: int = 1
    answered_at: datetime | None = None
    revision: int = 0

    def to_record(self) -> Record:
        """Return the stored form."""
        header = {
            "format": FORMAT,
            "purpose": self.purpose,
            "session": self.session,
            "entries": [[e.request_id, e.name, e.job_id, e.need] for e in self.entries],
            "jobs": self.job_ids,
            "details": self.details,
            "handed_out_at": self.handed_out_at.isoformat(),
            "hand_outs": self.hand_outs,
            "answered_at": self.answered_at.isoformat() if self.answered_at else None,
        }
        line = json.dumps(header, separators=(",", ":")).encode()
        return Record(
            company=self.company,
            kind=KIND,
            key=self.id,
            state=self.state,
            sort=self.handed_out_at.isoformat(),
            value=line + b"\n" + self.document,
            revision=self.revision,
        )

    @classmethod
    def from_record(cls, record: Record) -> Batch:
        """Read the stored form back."""
        line, _, document = record.value.partition(b"\n")
        header = json.loads(line)
        answered_at = header["answered_at"]
        return cls(
            id=record.key,
            company=record.company,
            purpose=Purpose(header["purpose"]),
            state=BatchState(record.state),
            session=header["session"],
            document=document,
            entries=tuple(
                Entry(request_id=request_id, name=name, job_id=job_id, need=need)
                for request_id, name, job_id, need in header["entries"]
            ),
            job_ids=tuple(header["jobs"]),
            details=header["details"],
            handed_out_at=datetime.fromisoformat(header["handed_out_at"]),
            hand_outs=header["hand_outs"],
            answered_at=datetime.fromisoformat(answered_at) if answered_at else None,
            revision=record.revision,
        )
