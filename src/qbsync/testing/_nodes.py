"""The plain shapes that requests have once they are read.

Here: a request and a message set as values, macros, the list of qbXML versions.
Not here: reading them (``_reading``, ``_requests``).
Facts: qbXML dossier 1.1, 6.4, 7.1.

An aggregate becomes a dictionary: a text, a dictionary or a list (repeatable elements) by element name; a
free mix of lines stands under ``LINES`` as (name, dictionary) pairs; an attribute ``defMacro`` under its
own name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

if TYPE_CHECKING:
    from ._refusals import Refusal

__all__ = ["LINES", "VERSIONS", "Macro", "MessageSet", "Node", "Request", "number"]

#: Where a free mix of line elements stands in a node.
LINES: Final = "*"

#: One aggregate of a request.
Node = dict[str, Any]

#: The qbXML versions of the US edition, oldest first.
VERSIONS: Final = (
    "1.0", "1.1", "2.0", "2.1", "3.0", "4.0", "4.1", "5.0", "6.0", "7.0", "8.0", "9.0", "10.0", "11.0",
    "12.0", "13.0", "14.0", "15.0", "16.0",
)  # fmt: skip


class Macro(str):
    """The value of a ``useMacro`` attribute, standing where an ID would stand."""

    __slots__ = ()


@attrs.frozen
class Request:
    """One request as it was read."""

    #: Without the ``Rq``: ``InvoiceAdd``.
    name: str
    request_id: str | None
    attributes: dict[str, str]
    node: Node
    #: The first value that cannot be held; the request fails with it.
    fault: Refusal | None


@attrs.frozen
class MessageSet:
    """A request document."""

    version: str
    on_error: str
    include_data: bool
    new_id: str | None
    old_id: str | None
    #: What recovery compares: the text between the tags of the message set.
    body: str
    requests: tuple[Request, ...]


def number(version: str) -> tuple[int, int]:
    """Return a version as two numbers."""
    major, _, minor = version.partition(".")
    return int(major), int(minor or 0)
