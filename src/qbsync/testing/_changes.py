"""Changing, deleting and voiding transactions.

Here: ``XxxMod`` of sales forms; ``TxnDel`` and ``TxnVoid`` of every kind.
Not here: ``XxxMod`` of other kinds (``_transactions``) and of customers' payments (``_payments``).
Facts: qbXML dossier 3.4 (what is left out, lines that are dropped, what cannot be cleared), 5.2 (3120, 3160,
3190, 3200, 3290), 9 (Mod).
"""

from __future__ import annotations

import copy
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from . import _orders
from ._context import Answer
from ._kinds import kinds, plan
from ._lines import Sheet, make_lines, totals
from ._lists import recovery_ids, sent_shape, set_blocks, wanted, written
from ._nodes import LINES
from ._refusals import Refusal
from ._settling import FORMS, account_of, loosen, post, receivable_account, refresh
from ._transactions import take_back
from ._values import cents, money

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ._books import Transaction
    from ._context import Context
    from ._nodes import Node, Request

__all__ = ["delete", "modify", "void"]

#: Fields that an empty element cannot clear; quantities, rates and amounts of lines among them.
_UNCLEARABLE: Final = frozenset(
    {
        "CustomerRef", "ARAccountRef", "TemplateRef", "TxnDate", "IsPending", "DueDate", "ItemSalesTaxRef",
        "ShipDate", "IsToBePrinted", "IsManuallyClosed", "ItemRef", "Quantity", "Rate", "Amount",
        "SalesTaxCodeRef", "OverrideItemAccountRef", "CreateChangeOrder", "MarkupRate", "MarkupRatePercent",
    }
)  # fmt: skip
_DERIVED: Final = ("Quantity", "Rate", "RatePercent", "Amount", "ItemRef")
#: What a form and what settles it have in common.
_SHARED: Final = ("CustomerRef", "ARAccountRef")
#: What cannot go while one of these stands on it.
_STOOD_ON: Final = frozenset(
    {"Bill", "VendorCredit", "Charge", "CreditMemo", "ReceivePayment", "PurchaseOrder"}
)
_STANDING: Final = frozenset(
    {"BillPaymentCheck", "BillPaymentCreditCard", "ARRefundCreditCard", "Check", "Bill", "ItemReceipt"}
)
#: What a void leaves of amounts and quantities.
_ZEROS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("Quantity", "QuantityDifference"), "0"),
    **dict.fromkeys(("Rate", "Cost"), "0.00"),
    **dict.fromkeys(
        (
            "Amount", "TotalAmount", "AmountDue", "CreditAmount", "DepositTotal", "Subtotal", "SalesTaxTotal",
            "ValueDifference", "DiscountAmount",
        ),
        "0.00",
    ),
}  # fmt: skip


def modify(context: Context, request: Request) -> Answer:
    """Answer an ``XxxMod`` of a sales form."""
    kind = request.name[:-3]
    node = request.node[request.name]
    transaction = context.transaction("TxnID", node["TxnID"], ())
    if transaction.kind != kind:
        raise Refusal(3120, f'The object "{node["TxnID"]}" of the {request.name} cannot be found.')
    if node["EditSequence"] != transaction.fields["EditSequence"]:
        raise Refusal(3200, f'The edit sequence "{node["EditSequence"]}" is out of date.', transaction)
    changes = plan(sent_shape(request.name), kinds()[kind].ret).apply(node, context.resolve(kind))
    _check_clearing(node)
    fields = {name: value for name, value in transaction.fields.items() if name != LINES}
    for name, value in changes.items():
        if name in {LINES, "TxnID", "EditSequence"}:
            continue
        if value == "":
            fields.pop(name, None)
        else:
            fields[name] = value
    settled = transaction.total - transaction.open if FORMS[kind].receivable else 0
    if FORMS[kind].receivable:
        receivable_account(context, fields["ARAccountRef"])
        if settled and any(fields[name] != transaction.fields[name] for name in _SHARED):
            text = f"The {kind} stays with its customer and account: {money(settled)} of it are settled."
            raise Refusal(3210, text)
    sheet = Sheet(context, kind, None)
    sent = node.get(LINES)
    fields[LINES] = _lines(sheet, transaction, sent, changes.get(LINES, []))
    total = totals(sheet, fields)
    if total < settled or total < 0:
        raise Refusal(3210, f"The {kind} cannot be changed: {money(settled)} of it are settled.")
    set_blocks(fields)
    _replace(context, transaction, fields, total, settled)
    answer = Answer(body=written(context, transaction, wanted(request.node)), ids=recovery_ids(transaction))
    if sheet.warnings:
        answer.code, answer.message = sheet.warnings[0].code, sheet.warnings[0].message
    return answer


