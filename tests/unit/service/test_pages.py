"""Iterators: a query of many pages is one job with one answer."""

from __future__ import annotations

import json
import re

import pytest
from talking import Desk, Scripted, customer_add, raw_job

from qbsync.handlers import Done, Send
from qbsync.jobs import NewJob, Outcome
from qbsync.models import CustomerQueryRq
from qbsync.qbxml import parse
from qbsync.service import pages
from qbsync.service.pages import merged
from qbsync.service.plans import Pages
from qbsync.store.forget import forget
from qbsync.testing import Company

NAMES = [f"Customer {number:02}" for number in range(12)]


def ask(of="CustomerQueryRq", most=5, more=""):
    return f'<{of} iterator="Start"><MaxReturned>{most}</MaxReturned>{more}</{of}>'


def with_customers(*, budgets=None, **switches):
    """A desk whose company file has twelve customers."""
    desk = Desk(Company(**switches), budgets=budgets)
    desk.company.begin_session("Shop Sync")
    desk.company.process(raw_job("", *map(customer_add, NAMES)).payload.decode())
    return desk


def put(desk, *requests, key="list"):
    (answer,) = desk.outbox.put_jobs([raw_job(key, *requests)])
    return answer.job_id


def rets(desk, job_id, place=0):
    """The names in the answer to one request of a job."""
    text = desk.job(job_id).outcome.requests[place].response
    return re.findall("<(?:Full)?Name>([^<]*)</FullName>", text)


def documents(talk):
    """Run a session to its end; return its documents."""
    found = []
    while True:
        document, number = talk.trip()
        if document:
            found.append(document)
        if number is None or number == 100 or number < 0:
            talk.close()
            return found


def test_all_pages_become_one_answer():
    """Twelve customers, five a page: three round trips, one job, one response."""
    desk = with_customers()
    job_id = put(desk, ask())

    assert desk.run() == 3
    assert desk.settled(job_id) == ["done"]
    assert rets(desk, job_id) == NAMES
    (one,) = desk.job(job_id).outcome.requests
    (response,) = parse(f"<QBXML><QBXMLMsgsRs>{one.response}</QBXMLMsgsRs></QBXML>").messages
    assert response.iterator_remaining_count == 0
    assert response.status_code == 0


def test_it_counts_as_handed_out_once():
    """A list of many pages is one try, however many round trips it takes."""
    desk = with_customers()
    job_id = put(desk, ask(most=1))
    desk.run()

    assert desk.job(job_id).attempts == 1


@pytest.mark.parametrize("order", ["before", "after"])
def test_nothing_comes_between_two_pages(order):
    """Other jobs and their look-ups go before the first page or after the last one."""
    desk = Desk(handlers=[Scripted()])
    desk.company.begin_session("Shop Sync")
    desk.company.process(raw_job("", *map(customer_add, NAMES)).payload.decode())
    others = [
        NewJob(company="Shop", kind="scripted", key=name, payload=name.encode()) for name in ("Ann", "Bob")
    ]
    if order == "before":
        desk.outbox.put_jobs(others)
    job_id = put(desk, ask())
    if order == "after":
        desk.outbox.put_jobs(others)
    put(desk, "<HostQueryRq/>", key="host")

    sent = documents(desk.log_in())
    paged = [number for number, document in enumerate(sent) if "iterator=" in document]

    assert desk.is_done()
    assert len(paged) == 3
    assert paged == list(range(paged[0], paged[0] + 3))
    assert all(document.count("requestID") == 1 for document in (sent[number] for number in paged))
    assert set(NAMES) <= set(rets(desk, job_id))


def test_work_that_comes_in_between_waits():
    """A job put while pages are fetched is looked up when the last page is there."""
    desk = with_customers()
    put(desk, ask())
    talk = desk.log_in()
    first, _ = talk.trip()
    desk.customers("Zoe")

    rest = documents(talk)

    assert ["iterator=" in document for document in [first, *rest]] == [True, True, True, False]
    assert desk.is_done()


def test_two_lists_in_one_job_come_one_after_the_other():
    """The second list begins when the first is whole, and requests without pages keep their place."""
    desk = with_customers()
    job_id = put(desk, ask(most=5), "<HostQueryRq/>", ask(most=7))

    assert desk.run() == 3 + 1 + 2
    assert rets(desk, job_id, 0) == rets(desk, job_id, 2) == NAMES
    assert "ProductName" in desk.job(job_id).outcome.requests[1].response


def test_many_lists_in_one_job_are_one_try():
    """However many round trips and lists: the job was handed out once."""
    desk = with_customers()
    job_id = put(desk, ask(), "<HostQueryRq/>", ask(most=7))
    desk.run()

    assert desk.job(job_id).attempts == 1


