"""Text, numbers and dates of order records."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from qbsync.errors import InvalidOrderError
from qbsync.orders import scalars


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("14", "14"),
        ("9.8", "9.8"),
        ("9.80", "9.8"),
        ("-1", "-1"),
        ("007", "7"),
        ("-0.00", "0"),
        (12, "12"),
        (Decimal("1E+2"), "100"),
        ("9999999999999.123456789012", "9999999999999.123456789012"),
    ],
)
def test_numbers_are_exact_and_written_one_way(written, value):
    """Decimal text, whole numbers and Decimals are read exactly, and equal numbers have equal text."""
    found = scalars.number(written, "total")
    assert str(found) == value
    assert scalars.number_text(found) == value


@pytest.mark.parametrize(
    "value",
    [1.5, True, "1e3", "1,000", "1.", ".5", "+1", " 1", "1_0", "NaN", "\u0661", Decimal("NaN"), [], "1" * 14],
)
def test_what_is_no_decimal_text_is_refused_by_its_place(value):
    """Floats, booleans, exponents, separators and numbers that are too long are refused with their path."""
    with pytest.raises(InvalidOrderError) as caught:
        scalars.number(value, "lines[2].quantity")
    assert caught.value.path == "lines[2].quantity"
    assert caught.value.value is value


def test_too_many_decimals_are_refused():
    """A thirteenth decimal is refused rather than rounded; zeros at the end are no decimals."""
    with pytest.raises(InvalidOrderError, match="12 after the point"):
        scalars.number("0.1234567890123", "total")
    assert scalars.number("0.1234567890120", "total") == Decimal("0.123456789012")


@pytest.mark.parametrize("read", [scalars.number, scalars.text, scalars.day, scalars.label])
@pytest.mark.parametrize("value", [None, ""])
def test_missing_and_empty_are_the_same(read, value):
    """A field that the source has empty counts as left out."""
    assert read(value, "note") is None


def test_text_is_kept_as_it_is():
    """Text is text, with all its spaces; numbers and halves of characters are refused."""
    assert scalars.text("  two  spaces ", "note") == "  two  spaces "
    for value in (7, "\ud800", ["x"]):
        with pytest.raises(InvalidOrderError):
            scalars.text(value, "note")


def test_line_numbers_may_be_whole_numbers():
    """A line's own number is text or a whole number, and comes out as text."""
    assert scalars.label(3, "lines[0].line") == "3"
    assert scalars.label("3b", "lines[0].line") == "3b"
    with pytest.raises(InvalidOrderError):
        scalars.label(True, "lines[0].line")


def test_dates_and_date_times():
    """A date is a date, a date-time keeps its time and offset, and both have one text."""
    assert scalars.day("2024-02-29", "date") == dt.date(2024, 2, 29)
    moment = scalars.day("2024-02-29T23:59:58+02:00", "date")
    assert isinstance(moment, dt.datetime)
    assert scalars.day_text(moment) == "2024-02-29T23:59:58+02:00"
    assert scalars.day(dt.date(2024, 1, 1), "date") == dt.date(2024, 1, 1)


@pytest.mark.parametrize(
    "value", ["2023-02-29", "29.02.2024", "2024-2-1", "2024-01-01 10:00:00", 20240101, "x"]
)
def test_what_is_no_date_is_refused(value):
    """Days that do not exist and other spellings are refused."""
    with pytest.raises(InvalidOrderError) as caught:
        scalars.day(value, "date")
    assert (caught.value.path, caught.value.value) == ("date", value)