def _check_clearing(node: Node) -> None:
    """Refuse what is sent empty and cannot be cleared; a reference is empty when it names nothing."""
    for name in _UNCLEARABLE & node.keys():
        value = node[name]
        if value == "" or (isinstance(value, dict) and not any(value.values())):
            raise Refusal(3190, f'The field "{name}" cannot be cleared.')
    for _, line in node.get(LINES, []):
        _check_clearing(line)
        for members in line.values():
            for member in members if isinstance(members, list) else ():
                _check_clearing(member)


def _lines(
    sheet: Sheet,
    transaction: Transaction,
    sent: list[tuple[str, Node]] | None,
    changed: list[tuple[str, dict[str, Any]]],
) -> list[tuple[str, dict[str, Any]]]:
    """Return the new lines: all that are there when none is sent, otherwise exactly those sent."""
    present = transaction.fields[LINES]
    if sent is None:
        for _, line in present:
            _recount(sheet, line)
        return list(present)
    order = _Order(transaction.kind, [line for _, line in present])
    made = []
    for (_, node), (name, change) in zip(sent, changed, strict=True):
        old = order.take(node["TxnLineID"])
        if old is None:
            made.append((name, _new_line(sheet, name, node, change)))
        elif "LineGroup" in name:
            made.append((name, _changed_group(sheet, transaction.kind, name, (old, node, change))))
        else:
            made.append((name, _changed_line(sheet, old, node, change)))
    return made


class _Order:
    """The lines that are there, taken one after another in the order in which they stand."""

    def __init__(self, kind: str, present: list[dict[str, Any]]) -> None:
        self._kind = kind
        self._present = present
        self._places = {line["TxnLineID"]: place for place, line in enumerate(present)}
        self._last = -1

    def take(self, identifier: str) -> dict[str, Any] | None:
        """Return the line with this ID; ``None`` for -1, a new one.

        Raises:
            Refusal: 3120 it is not there, 3290 a later one was taken before.
        """
        if identifier == "-1":
            return None
        if identifier not in self._places:
            raise Refusal(3120, f'The line "{identifier}" of the {self._kind} cannot be found.')
        if self._places[identifier] <= self._last:
            raise Refusal(3290, f'The line "{identifier}" of the {self._kind} is in the wrong order.')
        self._last = self._places[identifier]
        return self._present[self._last]


def _new_line(sheet: Sheet, name: str, node: Node, change: dict[str, Any]) -> dict[str, Any]:
    change["TxnLineID"] = sheet.context.books.next_line_id()
    make_lines(sheet, [(name, node)], [(name, change)])
    for value in change.values():
        for child in value if isinstance(value, list) else ():
            if "ItemRef" in child:
                child["TxnLineID"] = sheet.context.books.next_line_id()
    return change


