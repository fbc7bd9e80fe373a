"""How orders are: the state of an order read off its job, and the listing of orders and refusals.

The state words are those of orders: a waiting job is a ``staged`` order, one handed out is ``sent``, a
blocked one is ``held``; what is done is ``posted`` or ``already_there``.
"""

from __future__ import annotations

import enum
import json
from typing import TYPE_CHECKING

from attrs import field, frozen

from ..errors import UsageError
from ..jobs import Page, State
from .rules import KIND, identity_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..jobs import Job
    from ..store import Record, Store, Transaction

__all__ = ["OrderState", "OrderView", "list_orders", "view_of"]


class OrderState(enum.StrEnum):
    """Where an order stands."""

    STAGED = "staged"
    #: Waits for an item, a customer, a person; the reason says for what.
    HELD = "held"
    SENT = "sent"
    IN_DOUBT = "in_doubt"
    POSTED = "posted"
    ALREADY_THERE = "already_there"
    FAILED = "failed"
    REFUSED = "refused"
    CANCELLED = "cancelled"


@frozen(kw_only=True)
class OrderView:
    """An order as people see it."""

    company: str
    #: ``None`` where a refused record has no number that could be read.
    number: str | None
    channel: str | None
    state: OrderState
    reason: str | None
    #: ``invoice`` and ``payment``, and what else the order became.
    txn_ids: Mapping[str, str | None] = field(factory=dict)
    #: ``None`` for a refused order.
    job_id: str | None = None

    def to_dict(self) -> dict[str, object]:
        """Return the facts that are written for programs."""
        return {
            "number": self.number,
            "channel": self.channel,
            "state": self.state.value,
            "reason": self.reason,
            "txn_ids": dict(self.txn_ids),
        }


_STATES = {
    State.WAITING: OrderState.STAGED,
    State.BLOCKED: OrderState.HELD,
    State.IN_DOUBT: OrderState.IN_DOUBT,
    State.FAILED: OrderState.FAILED,
    State.CANCELLED: OrderState.CANCELLED,
}
_NO_IDS: Mapping[str, str | None] = {"invoice": None, "payment": None}


def _state_of(job: Job) -> OrderState:
    if job.state is State.LEASED:
        return OrderState.STAGED if job.batch is None else OrderState.SENT
    if job.state is State.DONE:
        there = job.outcome is not None and job.outcome.label == OrderState.ALREADY_THERE
        return OrderState.ALREADY_THERE if there else OrderState.POSTED
    return _STATES[job.state]


def view_of(job: Job) -> OrderView:
    """Return the order of a job of kind ``order``."""
    channel, number = identity_of(job.key)
    return OrderView(
        company=job.company,
        number=number,
        channel=channel,
        state=_state_of(job),
        reason=job.reason,
        txn_ids={**_NO_IDS, **(job.outcome.ids if job.outcome else {})},
        job_id=job.id,
    )


def _refused(record: Record) -> OrderView:
    data = json.loads(record.value)
    return OrderView(
        company=record.company,
        number=data["number"],
        channel=data["channel"],
        state=OrderState.REFUSED,
        reason=data["reason"],
        txn_ids=_NO_IDS,
    )


#: A stretch of a listing: jobs of a state, or the refusals of a company.
_Stretch = tuple[str, str | None]

#: order state → the states of jobs in which such orders are.
_JOBS: Mapping[OrderState, tuple[State, ...]] = {
    OrderState.STAGED: (State.WAITING, State.LEASED),
    OrderState.HELD: (State.BLOCKED,),
    OrderState.SENT: (State.LEASED,),
    OrderState.IN_DOUBT: (State.IN_DOUBT,),
    OrderState.POSTED: (State.DONE,),
    OrderState.ALREADY_THERE: (State.DONE,),
    OrderState.FAILED: (State.FAILED,),
    OrderState.REFUSED: (),
    OrderState.CANCELLED: (State.CANCELLED,),
}


def list_orders(
    store: Store,
    *,
    company: str | None = None,
    state: str | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Page[OrderView]:
    """Return orders in the order they were staged, refused ones last.

    Args:
        store: where they are kept.
        company: whose; ``None``: all companies'.
        state: only those in this state (a word of :class:`OrderState`).
        limit: at most so many (≥ 1).
        cursor: what the previous page said.

    Raises:
        UsageError: an unknown state, a limit below 1, or a cursor that is none.
    """
    wanted = _wanted(state)
    if limit < 1:
        raise UsageError(f"limit: expected 1 or more, got {limit}")
    found: list[OrderView] = []
    with store.begin() as t:
        stretches = list(_stretches(t, company, wanted))
        index, inner = _position(cursor, stretches)
        while index < len(stretches) and len(found) < limit:
            views, inner = _page(t, company, stretches[index], min(limit - len(found), 1000), inner)
            found.extend(view for view in views if wanted is None or view.state is wanted)
            index += inner is None
    more = index < len(stretches)
    return Page(items=found, cursor=f"{index}/{inner or ''}" if more else None)


def _wanted(state: str | None) -> OrderState | None:
    try:
        return None if state is None else OrderState(state)
    except ValueError:
        words = ", ".join(OrderState)
        raise UsageError(f"state: expected one of {words}, got {state!r}") from None


def _stretches(t: Transaction, company: str | None, wanted: OrderState | None) -> Iterator[_Stretch]:
    if wanted is None:
        yield ("jobs", None)
    else:
        yield from (("jobs", state.value) for state in _JOBS[wanted])
    if wanted in {None, OrderState.REFUSED}:
        companies = [company] if company is not None else _companies(t)
        yield from (("refused", name) for name in companies)


def _companies(t: Transaction) -> list[str]:
    names: list[str] = []
    cursor: str | None = None
    while True:
        page = t.records.page("", "staging", limit=1000, cursor=cursor)
        names.extend(record.key for record in page.items)
        if page.cursor is None:
            return names
        cursor = page.cursor


def _position(cursor: str | None, stretches: Sequence[_Stretch]) -> tuple[int, str | None]:
    if cursor is None:
        return 0, None
    index, _, inner = cursor.partition("/")
    if not index.isdecimal() or int(index) > len(stretches):
        raise UsageError(f"cursor: expected what the previous page said, got {cursor!r}")
    return int(index), inner or None


def _page(
    t: Transaction, company: str | None, stretch: _Stretch, limit: int, cursor: str | None
) -> tuple[list[OrderView], str | None]:
    where, name = stretch
    if where == "refused":
        records = t.records.page(name or "", "refused", limit=limit, cursor=cursor)
        return [_refused(record) for record in records.items], records.cursor
    state = None if name is None else State(name)
    jobs = t.jobs.page(company=company, kind=KIND, state=state, limit=limit, cursor=cursor)
    return [view_of(job) for job in jobs.items], jobs.cursor
