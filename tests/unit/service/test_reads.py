"""Questions that came to no end are asked again, and not for ever."""

from __future__ import annotations

import re

import pytest
from talking import Desk, customer_add, raw_job, without

from qbsync.planner import Budgets
from qbsync.testing import Company

#: What QuickBooks says when it dies of a question.
DEAD = ("", "0x80040408", "Could not start QuickBooks.")
#: Twelve customers, one a page.
LIST = '<CustomerQueryRq iterator="Start"><MaxReturned>1</MaxReturned></CustomerQueryRq>'


def with_customers(**options):
    """A desk whose company file has twelve customers."""
    desk = Desk(**options)
    desk.company.begin_session("Shop Sync")
    names = [f"Customer {number:02}" for number in range(12)]
    desk.company.process(raw_job("", *map(customer_add, names)).payload.decode())
    return desk


def put(desk, request, key="list"):
    (answer,) = desk.outbox.put_jobs([raw_job(key, request)])
    return answer.job_id


def session(desk, *, dies_of="<CustomerQueryRq", result=DEAD):
    """Run a session in which QuickBooks dies of documents with a text; return the documents."""
    talk = desk.log_in()
    sent = []
    while document := talk.send():
        sent.append(document)
        if dies_of in document:
            assert talk.receive(*result) < 0
            break
        talk.receive(*talk.process(document))
    talk.close()
    return sent


def test_a_question_that_quickbooks_dies_of_holds_nobody_up():
    """It is asked once more at once; from then on it waits longer each time, and other work goes."""
    desk = with_customers()
    job_id = put(desk, "<CustomerQueryRq/>")
    others = desk.customers("Zoe")
    session(desk)
    assert desk.settled(job_id, *others) == ["waiting", "waiting"]
    session(desk)

    session(desk)

    assert desk.settled(job_id, *others) == ["waiting", "done"]
    assert desk.word() == "none"
    assert "0x80040408" in desk.job(job_id).reason


def test_a_question_that_quickbooks_dies_of_is_given_up():
    """A person sees it among the failed, with what QuickBooks said.

    Two times do not count, for nothing shows that it is not QuickBooks that answers nobody.
    """
    desk = with_customers()
    job_id = put(desk, "<CustomerQueryRq/>")
    documents = []
    for _ in range(10):
        documents.append(len(session(desk)))
        desk.wait(2 * 3600)

    assert desk.settled(job_id) == ["failed"]
    assert desk.job(job_id).reason.startswith("given up after 8 tries: 0x80040408")
    assert desk.job(job_id).attempts == 10
    assert documents == [1, 1, *[2] * 8]  # the other one is harmless


def test_a_session_that_ends_instead_of_an_answer_counts_too():
    """Whether it says so or not: a Web Connector that dies with QuickBooks says nothing."""
    desk = with_customers()
    job_id = put(desk, "<CustomerQueryRq/>")
    for _ in range(10):
        talk = desk.log_in()
        while "<CustomerQueryRq" not in (document := talk.send()):
            talk.receive(*talk.process(document))
        talk.close()
        desk.wait(2 * 3600)

    assert desk.settled(job_id) == ["failed"]
    assert "no answer came" in desk.job(job_id).reason


def test_a_quickbooks_that_answers_nothing_fails_no_question():
    """However long that lasts; when it answers again, the list comes."""
    desk = with_customers()
    job_id = put(desk, "<CustomerQueryRq/>")
    for _ in range(30):
        session(desk, dies_of="")
        desk.wait(2 * 3600)

    assert desk.settled(job_id) == ["waiting"]
    desk.run()
    assert desk.is_done()


@pytest.mark.parametrize("hresult", ["0x80040414", "0x80040416", "0x80040422"])
def test_a_result_that_speaks_of_the_machine_fails_no_question(hresult):
    """A dialog, a closed or busy file: the question waits longer each time, so that others go, and stays."""
    desk = with_customers()
    job_id = put(desk, "<CustomerQueryRq/>")
    for _ in range(30):
        session(desk, result=("", hresult, ""))
        desk.wait(2 * 3600)

    assert desk.settled(job_id) == ["waiting"]
    assert hresult in desk.job(job_id).reason
    desk.run()
    assert desk.is_done()


