"""Transactions other than sales forms and customers' payments: adding and changing them, generically.

Here: the frame that all kinds share: references, dates, numbers, lines and their IDs, booking, taking back.
Not here: what is particular to kinds (``_purchases``, ``_stock``, ``_settlements``, ``_journal``); sales
forms (``_forms``, ``_changes``); customers' payments (``_payments``).
Facts: qbXML dossier 3.3, 3.4, 8.3, 9; the catalogue.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from . import _journal, _purchases, _settlements, _stock
from ._context import Answer
from ._kinds import kinds, plan
from ._ledger import book
from ._lists import check_guid, recovery_ids, sent_shape, set_blocks, wanted, without_empty, written
from ._nodes import LINES
from ._numbers import next_number
from ._refusals import Refusal
from ._settling import refresh, set_currency
from ._values import money

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ._books import Transaction
    from ._context import Context
    from ._nodes import Node, Request

__all__ = ["add", "modify", "take_back"]

#: The field that holds the total of each kind.
_TOTALS: Final[Mapping[str, str]] = {
    "PurchaseOrder": "TotalAmount",
    "Bill": "AmountDue",
    "ItemReceipt": "TotalAmount",
    "VendorCredit": "CreditAmount",
    "Check": "Amount",
    "CreditCardCharge": "Amount",
    "CreditCardCredit": "Amount",
    "BillPaymentCheck": "Amount",
    "BillPaymentCreditCard": "Amount",
    "SalesTaxPaymentCheck": "Amount",
    "Deposit": "DepositTotal",
    "ARRefundCreditCard": "TotalAmount",
    "Transfer": "Amount",
}
#: The account that a form uses when it names none: the element, and the type of the account.
_ACCOUNTS: Final[Mapping[str, tuple[str, str]]] = {
    "Charge": ("ARAccountRef", "AccountsReceivable"),
    "Bill": ("APAccountRef", "AccountsPayable"),
    "ItemReceipt": ("APAccountRef", "AccountsPayable"),
    "VendorCredit": ("APAccountRef", "AccountsPayable"),
    "BillPaymentCheck": ("APAccountRef", "AccountsPayable"),
    "BillPaymentCreditCard": ("APAccountRef", "AccountsPayable"),
    "ARRefundCreditCard": ("ARAccountRef", "AccountsReceivable"),
}
_FLAGS: Final[Mapping[str, str]] = {
    "IsManuallyClosed": "false",
    "IsFullyReceived": "false",
    "IsToBePrinted": "false",
    "IsToBeEmailed": "false",
    "IsPending": "false",
    "IsAdjustment": "false",
}
_PURCHASE_FORMS: Final = frozenset(
    {"PurchaseOrder", "Bill", "ItemReceipt", "VendorCredit", "Check", "CreditCardCharge", "CreditCardCredit"}
)
#: Kinds of which something can be open.
_OPEN: Final = frozenset({"Bill", "VendorCredit", "Charge"})
#: What a changed line is counted with anew.
_DERIVED: Final = ("Quantity", "Cost", "Rate", "Amount", "ItemRef")


# -- adding


def add(context: Context, request: Request) -> Answer:
    """Answer an ``XxxAdd``."""
    kind = request.name[:-3]
    node = without_empty(request.node[request.name])
    context.check_macro(node.get("defMacro"))
    fields = plan(sent_shape(request.name), kinds()[kind].ret).apply(node, context.resolve(kind))
    check_guid(context, fields)
    _defaults(context, kind, fields, request.node[request.name])
    total = _complete(context, kind, fields, node)
    one = context.books.new_transaction(kind, fields)
    one.total, one.open = total, total if kind in _OPEN else 0
    _identify(context, one, node)
    context.books.file(one)
    _apply(context, one, 1)
    _settlements.touch_linked(context, one)
    context.define(node.get("defMacro"), one.id)
    return Answer(body=written(context, one, wanted(request.node)), ids=recovery_ids(one))


@cache
def _ret_names(kind: str) -> frozenset[str]:
    return frozenset(element.name for element in kinds()[kind].ret.elements())


def _defaults(context: Context, kind: str, fields: dict[str, Any], sent: Node) -> None:
    """Set what the request leaves to QuickBooks."""
    names, books = _ret_names(kind), context.books
    if "TxnDate" in names:
        default = books.today if context.switches.default_date == "today" else books.last_date.get(kind)
        fields.setdefault("TxnDate", default or books.today)
    if "RefNumber" in names and "RefNumber" not in sent:
        fields["RefNumber"] = next_number(books, kind)
    if kind in _ACCOUNTS:
        field, account_type = _ACCOUNTS[kind]
        fields[field] = _account(context, field, account_type, fields.get(field))
    if kind in {"Bill", "PurchaseOrder", "Charge"}:
        fields.setdefault("DueDate", fields["TxnDate"])
    for name, value in _FLAGS.items():
        if name in names:
            fields.setdefault(name, value)
    set_blocks(fields)


def _account(
    context: Context, field: str, account_type: str, ref: Mapping[str, str] | None
) -> dict[str, str]:
    for account in context.books.of_kind("Account"):
        if account.fields.get("AccountType") == account_type and (ref is None or account.ref is ref):
            return account.ref
    raise Refusal(3140, f'The field "{field}" names no account of the type {account_type}.')


def _complete(context: Context, kind: str, fields: dict[str, Any], node: Node) -> int:
    """Complete the fields of a kind and return its total in cents; nothing in the books is changed."""
    if kind in _PURCHASE_FORMS:
        _settlements.claim_orders(context, fields, node)
        total = _settlements.checked(context, kind, fields, node) + _purchases.complete(context, kind, fields)
    elif kind == "Charge":
        total = _purchases.charge(context, fields)
    elif kind == "JournalEntry":
        total = _journal.complete(fields)
    elif kind in _stock.KINDS:
        total = _stock.complete(context, kind, fields, node)
    else:
        total = _settlements.complete(context, kind, fields, node)
    if kind in _TOTALS:
        fields[_TOTALS[kind]] = money(total)
    if "ExchangeRate" in _ret_names(kind):
        set_currency(context, fields, None)
    return total


def _identify(context: Context, one: Transaction, node: Node) -> None:
    """Give every line without one an ID, and define the macros of lines."""
    sent = [line for _, line in node.get(LINES, ())]
    for place, line in enumerate(_lines(one.fields)):
        if line.get("TxnLineID", "-1") in {"-1", ""}:
            line["TxnLineID"] = context.books.next_line_id()
        if place < len(sent) and one.fields.get(LINES):
            context.define(sent[place].get("defMacro"), line["TxnLineID"])


def _lines(fields: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return every line of a transaction, members of groups after their group."""
    found: list[dict[str, Any]] = []
    for name, value in fields.items():
        if name == LINES:
            for _, line in value:
                found.append(line)
                found.extend(one for rows in line.values() if isinstance(rows, list) for one in rows)
        elif name.endswith("LineRet") and isinstance(value, list) and name != "ComponentItemLineRet":
            found.extend(value)
        elif name == "CashBackInfoRet":
            found.append(value)
    return [line for line in found if isinstance(line, dict) and "DataExtName" not in line]


