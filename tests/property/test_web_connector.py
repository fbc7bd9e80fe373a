"""Whatever a host answers and whatever goes wrong, a session ends, in a sequence that the program makes."""

from __future__ import annotations

import random
import re

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from qbsync.testing import Company, End, Plan, WebConnector, all_plans
from qbsync.testing.faults import KINDS

NAMESPACE = "http://developer.intuit.com/"
ADD = (
    '<?xml version="1.0"?><?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="continueOnError">'
    "<CustomerAddRq><CustomerAdd><Name>Ann Lee</Name></CustomerAdd></CustomerAddRq>"
    "<CustomerAddRq><CustomerAdd><Name>Bob</Name></CustomerAdd></CustomerAddRq></QBXMLMsgsRq></QBXML>"
)
LETTERS = {
    "serverVersion": "s",
    "clientVersion": "v",
    "authenticate": "a",
    "getServerVersion": "w",
    "connectionError": "e",
    "sendRequestXML": "q",
    "receiveResponseXML": "r",
    "getLastError": "g",
    "getInteractiveURL": "i",
    "interactiveDone": "p",
    "isInteractiveDone": "p",
    "interactiveRejected": "j",
    "closeConnection": "x",
}
#: Introduction, login, opening, the loop with its pauses and interactive mode, closing; any may be the last.
GRAMMAR = re.compile(r"s(v(aw?e*g?(q(rg?|g(ip*|j)?)?)*x?)?)?")

WORDS = ["NoOp", "NoOp", "Interactive mode", "Interactive mode", "", "text", "W:careful", "O:9.9.9.9"]
LOGINS = [
    *[["t", ""]] * 12, ["t", "none"], ["t", "nvu"], ["t", "busy"], ["t", "C:\\Other.QBW"],
    ["t", "C:\\Data\\Shop.QBW"], ["t"], ["t", "", "60"], ["t", "none", "", "60"], ["t", "", "soon", "0", "x"],
]  # fmt: skip
ANSWERS: dict[str, list[str] | list[list[str]]] = {
    "serverVersion": WORDS,
    "clientVersion": [*[""] * 12, "W:careful", "E:old", "O:2.0.0.0", "O:9.9.9.9", "hello"],
    "authenticate": LOGINS,
    "sendRequestXML": [ADD, ADD, ADD, "", "", "<x/>", "NoOp"],
    "receiveResponseXML": ["0", "50", "0", "50", "99", "100", "-1", "101", "", "100.0"],
    "getLastError": WORDS,
    "connectionError": ["", "done", "DONE", "C:\\Data\\Shop.QBW"],
    "closeConnection": WORDS,
    "getInteractiveURL": ["http://localhost/"],
    "interactiveDone": ["", "", "DONE", "CONTINUE", "text"],
    "interactiveRejected": ["", "DONE", "CONTINUE", "text"],
    "getServerVersion": WORDS,
}
#: What the client does not take; it comes once in so many calls.
BROKEN = [
    (500, "text/html", b"<html/>"),
    (200, "text/xml", b""),
    (200, "text/xml", b"<a"),
    (302, "text/html", b"x"),
]
ONE_IN = 25
SWITCHES = st.fixed_dictionaries(
    {},
    optional={
        "closes_after_refusal": st.booleans(),
        "closes_after_failure": st.booleans(),
        "user": st.sampled_from(["absent", "refuses", "accepts"]),
        "interactive_empty": st.sampled_from(["waits", "ends"]),
        "progress_over_100": st.sampled_from(["fails", "ends", "goes on"]),
        "noop_as_request": st.sampled_from(["request", "pause"]),
        "asks_last_error_after_done": st.booleans(),
        "obeys_rejected_reply": st.booleans(),
        "calls_get_server_version": st.booleans(),
        "continues_after_client_version_fault": st.booleans(),
        "cancels_on_warning": st.booleans(),
        "auto_run": st.booleans(),
    },
)


