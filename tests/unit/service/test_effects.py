"""What raw requests leave behind, and how it is seen."""

from __future__ import annotations

from decimal import Decimal

import pytest
from talking import invoice

from qbsync import models
from qbsync.models import (
    CustomerAdd,
    CustomerAddRq,
    CustomerRet,
    InvoiceRet,
    Ref,
    VendorAdd,
    VendorAddRq,
    VendorRet,
)
from qbsync.service.effects import AddedToList, AddedTransaction, Harmless, rule_for


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("InvoiceQueryRq", Harmless),
        ("InvoiceModRq", Harmless),
        ("TxnDelRq", Harmless),
        ("ListDelRq", Harmless),
        ("TxnVoidRq", Harmless),
        ("DataExtAddRq", Harmless),
        ("InvoiceAddRq", AddedTransaction),
        ("ReceivePaymentAddRq", AddedTransaction),
        ("SalesOrderAddRq", AddedTransaction),
        ("CustomerAddRq", AddedToList),
        ("ItemNonInventoryAddRq", AddedToList),
        ("TimeTrackingAddRq", type(None)),
        ("NonsenseAddRq", type(None)),
        ("Nonsense", type(None)),
    ],
)
def test_each_sort_of_request_has_its_rule(name, kind):
    """What only asks or is refused a second time is harmless; the rest is looked for, where that can be."""
    assert type(rule_for(name)) is kind


def test_no_write_is_called_harmless_by_mistake():
    """Among all requests of the language only Adds can double something, and few of them are harmless."""
    adds = [name for name in dir(models) if name.endswith("AddRq")]
    harmless = {name for name in adds if isinstance(rule_for(name), Harmless)}

    assert len(adds) > 60
    assert harmless == {
        "DataExtAddRq",
        "DataExtDefAddRq",
        "ListDisplayAddRq",
        "SpecialAccountAddRq",
        "SpecialItemAddRq",
        "TxnDisplayAddRq",
    }


RULE = AddedTransaction("InvoiceQueryRq")


def ret(**fields):
    """Return an invoice as QuickBooks tells it; what is not given agrees with the request."""
    sent = invoice("N1").invoice_add
    values = {"customer_ref": sent.customer_ref, "txn_date": sent.txn_date, "ref_number": "N1", **fields}
    return InvoiceRet(**values)


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({}, True),
        ({"customer_ref": Ref(list_id="1", full_name="ANN  lee")}, True),
        ({"customer_ref": Ref(full_name="Bob")}, False),
        ({"customer_ref": None}, True),
        ({"txn_date": None, "customer_ref": None}, None),
        ({"customer_ref": Ref(list_id="1"), "txn_date": None}, None),
    ],
)
def test_a_transaction_needs_a_second_mark(fields, found):
    """The same number alone proves nothing, for QuickBooks takes a number twice."""
    assert RULE.finds(invoice("N1"), ret(**fields)) is found


def test_another_date_is_another_transaction():
    """Each mark that both sides tell must agree."""
    other = invoice("N1").invoice_add.txn_date.replace(year=2025)

    assert RULE.finds(invoice("N1"), ret(txn_date=other)) is False


def test_amounts_are_compared_as_numbers():
    """Payments tell a total."""
    rule = AddedTransaction("ReceivePaymentQueryRq")
    request = models.ReceivePaymentAddRq(
        receive_payment_add=models.ReceivePaymentAdd(total_amount=Decimal("5.00"), ref_number="P")
    )

    assert rule.finds(request, models.ReceivePaymentRet(total_amount=Decimal("5.0"))) is True
    assert rule.finds(request, models.ReceivePaymentRet(total_amount=Decimal("5.01"))) is False


@pytest.mark.parametrize("number", [None, ""])
def test_a_transaction_without_a_number_cannot_be_looked_up(number):
    """QuickBooks was to choose it."""
    request = models.InvoiceAddRq(invoice_add=models.InvoiceAdd(ref_number=number))

    assert RULE.look_up(request) is None


def test_the_question_wants_proof():
    """Absence must be certain before anything is sent again."""
    look_up = RULE.look_up(invoice("N1"))

    assert (look_up.query, look_up.by, look_up.keys, look_up.proof) == (
        "InvoiceQueryRq",
        "ref_number",
        ("N1",),
        True,
    )


LISTS = AddedToList("CustomerQueryRq")


def customer(name, parent=None):
    """Return a request for a customer below another one."""
    return CustomerAddRq(customer_add=CustomerAdd(name=name, parent_ref=parent))


def test_a_list_add_is_found_by_its_full_name():
    """Levels are joined by colons."""
    request = customer("Job", Ref(full_name="Ann Lee"))

    assert LISTS.look_up(request).keys == ("Ann Lee:Job",)
    assert LISTS.finds(request, CustomerRet(full_name="ann lee:JOB")) is True
    assert LISTS.finds(request, CustomerRet(full_name="Job")) is False
    assert LISTS.finds(request, CustomerRet()) is None


def test_lists_without_levels_have_a_name_only():
    """A vendor is found by his name; a customer's own name is not enough, he may stand below another one."""
    request = VendorAddRq(vendor_add=VendorAdd(name="Ann Lee"))
    vendors = AddedToList("VendorQueryRq")

    assert vendors.look_up(request).keys == ("Ann Lee",)
    assert vendors.finds(request, VendorRet(name="ann lee")) is True
    assert vendors.finds(request, VendorRet(name="Bob")) is False
    assert vendors.finds(request, VendorRet()) is None
    assert LISTS.finds(customer("Ann Lee"), CustomerRet(name="Ann Lee")) is None


def test_a_parent_known_by_id_alone_cannot_be_looked_up():
    """Its name is not known here."""
    request = customer("Job", Ref(list_id="1-1"))

    assert LISTS.look_up(request) is None
    assert LISTS.finds(request, CustomerRet(full_name="Job")) is None


def test_a_request_without_its_object_cannot_be_looked_up():
    """An incomplete message has no name."""
    assert LISTS.look_up(CustomerAddRq()) is None


def test_harmless_requests_ask_nothing():
    """There is no question, and nothing to compare."""
    assert Harmless().look_up(customer("A")) is None
    assert Harmless().finds(customer("A"), CustomerRet()) is None