# -- booking


def _apply(context: Context, one: Transaction, sign: int) -> None:
    """Book a transaction with everything it does to others, or (*sign* -1) take it back."""
    book(context.books, one, sign)
    _settlements.settle(context, one, sign)
    _stock.move(context, one, sign)
    if one.kind in {"Bill", "ItemReceipt", "VendorCredit"}:
        _purchases.receive(context, one, sign)
    refresh(one)


def take_back(context: Context, one: Transaction) -> None:
    """Undo everything that a transaction does, before it is deleted or voided."""
    _apply(context, one, -1)


# -- changing


def modify(context: Context, request: Request) -> Answer:
    """Answer an ``XxxMod``; when it is refused, everything is as it was."""
    kind, node = request.name[:-3], request.node[request.name]
    one = context.transaction("TxnID", node["TxnID"], ())
    if one.kind != kind:
        raise Refusal(3120, f'The object "{node["TxnID"]}" of the {request.name} cannot be found.')
    if node["EditSequence"] != one.fields["EditSequence"]:
        raise Refusal(3200, f'The edit sequence "{node["EditSequence"]}" is out of date.', one)
    if kind == "JournalEntry":
        node = _journal.as_lines(one, node)
    changes = plan(sent_shape(request.name), kinds()[kind].ret).apply(node, context.resolve(kind))
    if kind == "JournalEntry":
        changes[LINES] = _journal.stored(context, node)
    settled = one.total - one.open if kind in _OPEN else 0
    _apply(context, one, -1)
    try:
        fields = _changed(one, node, changes)
        set_blocks(fields)
        total = _complete(context, kind, fields, node)
        _check_settled(kind, total, settled)
    except Refusal:
        _apply(context, one, 1)
        raise
    books = context.books
    books.unindex_number(one)
    one.fields, one.total = fields, total
    one.open = total - settled if kind in _OPEN else 0
    _identify(context, one, {})
    books.index_number(one)
    _apply(context, one, 1)
    _settlements.touch_linked(context, one)
    books.touch(one)
    return Answer(body=written(context, one, wanted(request.node)), ids=recovery_ids(one))