def _changed_group(
    sheet: Sheet, kind: str, name: str, parts: tuple[dict[str, Any], Node, dict[str, Any]]
) -> dict[str, Any]:
    """Return a group with exactly the members that were sent; its own quantity counts nothing anew."""
    present, node, change = parts
    members = name.replace("Group", "")
    order = _Order(kind, present.get(members, []))
    before, children = sheet.total, []
    for sent, stored in zip(node.get(f"{kind}LineMod", ()), change.get(members, ()), strict=True):
        old = order.take(sent["TxnLineID"])
        made = (
            _new_line(sheet, members, sent, stored)
            if old is None
            else _changed_line(sheet, old, sent, stored)
        )
        children.append(made)
    line = {**present, **{field: value for field, value in change.items() if value != ""}}
    line[members] = children
    line["TotalAmount"] = money(sheet.total - before)
    return line


def _recount(sheet: Sheet, line: dict[str, Any]) -> None:
    """Count a line that stays as it is."""
    if "ItemGroupRef" in line:
        for value in line.values():
            for child in value if isinstance(value, list) else ():
                sheet.count(cents(child["Amount"]), child)
        return
    make_lines(sheet, [("", _as_sent(line))], [("", dict(line))])


def _as_sent(line: Mapping[str, Any]) -> Node:
    """Return a stored line as if it were sent again: its amount holds, its rate follows."""
    names = ("ItemRef", "Desc", "Quantity", "Amount", "SalesTaxCodeRef")
    return {name: line[name] for name in names if name in line}


def _changed_line(
    sheet: Sheet, present: dict[str, Any], node: Node, change: dict[str, Any]
) -> dict[str, Any]:
    """Return one line with its changes; a new quantity alone is counted with the old rate."""
    line = copy.copy(present)
    for name, value in change.items():
        if value == "":
            line.pop(name, None)
        else:
            line[name] = value
    if not any(name in node for name in _DERIVED):
        sent = _as_sent(line)
    else:
        sent = {name: node[name] for name in ("Quantity", "Rate", "RatePercent", "Amount") if name in node}
        if "Quantity" in line:
            sent.setdefault("Quantity", line["Quantity"])
        only_quantity = "Quantity" in node and not any(name in node for name in ("Rate", "Amount", "ItemRef"))
        if only_quantity and not sheet.context.switches.quantity_recounts_amount and "Amount" in present:
            sent["Amount"] = present["Amount"]
        if "Amount" not in sent and "Rate" in present and "ItemRef" not in node:
            sent.setdefault("Rate", present["Rate"])
        if "Amount" not in node:
            line.pop("Amount", None)
    make_lines(sheet, [("", sent)], [("", line)])
    return line


def _replace(
    context: Context, transaction: Transaction, fields: dict[str, Any], total: int, settled: int
) -> None:
    books = context.books
    books.unindex_number(transaction)
    post(books, transaction, -1)
    transaction.fields = fields
    transaction.total = total
    post(books, transaction, 1)
    if FORMS[transaction.kind].receivable:
        transaction.open = total - settled
    books.index_number(transaction)
    refresh(transaction)
    books.touch(transaction)


def delete(context: Context, request: Request) -> Answer:
    """Answer a ``TxnDel``."""
    kind, identifier = request.node["TxnDelType"], request.node["TxnID"]
    transaction = _target(context, kind, identifier)
    _check_free(context, transaction)
    _take_back(context, transaction)
    context.books.remove_transaction(transaction)
    body = [
        f"<TxnDelType>{kind}</TxnDelType>",
        f"<TxnID>{identifier}</TxnID>",
        f"<TimeDeleted>{context.books.stamp()}</TimeDeleted>",
        *_number(transaction),
    ]
    return Answer(body=body, ids={"TxnID": identifier})


