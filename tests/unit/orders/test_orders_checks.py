"""What an order must be before it is staged."""

from __future__ import annotations

from decimal import Decimal

import pytest
from orders_support import order

from qbsync.errors import InvalidOrderError
from qbsync.orders.checks import check_order


def line(**fields):
    return {"sku": "A", "quantity": "1", "unit_price": "1", **fields}


def test_a_good_order_passes():
    """The sample is taken; so is an invoice, and tax of nothing."""
    assert check_order(order()).total == Decimal("15.00")
    assert check_order(order(type="invoice", tax="0.00")).total == Decimal("15.00")


@pytest.mark.parametrize("kind", ["purchase_order", "cancellation", "adjustment", "Order"])
def test_other_types_are_refused_by_name(kind):
    """Only orders and invoices are handled."""
    with pytest.raises(InvalidOrderError, match=kind) as caught:
        check_order(order(type=kind))
    assert caught.value.path == "type"


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"lines": []}, "lines"),
        ({"lines": ...}, "lines"),
        ({"tax": "1.20", "total": "16.20"}, "tax"),
        ({"lines": [line(tax="0.1")]}, "lines[0].tax"),
        ({"lines": [line(unit_tax="0.1")]}, "lines[0].unit_tax"),
        ({"lines": [line(), line(sku=" ", name="")]}, "lines[1].sku"),
        ({"lines": [line(quantity=None)]}, "lines[0].quantity"),
        ({"lines": [line(quantity="0.123456")]}, "lines[0].quantity"),
        ({"lines": [line(quantity="10000000000")]}, "lines[0].quantity"),
        ({"lines": [line(discount_rate="1.1")]}, "lines[0].discount_rate"),
        ({"lines": [line(discount_rate="-0.1")]}, "lines[0].discount_rate"),
        ({"lines": [line(discount_amount="-1")]}, "lines[0].discount_amount"),
        ({"lines": [line(quantity="9999999999", unit_price="9999999")], "total": ...}, "lines[0].amount"),
        ({"shipping_charge": "-3.00", "total": "9.00"}, "shipping_charge"),
        ({"lines": [line(quantity="-4")], "total": ...}, "total"),
        ({"number": "№ 7"}, "number"),
        ({"number": "7" * 201}, "number"),
        ({"number": "7\x007"}, "number"),
        ({"source": "a\x07b"}, "source"),
        ({"date": "1969-12-31"}, "date"),
        ({"date": "2038-01-20"}, "date"),
        ({"payments": [{}]}, "payments[0].method"),
        ({"payments": [{"method": "Cash", "amount": "14.99"}]}, "payments[0].amount"),
        ({"payments": [{"method": "x" * 32}]}, "payments[0].method"),
        ({"payments": [{"method": "Cash", "date": "1900-01-01"}]}, "payments[0].date"),
        ({"payments": [{"method": "Cash"}, {"method": "Check"}]}, "payments"),
    ],
)
def test_each_rule_names_the_field(changes, path):
    """An order that breaks a rule is refused with the path of the value."""
    with pytest.raises(InvalidOrderError) as caught:
        check_order(order(**changes))
    assert caught.value.path == path
    assert caught.value.rule
    assert path in caught.value.reason


def test_totals_have_thirteen_digits_at_most():
    """A sum that qbXML's amounts cannot hold is refused."""
    lines = [line(quantity="9999999999", unit_price="999")] * 2
    with pytest.raises(InvalidOrderError, match="13 digits"):
        check_order(order(lines=lines, total=...))


def test_lines_back_are_taken_if_the_order_stays_positive():
    """A line with a negative quantity is a line."""
    found = check_order(order(lines=[line(quantity="4"), line(quantity="-1")], total="6.00"))
    assert found.lines == (Decimal("4.00"), Decimal("-1.00"))
