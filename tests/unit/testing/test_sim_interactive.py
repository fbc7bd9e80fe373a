"""Interactive mode of the simulated Web Connector, with each of its unsettled answers."""

from __future__ import annotations

import pytest
from sim_host import ADD, Host, connect

from qbsync.testing import Company, End

START = {"sendRequestXML": ["", ADD], "getLastError": ["Interactive mode"]}


@pytest.fixture
def company() -> Company:
    return Company()


def host(**answers) -> Host:
    return Host(**START, getInteractiveURL=["https://shop.example/review?t=t1"], **answers)


def test_the_user_is_shown_the_page_and_the_host_polled_until_it_says_continue(company):
    opened = []
    one = host(interactiveDone=["", "", "CONTINUE"])
    report = connect(one, company, user="accepts", on_interactive=opened.append).run_session()

    assert opened == ["https://shop.example/review?t=t1"]
    assert one.names()[3:] == [
        "sendRequestXML", "getLastError", "getInteractiveURL", "interactiveDone", "interactiveDone",
        "interactiveDone", "sendRequestXML", "receiveResponseXML", "closeConnection",
    ]  # fmt: skip
    assert one.values("getInteractiveURL")["wcTicket"] == "t1"
    assert one.values("getInteractiveURL")["sessionID"]
    assert one.values("interactiveDone") == {"wcTicket": "t1"}
    assert report.end is End.COMPLETED
    assert company.simulated_seconds >= 180


@pytest.mark.parametrize("word", ["DONE", "Done"])
def test_done_ends_the_session(company, word):
    one = host(interactiveDone=[word])
    report = connect(one, company, user="accepts").run_session()

    assert one.names()[-2:] == ["interactiveDone", "closeConnection"]
    assert (report.end, report.status) == (End.COMPLETED, "OK")


def test_the_name_of_the_poll_is_a_switch(company):
    one = host(isInteractiveDone=["DONE"])
    connect(one, company, user="accepts", interactive_poll="isInteractiveDone").run_session()

    assert "isInteractiveDone" in one.names()


@pytest.mark.parametrize(("means", "polls"), [("waits", 2), ("ends", 1)])
def test_an_empty_answer_waits_or_ends(company, means, polls):
    one = host(interactiveDone=["", "DONE"])
    report = connect(one, company, user="accepts", interactive_empty=means).run_session()

    assert one.names().count("interactiveDone") == polls
    assert report.end is End.COMPLETED


def test_continue_may_be_no_word_of_the_poll(company):
    one = host(interactiveDone=["CONTINUE"])
    report = connect(one, company, user="accepts", interactive_continue=False).run_session()

    assert (report.end, report.status) == (End.ERROR, "CONTINUE")


def test_another_answer_is_shown_as_an_error(company):
    one = host(interactiveDone=["the page is gone"])
    report = connect(one, company, user="accepts").run_session()

    assert (report.end, report.status) == (End.ERROR, "the page is gone")
    assert one.names()[-1] == "closeConnection"


def test_polls_come_to_an_end(company):
    one = host(interactiveDone=[""])
    report = connect(one, company, user="accepts").run_session()

    assert one.names().count("interactiveDone") == 120
    assert report.status == "interactive mode was not done after 120 polls"


@pytest.mark.parametrize(
    ("user", "reason"), [("absent", "Nobody is at the computer."), ("refuses", "The user refused")]
)
def test_a_refusal_is_told_with_its_reason(company, user, reason):
    one = host()
    report = connect(one, company, user=user).run_session()

    assert one.values("interactiveRejected")["wcTicket"] == "t1"
    assert one.values("interactiveRejected")["reason"].startswith(reason)
    assert one.names()[-1] == "closeConnection"
    assert report.end is End.ERROR


@pytest.mark.parametrize(
    ("answer", "end", "status"),
    [
        ("CONTINUE", End.COMPLETED, "OK"),
        ("DONE", End.COMPLETED, "OK"),
        ("later", End.ERROR, "later"),
        ("", End.ERROR, "Interactive mode was refused: Nobody is at the computer."),
    ],
)
def test_the_answer_to_a_refusal_may_be_obeyed(company, answer, end, status):
    one = host(interactiveRejected=[answer])
    report = connect(one, company, obeys_rejected_reply=True).run_session()

    assert (report.end, report.status) == (end, status)
    assert ("receiveResponseXML" in one.names()) is (answer == "CONTINUE")


def test_a_failing_call_of_interactive_mode_has_no_code(company):
    one = host(interactiveDone=[(500, "text/html", b"")])
    report = connect(one, company, user="accepts").run_session()

    assert (report.end, report.code) == (End.FAILED, None)
