"""The frame around messages: declaration, instruction, ``QBXML``, message set.

Follows the qbXML reference, document structure.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from ..errors import InvalidValueError
from .characters import escape_attribute, refuse_forbidden
from .versions import Version

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Direction", "ascii_bytes", "request_envelope", "response_envelope"]

Direction: TypeAlias = Literal["request", "response"]

#: What QuickBooks does; ``rollbackOnError`` is in its schema, and refused by it.
ON_ERROR: Final = ("stopOnError", "continueOnError")
#: Longer message set ids are refused with status 9004.
MAX_SET_ID: Final = 23

_DECLARATION: Final = '<?xml version="1.0" encoding="utf-8"?>\n'


#: What cannot hold a reference: comments, instructions, the names of elements, and of attributes (and now
#: and then a text that looks like one).
_LITERAL: Final = re.compile(r"""<(?:!--.*?-->|\?.*?\?>|[^\s<>]+)|\s[^\s=<>"']+=["']""", re.DOTALL)


def ascii_bytes(text: str) -> bytes:
    """Return *text* as ASCII, each other character as one decimal character reference.

    Names and comments cannot hold a reference: XML with one that is not ASCII, which QuickBooks never
    sent yet, is returned as UTF-8.
    """
    if not text.isascii() and not all(found[0].isascii() for found in _LITERAL.finditer(text)):
        return text.encode("utf-8")
    return text.encode("ascii", "xmlcharrefreplace").replace(b"\x7f", b"&#127;")


def request_envelope(
    *,
    version: str,
    on_error: str,
    new_message_set_id: str | None = None,
    old_message_set_id: str | None = None,
) -> tuple[bytes, bytes]:
    """Return what stands before and after the requests of a document.

    Raises:
        InvalidValueError: the version, the word for errors, or an id cannot be.
    """
    if on_error not in ON_ERROR:
        raise InvalidValueError("QBXMLMsgsRq@onError", " or ".join(ON_ERROR), on_error)
    attributes = [("onError", on_error)]
    for name, text in (("newMessageSetID", new_message_set_id), ("oldMessageSetID", old_message_set_id)):
        if text is not None:
            _check_set_id(name, text)
            attributes.append((name, text))
    shown = "".join(f' {name}="{escape_attribute(text)}"' for name, text in attributes)
    head = f'{_DECLARATION}<?qbxml version="{Version.parse(version)}"?>\n<QBXML><QBXMLMsgsRq{shown}>'
    return ascii_bytes(head), b"</QBXMLMsgsRq></QBXML>"


def response_envelope(attributes: Iterable[tuple[str, str]] = ()) -> tuple[bytes, bytes]:
    """Return what stands before and after the responses of a document."""
    shown = "".join(f' {name}="{escape_attribute(text)}"' for name, text in attributes)
    return (
        ascii_bytes(f"{_DECLARATION}<QBXML><QBXMLMsgsRs{shown}>"),
        b"</QBXMLMsgsRs></QBXML>",
    )


def _check_set_id(name: str, text: str) -> None:
    path = f"QBXMLMsgsRq@{name}"
    if not isinstance(text, str) or not 0 < len(text) <= MAX_SET_ID:
        raise InvalidValueError(path, f"a text of 1 to {MAX_SET_ID} characters", text)
    refuse_forbidden(text, path)
