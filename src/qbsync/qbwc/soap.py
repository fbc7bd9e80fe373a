"""SOAP bytes to calls, and results to SOAP bytes.

Reading is generous: any prefix, qualified or unqualified parameters, document/literal or RPC, parameters in
any order, left out, empty or nil, escaped, in CDATA or not escaped at all, and the references to control
characters that the .NET writer makes although XML forbids them. Names are compared without their namespace.
What a body may cost before anybody has logged in is bounded first (``_guard``).

Writing is strict and always the same: one line, SOAP 1.1, document/literal, the result always there, every
text of a list in the target namespace, because the Web Connector's .NET client reads nothing else reliably.
Replies are put together from bytes; they are ASCII, which is UTF-8 as their header says.

Not here: what a call means (:mod:`qbsync.service`) and how XML is parsed (``qbsync._xml``).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal
from xml.sax.saxutils import escape, quoteattr

from attrs import field, frozen
from lxml import etree

from .. import _xml
from ..errors import ParseError, shorten
from ._guard import bound_markup, to_utf8
from .calls import CALLS, Call, Kind, Parameter, parameters

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .calls import Result

__all__ = ["CONTENT_TYPE", "NAMESPACE", "Received", "decode", "encode", "fault", "sanitise"]

#: The namespace of all calls; the slash at its end belongs to it.
NAMESPACE = "http://developer.intuit.com/"

#: What every reply is labelled with; the Web Connector takes no other media type.
CONTENT_TYPE = "text/xml; charset=utf-8"

_HEAD = (
    b'<?xml version="1.0" encoding="utf-8"?>'
    b'<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"'
    b' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    b' xmlns:xsd="http://www.w3.org/2001/XMLSchema"><soap:Body>'
)
_TAIL = b"</soap:Body></soap:Envelope>"

_REFERENCE = re.compile(rb"&#(?:x([0-9a-fA-F]{1,8})|([0-9]{1,10}));")
#: A character beyond the first plane as two references, one for each half; XML wants one.
_HALVES = re.compile(
    rb"&#(?:[xX]([dD][89abAB][0-9a-fA-F]{2})|(5[56][0-9]{3}));&#(?:[xX]([dD][c-fC-F][0-9a-fA-F]{2})|(5[67][0-9]{3}));"
)
#: The declaration of a document that was put into an element as it stands; XML allows one at the start only.
_INNER_DECLARATION = re.compile(rb"(?<!\A)<\?xml\s[^>]{0,200}?\?>")
#: Control characters, and U+FFFE and U+FFFF in UTF-8; in Windows-1252 those bytes are letters nobody writes.
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
#: The characters that XML 1.0 can hold, as ranges of code points.
_LEGAL = ((0x9, 0xA), (0xD, 0xD), (0x20, 0xD7FF), (0xE000, 0xFFFD), (0x10000, 0x10FFFF))
_INTEGER = re.compile(r"\s*([0-9]{1,9})\s*", re.ASCII)

#: What stands for a character that XML cannot hold: the replacement character.
_REPLACEMENT = b"&#xFFFD;"


@frozen(kw_only=True)
class Received:
    """A call as it came."""

    call: Call
    #: Whether characters that XML cannot hold were replaced before it could be read.
    sanitised: bool = field(default=False)


def decode(body: bytes, *, content_type: str = "") -> Received:
    """Read one call.

    Args:
        body: the whole body of the HTTP request.
        content_type: its header; the charset counts where the body does not tell its encoding itself.

    Raises:
        ParseError: it is no XML, in an unknown encoding, has a DOCTYPE, too many tags or nests too deep, is
            no SOAP envelope, or holds a call that is not one of the thirteen.
    """
    root, sanitised = _parse(to_utf8(body, content_type))
    method = _method(root)
    name = etree.QName(method).localname
    call = CALLS.get(name)
    if call is None:
        raise ParseError(f"Body: expected a call of the Web Connector, got {shorten(name)}")
    return Received(call=call(**_arguments(method, _PARAMETERS[name])), sanitised=sanitised)


def sanitise(document: bytes) -> bytes:
    """Return *document* with what XML 1.0 forbids replaced: control characters and references to them.

    References to the replacement character take their place, so that nothing disappears unseen.
    The two halves of one character, each as a reference of its own, become the character.
    """
    joined = _HALVES.sub(_joined, document)
    return _CONTROLS.sub(_REPLACEMENT, _REFERENCE.sub(_legal_reference, joined))


def encode(name: str, result: Result) -> bytes:
    """Return the reply to the call *name*.

    Args:
        name: the call, e.g. ``authenticate``.
        result: text, number or list of texts as the call has it. ``bytes`` stand for a finished ASCII
            document that holds only characters XML allows.

    Raises:
        TypeError: the result is not of the type that the call returns.
    """
    head, tail = _FRAMES[name]
    result_name = name.encode() + b"Result"
    kind = CALLS[name].kind
    if kind is Kind.NUMBER:
        if not isinstance(result, int):
            raise TypeError(f"{name}: expected a whole number, got {shorten(result)}")
        content = b"%d" % result
    elif kind is Kind.TEXTS:
        if isinstance(result, str | bytes) or not isinstance(result, Sequence):
            raise TypeError(f"{name}: expected a list of texts, got {shorten(result)}")
        content = b"".join(_element(b"string", _escape(str(text))) for text in result)
    else:
        if not isinstance(result, str | bytes):
            raise TypeError(f"{name}: expected a text, got {shorten(result)}")
        content = _escape(result)
    if not content:
        return b"".join((head, b"<", result_name, b" />", tail))
    # One join: a document of 200 KB is copied once, not three times.
    return b"".join((head, b"<", result_name, b">", content, b"</", result_name, b">", tail))


def fault(text: str, *, blame: Literal["Client", "Server"] = "Server") -> bytes:
    """Return a SOAP fault with *text*; it goes out with HTTP status 500.

    Args:
        text: what went wrong, for the log of the other side; no secret belongs into it.
        blame: ``Client`` if the call cannot be served as it is, ``Server`` if the trouble is here.
    """
    code = f"soap:{blame}".encode()
    return b"".join(
        (
            _HEAD,
            b"<soap:Fault>",
            _element(b"faultcode", code),
            _element(b"faultstring", _escape(text)),
            b"</soap:Fault>",
            _TAIL,
        )
    )


# -- reading


def _parse(body: bytes) -> tuple[etree._Element, bool]:
    """Return the root element, and whether the body had to be sanitised to get it."""
    bound_markup(body)
    try:
        return _xml.parse(body), False
    except ParseError:
        bare = _INNER_DECLARATION.sub(b"", body)
        cleaned = sanitise(bare)
        if cleaned == body:
            raise
    return _xml.parse(cleaned), cleaned != bare


def _joined(found: re.Match[bytes]) -> bytes:
    """Return one reference for the two halves of a character."""
    high, low = (
        int(sixteen, 16) if sixteen is not None else int(ten)
        for sixteen, ten in ((found[1], found[2]), (found[3], found[4]))
    )
    # Decimal references of other characters look alike; those are two characters, or none.
    characters = struct.pack(">HH", high, low).decode("utf-16-be", "replace")
    return b"&#x%X;" % ord(characters) if len(characters) == 1 else found[0]


def _legal_reference(found: re.Match[bytes]) -> bytes:
    """Return a character reference, or one to the replacement character if XML forbids it."""
    code = int(found[1], 16) if found[1] is not None else int(found[2])
    legal = any(first <= code <= last for first, last in _LEGAL)
    return found[0] if legal else _REPLACEMENT


def _elements(parent: etree._Element) -> list[etree._Element]:
    """Return the children of *parent* that are elements, not comments or instructions."""
    return [child for child in parent if isinstance(child.tag, str)]


def _method(root: etree._Element) -> etree._Element:
    """Return the element of the call: the first one in the Body."""
    if etree.QName(root).localname != "Envelope":
        raise ParseError(f"expected a SOAP Envelope, got {shorten(root.tag)}")
    for part in _elements(root):
        if etree.QName(part).localname == "Body":
            for method in _elements(part):
                return method
            raise ParseError("Body: expected a call, got nothing")
    raise ParseError("Envelope: expected a Body, got none")


def _arguments(method: etree._Element, wanted: Mapping[str, Parameter]) -> dict[str, Any]:
    """Return the values of the parameters that came; of one that came twice, the first."""
    arguments: dict[str, Any] = {}
    for child in _elements(method):
        parameter = wanted.get(etree.QName(child).localname)
        if parameter is not None and parameter.attribute not in arguments:
            text = _text(child)
            arguments[parameter.attribute] = _integer(text) if parameter.type is int else text
    return arguments


def _text(element: etree._Element) -> str:
    """Return the text of a parameter; markup that was not escaped is given back as text."""
    if len(element) == 0:
        return element.text or ""
    return (element.text or "") + "".join(_markup(child) for child in element)


def _markup(node: etree._Element) -> str:
    """Return *node* and what follows it as text, without the namespaces that the envelope laid on it."""
    tail = escape(node.tail or "")
    if not isinstance(node.tag, str):  # an instruction: comments are not kept, and entities refused
        return f"<?{getattr(node, 'target', '')} {node.text or ''}?>{tail}"
    name = etree.QName(node).localname
    values = "".join(f" {etree.QName(key).localname}={quoteattr(value)}" for key, value in node.items())
    inside = escape(node.text or "") + "".join(_markup(child) for child in node)
    return f"<{name}{values}>{inside}</{name}>{tail}" if inside else f"<{name}{values}/>{tail}"


def _integer(text: str) -> int:
    """Return a number, 0 where none can be read."""
    found = _INTEGER.fullmatch(text)
    return int(found[1]) if found else 0


# -- writing


def _escape(text: str | bytes) -> bytes:
    """Return *text* as the content of an element: ASCII, markup escaped, illegal characters replaced."""
    if isinstance(text, str):
        legal = _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", text)
        escaped = legal.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        return escaped.replace("\r", "&#xD;").encode("ascii", "xmlcharrefreplace")
    return text.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")


def _element(name: bytes, content: bytes) -> bytes:
    """Return an element, in the short form when it is empty."""
    if not content:
        return b"<%b />" % name
    return b"<%b>%b</%b>" % (name, content, name)


def _frame(name: str) -> tuple[bytes, bytes]:
    """Return what stands before and after the result of the call *name*."""
    response = name.encode() + b"Response"
    head = _HEAD + b'<%b xmlns="%b">' % (response, NAMESPACE.encode())
    return head, b"</%b>" % response + _TAIL


_FRAMES = {name: _frame(name) for name in CALLS}
_PARAMETERS = {name: {p.wire: p for p in parameters(call)} for name, call in CALLS.items()}
