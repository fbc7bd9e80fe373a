"""Characters: what can be held, what stands in for the rest, how it is escaped."""

# ruff: noqa: RUF001 - these tests are about characters that look alike

from __future__ import annotations

import pytest

from qbsync.errors import InvalidValueError
from qbsync.qbxml.characters import escape, escape_attribute, forbidden, refuse_forbidden
from qbsync.qbxml.values import cp1252_gaps, encodable, transliterate


@pytest.mark.parametrize(
    ("text", "gaps"),
    [("plain", ()), ("é€ß–", ()), ("Łukasz łł", ("Ł", "ł")), ("a😀", ("😀",)), ("\x81", ("\x81",))],
)
def test_gaps_are_what_windows_1252_lacks(text, gaps):
    """Each character that QuickBooks cannot keep is named once, in order."""
    assert cp1252_gaps(text) == gaps
    assert encodable(text) is (not gaps)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Frantisek", "Frantisek"),
        ("František Wichterlová", "František Wichterlová"),
        ("Łódź żółć", "Lódz zólc"),
        ("Şükrü Đorđe", "Sükrü Dorde"),
        ("e\u0301", "é"),
        ("ﬁ Ⅷ ½", "fi VIII ½"),
        ("日本", "??"),
        ("a\u200bb\x00c", "abc"),
        ("œuvre ß €", "œuvre ß €"),
        ("−5‐6", "-5-6"),
    ],
)
def test_transliteration_takes_the_nearest_and_keeps_the_rest(text, wanted):
    """Only what Windows-1252 lacks changes, and the result can always be kept."""
    assert transliterate(text) == wanted
    assert encodable(transliterate(text))


def test_forbidden_characters_are_named():
    """Controls, lone surrogates and non-characters are found; tab and line ends are not forbidden."""
    assert forbidden("a\x00\t\r\n\x1f\ud800\ufffe\x7f") == ("\x00", "\x1f", "\ud800", "\ufffe", "\x7f")
    assert not encodable("\x07")
    with pytest.raises(InvalidValueError):
        refuse_forbidden("\x07", "Memo")


def test_escaping():
    """Markup and carriage returns are escaped; in attributes also quotes, tabs and line feeds."""
    assert escape("a&b<c>d\r\n\"'") == "a&amp;b&lt;c&gt;d&#13;\n\"'"
    assert escape_attribute('\t\n"') == "&#9;&#10;&quot;"
