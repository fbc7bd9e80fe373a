"""The only place that makes an XML parser.

libxml2 is told to take very large text nodes (a Web Connector answer is one text node of any size), and
its own guards go with that switch.  So this module puts guards of its own in their place: a DOCTYPE is
refused before parsing starts, which leaves no entities to expand; depth and size are bounded.

A document is read whole (``parse``) or as a tree that grows while its end is still to come (``grow``).
How bytes of whatever encoding become what libxml2 gets stands in ``_encodings``.

Not here: any knowledge of qbXML or SOAP.  Writing is done as text by those who know what they write.
"""

from __future__ import annotations

import threading
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from lxml import etree

from ._encodings import Opening, opening, usual_start
from .errors import ParseError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = [
    "MARK",
    "MAX_BYTES",
    "MAX_DEPTH",
    "c14n",
    "element_path",
    "grow",
    "has_more_signs",
    "parse",
    "parse_text",
    "parse_unbounded",
    "pieces",
    "text_bytes",
]

#: 64 MiB of answer text, escaped inside an envelope, with room for the envelope: the largest body we take.
MAX_BYTES: Final = 256 * 1024 * 1024
#: qbXML nests eight deep; unknown elements may go further, bombs not.
MAX_DEPTH: Final = 64

#: How much of a document is parsed at once while its tree grows; larger pieces are no faster.
PIECE: Final = 65536
#: Up to this size a document is better parsed at once: that saves a small one a third of its time.
AT_ONCE: Final = 4 * PIECE
#: The target of an instruction that is put before the root element of a growing tree, which is found by it.
#: Events for elements would find it too, but each element then makes one, and parsing takes a third longer.
MARK: Final = "qbsync-root"
_MARK: Final = f"<?{MARK}?>".encode("ascii")
#: After so many warnings of libxml2 a growing document is not asked for errors any more until its end.
_MOST_WARNINGS: Final = 1000

_OPTIONS: Final[dict[str, Any]] = {
    "huge_tree": True,
    "resolve_entities": False,
    "load_dtd": False,
    "no_network": True,
    "remove_blank_text": True,
    "remove_comments": True,
    "collect_ids": False,
}


#: For those who write back what they read.
_WITH_COMMENTS: Final[dict[str, Any]] = {**_OPTIONS, "remove_comments": False}


class _Parsers(threading.local):
    """The parsers of one thread for whole documents, one for each encoding that they are told.

    A parser that is at work is not here.  So one that was interrupted in the middle of a document is never
    asked again, nor is one that works when a signal or a finalizer comes between that reads something too.
    """

    def __init__(self, options: dict[str, Any]) -> None:
        #: Those that wait for work.
        self.idle: dict[str | None, etree.XMLParser] = {}
        self._options = options

    def take(self, encoding: str | None) -> etree.XMLParser:
        """Return a parser; making a new one for each document would cost a small one a tenth more."""
        return self.idle.pop(encoding, None) or etree.XMLParser(encoding=encoding, **self._options)


_PARSERS: Final = _Parsers(_OPTIONS)
_COMMENTING: Final = _Parsers(_WITH_COMMENTS)


