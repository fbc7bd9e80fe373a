"""What the Web Connector's client makes of a reply.

Here: HTTP status, content type, well-formedness, namespaces, the Result; each objection in words.
Not here: what is sent (``_wire``) and what the Web Connector does about an objection (``_session``).
Facts: Web Connector dossier 1.4 (what .NET demands of a response), 1.5 (styles), 3.1.
"""

from __future__ import annotations

import re
from typing import Final

from lxml import etree

from ._wire import NAMESPACE, SOAP11, XSI

__all__ = ["Rejected", "judge"]

_SOAP12: Final = "http://www.w3.org/2003/05/soap-envelope"
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


def judge(
    call: str,
    status: int,
    content_type: str,
    body: bytes,
    *,
    accepts_soap12_type: bool = False,
    accepts_rpc_replies: bool = False,
) -> str | int | list[str] | None:
    """Read a reply as the Web Connector's client reads it.

    Args:
        call: the call that was made.
        status: the HTTP status.
        content_type: the value of the Content-Type header, ``""`` when there is none.
        body: the reply.
        accepts_soap12_type: whether ``application/soap+xml`` is taken for SOAP as well.
        accepts_rpc_replies: whether a reply of the RPC style is read: any namespace, any name of the Result.

    Returns:
        A list for ``authenticate``, an integer for ``receiveResponseXML``, else a string;
        ``None`` where the Result element is missing or nil.

    Raises:
        Rejected: the client would throw.
    """
    media_types = {"text/xml", "application/soap+xml"} if accepts_soap12_type else {"text/xml"}
    _check_http(status, content_type, body, media_types)
    root = _read(content_type, body)
    response = _response_element(call, root, any_namespace=accepts_rpc_replies)
    result = _result(call, response, any_name=accepts_rpc_replies)
    if call == "authenticate":
        return _strings(result, any_name=accepts_rpc_replies)
    if call == "receiveResponseXML":
        return _integer(result)
    return None if result is None else _string(result)


def _check_http(status: int, content_type: str, body: bytes, media_types: set[str]) -> None:
    media_type = content_type.partition(";")[0].strip().lower()
    is_soap = media_type in media_types
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


def _response_element(call: str, root: etree._Element, *, any_namespace: bool) -> etree._Element:
    name = etree.QName(root)
    if name.localname != "Envelope" or name.namespace not in {SOAP11, _SOAP12}:
        raise Rejected(f"Possible SOAP version mismatch: the root is {name.text}.")
    body = next((child for child in root.iterchildren(f"{{{name.namespace}}}Body")), None)
    if body is None:
        raise Rejected("The envelope has no Body.")
    first = next(iter(body.iterchildren()), None)
    if first is None:
        raise Rejected("The Body is empty.")
    if first.tag == f"{{{name.namespace}}}Fault":
        raise Rejected(f"SOAP fault: {_fault_text(first)}")
    found = etree.QName(first)
    if found.localname != f"{call}Response" or not (any_namespace or found.namespace == NAMESPACE):
        raise Rejected(f"Object reference not set to an instance of an object: the Body holds {found.text}.")
    return first


def _fault_text(fault: etree._Element) -> str:
    for element in fault.iter():
        if etree.QName(element).localname in {"faultstring", "Text"}:
            return (element.text or "").strip()
    return "no text"


def _is_nil(element: etree._Element) -> bool:
    return element.get(f"{{{XSI}}}nil", "").strip() in {"true", "1"}


def _string(element: etree._Element) -> str | None:
    if _is_nil(element):
        return None
    if len(element):
        local = etree.QName(element).localname
        raise Rejected(f"There is an error in the XML document: {local} holds elements, not text.")
    return element.text or ""


def _result(call: str, response: etree._Element, *, any_name: bool) -> etree._Element | None:
    if any_name:
        return next(iter(response.iterchildren()), None)
    return next(iter(response.iterchildren(f"{{{NAMESPACE}}}{call}Result")), None)


def _strings(result: etree._Element | None, *, any_name: bool) -> list[str]:
    if result is None or _is_nil(result):
        raise Rejected("Object reference not set to an instance of an object.")
    children = result.iterchildren() if any_name else result.iterchildren(f"{{{NAMESPACE}}}string")
    items = [_string(child) or "" for child in children]
    if len(items) < 2:  # noqa: PLR2004 - ticket and answer
        raise Rejected("Index was outside the bounds of the array.")
    return items


def _integer(result: etree._Element | None) -> int:
    text = None if result is None else _string(result)
    digits = (text or "").strip(_XML_SPACE)
    if not _INTEGER.fullmatch(digits) or not -_INT32 <= int(digits) < _INT32:
        raise Rejected(f"Input string was not in a correct format: {text!r} is no whole number of 32 bits.")
    return int(digits)
