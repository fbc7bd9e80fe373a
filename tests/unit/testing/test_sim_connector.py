"""Sessions of the simulated Web Connector against a tiny host."""

from __future__ import annotations

import pytest
from sim_host import ADD, Host, connect

from qbsync.errors import UsageError
from qbsync.testing import Company, Cut, End, QuickBooksError


@pytest.fixture
def company() -> Company:
    return Company()


def test_a_session_makes_the_calls_in_their_order(company):
    host = Host()
    report = connect(host, company).run_session()

    assert host.names() == [
        "serverVersion", "clientVersion", "authenticate", "sendRequestXML", "receiveResponseXML",
        "closeConnection",
    ]  # fmt: skip
    assert report.end is End.COMPLETED
    assert report.status == "OK"
    assert report.code is None
    assert report.calls == tuple(host.names())
    assert (report.progress, report.round_trips, report.requests, report.errors) == ((100,), 1, 1, ())
    assert [customer.full_name for customer in company.customers] == ["Ann Lee"]


def test_values_of_the_calls(company):
    host = Host(sendRequestXML=[ADD, ADD], receiveResponseXML=[50, 100])
    connect(host, company).run_session()
    first, later = host.values("sendRequestXML"), host.values("sendRequestXML", 1)

    assert host.values("clientVersion") == {"strVersion": "2.3.0.207"}
    assert host.values("authenticate") == {"strUserName": "shop", "strPassword": "p&w"}
    assert "<HostQueryRs" in first["strHCPResponse"]
    assert later["strHCPResponse"] == ""
    assert first["strCompanyFileName"] == r"C:\Data\Shop.QBW"
    assert (first["qbXMLCountry"], first["qbXMLMajorVers"], first["qbXMLMinorVers"]) == ("US", "16", "0")
    assert host.values("receiveResponseXML")["hresult"] == ""
    assert 'statusCode="0"' in host.values("receiveResponseXML")["response"]
    assert 'statusCode="3100"' in host.values("receiveResponseXML", 1)["response"]
    assert host.values("closeConnection") == {"ticket": "t1"}


@pytest.mark.parametrize(
    ("word", "end", "code", "status"),
    [
        ("none", End.NO_WORK, None, "No Data Exchange"),
        ("None", End.NO_WORK, None, "No Data Exchange"),
        ("NVU", End.REFUSED, 1040, "Invalid password for username"),
        ("busy", End.BUSY, None, "Application Busy"),
    ],
)
def test_words_of_authenticate_end_the_session(company, word, end, code, status):
    host = Host(authenticate=[["t1", word]])
    report = connect(host, company).run_session()

    assert (report.end, report.code, report.status) == (end, code, status)
    assert host.names()[-1] == "authenticate"


def test_close_connection_may_follow_a_refusal(company):
    host = Host(authenticate=[["t1", "none"]])
    connect(host, company, closes_after_refusal=True).run_session()

    assert host.names()[-1] == "closeConnection"


def test_postponing_wins_over_work_and_over_words(company):
    for word in ("", "none"):
        report = connect(Host(authenticate=[["t1", word, "300", "60"]]), company).run_session()

        assert report.end is End.POSTPONED
        assert (report.postponed, report.minimum_interval) == (300, 60)
        assert report.status == "Update postponed by application"


def test_a_minimum_interval_alone_does_not_stop_the_session(company):
    report = connect(Host(authenticate=[["t1", "", "", "60"]]), company).run_session()

    assert (report.end, report.minimum_interval) == (End.COMPLETED, 60)


def test_an_error_in_server_version_is_only_logged(company):
    report = connect(Host(serverVersion=[(404, "text/html", b"no")]), company).run_session()

    assert report.end is End.COMPLETED
    assert report.errors == ("logged only: serverVersion: The request failed with HTTP status 404.",)
    assert report.fine


@pytest.mark.parametrize(
    ("answer", "end", "code"),
    [
        ("E:too old", End.ERROR, 1037),
        ("W:careful", End.COMPLETED, None),
        ("O:2.10.0.0", End.ERROR, 1037),
        ("O:2.3.0.207", End.COMPLETED, None),
        ("hello", End.FAILED, 1046),
        ("X:hello", End.FAILED, 1046),
    ],
)
def test_answers_to_client_version(company, answer, end, code):
    report = connect(Host(clientVersion=[answer]), company).run_session()

    assert (report.end, report.code) == (end, code)