#: What ends a session in order.
LAST = {
    "sendRequestXML": "",
    "receiveResponseXML": "100",
    "getLastError": "enough",
    "interactiveDone": "DONE",
}


class Host:
    """Answers at random, up to a length; then it ends every session in order."""

    def __init__(self, seed: int, most: int = 25) -> None:
        self.random = random.Random(seed)
        self.left = most
        self.calls: list[str] = []

    def __call__(self, body: bytes, _content_type: str, _soap_action: str) -> tuple[int, str, bytes]:
        call = etree.QName(etree.fromstring(body)[0][0]).localname
        self.calls.append(call)
        self.left -= 1
        if self.left < 0:
            answer = LAST.get(call, ["t", "none"] if call == "authenticate" else "done")
        else:
            answer = self.random.choice(ANSWERS[call] if self.random.randrange(ONE_IN) else BROKEN)
        return answer if isinstance(answer, tuple) else (200, "text/xml", reply(call, answer))


def reply(call: str, answer: str | list[str]) -> bytes:
    root = etree.Element("{http://schemas.xmlsoap.org/soap/envelope/}Envelope")
    body = etree.SubElement(root, "{http://schemas.xmlsoap.org/soap/envelope/}Body")
    result = etree.SubElement(
        etree.SubElement(body, f"{{{NAMESPACE}}}{call}Response"), f"{{{NAMESPACE}}}{call}Result"
    )
    if isinstance(answer, str):
        result.text = answer
    else:
        for one in answer:
            etree.SubElement(result, f"{{{NAMESPACE}}}string").text = one
    return etree.tostring(root)


def word(calls: tuple[str, ...] | list[str]) -> str:
    return "".join(LETTERS[call] for call in calls)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32), SWITCHES)
def test_a_session_ends_in_a_sequence_that_the_program_can_make(seed, switches):
    """The answers follow from the seed: drawn one by one they would mostly be the same."""
    company, host = Company(), Host(seed)
    report = WebConnector(host, company=company, user_name="u", password="p", **switches).run_session()

    assert GRAMMAR.fullmatch(word(report.calls)), word(report.calls)
    assert word(report.calls) == word(host.calls)
    assert report.round_trips == len(report.sets)
    assert report.requests == sum(report.sets) == company.requests
    assert company.locked_by == ""
    shown = [error for error in report.errors if not error.startswith("logged only: ")]
    calm_ends = {End.COMPLETED, End.NO_WORK, End.BUSY, End.POSTPONED}
    assert report.fine is (not shown and report.end in calm_ends)


def calm(body: bytes, _content_type: str, _soap_action: str) -> tuple[int, str, bytes]:
    try:
        call = etree.QName(etree.fromstring(body)[0][0]).localname
    except etree.XMLSyntaxError:
        return 400, "text/html", b"half"
    answers = {"authenticate": ["t", ""], "sendRequestXML": ADD, "receiveResponseXML": "100"}
    return 200, "text/xml", reply(call, answers.get(call, ""))


BASELINE = WebConnector(calm, company=Company(), user_name="u", password="p").run(
    until_idle=False, max_sessions=2
)
PLANS = [plan.faults[0] for plan in all_plans(BASELINE)]


@settings(deadline=None)
@given(st.lists(st.sampled_from(PLANS), max_size=4, unique=True), st.booleans())
def test_any_faults_together_end_every_session_and_run_the_same_way_again(faults, stays):
    plan = Plan(*faults)
    runs = [
        WebConnector(
            calm, company=Company(), user_name="u", password="p", plan=plan, locks_stay_after_kill=stays
        ).run(until_idle=False, max_sessions=3)
        for _ in range(2)
    ]

    assert runs[0] == runs[1]
    assert set(runs[0].faults) <= set(plan.faults)
    assert len(runs[0].faults) == len(set(runs[0].faults))
    assert runs[0].sessions[2].fine
    assert Plan.parse(repr(plan)) == plan


def test_every_kind_of_fault_is_drawn():
    assert {type(fault).__name__ for fault in PLANS} == set(KINDS)
