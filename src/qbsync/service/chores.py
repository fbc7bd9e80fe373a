"""What no call triggers: idle sessions end, hosts are told what ended, what is old is forgotten.

Each piece of work is a transaction of its own, so that a call never waits for more than one of them.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from attrs import evolve

from ..errors import JobNotFoundError, RevisionError
from ..hooks import CompanyStalled
from ..qbwc.session import Event, State
from ..store import Record
from ..store.retention import sweep
from . import steps
from .events import hand_over, keep_events, log_events
from .turn import DELIVERY, SESSION, Turn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..jobs import Job
    from ..store import Store, Transaction
    from .turn import Settings

__all__ = ["note_contact", "tick"]

_log = logging.getLogger("qbsync.service")

#: A session that is over can still bring an answer; after so long none comes.
_FORGET = timedelta(days=7)
_AT_ONCE = 100
#: Records of the last contact with a company: heard of since it was told that it stalled, or not.
CONTACT, _HEARD, _TOLD = "contact", "heard", "told"
_MINUTE = timedelta(minutes=1)
_SWEEP_EVERY = timedelta(hours=1)


def tick(store: Store, settings: Settings, now: datetime) -> None:
    """Do what is due at *now*."""
    for state in (State.OPEN, State.READY, State.AWAITING):
        for record in _older(store, SESSION, state, now - settings.idle):
            _expire(store, settings, record.key)
    for state in (State.FAILED, State.SUPERSEDED, State.CLOSED):
        for record in _older(store, SESSION, state, now - _FORGET):
            with store.begin() as t:
                found = t.records.get("", SESSION, record.key)
                if found is not None:
                    t.records.delete(found)
    _deliver(store, settings)
    for record in _older(store, CONTACT, _HEARD, now - settings.stalled):
        _tell_stalled(store, settings, record.key, now)
    hand_over(store, settings)
    if settings.retention_days is not None and _is_due(store, now):
        sweep(store, days=settings.retention_days)


def _older(store: Store, kind: str, state: str, before: datetime) -> Iterator[Record]:
    """Yield the records of a kind in *state* whose moment is before another; they are sorted by it."""
    cursor = None
    while True:
        with store.begin() as t:
            page = t.records.page("", kind, state=state, limit=_AT_ONCE, cursor=cursor)
        for record in page.items:
            if datetime.fromisoformat(record.sort) >= before:
                return
            yield record
        cursor = page.cursor
        if cursor is None:
            return


def note_contact(t: Transaction, company: str, now: datetime) -> None:
    """Remember that a company's Web Connector logged in; to the minute, so that few polls write."""
    record = t.records.get("", CONTACT, company) or Record(company="", kind=CONTACT, key=company)
    heard = datetime.fromisoformat(record.sort) if record.sort else None
    if heard is None or record.state != _HEARD or now - heard >= _MINUTE:
        t.records.put(evolve(record, state=_HEARD, sort=now.isoformat()))


def _tell_stalled(store: Store, settings: Settings, company: str, now: datetime) -> None:
    """Tell hooks once that a company with work that waits has not called for too long."""
    with store.begin() as t:
        record = t.records.get("", CONTACT, company)
        if record is None or record.state != _HEARD or not t.jobs.ready(company):
            return
        heard = datetime.fromisoformat(record.sort)
        event = CompanyStalled(at=now, company=company, last_contact=heard)
        t.records.put(evolve(record, state=_TOLD))
        keep_events(t, settings, [event])
    log_events([event])


def _is_due(store: Store, now: datetime) -> bool:
    """Return whether documents are to be swept out; at most once in an hour, whoever asks."""
    with store.begin() as t:
        record = t.records.get("", "chore", "retention") or Record(company="", kind="chore", key="retention")
        if record.sort and now - datetime.fromisoformat(record.sort) < _SWEEP_EVERY:
            return False
        t.records.put(evolve(record, sort=now.isoformat()))
    return True


def _expire(store: Store, settings: Settings, key: str) -> None:
    with store.begin() as t:
        turn = Turn.open(t, settings, key)
        if turn is None or turn.now - turn.session.called_at < settings.idle:
            return  # it called meanwhile
        turn.change(error=f"no call came for {settings.idle}; the session is over")
        steps.take(turn, Event.EXPIRED)
        turn.save()
        keep_events(t, settings, turn.events)
    log_events(turn.events)


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