def parse(document: bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> etree._Element:
    """Parse a whole document and return its root element, without comments and blank texts.

    Args:
        document: the bytes, in whatever encoding they declare.
        max_bytes: the largest document taken.
        max_depth: the deepest nesting taken, the root counting as 1.

    Raises:
        ParseError: the document is not well-formed, too large, too deep, or holds a DOCTYPE.
    """
    _bound_size(len(document), max_bytes)
    root = _whole(document)
    if _deeper(max_depth)(root):
        raise ParseError(f"expected at most {max_depth} levels of elements, got more")
    return root


def parse_unbounded(
    document: bytes, *, root: str, max_bytes: int = MAX_BYTES
) -> tuple[etree._Element, bytes, int]:
    """Parse a whole document as ``grow`` does: with comments, and nesting is for the caller to bound.

    Returns:
        the root element, the bytes that were parsed, and where the root element stands in them.

    Raises:
        ParseError: the document is not well-formed, has another root, is too large, or holds a DOCTYPE.
    """
    _bound_size(len(document), max_bytes)
    start = usual_start(document)
    if start is None:
        begun = _opening_of(document)
        document, start = begun.whole(), begun.start
        found = _read(document, begun, _COMMENTING)
    else:
        found = _read(document, None, _COMMENTING)
    return _named(found, root), document, start


def has_more_signs(raw: bytes, start: int, seen: int) -> bool:
    """Return whether behind a place there may be more attributes than were seen: more equals signs.

    In all encodings that are parsed undecoded the sign is this byte, and this byte nothing else.
    """
    place = start
    for _ in range(seen + 1):
        place = raw.find(b"=", place) + 1
        if not place:
            return False
    return True


def parse_text(document: str, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> etree._Element:
    """Parse a document that is text already; an encoding that it declares means nothing any more.

    Raises:
        ParseError: as ``parse``.
    """
    return parse(text_bytes(document), max_bytes=max_bytes, max_depth=max_depth)


def text_bytes(document: str) -> bytes:
    """Return a document that is text already as bytes that can be parsed.

    Raises:
        ParseError: it holds a lone surrogate.
    """
    try:
        # The byte order mark says UTF-8 louder than any declaration.
        return b"\xef\xbb\xbf" + document.removeprefix("\ufeff").encode("utf-8")
    except UnicodeEncodeError as exc:
        line = document.count("\n", 0, exc.start) + 1
        column = exc.start - document.rfind("\n", 0, exc.start)
        raise ParseError(
            "expected characters that XML can hold, got a lone surrogate", line, column
        ) from None


def grow(
    document: Iterable[bytes], *, root: str, max_bytes: int = MAX_BYTES
) -> Iterator[tuple[etree._Element, bool, bool]]:
    """Parse a document piece by piece, and yield its root element, with comments, after each.

    Between two pieces the caller may take away children that are complete: all but the last of each
    element that is still open.  So a document of any size needs the memory of its largest part.
    Nesting is for the caller to bound.

    Args:
        document: the bytes in pieces, in whatever encoding they declare.
        root: the name of the root element.
        max_bytes: the largest document taken.

    Yields:
        the root element, whether the document is whole, and whether attributes may have come since the
        last time (each has its equals sign).

    Raises:
        ParseError: the document is not well-formed, has another root, is too large, or holds a DOCTYPE.
    """
    waiting = _bounded(document, max_bytes)
    begun = _begin(waiting)
    if begun.root not in {root, ""}:
        raise ParseError(f"expected the root element {root}, got {begun.root}", begun.lines + 1)
    parser = etree.XMLPullParser(events=("pi",), encoding=begun.encoding, **_WITH_COMMENTS)
    mark = found = None
    signs, quiet = False, True
    try:
        for piece in _marked(begun.pieces(waiting), begun.start):
            parser.feed(piece)
            quiet = quiet and _bound_errors(parser, begun)
            signs = signs or b"=" in piece
            for _, instruction in parser.read_events():
                mark = instruction if mark is None else mark
            if found is None:
                found = _behind(mark, root)
            if found is not None:
                yield found, False, signs
                signs = False
        whole = parser.close()
    except etree.XMLSyntaxError as exc:
        raise _unreadable(exc, begun, marked=True) from exc
    if found is not None and whole is not found:
        raise ParseError("expected well-formed XML, got two documents")
    yield _named(whole, root), True, signs


def _marked(pieces: Iterator[bytes], start: int) -> Iterator[bytes]:
    """Yield the pieces with the mark before the root element, which stands in the first.

    None ends with an angle bracket: libxml2 would not look at what follows it, and would take a text of
    blanks before it for white space between elements.
    """
    head = next(pieces)
    yield head[:start] + _MARK
    held = b""
    for piece in chain((head[start:],), pieces):
        whole = held + piece if held else piece
        held = b"<" if whole.endswith(b"<") else b""
        yield whole[:-1] if held else whole
    yield held


def _behind(mark: Any, root: str) -> etree._Element | None:
    """Return the root element behind an instruction; ``None`` where it is still to come, or another."""
    node: etree._Element | None = mark
    while node is not None and node.tag != root:
        node = node.getnext()
    return node


def _named(found: etree._Element, root: str) -> etree._Element:
    if found.tag != root:
        raise ParseError(f"expected the root element {root}, got {found.tag!s}", found.sourceline)
    return found


def pieces(document: bytes) -> Iterator[bytes]:
    """Yield a document in pieces for ``grow``."""
    for place in range(0, len(document), PIECE):
        yield document[place : place + PIECE]


def _bounded(pieces: Iterable[bytes], most: int) -> Iterator[bytes]:
    """Yield the pieces until they are too many bytes."""
    size = 0
    for piece in pieces:
        size += len(piece)
        _bound_size(size, most)
        yield piece


def _begin(waiting: Iterator[bytes]) -> Opening:
    """Take as many pieces as it needs to know how the document opens."""
    head, enough = bytearray(), 1
    for piece in waiting:
        head += piece
        if len(head) >= enough:
            found = opening(bytes(head), whole=False)
            if found is not None:
                return found
            enough = 2 * len(head)  # looking at each of many small pieces would be quadratic
    return _opening_of(bytes(head))


def _opening_of(document: bytes) -> Opening:
    found = opening(document, whole=True)
    assert found is not None, "a whole document opens in some way"
    return found


def _whole(document: bytes) -> etree._Element:
    begun = _opening_of(document)
    return _read(begun.whole(), begun)


def _read(raw: bytes, begun: Opening | None = None, parsers: _Parsers = _PARSERS) -> etree._Element:
    encoding = begun.encoding if begun else None
    parser = parsers.take(encoding)
    try:
        parser.feed(raw)  # a tenth faster than the function below, which says better what is wrong
        root: etree._Element = parser.close()
    except etree.XMLSyntaxError:
        pass
    else:
        parsers.idle[encoding] = parser
        return root
    try:
        return etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as exc:
        raise _unreadable(exc, begun or _opening_of(raw)) from exc


def _bound_errors(parser: etree.XMLPullParser, begun: Opening) -> bool:
    """Refuse a growing document that is broken already: behind some errors libxml2 begins anew.

    Returns:
        whether to ask again: what it only warns of may be much, and each time all of it is copied.
    """
    log = parser.feed_error_log
    for entry in log:
        if entry.level > etree.ErrorLevels.WARNING:
            place = entry.line, entry.column
            raise _said(entry.message, place, begun, marked=True)
    return len(log) < _MOST_WARNINGS


def _unreadable(exc: etree.XMLSyntaxError, begun: Opening, *, marked: bool = False) -> ParseError:
    """Return our exception for what libxml2 says, of a document with the mark or without."""
    words = (exc.msg or "cannot be read").split(", line ")[0]
    return _said(words, exc.position or (None, None), begun, marked=marked)


def _said(said: str, position: tuple[Any, Any], begun: Opening, *, marked: bool) -> ParseError:
    line, column = position
    if marked and begun.is_behind_root(line, column - len(_MARK)):
        column -= len(_MARK)
    return ParseError(
        f"expected well-formed XML, got: {said}", line + begun.lines if line else None, column or None
    )


def _bound_size(size: int, most: int) -> None:
    if size > most:
        raise ParseError(f"expected at most {most} bytes, got {size} or more")


@lru_cache(maxsize=64)
def _deeper(most: int) -> etree.XPath:
    """Return what tells whether a tree nests deeper than *most*."""
    return etree.XPath("boolean(" + "/".join(["/*"] + ["*"] * most) + ")")


def element_path(element: etree._Element) -> str:
    """Return where an element stands, e.g. ``/QBXML/QBXMLMsgsRs``."""
    return element.getroottree().getpath(element)


def c14n(document: bytes) -> bytes:
    """Return the canonical form of a document (C14N 1.0 without comments), to compare by meaning.

    Raises:
        ParseError: as ``parse``.
    """
    return etree.tostring(parse(document), method="c14n", with_comments=False)
