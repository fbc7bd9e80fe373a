"""User, staging, serving and listing as separate processes on one SQLite file; a Web Connector over HTTP."""

from __future__ import annotations

import json
import socket
import urllib.request
from contextlib import closing
from decimal import Decimal

import pytest
from programs import PASSWORD, connect, lines_of, orders_of, prepare, qbsync, run_until_idle, serving

from qbsync.testing import End


def test_orders_reach_the_books_and_are_listed_with_their_ids(store, company, sample):
    """All staged orders are in the books once, and ``orders --json`` says so with TxnIDs."""
    staged = prepare(store, sample, "--posting", "invoice+payment", "--json")
    with serving(store) as server:
        run_until_idle(server.url, company)
    listed = orders_of(store)
    invoices = {invoice.ref_number: invoice.txn_id for invoice in company.invoices}
    payments = {payment.ref_number: payment.txn_id for payment in company.payments}

    assert staged.returncode == 0
    assert lines_of(staged)[-1]["accepted"] == 40
    assert len(listed) == len(invoices) == len(company.invoices) == 40
    assert {order["state"] for order in listed} == {"posted"}
    assert {order["channel"] for order in listed} == {"demo-shop"}
    assert {order["number"]: order["txn_ids"]["invoice"] for order in listed} == invoices
    assert len(payments) == 27
    assert {o["number"]: o["txn_ids"]["payment"] for o in listed if o["txn_ids"]["payment"]} == payments
    assert company.books_total() == Decimal("14426.23")


def test_an_order_of_more_new_items_than_a_set_takes_is_posted(store, company, tmp_path):
    """What it needs goes first, in sets of its own; an order that waits behind it goes too."""

    def record(number, count):
        lines = [{"sku": f"{number}-{i}", "quantity": "1", "unit_price": "0.25"} for i in range(count)]
        return {"number": number, "date": "2026-03-01", "customer": {"name": "Ada Q"}, "lines": lines}

    file = tmp_path / "orders.jsonl"
    file.write_text(f"{json.dumps(record('BIG', 130))}\n{json.dumps(record('SMALL', 2))}\n", encoding="utf-8")
    prepare(store, file, "--paid", "Cash")
    with serving(store) as server:
        run_until_idle(server.url, company)

    assert [(order["state"], order["reason"]) for order in orders_of(store)] == [("posted", None)] * 2
    assert {invoice.ref_number: invoice.total for invoice in company.invoices} == {
        "BIG": Decimal("32.50"),
        "SMALL": Decimal("0.50"),
    }
    assert len(company.items) == 132
    assert company.open_balance() == 0


def test_orders_staged_while_it_serves_are_picked_up(store, company, sample, tmp_path):
    """Nothing has to be started again for new orders."""
    records = sample.read_text(encoding="utf-8").splitlines(keepends=True)
    first, second = tmp_path / "1.jsonl", tmp_path / "2.jsonl"
    first.write_text("".join(records[:5]), encoding="utf-8")
    second.write_text("".join(records[:9]), encoding="utf-8")
    prepare(store, first)
    with serving(store) as server:
        run_until_idle(server.url, company)
        staged = qbsync("stage", second, "--company", "Shop", "--store", store, "--json")
        run_until_idle(server.url, company)

    assert lines_of(staged)[-1]["accepted"] == 4
    assert lines_of(staged)[-1]["already_staged"] == 5
    assert len(company.invoices) == 9


def test_a_wrong_password_is_refused(store, company, sample):
    """The Web Connector is told so, and no order leaves."""
    prepare(store, sample)
    with serving(store) as server, closing(connect(server.url, company, password="something else")) as wrong:
        report = wrong.run_session()

    assert report.end is End.REFUSED
    assert company.sets == 0


def test_the_password_is_not_in_the_store(store, sample):
    """Only its hash is."""
    prepare(store, sample)
    stored = b"".join(path.read_bytes() for path in store.parent.glob(store.name + "*"))

    assert b"scrypt" in stored
    assert PASSWORD.encode() not in stored


def test_serve_says_where_it_listens_and_stops_cleanly(store):
    """Port 0 takes a free one; the WSDL is at ``?wsdl``, a page for people at the address itself."""
    with serving(store) as server:
        with urllib.request.urlopen(server.url + "?wsdl", timeout=10) as wsdl:
            description = wsdl.read()
        with urllib.request.urlopen(server.url, timeout=10) as page:
            status = page.status
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(server.url.removesuffix("/qbwc") + "/other", timeout=10)
        code, errors = server.stop()

    assert server.url.startswith("http://127.0.0.1:")
    assert server.url.endswith("/qbwc")
    assert b"sendRequestXML" in description
    assert server.url.encode() in description
    assert status == 200
    assert (code, errors) == (0, "")


def test_a_taken_port_is_said_in_a_line(store):
    """No traceback for what happens every day."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        finished = qbsync("serve", "--store", store, "--port", taken.getsockname()[1])

    assert finished.returncode == 1
    assert "cannot listen on 127.0.0.1" in finished.stderr
    assert "Traceback" not in finished.stderr


def test_jobs_are_listed_and_shown(store, company, sample):
    """``jobs --json`` has one line a job; ``jobs show`` its history."""
    prepare(store, sample)
    with serving(store) as server:
        run_until_idle(server.url, company)
    jobs = lines_of(qbsync("jobs", "--store", store, "--json"))
    limited = lines_of(qbsync("jobs", "--store", store, "--json", "--limit", "3", "--state", "done"))
    shown = json.loads(qbsync("jobs", "show", jobs[0]["id"], "--store", store, "--json").stdout)

    assert len(jobs) == 40
    assert set(jobs[0]) == {"id", "company", "key", "kind", "state", "attempts", "reason"}
    assert {(job["state"], job["kind"], job["company"], job["attempts"]) for job in jobs} == {
        ("done", "order", "Shop", 1)
    }
    assert limited == jobs[:3]
    assert shown["history"][0]["after"] == "waiting"
    assert shown["history"][-1]["after"] == "done"
