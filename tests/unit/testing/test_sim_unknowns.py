"""What no source settles about the Web Connector is a switch, and each way does something."""

from __future__ import annotations

from typing import get_type_hints

import attrs
import pytest
from sim_host import ADD, Host, connect

from qbsync.errors import UsageError
from qbsync.testing import ClientSwitches, Company, End, Plan, QuickBooksError
from qbsync.testing.connector import ClientOptions
from qbsync.testing.faults import CutBefore, LateReply

FAULT = (500, "text/html", b"boom")


@pytest.fixture
def company() -> Company:
    return Company()


def run(host, company, **switches):
    return connect(host, company, **switches).run_session()


def test_every_switch_is_an_option_of_the_web_connector_with_its_type():
    fields = {field.name: field.type for field in attrs.fields(ClientSwitches)}

    assert list(get_type_hints(ClientOptions)) == list(fields)
    assert {name: kind.__name__ for name, kind in get_type_hints(ClientOptions).items()} == fields


@pytest.mark.parametrize(
    "switch",
    [
        "style", "qb_type", "log_level", "user", "required_version", "noop_as_request", "progress_over_100",
        "interactive_poll", "interactive_empty", "missed_run",
    ],
)  # fmt: skip
def test_a_switch_that_is_set_wrong_says_what_it_takes(company, switch):
    with pytest.raises(UsageError, match=f"{switch}: expected one of .*, got 'sideways'"):
        connect(Host(), company, **{switch: "sideways"})


def test_the_version_of_the_client_has_four_numbers(company):
    with pytest.raises(UsageError, match="client_version: expected four numbers"):
        connect(Host(), company, client_version="2.3")


@pytest.mark.parametrize(
    ("required", "answer", "end"),
    [
        ("newer", "O:2.2.0.71", End.COMPLETED),
        ("newer", "O:2.10.0.0", End.ERROR),
        ("always", "O:2.2.0.71", End.ERROR),
        ("never", "O:2.10.0.0", End.COMPLETED),
    ],
)
def test_what_a_required_version_does(company, required, answer, end):
    assert run(Host(clientVersion=[answer]), company, required_version=required).end is end


@pytest.mark.parametrize(("goes_on", "end"), [(True, End.COMPLETED), (False, End.FAILED)])
def test_whether_a_failing_client_version_is_only_logged(company, goes_on, end):
    report = run(Host(clientVersion=[FAULT]), company, continues_after_client_version_fault=goes_on)

    assert report.end is end
    assert report.errors[0].startswith("logged only: " if goes_on else "QBWC1036: ")


def test_without_auto_run_neither_postponing_nor_the_interval_counts(company):
    report = run(Host(authenticate=[["t", "", "300", "60"]]), company, auto_run=False)

    assert (report.end, report.postponed, report.minimum_interval) == (End.COMPLETED, None, None)


def test_get_server_version_may_be_called(company):
    host = Host(getServerVersion=["1"])
    run(host, company, calls_get_server_version=True)

    assert host.names()[3] == "getServerVersion"
    assert host.values("getServerVersion") == {"ticket": "t1"}


@pytest.mark.parametrize(("means", "sets", "pauses"), [("request", 1, 0), ("pause", 0, 5)])
def test_the_word_noop_as_a_request(company, means, sets, pauses):
    host = Host(sendRequestXML=["NoOp", ADD], receiveResponseXML=[50, 100] if sets else [100])
    report = run(host, company, noop_as_request=means)

    assert report.round_trips == 1 + sets
    assert company.simulated_seconds >= pauses
    assert "getLastError" not in host.names()
    assert any("0x80040400" in error for error in report.errors) is bool(sets)


@pytest.mark.parametrize(
    ("does", "end", "rounds"),
    [("fails", End.FAILED, 1), ("ends", End.COMPLETED, 1), ("goes on", End.COMPLETED, 2)],
)
def test_what_a_progress_over_100_does(company, does, end, rounds):
    report = run(Host(receiveResponseXML=[101, 100]), company, progress_over_100=does)

    assert (report.end, report.round_trips) == (end, rounds)


@pytest.mark.parametrize("asks", [True, False])
def test_whether_the_reason_is_asked_after_done(company, asks):
    company.unavailable = QuickBooksError("0x80040408", "Could not start.")
    host = Host()
    report = run(host, company, asks_last_error_after_done=asks)

    assert ("getLastError" in host.names()) is asks
    assert report.status == ("the reason" if asks else "Could not start.")


