"""Staging: who is new, who is there already, who is refused, and what is kept of it."""

from __future__ import annotations

import datetime as dt
import io
import json
import sqlite3
from decimal import Decimal

import pytest
from orders_support import NOW, order

from qbsync.errors import UsageError
from qbsync.jobs import Lease, Move, NewJob, State
from qbsync.orders import Customer, Line, Order, OrderSync, Posting, Refusal, Sourced, read_lines
from qbsync.orders.rules import StagedOrder
from qbsync.outbox import Outbox
from qbsync.store.memory import MemoryStore
from qbsync.store.sqlite import SQLiteStore


@pytest.fixture
def store():
    return MemoryStore(clock=lambda: NOW)


@pytest.fixture
def outbox(store):
    return Outbox(store, company="Shop")


def placed(line, **changes):
    return Sourced(order=order(**changes), file="o.jsonl", line=line)


def lines(name="T1", **fields):
    return [{"sku": name, "quantity": "1", "unit_price": "1", **fields}]


def fail(outbox, state=State.FAILED):
    """Let the one staged order end badly."""
    with outbox.store.begin() as t:
        (lease,) = t.jobs.lease("Shop", holder="s", limit=1, until=NOW + dt.timedelta(hours=1))
        assert isinstance(lease, Lease)
        t.jobs.move([Move(job_id=lease.job.id, to=state, token=lease.token, reason="no")])


def test_orders_are_put_where_they_wait(outbox):
    """One job an order, in their order, with the order and its rules as payload."""
    report = OrderSync(outbox, paid="Cash").stage([placed(1), placed(2, number="1002")])
    assert (report.accepted, report.already_staged, report.refused, report.read) == (2, 0, (), 2)
    assert report.total == Decimal("30.00")
    first, second = outbox.list().items
    assert (first.kind, first.key, second.key) == ("order", "order:shop:1001", "order:shop:1002")
    staged = StagedOrder.from_bytes(first.payload)
    assert staged.order == order()
    assert staged.rules.posting is Posting.INVOICE_AND_PAYMENT


def test_staged_again_nothing_happens(outbox):
    """The same file again changes nothing and says so; so does the same order twice in one file."""
    sync = OrderSync(outbox)
    assert sync.stage([placed(1), placed(2, total="15")]).already_staged == 1
    report = sync.stage([placed(1)])
    assert (report.accepted, report.already_staged, report.other_rules) == (0, 1, 0)
    assert report.total == Decimal("15.00")
    assert len(outbox.list().items) == 1


def test_the_same_number_with_other_content_is_refused(outbox):
    """In one file the second is refused and says where the first stands; later too. The first stays."""
    sync = OrderSync(outbox)
    other = lines()
    report = sync.stage([placed(1), placed(2, lines=other, total=...), placed(3)])
    assert (report.accepted, report.already_staged) == (1, 1)
    (refusal,) = report.refused
    assert (refusal.file, refusal.line, refusal.path, refusal.value) == ("o.jsonl", 2, "number", "1001")
    assert "o.jsonl:1" in refusal.reason
    (later,) = sync.stage([placed(9, lines=other, total=...)]).refused
    assert "earlier" in later.reason
    (unplaced,) = sync.stage([order(), order(note="x")]).refused
    assert "in the same run" in unplaced.reason
    assert StagedOrder.from_bytes(outbox.list().items[0].payload).order == order()


def test_channels_keep_numbers_apart(outbox):
    """The same number of another source is another order."""
    report = OrderSync(outbox).stage([placed(1), placed(2, source="other"), placed(3, source=...)])
    assert report.accepted == 3


def test_an_order_keeps_the_rules_it_was_staged_under(outbox):
    """Staged again under other rules it stays as it is, and the report says so."""
    OrderSync(outbox).stage([placed(1)])
    report = OrderSync(outbox, paid="Cash").stage([placed(1)])
    assert (report.already_staged, report.other_rules, report.refused) == (1, 1, ())
    assert StagedOrder.from_bytes(outbox.list().items[0].payload).rules.paid is None


def test_a_failed_or_cancelled_order_may_be_staged_again(outbox):
    """Its number may come again, also with other content, and waits anew."""
    sync = OrderSync(outbox)
    sync.stage([placed(1)])
    fail(outbox)
    assert sync.stage([placed(1, note="mended")]).accepted == 1
    (job,) = outbox.list().items
    assert (job.state, job.attempts) == (State.WAITING, 0)
    assert StagedOrder.from_bytes(job.payload).order.note == "mended"
    outbox.cancel(job.id)
    assert sync.stage([placed(1, note="mended")]).accepted == 1


