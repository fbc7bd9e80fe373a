"""What orders come to."""

from __future__ import annotations

import decimal
from decimal import Decimal

import pytest
from orders_support import order

from qbsync.errors import InvalidOrderError
from qbsync.orders import Rounding, read_file
from qbsync.orders.adding_up import add_up, cents


def line(**fields):
    return {"sku": "A", "quantity": "1", "unit_price": "1", **fields}


def test_the_sum_of_lines_shipping_and_tax():
    """The sample comes to 2 * 4.50 + 6 * 0.5 + 3.00."""
    amounts = add_up(order())
    assert amounts.lines == (Decimal("9.00"), Decimal("3.00"))
    assert (amounts.goods, amounts.shipping, amounts.total) == (
        Decimal("12.00"),
        Decimal("3.00"),
        Decimal("15.00"),
    )


@pytest.mark.parametrize(
    ("fields", "even", "up"),
    [
        ({"unit_price": "0.125"}, "0.12", "0.13"),
        ({"unit_price": "0.135"}, "0.14", "0.14"),
        ({"unit_price": "-0.125"}, "-0.12", "-0.13"),
        ({"quantity": "3", "unit_price": "0.335", "discount_rate": "0.15"}, "0.85", "0.85"),
        ({"discount_amount": "0.25"}, "0.75", "0.75"),
        ({"unit_price": "0.004", "quantity": "-1"}, "0.00", "0.00"),
    ],
)
def test_each_line_is_rounded_once(fields, even, up):
    """A line's value is exact until it is rounded, by the source's policy."""
    lines = [line(**fields)]
    found = order(lines=lines, total=..., shipping_charge=...)
    assert add_up(found).lines == (Decimal(even),)
    assert str(add_up(found, rounding=Rounding.HALF_UP).lines[0]) == up


def test_the_caller_s_decimal_context_does_not_matter():
    """A host with a coarse decimal context gets the same cents."""
    big = order(
        lines=[line(quantity="12345678.12345", unit_price="1.123456789012")], total=..., shipping_charge=...
    )
    expected = add_up(big).total
    with decimal.localcontext() as context:
        context.prec = 6
        assert add_up(big).total == expected == Decimal("13869835.90")


def test_a_line_may_state_its_amount_only():
    """Without a price the stated amount counts; without both the line is refused."""
    found = order(lines=[{"sku": "A", "quantity": "2", "amount": "5.1"}], total=..., shipping_charge=...)
    assert add_up(found).total == Decimal("5.10")
    with pytest.raises(InvalidOrderError) as caught:
        add_up(order(lines=[{"sku": "A", "quantity": "2", "list_price": "3"}]))
    assert caught.value.path == "lines[0].unit_price"


@pytest.mark.parametrize(
    ("changes", "path", "value"),
    [
        ({"total": "15.01"}, "total", "15.01"),
        ({"subtotal": "12.01"}, "subtotal", "12.01"),
        ({"lines": [line(amount="1.01")]}, "lines[0].amount", "1.01"),
        ({"shipping_charge": "3.001"}, "shipping_charge", "3.001"),
        ({"lines": [{"sku": "A", "quantity": "1", "amount": "1.001"}]}, "lines[0].amount", "1.001"),
    ],
)
def test_what_does_not_add_up_is_refused(changes, path, value):
    """Stated sums are met exactly, and money is in whole cents."""
    with pytest.raises(InvalidOrderError) as caught:
        add_up(order(**changes))
    assert (caught.value.path, caught.value.value) == (path, value)


def test_no_money_is_no_cents():
    """What is not stated counts as 0.00."""
    assert str(cents(None, "tax")) == "0.00"


@pytest.mark.parametrize(
    ("source", "rounding", "goods", "total"),
    [
        ("northwind", Rounding.HALF_EVEN, "1265793.02", "1330735.71"),
        ("northwind", Rounding.HALF_UP, "1265793.29", "1330735.98"),
        ("chinook", Rounding.HALF_EVEN, "2328.60", "2328.60"),
    ],
)
def test_the_figures_of_real_orders(shared, source, rounding, goods, total):
    """Goods and totals of the order data are those that its description states."""
    found = [
        add_up(item.order, rounding=rounding)
        for item in read_file(shared / "data" / "orders" / source / "orders.jsonl")
    ]
    assert sum(amounts.goods for amounts in found) == Decimal(goods)
    assert sum(amounts.total for amounts in found) == Decimal(total)
