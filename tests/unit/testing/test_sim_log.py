"""The log of the simulated Web Connector."""

from __future__ import annotations

import re

import pytest
from sim_host import Host, connect

from qbsync.qbwc.diagnose import diagnose
from qbsync.testing import Company, Plan, QuickBooksError
from qbsync.testing.faults import LateReply, LostReply, WebConnectorKilled

LINE = re.compile(r"\d{8}\.\d\d:\d\d:\d\d UTC\t: QBWebConnector\.\w+\.\w+\(\) : ")


@pytest.fixture
def company() -> Company:
    return Company()


def log(company: Company, host: Host | None = None, **options) -> str:
    connector = connect(host or Host(), company, **options)
    connector.run_session()
    return connector.log


def test_each_line_has_the_stamp_of_the_program(company):
    text = log(company)

    assert text.startswith(f"{company.now:%Y%m%d}.08:00:00 UTC\t: ")
    assert len(LINE.findall(text)) >= 14


def test_debug_shows_50_characters_of_a_payload_and_verbose_all(company):
    debug, verbose = log(company), log(company, log_level="VERBOSE")
    shown = re.search(r'strHCPResponse="(.*?)" \.\.\.>', debug, re.DOTALL)

    assert shown is not None
    assert len(shown[1]) == 50
    assert "</HostRet>" not in debug
    assert "</HostRet>" in verbose
    assert "statusCode=" in verbose


def test_none_logs_nothing(company):
    assert log(company, log_level="NONE") == ""


@pytest.mark.parametrize("level", ["DEBUG", "VERBOSE"])
def test_the_password_is_never_logged(company, level):
    text = log(company, log_level=level)

    assert "p&w" not in text
    assert "<strPassword=<MaskedForSecurity>>" in text


def test_the_text_of_the_host_and_failures_are_logged(company):
    text = log(company, Host(sendRequestXML=[""]))
    text += log(company, Host(sendRequestXML=[(500, "text/html", b"")]))
    company.unavailable = QuickBooksError("0x80040408", "Could not start.")
    text += log(company)

    assert "Error message received from application via getLastError(): the reason" in text
    assert "QBWC1041: The request failed with HTTP status 500." in text
    assert "QBWC1007: 0x80040408: Could not start." in text
    assert "QBWC1008: 0x80040408: Could not start." in text
    assert "UpdateLock = TRUE" in text
    assert "UpdateLock = FALSE" in text


def test_lines_can_be_listened_to(company):
    lines = []
    connector = connect(Host(), company, on_log=lines.append)
    connector.run_session()

    assert "".join(f"{line}\n" for line in lines) == connector.log


@pytest.mark.parametrize(
    ("answers", "plan", "end", "codes"),
    [
        ({}, Plan(), "everything was done", []),
        ({"authenticate": [["t", "nvu"]]}, Plan(), "user name or password were refused", ["QBWC1040"]),
        ({"sendRequestXML": ["<x/>"]}, Plan(), "everything was done", ["0x80040400"]),
        ({}, Plan(LateReply("authenticate")), "stopped by QBWC1012 (time-out)", ["QBWC1012"]),
        ({}, Plan(LostReply("receiveResponseXML")), "stopped by QBWC1042 (cut connection)", ["QBWC1042"]),
        ({}, Plan(WebConnectorKilled("receiveResponseXML")), "the log breaks off", []),
    ],
)
def test_who_reads_logs_of_the_real_program_reads_this_one(company, answers, plan, end, codes):
    """The reader of ``QWCLog.txt`` shares no code with the simulator and tells the same story."""
    (story,) = diagnose(log(company, Host(**answers), plan=plan).splitlines())

    assert story.end.startswith(end)
    assert [finding.code for finding in story.findings] == codes
    assert story.application == "Shop Sync"
