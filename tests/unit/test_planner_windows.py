"""Sync windows and pauses."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from qbsync.errors import UsageError
from qbsync.planner import Window, may_send

CHICAGO = ZoneInfo("America/Chicago")
NIGHT = Window(time(22), time(6))
LUNCH = Window(time(12), time(13), frozenset({0, 1, 2, 3, 4}))


def at(day, hour, minute=0):
    """A moment of November 2026 in Chicago; the 2nd is a Monday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=CHICAGO)


def test_no_window_means_always():
    """A company without windows may be served at any time."""
    assert may_send(at(2, 10)).now
    assert may_send(at(2, 10)).until is None


@pytest.mark.parametrize(
    ("now", "until"),
    [(at(2, 23), at(3, 6)), (at(2, 22), at(3, 6)), (at(3, 5, 59), at(3, 6)), (at(3, 12, 30), at(3, 13))],
)
def test_inside(now, until):
    """Inside a window work goes out until its end; one over midnight belongs to the day it starts on."""
    permit = may_send(now, (NIGHT, LUNCH))

    assert (permit.now, permit.until, permit.reason) == (True, until, "")


@pytest.mark.parametrize(
    ("now", "start"),
    [(at(3, 6), at(3, 12)), (at(3, 13), at(3, 22)), (at(7, 9), at(7, 22))],
)
def test_outside(now, start):
    """Outside all windows it says when the next one starts; lunch is no window on a Saturday."""
    permit = may_send(now, (NIGHT, LUNCH))

    assert (permit.now, permit.at) == (False, start)
    assert permit.reason == f"outside its sync windows until {start:%H:%M}"


def test_next_window_may_be_days_away():
    """A window on Sundays is seven days away on Sunday evening, with its date."""
    sundays = Window(time(8), time(9), frozenset({6}))
    permit = may_send(at(1, 10), (sundays,))

    assert permit.at == at(8, 8)
    assert permit.reason == "outside its sync windows until 2026-11-08 08:00"


def test_windows_that_touch_are_one():
    """Work need not stop where one window ends and the next begins."""
    permit = may_send(at(2, 9), (Window(time(8), time(10)), Window(time(10), time(12))))

    assert permit.until == at(2, 12)


def test_whole_day():
    """00:00 to 00:00 is the whole day."""
    assert may_send(at(2, 15), (Window(time(0), time(0), frozenset({0})),)).until == at(3, 0)


def test_pause():
    """A pause goes before windows; without an end nobody knows when."""
    permit = may_send(at(2, 23), (NIGHT,), paused=True)

    assert (permit.now, permit.at) == (False, None)
    assert permit.reason == "paused until somebody lets it go on"


def test_pause_until():
    """A pause that ends outside the windows ends with the next window."""
    inside = may_send(at(2, 22, 30), (NIGHT,), paused_until=at(2, 23))
    outside = may_send(at(2, 23), (NIGHT,), paused_until=at(3, 9))

    assert (inside.now, inside.at, inside.reason) == (False, at(2, 23), "paused until 23:00")
    assert outside.at == at(3, 22)
    assert may_send(at(2, 23), (NIGHT,), paused=True, paused_until=at(2, 22)).now


def test_pause_in_another_zone():
    """The end of a pause may be said in any time zone."""
    until = at(2, 23).astimezone(UTC)

    assert may_send(at(2, 22, 30), (NIGHT,), paused_until=until).reason == "paused until 23:00"


@pytest.mark.parametrize("days", [frozenset(), frozenset({7}), frozenset({-1})])
def test_days_are_checked(days):
    """A window without days, or with days that are none, is refused."""
    with pytest.raises(UsageError, match=r"Window\.days"):
        Window(time(1), time(2), days)


def test_moments_have_a_zone():
    """A naive moment is refused: nobody knows when it is."""
    naive = at(2, 10).replace(tzinfo=None)

    with pytest.raises(UsageError, match="time zone"):
        may_send(naive)
    with pytest.raises(UsageError, match="time zone"):
        may_send(at(2, 10), paused_until=naive + timedelta(hours=1))
