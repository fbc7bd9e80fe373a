"""What is complete of a document while it grows, each message once and in order.

``_xml.grow`` gives a tree whose end is still to come.  Here is which of its parts will not change any
more; they are taken out of the tree once they were read, so that it stays small.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ..errors import ParseError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .compiled_reader import Node
    from .envelope import Direction

__all__ = ["DIRECTIONS", "Walk", "message_set", "stated_version", "version"]

#: Which way the messages of a set go.
DIRECTIONS: Final[dict[str, Direction]] = {"QBXMLMsgsRq": "request", "QBXMLMsgsRs": "response"}
_VERSION: Final = re.compile(r"""version\s*=\s*["']([^"']*)["']""")


class Walk:
    """One walk through one document, from the first step to the last with the same root element."""

    def __init__(self) -> None:
        self._body: Node = None

    def steps(self, root: Node, *, whole: bool) -> Iterator[tuple[Node, bool]]:
        """Yield messages that are complete, and then perhaps one that has complete children.

        Comments and instructions that stand between messages are yielded like these.

        What was yielded must be read before the next step is asked for: then a complete message is
        taken out of the tree.  Of one that is not, all children but the last are complete; whoever reads
        them takes them out himself.

        Args:
            root: the root element as it is now.
            whole: whether the document is at its end.

        Yields:
            a message, and whether it is complete.
        """
        body = self._message_set(root)
        if body is None:
            return
        if whole:
            for message in body:
                yield message, True
            return
        ended = body.getnext() is not None
        message = next(iter(body), None)
        while message is not None:
            following = message.getnext()
            if following is None and not ended:
                break
            yield message, True
            body.remove(message)
            message = following
        if message is not None and len(message) > 1:
            yield message, False

    def _message_set(self, root: Node) -> Node | None:
        if self._body is None:
            self._body = next((child for child in root if child.tag in DIRECTIONS), None)
        return self._body


def message_set(root: Node) -> Node:
    """Return the message set of a document that is whole.

    Raises:
        ParseError: there is none.
    """
    for child in root:
        if child.tag in DIRECTIONS:
            return child
    raise ParseError("expected QBXMLMsgsRq or QBXMLMsgsRs in QBXML, got neither", root.sourceline)


def version(root: Node) -> str | None:
    """Return what the qbxml instruction before the root says; ``None`` where there is none."""
    node = root.getprevious()
    while node is not None:
        if getattr(node, "target", None) == "qbxml":
            return stated_version(node.text or "")
        node = node.getprevious()
    return None


def stated_version(instruction: str) -> str | None:
    """Return the version in the text of a qbxml instruction; ``None`` where there is none."""
    found = _VERSION.search(instruction)
    return found[1] if found else None
