"""Odd turns of events that a company meets sooner or later; each must end well by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from talking import SHOP, UNREADABLE, Desk, Scripted, customer_add, invoice, raw_job, scripted, without

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
