"""Whole documents, both directions, to typed messages; and back to bytes with nothing lost.

Tolerant: what is unknown, odd or in an unusual order is kept in its place.  Only what cannot be read
at all (not well-formed, not qbXML, a DOCTYPE, over a limit) is an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

import attrs

from .. import _xml
from ..errors import UsageError
from .envelope import Direction, ascii_bytes
from .kept import UnknownElement, without_remarks
from .layout import is_known
from .messages import UnknownMessage
from .reader import Children, Reading, read_message, remark, strange_text, unknown
from .walk import DIRECTIONS, Walk, message_set, stated_version, version
from .writer import attributes_text, unknown_text, write

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .compiled_reader import Node

Trees: TypeAlias = "tuple[UnknownElement, ...]"

__all__ = ["Document", "parse"]

#: The name under which the qbxml instruction is kept.
_INSTRUCTION: Final = "?qbxml"


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
    _before: Trees = attrs.field(default=(), eq=without_remarks)
    _after: Trees = attrs.field(default=(), eq=without_remarks)
    #: What stands between messages, each with the number of messages before it.
    _between: tuple[tuple[int, UnknownElement], ...] = attrs.field(default=(), eq=False)
    #: What stands before the root element, where it is not just the instruction as we would write it.
    _prolog: Trees = attrs.field(default=(), eq=False)
    _epilog: Trees = attrs.field(default=(), eq=False)

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
        yield from self._opening()
        yield f"<QBXML{attributes_text(self._root_attributes)}>"
        yield from map(unknown_text, self._before)
        yield f"<{name}{attributes_text(self.attributes)}>"
        for number, message in enumerate(self.messages):
            yield from self._stood(number, number)
            yield message_text(message)
        yield from self._stood(len(self.messages), None)
        yield f"</{name}>"
        yield from map(unknown_text, self._after)
        yield "</QBXML>"
        yield from map(unknown_text, self._epilog)

    def _opening(self) -> Iterator[str]:
        """Yield what stands before the root element."""
        prolog = self._prolog
        if self.version != _version_in(prolog):
            prolog = tuple(part for part in prolog if part.name != _INSTRUCTION)
            if self.version is not None:
                yield f'<?qbxml version="{self.version}"?>\n'
        for part in prolog:
            yield f"{unknown_text(part)}\n"

    def _stood(self, low: int, high: int | None) -> Iterator[str]:
        """Yield what stood between messages behind so many of them."""
        for number, part in self._between:
            if low <= number and (high is None or number <= high):
                yield unknown_text(part)


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
    reading = Reading(max_depth)
    if len(raw) > _xml.AT_ONCE:
        return _parse_growing(raw, reading, max_bytes)
    root, raw, start = _xml.parse_unbounded(raw, root="QBXML", max_bytes=max_bytes)
    body = message_set(root)
    found = [element for element in body if isinstance(element.tag, str)]
    seen = len(root.keys()) + len(body.keys()) + sum([len(e.keys()) for e in found])
    reading.attributes = _xml.has_more_signs(raw, start, seen)
    messages = [read_message(element, reading) for element in found]
    between = _Between(body)
    if len(found) < len(body) or any(element.tail for element in found):
        for element in body:
            between.take(element)
    return _document(root, body, messages, between, reading)


def _bytes(document: Any) -> bytes:
    if not isinstance(document, (bytes, bytearray, memoryview)):
        raise UsageError(f"document: expected bytes or text, got {type(document).__name__}")
    return bytes(document)


class _Between:
    """Collects what stands between the messages of a set."""

    def __init__(self, body: Node) -> None:
        text = strange_text(body.text)
        self.found = [] if text is None else [(0, text)]
        self._messages = 0

    def take(self, node: Node) -> None:
        """Take in a message, or what stands between two, and the text behind it."""
        if isinstance(node.tag, str):
            self._messages += 1
        else:
            self.found.append((self._messages, remark(node)))
        text = strange_text(node.tail)
        if text is not None:
            self.found.append((self._messages, text))


def _parse_growing(raw: bytes, reading: Reading, max_bytes: int) -> Document:
    """Read a large document while its tree grows, so that the tree is never there as a whole."""
    walk, messages = Walk(), []
    growing: Children | None = None
    between: _Between | None = None
    root: Node = None
    for root, whole, signs in _xml.grow(_xml.pieces(raw), root="QBXML", max_bytes=max_bytes):
        reading.begin(signs=signs)
        for message, complete in walk.steps(root, whole=whole):
            between = between or _Between(message.getparent())
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
                reading.took()
    body = message_set(root)
    return _document(root, body, messages, between or _Between(body), reading)


def _document(root: Node, body: Node, messages: list[Any], between: _Between, reading: Reading) -> Document:
    """Return the document of a tree whose messages were read."""
    beside = len(root) > 1 or root.text or body.tail
    before, after = _beside(root, body, reading) if beside else ((), ())
    prolog, epilog = _outside(root)
    return Document(
        messages=tuple(messages),
        version=version(root),
        direction=DIRECTIONS[body.tag],
        attributes=tuple(body.items()),
        root_attributes=_literal(root),
        before=before,
        after=after,
        between=tuple(between.found),
        prolog=prolog,
        epilog=epilog,
    )


def _literal(root: Node) -> tuple[tuple[str, str], ...]:
    """Return the attributes of the root element as they were written, with the prefixes of names."""
    spaces = root.nsmap
    prefixes = {space: f"{prefix}:" for prefix, space in spaces.items()}
    declared = [(f"xmlns:{prefix}", space) for prefix, space in spaces.items()]
    for name, text in root.items():
        space, _, local = name[1:].partition("}") if name.startswith("{") else ("", "", name)
        declared.append((prefixes.get(space, "xml:") + local if space else local, text))
    return tuple(declared)


def _beside(root: Node, body: Node, reading: Reading) -> tuple[Trees, Trees]:
    """Return what stands before and after the message set."""
    before: list[UnknownElement | None] = [strange_text(root.text)]
    after: list[UnknownElement | None] = []
    found = before
    for child in root:
        if child is body:
            found = after
        else:
            found.append(unknown(child, reading) if isinstance(child.tag, str) else remark(child))
        found.append(strange_text(child.tail))
    return tuple(filter(None, before)), tuple(filter(None, after))


def _outside(root: Node) -> tuple[Trees, Trees]:
    """Return what stands before the root element, unless it is as we would write it, and behind it."""
    before, after = root.getprevious(), root.getnext()
    if before is None and after is None:
        return (), ()
    prolog = [remark(node) for node in root.itersiblings(preceding=True)][::-1]
    if prolog and prolog[-1].name == f"?{_xml.MARK}" and not prolog[-1].content:
        del prolog[-1]
    usual = [UnknownElement(name=_INSTRUCTION, content=(f'version="{_version_in(prolog)}"',))]
    return () if prolog == usual else tuple(prolog), tuple(map(remark, root.itersiblings()))


def _version_in(prolog: Sequence[UnknownElement]) -> str | None:
    """Return the version that the last qbxml instruction states; ``None`` where there is none."""
    found = [part.text for part in prolog if part.name == _INSTRUCTION]
    return stated_version(found[-1]) if found else None
