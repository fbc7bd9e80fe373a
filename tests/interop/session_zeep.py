"""A Web Connector's session with zeep: python session_zeep.py WSDL USER PASSWORD ANSWERS.

ANSWERS is a folder: the n-th document of the service is written to rq-N.xml, its answer read from rs-N.xml.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import zeep


def say(name, value):
    """Write one result as JSON."""
    print(json.dumps([name, value]), flush=True)  # noqa: T201 - a program


def main(wsdl, user, password, folder):
    """Play one session."""
    service = zeep.Client(wsdl).service
    say("serverVersion", service.serverVersion())
    say("clientVersion", service.clientVersion(strVersion="2.3.0.215") or "")
    say("wrong", service.authenticate(strUserName=user, strPassword=password + "?")[1])
    ticket, answer = service.authenticate(strUserName=user, strPassword=password)
    say("authenticate", answer or "")
    progress, number = 0, 0
    while 0 <= progress < 100:
        number += 1
        document = service.sendRequestXML(ticket, "", r"C:\Shop.QBW", "US", 13, 0)
        part = Path(folder, f"rq-{number}.xml.part")
        part.write_text(document, encoding="utf-8", newline="")
        part.rename(part.with_suffix(""))
        response = Path(folder, f"rs-{number}.xml")
        while not response.exists():
            time.sleep(0.005)
        progress = service.receiveResponseXML(ticket, response.read_text(encoding="utf-8"), None, "")
        say("receiveResponseXML", progress)
    say("getLastError", service.getLastError(ticket))
    say("closeConnection", service.closeConnection(ticket))


main(*sys.argv[1:])