def _check_free(context: Context, transaction: Transaction) -> None:
    """Refuse to delete what others stand on: an invoiced order, a deposited payment, a paid bill.

    Raises:
        Refusal: 3160.
    """
    if transaction.fields.get("_deposit"):
        raise Refusal(3160, f"The {transaction.kind} cannot be deleted: it is in a deposit.")
    if transaction.kind == "SalesOrder" and transaction.links:
        raise Refusal(3160, "The sales order cannot be deleted: an invoice was made from it.")
    others = {context.books.transactions[link[0]].kind for link in transaction.links}
    if transaction.kind in _STOOD_ON and others & _STANDING:
        raise Refusal(3160, f"The {transaction.kind} cannot be deleted: other transactions are linked to it.")


def void(context: Context, request: Request) -> Answer:
    """Answer a ``TxnVoid``: the record stays, with zeros."""
    kind, identifier = request.node["TxnVoidType"], request.node["TxnID"]
    transaction = _target(context, kind, identifier)
    if transaction.kind in _STOOD_ON - {"Charge"}:
        _check_voidable(context, transaction)
    _take_back(context, transaction)
    fields = transaction.fields
    _clear(fields)
    if context.switches.voids_mark_memo and "Memo" in _fields_of(kind):
        fields["Memo"] = f"VOID: {fields.get('Memo', '')}".rstrip()
    transaction.total = transaction.open = 0
    refresh(transaction)
    context.books.touch(transaction)
    body = [
        f"<TxnVoidType>{kind}</TxnVoidType>",
        f"<TxnID>{identifier}</TxnID>",
        f"<TimeCreated>{fields['TimeCreated']}</TimeCreated>",
        f"<TimeModified>{fields['TimeModified']}</TimeModified>",
        *_number(transaction),
    ]
    return Answer(body=body, ids=recovery_ids(transaction))


def _check_voidable(context: Context, transaction: Transaction) -> None:
    others = {context.books.transactions[link[0]].kind for link in transaction.links}
    if transaction.fields.get("_deposit") or others & _STANDING:
        raise Refusal(3185, f"The {transaction.kind} cannot be voided: other transactions are linked to it.")


@cache
def _fields_of(kind: str) -> frozenset[str]:
    return frozenset(element.name for element in kinds()[kind].ret.elements())


def _clear(fields: dict[str, Any]) -> None:
    """Set every amount and quantity of a transaction and its lines to nothing."""
    for name, zero in _ZEROS.items():
        if name in fields:
            fields[name] = zero
    for name in ("AppliedToTxnRet", "RefundAppliedToTxnRet", "_applied"):
        fields.pop(name, None)
    for _, line in fields.get(LINES, ()):
        _clear(line)
    for name, value in fields.items():
        rows = value if isinstance(value, list) and name != LINES else ()
        for row in rows:
            if isinstance(row, dict) and "ListID" not in row:
                _clear(row)
    for row in fields.get("DepositLineRet", ()):
        row.pop("TxnID", None)


def _target(context: Context, kind: str, identifier: str) -> Transaction:
    transaction = context.transaction("TxnID", identifier, ())
    if transaction.kind != kind:
        raise Refusal(3120, f'The {kind} "{identifier}" cannot be found.')
    return transaction


def _take_back(context: Context, transaction: Transaction) -> None:
    """Undo what a transaction does to balances, orders and other transactions."""
    books = context.books
    if transaction.kind not in FORMS and transaction.kind != "ReceivePayment":
        if transaction.kind == "Charge":
            loosen(books, transaction)
        take_back(context, transaction)
        return
    _orders.release(context, transaction)
    if transaction.kind != "ReceivePayment":
        loosen(books, transaction)
        post(books, transaction, -1)
        return
    customer = books.customer_of(transaction)
    loosen(books, transaction)
    if customer is not None:
        customer.balance += transaction.total
    account_of(books, transaction, "ARAccountRef").balance += transaction.total
    account_of(books, transaction, "DepositToAccountRef").balance -= transaction.total


def _number(transaction: Transaction) -> list[str]:
    number = str(transaction.fields.get("RefNumber", ""))
    escaped = number.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return [f"<RefNumber>{escaped}</RefNumber>"] if number else []
