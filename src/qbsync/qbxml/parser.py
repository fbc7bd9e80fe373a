"""Whole documents, both directions, to typed messages; and back to bytes with nothing lost.

Tolerant: what is unknown, odd or in an unusual order is kept in its place.  Only what cannot be read
at all (not well-formed, not qbXML, a DOCTYPE, over a limit) is an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from .. import _xml
from .envelope import Direction, ascii_bytes
from .layout import is_known
from .messages import UnknownMessage
from .reader import Children, Reading, read_message, unknown
from .walk import DIRECTIONS, Walk, message_set, version
from .writer import attributes_text, unknown_text, write

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .compiled_reader import Node
    from .kept import UnknownElement

Trees: TypeAlias = "tuple[UnknownElement, ...]"

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
    _root_attributes: tuple[tuple[str, str], ...] = ()
    _before: tuple[UnknownElement, ...] = ()
    _after: tuple[UnknownElement, ...] = ()

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
        text = self._attribute("messageSetStatusCode")
        if text is None or not text.strip().isascii() or not text.strip().isdigit():
            return None
        return int(text)

    def to_xml(self) -> bytes:
        """Return the document as ASCII bytes, equal in meaning to the one that was read.

        Raises:
            InvalidValueError: a message was changed to hold what has no XML form.
        """
        return ascii_bytes("".join(self._texts()))

    def _texts(self) -> Iterator[str]:
        name = "QBXMLMsgsRq" if self.direction == "request" else "QBXMLMsgsRs"
        yield '<?xml version="1.0" encoding="utf-8"?>\n'
        if self.version is not None:
            yield f'<?qbxml version="{self.version}"?>\n'
        yield f"<QBXML{attributes_text(self._root_attributes)}>"
        yield from map(unknown_text, self._before)
        yield f"<{name}{attributes_text(self.attributes)}>"
        for message in self.messages:
            yield message_text(message)
        yield f"</{name}>"
        yield from map(unknown_text, self._after)
        yield "</QBXML>"


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
    """
    raw = _xml.text_bytes(document) if isinstance(document, str) else bytes(document)
    reading = Reading(max_depth)
    if len(raw) > _xml.AT_ONCE:
        return _parse_growing(raw, reading, max_bytes)
    root, raw, start = _xml.parse_unbounded(raw, root="QBXML", max_bytes=max_bytes)
    body = message_set(root)
    found = [element for element in body if isinstance(element.tag, str)]
    seen = len(root.keys()) + len(body.keys()) + sum([len(e.keys()) for e in found])
    reading.attributes = _xml.has_more_signs(raw, start, seen)
    return _document(root, body, [read_message(element, reading) for element in found], reading)


def _parse_growing(raw: bytes, reading: Reading, max_bytes: int) -> Document:
    """Read a large document while its tree grows, so that the tree is never there as a whole."""
    walk, messages = Walk(), []
    growing: Children | None = None
    root: Node = None
    for root, whole, signs in _xml.grow(_xml.pieces(raw), root="QBXML", max_bytes=max_bytes):
        reading.begin(signs=signs)
        for message, complete in walk.steps(root, whole=whole):
            if growing is None and (complete or not is_known(message.tag)):
                if complete:
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
                reading.took()
    return _document(root, message_set(root), messages, reading)


def _document(root: Node, body: Node, messages: list[Any], reading: Reading) -> Document:
    """Return the document of a tree whose messages were read."""
    before, after = _beside(root, body, reading) if len(root) > 1 else ((), ())
    return Document(
        messages=tuple(messages),
        version=version(root),
        direction=DIRECTIONS[body.tag],
        attributes=tuple(body.items()),
        root_attributes=tuple(root.items()),
        before=before,
        after=after,
    )


def _beside(root: Node, body: Node, reading: Reading) -> tuple[Trees, Trees]:
    """Return what stands before and after the message set."""
    beside = [child for child in root if isinstance(child.tag, str)]
    place = beside.index(body)
    trees = [None if child is body else unknown(child, reading) for child in beside]
    return tuple(filter(None, trees[:place])), tuple(filter(None, trees[place:]))
