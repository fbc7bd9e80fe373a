"""A list of many pages with a fault at every call: it comes whole, once, and other work goes through."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from matrix import MOST_SESSIONS
from talking import SHOP, UNREADABLE, Anyone, Desk, customer_add, raw, raw_job

from qbsync import Outbox, Service
from qbsync.service import pin_company_file
from qbsync.store.sqlite import SQLiteStore
from qbsync.testing import Company, WebConnector
from qbsync.testing.faults import HResult, Plan, all_plans

NAMES = [f"Customer {number:02}" for number in range(7)]
LIST = '<CustomerQueryRq iterator="Start"><MaxReturned>3</MaxReturned></CustomerQueryRq>'


def desk():
    """A desk with seven customers in its company file, and two jobs: their list, and a vendor."""
    made = Desk(Company())
    pin_company_file(made.store, SHOP, company_name=made.company.name)
    made.company.begin_session("Shop Sync")
    made.company.process(raw(*map(customer_add, NAMES)).decode())
    made.outbox.put_jobs(
        [
            raw_job("list", LIST),
            raw_job("vendor", "<VendorAddRq><VendorAdd><Name>Z</Name></VendorAdd></VendorAddRq>"),
        ]
    )
    return made


def run(made, plan):
    """Run on with *plan* until there is no work; what waits for a later moment is waited for."""

    def serve():
        return Service(store=made.store, authenticator=Anyone(), busy=timedelta(0))

    connector = WebConnector(
        serve(), company=made.company, user_name=SHOP, password="x", plan=plan, on_host_killed=serve
    )
    report = connector.run(max_sessions=MOST_SESSIONS, interval=600)
    assert report.idle
    return report


def jobs(made):
    """Return the jobs, by key."""
    with made.store.begin() as t:
        return {job.key: job for job in t.jobs.page(company=SHOP, limit=10).items}


def names(job):
    """Return the names in the answer to the list."""
    return re.findall("<FullName>([^<]*)</FullName>", job.outcome.requests[0].response)


def plans():
    """Return a plan for every (call x fault) of the session without a fault."""
    return list(all_plans(run(desk(), Plan())))


@pytest.mark.parametrize("every", [4, pytest.param(1, marks=pytest.mark.nightly)])
def test_a_list_comes_whole_whatever_goes_wrong_once(every):
    """Every fault at every call: all customers once, in one answer, and no page is left behind."""
    wrong = []
    cases = plans()[::every]
    for plan in cases:
        made = desk()
        run(made, plan)
        made.wait(4000)
        run(made, Plan())
        found = jobs(made)
        unread = any(isinstance(one, HResult) and one.hresult == UNREADABLE for one in plan.faults)
        whole = found["list"].state == "done" and names(found["list"]) == NAMES
        kept = [batch.id for batch in made.batches() if "page" in batch.details]
        if not (whole or unread) or found["vendor"].state != "done" or kept:
            wrong.append(
                (plan, str(found["list"].state), found["list"].reason, str(found["vendor"].state), kept)
            )

    assert len(cases) > 300 // every
    assert not wrong, f"{len(wrong)} of {len(cases)} cases went wrong, the first: {wrong[:3]}"


@pytest.mark.parametrize("repeats", [1, 2])
def test_each_call_is_served_by_another_process(tmp_path, repeats):
    """All that is known of a list stands in the store, and calls that come twice change nothing."""
    company = Company()

    def anew(before=None):
        if before is not None:
            before.store.close()
        return Desk(company, SQLiteStore(tmp_path / "one.qbsync", clock=lambda: company.now))

    made = anew()
    company.begin_session("Shop Sync")
    company.process(raw(*map(customer_add, NAMES)).decode())
    made.outbox.put_jobs([raw_job("list", LIST)])
    talk = made.log_in()
    number = 0
    while number != 100:
        talk.desk = made = anew(made)
        (document,) = {talk.send() for _ in range(repeats)}
        answer = company.process(document)
        talk.desk = made = anew(made)
        (number,) = {talk.receive(answer) for _ in range(repeats)}
    talk.close()

    assert names(Outbox(made.store, company=SHOP).get("1")) == NAMES
    made.store.close()
