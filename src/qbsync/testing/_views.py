"""What tests read of a simulated company: plain values, cut loose from how it is kept.

Here: list objects, transactions and their lines as frozen values.
"""

from __future__ import annotations

from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import attrs

from ._nodes import LINES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ._books import Books, ListObject, Transaction

__all__ = ["Entry", "Line", "Txn", "amount_of", "entry_view", "transaction_view"]


@attrs.frozen(kw_only=True)
class Entry:
    """A list object as a test reads it."""

    kind: str
    list_id: str
    full_name: str
    is_active: bool
    #: What it owes, for customers; what it holds, for accounts.
    balance: Decimal
    #: Its elements by name: texts, mappings, lists.
    fields: Mapping[str, Any] = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class Line:
    """A line of a sales form as a test reads it."""

    item: str | None
    quantity: str | None
    rate: str | None
    amount: Decimal
    fields: Mapping[str, Any] = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class Txn:
    """A transaction as a test reads it."""

    kind: str
    txn_id: str
    ref_number: str
    #: The full name of its customer, ``None`` without one.
    customer: str | None
    date: str
    total: Decimal
    #: What is not settled: of an invoice what is due, of a payment or credit what is unused.
    balance: Decimal
    lines: tuple[Line, ...] = attrs.field(repr=False)
    #: The IDs of the transactions that it is linked to.
    links: tuple[str, ...] = attrs.field(repr=False)
    fields: Mapping[str, Any] = attrs.field(repr=False)


def amount_of(amount: int) -> Decimal:
    """Return cents as money."""
    return Decimal(amount).scaleb(-2)


def entry_view(entry: ListObject) -> Entry:
    """Return a list object as a test reads it."""
    return Entry(
        kind=entry.kind,
        list_id=entry.id,
        full_name=entry.full_name,
        is_active=entry.is_active,
        balance=amount_of(entry.balance),
        fields=MappingProxyType(entry.fields),
    )


def _line(fields: dict[str, Any]) -> Line:
    ref = fields.get("ItemRef") or fields.get("ItemGroupRef")
    return Line(
        item=None if ref is None else ref["FullName"],
        quantity=fields.get("Quantity"),
        rate=fields.get("Rate"),
        amount=Decimal(fields.get("Amount") or fields.get("TotalAmount") or "0.00"),
        fields=MappingProxyType(fields),
    )


def transaction_view(books: Books, one: Transaction) -> Txn:
    """Return a transaction as a test reads it."""
    customer = books.customer_of(one)
    return Txn(
        kind=one.kind,
        txn_id=one.id,
        ref_number=str(one.fields.get("RefNumber", "")),
        customer=None if customer is None else customer.full_name,
        date=str(one.fields.get("TxnDate", "")),
        total=amount_of(one.total),
        balance=amount_of(one.open),
        lines=tuple(_line(fields) for _, fields in one.fields.get(LINES, [])),
        links=tuple(other for other, _, _ in one.links),
        fields=MappingProxyType(one.fields),
    )
