"""Odd turns of events that a company meets sooner or later; each must end well by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from talking import (
    SHOP,
    UNREADABLE,
    Desk,
    Picky,
    Scripted,
    customer_add,
    invoice,
    raw_job,
    scripted,
    without,
)

from qbsync.errors import JobStateError
from qbsync.service.batches import BatchState
from qbsync.service.company import CompanyState
from qbsync.store.memory import MemoryStore
from qbsync.testing import Company
from qbsync.testing.company import QuickBooksError


def numbers(desk):
    """Return the numbers of the invoices in the books."""
    return sorted(one.ref_number for one in desk.company.invoices)


@pytest.mark.parametrize("result", [UNREADABLE, "0x800706BE"])
def test_a_quickbooks_that_cannot_clear_beside_questions_fails_nobody(result):
    """What is sent besides the questions of jobs may be at fault: it is left out once and for all."""

    class Strict(Company):
        def process(self, document):
            if "oldMessageSetID" in document and "QueryRq" in document:
                raise QuickBooksError(result, "no")
            return super().process(document)

    desk = Desk(Strict(), handlers=[Scripted()])
    desk.customers("Zoe")
    desk.run()
    desk.outbox.put_jobs(scripted("A", "B", "C"))

    desk.run()

    assert desk.is_done()
    with desk.store.begin() as t:
        assert CompanyState.load(t, SHOP).clears is False


@pytest.mark.parametrize("hours", [-5, 5])
def test_a_clock_that_jumps_keeps_nobody_out(hours):
    """A session that called in the future is not alive for that; one that waits for no answer gives way."""
    company, offset = Company(), [timedelta()]
    desk = Desk(company, store=MemoryStore(clock=lambda: company.now + offset[0]), busy=timedelta(seconds=30))
    desk.customers("A")
    desk.log_in().trip()
    desk.customers("B")
    offset[0] = timedelta(hours=hours)
    desk.wait(60)

    desk.log_in().run()

    assert desk.is_done()


def test_a_job_that_is_tried_again_is_not_contradicted_by_what_was_known_before():
    """Part of it was done and the rest refused; then the stored outcome of its set tells that once more."""
    desk = Desk().furnish()
    job = desk.outbox.put([invoice("N1"), invoice("N2", customer="Bob Ray")], key="both")
    other = desk.outbox.put(invoice("N3"), key="other")
    talk = desk.log_in()
    response, *_ = talk.process(talk.send())
    talk.receive(without(response, desk.set_of(other.job_id).entries[2].request_id))
    assert desk.settled(job.job_id, other.job_id) == ["failed", "in_doubt"]
    desk.company.process(raw_job("", customer_add("Bob Ray")).payload.decode())
    desk.outbox.retry(job.job_id)
    talk.run()

    desk.run()

    assert desk.settled(job.job_id, other.job_id) == ["done", "done"]
    assert numbers(desk) == ["N1", "N2", "N3"]


def test_a_set_about_which_persons_decided_is_known():
    """It was held; when they have decided about all its jobs, it is swept and forgotten like any other."""
    desk = Desk(Company(recovery="off"))
    ids = [
        put.job_id
        for put in desk.outbox.put_jobs(
            [
                raw_job(
                    name,
                    f"<InvoiceAddRq><InvoiceAdd><CustomerRef><FullName>{name}</FullName></CustomerRef>"
                    "</InvoiceAdd></InvoiceAddRq>",
                )
                for name in "AB"
            ]
        )
    ]
    talk = desk.log_in()
    talk.send()
    talk.close()
    desk.run()
    assert desk.set_of(ids[0]).state is BatchState.HELD
    held = desk.set_of(ids[0]).id

    desk.outbox.resolve(ids[0], applied=True)
    assert desk.set_of(ids[0]).state is BatchState.HELD
    desk.outbox.resolve(ids[1], applied=False)

    (batch,) = [one for one in desk.batches() if one.id == held]
    assert batch.state is BatchState.ANSWERED


def test_what_quickbooks_says_is_kept_with_each_job_and_so_is_cut():
    """A text of megabytes beside a result would else be stored with every job of the set."""
    desk = Desk()
    (job_id,) = desk.customers("A")
    talk = desk.log_in()
    talk.send()
    talk.receive("", "0x80040402", "very long " * 100_000)

    assert desk.settled(job_id) == ["in_doubt"]
    assert len(desk.job(job_id).reason) < 1000
    assert len(talk.error()) < 1000
    ticket, _ = desk.service.authenticate(SHOP, "")
    desk.service.connection_error(ticket, "0x80040408", "very long " * 100_000)
    assert len(desk.service.get_last_error(ticket)) < 1000


def test_a_set_that_quickbooks_dies_of_is_sent_in_parts_when_a_person_lets_it_go_again():
    """Held after two hand-outs; said not to be done, it goes again an eighth at a time, behind other work."""

    class Dying(Company):
        def process(self, document):
            if "Add><Name>Bad<" in document:
                raise QuickBooksError("0x800706BE", "died")
            return super().process(document)

    desk = Desk(Dying(recovery="off"))
    ids = desk.customers("Bad", *(f"Good {number}" for number in range(7)))
    for turn in range(3):
        desk.run()
        others = desk.customers(f"Other {turn}")
        for job_id in ids:
            if desk.settled(job_id) == ["in_doubt"]:
                desk.outbox.resolve(job_id, applied=False)
        desk.log_in().run()
        assert desk.settled(*others) == ["done"]
    desk.run()

    assert desk.settled(*ids) == ["in_doubt", *["done"] * 7]


def refused_and_sent(desk):
    """Have a document refused, and hand out the next one; return talk, refusal, and the next answer."""
    talk = desk.log_in()
    refusal = talk.process(talk.send())
    assert refusal[1] == UNREADABLE
    talk.receive(*refusal)
    return talk, refusal, talk.process(talk.send())


@pytest.mark.parametrize("recovery", ["on", "off"])
@pytest.mark.parametrize("then", ["answer", "died", "lost"])
@pytest.mark.parametrize("count", [2, 4])
def test_a_refusal_that_comes_twice_doubles_nothing(recovery, then, count):
    """A proxy sends it once more while QuickBooks runs the next set: it names none, and is not of that."""
    desk = Desk(Picky(f">N{count - 1}<", recovery=recovery)).furnish()
    ids = [desk.outbox.put(invoice(f"N{number}"), key=f"n{number}").job_id for number in range(count)]
    talk, refusal, answer = refused_and_sent(desk)

    assert talk.receive(*refusal) >= 0  # the echo
    if then != "lost":
        talk.receive(*(answer if then == "answer" else ("", "0x800706BE", "")))
    talk.close()
    desk.run()

    assert numbers(desk) == [f"N{number}" for number in range(count - 1)]
    assert desk.settled(*ids) == [*["done"] * (count - 1), "failed"]


def test_a_refusal_that_comes_twice_fails_nobody():
    """A question that was out just then is not at fault, though others like it were taken before."""
    desk = Desk(Picky(">Bad</"))
    names = ["Ann", "Bad", "Cid"]
    reads = [
        raw_job(name, f"<CustomerQueryRq><FullName>{name}</FullName></CustomerQueryRq>") for name in names
    ]
    ids = [put.job_id for put in desk.outbox.put_jobs(reads[:1])]
    talk = desk.log_in()
    talk.trip()
    ids += [put.job_id for put in desk.outbox.put_jobs(reads[1:])]
    while ">Bad<" in (document := talk.send()):
        refusal = talk.process(document)
        talk.receive(*refusal)
    answer = talk.process(document)

    talk.receive(*refusal)  # the echo
    talk.receive(*answer)
    talk.close()
    desk.run()

    assert desk.settled(*ids) == ["done", "failed", "done"]


def test_a_refusal_that_comes_twice_is_not_of_a_set_that_is_over():
    """The session ended while QuickBooks ran the next set: the refusal that comes again is not of it."""
    desk = Desk(Picky(">N1<", recovery="off")).furnish()
    ids = [desk.outbox.put(invoice(f"N{number}"), key=f"n{number}").job_id for number in range(2)]
    talk, refusal, _ = refused_and_sent(desk)
    talk.close()

    talk.receive(*refusal)  # the echo
    assert desk.settled(*ids) == ["in_doubt", "waiting"]
    desk.run()

    assert numbers(desk) == ["N0"]
    assert desk.settled(*ids) == ["done", "failed"]


@pytest.mark.parametrize("then", ["answer", "lost"])
def test_a_refusal_that_comes_twice_is_not_of_the_same_bytes(then):
    """QuickBooks cannot read the question for an outcome; it says so again while the set is out once more."""
    desk = Desk(Picky("oldMessageSetID", recovery="off")).furnish()
    job_id = desk.outbox.put(invoice("N1"), key="n1").job_id
    talk = desk.log_in()
    lost = talk.send()
    talk.close()
    talk = desk.log_in()
    refusal = talk.process(talk.send())
    assert refusal[1] == UNREADABLE
    talk.receive(*refusal)
    talk.trip()  # it is looked up: nothing is there
    again = talk.send()
    assert again == lost
    answer = talk.process(again)

    assert 0 <= talk.receive(*refusal) < 100  # the echo
    with pytest.raises(JobStateError, match="awaited"):
        desk.outbox.resolve(job_id, applied=False)
    if then == "answer":
        talk.receive(*answer)
    talk.close()
    desk.run()

    assert numbers(desk) == ["N1"]
    assert desk.settled(job_id) == ["done"]


def test_the_answer_behind_a_refusal_that_came_twice_is_recorded():
    """The books would not show what was done: only the answer tells."""
    desk = Desk(Picky(">Bad<", recovery="off")).furnish()
    ids = [desk.outbox.put(invoice(None, memo=memo), key=memo).job_id for memo in ("Good", "Bad")]
    talk, refusal, answer = refused_and_sent(desk)

    talk.receive(*refusal)  # the echo
    assert talk.receive(*answer) < 0
    assert desk.settled(*ids) == ["done", "waiting"]
    talk.close()
    desk.run()

    assert desk.settled(*ids) == ["done", "failed"]
    assert len(desk.company.invoices) == 1
