"""The facts of qbXML as data: which elements stand where, in which order, how often, how long.

Here is the reading side of the table that ``scripts/make_catalogue.py`` writes, with the hand-kept
corrections of ``overlay`` applied.  Not here: building, parsing and checking; they ask here.

The table is JSON in a layout of our own.  ``enums``, ``attributes``, ``nodes`` and ``shapes`` hold
each different entry once; all else refers to them by number.

- attribute: ``[name, type, required, enum?, default?]``
- node: ``[name, type or shape, least, most, extra?]``; most 0 means unbounded; extra holds ``s``
  (since), ``n`` (editions without it), ``l`` (lengths by editions), ``e`` (enum), ``d`` (default),
  ``b`` (bounds), ``m`` (may be a macro)
- shape: ``[attributes, particles]``; a particle is a node, or a choice ``[least, most, branch, …]``
- editions are letters: U (US), C (CA), K (UK), A (AU), O (Online Edition)

Nothing is read before the first question; a shape is made when it is first asked for.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs

from .overlay import MOST, SINCE

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "EDITIONS",
    "Attribute",
    "Catalogue",
    "Choice",
    "Element",
    "Shape",
    "aggregate",
    "aggregate_names",
    "element",
    "message",
    "names",
    "source",
]

_T = TypeVar("_T")

FILE: Final = "qbxml140.json"

#: The editions by their letter in the table. ``OE`` is the long-dead Online Edition interface.
EDITIONS: Final = {"U": "US", "C": "CA", "K": "UK", "A": "AU", "O": "OE"}
_LETTERS: Final = {name: letter for letter, name in EDITIONS.items()}


@attrs.frozen(kw_only=True)
class Attribute:
    """One attribute of an element."""

    name: str
    type: str
    required: bool = False
    values: tuple[str, ...] = ()
    default: str | None = None


@attrs.frozen(kw_only=True, eq=False)
class Element:
    """One element at one place: what it holds and how often it may stand there."""

    name: str
    #: The scalar type, such as ``STRTYPE``; ``None`` for an aggregate.
    type: str | None
    #: What an aggregate holds; ``None`` for a scalar.
    shape: Shape | None
    min: int
    #: ``None`` means unbounded.
    max: int | None
    #: The qbXML version that brought it here; a parent may be younger.
    since: str = "1.0"
    #: The editions that do not know it: of ``US CA UK AU OE``.
    not_in: frozenset[str] = frozenset()
    #: Longest text by edition letters; the empty text stands for all editions.
    lengths: tuple[tuple[str, int], ...] = ()
    values: tuple[str, ...] = ()
    default: str | None = None
    min_value: str | None = None
    max_value: str | None = None
    #: Whether ``useMacro`` may take the place of a value.
    macro: bool = False

    def max_length(self, edition: str = "US") -> int | None:
        """Return how many characters QuickBooks takes here, or ``None`` when no limit is known."""
        letter = _LETTERS[edition]
        for letters, length in self.lengths:
            if not letters or letter in letters:
                return length
        return None


@attrs.frozen(kw_only=True, eq=False)
class Choice:
    """Several branches of which so many may be taken."""

    min: int
    #: ``None`` means unbounded: a free mix of the branches.
    max: int | None
    branches: tuple[tuple[Element | Choice, ...], ...]


@attrs.frozen(kw_only=True, eq=False)
class Shape:
    """What stands inside one aggregate or message, in document order."""

    name: str
    attributes: tuple[Attribute, ...]
    particles: tuple[Element | Choice, ...]

    def elements(self) -> Iterator[Element]:
        """Yield all elements in document order, also those inside choices."""
        return _flat(self.particles)


def _flat(particles: tuple[Element | Choice, ...]) -> Iterator[Element]:
    for particle in particles:
        if isinstance(particle, Element):
            yield particle
        else:
            for branch in particle.branches:
                yield from _flat(branch)


class Catalogue:
    """One table, read on demand.

    Args:
        text: the table as JSON.
        corrected: whether the hand-kept corrections are applied, and elements of responses made
            optional; only tests of the table itself say no.
    """

    def __init__(self, text: str, *, corrected: bool = True) -> None:
        self._table: dict[str, Any] = json.loads(text)
        self._corrected = corrected
        self._shapes: dict[tuple[int, str, bool], Shape] = {}
        self._attributes: dict[int, Attribute] = {}
        self._messages: dict[str, Element] = {}

    @property
    def source(self) -> str:
        """What the table was made from, e.g. ``qbXML 14.0``."""
        return str(self._table["source"])

    def names(self) -> tuple[str, ...]:
        """Return the names of all messages, requests first."""
        return tuple(self._table["messages"])

    def aggregate_names(self) -> tuple[str, ...]:
        """Return the names of all elements that hold elements or attributes, messages included."""
        return tuple(self._table["aggregates"])

    def message(self, name: str) -> Shape:
        """Return what the message *name* holds.

        Raises:
            KeyError: no message has this name.
        """
        shape = self.element(name).shape
        assert shape is not None
        return shape

    def element(self, name: str) -> Element:
        """Return the message *name* as an element, with its version and editions.

        Raises:
            KeyError: no message has this name.
        """
        found = self._messages.get(name)
        if found is None:
            number = self._table["messages"][name]
            found = self._messages[name] = self._element(number, "", lenient=name.endswith("Rs"))
        return found

    def aggregate(self, name: str) -> Shape:
        """Return what the aggregate *name* holds, with the limits of the place where it stands first.

        An aggregate has the same elements in the same order wherever it stands; lengths, versions
        and editions may differ.

        Raises:
            KeyError: no aggregate has this name.
        """
        return self._shape(self._table["aggregates"][name][0], name, lenient=False)

    def _shape(self, number: int, name: str, *, lenient: bool) -> Shape:
        key = (number, name, lenient)
        found = self._shapes.get(key)
        if found is None:
            attributes, particles = self._table["shapes"][number]
            found = self._shapes[key] = Shape(
                name=name,
                attributes=tuple(self._attribute(row) for row in attributes),
                particles=self._particles(particles, name, lenient=lenient),
            )
        return found

    def _attribute(self, number: int) -> Attribute:
        found = self._attributes.get(number)
        if found is None:
            name, scalar, required, *enum = self._table["attributes"][number]
            values = self._values(enum[0]) if enum else ()
            found = self._attributes[number] = Attribute(
                name=name,
                type=scalar,
                required=bool(required),
                values=values,
                default=enum[1] if enum else None,
            )
        return found

    def _values(self, number: int) -> tuple[str, ...]:
        return tuple(self._table["enums"][number].split(" "))

    def _particles(self, rows: list[Any], parent: str, *, lenient: bool) -> tuple[Element | Choice, ...]:
        return tuple(
            self._element(row, parent, lenient=lenient)
            if isinstance(row, int)
            else self._choice(row, parent, lenient=lenient)
            for row in rows
        )

    def _choice(self, row: list[Any], parent: str, *, lenient: bool) -> Choice:
        least, most, *branches = row
        return Choice(
            min=0 if lenient and self._corrected else least,
            max=most or None,
            branches=tuple(self._particles(rows, parent, lenient=lenient) for rows in branches),
        )

    def _element(self, number: int, parent: str, *, lenient: bool) -> Element:
        name, kind, least, most, *rest = self._table["nodes"][number]
        extra = rest[0] if rest else {}
        since = extra.get("s", "1.0")
        if self._corrected:
            least = 0 if lenient else least
            most = _corrected(MOST, parent, name, most)
            since = _corrected(SINCE, parent, name, since)
        scalar = kind if isinstance(kind, str) else None
        low, high = extra.get("b", (None, None))
        return Element(
            name=name,
            type=scalar,
            shape=None if scalar else self._shape(kind, name, lenient=lenient),
            min=least,
            max=most or None,
            since=since,
            not_in=frozenset(EDITIONS[letter] for letter in extra.get("n", "")),
            lengths=tuple(extra.get("l", {}).items()),
            values=self._values(extra["e"]) if "e" in extra else (),
            default=extra.get("d"),
            min_value=low,
            max_value=high,
            macro="m" in extra,
        )


def _corrected(table: dict[tuple[str, str], tuple[_T, str]], parent: str, name: str, value: _T) -> _T:
    """Return the hand-kept fact for *name* in *parent*, or *value* when there is none."""
    entry = table.get((parent, name)) or table.get(("*", name))
    return value if entry is None else entry[0]


@cache
def _catalogue() -> Catalogue:
    return Catalogue(resources.files(__name__).joinpath(FILE).read_text(encoding="ascii"))


def source() -> str:
    """Return what the table was made from, e.g. ``qbXML 14.0``."""
    return _catalogue().source


def names() -> tuple[str, ...]:
    """Return the names of all messages, requests first."""
    return _catalogue().names()


def aggregate_names() -> tuple[str, ...]:
    """Return the names of all elements that hold elements or attributes, messages included."""
    return _catalogue().aggregate_names()


def message(name: str) -> Shape:
    """Return what the message *name* holds; see ``Catalogue.message``."""
    return _catalogue().message(name)


def element(name: str) -> Element:
    """Return the message *name* as an element; see ``Catalogue.element``."""
    return _catalogue().element(name)


def aggregate(name: str) -> Shape:
    """Return what the aggregate *name* holds; see ``Catalogue.aggregate``."""
    return _catalogue().aggregate(name)
