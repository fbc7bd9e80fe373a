"""How a document opens: its encoding, its root element, and whether there is a DOCTYPE.

Looked at before libxml2 sees anything, because libxml2 acts on a DOCTYPE as soon as it meets it.  That look
must not be fooled by an encoding in which ``<!DOCTYPE`` is spelled in other bytes, so only encodings whose
ASCII is ASCII go to libxml2 as they are; all others are decoded here and handed on as UTF-8.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, Final

import attrs

from .errors import ParseError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Opening", "opening", "usual_start"]

#: More than this before the root element is no document that anybody sends.
MAX_PROLOGUE: Final = 1024 * 1024

_BLANK: Final = b" \t\r\n"
_UTF8_MARK: Final = b"\xef\xbb\xbf"

#: A document of which fewer bytes are known is waited for.
_SHORT: Final = 64

#: What may stand before a root element or a DOCTYPE: white space, instructions, comments.
_MISC: Final = re.compile(rb"(?:\s++|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)
_NAME: Final = re.compile(rb"<([^\s<>/!?]+)[\s<>/]")
_DECLARED: Final = re.compile(rb"<\?xml\s[^>]*?encoding\s*=\s*[\"']([A-Za-z][A-Za-z0-9._-]*)[\"']")

#: Byte order marks, and how ``<`` (or ``<?xm`` in EBCDIC) begins where there is none.
_SIGNS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
    (b"\x4c\x6f\xa7\x94", "cp037"),
)
#: How most documents open: nothing to look at twice.
_USUAL: Final = re.compile(
    rb'(?:<\?xml version="1\.0"(?: encoding="[Uu][Tt][Ff]-8")? ?\?>\s*)?<([A-Za-z][A-Za-z0-9]*)[\s>]'
)
#: Encodings that libxml2 reads itself, and in which ASCII is ASCII.
_DIRECT: Final = re.compile(r"utf-?8|(?:us-)?ascii|iso-8859-\d{1,2}|windows-125\d", re.IGNORECASE)
#: Declared in bytes that are plainly not so: by somebody who turned text into other bytes.
_MISTAKEN: Final = re.compile(r"utf-?(?:16|32)|ucs-?[24]|iso-10646|unicode", re.IGNORECASE)
#: Python's codecs for encodings; it has others too, for escapes and host names.
_CODECS: Final = re.compile(r"utf|iso|cp\d|koi8|mac|big5|gb|euc|shift|johab|hz|tis|latin|ascii|kz|ptcp")


@attrs.define(kw_only=True)
class Opening:
    """How a document opens.

    Attributes:
        root: the name of the root element as it is written; empty where libxml2 will say what is wrong.
        encoding: what libxml2 is told, whatever the document declares; ``None``: let it see for itself.
        lines: how many lines were left out before the document.
        start: where the root element stands in what ``whole`` returns.
    """

    root: str
    encoding: str | None
    lines: int
    start: int
    _head: bytes
    _decoder: codecs.IncrementalDecoder | None = None

    def whole(self) -> bytes:
        """Return a document that was looked at as a whole, as libxml2 gets it.

        Raises:
            ParseError: bytes that the encoding does not have.
        """
        return self._head if self._decoder is None else b"".join(self.pieces(iter(())))

    def is_behind_root(self, line: int, column: int) -> bool:
        """Return whether a place in what ``whole`` returns is behind the root's begin on the same line."""
        before = self._head[: self.start]
        return line == before.count(b"\n") + 1 and column > self.start - before.rfind(b"\n")

    def pieces(self, following: Iterator[bytes]) -> Iterator[bytes]:
        """Yield the whole document as libxml2 gets it.

        Raises:
            ParseError: bytes that the encoding does not have.
        """
        yield self._head
        decoder = self._decoder
        if decoder is None:
            yield from following
            return
        for piece in following:
            yield _decode(decoder, piece, final=False).encode()
        yield _decode(decoder, b"", final=True).encode()


