"""What a document held that the models have no place for, kept where it stood.

A newer QuickBooks sends elements, attributes and messages that the catalogue does not know.  They
become the plain trees of this module, hang on the object in which they stood, and are written back
unchanged.  The same record keeps an unusual order of known elements, and texts that mean a value but
are not written as we would write it (``18.0%``).
"""

from __future__ import annotations

from typing import TypeAlias

import attrs

__all__ = ["Kept", "OddText", "UnknownElement"]

Attributes: TypeAlias = tuple[tuple[str, str], ...]


@attrs.frozen(kw_only=True)
class UnknownElement:
    """An element that the models do not know, with everything in it."""

    name: str
    attributes: Attributes = ()
    #: Texts and elements in document order.
    content: tuple[str | UnknownElement, ...] = ()

    @property
    def text(self) -> str:
        """The text directly in this element."""
        return "".join(part for part in self.content if isinstance(part, str))


@attrs.frozen(kw_only=True)
class OddText:
    """A known element whose text or attributes are not what we would write for its value."""

    name: str
    text: str | None
    attributes: Attributes = ()


@attrs.frozen(kw_only=True)
class Kept:
    """The record that hangs on one object."""

    #: Attributes that the models do not know.
    attributes: Attributes = ()
    #: The children as they stood: the name of a known one, or what is special. Empty: nothing special.
    layout: tuple[str | UnknownElement | OddText, ...] = ()
