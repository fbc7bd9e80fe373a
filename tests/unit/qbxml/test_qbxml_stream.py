"""Streaming: one object at a time, from anything, in bounded memory."""

from __future__ import annotations

import io
import itertools
import tracemalloc
from decimal import Decimal

import pytest

from qbsync import models
from qbsync.errors import ParseError, UsageError
from qbsync.qbxml import UnknownElement, UnknownMessage, iterparse, parse

LINE = "<InvoiceLineRet><ItemRef><ListID>1</ListID><FullName>a</FullName></ItemRef></InvoiceLineRet>"


def invoice(number: int) -> str:
    return f"<InvoiceRet><TxnID>{number}</TxnID><Subtotal>1.50</Subtotal>{LINE * 3}</InvoiceRet>"


def response(inner: str, name: str = "InvoiceQueryRs") -> bytes:
    return (
        '<?xml version="1.0" ?>\n<QBXML>\n<QBXMLMsgsRs>\n'
        f'<{name} requestID="7" statusCode="0" statusSeverity="Info">\n{inner}</{name}>\n'
        "</QBXMLMsgsRs>\n</QBXML>"
    ).encode()


LARGE = response("\n".join(map(invoice, range(2000))))


def pieces_of(size):
    """A file that gives out its bytes in pieces of one size, whatever is asked for."""

    class Slow(io.BytesIO):
        def read(self, _size=-1):
            return super().read(size)

    return Slow


def test_a_stream_gives_what_parsing_gives():
    """The objects of a stream are those of the whole document, in their order."""
    assert len(LARGE) > 500_000

    assert tuple(iterparse(LARGE)) == parse(LARGE).messages[0].invoice_ret


@pytest.mark.parametrize("size", [1, 7, 64, 1000])
def test_the_size_of_the_pieces_does_not_matter(size):
    """However a file hands out its bytes, the objects are the same."""
    raw = response("".join(map(invoice, range(20))))

    assert list(iterparse(pieces_of(size)(raw))) == list(iterparse(raw))


def test_sources(tmp_path):
    """Paths, files, texts and bytes of all kinds are read."""
    raw = response(invoice(1) + invoice(2))
    path = tmp_path / "answer.xml"
    path.write_bytes(raw)
    wanted = list(parse(raw).messages[0].invoice_ret)
    text = raw.decode().replace("?>", ' encoding="utf-16"?>', 1)

    assert list(iterparse(path)) == wanted
    assert list(iterparse(str(path))) == wanted
    for source in (raw, bytearray(raw), memoryview(raw), io.BytesIO(raw), io.StringIO(text)):
        assert list(iterparse(source)) == wanted


def test_a_file_that_was_given_stays_open():
    """Whoever opened a file closes it."""
    file = io.BytesIO(response(invoice(1)))

    list(iterparse(file))

    assert not file.closed


def test_what_cannot_be_read_is_no_source():
    """A number is not a document."""
    with pytest.raises(UsageError, match="source"):
        next(iterparse(7))


@pytest.mark.parametrize("raw", [response(invoice(1)), LARGE], ids=["small", "large"])
def test_messages_are_told_when_they_end(raw):
    """What is left of a message without its objects: its status, and all else."""
    told = []

    count = len(list(iterparse(raw, on_message=told.append)))

    assert count in {1, 2000}
    assert told == [models.InvoiceQueryRs(request_id="7", status_code=0, status_severity="Info")]


def test_a_failure_is_told():
    """A message that failed yields nothing, and says so to whom asked."""
    told = []
    raw = response("", "InvoiceAddRs").replace(b'"0"', b'"3100"').replace(b"Info", b"Error")

    assert list(iterparse(raw, on_message=told.append)) == []
    assert told[0].status.code == 3100


def test_all_objects_of_all_messages():
    """Objects of several messages come one after the other, single ones too."""
    inner = (
        f"<InvoiceQueryRs>{invoice(1)}{invoice(2)}</InvoiceQueryRs>"
        f"<CustomerAddRs><CustomerRet><Name>x</Name></CustomerRet></CustomerAddRs>"
        f"<HostQueryRs><HostRet><ProductName>q</ProductName></HostRet></HostQueryRs>"
    )
    raw = f"<QBXML><QBXMLMsgsRs>{inner}</QBXMLMsgsRs></QBXML>".encode()

    found = list(iterparse(raw))

    assert [type(one).__name__ for one in found] == ["InvoiceRet", "InvoiceRet", "CustomerRet", "HostRet"]
    assert found[1].subtotal == Decimal("1.50")


