"""Reading documents: typed, tolerant, nothing lost."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from time import process_time
from xml.sax.saxutils import escape

import attrs
import pytest
from lxml import etree

from qbsync import _xml, models
from qbsync.errors import ParseError, StatusError, UsageError
from qbsync.qbxml import CLEAR, UnknownElement, UnknownMessage, UseMacro, iterparse, parse, parser
from qbsync.qbxml.reader import Reading, read_message

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
    "element after a text": "<Memo>a<b/></Memo>",
    "attribute of an object": "<CustomerRef a='1'><ListID>1</ListID><FullName>a</FullName></CustomerRef>",
    "attribute and nothing else": "<EditSequence n='1'/>",
    "odd guid": "<ExternalGUID>12345</ExternalGUID>",
    "long id": "<TxnID>" + "x" * 60 + "</TxnID>",
    "number out of range": "<Subtotal>99999999999999999.00</Subtotal>",
    "number with too many decimals": "<ExchangeRate>13.344911793</ExchangeRate><Subtotal>1.234</Subtotal>",
    "time out of range": "<TimeCreated>2099-01-01T00:00:00</TimeCreated>",
    "time on a day that not every month has": "<TimeCreated>2024-02-29T00:00:00-05:00</TimeCreated>",
    "time on no day": "<TimeCreated>2023-02-29T00:00:00-05:00</TimeCreated>",
    "empty reference beside text": "<CustomerRef>x</CustomerRef>",
    "text behind a reference": "<CustomerRef><ListID>1</ListID><FullName>a</FullName>x</CustomerRef>",
    "names that are not ASCII": "<é à='1'>x</é>",
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


def test_instructions_do_not_part_a_text():
    """The text around comments and instructions is one, and they make no other object."""
    inner = "<Memo>a<!-- c -->b<?p q?>c</Memo>"
    (message,) = parse(response(f"<InvoiceAddRs><InvoiceRet>{inner}</InvoiceRet></InvoiceAddRs>")).messages

    assert message.invoice_ret.memo == "abc"
    assert message.invoice_ret == models.InvoiceRet(memo="abc")


def whole(document: bytes | str) -> bytes:
    """The canonical form with comments, and with what stands before and behind the root element."""
    raw = document.encode() if isinstance(document, str) else document
    tree = etree.fromstring(raw, etree.XMLParser(huge_tree=True)).getroottree()
    return etree.tostring(tree, method="c14n", with_comments=True)


REMARK = "<!-- c é --><?p q?>"


def added(inner: str) -> str:
    return f"<InvoiceAddRs><InvoiceRet>{inner}</InvoiceRet></InvoiceAddRs>"


REMARKS = {
    "before a text": added(f"<Memo>{REMARK}a</Memo>"),
    "in a text": added(f"<Memo>a{REMARK}b</Memo>"),
    "alone": added(f"<Memo>{REMARK}</Memo>"),
    "in a number": added(f"<Subtotal>1{REMARK}.00</Subtotal>"),
    "in an odd number": added(f"<Subtotal>1{REMARK}.0</Subtotal>"),
    "between elements": added(f"<TxnID>1</TxnID>{REMARK}<Memo>a</Memo>"),
    "in a reference": added(f"<CustomerRef>{REMARK}<ListID>1</ListID></CustomerRef>"),
    "in a message": f"<InvoiceAddRs>{REMARK}<InvoiceRet/>{REMARK}</InvoiceAddRs>",
    "in an unknown element": added(f"<New>a{REMARK}b<A/>{REMARK}</New>"),
    "in an unknown message": f"<NewRs>{REMARK}<A/>x{REMARK}y</NewRs>",
    "between messages": f"{REMARK}<InvoiceAddRs/>{REMARK}<NewRs/>{REMARK}",
}


@pytest.mark.parametrize("inner", REMARKS.values(), ids=REMARKS.keys())
def test_comments_and_instructions_are_written_back_in_their_places(inner):
    """What means nothing is kept where it stood, and an object with it equals one without."""
    text = response(inner)
    plain = parse(text.replace(REMARK, ""))

    document = parse(text)

    assert whole(document.to_xml()) == whole(text)
    assert document == plain
    assert hash(document.messages) == hash(plain.messages)
    plainly = [message.to_dict() for message in document.messages if not isinstance(message, UnknownMessage)]
    again = [models.InvoiceAddRs.from_dict(json.loads(json.dumps(values))) for values in plainly]
    others = [message for message in document.messages if isinstance(message, UnknownMessage)]
    assert whole(attrs.evolve(document, messages=(*again, *others)).to_xml()) == whole(text)


@pytest.mark.parametrize("part", ["a<!--x-->", "<?x?>a", "a<New/>"])
def test_very_many_parts_of_one_text_are_read(part):
    """A text that thousands of comments part is read at once, and stays what it was."""
    text = response(f"<InvoiceAddRs><InvoiceRet><Memo>{part * 20_000}</Memo></InvoiceRet></InvoiceAddRs>")

    document = parse(text)

    assert whole(document.to_xml()) == whole(text)


def test_remarks_stay_when_the_object_is_changed():
    """A changed value stands where the old one stood, and the comment beside it stays."""
    text = response("<InvoiceAddRs><InvoiceRet><!--c--><Memo>a<!--d--></Memo></InvoiceRet></InvoiceAddRs>")
    document = parse(text)
    (message,) = document.messages

    changed = attrs.evolve(message, invoice_ret=attrs.evolve(message.invoice_ret, memo="b"))

    written = attrs.evolve(document, messages=(changed,)).to_xml()
    assert b"<InvoiceRet><!--c--><Memo>b</Memo></InvoiceRet>" in written


OUTSIDE = {
    "odd instruction": "<?qbxml   version = '13.0'  ?><QBXML><QBXMLMsgsRq onError='stopOnError'/></QBXML>",
    "unknown instruction": "<?QBXML version='13.0'?><QBXML><QBXMLMsgsRq/></QBXML>",
    "no version": "<?qbxml?><QBXML><QBXMLMsgsRq/></QBXML>",
    "two": '<?qbxml version="2.0"?><!--c--><?qbxml version="13.0"?><QBXML><QBXMLMsgsRq/></QBXML>',
    "comments": "<!--a--><QBXML><!--b--><QBXMLMsgsRs/><!--c--></QBXML><!--d-->",
    "texts": "<QBXML>a<QBXMLMsgsRs>b<InvoiceAddRs/>c<NewRs/>d</QBXMLMsgsRs>e</QBXML>",
    "another root": "<?root?><QBXML><QBXMLMsgsRs/></QBXML>",
    "prefixes": '<QBXML xmlns:x="urn:x" x:schemaLocation="q.xsd" xml:lang="en"><QBXMLMsgsRs/></QBXML>',
}


@pytest.mark.parametrize("large", [False, True], ids=["small", "large"])
@pytest.mark.parametrize("text", OUTSIDE.values(), ids=OUTSIDE.keys())
def test_what_stands_around_the_messages_is_written_back(text, large):
    """Instructions as they were, comments, texts where none belong, prefixes of names."""
    if large:
        filling = "<InvoiceAddRs><InvoiceRet><Memo>x</Memo></InvoiceRet></InvoiceAddRs><!--z-->" * 5000
        for name in ("Rq", "Rs"):
            text = text.replace(f"<QBXMLMsgs{name}/>", f"<QBXMLMsgs{name}>{filling}</QBXMLMsgs{name}>")
        text = text.replace("<NewRs/>", f"{filling}<NewRs/>")
        text = text.replace("'stopOnError'/>", f"'stopOnError'>{filling}</QBXMLMsgsRq>")
        assert len(text) > _xml.AT_ONCE

    assert whole(parse(text).to_xml()) == whole(text)


def test_another_version_is_written_in_the_place_of_an_odd_instruction():
    """A document that is given another version says that one, once."""
    document = parse("<!--c--><?qbxml   version='13.0'?><QBXML><QBXMLMsgsRq/></QBXML>")

    written = attrs.evolve(document, version="12.0").to_xml()

    assert parse(written).version == "12.0"
    assert written.count(b"<?qbxml") == 1
    assert b"<!--c-->" in written


@pytest.mark.parametrize("document", [None, 12, ["<QBXML/>"]])
def test_what_is_no_document_is_refused(document):
    """Only bytes and text are read."""
    with pytest.raises(UsageError, match="document: expected bytes or text, got"):
        parse(document)


@pytest.mark.parametrize("text", ["9" * 5000, "x", "", "1.5", "\u0663"])
def test_a_status_that_is_no_number_is_none(text):
    """What cannot be a status code is kept as it stood, and is no number."""
    document = parse(
        response(
            f'<NewRs statusCode="{text}"/><HostQueryRs statusCode="{text}"/>',
            f' messageSetStatusCode="{text}"',
        )
    )

    assert document.message_set_status_code is None
    assert [message.status.code for message in document.messages] == [None, None]
    assert canonical(document.to_xml()).decode().count(f'tatusCode="{text}"') == 3


def test_what_was_kept_is_shown_last_and_short():
    """People read the fields first; of what was kept only what is not as usual."""
    (message,) = parse(
        response("<InvoiceAddRs><InvoiceRet><New/><TxnID>1</TxnID></InvoiceRet></InvoiceAddRs>")
    ).messages

    assert repr(message.invoice_ret) == (
        "InvoiceRet(txn_id='1', _kept=Kept(layout=(UnknownElement(name='New'), 'TxnID')))"
    )


def test_a_number_out_of_range_is_typed_and_written_back():
    """What QuickBooks sends and we would not: the value is there, and its text goes back if it is kept."""
    text = response("<InvoiceAddRs><InvoiceRet><Subtotal>1.2345</Subtotal></InvoiceRet></InvoiceAddRs>")
    document = parse(text)
    (message,) = document.messages

    assert message.invoice_ret.subtotal == Decimal("1.2345")
    assert b"<Subtotal>1.2345</Subtotal>" in document.to_xml()
    changed = attrs.evolve(message.invoice_ret, subtotal=Decimal("1.23"))
    document = attrs.evolve(document, messages=(attrs.evolve(message, invoice_ret=changed),))
    assert b"<Subtotal>1.23</Subtotal>" in document.to_xml()


def test_large_documents_are_read_as_small_ones_are():
    """A document that is read while it grows gives what one that is read at once gives, odd parts too."""
    inner = "".join(
        f"<InvoiceRet><TxnID>{n}</TxnID>"
        f"<CustomerRef><ListID>{n % 7}</ListID><FullName>é</FullName></CustomerRef>"
        f"{ODD['unknown element'] if n % 5 == 0 else ''}</InvoiceRet>{'<New/>stray' if n % 100 == 50 else ''}"
        for n in range(4000)
    )
    others = "<NewRs>" + "<A>x</A>" * 30_000 + "</NewRs><HostQueryRs statusCode='0'/>"
    query = f'<InvoiceQueryRs requestID="1" new="2">{inner}</InvoiceQueryRs>'
    text = f"<QBXML a='b'><Before/><QBXMLMsgsRs c='d'>{others}{query}{others}</QBXMLMsgsRs><After/></QBXML>"
    assert len(text) > 2 * _xml.AT_ONCE

    large = parse(text)
    at_once = parser.Document(
        messages=tuple(read_message(e, Reading(64)) for e in _xml.parse_text(text)[1]),
        version=None,
        direction="response",
        attributes=large.attributes,
    )

    assert large.messages == at_once.messages
    assert canonical(large.to_xml()) == canonical(text)


def test_documents_of_many_messages_are_read_while_they_grow():
    """Thousands of small messages are as good as one large one."""
    one = "<CustomerAddRs requestID='{}'><CustomerRet><Name>x</Name></CustomerRet></CustomerAddRs>"
    text = response("".join(map(one.format, range(5000))))

    document = parse(text.encode())

    assert [message.request_id for message in document.messages] == list(map(str, range(5000)))
    assert {message.customer_ret.name for message in document.messages} == {"x"}


@pytest.mark.parametrize("large", [False, True], ids=["small", "large"])
def test_depth_is_bounded_as_the_caller_says(large):
    """Nesting is bounded in unknown elements, and everywhere where the bound is small."""
    filling = "<InvoiceRet><TxnID>1</TxnID></InvoiceRet>" * (10_000 if large else 1)
    nested = response(f"<InvoiceQueryRs>{filling}<New>{'<a>' * 30}{'</a>' * 30}</New></InvoiceQueryRs>")
    plain = response(f"<InvoiceQueryRs>{filling}</InvoiceQueryRs>")

    assert parse(nested).messages
    assert parse(plain, max_depth=5).messages
    for text, depth in ((nested, 33), (nested, 10), (plain, 4)):
        with pytest.raises(ParseError, match=f"at most {depth} levels"):
            parse(text, max_depth=depth)


def test_bombs_are_refused():
    """Entities are refused before they are seen, and what is too large before it is read."""
    laughs = "<!DOCTYPE q [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'>]><QBXML>&b;</QBXML>"
    with pytest.raises(ParseError, match="DOCTYPE"):
        parse(laughs)
    with pytest.raises(ParseError, match="at most 10 bytes"):
        parse(response(""), max_bytes=10)
    with pytest.raises(ParseError, match=r"well-formed|levels"):
        parse(response("<a>" * 100_000))


def test_an_answer_of_30_mb_in_one_text_of_an_envelope():
    """The answer of a Web Connector is one text node, whatever its size, and a document of its own."""
    row = "<CustomerRet><Name>A &amp; B</Name><Notes>" + "x" * 900 + "</Notes></CustomerRet>"
    answer = response(f"<CustomerQueryRs statusCode='0'>{row * 32_000}</CustomerQueryRs>")
    envelope = f"<Envelope><Body><response>{escape(answer)}</response></Body></Envelope>".encode()
    assert len(envelope) > 30_000_000

    text = _xml.parse(envelope)[0][0].text
    (message,) = parse(text).messages

    assert len(message.customer_ret) == 32_000
    assert {customer.name for customer in message.customer_ret} == {"A & B"}


def test_a_parser_is_as_good_after_an_error():
    """The parser of a thread is used again, and keeps nothing of a document that was broken."""
    good = response("<HostQueryRs requestID='1'/>")
    for broken in ("<QBXML>", "<QBXML>&x;</QBXML>", "<QBXML><a></QBXML>"):
        with pytest.raises(ParseError):
            parse(broken)
        assert parse(good).messages[0].request_id == "1"


def test_threads_do_not_meet():
    """Documents are read in several threads at once."""
    texts = [response(f"<HostQueryRs requestID='{n}'/>") for n in range(200)]

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(parse, texts))

    assert [document.messages[0].request_id for document in found] == list(map(str, range(200)))


@pytest.mark.parametrize(
    "behind", [0, 10, 70_000, 200_000], ids=["near", "close", "next piece", "later piece"]
)
@pytest.mark.parametrize("place", [0, 1, 1500, 2999])
def test_one_attribute_in_a_large_document_is_kept(place, behind):
    """A single unknown attribute is kept, wherever in the pieces of a document it and its object end."""
    plain = "<InvoiceRet><TxnID>1</TxnID><Memo>" + "x" * 150 + "</Memo></InvoiceRet>"
    odd = "<InvoiceRet><TxnID new='1'>1</TxnID><Memo>" + "x" * behind + "</Memo></InvoiceRet>"
    rows = [plain] * 3000
    rows[place] = odd
    text = response(f"<InvoiceQueryRs>{''.join(rows)}</InvoiceQueryRs>")
    assert len(text) > _xml.AT_ONCE

    document = parse(text)

    assert document.to_xml().count(b'new="1"') == 1
    kept = [n for n, one in enumerate(iterparse(text.encode())) if one._kept is not None]
    assert kept == [place]


def test_much_mixed_text_is_read_in_time_like_its_size():
    """Thousands of texts between elements are kept like few; looking for them must not try all pairs."""
    inner = "a<Unknown/>" * 6000
    raw = f'<QBXML><QBXMLMsgsRs><InvoiceQueryRs requestID="1">{inner}</InvoiceQueryRs></QBXMLMsgsRs></QBXML>'

    assert _xml.c14n(parse(raw).to_xml()) == _xml.c14n(raw.encode())


@pytest.mark.parametrize("size", [1, 2, 7, 50, 1000])
@pytest.mark.parametrize(
    "odd",
    [
        "<InvoiceRet new='1'><TxnID>1</TxnID><Memo>x</Memo></InvoiceRet>",
        "<InvoiceRet><TxnID new='1'>1</TxnID><Memo>x</Memo></InvoiceRet>",
        "<InvoiceRet><TxnID>1</TxnID><CustomerRef new = '1'><ListID>2</ListID></CustomerRef></InvoiceRet>",
        "<InvoiceRet><TxnID>1</TxnID><Memo>  </Memo></InvoiceRet>",
    ],
    ids=["of the object", "in it", "deeper", "blanks"],
)
def test_an_object_in_many_pieces_is_read_as_in_one(odd, size):
    """Attributes and blank texts are kept, however many pieces an object and a tag come in."""
    plain = "<InvoiceRet><TxnID>1</TxnID></InvoiceRet>"
    raw = response(f"<InvoiceQueryRs>{plain}{odd}{plain}{odd}</InvoiceQueryRs>").encode()
    pieces = [raw[place : place + size] for place in range(0, len(raw), size)]

    assert tuple(iterparse(pieces)) == parse(raw).messages[0].invoice_ret


def test_an_attribute_of_a_very_large_object_is_kept():
    """The tag may end in another piece than it began in, and its object goes on for several more."""
    for place in range(_xml.PIECE - 26, _xml.PIECE + 2):
        begin = "<QBXML><QBXMLMsgsRs><InvoiceQueryRs><InvoiceRet/><InvoiceRet><Memo>"
        filling = "x" * (place - len(begin) - len("</Memo></InvoiceRet>"))
        line = f"<InvoiceLineRet><Desc>{'y' * 300}</Desc></InvoiceLineRet>"
        text = f"{begin}{filling}</Memo></InvoiceRet><InvoiceRet new='1'>{line * 1000}</InvoiceRet>"
        text += "<InvoiceRet/></InvoiceQueryRs></QBXMLMsgsRs></QBXML>"

        found = parse(text).messages[0].invoice_ret

        assert [len(one.lines) for one in found] == [0, 0, 1000, 0]
        assert found[2]._kept.attributes == (("new", "1"),)


@pytest.mark.parametrize("place", range(-3, 4))
def test_a_value_of_blanks_stays_where_pieces_end_in_it(place):
    """Blanks that are a value are no white space between elements, wherever the pieces end."""
    begin = "<QBXML><QBXMLMsgsRs><InvoiceQueryRs><InvoiceRet><Memo>"
    filling = "x" * (_xml.PIECE + place - len(begin) - len("</Memo><Other>  "))
    text = f"{begin}{filling}</Memo><Other>  </Other></InvoiceRet>"
    text += f"{'<InvoiceRet><TxnID>1</TxnID></InvoiceRet>' * 8000}</InvoiceQueryRs></QBXMLMsgsRs></QBXML>"
    assert len(text) > _xml.AT_ONCE

    written = parse(text).to_xml()

    assert b"<Other>  </Other>" in written


@pytest.mark.parametrize("inner", ["{}<InvoiceRet/>", "<InvoiceRet>{}</InvoiceRet>", "<InvoiceRet/>{}"])
def test_what_python_alone_calls_white_space_is_text(inner):
    """A no-break space between elements is a text as any other."""
    raw = response(f"<InvoiceQueryRs>{inner.format('&#160;')}</InvoiceQueryRs>")

    assert b"&#160;" in parse(raw).to_xml()


@pytest.mark.parametrize("left", ["<QBXML><a>", "<QBXML><QBXMLMsgsRs/></QBXML>"])
def test_a_parser_that_was_interrupted_is_not_asked_again(monkeypatch, left):
    """Half of a document that was being read never becomes the beginning of the next."""

    class Interrupted(etree.XMLParser):
        def close(self):
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(_xml._COMMENTING, "idle", {None: Interrupted()})
        with pytest.raises(KeyboardInterrupt):
            parse(left.encode())
        with pytest.raises(ParseError):
            parse(b"</a></QBXML>")
        assert parse(b"<QBXML><QBXMLMsgsRs/></QBXML>").messages == ()


@pytest.mark.parametrize("left", ["<QBXML><a>", "<QBXML><QBXMLMsgsRs/></QBXML>"])
def test_documents_may_be_read_while_another_is_read(monkeypatch, left):
    """A signal or a finalizer that reads something in the middle of a document spoils neither."""
    between = []

    class Reentered(etree.XMLParser):
        def close(self):
            between.append(parse(response("<HostQueryRs requestID='1'/>").encode()))
            return super().close()

    monkeypatch.setattr(_xml._COMMENTING, "idle", {None: Reentered()})
    if left.endswith("</QBXML>"):
        assert parse(left.encode()).messages == ()
    else:
        with pytest.raises(ParseError):
            parse(left.encode())

    assert between[0].messages[0].request_id == "1"


def test_an_unusual_order_is_written_in_time_like_its_size():
    """Thousands of children of two kinds in turn are found one after the other, not by searching all."""
    pair = "<DataExtRet><OwnerID>0</OwnerID></DataExtRet><LinkedTxn><TxnID>1</TxnID></LinkedTxn>"
    raw = response(f"<InvoiceQueryRs><InvoiceRet>{pair * 20_000}</InvoiceRet></InvoiceQueryRs>").encode()

    begun = process_time()
    written = parse(raw).to_xml()

    assert _xml.c14n(written) == _xml.c14n(raw)
    assert process_time() - begun < 5


@pytest.mark.parametrize("part", ["a<b/>", "a<!--c-->"])
def test_very_much_mixed_text_is_read_in_time_like_its_size(part):
    """A hundred thousand texts between elements or comments take no time with the square of their number."""
    raw = response(f"<InvoiceQueryRs><InvoiceRet><Memo>{part * 100_000}</Memo></InvoiceRet></InvoiceQueryRs>")

    begun = process_time()
    written = parse(raw).to_xml()

    assert _xml.c14n(written) == _xml.c14n(raw.encode())
    assert process_time() - begun < 5


def test_what_was_added_to_an_unusual_order_is_written_in_the_order_of_the_language():
    """Children that did not stand in the document come where they belong, in their own order."""
    raw = response("<InvoiceQueryRs><InvoiceRet><Memo>m</Memo><TxnID>1</TxnID></InvoiceRet></InvoiceQueryRs>")
    (read,) = parse(raw).messages[0].invoice_ret
    lines = (
        models.InvoiceLineRet(txn_line_id="a"),
        models.InvoiceLineGroupRet(txn_line_id="b"),
        models.InvoiceLineRet(txn_line_id="c"),
    )

    text = parser.message_text(attrs.evolve(read, lines=lines, edit_sequence="7"))

    written = [(child.tag, child.findtext("TxnLineID")) for child in etree.fromstring(text)]
    assert written == [
        ("EditSequence", None),
        ("Memo", None),
        ("TxnID", None),
        ("InvoiceLineRet", "a"),
        ("InvoiceLineGroupRet", "b"),
        ("InvoiceLineRet", "c"),
    ]


@pytest.mark.parametrize("beside", [False, True], ids=["in an object", "beside the set"])
def test_a_stray_text_is_the_same_with_remarks_in_it(beside):
    """Comments and instructions part a text where none belongs, and make no other object of it."""
    around = "<QBXML>{}<QBXMLMsgsRs/></QBXML>" if beside else response("<InvoiceQueryRs>{}</InvoiceQueryRs>")

    plain, parted = parse(around.format("text")), parse(around.format("<?a?>t<!--b-->ex<?c?>t<!--d-->"))

    assert plain == parted
    assert hash(plain) == hash(parted)
    assert plain != parse(around.format("other"))
