"""Documents checked as they stand: the frame, ids, macros, and the line of every problem."""

from __future__ import annotations

import pytest

from qbsync.errors import InvalidValueError, ParseError
from qbsync.qbxml import Code, check_document

HEAD = '<?xml version="1.0"?>\n<?qbxml version="13.0"?>\n<QBXML>\n'
SET = '<QBXMLMsgsRq onError="stopOnError">\n'
END = "</QBXMLMsgsRq>\n</QBXML>\n"
REF = "<CustomerRef><FullName>a</FullName></CustomerRef>"


def document(*lines, head=HEAD, start=SET, end=END):
    return head + start + "\n".join(lines) + end


def told(text, **options):
    return [(problem.line, problem.path, problem.code) for problem in check_document(text, **options)]


def test_a_good_document_has_no_problems():
    """Requests, as text or bytes, responses, and messages alone may all be right."""
    good = document("<HostQueryRq requestID='1'/>", "<CompanyQueryRq requestID='2'/>")

    assert check_document(good) == []
    assert check_document(good.encode()) == []
    assert (
        check_document("<QBXML><QBXMLMsgsRs messageSetStatusCode='0'><HostQueryRs/></QBXMLMsgsRs></QBXML>")
        == []
    )
    assert check_document("<HostQueryRq/>") == []


def test_every_problem_has_its_line():
    """All problems of all requests are told at once, each with path, code and line, in the order of lines."""
    text = document(
        "<InvoiceAddRq><InvoiceAdd>",
        "<TxnDate>2024-13-01</TxnDate>",
        REF,
        "<InvoiceLineAdd><Desc>x</Desc></InvoiceLineAdd>",
        "<InvoiceLineAdd>",
        "<Amount>1.5</Amount>",
        "<Foo/></InvoiceLineAdd></InvoiceAdd></InvoiceAddRq>",
        "<CustomerAddRq><CustomerAdd>",
        "</CustomerAdd></CustomerAddRq>",
    )
    add = "InvoiceAddRq[1]/InvoiceAdd"

    assert told(text) == [
        (6, f"{add}/TxnDate", "lexical"),
        (7, f"{add}/CustomerRef", "order"),
        (10, f"{add}/InvoiceLineAdd[2]/Amount", "lexical"),
        (11, f"{add}/InvoiceLineAdd[2]/Foo", "unknown"),
        (12, "CustomerAddRq[2]/CustomerAdd/Name", "missing"),
    ]
    first = check_document(text)[0]
    assert first.message == f"{add}/TxnDate: expected a date, got '2024-13-01'"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (document("<HostQueryRq/>", head="<QBXML>"), (1, "?qbxml", "missing")),
        (document("<HostQueryRq/>", head=HEAD.replace("13.0", "CA3.0")), (1, "?qbxml@version", "lexical")),
        (document("<HostQueryRq/>", start="<QBXMLMsgsRq>"), (4, "QBXMLMsgsRq@onError", "missing")),
        (
            document("<HostQueryRq/>", start='<QBXMLMsgsRq onError="rollbackOnError">'),
            (4, "QBXMLMsgsRq@onError", "never-send"),
        ),
        (document(start='<QBXMLMsgsRq onError="x">'), (4, "QBXMLMsgsRq@onError", "enumeration")),
        (
            document(start='<QBXMLMsgsRq onError="stopOnError" responseData="all">'),
            (4, "QBXMLMsgsRq@responseData", "enumeration"),
        ),
        (
            document(start=f'<QBXMLMsgsRq onError="stopOnError" newMessageSetID="{"x" * 24}">'),
            (4, "QBXMLMsgsRq@newMessageSetID", "length"),
        ),
        (document(start='<QBXMLMsgsRq onError="stopOnError" new="1">'), (4, "QBXMLMsgsRq@new", "unknown")),
        (document(start=f"<SignonMsgsRq/>{SET}"), (4, "SignonMsgsRq", "never-send")),
        (document(start=f"<Other/>{SET}"), (4, "Other", "unknown")),
        (document(end="</QBXMLMsgsRq><QBXMLMsgsRq/></QBXML>"), (5, "QBXMLMsgsRq", "too-many")),
        (
            document("<HostQueryRq/>", head=HEAD.replace("<QBXML>", "<QBXML a='1'>")),
            (3, "QBXML@a", "unknown"),
        ),
        (document("<NopeRq/>"), (5, "NopeRq", "unknown")),
        (document("<HostQueryRs/>"), (5, "HostQueryRs", "direction")),
        (
            "<QBXML><QBXMLMsgsRs messageSetStatusCode='none'/></QBXML>",
            (1, "QBXMLMsgsRs@messageSetStatusCode", "lexical"),
        ),
    ],
)
def test_the_frame(text, expected):
    """What stands around the messages is checked too."""
    assert told(text) == [expected]


