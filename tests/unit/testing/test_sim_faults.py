"""Plans of faults: they print themselves, are read back, enumerated, and carried out."""

from __future__ import annotations

from collections import Counter

import pytest
from sim_host import ADD, Host, connect

from qbsync.errors import UsageError
from qbsync.testing import Company, End, Plan, all_plans, faults
from qbsync.testing.faults import (
    CutAfter,
    CutBefore,
    CutInCall,
    CutInReply,
    DoubledCall,
    EchoedCall,
    GarbledReply,
    HostDiedError,
    HostKilled,
    HResult,
    LateCall,
    LateReply,
    LostReply,
    ModalDialog,
    QuickBooksDies,
    SlowQuickBooks,
    WebConnectorKilled,
    WrongCompany,
)

TWO = ADD.replace(
    "</QBXMLMsgsRq>",
    "<CustomerAddRq><CustomerAdd><Name>Bob</Name></CustomerAdd></CustomerAddRq></QBXMLMsgsRq>",
)
CALLS = [
    "serverVersion", "clientVersion", "authenticate", "sendRequestXML", "receiveResponseXML",
    "closeConnection",
]  # fmt: skip


@pytest.fixture
def company() -> Company:
    return Company()


def names(company: Company) -> list[str]:
    return [one.full_name for one in company.customers]


def baseline():
    return connect(Host(sendRequestXML=[TWO]), Company()).run_session()


# -- plans are values


@pytest.mark.parametrize("plan", list(all_plans(baseline())), ids=repr)
def test_the_text_of_a_plan_makes_an_equal_plan(plan):
    """Both as Python and by reading it without running it."""
    assert Plan.parse(repr(plan)) == plan
    assert eval(repr(plan), vars(faults)) == plan


def test_a_plan_is_a_frozen_value_that_can_be_added():
    first, second = Plan(LostReply("authenticate")), Plan(WrongCompany(session=2))

    assert repr(first + second) == "Plan(LostReply('authenticate'), WrongCompany(session=2))"
    assert hash(first) == hash(Plan(LostReply("authenticate")))
    assert repr(Plan()) == "Plan()"
    with pytest.raises(AttributeError):
        first.faults = ()


@pytest.mark.parametrize(
    "text",
    [
        "", "Plan", "Plan(1)", "Plan(Nothing())", "Other()", "Plan(LostReply())", "Plan(x=1)",
        "Plan(LostReply(open('x')))", "Plan(LostReply('authenticate', depth=1))", "__import__('os')",
    ],
)  # fmt: skip
def test_what_is_no_plan_is_refused_without_being_run(text):
    with pytest.raises(UsageError, match="plan: expected text such as"):
        Plan.parse(text)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: LostReply("nothing"), r"LostReply\.call: expected one of serverVersion"),
        (lambda: LostReply("ProcessRequest"), r"LostReply\.call"),
        (lambda: LostReply("authenticate", nth=0), r"LostReply\.nth: expected 1 or more, got 0"),
        (lambda: LostReply("authenticate", session="1"), r"LostReply\.session"),
        (lambda: QuickBooksDies(after=-1), r"QuickBooksDies\.after: expected 0 or more"),
        (
            lambda: HostKilled("authenticate", when="during"),
            r"HostKilled\.when: expected one of before, after",
        ),
        (lambda: Plan.parse("Plan(LostReply('x'))"), r"LostReply\.call"),
    ],
)
def test_a_fault_that_cannot_be_is_refused(make, message):
    with pytest.raises(UsageError, match=message):
        make()


# -- every (call x fault)


def test_all_plans_name_every_call_with_every_fault():
    plans = [plan.faults[0] for plan in all_plans(baseline())]
    kinds = Counter(type(fault).__name__ for fault in plans)

    assert len(set(plans)) == len(plans)
    assert set(kinds) == set(faults.KINDS)
    for kind in ("CutBefore", "CutInCall", "CutInReply", "CutAfter", "LostReply", "LateReply"):
        assert [fault.call for fault in plans if type(fault).__name__ == kind] == CALLS
    assert [fault.after for fault in plans if isinstance(fault, QuickBooksDies)] == [0, 1, 2]
    assert {fault.call for fault in plans} == {*CALLS, "BeginSession", "HostQuery", "ProcessRequest"}


def test_a_session_without_work_has_faults_on_the_wire_only():
    idle = connect(Host(authenticate=[["t", "none"]]), Company()).run_session()
    plans = [plan.faults[0] for plan in all_plans(idle)]

    assert {fault.call for fault in plans} == set(CALLS[:3])


