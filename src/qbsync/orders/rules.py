"""How orders are posted: the rules of one staging run, and the stored form of an order with its rules.

The stored form is what a job of kind ``order`` carries: JSON with a format number, canonical, so that the
same order under the same rules has the same bytes.
"""

from __future__ import annotations

import enum
import json
from urllib.parse import quote, unquote

from attrs import field, frozen

from ..errors import UsageError
from ..jobs import FORMAT
from ..qbxml.characters import encodable
from .adding_up import Rounding
from .checks import MAX_METHOD
from .names import Names
from .order import Order, Payment
from .record import from_record, to_record

__all__ = ["KIND", "Posting", "Rules", "StagedOrder", "identity_of", "job_key"]

#: The kind of job that an order is.
KIND = "order"
_ACCOUNT = 159


class Posting(enum.StrEnum):
    """What an order becomes in the books."""

    INVOICE = "invoice"
    INVOICE_AND_PAYMENT = "invoice+payment"
    SALES_RECEIPT = "sales-receipt"
    SALES_ORDER = "sales-order"
    ESTIMATE = "estimate"


@frozen(kw_only=True)
class Rules:
    """How orders are posted."""

    posting: Posting = field(default=Posting.INVOICE, converter=Posting)
    #: The payment method of orders that state no payment; ``None``: they are not paid.
    paid: str | None = None
    names: Names = field(default=Names.FIT, converter=Names)
    #: The account of new items; ``None``: the only Income account, or the one called Sales or Sales Income.
    income_account: str | None = None
    rounding: Rounding = field(default=Rounding.HALF_EVEN, converter=Rounding)

    @classmethod
    def of(
        cls,
        *,
        posting: str | None = None,
        paid: str | None = None,
        names: str = Names.FIT,
        income_account: str | None = None,
        rounding: str = Rounding.HALF_EVEN,
    ) -> Rules:
        """Make rules from options as people give them.

        Args:
            posting: one of :class:`Posting`; left out: ``invoice``, or with *paid* ``invoice+payment``.
            paid: orders without payments count as paid in full by this method, on the order's date.
            names: ``fit`` or ``refuse``.
            income_account: the full name of the account of new items.
            rounding: ``half_even`` or ``half_up``: how the source rounds a line's value to cents.

        Raises:
            UsageError: an unknown word, *paid* with another posting, or a name that QuickBooks cannot hold.
        """
        if paid is not None and posting not in {None, Posting.INVOICE_AND_PAYMENT}:
            raise UsageError(f"paid {paid!r} implies posting invoice+payment and contradicts {posting!r}")
        _check_name(paid, "paid", MAX_METHOD)
        _check_name(income_account, "income_account", _ACCOUNT)
        default = Posting.INVOICE if paid is None else Posting.INVOICE_AND_PAYMENT
        try:
            return cls(
                posting=posting or default,
                paid=paid,
                names=names,
                income_account=income_account,
                rounding=rounding,
            )
        except ValueError as exc:
            raise UsageError(str(exc)) from exc

    def to_json(self) -> dict[str, str | None]:
        """Return the stored form, as JSON values."""
        return {
            "posting": self.posting.value,
            "paid": self.paid,
            "names": self.names.value,
            "income_account": self.income_account,
            "rounding": self.rounding.value,
        }


def _check_name(value: str | None, option: str, limit: int) -> None:
    if value is None:
        return
    if not value.strip() or len(value) > limit or not encodable(value):
        raise UsageError(f"{option}: expected 1 to {limit} characters of Windows-1252, got {value!r}")


@frozen(kw_only=True)
class StagedOrder:
    """An order and the rules under which it is posted: the payload of its job."""

    order: Order
    rules: Rules

    @property
    def payment(self) -> Payment | None:
        """The payment to be posted, by the rules; ``None`` when there is none."""
        if self.rules.posting not in {Posting.INVOICE_AND_PAYMENT, Posting.SALES_RECEIPT}:
            return None
        if self.order.payments:
            return self.order.payments[0]
        return Payment(method=self.rules.paid) if self.rules.paid else None

    def to_bytes(self) -> bytes:
        """Return the stored form; the same bytes for the same content."""
        data = {"format": FORMAT, "order": to_record(self.order), **self.rules.to_json()}
        return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

    @classmethod
    def from_bytes(cls, payload: bytes) -> StagedOrder:
        """Read the stored form back."""
        data = json.loads(payload)
        return cls(
            order=from_record(data["order"]),
            rules=Rules(
                posting=data["posting"],
                paid=data["paid"],
                names=data["names"],
                income_account=data["income_account"],
                rounding=data["rounding"],
            ),
        )


def job_key(channel: str, number: str) -> str:
    """Return the key of the job of an order: its identity within the company."""
    return f"order:{quote(channel, safe=' /@+')}:{number}"


def identity_of(key: str) -> tuple[str, str]:
    """Return the (channel, number) of a job's key."""
    _, channel, number = key.split(":", 2)
    return unquote(channel), number
