"""Which accounts a transaction touches: one row for its head, one for each line.

Here: the rows of every kind of transaction, as debits in cents; what they do to balances.
Not here: what settles what (``_settling``), which rows a query wants (``_transaction_rows``).
Facts: qbXML dossier 4.1 (``TransactionRet``: header row or line rows), 8.6 (account types).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from ._nodes import LINES
from ._values import cents

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ._books import Books, ListObject, Transaction

__all__ = ["NON_POSTING", "Row", "book", "is_balance_sheet", "posts", "rows"]

#: Kinds that change no balance.
NON_POSTING: Final = frozenset({"SalesOrder", "Estimate", "PurchaseOrder"})
#: The account of the head of each kind, and whether it is debited (1) or credited (-1).
_HEADS: Final[Mapping[str, tuple[str, int]]] = {
    "Invoice": ("ARAccountRef", 1),
    "CreditMemo": ("ARAccountRef", -1),
    "SalesReceipt": ("DepositToAccountRef", 1),
    "SalesOrder": ("", 1),
    "Estimate": ("", 1),
    "Charge": ("ARAccountRef", 1),
    "PurchaseOrder": ("", -1),
    "Bill": ("APAccountRef", -1),
    "ItemReceipt": ("APAccountRef", -1),
    "VendorCredit": ("APAccountRef", 1),
    "Check": ("AccountRef", -1),
    "CreditCardCharge": ("AccountRef", -1),
    "CreditCardCredit": ("AccountRef", 1),
    "Deposit": ("DepositToAccountRef", 1),
    "SalesTaxPaymentCheck": ("BankAccountRef", -1),
}
#: Kinds of two rows: the account that is debited, the account that is credited.
_PAIRS: Final[Mapping[str, tuple[str, str]]] = {
    "ReceivePayment": ("DepositToAccountRef", "ARAccountRef"),
    "BillPaymentCheck": ("APAccountRef", "BankAccountRef"),
    "BillPaymentCreditCard": ("APAccountRef", "CreditCardAccountRef"),
    "ARRefundCreditCard": ("ARAccountRef", "RefundFromAccountRef"),
    "Transfer": ("TransferToAccountRef", "TransferFromAccountRef"),
}
_ENTITIES: Final = ("CustomerRef", "VendorRef", "PayeeEntityRef", "EntityRef")
_CREDIT_TYPES: Final = frozenset(
    {"AccountsPayable", "CreditCard", "OtherCurrentLiability", "LongTermLiability", "Equity"}
)
_DEBIT_TYPES: Final = frozenset(
    {"Bank", "AccountsReceivable", "OtherCurrentAsset", "FixedAsset", "OtherAsset"}
)
_SALES: Final = ("AccountRef", "IncomeAccountRef", "AssetAccountRef")
_PURCHASES: Final = ("AssetAccountRef", "ExpenseAccountRef", "AccountRef", "COGSAccountRef")


@attrs.frozen(kw_only=True)
class Row:
    """One account that a transaction touches."""

    account: ListObject | None
    #: Cents, positive for a debit.
    amount: int
    #: ``""`` for the head.
    line_id: str = ""
    entity: dict[str, str] | None = None
    item: dict[str, str] | None = None
    class_ref: dict[str, str] | None = None
    memo: str = ""


def rows(books: Books, one: Transaction) -> list[Row]:
    """Return the rows of a transaction, its head first."""
    if one.kind in _PAIRS:
        return _pair(books, one)
    if one.kind == "JournalEntry":
        return [
            _line(books, line, cents(line.get("Amount") or "0") * (1 if name == "JournalDebitLine" else -1))
            for name, line in one.fields.get(LINES, ())
        ]
    field, sign = _HEADS.get(one.kind, ("", 0))
    found = [_head(books, one, field, sign * one.total)]
    names = _PURCHASES if sign < 0 or one.kind in {"VendorCredit", "CreditCardCredit"} else _SALES
    for line in _lines(one.fields):
        if not _is_subtotal(books, line):
            amount = -sign * cents(line.get("Amount") or "0")
            found.append(_line(books, line, amount, names))
    if one.kind == "Charge":
        found.append(_line(books, one.fields, -one.total))
    tax = cents(one.fields.get("SalesTaxTotal") or "0")
    if tax:
        account = books.find("Account", "Sales Tax Payable")
        found.append(Row(account=account, amount=-sign * tax, item=one.fields.get("ItemSalesTaxRef")))
    return found


def _head(books: Books, one: Transaction, field: str, amount: int) -> Row:
    return Row(
        account=_account(books, one.fields.get(field)),
        amount=amount,
        entity=_entity(one.fields),
        class_ref=one.fields.get("ClassRef"),
        memo=str(one.fields.get("Memo", "")),
    )


def _pair(books: Books, one: Transaction) -> list[Row]:
    debit, credit = _PAIRS[one.kind]
    discount = sum(cents(row.get("DiscountAmount", "0")) for row in one.fields.get("AppliedToTxnRet", ()))
    is_payment = one.kind == "ReceivePayment"
    found = [
        _head(books, one, debit, one.total + (0 if is_payment else discount)),
        _head(books, one, credit, -one.total - (discount if is_payment else 0)),
    ]
    for row in one.fields.get("AppliedToTxnRet", ()):
        if "DiscountAmount" in row:
            amount = cents(row["DiscountAmount"]) * (1 if is_payment else -1)
            account = _account(books, row.get("DiscountAccountRef"))
            found.append(Row(account=account, amount=amount, line_id=row["TxnID"]))
    return found


def _lines(fields: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the lines of a form that post, the members of groups instead of groups."""
    for name, value in fields.items():
        if name == LINES:
            for _, line in value:
                members = [child for rows in line.values() if isinstance(rows, list) for child in rows]
                members = [child for child in members if "Amount" in child]
                yield from members if "ItemGroupRef" in line else (line,)
        elif name in {"ExpenseLineRet", "DepositLineRet", "SalesTaxPaymentCheckLineRet"}:
            yield from value
        elif name == "CashBackInfoRet":
            yield {**value, "Amount": f"-{value.get('Amount', '0.00')}"}


