"""Documents that were damaged: reading them gives a result or an error of ours, and nothing else.

Each case is a seed: it picks a document, damages it in one to six ways and reads it as bytes, as text and
as a stream.  A seed that once found a bug stays in ``KEPT``.
"""

from __future__ import annotations

import contextlib
import copy
import gc
import io
import random
import time
import tracemalloc

import pytest
from lxml import etree
from message_maker import Maker

from qbsync.errors import QbsyncError
from qbsync.qbxml import build, catalogue, iterparse, parse
from qbsync.qbxml.parser import Document

#: Seeds that found something once.
KEPT = (59, 65, 671, 2081, 4828, 2_007_035, 2_016_339)
#: No damaged document of at most some hundred kilobytes may take more time of the processor.
SECONDS = 5.0

MARKUP = (
    b"<", b">", b"&", b"</", b"/>", b"<a>", b"</a>", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<?", b"?>",
    b"&lt;", b"&#0;", b"&#x41;", b"&#xD800;", b"&nothing;", b"\x00", b"\x0b", b"\xff", b"\xc3",
    b"\xe2\x82\xac", b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b'<?xml version="1.0" encoding="utf-16"?>',
    b"<?qbxml version='13.0'?>",
    b' a="b"', b' xmlns="urn:x"', b' xmlns:p="urn:p"', b"<p:q/>", b"xml:lang='en'", b'useMacro="TxnID:1"',
    b"\r\n", b"<QBXML>", b"</QBXML>", b"<QBXMLMsgsRs>", b"<QBXMLMsgsRq>", b"<InvoiceRet>",
    b"<ListID></ListID>",
    b"-1", b"1e9", b"NaN", b"Infinity", b"9" * 40, b"0001-01-01", b"2024-02-30", b"1_000", b" 1 ", b"true",
    b"%", "\u0661".encode(), b"<x>" * 70, b"PT9999999H",
)  # fmt: skip
TEXTS = (
    "", " ", "x", "-1", "1.5", "1.50", "1e9", "NaN", "18.0%", "true", "1", "2024-02-30", "2024-02-03", "PT1H",
    "2024-02-03T04:05:06-08:00", "0", "{12345678-90ab-CDEF-1234-567890abcdef}", "\u0661", "€ł", "a\r\nb",
    "9" * 40,
)  # fmt: skip
ENCODINGS = ("utf-8", "utf-16", "utf-16-le", "utf-32", "cp1252", "utf-7", "cp037", "shift_jis", "latin-1")


def documents() -> list[bytes]:
    """Whole documents of both directions, long and short."""
    made = []
    for number, name in enumerate(catalogue.names()[::3]):
        for edition in ("US", "CA", "UK", "AU", "OE"):
            message = Maker(number, 0.4, "14.0", edition).message(name)
            if message is not None:
                made.append(build([message], version="14.0", edition=edition))
                break
    line = b"<InvoiceLineRet><ItemRef><ListID>1</ListID><FullName>a</FullName></ItemRef></InvoiceLineRet>"
    body = b"<InvoiceRet><TxnID>1</TxnID>" + line * 3 + b"</InvoiceRet>"
    made.append(
        b"<QBXML><QBXMLMsgsRs><InvoiceQueryRs>" + body * 900 + b"</InvoiceQueryRs></QBXMLMsgsRs></QBXML>"
    )
    return [document for document in made if len(document) < 300_000]


def damaged(raw: bytes, rnd: random.Random) -> bytes:
    """Return a document with some damage: to its bytes, or to its elements so that it stays XML."""
    if rnd.random() < 0.5:
        return strange(raw, rnd)
    for _ in range(rnd.randint(1, 4)):
        raw = rnd.choice(WAYS)(raw, rnd)
    return raw


def strange(raw: bytes, rnd: random.Random) -> bytes:
    """Return well-formed XML that is not quite the document: elements moved, renamed, doubled, filled."""
    root = etree.fromstring(raw)
    for _ in range(rnd.randint(1, 6)):
        elements = list(root.iter(etree.Element))
        one, other = rnd.choice(elements), rnd.choice(elements)
        way = rnd.randrange(8)
        if way == 0 and one.getparent() is not None:
            one.getparent().remove(one)
        elif way == 1 and one.getparent() is not None:
            one.addnext(copy.deepcopy(one))
        elif way == 2:
            one.tag = other.tag
        elif way == 3:
            one.text = rnd.choice(TEXTS)
        elif way == 4:
            one.tail = rnd.choice(TEXTS)
        elif way == 5:
            one.set(rnd.choice(("a", "requestID", "statusCode", "useMacro", "{urn:x}y")), rnd.choice(TEXTS))
        elif way == 6:
            one.insert(rnd.randrange(len(one) + 1), copy.deepcopy(other))
        else:
            one.append(rnd.choice((etree.Comment("c"), etree.ProcessingInstruction("p", "q"))))
    return etree.tostring(root.getroottree(), encoding=rnd.choice(("utf-8", "utf-8", "utf-16", "ascii")))


