"""A host with a SOAP server of its own: each call of the Web Connector is one method of the service.

What decodes and encodes SOAP here is a few lines over the standard library's XML, in the place of whatever
SOAP library the host has.

    QBSYNC_STORE=shop.qbsync python examples/own_soap_server.py PORT
"""

from __future__ import annotations

import os
import sys
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import make_server

from qbsync import Service
from qbsync.orders import OrderHandler
from qbsync.store.sqlite import SQLiteStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

NS = "http://developer.intuit.com/"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"

store = SQLiteStore(os.environ.get("QBSYNC_STORE", "shop.qbsync"))
service = Service(store=store, handlers=(OrderHandler(),))

#: The calls that a session needs: what to do with the parameters, by their names on the wire.
CALLS: dict[str, Callable[[dict[str, str]], Any]] = {
    "serverVersion": lambda _: service.server_version(),
    "clientVersion": lambda p: service.client_version(p["strVersion"]),
    "authenticate": lambda p: service.authenticate(p["strUserName"], p["strPassword"]),
    "sendRequestXML": lambda p: service.send_request_xml(
        p["ticket"],
        p.get("strHCPResponse", ""),
        p.get("strCompanyFileName", ""),
        p.get("qbXMLCountry", ""),
        int(p["qbXMLMajorVers"]),
        int(p["qbXMLMinorVers"]),
    ),
    "receiveResponseXML": lambda p: service.receive_response_xml(
        p["ticket"], p.get("response", ""), p.get("hresult", ""), p.get("message", "")
    ),
    "connectionError": lambda p: service.connection_error(
        p["ticket"], p.get("hresult", ""), p.get("message", "")
    ),
    "getLastError": lambda p: service.get_last_error(p["ticket"]),
    "closeConnection": lambda p: service.close_connection(p["ticket"]),
}


def answer(body: bytes) -> bytes:
    """Serve one SOAP call."""
    call = ET.fromstring(body).find(f"{{{SOAP}}}Body")[0]  # type: ignore[index] # noqa: S314 - use defusedxml
    name = call.tag.rpartition("}")[2]
    result = CALLS[name]({child.tag.rpartition("}")[2]: child.text or "" for child in call})
    envelope = ET.Element(f"{{{SOAP}}}Envelope")
    response = ET.SubElement(ET.SubElement(envelope, f"{{{SOAP}}}Body"), f"{{{NS}}}{name}Response")
    element = ET.SubElement(response, f"{{{NS}}}{name}Result")
    if isinstance(result, list):
        for text in result:  # two to four texts; an empty one must be there too
            ET.SubElement(element, f"{{{NS}}}string").text = text
    else:
        element.text = str(result)
    written: bytes = ET.tostring(envelope, encoding="utf-8", xml_declaration=True)
    return written


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Serve the calls; a GET gets some text with status 200."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    reply = answer(body) if environ["REQUEST_METHOD"] == "POST" else b"ready"
    headers = [("Content-Type", "text/xml; charset=utf-8"), ("Content-Length", str(len(reply)))]
    start_response("200 OK", headers)
    return [reply]


if __name__ == "__main__":
    with make_server("127.0.0.1", int(sys.argv[1]), app) as server:
        print(f"listening http://127.0.0.1:{server.server_port}/", flush=True)
        server.serve_forever()