def test_a_warning_may_be_cancelled(company):
    report = connect(Host(clientVersion=["W:careful"]), company, cancels_on_warning=True).run_session()

    assert (report.end, report.code, report.status) == (End.ERROR, 1037, "careful")


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ("clientVersion", 1036),
        ("authenticate", 1012),
        ("sendRequestXML", 1041),
        ("receiveResponseXML", 1042),
        ("closeConnection", 1044),
    ],
)
@pytest.mark.parametrize(
    "answer", [(500, "text/html", b"boom"), ConnectionResetError("gone"), TimeoutError("slow")]
)
def test_a_failed_call_shows_its_code_and_ends_the_session(company, call, code, answer):
    host = Host(**{call: [answer]})
    report = connect(host, company).run_session()

    assert (report.end, report.code) == (End.FAILED, code)
    assert host.names()[-1] == call
    assert report.errors[-1].startswith(f"QBWC{code}: {call}: ")


def test_close_connection_may_follow_a_failure(company):
    host = Host(sendRequestXML=[(500, "text/html", b"")])
    report = connect(host, company, closes_after_failure=True).run_session()

    assert host.names()[-1] == "closeConnection"
    assert (report.end, report.code) == (End.FAILED, 1041)


def test_a_failing_get_last_error_is_1043(company):
    report = connect(Host(sendRequestXML=[""], getLastError=[(404, "", b"")]), company).run_session()

    assert (report.end, report.code) == (End.FAILED, 1043)


def test_a_negative_progress_asks_for_the_reason_and_closes(company):
    host = Host(receiveResponseXML=[-1])
    report = connect(host, company).run_session()

    assert host.names()[-2:] == ["getLastError", "closeConnection"]
    assert (report.end, report.status, report.errors) == (End.ERROR, "the reason", ("the reason",))


def test_progress_over_100_is_objected_to(company):
    report = connect(Host(receiveResponseXML=[101]), company).run_session()

    assert report.end is End.FAILED
    assert report.errors == ("receiveResponseXML: expected at most 100, got 101",)


def test_a_session_that_ends_without_a_reason_has_an_empty_status(company):
    """The words of closeConnection are shown after success only."""
    host = Host(sendRequestXML=[""], getLastError=[""])
    report = connect(host, company).run_session()

    assert host.names()[-2:] == ["getLastError", "closeConnection"]
    assert (report.end, report.status) == (End.ERROR, "")
    assert report.errors == ("the host stopped the session and gave no reason: getLastError was empty",)


def test_no_request_asks_for_the_reason_and_closes(company):
    host = Host(sendRequestXML=[""])
    report = connect(host, company).run_session()

    assert host.names()[-3:] == ["sendRequestXML", "getLastError", "closeConnection"]
    assert (report.end, report.status, report.round_trips) == (End.ERROR, "the reason", 0)


def test_noop_pauses_and_asks_again(company):
    waited = []
    host = Host(sendRequestXML=["", "", ADD], getLastError=["NoOp"])
    report = connect(host, company, sleep=waited.append).run_session()

    assert report.end is End.COMPLETED
    assert host.names().count("getLastError") == 2
    assert waited == [5.0, 5.0]
    assert company.simulated_seconds == pytest.approx(10 + 1.1)
    assert host.values("sendRequestXML", 1)["strHCPResponse"] == ""


def test_endless_noop_is_given_up(company):
    report = connect(Host(sendRequestXML=[""], getLastError=["NoOp"]), company).run_session()

    assert report.end is End.FAILED
    assert "NoOp 201 times" in report.status


def test_interactive_mode_is_refused_because_nobody_is_there(company):
    host = Host(sendRequestXML=[""], getLastError=["Interactive mode"])
    report = connect(host, company).run_session()

    assert host.names()[-2:] == ["interactiveRejected", "closeConnection"]
    assert report.end is End.ERROR


def test_a_refused_document_is_told_with_its_hresult(company):
    host = Host(sendRequestXML=["<x/>", ADD], receiveResponseXML=[50, 100])
    report = connect(host, company).run_session()
    told = host.values("receiveResponseXML")

    assert (told["response"], told["hresult"]) == ("", "0x80040400")
    assert told["message"]
    assert report.end is End.COMPLETED
    assert report.errors[0].startswith("0x80040400")


def test_quickbooks_that_cannot_be_opened_is_told_until_the_host_says_done(company):
    company.unavailable = QuickBooksError("0x80040408", "Could not start.")
    host = Host(connectionError=["", r"C:\other.qbw", "DONE"])
    report = connect(host, company).run_session()

    assert host.names()[3:] == ["connectionError"] * 3 + ["closeConnection"]
    assert host.values("connectionError") == {
        "ticket": "t1", "hresult": "0x80040408", "message": "Could not start.",
    }  # fmt: skip
    assert (report.end, report.code) == (End.ERROR, 1013)


