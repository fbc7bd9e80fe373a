"""From elements to models.

Two readers stand side by side.  The fast ones are made once for each element name (``compiled_reader``)
and take what is usual: known elements in the order of the language, texts as we would write them
ourselves.  Whatever else they meet, they give the element to the careful one, which is here and keeps all
that is unusual in its place.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final

from lxml import etree

from ..errors import ParseError
from .compiled_reader import Node, Readers
from .kept import COMMENT, Kept, OddText, UnknownElement
from .layout import is_known, layout, model
from .messages import UnknownMessage
from .untracked import untracking
from .values import CLEAR, Scalar, UseMacro

if TYPE_CHECKING:
    from .layout import Layout, Slot

__all__ = [
    "BLANK",
    "Children",
    "Node",
    "Reading",
    "read",
    "read_message",
    "remark",
    "strange_text",
    "unknown",
]


def _xpath(expression: str) -> etree.XPath:
    return etree.XPath(expression, regexp=False)  # getting ready for those takes a tenth of a short look


#: What XML calls white space; Python knows more.
BLANK: Final = " \t\r\n"

#: Whether something below an element has attributes, or text with an element behind it.  Asked of many
#: objects at once this costs a fifth of asking each element; the readers look behind the last child.
#: Only the next node behind each text: all of them would be some billions in a small document of mixed text.
#: And they are counted, for then they are not sorted: that takes minutes where many comments part a text.
_UNUSUAL: Final = _xpath("boolean(.//*/@*) or count(.//text()/following-sibling::node()[1])")
_MIXED: Final = _xpath("count(.//text()/following-sibling::node()[1])")
#: The same where there are very many texts: then the time of those above grows with the square of their
#: number, for each node found is compared with all before it.  For few texts this takes five times as long.
#: A document that is read at once is too small for that to matter.
_UNUSUAL_OF_MANY: Final = _xpath("count(.//*/@*) or count(.//text()[following-sibling::node()[1]])")
_MANY: Final = _xpath("count(.//text()) > 8192")
_LEVEL: Final = _xpath("count(ancestor-or-self::*)")


#: No known element stands deeper; where more is allowed only unknown elements need be looked at.
_KNOWN_DEPTH: Final = 16


class Reading:
    """What belongs to the reading of one document.

    Args:
        max_depth: the deepest nesting taken; known elements never nest so deep, unknown ones are asked.
        lasting: whether very many objects are read and kept.
        large: whether there may be very many texts in one object: the document grows.
    """

    __slots__ = (
        "_before",
        "_last",
        "_signs",
        "_since",
        "attributes",
        "large",
        "lasting",
        "max_depth",
        "references",
        "unusual",
    )

    def __init__(self, max_depth: int, *, lasting: bool = False, large: bool = True) -> None:
        self.max_depth = max_depth
        self.lasting = lasting
        self.large = large
        #: Whether there may be attributes below messages.
        self.attributes = True
        self._before = self._signs = self._since = True
        self._last: Node = None
        #: Whether each object must be asked for what is unusual in it.
        self.unusual = True
        #: References by id: equal ones become one object.
        self.references: dict[str, Any] = {}

    def begin(self, *, signs: bool) -> None:
        """Note that the document grew, and whether attributes may have come with that."""
        self.attributes = signs or self._before
        self._before = self.attributes
        self._since = signs or self._since
        self._signs = signs

    def took(self, last: Node) -> None:
        """Note that all was read but the *last* of the children, whose end is still to come.

        It may go on for any number of pieces.  If it is another one than before, all its attributes came
        behind the begin of that one: a tag is seen when it is whole, and may have begun in earlier pieces.
        """
        if last is not self._last:
            self._before, self._since, self._last = self._since, self._signs, last

    def look(self, message: Node) -> None:
        """Look for what is unusual in all that there is of a message, before its objects are read."""
        try:
            self.unusual = _is_unusual(message, self)
        except etree.XPathEvalError:  # more nodes than libxml2 puts into one set
            self.unusual = True

    def bound(self, element: Node) -> None:
        """Refuse a message, or an object in it, that nests too deep.

        Raises:
            ParseError: it does.
        """
        if self.max_depth < _KNOWN_DEPTH:
            _bound_depth(element, self.max_depth)


def read_message(element: Node, reading: Reading) -> Any:
    """Return a whole message; one that we do not know is kept as it is.

    Raises:
        ParseError: it nests too deep.
    """
    reading.bound(element)
    if is_known(element.tag):
        reading.look(element)
        return read(element, reading)
    return UnknownMessage(unknown(element, reading))


def read(element: Node, reading: Reading) -> Any:
    """Return the model of an element whose name the catalogue knows, with everything in it."""
    if reading.unusual and (
        _is_unusual(element, reading) or (element.keys() and not layout(element.tag).attributes)
    ):
        return careful(element, reading)
    return (_lasting() if reading.lasting else _READERS)[element.tag](element, reading)


def _is_unusual(element: Node, reading: Reading) -> bool:
    if reading.large and _MANY(element):
        return bool(_UNUSUAL_OF_MANY(element))
    return bool(_UNUSUAL(element) if reading.attributes else _MIXED(element))


def careful(element: Node, reading: Reading) -> Any:
    """Read one element with whatever is unusual in it."""
    children = Children(element, reading)
    for child in element:
        children.take(child)
    return children.whole()


_READERS: Final = Readers(careful)


@cache
def _lasting() -> Readers:
    return Readers(careful, untracking())


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


class Children:
    """Collects the children of one element, in order, with what is special about them.

    Args:
        element: the element; its children are given to ``take`` one after the other.
        reading: the reading of the document.
    """

    def __init__(self, element: Node, reading: Reading) -> None:
        self.name: str = element.tag
        self.table = layout(self.name)
        self.reading = reading
        self.values, self.strange = _attributes(element, self.table)
        self.layout: list[str | UnknownElement | OddText] = []
        self.special = bool(self.strange)
        self.remarked = False
        self._last = -1
        self._text(element.text)

    def whole(self) -> Any:
        """Return the model of everything that was taken in."""
        values = {f: tuple(v) if isinstance(v, list) else v for f, v in self.values.items()}
        if self.special or self.remarked:
            values["_kept"] = Kept(
                attributes=self.strange, layout=tuple(self.layout), remarks_only=not self.special
            )
        return model(self.name)(**values)

    def take(self, child: Node) -> None:
        """Take in one child, and the text behind it.

        Raises:
            ParseError: it nests too deep.
        """
        self.reading.bound(child)
        if isinstance(child.tag, str):
            slot = self.table.slots.get(child.tag)
            if slot is None or (not slot.many and slot.field in self.values):
                self._keep(unknown(child, self.reading))
            elif slot.scalar is None:
                self._put(slot, read(child, self.reading), slot.name)
            else:
                self._leaf(slot, slot.scalar, child)
        else:
            self.layout.append(remark(child))
            self.remarked = True
        self._text(child.tail)

    def _text(self, text: str | None) -> None:
        """Keep text that stands where only elements are expected."""
        strange = strange_text(text)
        if strange is not None:
            self._keep(strange)

    def _keep(self, odd: UnknownElement) -> None:
        """Keep what has no field."""
        self.layout.append(odd)
        self.special = True

    def _put(self, slot: Slot, value: Any, entry: str | OddText) -> None:
        """Put a value into its field, and say where it stood."""
        usual = isinstance(entry, str) or entry.usual
        if slot.rank < self._last or not usual:
            self.special = True
        elif not isinstance(entry, str):
            self.remarked = True
        self._last = max(slot.rank, self._last)
        self.layout.append(entry)
        if slot.many:
            self.values.setdefault(slot.field, []).append(value)
        else:
            self.values[slot.field] = value

    def _leaf(self, slot: Slot, scalar: Scalar, child: Node) -> None:
        """Take in an element with text."""
        text = child.text
        content: tuple[str | UnknownElement, ...] = ()
        if len(child):
            text = "".join((child.text or "", *((part.tail or "") for part in child))) or None
            content = _content(child)
        if any(isinstance(part.tag, str) for part in child):
            self._keep(unknown(child, self.reading))
            return
        attributes = tuple((name, value) for name, value in child.attrib.items())
        if slot.macro and not text and len(attributes) == 1 and attributes[0][0] == "useMacro":
            self.layout += [part for part in content if not isinstance(part, str)]
            self.remarked = self.remarked or bool(content)
            self._put(slot, UseMacro(attributes[0][1]), slot.name)
            return
        try:
            value = scalar.read(text) if text else CLEAR
        except ValueError:
            self._keep(unknown(child, self.reading))
            return
        usual = not attributes and (not text or scalar.plain or _form(scalar, value) == text)
        if usual and not content:
            self._put(slot, value, slot.name)
            return
        odd = OddText(name=slot.name, text=text, attributes=attributes, content=content, usual=usual)
        self._put(slot, value, odd)


def _form(scalar: Scalar, value: Any) -> str | None:
    """Return how we would write a value that was read; ``None`` when we would not."""
    try:
        return scalar.write(value)
    except ValueError:
        return None


@lru_cache(maxsize=256)
def _deeper(levels: int) -> etree.XPath:
    """Return what tells whether elements nest more than so many levels below an element."""
    return _xpath(f"boolean({'/'.join(['*'] * (levels + 1))})")


def _bound_depth(element: Node, most: int) -> None:
    level = int(_LEVEL(element))
    if level > most or _deeper(most - level)(element):
        raise ParseError(f"expected at most {most} levels of elements, got more", element.sourceline)


def unknown(element: Node, reading: Reading) -> UnknownElement:
    """Return an element as a plain tree.

    Raises:
        ParseError: the elements in it nest too deep.
    """
    _bound_depth(element, reading.max_depth)
    return _tree(element)


def _tree(element: Node) -> UnknownElement:
    return UnknownElement(
        name=element.tag,
        attributes=tuple((name, value) for name, value in element.attrib.items()),
        content=_content(element),
    )


def _content(element: Node) -> tuple[str | UnknownElement, ...]:
    """Return texts, elements and remarks in an element as they stand."""
    content = [element.text] if element.text else []
    for child in element:
        content.append(_tree(child) if isinstance(child.tag, str) else remark(child))
        if child.tail:
            content.append(child.tail)
    return tuple(content)


def remark(node: Node) -> UnknownElement:
    """Return a comment or an instruction as it is kept."""
    name = COMMENT if node.tag is etree.Comment else f"?{node.target}"
    return UnknownElement(name=name, content=(node.text,) if node.text else ())


def strange_text(text: str | None) -> UnknownElement | None:
    """Return a text that stands where only elements are expected; ``None`` where there is nothing to keep."""
    return UnknownElement(name="", content=(text,)) if text and text.strip(BLANK) else None
