"""Every call sequence of the Web Connector, in process and over HTTP: the same bytes, the same end."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from lxml import etree

from qbsync.testing import Company, End, Plan, QuickBooksError, WebConnector
from qbsync.testing.faults import LostReply, WebConnectorKilled, WrongCompany

NAMESPACE = "http://developer.intuit.com/"
ADD = (
    '<?xml version="1.0"?><?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="stopOnError">'
    "<CustomerAddRq><CustomerAdd><Name>Ann Lee</Name></CustomerAdd></CustomerAddRq></QBXMLMsgsRq></QBXML>"
)
SHUT = QuickBooksError("0x80040408", "Could not start QuickBooks.")
START = ["serverVersion", "clientVersion", "authenticate"]
ROUND = ["sendRequestXML", "receiveResponseXML"]
REASON = ["sendRequestXML", "getLastError"]
CLOSE = ["closeConnection"]

#: By name: what the host answers, settings, the calls, the end and its code.
SEQUENCES = {
    "normal": (
        {"receiveResponseXML": ["40", "100"]}, {}, [*START, *ROUND, *ROUND, *CLOSE], End.COMPLETED, None
    ),
    "last round unknown": (
        {"receiveResponseXML": ["99"], "sendRequestXML": [ADD, ""]},
        {},
        [*START, *ROUND, *REASON, *CLOSE],
        End.ERROR,
        None,
    ),
    "no work": ({"authenticate": [("t", "none")]}, {}, START, End.NO_WORK, None),
    "no work, closed": (
        {"authenticate": [("t", "none")]}, {"closes_after_refusal": True}, [*START, *CLOSE], End.NO_WORK, None
    ),
    "bad password": ({"authenticate": [("t", "nvu")]}, {}, START, End.REFUSED, 1040),
    "bad password, closed": (
        {"authenticate": [("t", "nvu")]}, {"closes_after_refusal": True}, [*START, *CLOSE], End.REFUSED, 1040
    ),
    "busy": ({"authenticate": [("t", "busy")]}, {}, START, End.BUSY, None),
    "postponed": ({"authenticate": [("t", "", "300")]}, {}, START, End.POSTPONED, None),
    "QuickBooks not openable": (
        {"authenticate": [("t", "C:\\x.qbw")], "connectionError": ["", "done"]},
        {"unavailable": SHUT},
        [*START, "connectionError", "connectionError", *CLOSE],
        End.ERROR,
        1013,
    ),
    "wrong file": (
        {"sendRequestXML": [""]},
        {"plan": Plan(WrongCompany())},
        [*START, *REASON, *CLOSE],
        End.ERROR,
        None,
    ),
    "status error": (
        {"sendRequestXML": [ADD, ADD], "receiveResponseXML": ["50", "100"]},
        {},
        [*START, *ROUND, *ROUND, *CLOSE],
        End.COMPLETED,
        None,
    ),
    "COM error": (
        {"sendRequestXML": ["<x/>"], "receiveResponseXML": ["-1"]},
        {},
        [*START, *ROUND, "getLastError", *CLOSE],
        End.ERROR,
        None,
    ),
    "pause": (
        {"sendRequestXML": ["", ADD], "getLastError": ["NoOp"]},
        {},
        [*START, *REASON, *ROUND, *CLOSE],
        End.COMPLETED,
        None,
    ),
    "interactive": (
        {
            "sendRequestXML": ["", ADD],
            "getLastError": ["Interactive mode"],
            "interactiveDone": ["", "CONTINUE"],
        },
        {"user": "accepts"},
        [*START, *REASON, "getInteractiveURL", "interactiveDone", "interactiveDone", *ROUND, *CLOSE],
        End.COMPLETED,
        None,
    ),
    "interactive refused": (
        {"sendRequestXML": [""], "getLastError": ["Interactive mode"]},
        {},
        [*START, *REASON, "interactiveRejected", *CLOSE],
        End.ERROR,
        None,
    ),
    "host fault": ({"sendRequestXML": ["fault"]}, {}, [*START, "sendRequestXML"], End.FAILED, 1041),
    "host fault, closed": (
        {"sendRequestXML": ["fault"]},
        {"closes_after_failure": True},
        [*START, "sendRequestXML", *CLOSE],
        End.FAILED,
        1041,
    ),
    "lost reply": (
        {}, {"plan": Plan(LostReply("receiveResponseXML"))}, [*START, *ROUND], End.FAILED, 1042
    ),
    "killed": (
        {}, {"plan": Plan(WebConnectorKilled("sendRequestXML"))}, [*START, "sendRequestXML"], End.KILLED, None
    ),
}  # fmt: skip


class Script:
    """A host that answers by a script and keeps what it was sent."""

    def __init__(self, answers):
        self.answers = {
            "authenticate": [("t", "")],
            "sendRequestXML": [ADD],
            "receiveResponseXML": ["100"],
            "getLastError": ["the reason"],
            "connectionError": ["done"],
            "closeConnection": ["OK"],
            "getInteractiveURL": ["http://localhost/"],
            **{call: list(given) for call, given in answers.items()},
        }
        self.bodies: list[bytes] = []
        self.calls: list[str] = []

    def __call__(self, body, _content_type, _soap_action):
        self.bodies.append(body)
        call = etree.QName(etree.fromstring(body)[0][0]).localname
        self.calls.append(call)
        given = self.answers.get(call, [""])
        answer = given.pop(0) if len(given) > 1 else given[0]
        if answer == "fault":
            return 500, "text/xml", envelope("<s:Fault><faultcode>s:Server</faultcode></s:Fault>")
        result = etree.Element("result")
        if isinstance(answer, tuple):
            inner = "".join(f"<string>{one}</string>" for one in answer)
        else:
            result.text = answer
            inner = (
                etree.tostring(result, encoding="unicode").removeprefix("<result>").removesuffix("</result>")
            )
            inner = inner.replace("<result/>", "")
        named = f"<{call}Result>{inner}</{call}Result>"
        return (
            200,
            "text/xml; charset=utf-8",
            envelope(f"<{call}Response xmlns='{NAMESPACE}'>{named}</{call}Response>"),
        )


def envelope(inner):
    return (
        f"<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body>{inner}</s:Body></s:Envelope>"
    ).encode()


@contextmanager
def in_process(script):
    yield script


@contextmanager
def over_http(script):
    """Serve the script by the standard library."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, kind, content = script(body, "", "")
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_parts):
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def run(way, answers, settings):
    script = Script(answers)
    settings = dict(settings)
    company = Company()
    company.unavailable = settings.pop("unavailable", None)
    with way(script) as endpoint:
        connector = WebConnector(endpoint, company=company, user_name="shop", password="p&w", **settings)
        report = connector.run_session()
        connector.close()
    return script, report


@pytest.mark.parametrize("name", SEQUENCES)
def test_a_sequence_is_the_same_in_process_and_over_http(name):
    answers, settings, calls, end, code = SEQUENCES[name]
    inside, inside_report = run(in_process, answers, settings)
    outside, outside_report = run(over_http, answers, settings)

    assert inside.calls == outside.calls == list(calls)
    assert inside.bodies == outside.bodies
    assert (inside_report.end, inside_report.code) == (end, code)
    assert inside_report == outside_report
