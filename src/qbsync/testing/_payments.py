"""Payments of customers: ``ReceivePaymentAdd``, ``ReceivePaymentMod``.

Here: checking what a payment applies to, applying it, and applying it otherwise.
Not here: the money itself (``_settling``), deleting (``_changes``).
Facts: qbXML dossier 6.4 (macros), 8.3, 9 (payments).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from ._context import Answer
from ._forms import default_date
from ._kinds import kinds, plan
from ._lists import check_guid, recovery_ids, sent_shape, wanted, written
from ._refusals import Refusal
from ._settling import (
    account_of,
    apply,
    claim_credits,
    loosen,
    receivable_account,
    refresh,
    set_currency,
    undeposited,
)
from ._values import cents, money

if TYPE_CHECKING:
    from ._books import ListObject, Transaction
    from ._context import Context
    from ._nodes import Node, Request

__all__ = ["add", "modify"]


#: What a payment can be applied to.
_OWED: Final = ("Invoice", "Charge")


@attrs.define
class _Application:
    """What one payment does to one invoice, in cents."""

    invoice: Transaction
    amount: int = 0
    discount: int = 0
    discount_account: dict[str, str] | None = None
    credits: list[tuple[Transaction, int]] = attrs.field(factory=list)


def add(context: Context, request: Request) -> Answer:
    """Answer a ``ReceivePaymentAdd``."""
    node = request.node["ReceivePaymentAdd"]
    macro = node.get("defMacro")
    context.check_macro(macro)
    fields = plan(sent_shape("ReceivePaymentAdd"), kinds()["ReceivePayment"].ret).apply(
        node, context.resolve("ReceivePayment")
    )
    fields.pop("AppliedToTxnRet", None)
    check_guid(context, fields)
    customer = context.entry("CustomerRef", node["CustomerRef"], "ReceivePayment")
    if customer is None:
        raise Refusal(3150, 'The field "CustomerRef" is required.')
    _defaults(context, fields)
    set_currency(context, fields, customer)
    total = cents(node["TotalAmount"]) if node.get("TotalAmount") else 0
    applications = _applications(context, node, customer, fields, total)
    only_credits = total == 0 and any(one.credits for one in applications)
    if total == 0 and not only_credits and not any(one.discount for one in applications):
        raise Refusal(3150, 'The field "TotalAmount" is required and must be more than nothing.')
    if only_credits:
        _apply_credits(context, applications)
        return Answer()
    payment = context.books.new_transaction("ReceivePayment", fields)
    payment.total = payment.open = total
    fields["TotalAmount"] = money(total)
    context.books.file(payment)
    _book(context, payment, customer, applications)
    context.define(macro, payment.id)
    return Answer(body=written(context, payment, wanted(request.node)), ids=recovery_ids(payment))


def _defaults(context: Context, fields: dict[str, Any]) -> None:
    fields["ARAccountRef"] = receivable_account(context, fields.get("ARAccountRef")).ref
    fields.setdefault("DepositToAccountRef", undeposited(context).ref)
    fields["TxnDate"] = fields.get("TxnDate") or default_date(context, "ReceivePayment")
    fields["UnusedCredits"] = "0.00"
    for name in [name for name, value in fields.items() if value == ""]:
        del fields[name]


def _applications(
    context: Context, node: Node, customer: ListObject, fields: dict[str, Any], total: int
) -> list[_Application]:
    if total < 0:
        raise Refusal(3210, "The amount of a payment cannot be negative.")
    if "IsAutoApply" in node:
        return _automatic(context, customer, fields, total) if node["IsAutoApply"] == "true" else []
    taken: dict[str, int] = {}
    made = []
    for row in node.get("AppliedToTxnAdd", []):
        one = _application(context, row, customer, fields)
        settled = one.amount + one.discount + sum(amount for _, amount in one.credits)
        taken[one.invoice.id] = taken.get(one.invoice.id, 0) + settled
        if taken[one.invoice.id] > one.invoice.open:
            raise Refusal(
                3210, f"The payment is more than the {money(one.invoice.open)} that are due on the invoice."
            )
        made.append(one)
    if sum(one.amount for one in made) > total:
        raise Refusal(3210, "The amounts applied are more than the TotalAmount of the payment.")
    return made


def _application(context: Context, row: Node, customer: ListObject, fields: dict[str, Any]) -> _Application:
    invoice = context.transaction("AppliedToTxnAdd", row["TxnID"], _OWED)
    if context.books.customer_of(invoice) is not customer:
        raise Refusal(3210, "The invoice belongs to another customer than the payment.")
    if invoice.fields["ARAccountRef"] is not fields["ARAccountRef"]:
        raise Refusal(3210, "The invoice and the payment use different receivables accounts.")
    one = _Application(invoice)
    one.amount = cents(row["PaymentAmount"]) if row.get("PaymentAmount") else 0
    one.discount = cents(row["DiscountAmount"]) if row.get("DiscountAmount") else 0
    one.credits = claim_credits(context, row.get("SetCredit", []), customer, invoice.open)
    if one.discount:
        account = context.entry("DiscountAccountRef", row.get("DiscountAccountRef", {}), "ReceivePayment")
        if account is None:
            raise Refusal(3150, 'The field "DiscountAccountRef" is required with a discount.')
        one.discount_account = account.ref
    if one.amount < 0 or one.discount < 0:
        raise Refusal(3210, "The amounts of a payment cannot be negative.")
    if not (one.amount or one.discount or one.credits):
        raise Refusal(3150, 'The field "PaymentAmount" is required.')
    return one


def _automatic(
    context: Context, customer: ListObject, fields: dict[str, Any], total: int
) -> list[_Application]:
    """Apply to the open invoice of exactly this balance, otherwise to the oldest first."""
    invoices = [
        invoice
        for kind in _OWED
        for invoice in context.books.by_kind.get(kind, {}).values()
        if invoice.open > 0
        and context.books.customer_of(invoice) is customer
        and invoice.fields["ARAccountRef"] is fields["ARAccountRef"]
    ]
    exact = next((invoice for invoice in invoices if invoice.open == total), None)
    if exact is not None:
        return [_Application(exact, amount=total)]
    made = []
    for invoice in sorted(invoices, key=lambda one: (one.fields["TxnDate"], one.number)):
        amount = min(total, invoice.open)
        if amount > 0:
            made.append(_Application(invoice, amount=amount))
            total -= amount
    return made


def _apply_credits(context: Context, applications: list[_Application]) -> None:
    for one in applications:
        for credit, amount in one.credits:
            apply(credit, one.invoice, amount)
            context.books.touch(credit)
        if context.switches.payments_touch_invoices:
            context.books.touch(one.invoice)


def _book(
    context: Context, payment: Transaction, customer: ListObject, applications: list[_Application]
) -> None:
    books = context.books
    settled = payment.total + sum(one.discount for one in applications)
    customer.balance -= settled
    account_of(books, payment, "ARAccountRef").balance -= settled
    account_of(books, payment, "DepositToAccountRef").balance += payment.total
    for one in applications:
        apply(payment, one.invoice, one.amount)
        one.invoice.open -= one.discount
        refresh(one.invoice)
        payment.fields.setdefault("AppliedToTxnRet", []).append(_row(one))
    _apply_credits(context, applications)
    refresh(payment)


# -- changing


def modify(context: Context, request: Request) -> Answer:
    """Answer a ``ReceivePaymentMod``; when it is refused, everything is as it was."""
    node = request.node["ReceivePaymentMod"]
    payment = context.transaction("TxnID", node["TxnID"], ())
    if payment.kind != "ReceivePayment":
        raise Refusal(3120, f'The object "{node["TxnID"]}" of the ReceivePaymentMod cannot be found.')
    if node["EditSequence"] != payment.fields["EditSequence"]:
        raise Refusal(3200, f'The edit sequence "{node["EditSequence"]}" is out of date.', payment)
    changes = plan(sent_shape("ReceivePaymentMod"), kinds()["ReceivePayment"].ret).apply(
        node, context.resolve("ReceivePayment")
    )
    for name in ("TxnID", "EditSequence", "AppliedToTxnRet"):
        changes.pop(name, None)
    if payment.fields.get("_deposit") and {"TotalAmount", "DepositToAccountRef"} & set(changes):
        raise Refusal(3170, "The payment cannot be changed: it is in a deposit.")
    if changes.get("CustomerRef", payment.fields["CustomerRef"]) is not payment.fields["CustomerRef"]:
        raise Refusal(3210, "The customer of a payment cannot be changed while it is applied.")
    if "AppliedToTxnMod" in node or {"TotalAmount", "DepositToAccountRef", "ARAccountRef"} & set(changes):
        _reapply(context, payment, node, changes)
    else:
        _overlay(payment.fields, changes)
    context.books.unindex_number(payment)
    context.books.index_number(payment)
    context.books.touch(payment)
    return Answer(body=written(context, payment, wanted(request.node)), ids=recovery_ids(payment))


def _overlay(fields: dict[str, Any], changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        if value == "":
            fields.pop(name, None)
        else:
            fields[name] = value


def _reapply(context: Context, payment: Transaction, node: Node, changes: dict[str, Any]) -> None:
    """Take a payment back and apply it anew, with another total or to other invoices."""
    books, undo = context.books, _Undo(context, payment)
    customer = books.customer_of(payment)
    assert customer is not None
    sent = {"AppliedToTxnAdd": node.get("AppliedToTxnMod", _as_sent(payment))}
    loosen(books, payment)
    customer.balance += payment.total
    account_of(books, payment, "ARAccountRef").balance += payment.total
    account_of(books, payment, "DepositToAccountRef").balance -= payment.total
    try:
        fields = dict(payment.fields)
        _overlay(fields, changes)
        total = _positive(fields)
        applications = _applications(context, sent, customer, fields, total)
    except Refusal:
        undo.restore()
        raise
    books.unindex_number(payment)
    payment.fields, payment.total, payment.open = fields, total, total
    fields["AppliedToTxnRet"] = []
    books.index_number(payment)
    _book(context, payment, customer, applications)


def _positive(fields: dict[str, Any]) -> int:
    total = cents(fields.get("TotalAmount") or "0")
    if not total:
        raise Refusal(3150, 'The field "TotalAmount" must be more than nothing.')
    return total


def _as_sent(payment: Transaction) -> list[Node]:
    """Return what a payment is applied to as if it were sent again."""
    names = {"TxnID": "TxnID", "Amount": "PaymentAmount", "DiscountAmount": "DiscountAmount"}
    names["DiscountAccountRef"] = "DiscountAccountRef"
    return [
        {target: row[name] for name, target in names.items() if name in row}
        for row in payment.fields.get("AppliedToTxnRet", ())
    ]


class _Undo:
    """Everything that taking a payment back changes, as it was before."""

    def __init__(self, context: Context, payment: Transaction) -> None:
        books = context.books
        linked = [books.transactions[link[0]] for link in payment.links]
        self._transactions = [
            (one, dict(one.fields), one.total, one.open, list(one.links)) for one in (payment, *linked)
        ]
        customer = books.customer_of(payment)
        entries = [account_of(books, payment, name) for name in ("ARAccountRef", "DepositToAccountRef")]
        if customer is not None:
            entries.append(customer)
        self._balances = [(entry, entry.balance) for entry in entries]

    def restore(self) -> None:
        """Put everything back."""
        for one, fields, total, left, links in self._transactions:
            one.fields, one.total, one.open, one.links = fields, total, left, links
        for entry, balance in self._balances:
            entry.balance = balance


def _row(one: _Application) -> dict[str, Any]:
    row: dict[str, Any] = {
        "TxnID": one.invoice.id,
        "TxnType": one.invoice.kind,
        "TxnDate": one.invoice.fields["TxnDate"],
        "BalanceRemaining": money(one.invoice.open),
        "Amount": money(one.amount),
    }
    if one.invoice.fields.get("RefNumber"):
        row["RefNumber"] = one.invoice.fields["RefNumber"]
    if one.discount and one.discount_account is not None:
        row["DiscountAmount"] = money(one.discount)
        row["DiscountAccountRef"] = one.discount_account
    return row
