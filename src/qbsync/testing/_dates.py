"""Dates and ranges of dates in filters.

Here: moments as texts that compare like times, and the named ranges (``DateMacro``).
Facts: qbXML dossier 2.1 (wall clock, date only), 4.2, 8.6.
The fiscal year is the calendar year; weeks begin on Sunday.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any, Final

from ._refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["days_before", "moment", "span"]

_PARTS: Final = re.compile(r"(\d+)-(\d+)-(\d+)(?:T(\d+)(?::(\d+))?(?::(\d+))?)?")
_FIRST: Final = "0001-01-01"
_LAST: Final = "9999-12-31"
_MACRO: Final = re.compile(
    r"(This|Last|Next)(Week|Month|(?:Calendar|Fiscal)?Quarter|(?:Calendar|Fiscal)?Year)(ToDate)?"
)
_STEP: Final = {"Last": -1, "This": 0, "Next": 1}


def moment(text: str, *, end: bool) -> str:
    """Return a moment as ``YYYY-MM-DDThh:mm:ss`` of the wall clock; ``""`` for none.

    Args:
        text: as it was sent; its offset is ignored.
        end: a date alone means its last second, otherwise its first.
    """
    hit = _PARTS.match(text)
    if hit is None:
        return ""
    year, month, day = hit[1], hit[2].zfill(2), hit[3].zfill(2)
    if hit[4] is None:
        return f"{year}-{month}-{day}T{'23:59:59' if end else '00:00:00'}"
    return f"{year}-{month}-{day}T{hit[4].zfill(2)}:{(hit[5] or '0').zfill(2)}:{(hit[6] or '0').zfill(2)}"


def days_before(today: str, days: int) -> str:
    """Return the first moment of the day so many days before *today*."""
    return f"{dt.date.fromisoformat(today) - dt.timedelta(days=days)}T00:00:00"


def span(limits: Mapping[str, Any], today: str) -> tuple[str, str]:
    """Return the first and last date of a ``TxnDateRangeFilter``.

    Raises:
        Refusal: 3030 the range is upside down.
    """
    if "DateMacro" in limits:
        return _named(limits["DateMacro"], dt.date.fromisoformat(today))
    low, high = limits.get("FromTxnDate") or _FIRST, limits.get("ToTxnDate") or _LAST
    if low > high:
        raise Refusal(3030, "The range of dates is upside down.")
    return low, high


def _named(name: str, today: dt.date) -> tuple[str, str]:
    day = dt.timedelta(days=1)
    single = {"Today": today, "Yesterday": today - day}
    if name in single:
        return single[name].isoformat(), single[name].isoformat()
    if name == "All":
        return _FIRST, _LAST
    if name == "NextFourWeeks":
        start = _week(today) + 7 * day
        return start.isoformat(), (start + 27 * day).isoformat()
    hit = _MACRO.fullmatch(name)
    assert hit is not None
    start, following = _period(hit[2], today, _STEP[hit[1]])
    last = following - day
    if hit[3]:
        begun, _ = _period(hit[2], today, 0)
        last = min(last, start + (today - begun))
    return start.isoformat(), last.isoformat()


def _week(today: dt.date) -> dt.date:
    return today - dt.timedelta(days=today.isoweekday() % 7)


def _period(unit: str, today: dt.date, step: int) -> tuple[dt.date, dt.date]:
    """Return the first day of a period and of the one after it."""
    if unit == "Week":
        start = _week(today) + dt.timedelta(weeks=step)
        return start, start + dt.timedelta(weeks=1)
    months = {"Month": 1}.get(unit, 3 if unit.endswith("Quarter") else 12)
    first = today.year * 12 + (today.month - 1) // months * months + step * months
    return _month(first), _month(first + months)


def _month(number: int) -> dt.date:
    return dt.date(number // 12, number % 12 + 1, 1)
