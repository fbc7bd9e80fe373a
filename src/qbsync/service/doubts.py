"""Settling write sets in doubt, before anything that may repeat them goes out.

The way of a set whose answer did not come (:class:`~.batches.BatchState`):

1. ``IN_DOUBT``: QuickBooks is asked for the stored outcome: same id as new and old, empty body.
   If there is one, it settles every request that it speaks of.
2. ``ASKED``: there is none, or recovery is not there. The handlers of its jobs say what would show that
   QuickBooks did it; that is looked up with proof of absence.
3. All of it found: done. Nothing of it there: ``AGAIN``, the same bytes under the same id, so that a
   QuickBooks which comes to know the set meanwhile runs it no second time. Some of it there: the rest
   waits, and goes out under another id. What cannot be told stays in doubt for a person (``HELD``).

A set that stayed unanswered twice is not sent a third time. Jobs stay IN_DOUBT all the while, with what was
handed out as their plan; no lease is needed, because only the one session of the company comes here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve

from ..errors import UsageError
from ..handlers import Again, Ask, Doubt
from ..jobs import Move, State
from ..qbxml import builder
from .asking import ask, templates_of
from .batches import Batch, BatchState, Purpose
from .company import part_of
from .conclusions import NOT_DONE, conclude, open_jobs
from .decisions import MAX_ROUNDS, decided, handler_of, wanted_by
from .look_ups import Found
from .plans import LookUpPlan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..handlers import Decision
    from ..jobs import Job
    from .look_ups import Templates, Wanted
    from .turn import Turn

__all__ = [
    "begin",
    "found",
    "next_document",
    "not_stored",
    "question",
    "unanswerable",
    "unanswered",
    "unheard",
    "unreadable",
]

#: So many sessions ask for a stored outcome in vain before it is taken for not kept.
_MAX_QUESTIONS = 3

_NO_HANDLER = (
    "nothing here handles jobs of the kind {kind}: mount its handler, and the next session settles it"
)
_SAME_BYTES = "QuickBooks has not done it: the same set goes out again under its id"


def begin(turn: Turn) -> None:
    """Start anew with every set that an earlier session did not come to the end of."""
    for state in (BatchState.ASKED, BatchState.AGAIN, BatchState.LATER):
        while (batch := turn.first_batch(state)) is not None:
            turn.write_batch(evolve(batch, state=BatchState.IN_DOUBT, details=_fresh(batch)))


def _fresh(batch: Batch) -> dict[str, Any]:
    kept = {"settlings": batch.details.get("settlings", 0)}
    return {**{k: v for k, v in batch.details.items() if k not in {"plans", "absent", "untold"}}, **kept}


def next_document(turn: Turn) -> bytes | None:
    """Return the next document that helps to settle a set in doubt; ``None`` when none is in doubt.

    ``None`` too when a harmless request must be answered before anything is asked once more.
    """
    while (batch := turn.first_batch(BatchState.IN_DOUBT) or turn.first_batch(BatchState.ASKED)) is not None:
        if not turn.standing(batch):
            turn.write_batch(evolve(batch, state=BatchState.ANSWERED))  # persons decided about all its jobs
        elif _in_vain(batch) and not turn.session.accepted:
            turn.change(probe=Purpose.LOOK_UP)  # first of all: does QuickBooks answer anything?
            return None
        elif batch.state is BatchState.IN_DOUBT and batch.details.get("questions", 0) >= _MAX_QUESTIONS:
            not_stored(turn, batch, known=False)
        elif batch.state is BatchState.IN_DOUBT:
            turn.hand_out(batch, checking=True)
            return question(turn, batch)
        else:
            document = _look_up(turn, batch)
            if document is not None:
                return document
    while (again := turn.first_batch(BatchState.AGAIN)) is not None:
        document = _same_bytes(turn, again)
        if document is not None:
            return document
    return None


def _in_vain(batch: Batch) -> bool:
    """Return whether what is to be asked about *batch* next was asked before and brought no answer."""
    return ("questions" if batch.state is BatchState.IN_DOUBT else "part") in batch.details


def question(turn: Turn, batch: Batch) -> bytes:
    """Return the document that asks for the stored outcome of *batch*; its body is empty."""
    return builder.document(
        [],
        version=turn.session.version,
        on_error="continueOnError",
        new_message_set_id=batch.id,
        old_message_set_id=batch.id,
    )


def not_stored(turn: Turn, batch: Batch, *, known: bool) -> None:
    """Note that QuickBooks has no stored outcome of what is still open of *batch*.

    Args:
        turn: the call at work.
        batch: the set.
        known: whether QuickBooks knows the id all the same. Then it would not run the same bytes under it.
    """
    settlings = batch.details.get("settlings", 0) + 1
    details = {**_fresh(batch), "settlings": settlings, "known": known}
    turn.write_batch(evolve(batch, state=BatchState.ASKED, details=details))


def unanswered(turn: Turn, batch: Batch) -> bool:
    """Count that the question for the stored outcome of *batch* failed.

    A QuickBooks that never answers an empty set must not hold up a company's work for ever.

    Returns:
        Whether the question is given up: what the set did is looked up from now on.
    """
    questions = batch.details.get("questions", 0) + 1
    batch = evolve(batch, details={**batch.details, "questions": questions})
    if questions < _MAX_QUESTIONS:
        turn.write_batch(batch)
        return False
    not_stored(turn, batch, known=False)
    return True


def unanswerable(turn: Turn, batch: Batch, reason: str) -> None:
    """Put *batch* off, for what it did could not be asked now; a person decides in the end.

    Other work of the company goes on.
    """
    conclude(turn, batch, jobs := open_jobs(turn, batch), {job.id: Again(reason) for job in jobs})


def unheard(turn: Turn, batch: Batch, asked_for: Sequence[str], reason: str) -> None:
    """Note that the look-ups for *asked_for* brought no answer, while QuickBooks answers others.

    They are asked in smaller and smaller parts. What was asked alone in vain cannot be told: a person decides
    about it, and the rest of the set is settled.
    """
    if batch.state is not BatchState.ASKED:
        return
    details = {**batch.details, "part": part_of(batch.details.get("part"), len(asked_for))}
    jobs = open_jobs(turn, batch)
    alone = [job for job in jobs if [job.id] == list(asked_for) and batch.details.get("part")]
    if not alone or turn.tried(alone[0], "alone") < _MAX_QUESTIONS:
        turn.write_batch(evolve(batch, details=details))
        return
    del details["part"]
    details["mute"] = [*details.get("mute", ()), *asked_for]
    verdict = Doubt(f"what would show whether it was done brings no answer: {reason}")
    conclude(turn, evolve(batch, details=details), jobs, {job.id: verdict for job in alone})


def unreadable(turn: Turn, batch: Batch, asked_for: Sequence[str], reason: str) -> None:
    """Note that QuickBooks cannot read the look-ups for *asked_for*: they are asked in smaller parts at once.

    What it cannot read alone is put off, and the rest of the set is settled; a person decides in the end.
    """
    if batch.state is not BatchState.ASKED:
        return
    details = {name: value for name, value in batch.details.items() if name != "part"}
    if len(asked_for) > 1:
        details["part"] = part_of(0, len(asked_for))
        turn.write_batch(evolve(batch, details=details))
        return
    jobs = open_jobs(turn, batch)
    said: dict[str, Decision] = {job.id: Again(reason) for job in jobs if job.id in asked_for}
    conclude(turn, evolve(batch, details=details), jobs, said)


def _same_bytes(turn: Turn, batch: Batch) -> bytes | None:
    """Hand out a set once more, as it was; not if somebody decided about a job of it meanwhile."""
    jobs = [job for job, _ in turn.standing(batch)]
    if len(jobs) < len(batch.job_ids):
        turn.t.jobs.move([Move(job_id=job.id, to=State.WAITING, reason=NOT_DONE) for job in jobs])
        turn.write_batch(evolve(batch, state=BatchState.ANSWERED))
        return None
    turn.t.jobs.move(
        [Move(job_id=job.id, to=State.IN_DOUBT, reason=_SAME_BYTES, attempted=True) for job in jobs]
    )
    again = evolve(
        batch,
        state=BatchState.SENT,
        session=turn.key,
        handed_out_at=turn.now,
        hand_outs=batch.hand_outs + 1,
    )
    turn.write_batch(again)
    turn.hand_out(again)
    return batch.document


# -- looking up what a set did


def _plan_of(batch: Batch, job: Job) -> LookUpPlan:
    stored = batch.details.get("plans", {}).get(job.id)
    return LookUpPlan.from_values(stored) if stored is not None else LookUpPlan()


def _look_up(turn: Turn, batch: Batch) -> bytes | None:
    """Return a document that looks up what *batch* did; ``None`` when nothing had to be asked."""
    templates = templates_of(turn)
    jobs = open_jobs(turn, batch)
    wanted: dict[str, tuple[Wanted, ...]] = {}
    said: dict[str, Decision] = {}
    plans: dict[str, Any] = dict(batch.details.get("plans", {}))
    for job in jobs:
        before = _plan_of(batch, job)
        asked = wanted_by(turn, job, before, templates)
        if not isinstance(asked, tuple):
            said[job.id] = _put_off(turn, job, asked.reason)
            continue
        if not asked:
            decision = _or_more(before, decided(turn, job, Found((), {}, templates)), templates)
            if not isinstance(decision, LookUpPlan):
                said[job.id] = decision
                continue
            plans[job.id], asked = decision.to_values(), decision.extra
        wanted[job.id] = asked
    batch = evolve(batch, details={**batch.details, "plans": plans})
    if not wanted:
        conclude(turn, batch, jobs, said)
        return None
    turn.write_batch(batch)
    for_now = [job for job in jobs if job.id in wanted][: batch.details.get("part") or None]
    singly = frozenset(job.id for job in for_now if _plan_of(batch, job).singly)
    return ask(turn, for_now, wanted, singly=singly, details={"doubts": batch.id})


def _or_more(before: LookUpPlan, decision: Decision, templates: Templates) -> Decision | LookUpPlan:
    """Return what was decided, or what is to be looked up besides when the handler asks for more."""
    if not isinstance(decision, Ask) or before.rounds >= MAX_ROUNDS:
        return decision
    try:
        extra = (*before.extra, *map(templates.wanted, decision.look_ups))
    except UsageError as error:
        return Doubt(f"what would show whether it was done cannot be asked: {error}")
    return evolve(before, extra=extra, rounds=before.rounds + 1)


def found(turn: Turn, batch: Batch, answers: Found, asked_for: Sequence[str]) -> None:
    """Decide about jobs of *batch*, now that it was looked up what it did for those *asked_for*."""
    templates = templates_of(turn)
    said: dict[str, Decision] = {}
    plans: dict[str, Any] = {}
    jobs = open_jobs(turn, batch)
    for job in (job for job in jobs if job.id in asked_for):
        before = _plan_of(batch, job)
        asked = wanted_by(turn, job, before, templates)
        if not isinstance(asked, tuple):
            said[job.id] = _put_off(turn, job, asked.reason)
            continue
        unproven = any(answers.unproven(one) for one in asked)
        if unproven and before.rounds < MAX_ROUNDS:
            plans[job.id] = evolve(before, singly=True, rounds=before.rounds + 1).to_values()
            continue
        decision = _or_more(before, decided(turn, job, answers), templates)
        if isinstance(decision, LookUpPlan):
            plans[job.id] = decision.to_values()
        else:
            said[job.id] = decision
    if plans:
        details = {**batch.details, "plans": {**batch.details.get("plans", {}), **plans}}
        batch = evolve(batch, details=details)
    conclude(turn, batch, jobs, said)


def _put_off(turn: Turn, job: Job, reason: str) -> Again:
    """Return the verdict on a job of which nothing can be asked now: its handler is missing or at fault."""
    missing = handler_of(turn, job) is None
    return Again(_NO_HANDLER.format(kind=job.kind) if missing else reason)