def test_unknown_things_are_streamed_as_trees():
    """Objects and messages of a newer QuickBooks come as plain trees; known objects in them are typed."""
    told = []
    inner = f"<NewQueryRs a='1'><NewRet><A>x</A></NewRet>{invoice(1)}<More/></NewQueryRs>"
    raw = f"<QBXML><QBXMLMsgsRs>{inner}</QBXMLMsgsRs></QBXML>".encode()

    new, known = iterparse(raw, on_message=told.append)

    assert new == UnknownElement(name="NewRet", content=(UnknownElement(name="A", content=("x",)),))
    assert isinstance(known, models.InvoiceRet)
    more = UnknownElement(name="More")
    rest = UnknownElement(name="NewQueryRs", attributes=(("a", "1"),), content=(more,))
    assert told == [UnknownMessage(rest)]


def test_what_came_before_a_break_was_yielded():
    """A document that breaks raises there, after all that was whole."""
    stream = iterparse(LARGE[:400_000])

    good = []
    with pytest.raises(ParseError) as caught:
        good.extend(stream)

    assert len(good) > 100
    assert caught.value.line


@pytest.mark.parametrize(
    "raw",
    [
        b"<QBXML><QBXMLMsgsRq><InvoiceQueryRq/></QBXMLMsgsRq></QBXML>",
        b"<QBXML/>",
        b"<other/>",
        b"",
        b"<!DOCTYPE QBXML><QBXML/>",
    ],
)
def test_only_responses_are_streamed(raw):
    """A request, another document or none at all is refused."""
    with pytest.raises(ParseError):
        list(iterparse(raw))


def test_limits():
    """Size and depth are bounded as the caller says."""
    deep = response(f"<InvoiceRet>{'<x>' * 100}{'</x>' * 100}</InvoiceRet>")

    with pytest.raises(ParseError, match="bytes"):
        list(iterparse(LARGE, max_bytes=100_000))
    with pytest.raises(ParseError, match="levels"):
        list(iterparse(deep))
    assert len(list(iterparse(deep, max_depth=200))) == 1
    with pytest.raises(ParseError, match="levels"):
        list(iterparse(LARGE, max_depth=5))


def test_a_stream_keeps_nothing():
    """Ten times as many invoices need no more memory at any moment."""

    def most(count: int) -> int:
        tracemalloc.start()
        try:
            for _ in iterparse(Endless(count)):
                pass
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    most(500)
    few, many = most(500), most(5000)

    assert many < few * 1.5 + 100_000


class Endless:
    """A file that makes its invoices when they are read, so that it takes no memory itself."""

    def __init__(self, count: int) -> None:
        head, tail = response("").split(b"</InvoiceQueryRs>")
        self._head, self._tail = [head], [b"</InvoiceQueryRs>" + tail]
        self._numbers = iter(range(count))

    def read(self, _size):
        if self._head:
            return self._head.pop()
        batch = b"".join(invoice(number).encode() for number in itertools.islice(self._numbers, 50))
        return batch or (self._tail.pop() if self._tail else b"")


def test_text_and_pieces_are_sources_too():
    """A text that is a document is no path; an iterable gives the document piece by piece."""
    text = response(invoice(1) + "<!-- \ufeffé -->" + invoice(2)).decode()
    wanted = list(iterparse(text.encode()))

    assert len(wanted) == 2
    assert list(iterparse(f"\ufeff \n{text}")) == wanted
    assert list(iterparse(iter(text))) == wanted
    assert list(iterparse(text.encode()[place : place + 7] for place in range(0, len(text) + 9, 7))) == wanted
    with pytest.raises(UsageError, match="expected pieces of bytes or text, got int"):
        list(iterparse([1]))


@pytest.mark.parametrize("rest", ["", "<", " x"])
def test_an_entity_that_nobody_defined_is_told_with_its_place(rest):
    """In a document of any size it is the entity that is told, not what follows from it."""
    many = "".join(map(invoice, range(5000)))
    raw = response(many + "<InvoiceRet><Memo>&nbsp;</Memo></InvoiceRet>" + rest * 70000)
    read = []

    with pytest.raises(ParseError, match="Entity 'nbsp' not defined") as caught:
        read.extend(iterparse(raw))

    assert caught.value.line == 1 + raw[: raw.index(b"&nbsp;")].count(b"\n")
    assert caught.value.column is not None
    assert len(read) <= 5000


def test_a_second_document_behind_an_unknown_entity_is_not_read():
    """What stands behind Entity .nbsp. not defined never counts as the document."""
    head = response("<InvoiceRet><Memo>&nbsp;</Memo></InvoiceRet>")
    filling = b" " * (65536 - len(head))

    with pytest.raises(ParseError):
        list(iterparse(head + filling + response(invoice(2)) + b" " * 300_000))
