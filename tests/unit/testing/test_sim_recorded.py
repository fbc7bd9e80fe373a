"""Sessions of the simulated Web Connector write recorded calls again, and judge recorded replies."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from lxml import etree
from sim_host import Host, connect

from qbsync.testing import Company, End, QuickBooksError, WebConnector


class Played:
    """A QuickBooks that says what was recorded."""

    country, requests, locked_by, name, dies_after = "US", 0, "", "Sample", None
    now = datetime(2024, 1, 2, tzinfo=UTC)

    def __init__(self, values: dict[str, str]) -> None:
        self.values = values
        major, minor = values.get("qbXMLMajorVers", "13"), values.get("qbXMLMinorVers", "0")
        self.version = (int(major), int(minor))
        self.file = values.get("strCompanyFileName", "file")

    def begin_session(self, _application: str, _path: str) -> None:
        return

    def end_session(self) -> None:
        return

    def wait(self, _seconds: float) -> None:
        return

    def host_answer(self) -> str:
        return self.values.get("strHCPResponse", "")

    def process(self, _document: str) -> str:
        if self.values.get("hresult"):
            raise QuickBooksError(self.values["hresult"], self.values["message"])
        return self.values["response"]


class Recorder(Host):
    """A host with a given ticket that keeps the bytes of each call."""

    def __init__(self, ticket: str, **answers) -> None:
        super().__init__(authenticate=[[ticket, ""]], **answers)
        self.bodies: dict[str, bytes] = {}

    def __call__(self, body: bytes, content_type: str, soap_action: str) -> tuple[int, str, bytes]:
        self.bodies[etree.QName(etree.fromstring(body)[0][0]).localname] = body
        return super().__call__(body, content_type, soap_action)


def recording(shared, number: str) -> tuple[bytes, str, dict[str, str]]:
    """Return the bytes of a recorded call, its name and its values."""
    (path,) = (shared / "data" / "qbwc").glob(f"{number}-*.xml")
    call = etree.fromstring(path.read_bytes())[0][0]
    values = {etree.QName(child).localname: child.text or "" for child in call}
    return path.read_bytes(), etree.QName(call).localname, values


def session(values: dict[str, str], **options) -> Recorder:
    """Run a session in which the values of a recorded call come about."""
    host = Recorder(values.get("ticket", "t"))
    connector = connect(host, Played({"response": "", **values}), **options)
    connector.run_session()
    return host


def canonical(document: bytes) -> bytes:
    return etree.tostring(etree.fromstring(document, etree.XMLParser(remove_blank_text=True)), method="c14n")


@pytest.mark.parametrize("number", ["a01", "a02", "a03", "a04", "a05"])
def test_a_session_reproduces_recorded_calls_byte_for_byte(shared, number):
    recorded, call, values = recording(shared, number)

    assert call == "receiveResponseXML"
    assert session(values).bodies[call] == recorded.rstrip(b"\n")


@pytest.mark.parametrize("number", ["a06", "b01", "b02", "b04", "b05", "b06", "b07"])
def test_a_session_reproduces_indented_recordings_as_equal_xml(shared, number):
    recorded, call, values = recording(shared, number)
    options = {"client_version": values["strVersion"]} if "strVersion" in values else {}

    assert canonical(session(values, **options).bodies[call]) == canonical(recorded)


def test_a_session_reproduces_the_recorded_login(shared):
    recorded, call, values = recording(shared, "b03")
    host = Recorder("t")
    connector = WebConnector(
        host,
        company=Played({"response": ""}),
        user_name=values["strUserName"],
        password=values["strPassword"],
    )
    connector.run_session()

    assert canonical(host.bodies[call]) == canonical(recorded)


@pytest.mark.parametrize("number", ["e01", "e02"])
def test_a_session_of_the_rpc_style_reproduces_its_recordings(shared, number):
    recorded, call, _ = recording(shared, number)
    host = session({}, style="rpc", client_version="2.3.0.215")

    assert canonical(host.bodies[call]) == canonical(recorded)


@pytest.mark.parametrize(
    ("number", "call", "end", "code"),
    [
        ("r01", "serverVersion", End.COMPLETED, None),
        ("r02", "clientVersion", End.COMPLETED, None),
        ("r03", "authenticate", End.NO_WORK, None),
        ("r04", "sendRequestXML", End.COMPLETED, None),
        ("r05", "receiveResponseXML", End.COMPLETED, None),
        ("r06", "closeConnection", End.COMPLETED, None),
        ("r08", "authenticate", End.REFUSED, 1040),
        ("r09", "authenticate", End.FAILED, 1012),
        ("r10", "authenticate", End.FAILED, 1012),
    ],
)
def test_recorded_replies_end_a_session_as_the_real_program_ended_it(shared, number, call, end, code):
    """r09 and r10 are refused with the code of ``authenticate``; the others are taken."""
    (path,) = (shared / "data" / "qbwc").glob(f"{number}-*.xml")
    host = Host(**{call: [(200, "text/xml; charset=utf-8", path.read_bytes())]})
    report = connect(host, Company()).run_session()

    assert (report.end, report.code) == (end, code)
