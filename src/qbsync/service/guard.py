"""What handlers say, checked: a handler may raise or return what cannot be, and one job's trouble is its own.

A handler that raises fails its job with what it raised. A job in doubt is not failed by that: it may have
been done, and a failed job can be put again. Then the verdict is :class:`~qbsync.handlers.Doubt`.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import shorten
from ..handlers import Again, Ask, Done, Doubt, Fail, Hold, LookUp, Send
from ..jobs import State
from ..qbxml.characters import forbidden

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ..handlers import Answers, Context, Decision, Handler, Reply, Verdict
    from ..jobs import Job, Outcome

__all__ = ["asked_by", "decision_of", "verdict_of"]

_log = logging.getLogger("qbsync.service")
_T = TypeVar("_T")

_VERDICTS = (Done, Hold, Fail, Again, Doubt)
_DECISIONS = (Send, Ask, *_VERDICTS)


def asked_by(handler: Handler, job: Job, context: Context) -> tuple[LookUp, ...] | Fail | Again:
    """Return what *handler* wants looked up for *job*, or the verdict when it cannot say."""
    return _guarded(job, lambda: _look_ups(handler.look_up(job, context)))


def decision_of(handler: Handler, job: Job, answers: Answers, context: Context) -> Decision:
    """Return what *handler* decides about *job*, whose look-ups are answered."""
    return _guarded(job, lambda: _sound(handler.decide(job, answers, context), _DECISIONS))


def verdict_of(
    handler: Handler, job: Job, memo: Mapping[str, object], replies: Sequence[Reply], context: Context
) -> Verdict:
    """Return how *job* ended; what was done, or may have been, is never failed by a handler that raises."""
    try:
        verdict: Verdict = _sound(handler.settle(job, memo, replies, context), _VERDICTS)
    except Exception as error:  # noqa: BLE001 - host code; its trouble is this job's alone
        reason = _raised(job, error)
        if any(reply.applied is not False for reply in replies if reply.need is None):
            return Doubt(f"{reason}; QuickBooks has done it in whole or in part")
        return Fail(reason)
    return verdict


def _guarded(job: Job, ask: Callable[[], _T]) -> _T | Fail | Again:
    """Ask a handler; what it raises is its verdict on the job.

    A job in doubt is asked about again: perhaps by a host that has been mended.
    """
    try:
        return ask()
    except Exception as error:  # noqa: BLE001 - host code; its trouble is this job's alone
        return (Again if job.state is State.IN_DOUBT else Fail)(_raised(job, error))


def _raised(job: Job, error: Exception) -> str:
    _log.exception("the handler of a job failed", extra={"job": job.id, "kind": job.kind})
    return f"the handler of {job.kind} jobs raised {type(error).__name__}: {error}"


def _look_ups(asked: Sequence[LookUp], *, least: int = 0) -> tuple[LookUp, ...]:
    """Return *asked*, if it can be asked; a key that XML cannot hold would spoil the document of all."""
    if len(asked) < least:
        raise ValueError(f"Ask: expected at least one look-up, got {shorten(asked)}")
    for one in asked:
        if not isinstance(one, LookUp):
            raise TypeError(f"look_up: expected LookUp values, got {shorten(one)}")
        for key in one.keys:
            if not isinstance(key, str) or forbidden(key):
                raise ValueError(f"{one.query}: expected keys that QuickBooks can read, got {shorten(key)}")
    return tuple(asked)


def _sound(said: Any, kinds: tuple[type, ...]) -> Any:
    """Return what a handler said, if it is one of *kinds* and can be stored."""
    if not isinstance(said, kinds):
        names = ", ".join(kind.__name__ for kind in kinds)
        raise TypeError(f"expected one of {names}, got {shorten(said)}")
    outcome: Outcome | None = getattr(said, "outcome", None)
    if outcome is not None:
        outcome.to_json()
    match said:
        case Ask(look_ups):
            _look_ups(look_ups, least=1)
        case Done(known=known):
            for query, by, key in known:
                texts = isinstance(query, str) and isinstance(by, str) and isinstance(key, str)
                if not texts or not key or forbidden(key):
                    raise ValueError(f"known: expected (query, field, key), got {shorten((query, by, key))}")
        case Send(requests=requests, needs=needs, memo=memo):
            if not requests and not needs:
                raise ValueError("Send: expected at least one request or need, got none")
            json.dumps(dict(memo))
        case Hold(reason) | Fail(reason) | Again(reason) | Doubt(reason) if not isinstance(reason, str):
            raise TypeError(f"reason: expected a text, got {shorten(reason)}")
    return said
