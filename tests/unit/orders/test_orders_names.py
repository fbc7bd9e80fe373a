"""Text that is made to fit."""

from __future__ import annotations

import pytest

from qbsync.orders.names import MARK, cut, fit_name, fit_text, fold, same, wrap


def test_what_fits_is_left_alone():
    """A name within all limits is the same, without a word."""
    found = fit_name("Köhler, Leonie", 41)
    assert (found.text, found.rules, found.lossy) == ("Köhler, Leonie", (), False)


@pytest.mark.parametrize(
    ("name", "limit", "fitted", "rule"),
    [
        ("Stanisław Wójcik", 41, "Stanislaw Wójcik", "Windows-1252"),
        ("Act I: Scene 2", 41, "Act I- Scene 2", "':'"),
        (
            "Embraer - Empresa Brasileira de Aeronáutica S.A.",
            41,
            "Embraer - Empresa Brasileira de Aeronáut~",
            "41",
        ),
        ("abcd efgh", 6, "abcd~", "6"),
        ("tab\there", 41, "tab here", ""),
        ("DEL\x7f", 41, "DEL", "Windows-1252"),
    ],
)
def test_names_are_fitted_and_say_why(name, limit, fitted, rule):
    """Letters are transliterated, ``:`` replaced, the rest cut with a mark; each rule is named."""
    found = fit_name(name, limit)
    assert found.text == fitted
    assert rule in found.rule
    assert bool(found.rules) is bool(rule)
    assert len(found.text) <= limit


def test_letters_without_a_neighbour_are_told():
    """What cannot be spelt becomes ``?`` and is marked as lossy; a ``?`` that was there is not."""
    assert fit_name("李", 41).lossy
    assert not fit_name("who? ł", 41).lossy


def test_texts_keep_their_lines_where_they_may():
    """A memo keeps its line breaks, one-line texts fold them; ``:`` is no trouble in a text."""
    assert fit_text(" a:\r\nb ", 9, lines=True).text == "a:\nb"
    assert fit_text(" a:\r\nb ", 9).text == "a: b"


def test_cutting_leaves_no_space_before_the_mark():
    """The mark stands at the last word, within the limit."""
    assert cut("one two", 5) == "one" + MARK
    assert cut("one", 3) == "one"
    assert cut("one", 1) == MARK


def test_sameness_is_that_of_quickbooks():
    """Case and spaces make no difference."""
    assert same("  Wolski  Zajazd ") == same("wolski zajazd") != same("wolski-zajazd")
    assert fold(" a \t b\n") == "a b"


def test_addresses_wrap_at_words():
    """A street longer than a line goes on in the next one; a word longer than a line is broken."""
    street = "Carrera 52 con Ave. Bolívar #65-98 Llano Largo"
    assert wrap(street, 41) == ["Carrera 52 con Ave. Bolívar #65-98 Llano", "Largo"]
    assert wrap("x" * 50, 41) == ["x" * 41, "x" * 9]
    assert wrap("", 41) == []
