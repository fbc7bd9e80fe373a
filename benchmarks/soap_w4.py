"""The work w4: SOAP in and out with payloads of 200 KB, against hand-written loops over raw lxml.

    python benchmarks/soap_w4.py [--rounds N] [--check]

The baseline parses the envelope into a tree, takes the texts by name, and writes the reply as one string.
Every figure is a ratio inside one run: ours and the baseline take turns, so that a slow moment of the machine
meets both; the median of the rounds is printed. With ``--check`` a figure above its target exits 1.

- ``send``: read sendRequestXML, answer with a document of 200 KB;
- ``receive``: read receiveResponseXML with an answer of 200 KB, reply with a number;
- ``receive + parse``: the same, and the answer becomes typed objects.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import sys
import time
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from lxml import etree

from qbsync import qbxml
from qbsync.models import InvoiceLineRet, InvoiceQueryRs, InvoiceRet, Ref
from qbsync.qbwc import soap

if TYPE_CHECKING:
    from collections.abc import Callable

TARGETS = {"send": 0.60, "receive": 1.10, "receive + parse": 1.20}
SIZE = 200_000
SECONDS = 0.3
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
REF = {"ListID": None, "FullName": None}
LINE = {
    "TxnLineID": None,
    "ItemRef": REF,
    "Desc": None,
    "Quantity": None,
    "Rate": None,
    "Amount": None,
}
INVOICE = {
    "TxnID": None,
    "EditSequence": None,
    "TxnNumber": None,
    "CustomerRef": REF,
    "TxnDate": None,
    "RefNumber": None,
    "Subtotal": None,
    "Memo": None,
    "InvoiceLineRet": LINE,
}


def answer() -> bytes:
    """Return QuickBooks' answer: invoices of five lines, line ends as QuickBooks writes them."""
    rets = tuple(invoice(number) for number in range(200))
    whole = qbxml.build([InvoiceQueryRs(invoice_ret=rets, request_id="1")], check=False)
    text = whole.decode().replace("><", ">\n<")
    head, *rest = text.split("<InvoiceRet>")
    kept = rest[: max(1, SIZE * len(rest) // len(text))]
    return (head + "".join(f"<InvoiceRet>{each}" for each in kept[:-1]) + "<InvoiceRet>" + rest[-1]).encode()


def invoice(number: int) -> InvoiceRet:
    """Return one invoice."""
    lines = tuple(
        InvoiceLineRet(
            txn_line_id=f"{number}-{line}",
            item_ref=Ref(list_id=f"80000{line}-1", full_name="Hardware:Bolts & Nuts"),
            desc="delivery of material for the site, see attached drawing rev B",
            quantity=Decimal(line + 1),
            amount=Decimal("12.50"),
        )
        for line in range(5)
    )
    return InvoiceRet(
        txn_id=f"1A2B-{number}",
        edit_sequence="1704211201",
        txn_number=number,
        customer_ref=Ref(list_id=f"80000{number}-2", full_name="Müller & Söhne"),
        txn_date=date(2026, 11, 3),
        ref_number=str(10_000 + number),
        subtotal=Decimal("62.50"),
        memo='urgent "fragile" <2x4>',
        lines=lines,
    )


def call(name: str, **values: str) -> bytes:
    """Return a call as the Web Connector sends it."""
    inside = "".join(
        f"<{key}>{escaped(value)}</{key}>" if value else f"<{key} />" for key, value in values.items()
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="{ENVELOPE}"><soap:Body>'
        f'<{name} xmlns="{soap.NAMESPACE}">{inside}</{name}></soap:Body></soap:Envelope>'
    ).encode()


def escaped(text: str) -> str:
    """Return *text* with its markup escaped."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def raw(body: bytes, handler: Callable[[dict[str, str]], str]) -> bytes:
    """Answer one call by hand."""
    parser = etree.XMLParser(huge_tree=True, resolve_entities=False, no_network=True)
    element = etree.fromstring(body, parser)[0][0]
    name = etree.QName(element).localname
    arguments = {etree.QName(child).localname: child.text or "" for child in element}
    result = escaped(handler(arguments))
    return (
        f'<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="{ENVELOPE}"><soap:Body>'
        f'<{name}Response xmlns="{soap.NAMESPACE}"><{name}Result>{result}</{name}Result></{name}Response>'
        "</soap:Body></soap:Envelope>"
    ).encode()


def raw_parse(text: str) -> list[Any]:
    """Return the invoices of an answer as tuples of text."""
    parser = etree.XMLParser(remove_blank_text=True, huge_tree=True, resolve_entities=False, no_network=True)
    return [taken(ret, INVOICE) for ret in etree.fromstring(text.encode(), parser)[0][0]]


def taken(element: etree._Element, shape: dict[str, Any]) -> tuple[Any, ...]:
    """Return the children of *element*, each name in its place."""
    row: dict[str, Any] = dict.fromkeys(shape)
    for child in element:
        inside = shape[str(child.tag)]
        value = child.text if inside is None else taken(child, inside)
        row[str(child.tag)] = value if row[str(child.tag)] is None else [row[str(child.tag)], value]
    return tuple(row.values())


def loop(work: Callable[[], object]) -> float:
    """Return the seconds of one call of *work*."""
    calls, began = 0, time.perf_counter()
    while (spent := time.perf_counter() - began) < SECONDS:
        work()
        calls += 1
    return spent / calls


def works() -> dict[str, tuple[Callable[[], object], Callable[[], object]]]:
    """Return each work as ours and the baseline."""
    document = answer()
    # lxml writes characters as they are; ours go out as references.
    text = re.sub("&#([0-9]+);", lambda found: chr(int(found[1])), document.decode())
    send = call("sendRequestXML", ticket="t" * 43, strHCPResponse="", qbXMLMajorVers="13", qbXMLMinorVers="0")
    receive = call("receiveResponseXML", ticket="t" * 43, response=text, hresult="", message="")

    def ours_send() -> bytes:
        return soap.encode(soap.decode(send).call.name, document)

    def ours_receive() -> bytes:
        return soap.encode(soap.decode(receive).call.name, 50)

    def ours_parse() -> bytes:
        received: Any = soap.decode(receive).call
        qbxml.parse(received.response)
        return soap.encode(received.name, 50)

    return {
        "send": (ours_send, lambda: raw(send, lambda _: text)),
        "receive": (ours_receive, lambda: raw(receive, lambda _: "50")),
        "receive + parse": (
            ours_parse,
            lambda: raw(receive, lambda values: str(len(raw_parse(values["response"])))),
        ),
    }


def main() -> int:
    """Measure, print one JSON object a work."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    missed = False
    for name, (ours, baseline) in works().items():
        ours(), baseline()
        pairs = [(loop(ours), loop(baseline)) for _ in range(options.rounds)]
        ratio = statistics.median(mine / theirs for mine, theirs in pairs)
        missed = missed or ratio > TARGETS[name]
        milliseconds = [round(1000 * statistics.median(pair[side] for pair in pairs), 3) for side in (0, 1)]
        figures = {"work": name, "ratio": round(ratio, 3), "target": TARGETS[name]}
        print(json.dumps({**figures, "ms": milliseconds[0], "baseline_ms": milliseconds[1]}), flush=True)
    return 1 if missed and options.check else 0


if __name__ == "__main__":
    sys.exit(main())
