"""Stories of hosts that went wrong, told again: the simulator shows the symptom."""

from __future__ import annotations

import re

import pytest
from sim_host import ADD, Host, connect

from qbsync.testing import BooksView, Company, End

HEAD = '<?xml version="1.0"?><?qbxml version="13.0"?>'
SWAPPED = "<CustomerAddRq><CustomerAdd><Phone>1</Phone><Name>A</Name></CustomerAdd></CustomerAddRq>"


@pytest.fixture
def company() -> Company:
    return Company()


def document(*requests: str, on_error: str = "stopOnError", head: str = HEAD) -> str:
    return f'{head}<QBXML><QBXMLMsgsRq onError="{on_error}">{"".join(requests)}</QBXMLMsgsRq></QBXML>'


def customer(name: str) -> str:
    return f"<CustomerAddRq><CustomerAdd><Name>{name}</Name></CustomerAdd></CustomerAddRq>"


def answers(company: Company, *documents: str, **options) -> list[dict[str, str]]:
    """Send each document in one session and return what the host was told of each."""
    progress = [50] * (len(documents) - 1) + [100]
    host = Host(sendRequestXML=list(documents), receiveResponseXML=progress)
    connect(host, company, **options).run_session()
    return [values for call, values in host.calls if call == "receiveResponseXML"]


def codes(answer: dict[str, str]) -> list[str]:
    return re.findall(r'statusCode="(\d+)"', answer["response"])


def test_a_bad_request_at_the_head_keeps_the_others_from_being_run(company):
    bad = "<CustomerAddRq><CustomerAdd><Name>A</Name><ParentRef><FullName>No</FullName></ParentRef>"
    bad += "</CustomerAdd></CustomerAddRq>"
    (answer,) = answers(company, document(bad, customer("B"), customer("C")))

    assert codes(answer)[1:] == ["3231", "3231"]
    assert company.customers == []


@pytest.mark.parametrize(
    ("text", "hresult"),
    [
        (document(SWAPPED), "400"),
        (document("<CompanyQueryRq> </CompanyQueryRq>"), "400"),
        (document(customer("A"), head='<?xml version="1.0"?>'), "400"),
        (document(customer("A"), head='<?xml version="1.0"?><?qbxml version="99.0"?>'), "400"),
        ("<soap:Envelope/>", "400"),
        (" " + document(customer("A")), "400"),
    ],
    ids=["order", "blank", "instruction", "version", "envelope", "leading blank"],
)  # fmt: skip
def test_a_document_that_looks_fine_is_refused_as_a_whole(company, text, hresult):
    """Nothing runs, and no field is named."""
    (answer,) = answers(company, text)

    assert answer["hresult"] == f"0x80040{hresult}"
    assert "Name" not in answer["message"]
    assert (answer["response"], company.customers) == ("", [])


def test_what_is_not_found_comes_as_a_normal_response(company):
    query = "<CustomerQueryRq><FullName>No</FullName></CustomerQueryRq>"
    (answer,) = answers(company, document(query, on_error="continueOnError"))

    assert (answer["hresult"], answer["message"]) == ("", "")
    assert codes(answer)[0] in {"1", "500"}
    assert 'statusSeverity="Error"' not in answer["response"]


def test_an_iterator_does_not_outlive_its_session(company):
    for name in "ABC":
        BooksView(company).add_customer(name)
    start = '<CustomerQueryRq iterator="Start"><MaxReturned>1</MaxReturned></CustomerQueryRq>'
    (first,) = answers(company, document(start))
    found = re.search(r'iteratorID="([^"]+)"', first["response"])
    go_on = start.replace('"Start"', f'"Continue" iteratorID="{found[1]}"')
    (second,) = answers(company, document(go_on))

    assert (codes(first), codes(second)) == (["0"], ["3391"])


