"""The only place that makes an XML parser.

libxml2 is told to take very large text nodes (a Web Connector answer is one text node of any size), and
its own guards go with that switch.  So this module puts guards of its own in their place: a DOCTYPE is
refused before parsing starts, which leaves no entities to expand; depth and size are bounded.

Not here: any knowledge of qbXML or SOAP.  Writing is done as text by those who know what they write.
"""

from __future__ import annotations

import re
from typing import Final

from lxml import etree

from .errors import ParseError

__all__ = ["MAX_BYTES", "MAX_DEPTH", "c14n", "element_path", "parse", "parse_text"]

#: 64 MiB of answer text, escaped inside an envelope, with room for the envelope: the largest body we take.
MAX_BYTES: Final = 256 * 1024 * 1024
#: qbXML nests eight deep; unknown elements may go further, bombs not.
MAX_DEPTH: Final = 64

#: What may stand before a DOCTYPE: a byte order mark, white space, instructions, comments.
_MISC: Final = re.compile(rb"(?:\xef\xbb\xbf)?(?:\s++|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)
_DECLARATION: Final = re.compile(r"\A\s*<\?xml[^>]*\?>")
#: How much of a UTF-16 document is looked at before its root element.
_PROLOGUE: Final = 65536
_TOO_DEEP: Final = etree.XPath("boolean(" + "/".join(["/*"] + ["*"] * MAX_DEPTH) + ")")


def parse(document: bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> etree._Element:
    """Parse a whole document and return its root element, without comments and blank texts.

    Args:
        document: the bytes, in whatever encoding they declare.
        max_bytes: the largest document taken.
        max_depth: the deepest nesting taken, the root counting as 1.

    Raises:
        ParseError: the document is not well-formed, too large, too deep, or holds a DOCTYPE.
    """
    if len(document) > max_bytes:
        raise ParseError(f"expected at most {max_bytes} bytes, got {len(document)}")
    document = document.lstrip(b" \t\r\n")
    if not document:
        raise ParseError("expected an XML document, got nothing")
    root = _feed(document)
    if root.getroottree().docinfo.doctype:
        raise ParseError("expected a document without DOCTYPE, got one that has it")
    _bound_depth(root, max_depth)
    return root


def parse_text(document: str, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> etree._Element:
    """Parse a document that is text already; an encoding that it declares means nothing any more.

    Raises:
        ParseError: as ``parse``.
    """
    text = _DECLARATION.sub("", document.removeprefix("\ufeff"), count=1)
    try:
        raw = text.encode("utf-8")
    except UnicodeEncodeError as exc:
        line = text.count("\n", 0, exc.start) + 1
        raise ParseError("expected characters that XML can hold, got a lone surrogate", line) from None
    return parse(raw, max_bytes=max_bytes, max_depth=max_depth)


def _feed(document: bytes) -> etree._Element:
    parser = etree.XMLParser(
        huge_tree=True,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        remove_blank_text=True,
        remove_comments=True,
        collect_ids=False,
    )
    _refuse_doctype(document)
    try:
        return etree.fromstring(document, parser)
    except etree.XMLSyntaxError as exc:
        line, column = exc.position or (None, None)
        raise ParseError(_reason(exc), line or None, column or None) from exc


def _reason(exc: etree.XMLSyntaxError) -> str:
    """Return what libxml2 says, without the place, which stands on our exception."""
    said = (exc.msg or "cannot be read").split(", line ")[0]
    return f"expected well-formed XML, got: {said}"


def _refuse_doctype(document: bytes) -> None:
    """Refuse a DOCTYPE before libxml2 sees it; a declared entity would already cost memory there."""
    if document.startswith((b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")):
        encoding = "utf-16-be" if document[0] in b"\x00\xfe" else "utf-16-le"
        text = document[:_PROLOGUE].decode(encoding, errors="replace").removeprefix("\ufeff")
        document = text.encode("utf-8", errors="replace")
    before = _MISC.match(document)
    if document[before.end() if before else 0 :][:9].upper() == b"<!DOCTYPE":
        raise ParseError("expected a document without DOCTYPE, got one that has it")


def _bound_depth(root: etree._Element, most: int) -> None:
    """Refuse a tree that nests deeper than *most*."""
    if most == MAX_DEPTH:
        deep = bool(_TOO_DEEP(root))
    else:
        deep = bool(root.xpath("boolean(" + "/".join(["/*"] + ["*"] * most) + ")"))
    if deep:
        raise ParseError(f"expected at most {most} levels of elements, got more")


def element_path(element: etree._Element) -> str:
    """Return where an element stands, e.g. ``/QBXML/QBXMLMsgsRs``."""
    return element.getroottree().getpath(element)


def c14n(document: bytes) -> bytes:
    """Return the canonical form of a document (C14N 1.0 without comments), to compare by meaning.

    Raises:
        ParseError: as ``parse``.
    """
    return etree.tostring(parse(document), method="c14n", with_comments=False)
