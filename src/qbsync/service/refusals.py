"""What follows when QuickBooks takes a document, or cannot read it.

0x80040400 says that nothing of a document was run, and that something in it cannot be read: one of its jobs,
or the document itself. Which one is found by sending parts (:mod:`.poison`); a job is blamed only while
documents like its own are taken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import evolve

from ..errors import ParseError
from ..jobs import Move, State
from ..qbxml import parser, rules
from ..qbxml.status import explain_hresult
from . import doubts, poison, steps
from .batches import BatchState, Purpose
from .plans import SendPlan
from .reads import drop_pages

if TYPE_CHECKING:
    from ..jobs import Job
    from .batches import Batch
    from .replies import Answer
    from .turn import Turn

__all__ = ["NOT_READ", "UNREADABLE", "accept", "blame", "confirm", "not_run", "refused", "words"]

#: QuickBooks could not read the document.
UNREADABLE: Final = 0x80040400
NOT_READ: Final = "QuickBooks could not read the set: nothing of it was run"
_FRAME = (
    "QuickBooks refuses every document under qbXML {version}, even a harmless one ({text}): "
    "the version or the connection is at fault, no job; see qbsdklog.txt on that machine"
)


def accept(turn: Turn, batch: Batch) -> None:
    """Note that QuickBooks took a document; the other half of its group, if any, is at fault."""
    turn.handled = len(batch.job_ids)
    for job_id in batch.job_ids:
        turn.company.unheard.pop(job_id, None)
    taken = (turn.now - batch.handed_out_at).total_seconds()
    turn.costs.learn(batch, taken, budget=turn.settings.budgets.seconds)
    accepted = turn.session.accepted
    if batch.purpose not in accepted:
        accepted = (*accepted, str(batch.purpose))
    suspects = poison.taken(turn.session.suspects, batch.details.get("rest", ()))
    turn.change(accepted=accepted, suspects=suspects)
    blame(turn)


def refused(turn: Turn, batch: Batch, answer: Answer) -> None:
    """Note that QuickBooks could not read a document: nothing was run, and a job may be at fault."""
    if batch.purpose is Purpose.PROBE:
        turn.forget_batch(batch)
        steps.fail(turn, _FRAME.format(version=turn.session.version, text=words(answer)))
        return
    doubtful = turn.batch(batch.details.get("doubts"))
    if batch.hand_outs > 1:
        turn.change(refused=(str(batch.purpose), batch.id))
        return
    if batch.purpose is Purpose.LOOK_UP:
        turn.forget_batch(batch)
        if batch.details["clears"] is not None and turn.company.clears is None:
            turn.company.clears = False  # perhaps that is what it cannot read: asked once more without it
            return
    else:
        turn.write_batch(evolve(batch, state=BatchState.ANSWERED, answered_at=turn.now))
    if doubtful is not None:
        said = f"QuickBooks cannot read what would show it ({words(answer)})"
        doubts.unreadable(turn, doubtful, batch.job_ids, said)
        return
    findings = poison.refused(
        turn.session.suspects,
        batch.job_ids,
        batch.details["rest"],
        accepted=batch.purpose in turn.session.accepted,
    )
    turn.change(
        suspects=findings.suspects,
        probe=str(batch.purpose) if findings.probe else turn.session.probe,
        refused=(str(batch.purpose), batch.id),
    )


def confirm(turn: Turn) -> None:
    """Note that the Web Connector asks for more: what was refused last has been refused indeed.

    A refusal names no request. One that comes twice, from a proxy that sends calls again, would else be
    taken for the answer to the next set, which QuickBooks may be running at that moment.
    """
    if not turn.session.refused:
        return
    purpose, batch_id = turn.session.refused
    turn.change(refused=())
    batch = turn.batch(batch_id)
    if batch is not None and batch.hand_outs > 1:
        not_run(turn, batch, NOT_READ)
    elif purpose in turn.session.accepted:
        blame(turn)


def blame(turn: Turn) -> None:
    """Fail the jobs that were refused alone, while documents like theirs are taken."""
    suspects, blamed = poison.culprits(turn.session.suspects)
    if not blamed:
        return
    turn.change(suspects=suspects)
    found = [lease for lease in turn.leases() if lease.job.id in blamed]
    for lease in found:
        drop_pages(turn, lease.job)
    turn.move(
        [
            Move(
                job_id=lease.job.id,
                to=State.FAILED,
                token=lease.token,
                reason=_cause(turn, lease.job),
            )
            for lease in found
        ]
    )


def _cause(turn: Turn, job: Job) -> str:
    """Say what can be said about why QuickBooks cannot read the requests of a job."""
    head = "QuickBooks cannot read its requests (0x80040400), while it reads those of others"
    plan = SendPlan.of(job)
    found: list[str] = []
    for part in (*(part for _, part in plan.needs), *plan.parts) if plan is not None else ():
        try:
            message = parser.parse(f"<QBXML><QBXMLMsgsRq>{part.xml}</QBXMLMsgsRq></QBXML>").messages[0]
        except ParseError as error:
            found.append(str(error))
            continue
        problems = rules.check(message, version=turn.session.version, edition=turn.session.edition)
        found += [problem.message for problem in problems]
    said = "; ".join(found[:3]) or "all rules known here are kept; compare it with a request that works"
    return f"{head}: {said}"


def not_run(turn: Turn, batch: Batch, reason: str) -> None:
    """Let the jobs of a set wait again of which certainly nothing was run."""
    turn.t.jobs.move(
        [
            Move(job_id=job.id, to=State.WAITING, token=token, reason=reason)
            for job, token in turn.standing(batch)
        ]
    )
    turn.write_batch(evolve(batch, state=BatchState.ANSWERED, answered_at=turn.now))


def words(answer: Answer) -> str:
    """Return what went wrong, and what to do, in words for the person at the Web Connector."""
    if not answer.hresult:
        return answer.error
    known = explain_hresult(answer.hresult)
    return f"{answer.error}: {known.meaning}; {known.remedy}"
