"""Rules of a staging run, and the stored form of an order."""

from __future__ import annotations

import json

import pytest
from orders_support import order, record

from qbsync.errors import UsageError
from qbsync.orders import Payment, Posting, Rounding, Rules
from qbsync.orders.rules import StagedOrder, identity_of, job_key


def test_paid_implies_invoice_and_payment():
    """Without options orders become invoices; a payment method makes them paid."""
    assert Rules.of().posting is Posting.INVOICE
    assert Rules.of(paid="Cash").posting is Posting.INVOICE_AND_PAYMENT
    assert Rules.of(paid="Cash", posting="invoice+payment").paid == "Cash"


@pytest.mark.parametrize(
    "options",
    [
        {"paid": "Cash", "posting": "invoice"},
        {"paid": "Cash", "posting": "sales-receipt"},
        {"posting": "bill"},
        {"names": "guess"},
        {"rounding": "down"},
        {"paid": ""},
        {"paid": "x" * 32},
        {"paid": "ł"},
        {"income_account": "x" * 160},
    ],
)
def test_options_that_cannot_be_are_refused(options):
    """Contradictions, unknown words and names that QuickBooks cannot hold are the caller's error."""
    with pytest.raises(UsageError):
        Rules.of(**options)


@pytest.mark.parametrize(
    ("posting", "paid", "stated", "method"),
    [
        ("invoice", None, "Visa", None),
        ("invoice+payment", None, "Visa", "Visa"),
        ("invoice+payment", None, None, None),
        ("invoice+payment", "Cash", None, "Cash"),
        ("invoice+payment", "Cash", "Visa", "Visa"),
        ("sales-receipt", None, "Visa", "Visa"),
        ("estimate", None, "Visa", None),
    ],
)
def test_which_payment_is_posted(posting, paid, stated, method):
    """A stated payment counts, else the method for orders without payments; by the posting rule."""
    found = order(payments=[{"method": stated}] if stated else [])
    staged = StagedOrder(order=found, rules=Rules.of(posting=posting, paid=paid))
    assert staged.payment == (None if method is None else Payment(method=method))


def test_the_stored_form_comes_back():
    """An order and its rules are stored with a format number, the same bytes for the same content."""
    rules = Rules.of(paid="Cash", names="refuse", income_account="Sales", rounding="half_up")
    staged = StagedOrder(order=order(), rules=rules)
    assert StagedOrder.from_bytes(staged.to_bytes()) == staged
    data = json.loads(staged.to_bytes())
    assert data["format"] == 1
    assert data["order"] == {
        **record(),
        "lines": data["order"]["lines"],
        "shipping_charge": "3",
        "total": "15",
    }
    other = StagedOrder(order=order(total="15.000"), rules=rules)
    assert other.to_bytes() == staged.to_bytes()
    assert staged.rules.rounding is Rounding.HALF_UP


@pytest.mark.parametrize(
    ("channel", "number"),
    [("shop", "1001"), ("", "7"), ("a:b", "c"), ("a", "b:c"), ("a%3Ab", "é 1"), ("ü", "1")],
)
def test_keys_tell_channel_and_number(channel, number):
    """The key of an order's job tells its identity, whatever characters are in it."""
    assert identity_of(job_key(channel, number)) == (channel, number)


def test_no_two_identities_share_a_key():
    """A colon in the channel is not one between channel and number."""
    assert job_key("a:b", "c") != job_key("a", "b:c")
