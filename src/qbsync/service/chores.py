"""What no call triggers: idle sessions end, hosts are told what ended, old sessions are forgotten.

Each piece of work is a transaction of its own, so that a call never waits for more than one of them.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from ..errors import JobNotFoundError, RevisionError
from ..qbwc.session import Event, Session, State
from .turn import DELIVERY, SESSION, Turn

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from ..jobs import Job
    from ..store import Record, Store
    from .turn import Settings

__all__ = ["tick"]

_log = logging.getLogger("qbsync.service")

#: A session that is over can still bring an answer; after so long none comes.
_FORGET = timedelta(days=7)
_AT_ONCE = 100


def tick(store: Store, settings: Settings, now: datetime) -> None:
    """Do what is due at *now*."""
    for state in (State.OPEN, State.READY, State.AWAITING):
        for record in _older(store, state, now - settings.idle):
            _expire(store, settings, record.key)
    for state in (State.FAILED, State.SUPERSEDED, State.CLOSED):
        for record in _older(store, state, now - _FORGET):
            with store.begin() as t:
                found = t.records.get("", SESSION, record.key)
                if found is not None:
                    t.records.delete(found)
    _deliver(store, settings)


def _older(store: Store, state: State, before: datetime) -> Iterator[Record]:
    """Yield the sessions in *state* whose last call was before a moment; they are sorted by it."""
    cursor = None
    while True:
        with store.begin() as t:
            page = t.records.page("", SESSION, state=state, limit=_AT_ONCE, cursor=cursor)
        for record in page.items:
            if Session.from_json(record.value).called_at >= before:
                return
            yield record
        cursor = page.cursor
        if cursor is None:
            return


def _expire(store: Store, settings: Settings, key: str) -> None:
    with store.begin() as t:
        turn = Turn.open(t, settings, key)
        if turn is None or turn.now - turn.session.called_at < settings.idle:
            return  # it called meanwhile
        turn.change(error=f"no call came for {settings.idle}; the session is over")
        turn.step(Event.EXPIRED)
        turn.save()


def _deliver(store: Store, settings: Settings) -> None:
    """Tell hosts how jobs ended: at least once each, in no order; what a host raises is tried again."""
    cursor = None
    while True:
        with store.begin() as t:
            page = t.records.page("", DELIVERY, limit=_AT_ONCE, cursor=cursor)
        for record in page.items:
            if _told(store, settings, record.key):
                with store.begin() as t:
                    try:
                        t.records.delete(record)
                    except RevisionError:
                        continue  # it ended once more meanwhile
        cursor = page.cursor
        if cursor is None:
            return


def _told(store: Store, settings: Settings, job_id: str) -> bool:
    job = _job(store, job_id)
    handler = settings.handlers.get(job.kind) if job is not None else None
    if job is None or handler is None:
        return job is None
    try:
        handler.done(job)
    except Exception:  # noqa: BLE001 - host code; logged and tried again
        _log.exception("a host could not be told; tried again", extra={"job": job_id, "kind": job.kind})
        return False
    return True


def _job(store: Store, job_id: str) -> Job | None:
    with store.begin() as t:
        try:
            return t.jobs.get([job_id])[0]
        except JobNotFoundError:
            return None
