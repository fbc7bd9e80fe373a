"""Ranges of dates: moments, and the 34 named ranges."""

from __future__ import annotations

import pytest

from qbsync.qbxml import catalogue
from qbsync.testing._dates import moment, span

TODAY = "2024-05-15"  # a Wednesday


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2024-1-2", "2024-01-02T00:00:00", "2024-01-02T23:59:59"),
        ("2024-01-02T3", "2024-01-02T03:00:00", "2024-01-02T03:00:00"),
        ("2024-01-02T03:04:05-08:00", "2024-01-02T03:04:05", "2024-01-02T03:04:05"),
        ("", "", ""),
    ],
)
def test_a_date_alone_is_its_first_or_last_second(text, start, end):
    assert moment(text, end=False) == start
    assert moment(text, end=True) == end


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("Today", "2024-05-15", "2024-05-15"),
        ("Yesterday", "2024-05-14", "2024-05-14"),
        ("ThisWeek", "2024-05-12", "2024-05-18"),
        ("ThisWeekToDate", "2024-05-12", "2024-05-15"),
        ("LastWeek", "2024-05-05", "2024-05-11"),
        ("LastWeekToDate", "2024-05-05", "2024-05-08"),
        ("NextFourWeeks", "2024-05-19", "2024-06-15"),
        ("ThisMonthToDate", "2024-05-01", "2024-05-15"),
        ("LastMonth", "2024-04-01", "2024-04-30"),
        ("NextMonth", "2024-06-01", "2024-06-30"),
        ("ThisCalendarQuarter", "2024-04-01", "2024-06-30"),
        ("LastFiscalQuarter", "2024-01-01", "2024-03-31"),
        ("LastCalendarYear", "2023-01-01", "2023-12-31"),
        ("ThisFiscalYearToDate", "2024-01-01", "2024-05-15"),
    ],
)
def test_named_ranges(name, first, last):
    assert span({"DateMacro": name}, TODAY) == (first, last)


def test_every_named_range_of_the_catalogue_is_known():
    (names,) = {
        element.values
        for outer in catalogue.message("InvoiceQueryRq").elements()
        if outer.name == "TxnDateRangeFilter"
        for element in outer.shape.elements()
        if element.name == "DateMacro"
    }

    for name in names:
        first, last = span({"DateMacro": name}, TODAY)
        assert first <= last, name
    assert len(names) >= 33


def test_the_last_month_to_date_ends_within_that_month():
    assert span({"DateMacro": "LastMonthToDate"}, "2024-03-31") == ("2024-02-01", "2024-02-29")