@pytest.mark.parametrize("page", [1, 2])
def test_more_remains_and_no_id_is_given(page):
    """A first page without an id cannot be gone on from, a later one keeps the id: no list is cut short."""
    desk = with_customers()
    job_id = put(desk, ask())
    talk = desk.log_in()
    for _ in range(page - 1):
        talk.trip()
    answer, nameless = re.subn(' iteratorID="[^"]*"', "", desk.company.process(talk.send()))
    assert nameless
    talk.receive(answer)

    sent = documents(talk)
    desk.run()

    assert sent[0].count("Start") == (page == 1)
    assert rets(desk, job_id) == NAMES


def test_only_what_asked_for_pages_gets_them():
    """An answer that speaks of more, to a question without an iterator, is the answer."""
    desk = with_customers()
    job_id = put(desk, "<CustomerQueryRq><MaxReturned>5</MaxReturned></CustomerQueryRq>", ask(most=50))
    talk = desk.log_in()
    answer = desk.company.process(talk.send())
    talk.receive(
        answer.replace("<CustomerQueryRs ", '<CustomerQueryRs iteratorRemainingCount="7" iteratorID="x" ')
    )

    assert len(documents(talk)) == 1
    assert rets(desk, job_id, 0) == NAMES[:5]


def test_a_count_is_no_list():
    """Asked for how many there are, QuickBooks gives no objects: there is one answer."""
    desk = with_customers()
    job_id = put(desk, ask().replace(" iterator", ' metaData="MetaDataOnly" iterator'))
    talk = desk.log_in()
    answer = desk.company.process(talk.send())
    talk.receive(
        answer.replace("<CustomerQueryRs ", '<CustomerQueryRs iteratorRemainingCount="7" iteratorID="x" ')
    )

    assert documents(talk) == []
    assert desk.settled(job_id) == ["done"]
    assert 'retCount="12"' in desk.job(job_id).outcome.requests[0].response


def test_pages_that_are_too_large_together_are_told(monkeypatch):
    """A list larger than an answer may be fails its job, with the way out; the session goes on."""
    monkeypatch.setattr(pages, "_MOST_CHARS", 3_000)
    desk = with_customers()
    job_id = put(desk, ask(most=2))
    others = desk.customers("Zoe")

    desk.run()

    assert desk.settled(job_id, *others) == ["failed", "done"]
    assert "pages are larger together" in desk.job(job_id).reason
    assert "IncludeRetElement" in desk.job(job_id).reason
    assert not any("page" in batch.details for batch in desk.batches())


def test_pages_that_somebody_deleted_are_asked_for_anew():
    """Forgetting a person may take pages of a list that is being read."""
    desk = with_customers()
    job_id = put(desk, ask())
    talk = desk.log_in()
    talk.trip()
    told = forget(desk.store, "Shop", [NAMES[0]])
    assert told.records == 1

    sent = documents(talk)
    desk.run()

    assert sum('iterator="Start"' in document for document in sent) == 1
    assert rets(desk, job_id) == NAMES


def test_a_page_that_quickbooks_cannot_read_fails_its_job():
    """0x80040400 in the middle: documents like it were taken, so the job is at fault, and nobody else."""
    desk = with_customers()
    job_id = put(desk, ask())
    others = desk.customers("Zoe")
    talk = desk.log_in()
    talk.trip()
    assert 'iterator="Continue"' in talk.send()
    talk.receive("", "0x80040400", "QuickBooks found an error when parsing the XML text stream.")
    documents(talk)

    assert desk.settled(job_id, *others) == ["failed", "done"]
    assert not any("page" in batch.details for batch in desk.batches())


def test_filters_stand_in_each_page():
    """The next page is asked for with the same filters and options."""
    desk = with_customers()
    job_id = put(
        desk,
        ask(
            more="<ActiveStatus>All</ActiveStatus><NameFilter><MatchCriterion>EndsWith</MatchCriterion><Name>1</Name></NameFilter>",
            most=1,
        ),
    )

    sent = documents(desk.log_in())

    assert all("EndsWith" in document and "<MaxReturned>1<" in document for document in sent)
    assert rets(desk, job_id) == ["Customer 01", "Customer 11"]


def test_a_session_that_ends_between_pages_is_begun_anew():
    """An iterator does not outlive its session: the next one starts with the first page."""
    desk = with_customers()
    job_id = put(desk, ask())
    talk = desk.log_in()
    talk.trip()
    talk.trip()
    talk.close()

    sent = documents(desk.log_in())

    assert ['iterator="Start"' in document for document in sent] == [True, False, False]
    assert rets(desk, job_id) == NAMES


def test_an_iterator_that_died_is_begun_anew():
    """3391 in the middle: all pages are asked for again."""
    desk = with_customers()
    job_id = put(desk, ask())
    talk = desk.log_in()
    talk.trip()
    desk.company.begin_session("Shop Sync")  # QuickBooks forgot it
    document, number = talk.trip()
    assert 'iterator="Continue"' in document
    assert number < 100

    documents(talk)
    desk.run()

    assert desk.settled(job_id) == ["done"]
    assert rets(desk, job_id) == NAMES


