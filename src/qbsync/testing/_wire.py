"""The SOAP of the Web Connector's side, written and judged as its .NET client does.

Here: the thirteen calls and their parameters, the one-line envelope, and what the client makes of a reply.
Not here: the order of calls (``connector``) and how bytes travel (``_transport``).
Facts: Web Connector dossier 1.2 to 1.6 and 3.1.
Shares no code with ``qbsync.qbwc``: the two are meant to be able to disagree.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CODES", "NAMESPACE", "PARAMETERS", "Rejected", "envelope", "judge"]

NAMESPACE: Final = "http://developer.intuit.com/"
_SOAP11: Final = "http://schemas.xmlsoap.org/soap/envelope/"
_SOAP12: Final = "http://www.w3.org/2003/05/soap-envelope"
_XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
_XSD: Final = "http://www.w3.org/2001/XMLSchema"

#: Each call with its parameters in the order of the wire.
PARAMETERS: Final[Mapping[str, tuple[str, ...]]] = {
    "serverVersion": (),
    "clientVersion": ("strVersion",),
    "authenticate": ("strUserName", "strPassword"),
    "sendRequestXML": (
        "ticket",
        "strHCPResponse",
        "strCompanyFileName",
        "qbXMLCountry",
        "qbXMLMajorVers",
        "qbXMLMinorVers",
    ),
    "receiveResponseXML": ("ticket", "response", "hresult", "message"),
    "connectionError": ("ticket", "hresult", "message"),
    "getLastError": ("ticket",),
    "closeConnection": ("ticket",),
    "interactiveRejected": ("wcTicket", "reason"),
}

#: The code that the Web Connector shows when a call fails; ``serverVersion`` is only logged.
CODES: Final[Mapping[str, int]] = {
    "clientVersion": 1036,
    "authenticate": 1012,
    "sendRequestXML": 1041,
    "receiveResponseXML": 1042,
    "getLastError": 1043,
    "closeConnection": 1044,
    "connectionError": 1045,
}

_HEAD: Final = (
    '<?xml version="1.0" encoding="utf-8"?>'
    f'<soap:Envelope xmlns:soap="{_SOAP11}" xmlns:xsi="{_XSI}" xmlns:xsd="{_XSD}"><soap:Body>'
)
_TAIL: Final = "</soap:Body></soap:Envelope>"
_SPECIAL: Final = re.compile("[&<>\x00-\x08\x0b\x0c\x0e-\x1f]")
_NAMED: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_DECLARATION: Final = re.compile(r"\A<\?xml\s[^>]*?\?>")
_DECLARED_ENCODING: Final = re.compile(rb"""\A<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_CHARSET: Final = re.compile(r"charset\s*=\s*\"?([A-Za-z0-9._-]+)", re.IGNORECASE)
_INTEGER: Final = re.compile(r"[+-]?[0-9]+")
_XML_SPACE: Final = " \t\r\n"
_INT32: Final = 2**31


