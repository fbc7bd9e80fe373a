"""What came back for each request of a batch, and what a document must be to count as its answer.

Responses are paired with requests by request id *and* name; what is missing, doubled or of another name is
unknown, never a failure. Ids of what exists now are read from the object that came, or from
``ErrorRecovery`` where QuickBooks gives a stored outcome.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from ..errors import ParseError
from ..handlers import Reply
from ..qbxml import parser
from ..qbxml.status import is_name_taken
from .look_ups import rets_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ..jobs import Job
    from ..models._base import Response
    from ..qbxml.parser import Document
    from .batches import Batch, Entry

__all__ = ["Answer", "ids_of", "matched", "met_by", "replies_for", "reply_for", "said_by"]

#: Fields that hold what QuickBooks calls an object, as (field, element).
_IDS: Final = (
    ("txn_id", "TxnID"),
    ("list_id", "ListID"),
    ("edit_sequence", "EditSequence"),
    ("txn_number", "TxnNumber"),
    ("ref_number", "RefNumber"),
    ("full_name", "FullName"),
)


#: More of a result and its text is not kept.
_MOST_CHARS: Final = 500


@frozen(kw_only=True)
class Answer:
    """What ``receiveResponseXML`` brought, read before any transaction is begun."""

    #: SHA-256 of everything that came.
    digest: str
    #: The response document; ``None`` when there is none that can be read.
    document: Document | None
    #: The result of the call, as text; empty when QuickBooks ran the document.
    hresult: str = ""
    #: What went wrong, in words; empty when the document was read.
    error: str = ""
    #: How many characters the response has.
    size_chars: int = 0

    @classmethod
    def read(cls, digest: str, response: str, hresult: str, message: str) -> Answer:
        """Read what came; a response that is there counts, whatever stands beside it."""
        answer = partial(cls, digest=digest, size_chars=len(response))
        said = said_by(hresult, message)
        if not response.strip():
            error = said or "QuickBooks' answer was empty"
            return answer(document=None, hresult=hresult.strip(), error=error)
        try:
            document = parser.parse(response)
        except ParseError as error:
            return answer(document=None, error=f"QuickBooks' answer cannot be read: {error}")
        if document.direction != "response":
            return answer(document=None, error="QuickBooks' answer is a request document")
        return answer(document=document)

    @property
    def named(self) -> bool:
        """Whether it names a request, so that it can answer one document only."""
        messages = self.document.messages if self.document is not None else ()
        return any(message.request_id for message in messages)


def said_by(hresult: str, message: str) -> str:
    """Return a result of a call and its text as they are kept: with each job of a set, so never at length."""
    text = " ".join(part for part in (hresult.strip(), message.strip()) if part)
    return text if len(text) <= _MOST_CHARS else f"{text[:_MOST_CHARS]}…"


def matched(entries: Sequence[Entry], document: Document) -> dict[str, Response]:
    """Return the responses that answer *entries*, by request id."""
    names = {entry.request_id: f"{entry.name.removesuffix('Rq')}Rs" for entry in entries}
    found: dict[str, Any] = {}
    doubled: set[str] = set()
    for message in document.messages:
        request_id = message.request_id
        if names.get(request_id) != type(message).__name__:
            continue
        if request_id in found:
            doubled.add(request_id)
        found[request_id] = message
    return {request_id: message for request_id, message in found.items() if request_id not in doubled}


def replies_for(
    job: Job, batch: Batch, needs: Sequence[str], responses: Mapping[str, Response]
) -> list[Reply]:
    """Return what became of each request of *job* in *batch*, its needs first."""
    by_need = {entry.need: entry for entry in batch.entries if entry.need is not None}
    entries = [by_need[key] for key in needs if key in by_need]
    entries += [entry for entry in batch.entries if entry.job_id == job.id]
    return [reply_for(entry, responses.get(entry.request_id)) for entry in entries]


def met_by(batch: Batch, responses: Mapping[str, Response]) -> list[str]:
    """Return the keys of the needs that are in the company file now: made, or there under that name."""
    return [
        entry.need
        for entry in batch.entries
        if entry.need is not None and _is_met(responses.get(entry.request_id))
    ]


def _is_met(response: Response | None) -> bool:
    return response is not None and (not response.status.is_error or is_name_taken(response.status_code))


def reply_for(entry: Entry, response: Response | None) -> Reply:
    """Return what became of one request."""
    if response is None:
        return Reply(request_id=entry.request_id, name=entry.name, need=entry.need, response=None)
    return Reply(
        request_id=entry.request_id,
        name=entry.name,
        need=entry.need,
        response=response,
        text=parser.message_text(response) if entry.need is None else None,
        ids={} if response.status.is_error else _ids(response),
    )


def _ids(response: Response) -> dict[str, str]:
    """Return the ids of what exists because of a request that was done."""
    rets = rets_of(response)
    return ids_of([*rets[:1], getattr(response, "error_recovery", None), response])


def ids_of(holders: Iterable[object]) -> dict[str, str]:
    """Return what QuickBooks calls an object, from the first of *holders* that says each part."""
    ids: dict[str, str] = {}
    for holder in holders:
        for field, name in _IDS:
            value = getattr(holder, field, None)
            if value is not None and name not in ids:
                ids[name] = str(value)
    return ids
