"""The server is killed (SIGKILL) between any two calls of a session; the books hold each order once."""

from __future__ import annotations

from decimal import Decimal

import pytest
from programs import Serving, connect, orders_of, prepare, run_until_idle, serving

from qbsync.testing import Company

#: Moments of a session: before or after which occurrence of which call the server dies. After ProcessRequest
#: the books have the set, and the server does not know it.
MOMENTS = [
    ("before", "authenticate", 1),
    ("after", "authenticate", 1),
    ("after", "sendRequestXML", 1),
    ("after", "ProcessRequest", 1),
    ("after", "receiveResponseXML", 1),
    ("before", "ProcessRequest", 2),
    ("after", "ProcessRequest", 2),
    ("after", "receiveResponseXML", 2),
    ("after", "sendRequestXML", 3),
    ("after", "ProcessRequest", 3),
    ("after", "receiveResponseXML", 3),
    ("before", "closeConnection", 1),
]


class Killer:
    """Counts the steps of a session and kills the server at one of them."""

    def __init__(self, server, at):
        self.server = server
        #: Says at which step, given its phase, its call and how often that came before.
        self.at = at
        self.steps = []
        self.struck = False

    def __call__(self, step):
        moment = (step.phase, step.call)
        self.steps.append(moment)
        if not self.struck and self.at(moment, self.steps.count(moment), len(self.steps)):
            self.struck = True
            self.server.kill()


def killed_once(store, company, at):
    """Run a session in which the server dies, then as many as it takes with a new server."""
    server = Serving(store)
    killer = Killer(server, at)
    connector = connect(server.url, company, on_step=killer)
    try:
        connector.run_session()
    finally:
        connector.close()
        if server.process.poll() is None:
            server.kill()
    with serving(store) as fresh:
        run_until_idle(fresh.url, company)
    return killer


def check_exactly_once(store, company):
    """Every order is in the books once, with its payment, and the store knows where."""
    listed = orders_of(store)
    invoices = {invoice.ref_number: invoice.txn_id for invoice in company.invoices}
    payments = {payment.ref_number: payment.txn_id for payment in company.payments}

    assert [(o["number"], o["state"], o["reason"]) for o in listed if o["state"] != "posted"] == []
    assert len(company.invoices) == len(invoices) == len(listed) == 40
    assert len(company.payments) == len(payments) == 27
    assert company.books_total() == Decimal("14426.23")
    assert {o["number"]: o["txn_ids"]["invoice"] for o in listed} == invoices
    assert {o["number"]: o["txn_ids"]["payment"] for o in listed if o["txn_ids"]["payment"]} == payments


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: "-".join(map(str, moment)))
def test_killed_between_two_calls(store, company, sample, moment):
    """Whatever the moment: exactly once."""
    prepare(store, sample, "--posting", "invoice+payment")
    phase, call, occurrence = moment
    killer = killed_once(store, company, lambda step, times, _: step == (phase, call) and times == occurrence)

    assert killer.struck, killer.steps
    check_exactly_once(store, company)


@pytest.mark.parametrize("recovery", ["off", "forgetful"])
def test_killed_where_quickbooks_keeps_no_outcomes(store, sample, recovery):
    """Without QuickBooks' memory of message sets the orders are looked up, and none is posted twice."""
    company = Company(recovery=recovery)
    prepare(store, sample, "--posting", "invoice+payment")
    killer = killed_once(
        store, company, lambda step, times, _: step == ("after", "ProcessRequest") and times == 2
    )

    assert killer.struck, killer.steps
    check_exactly_once(store, company)


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("recovery", ["on", "off", "forgetful"])
def test_killed_at_every_moment(tmp_path, sample, recovery):
    """Each step of the session in turn, until a session has no more of them."""
    at = 0
    while True:
        at += 1
        store = tmp_path / f"store-{at}"
        company = Company(recovery=recovery)
        prepare(store, sample, "--posting", "invoice+payment")
        killer = killed_once(store, company, lambda _step, _times, index, at=at: index == at)
        check_exactly_once(store, company)
        if not killer.struck:
            break

    assert at > 20