def test_a_point_of_sale_has_no_host_answer_and_its_company_name_for_a_file(company):
    host = Host()
    run(host, company, qb_type="QBPOS")
    first = host.values("sendRequestXML")

    assert first["strCompanyFileName"] == company.name
    assert first["strHCPResponse"].startswith("HOSTQUERY/COMPANYQUERY/PREFQUERY is currently not supported")


def test_opening_quickbooks_may_take_its_time_without_counting_as_work(company):
    report = run(Host(), company, opening_seconds=45.0)

    assert (report.ended - report.began).total_seconds() >= 45
    assert company.simulated_seconds < 45


def test_the_rpc_style_reads_replies_of_any_namespace_or_not(company):
    body = (
        b'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><n:clientVersionResponse '
        b'xmlns:n="urn:ActionWebService"><return></return></n:clientVersionResponse></e:Body></e:Envelope>'
    )
    answer = [(200, "text/xml", body)]

    assert run(Host(clientVersion=answer), company, style="rpc").end is End.COMPLETED
    assert run(Host(clientVersion=answer), company, style="rpc", accepts_rpc_replies=False).code == 1036
    assert run(Host(clientVersion=answer), company).code == 1036


def test_the_media_type_of_soap_12(company):
    answer = [(200, "application/soap+xml; charset=utf-8", Host.reply("clientVersion", ""))]

    assert run(Host(clientVersion=answer), company).code == 1036
    assert run(Host(clientVersion=answer), company, accepts_soap12_type=True).end is End.COMPLETED


@pytest.mark.parametrize("closes", [True, False])
@pytest.mark.parametrize("answer", [["t", "none"], ["t", "nvu"], ["t", "busy"], ["t", "", "300"]])
def test_close_connection_may_follow_each_kind_of_refusal(company, closes, answer):
    host = Host(authenticate=[answer])
    run(host, company, closes_after_refusal=closes)

    assert host.names()[-1] == ("closeConnection" if closes else "authenticate")


@pytest.mark.parametrize("closes", [True, False])
@pytest.mark.parametrize("call", ["sendRequestXML", "receiveResponseXML"])
def test_close_connection_may_follow_each_kind_of_failure(company, closes, call):
    for answer in (FAULT, TimeoutError("slow")):
        host = Host(**{call: [answer]})
        report = run(host, company, closes_after_failure=closes)

        assert host.names()[-1] == ("closeConnection" if closes else call)
        assert report.end is End.FAILED


def test_the_wsdl_may_be_read_first(company):
    class Service:
        asked: list[str] = []  # noqa: RUF012 - one list a test

        def handle(self, body, *, content_type, soap_action):
            status, kind, content = host(body, content_type, soap_action)
            return type("Reply", (), {"status": status, "content_type": kind, "body": content})

        def page(self, _path, query, **_where):
            self.asked.append(query)
            if len(self.asked) > 1:
                raise ConnectionRefusedError
            return type("Reply", (), {"status": 200, "content_type": "text/xml", "body": b""})

    host = Host()
    connector = connect(Service(), company, reads_wsdl=True)

    assert [connector.run_session().end for _ in range(2)] == [End.COMPLETED, End.COMPLETED]
    assert Service.asked == ["wsdl", "wsdl"]
    assert "not read: ConnectionRefusedError" in connector.log


def test_endless_answers_are_given_up_with_a_word_about_the_real_program(company):
    again = run(Host(receiveResponseXML=[50]), company)
    company.unavailable = QuickBooksError("0x80040408", "Could not start.")
    opening = run(Host(connectionError=[""]), company)

    assert (again.end, again.round_trips) == (End.FAILED, 1000)
    assert "the same request 1001 times in a row; the real Web Connector would go on" in again.status
    assert (opening.end, opening.calls.count("connectionError")) == (End.FAILED, 20)
    assert "the real Web Connector would go on for ever" in opening.status


def test_a_late_reply_counts_by_the_time_out_that_was_set(company):
    plan = Plan(LateReply("sendRequestXML", seconds=20))

    assert run(Host(), company, plan=plan, timeout=10).code == 1041


def test_a_failure_of_server_version_is_logged_in_the_words_of_the_program(company):
    connector = connect(Host(), company, plan=Plan(CutBefore("serverVersion")))
    connector.run_session()

    assert "Actual error received from web service for serverVersion call: <ConnectionReset" in connector.log
