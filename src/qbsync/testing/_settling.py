"""Money: what forms and payments book, and what settles what.

Here: which accounts a form uses, booking and taking back, applying credits, loosening links.
Not here: reading and answering requests (``_forms``, ``_payments``, ``_changes``).
Facts: qbXML dossier 8.1, 8.3, 9 (payments); ``LinkedTxn`` of 3.3.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import attrs

from ._context import exactly
from ._ledger import book
from ._nodes import LINES
from ._refusals import Refusal
from ._seed import HOME_CURRENCY
from ._values import cents, money

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ._books import Books, ListObject, Transaction
    from ._context import Context
    from ._nodes import Node

__all__ = [
    "FORMS",
    "MONEY_LINK",
    "account_of",
    "apply",
    "check_stock",
    "claim_credits",
    "in_home_currency",
    "loosen",
    "post",
    "receivable_account",
    "refresh",
    "set_currency",
    "undeposited",
]

#: The kind of link that moves money.
MONEY_LINK: Final = "AMTTYPE"


@attrs.frozen(kw_only=True)
class Form:
    """What is particular to one kind of sales form."""

    #: +1 raises what the customer owes, -1 lowers it, 0 leaves it.
    receivable: int = 0
    #: Whether the money is there at once.
    is_paid: bool = False
    needs_customer: bool = True
    template: str = ""


#: Which quantity of an item in stock a form changes, and which way.
_STOCK: Final[Mapping[str, tuple[str, int]]] = {
    "Invoice": ("QuantityOnHand", -1),
    "SalesReceipt": ("QuantityOnHand", -1),
    "CreditMemo": ("QuantityOnHand", 1),
    "SalesOrder": ("QuantityOnSalesOrder", 1),
}

FORMS: Final[Mapping[str, Form]] = {
    "Invoice": Form(receivable=1, template="Product Invoice"),
    "CreditMemo": Form(receivable=-1, template="Custom Credit Memo"),
    "SalesReceipt": Form(is_paid=True, needs_customer=False, template="Custom Sales Receipt"),
    "SalesOrder": Form(template="Custom Sales Order"),
    "Estimate": Form(template="Custom Estimate"),
}


def receivable_account(context: Context, ref: Mapping[str, str] | None) -> ListObject:
    """Return the receivables account that a form names, or the first one.

    Raises:
        Refusal: 3140 there is none, or what is named is of another type.
    """
    for account in context.books.of_kind("Account"):
        if account.fields.get("AccountType") == "AccountsReceivable" and (ref is None or account.ref is ref):
            return account
    raise Refusal(3140, 'The field "ARAccountRef" names no account of the type AccountsReceivable.')


def undeposited(context: Context) -> ListObject:
    """Return the account where money waits for its deposit."""
    account = context.books.find("Account", "Undeposited Funds")
    if account is None:
        raise Refusal(
            3140, 'The field "DepositToAccountRef" is empty and there is no Undeposited Funds account.'
        )
    return account


def account_of(books: Books, transaction: Transaction, field: str) -> ListObject:
    """Return the account that a transaction names in *field*."""
    return books.table("Account").by_id[transaction.fields[field]["ListID"]]


def post(books: Books, transaction: Transaction, sign: int) -> None:
    """Book a form (*sign* 1) or take it back (-1); a pending one books nothing."""
    if transaction.fields.get("IsPending") == "true":
        return
    _move_stock(books, transaction, sign)
    book(books, transaction, sign)
    if FORMS[transaction.kind].receivable:
        transaction.open = transaction.total if sign > 0 else 0


def _move_stock(books: Books, transaction: Transaction, sign: int) -> None:
    """Take what is sold out of stock, put back what a credit memo returns, note what is ordered."""
    field, direction = _STOCK.get(transaction.kind, ("", 0))
    if not field:
        return
    for item, quantity in _sold(books, transaction.fields.get(LINES, ())):
        if field in item.fields:
            item.fields[field] = exactly(Decimal(item.fields[field]) + sign * direction * quantity)


def _sold(books: Books, lines: Iterable[tuple[str, dict[str, Any]]]) -> Iterator[tuple[ListObject, Decimal]]:
    """Yield the items of lines and of the members of groups, each with its quantity."""
    items = books.table("ItemService").by_id
    for name, line in lines:
        members = line.get(name.replace("Group", ""), ()) if "ItemGroupRef" in line else (line,)
        for member in members:
            if "ItemRef" in member:
                yield items[member["ItemRef"]["ListID"]], Decimal(member.get("Quantity") or 1)


def check_stock(context: Context, lines: Iterable[tuple[str, dict[str, Any]]]) -> None:
    """Refuse to sell more of an item than there is.

    Raises:
        Refusal: 3180.
    """
    wanted: dict[str, Decimal] = {}
    for item, quantity in _sold(context.books, lines):
        wanted[item.id] = wanted.get(item.id, Decimal(0)) + quantity
        if "QuantityOnHand" in item.fields and wanted[item.id] > Decimal(item.fields["QuantityOnHand"]):
            raise Refusal(3180, f'There is not enough of "{item.full_name}" in stock.')


def set_currency(context: Context, fields: dict[str, Any], customer: ListObject | None) -> None:
    """Let a form use the currency of its customer, where several are on."""
    if not context.switches.multicurrency:
        return
    home = context.books.find("Currency", HOME_CURRENCY)
    ref = None if customer is None else customer.fields.get("CurrencyRef")
    if ref is None and home is not None:
        ref = home.ref
    if ref is not None:
        fields.setdefault("CurrencyRef", ref)
    fields.setdefault("ExchangeRate", "1")


def in_home_currency(amount: int, fields: Mapping[str, Any]) -> int:
    """Return cents of a form's currency as cents of the home currency."""
    return int((amount * Decimal(fields["ExchangeRate"])).to_integral_value())


