"""When a company lets us work: sync windows and pauses.

Bookkeepers want QuickBooks for themselves in the day, or at the end of a month. A company may have windows
in which work goes out, and may be paused; both are facts that come in, as the present moment does.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from attrs import frozen

from ..errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Permit", "Window", "may_send"]

_WEEK = 7
_ALL_DAYS = frozenset(range(_WEEK))


@frozen
class Window:
    """A span of each day, in the company's own time, in which work may go out.

    One that ends at or before its start goes on until the next day: 22:00 to 06:00 belongs to the day
    on which it starts; 00:00 to 00:00 is the whole day.
    """

    start: time
    end: time
    #: The days on which it starts: 0 is Monday, 6 is Sunday.
    days: frozenset[int] = _ALL_DAYS

    def __attrs_post_init__(self) -> None:
        if not self.days or not self.days <= _ALL_DAYS:
            raise UsageError(f"Window.days: expected days from 0 (Monday) to 6, got {sorted(self.days)}")

    def spans(self, now: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield its spans that begin from the day before *now* to a week after, in order."""
        for offset in range(-1, _WEEK + 1):
            day = now.date() + timedelta(days=offset)
            if day.weekday() in self.days:
                last = day if self.end > self.start else day + timedelta(days=1)
                yield (
                    datetime.combine(day, self.start, tzinfo=now.tzinfo),
                    datetime.combine(last, self.end, tzinfo=now.tzinfo),
                )


@frozen(kw_only=True)
class Permit:
    """Whether work may go out, and if not, when."""

    now: bool
    #: When it may; ``None``: now, or nobody knows (paused until somebody ends the pause).
    at: datetime | None = None
    #: When it must end again; ``None``: no window says so.
    until: datetime | None = None
    #: What to tell people; empty when work may go out.
    reason: str = ""


def may_send(
    now: datetime,
    windows: Sequence[Window] = (),
    *,
    paused: bool = False,
    paused_until: datetime | None = None,
) -> Permit:
    """Return whether work may go out at *now*, and if not, when.

    Args:
        now: the present moment, in the company's time zone (windows are read in it).
        windows: when work may go out; none means always.
        paused: somebody paused the company.
        paused_until: when the pause ends by itself; implies *paused* before that moment.

    Raises:
        UsageError: *now* or *paused_until* is naive.
    """
    for moment in (now, paused_until):
        if moment is not None and moment.tzinfo is None:
            raise UsageError(f"may_send: expected moments with a time zone, got {moment.isoformat()}")
    if paused_until is not None:
        if paused_until <= now:
            return _by_windows(now, windows)
        later = _by_windows(paused_until.astimezone(now.tzinfo), windows)
        at = paused_until if later.now else later.at
        return Permit(now=False, at=at, reason=f"paused until {_text(paused_until, now)}")
    if paused:
        return Permit(now=False, reason="paused until somebody lets it go on")
    return _by_windows(now, windows)


def _by_windows(now: datetime, windows: Sequence[Window]) -> Permit:
    if not windows:
        return Permit(now=True)
    spans = sorted(span for window in windows for span in window.spans(now))
    until: datetime | None = None
    for start, end in spans:
        if start <= (until or now) and end > (until or now):
            until = end
    if until is not None:
        return Permit(now=True, until=until)
    at = next(start for start, _ in spans if start > now)
    return Permit(now=False, at=at, reason=f"outside its sync windows until {_text(at, now)}")


def _text(moment: datetime, now: datetime) -> str:
    local = moment.astimezone(now.tzinfo)
    return local.strftime("%H:%M" if local.date() == now.date() else "%Y-%m-%d %H:%M")
