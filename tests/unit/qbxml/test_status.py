"""What is said of status codes and results of calls."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbsync.errors import InvalidValueError
from qbsync.qbxml import status
from qbsync.qbxml._hresults import HRESULTS
from qbsync.qbxml._status_codes import CODES
from qbsync.qbxml.status import Actor, Kind, Retry

if TYPE_CHECKING:
    from pathlib import Path


def test_the_table_holds_the_codes_that_decisions_rest_on():
    """The codes that the rest of the package names have the class it takes for granted."""
    kinds = {
        status.OK: Kind.OK,
        status.NO_MATCH: Kind.EMPTY,
        status.NOT_FOUND: Kind.WARN,
        status.EXISTS: Kind.DUP,
        status.STALE: Kind.STALE,
        status.NOT_RUN: Kind.NOT_RUN,
    }
    assert {code: status.explain(code).kind for code in kinds} == kinds


def test_every_code_of_the_reference_is_in_the_table(shared: Path):
    """Each code that the table of the reference lists alone is explained, with its severity."""
    text = (shared / "reference" / "qbxml.md").read_text(encoding="utf-8")
    table = text[text.index("### 5.2 Table") : text.index("### 5.3")]
    rows = re.findall(r"^\| (\d[\d /]*?)(?: to (\d+))? \| (\w*)", table, re.MULTILINE)
    listed = {int(code): row[2] for row in rows if not row[1] for code in row[0].split("/")}
    assert len(listed) >= 70
    assert not set(listed) - set(CODES)
    assert {code: sev for code, sev in listed.items() if sev and CODES[code].severity != sev} == {}


def test_every_result_of_the_reference_is_in_the_table(shared: Path):
    """Each result of a call that the references list is explained."""
    web = (shared / "reference" / "qbwc.md").read_text(encoding="utf-8")
    table = web[web.index("### 5.2") : web.index("### 5.3")]
    rows = re.findall(r"^\| ([0-9A-F /]{8,}) \|", table, re.MULTILINE)
    codes = {int(code, 16) for row in rows for code in row.split("/")}
    language = (shared / "reference" / "qbxml.md").read_text(encoding="utf-8")
    codes |= {int(code, 16) for code in re.findall(r"`0x(8004[0-9A-F]{4})`", language)}
    assert len(codes) >= 50
    assert not codes - set(HRESULTS)


@given(st.integers(-10, 20000))
def test_every_number_has_an_explanation(code):
    """Codes that are not listed are explained by their range, and say so."""
    info = status.explain(code)
    assert info.code == code
    assert info.listed is (code in CODES)
    assert info.meaning
    assert info.remedy


@pytest.mark.parametrize(
    ("code", "severity", "kind"),
    [
        (7, "Info", Kind.OK),
        (599, "Warn", Kind.WARN),
        (1999, "Error", Kind.INTERNAL),
        (2030, "Error", Kind.PERM),
        (3012, "Error", Kind.FORMAT),
        (3333, "Error", Kind.RULE),
        (9150, "Error", Kind.FORMAT),
        (12345, "Error", Kind.INTERNAL),
        (None, "Error", Kind.INTERNAL),
    ],
)
def test_ranges(code, severity, kind):
    """A code that is not listed has the severity and the class of its range."""
    info = status.explain(code)
    assert (info.severity, info.kind, info.listed) == (severity, kind, False)


def test_only_errors_are_not_done():
    """Info and Warn mean that the work was done; an Error never claims that."""
    assert all((info.done is True) is (info.severity != "Error") for info in CODES.values())


def test_what_may_have_been_done_is_not_sent_again_unseen():
    """Where it cannot be told whether the work was done, the remedy is to look first."""
    unclear = {code for code, info in CODES.items() if info.done is None}
    assert unclear == {1000, 3230, 9002, 9003, 9005}


def test_unconfirmed_facts_are_marked():
    """A code that is only repeated in places, without a source, says so."""
    assert status.explain(3162).confirmed is False
    assert status.explain(3100).confirmed is True
    assert "without a known source" in status.render(3162)


@pytest.mark.parametrize("code", [3170, 3180])
def test_the_message_tells_a_lock_from_a_rule(code):
    """Under 3170 and 3180 the same request may succeed later when the text speaks of a lock."""
    refused = status.explain(code, "The credit limit has been exceeded.")
    locked = status.explain(code, "QuickBooks failed to  ACQUIRE the lock for this object.")
    assert (refused.kind, refused.retry) == (Kind.RULE, Retry.NO)
    assert (locked.kind, locked.retry, locked.actor) == (Kind.LOCK, Retry.YES, Actor.NOBODY)
    assert locked.code == code


@pytest.mark.parametrize(
    ("code", "message", "expected"),
    [
        (3175, None, True),
        (3176, "what it says does not matter", True),
        (3180, "Transaction internals could not be locked.", True),
        (3170, "This list has been modified by another user.", True),
        (3170, None, False),
        (3180, "", False),
        (3100, "The name is in use", False),
        (None, "is in use", False),
    ],
)
def test_is_lock(code, message, expected):
    """A lock is known by its code, or by its text under the codes where the text decides."""
    assert status.is_lock(code, message) is expected


@pytest.mark.parametrize(
    "text",
    [
        "0x80040418",
        "0X80040418",
        "80040418",
        " 0x80040418 ",
        "-2147220456",
        "2147746840",
        -2147220456,
        0x80040418,
        "Exception from HRESULT: 0x80040418",
        "&H80040418",
    ],
)
def test_forms_of_a_result(text):
    """A result is read with and without 0x, in any case, signed and unsigned, and in a sentence."""
    info = status.explain_hresult(text)
    assert (info.code, info.text, info.actor) == (0x80040418, "0x80040418", Actor.OPERATOR)


@given(st.sampled_from(sorted(HRESULTS)))
def test_every_form_means_the_same(code):
    """The hexadecimal, unsigned and signed forms of one result get one explanation."""
    forms = (f"0x{code:08X}", f"{code:08x}", str(code), str(code - (1 << 32)), code)
    assert {status.explain_hresult(form) for form in forms} == {HRESULTS[code]}


@pytest.mark.parametrize("text", ["", "S_OK", "99999999999", "-99999999999", "0x", 1 << 40])
def test_a_result_that_cannot_be_read_is_unknown(text):
    """Nothing is raised for a text that is no result; whether anything was run cannot be told."""
    info = status.explain_hresult(text)
    assert (info.code, info.listed, info.executed) == (None, False, None)
    assert info.text == str(text)


def test_a_result_that_is_not_described_keeps_its_number():
    """An unknown result keeps its number; the client library's are told apart."""
    assert status.explain_hresult("0x8ABCDEF0").text == "0x8ABCDEF0"
    assert "client library" in status.explain_hresult("0x80040308").meaning