def test_request_ids_stand_once():
    """QuickBooks does not look; answers could not be told apart."""
    text = document("<HostQueryRq requestID='1'/>", "<CompanyQueryRq requestID='1'/>")

    assert told(text) == [(6, "CompanyQueryRq[2]@requestID", "double")]


PAY = (
    f"<ReceivePaymentAddRq><ReceivePaymentAdd>{REF}"
    '<AppliedToTxnAdd><TxnID useMacro="TxnID:i"/></AppliedToTxnAdd></ReceivePaymentAdd></ReceivePaymentAddRq>'
)
INVOICE = f'<InvoiceAddRq><InvoiceAdd defMacro="TxnID:i">{REF}</InvoiceAdd></InvoiceAddRq>'


def test_macros_are_defined_once_and_before_they_are_used():
    """An invoice and its payment in one set; the other way round, or twice, QuickBooks refuses them."""
    used = "ReceivePaymentAdd/AppliedToTxnAdd[1]/TxnID@useMacro"

    assert told(document(INVOICE, PAY)) == []
    assert told(document(PAY, INVOICE)) == [(5, f"ReceivePaymentAddRq[1]/{used}", "macro")]
    assert told(document(INVOICE, INVOICE)) == [(6, "InvoiceAddRq[2]/InvoiceAdd@defMacro", "double")]


def test_the_version_of_the_document_counts_unless_another_is_named():
    """The instruction says by which version to judge."""
    text = document("<LeadQueryRq/>", head=HEAD.replace("13.0", "12.0"))

    assert told(text) == [(5, "LeadQueryRq", "version")]
    assert told(text, version="13.0") == []
    assert told(document("<PreferencesQueryRq/>"), edition="OE") == [(5, "PreferencesQueryRq", "edition")]


@pytest.mark.parametrize(
    ("content", "path", "code"),
    [
        ("<Memo>a</Memo><Memo>b</Memo>", "Memo", Code.TOO_MANY),
        ("<Memo>a<b/></Memo>", "Memo", Code.UNKNOWN),
        ("<Memo new='1'>a</Memo>", "Memo@new", Code.UNKNOWN),
        ("<Memo useMacro='TxnID:x'/>", "Memo", Code.MACRO),
        ("<IsToBePrinted>yes</IsToBePrinted>", "IsToBePrinted", Code.LEXICAL),
        ("text", "", Code.UNKNOWN),
    ],
)
def test_what_no_model_can_hold_is_named(content, path, code):
    """Doubles, attributes, text and elements in wrong places are told by what they are."""
    found = check_document(document(f"<InvoiceAddRq><InvoiceAdd>{REF}{content}</InvoiceAdd></InvoiceAddRq>"))
    place = f"InvoiceAddRq/InvoiceAdd/{path}".rstrip("/")
    assert (place, code) in [(problem.path, problem.code) for problem in found]
    assert {problem.path.removesuffix("@useMacro") for problem in found} == {place}


@pytest.mark.parametrize(
    "content", ["<IsToBePrinted>1</IsToBePrinted>", "<ExchangeRate>+1.50</ExchangeRate>"]
)
def test_other_forms_of_the_language_are_no_problem(content):
    """What the language takes is right, even where we write it otherwise."""
    assert told(document(f"<InvoiceAddRq><InvoiceAdd>{REF}{content}</InvoiceAdd></InvoiceAddRq>")) == []


