"""Order records in and out."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import pytest
from orders_support import record

from qbsync.errors import InvalidOrderError
from qbsync.orders import Address, Customer, Line, Order
from qbsync.orders.record import from_record, to_record


def test_a_record_becomes_an_order():
    """Every field of the record stands on the order, with its type."""
    found = from_record(record(bill_to={"line2": "B", "line1": "A"}, date="2024-05-06T10:00:00"))
    assert found.channel == "shop"
    assert found.number == "1001"
    assert found.date == dt.datetime(2024, 5, 6, 10, 0, 0)  # noqa: DTZ001 - the source states no offset
    assert found.customer.address.city == "Leeds"
    assert found.bill_to.lines == ("A", "B")
    assert found.lines[1].discount_rate == Decimal("0.5")
    assert found.lines[0].line == "1"
    assert found.total == Decimal(15)


def test_canonical_records_are_equal_for_equal_content():
    """The order of fields, zeros at the end of numbers and empty fields make no difference; content does."""
    one = to_record(from_record(record(total="15.0", note="", po_number=None)))
    other = to_record(from_record(dict(reversed(record(total="15.00").items()))))
    assert json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    assert one != to_record(from_record(record(note="x")))
    assert from_record(one) == from_record(record())


def test_attributes_are_free():
    """Attributes of a line hold any JSON value and come back as they were."""
    attributes = {"artist": "AC/DC", "n": [1, 2.5, None, {"x": True}]}
    lines = [{"sku": "A", "quantity": "1", "unit_price": "1", "attributes": attributes}]
    assert to_record(from_record(record(lines=lines)))["lines"][0]["attributes"] == attributes
    for wrong in ([], {"x": float("nan")}, {"x": object()}):
        with pytest.raises(InvalidOrderError, match=r"lines\[0\].attributes"):
            from_record(record(lines=[{**lines[0], "attributes": wrong}]))


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"colour": "red"}, "colour"),
        ({"customer": {"nme": "x"}}, "customer.nme"),
        ({"customer": {"address": {"line0": "x"}}}, "customer.address.line0"),
        ({"ship_to": {"street": "x"}}, "ship_to.street"),
        ({"lines": [{}, {"qty": "1"}]}, "lines[1].qty"),
        ({"payments": [{"card": "1"}]}, "payments[0].card"),
        ({"attributes": {}}, "attributes"),
    ],
)
def test_unknown_fields_are_refused_by_path(changes, path):
    """A field that is not in the table is an error wherever it stands."""
    with pytest.raises(InvalidOrderError) as caught:
        from_record(record(**changes))
    assert caught.value.path == path
    assert caught.value.rule == "a known field"


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"number": 7}, "number"),
        ({"number": "  "}, "number"),
        ({"number": ...}, "number"),
        ({"date": ...}, "date"),
        ({"customer": "Ann"}, "customer"),
        ({"lines": {"sku": "A"}}, "lines"),
        ({"lines": ["A"]}, "lines[0]"),
        ({"payments": "Cash"}, "payments"),
        ({"bill_to": []}, "bill_to"),
        ({"shipping_charge": 1.5}, "shipping_charge"),
        ({"lines": [{"quantity": 2.0}]}, "lines[0].quantity"),
    ],
)
def test_values_of_the_wrong_kind_are_refused_by_path(changes, path):
    """A value of another type, or a missing number or date, is refused where it stands."""
    with pytest.raises(InvalidOrderError) as caught:
        from_record(record(**changes))
    assert caught.value.path == path


@pytest.mark.parametrize("value", [None, [], "x", 7])
def test_what_is_no_object_is_no_order(value):
    """A record is a JSON object."""
    with pytest.raises(InvalidOrderError, match="a JSON object"):
        from_record(value)


def test_numbers_are_folded():
    """Spaces around an order's number are no part of it."""
    assert from_record(record(number=" 10  01 ")).number == "10 01"


def test_sources_are_folded_too():
    """One shop is not two because of a blank; one that is only blanks has no name."""
    assert from_record(record(source=" my\u00a0 shop ")).channel == "my shop"
    assert from_record(record(source="  ")) == from_record(record(source=...))


def test_a_host_makes_orders_without_records():
    """An order made in Python has the same canonical record as one that was read."""
    made = Order(
        number="1",
        date=dt.date(2024, 1, 2),
        customer=Customer(company="Acme", address=Address(lines=("A", "B"))),
        lines=(Line(sku="X", quantity=Decimal("1.0"), unit_price=Decimal(2)),),
    )
    found = to_record(made)
    assert found["customer"] == {"company": "Acme", "address": {"line1": "A", "line2": "B"}}
    assert found["lines"] == [{"sku": "X", "quantity": "1", "unit_price": "2"}]
    assert to_record(from_record(found)) == found


@pytest.mark.parametrize("value", [1.5, object(), True, Decimal("Infinity")])
def test_values_without_a_place_in_a_record_are_refused(value):
    """A float on an order that a host made is refused by its path."""
    made = Order(number="1", date=dt.date(2024, 1, 2), lines=(Line(quantity=value),))
    with pytest.raises(InvalidOrderError) as caught:
        to_record(made)
    assert caught.value.path == "lines[0].quantity"


def test_whole_numbers_of_a_host_are_numbers():
    """A host may give whole numbers as int."""
    made = Order(number="1", date=dt.date(2024, 1, 2), lines=(Line(quantity=3),))
    assert to_record(made)["lines"][0]["quantity"] == "3"