class Rejected(Exception):  # noqa: N818 - it names what the client did with a reply, not an error of ours
    """A reply that the Web Connector's client does not take.

    Attributes:
        reason: what the client objects to, in words.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def escape(text: str) -> str:
    """Escape *text* as the .NET writer does: ``& < >`` by name, controls by (ill-formed) references."""
    return _SPECIAL.sub(lambda hit: _NAMED.get(hit[0]) or f"&#x{ord(hit[0]):X};", text)


def envelope(call: str, values: Mapping[str, str | None]) -> bytes:
    """Write one call as the Web Connector sends it.

    Args:
        call: a key of ``PARAMETERS``.
        values: a value for each parameter; ``None`` leaves the element out, as .NET does with null.

    Returns:
        The body: UTF-8, one line, an empty string as a self-closed element with a space.
    """
    parts = []
    for name in PARAMETERS[call]:
        value = values[name]
        if value is None:
            continue
        parts.append(f"<{name}>{escape(value)}</{name}>" if value else f"<{name} />")
    start = f'{call} xmlns="{NAMESPACE}"'
    body = f"<{start}>{''.join(parts)}</{call}>" if parts else f"<{start} />"
    return f"{_HEAD}{body}{_TAIL}".encode()


def judge(call: str, status: int, content_type: str, body: bytes) -> str | int | list[str] | None:
    """Read a reply as the Web Connector's client reads it.

    Args:
        call: the call that was made.
        status: the HTTP status.
        content_type: the value of the Content-Type header, ``""`` when there is none.
        body: the reply.

    Returns:
        A list for ``authenticate``, an integer for ``receiveResponseXML``, else a string;
        ``None`` where the Result element is missing or nil.

    Raises:
        Rejected: the client would throw.
    """
    _check_http(status, content_type, body)
    root = _read(content_type, body)
    response = _response_element(call, root)
    result = next(
        (child for child in response.iterchildren(f"{{{NAMESPACE}}}{call}Result")),
        None,
    )
    if call == "authenticate":
        return _strings(result)
    if call == "receiveResponseXML":
        return _integer(result)
    return None if result is None else _string(result)


def _check_http(status: int, content_type: str, body: bytes) -> None:
    media_type = content_type.partition(";")[0].strip().lower()
    is_soap = media_type == "text/xml"
    if status >= 300 and not (status in {400, 500} and is_soap):  # noqa: PLR2004 - HTTP's own numbers
        raise Rejected(f"The request failed with HTTP status {status}.")
    if not body:
        raise Rejected("The response is empty.")
    if not is_soap:
        raise Rejected(
            f"Client found response content type of {content_type!r}, but expected 'text/xml'.",
        )


def _read(content_type: str, body: bytes) -> etree._Element:
    charset = _CHARSET.search(content_type)
    declared = _DECLARED_ENCODING.match(body)
    encoding = charset[1] if charset else declared[1].decode("ascii") if declared else "utf-8"
    try:
        text = body.decode(encoding)
    except (LookupError, UnicodeDecodeError) as error:
        raise Rejected(f"The response cannot be decoded: {error}.") from error
    if not text.startswith("<"):
        raise Rejected("Response is not well-formed XML: something stands before the declaration.")
    bare = _DECLARATION.sub("", text, count=1)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=True,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(bare, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Rejected(f"Response is not well-formed XML: {error}.") from error
    if root.getroottree().docinfo.doctype:
        raise Rejected("For security reasons DTD is prohibited in this XML document.")
    return root


def _response_element(call: str, root: etree._Element) -> etree._Element:
    name = etree.QName(root)
    if name.localname != "Envelope" or name.namespace not in {_SOAP11, _SOAP12}:
        raise Rejected(f"Possible SOAP version mismatch: the root is {name.text}.")
    body = next((child for child in root.iterchildren(f"{{{name.namespace}}}Body")), None)
    if body is None:
        raise Rejected("The envelope has no Body.")
    first = next(iter(body.iterchildren()), None)
    if first is None:
        raise Rejected("The Body is empty.")
    if first.tag == f"{{{name.namespace}}}Fault":
        raise Rejected(f"SOAP fault: {_fault_text(first)}")
    if first.tag != f"{{{NAMESPACE}}}{call}Response":
        found = etree.QName(first).text
        raise Rejected(f"Object reference not set to an instance of an object: the Body holds {found}.")
    return first


def _fault_text(fault: etree._Element) -> str:
    for element in fault.iter():
        if etree.QName(element).localname in {"faultstring", "Text"}:
            return (element.text or "").strip()
    return "no text"


def _is_nil(element: etree._Element) -> bool:
    return element.get(f"{{{_XSI}}}nil", "").strip() in {"true", "1"}


def _string(element: etree._Element) -> str | None:
    if _is_nil(element):
        return None
    if len(element):
        local = etree.QName(element).localname
        raise Rejected(f"There is an error in the XML document: {local} holds elements, not text.")
    return element.text or ""


def _strings(result: etree._Element | None) -> list[str]:
    if result is None or _is_nil(result):
        raise Rejected("Object reference not set to an instance of an object.")
    items = [_string(child) or "" for child in result.iterchildren(f"{{{NAMESPACE}}}string")]
    if len(items) < 2:  # noqa: PLR2004 - ticket and answer
        raise Rejected("Index was outside the bounds of the array.")
    return items


def _integer(result: etree._Element | None) -> int:
    text = None if result is None else _string(result)
    digits = (text or "").strip(_XML_SPACE)
    if not _INTEGER.fullmatch(digits) or not -_INT32 <= int(digits) < _INT32:
        raise Rejected(f"Input string was not in a correct format: {text!r} is no whole number of 32 bits.")
    return int(digits)