def inserted(raw: bytes, rnd: random.Random) -> bytes:
    place = rnd.randrange(len(raw) + 1)
    return raw[:place] + rnd.choice(MARKUP) * rnd.choice((1, 1, 1, 40)) + raw[place:]


def cut_out(raw: bytes, rnd: random.Random) -> bytes:
    place = rnd.randrange(len(raw) + 1)
    return raw[:place] + raw[place + rnd.randrange(400) :]


def doubled(raw: bytes, rnd: random.Random) -> bytes:
    place = rnd.randrange(len(raw) + 1)
    return raw[: place + rnd.randrange(400)] + raw[place:]


def cut_off(raw: bytes, rnd: random.Random) -> bytes:
    return raw[: rnd.randrange(len(raw) + 1)]


def flipped(raw: bytes, rnd: random.Random) -> bytes:
    place = rnd.randrange(len(raw) + 1)
    return raw[:place] + bytes([rnd.randrange(256)]) + raw[place + 1 :]


def encoded(raw: bytes, rnd: random.Random) -> bytes:
    return raw.decode("utf-8", "replace").encode(rnd.choice(ENCODINGS), "replace")


def filled(raw: bytes, rnd: random.Random) -> bytes:
    """Replace the text of one element."""
    start = raw.find(b">", rnd.randrange(len(raw) + 1)) + 1
    end = raw.find(b"<", start)
    return raw[:start] + rnd.choice(MARKUP) + raw[end:] if 0 < start <= end else raw


def swapped(raw: bytes, rnd: random.Random) -> bytes:
    """Give one element the name of another."""
    names = raw.split(b"<")
    first, second = rnd.randrange(len(names)), rnd.randrange(len(names))
    names[first], names[second] = names[second], names[first]
    return b"<".join(names)


WAYS = (inserted, cut_out, doubled, cut_off, flipped, encoded, filled, swapped, swapped)


def read(raw: bytes) -> bool:
    """Read a document in every way, and write back what was read; tell whether it could be read."""
    try:
        found = parse(raw)
        assert isinstance(found, Document)
        again = parse(found.to_xml())
        assert again.messages == found.messages
    except QbsyncError:
        found = None
    try:
        list(iterparse(io.BytesIO(raw), on_message=repr))
    except QbsyncError:
        assert found is None or found.direction == "request"
    else:
        assert found is not None
    with contextlib.suppress(QbsyncError):
        parse(raw.decode("utf-8", "surrogateescape"))
    return found is not None


def run(seeds: range | tuple[int, ...], originals: list[bytes]) -> int:
    """Read one damaged document for each seed; return how many could be read."""
    good = 0
    for seed in seeds:
        rnd = random.Random(seed)
        # The long ones are as many as all others together would make them rare.
        original = originals[-1] if seed % 50 == 0 else rnd.choice(originals[:-1])
        raw = damaged(original, rnd)
        begun = time.process_time()
        try:
            good += read(raw)
        except Exception as exc:
            exc.add_note(f"seed {seed}: {raw[:2000]!r}")
            raise
        assert time.process_time() - begun < SECONDS, f"seed {seed} took too long"
    return good


def grown(seeds: range, originals: list[bytes]) -> int:
    """Return by how many bytes Python's memory grew in the second of two equal runs."""
    run(seeds, originals)
    tracemalloc.start()
    try:
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        run(seeds, originals)
        gc.collect()
        return tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()


@pytest.fixture(scope="module")
def originals():
    return documents()


@pytest.mark.parametrize("part", range(10))
def test_damaged_documents_give_results_or_our_errors(originals, part):
    """Ten thousand damaged documents: a result or a ``QbsyncError``, each within seconds."""
    good = run(range(part * 1000, part * 1000 + 1000), originals)
    assert 100 < good < 900, "damage that always or never matters tests nothing"


def test_seeds_that_found_something_once(originals):
    """What was a bug stays repaired."""
    run(KEPT, originals)


def test_damaged_documents_leave_nothing_behind(originals):
    """Reading the same five hundred damaged documents again takes no more memory than before."""
    grew = grown(range(500), originals)

    # The tables of texts that were read before are bounded; what else stays would be a leak.
    assert grew < 500_000


@pytest.mark.nightly
@pytest.mark.parametrize("part", range(100))
def test_a_million_damaged_documents(originals, part):
    """The same a million times, from seeds of their own."""
    first = 1_000_000 + part * 10_000
    good = run(range(first, first + 10_000), originals)
    assert 1000 < good < 9000
