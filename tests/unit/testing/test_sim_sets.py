"""Message sets: order, stopping, what recovery remembers, what work costs."""

# A request is easier to read on one line than in pieces.
# ruff: noqa: E501

from __future__ import annotations

import pytest

from qbsync.testing import Company

BOB = '<CustomerAddRq requestID="1"><CustomerAdd><Name>Bob</Name></CustomerAdd></CustomerAddRq>'
EVE = BOB.replace("Bob", "Eve").replace('"1"', '"2"')
NEW = {"newMessageSetID": "n1"}
ASK = {"newMessageSetID": "n1", "oldMessageSetID": "n1"}


def codes(answers) -> list[str]:
    return [rs.get("statusCode") for rs in answers]


def names(books) -> list[str]:
    return [customer.full_name for customer in books.company.customers]


def test_requests_run_in_order_and_see_what_earlier_ones_did(empty):
    job = "<CustomerAddRq><CustomerAdd><Name>Job</Name><ParentRef><FullName>Bob</FullName></ParentRef></CustomerAdd></CustomerAddRq>"

    assert codes(empty.ask(BOB + job)) == ["0", "0"]
    assert codes(empty.ask(job.replace("Bob", "Eve") + EVE)) == ["3130", "0"]


def test_answers_carry_request_ids_and_names(empty):
    answers = empty.ask(BOB + "<HostQueryRq/>")

    assert [(rs.tag, rs.get("requestID")) for rs in answers] == [
        ("CustomerAddRs", "1"),
        ("HostQueryRs", None),
    ]


def test_stop_on_error_does_not_run_the_rest_but_keeps_what_was_done(empty):
    answers = empty.ask(BOB + BOB + EVE, on_error="stopOnError")

    assert codes(answers) == ["0", "3100", "3231"]
    assert answers[2].get("statusSeverity") == "Error"
    assert names(empty) == ["Bob"]
    assert empty.company.requests == 2


def test_warnings_and_not_found_do_not_stop(empty):
    nobody = "<CustomerQueryRq><FullName>Nobody</FullName></CustomerQueryRq>"

    assert codes(empty.ask(nobody + "<InvoiceQueryRq/>" + BOB, on_error="stopOnError")) == ["500", "1", "0"]


def test_continue_on_error_runs_the_rest(empty):
    assert codes(empty.ask(BOB + BOB + EVE)) == ["0", "3100", "0"]


def test_an_empty_set_is_answered_with_an_empty_set(empty):
    assert empty.ask("") == []
    assert empty.head == {}


# -- recovery, row by row of the table


def test_without_ids_nothing_is_remembered(empty):
    empty.ask(BOB)

    assert empty.head == {}


def test_a_new_id_runs_and_a_repeated_one_returns_what_is_remembered(empty):
    empty.ask(BOB, **NEW)
    again = empty.one(BOB, **NEW)

    assert empty.head == {"newMessageSetID": "n1", "messageSetStatusCode": "0"}
    assert again.get("statusCode") == "0"
    assert [child.tag for child in again] == ["ErrorRecovery"]
    assert again.findtext("ErrorRecovery/ListID") == empty.company.customers[0].list_id
    assert names(empty) == ["Bob"]


def test_a_used_id_with_another_body_is_9001_and_runs_nothing(empty):
    empty.ask(BOB, **NEW)

    for other in (EVE, BOB + " ", f"\n{BOB}"):
        assert empty.ask(other, **NEW) == []
        assert empty.head["messageSetStatusCode"] == "9001"
    assert names(empty) == ["Bob"]


def test_asking_returns_statuses_and_ids_or_9002(books):
    books.ask(BOB + BOB + books.form("Invoice", books.line("Invoice")), **NEW)
    first, second, third = books.ask("", **ASK)

    assert codes((first, second, third)) == ["0", "3100", "0"]
    assert [rs.get("requestID") for rs in (first, second, third)] == ["1", "1", None]
    assert [child.tag for child in third[0]] == ["TxnID", "TxnNumber", "EditSequence"]
    assert len(second) == 0
    books.ask("", newMessageSetID="n2", oldMessageSetID="n2")
    assert books.head["messageSetStatusCode"] == "9002"


