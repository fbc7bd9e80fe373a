"""The SOAP of the Web Connector's side, written as its .NET client writes it.

Here: the calls with their parameters, their codes, and the one-line envelope in both styles.
Not here: what is made of replies (``_judging``), the order of calls (``_session``), how bytes travel
(``_transport``).
Facts: Web Connector dossier 1.2 to 1.6 and 3.1.
Shares no code with ``qbsync.qbwc``: the two are meant to be able to disagree.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CODES", "NAMESPACE", "PARAMETERS", "SOAP11", "XSI", "envelope"]

NAMESPACE: Final = "http://developer.intuit.com/"
SOAP11: Final = "http://schemas.xmlsoap.org/soap/envelope/"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
_XSD: Final = "http://www.w3.org/2001/XMLSchema"
_ENCODING: Final = "http://schemas.xmlsoap.org/soap/encoding/"

#: Each call with its parameters in the order of the wire.
PARAMETERS: Final[Mapping[str, tuple[str, ...]]] = {
    "serverVersion": (),
    "getServerVersion": ("ticket",),
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
    "getInteractiveURL": ("wcTicket", "sessionID"),
    "interactiveDone": ("wcTicket",),
    "isInteractiveDone": ("wcTicket",),
    "interactiveRejected": ("wcTicket", "reason"),
}
_NUMBERS: Final = frozenset({"qbXMLMajorVers", "qbXMLMinorVers"})

#: The code that the Web Connector shows when a call fails; the failure of another call has none.
CODES: Final[Mapping[str, int]] = {
    "clientVersion": 1036,
    "authenticate": 1012,
    "sendRequestXML": 1041,
    "receiveResponseXML": 1042,
    "getLastError": 1043,
    "closeConnection": 1044,
    "connectionError": 1045,
}

_DECLARATION: Final = '<?xml version="1.0" encoding="utf-8"?>'
_HEAD: Final = (
    f'{_DECLARATION}<soap:Envelope xmlns:soap="{SOAP11}" xmlns:xsi="{XSI}" xmlns:xsd="{_XSD}"><soap:Body>'
)
#: The namespace of ``tns`` has no slash at its end here, unlike that of the method.
_RPC_HEAD: Final = (
    f'{_DECLARATION}<soap:Envelope xmlns:soap="{SOAP11}" xmlns:soapenc="{_ENCODING}"'
    ' xmlns:tns="http://developer.intuit.com" xmlns:types="http://developer.intuit.com/encodedTypes"'
    f' xmlns:xsi="{XSI}" xmlns:xsd="{_XSD}"><soap:Body soap:encodingStyle="{_ENCODING}">'
)
_TAIL: Final = "</soap:Body></soap:Envelope>"
_SPECIAL: Final = re.compile("[&<>\x00-\x08\x0b\x0c\x0e-\x1f]")
_NAMED: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def escape(text: str) -> str:
    """Escape *text* as the .NET writer does: ``& < >`` by name, controls by (ill-formed) references."""
    return _SPECIAL.sub(lambda hit: _NAMED.get(hit[0]) or f"&#x{ord(hit[0]):X};", text)


def envelope(call: str, values: Mapping[str, str | None], *, style: str = "document") -> bytes:
    """Write one call as the Web Connector sends it.

    Args:
        call: a key of ``PARAMETERS``.
        values: a value for each parameter; ``None`` leaves the element out, as .NET does with null.
        style: ``document``, or ``rpc`` for the .qwc file's RPC (its null is written ``xsi:nil``).

    Returns:
        The body: UTF-8, one line, an empty string as a self-closed element with a space.
    """
    if style == "rpc":
        return _rpc(call, values).encode()
    parts = []
    for name in PARAMETERS[call]:
        value = values[name]
        if value is None:
            continue
        parts.append(f"<{name}>{escape(value)}</{name}>" if value else f"<{name} />")
    start = f'{call} xmlns="{NAMESPACE}"'
    body = f"<{start}>{''.join(parts)}</{call}>" if parts else f"<{start} />"
    return f"{_HEAD}{body}{_TAIL}".encode()


def _rpc(call: str, values: Mapping[str, str | None]) -> str:
    parts = []
    for name in PARAMETERS[call]:
        value = values[name]
        kind = "int" if name in _NUMBERS else "string"
        if value is None:
            parts.append(f'<{name} xsi:nil="true" />')
        elif value:
            parts.append(f'<{name} xsi:type="xsd:{kind}">{escape(value)}</{name}>')
        else:
            parts.append(f'<{name} xsi:type="xsd:{kind}" />')
    start = f'q1:{call} xmlns:q1="{NAMESPACE}"'
    body = f"<{start}>{''.join(parts)}</q1:{call}>" if parts else f"<{start} />"
    return f"{_RPC_HEAD}{body}{_TAIL}"
