"""Queries that come in pages: an iterator is begun, goes on without a break, and its pages become one answer.

An iterator lives in one session of QuickBooks, and may die when another request comes between two pages.
So a job with one goes alone, one request after the other, each page in a document of its own; the next
session begins anew with its first request. Pages are kept with their batches until all are there.

Here too: the answer that is made of the pages of one query.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, cast

from attrs import evolve

from ..handlers import Again, Doubt, Fail
from ..jobs import Move, State
from ..qbxml import parser
from .asking import templates_of
from .batches import Entry
from .decisions import handler_of, move_for
from .guard import verdict_of
from .look_ups import rets_of
from .plans import SendPlan
from .reads import drop_pages
from .replies import reply_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..handlers import Verdict
    from ..jobs import Job
    from ..models._base import Response
    from .batches import Batch
    from .turn import Turn

__all__ = ["merged", "turned"]

_BEGUN_ANEW = "an iterator came to no end; its pages are asked for anew"
#: So large may the pages of one job be together: an answer in one piece is no larger either.
_MOST_CHARS: Final = 64 * 1024 * 1024
_TOO_LARGE = (
    "its {pages} pages are larger together than one answer may be: ask for fewer fields (IncludeRetElement), "
    "or for parts of the list in several jobs"
)
#: A response as we write it: name, attributes, what is in it.
_RESPONSE: Final = re.compile(r"<(\w+)([^<>]*?)(?:/>|>(.*)</\1>)", re.DOTALL)


def turned(
    turn: Turn, job: Job, token: str | None, batch: Batch, responses: Mapping[str, Response]
) -> tuple[Move, Batch]:
    """Return the move of a job whose next page came, and the batch with the page in it.

    Args:
        turn: the call's work.
        job: a job with a plan that has pages.
        token: of its lease.
        batch: what was answered: one request of the job.
        responses: what came, by request id.
    """
    plan = SendPlan.of(job)
    assert plan is not None, "what was sent had a plan"
    assert plan.pages is not None, "only jobs with pages are asked"
    response: Any = responses.get(batch.entries[0].request_id)
    left = getattr(response, "iterator_remaining_count", None) or 0
    iterator = (response.iterator_id or plan.pages.iterator) if left > 0 and plan.begun else None
    died = response is None or (response.status.is_error and plan.pages.iterator is not None)
    if died or (plan.begun and left > 0 and (iterator is None or not rets_of(response))):
        return _ended(turn, job, token, Again(_BEGUN_ANEW)), batch
    text = parser.message_text(response)
    pages = plan.pages.with_one(batch.id, iterator=iterator, size=len(text))
    if pages.size > _MOST_CHARS:
        return _ended(turn, job, token, Fail(_TOO_LARGE.format(pages=pages.count))), batch
    kept = evolve(batch, details={**batch.details, "page": text})
    further = evolve(plan, pages=pages)
    if pages.at < len(plan.parts):
        return Move(
            job_id=job.id, to=State.LEASED, token=token, plan=further.to_json(), until=turn.deadline
        ), kept
    return _ended(turn, job, token, _verdict(turn, job, further, kept)), batch


def _ended(turn: Turn, job: Job, token: str | None, verdict: Verdict) -> Move:
    """Return the move of a job that asks for no more pages; those that came are not kept twice."""
    drop_pages(turn, job)
    return move_for(turn, job, verdict, token, templates_of(turn))


def _verdict(turn: Turn, job: Job, plan: SendPlan, last: Batch) -> Verdict:
    """Return what follows for a job whose last page came."""
    handler = handler_of(turn, job)
    if handler is None:
        return Again(f"nothing here can read what was sent for jobs of the kind {job.kind}")
    replies = []
    assert plan.pages is not None, "only jobs with pages come here"
    for part, ids in zip(plan.parts, plan.pages.batches, strict=True):
        batches = [last if batch_id == last.id else turn.batch(batch_id) for batch_id in ids]
        there = [batch for batch in batches if batch is not None and "page" in batch.details]
        if len(there) < len(ids):  # somebody had them deleted meanwhile
            return Again(_BEGUN_ANEW)
        entry = Entry(request_id=there[0].entries[0].request_id, name=part.name, job_id=job.id)
        replies.append(reply_for(entry, merged([batch.details["page"] for batch in there])))
    verdict = verdict_of(handler, job, plan.memo, replies, turn.context)
    return Again(verdict.reason) if isinstance(verdict, Doubt) else verdict


def merged(pages: Sequence[str]) -> Response:
    """Return one response with the objects of all pages.

    Its status, id and whatever else are those of the first page; nothing remains behind it.

    Args:
        pages: the responses as text, at least one, as :func:`~qbsync.qbxml.parser.message_text` writes them.

    Raises:
        ParseError: they are too large together.
    """
    parts = [_parts(page) for page in pages]
    name, attributes, _ = parts[0]
    inner = "".join(part for _, _, part in parts)
    response: Any = parser.parse(
        f"<QBXML><QBXMLMsgsRs><{name}{attributes}>{inner}</{name}></QBXMLMsgsRs></QBXML>"
    ).messages[0]
    if getattr(response, "iterator_remaining_count", None) is None:
        return cast("Response", response)
    count = None if response.ret_count is None else len(rets_of(response))
    whole: Response = evolve(response, ret_count=count, iterator_remaining_count=0, iterator_id=None)
    return whole


def _parts(page: str) -> tuple[str, str, str]:
    """Return the name of a response, its attributes, and what is in it."""
    found = _RESPONSE.fullmatch(page)
    assert found is not None, "responses are written in one form"
    return found[1], found[2], found[3] or ""
