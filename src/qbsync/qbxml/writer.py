"""From models to text, whatever is in them: the plain way, without checks of the language.

It writes what was kept back into its place.  What it refuses is what has no XML form at all: values of
another type than the field's, texts that XML cannot hold.  ``compiled`` is the fast way that checks.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Final

from ..errors import InvalidValueError
from .characters import escape, escape_attribute, refuse_forbidden
from .kept import COMMENT, Kept, OddText, UnknownElement
from .layout import layout
from .values import CLEAR, UseMacro

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from .layout import Layout, Slot
    from .values import Scalar

__all__ = ["attributes_text", "unknown_text", "write"]

_XML_NAMESPACE: Final = "http://www.w3.org/XML/1998/namespace"


def write(name: str, value: Any, path: str = "") -> str:
    """Return the element *name* with everything that *value* holds.

    Args:
        name: the qbXML name of the element.
        value: the model.
        path: where the element stands, for messages.

    Raises:
        InvalidValueError: a value is of a wrong type, or holds what XML cannot.
    """
    table = layout(name)
    path = f"{path}/{name}" if path else name
    kept: Kept | None = value._kept  # noqa: SLF001 - what was kept belongs to reader and writer
    open_tag = name + "".join(_attributes(table, value, kept, path))
    chunks = list(_chunks(table, value, path))
    if kept is not None and kept.layout:
        content = "".join(_merged(chunks, kept, path))
    else:
        content = "".join(_child(slot, item, path) for slot, item in chunks)
    return f"<{open_tag}>{content}</{name}>" if content else f"<{open_tag}/>"


def _attributes(table: Layout, value: Any, kept: Kept | None, path: str) -> Iterator[str]:
    for slot in table.attributes.values():
        held = getattr(value, slot.field)
        if held is not None:
            place = f"{path}@{slot.name}"
            text = _converted(slot.scalar, held, place)
            yield f' {slot.name}="{escape_attribute(text)}"'
    if kept is not None:
        yield attributes_text(kept.attributes)


def attributes_text(attributes: Iterable[tuple[str, str]]) -> str:
    """Return attributes that are kept as they were read, each with a space before it."""
    return "".join(_plain_attributes(attributes))


def _plain_attributes(attributes: Iterable[tuple[str, str]]) -> Iterator[str]:
    for number, (name, text) in enumerate(attributes):
        shown, declared = _prefixed(name, f"a{number}")
        yield f' {shown}="{escape_attribute(text)}"{declared}'


def _prefixed(name: str, prefix: str) -> tuple[str, str]:
    """Return a name with a prefix and its declaration where the name has a namespace."""
    if not name.startswith("{"):
        return name, ""
    namespace, _, local = name[1:].partition("}")
    if namespace == _XML_NAMESPACE:
        return f"xml:{local}", ""
    return f"{prefix}:{local}", f' xmlns:{prefix}="{escape_attribute(namespace)}"'


def _chunks(table: Layout, value: Any, path: str) -> Iterator[tuple[Slot, Any]]:
    """Yield the slot and the value of each child, in the order of the language."""
    for field, slots in table.fields.items():
        held = getattr(value, field)
        if held is None:
            continue
        if not slots[0].many:
            yield slots[0], held
            continue
        if not isinstance(held, tuple):
            raise InvalidValueError(f"{path}.{field}", "a tuple", held)
        if len(slots) == 1:
            for item in held:
                yield slots[0], item
            continue
        members = {slot.name: slot for slot in slots}
        for item in held:
            slot = members.get(type(item).__name__)
            if slot is None:
                raise InvalidValueError(f"{path}.{field}", f"one of {', '.join(members)}", item)
            yield slot, item


def _child(slot: Slot, value: Any, path: str) -> str:
    if value is CLEAR:
        return f"<{slot.name}></{slot.name}>"
    if slot.scalar is None:
        if not hasattr(value, "_kept"):
            raise InvalidValueError(f"{path}/{slot.name}", f"a {slot.name}", value)
        return write(slot.name, value, path)
    if isinstance(value, UseMacro):
        return f'<{slot.name} useMacro="{escape_attribute(value.name)}"/>'
    text = _converted(slot.scalar, value, f"{path}/{slot.name}")
    return f"<{slot.name}>{escape(text)}</{slot.name}>"


def _converted(scalar: Scalar, value: Any, path: str) -> str:
    try:
        # What form a text has is for the rules to judge: QuickBooks' own is written back as it came.
        text = value if scalar.plain and isinstance(value, str) else scalar.write(value)
    except InvalidValueError as exc:
        raise InvalidValueError(path, exc.rule, value) from None
    refuse_forbidden(text, path)
    return text


def _merged(chunks: list[tuple[Slot, Any]], kept: Kept, path: str) -> Iterator[str]:
    """Yield the children as they stood when they were read; new ones come where they belong."""
    waiting: dict[str, deque[tuple[Slot, Any]]] = {}
    for chunk in chunks:
        waiting.setdefault(chunk[0].name, deque()).append(chunk)
    placed: list[tuple[int, str]] = []
    rank = -1
    for entry in kept.layout:
        if isinstance(entry, UnknownElement):
            placed.append((rank, unknown_text(entry)))
            continue
        name = entry if isinstance(entry, str) else entry.name
        left = waiting.get(name)
        if left:
            slot, value = left.popleft()
            rank = slot.rank
            odd = None if isinstance(entry, str) else _as_it_was(entry, slot, value)
            placed.append((rank, _child(slot, value, path) if odd is None else odd))
    for slot, value in _in_order(chunks, waiting):
        later = (number for number, (other, _) in enumerate(placed) if other > slot.rank)
        placed.insert(next(later, len(placed)), (slot.rank, _child(slot, value, path)))
    return (text for _, text in placed)


def _in_order(
    chunks: list[tuple[Slot, Any]], left: Mapping[str, deque[tuple[Slot, Any]]]
) -> Iterator[tuple[Slot, Any]]:
    """Yield the chunks that are left, in the order in which all of them stood."""
    numbers = {name: len(some) for name, some in left.items()}
    found = []
    for chunk in reversed(chunks):
        if numbers[chunk[0].name]:
            numbers[chunk[0].name] -= 1
            found.append(chunk)
    return iter(found[::-1])


def _as_it_was(entry: OddText, slot: Slot, value: Any) -> str | None:
    """Return the odd text that was read, as long as the value is what it meant.

    QuickBooks' own may be out of the range that we write: then this is the only text the value has.
    """
    if slot.scalar is None:
        return None
    try:
        meant = slot.scalar.read(entry.text) if entry.text else CLEAR
    except ValueError:
        return None
    if meant != value:
        return None
    attributes = attributes_text(entry.attributes)
    content = content_text(entry.content) if entry.content else escape(entry.text or "")
    return f"<{slot.name}{attributes}>{content}</{slot.name}>"


def content_text(content: Iterable[str | UnknownElement]) -> str:
    """Return texts and elements that the models do not know as they stood."""
    return "".join(escape(part) if isinstance(part, str) else unknown_text(part) for part in content)


def unknown_text(element: UnknownElement) -> str:
    """Return the text of an element that the models do not know, or of a remark."""
    if element.is_remark:
        return _remark_text(element)
    content = content_text(element.content)
    if not element.name:
        return content
    name, declared = _prefixed(element.name, "n")
    attributes = attributes_text(element.attributes)
    return f"<{name}{declared}{attributes}>{content}</{name}>"


def _remark_text(remark: UnknownElement) -> str:
    if remark.name == COMMENT:
        return f"<!--{remark.text}-->"
    return f"<{remark.name} {remark.text}?>" if remark.text else f"<{remark.name}?>"
