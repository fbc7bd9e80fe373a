"""From elements to models.

Two readers stand side by side.  The fast one is made once for each element name and takes what is usual:
known elements in the order of the language, texts as we would write them ourselves.  Whatever else it
meets, it gives the element to the careful one, which keeps all that is unusual in its place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

from lxml import etree

from .kept import Kept, OddText, UnknownElement
from .layout import layout, model
from .values import CLEAR, SCALARS, Scalar, UseMacro

if TYPE_CHECKING:
    from collections.abc import Callable

    from .layout import Layout, Slot

__all__ = ["Memo", "careful", "read", "unknown"]

#: An lxml element; its stubs allow names and texts that a parser never makes.
Node: TypeAlias = Any

#: How many different texts of one type are remembered before the memory starts anew.
_REMEMBERED: Final = 4096

#: Whether something below an element has attributes, or text beside elements.
_UNUSUAL: Final = etree.XPath("boolean(.//*/@* | .//*[*]/text() | self::*[*]/text())")

_TEXT, _SCALAR, _PART, _TEXTS, _SCALARS, _PARTS = range(6)


class _Texts(dict[str, Any]):
    """What the texts of one type mean; asked for a new one, it converts, and refuses odd forms."""

    def __init__(self, scalar: Scalar) -> None:
        super().__init__()
        self._scalar = scalar

    def __missing__(self, text: str) -> Any:
        value = self._scalar.read(text)
        if self._scalar.write(value) != text:
            raise ValueError(text)
        if len(self) >= _REMEMBERED:
            self.clear()
        self[text] = value
        return value


class Memo:
    """What is remembered while one document is read: equal small values become one object."""

    __slots__ = ("refs", "texts")

    def __init__(self) -> None:
        self.texts = {name: _Texts(scalar) for name, scalar in SCALARS.items() if not scalar.plain}
        self.refs: dict[tuple[tuple[str, str], ...], Any] = {}


def read(element: Node, memo: Memo) -> Any:
    """Return the model of an element whose name the catalogue knows, with everything in it."""
    if _UNUSUAL(element):
        return careful(element)
    attributes, odd = _attributes(element, layout(element.tag))
    if odd:
        return careful(element)
    return _READERS[element.tag](element, memo, attributes)


class _Readers(dict[str, Any]):
    """The fast readers by element name, made when first asked for."""

    def __missing__(self, name: str) -> Any:
        made = self[name] = _make(name)
        return made


_READERS: Final = _Readers()


def _entry(slot: Slot) -> tuple[int, int, str, int, str]:
    """Return what the fast reader needs of a slot: rank, highest rank before it, field, kind, type."""
    if slot.scalar is None:
        kind = _PARTS if slot.many else _PART
    elif slot.scalar.plain:
        kind = _TEXTS if slot.many else _TEXT
    else:
        kind = _SCALARS if slot.many else _SCALAR
    floor = slot.rank if slot.many else slot.rank - 1
    return slot.rank, floor, slot.field, kind, slot.scalar.name if slot.scalar else slot.name


def _make(name: str) -> Callable[..., Any]:  # noqa: C901 - see the reader in it
    cls = model(name)
    entries = {slot.name: _entry(slot) for slot in layout(name).slots.values()}
    shared = cls is model("Ref")

    def reader(  # noqa: C901 - one flat loop, because each call in it would cost more than its work
        element: Node, memo: Memo, given: dict[str, Any] | None = None
    ) -> Any:
        values: dict[str, Any] = given or {}
        last = -1
        try:
            for child in element:
                rank, floor, field, kind, about = entries[child.tag]
                if last > floor:
                    return careful(element)
                last = rank
                if kind == _PART:
                    values[field] = _READERS[about](child, memo)
                elif kind == _PARTS:
                    part = _READERS[about](child, memo)
                    values[field] = (*values[field], part) if field in values else (part,)
                else:
                    text = child.text
                    if not text or len(child):
                        return careful(element)
                    if kind == _TEXT:
                        values[field] = text
                    elif kind == _SCALAR:
                        values[field] = memo.texts[about][text]
                    else:
                        value = text if kind == _TEXTS else memo.texts[about][text]
                        values[field] = (*values[field], value) if field in values else (value,)
        except (KeyError, ValueError):
            return careful(element)
        if shared:
            key = tuple(values.items())
            found = memo.refs.get(key)
            if found is None:
                found = memo.refs[key] = cls(**values)
            return found
        return cls(**values)

    return reader


def careful(element: Node) -> Any:
    """Read one element with whatever is unusual in it."""
    table = layout(element.tag)
    values, strange = _attributes(element, table)
    children = _Children(table)
    children.text(element.text)
    for child in element:
        if isinstance(child.tag, str):
            children.take(child)
        children.text(child.tail)
    for field, value in children.values.items():
        values[field] = tuple(value) if isinstance(value, list) else value
    if strange or children.special:
        values["_kept"] = Kept(attributes=strange, layout=tuple(children.layout) if children.special else ())
    return model(element.tag)(**values)


def _attributes(element: Node, table: Layout) -> tuple[dict[str, Any], tuple[tuple[str, str], ...]]:
    """Return the values of known attributes, and the attributes that are unknown or odd."""
    values: dict[str, Any] = {}
    strange = []
    for name, text in element.attrib.items():
        slot = table.attributes.get(name)
        value = None if slot is None else _value(slot.scalar, text)
        if slot is None or value is None:
            strange.append((name, text))
        else:
            values[slot.field] = value
    return values, tuple(strange)


def _value(scalar: Scalar, text: str) -> Any:
    """Return what an attribute's text means, ``None`` when it is not written as we would."""
    try:
        value = scalar.read(text)
        return value if scalar.write(value) == text else None
    except ValueError:
        return None


