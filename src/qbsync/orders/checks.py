"""What an order must be before it is staged: rules on values, not on their form.

The form is :mod:`.record`'s, sums are :mod:`.adding_up`'s, names that do not fit are :mod:`.fitting`'s.
Limits: amounts have at most 13 digits before the point, quantities 10 and 5 decimals (qbXML's AMTTYPE and
QUANTYPE).
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

from ..errors import InvalidOrderError
from ..qbxml.characters import cp1252_gaps, encodable
from .adding_up import Amounts, Rounding, add_up, cents
from .names import fold

if TYPE_CHECKING:
    from .order import Line, Order

__all__ = ["MAX_METHOD", "MAX_NUMBER", "check_order"]

#: How long the name of a payment method may be.
MAX_METHOD = 31
#: How long an order's number and source may be. A number is never altered, so it must be writable as it is;
#: this long is more than any shop's.
MAX_NUMBER = 200

#: The range of QuickBooks' date-times.
_FIRST, _LAST = dt.date(1970, 1, 1), dt.date(2038, 1, 19)
_TYPES = ("order", "invoice")
_MAX_QUANTITY = Decimal(10) ** 10
_MAX_AMOUNT = Decimal(10) ** 13
_QUANTITY_DECIMALS = 5


def check_order(order: Order, *, rounding: Rounding = Rounding.HALF_EVEN) -> Amounts:
    """Check all rules for *order* and return what it comes to.

    Raises:
        InvalidOrderError: the first rule that it breaks, with path and value.
    """
    if order.type not in _TYPES:
        raise InvalidOrderError("type", "order or invoice (other types are not handled yet)", order.type)
    _check_identity(order)
    if not order.lines:
        raise InvalidOrderError("lines", "at least one line", [])
    _check_no_tax(order.tax, "tax")
    for index, line in enumerate(order.lines):
        _check_line(line, f"lines[{index}]")
    if order.shipping_charge is not None and order.shipping_charge < 0:
        raise InvalidOrderError("shipping_charge", "0 or more", str(order.shipping_charge))
    amounts = add_up(order, rounding=rounding)
    _check_amounts(amounts)
    _check_payments(order, amounts)
    return amounts


def _check_identity(order: Order) -> None:
    for path, value in (("number", order.number), ("source", order.source)):
        if value is None:
            continue
        if len(value) > MAX_NUMBER:
            raise InvalidOrderError(path, f"at most {MAX_NUMBER} characters", value)
        if not value.isprintable():
            raise InvalidOrderError(path, "text without control characters", value)
    if cp1252_gaps(order.number):
        raise InvalidOrderError(
            "number", "characters of Windows-1252 (a number is never altered)", order.number
        )
    _check_date(order.date, "date")


def _check_date(value: dt.date, path: str) -> None:
    day = value.date() if isinstance(value, dt.datetime) else value
    if not _FIRST <= day <= _LAST:
        raise InvalidOrderError(path, f"a date from {_FIRST} to {_LAST}", str(value))


def _check_no_tax(value: Decimal | None, path: str) -> None:
    if value:
        raise InvalidOrderError(path, "no tax (sales tax is not handled yet)", str(value))


def _check_line(line: Line, path: str) -> None:
    _check_no_tax(line.tax, f"{path}.tax")
    _check_no_tax(line.unit_tax, f"{path}.unit_tax")
    if not (line.sku or "").strip() and not (line.name or "").strip():
        raise InvalidOrderError(f"{path}.sku", "a SKU, or a name", line.sku)
    if line.quantity is None:
        raise InvalidOrderError(f"{path}.quantity", "the quantity", None)
    if abs(line.quantity) >= _MAX_QUANTITY or _decimals(line.quantity) > _QUANTITY_DECIMALS:
        raise InvalidOrderError(
            f"{path}.quantity", "at most 10 digits before the point and 5 decimals", str(line.quantity)
        )
    if line.discount_rate is not None and not 0 <= line.discount_rate <= 1:
        raise InvalidOrderError(f"{path}.discount_rate", "a rate from 0 to 1", str(line.discount_rate))
    if line.discount_amount is not None and line.discount_amount < 0:
        raise InvalidOrderError(f"{path}.discount_amount", "0 or more", str(line.discount_amount))


def _decimals(value: Decimal) -> int:
    return len(f"{value:f}".partition(".")[2])


def _check_amounts(amounts: Amounts) -> None:
    for index, amount in enumerate(amounts.lines):
        if abs(amount) >= _MAX_AMOUNT:
            raise InvalidOrderError(f"lines[{index}].amount", "at most 13 digits", str(amount))
    if amounts.total >= _MAX_AMOUNT:
        raise InvalidOrderError("total", "at most 13 digits", str(amounts.total))
    if amounts.total < 0:
        raise InvalidOrderError("total", "0 or more (credits are not handled yet)", str(amounts.total))


def _check_payments(order: Order, amounts: Amounts) -> None:
    if len(order.payments) > 1:
        raise InvalidOrderError(
            "payments", "at most one payment (more are not handled yet)", len(order.payments)
        )
    for payment in order.payments:
        method = fold(payment.method or "")
        if not 1 <= len(method) <= MAX_METHOD or not encodable(method):
            rule = f"the name of a payment method: 1 to {MAX_METHOD} characters of Windows-1252"
            raise InvalidOrderError("payments[0].method", rule, payment.method)
        if payment.date is not None:
            _check_date(payment.date, "payments[0].date")
        if payment.amount is not None and cents(payment.amount, "payments[0].amount") != amounts.total:
            raise InvalidOrderError(
                "payments[0].amount",
                f"the order's total: {amounts.total} (parts are not handled yet)",
                str(payment.amount),
            )