def test_another_company_file_cannot_be_opened_but_the_host_may_accept_the_open_one(company):
    host = Host(authenticate=[["t1", r"C:\other.qbw"]], connectionError=[""])
    report = connect(host, company).run_session()

    assert host.values("connectionError")["hresult"] == "0x8004040A"
    assert report.end is End.COMPLETED


def test_the_own_file_is_opened_by_its_path_whatever_its_case(company):
    report = connect(Host(authenticate=[["t1", company.file.lower()]]), company).run_session()

    assert report.end is End.COMPLETED


def test_steps_are_told_before_and_after_each_call(company):
    steps = []
    connect(Host(), company, on_step=steps.append).run_session()

    assert [str(step) for step in steps[:4]] == [
        "before serverVersion", "after serverVersion", "before clientVersion", "after clientVersion",
    ]  # fmt: skip
    assert [str(step) for step in steps[6:12]] == [
        "before sendRequestXML", "after sendRequestXML", "before ProcessRequest", "after ProcessRequest",
        "before receiveResponseXML", "after receiveResponseXML",
    ]  # fmt: skip
    assert steps[11].result == 100
    assert steps[11].number == 5


@pytest.mark.parametrize("place", range(14))
def test_a_cut_ends_the_session_without_another_call(company, place):
    """Cut before or after any step: nothing more is said, as when the program is killed."""
    count = iter(range(100))

    def cut(_step: object) -> None:
        if next(count) == place:
            raise Cut

    host = Host()
    report = connect(host, company, on_step=cut).run_session()
    before_call = place % 2 == 0

    assert report.end is End.KILLED
    assert len(host.calls) == len(report.calls) - (before_call and place != 8)
    assert bool(company.customers) is (place >= 9)


def test_run_goes_on_until_there_is_no_work(company):
    waited = []
    host = Host(authenticate=[["t1", ""], ["t2", "busy"], ["t3", "", "30"], ["t4", "none"]])
    run = connect(host, company, sleep=waited.append).run(interval=2.0)

    assert [session.end for session in run.sessions] == [
        End.COMPLETED, End.BUSY, End.POSTPONED, End.NO_WORK,
    ]  # fmt: skip
    assert waited == [2.0, 2.0, 30.0]
    assert run.idle
    assert (run.round_trips, run.requests, run.errors) == (1, 1, ())


def test_run_stops_at_its_bound_and_at_a_wrong_password(company):
    busy = connect(Host(authenticate=[["t", "busy"]]), company).run(max_sessions=3)
    wrong = connect(Host(authenticate=[["t", "nvu"]]), company).run()
    idle = connect(Host(authenticate=[["t", "none"]]), company).run(until_idle=False, max_sessions=2)

    assert (len(busy.sessions), busy.idle) == (3, False)
    assert [session.end for session in wrong.sessions] == [End.REFUSED]
    assert len(idle.sessions) == 2


def test_waiting_between_sessions_is_not_quickbooks_work(company):
    connect(Host(authenticate=[["t", "busy"]]), company).run(max_sessions=3, interval=60.0)

    assert company.simulated_seconds == 0


def test_an_object_with_handle_is_an_endpoint(company):
    class Reply:
        def __init__(self, status: int, content_type: str, body: bytes) -> None:
            self.status, self.content_type, self.body = status, content_type, body

    class Service:
        def handle(self, body: bytes, *, content_type: str, soap_action: str) -> Reply:
            return Reply(*host(body, content_type, soap_action))

    host = Host()

    assert connect(Service(), company).run_session().end is End.COMPLETED


@pytest.mark.parametrize("endpoint", [42, "ftp://example.com/", "no-url"])
def test_what_is_no_endpoint_is_refused(company, endpoint):
    with pytest.raises(UsageError, match="endpoint"):
        connect(endpoint, company)


def test_an_endpoint_that_cannot_be_reached_has_no_page(company):
    class Gone:
        def handle(self, *_parts, **_more):
            raise ConnectionRefusedError

        def page(self, *_parts, **_more):
            raise ConnectionRefusedError("no")

    assert connect(Gone(), company).check_page() == "QBWC1048: GET: ConnectionRefusedError: no"
    assert connect(Host(), company).check_page() is None


def test_the_password_is_in_no_repr(company):
    assert "p&w" not in repr(connect(Host(), company))
