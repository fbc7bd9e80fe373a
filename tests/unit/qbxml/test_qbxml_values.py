"""Scalar values: their text form both ways, and what is refused."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from qbsync.errors import InvalidValueError
from qbsync.qbxml.values import CLEAR, SCALARS, QBDateTime


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("AMTTYPE", Decimal("12.50"), "12.50"),
        ("AMTTYPE", Decimal("12.5"), "12.50"),
        ("AMTTYPE", Decimal("-0.01"), "-0.01"),
        ("AMTTYPE", Decimal("1E+3"), "1000"),
        ("AMTTYPE", Decimal("1.500"), "1.50"),
        ("AMTTYPE", 7, "7"),
        ("PRICETYPE", Decimal("0.00001"), "0.00001"),
        ("QUANTYPE", Decimal("2.500000"), "2.5"),
        ("PERCENTTYPE", Decimal("8.25"), "8.25"),
        ("FLOATTYPE", Decimal("1E-7"), "0.0000001"),
        ("BOOLTYPE", True, "true"),
        ("DATETYPE", date(2024, 2, 29), "2024-02-29"),
        ("DATETIMETYPE", QBDateTime("2024-07-01T14:21:06-08:00"), "2024-07-01T14:21:06-08:00"),
        ("TIMEINTERVALTYPE", timedelta(days=1, hours=2, seconds=3), "PT26H0M3S"),
        ("TIMEINTERVALTYPE", -timedelta(minutes=90), "-PT1H30M0S"),
        ("INTTYPE", -5, "-5"),
        ("GUIDTYPE", "0", "0"),
        ("IDTYPE", "80000001-1234567890", "80000001-1234567890"),
    ],
)
def test_values_have_one_text_and_come_back(kind, value, text):
    """A value is written exactly, and what was written means the same value."""
    scalar = SCALARS[kind]

    assert scalar.write(value) == text
    assert scalar.read(text) == value


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("AMTTYPE", 12.5),
        ("AMTTYPE", Decimal("12.345")),
        ("AMTTYPE", Decimal(10) ** 13),
        ("AMTTYPE", Decimal("NaN")),
        ("AMTTYPE", True),
        ("PRICETYPE", Decimal("0.000001")),
        ("QUANTYPE", Decimal(10) ** 10),
        ("FLOATTYPE", 1.5),
        ("FLOATTYPE", Decimal("Infinity")),
        ("BOOLTYPE", 1),
        ("DATETYPE", datetime(2024, 1, 1, tzinfo=UTC)),
        ("DATETYPE", "2024-01-01"),
        ("DATETIMETYPE", QBDateTime("1969-12-31")),
        ("DATETIMETYPE", QBDateTime("2038-01-19T03:14:08")),
        ("TIMEINTERVALTYPE", timedelta(microseconds=1)),
        ("INTTYPE", True),
        ("INTTYPE", Decimal(1)),
        ("GUIDTYPE", "12345678-1234-1234-1234-123456789012"),
        ("IDTYPE", "x" * 37),
        ("STRTYPE", b"x"),
    ],
)
def test_what_would_be_altered_is_refused(kind, value):
    """Floats, lost digits, other types and values out of range are refused, never made to fit."""
    with pytest.raises(InvalidValueError):
        SCALARS[kind].write(value)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("AMTTYPE", "1,000.00"),
        ("AMTTYPE", "NaN"),
        ("BOOLTYPE", "yes"),
        ("DATETYPE", "2024-02-30"),
        ("DATETYPE", "20240203"),
        ("DATETIMETYPE", "2024-13-01T00:00:00"),
        ("TIMEINTERVALTYPE", "PT"),
        ("INTTYPE", "1.0"),
    ],
)
def test_texts_without_meaning_are_value_errors(kind, text):
    """What a text does not say is not guessed."""
    with pytest.raises(ValueError):  # noqa: PT011 - the text is all there is to say
        SCALARS[kind].read(text)


def test_a_percent_sign_is_read_and_never_written():
    """Responses have been seen with a percent sign."""
    assert SCALARS["PERCENTTYPE"].read("18.0%") == Decimal("18.0")
    assert SCALARS["PERCENTTYPE"].write(Decimal("18.0")) == "18.0"


def test_timestamps_are_wall_clock_and_stated_offset():
    """A QuickBooks timestamp keeps its text; the offset is what it says, not what is true."""
    stamp = QBDateTime("2024-07-01T14:21:06-08:00")

    assert stamp.wall.isoformat() == "2024-07-01T14:21:06"
    assert stamp.wall.tzinfo is None
    assert stamp.offset == -timedelta(hours=8)
    assert str(stamp) == stamp.text
    assert QBDateTime("2024-07-01").wall.isoformat() == "2024-07-01T00:00:00"
    assert QBDateTime("2024-07-01").offset is None
    assert QBDateTime("2024-07-01T01:02:03Z").offset == timedelta(0)
    assert QBDateTime("2024-07-01T01:02:03+05:30").offset == timedelta(hours=5, minutes=30)


def test_timestamps_are_made_of_wall_clock_times_only():
    """A zone or a fraction of a second would be lost, so it is refused."""
    naive = datetime.fromisoformat("2024-07-01T01:02:03")

    assert QBDateTime.of(naive).text == "2024-07-01T01:02:03"
    for wrong in (naive.replace(tzinfo=UTC), naive.replace(microsecond=1)):
        with pytest.raises(InvalidValueError):
            QBDateTime.of(wrong)
    with pytest.raises(InvalidValueError):
        QBDateTime("tomorrow")


def test_clear_is_one_object_that_looks_like_itself():
    """``CLEAR`` survives copying and pickling, is empty, and says its name."""
    assert copy.deepcopy(CLEAR) is CLEAR
    assert copy.copy(CLEAR) is CLEAR
    assert pickle.loads(pickle.dumps(CLEAR)) is CLEAR
    assert repr(CLEAR) == "CLEAR"
    assert not CLEAR


@pytest.mark.parametrize("month", [1, 7])
def test_a_moment_is_the_wall_clock_in_the_zone_of_the_machine(month):
    """QuickBooks writes the standard offset all year; the moment is what the zone says, not the offset."""
    stamp = QBDateTime(f"2024-0{month}-01T14:21:06-08:00")
    true = {1: 8, 7: 7}[month]

    moment = stamp.instant(ZoneInfo("America/Los_Angeles"))

    assert moment.isoformat() == f"2024-0{month}-01T14:21:06-0{true}:00"
    assert moment.astimezone(UTC).hour == 14 + true


def test_the_hour_that_comes_twice_is_for_the_caller_to_tell():
    """Nothing in a QuickBooks time says which of two it is; they are an hour apart."""
    stamp = QBDateTime("2024-11-03T01:30:00-08:00")
    zone = ZoneInfo("America/Los_Angeles")

    first, second = (stamp.instant(zone, fold=fold).astimezone(UTC) for fold in (0, 1))

    assert second - first == timedelta(hours=1)


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("2024-07-01T14:21:06-08:00", "2024-07-01T14:21:06"),
        ("2024-07-01T14:21:06Z", "2024-07-01T14:21:06"),
        ("2024-07-01T14:21:06", "2024-07-01T14:21:06"),
        ("2024-07-01", "2024-07-01"),
        ("2024-7-1T4-8", "2024-7-1T4"),
    ],
)
def test_what_is_sent_back_has_no_offset(text, local):
    """A request takes a time without offset as QuickBooks' local time, so the wrong offset stays out."""
    assert QBDateTime(text).local == QBDateTime(local)
    assert QBDateTime(text).local.wall == QBDateTime(text).wall
