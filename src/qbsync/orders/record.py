"""Order records: from a JSON object to an :class:`~.order.Order` and back to one canonical object.

The fields are exactly those of the record; an unknown one is an error, only ``attributes`` is free.
Two orders are the same content if their canonical records are equal. What an order must add up to is not
looked at here (:mod:`.checks`).
"""

from __future__ import annotations

import datetime as dt
import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING

import attrs

from ..errors import InvalidOrderError
from . import scalars
from .order import Address, Customer, Line, Order, Payment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["from_record", "to_record"]

_ADDRESS_LINE = re.compile(r"line([1-9]\d?)", re.ASCII)


def _object(value: object, path: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise InvalidOrderError(path, "a JSON object", value)
    return value


def _list(value: object, path: str) -> list[object]:
    if not isinstance(value, list | tuple):
        raise InvalidOrderError(path, "a list", value)
    return list(value)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _fields(
    data: Mapping[str, object], path: str, known: Mapping[str, Callable[[object, str], object]]
) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in data.items():
        read = known.get(name)
        if read is None:
            raise InvalidOrderError(_join(path, str(name)), "a known field", value)
        result = read(value, _join(path, name))
        if result is not None:
            found[name] = result
    return found


def _address(value: object, path: str) -> Address | None:
    if value is None:
        return None
    data = _object(value, path)
    streets = {name: found for name in data if (found := _ADDRESS_LINE.fullmatch(str(name)))}
    rest = {name: part for name, part in data.items() if name not in streets}
    lines = [
        scalars.text(data[name], _join(path, name))
        for name in sorted(streets, key=lambda n: int(streets[n][1]))
    ]
    return Address(lines=tuple(line for line in lines if line), **_fields(rest, path, _ADDRESS))  # type: ignore[arg-type]  # the table gives each field its type


def _customer(value: object, path: str) -> Customer:
    if value is None:
        return Customer()
    return Customer(**_fields(_object(value, path), path, _CUSTOMER))  # type: ignore[arg-type]  # as above


def _attributes(value: object, path: str) -> Mapping[str, object] | None:
    if value is None:
        return None
    data = _object(value, path)
    try:
        json.dumps(data, allow_nan=False, ensure_ascii=False).encode()
    except (TypeError, ValueError, RecursionError) as exc:
        raise InvalidOrderError(path, "JSON values", value) from exc
    return data


def _line(value: object, path: str) -> Line:
    return Line(**_fields(_object(value, path), path, _LINE))  # type: ignore[arg-type]  # as above


def _lines(value: object, path: str) -> tuple[Line, ...]:
    if value is None:
        return ()
    return tuple(_line(entry, f"{path}[{index}]") for index, entry in enumerate(_list(value, path)))


def _payment(value: object, path: str) -> Payment:
    return Payment(**_fields(_object(value, path), path, _PAYMENT))  # type: ignore[arg-type]  # as above


def _payments(value: object, path: str) -> tuple[Payment, ...]:
    if value is None:
        return ()
    return tuple(_payment(entry, f"{path}[{index}]") for index, entry in enumerate(_list(value, path)))


def _table(names: str, read: Callable[[object, str], object]) -> dict[str, Callable[[object, str], object]]:
    return dict.fromkeys(names.split(), read)


_ADDRESS = _table("company name city region region_code postal_code country country_code", scalars.text)

_CUSTOMER = {
    **_table(
        "id company name first_name last_name title legal_form email phone fax currency language",
        scalars.text,
    ),
    "credit_limit": scalars.number,
    "address": _address,
}

_LINE = {
    "line": scalars.label,
    **_table("sku name description unit shipment shipment_status", scalars.text),
    **_table("quantity unit_price discount_rate discount_amount tax amount", scalars.number),
    **_table("unit_price_net unit_tax list_price", scalars.number),
    "delivery_date": scalars.day,
    "attributes": _attributes,
}

_PAYMENT = {"method": scalars.text, "amount": scalars.number, "date": scalars.day}

_ORDER = {
    **_table("source type number po_number status currency note ship_method order_mode", scalars.text),
    **_table("store cost_center phone", scalars.text),
    **_table("date required_date shipped_date", scalars.day),
    "customer": _customer,
    **_table("bill_to ship_to", _address),
    "lines": _lines,
    **_table("shipping_charge subtotal tax total", scalars.number),
    "payments": _payments,
}


def from_record(value: object) -> Order:
    """Read one record.

    Args:
        value: the JSON object, with numbers as text or whole numbers.

    Returns:
        The order; spaces around and inside what identifies it (source and number) are folded, nothing else is
        altered.

    Raises:
        InvalidOrderError: an unknown field, a value of another type, or number or date is missing.
    """
    fields = _fields(_object(value, ""), "", _ORDER)
    number = " ".join(str(fields.get("number", "")).split())
    if not number:
        raise InvalidOrderError("number", "the order's number", _raw(value, "number"))
    source = " ".join(str(fields.pop("source", "")).split())
    if source:
        fields["source"] = source
    if "date" not in fields:
        raise InvalidOrderError("date", "the order's date", _raw(value, "date"))
    return Order(**{**fields, "number": number})  # type: ignore[arg-type]  # the table gives each field its type


def _raw(value: object, name: str) -> object:
    return value.get(name) if isinstance(value, dict) else None


def to_record(order: Order) -> dict[str, object]:
    """Return the canonical record of *order*: equal for equal content, JSON values only.

    Raises:
        InvalidOrderError: a value has no place in a record, e.g. a float.
    """
    return _plain_object(order, "")


def _plain_object(value: attrs.AttrsInstance, path: str) -> dict[str, object]:
    data: dict[str, object] = {}
    for attribute in attrs.fields(type(value)):
        part = getattr(value, attribute.name)
        if part is None or part in ("", (), {}):
            continue
        if isinstance(value, Address) and attribute.name == "lines":
            data.update({f"line{index}": line for index, line in enumerate(filter(None, part), 1)})
            continue
        written = _plain(part, _join(path, attribute.name))
        if written != {}:
            data[attribute.name] = written
    return data


def _plain(value: object, path: str) -> object:
    if isinstance(value, str | dict):
        return value
    if isinstance(value, Decimal) and value.is_finite():
        return scalars.number_text(value)
    if isinstance(value, dt.date):
        return scalars.day_text(value)
    if isinstance(value, tuple | list):
        return [_plain(entry, f"{path}[{index}]") for index, entry in enumerate(value)]
    if attrs.has(type(value)):
        return _plain_object(value, path)  # type: ignore[arg-type]  # attrs.has said that it is one
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise InvalidOrderError(path, "text, a Decimal, a whole number or a date", value)
