"""From what handlers say to moves of jobs.

What handlers say is checked first (:mod:`.guard`): one bad job must not stop the others.
What waits again is bounded: a job that was tried in vain too often is failed, with its reason.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

from ..errors import InvalidRequestError, UsageError
from ..handlers import Again, Ask, Done, Doubt, Fail, Hold, Send
from ..jobs import Move, State
from .guard import asked_by, decision_of
from .plans import LookUpPlan, SendPlan

if TYPE_CHECKING:
    from ..handlers import Decision, Handler
    from ..jobs import Job
    from .look_ups import Found, Templates, Wanted
    from .turn import Turn

__all__ = ["MAX_ROUNDS", "decided", "handler_of", "move_for", "pause", "planned", "wanted_by"]

#: A job that asks for more look-ups so often, or cannot be told so often, is given up.
MAX_ROUNDS = 5
#: A job that waits again so often is failed with its reason.
_MAX_TRIES = 8
#: A job handed out so often, though each time it made progress, is failed too.
_MAX_HAND_OUTS = 100
#: Each pause before another try is twice as long as the one before, up to an hour.
_LONGEST_PAUSE = timedelta(hours=1)


def handler_of(turn: Turn, job: Job) -> Handler | None:
    """Return the handler of a job's kind, or ``None``."""
    return turn.settings.handlers.get(job.kind)


def wanted_by(
    turn: Turn, job: Job, plan: LookUpPlan, templates: Templates
) -> tuple[Wanted, ...] | Hold | Fail | Again:
    """Return what must be looked up for a job, or the verdict when that cannot be said."""
    handler = handler_of(turn, job)
    if handler is None:
        return Hold(f"nothing here handles jobs of the kind {job.kind}: mount its handler, then retry")
    asked = asked_by(handler, job, turn.context)
    if not isinstance(asked, tuple):
        return asked
    try:
        return (*map(templates.wanted, asked), *plan.extra)
    except UsageError as error:
        return Fail(f"what is to be looked up cannot be asked: {error}")


def decided(turn: Turn, job: Job, found: Found) -> Decision:
    """Return what the handler decides about a job whose look-ups are answered."""
    handler = handler_of(turn, job)
    if handler is None:
        return Hold(f"nothing here handles jobs of the kind {job.kind}: mount its handler, then retry")
    return decision_of(handler, job, found, turn.context)


def planned(turn: Turn, decision: Send) -> SendPlan | Fail:
    """Return the plan for what is to be sent, or why it cannot be."""
    try:
        return SendPlan.made(decision, turn.context)
    except InvalidRequestError as error:
        return Fail(f"it breaks rules of qbXML {turn.context.version}: {error}")
    except Exception as error:  # noqa: BLE001 - a handler may put anything where requests belong
        return Fail(f"what is to be sent is no qbXML: {type(error).__name__}: {error}")


def move_for(turn: Turn, job: Job, decision: Decision, token: str | None, templates: Templates) -> Move:
    """Return the move that a decision or verdict on a leased or doubtful job means."""
    match decision:
        case Send():
            return _send(turn, job, decision, token)
        case Ask():
            return _ask(turn, job, decision, token, templates)
        case Again():
            return _again(turn, job, decision, token)
        case Done():
            for query, by, key in decision.known:
                turn.company.known[query, by] = key
            turn.forget_tries(job)
            return Move(
                job_id=job.id,
                to=State.DONE,
                token=token,
                reason=decision.reason,
                outcome=decision.outcome,
            )
        case Hold() | Fail() | Doubt():
            if not isinstance(decision, Doubt):
                turn.forget_tries(job)  # whoever has it tried again begins anew
            to = {Hold: State.BLOCKED, Fail: State.FAILED, Doubt: State.IN_DOUBT}[type(decision)]
            return Move(job_id=job.id, to=to, token=token, reason=decision.reason, outcome=decision.outcome)


def _send(turn: Turn, job: Job, decision: Send, token: str | None) -> Move:
    plan = planned(turn, decision)
    if isinstance(plan, Fail):
        return Move(job_id=job.id, to=State.FAILED, token=token, reason=plan.reason)
    return Move(
        job_id=job.id,
        to=State.LEASED,
        token=token,
        plan=plan.to_json(),
        outcome=decision.outcome,
        until=turn.deadline,
    )


def _ask(turn: Turn, job: Job, decision: Ask, token: str | None, templates: Templates) -> Move:
    before = LookUpPlan.of(job)
    if before.rounds >= MAX_ROUNDS:
        reason = f"it asked for more look-ups {MAX_ROUNDS} times: its handler does not come to an end"
        return Move(job_id=job.id, to=State.FAILED, token=token, reason=reason)
    try:
        extra = tuple(templates.wanted(look_up) for look_up in decision.look_ups)
    except UsageError as error:
        reason = f"what is to be looked up cannot be asked: {error}"
        return Move(job_id=job.id, to=State.FAILED, token=token, reason=reason)
    plan = LookUpPlan(extra=(*before.extra, *extra), rounds=before.rounds + 1, singly=before.singly)
    return Move(job_id=job.id, to=State.LEASED, token=token, plan=plan.to_json(), until=turn.deadline)


def _again(turn: Turn, job: Job, decision: Again, token: str | None) -> Move:
    to, reason, until = State.WAITING, decision.reason, None
    if not (decision.free and job.batch is not None and job.attempts < _MAX_HAND_OUTS):
        tries = turn.tried(job, "again")
        if tries >= _MAX_TRIES:
            to, reason = State.FAILED, f"given up after {tries} tries: {reason}"
            turn.forget_tries(job)
        elif decision.delay:
            until = turn.now + pause(job, decision.delay, tries)
    return Move(job_id=job.id, to=to, token=token, reason=reason, until=until, outcome=decision.outcome)


def pause(job: Job, delay: timedelta, tries: int) -> timedelta:
    """Return how long a job waits: *delay*, doubled with each try, within a fifth of it more or less.

    The spread keeps jobs that failed together from coming back together. It is taken from the job's id,
    so that nothing here is left to chance.
    """
    longest = max(delay, _LONGEST_PAUSE)
    drawn = hashlib.sha256(f"{job.id}/{tries}".encode()).digest()[0] / 255
    return min(delay * 2.0 ** max(tries - 1, 0), longest) * (0.8 + 0.4 * drawn)
