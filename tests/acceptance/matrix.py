"""The crash matrix: one fault in a session of 40 orders, then on to the end, and a look into the books."""

from __future__ import annotations

from collections import Counter
from functools import cache
from importlib import resources
from itertools import product

from attrs import evolve, frozen

from qbsync import Outbox, Service
from qbsync.jobs import NewJob
from qbsync.orders import OrderHandler, OrderSync, Sourced, read_file
from qbsync.service import pin_company_file
from qbsync.store.memory import MemoryStore
from qbsync.testing import Company, WebConnector
from qbsync.testing.faults import Plan, QuickBooksDies, all_plans

PASSWORD = "as long as it takes"
ORDERS = 40
#: Sessions after which work that is left is taken for lost.
MOST_SESSIONS = 25


@frozen(kw_only=True)
class Switches:
    """How QuickBooks behaves where its documents are silent."""

    recovery: str = "on"
    list_query_stops_at_first_missing: bool = False
    crash_stores: str = "none"

    def company(self):
        """Return a fresh company file that behaves so."""
        return Company(
            recovery=self.recovery,
            list_query_stops_at_first_missing=self.list_query_stops_at_first_missing,
            crash_stores=self.crash_stores,
        )


ALL_SWITCHES = tuple(
    Switches(recovery=recovery, list_query_stops_at_first_missing=stops, crash_stores=stored)
    for recovery, stops, stored in product(("on", "off", "forgetful"), (False, True), ("none", "partial"))
)


@cache
def orders():
    """Return the orders of the package, each with a payment."""
    with resources.as_file(resources.files("qbsync.orders") / "samples" / "shop.jsonl") as path:
        return tuple(one for one in read_file(path) if isinstance(one, Sourced))[:ORDERS]


class ShopOnly:
    """Lets the shop in without the price of a password's hash, which is not what is tried here."""

    def authenticate(self, user_name, password):
        return "Shop" if (user_name, password) == ("shop", PASSWORD) else None


@cache
def staged():
    """Return the jobs that staging makes of the orders; they are the same for every case, so made once."""
    store = MemoryStore()
    sync = OrderSync(Outbox(store, company="Shop"), paid="Cash", posting="invoice+payment")
    sync.stage(evolve(one, order=evolve(one.order, payments=())) for one in orders())
    with store.begin() as t:
        jobs = t.jobs.page(company="Shop", limit=1000).items
    return tuple(NewJob(company="Shop", kind=job.kind, key=job.key, payload=job.payload) for job in jobs)


def prepare(store, company):
    """Put the orders, and say which company file is the right one."""
    pin_company_file(store, "Shop", company_name=company.name, file_id=company.file_id)
    Outbox(store, company="Shop").put_jobs(staged())


def connector(store, company, plan=None, service=None):
    """Return a Web Connector in this process; a killed host is a new service on the same store."""

    def serve():
        return Service(store=store, handlers=(OrderHandler(),), authenticator=ShopOnly())

    return WebConnector(
        service or serve(),
        company=company,
        user_name="shop",
        password=PASSWORD,
        plan=plan or Plan(),
        on_host_killed=serve,
    )


def baseline(store, company):
    """Run without a fault and return the report, from which all plans follow."""
    prepare(store, company)
    report = connector(store, company).run(max_sessions=MOST_SESSIONS, interval=60)
    assert report.idle
    return report


def plans(report, *, deaths=None):
    """Yield the plans of *report*; of the deaths of QuickBooks in one set only every *deaths*-th."""
    for plan in all_plans(report):
        death = next((fault for fault in plan.faults if isinstance(fault, QuickBooksDies)), None)
        if death is None or deaths is None or death.after % deaths == 0:
            yield plan


@frozen(kw_only=True)
class Found:
    """What a case came to."""

    #: How many jobs are in each state.
    states: dict
    #: What is wrong with the books or the jobs; empty when all is well.
    wrong: tuple[str, ...]
    #: Reasons of jobs in doubt.
    doubts: tuple[str, ...] = ()


def run_case(store, company, plan):
    """Prepare *store*, run on with *plan* until there is no work, and judge jobs and books."""
    prepare(store, company)
    report = connector(store, company, plan).run(max_sessions=MOST_SESSIONS, interval=60)
    found = judge(store, company, report)
    if len(report.faults) == 1:
        return found
    return evolve(found, wrong=(f"expected one fault, got {report.faults}", *found.wrong))


def judge(store, company, report):
    """Compare the jobs with the books: every order once, its payment once, nothing half done."""
    with store.begin() as t:
        jobs = t.jobs.page(company="Shop", limit=1000).items
    states = Counter(str(job.state) for job in jobs)
    wrong = [] if report.idle else [f"work is left after {len(report.sessions)} sessions"]
    booked = Counter(one.ref_number for one in company.invoices)
    paid = Counter(one.ref_number for one in company.payments)
    wrong += [f"invoice {number} stands {n} times" for number, n in booked.items() if n > 1]
    wrong += [f"payment {number} stands {n} times" for number, n in paid.items() if n > 1]
    for job in jobs:
        number = job.key.rpartition(":")[2]
        if job.state == "done":
            if booked[number] != 1 or paid[number] != 1:
                wrong.append(f"{number} is done, its books hold {booked[number]} and {paid[number]}")
            if not job.outcome.ids.get("invoice") or not job.outcome.ids.get("payment"):
                wrong.append(f"{number} is done without ids: {job.outcome.ids}")
        elif job.state == "in_doubt":
            wrong.append(f"{number} is in doubt although its number can be looked up: {job.reason}")
        else:
            wrong.append(f"{number} is {job.state}: {job.reason}")
    doubts = tuple(job.reason for job in jobs if job.state == "in_doubt")
    return Found(states=dict(states), wrong=tuple(wrong), doubts=doubts)