def test_each_rule_refuses_with_its_place(outbox):
    """Orders that break a rule, and lines that could not be read, are refused; all others go through."""
    broken = Refusal(
        file="o.jsonl", line=1, path="", rule="one JSON object", value="{", reason="o.jsonl:1: no"
    )
    report = OrderSync(outbox).stage([broken, placed(2, lines=[]), placed(3), placed(4, number="2", tax="1")])
    assert [(one.line, one.path) for one in report.refused] == [(1, ""), (2, "lines"), (4, "tax")]
    assert report.refused[1].to_dict() == {
        "file": "o.jsonl",
        "line": 2,
        "path": "lines",
        "rule": "at least one line",
        "value": "[]",
        "reason": "o.jsonl:2: lines: expected at least one line, got []",
    }
    assert (report.accepted, report.read) == (1, 4)


def test_orders_of_a_host_are_checked_too(outbox):
    """An order made in Python passes the same rules as one from a file."""
    good = Order(
        number=" 7 ",
        date=dt.date(2024, 1, 2),
        customer=Customer(name="Ann"),
        lines=(Line(sku="A", quantity=2, unit_price=Decimal("1.50")),),
    )
    bad = Order(number="8", date=dt.date(2024, 1, 2), lines=(Line(sku="A", quantity=0.5),))
    report = OrderSync(outbox).stage([good, bad])
    assert report.accepted == 1
    (refusal,) = report.refused
    assert (refusal.path, refusal.number, refusal.file) == ("lines[0].quantity", "8", None)
    assert outbox.list().items[0].key == "order::7"


def test_whatever_a_host_hands_in_stops_no_other(outbox):
    """Objects of other types, and orders with other types in them, are refused one by one and listed."""
    good = {"date": dt.date(2026, 1, 2), "customer": Customer(name="A"), "lines": (Line(sku="T"),)}
    odd = [None, {"number": "1"}, Order(number=["2"], **good), Order(number=3, source=4, **good)]
    report = OrderSync(outbox).stage([*odd, order()])

    assert (report.accepted, len(report.refused)) == (1, 4)
    assert [(one.number, one.channel) for one in report.refused] == [
        (None, ""),
        (None, ""),
        (None, ""),
        ("3", "4"),
    ]
    assert report.refused[0].reason == "order: expected an Order, got None"
    assert len(OrderSync(outbox).orders(state="refused").items) == 4


@pytest.mark.parametrize(
    "broken",
    [
        {"source": "\\ud83d"},
        {"number": "1\\ud83d"},
        {"number": "1\\u0000", "source": "\\u0000"},
        {"\\ud83d": "1"},
        {"customer": {"na\\u0000me": "A"}},
        {"lines": [{"attributes": {"color": "\\ud83d"}}]},
        {"lines": [{"attributes": {"\\ud83d": "red"}}]},
        {"number": "9" * 100_000},
        {"source": "9" * 100_000},
    ],
)
def test_no_text_of_a_refused_order_stops_the_others(broken, tmp_path):
    """What no encoding and no database takes is escaped, or left out of the indexes."""
    lines = json.dumps({"number": "1", "date": "2026-01-02", **broken}).replace("\\\\u", "\\u")
    store = SQLiteStore(tmp_path / "s")
    sync = OrderSync(Outbox(store, company="Shop"))
    report = sync.stage([*read_lines(io.BytesIO(lines.encode())), order()])

    assert (report.accepted, len(report.refused)) == (1, 1)
    json.dumps(report.refused[0].to_dict(), ensure_ascii=False).encode()
    assert len(sync.orders(state="refused").items) == 1
    with store.begin() as t:
        (kept,) = t.records.page("Shop", "refused", limit=9).items
    assert kept.state.isprintable()
    assert len(kept.state) < 500
    store.close()


def test_refused_orders_are_kept_once(outbox):
    """The same refusal again is the same record; the listing shows number, channel and reason."""
    sync = OrderSync(outbox)
    for _ in range(2):
        sync.stage([placed(2, lines=[])])
    (view,) = sync.orders(state="refused").items
    assert (view.number, view.channel, view.state) == ("1001", "shop", "refused")
    assert view.reason == "o.jsonl:2: lines: expected at least one line, got []"
    assert view.txn_ids == {"invoice": None, "payment": None}


def test_an_accepted_order_removes_its_refusals(outbox):
    """When the mended order is staged, the refusal of its number is gone; others stay."""
    sync = OrderSync(outbox)
    sync.stage([placed(2, lines=[]), placed(3, number="2", lines=[])])
    sync.stage([placed(2)])
    assert [(view.number, view.state) for view in sync.orders().items] == [
        ("1001", "staged"),
        ("2", "refused"),
    ]