def test_all_plans_of_several_sessions_name_the_session_and_the_repeated_call():
    host = Host(sendRequestXML=[TWO, ADD, ADD], receiveResponseXML=[50, 100, 100])
    run = connect(host, Company()).run(until_idle=False, max_sessions=2)
    lost = [plan.faults[0] for plan in all_plans(run, kinds=[LostReply])]

    assert LostReply("sendRequestXML", nth=2) in lost
    assert LostReply("sendRequestXML", session=2) in lost
    assert len(lost) == 8 + 6


@pytest.mark.parametrize("plan", list(all_plans(baseline())), ids=repr)
def test_every_plan_is_carried_out_and_the_session_ends(company, plan):
    """No fault is passed over, and none leaves the session hanging or raises."""
    connector = connect(Host(sendRequestXML=[TWO]), company, plan=plan)
    report = connector.run_session()

    assert report.faults == plan.faults
    assert connector.left == Plan()
    assert report.end in set(End)


def test_faults_whose_moment_does_not_come_are_told(company):
    plan = Plan(LostReply("getLastError"), LostReply("authenticate", session=2))
    connector = connect(Host(), company, plan=plan)
    report = connector.run_session()

    assert (report.faults, report.end) == ((), End.COMPLETED)
    assert connector.left == plan


def test_a_plan_runs_the_same_way_every_time():
    plan = Plan(QuickBooksDies(after=1), LateReply("authenticate", session=2))
    runs = [
        connect(Host(sendRequestXML=[TWO]), Company(), plan=plan).run(max_sessions=3, until_idle=False)
        for _ in range(2)
    ]

    assert runs[0] == runs[1]


# -- on the wire


@pytest.mark.parametrize(
    ("kind", "served"), [(CutBefore, False), (CutInReply, True), (CutAfter, True), (LostReply, True)]
)
def test_what_the_host_sees_of_a_cut_call(company, kind, served):
    host = Host()
    report = connect(host, company, plan=Plan(kind("receiveResponseXML"))).run_session()

    assert ("receiveResponseXML" in host.names()) is served
    assert report.code == (1044 if kind is CutAfter else 1042)
    assert report.end is End.FAILED
    assert names(company) == ["Ann Lee"]


@pytest.mark.parametrize("kind", [CutBefore, CutInReply])
def test_a_cut_network_stays_cut_for_the_session_and_works_in_the_next(company, kind):
    host = Host()
    connector = connect(host, company, plan=Plan(kind("sendRequestXML")), closes_after_failure=True)
    first, second = connector.run_session(), connector.run_session()

    assert first.calls[-1] == "closeConnection"
    assert host.names().count("closeConnection") == 1
    assert (first.end, first.code) == (End.FAILED, 1041)
    assert second.end is End.COMPLETED


def test_after_a_lost_reply_the_network_works_again(company):
    host = Host()
    connect(host, company, plan=Plan(LostReply("sendRequestXML")), closes_after_failure=True).run_session()

    assert host.names()[-1] == "closeConnection"


def test_half_a_call_reaches_the_host(company):
    host = Host()
    report = connect(host, company, plan=Plan(CutInCall("sendRequestXML"))).run_session()
    (half,) = host.halves

    assert b"<sendRequestXML" in half
    assert not half.endswith(b"</soap:Envelope>")
    assert (report.end, report.code) == (End.FAILED, 1041)


def test_a_late_reply_is_a_time_out_after_100_simulated_seconds(company):
    host = Host()
    connector = connect(host, company, plan=Plan(LateReply("sendRequestXML", seconds=101)))
    report = connector.run_session()

    assert host.names()[-1] == "sendRequestXML"
    assert (report.end, report.code) == (End.FAILED, 1041)
    assert "timed out" in report.status
    assert (report.ended - report.began).total_seconds() == pytest.approx(101)


def test_a_reply_within_the_time_is_taken(company):
    plan = Plan(LateReply("sendRequestXML", seconds=99))

    assert connect(Host(), company, plan=plan).run_session().end is End.COMPLETED


def test_a_host_that_lets_simulated_time_pass_times_out(company):
    inner = Host()

    def slow(*parts):
        company.wait(100.5)
        return inner(*parts)

    report = connect(slow, company).run_session()

    assert (report.end, report.code, report.calls) == (End.FAILED, 1036, ("serverVersion", "clientVersion"))


def test_a_late_call_arrives_in_the_next_session(company):
    """The client times out, the host sees nothing; the call comes before the next session's request."""
    host = Host(authenticate=[["t1", ""], ["t2", ""]])
    connector = connect(host, company, plan=Plan(LateCall("receiveResponseXML")))
    report = connector.run_session()

    assert (report.end, report.code) == (End.FAILED, 1042)
    assert "receiveResponseXML" not in host.names()
    connector.run_session()
    later = host.calls[-4:]
    assert [(name, values["ticket"]) for name, values in later] == [
        ("receiveResponseXML", "t1"), ("sendRequestXML", "t2"), ("receiveResponseXML", "t2"),
        ("closeConnection", "t2"),
    ]  # fmt: skip