def usual_start(head: bytes) -> int | None:
    """Return where the root element stands in a document that opens as most do and needs no second look.

    That is the shortest way to the same answer as ``opening`` gives: a small document is soon read.
    """
    usual = _USUAL.match(head)
    return None if usual is None else usual.start(1) - 1


def opening(head: bytes, *, whole: bool) -> Opening | None:
    """Return how a document opens, or ``None`` when its beginning does not tell yet.

    Args:
        head: the document, or its beginning.
        whole: whether *head* is all there is.

    Raises:
        ParseError: there is no document, a DOCTYPE, or an encoding that nobody knows.
    """
    usual = _USUAL.match(head)
    if usual is not None:
        root, start = usual[1].decode("ascii"), usual.start(1) - 1
        return Opening(root=root, encoding=None, lines=0, start=start, head=head)
    stripped = head.lstrip(_BLANK)
    marked = stripped.startswith(_UTF8_MARK)
    if marked:
        stripped = stripped[len(_UTF8_MARK) :].lstrip(_BLANK)
    if not whole and _too_short(stripped):
        return None
    lines = head.count(b"\n", 0, len(head) - len(stripped))
    encoding, decoder = ("utf-8", None) if marked else _encoding(stripped)
    if decoder is not None:
        stripped = _decode(decoder, stripped, final=whole).removeprefix("\ufeff").encode()
    found = _root(stripped, whole=whole)
    if found is None:
        return None
    root, start = found
    return Opening(root=root, encoding=encoding, lines=lines, start=start, head=stripped, decoder=decoder)


def _too_short(head: bytes) -> bool:
    """Return whether the declaration may not be here yet."""
    return len(head) < _SHORT or (
        head.startswith(b"<?xml") and b"?>" not in head and len(head) < MAX_PROLOGUE
    )


def _encoding(head: bytes) -> tuple[str | None, codecs.IncrementalDecoder | None]:
    """Return what to tell libxml2, and what decodes the document where that is for us to do."""
    sign = next((name for mark, name in _SIGNS if head.startswith(mark)), None)
    if sign is not None and sign != "cp037":
        return "utf-8", codecs.getincrementaldecoder(sign)()
    found = _DECLARED.match(head if sign is None else head[:256].decode("cp037").encode())
    name = found[1].decode("ascii") if found else sign
    if name is None or (sign is None and _DIRECT.fullmatch(name)):
        return None, None
    if _MISTAKEN.fullmatch(name):
        return "utf-8", None
    try:
        codec = codecs.lookup(name)
    except LookupError:
        codec = None
    if codec is None or not _CODECS.match(codec.name) or codec.incrementaldecoder is None:
        raise ParseError(f"expected a known encoding, got {name}", 1)
    return "utf-8", codec.incrementaldecoder()


def _decode(decoder: codecs.IncrementalDecoder, piece: bytes, *, final: bool) -> str:
    try:
        text = decoder.decode(piece, final)
        text.encode()
    except UnicodeError as exc:
        raise ParseError(f"expected bytes of the declared encoding, got: {exc}") from None
    return text


def _root(head: bytes, *, whole: bool) -> tuple[str, int] | None:
    """Return the name of the root element and where it stands, ``None`` when it is still to come.

    Raises:
        ParseError: there is none, or a DOCTYPE.
    """
    before = _MISC.match(head)
    start = before.end() if before else 0
    if head[start : start + 9].upper() == b"<!DOCTYPE":
        raise ParseError("expected a document without DOCTYPE, got one that has it", _line(head, start))
    found = _NAME.match(head, start)
    if found is not None:
        return found[1].decode("utf-8", "replace"), start
    if not head[start:].strip(_BLANK) and whole:
        raise ParseError("expected an XML document, got nothing")
    if len(head) > MAX_PROLOGUE:
        raise ParseError(f"expected a root element within {MAX_PROLOGUE} bytes, got none")
    return ("", start) if whole else None


def _line(head: bytes, place: int) -> int:
    return head.count(b"\n", 0, place) + 1
