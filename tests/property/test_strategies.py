"""The strategies themselves: what they make, what they refuse, how wide they reach."""

from __future__ import annotations

import collections

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from qbsync import models
from qbsync.errors import InvalidValueError
from qbsync.qbxml import CLEAR, UseMacro, catalogue
from qbsync.qbxml.rules import Code
from qbsync.testing import strategies

quick = settings(database=None, deadline=None, suppress_health_check=list(HealthCheck))


def example(strategy, condition):
    # Any example will do: making it small takes longer than finding it.
    return find(strategy, condition, settings=settings(quick, max_examples=2000, phases=[Phase.generate]))


def test_names_follow_version_edition_and_direction():
    """Only what the QuickBooks spoken to knows; both directions unless one is named."""
    all_names = strategies.names(version="14.0")
    requests = strategies.names(version="14.0", direction="request")

    assert set(all_names) == {n for n in catalogue.names() if "US" not in catalogue.element(n).not_in}
    assert set(requests) == {name for name in all_names if name.endswith("Rq")}
    assert "LeadAddRq" in requests
    assert "LeadAddRq" not in strategies.names(version="12.0")
    assert "SalesTaxReturnQueryRq" not in all_names
    assert "SalesTaxReturnQueryRq" in strategies.names(version="14.0", edition="UK")


@pytest.mark.parametrize(
    "options",
    [
        {"version": "new"},
        {"edition": "DE"},
        {"direction": "both"},
        {"name": "FooRq"},
        {"name": "LeadAddRq", "version": "12.0"},
        {"name": "InvoiceAddRq", "direction": "response"},
        {"name": "InvoiceAdd"},
    ],
)
@pytest.mark.parametrize("make", [strategies.messages, strategies.invalid_messages])
def test_what_cannot_be_is_refused_at_once(make, options):
    """A name, version, edition or direction that does not fit is told before anything is drawn."""
    with pytest.raises(InvalidValueError):
        make(**options)


def test_everything_can_be_drawn():
    """Macros, clearing, mixed lines, iterators, long texts, and messages with nothing optional."""

    def lines(message):
        return {type(line).__name__ for line in message.invoice_add.lines}

    invoices = strategies.messages("InvoiceAddRq")
    assert example(invoices, lambda m: len(lines(m)) == 2)
    assert example(invoices, lambda m: len(m.invoice_add.memo or "") == 4095)
    assert example(invoices, lambda m: m.invoice_add.ref_number is CLEAR)
    assert not example(invoices, lambda m: not m.invoice_add.lines).invoice_add.lines
    mods = strategies.messages("InvoiceModRq")
    assert example(mods, lambda m: m.invoice_mod.memo is CLEAR)
    paid = strategies.messages("ReceivePaymentAddRq")
    assert example(
        paid,
        lambda m: any(isinstance(a.txn_id, UseMacro) for a in m.receive_payment_add.applied_to_txn_add),
    )
    for how in ("Start", "Continue", "Stop"):
        found = example(strategies.messages("CustomerQueryRq"), lambda m, how=how: m.iterator == how)
        assert (found.iterator_id is None) is (how == "Start")


@pytest.mark.parametrize("code", sorted(set(Code) - {Code.DOUBLE, Code.DIRECTION, Code.NEVER_SEND}, key=str))
def test_every_kind_of_fault_can_be_drawn(code):
    """Each code that one message can have; doubles, directions and never-send are of whole sets."""
    names = {
        Code.TOO_MANY: "VendorAddRq",
        Code.CHOICE: "CustomerQueryRq",
        Code.BOUNDS: "CustomerQueryRq",
        Code.ITERATOR: "CustomerQueryRq",
        Code.ENUMERATION: "CustomerQueryRq",
        Code.VERSION: "CustomerAddRq",
    }
    version = "8.0" if code is Code.VERSION else "13.0"
    pairs = strategies.invalid_messages(names.get(code, "InvoiceAddRq"), version=version)

    _, fault = example(pairs, lambda pair: pair[1].code is code)
    assert fault.detail


@settings(quick, max_examples=200)
@given(pair=strategies.invalid_messages())
def test_a_fault_names_its_message(pair):
    """The path begins with the message, and the message is a model."""
    message, fault = pair
    assert fault.path.startswith(type(message).__name__)
    assert hasattr(models, type(message).__name__)


@settings(quick, max_examples=50)
@given(st.data())
def test_request_ids_of_a_set_are_different(data):
    """So that building the set keeps every message as it is."""
    counted = collections.Counter(m.request_id for m in data.draw(strategies.message_sets()))
    assert set(counted.values()) == {1}
