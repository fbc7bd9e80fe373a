"""Whole documents, both directions, to typed messages; and back to bytes with nothing lost.

Tolerant: what is unknown, odd or in an unusual order is kept in its place.  Only what cannot be read
at all (not well-formed, not qbXML, a DOCTYPE, over a limit) is an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from .. import _xml
from ..errors import UsageError
from .envelope import Direction, ascii_bytes
from .layout import is_known
from .messages import UnknownMessage, stated_number
from .reader import Children, Reading, read_message
from .surroundings import NOTHING, Between, Surroundings, surroundings
from .walk import DIRECTIONS, Walk, message_set, version
from .writer import unknown_text, write

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .compiled_reader import Node

__all__ = ["Document", "parse"]


@attrs.frozen(kw_only=True)
class Document:
    """A request or response document.

    Attributes:
        messages: the typed messages in document order; ``UnknownMessage`` for kinds that we do not know.
        version: what the qbxml instruction says; ``None`` where there is none, as in responses.
        direction: ``request`` or ``response``.
        attributes: all attributes of the message set, as they stood.
    """

    messages: tuple[Any, ...]
    version: str | None
    direction: Direction
    attributes: tuple[tuple[str, str], ...] = ()
    _around: Surroundings = NOTHING

    def _attribute(self, name: str) -> str | None:
        return next((text for known, text in self.attributes if known == name), None)

    @property
    def on_error(self) -> str | None:
        """What QuickBooks is to do after an error: ``stopOnError``, ``continueOnError``; requests only."""
        return self._attribute("onError")

    @property
    def new_message_set_id(self) -> str | None:
        """The id under which QuickBooks keeps the outcome of this set."""
        return self._attribute("newMessageSetID")

    @property
    def old_message_set_id(self) -> str | None:
        """The set asked about or cleared; requests only."""
        return self._attribute("oldMessageSetID")

    @property
    def message_set_status_code(self) -> int | None:
        """What QuickBooks says of the recovery of the set: 0, 600, 9001 to 9005; responses only."""
        return stated_number(self._attribute("messageSetStatusCode"))

    def to_xml(self) -> bytes:
        """Return the document as ASCII bytes, equal in meaning to the one that was read.

        Raises:
            InvalidValueError: a message was changed to hold what has no XML form.
        """
        return ascii_bytes("".join(self._texts()))

    def _texts(self) -> Iterator[str]:
        name = "QBXMLMsgsRq" if self.direction == "request" else "QBXMLMsgsRs"
        yield '<?xml version="1.0" encoding="utf-8"?>\n'
        yield from self._around.written(map(message_text, self.messages), name, self.attributes, self.version)


def message_text(message: Any) -> str:
    """Return one message as text, unchecked."""
    if isinstance(message, UnknownMessage):
        return unknown_text(message.element)
    return write(type(message).__name__, message)


def parse(
    document: bytes | str, *, max_bytes: int = _xml.MAX_BYTES, max_depth: int = _xml.MAX_DEPTH
) -> Document:
    """Read a request or response document, either direction.

    Args:
        document: bytes in the encoding they declare, or text (what it declares means nothing).
        max_bytes: the largest document taken, in bytes.
        max_depth: the deepest nesting taken.

    Raises:
        ParseError: the document is not well-formed, not qbXML, holds a DOCTYPE, or is over a limit.
        UsageError: *document* is neither bytes nor text.
    """
    raw = _xml.text_bytes(document) if isinstance(document, str) else _bytes(document)
    if len(raw) > _xml.AT_ONCE:
        return _parse_growing(raw, Reading(max_depth, lasting=True), max_bytes)
    reading = Reading(max_depth, large=False)
    root, raw, start = _xml.parse_unbounded(raw, root="QBXML", max_bytes=max_bytes)
    body = message_set(root)
    found = [element for element in body if isinstance(element.tag, str)]
    seen = len(root.attrib) + len(body.attrib) + sum([len(e.attrib) for e in found])
    reading.attributes = _xml.has_more_signs(raw, start, seen)
    messages = [read_message(element, reading) for element in found]
    between = None
    if body.text or len(found) < len(body) or any([e.tail for e in found]):  # noqa: C419 - a list is quicker
        between = Between(body)
        for element in body:
            between.take(element)
    return _document(root, body, messages, between, reading)


def _bytes(document: Any) -> bytes:
    if not isinstance(document, (bytes, bytearray, memoryview)):
        raise UsageError(f"document: expected bytes or text, got {type(document).__name__}")
    return bytes(document)


def _parse_growing(raw: bytes, reading: Reading, max_bytes: int) -> Document:
    """Read a large document while its tree grows, so that the tree is never there as a whole."""
    walk, messages = Walk(), []
    growing: Children | None = None
    between: Between | None = None
    root: Node = None
    for root, whole, signs in _xml.grow(_xml.pieces(raw), root="QBXML", max_bytes=max_bytes):
        reading.begin(signs=signs)
        for message, complete in walk.steps(root, whole=whole):
            between = between or Between(message.getparent())
            if complete:
                between.take(message)
            if growing is None and (complete or not is_known(message.tag)):
                if complete and isinstance(message.tag, str):
                    messages.append(read_message(message, reading))
                continue
            growing = growing or Children(message, reading)
            reading.look(message)
            for child in message if complete else message[:-1]:
                growing.take(child)
            if complete:
                messages.append(growing.whole())
                growing = None
            else:
                del message[:-1]
                reading.took(message[-1])
    body = message_set(root)
    return _document(root, body, messages, between or Between(body), reading)


def _document(
    root: Node, body: Node, messages: list[Any], between: Between | None, reading: Reading
) -> Document:
    """Return the document of a tree whose messages were read."""
    return Document(
        messages=tuple(messages),
        version=version(root),
        direction=DIRECTIONS[body.tag],
        attributes=tuple(body.items()),
        around=surroundings(root, body, between, reading),
    )
