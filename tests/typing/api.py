"""Checked by mypy, never run: what users write has the types that they expect."""

from __future__ import annotations

from typing import assert_type

from qbsync import Job, Outbox, Service
from qbsync.adapters import wsgi
from qbsync.models import CustomerQueryRs, CustomerRet, InvoiceAdd, InvoiceAddRq, Ref
from qbsync.orders import OrderHandler, OrderSync, StageReport, read_file
from qbsync.store.sqlite import SQLiteStore


def host_program() -> None:
    """Put work in and serve it."""
    store = SQLiteStore("shop.qbsync")
    outbox = Outbox(store, company="Shop")
    request = InvoiceAddRq(invoice_add=InvoiceAdd(customer_ref=Ref(full_name="Quimby, Ada")))
    outbox.put(request, key="invoice:1")
    assert_type(outbox.get("1"), Job)
    assert_type(OrderSync(outbox, paid="Cash").stage(read_file("orders.jsonl")), StageReport)
    wsgi.application(Service(store=store, handlers=(OrderHandler(),)))


def answers(response: CustomerQueryRs) -> None:
    """Read an answer."""
    assert_type(response.customer_ret, tuple[CustomerRet, ...])
    assert_type(response.raise_for_status(), CustomerQueryRs)
