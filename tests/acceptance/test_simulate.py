"""The command ``simulate``, and the HTTP of the simulated Web Connector, against a foreign server."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from lxml import etree
from programs import qbsync

from qbsync.cli import main
from qbsync.testing import Company, End, Plan, WebConnector
from qbsync.testing.faults import CutInCall

NAMESPACE = "http://developer.intuit.com/"
ADD = (
    '<?xml version="1.0"?><?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="stopOnError">'
    "<CustomerAddRq><CustomerAdd><Name>Ann Lee</Name></CustomerAdd></CustomerAddRq></QBXMLMsgsRq></QBXML>"
)


class Handler(BaseHTTPRequestHandler):
    """A host written with the standard library alone."""

    protocol_version = "HTTP/1.1"
    results: dict[str, str]
    page = 200
    slow = threading.Event()
    seen: list[tuple[str, dict[str, str], bytes]]

    def do_GET(self) -> None:
        self.answer(self.page, "text/html", b"a page")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            call = etree.QName(etree.fromstring(body)[0][0]).localname
        except etree.XMLSyntaxError:
            return
        self.seen.append((call, dict(self.headers), body))
        result = self.results[call]
        if result == "slow":
            self.slow.wait(10)
        inner = f"<{call}Response xmlns='{NAMESPACE}'><{call}Result>{result}</{call}Result></{call}Response>"
        document = (
            "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body>"
            f"{inner}</s:Body></s:Envelope>"
        )
        self.answer(200, "text/xml; charset=utf-8", document.encode())

    def answer(self, status: int, kind: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_parts: object) -> None:
        return


@contextmanager
def server(*, page: int = 200, **results: str):
    """Serve a host that does one customer, or what *results* say."""
    answers = {
        "serverVersion": "1",
        "clientVersion": "",
        "authenticate": "<string>t1</string><string></string>",
        "sendRequestXML": ADD.replace("&", "&amp;").replace("<", "&lt;"),
        "receiveResponseXML": "100",
        "getLastError": "the reason",
        "closeConnection": "OK",
        **results,
    }
    kind = type("Mine", (Handler,), {"results": answers, "page": page, "seen": [], "slow": threading.Event()})
    http = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    http.daemon_threads = True
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://localhost:{http.server_port}/qbwc", kind
    finally:
        kind.slow.set()
        http.shutdown()
        thread.join()
        http.server_close()


@pytest.fixture
def simulate(capsys, monkeypatch):
    """Run the command in this process; the result looks like that of a process."""

    def run(url: str, *options: str) -> subprocess.CompletedProcess[str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO("p&w\n"))
        arguments = ["simulate", url, "--user", "shop", "--password-stdin", *options]
        status = main(arguments)
        said = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, status, said.out, said.err)

    return run


def test_the_command_is_there_for_people_and_asks_for_the_password():
    with server() as (url, _):
        finished = qbsync("simulate", url, "--timeout", "30", typed="p&w\n")

    assert finished.returncode == 0, finished.stderr
    assert "password" in finished.stderr


def test_an_endpoint_that_does_everything_right_is_fine(simulate):
    with server() as (url, kind):
        finished = simulate(url)

    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.splitlines()[-1] == "fine"
    assert "session 1: completed: OK (1 round trips, 1 requests)" in finished.stdout
    assert [call for call, _, _ in kind.seen][-1] == "closeConnection"
    assert b"<strPassword>p&amp;w</strPassword>" in kind.seen[2][2]
    assert "t1" not in finished.stdout.split("authenticate", 1)[1].splitlines()[0]


def test_headers_on_the_wire_are_those_of_the_client(simulate):
    """The standard library adds none of its own, such as Accept-Encoding."""
    with server() as (url, kind):
        simulate(url)
    names = list(kind.seen[0][1])

    assert names == [
        "User-Agent", "Content-Type", "SOAPAction", "Host", "Content-Length", "Expect", "Connection",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("results", "code", "words"),
    [
        ({"authenticate": "<string>t1</string><string>nvu</string>"}, 1040, "Invalid password"),
        ({"authenticate": "<string>t1</string>"}, 1012, "Index was outside the bounds"),
        ({"clientVersion": "hello"}, 1046, "expected '', W:, E: or O:"),
        ({"receiveResponseXML": "100.0"}, 1042, "Input string was not in a correct format"),
        ({"sendRequestXML": ""}, None, "the reason"),
        ({"sendRequestXML": "&lt;x/&gt;", "receiveResponseXML": "100"}, None, "0x80040400"),
    ],
)
def test_what_the_real_program_would_show_is_said_and_the_status_is_1(simulate, results, code, words):
    with server(**results) as (url, _):
        finished = simulate(url, "--json")
    session, last = (json.loads(line) for line in finished.stdout.splitlines())

    assert finished.returncode == 1
    assert (session["code"], last["fine"]) == (code, False)
    assert any(words in error for error in session["errors"])
    assert (session["help"] is None) is (code is None)


def test_a_verdict_for_people_names_code_cause_and_help(simulate):
    with server(page=405, authenticate="<string>t1</string>") as (url, _):
        finished = simulate(url.replace("localhost", "127.0.0.1"))

    assert finished.returncode == 1
    assert "remark: QBWC1001: 127.0.0.1 is an address" in finished.stdout
    assert "QBWC1048: GET: expected status 200, got 405" in finished.stdout
    assert "session 1: failed: QBWC1012: authenticate: Index was outside" in finished.stdout
    assert "what it means: authenticate got no reply that can be read" in finished.stdout
    assert finished.stdout.splitlines()[-1].startswith("not fine")


def test_nobody_listening_is_a_verdict_too(simulate):
    with server() as (url, _):
        pass
    finished = simulate(url, "--json")

    assert finished.returncode == 1
    assert json.loads(finished.stdout.splitlines()[0])["code"] == 1036


def test_sessions_go_on_until_there_is_no_work_and_the_company_is_kept(simulate, tmp_path):
    kept = tmp_path / "company"
    with server() as (url, _):
        first = simulate(url, "--sessions", "2", "--company-file", str(kept), "--json")
    with server(authenticate="<string>t1</string><string>none</string>") as (url, _):
        second = simulate(url, "--sessions", "5", "--company-file", str(kept), "--json")

    assert [one.full_name for one in Company.load(kept).customers] == ["Ann Lee"]
    assert len(first.stdout.splitlines()) == 3
    assert len(second.stdout.splitlines()) == 2
    assert (first.returncode, second.returncode) == (0, 0)


def test_a_plan_and_a_log_can_be_asked_for(simulate):
    with server() as (url, kind):
        finished = simulate(
            url, "--json", "--plan", "Plan(LostReply('sendRequestXML'))", "--log", "verbose", "--style", "rpc"
        )
    session = json.loads(finished.stdout.splitlines()[0])

    assert (session["code"], session["faults"]) == (1041, ["LostReply('sendRequestXML')"])
    assert "*** Calling sendRequestXML()" in finished.stderr
    assert "p&w" not in finished.stderr
    assert b"q1:serverVersion" in kind.seen[0][2]


def test_a_plan_that_is_none_is_refused(simulate):
    finished = simulate("http://localhost:9/", "--plan", "Plan(Nothing())")

    assert finished.returncode == 1
    assert "plan: expected text such as" in finished.stderr


def test_a_server_that_does_not_answer_in_time_is_a_time_out():
    with server(authenticate="slow") as (url, _):
        connector = WebConnector(url, company=Company(), user_name="shop", password="p", timeout=0.3)
        report = connector.run_session()
        connector.close()

    assert (report.end, report.code) == (End.FAILED, 1012)
    assert "TimeoutError" in report.status


def test_half_a_call_breaks_off_on_the_wire():
    with server() as (url, kind):
        plan = Plan(CutInCall("sendRequestXML"))
        connector = WebConnector(url, company=Company(), user_name="shop", password="p", plan=plan)
        first, second = connector.run_session(), connector.run_session()
        connector.close()

    assert (first.end, first.code, second.end) == (End.FAILED, 1041, End.COMPLETED)
    assert [call for call, _, _ in kind.seen].count("sendRequestXML") == 1


@pytest.mark.parametrize(
    ("login", "words"),
    [
        ("<string>t</string><string></string><string>300</string>", "asked to come again in 300 s"),
        (
            "<string>t</string><string>none</string><string></string><string>60</string>",
            "asked for at least 60 s from run to run",
        ),
    ],
)
def test_what_the_host_asks_of_the_schedule_is_said(simulate, login, words):
    with server(authenticate=login) as (url, _):
        finished = simulate(url)

    assert finished.returncode == 0
    assert words in finished.stdout
