"""How documents open: encodings, roots, and a DOCTYPE wherever it hides."""

from __future__ import annotations

import pytest

from qbsync import _encodings, _xml
from qbsync.errors import ParseError

BODY = "<a>Göran — 5</a>"


def declared(encoding: str, codec: str | None = None) -> bytes:
    return f'<?xml version="1.0" encoding="{encoding}"?>\n{BODY}'.encode(codec or encoding)


def in_pieces(raw: bytes, size: int):
    return [raw[place : place + size] for place in range(0, len(raw), size)]


def grown(raw: bytes, size: int):
    return list(_xml.grow(in_pieces(raw, size), root="a"))[-1][0]


READABLE = {
    "utf-8": declared("utf-8"),
    "utf-8 with a mark": b"\xef\xbb\xbf" + declared("utf-8"),
    "a mark against the declaration": b"\xef\xbb\xbf" + declared("utf-16", "utf-8"),
    "nothing declared": BODY.encode(),
    "utf-16 with a mark": declared("utf-16"),
    "utf-16 little": declared("UTF-16LE", "utf-16-le"),
    "utf-16 big": declared("UTF-16BE", "utf-16-be"),
    "utf-32": declared("utf-32"),
    "utf-32 little": declared("utf-32le", "utf-32-le"),
    "utf-32 big": declared("utf-32be", "utf-32-be"),
    "windows-1252": declared("windows-1252"),
    "cp1252 by its other name": declared("cp1252"),
    "utf-7": declared("utf-7"),
    "ebcdic": '<?xml version="1.0" encoding="ibm1140"?><a>Göran - 5</a>'.encode("cp1140"),
    "shift_jis": '<?xml version="1.0" encoding="shift_jis"?><a>日本</a>'.encode("shift_jis"),
    "gb18030": declared("gb18030"),
    "utf-16 declared by mistake": declared("utf-16", "utf-8"),
    "blank lines before it": b"\n \n" + declared("utf-8"),
}


@pytest.mark.parametrize("raw", READABLE.values(), ids=READABLE)
def test_any_declared_encoding_is_read(raw):
    """Bytes are read in the encoding they declare or show, whole and in pieces of any size."""
    text = _xml.parse(raw).text

    assert text in {"Göran — 5", "Göran - 5", "日本"}
    for size in (1, 3, 50, 10_000):
        assert grown(raw, size).text == text


HIDDEN = "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"


@pytest.mark.parametrize(
    "raw",
    [
        HIDDEN.encode(),
        f'<?xml version="1.0" encoding="utf-7"?>{HIDDEN}'.encode("utf-7").replace(b"<!", b"+ADwAIQ-"),
        f'<?xml version="1.0" encoding="utf-16"?>{HIDDEN}'.encode("utf-16"),
        f'<?xml version="1.0" encoding="utf-32"?>{HIDDEN}'.encode("utf-32"),
        f'<?xml version="1.0" encoding="cp500"?>{HIDDEN}'.encode("cp500"),
        f"<?xml version='1.0'?><!-- {'x' * 70_000} -->\n<?a b?>{HIDDEN}".encode(),
        b"\xef\xbb\xbf  " + HIDDEN.encode(),
    ],
    ids=["bare", "utf-7", "utf-16", "utf-32", "ebcdic", "far behind", "behind a mark"],
)
def test_a_doctype_is_found_in_every_encoding(raw):
    """No encoding hides a DOCTYPE, whole or in pieces."""
    with pytest.raises(ParseError, match="DOCTYPE"):
        _xml.parse(raw)
    for size in (1, 100):
        with pytest.raises(ParseError, match="DOCTYPE"):
            grown(raw, size)


@pytest.mark.parametrize("name", ["nonsense-8", "punycode", "unicode_escape", "rot13", "base64"])
def test_unknown_encodings_are_refused_by_name(name):
    """What is no encoding of documents is refused, also where Python has a codec of that name."""
    with pytest.raises(ParseError, match=name) as caught:
        _xml.parse(f'<?xml version="1.0" encoding="{name}"?><a/>'.encode())

    assert caught.value.line == 1


def test_bytes_that_the_encoding_does_not_have():
    """Bytes that are no text are refused, not replaced."""
    for raw in (
        b'<?xml version="1.0" encoding="shift_jis"?><a>' + b"\x81\x01</a>",
        b"\xff\xfe<\x00a\x00>\x00\x00\xd8x\x00<\x00/\x00a\x00>\x00",
        b"<a>\xff</a>",
    ):
        with pytest.raises(ParseError):
            _xml.parse(raw)
        with pytest.raises(ParseError):
            grown(raw, 5)


def test_lines_are_counted_from_the_first_byte():
    """Blank lines before the declaration count, so that a person finds the place."""
    with pytest.raises(ParseError) as caught:
        _xml.parse(b"\n\n<?xml version='1.0'?>\n<a>\n<b></a>")

    assert caught.value.line == 5


def test_a_prologue_has_an_end():
    """A megabyte of comments is no document; nothing is kept of more."""
    endless = (b"<!--" + b"x" * 60_000 + b"-->" for _ in range(1000))

    with pytest.raises(ParseError, match="root element"):
        list(_xml.grow(endless, root="a"))


@pytest.mark.parametrize("raw", [b"", b"  \n", b"<!-- only -->", b"text", b"<", b"<?xml version='1.0'?>"])
def test_no_document_at_all(raw):
    """Nothing, or no element, is an error of ours."""
    with pytest.raises(ParseError):
        _xml.parse(raw)
    with pytest.raises(ParseError):
        grown(raw, 3)


def test_another_root_is_refused_before_it_is_read():
    """A stream of something else ends at its root."""
    taken = []

    def pieces():
        for number in range(100):
            taken.append(number)
            yield b"<b>" + b"x" * 1000

    with pytest.raises(ParseError, match="root element a, got b"):
        list(_xml.grow(pieces(), root="a"))
    assert len(taken) == 1


def test_an_opening_says_what_it_saw():
    """Root, what libxml2 is told, and skipped lines."""
    found = _encodings.opening(b"\n" + declared("utf-16"), whole=True)

    assert (found.root, found.encoding, found.lines) == ("a", "utf-8", 1)
    assert _encodings.opening(b"<?xml version='1.0'", whole=False) is None
