"""The number that the Web Connector shows: honest, and never 100 while work is left now."""

from __future__ import annotations

from datetime import timedelta

import pytest
from talking import Desk, Scripted, customer_add, raw_job, scripted

from qbsync.handlers import Again
from qbsync.planner import Budgets
from qbsync.testing import Company


def numbers(desk):
    """Run one session; return the numbers of its answers."""
    talk, found = desk.log_in(), []
    while not found or 0 <= found[-1] < 100:
        document, number = talk.trip()
        if not document:
            break
        found.append(number)
    return found


def test_it_grows_and_ends_with_a_hundred():
    """Over many documents it never falls, and 100 comes with the last one."""
    desk = Desk(budgets=Budgets(max_writes=5))
    desk.customers(*(f"C{n}" for n in range(60)))
    found = numbers(desk)

    assert len(found) > 2
    assert found == sorted(found)
    assert found[-1] == 100
    assert 100 not in found[:-1]
    assert desk.is_done()


def test_work_that_comes_meanwhile_is_seen(desk):
    """New jobs put while the last document is out: the session goes on."""
    desk.customers("A")
    talk = desk.log_in()
    document = talk.send()
    desk.customers("B")

    assert 0 <= talk.receive(*talk.process(document)) < 100
    assert talk.trip()[1] == 100


def test_a_session_that_goes_on_after_a_hundred_is_told_the_truth(desk):
    """It was told that all is done; then work came, and it asked once more."""
    desk.customers("A")
    talk = desk.log_in()

    assert talk.trip()[1] == 100

    desk.customers("B")
    document = talk.send()
    desk.customers("C")

    assert talk.receive(*talk.process(document)) == 99


def test_what_waits_for_later_is_not_left_now():
    """A job that is to be tried in a minute does not keep the session open."""
    desk = Desk(handlers=(Scripted(decide=lambda *_: Again("in use", timedelta(minutes=1))),))
    desk.outbox.put_jobs(scripted("A"))

    assert numbers(desk) == [100]
    assert desk.word() == "none"


def test_what_is_in_doubt_is_left(desk):
    """A set that was answered in part is asked about in the same session."""
    desk.outbox.put_jobs([raw_job("a", customer_add("A"), customer_add("B"))])
    talk = desk.log_in()
    talk.send()

    assert 0 <= talk.receive("<QBXML><QBXMLMsgsRs/></QBXML>") < 100
    assert talk.trip()[1] < 100


@pytest.mark.parametrize("kind", ["raw", "scripted"])
def test_a_quickbooks_that_always_gives_the_same_answer_ends_the_session(kind):
    """Its first answer comes to every document: taken for a repetition once, then for what it is."""

    class Stuck(Company):
        """Has one answer."""

        kept = None

        def process(self, document):
            self.kept = self.kept or super().process(document)
            return self.kept

    desk = Desk(Stuck(recovery="off"), handlers=(Scripted(),), budgets=Budgets(max_writes=2))
    if kind == "raw":
        desk.customers(*(f"C{n}" for n in range(30)))
    else:
        desk.outbox.put_jobs(scripted(*(f"C{n}" for n in range(30))))
    trips = desk.log_in().run()

    assert trips < 60
    assert not desk.is_done()
