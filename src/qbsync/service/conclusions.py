"""What became of a set in doubt, when it was looked into: its jobs one by one, then the set as a whole.

What was found is done. What is certainly not there waits until all of the set is known: the same bytes go out
once more only if nothing of them was done. What cannot be told stays in doubt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from ..handlers import Again, Ask, Doubt, Send
from ..jobs import Move, State
from .asking import templates_of
from .batches import BatchState
from .decisions import handler_of, move_for, planned
from .plans import SendPlan
from .rivals import without_rivals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..handlers import Decision
    from ..jobs import Job
    from .batches import Batch
    from .turn import Turn

__all__ = ["NOT_DONE", "conclude", "open_jobs"]

_MAX_HAND_OUTS = 2
#: So many sessions try to tell what a set did before a person is asked.
_MAX_SETTLINGS = 5
#: So many, where a handler is not mounted: that is nothing a person could see in QuickBooks.
_MAX_WITHOUT_HANDLER = 100

NOT_DONE = "looked up: QuickBooks has not done it"
_TWICE = (
    "it was handed out twice without an answer, and QuickBooks has not done it: see what ails QuickBooks, "
    "then say with resolve that it was not done, and it goes out again, with fewer others"
)


def open_jobs(turn: Turn, batch: Batch) -> list[Job]:
    """Return the jobs of *batch* about which nothing is decided yet."""
    told = {one for what in ("absent", "untold", "mute") for one in batch.details.get(what, ())}
    return [job for job, _ in turn.standing(batch) if job.id not in told]


def conclude(turn: Turn, batch: Batch, jobs: Sequence[Job], said: dict[str, Decision]) -> None:
    """Carry out what was decided; what is certainly not there waits until all of the set is known.

    What cannot be told is not asked again in this session.
    """
    templates = templates_of(turn)
    said = without_rivals(said, claims := dict(batch.details.get("claims", {})))
    absent: dict[str, bool] = dict(batch.details.get("absent", {}))
    untold: dict[str, bool] = dict(batch.details.get("untold", {}))
    moves: list[Move] = []
    for job in jobs:
        decision = said.get(job.id)
        match decision:
            case None:
                continue
            case Send():
                whole = _is_whole(turn, job, decision)
                if whole is None:
                    untold[job.id] = False
                    moves.append(_stays(job, "what is to be sent again breaks rules of qbXML"))
                else:
                    absent[job.id] = whole
                    if decision.outcome is not None:
                        moves.append(
                            Move(
                                job_id=job.id,
                                to=State.IN_DOUBT,
                                reason=job.reason,
                                outcome=decision.outcome,
                            )
                        )
            case Again() | Ask():
                untold[job.id] = True
                reason = decision.reason if isinstance(decision, Again) else "its handler asks without end"
                moves.append(_stays(job, reason))
            case _:
                if isinstance(decision, Doubt):
                    untold[job.id] = False
                moves.append(move_for(turn, job, decision, None, templates))
    reasons = {job.id: job.reason for job in jobs}
    turn.move([one for one in moves if not _says_nothing_new(one, reasons[one.job_id])])
    now_known = {"absent": absent, "untold": untold, "claims": claims}
    batch = evolve(batch, details={**batch.details, **now_known})
    if any(job.id not in said for job in jobs):
        turn.write_batch(batch)  # another round of look-ups
        return
    _end(turn, batch, absent, later=any(untold.values()))


def _says_nothing_new(move: Move, reason: str | None) -> bool:
    """Return whether a job in doubt stays what it is: no row of history, and nobody need be told."""
    return move.to is State.IN_DOUBT and move.reason == reason and move.outcome is None


def _is_whole(turn: Turn, job: Job, decision: Send) -> bool | None:
    """Return whether a job would send all that it sent before; ``None`` when it cannot be sent."""
    plan = planned(turn, decision)
    before = SendPlan.of(job)
    if not isinstance(plan, SendPlan):
        return None
    return before is not None and plan.same_requests(before)


def _stays(job: Job, reason: str) -> Move:
    return Move(job_id=job.id, to=State.IN_DOUBT, reason=reason)


def _end(turn: Turn, batch: Batch, absent: dict[str, bool], *, later: bool) -> None:
    """Decide about the set as a whole, all of its jobs having been looked into."""
    standing = [job for job, _ in turn.standing(batch)]
    missing = [job for job in standing if job.id in absent]
    if batch.hand_outs >= _MAX_HAND_OUTS and missing:
        turn.t.jobs.move([_stays(job, _TWICE) for job in missing])
        turn.company.suspect(turn.t, [job.id for job in missing], again=True)
        turn.write_batch(evolve(batch, state=BatchState.HELD))
        return
    untouched = len(missing) == len(batch.job_ids) and all(absent.values())
    if missing and untouched and not batch.details["known"]:
        turn.write_batch(evolve(batch, state=BatchState.AGAIN))
        return
    turn.t.jobs.move([Move(job_id=job.id, to=State.WAITING, reason=NOT_DONE) for job in missing])
    left = [job for job in standing if job.id not in absent]
    unhandled = any(handler_of(turn, job) is None for job in left)
    most = _MAX_WITHOUT_HANDLER if unhandled else _MAX_SETTLINGS
    if not left:
        state = BatchState.ANSWERED
    elif later and batch.details.get("settlings", 0) < most:
        state = BatchState.LATER
    else:
        state = BatchState.HELD
    turn.write_batch(evolve(batch, state=state))