def test_an_iterator_that_never_comes_to_an_end_is_given_up():
    """Bounded: the reason says what happened, and the company's other work goes on."""
    desk = with_customers()
    job_id = put(desk, ask())
    others = desk.customers("Zoe")
    for _ in range(40):
        if desk.word() == "none":
            break
        talk = desk.log_in()
        while True:
            desk.company.begin_session("Shop Sync")
            _, number = talk.trip()
            if number is None or number == 100 or number < 0:
                break
        talk.close()
        desk.wait(3600)

    assert desk.settled(job_id, *others) == ["failed", "done"]
    assert "iterator" in desk.job(job_id).reason


def test_an_answer_that_is_lost_is_begun_anew():
    """A page that does not arrive is asked for again with all before it; reading twice harms nobody."""
    desk = with_customers()
    job_id = put(desk, ask())
    talk = desk.log_in()
    talk.trip()
    desk.company.process(talk.send())
    talk.receive("", "0x80040408", "Could not start QuickBooks.")
    talk.close()

    desk.run()

    assert rets(desk, job_id) == NAMES


def test_pages_without_objects_are_no_pages():
    """More is said to remain, and nothing comes: that would go on for ever."""
    desk = with_customers()
    job_id = put(desk, ask())
    talk = desk.log_in()
    talk.trip()
    answer = re.sub("<CustomerRet>.*</CustomerRet>", "", desk.company.process(talk.send()), flags=re.DOTALL)
    assert 'iteratorRemainingCount="2"' in answer
    talk.receive(answer)

    sent = documents(talk)
    desk.run()

    assert 'iterator="Start"' in sent[0]
    assert rets(desk, job_id) == NAMES


@pytest.mark.parametrize("has_id", [False, True])
def test_an_empty_list_is_an_answer(has_id):
    """Status 1, with or without an iterator's id: there is no second page."""
    desk = Desk(Company(empty_iterator_has_id=has_id))
    job_id = put(desk, ask())

    assert desk.run() == 1
    assert desk.settled(job_id) == ["done"]
    assert desk.job(job_id).outcome.requests[0].status_code == 1


def test_a_list_that_is_refused_fails_its_job():
    """An error on the first page is the answer, as for any query."""
    desk = with_customers(max_iterators=0)
    job_id = put(desk, ask())
    desk.run()

    assert desk.job(job_id).outcome.requests[0].status_code == 3390
    assert desk.settled(job_id) == ["failed"]


def test_handlers_get_the_whole_list():
    """Whoever sends an iterator from a handler of his own gets one reply with all objects."""
    seen = []

    def settle(_job, _memo, replies, _context):
        seen.extend(ret.full_name for ret in replies[0].response.customer_ret)
        return Done(Outcome(label="read"))

    query = CustomerQueryRq(iterator="Start", max_returned=5)
    handler = Scripted(look_up=lambda *_: (), decide=lambda *_: Send((query,), memo={"a": 1}), settle=settle)
    desk = Desk(handlers=[handler])
    desk.company.begin_session("Shop Sync")
    desk.company.process(raw_job("", *map(customer_add, NAMES)).payload.decode())
    desk.outbox.put_jobs([NewJob(company="Shop", kind="scripted", key="x", payload=b"x")])

    desk.run()

    assert seen == NAMES


def test_a_write_beside_a_list_stays_one_set():
    """Sets that change something are never taken apart: the list brings its first page."""
    desk = with_customers()
    job_id = put(desk, ask(), customer_add("Zoe"))

    assert desk.run() == 1
    assert rets(desk, job_id, 0) == NAMES[:5]


def test_pages_are_merged_as_they_came():
    """Unknown elements and attributes of all pages are kept, in order; the count is that of all."""
    page = (
        '<CustomerQueryRs requestID="{0}" statusCode="0" statusSeverity="Info" statusMessage="OK"'
        ' retCount="1" iteratorRemainingCount="{1}" iteratorID="a&gt;b" news="1">'
        "<CustomerRet><ListID>{0}</ListID><Odd>{0}</Odd></CustomerRet><Stray/></CustomerQueryRs>"
    )

    whole = merged([page.format(1, 1), page.format(2, 0)])

    assert [ret.list_id for ret in whole.customer_ret] == ["1", "2"]
    assert (whole.request_id, whole.ret_count, whole.iterator_remaining_count) == ("1", 2, 0)
    assert str(whole).count("Odd") == 2
    assert str(whole).count("Stray") == 2


def test_how_far_pages_have_come():
    """Each page belongs to its request; one without an open iterator behind it ends its request."""
    far = Pages()
    for batch_id, iterator in (("a", "1"), ("b", None), ("c", "2")):
        far = far.with_one(batch_id, iterator=iterator, size=10)

    assert (far.at, far.iterator, far.batches) == (1, "2", (("a", "b"), ("c",)))
    assert (far.count, far.size) == (3, 30)
    assert Pages.from_list(json.loads(json.dumps(far.to_list()))) == far
