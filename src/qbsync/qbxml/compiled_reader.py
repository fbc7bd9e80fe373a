"""The fast readers: one Python function for each class, made as text when it is first needed.

A function walks the children of its element once, in the order of the language: is the next child the
one that may stand here, its value is set, else the field is empty.  For an ``XRet`` with an id, a
reference and lines it looks like this::

    def read(element, reading):
        o = new(Draft)
        try:
            child = last = element[0]
            tag = child.tag
            if tag == 'TxnID':
                o.txn_id = child.text or blank(child)
                last = child; child = child.getnext(); tag = None if child is None else child.tag
            else: o.txn_id = None
            if tag == 'CustomerRef':
                o.customer_ref = r1(child, reading)
                last = child; child = child.getnext(); tag = None if child is None else child.tag
            else: o.customer_ref = None
            if tag == 'XLineRet':
                items = []
                while tag == 'XLineRet':
                    items.append(r2(child, reading))
                    last = child; child = child.getnext(); tag = None if child is None else child.tag
                o.x_line_ret = tuple(items)
            else: o.x_line_ret = ()
        except ODD: return careful(element, reading)
        if child is not None or last.tail: return careful(element, reading)
        o._kept = None
        o.__class__ = XRet
        return o

Whatever is not as expected (an unknown or doubled child, another order, no child at all, a text that we
would not write so) leaves a child over or raises, and the element goes to the careful reader, which keeps
all of it.

The models are frozen, and setting sixty fields through their constructor takes as long as reading them.
So the object is made from a draft: a subclass without slots of its own that may be set; when it is whole
its class becomes the frozen one.  A draft never leaves the function that made it.

What the caller has made sure of: no attributes below the element, no text before a child (see ``reader``).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from .layout import layout, model
from .values import CLEAR, SCALARS, QBDateTime, Scalar

if TYPE_CHECKING:
    from .layout import Layout, Slot

__all__ = ["Node", "Readers"]

#: An lxml element; its stubs allow names and texts that a parser never makes.
Node: TypeAlias = Any

_Reader: TypeAlias = Callable[[Node, Any], Any]

#: How many different texts of one type are remembered, and references of one document.
_REMEMBERED: Final = 1024
_REFERENCES: Final = 4096
#: After so many texts that were not remembered any more the memory starts anew.  Amounts hardly repeat in a
#: long stream, and remembering each would cost a tenth of the time; small documents repeat all the time.
_FORGOTTEN: Final = 64 * _REMEMBERED


def _draft(cls: type) -> Any:
    """Return a subclass of a frozen class whose instances may be set, and then turned into *cls*.

    The class of an object may be changed to one of the same layout; a subclass without slots has it.
    """
    free = {
        "__slots__": (),
        "__doc__": f"A {cls.__name__} that is being read.",
        "__setattr__": object.__setattr__,
        "__delattr__": object.__delattr__,
    }
    return type(cls)(cls.__name__, (cls,), free)


class _Texts(dict[str, Any]):
    """What the texts of one type mean; asked for a new one, it converts, and refuses odd forms."""

    def __init__(self, scalar: Scalar) -> None:
        super().__init__()
        self._read = Decimal if scalar.usual and Decimal in scalar.kinds else scalar.read
        self._usual = scalar.usual or _never
        self._scalar = scalar
        self._missed = 0

    def __missing__(self, text: str) -> Any:
        if not text:
            raise ValueError(text)
        if self._usual(text):
            value = self._read(text)
        else:
            value = self._scalar.read(text)
            if self._scalar.write(value) != text:
                raise ValueError(text)
        if len(self) < _REMEMBERED:
            self[text] = value
        else:
            self._missed += 1
            if self._missed >= _FORGOTTEN:
                self._missed = 0
                self.clear()
        return value


def _never(_text: str) -> bool:
    return False


_TEXTS: Final = {name: _Texts(scalar) for name, scalar in SCALARS.items() if not scalar.plain}

#: Time stamps that need no second look: within QuickBooks' range, whole, and of a day that each month has.
_STAMP: Final = re.compile(
    r"(?:19[789]|20[012])\d-(?:0[1-9]|1[012])-(?:0[1-9]|1\d|2[0-8])"
    r"T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:[+-]\d\d:\d\d)?",
    re.ASCII,
).fullmatch
_StampDraft: Final = _draft(QBDateTime)


def _stamp(text: str) -> Any:
    """Return a time stamp, checked by one look at its text where that is enough."""
    if not _STAMP(text):
        return _TEXTS["DATETIMETYPE"][text]
    stamp = object.__new__(_StampDraft)
    stamp.text = text
    stamp.__class__ = QBDateTime
    return stamp


def _blank(child: Node) -> Any:
    """Return what an element without text means: ``CLEAR``, unless there is something in it."""
    if len(child):
        raise ValueError(child.tag)
    return CLEAR


class Readers(dict[str, _Reader]):
    """The fast readers by element name, made when they are first asked for.

    Args:
        careful: the reader that gets what is unusual.
        finish: called with each object that was made, if given.
    """

    def __init__(self, careful: _Reader, finish: Callable[[Any], object] | None = None) -> None:
        super().__init__()
        self._careful = careful
        self._finish = finish

    def __missing__(self, name: str) -> _Reader:
        made = self[name] = _Source(layout(name), self, self._careful, self._finish).compile()
        return made


class _Source:
    """Collects the source of one reader and what its names stand for."""

    def __init__(
        self, table: Layout, readers: Readers, careful: _Reader, finish: Callable[[Any], object] | None
    ) -> None:
        cls = model(table.name)
        self.table = table
        self.readers = readers
        self.lines: list[str] = []
        self.names: dict[str, Any] = {
            "new": object.__new__,
            "Draft": _draft(cls),
            "Model": cls,
            "careful": careful,
            "finish": finish,
            "blank": _blank,
            "stamp": _stamp,
            "Decimal": Decimal,
            "ODD": (ValueError, IndexError),
        }

    def compile(self) -> _Reader:
        """Return the function."""
        self.emit("def read(element, reading):")
        if self.names["Model"] is model("Ref"):
            self.reference()
        self.emit(" o = new(Draft)")
        self.emit(" try:")
        self.attributes()
        self.emit("  child = last = element[0]")
        self.emit("  tag = child.tag")
        for field, slots in self.table.fields.items():
            if slots[0].many:
                self.repeated(field, slots)
            else:
                self.single(field, slots[0])
        self.emit(" except ODD: return careful(element, reading)")
        self.emit(" if child is not None or last.tail: return careful(element, reading)")
        self.finish()
        exec("\n".join(self.lines), self.names)  # noqa: S102 - made from our own table alone
        made: _Reader = self.names["read"]
        return made

    def emit(self, line: str) -> None:
        """Add a line of source."""
        self.lines.append(line)

    def constant(self, value: Any) -> str:
        """Return a new name for *value*."""
        name = f"c{len(self.names)}"
        self.names[name] = value
        return name

    def step(self, pad: str) -> None:
        """Go to the next child."""
        self.emit(f"{pad}last = child")
        self.emit(f"{pad}child = child.getnext()")
        self.emit(f"{pad}tag = None if child is None else child.tag")

    def attributes(self) -> None:
        """Read the attributes of the element itself; an unknown one is unusual."""
        slots = self.table.attributes.values()
        if not slots:
            return
        self.emit(f"  {' = '.join(f'o.{slot.field}' for slot in slots)} = None")
        self.emit("  for name, text in element.items():")
        word = "if"
        for slot in slots:
            value = "text" if slot.scalar.plain else f"{self.texts(slot.scalar)}[text]"
            self.emit(f"   {word} name == {slot.name!r}: o.{slot.field} = {value}")
            word = "elif"
        self.emit("   else: return careful(element, reading)")

    def single(self, field: str, slot: Slot) -> None:
        """Read a child that stands here once at most."""
        self.emit(f"  if tag == {slot.name!r}:")
        self.emit(f"   o.{field} = {self.value(slot)}")
        self.step("   ")
        self.emit(f"  else: o.{field} = None")

    def repeated(self, field: str, slots: tuple[Slot, ...]) -> None:
        """Read the children of one field: one kind many times, or a free mix of several kinds."""
        here = " or ".join(f"tag == {slot.name!r}" for slot in slots)
        *others, last = slots
        value = "".join(f"({self.value(slot)}) if tag == {slot.name!r} else " for slot in others)
        self.emit(f"  if {here}:")
        self.emit("   items = []")
        self.emit(f"   while {here}:")
        self.emit(f"    items.append({value}{self.value(last)})")
        self.step("    ")
        self.emit(f"   o.{field} = tuple(items)")
        self.emit(f"  else: o.{field} = ()")

    def value(self, slot: Slot) -> str:
        """Return the expression that makes the value of ``child``."""
        scalar = slot.scalar
        if scalar is None:
            return f"{self.part(slot.name)}(child, reading)"
        if scalar.plain:
            return "child.text or blank(child)"
        if scalar.name == "DATETIMETYPE":
            return "stamp(child.text or '')"
        if scalar.name == "PRICETYPE":  # prices of lines repeat least of all numbers
            usual = self.constant(scalar.usual)
            return f"Decimal(text) if {usual}(text := child.text or '') else {self.texts(scalar)}[text]"
        return f"{self.texts(scalar)}[child.text]"

    def texts(self, scalar: Scalar) -> str:
        """Return the name of the table of texts of a type."""
        return self.constant(_TEXTS[scalar.name])

    def part(self, name: str) -> str:
        """Return the name of the reader of an aggregate, which is made when it is first called."""
        local = f"r{len(self.names)}"
        names, readers = self.names, self.readers

        def first(element: Node, reading: Any) -> Any:
            made = names[local] = readers[name]
            return made(element, reading)

        names[local] = first
        return local

    def finish(self, pad: str = " ") -> None:
        """Return the object, frozen."""
        self.emit(f"{pad}o._kept = None")
        self.emit(f"{pad}o.__class__ = Model")
        if self.names["finish"] is not None:
            self.emit(f"{pad}finish(o)")
        self.emit(f"{pad}return o")

    def reference(self) -> None:
        """Read a whole reference, the most frequent aggregate by far, without the walk.

        Equal ones become one object: they are found again by their first text, the id.
        """
        first, second = self.table.slots.values()
        self.emit(" if len(element) == 2:")
        self.emit("  a = element[0]")
        self.emit("  b = a.getnext()")
        self.emit(f"  if a.tag == {first.name!r} and b.tag == {second.name!r} and not b.tail:")
        self.emit("   if (v := a.text) and (w := b.text):")
        self.emit("    references = reading.references")
        self.emit("    o = references.get(v)")
        self.emit(f"    if o is not None and o.{second.field} == w: return o")
        self.emit(f"    if len(references) >= {_REFERENCES}: references.clear()")
        self.emit("    references[v] = o = new(Draft)")
        self.emit(f"    o.{first.field} = v")
        self.emit(f"    o.{second.field} = w")
        self.finish("    ")