class _Children:
    """Collects the children of one element, in order, with what is special about them."""

    def __init__(self, table: Layout) -> None:
        self.table = table
        self.values: dict[str, Any] = {}
        self.layout: list[str | UnknownElement | OddText] = []
        self.special = False
        self._last = -1

    def text(self, text: str | None) -> None:
        """Keep text that stands where only elements are expected."""
        if text and not text.isspace():
            self.layout.append(UnknownElement(name="", content=(text,)))
            self.special = True

    def take(self, child: Node) -> None:
        """Take in one child."""
        slot = self.table.slots.get(child.tag)
        if slot is None or (not slot.many and slot.field in self.values):
            self.keep(unknown(child))
        elif slot.scalar is None:
            self.put(slot, careful(child), slot.name)
        else:
            self.leaf(slot, slot.scalar, child)

    def keep(self, odd: UnknownElement) -> None:
        """Keep what has no field."""
        self.layout.append(odd)
        self.special = True

    def put(self, slot: Slot, value: Any, entry: str | OddText) -> None:
        """Put a value into its field, and say where it stood."""
        if slot.rank < self._last or not isinstance(entry, str):
            self.special = True
        self._last = max(slot.rank, self._last)
        self.layout.append(entry)
        if slot.many:
            self.values.setdefault(slot.field, []).append(value)
        else:
            self.values[slot.field] = value

    def leaf(self, slot: Slot, scalar: Scalar, child: Node) -> None:
        """Take in an element with text."""
        text = child.text
        if len(child):
            self.keep(unknown(child))
            return
        attributes = tuple((name, value) for name, value in child.attrib.items())
        if slot.macro and not text and len(attributes) == 1 and attributes[0][0] == "useMacro":
            self.put(slot, UseMacro(attributes[0][1]), slot.name)
            return
        try:
            value = scalar.read(text) if text else CLEAR
        except ValueError:
            self.keep(unknown(child))
            return
        usual = not attributes and (not text or _form(scalar, value) == text)
        self.put(
            slot, value, slot.name if usual else OddText(name=slot.name, text=text, attributes=attributes)
        )


def _form(scalar: Scalar, value: Any) -> str | None:
    """Return how we would write a value that was read; ``None`` when we would not."""
    try:
        return scalar.write(value)
    except ValueError:
        return None


def unknown(element: Node) -> UnknownElement:
    """Return an element as a plain tree."""
    content: list[str | UnknownElement] = [element.text] if element.text else []
    for child in element:
        if isinstance(child.tag, str):
            content.append(unknown(child))
        if child.tail:
            content.append(child.tail)
    return UnknownElement(
        name=element.tag,
        attributes=tuple((name, value) for name, value in element.attrib.items()),
        content=tuple(content),
    )
