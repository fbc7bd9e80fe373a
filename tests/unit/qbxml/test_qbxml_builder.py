"""Documents from messages: the envelope, ids, what is refused, and storing requests one by one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import attrs
import pytest

from qbsync import models
from qbsync.errors import InvalidRequestError, InvalidValueError, UsageError
from qbsync.qbxml import CLEAR, UnknownElement, UnknownMessage, UseMacro, build, parse
from qbsync.qbxml.builder import document, element

INVOICE = models.InvoiceAddRq(
    invoice_add=models.InvoiceAdd(
        def_macro="TxnID:1",
        customer_ref=models.Ref(full_name="Anné & Co"),
        txn_date=date(2024, 1, 2),
        lines=(
            models.InvoiceLineAdd(
                item_ref=models.Ref(full_name="X"), quantity=Decimal(2), amount=Decimal("12.5")
            ),
        ),
    )
)
PAYMENT = models.ReceivePaymentAddRq(
    receive_payment_add=models.ReceivePaymentAdd(
        customer_ref=models.Ref(full_name="Ann"),
        applied_to_txn_add=(
            models.AppliedToTxnAdd(txn_id=UseMacro("TxnID:1"), payment_amount=Decimal("12.50")),
        ),
    )
)
HOST = models.HostQueryRq()


def test_a_whole_document():
    """Declaration, instruction, message set, and requests in order, all in ASCII."""
    raw = build([INVOICE, PAYMENT], on_error="continueOnError", new_message_set_id="s1")

    assert raw == (
        b'<?xml version="1.0" encoding="utf-8"?>\n<?qbxml version="13.0"?>\n'
        b'<QBXML><QBXMLMsgsRq onError="continueOnError" newMessageSetID="s1">'
        b'<InvoiceAddRq requestID="1"><InvoiceAdd defMacro="TxnID:1">'
        b"<CustomerRef><FullName>Ann&#233; &amp; Co</FullName></CustomerRef><TxnDate>2024-01-02</TxnDate>"
        b"<InvoiceLineAdd><ItemRef><FullName>X</FullName></ItemRef><Quantity>2</Quantity>"
        b"<Amount>12.50</Amount></InvoiceLineAdd></InvoiceAdd></InvoiceAddRq>"
        b'<ReceivePaymentAddRq requestID="2"><ReceivePaymentAdd>'
        b"<CustomerRef><FullName>Ann</FullName></CustomerRef>"
        b'<AppliedToTxnAdd><TxnID useMacro="TxnID:1"/><PaymentAmount>12.50</PaymentAmount></AppliedToTxnAdd>'
        b"</ReceivePaymentAdd></ReceivePaymentAddRq></QBXMLMsgsRq></QBXML>"
    )


def test_missing_ids_are_assigned_around_those_given():
    """A request without an id gets one that no other has."""
    given = attrs.evolve(HOST, request_id="1")

    messages = parse(build([HOST, given, HOST])).messages

    assert [message.request_id for message in messages] == ["2", "1", "3"]


def test_doubled_ids_are_refused():
    """Nothing but the sender checks that ids differ, so the sender does."""
    twice = attrs.evolve(HOST, request_id="a")

    with pytest.raises(InvalidRequestError) as caught:
        build([twice, twice])

    assert [problem.code for problem in caught.value.problems] == ["double"]


def test_all_problems_of_all_messages_come_at_once():
    """Each problem names the message by its place, and nothing is built."""
    bad = models.CustomerAddRq(customer_add=models.CustomerAdd(phone="1" * 22))

    with pytest.raises(InvalidRequestError) as caught:
        build([HOST, bad, models.CustomerAddRq()])

    assert [(problem.path, problem.code) for problem in caught.value.problems] == [
        ("CustomerAddRq[2]/CustomerAdd/Name", "missing"),
        ("CustomerAddRq[2]/CustomerAdd/Phone", "length"),
        ("CustomerAddRq[3]/CustomerAdd", "missing"),
    ]


def test_empty_sets_ask_about_stored_ones():
    """A set with nothing but ids asks for, or clears, what QuickBooks has stored."""
    raw = build([], new_message_set_id="s", old_message_set_id="s")

    assert parse(raw).messages == ()
    assert parse(raw).direction == "request"
    assert b'newMessageSetID="s" oldMessageSetID="s"' in raw
    with pytest.raises(UsageError):
        build([])


def test_responses_have_no_instruction():
    """Responses are written as QuickBooks writes them."""
    answer = models.HostQueryRs(request_id="1", status_code=0, status_severity="Info")

    assert build([answer]) == (
        b'<?xml version="1.0" encoding="utf-8"?>\n<QBXML><QBXMLMsgsRs>'
        b'<HostQueryRs requestID="1" statusCode="0" statusSeverity="Info"/></QBXMLMsgsRs></QBXML>'
    )


@pytest.mark.parametrize(
    "messages", [[HOST, models.HostQueryRs()], [models.InvoiceAdd()], ["x"]], ids=["mixed", "part", "text"]
)
def test_what_is_no_document_is_refused(messages):
    """Requests and responses do not mix, and only messages make a document."""
    with pytest.raises(UsageError):
        build(messages)


@pytest.mark.parametrize(
    "arguments",
    [
        {"on_error": "rollbackOnError"},
        {"version": "CA3.0"},
        {"edition": "DE"},
        {"new_message_set_id": "x" * 24},
        {"new_message_set_id": ""},
        {"old_message_set_id": "\x00"},
    ],
    ids=["rollback", "version", "edition", "long id", "empty id", "control"],
)
def test_arguments_that_cannot_be_are_refused(arguments):
    """What QuickBooks would refuse for the whole set is refused before anything is built."""
    with pytest.raises(InvalidValueError):
        build([HOST], **arguments)


def test_stored_requests_make_the_same_document():
    """Requests made one by one and put together later are what would have been built at once."""
    first, second = attrs.evolve(INVOICE, request_id="a"), attrs.evolve(PAYMENT, request_id="b")

    together = document([element(first), element(second)], on_error="stopOnError", new_message_set_id="s")

    assert together == build([first, second], new_message_set_id="s")


def test_one_request_is_checked_alone():
    """A single request names its problems without a number."""
    with pytest.raises(InvalidRequestError) as caught:
        element(models.CustomerAddRq())

    assert caught.value.problems[0].path == "CustomerAddRq/CustomerAdd"


def test_unchecked_is_the_raw_way_out():
    """Without checks only what has no XML form is refused, and the place is named."""
    odd = models.CustomerAddRq(customer_add=models.CustomerAdd(name="x" * 99, phone="Ł", notes=CLEAR))

    assert parse(build([odd], check=False)).messages[0].customer_add == odd.customer_add
    with pytest.raises(InvalidRequestError):
        build([odd])
    for wrong in ("\x01", 5):
        with pytest.raises(InvalidValueError) as caught:
            build([models.CustomerAddRq(customer_add=models.CustomerAdd(name=wrong))], check=False)
        assert caught.value.path == "CustomerAddRq/CustomerAdd/Name"


def test_unknown_messages_are_only_written_unchecked():
    """A kind of message that we do not know passes through when asked for."""
    unknown = UnknownMessage(UnknownElement(name="NewRq", attributes=(("requestID", "1"),)))

    assert b'<NewRq requestID="1">' in build([unknown], check=False)
    with pytest.raises(InvalidRequestError) as caught:
        build([unknown])
    assert caught.value.problems[0].code == "unknown"


def test_clearing_writes_an_empty_element():
    """``CLEAR`` empties a field; an empty text is refused, since it may be an accident."""
    change = models.CustomerMod(list_id="1", edit_sequence="2", phone=CLEAR, job_start_date=CLEAR)

    raw = element(models.CustomerModRq(customer_mod=change))

    assert b"<Phone></Phone><JobStartDate></JobStartDate>" in raw
    with pytest.raises(InvalidRequestError) as caught:
        element(models.CustomerModRq(customer_mod=attrs.evolve(change, phone="")))
    assert [problem.code for problem in caught.value.problems] == ["empty"]
