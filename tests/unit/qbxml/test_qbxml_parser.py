"""Reading documents: typed, tolerant, nothing lost."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import attrs
import pytest
from lxml import etree

from qbsync import _xml, models
from qbsync.errors import ParseError, StatusError
from qbsync.qbxml import CLEAR, UnknownElement, UnknownMessage, UseMacro, parse

RECORDED = {
    "a01-receiveResponseXML-InvoiceAddRs.xml": ["InvoiceAddRs"],
    "a02-receiveResponseXML-ReceivePaymentAddRs.xml": ["ReceivePaymentAddRs"],
    "a03-receiveResponseXML-three-Rs.xml": ["ItemInventoryQueryRs"] * 2 + ["SalesOrderAddRs"] * 2,
    "a04-receiveResponseXML-ItemInventoryQueryRs-20k.xml": ["ItemInventoryQueryRs"],
    "a05-receiveResponseXML-status3100.xml": ["ItemServiceAddRs"],
}


def response(inner: str, attributes: str = "") -> str:
    return f"<QBXML><QBXMLMsgsRs{attributes}>{inner}</QBXMLMsgsRs></QBXML>"


def canonical(document: bytes | str) -> bytes:
    root = _xml.parse_text(document) if isinstance(document, str) else _xml.parse(document)
    return etree.tostring(root, method="c14n", with_comments=False)


@pytest.mark.parametrize(("name", "kinds"), RECORDED.items())
def test_recorded_answers_are_typed_and_written_back(shared, name, kinds):
    """What QuickBooks really sent becomes typed messages, and comes back equal."""
    envelope = etree.fromstring((shared / "data/qbwc" / name).read_bytes())
    text = next(e.text for e in envelope.iter() if etree.QName(e).localname == "response")

    document = parse(text)

    assert [type(message).__name__ for message in document.messages] == kinds
    assert "_kept" not in repr(document.messages)
    assert document.direction == "response"
    assert document.version is None
    assert canonical(document.to_xml()) == canonical(text)


def test_the_recorded_host_answer_is_typed(shared):
    """Host, company and preferences of a real QuickBooks are read whole."""
    raw = (shared / "data/qbwc/h01-HCP-QB2012-premier.qbxml.xml").read_bytes()

    host, company, preferences = parse(raw).messages

    assert "11.0" in host.host_ret.supported_qbxml_version
    assert company.company_ret.company_name == "Wholesale/Distributor Sample File"
    assert preferences.preferences_ret is not None
    assert canonical(parse(raw).to_xml()) == canonical(raw)


def test_a_status_can_be_raised(shared):
    """A failed request is data until the caller asks for an exception."""
    envelope = etree.fromstring((shared / "data/qbwc/a05-receiveResponseXML-status3100.xml").read_bytes())
    text = next(e.text for e in envelope.iter() if etree.QName(e).localname == "response")
    (message,) = parse(text).messages

    assert message.status.code == 3100
    with pytest.raises(StatusError) as caught:
        message.raise_for_status()
    assert caught.value.name == "ItemServiceAddRs"
    assert caught.value.code == 3100


def test_values_are_typed():
    """Numbers, dates and truth values are Python's."""
    (message,) = parse(
        response(
            '<InvoiceAddRs requestID="7" statusCode="0" statusSeverity="Info"><InvoiceRet>'
            "<TxnDate>2024-02-03</TxnDate><Subtotal>12.50</Subtotal><IsPaid>false</IsPaid>"
            "</InvoiceRet></InvoiceAddRs>"
        )
    ).messages

    assert message.request_id == "7"
    assert message.raise_for_status() is message
    assert message.invoice_ret.txn_date == date(2024, 2, 3)
    assert message.invoice_ret.subtotal == Decimal("12.50")
    assert message.invoice_ret.is_paid is False


ODD = {
    "unknown element": "<TxnID>1</TxnID><New a='1'>x<Y/>z</New><TxnNumber>5</TxnNumber>",
    "unknown element with a namespace": "<n:New xmlns:n='urn:n' n:a='1'><n:Y/></n:New>",
    "unknown attribute": "<TxnID new='1'>1</TxnID>",
    "unusual order": "<TxnNumber>5</TxnNumber><TxnID>1</TxnID><EditSequence>2</EditSequence>",
    "doubled element": "<TxnID>1</TxnID><TxnID>2</TxnID>",
    "odd number": "<SalesTaxPercentage>18.0%</SalesTaxPercentage>",
    "number with a sign": "<Subtotal>+1.00</Subtotal>",
    "truth as a digit": "<IsPaid>1</IsPaid>",
    "text that is no date": "<TxnDate>soon</TxnDate>",
    "empty element": "<Memo/><TxnDate></TxnDate>",
    "element in a text": "<Memo>a<b/>c</Memo>",
    "text among elements": "<TxnID>1</TxnID>stray<TxnNumber>5</TxnNumber>",
    "text after elements": "<TxnID>1</TxnID>stray",
    "text alone": "stray",
    "spaces in a text": "<Memo>  </Memo>",
    "forgotten reference": "<CustomerRef/><ClassRef><FullName>a</FullName></ClassRef>",
    "reference the wrong way round": "<CustomerRef><FullName>a</FullName><ListID>1</ListID></CustomerRef>",
    "mixed lines": "<InvoiceLineRet/><InvoiceLineGroupRet/><InvoiceLineRet><Desc>b</Desc></InvoiceLineRet>",
    "a space attribute": "<Memo xml:space='preserve'> a </Memo>",
}


