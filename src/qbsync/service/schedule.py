"""When a company's work may go out: windows of the day, and pauses.

One record, kind ``schedule``. Outside its windows, or while it is paused, a company's Web Connector is told
that there is no work; a session that is under way ends after the answer that is awaited.
"""

from __future__ import annotations

import json
from datetime import datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from attrs import evolve, field, frozen

from ..errors import UsageError
from ..jobs import FORMAT
from ..planner import Window, may_send
from ..store import Record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..planner import Permit
    from ..store import Store, Transaction

__all__ = ["Schedule", "pause", "permit", "resume", "schedule_of", "set_windows"]

_KIND, _KEY = "schedule", "state"


@frozen(kw_only=True)
class Schedule:
    """When a company's work may go out."""

    #: Spans of the day in which it may; empty: always.
    windows: tuple[Window, ...] = ()
    #: The time zone of the windows, e.g. ``America/Chicago``.
    zone: str = "UTC"
    paused: bool = False
    #: When the pause ends by itself; ``None``: when somebody ends it.
    paused_until: datetime | None = None
    _record: Record | None = field(default=None, repr=False, eq=False)

    @classmethod
    def load(cls, t: Transaction, company: str) -> Schedule:
        """Read the schedule of *company*."""
        record = t.records.get(company, _KIND, _KEY)
        if record is None:
            return cls()
        stored = json.loads(record.value)
        until = stored["paused_until"]
        return cls(
            windows=tuple(
                Window(time.fromisoformat(start), time.fromisoformat(end), frozenset(days))
                for start, end, days in stored["windows"]
            ),
            zone=stored["zone"],
            paused=stored["paused"],
            paused_until=datetime.fromisoformat(until) if until is not None else None,
            record=record,
        )

    def save(self, t: Transaction, company: str) -> None:
        """Write the schedule of *company*."""
        value = {
            "format": FORMAT,
            "windows": [[w.start.isoformat(), w.end.isoformat(), sorted(w.days)] for w in self.windows],
            "zone": self.zone,
            "paused": self.paused,
            "paused_until": self.paused_until.isoformat() if self.paused_until is not None else None,
        }
        record = self._record or Record(company=company, kind=_KIND, key=_KEY)
        t.records.put(evolve(record, value=json.dumps(value).encode()))


def permit(t: Transaction, company: str) -> Permit:
    """Return whether work of *company* may go out at the store's present moment, and if not, when."""
    schedule = Schedule.load(t, company)
    return may_send(
        t.now().astimezone(ZoneInfo(schedule.zone)),
        schedule.windows,
        paused=schedule.paused,
        paused_until=schedule.paused_until,
    )


def schedule_of(store: Store, company: str) -> Schedule:
    """Return when a company's work may go out."""
    with store.begin() as t:
        return Schedule.load(t, company)


def pause(store: Store, company: str, *, until: datetime | None = None) -> None:
    """Let nothing of a company go out, until a moment or until :func:`resume`.

    Raises:
        UsageError: *until* has no time zone.
    """
    if until is not None and until.utcoffset() is None:
        raise UsageError(f"until: expected a moment with a time zone, got {until!r}")
    with store.begin() as t:
        t.lock(company)
        evolve(Schedule.load(t, company), paused=True, paused_until=until).save(t, company)


def resume(store: Store, company: str) -> None:
    """End a pause."""
    with store.begin() as t:
        t.lock(company)
        evolve(Schedule.load(t, company), paused=False, paused_until=None).save(t, company)


def set_windows(store: Store, company: str, windows: Iterable[Window], *, zone: str = "UTC") -> None:
    """Say in which spans of the day a company's work may go out; none means always.

    Args:
        store: where the company's work is kept.
        company: the company.
        windows: the spans.
        zone: the time zone they are meant in, e.g. ``America/Chicago``.

    Raises:
        UsageError: there is no such time zone.
    """
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise UsageError(f"zone: expected a time zone such as America/Chicago, got {zone!r}") from error
    with store.begin() as t:
        t.lock(company)
        evolve(Schedule.load(t, company), windows=tuple(windows), zone=zone).save(t, company)
