"""The pytest fixtures, used as a host application's tests use them."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

import qbsync.testing

pytest_plugins = ["pytester"]
NAME = "qbsync.testing.pytest_plugin"
ROOT = Path(__file__).resolve().parents[3]

HOST = """
REPLY = (
    "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body>"
    "<{call}Response xmlns='http://developer.intuit.com/'><{call}Result>{result}</{call}Result></{call}Response>"
    "</s:Body></s:Envelope>"
)
RESULTS = {
    "authenticate": "<string>t</string><string></string>",
    "sendRequestXML": '&lt;?xml version="1.0"?>&lt;?qbxml version="13.0"?>&lt;QBXML>&lt;QBXMLMsgsRq '
    'onError="stopOnError">&lt;CustomerAddRq>&lt;CustomerAdd>&lt;Name>Ann&lt;/Name>&lt;/CustomerAdd>'
    "&lt;/CustomerAddRq>&lt;/QBXMLMsgsRq>&lt;/QBXML>",
    "receiveResponseXML": "100",
}


def host(body, content_type, soap_action):
    call = soap_action.strip('"').rpartition("/")[2]
    return 200, "text/xml", REPLY.format(call=call, result=RESULTS.get(call, "")).encode()
"""


@pytest.fixture
def project(pytester, monkeypatch):
    """A project with a host, and a run of pytest in it with our plugin alone."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makepyfile(host=HOST)

    def run(test: str, *arguments: str):
        pytester.makepyfile(test_it=test)
        return pytester.runpytest_inprocess("-p", NAME, *arguments)

    return run


def test_the_package_declares_the_plugin():
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"]

    assert declared["pytest11"] == {NAME: NAME}
    assert qbsync.testing.__name__ == NAME.rpartition(".")[0]


def test_a_host_is_driven_and_its_books_are_read(project):
    project("""
        from host import host

        def test_books(qb_company, qb_connector, qb_books):
            report = qb_connector(host).run_session()
            assert report.fine, report
            assert [one.full_name for one in qb_books.customers] == ["Ann"]
            assert qb_books.company is qb_company

        def test_each_test_has_books_of_its_own(qb_books):
            assert qb_books.customers == []
    """).assert_outcomes(passed=2)


def test_switches_of_the_company_are_set_by_a_mark_the_nearest_wins(project):
    project(
        """
        import pytest

        pytestmark = pytest.mark.qb_company(recovery="off", file="A.QBW")

        @pytest.mark.qb_company(file="B.QBW")
        def test_marks(qb_company):
            assert qb_company.file == "B.QBW"
            assert "recovery='off'" in repr(qb_company._switches)
        """,
        "--strict-markers",
    ).assert_outcomes(passed=1)


def test_a_failure_shows_the_log_and_a_plan_that_can_be_replayed(project):
    result = project("""
        from host import host
        from qbsync.testing import Plan
        from qbsync.testing.faults import LostReply

        def test_it(qb_connector):
            qb_connector(host).run_session()
            connector = qb_connector(host, plan=Plan(LostReply("authenticate")))
            assert connector.run_session().fine
    """)

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*Web Connector: plan*",
            "replay it with --qb-plan \"Plan(LostReply('authenticate'))\"",
            "*Web Connector: log*",
            "*Calling authenticate()*",
        ]
    )


def test_a_plan_from_a_failure_message_is_replayed(project):
    test = """
        from host import host

        def test_it(qb_connector):
            assert qb_connector(host).run_session().code is None
    """

    project(test).assert_outcomes(passed=1)
    project(test, "--qb-plan", "Plan(LostReply('authenticate'))").assert_outcomes(failed=1)


def test_a_failure_without_a_web_connector_shows_nothing_of_it(project):
    result = project("def test_it(qb_company):\n    assert qb_company.name == 'other'")

    result.assert_outcomes(failed=1)
    result.stdout.no_fnmatch_line("*Web Connector:*")


def test_another_user_and_company_can_be_given(project):
    project("""
        from host import host
        from qbsync.testing import Company

        def test_it(qb_connector, qb_company):
            other = Company(name="Other")
            bodies = []
            def seen(*parts):
                bodies.append(parts[0])
                return host(*parts)
            qb_connector(seen, user_name="me", password="you", company=other).run_session()
            assert b"<strUserName>me</strUserName><strPassword>you</strPassword>" in bodies[2]
            assert len(other.customers) == 1
            assert qb_company.customers == []
    """).assert_outcomes(passed=1)


def test_a_plan_that_is_none_is_said(project):
    result = project("def test_it(qb_connector): ...", "--qb-plan", "nonsense")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*UsageError: plan: expected text such as*"])
