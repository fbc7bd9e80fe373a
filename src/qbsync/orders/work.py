"""One order at work: its values for QuickBooks, and the questions that must be answered before it is posted.

Customers and items are asked for by name and need no proof of absence, since QuickBooks refuses a second one
by name; the transaction is asked for by number with proof, since QuickBooks takes the same number twice.
A query that selects by names or numbers takes no filters, so activity is judged from the answer.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from attrs import frozen

from ..handlers import LookUp
from ..qbxml.values import UseMacro
from . import posting
from .checks import check_order
from .fitting import fit_order
from .names import fold, same
from .posting import FORMS, SHIPPING
from .rules import Posting, StagedOrder

if TYPE_CHECKING:
    from ..jobs import Job
    from ..models._base import Request
    from .adding_up import Amounts
    from .fitting import Fitted
    from .order import Order, Payment
    from .posting import Form
    from .rules import Rules

__all__ = ["Work"]

_FORM_FIELDS = ("TxnID", "RefNumber", "CustomerRef", "TxnDate", "Memo", "Subtotal", "SalesTaxTotal")
_PAID_FIELDS = ("IsPaid", "BalanceRemaining", "LinkedTxn")
_PAYMENT_FIELDS = ("TxnID", "RefNumber", "CustomerRef", "TxnDate", "TotalAmount")
_ACCOUNT_FIELDS = ("ListID", "Name", "FullName", "IsActive", "AccountType")
_NAME_FIELDS = ("ListID", "Name", "FullName", "IsActive")
#: So many orders are kept worked out: on its way through a session each is read some six times.
_KEPT = 512
#: Larger ones (some hundred lines) are not kept, so that what is kept stays small.
_KEPT_BYTES = 16_384


def _fields(*names: str) -> tuple[str, object]:
    return "include_ret_element", names


@frozen(kw_only=True)
class Work:
    """An order with everything that follows from it and its rules."""

    order: Order
    rules: Rules
    amounts: Amounts
    fitted: Fitted
    payment: Payment | None

    @classmethod
    def of(cls, job: Job) -> Work:
        """Read a job's order.

        Raises:
            InvalidOrderError: the order cannot be posted under the rules of this version.
        """
        if len(job.payload) > _KEPT_BYTES:
            return _worked_out(job.payload)
        return _kept(job.payload)

    @classmethod
    def of_staged(cls, staged: StagedOrder) -> Work:
        """Work out an order.

        Raises:
            InvalidOrderError: as :meth:`of`.
        """
        amounts = check_order(staged.order, rounding=staged.rules.rounding)
        return cls(
            order=staged.order,
            rules=staged.rules,
            amounts=amounts,
            fitted=fit_order(staged.order, amounts, names=staged.rules.names),
            payment=staged.payment,
        )

    @property
    def form(self) -> Form:
        """What the order becomes."""
        return FORMS[self.rules.posting]

    @property
    def method(self) -> str | None:
        """The payment method's name, or ``None`` where nothing is paid."""
        return fold(self.payment.method) if self.payment and self.payment.method else None

    @property
    def pays(self) -> bool:
        """Whether a payment goes with the invoice; nothing is paid for an order of 0.00."""
        return (
            self.rules.posting is Posting.INVOICE_AND_PAYMENT
            and self.method is not None
            and self.amounts.total > 0
        )

    @property
    def items(self) -> dict[str, tuple[str, str | None]]:
        """The items of the order: what is the same of a name → (name, description), in order."""
        found: dict[str, tuple[str, str | None]] = {}
        for line in self.fitted.lines:
            found.setdefault(same(line.item), (line.item, line.description))
        if self.amounts.shipping:
            found.setdefault(same(SHIPPING), (SHIPPING, None))
        return found

    def requests(self, *, macro: str, tax_code: str | None) -> tuple[Request, ...]:
        """Return the order's own requests.

        Args:
            macro: the name under which the payment refers to the invoice; unique within a message set.
            tax_code: stands on each line; ``None`` where the file charges no sales tax.
        """
        form = posting.form_add(
            self.order,
            self.fitted,
            self.amounts,
            posting=self.rules.posting,
            tax_code=tax_code,
            method=self.method,
            macro=macro if self.pays else None,
        )
        return (form, self.payment_request(UseMacro(macro))) if self.pays else (form,)

    def payment_request(self, invoice: str | UseMacro) -> Request:
        """Return the request that pays the invoice; only where the order is paid (:attr:`pays`)."""
        assert self.payment is not None, "asked of an order that is paid"
        assert self.method is not None, "asked of an order that is paid"
        return posting.payment_add(
            self.fitted,
            self.order.number,
            amount=self.amounts.total,
            day=self.payment.date or self.order.date,
            method=self.method,
            invoice=invoice,
        )

    @property
    def about_form(self) -> LookUp:
        """Is the transaction there?"""
        options: tuple[tuple[str, object], ...] = (_fields(*_FORM_FIELDS),)
        if self.pays:
            options = (("include_linked_txns", True), _fields(*_FORM_FIELDS, *_PAID_FIELDS))
        return LookUp(
            self.form.query, by="ref_number", keys=(self.fitted.ref_number,), options=options, proof=True
        )

    @property
    def about_payment(self) -> LookUp:
        """Is the payment there? Asked only when the invoice is there without it."""
        keys = (self.fitted.payment_ref_number,)
        options = (_fields(*_PAYMENT_FIELDS),)
        return LookUp("ReceivePaymentQueryRq", by="ref_number", keys=keys, options=options, proof=True)

    @property
    def about_customer(self) -> LookUp:
        """Is the customer there?"""
        return LookUp(
            "CustomerQueryRq",
            by="full_name",
            keys=(self.fitted.customer.name,),
            options=(_fields(*_NAME_FIELDS),),
        )

    @property
    def about_entity(self) -> LookUp:
        """Is the customer's name a vendor's, an employee's or another one's? They share one name space."""
        return LookUp(
            "EntityQueryRq",
            by="full_name",
            keys=(self.fitted.customer.name,),
            options=(_fields(*_NAME_FIELDS),),
        )

    @property
    def about_items(self) -> LookUp:
        """Are the items there?"""
        keys = tuple(name for name, _ in self.items.values())
        return LookUp("ItemQueryRq", by="full_name", keys=keys, options=(_fields(*_NAME_FIELDS),))

    @property
    def about_accounts(self) -> LookUp:
        """Which account do new items get?"""
        if self.rules.income_account is not None:
            keys = (fold(self.rules.income_account),)
            return LookUp("AccountQueryRq", by="full_name", keys=keys, options=(_fields(*_ACCOUNT_FIELDS),))
        return LookUp("AccountQueryRq", options=(("account_type", ("Income",)), _fields(*_ACCOUNT_FIELDS)))

    @property
    def about_method(self) -> LookUp | None:
        """Which payment methods are there?

        All active ones: the list is short, and its objects have no full name to be paired by.
        """
        if self.method is None or not (self.pays or self.rules.posting is Posting.SALES_RECEIPT):
            return None
        return LookUp("PaymentMethodQueryRq")

    @property
    def about_tax(self) -> LookUp:
        """Does the file charge sales tax?"""
        return LookUp("PreferencesQueryRq")

    def look_ups(self, *, again: bool) -> tuple[LookUp, ...]:
        """Return all questions; *again*: it was handed out before, so names may have clashed."""
        asked = (
            self.about_tax,
            self.about_accounts,
            self.about_method,
            self.about_customer,
            self.about_entity if again else None,
            self.about_items,
            self.about_form,
        )
        return tuple(look_up for look_up in asked if look_up is not None)


def _worked_out(payload: bytes) -> Work:
    """Work out a stored order; everything follows from its bytes alone."""
    return Work.of_staged(StagedOrder.from_bytes(payload))


_kept = lru_cache(maxsize=_KEPT)(_worked_out)
