"""Models as plain values and back: dictionaries, lists, texts and numbers, ready for JSON.

Asked through ``to_dict`` and ``from_dict`` of the models.  The keys are the names of the fields, in the
order of the language; what is not set is left out.

- amounts, prices and other decimal numbers are texts, so that no digit is lost on the way
- dates and times are the texts of the language, intervals too (``PT8H30M0S``)
- ``CLEAR`` is the empty text; a macro is ``{"use_macro": "TxnID:i1"}``
- a member of a mixed sequence is an object with one key, its qbXML name: ``{"InvoiceLineAdd": {…}}``
- what was read and has no field stands under ``_kept``

Not here: reading and writing of JSON text, and the rules of the language; an incomplete or wrong message
goes there and back as it is.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from ..errors import InvalidValueError, shorten
from .kept import Kept, OddText, UnknownElement
from .layout import layout, model
from .values import CLEAR, QBDateTime, UseMacro

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .layout import Layout, Slot
    from .values import Scalar

__all__ = ["from_plain", "to_plain"]

Plain: TypeAlias = dict[str, Any]

_KEPT: Final = "_kept"
_MACRO: Final = "use_macro"
_AS_TEXT: Final = (Decimal, QBDateTime)


def _table(name: str) -> Layout:
    """Return the layout of a class; the names of references share one."""
    return layout("CustomerRef" if name == "Ref" else name)


def to_plain(value: Any, path: str = "") -> Plain:
    """Return what a model holds as plain values.

    Raises:
        InvalidValueError: a field holds what no field can hold.
    """
    name = type(value).__name__
    path = path or name
    table = _table(name)
    found: Plain = {}
    for attribute in table.attributes.values():
        held = getattr(value, attribute.field)
        if held is not None:
            found[attribute.field] = _scalar(attribute.scalar, held, f"{path}.{attribute.field}")
    for field, slots in table.fields.items():
        held = getattr(value, field)
        if held is not None and held != ():
            found[field] = _field(slots, held, f"{path}.{field}")
    kept = value._kept  # noqa: SLF001 - what was kept belongs to those who read and write
    if kept is not None:
        found[_KEPT] = _kept_plain(kept)
    return found


def _field(slots: tuple[Slot, ...], held: Any, path: str) -> Any:
    """Return what one field holds."""
    if not slots[0].many:
        return _one(slots[0], held, path)
    if not isinstance(held, tuple):
        raise InvalidValueError(path, "a tuple", held)
    placed = [(item, f"{path}[{number}]") for number, item in enumerate(held, 1)]
    if len(slots) == 1:
        return [_one(slots[0], item, place) for item, place in placed]
    members = {slot.name for slot in slots}
    found = []
    for item, place in placed:
        name = type(item).__name__
        if name not in members:
            raise InvalidValueError(place, f"one of {', '.join(sorted(members))}", item)
        found.append({name: to_plain(item, place)})
    return found


def _one(slot: Slot, value: Any, path: str) -> Any:
    """Return one value of an element."""
    if value is CLEAR:
        return ""
    if isinstance(value, UseMacro):
        return {_MACRO: value.name}
    if slot.scalar is not None:
        return _scalar(slot.scalar, value, path)
    if not hasattr(value, _KEPT):
        raise InvalidValueError(path, f"a {slot.name}", value)
    return to_plain(value, path)


def _scalar(scalar: Scalar, value: Any, path: str) -> Any:
    """Return the value of a text."""
    if not isinstance(value, scalar.kinds) or (isinstance(value, bool) and bool not in scalar.kinds):
        raise InvalidValueError(path, scalar.rule, value)
    if isinstance(value, (str, *_AS_TEXT)):
        return str(value)
    if isinstance(value, (bool, int)):
        return value
    if isinstance(value, date):
        return value.isoformat()
    try:
        return scalar.write(value)
    except InvalidValueError as exc:
        raise InvalidValueError(path, exc.rule, value) from None


def from_plain(name: str, values: Mapping[str, Any], path: str = "") -> Any:
    """Return the model of the class *name* that ``to_plain`` described.

    Raises:
        InvalidValueError: a key is no field, or a value is not what ``to_plain`` would give; numbers
            with decimals must be texts.
    """
    path = path or name
    if not hasattr(values, "items"):
        raise InvalidValueError(path, "an object with the fields", values)
    table = _table(name)
    scalars = {attribute.field: attribute.scalar for attribute in table.attributes.values()}
    held: Plain = {}
    for key, value in values.items():
        place = f"{path}.{key}"
        if value is None:
            continue
        if key == _KEPT:
            held[key] = _kept_model(value)
        elif key in scalars:
            held[key] = _read(scalars[key], value, place)
        elif key in table.fields:
            held[key] = _read_field(table.fields[key], value, place)
        else:
            raise InvalidValueError(place, f"a field of {name}", value)
    return model(name)(**held)


def _read_field(slots: tuple[Slot, ...], value: Any, path: str) -> Any:
    if not slots[0].many:
        return _read_one(slots[0], value, path)
    if not isinstance(value, (list, tuple)):
        raise InvalidValueError(path, "a list", value)
    placed = [(item, f"{path}[{number}]") for number, item in enumerate(value, 1)]
    if len(slots) == 1:
        return tuple(_read_one(slots[0], item, place) for item, place in placed)
    members = {slot.name: slot for slot in slots}
    return tuple(_read_member(members, item, place) for item, place in placed)


def _read_member(members: Mapping[str, Slot], item: Any, path: str) -> Any:
    """Return one member of a mix."""
    if not hasattr(item, "keys") or len(item) != 1 or not members.keys() >= item.keys():
        raise InvalidValueError(path, f"an object with one key of {', '.join(sorted(members))}", item)
    ((name, value),) = item.items()
    return _read_one(members[name], value, path)


def _read_one(slot: Slot, value: Any, path: str) -> Any:
    if value == "":
        return CLEAR
    if slot.scalar is None:
        return from_plain("Ref" if model(slot.name) is model("Ref") else slot.name, value, path)
    if hasattr(value, "keys") and list(value) == [_MACRO]:
        return UseMacro(value[_MACRO])
    return _read(slot.scalar, value, path)


def _read(scalar: Scalar, value: Any, path: str) -> Any:
    """Return the value that a text, a number or a truth value means."""
    if scalar.kinds in ((bool,), (int,)):
        good = type(value) is scalar.kinds[0]
    else:
        good = isinstance(value, str) or (type(value) is int and int in scalar.kinds)
    if not good:
        raise InvalidValueError(path, f"{scalar.rule}, as to_dict() gives it", value)
    if not isinstance(value, str):
        return Decimal(value) if Decimal in scalar.kinds else value
    try:
        return scalar.read(value)
    except ValueError:
        raise InvalidValueError(path, scalar.rule, value) from None


def _kept_plain(kept: Kept) -> Plain:
    found = {
        "attributes": [list(pair) for pair in kept.attributes],
        "layout": [entry if isinstance(entry, str) else _entry_plain(entry) for entry in kept.layout],
    }
    return {**found, "remarks_only": True} if kept.remarks_only else found


def _entry_plain(entry: UnknownElement | OddText) -> Plain:
    found: Plain = {"name": entry.name, "attributes": [list(pair) for pair in entry.attributes]}
    content = [part if isinstance(part, str) else _entry_plain(part) for part in entry.content]
    if isinstance(entry, UnknownElement):
        return {**found, "content": content}
    found["text"] = entry.text
    if content:
        found |= {"content": content, "usual": entry.usual}
    return found


def _kept_model(values: Any) -> Kept:
    try:
        return Kept(
            attributes=_pairs(values["attributes"]),
            layout=tuple(entry if isinstance(entry, str) else _entry(entry) for entry in values["layout"]),
            remarks_only=bool(values.get("remarks_only", False)),
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        raise InvalidValueError(_KEPT, "what to_dict() gives", shorten(values)) from None


def _entry(values: Any) -> UnknownElement | OddText:
    if "text" not in values:
        return _unknown(values)
    return OddText(
        name=values["name"],
        text=values["text"],
        attributes=_pairs(values["attributes"]),
        content=_content(values.get("content", ())),
        usual=bool(values.get("usual", False)),
    )


def _unknown(values: Any) -> UnknownElement:
    content = _content(values["content"])
    return UnknownElement(name=values["name"], attributes=_pairs(values["attributes"]), content=content)


def _content(values: Any) -> tuple[str | UnknownElement, ...]:
    return tuple(part if isinstance(part, str) else _unknown(part) for part in values)


def _pairs(values: Any) -> tuple[tuple[str, str], ...]:
    return tuple((str(name), str(text)) for name, text in values)
