"""Documents from messages: the envelope, ids, what is refused, and storing requests one by one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import IntEnum

import attrs
import pytest

from qbsync import models
from qbsync.errors import InvalidRequestError, InvalidValueError, UsageError
from qbsync.qbxml import CLEAR, UnknownElement, UnknownMessage, UseMacro, build, parse
from qbsync.qbxml.builder import document, element
from qbsync.qbxml.texts import fitted

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


def customer(name: str, **more):
    return models.CustomerAddRq(customer_add=models.CustomerAdd(name=name, **more))


@pytest.mark.parametrize(
    ("characters", "wanted"),
    [("replace", b"<Name>?ukasz ?</Name>"), ("transliterate", b"<Name>Lukasz ?</Name>")],
)
def test_characters_that_cannot_be_held_are_changed_only_when_asked(characters, wanted):
    """What Windows-1252 lacks is refused, or changed in the way that the caller names for this call."""
    message = customer("Łukasz 😀", bill_address=models.BillAddress(addr1="Łódź"))

    with pytest.raises(InvalidRequestError) as caught:
        build([message])
    raw = build([message], characters=characters)

    assert {problem.code for problem in caught.value.problems} == {"characters"}
    assert wanted in raw
    assert message.customer_add.name == "Łukasz 😀"
    assert element(message, characters=characters).replace(b"<CustomerAddRq>", b"") in raw.replace(
        b'<CustomerAddRq requestID="1">', b""
    )


def test_controls_and_lone_surrogates_are_refused_or_changed():
    """What no XML holds kills a whole document: refused, replaced by a mark, or dropped."""
    message = customer("a\x07b\ud800c")

    with pytest.raises(InvalidRequestError):
        build([message])
    assert b"<Name>a?b?c</Name>" in build([message], characters="replace")
    assert b"<Name>abc</Name>" in build([message], characters="transliterate")
    assert b"<Name>abc</Name>" in build([message], characters="transliterate", check=False)
    with pytest.raises(InvalidValueError):
        build([message], check=False)


def test_lengths_count_after_the_change():
    """One character may become two; then the two count."""
    message = customer("ŋ" * 21)

    with pytest.raises(InvalidRequestError) as caught:
        build([message], characters="transliterate")

    assert [problem.code for problem in caught.value.problems] == ["length"]
    assert b"<Name>" + b"?" * 21 in build([message], characters="replace")


def test_macros_change_with_what_refers_to_them():
    """The definition of a macro and its use are changed alike, so that they still meet."""
    invoice = attrs.evolve(INVOICE.invoice_add, def_macro="TxnID:ł")
    applied = models.AppliedToTxnAdd(txn_id=UseMacro("TxnID:ł"), payment_amount=Decimal("12.50"))
    payment = attrs.evolve(PAYMENT.receive_payment_add, applied_to_txn_add=(applied,))
    messages = [
        models.InvoiceAddRq(invoice_add=invoice),
        models.ReceivePaymentAddRq(receive_payment_add=payment),
    ]

    raw = build(messages, characters="transliterate")

    assert b'defMacro="TxnID:l"' in raw
    assert b'useMacro="TxnID:l"' in raw


def test_what_can_be_held_stays_the_same_object():
    """Nothing is copied where nothing changes."""
    message = customer("Göran €", notes="x", cc=())

    assert fitted(message, "transliterate") is message
    assert fitted(customer("ł"), "refuse").customer_add.name == "ł"


def test_an_unknown_way_is_refused():
    """There are three ways, and their names are told."""
    with pytest.raises(InvalidValueError, match="refuse or replace or transliterate"):
        build([customer("ł")], characters="guess")


@pytest.mark.parametrize("mark", ['"', "\t", "\n", "&", "<", "é", "%s", "%"])
def test_marks_in_attributes_and_texts(mark):
    """Every mark comes back from the document, wherever it stands."""
    message = attrs.evolve(customer(f"a{mark}b"), request_id=f"1{mark}2")

    assert parse(build([message])).messages == (message,)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("1.50", b"1.50"), ("-0.01", b"-0.01"), ("9999999999999.99", b"9999999999999.99"), ("7", b"7"),
        ("1E+2", b"100"), ("-9999999999999.99", b"-9999999999999.99"), ("1.500", b"1.50"), ("0.00", b"0.00"),
    ],
)  # fmt: skip
def test_amounts_are_written_exactly(amount, text):
    """An amount has two decimals or none, no exponent, and the value it had."""
    line = models.InvoiceLineAdd(item_ref=models.Ref(full_name="X"), amount=Decimal(amount))
    invoice = attrs.evolve(INVOICE.invoice_add, lines=(line,))

    assert b"<Amount>%b</Amount>" % text in element(models.InvoiceAddRq(invoice_add=invoice))


@pytest.mark.parametrize("amount", ["1.505", "10000000000000.00", "NaN", "-Infinity", "sNaN", "1E+13"])
def test_amounts_that_would_be_altered_are_refused(amount):
    """Nothing is rounded, and nothing out of range is sent."""
    line = models.InvoiceLineAdd(item_ref=models.Ref(full_name="X"), amount=Decimal(amount))
    invoice = attrs.evolve(INVOICE.invoice_add, lines=(line,))

    with pytest.raises(InvalidRequestError):
        element(models.InvoiceAddRq(invoice_add=invoice))


@pytest.mark.parametrize("messages", [None, models.HostQueryRq()], ids=["none", "one message"])
def test_messages_come_as_several(messages):
    """One message alone is no set; the error says what would be."""
    with pytest.raises(UsageError, match="messages: expected several, such as a list"):
        build(messages)


def test_aggregates_are_cleared_only_unchecked():
    """Only elements of text have an empty form that clears; the raw way writes what it is told."""
    cleared = models.CustomerMod(list_id="1", edit_sequence="1", terms_ref=CLEAR, bill_address=CLEAR)
    request = models.CustomerModRq(customer_mod=cleared)

    with pytest.raises(InvalidRequestError) as caught:
        build([request])

    assert {(problem.path, problem.code) for problem in caught.value.problems} == {
        ("CustomerModRq/CustomerMod/BillAddress", "empty"),
        ("CustomerModRq/CustomerMod/TermsRef", "empty"),
    }
    raw = build([request], check=False)
    assert b"<BillAddress></BillAddress>" in raw
    assert b"<TermsRef></TermsRef>" in raw


class _Number(IntEnum):
    """A whole number with a name."""

    TEN = 10


def test_named_numbers_are_numbers():
    """A member of an enumeration of numbers is written as its number; a truth value is none."""
    line = models.InvoiceLineAdd(item_ref=models.Ref(full_name="W"), quantity=_Number.TEN, amount=_Number.TEN)
    requests = [
        models.CustomerQueryRq(max_returned=_Number.TEN),
        models.InvoiceAddRq(
            invoice_add=models.InvoiceAdd(customer_ref=models.Ref(full_name="A"), lines=(line,))
        ),
    ]

    raw = build(requests)

    assert b"<MaxReturned>10</MaxReturned>" in raw
    assert b"<Quantity>10</Quantity><Amount>10</Amount>" in raw
    with pytest.raises(InvalidRequestError, match="MaxReturned: expected an int"):
        build([models.CustomerQueryRq(max_returned=True)])