def test_one_question_among_many_is_at_fault():
    """Questions that go out together are asked in parts until it is found; the others are answered."""
    desk = with_customers()
    ids = [
        put(desk, f"<CustomerQueryRq><FullName>Customer {n:02}</FullName></CustomerQueryRq>", key=str(n))
        for n in range(9)
    ]
    for _ in range(5):
        session(desk, dies_of="Customer 04")
        desk.wait(300)

    states = desk.settled(*ids)
    assert states.pop(4) == "waiting"
    assert states == ["done"] * 8
    assert DEAD[1] in desk.job(ids[4]).reason


def test_what_was_not_asked_does_not_count():
    """Jobs that were leased and not handed out lose nothing when their session dies."""
    desk = with_customers()
    first = put(desk, LIST, key="first")
    later = put(desk, LIST, key="later")
    for _ in range(2):
        talk = desk.log_in()
        talk.send()
        talk.close()

    assert desk.job(first).attempts == 2
    assert "no answer came" in desk.job(first).reason
    assert desk.job(later).reason == "the session ended before it was handed out"
    assert desk.job(later).attempts == 0


def test_a_list_that_no_session_has_time_for_is_told():
    """Sessions too short for all pages would begin anew for ever; after some of them a person is told."""
    desk = with_customers(budgets=Budgets(session_seconds=2.5))
    job_id = put(desk, LIST)
    sessions = 0
    while desk.settled(job_id) == ["waiting"]:
        desk.log_in().run()
        desk.wait(2 * 3600)
        sessions += 1

    assert sessions == 8
    assert desk.settled(job_id) == ["failed"]
    assert "MaxReturned" in desk.job(job_id).reason
    assert "sessions last longer" in desk.job(job_id).reason


def test_pages_are_not_kept_when_they_are_of_no_use():
    """What a list brought is in its job's outcome, or will be asked for anew: batches keep no copy."""
    desk = with_customers()
    put(desk, LIST)
    talk = desk.log_in()
    talk.trip()
    assert ["page" in batch.details for batch in desk.batches()] == [True]
    talk.trip()
    talk.close()
    assert len(desk.batches()) == 2
    assert not any("page" in batch.details for batch in desk.batches())

    desk.run()

    assert desk.is_done()
    assert not any("page" in batch.details for batch in desk.batches())


def test_a_read_under_suspicion_stays_a_read():
    """Too little of the session is left for part of a refused set: it waits, and never becomes a write."""
    desk = Desk(budgets=Budgets(session_seconds=3.0))
    desk.outbox.put_jobs([raw_job(str(number), "<HostQueryRq/>") for number in range(4)])
    talk = desk.log_in()
    assert talk.send()
    desk.wait(2.5)
    talk.receive("", "0x80040400", "QuickBooks found an error when parsing the XML text stream.")

    assert talk.send() == ""
    talk.close()
    desk.wait(3600)
    assert desk.run() > 0
    assert desk.is_done()
    assert {str(batch.purpose) for batch in desk.batches()} == {"read"}


class Silent(Company):
    """A QuickBooks that answers nothing at all where a question for one name is asked, or passes it over."""

    def __init__(self, name, *, others):
        super().__init__()
        self.silent, self.others = name, others

    def process(self, document):
        response = super().process(document)
        if f">{self.silent}<" not in document or "QueryRq" not in document:
            return response
        if not self.others:
            return '<?xml version="1.0" ?><QBXML><QBXMLMsgsRs></QBXMLMsgsRs></QBXML>'
        asked = re.search(rf'requestID="([^"]+)">\s*<FullName>{self.silent}<', document)
        return without(response, asked[1])


@pytest.mark.parametrize("others", [True, False])
def test_an_answer_that_says_nothing_fails_none_but_the_one_at_fault(others):
    """It waits longer each time, rather than to be asked eight times in a breath."""
    desk = Desk(Silent("Bad", others=others))
    names = ["Ann", "Bad", "Cid"]
    ids = [
        put(desk, f"<CustomerQueryRq><FullName>{name}</FullName></CustomerQueryRq>", key=name)
        for name in names
    ]

    desk.log_in().run()

    assert desk.settled(*ids) == ["done", "waiting", "done"]
    while desk.settled(ids[1]) == ["waiting"]:
        desk.wait(3700)
        desk.run()
    assert desk.settled(ids[1]) == ["failed"]
    assert desk.job(ids[1]).reason.startswith("given up after 8 tries: ")