def test_names_fitted_to_the_same_are_refused(outbox):
    """Two customers, or two items, that would be one in QuickBooks: the second order is refused."""
    sync = OrderSync(outbox)
    long = "x" * 45
    report = sync.stage(
        [
            placed(1, customer={"company": f"{long}1"}),
            placed(2, number="2", customer={"company": f"{long}2"}),
            placed(3, number="3", customer={"company": f"{long.upper()}1"}),
            placed(4, number="4", lines=lines("a:b"), total=...),
            placed(5, number="5", lines=lines("a-b"), total=...),
            placed(6, number="6", lines=[*lines("c:d"), *lines("c-d")], total=...),
        ]
    )
    assert [(one.line, one.path) for one in report.refused] == [
        (2, "customer.company"),
        (5, "lines[0].sku"),
        (6, "lines[1].sku"),
    ]
    assert report.accepted == 3


def test_names_are_remembered_between_runs(outbox):
    """What was staged in another run, fitted or not, is compared too; another company is not."""
    OrderSync(outbox).stage([placed(1, customer={"name": "Wójcik, Stanislaw"})])
    again = OrderSync(outbox)
    (refusal,) = again.stage([placed(2, number="2", customer={"name": "Wójcik, Stanisław"})]).refused
    assert refusal.path == "customer.name"
    assert again.stage([placed(3, number="3", customer={"name": "wójcik,  STANISLAW"})]).accepted == 1
    other = OrderSync(Outbox(outbox.store, company="Other"))
    assert other.stage([placed(2, number="2", customer={"name": "Wójcik, Stanisław"})]).accepted == 1


def test_a_refused_order_takes_no_names(outbox):
    """An order that is refused because of one name does not keep its other names for itself."""
    sync = OrderSync(outbox)
    sync.stage([placed(1, customer={"name": "a:a"})])
    clashing = placed(2, number="2", customer={"name": "a-a"}, lines=lines("i:i"), total=...)
    assert sync.stage([clashing, placed(3, number="3", lines=lines("i-i"), total=...)]).accepted == 1


def test_remarks_tell_where_they_belong(outbox):
    """What is altered is reported with number and place, again when it is staged again, not when refused."""
    sync = OrderSync(outbox)
    altered = placed(4, customer={"name": "Wójcik Stanisław"})
    for _ in range(2):
        (remark,) = sync.stage([altered, placed(5, customer={"name": "ł"})]).remarks
        assert (remark.number, remark.channel, remark.line) == ("1001", "shop", 4)
        assert remark.became == "Wójcik Stanislaw"
        assert "becomes" in str(remark)
    sync = OrderSync(outbox, names="refuse")
    assert sync.stage([placed(4, number="5", customer={"name": "ł"})]).remarks == ()


def test_many_orders_are_many_transactions(outbox, monkeypatch):
    """Orders are put by the hundred, as they come; a failure keeps those before it."""
    monkeypatch.setattr("qbsync.orders.sync._BATCH", 10)

    def source():
        for index in range(25):
            if index == 20:
                assert len(outbox.list().items) == 20
            yield order(number=str(index))
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="disk"):
        OrderSync(outbox).stage(source())
    assert len(outbox.list().items) == 20


def test_options_that_contradict_are_refused(outbox):
    """A wrong rule is refused before anything is staged."""
    with pytest.raises(UsageError):
        OrderSync(outbox, posting="invoice", paid="Cash")


def test_what_is_kept_has_a_format_number(outbox, store):
    """Every record of staging says in which format it is written."""
    OrderSync(outbox).stage([placed(1), placed(2, number="2", lines=[])])
    with store.begin() as t:
        kinds = [("Shop", "refused"), ("Shop", "fitted"), ("", "staging")]
        records = [found for company, kind in kinds for found in t.records.page(company, kind).items]
    assert len(records) == 5
    assert all(json.loads(found.value)["format"] == 1 for found in records)


def test_a_document_that_was_dropped_still_stands_for_its_number(outbox, store):
    """When retention has dropped an order's document, its number is taken and nothing can be compared."""
    sync = OrderSync(outbox)
    with store.begin() as t:
        t.jobs.put([NewJob(company="Shop", kind="order", key="order:shop:1001", payload=b"")])
    report = sync.stage([order()])
    assert (report.accepted, report.already_staged, report.other_rules) == (0, 1, 0)


def test_staging_joins_the_host_s_transaction(tmp_path):
    """With a connection everything is the host's to commit; rolled back, nothing was staged."""
    path = tmp_path / "s.db"
    store = SQLiteStore(path)
    sync = OrderSync(Outbox(store, company="Shop"))
    connection = sqlite3.connect(path, isolation_level=None)
    for end, expected in (("ROLLBACK", 0), ("COMMIT", 1)):
        connection.execute("BEGIN IMMEDIATE")
        assert sync.stage([order()], connection=connection).accepted == 1
        connection.execute(end)
        assert len(sync.orders().items) == expected
    connection.close()
    store.close()
