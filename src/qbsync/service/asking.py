"""Look-up documents: the questions of many jobs as one batch, and their answers read back.

A look-up document may also tell QuickBooks that the stored outcome of a finished set is no longer needed
(``oldMessageSetID`` beside queries). If the answers then stay out, that is never tried again with
the company.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from ..planner import fitting, measure, within
from ..qbxml import builder
from .batches import Batch, Entry, Purpose
from .company import CompanyState, Lists
from .look_ups import Asked, Found, Templates, Wanted, merge, requests
from .replies import matched

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..jobs import Job
    from ..planner import Load
    from ..qbxml.parser import Document
    from .turn import Turn

__all__ = ["ask", "distrust", "found_in", "templates_of"]


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

    As many of them as the budgets let through, from the front, are asked for; at least one.

    Args:
        turn: the call at work.
        jobs: the jobs, in order.
        wanted: what each wants, by job id.
        singly: jobs whose keys that need proof are asked one by one.
        details: what is to be kept with the batch besides.
    """
    batch_id = turn.settings.new_id()
    questions = _Questions(turn, batch_id, jobs, wanted, singly)
    budgets, costs = turn.settings.budgets, turn.costs.model
    count = fitting(len(jobs), lambda n: within(questions.first(n).load, budgets, costs))
    chosen = questions.first(count)
    old = turn.company.finished[0] if turn.company.finished and turn.company.clears is not False else None
    batch = Batch(
        id=batch_id,
        company=turn.session.company,
        purpose=Purpose.LOOK_UP,
        session=turn.key,
        document=builder.document(
            chosen.elements,
            version=turn.session.version,
            on_error="continueOnError",
            old_message_set_id=old,
        ),
        entries=tuple(Entry(request_id=one.request_id, name=one.question.query) for one in chosen.asked),
        job_ids=tuple(job.id for job in jobs[:count]),
        details={
            **details,
            "asked": [one.to_list() for one in chosen.asked],
            "clears": old,
            "load": chosen.load.to_list(),
        },
        handed_out_at=turn.now,
    )
    turn.write_batch(batch)
    if turn.company.lists is not Lists.STOP:
        turn.change(met=())  # else answers do not tell all that is there
    turn.hand_out(batch)
    return batch.document


@frozen
class _Chosen:
    """The questions of some jobs."""

    asked: tuple[Asked, ...]
    elements: tuple[bytes, ...]
    load: Load


@frozen
class _Questions:
    """Writes the questions of the first so many jobs.

    As long as it is not known what lists do at a missing key, some keys are asked by themselves as well: if
    lists stop there, those jobs at least can go on.
    """

    turn: Turn
    batch_id: str
    jobs: Sequence[Job]
    wanted: Mapping[str, Sequence[Wanted]]
    singly: frozenset[str]

    def first(self, count: int) -> _Chosen:
        """Return the questions of the first *count* jobs, merged and written."""
        session, company, jobs = self.turn.session, self.turn.company, self.jobs[:count]
        together = [one for job in jobs if job.id not in self.singly for one in self.wanted[job.id]]
        alone = [one for job in jobs if job.id in self.singly for one in self.wanted[job.id]]
        alone += _lost_ones(company, (*together, *alone))
        merged = self._merged(together, alone)
        if company.lists is Lists.UNKNOWN:
            room = self.turn.costs.model.allowed(reads=True) - len(merged)
            keys = [
                Wanted(one.question, (key,), proof=True) for one in together if one.proof for key in one.keys
            ]
            merged = self._merged(together, [*alone, *keys[: max(room, 0)]])
        asked = tuple(evolve(one, request_id=f"{self.batch_id[:10]}.{n}") for n, one in enumerate(merged, 1))
        elements = tuple(
            builder.element(message, version=session.version, edition=session.edition)
            for message in requests(asked, version=session.version)
        )
        parts = ((one.question.query, raw.decode()) for one, raw in zip(asked, elements, strict=True))
        return _Chosen(asked, elements, measure(parts, jobs=count))

    def _merged(self, together: Sequence[Wanted], alone: Sequence[Wanted]) -> list[Asked]:
        company = self.turn.company
        return merge(
            together,
            sentinels={} if company.lists is Lists.STOP else company.known,
            singly=alone,
            max_keys=self.turn.settings.budgets.max_keys,
        )


def found_in(turn: Turn, batch: Batch, document: Document) -> Found | None:
    """Return what the answer to a look-up says; ``None`` when it does not answer all that was asked."""
    asked = [Asked.from_list(one) for one in batch.details["asked"]]
    responses = matched(batch.entries, document)
    whole = len(responses) == len(asked)
    _cleared(turn, batch.details["clears"], whole=whole)
    if not whole:
        return None
    found = Found(asked, responses, templates_of(turn))
    company = turn.company
    for place, key in list(company.lost.items()):
        told = [found.has(one.question, key) for one in asked if one.keys == (key,) and one.place == place]
        if told:
            company.lists = Lists.STOP if any(told) else company.lists
            del company.lost[place]
    for place in found.lost:
        company.lost[place] = company.known.pop(place)
    for (query, by), key in found.known.items():
        company.know(query, by, key)
    if company.lists is Lists.UNKNOWN and any(_goes_on(found, one) for one in asked):
        company.lists = Lists.GO_ON
    return found


def distrust(turn: Turn, batch: Batch) -> None:
    """Leave out what a look-up asked besides the questions of its jobs: it brought no answer."""
    company = turn.company
    _cleared(turn, batch.details["clears"], whole=False)
    company.lost = {}
    for one in map(Asked.from_list, batch.details["asked"]):
        if one.sentinel is not None and one.question.by is not None:
            company.known.pop((one.question.query, one.question.by), None)


def _goes_on(found: Found, one: Asked) -> bool:
    """Return whether the key at the end of a list came back behind one that is missing."""
    missing = any(not found.has(one.question, key) for key in one.keys)
    return one.sentinel is not None and missing and found.has(one.question, one.sentinel)


def _lost_ones(company: CompanyState, wanted: Sequence[Wanted]) -> list[Wanted]:
    """Return the keys that did not come back at the end of a list, to be asked by themselves once.

    Is such a key there after all, then lists stop at the first missing key in this QuickBooks, and there is
    no use in putting a known one last.
    """
    places = {(one.question.query, one.question.by): one.question for one in wanted if one.proof}
    return [
        Wanted(places[place], (key,), proof=True) for place, key in company.lost.items() if place in places
    ]


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
