"""Invoicing sales orders: ``LinkToTxnID`` for whole orders, ``LinkToTxn`` for single lines.

Here: which lines an invoice takes from orders, and what the orders remember of it.
Facts: qbXML dossier 3.3 (links), 9 (order links): 3177 the same order twice, 3000 both forms for one order,
570 the order is closed (made without the link).
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import attrs

from ._nodes import LINES
from ._refusals import Refusal
from ._values import cents, money

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._books import Transaction
    from ._context import Context
    from ._lines import Sheet
    from ._nodes import Node

__all__ = ["SOURCE", "Links", "claim", "lines", "link", "release"]

#: Where a line keeps (order, its line, quantity); never written out.
SOURCE: Final = "_source"
_LINK: Final = "QUANTYPE"
#: What a line of an order hands on to the invoice.
_COPIED: Final[tuple[str, ...]] = (
    "ItemRef",
    "Desc",
    "Rate",
    "ClassRef",
    "SalesTaxCodeRef",
    "Other1",
    "Other2",
)
#: Where a group of an order keeps its members.
_MEMBERS: Final = "SalesOrderLineRet"


@attrs.define
class Links:
    """What a new invoice takes from orders."""

    whole: list[Transaction] = attrs.field(factory=list)
    warnings: list[Refusal] = attrs.field(factory=list)


def claim(
    context: Context,
    node: Node,
    sent: list[tuple[str, Node]],
    fields: dict[str, Any],
) -> Links:
    """Check the links of a new form and complete its linked lines.

    Raises:
        Refusal: a link cannot be.
    """
    links = Links()
    ids = [context.value(text) for text in node.get("LinkToTxnID", [])]
    if len(set(ids)) < len(ids):
        raise Refusal(3177, 'The field "LinkToTxnID" names the same transaction twice.')
    for identifier in ids:
        order = _order(context, identifier, fields)
        if _is_closed(order):
            links.warnings.append(
                Refusal(570, f'The sales order "{identifier}" is closed; no link was made.')
            )
        else:
            links.whole.append(order)
    for (_, line), (_, stored) in zip(sent, fields.get(LINES, []), strict=True):
        if "LinkToTxn" in line:
            _claim_line(context, line, stored, ids, fields)
    return links


def _order(context: Context, identifier: str, fields: dict[str, Any]) -> Transaction:
    order = context.transaction("LinkToTxnID", identifier, ("SalesOrder",))
    if order.fields["CustomerRef"] is not fields["CustomerRef"]:
        raise Refusal(3210, f'The sales order "{identifier}" belongs to another customer.')
    return order


def _is_closed(order: Transaction) -> bool:
    return "true" in (order.fields.get("IsFullyInvoiced"), order.fields.get("IsManuallyClosed"))


def _open_quantity(line: dict[str, Any]) -> Decimal:
    if "ItemRef" not in line or line.get("IsManuallyClosed") == "true":
        return Decimal(0)
    return Decimal(line.get("Quantity") or 1) - Decimal(line.get("Invoiced") or 0)


def _claim_line(
    context: Context, node: Node, stored: dict[str, Any], whole: list[str], fields: dict[str, Any]
) -> None:
    target = node["LinkToTxn"]
    order = _order(context, target["TxnID"], fields)
    if order.id in whole:
        raise Refusal(3000, f'The sales order "{order.id}" is linked as a whole and by a line.')
    if "ItemRef" in node:
        raise Refusal(3151, 'The field "ItemRef" is not allowed on a linked line.')
    found = next((line for line in _single(order) if line["TxnLineID"] == target["TxnLineID"]), None)
    if found is None:
        raise Refusal(3120, f'The line "{target["TxnLineID"]}" of the sales order cannot be found.')
    left = _open_quantity(found)
    quantity = Decimal(node["Quantity"]) if node.get("Quantity") else left
    if quantity <= 0 or quantity > left:
        raise Refusal(3210, f"The line of the sales order has {left} left, which is less than was asked for.")
    node["Quantity"] = stored["Quantity"] = f"{quantity:f}"
    stored["ItemRef"] = found["ItemRef"]
    stored.setdefault("Desc", found.get("Desc", ""))
    if not node.get("Amount") and not node.get("Rate"):
        node["Rate"] = found["Rate"]
    stored[SOURCE] = [order.id, found["TxnLineID"], f"{quantity:f}"]


def lines(sheet: Sheet, links: Links) -> list[tuple[str, dict[str, Any]]]:
    """Return the lines that whole orders give, counted; groups with those members that are open."""
    made = []
    for order in links.whole:
        for name, line in order.fields[LINES]:
            take = _group if "LineGroup" in name else _taken
            taken = take(sheet, order, line)
            if taken is not None:
                made.append((name.replace("SalesOrder", "Invoice"), taken))
    return made


def _taken(sheet: Sheet, order: Transaction, line: dict[str, Any]) -> dict[str, Any] | None:
    """Return what an invoice takes of one line of an order, ``None`` for nothing."""
    quantity = _open_quantity(line)
    if "ItemRef" in line and quantity <= 0:
        return None
    copied: dict[str, Any] = {field: line[field] for field in _COPIED if field in line}
    if "ItemRef" not in line:
        return copied
    untouched = line.get("Invoiced") == "0"
    rate = Decimal(line.get("Rate") or 0)
    amount = cents(line["Amount"]) if untouched else sheet.context.round(rate * quantity)
    if "Quantity" in line:
        copied["Quantity"] = f"{quantity:f}"
    copied["Amount"] = money(amount)
    copied[SOURCE] = [order.id, line["TxnLineID"], f"{quantity:f}"]
    sheet.count(amount, copied)
    return copied


def _group(sheet: Sheet, order: Transaction, line: dict[str, Any]) -> dict[str, Any] | None:
    before = sheet.total
    members = [_taken(sheet, order, member) for member in line.get(_MEMBERS, ())]
    taken = [member for member in members if member is not None]
    if not taken:
        return None
    copied = {name: value for name, value in line.items() if name not in {_MEMBERS, "TxnLineID"}}
    return {**copied, "InvoiceLineRet": taken, "TotalAmount": money(sheet.total - before)}


def _single(form: Transaction) -> Iterator[dict[str, Any]]:
    """Yield the lines of an order or invoice, the members of groups instead of groups."""
    for name, line in form.fields.get(LINES, ()):
        if "LineGroup" in name:
            yield from line.get(name.replace("Group", ""), ())
        else:
            yield line


def link(context: Context, invoice: Transaction) -> None:
    """Tell the orders what was invoiced, and link both ways."""
    amounts: dict[str, int] = {}
    for order, quantity, order_line, line in _sources(context, invoice):
        order_line["Invoiced"] = f"{(Decimal(order_line.get('Invoiced') or 0) + quantity).normalize():f}"
        amounts[order.id] = amounts.get(order.id, 0) + cents(line["Amount"])
    for identifier, amount in amounts.items():
        order = context.books.transactions[identifier]
        order.links.append((invoice.id, _LINK, amount))
        invoice.links.append((order.id, _LINK, amount))
        _refresh(context, order)


def release(context: Context, invoice: Transaction) -> None:
    """Give back to the orders what an invoice took, before it goes."""
    touched = {}
    for order, quantity, order_line, line in _sources(context, invoice):
        order_line["Invoiced"] = f"{(Decimal(order_line.get('Invoiced') or 0) - quantity).normalize():f}"
        touched[order.id] = order
        del line[SOURCE]
    for order in touched.values():
        order.links = [entry for entry in order.links if entry[0] != invoice.id]
        _refresh(context, order)
    invoice.links = [entry for entry in invoice.links if entry[0] not in touched]


def _sources(
    context: Context, invoice: Transaction
) -> list[tuple[Transaction, Decimal, dict[str, Any], dict[str, Any]]]:
    found = []
    for line in _single(invoice):
        if SOURCE not in line:
            continue
        identifier, line_id, quantity = line[SOURCE]
        order = context.books.transactions[identifier]
        order_line = next(one for one in _single(order) if one["TxnLineID"] == line_id)
        found.append((order, Decimal(quantity), order_line, line))
    return found


def _refresh(context: Context, order: Transaction) -> None:
    is_full = all(_open_quantity(line) <= 0 for line in _single(order))
    order.fields["IsFullyInvoiced"] = "true" if is_full else "false"
    context.books.touch(order)
