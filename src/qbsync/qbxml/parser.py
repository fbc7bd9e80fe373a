"""Whole documents, both directions, to typed messages; and back to bytes with nothing lost.

Tolerant: what is unknown, odd or in an unusual order is kept in its place.  Only what cannot be read
at all (not well-formed, not qbXML, a DOCTYPE, over a limit) is an error.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import attrs

from .. import _xml
from ..errors import ParseError
from .envelope import Direction, ascii_bytes
from .layout import is_known
from .messages import UnknownMessage
from .reader import Memo, Node, read, unknown
from .writer import attributes_text, unknown_text, write

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .kept import UnknownElement

__all__ = ["Document", "parse"]

_DIRECTIONS: Final[dict[str, Direction]] = {"QBXMLMsgsRq": "request", "QBXMLMsgsRs": "response"}
_VERSION: Final = re.compile(r"""version\s*=\s*["']([^"']*)["']""")


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
    if isinstance(document, str):
        return from_root(_xml.parse_text(document, max_bytes=max_bytes, max_depth=max_depth))
    return from_root(_xml.parse(document, max_bytes=max_bytes, max_depth=max_depth))


def from_root(root: Node) -> Document:
    """Return the document of a root element that was parsed already.

    Raises:
        ParseError: the element is not a qbXML document.
    """
    if root.tag != "QBXML":
        raise ParseError(f"expected the root element QBXML, got {root.tag}", root.sourceline)
    children = [child for child in root if isinstance(child.tag, str)]
    place = next((n for n, child in enumerate(children) if child.tag in _DIRECTIONS), None)
    if place is None:
        raise ParseError("expected QBXMLMsgsRq or QBXMLMsgsRs in QBXML, got neither", root.sourceline)
    body = children[place]
    memo = Memo()
    return Document(
        messages=tuple(_message(child, memo) for child in body if isinstance(child.tag, str)),
        version=_version(root),
        direction=_DIRECTIONS[body.tag],
        attributes=tuple(body.attrib.items()),
        root_attributes=tuple(root.attrib.items()),
        before=tuple(unknown(child) for child in children[:place]),
        after=tuple(unknown(child) for child in children[place + 1 :]),
    )


def _message(element: Node, memo: Memo) -> Any:
    """Return one message; one that we do not know is kept whole."""
    if is_known(element.tag):
        return read(element, memo)
    return UnknownMessage(unknown(element))


def _version(root: Node) -> str | None:
    """Return what the qbxml instruction before the root says."""
    for node in root.itersiblings(preceding=True):
        if getattr(node, "target", None) == "qbxml":
            found = _VERSION.search(node.text or "")
            return found[1] if found else None
    return None
