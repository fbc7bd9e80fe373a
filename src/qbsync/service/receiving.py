"""What an answer means: jobs are decided or settled, sets are recorded, suspicions follow.

What is not a whole and matching answer to a write set leaves what it does not speak of in doubt. Only
0x80040400 says that nothing of a document was run. An answer to a known set counts in whatever state its
session is, because it is the truth about that set.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from ..handlers import Again, Doubt
from ..hooks import AnswerReceived
from ..jobs import Move, State
from ..qbwc.session import Event
from ..qbwc.session import State as SessionState
from ..qbxml.status import explain_hresult
from . import doubts, steps
from .asking import found_in, templates_of
from .batches import BatchState, Purpose
from .decisions import MAX_ROUNDS, decided, handler_of, move_for, wanted_by
from .guard import verdict_of
from .pages import turned
from .plans import LookUpPlan, SendPlan, need_digest
from .reads import asked_again, unanswered
from .refusals import NOT_READ, UNREADABLE, accept, blame, not_run, refused, words
from .replies import matched, met_by, replies_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..handlers import Verdict
    from ..jobs import Job
    from ..models._base import Response
    from ..qbxml.parser import Document
    from .batches import Batch
    from .look_ups import Found, Templates
    from .replies import Answer
    from .turn import Turn

__all__ = ["record", "record_late"]

#: QuickBooks ran the set, or has its outcome.
_RAN = 0
#: The question for a stored outcome, where purposes of documents stand.
_STATUS = "status"
#: The id stands for another body: this one was not run.
_OTHER_BODY = 9001

_NOT_RUN = "QuickBooks knows the id of the set for another one and did not run it"
_CONTRADICTED = (
    "it was taken for not done, by a person or by what was looked up, and then QuickBooks answered that "
    "it has: look there; cancel this job if it is done, retry it if it must be done again"
)
_MISMATCH = "QuickBooks' answers to questions do not match what was asked"


def record(turn: Turn, answer: Answer) -> None:
    """Record the awaited answer; the session goes on, or has failed with a text for ``getLastError``."""
    batch = turn.batch(turn.session.batch)
    if batch is None:
        steps.fail(turn, "what was sent is not known any more; the next session starts anew")
        return
    _tell(turn, batch, answer)
    unreadable = answer.document is None and explain_hresult(answer.hresult).code == UNREADABLE
    turn.change(had_refusal=turn.session.had_refusal or unreadable)
    if turn.session.checking:
        _checked(turn, batch, answer)
    elif answer.document is not None:
        _ACTIONS[batch.purpose](turn, batch, answer.document)
    elif unreadable:
        refused(turn, batch, answer)
    else:
        _failed(turn, batch, answer)
    if turn.session.state is SessionState.AWAITING:
        turn.change(batch=None, checking=False)
        steps.take(turn, Event.SETTLED)


def record_late(turn: Turn, answer: Answer) -> None:
    """Record an answer that comes when its session is over, if its set is still open."""
    batch = turn.batch(turn.session.batch)
    if batch is None or batch.purpose is not Purpose.WRITE or batch.state is BatchState.ANSWERED:
        return
    if answer.document is None:
        own = batch.session == turn.key and not turn.session.checking and not turn.session.had_refusal
        if own and explain_hresult(answer.hresult).code == UNREADABLE:
            not_run(turn, batch, NOT_READ)
        return
    responses = matched(batch.entries, answer.document)
    if responses:
        _settle(turn, batch, responses)


def _tell(turn: Turn, batch: Batch, answer: Answer) -> None:
    checking, since = turn.session.checking, turn.session.out_since or turn.now
    turn.tell(
        AnswerReceived,
        batch=batch.id,
        purpose=_STATUS if checking else str(batch.purpose),
        requests=0 if checking else len(batch.entries),
        jobs=len(batch.job_ids),
        seconds=(turn.now - since).total_seconds(),
        error=answer.error,
        size_chars=answer.size_chars,
    )


# -- answers to each sort of document


def _checked(turn: Turn, batch: Batch, answer: Answer) -> None:
    """The stored outcome of a set was asked for."""
    if batch.state is not BatchState.IN_DOUBT:
        return  # its own answer came late, meanwhile
    if answer.document is None and explain_hresult(answer.hresult).code != UNREADABLE:
        if not doubts.unanswered(turn, batch):
            steps.fail(turn, words(answer))
        return
    if _STATUS not in turn.session.accepted:
        turn.change(accepted=(*turn.session.accepted, _STATUS))
    document = answer.document
    stored = document is not None and document.message_set_status_code == _RAN
    responses = matched(batch.entries, document) if document is not None and stored else {}
    if not responses or not _settle(turn, batch, responses):
        batch = turn.batch(batch.id) or batch
        doubts.not_stored(turn, batch, known=stored)


def _written(turn: Turn, batch: Batch, document: Document) -> None:
    """A write set was answered."""
    if batch.state is BatchState.ANSWERED:
        return  # settled meanwhile, by its own late answer
    responses = matched(batch.entries, document)
    if batch.purpose is Purpose.READ and not responses:
        unanswered(turn, batch, _MISMATCH)
        turn.write_batch(evolve(batch, state=BatchState.ANSWERED, answered_at=turn.now))
        return
    accept(turn, batch)
    if document.message_set_status_code == _OTHER_BODY:
        not_run(turn, batch, _NOT_RUN)
        return
    turn.change(met=(*turn.session.met, *map(need_digest, met_by(batch, responses))))
    _settle(turn, batch, responses)


def _looked_up(turn: Turn, batch: Batch, document: Document) -> None:
    """Questions were answered."""
    doubtful = turn.batch(batch.details.get("doubts"))
    turn.forget_batch(batch)
    found = found_in(turn, batch, document)
    if found is None:
        _ask_anew(turn, batch, doubtful)
        return
    accept(turn, batch)
    if doubtful is not None:
        if doubtful.state is BatchState.ASKED:
            doubts.found(turn, doubtful, found, batch.job_ids)
        return
    templates = templates_of(turn)
    leases = {lease.job.id: lease for lease in turn.leases()}
    turn.move(
        [
            _decision(turn, leases[job_id].job, leases[job_id].token, found, templates)
            for job_id in batch.job_ids
            if job_id in leases
        ]
    )


def _decision(turn: Turn, job: Job, token: str, found: Found, templates: Templates) -> Move:
    before = LookUpPlan.of(job)
    wanted = wanted_by(turn, job, before, templates)
    if not isinstance(wanted, tuple):
        return move_for(turn, job, wanted, token, templates)
    if before.rounds < MAX_ROUNDS and any(found.unproven(one) for one in wanted):
        plan = evolve(before, singly=True, rounds=before.rounds + 1)
        return Move(job_id=job.id, to=State.LEASED, token=token, plan=plan.to_json(), until=turn.deadline)
    return move_for(turn, job, decided(turn, job, found), token, templates)


def _ask_anew(turn: Turn, batch: Batch, doubtful: Batch | None) -> None:
    """An answer left questions open: they are asked once more, a few times, then the session stops."""
    if batch.details["clears"] is not None and turn.company.clears is False:
        return  # asked together with what this QuickBooks does not understand
    known = [job for job, _ in turn.standing(doubtful)] if doubtful is not None else []
    jobs = known or [lease.job for lease in turn.leases() if lease.job.id in batch.job_ids]
    if not jobs or max(turn.tried(job, "unanswered") for job in jobs) <= MAX_ROUNDS:
        return
    if doubtful is not None and doubtful.state is BatchState.ASKED:
        doubts.unanswerable(turn, doubtful, f"whether it was done could not be told: {_MISMATCH}")
    else:
        unanswered(turn, batch, _MISMATCH)
        steps.fail(turn, f"{_MISMATCH}; see the log of the host")


def _probed(turn: Turn, batch: Batch, document: Document) -> None:
    """A harmless request was answered: QuickBooks takes our frame."""
    turn.forget_batch(batch)
    if matched(batch.entries, document):
        turn.change(probe=None, accepted=(*turn.session.accepted, batch.details["for"]))
        blame(turn)
    else:
        steps.fail(turn, "QuickBooks' answer to a harmless request does not match it")


_ACTIONS: Mapping[Purpose, Callable[[Turn, Batch, Document], None]] = {
    Purpose.WRITE: _written,
    Purpose.READ: _written,
    Purpose.LOOK_UP: _looked_up,
    Purpose.PROBE: _probed,
}


# -- settling


def _settle(turn: Turn, batch: Batch, responses: Mapping[str, Response]) -> bool:
    """Settle the jobs that *responses* speak of; return whether nothing of the set stays open."""
    templates = templates_of(turn)
    moves: list[Move] = []
    in_doubt = 0
    told = list(batch.details.get("told", ()))
    standing = turn.standing(batch)
    if len(standing) < len(batch.job_ids):
        moves += _contradicted(turn, batch, responses, {job.id for job, _ in standing})
    for job, token in standing:
        plan = SendPlan.of(job)
        if plan is not None and plan.pages is not None:  # such a job goes alone
            move, batch = turned(turn, job, token, batch, responses)
            moves.append(move)
            continue
        verdict = _verdict(turn, job, plan, batch, responses)
        if isinstance(verdict, Doubt) and batch.purpose is Purpose.READ:
            verdict = asked_again(job, verdict.reason)
        if isinstance(verdict, Again):
            _unmeet(turn, plan)
        if isinstance(verdict, Doubt):
            in_doubt += 1
            if job.state is State.IN_DOUBT and handler_of(turn, job) is None:
                continue  # it stays what it is, however often that is asked
        else:
            told.append(job.id)
        moves.append(move_for(turn, job, verdict, token, templates))
    turn.move(moves)
    state = BatchState.IN_DOUBT if in_doubt else BatchState.ANSWERED
    details = {**batch.details, "told": told} if in_doubt else batch.details
    turn.write_batch(evolve(batch, state=state, answered_at=turn.now, details=details))
    if not in_doubt and batch.purpose is Purpose.WRITE:
        turn.company.finish(batch.id)
    return not in_doubt


def _unmeet(turn: Turn, plan: SendPlan | None) -> None:
    """Let what a job needs be sent with it again: perhaps it failed because something is gone."""
    gone = {need_digest(key) for key, _ in plan.needs} if plan is not None else set()
    turn.change(met=tuple(one for one in turn.session.met if one not in gone))


def _contradicted(
    turn: Turn, batch: Batch, responses: Mapping[str, Response], standing: set[str]
) -> list[Move]:
    """Hold jobs that wait because they were taken for not done, while QuickBooks says that they were.

    What an earlier answer to the set told is no news: such a job may have been tried again since.
    """
    done = {
        entry.job_id
        for entry in batch.entries
        if (response := responses.get(entry.request_id)) is not None and not response.status.is_error
    }
    known = standing.union(batch.details.get("told", ()))
    asked = [job_id for job_id in batch.job_ids if job_id in done and job_id not in known]
    return [
        Move(job_id=job.id, to=State.BLOCKED, reason=_CONTRADICTED)
        for job in (turn.t.jobs.get(asked) if asked and batch.purpose is Purpose.WRITE else ())
        if job.state is State.WAITING
    ]


def _verdict(
    turn: Turn, job: Job, plan: SendPlan | None, batch: Batch, responses: Mapping[str, Response]
) -> Verdict:
    handler = handler_of(turn, job)
    if plan is None or handler is None:
        return Doubt(f"nothing here can read what was sent for jobs of the kind {job.kind}")
    replies = replies_for(job, batch, [key for key, _ in plan.needs], responses)
    return verdict_of(handler, job, plan.memo, replies, turn.context)


# -- no answer, but a result


def _failed(turn: Turn, batch: Batch, answer: Answer) -> None:
    """Something else than an answer came: whether QuickBooks ran the document is not known."""
    if batch.purpose is Purpose.WRITE:
        if batch.state is BatchState.SENT:
            turn.doubt(batch, words(answer))
    elif batch.purpose is Purpose.READ:
        unanswered(turn, batch, words(answer), hresult=answer.hresult)
        turn.write_batch(evolve(batch, state=BatchState.ANSWERED, answered_at=turn.now))
    else:
        turn.forget_batch(batch)
        turn.change(batch=None)
        if batch.purpose is Purpose.LOOK_UP:
            unanswered(turn, batch, words(answer), hresult=answer.hresult)
    steps.fail(turn, words(answer))