@pytest.mark.parametrize(("takes", "shown"), [(1, 100), (2, -1)])
def test_a_doubled_call_is_served_twice_and_one_reply_is_read(company, takes, shown):
    host = Host(receiveResponseXML=[100, -1])
    report = connect(host, company, plan=Plan(DoubledCall("receiveResponseXML", takes=takes))).run_session()

    assert host.names().count("receiveResponseXML") == 2
    assert report.progress == (shown,)
    assert host.values("receiveResponseXML") == host.values("receiveResponseXML", 1)


def test_an_echoed_call_is_served_and_comes_again_later(company):
    """In the same session before the next such call, or in the next session."""
    host = Host(sendRequestXML=[ADD, ADD], receiveResponseXML=[50, 100])
    plan = Plan(EchoedCall("receiveResponseXML"), EchoedCall("closeConnection", before="authenticate"))
    run = connect(host, company, plan=plan).run(until_idle=False, max_sessions=2)

    assert [one.end for one in run.sessions] == [End.COMPLETED] * 2
    assert host.names()[3:8] == [
        "sendRequestXML", "receiveResponseXML", "receiveResponseXML", "sendRequestXML", "receiveResponseXML",
    ]  # fmt: skip
    assert host.values("receiveResponseXML") == host.values("receiveResponseXML", 1)
    assert host.names()[9:13] == ["serverVersion", "clientVersion", "closeConnection", "authenticate"]


def test_an_error_page_in_place_of_a_reply(company):
    host = Host()
    report = connect(host, company, plan=Plan(GarbledReply("authenticate"))).run_session()

    assert host.names()[-1] == "authenticate"
    assert report.status == "authenticate: The request failed with HTTP status 502."


def test_a_late_call_may_meet_a_host_that_is_gone(company):
    """Nobody hears its reply, so nobody hears that there is none."""
    host = Host(authenticate=[["t1", ""], ["t2", ""]], receiveResponseXML=[ConnectionResetError(), 100])
    plan = Plan(LateCall("receiveResponseXML", before="authenticate"))
    run = connect(host, company, plan=plan).run(until_idle=False, max_sessions=2)

    assert run.sessions[1].end is End.COMPLETED
    assert run.faults == plan.faults
    assert host.names().index("receiveResponseXML") < host.names().index("authenticate", 4)


def test_half_a_call_may_meet_a_connection_that_breaks(company):
    def host(body: bytes, content_type: str, soap_action: str):
        if not body.endswith(b"Envelope>"):
            raise ConnectionResetError
        return Host()(body, content_type, soap_action)

    report = connect(host, company, plan=Plan(CutInCall("sendRequestXML"))).run_session()

    assert (report.end, report.code) == (End.FAILED, 1041)


# -- programs that die


@pytest.mark.parametrize(("when", "served"), [("before", 0), ("during", 1), ("after", 1)])
@pytest.mark.parametrize("call", CALLS)
def test_a_killed_web_connector_says_nothing_more(company, when, served, call):
    host = Host()
    plan = Plan(WebConnectorKilled(call, when=when))
    report = connect(host, company, plan=plan, closes_after_failure=True).run_session()

    assert report.end is End.KILLED
    assert host.names() == CALLS[: CALLS.index(call) + served]


@pytest.mark.parametrize(("when", "done"), [("before", []), ("during", ["Ann Lee"]), ("after", ["Ann Lee"])])
def test_a_web_connector_killed_while_quickbooks_works(company, when, done):
    host = Host()
    plan = Plan(WebConnectorKilled("ProcessRequest", when=when))
    report = connect(host, company, plan=plan).run_session()

    assert (report.end, names(company)) == (End.KILLED, done)
    assert "receiveResponseXML" not in host.names()


@pytest.mark.parametrize(("when", "served"), [("before", 0), ("after", 1)])
def test_a_killed_host_is_started_again_as_another_endpoint(company, when, served):
    old, new = Host(), Host()
    plan = Plan(HostKilled("sendRequestXML", when=when))
    connector = connect(old, company, plan=plan, on_host_killed=lambda: new)
    first, second = connector.run_session(), connector.run_session()

    assert (first.end, first.code) == (End.FAILED, 1041)
    assert old.names().count("sendRequestXML") == served
    assert second.end is End.COMPLETED
    assert len(new.calls) == 6