def test_two_companies_may_have_one_path_and_differ_by_their_mark():
    path, seen = r"C:\Data\Books.QBW", []
    for mark in ("{1F1B3A52-90C4-4E7D-8A25-3D0E9B71C846}", "{2F1B3A52-90C4-4E7D-8A25-3D0E9B71C846}"):
        host = Host()
        connect(host, Company(file=path, file_id=mark)).run_session()
        first = host.values("sendRequestXML")
        seen.append((first["strCompanyFileName"], mark in first["strHCPResponse"]))

    assert seen == [(path, True)] * 2


def test_100_ends_the_session_though_work_is_left(company):
    host = Host(sendRequestXML=[document(customer("A")), document(customer("B"))])
    report = connect(host, company).run_session()

    assert report.end is End.COMPLETED
    assert len(host.answers["sendRequestXML"]) == 1
    assert [one.full_name for one in company.customers] == ["A"]


def test_a_session_that_ends_by_a_request_that_is_not_there_ends_with_an_error(company):
    host = Host(sendRequestXML=[ADD, ""], receiveResponseXML=[99], getLastError=[""])
    report = connect(host, company).run_session()

    assert host.names()[-4:] == ["receiveResponseXML", "sendRequestXML", "getLastError", "closeConnection"]
    assert (report.end, report.fine) == (End.ERROR, False)


def test_a_stale_edit_sequence_is_a_status_of_its_request(company):
    list_id = BooksView(company).add_customer("A")
    change = (
        f"<CustomerModRq><CustomerMod><ListID>{list_id}</ListID><EditSequence>1</EditSequence><Phone>1</Phone>"
        "</CustomerMod></CustomerModRq>"
    )
    (answer,) = answers(company, document(change))

    assert (answer["hresult"], codes(answer)[0]) == ("", "3200")


def test_a_host_that_calls_a_failure_success_is_found_out(company):
    """It answers 100 to an HRESULT: the program shows nothing wrong, the report does."""
    report = connect(Host(sendRequestXML=["<x/>"]), company).run_session()

    assert (report.end, report.code, report.fine) == (End.COMPLETED, None, False)
    assert report.errors[0].startswith("0x80040400")


@pytest.mark.parametrize("progress", [[90, 10, 10, 100], [0, 0, 0, 100]])
def test_progress_may_fall_or_stay_and_only_100_ends(company, progress):
    host = Host(receiveResponseXML=progress)
    report = connect(host, company).run_session()

    assert (report.end, list(report.progress)) == (End.COMPLETED, progress)


def test_a_status_error_is_no_hresult(company):
    first, second = answers(company, ADD, ADD)

    assert (codes(first), codes(second)) == (["0"], ["3100"])
    assert second["hresult"] == ""


def test_an_unknown_ticket_is_answered_by_the_host_with_a_negative_number(company):
    host = Host(receiveResponseXML=[-1], getLastError=["session over"])
    report = connect(host, company).run_session()

    assert (report.end, report.status) == (End.ERROR, "session over")


@pytest.mark.parametrize("items", [["t", ""], ["t", "", "", ""], ["t", "", "", "", "extra"]])
def test_two_four_and_five_strings_are_taken(company, items):
    assert connect(Host(authenticate=[items]), company).run_session().end is End.COMPLETED


@pytest.mark.parametrize("ticket", ["", "{B7D1E6A4-52C9-4F08-8E3B-6A1D9C2F7045}", "a b"])
def test_any_ticket_is_echoed_in_every_later_call(company, ticket):
    host = Host(authenticate=[[ticket, ""]])
    connect(host, company).run_session()
    echoed = [values["ticket"] for call, values in host.calls if "ticket" in values]

    assert echoed == [ticket] * 3


def test_a_large_answer_is_handed_over_whole(company):
    """There is no limit on this side; the host's own is met here."""
    requests = "".join(customer(f"Customer number {place:06}") for place in range(300))
    (answer,) = answers(company, document(requests))

    assert len(answer["response"]) > 100_000
    assert codes(answer) == ["0"] * 300