def test_only_a_document_that_was_not_parsed_surely_did_not_run():
    """After any result but 0x80040400 the outcome of a set with writes is unknown."""
    assert [code for code, info in HRESULTS.items() if info.executed is False] == [0x80040400]


def test_render():
    """A code is shown with its meaning, who acts, and the remedy, one a line."""
    lines = status.render("3100").splitlines()
    assert lines[0] == "3100  Error"
    assert [label for line in lines[1:] if (label := line[:13].strip())] == [
        "meaning", "class", "done", "who acts", "retry", "remedy", "confirmed",
    ]  # fmt: skip
    assert status.render("-2147220480").startswith("0x80040400\n")
    assert status.render("4711").endswith("this code is not in the tables")


@pytest.mark.parametrize("text", ["", "QBWC1012", "abc"])
def test_render_refuses_what_is_no_code(text):
    """What is neither a status nor a result is a mistake of the caller."""
    with pytest.raises(InvalidValueError, match="3100"):
        status.render(text)


def test_all_texts_fit_a_terminal():
    """No line that is shown is longer than 100 characters."""
    shown = [status.render(code) for code in CODES] + [status.render(hex(code)) for code in HRESULTS]
    assert max(len(line) for text in shown for line in text.splitlines()) <= 100


def test_the_questions_that_decisions_rest_on():
    """Each asks for its own codes, and for nothing else."""
    codes = (0, 1, 500, 3100, 3175, 3200, 3231, None)

    assert [code for code in codes if status.is_not_found(code)] == [1, 500]
    assert [code for code in codes if status.is_name_taken(code)] == [3100]
    assert [code for code in codes if status.is_locked(code)] == [3175]
    assert [code for code in codes if status.is_stale(code)] == [3200]
    assert [code for code in codes if status.is_not_run(code)] == [3231]
    assert [code for code in codes if status.is_error(code)] == [3100, 3175, 3200, 3231]
    assert not status.is_error(3210, "Info")
    assert status.is_error(500, "Error")
    assert status.is_error(3100, "error"), "a word that is none of the three says nothing"
    assert not status.is_error(0, "Ok")
    assert not status.is_error(None, "")