def test_a_host_killed_while_quickbooks_works_serves_the_next_call_after_its_start(company):
    old, new = Host(), Host()
    for when in ("before", "after"):
        plan = Plan(HostKilled("ProcessRequest", when=when))
        report = connect(old, company, plan=plan, on_host_killed=lambda: new).run_session()

        assert report.end is End.COMPLETED
    assert new.names() == ["receiveResponseXML", "closeConnection"] * 2


@pytest.mark.parametrize("plan", [Plan(), Plan(CutInCall("authenticate"))])
def test_an_endpoint_that_dies_by_itself_is_a_broken_connection(company, plan):
    """An endpoint that plays a killed host raises ``HostDiedError`` wherever it likes."""
    restarts = []

    def dying(body: bytes, content_type: str, soap_action: str):
        if "authenticate" in soap_action:
            raise HostDiedError
        return Host()(body, content_type, soap_action)

    connector = connect(dying, company, plan=plan, on_host_killed=lambda: restarts.append(1))
    report = connector.run_session()

    assert (report.end, report.code, restarts) == (End.FAILED, 1012, [1])


# -- QuickBooks


@pytest.mark.parametrize(("after", "done"), [(0, []), (1, ["Ann Lee"]), (2, ["Ann Lee", "Bob"])])
def test_quickbooks_dies_after_some_requests_and_stays_away(company, after, done):
    host = Host(sendRequestXML=[TWO], receiveResponseXML=[10, -1])
    report = connect(host, company, plan=Plan(QuickBooksDies(after=after))).run_session()
    told = [host.values("receiveResponseXML", place) for place in (0, 1)]

    assert names(company) == done
    assert [(one["response"], one["hresult"]) for one in told] == [("", "0x800706BE"), ("", "0x8004040D")]
    assert (report.sets, report.requests) == ((after, 0), after)
    assert company.dies_after is None


def test_quickbooks_is_there_again_in_the_next_session(company):
    host = Host(sendRequestXML=[TWO], receiveResponseXML=[-1, 100])
    connector = connect(host, company, plan=Plan(QuickBooksDies(after=0)))
    connector.run_session()

    assert connector.run_session().end is End.COMPLETED
    assert names(company) == ["Ann Lee", "Bob"]


@pytest.mark.parametrize(
    ("fault", "hresult", "message", "done"),
    [
        (ModalDialog(), "0x80040414", "A modal dialog box is open in QuickBooks.", 0),
        (HResult(hresult="0x8004040E", message="No memory."), "0x8004040E", "No memory.", 0),
        (HResult(hresult="", message="text alone", executed=True), "", "text alone", 1),
        (HResult(hresult="", message=""), "", "", 0),
        (HResult(hresult="-2147220456"), "-2147220456", "Unexpected error.", 0),
    ],
    ids=repr,
)
def test_an_hresult_in_place_of_a_response(company, fault, hresult, message, done):
    host = Host()
    report = connect(host, company, plan=Plan(fault)).run_session()
    told = host.values("receiveResponseXML")

    assert (told["response"], told["hresult"], told["message"]) == ("", hresult, message)
    assert len(company.customers) == done
    assert not report.fine


def test_a_dialog_at_opening_is_told_to_the_host(company):
    host = Host()
    report = connect(host, company, plan=Plan(ModalDialog(call="BeginSession"))).run_session()

    assert host.values("connectionError")["hresult"] == "0x80040414"
    assert (report.end, report.code) == (End.ERROR, 1013)


def test_a_failing_host_query_ends_the_session_with_its_code(company):
    host = Host()
    report = connect(host, company, plan=Plan(ModalDialog(call="HostQuery"))).run_session()

    assert (report.end, report.code) == (End.FAILED, 1014)
    assert host.names()[-1] == "authenticate"


def test_quickbooks_may_take_long_without_a_time_out(company):
    report = connect(Host(), company, plan=Plan(SlowQuickBooks(seconds=900))).run_session()

    assert report.end is End.COMPLETED
    assert company.simulated_seconds >= 900


def test_another_company_file_is_open(company):
    """The host sees it in the first call; what it sends all the same goes into the other books."""
    host = Host()
    report = connect(host, company, plan=Plan(WrongCompany())).run_session()
    first = host.values("sendRequestXML")

    assert "Another" in first["strCompanyFileName"]
    assert company.file_id not in first["strHCPResponse"]
    assert (report.end, report.requests) == (End.COMPLETED, 1)
    assert company.customers == []
    assert (company.now - report.began).total_seconds() > 1


def test_a_host_that_names_its_file_is_told_that_another_is_open(company):
    host = Host(authenticate=[["t1", company.file]])
    report = connect(host, company, plan=Plan(WrongCompany())).run_session()

    assert host.values("connectionError")["hresult"] == "0x8004040A"
    assert report.end is End.ERROR