def _is_subtotal(books: Books, line: Mapping[str, Any]) -> bool:
    ref = line.get("ItemRef")
    return ref is not None and books.table("ItemService").by_id[ref["ListID"]].kind == "ItemSubtotal"


def _line(books: Books, line: Mapping[str, Any], amount: int, names: tuple[str, ...] = _SALES) -> Row:
    account = _account(books, line.get("AccountRef"))
    ref = line.get("ItemRef") or line.get("ItemSalesTaxRef")
    if account is None and ref is not None:
        account = _item_account(books, ref, names)
    return Row(
        account=account,
        amount=amount,
        line_id=str(line.get("TxnLineID", "")),
        entity=_entity(line),
        item=ref,
        class_ref=line.get("ClassRef"),
        memo=str(line.get("Memo") or line.get("Desc", "")),
    )


def _item_account(books: Books, ref: Mapping[str, str], names: tuple[str, ...]) -> ListObject | None:
    item = books.table("ItemService").by_id[ref["ListID"]]
    if item.kind.startswith("ItemSalesTax"):
        return books.find("Account", "Sales Tax Payable")
    if item.kind == "ItemPayment":
        own = _account(books, item.fields.get("DepositToAccountRef"))
        return own or books.find("Account", "Undeposited Funds")
    places = (item.fields.get("SalesOrPurchase"), item.fields.get("SalesAndPurchase"), item.fields)
    found = next((place[name] for place in places for name in names if place and place.get(name)), None)
    return _account(books, found)


def _account(books: Books, ref: Mapping[str, str] | None) -> ListObject | None:
    return books.table("Account").by_id.get(ref["ListID"]) if ref else None


def _entity(fields: Mapping[str, Any]) -> dict[str, str] | None:
    return next((fields[name] for name in _ENTITIES if name in fields), None)


def is_balance_sheet(account: ListObject) -> bool:
    """Say whether an account carries a balance from year to year."""
    return str(account.fields.get("AccountType")) in _CREDIT_TYPES | _DEBIT_TYPES


def posts(one: Transaction) -> bool:
    """Say whether a transaction changes balances: orders, estimates and what is pending do not."""
    return one.kind not in NON_POSTING and one.fields.get("IsPending") != "true"


def book(books: Books, one: Transaction, sign: int) -> None:
    """Add a transaction to the balances of accounts, customers and vendors, or (*sign* -1) take it away."""
    if not posts(one):
        return
    for row in rows(books, one):
        if row.account is None or not is_balance_sheet(row.account):
            continue
        kind = row.account.fields["AccountType"]
        amount = sign * (-row.amount if kind in _CREDIT_TYPES else row.amount)
        row.account.balance += amount
        if row.entity is not None and kind in {"AccountsReceivable", "AccountsPayable"}:
            entity = books.table("Customer").by_id.get(row.entity["ListID"])
            if entity is not None:
                entity.balance += amount
