"""Which documents the simulated QuickBooks refuses as a whole; then nothing is executed."""

from __future__ import annotations

import pytest

from qbsync.qbxml import catalogue
from qbsync.testing import QuickBooksError

HOST = "<HostQueryRq/>"
NAME = "<Name>Bob</Name>"
LEE = "<CustomerRef><FullName>Ann Lee</FullName></CustomerRef>"


def refused(books, document: str) -> QuickBooksError:
    before = books.company.requests
    with pytest.raises(QuickBooksError) as caught:
        books.company.process(document)
    assert books.company.requests == before
    return caught.value


def customer(inner: str) -> str:
    return f"<CustomerAddRq><CustomerAdd>{inner}</CustomerAdd></CustomerAddRq>"


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("blank before the declaration", lambda text: " " + text),
        ("byte order mark", lambda text: "\ufeff" + text),
        ("no text", lambda _text: ""),
        ("no instruction", lambda text: text.replace('<?qbxml version="13.0"?>', "")),
        ("instruction inside", lambda text: text.replace("<?qbxml", "<QBXML><?qbxml", 1)),
        ("not well-formed", lambda text: text.replace("</QBXML>", "")),
        ("doctype", lambda text: text.replace("<QBXML>", "<!DOCTYPE QBXML><QBXML>")),
        ("control character", lambda text: text.replace(HOST, customer("<Name>\x01</Name>"))),
        ("control reference", lambda text: text.replace(HOST, customer("<Name>&#1;</Name>"))),
        ("lone surrogate", lambda text: text.replace(HOST, customer("<Name>\ud800</Name>"))),
        ("other root", lambda text: text.replace("QBXML>", "QBXMLX>")),
        ("attribute of the root", lambda text: text.replace("<QBXML>", '<QBXML a="1">')),
        ("namespace", lambda text: text.replace("<QBXML>", '<QBXML xmlns="urn:x">')),
        ("no message set", lambda text: text.replace("QBXMLMsgsRq", "QBXMLSubscriptionMsgsRq")),
        ("text in the message set", lambda text: text.replace(HOST, "hello")),
        ("text after a request", lambda text: text.replace(HOST, f"{HOST}hello")),
        ("no onError", lambda text: text.replace('onError="continueOnError"', "")),
        ("rollbackOnError", lambda text: text.replace("continueOnError", "rollbackOnError")),
        ("unknown attribute", lambda text: text.replace("onError", 'x="1" onError')),
        ("unknown responseData", lambda text: text.replace("onError", 'responseData="x" onError')),
        ("unknown request", lambda text: text.replace(HOST, "<GhostQueryRq/>")),
        ("response as request", lambda text: text.replace(HOST, "<HostQueryRs/>")),
        ("blank in an empty request", lambda text: text.replace(HOST, "<HostQueryRq> </HostQueryRq>")),
    ],
)
def test_documents_that_cannot_be_parsed(empty, what, change):
    error = refused(empty, change(empty.text(HOST)))

    assert error.hresult == "0x80040400", what


@pytest.mark.parametrize(
    "body",
    [
        customer("<IsActive>true</IsActive><Name>Bob</Name>"),
        customer("<Name>Bob</Name><Name>Eve</Name>"),
        customer("<Name>Bob</Name><Shoe>44</Shoe>"),
        customer(""),
        customer("<Name><b>Bob</b></Name>"),
        customer('<Name a="1">Bob</Name>'),
        customer("Bob<Name>Bob</Name>"),
        customer("<Name>Bob</Name>Bob"),
        '<CustomerAddRq x="1"><CustomerAdd><Name>Bob</Name></CustomerAdd></CustomerAddRq>',
        '<AccountQueryRq iterator="Start"><MaxReturned>1</MaxReturned></AccountQueryRq>',
        '<CustomerQueryRq metaData="Whatever"/>',
        "<CustomerQueryRq><ListID>1</ListID><FullName>Bob</FullName></CustomerQueryRq>",
        "<CustomerQueryRq><MaxReturned>1</MaxReturned><FullName>Bob</FullName></CustomerQueryRq>",
        "<CustomerQueryRq><OwnerID>0</OwnerID><IncludeRetElement>Name</IncludeRetElement></CustomerQueryRq>",
        "<InvoiceAddRq><InvoiceAdd><RefNumber>1</RefNumber></InvoiceAdd></InvoiceAddRq>",
        f"<SalesOrderAddRq><SalesOrderAdd>{LEE}</SalesOrderAdd></SalesOrderAddRq>",
        f'<InvoiceAddRq><InvoiceAdd useMacro="TxnID:1">{LEE}</InvoiceAdd></InvoiceAddRq>',
        f'<InvoiceAddRq><InvoiceAdd>{LEE}<LinkToTxnID useMacro="TxnID:1"/></InvoiceAdd></InvoiceAddRq>',
        f"<ReceivePaymentAddRq><ReceivePaymentAdd>{LEE}</ReceivePaymentAdd></ReceivePaymentAddRq>",
        "<ItemServiceAddRq><ItemServiceAdd><Name>S</Name></ItemServiceAdd></ItemServiceAddRq>",
        customer(f"{NAME}<Suffix>Jr</Suffix>"),
        customer(f"{NAME}<ShipToAddress><Addr1>Main</Addr1></ShipToAddress>"),
        customer(NAME + "<AdditionalContactRef><ContactName>a</ContactName><ContactValue>b</ContactValue>"
                 "</AdditionalContactRef>" * 9),
    ],
)  # fmt: skip
def test_structure_is_checked_against_the_catalogue(empty, body):
    """Order, number, choice, unknown and missing elements, attributes, macros, other editions."""
    error = refused(empty, empty.text(f"{customer(NAME)}{body}"))

    assert error.hresult == "0x80040400"
    assert empty.company.customers == []


