"""Staging: orders are checked and put where they wait for QuickBooks.

The identity of an order is (company, channel, number). The same order staged again changes nothing; the same
number with other content is refused. Refused orders are kept, so that they can be listed; an accepted order
removes the refusals of its number. Names that became the same for QuickBooks are refused, within one run and
against all that was staged before. The records of it are :mod:`.staging`'s.
"""

from __future__ import annotations

import hashlib
import json
from itertools import islice
from typing import TYPE_CHECKING

from attrs import field, frozen

from ..errors import InvalidOrderError
from . import preview, staging
from .adding_up import Rounding
from .names import Names
from .order import Order
from .record import from_record, to_record
from .reports import Refusal, Sourced
from .rules import Rules, StagedOrder, job_key
from .staging import Candidate, StageReport
from .view import list_orders
from .work import Work

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from contextlib import AbstractContextManager

    from ..jobs import Page
    from ..outbox import Outbox
    from ..store import Transaction
    from .view import OrderView

__all__ = ["OrderSync", "StageReport"]

#: Orders put in one transaction: enough to make its cost small, few enough not to hold others up.
_BATCH = 200


@frozen(init=False)
class OrderSync:
    """Orders of one company: stage them, preview them, see how they are.

    Args:
        outbox: the company's outbox.
        posting: ``invoice`` (default), ``invoice+payment``, ``sales-receipt``, ``sales-order``, ``estimate``.
        paid: orders without payments count as paid in full by this payment method; implies
            ``invoice+payment``.
        names: ``fit`` (default) alters what QuickBooks cannot hold and reports it; ``refuse`` refuses.
        income_account: the full name of the account of new items.
        rounding: ``half_even`` (default) or ``half_up``: how the source rounds a line's value to cents.

    Raises:
        UsageError: options that contradict each other, or an unknown word.
    """

    outbox: Outbox
    rules: Rules = field(kw_only=True)

    def __init__(
        self,
        outbox: Outbox,
        *,
        posting: str | None = None,
        paid: str | None = None,
        names: str = Names.FIT,
        income_account: str | None = None,
        rounding: str = Rounding.HALF_EVEN,
    ) -> None:
        rules = Rules.of(
            posting=posting, paid=paid, names=names, income_account=income_account, rounding=rounding
        )
        self.__attrs_init__(outbox, rules=rules)

    def stage(self, orders: Iterable[Order | Sourced | Refusal], *, connection: object = None) -> StageReport:
        """Check orders and put them where they wait for QuickBooks.

        Args:
            orders: orders, or what a source yields (:func:`~qbsync.orders.read_file`); read as a stream.
            connection: the host's own open connection: everything joins its transaction. Without one, each
                200 orders are one transaction, and a failure of the store keeps those before it.

        Returns:
            How many were accepted, were there already, or were refused and why.

        Raises:
            StoreError: the store could not.
        """
        run = staging.Run()
        source = iter(orders)
        while candidates := [self._candidate(item) for item in islice(source, _BATCH)]:
            with self._transaction(connection) as t:
                staging.put(t, self.outbox.company, candidates, run)
        return run.report()

    def orders(
        self, *, state: str | None = None, limit: int = 100, cursor: str | None = None
    ) -> Page[OrderView]:
        """Return the company's orders, refused ones last; see :func:`~qbsync.orders.list_orders`."""
        return list_orders(
            self.outbox.store, company=self.outbox.company, state=state, limit=limit, cursor=cursor
        )

    def preview(self) -> Iterator[preview.Preview]:
        """Yield what would be sent for each order that is not done, without QuickBooks."""
        yield from preview.of(self.outbox)

    def _transaction(self, connection: object) -> AbstractContextManager[Transaction]:
        store = self.outbox.store
        return store.begin() if connection is None else store.join(connection)

    def _candidate(self, item: Order | Sourced | Refusal) -> Candidate | Refusal:
        if isinstance(item, Refusal):
            return item
        sourced = item if isinstance(item, Sourced) else Sourced(order=item)
        order = sourced.order
        digest = ""
        try:
            record = _record_of(order)
            digest = hashlib.sha256(json.dumps(record, sort_keys=True, default=str).encode()).hexdigest()
            if not isinstance(item, Sourced):
                sourced = Sourced(order=from_record(record))
            staged = StagedOrder(order=sourced.order, rules=self.rules)
            return Candidate(
                sourced=sourced,
                work=Work.of_staged(staged),
                key=job_key(sourced.order.channel, sourced.order.number),
                payload=staged.to_bytes(),
                record=to_record(sourced.order),
            )
        except InvalidOrderError as error:
            return Refusal.of(
                error,
                file=sourced.file,
                line=sourced.line,
                channel=_text(getattr(order, "source", None) or ""),
                number=_text(getattr(order, "number", None)),
                digest=digest,
            )


def _record_of(order: object) -> dict[str, object]:
    if not isinstance(order, Order):
        raise InvalidOrderError("", "an Order", order)
    return to_record(order)


def _text(value: object) -> str | None:
    """Return a part of an identity as text; a host's own object may hold anything."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else None
