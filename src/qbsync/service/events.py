"""Events on their way to hooks: stored with the change they tell of, handed over later, at least once each.

Records of kind ``event`` (company empty), sorted by their moment. Nothing is stored where nobody listens.
"""

from __future__ import annotations

import logging
import time
import uuid
from typing import TYPE_CHECKING

from ..errors import RevisionError
from ..hooks import from_json, log_event, to_json
from ..store import Record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..hooks import Event
    from ..store import Store, Transaction
    from .turn import Settings

__all__ = ["hand_over", "keep_events", "log_events"]

_KIND = "event"
_AT_ONCE = 200
_log = logging.getLogger("qbsync.service")


def keep_events(t: Transaction, settings: Settings, events: Iterable[Event]) -> None:
    """Store *events* for the hooks."""
    if settings.hooks:
        written = time.time_ns()  # tells apart what a store's clock puts into one moment
        for number, event in enumerate(events):
            sort = f"{event.at.isoformat()} {written:020} {number:06}"
            record = Record(company="", kind=_KIND, key=uuid.uuid4().hex, sort=sort, value=to_json(event))
            t.records.put(record)


def log_events(events: Iterable[Event]) -> None:
    """Log what happened, after the commit."""
    for event in events:
        log_event(event)


def hand_over(store: Store, settings: Settings) -> None:
    """Hand stored events to the hooks, oldest first; one that a hook refuses stays for the next time."""
    cursor = None
    while settings.hooks:
        with store.begin() as t:
            page = t.records.page("", _KIND, limit=_AT_ONCE, cursor=cursor)
        told = [record for record in page.items if _taken(settings, record)]
        with store.begin() as t:
            for record in told:
                try:
                    t.records.delete(record)
                except RevisionError:
                    continue  # another process handed it over at the same time
        cursor = page.cursor
        if cursor is None:
            return


def _taken(settings: Settings, record: Record) -> bool:
    event = from_json(record.value)
    try:
        for hook in settings.hooks:
            hook(event)
    except Exception:  # noqa: BLE001 - host code; logged and tried again
        _log.exception("a hook failed; the event is handed over again", extra={"event": event.name})
        return False
    return True
