"""Models as plain values for JSON, and back."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest

from qbsync import models
from qbsync.errors import InvalidValueError
from qbsync.qbxml import CLEAR, QBDateTime, UseMacro, parse


def test_a_request_as_plain_values():
    """Keys are fields, numbers with decimals are texts, members of a mix carry their name."""
    request = models.InvoiceAddRq(
        request_id="1",
        invoice_add=models.InvoiceAdd(
            def_macro="TxnID:i1",
            customer_ref=models.Ref(full_name="Ann"),
            txn_date=date(2024, 2, 29),
            memo=CLEAR,
            is_pending=False,
            lines=(
                models.InvoiceLineAdd(amount=Decimal("12.50")),
                models.InvoiceLineGroupAdd(quantity=Decimal(2)),
            ),
        ),
        include_ret_element=("TxnID", "EditSequence"),
    )

    plain = {
        "request_id": "1",
        "invoice_add": {
            "def_macro": "TxnID:i1",
            "customer_ref": {"full_name": "Ann"},
            "txn_date": "2024-02-29",
            "is_pending": False,
            "memo": "",
            "lines": [{"InvoiceLineAdd": {"amount": "12.50"}}, {"InvoiceLineGroupAdd": {"quantity": "2"}}],
        },
        "include_ret_element": ["TxnID", "EditSequence"],
    }
    assert request.to_dict() == plain
    assert models.InvoiceAddRq.from_dict(json.loads(json.dumps(plain))) == request
    assert models.InvoiceAddRq.from_dict(plain).invoice_add.memo is CLEAR


@pytest.mark.parametrize(
    ("made", "plain"),
    [
        (models.AppliedToTxnAdd(txn_id=UseMacro("TxnID:i")), {"txn_id": {"use_macro": "TxnID:i"}}),
        (models.TimeTrackingAdd(duration=timedelta(hours=8, minutes=30)), {"duration": "PT8H30M0S"}),
        (
            models.InvoiceRet(time_created=QBDateTime("2024-07-01T10:00:00-08:00")),
            {"time_created": "2024-07-01T10:00:00-08:00"},
        ),
        (models.CustomerQueryRq(max_returned=7), {"max_returned": 7}),
        (models.InvoiceQueryRs(status_code=0, ret_count=0), {"status_code": 0, "ret_count": 0}),
        (models.CustomerQueryRq(active_status=models.ActiveStatus.ALL), {"active_status": "All"}),
        (models.InvoiceLineAdd(quantity=3), {"quantity": 3}),
        (models.Ref(), {}),
        (models.ItemRef(list_id="1-2"), {"list_id": "1-2"}),
    ],
)
def test_every_type_goes_there_and_back(made, plain):
    """Values of each type have one plain form, from which the same object comes back."""
    assert made.to_dict() == plain
    assert type(made).from_dict(plain) == made
    assert json.loads(json.dumps(plain)) == plain


def test_what_was_kept_goes_there_and_back():
    """Unknown elements and attributes, odd texts and an odd order survive JSON."""
    text = (
        "<QBXML><QBXMLMsgsRs><InvoiceQueryRs statusCode='0' new='1'><InvoiceRet><TxnNumber>07</TxnNumber>"
        "<TxnID>1</TxnID><New a='b'>x<y/>z</New></InvoiceRet></InvoiceQueryRs></QBXMLMsgsRs></QBXML>"
    )
    document = parse(text)
    (message,) = document.messages

    again = models.InvoiceQueryRs.from_dict(json.loads(json.dumps(message.to_dict())))
    assert again == message
    assert again._kept == message._kept
    assert again.invoice_ret[0]._kept == message.invoice_ret[0]._kept


@pytest.mark.parametrize(
    ("cls", "plain", "words"),
    [
        ("InvoiceAdd", {"colour": "red"}, "InvoiceAdd.colour: expected a field of InvoiceAdd"),
        ("InvoiceAdd", [], "InvoiceAdd: expected an object"),
        ("InvoiceAdd", {"customer_ref": "Ann"}, "InvoiceAdd.customer_ref: expected an object"),
        ("InvoiceAdd", {"txn_date": "2023-02-29"}, "InvoiceAdd.txn_date: expected a date"),
        ("InvoiceAdd", {"is_pending": "yes"}, "InvoiceAdd.is_pending: expected True or False"),
        ("InvoiceAdd", {"lines": {}}, "InvoiceAdd.lines: expected a list"),
        ("InvoiceAdd", {"lines": [{}]}, r"InvoiceAdd.lines\[1\]: expected an object with one key"),
        (
            "InvoiceAdd",
            {"lines": [{"BillAdd": {}}]},
            r"InvoiceAdd.lines\[1\]: expected an object with one key",
        ),
        (
            "InvoiceAdd",
            {"lines": [{"InvoiceLineAdd": {"rate": 1.5}}]},
            r"lines\[1\].rate: expected a Decimal",
        ),
        ("InvoiceLineAdd", {"rate": "much"}, "InvoiceLineAdd.rate: expected a Decimal"),
        ("CustomerQueryRq", {"max_returned": True}, "CustomerQueryRq.max_returned: expected an int"),
        ("CustomerQueryRq", {"list_id": "1"}, "CustomerQueryRq.list_id: expected a list"),
        ("Ref", {"_kept": {"layout": []}}, "_kept: expected what to_dict"),
    ],
)
def test_other_forms_are_refused_with_their_place(cls, plain, words):
    """What ``to_dict`` would not give is told with its path, and nothing is made."""
    with pytest.raises(InvalidValueError, match=words):
        getattr(models, cls).from_dict(plain)


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (models.InvoiceLineAdd(rate=1.5), "InvoiceLineAdd.rate: expected a Decimal"),
        (models.InvoiceAdd(lines=[]), "InvoiceAdd.lines: expected a tuple"),
        (models.InvoiceAdd(lines=(models.Ref(),)), r"InvoiceAdd.lines\[1\]: expected one of InvoiceLineAdd"),
        (models.InvoiceAdd(customer_ref="Ann"), "InvoiceAdd.customer_ref: expected a CustomerRef"),
        (models.CustomerQueryRq(max_returned=True), "max_returned: expected an int"),
        (models.TimeTrackingAdd(duration=timedelta(microseconds=1)), "duration: expected a timedelta"),
    ],
)
def test_what_no_field_can_hold_has_no_plain_form(made, words):
    """A wrong value is told with its place, and not turned into something else."""
    with pytest.raises(InvalidValueError, match=words):
        made.to_dict()


def test_none_is_left_out():
    """JSON's null means what a missing key means."""
    assert models.Ref.from_dict({"list_id": None, "full_name": "a"}) == models.Ref(full_name="a")
