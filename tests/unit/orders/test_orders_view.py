"""How orders are listed."""

from __future__ import annotations

import datetime as dt

import pytest
from orders_support import NOW, order

from qbsync.errors import UsageError
from qbsync.jobs import Move, Outcome, State
from qbsync.orders import OrderState, OrderSync, list_orders
from qbsync.outbox import Outbox
from qbsync.store.memory import MemoryStore


@pytest.fixture
def store():
    return MemoryStore(clock=lambda: NOW)


def end(store, moves):
    """Lease all orders and move them one by one; ``None`` leaves one leased."""
    with store.begin() as t:
        leases = t.jobs.lease("Shop", holder="s", limit=100, until=NOW + dt.timedelta(hours=1))
        for lease, move in zip(leases, moves, strict=True):
            if move is not None:
                t.jobs.move([Move(job_id=lease.job.id, token=lease.token, **move)])


MOVES = [
    None,
    {"to": State.LEASED, "batch": "B1", "attempted": True},
    {"to": State.BLOCKED, "reason": "add Cash"},
    {"to": State.IN_DOUBT, "reason": "no answer"},
    {"to": State.DONE, "outcome": Outcome(label="posted", ids={"invoice": "1A-1", "payment": "1B-1"})},
    {"to": State.DONE, "outcome": Outcome(label="already_there", ids={"invoice": "1A-2"})},
    {"to": State.DONE, "outcome": Outcome(label="resolved", ids={"sales_receipt": "1A-3"})},
    {"to": State.FAILED, "reason": "too odd"},
    {"to": State.WAITING, "reason": "in use"},
]
STATES = ["staged", "sent", "held", "in_doubt", "posted", "already_there", "posted", "failed", "staged"]


@pytest.fixture
def sync(store):
    """One order in each state, and one refused."""
    sync = OrderSync(Outbox(store, company="Shop"))
    sync.stage([*(order(number=str(index)) for index in range(len(MOVES))), order(number="x", lines=[])])
    end(store, MOVES)
    return sync


def test_the_state_of_an_order_is_that_of_its_job(sync):
    """Each state of a job is a state of its order; reasons and TxnIDs come along."""
    views = sync.orders().items
    assert [view.state for view in views] == [*STATES, "refused"]
    assert [view.number for view in views] == [*map(str, range(9)), "x"]
    assert views[2].reason == "add Cash"
    assert views[4].txn_ids == {"invoice": "1A-1", "payment": "1B-1"}
    assert views[5].txn_ids == {"invoice": "1A-2", "payment": None}
    assert views[6].txn_ids["sales_receipt"] == "1A-3"
    assert views[3].to_dict() == {
        "number": "3",
        "channel": "shop",
        "state": "in_doubt",
        "reason": "no answer",
        "txn_ids": {"invoice": None, "payment": None},
    }


@pytest.mark.parametrize("state", list(OrderState))
def test_orders_are_listed_by_state(sync, state):
    """A listing of one state holds all of that state and nothing else, page by page."""
    expected = [*STATES, "refused"].count(state)
    found, cursor = [], None
    while True:
        page = sync.orders(state=state, limit=1, cursor=cursor)
        found += page.items
        cursor = page.cursor
        if cursor is None:
            break
    assert [view.state for view in found] == [state] * expected


@pytest.mark.parametrize("limit", [1, 3, 10, 11])
def test_pages_hold_everything_once(sync, limit):
    """Pages put together are the whole listing, in order, whatever their size."""
    found, cursor = [], None
    while True:
        page = sync.orders(limit=limit, cursor=cursor)
        assert len(page.items) <= limit
        found += page.items
        cursor = page.cursor
        if cursor is None:
            break
    assert [view.number for view in found] == [*map(str, range(9)), "x"]


@pytest.mark.usefixtures("sync")
def test_all_companies_are_listed_together(store):
    """Without a company everybody's orders come, refused ones last."""
    other = OrderSync(Outbox(store, company="Other"))
    other.stage([order(number="o"), order(number="y", lines=[])])
    views = list_orders(store).items
    assert [view.number for view in views][-3:] == ["o", "y", "x"]
    assert {view.company for view in views} == {"Shop", "Other"}
    assert [view.number for view in list_orders(store, company="Other").items] == ["o", "y"]


@pytest.mark.parametrize("options", [{"state": "lost"}, {"limit": 0}, {"cursor": "?"}, {"cursor": "99/"}])
def test_wrong_questions_are_refused(sync, options):
    """An unknown state, a limit below 1 and a foreign cursor are the caller's error."""
    with pytest.raises(UsageError):
        sync.orders(**options)


def test_previews_show_what_would_be_sent(sync):
    """Every order that is not done has a preview, with its requests and why it waits."""
    previews = list(sync.preview())
    assert [(one.number, one.state) for one in previews] == [
        ("0", "staged"),
        ("1", "sent"),
        ("2", "held"),
        ("3", "in_doubt"),
        ("8", "staged"),
    ]
    assert previews[2].reason == "add Cash"
    assert previews[0].names == "fit"
    assert [type(request).__name__ for request in previews[0].needs] == [
        "CustomerAddRq",
        "ItemNonInventoryAddRq",
        "ItemNonInventoryAddRq",
        "ItemOtherChargeAddRq",
    ]
    assert [type(request).__name__ for request in previews[0].requests] == ["InvoiceAddRq"]
    assert str(previews[0].total) == "15.00"


def test_previews_go_on_after_a_page(store):
    """More orders than one page holds are all previewed."""
    sync = OrderSync(Outbox(store, company="Shop"), paid="Cash", income_account="Sales")
    sync.stage(order(number=str(index)) for index in range(101))
    previews = list(sync.preview())
    assert len(previews) == 101
    assert [type(request).__name__ for request in previews[100].requests] == [
        "InvoiceAddRq",
        "ReceivePaymentAddRq",
    ]
