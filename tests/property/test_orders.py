"""What holds for all orders: numbers, text that is made to fit, records that come back."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from qbsync.errors import InvalidOrderError
from qbsync.orders import Customer, Line, Names, Order, Rounding, Rules, scalars
from qbsync.orders.adding_up import add_up
from qbsync.orders.checks import check_order
from qbsync.orders.fitting import fit_order
from qbsync.orders.names import fit_name, fit_text, fold, same, wrap
from qbsync.orders.record import from_record, to_record
from qbsync.orders.rules import StagedOrder, identity_of, job_key
from qbsync.qbxml.characters import encodable

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
decimals = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=5)


@st.composite
def orders(draw):
    """Orders whose numbers and names may be anything that a source can hold."""
    lines = draw(
        st.lists(
            st.builds(
                Line,
                sku=texts,
                name=texts,
                quantity=decimals,
                unit_price=decimals,
                discount_rate=st.none() | st.decimals(0, 1, places=4),
            ),
            max_size=4,
        )
    )
    return Order(
        number=draw(texts.map(fold).filter(bool)),
        date=draw(st.dates(dt.date(1960, 1, 1), dt.date(2040, 1, 1))),
        customer=draw(st.builds(Customer, company=texts, name=texts, email=texts)),
        note=draw(texts),
        lines=tuple(lines),
    )


@given(decimals | st.decimals(allow_nan=False, allow_infinity=False, places=12, min_value=-9, max_value=9))
def test_numbers_come_back(value):
    """A number written one way is read as the same number, and has the same text again."""
    written = scalars.number_text(value)
    assert scalars.number(written, "x") == value
    assert scalars.number_text(Decimal(written)) == written
    assert "E" not in written


@given(texts, st.integers(1, 60))
def test_names_that_were_fitted_can_be_held(text, limit):
    """Whatever comes in, what comes out is writable, short enough, one line, without ``:``."""
    found = fit_name(text, limit)
    assert len(found.text) <= limit
    assert encodable(found.text)
    assert ":" not in found.text
    assert found.text == fold(found.text)
    assert bool(found.rules) is (found.text != fold(text))
    assert fit_name(found.text, limit).rules == ()


@given(texts, st.integers(1, 60))
def test_texts_that_were_fitted_can_be_held(text, limit):
    """The same for texts of several lines."""
    found = fit_text(text, limit, lines=True)
    assert len(found.text) <= limit
    assert encodable(found.text)


@given(texts, st.integers(1, 50))
def test_wrapping_loses_nothing(text, width):
    """Lines are short enough, and together they are the text, spaces apart."""
    lines = wrap(text, width)
    assert all(0 < len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@given(texts, texts)
def test_sameness_is_an_equivalence(one, other):
    """Folding twice changes nothing, and equal keys mean equal keys."""
    assert same(fold(one)) == same(one)
    assert (same(one) == same(other)) is (same(other) == same(one))


@given(orders())
def test_records_come_back(order):
    """An order made in Python, written as a record and read again, has the same record."""
    record = to_record(order)
    again = from_record(json.loads(json.dumps(record)))
    assert to_record(again) == record


@given(orders(), st.sampled_from(Rounding))
def test_lines_are_rounded_to_the_nearest_cent(order, rounding):
    """No line is more than half a cent away from its exact value, and the total is their sum."""
    amounts = add_up(order, rounding=rounding)
    for line, amount in zip(order.lines, amounts.lines, strict=True):
        rate = Fraction(line.discount_rate or 0)
        exact = Fraction(line.quantity) * Fraction(line.unit_price) * (1 - rate)
        assert abs(exact - Fraction(amount)) <= Fraction(1, 200)
        assert amount == amount.quantize(Decimal("0.01"))
    assert amounts.total == sum(amounts.lines, Decimal(0))


@given(orders(), st.sampled_from(Names))
def test_an_order_is_refused_or_can_be_held(order, names):
    """Every order either breaks a named rule or becomes values that QuickBooks can hold."""
    refusal = None
    try:
        amounts = check_order(order)
        fitted = fit_order(order, amounts, names=names)
    except InvalidOrderError as error:
        refusal = error
    if refusal is not None:
        assert refusal.path
        assert refusal.rule
        return
    held = [fitted.customer.name, fitted.ref_number, *(line.item for line in fitted.lines)]
    assert all(encodable(text) and text for text in held)
    assert max(map(len, held)) <= 41
    assert names is Names.FIT or not any(remark.altered for remark in fitted.remarks)


@given(orders())
def test_the_stored_form_comes_back(order):
    """What a job carries is read back as the same order, byte for byte the same when stored again."""
    staged = StagedOrder(order=from_record(to_record(order)), rules=Rules.of(paid="Cash"))
    again = StagedOrder.from_bytes(staged.to_bytes())
    assert again.to_bytes() == staged.to_bytes()


@given(texts, texts)
def test_keys_tell_identities(channel, number):
    """Channel and number come out of a key as they went in."""
    assert identity_of(job_key(channel, number)) == (channel, number)