def _check_settled(kind: str, total: int, settled: int) -> None:
    if total < settled:
        raise Refusal(3210, f"The {kind} cannot be changed: {money(settled)} of it are settled.")


def _changed(one: Transaction, node: Node, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a transaction with its changes laid over them."""
    fields = _copied(one.fields)
    if node.get("ClearExpenseLines") == "true":
        fields.pop("ExpenseLineRet", None)
    if node.get("ClearItemLines") == "true":
        fields.pop(LINES, None)
    for name, value in changes.items():
        if name in {"TxnID", "EditSequence"}:
            continue
        if value == "":
            fields.pop(name, None)
        elif name == LINES:
            fields[LINES] = _merged_pairs(one, value)
        elif isinstance(value, list) and value and "TxnLineID" in value[0]:
            fields[name] = _merged_rows(one, fields.get(name, []), value)
        else:
            fields[name] = value
    return fields


def _copied(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Copy a transaction's fields and lines; references stay those that every object shares."""

    def lines(value: Any) -> Any:
        return [{**row} if isinstance(row, dict) and "ListID" not in row else row for row in value]

    made = {name: lines(value) if isinstance(value, list) else value for name, value in fields.items()}
    if LINES in fields:
        made[LINES] = [
            (name, {key: lines(value) if isinstance(value, list) else value for key, value in line.items()})
            for name, line in fields[LINES]
        ]
    return made


def _merged_pairs(one: Transaction, changed: list[tuple[str, dict[str, Any]]]) -> list[tuple[str, Any]]:
    present = one.fields.get(LINES, [])
    rows = _merged_rows(one, [line for _, line in present], [line for _, line in changed])
    return [(name, row) for (name, _), row in zip(changed, rows, strict=True)]


def _merged_rows(
    one: Transaction, present: list[dict[str, Any]], changed: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return the new lines: exactly those that were sent, each over what was there.

    Raises:
        Refusal: 3120 a line is not there, 3290 the lines are in another order.
    """
    places = {line["TxnLineID"]: place for place, line in enumerate(present)}
    last, made = -1, []
    for change in changed:
        identifier = change["TxnLineID"]
        if identifier == "-1":
            made.append(change)
            continue
        if identifier not in places:
            raise Refusal(3120, f'The line "{identifier}" of the {one.kind} cannot be found.')
        if places[identifier] <= last:
            raise Refusal(3290, f'The line "{identifier}" of the {one.kind} is in the wrong order.')
        last = places[identifier]
        made.append(_merged(one, present[last], change))
    return made


def _merged(one: Transaction, present: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    line = dict(present)
    if (
        any(name in change for name in _DERIVED)
        and "Amount" not in change
        and "Quantity" in {**present, **change}
    ):
        line.pop("Amount", None)
    if "ItemRef" in change and change["ItemRef"] is not present.get("ItemRef"):
        for name in ("Cost", "Rate", "Desc"):
            line.pop(name, None)
    for name, value in change.items():
        if value == "":
            line.pop(name, None)
        elif isinstance(value, list) and value and "TxnLineID" in value[0]:
            line[name] = _merged_rows(one, present.get(name, []), value)
        else:
            line[name] = value
    return line
