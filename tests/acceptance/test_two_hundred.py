"""200 orders with payments, all customers new: few round trips, and little more than QuickBooks' own time."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from qbsync import Outbox, Service
from qbsync.auth import add_account
from qbsync.orders import Customer, Line, Order, OrderHandler, OrderSync
from qbsync.store.memory import MemoryStore
from qbsync.testing import Company, WebConnector

ORDERS = 200
PASSWORD = "long enough"
#: Look up the customer, the invoice and the payment, each in a round trip of its own, and add them likewise.
ONE_BY_ONE = 3


def orders():
    """Return 200 orders of 200 customers for 24 products, two lines each."""
    return [
        Order(
            source="shop",
            number=f"W{n}",
            date=date(2026, 3, 1),
            customer=Customer(first_name=f"First{n}", last_name=f"Last{n}"),
            lines=tuple(
                Line(sku=f"SKU-{(n * k) % 24}", name="Thing", quantity=Decimal(k), unit_price=Decimal("3.25"))
                for k in (1, 2)
            ),
        )
        for n in range(ORDERS)
    ]


@pytest.mark.parametrize("stops", [False, True], ids=["lists go on", "lists stop at the first missing key"])
def test_two_hundred_orders_take_thirteen_round_trips(stops, record_property):
    """At most 13 round trips, and 1.3 times QuickBooks' time, however lists of keys behave."""
    company = Company(list_query_stops_at_first_missing=stops)
    store = MemoryStore(clock=lambda: company.now)
    sync = OrderSync(Outbox(store, company="Shop"), posting="invoice+payment", paid="Cash")
    assert sync.stage(orders()).accepted == ORDERS
    add_account(store, "shop", company="Shop", password=PASSWORD)
    service = Service(store=store, handlers=(OrderHandler(),))
    connector = WebConnector(service, company=company, user_name="shop", password=PASSWORD)
    report = connector.run(interval=60)
    trips, seconds = report.round_trips, company.simulated_seconds
    work = seconds - trips  # each round trip counts one second of the company's clock

    assert report.idle
    assert len(company.invoices) == len(company.payments) == len(company.customers) == ORDERS
    assert trips <= 13
    assert seconds <= 1.3 * work
    record_property(
        "outcome table",
        f"{'lists stop' if stops else 'lists go on'}: {trips} round trips, {report.requests} requests, "
        f"{seconds:.1f} s of which {work:.1f} s are QuickBooks' own; "
        f"one by one {ONE_BY_ONE * ORDERS} round trips, {ONE_BY_ONE * ORDERS} s",
    )
