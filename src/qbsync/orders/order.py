"""An order as a shop knows it: plain frozen values, nothing of QuickBooks.

The fields are those of the order record (one JSON object a line); ``payments`` is the one addition.
What is *not* here: reading and checking records (:mod:`.record`), adding up (:mod:`.adding_up`), names that
QuickBooks cannot hold (:mod:`.fitting`).

Money, prices, quantities and rates are ``Decimal``; dates are calendar dates, or date-times where the source
states a time. A field that the source does not have is ``None`` or ``()``; nothing is computed or filled in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping
    from decimal import Decimal

__all__ = ["Address", "Customer", "Line", "Order", "Payment"]


@frozen(kw_only=True)
class Address:
    """Where somebody lives, or where the goods go."""

    company: str | None = None
    #: The person.
    name: str | None = None
    #: ``line1``, ``line2``, … of the record: split at the source's own line breaks only.
    lines: tuple[str, ...] = ()
    city: str | None = None
    region: str | None = None
    region_code: str | None = None
    postal_code: str | None = None
    country: str | None = None
    country_code: str | None = None


@frozen(kw_only=True)
class Customer:
    """Who buys."""

    #: The shop's own key.
    id: str | None = None
    company: str | None = None
    #: The person.
    name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    title: str | None = None
    legal_form: str | None = None
    email: str | None = None
    phone: str | None = None
    fax: str | None = None
    currency: str | None = None
    language: str | None = None
    credit_limit: Decimal | None = None
    #: The customer's own address, from the shop's customer table.
    address: Address | None = None


@frozen(kw_only=True)
class Line:
    """One thing sold."""

    #: The source's line number, else 1, 2, …
    line: str | None = None
    sku: str | None = None
    name: str | None = None
    description: str | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    unit_price: Decimal | None = None
    #: 0.15 is 15 %.
    discount_rate: Decimal | None = None
    #: Of the whole line.
    discount_amount: Decimal | None = None
    #: Of the whole line.
    tax: Decimal | None = None
    #: Of the whole line, after discount.
    amount: Decimal | None = None
    unit_price_net: Decimal | None = None
    unit_tax: Decimal | None = None
    #: From the product table, where the order has no price.
    list_price: Decimal | None = None
    shipment: str | None = None
    shipment_status: str | None = None
    delivery_date: dt.date | None = None
    #: Anything else that the source says; JSON values.
    attributes: Mapping[str, object] = field(factory=dict)


@frozen(kw_only=True)
class Payment:
    """Money received for an order; for now one, of the order's total."""

    #: The payment method's name in QuickBooks.
    method: str | None = None
    #: Left out: the order's total.
    amount: Decimal | None = None
    #: Left out: the order's date.
    date: dt.date | None = None


@frozen(kw_only=True)
class Order:
    """A shop's order."""

    #: The data set or shop it comes from: the channel of its identity.
    source: str | None = None
    #: ``order`` or ``invoice``.
    type: str = "order"
    number: str
    po_number: str | None = None
    date: dt.date
    required_date: dt.date | None = None
    shipped_date: dt.date | None = None
    status: str | None = None
    currency: str | None = None
    note: str | None = None
    ship_method: str | None = None
    order_mode: str | None = None
    store: str | None = None
    cost_center: str | None = None
    phone: str | None = None
    customer: Customer = field(factory=Customer)
    #: Stands on the order; without one the customer's own address counts.
    bill_to: Address | None = None
    ship_to: Address | None = None
    lines: tuple[Line, ...] = ()
    shipping_charge: Decimal | None = None
    subtotal: Decimal | None = None
    tax: Decimal | None = None
    total: Decimal | None = None
    payments: tuple[Payment, ...] = ()

    @property
    def channel(self) -> str:
        """The part of the order's identity that tells shops apart; empty when the source has no name."""
        return self.source or ""
