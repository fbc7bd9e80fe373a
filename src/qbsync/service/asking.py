"""Look-up documents: the questions of many jobs as one batch, and their answers read back.

A look-up document may also tell QuickBooks that the stored outcome of a finished set is no longer needed
(``oldMessageSetID`` beside queries). If the answers then stay out, that is never tried again with
the company.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve

from ..qbxml import builder
from .batches import Batch, Entry, Purpose
from .look_ups import Asked, Found, Templates, merge, requests
from .replies import matched

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..jobs import Job
    from ..qbxml.parser import Document
    from .look_ups import Wanted
    from .turn import Turn

__all__ = ["ask", "found_in", "templates_of"]


def templates_of(turn: Turn) -> Templates:
    """Return what makes questions of look-ups, for the version and edition of the session."""
    return Templates(version=turn.session.version, edition=turn.session.edition)


def ask(
    turn: Turn,
    jobs: Sequence[Job],
    wanted: Mapping[str, Sequence[Wanted]],
    *,
    singly: frozenset[str] = frozenset(),
    details: Mapping[str, Any],
) -> bytes:
    """Store a batch that asks what *jobs* want to know, and return its document.

    Args:
        turn: the call at work.
        jobs: the jobs, in order.
        wanted: what each wants, by job id.
        singly: jobs whose keys that need proof are asked one by one.
        details: what is to be kept with the batch besides.
    """
    batch_id = turn.settings.new_id()
    together = [one for job in jobs if job.id not in singly for one in wanted[job.id]]
    alone = [one for job in jobs if job.id in singly for one in wanted[job.id]]
    merged = merge(
        together,
        sentinels=turn.company.known,
        singly=alone,
        max_keys=turn.settings.budgets.max_keys,
    )
    asked = [evolve(one, request_id=f"{batch_id[:10]}.{n}") for n, one in enumerate(merged, 1)]
    old = turn.company.finished[0] if turn.company.finished and turn.company.clears is not False else None
    messages = requests(asked, version=turn.session.version)
    batch = Batch(
        id=batch_id,
        company=turn.session.company,
        purpose=Purpose.LOOK_UP,
        session=turn.key,
        document=builder.build(
            messages,
            version=turn.session.version,
            edition=turn.session.edition,
            on_error="continueOnError",
            old_message_set_id=old,
        ),
        entries=tuple(Entry(request_id=one.request_id, name=one.question.query) for one in asked),
        job_ids=tuple(job.id for job in jobs),
        details={**details, "asked": [one.to_list() for one in asked], "clears": old},
        handed_out_at=turn.now,
    )
    turn.write_batch(batch)
    turn.change(met=())
    turn.hand_out(batch)
    return batch.document


def found_in(turn: Turn, batch: Batch, document: Document) -> Found | None:
    """Return what the answer to a look-up says; ``None`` when it does not answer all that was asked."""
    asked = [Asked.from_list(one) for one in batch.details["asked"]]
    responses = matched(batch.entries, document)
    whole = len(responses) == len(asked)
    _cleared(turn, batch.details["clears"], whole=whole)
    if not whole:
        return None
    found = Found(asked, responses, templates_of(turn))
    for place in found.lost:
        turn.company.known.pop(place, None)
    turn.company.known.update(found.known)
    return found


def _cleared(turn: Turn, old: str | None, *, whole: bool) -> None:
    """Note what became of telling that a set is finished."""
    company = turn.company
    if old is None:
        return
    if whole:
        company.clears = True
        company.finished = [one for one in company.finished if one != old]
    elif company.clears is None:
        company.clears = False
