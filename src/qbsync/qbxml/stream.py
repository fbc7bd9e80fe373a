"""Large responses, one object at a time.

``iterparse`` yields each ``…Ret`` object as soon as it was read and keeps none of them, so that the memory
needed is that of the largest object, whatever the size of the response.
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any, BinaryIO, Final, TextIO, TypeAlias

from .. import _xml
from ..errors import ParseError, UsageError
from . import catalogue
from .kept import UnknownElement
from .layout import is_known
from .messages import UnknownMessage
from .reader import Children, Reading, read, unknown
from .walk import DIRECTIONS, Walk, message_set

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .compiled_reader import Node

__all__ = ["Source", "iterparse"]

#: More bytes than any file has.
_ANY_SIZE: Final = 2**63

#: Where a document comes from: a path, a file that was opened, its bytes or text, or pieces of these.
Source: TypeAlias = (
    "str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO | TextIO | Iterable[bytes | str]"
)


def iterparse(
    source: Source,
    *,
    on_message: Callable[[Any], object] | None = None,
    max_bytes: int | None = None,
    max_depth: int = _xml.MAX_DEPTH,
) -> Iterator[Any]:
    """Yield the ``…Ret`` objects of a response document in their order, in bounded memory.

    What is yielded is typed as ``parse`` types it; a kind that we do not know is an ``UnknownElement``.
    A document that turns out to be broken raises where it breaks, after what came before was yielded.

    Args:
        source: a path, a file (binary, or text whose declared encoding means nothing), the bytes of the
            document or its text (which begins with ``<``, as no path does), or an iterable of its pieces.
            A file that was given is read from where it stands and left open.
        on_message: is called with each response message when it ends, without its ``…Ret`` objects:
            for its status, its iterator, and whatever else it holds.  A message that failed has nothing
            to yield, so without this its failure is not seen.
        max_bytes: the largest document taken; ``None``: any.
        max_depth: the deepest nesting taken.

    Raises:
        ParseError: the document is not well-formed, not a qbXML response, holds a DOCTYPE, or is over a
            limit.
        UsageError: *source* is nothing that can be read.
        OSError: the file cannot be opened or read.
    """
    reading, walk = Reading(max_depth), Walk()
    message: Children | _Unknown | None = None
    most = _ANY_SIZE if max_bytes is None else max_bytes
    root: Node = None
    for root, whole, signs in _xml.grow(_pieces(source), root="QBXML", max_bytes=most):
        reading.begin(signs=signs)
        for element, complete in walk.steps(root, whole=whole):
            if not isinstance(element.tag, str):
                continue
            if message is None:
                _refuse_requests(root)
                known = is_known(element.tag)
                message = Children(element, reading) if known else _Unknown(element, reading)
            reading.look(element)
            for child in element if complete else element[:-1]:
                if str(child.tag).endswith("Ret"):
                    yield _object(child, reading)
                elif isinstance(child.tag, str) or child.tail:
                    message.take(child)
            if complete:
                if on_message is not None:
                    on_message(message.whole())
                message = None
            else:
                del element[:-1]
                reading.took(element[-1])
    _refuse_requests(root)


def _object(element: Node, reading: Reading) -> Any:
    """Return one object as its model, or as a plain tree where there is no model."""
    reading.bound(element)
    return read(element, reading) if element.tag in _aggregates() else unknown(element, reading)


@cache
def _aggregates() -> frozenset[str]:
    return frozenset(catalogue.aggregate_names())


class _Unknown:
    """Collects what is left of a message that we do not know when its objects are taken out."""

    def __init__(self, element: Node, reading: Reading) -> None:
        self._reading = reading
        self._name = element.tag
        self._attributes = tuple(element.attrib.items())
        self._content: list[UnknownElement] = []

    def take(self, child: Node) -> None:
        """Take in one child."""
        if isinstance(child.tag, str):
            self._content.append(unknown(child, self._reading))

    def whole(self) -> UnknownMessage:
        """Return the message of everything that was taken in."""
        return UnknownMessage(
            UnknownElement(name=self._name, attributes=self._attributes, content=tuple(self._content))
        )


def _refuse_requests(root: Node) -> None:
    body = message_set(root)
    if DIRECTIONS[body.tag] == "request":
        raise ParseError("expected a response (QBXMLMsgsRs), got a request", body.sourceline)


def _pieces(source: Source) -> Iterable[bytes]:
    """Return the bytes of a source, in pieces where it is a file."""
    if isinstance(source, (bytes, bytearray, memoryview)):
        return _xml.pieces(bytes(source))
    if isinstance(source, str) and source.lstrip("\ufeff \t\r\n").startswith("<"):
        return _xml.pieces(_xml.text_bytes(source))
    if isinstance(source, (str, os.PathLike)):
        return _pieces_of_path(source)
    read = getattr(source, "read", None)
    if read is not None:
        return _as_bytes(iter(lambda: read(_xml.PIECE) or None, None))
    if hasattr(source, "__iter__"):
        return _as_bytes(source)
    raise UsageError(f"source: expected a path, a file, bytes or their pieces, got {type(source).__name__}")


def _pieces_of_path(path: str | os.PathLike[str]) -> Iterator[bytes]:
    with open(path, "rb") as file:  # noqa: PTH123 - a path may be text
        while piece := file.read(_xml.PIECE):
            yield piece


def _as_bytes(pieces: Iterable[Any]) -> Iterator[bytes]:
    """Yield pieces of bytes or text as bytes; the first text carries the mark that they are UTF-8."""
    first = True
    for piece in pieces:
        if isinstance(piece, str):
            yield _xml.text_bytes(piece) if first else _xml.text_bytes(f"\ufeff{piece}")[3:]
        elif isinstance(piece, (bytes, bytearray, memoryview)):
            yield bytes(piece)
        else:
            raise UsageError(f"source: expected pieces of bytes or text, got {type(piece).__name__}")
        first = False
