"""The template of a message as plain text, for people: what stands where, how often, how long.

Here: ``template``.  All facts are the catalogue's, for one version and edition; what those do not know is
left out.  Not here: examples, and what an element means.
"""

from __future__ import annotations

import difflib
import textwrap
from typing import TYPE_CHECKING, Final

from ..errors import InvalidValueError, UsageError, shorten
from . import catalogue
from ._request_rules import MAX_REQUEST_ID
from ._xsd import prune
from .catalogue import Choice, Element, Shape
from .versions import CEILING, Version, attribute_since

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .catalogue import Attribute

__all__ = ["template"]

_WIDTH: Final = 100
#: Where what is said of an element begins, unless its name needs more room.
_COLUMN: Final = 44

_TYPES: Final = {
    "STRTYPE": "text",
    "IDTYPE": "id",
    "GUIDTYPE": "0 or {GUID}",
    "BOOLTYPE": "true or false",
    "DATETYPE": "YYYY-MM-DD",
    "DATETIMETYPE": "YYYY-MM-DDThh:mm:ss",
    "TIMEINTERVALTYPE": "PTnHnMnS",
    "AMTTYPE": "amount, 2 decimals",
    "PRICETYPE": "price, up to 5 decimals",
    "QUANTYPE": "quantity, up to 5 decimals",
    "PERCENTTYPE": "percent, up to 5 decimals",
    "FLOATTYPE": "decimal number",
    "INTTYPE": "whole number",
    "UUIDTYPE": "text",
    "MACROTYPE": "macro, such as TxnID:i1",
    "ENUMTYPE": "one of",
}


def template(name: str, *, version: str = CEILING, edition: str = "US") -> str:
    """Return what a message or aggregate holds, one element a line, in at most 100 columns.

    Args:
        name: the qbXML name, e.g. ``InvoiceAddRq`` or ``InvoiceLineAdd``.
        version: the qbXML version; what is newer is left out.
        edition: ``US``, ``CA``, ``UK``, ``AU`` or ``OE``; what it lacks is left out.

    Behind each name stands how often (``1`` exactly once, ``0..1``, ``0..n``), the form of the text and
    its limits, and the version that brought it where that is not the message's own.

    Raises:
        UsageError: nothing has that name (near ones are told), or not in that version or edition.
        InvalidValueError: the version or edition cannot be.
    """
    if edition not in catalogue.EDITIONS.values():
        raise InvalidValueError("edition", f"one of {', '.join(catalogue.EDITIONS.values())}", edition)
    page = _Page(Version.parse(version), edition)
    shape, since = _find(name, page)
    head = f"{name}   qbXML {page.version}, edition {edition}"
    return "\n".join([head, *page.shape(shape, 1, since)])


def _find(name: str, page: _Page) -> tuple[Shape, str]:
    """Return the structure of that name, and the version that brought it."""
    if name in catalogue.names():
        element = catalogue.element(name)
        assert element.shape is not None
        if not prune((element,), page.version, page.edition):
            lacks = ", ".join(sorted(element.not_in)) or "none"
            raise UsageError(
                f"{name}: expected qbXML {element.since} or newer (editions without it: {lacks}), "
                f"got {page.version}, edition {page.edition}"
            )
        return element.shape, element.since
    if name in catalogue.aggregate_names():
        return catalogue.aggregate(name), "1.0"
    raise UsageError(f"name: expected a message or aggregate of qbXML{_near(name)}, got {shorten(name)}")


def _near(name: str) -> str:
    """Return the names that look like *name*, as the middle of a sentence."""
    folded: dict[str, str] = {}
    for known in (*catalogue.names(), *catalogue.aggregate_names()):
        folded.setdefault(known.casefold(), known)
    near = difflib.get_close_matches(name.casefold(), folded, n=4, cutoff=0.6)
    return f" (near: {', '.join(folded[match] for match in near)})" if near else ""