def test_a_required_element_that_cannot_be_read_is_not_missing_too():
    """One fault is one problem."""
    text = document(
        "<ItemServiceQueryRq><NameFilter><MatchCriterion>Like</MatchCriterion><Name>a</Name></NameFilter>"
        "<IncludeRetElement>a</IncludeRetElement></ItemServiceQueryRq>",
        "<TimeTrackingAddRq><TimeTrackingAdd><TxnDate>soon</TxnDate><EntityRef><FullName>a</FullName>"
        "</EntityRef><Duration>long</Duration></TimeTrackingAdd></TimeTrackingAddRq>",
    )
    assert told(text) == [
        (5, "ItemServiceQueryRq[1]/NameFilter/MatchCriterion", "enumeration"),
        (6, "TimeTrackingAddRq[2]/TimeTrackingAdd/TxnDate", "lexical"),
        (6, "TimeTrackingAddRq[2]/TimeTrackingAdd/Duration", "lexical"),
    ]


def test_what_cannot_be_read_or_judged_is_an_error():
    """Broken documents and impossible arguments are told apart."""
    with pytest.raises(ParseError):
        check_document("<QBXML>")
    with pytest.raises(ParseError):
        check_document("<html/>")
    with pytest.raises(InvalidValueError):
        check_document("<HostQueryRq/>", version="new")
    with pytest.raises(InvalidValueError):
        check_document("<HostQueryRq/>", edition="DE")


def test_texts_between_messages_are_told():
    """Only elements stand in the document and in the set."""
    text = document("stray", "<HostQueryRq/>", "more").replace("<QBXML>", "<QBXML>here")

    assert [(p.path, p.code, p.got) for p in check_document(text)] == [
        ("QBXML", Code.UNKNOWN, "text 'here'"),
        ("QBXMLMsgsRq", Code.UNKNOWN, "text 'stray'"),
        ("QBXMLMsgsRq", Code.UNKNOWN, "text 'more'"),
    ]


def test_very_many_problems_are_told_each_on_its_line():
    """A document of thousands of problems is judged as readily as one of a few."""
    count = 5000
    lines = ["<InvoiceLineAdd><Rate>1.234567</Rate></InvoiceLineAdd>"] * count
    text = document(
        "<InvoiceAddRq><InvoiceAdd><CustomerRef><FullName>A</FullName></CustomerRef>",
        *lines,
        "</InvoiceAdd></InvoiceAddRq>",
    )

    found = check_document(text)

    assert len(found) == count
    assert found[-1].path == f"InvoiceAddRq/InvoiceAdd/InvoiceLineAdd[{count}]/Rate"
    assert found[-1].line - found[0].line == count - 1


def test_comments_are_no_problem():
    """Comments may stand anywhere."""
    one = "<CustomerAddRq><!--c--><CustomerAdd><Name>a<!--d-->b</Name><!--e--></CustomerAdd></CustomerAddRq>"

    assert check_document(document("<!--a-->", one, "<!--b-->")) == []


def test_a_wrong_number_is_told_once_and_a_doubled_element_on_its_own_line():
    """One fault is one problem, on the line where it stands."""
    text = document(
        "<InvoiceAddRq><InvoiceAdd>",
        "<CustomerRef><FullName>A</FullName></CustomerRef>",
        "<TxnDate>2026-01-02</TxnDate>",
        "<TxnDate>2026-01-03</TxnDate>",
        "<InvoiceLineAdd><Rate>1.234567</Rate></InvoiceLineAdd>",
        "</InvoiceAdd></InvoiceAddRq>",
    )
    first = next(number for number, line in enumerate(text.splitlines(), 1) if "2026-01-02" in line)

    assert [(p.line, p.path, p.code) for p in check_document(text)] == [
        (first + 1, "InvoiceAddRq/InvoiceAdd/TxnDate", Code.TOO_MANY),
        (first + 2, "InvoiceAddRq/InvoiceAdd/InvoiceLineAdd[1]/Rate", Code.LEXICAL),
    ]
