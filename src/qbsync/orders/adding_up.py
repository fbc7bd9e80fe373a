"""Adding up an order: what each line is worth, in whole cents, and what the books must hold.

The goods value of a line is ``quantity * unit_price * (1 - discount_rate) - discount_amount``, rounded once
to cents by the source's policy; the total is the sum of the lines, shipping and tax. What the source states
(``amount``, ``subtotal``, ``total``) must be met exactly.
"""

from __future__ import annotations

import decimal
import enum
from decimal import Decimal
from typing import TYPE_CHECKING

from attrs import frozen

from ..errors import InvalidOrderError

if TYPE_CHECKING:
    from .order import Line, Order

__all__ = ["Amounts", "Rounding", "add_up"]

_CENT = Decimal("0.01")
#: A product of a quantity, a price and a rate has at most 3 * 25 digits: nothing is lost before rounding,
#: whatever the host's own context is.
_WIDE = decimal.Context(prec=100)


class Rounding(enum.StrEnum):
    """How a source rounds a line's value to cents."""

    HALF_EVEN = "half_even"
    HALF_UP = "half_up"


_MODES = {Rounding.HALF_EVEN: decimal.ROUND_HALF_EVEN, Rounding.HALF_UP: decimal.ROUND_HALF_UP}


@frozen(kw_only=True)
class Amounts:
    """What an order comes to, all in whole cents."""

    #: One amount a line, in order.
    lines: tuple[Decimal, ...]
    shipping: Decimal
    total: Decimal

    @property
    def goods(self) -> Decimal:
        """The sum of the lines."""
        with decimal.localcontext(_WIDE):
            return sum(self.lines, Decimal("0.00"))


def add_up(order: Order, *, rounding: Rounding = Rounding.HALF_EVEN) -> Amounts:
    """Return what *order* comes to.

    Raises:
        InvalidOrderError: a value that is needed is missing, a stated sum is not met, or an amount of
            money is not in whole cents.
    """
    with decimal.localcontext(_WIDE):
        lines = tuple(
            _line_amount(line, f"lines[{index}]", rounding) for index, line in enumerate(order.lines)
        )
        goods = sum(lines, Decimal("0.00"))
        shipping = cents(order.shipping_charge, "shipping_charge")
        total = goods + shipping + cents(order.tax, "tax")
    _check_stated(order.subtotal, goods, "subtotal", "the sum of the lines")
    _check_stated(order.total, total, "total", "the sum of the lines, shipping and tax")
    return Amounts(lines=lines, shipping=shipping, total=total)


def cents(value: Decimal | None, path: str) -> Decimal:
    """Return an amount of money with two decimals; 0.00 for ``None``.

    Raises:
        InvalidOrderError: it is not in whole cents.
    """
    if value is None:
        return Decimal("0.00")
    rounded = value.quantize(_CENT, context=_WIDE)
    if value != rounded:
        raise InvalidOrderError(path, "whole cents", str(value))
    return rounded


def _line_amount(line: Line, path: str, rounding: Rounding) -> Decimal:
    if line.unit_price is None:
        if line.amount is None:
            raise InvalidOrderError(f"{path}.unit_price", "the price of one, or the line's amount", None)
        return cents(line.amount, f"{path}.amount")
    value = (line.quantity or Decimal(0)) * line.unit_price * (1 - (line.discount_rate or Decimal(0)))
    value -= line.discount_amount or Decimal(0)
    rounded = value.quantize(_CENT, rounding=_MODES[rounding])
    rounded = rounded or Decimal("0.00")  # a negative zero is a zero
    _check_stated(line.amount, rounded, f"{path}.amount", "quantity * unit price after discount")
    return rounded


def _check_stated(stated: Decimal | None, computed: Decimal, path: str, what: str) -> None:
    if stated is not None and stated != computed:
        raise InvalidOrderError(path, f"{what}: {computed}", str(stated))