class _Page:
    """Writes lines for one version and edition."""

    def __init__(self, version: Version, edition: str) -> None:
        self.version = version
        self.edition = edition

    def shape(self, shape: Shape, depth: int, since: str) -> Iterator[str]:
        """Yield the lines of what an aggregate holds."""
        for attribute in shape.attributes:
            if Version.parse(attribute_since(attribute.name)) <= self.version:
                yield from _line(depth, f"@{attribute.name}", _of_attribute(attribute))
        yield from self.particles(prune(shape.particles, self.version, self.edition), depth, since)

    def particles(self, particles: Iterable[Element | Choice], depth: int, since: str) -> Iterator[str]:
        """Yield the lines of elements and choices in sequence."""
        for particle in particles:
            if isinstance(particle, Element):
                yield from self.element(particle, depth, since)
            else:
                yield from self.choice(particle, depth, since)

    def choice(self, choice: Choice, depth: int, since: str) -> Iterator[str]:
        """Yield the lines of a choice, its branches parted by ``or``."""
        indent = "  " * depth
        yield f"{indent}[ {_choice_words(choice)}"
        for number, branch in enumerate(choice.branches):
            if number:
                yield f"{indent}| or"
            yield from self.particles(branch, depth + 1, since)
        yield f"{indent}]"

    def element(self, element: Element, depth: int, since: str) -> Iterator[str]:
        """Yield the lines of one element and of all that it holds."""
        said = [_occurs(element)]
        reference = _reference(element, self.edition)
        if reference is not None:
            said.append(reference)
        elif element.type is not None:
            said.append(_scalar(element, self.edition))
        newer = Version.parse(element.since) > Version.parse(since)
        if newer:
            said.append(f"since {element.since}")
        if element.macro and Version.parse(attribute_since("useMacro")) <= self.version:
            said.append("or useMacro")
        yield from _line(depth, element.name, "; ".join(said))
        if element.shape is not None and reference is None:
            yield from self.shape(element.shape, depth + 1, element.since if newer else since)


def _line(depth: int, name: str, said: str) -> Iterator[str]:
    """Yield one entry, going on below where it is too long for a line."""
    start = f"{'  ' * depth}{name} ".ljust(_COLUMN)
    room = _WIDTH - _COLUMN
    first, *more = textwrap.wrap(said, room, break_long_words=False) or [""]
    if len(start) + len(first) > _WIDTH:
        yield start.rstrip()
        start = " " * _COLUMN
    yield f"{start}{first}".rstrip()
    for text in more:
        yield f"{' ' * _COLUMN}{text}"


def _occurs(element: Element) -> str:
    if element.min == element.max == 1:
        return "1"
    return f"{element.min}..{'n' if element.max is None else element.max}"


def _choice_words(choice: Choice) -> str:
    if choice.max is None:
        return "one or more, mixed" if choice.min else "any number, mixed"
    return "exactly one of" if choice.min else "at most one of"


def _reference(element: Element, edition: str) -> str | None:
    """Return the words for a reference to a list entry, or ``None`` for anything else."""
    parts = () if element.shape is None else element.shape.particles
    if [part.name if isinstance(part, Element) else "" for part in parts] != ["ListID", "FullName"]:
        return None
    full_name = parts[1]
    longest = full_name.max_length(edition) if isinstance(full_name, Element) else None
    return "ListID or FullName" + (f", up to {longest}" if longest is not None else "")


def _scalar(element: Element, edition: str) -> str:
    """Return the form and the limits of a text."""
    if element.values:
        default = f" (default {element.default})" if element.default else ""
        return f"one of {', '.join(element.values)}{default}"
    assert element.type is not None
    words = _TYPES[element.type]
    longest = element.max_length(edition)
    if longest is not None:
        words += f", up to {longest}"
    if element.min_value is not None:
        words += f", at least {element.min_value}"
    if element.max_value is not None:
        words += f", at most {element.max_value}"
    return words


def _of_attribute(attribute: Attribute) -> str:
    """Return what is said of an attribute."""
    occurs = "1" if attribute.required else "0..1"
    if attribute.values:
        default = f" (default {attribute.default})" if attribute.default else ""
        return f"{occurs}; one of {', '.join(attribute.values)}{default}"
    limit = f", up to {MAX_REQUEST_ID}" if attribute.name == "requestID" else ""
    return f"{occurs}; {_TYPES[attribute.type]}{limit}"
