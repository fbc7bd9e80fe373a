"""From elements to models.

Two readers stand side by side.  The fast one is made once for each element name and takes what is usual:
known elements in the order of the language, texts as we would write them ourselves.  Whatever else it
meets, it gives the element to the careful one, which keeps all that is unusual in its place.
"""

from __future__ import annotations

from decimal import Decimal
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

#: Whether something below an element has attributes, or text with an element behind it.  Asked of a whole
#: message at once this costs a fifth of asking each element; text behind elements is left to the readers.
_UNUSUAL: Final = etree.XPath("boolean(.//*/@*) or boolean(.//text()/following-sibling::*)")

_TEXT, _SCALAR, _NUMBER, _PART, _TEXTS, _SCALARS, _PARTS = range(7)


class _Texts(dict[str, Any]):
    """What the texts of one type mean; asked for a new one, it converts, and refuses odd forms."""

    def __init__(self, scalar: Scalar) -> None:
        super().__init__()
        self._scalar = scalar

    def __missing__(self, text: str) -> Any:
        scalar = self._scalar
        value = scalar.read(text)
        if (scalar.usual is None or not scalar.usual(text)) and scalar.write(value) != text:
            raise ValueError(text)
        if len(self) >= _REMEMBERED:
            self.clear()
        self[text] = value
        return value


_TEXTS_BY_TYPE: Final = {name: _Texts(scalar) for name, scalar in SCALARS.items() if not scalar.plain}


class Memo:
    """What is remembered while one document is read: equal references become one object."""

    __slots__ = ("refs",)

    def __init__(self) -> None:
        self.refs: dict[tuple[str | None, str | None], Any] = {}


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


def _entry(slot: Slot) -> tuple[int, int, str, int, Any]:
    """Return what the fast reader needs of a slot.

    That is: its rank, the highest rank that may stand before it, the field, the kind, and what the kind
    needs: the meaning of texts, the form of numbers, the name of an aggregate.
    """
    about: Any = slot.name
    if slot.scalar is None:
        kind = _PARTS if slot.many else _PART
    elif slot.scalar.plain:
        kind = _TEXTS if slot.many else _TEXT
    elif Decimal in slot.scalar.kinds and slot.scalar.usual and not slot.many:
        kind, about = _NUMBER, slot.scalar.usual
    else:
        kind = _SCALARS if slot.many else _SCALAR
        about = _TEXTS_BY_TYPE[slot.scalar.name]
    floor = slot.rank if slot.many else slot.rank - 1
    return slot.rank, floor, slot.field, kind, about


def _ref(element: Node, memo: Memo) -> Any:
    """Read a reference, the most frequent aggregate by far; equal ones become one object."""
    if len(element) == len(_REF):
        first, second = element
        if (first.tag, second.tag) == _REF and not second.tail:
            key = (first.text, second.text)
            found = memo.refs.get(key)
            if found is None and all(key):
                found = memo.refs[key] = model("Ref")(list_id=key[0], full_name=key[1])
            if found is not None:
                return found
    return careful(element)


_REF: Final = ("ListID", "FullName")


def _make(name: str) -> Callable[..., Any]:  # noqa: C901 - see the loop in it
    """Return the fast reader of the element *name*."""
    cls = model(name)
    if cls is model("Ref"):
        return _ref
    entries = {slot.name: _entry(slot) for slot in layout(name).slots.values()}
    repeated = {slot.field for slot in layout(name).slots.values() if slot.many}

    def reader(  # noqa: C901, PLR0912 - one flat loop, as each call in it would cost more than its work
        element: Node, memo: Memo, given: dict[str, Any] | None = None
    ) -> Any:
        values: dict[str, Any] = given or {}
        last = -1
        child = None
        try:
            for child in element:
                rank, floor, field, kind, about = entries[child.tag]
                if last > floor:
                    return careful(element)
                last = rank
                if kind == _PART:
                    values[field] = _READERS[about](child, memo)
                    continue
                if kind == _PARTS:
                    item: Any = _READERS[about](child, memo)
                else:
                    item = child.text
                    if not item:
                        return careful(element)
                    if kind == _TEXT:
                        values[field] = item
                        continue
                    if kind == _SCALAR:
                        values[field] = about[item]
                        continue
                    if kind == _NUMBER:  # amounts are too different to be worth remembering
                        if not about(item):
                            return careful(element)
                        values[field] = Decimal(item)
                        continue
                    if kind == _SCALARS:
                        item = about[item]
                if field in values:
                    values[field].append(item)
                else:
                    values[field] = [item]
        except (KeyError, ValueError):
            return careful(element)
        if element.text if child is None else child.tail:
            return careful(element)
        for field in repeated & values.keys():
            values[field] = tuple(values[field])
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
        usual = not attributes and (not text or scalar.plain or _form(scalar, value) == text)
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
