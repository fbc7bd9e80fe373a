"""Look-up documents: merged, bounded, proven; finished sets are cleared beside them."""

from __future__ import annotations

import re

import pytest
from talking import Desk, Scripted, scripted, without

from qbsync.planner import Budgets
from qbsync.testing import Company


def make(company=None, **options):
    """Return a desk for scripted jobs."""
    return Desk(company, handlers=(Scripted(),), **options)


def look_ups(desk):
    """Run one session; return its documents that only ask."""
    talk, found = desk.log_in(), []
    while True:
        document, number = talk.trip()
        if "QueryRq" in document:
            found.append(document)
        if number is None or not 0 <= number < 100:
            return found


def test_keys_of_many_jobs_stand_in_one_query():
    """Once a customer is known to exist, it stands last."""
    desk = make()
    desk.outbox.put_jobs(scripted("A"))
    desk.run()
    desk.outbox.put_jobs(scripted("A2", "B", "C"))
    first = look_ups(desk)[0]

    assert desk.is_done()
    assert len(re.findall("<CustomerQueryRq", first)) <= 3


@pytest.mark.parametrize("stops", [False, True])
def test_every_customer_is_made_once(stops):
    """Whether lists go on after a missing name or not: those that are there are not made again."""
    desk = make(Company(list_query_stops_at_first_missing=stops))
    for names in (("A", "B"), ("X", "A2", "B2"), ("Y", "Z", "W")):
        desk.outbox.put_jobs(scripted(*names))
        desk.run()

    assert desk.is_done()
    assert sorted(one.full_name for one in desk.company.customers) == [
        "A",
        "A2",
        "B",
        "B2",
        "W",
        "X",
        "Y",
        "Z",
    ]


@pytest.mark.parametrize("stops", [False, True])
def test_what_is_there_is_found_among_many_that_are_missing(stops):
    """People made some of them by hand meanwhile."""
    desk = make(Company(list_query_stops_at_first_missing=stops))
    desk.outbox.put_jobs(scripted("First"))
    desk.run()
    desk.customers("C", "F")
    desk.run()
    puts = desk.outbox.put_jobs(scripted(*"ABCDEFGH"))
    desk.run()
    labels = [desk.job(put.job_id).outcome.label for put in puts]

    assert [label == "there" for label in labels] == [name in "CF" for name in "ABCDEFGH"]
    assert len(desk.company.customers) == 9


def test_a_document_holds_no_more_than_the_budget_allows():
    """Requests are counted; the jobs behind are asked about in the next document."""
    desk = make(budgets=Budgets(max_requests=4))
    desk.outbox.put_jobs(scripted(*(f"C{n}" for n in range(10))))
    found = look_ups(desk)
    desk.run()

    assert all(document.count("<CustomerQueryRq") <= 4 for document in found)
    assert desk.is_done()


def test_a_finished_set_is_cleared_once():
    """Its id goes beside a later look-up as the old one, and no more after that."""
    desk = make()
    desk.outbox.put_jobs(scripted("A"))
    desk.run()
    written = {batch.id for batch in desk.batches() if batch.purpose == "write"}
    seen = []
    for name in "BCD":
        desk.outbox.put_jobs(scripted(name))
        seen += re.findall('oldMessageSetID="([^"]+)"', "".join(look_ups(desk)))
        desk.wait(60)

    assert seen
    assert len(seen) == len(set(seen))
    assert written <= set(seen)
    assert not any(set(kept) & set(seen) for kept in desk.company._memory.outcomes.values())


def test_a_quickbooks_that_does_not_answer_beside_a_clearing_is_asked_without():
    """The questions are asked again alone, and clearing is not tried with this company any more."""

    class Silent(Company):
        """Clears, and forgets to answer the queries beside."""

        def process(self, document):
            text = super().process(document)
            if "oldMessageSetID" in document and "newMessageSetID" not in document:
                return re.sub(r"<CustomerQueryRs.*?(/>|</CustomerQueryRs>)", "", text, flags=re.DOTALL)
            return text

    desk = make(Silent())
    desk.outbox.put_jobs(scripted("A"))
    desk.run()
    for name in "BC":
        desk.outbox.put_jobs(scripted(name))
        desk.run()
    desk.outbox.put_jobs(scripted("D"))
    asked = "".join(look_ups(desk))

    assert desk.is_done()
    assert "oldMessageSetID" not in asked
    assert len(desk.company.customers) == 4


def test_an_answer_that_is_not_whole_is_asked_again():
    """One missing response is no proof of anything."""
    desk = make()
    desk.outbox.put_jobs(scripted("A", "B"))
    talk = desk.log_in()
    document = talk.send()
    response, *_ = talk.process(document)
    first = re.search('requestID="([^"]+)"', document)[1]

    assert 0 <= talk.receive(without(response, first)) < 100
    assert "CustomerQueryRq" in talk.send()

    desk.run()

    assert desk.is_done()


def test_answers_that_never_match_stop_the_session():
    """After a few tries; the jobs wait, and nothing is sent."""

    class Deaf(Company):
        """Answers other questions than those asked."""

        def process(self, document):
            return re.sub('requestID="[^"]*"', 'requestID="x"', super().process(document))

    desk = make(Deaf())
    desk.outbox.put_jobs(scripted("A"))
    talk = desk.log_in()
    while (trip := talk.trip())[1] is not None and trip[1] >= 0:
        pass

    assert "do not match" in talk.error()
    assert desk.states() == {"waiting": 1}
    assert desk.company.customers == []