def refresh(transaction: Transaction) -> None:
    """Set the fields that say what is still open."""
    _refresh(transaction)
    fields = transaction.fields
    if "ExchangeRate" not in fields:
        return
    for name in ("BalanceRemaining", "CreditRemaining", "TotalAmount", "AmountDue", "Amount", "DepositTotal"):
        if name in fields:
            fields[f"{name}InHomeCurrency"] = money(in_home_currency(cents(fields[name]), fields))


def _refresh(transaction: Transaction) -> None:
    fields = transaction.fields
    if transaction.kind == "Invoice":
        fields["AppliedAmount"] = money(transaction.open - transaction.total)
        fields["BalanceRemaining"] = money(transaction.open)
        fields["IsPaid"] = "true" if transaction.open == 0 else "false"
    elif transaction.kind == "ReceivePayment":
        fields["UnusedPayment"] = money(transaction.open)
    elif transaction.kind in {"Bill", "VendorCredit"}:
        fields["OpenAmount"] = money(transaction.open)
        fields["IsPaid"] = "true" if transaction.open == 0 else "false"
    elif transaction.kind == "Charge":
        fields["BalanceRemaining"] = money(transaction.open)
        fields["IsPaid"] = "true" if transaction.open == 0 else "false"
    elif transaction.kind in FORMS:
        fields["TotalAmount"] = money(transaction.total)
        if transaction.kind == "CreditMemo":
            fields["CreditRemaining"] = money(transaction.open)


def apply(source: Transaction, invoice: Transaction, amount: int) -> None:
    """Settle *amount* cents of an invoice by a payment or credit memo, and link both ways."""
    invoice.open -= amount
    source.open -= amount
    invoice.links.append((source.id, MONEY_LINK, -amount))
    source.links.append((invoice.id, MONEY_LINK, -amount))
    refresh(invoice)
    refresh(source)


def claim_credits(
    context: Context, wanted: list[Node], customer: ListObject | None, limit: int
) -> list[tuple[Transaction, int]]:
    """Return the credits that a request uses, checked; nothing is changed.

    Args:
        context: the message set.
        wanted: the ``SetCredit`` aggregates.
        customer: whose credits they must be.
        limit: cents that they may settle together.

    Raises:
        Refusal: 3120 no such credit, 3000 of another kind, 3210 more than there is or is owed.
    """
    claims: list[tuple[Transaction, int]] = []
    for node in wanted:
        credit = context.transaction("CreditTxnID", node["CreditTxnID"], ("CreditMemo", "ReceivePayment"))
        amount = cents(node["AppliedAmount"] or "0")
        used = sum(taken for other, taken in claims if other is credit)
        if context.books.customer_of(credit) is not customer:
            raise Refusal(3210, "The credit belongs to another customer.")
        if amount <= 0 or amount + used > credit.open:
            raise Refusal(
                3210, f"The credit has {money(credit.open)} left, which is less than was asked for."
            )
        claims.append((credit, amount))
    if sum(amount for _, amount in claims) > limit:
        raise Refusal(3210, f"The credits are more than the {money(limit)} that are open.")
    return claims


def loosen(books: Books, transaction: Transaction) -> None:
    """Take back everything that this transaction settles or that settles it."""
    for other_id, kind, amount in transaction.links:
        if kind != MONEY_LINK:
            continue
        other = books.transactions[other_id]
        owed = transaction.kind in {"Invoice", "Charge"}
        payment, invoice = (other, transaction) if owed else (transaction, other)
        discount = _drop_row(books, payment, invoice)
        other.open += abs(amount) + (discount if other is invoice else 0)
        other.links = [link for link in other.links if link[0] != transaction.id]
        refresh(other)
        books.touch(other)
    transaction.links = [link for link in transaction.links if link[1] != MONEY_LINK]


def _drop_row(books: Books, payment: Transaction, invoice: Transaction) -> int:
    """Remove an invoice from a payment's list and give back its discount; return that in cents."""
    rows: list[dict[str, Any]] = payment.fields.get("AppliedToTxnRet", [])
    mine = [row for row in rows if row["TxnID"] == invoice.id]
    if not mine:
        return 0
    payment.fields["AppliedToTxnRet"] = [row for row in rows if row["TxnID"] != invoice.id]
    discount = sum(cents(row.get("DiscountAmount", "0.00")) for row in mine)
    customer = books.customer_of(payment)
    if discount and customer is not None:
        customer.balance += discount
        account_of(books, payment, "ARAccountRef").balance += discount
    return discount