def test_the_message_names_nothing_but_the_tester_is_told_why(empty):
    error = refused(empty, empty.text(customer("<Name>Bob</Name><Shoe>44</Shoe>")))

    assert "Shoe" not in error.message
    assert "Shoe" in error.why
    assert "Shoe" in str(error)


@pytest.mark.parametrize("version", ["99.0", "13", "CA3.0", "", "6.1"])
@pytest.mark.parametrize("hresult", ["0x80040400", "0x80040423"])
def test_an_unknown_version_is_refused_with_either_hresult(make, version, hresult):
    books = make(unknown_version=hresult)

    assert refused(books, books.text(HOST, version=version)).hresult == hresult


def test_a_version_newer_than_the_installed_one_is_refused(make):
    books = make(version="13.0")

    assert refused(books, books.text(HOST, version="14.0")).hresult == "0x80040400"


@pytest.mark.parametrize(
    ("version", "body"),
    [
        ("11.0", customer("<Name>B</Name><JobTitle>Boss</JobTitle>")),
        ("3.0", "<CustomerQueryRq><IncludeRetElement>Name</IncludeRetElement></CustomerQueryRq>"),
        ("4.1", '<CustomerQueryRq iterator="Start"><MaxReturned>1</MaxReturned></CustomerQueryRq>'),
        ("3.0", '<CustomerQueryRq metaData="MetaDataOnly"/>'),
        ("1.1", f'<InvoiceAddRq><InvoiceAdd defMacro="TxnID:1">{LEE}</InvoiceAdd></InvoiceAddRq>'),
        ("12.0", "<LeadQueryRq/>"),
        ("1.1", "<SalesOrderQueryRq/>"),
    ],
)
def test_what_is_newer_than_the_declared_version_refuses_the_document(books, version, body):
    assert refused(books, books.text(body, version=version)).hresult == "0x80040400"
    books.ask(body.replace("<Name>B<", "<Name>C<"), version="13.0")


def test_a_document_without_declaration_or_with_comments_is_taken(empty):
    text = empty.text(f"<!-- a -->{HOST}<!-- b -->").replace(
        '<?xml version="1.0" encoding="utf-8"?>', "<!-- c -->"
    )

    assert "HostRet" in empty.company.process(text)


def test_white_space_between_elements_is_fine(empty):
    assert empty.code(f"\n  {customer(f'''{chr(10)}  {NAME}{chr(10)}''')}\n") == 0


def test_raw_characters_are_refused_by_a_switch(make):
    strict = make(ascii_only=True)

    assert strict.code(customer("<Name>Jos&#233;</Name>")) == 0
    assert refused(strict, strict.text(customer("<Name>José</Name>"))).hresult == "0x80040400"


def test_elements_of_other_editions_only_warn_by_a_switch(make):
    body = customer(f"{NAME}<PrintAs>B</PrintAs>")
    warned = make(other_editions="warn").one(body)

    assert warned.get("statusCode") == "530"
    assert warned.get("statusSeverity") == "Warn"
    assert warned.findtext("CustomerRet/Name") == "Bob"


def test_every_request_of_the_catalogue_is_known_and_checked(empty):
    """Each of the 232 requests is refused with an unknown child, so each is read by its own tables."""
    names = [name for name in catalogue.names() if name.endswith("Rq")]
    for name in names:
        error = refused(empty, empty.text(f"<{name}><Nonsense/></{name}>", version="14.0"))

        assert error.hresult == "0x80040400"
    assert len(names) == 232


def test_a_document_that_is_refused_costs_its_round_trip(empty):
    refused(empty, empty.text("<x/>"))

    assert empty.company.simulated_seconds == 1.0
    assert empty.company.sets == 1
