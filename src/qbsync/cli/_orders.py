"""``qbsync orders``: how orders are."""

from __future__ import annotations

from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING

from ..orders.view import list_orders as page_of_orders
from ._output import json_line, table
from ._stores import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..orders.view import OrderView
    from ..store import Store

__all__ = ["all_orders", "list_orders"]

_PAGE = 500


def list_orders(
    store_text: str, *, company: str | None, state: str | None, limit: int | None, as_json: bool
) -> int:
    """Write the orders of a store in the order they were staged, refused ones last."""
    with closing(open_store(store_text, must_exist=True)) as store:
        found = islice(all_orders(store, company=company, state=state), limit)
        if as_json:
            for order in found:
                json_line(order.to_dict())
        else:
            table(
                ("number", "channel", "state", "invoice", "payment", "reason"),
                (_row(order) for order in found),
                nothing="no orders",
            )
    return 0


def all_orders(store: Store, *, company: str | None, state: str | None = None) -> Iterator[OrderView]:
    """Yield orders, read page by page: no transaction is open while the caller works."""
    cursor: str | None = None
    while True:
        page = page_of_orders(store, company=company, state=state, limit=_PAGE, cursor=cursor)
        yield from page.items
        cursor = page.cursor
        if cursor is None:
            return


def _row(order: OrderView) -> tuple[str, ...]:
    cells = (
        order.number,
        order.channel,
        order.state.value,
        order.txn_ids.get("invoice"),
        order.txn_ids.get("payment"),
        order.reason,
    )
    return tuple(cell or "" for cell in cells)