@pytest.mark.parametrize("inner", ODD.values(), ids=ODD)
def test_nothing_is_lost(inner):
    """What is unknown or odd is kept in its place and written back."""
    text = response(f"<InvoiceAddRs statusCode='0'><InvoiceRet>{inner}</InvoiceRet></InvoiceAddRs>")

    document = parse(text)

    written = document.to_xml()
    if "urn:n" not in inner:
        assert canonical(written) == canonical(text)
    assert parse(written) == document


def test_odd_forms_still_have_their_value():
    """An odd text means what it says; only its form is kept beside."""
    text = "<SalesTaxPercentage>18.0%</SalesTaxPercentage><IsPaid>1</IsPaid><Memo/>"
    (message,) = parse(response(f"<InvoiceAddRs><InvoiceRet>{text}</InvoiceRet></InvoiceAddRs>")).messages

    assert message.invoice_ret.sales_tax_percentage == Decimal("18.0")
    assert message.invoice_ret.is_paid is True
    assert message.invoice_ret.memo is CLEAR


def test_a_changed_value_is_written_and_the_unknown_stays():
    """Changing an object keeps what it does not know, and forgets the odd form of what was changed."""
    inner = "<TxnID>1</TxnID><New/><IsPaid>1</IsPaid>"
    document = parse(response(f"<InvoiceAddRs><InvoiceRet>{inner}</InvoiceRet></InvoiceAddRs>"))
    (message,) = document.messages
    changed = attrs.evolve(message.invoice_ret, is_paid=False, txn_number=5, edit_sequence="3")
    document = attrs.evolve(document, messages=(attrs.evolve(message, invoice_ret=changed),))

    assert (
        b"<TxnID>1</TxnID><New></New><EditSequence>3</EditSequence><TxnNumber>5</TxnNumber>"
        b"<IsPaid>false</IsPaid>" in document.to_xml()
    )


def test_unknown_messages_are_typed_as_far_as_every_message_is():
    """A message of a newer QuickBooks keeps everything and tells its status."""
    text = response("<NewRs requestID='1' statusCode='3100' statusSeverity='Error'><A>x</A></NewRs>")
    document = parse(text)
    (message,) = document.messages

    assert isinstance(message, UnknownMessage)
    assert (message.name, message.request_id, message.status.code) == ("NewRs", "1", 3100)
    assert message.element.content == (UnknownElement(name="A", content=("x",)),)
    assert canonical(document.to_xml()) == canonical(text)
    with pytest.raises(StatusError):
        message.raise_for_status()


def test_request_documents():
    """The instruction, the attributes of the set, and macros are read."""
    document = parse(
        '<?xml version="1.0"?><!-- c --><?qbxml version="13.0"?><QBXML>'
        '<QBXMLMsgsRq onError="continueOnError" newMessageSetID="n" oldMessageSetID="o">'
        '<ReceivePaymentAddRq><ReceivePaymentAdd><AppliedToTxnAdd><TxnID useMacro="TxnID:1"/>'
        "</AppliedToTxnAdd></ReceivePaymentAdd></ReceivePaymentAddRq></QBXMLMsgsRq></QBXML>"
    )

    assert document.version == "13.0"
    assert document.direction == "request"
    assert document.on_error == "continueOnError"
    assert (document.new_message_set_id, document.old_message_set_id) == ("n", "o")
    (applied,) = document.messages[0].receive_payment_add.applied_to_txn_add
    assert applied.txn_id == UseMacro("TxnID:1")


@pytest.mark.parametrize(("text", "code"), [("9002", 9002), ("0", 0), ("", None), ("x", None)])
def test_the_status_of_the_set(text, code):
    """The recovery status of a set is a number, or nothing."""
    assert parse(response("", f' messageSetStatusCode="{text}"')).message_set_status_code == code


def test_no_instruction_and_no_set_attributes_are_nothing():
    """A bare response says no version and no set."""
    document = parse(response(""))

    assert document.messages == ()
    assert document.message_set_status_code is None
    assert document.new_message_set_id is None


@pytest.mark.parametrize(
    "text", ["<a/>", "<QBXML/>", "<QBXML><QBXMLEvents/></QBXML>", "<QBXML>", "", "<!DOCTYPE QBXML><QBXML/>"]
)
def test_what_is_no_qbxml_is_refused(text):
    """Only documents with a message set are read."""
    with pytest.raises(ParseError):
        parse(text)


def test_signons_and_unknown_parts_around_the_set_stay():
    """What stands beside the message set is kept and written back."""
    text = "<QBXML a='1'><SignonMsgsRs><X/></SignonMsgsRs><QBXMLMsgsRs/><After/></QBXML>"

    assert canonical(parse(text).to_xml()) == canonical(text)


def test_equal_references_are_one_object():
    """Within a document equal references share one object."""
    line = "<InvoiceLineRet><ItemRef><ListID>1</ListID><FullName>a</FullName></ItemRef></InvoiceLineRet>"
    (message,) = parse(response(f"<InvoiceAddRs><InvoiceRet>{line * 2}</InvoiceRet></InvoiceAddRs>")).messages

    first, second = message.invoice_ret.lines
    assert first.item_ref is second.item_ref
    assert first.item_ref == models.Ref(list_id="1", full_name="a")
