"""What the benchmarks are measured against: the same work as plain lxml loops.

No models, no checks, nothing kept that is unknown; nested tuples in and out.  It is what somebody writes who
needs no library, and about the least that lxml can do it for.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, BinaryIO

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

OPTIONS: dict[str, Any] = {"remove_blank_text": True, "huge_tree": True, "resolve_entities": False}


def build(invoices: Iterable[tuple[str, tuple[Any, ...]]]) -> bytes:
    """Return a request document from pairs of request id and the content of an InvoiceAdd."""
    root = etree.Element("QBXML")
    root.addprevious(etree.ProcessingInstruction("qbxml", 'version="13.0"'))
    messages = etree.SubElement(root, "QBXMLMsgsRq", onError="stopOnError")
    for request_id, content in invoices:
        request = etree.SubElement(messages, "InvoiceAddRq", requestID=request_id)
        _fill(etree.SubElement(request, "InvoiceAdd"), content)
    return etree.tostring(root.getroottree(), encoding="utf-8", xml_declaration=True)


def _fill(parent: Any, content: tuple[Any, ...]) -> None:
    for tag, value in content:
        element = etree.SubElement(parent, tag)
        if type(value) is str:
            element.text = value
        elif type(value) is tuple:
            _fill(element, value)
        elif type(value) is bool:
            element.text = "true" if value else "false"
        elif type(value) is Decimal:
            element.text = str(value)
        else:
            element.text = value.isoformat() if isinstance(value, (date, datetime)) else str(value)


def parse(document: bytes) -> list[tuple[Any, ...]]:
    """Return each object of a response as pairs of element name and text or pairs."""
    root = etree.fromstring(document, etree.XMLParser(**OPTIONS))
    return [take(element) for message in root[0] for element in message]


def take(element: Any) -> tuple[Any, ...]:
    """Return the content of an element."""
    return tuple([(child.tag, take(child) if len(child) else child.text) for child in element])


def stream(file: BinaryIO, tag: str) -> Iterator[tuple[Any, ...]]:
    """Yield each object of one kind, and forget it."""
    for _, element in etree.iterparse(file, events=("end",), tag=tag, **OPTIONS):
        yield take(element)
        element.clear()
        parent = element.getparent()
        while parent is not None and element.getprevious() is not None:
            del parent[0]
