"""What a document held that the models have no place for, kept where it stood.

A newer QuickBooks sends elements, attributes and messages that the catalogue does not know.  They
become the plain trees of this module, hang on the object in which they stood, and are written back
unchanged.  The same record keeps an unusual order of known elements, and texts that mean a value but
are not written as we would write it (``18.0%``).

Comments and instructions are kept in their places too, as remarks.  They mean nothing: objects that
differ in remarks alone are equal.
"""

from __future__ import annotations

from itertools import groupby
from typing import Any, Final, TypeAlias

import attrs

__all__ = ["COMMENT", "Kept", "OddText", "UnknownElement", "meaning", "without_remarks"]

Attributes: TypeAlias = tuple[tuple[str, str], ...]

#: Stands for the name of a comment.
COMMENT: Final = "!--"


def _shown(self: Any) -> str:
    """Return a repr without what is as usual: such objects are looked at by people."""
    fields = [f for f in attrs.fields(type(self)) if getattr(self, f.name) != f.default]
    inner = ", ".join(f"{field.name}={getattr(self, field.name)!r}" for field in fields)
    return f"{type(self).__name__}({inner})"


def _joined(content: tuple[str | UnknownElement, ...]) -> tuple[str | UnknownElement, ...]:
    """Return a content as it would be if no remarks had stood in it."""
    parts = [part for part in content if isinstance(part, str) or not part.is_remark]
    if len(parts) == len(content):
        return content
    found: list[str | UnknownElement] = []
    for are_texts, some in groupby(parts, lambda part: isinstance(part, str)):
        if are_texts:
            found.append("".join(part for part in some if isinstance(part, str)))
        else:
            found += some
    return tuple(found)


@attrs.frozen(kw_only=True, repr=False)
class UnknownElement:
    """An element that the models do not know, with everything in it.

    Attributes:
        name: the name of the element; empty for a text alone, ``!--`` for a comment, and ``?`` with the
            target for an instruction.
    """

    name: str
    attributes: Attributes = ()
    #: Texts, elements and remarks in document order.
    content: tuple[str | UnknownElement, ...] = attrs.field(default=(), eq=_joined)

    __repr__ = _shown

    @property
    def text(self) -> str:
        """The text directly in this element."""
        return "".join(part for part in self.content if isinstance(part, str))

    @property
    def is_remark(self) -> bool:
        """Whether this is a comment or an instruction."""
        return self.name.startswith((COMMENT, "?"))


@attrs.frozen(kw_only=True, repr=False)
class OddText:
    """A known element whose text or attributes are not what we would write for its value.

    Attributes:
        content: the text in parts, where remarks stand in it; else empty.
        usual: whether nothing but those remarks is odd.
    """

    name: str
    text: str | None
    attributes: Attributes = ()
    content: tuple[str | UnknownElement, ...] = attrs.field(default=(), eq=False)
    usual: bool = attrs.field(default=False, eq=False)

    __repr__ = _shown


Layout: TypeAlias = "tuple[str | UnknownElement | OddText, ...]"


def without_remarks(layout: Layout) -> Layout:
    """Return a layout as it would be if no remarks had stood there."""
    entries = [
        entry.name if isinstance(entry, OddText) and entry.usual else entry
        for entry in layout
        if not (isinstance(entry, UnknownElement) and entry.is_remark)
    ]
    found: list[str | UnknownElement | OddText] = []
    for are_texts, some in groupby(entries, _is_text):
        if are_texts:  # those that a remark parted are one
            found.append(
                UnknownElement(
                    name="", content=("".join(one.text or "" for one in some if not isinstance(one, str)),)
                )
            )
        else:
            found += some
    return tuple(found)


def _is_text(entry: str | UnknownElement | OddText) -> bool:
    """Return whether an entry is a text that stood where only elements are expected."""
    return isinstance(entry, UnknownElement) and not entry.name


@attrs.frozen(kw_only=True, repr=False)
class Kept:
    """The record that hangs on one object."""

    #: Attributes that the models do not know.
    attributes: Attributes = ()
    #: The children as they stood: the name of a known one, or what is special. Empty: nothing special.
    layout: Layout = attrs.field(default=(), eq=without_remarks)
    #: Whether there is nothing but remarks.
    remarks_only: bool = attrs.field(default=False, eq=False)

    __repr__ = _shown


def meaning(kept: Kept | None) -> Kept | None:
    """Return what objects are compared by: nothing where nothing but remarks was kept."""
    return None if kept is None or kept.remarks_only else kept