def test_asking_with_a_body_runs_nothing(empty):
    empty.ask(BOB, **ASK)

    assert empty.head["messageSetStatusCode"] == "9002"
    assert names(empty) == []


def test_an_old_id_alone_returns_and_clears(empty):
    empty.ask(BOB, **NEW)

    assert codes(empty.ask("", oldMessageSetID="n1")) == ["0"]
    assert empty.head == {"messageSetStatusCode": "0"}
    assert empty.ask("", oldMessageSetID="n1") == []
    assert empty.head == {"messageSetStatusCode": "600"}
    empty.ask("", **ASK)
    assert empty.head["messageSetStatusCode"] == "9002"


def test_an_old_id_alone_beside_queries_clears_and_runs_them(empty):
    empty.ask(BOB, **NEW)

    assert [rs.tag for rs in empty.ask("<HostQueryRq/>", oldMessageSetID="n1")] == ["HostQueryRs"]
    assert empty.ask("", **ASK) == []


def test_another_old_id_is_cleared_and_the_new_set_runs(empty):
    empty.ask(BOB, **NEW)
    empty.ask(EVE, newMessageSetID="n2", oldMessageSetID="n1")

    assert names(empty) == ["Bob", "Eve"]
    assert empty.ask("", **ASK) == []
    assert codes(empty.ask("", newMessageSetID="n2", oldMessageSetID="n2")) == ["0"]


def test_everything_of_an_application_can_be_cleared(empty):
    empty.ask(BOB, **NEW)
    empty.ask(EVE, newMessageSetID="n2")
    empty.ask("", oldMessageSetID="ClearAllMessageSets")

    assert empty.head == {"messageSetStatusCode": "0"}
    assert empty.ask("", **ASK) == []
    assert empty.head["messageSetStatusCode"] == "9002"


@pytest.mark.parametrize("attribute", ["newMessageSetID", "oldMessageSetID"])
@pytest.mark.parametrize("value", ["x" * 24, ""])
def test_an_id_that_is_empty_or_over_23_characters_is_9004_and_runs_nothing(empty, attribute, value):
    empty.ask(BOB, **{attribute: value})

    assert empty.head["messageSetStatusCode"] == "9004"
    assert names(empty) == []


def test_outcomes_are_kept_by_application(empty):
    empty.company.begin_session("one")
    empty.ask(BOB, **NEW)
    empty.company.end_session()
    empty.company.begin_session("two")

    assert empty.ask("", **ASK) == []
    empty.company.begin_session("one")
    assert codes(empty.ask("", **ASK)) == ["0"]


def test_switched_off_the_attributes_are_ignored(make):
    books = make(recovery="off")
    books.ask(BOB, **NEW)

    assert books.head == {}
    assert codes(books.ask(BOB, **NEW)) == ["3100"]
    assert books.ask("", **ASK) == []
    assert books.head == {}


def test_a_forgetful_one_remembers_nothing(make):
    books = make(recovery="forgetful")
    books.ask(BOB, **NEW)

    assert books.head["messageSetStatusCode"] == "0"
    books.ask("", **ASK)
    assert books.head["messageSetStatusCode"] == "9002"
    assert codes(books.ask(BOB, **NEW)) == ["3100"]


def test_ids_of_remembered_sets_came_with_version_11(empty):
    empty.ask(BOB, **NEW)

    assert len(empty.one("", version="10.0", **ASK)) == 0
    assert len(empty.one("", version="11.0", **ASK)) == 1


# -- cost


def test_what_work_costs_in_simulated_seconds():
    """1 s a round trip, 0.1 s a write, 0.02 s a query and 0.001 s a key; what is not run costs nothing."""
    company = Company()
    head = '<?xml version="1.0"?><?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="stopOnError">'
    keys = "<CustomerQueryRq><FullName>a</FullName><FullName>b</FullName></CustomerQueryRq>"
    company.process(f"{head}{BOB}{keys}<HostQueryRq/>{BOB}{EVE}</QBXMLMsgsRq></QBXML>")

    assert company.simulated_seconds == pytest.approx(1 + 0.1 + 0.022 + 0.02 + 0.1)
    assert company.requests == 4
