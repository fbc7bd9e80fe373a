"""The lines of forms on the purchase side: expenses, items at their cost, bundles.

Here: how amounts and costs of bills, receipts, checks, card charges and purchase orders are derived.
Not here: sales forms (``_lines``), which are richer.
Facts: qbXML dossier 8.3 (Bill, PurchaseOrder), 9 (amounts); the catalogue.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from ._context import exactly
from ._custom import claim
from ._list_details import price_of
from ._nodes import LINES
from ._refusals import Refusal
from ._values import cents, money, price

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ._books import Transaction
    from ._context import Context

__all__ = ["charge", "complete", "receive"]

_HUNDRED: Final = Decimal(100)
_COSTS: Final = ("Cost", "PurchaseCost")


def complete(context: Context, kind: str, fields: dict[str, Any]) -> int:
    """Complete the lines of a form and return its total in cents.

    Raises:
        Refusal: 3180 there is nothing on it, 3210 its total is negative, 3150 an expense has no account.
    """
    total = 0
    for line in fields.get("ExpenseLineRet", ()):
        if "AccountRef" not in line and line.get("Amount"):
            raise Refusal(3150, 'The field "AccountRef" is required on an expense line with an amount.')
        line.setdefault("Amount", "0.00")
        claim(context, line, "Account")
        total += cents(line["Amount"])
    for name, line in fields.get(LINES, ()):
        total += _group(context, name, line) if "ItemGroupRef" in line else _item(context, line)
    if not fields.get("ExpenseLineRet") and not fields.get(LINES) and not fields.get("_applied"):
        raise Refusal(3180, f"The {kind} could not be saved: it is empty.")
    if total < 0:
        raise Refusal(3210, f"The {kind} could not be saved: its total is negative.")
    return total


def _item(context: Context, line: dict[str, Any]) -> int:
    """Derive cost and amount of one line; a line without an item is a text."""
    claim(context, line, "Item")
    if "ItemRef" not in line:
        if line.get("Amount") or line.get("Quantity"):
            raise Refusal(3150, 'The field "ItemRef" is required on a line with a quantity or amount.')
        return 0
    item = context.books.table("ItemService").by_id[line["ItemRef"]["ListID"]]
    rate = "Rate" if "Rate" in line or "ReceivedQuantity" in line else "Cost"
    quantity = Decimal(line["Quantity"]) if line.get("Quantity") else None
    if line.get("Amount"):
        amount = cents(line["Amount"])
        if quantity:
            line[rate] = price(context.rate(Decimal(amount) / _HUNDRED / quantity))
    else:
        each = Decimal(line[rate]) if line.get(rate) else price_of(item, _COSTS)
        line[rate] = price(each)
        amount = context.round(each * (1 if quantity is None else quantity))
    line["Amount"] = money(amount)
    line.setdefault("Desc", str(item.fields.get("PurchaseDesc") or item.fields.get("SalesDesc", "")))
    if not line["Desc"]:
        del line["Desc"]
    return amount


def _group(context: Context, name: str, line: dict[str, Any]) -> int:
    """Expand a bundle, or count its members where they are there already."""
    field = name.replace("Group", "")
    if field not in line:
        group = context.books.table("ItemService").by_id[line["ItemGroupRef"]["ListID"]]
        times = Decimal(line.get("Quantity") or 1)
        line[field] = [
            {"ItemRef": member["ItemRef"], "Quantity": exactly(Decimal(member.get("Quantity") or 1) * times)}
            for member in group.fields.get("ItemGroupLine", ())
            if "ItemRef" in member
        ]
        line.setdefault("Desc", str(group.fields.get("ItemDesc", group.full_name)))
    total = sum(_item(context, member) for member in line[field])
    if not line[field]:
        del line[field]
    line["TotalAmount"] = money(total)
    return total


def charge(context: Context, fields: dict[str, Any]) -> int:
    """Derive the amount of a ``Charge``, which is one line in itself, and return it in cents."""
    quantity = Decimal(fields["Quantity"]) if fields.get("Quantity") else None
    if not fields.get("Amount"):
        ref = fields.get("ItemRef")
        default = price_of(context.books.table("ItemService").by_id[ref["ListID"]]) if ref else Decimal(0)
        each = Decimal(fields["Rate"]) if fields.get("Rate") else default
        fields["Rate"] = price(each)
        fields["Amount"] = money(context.round(each * (1 if quantity is None else quantity)))
    elif quantity:
        fields["Rate"] = price(context.rate(Decimal(fields["Amount"]) / quantity))
    return cents(fields["Amount"])


def receive(context: Context, one: Transaction, sign: int) -> None:
    """Put the items of a bill or receipt into stock (or, *sign* -1, take them out again)."""
    inward = sign if one.kind != "VendorCredit" else -sign
    for name, line in one.fields.get(LINES, ()):
        members = line.get(name.replace("Group", ""), ()) if "ItemGroupRef" in line else (line,)
        for member in members:
            _stock(context, member, inward)


def _stock(context: Context, line: Mapping[str, Any], sign: int) -> None:
    if "ItemRef" not in line:
        return
    item = context.books.table("ItemService").by_id[line["ItemRef"]["ListID"]]
    if "QuantityOnHand" in item.fields:
        now = Decimal(item.fields["QuantityOnHand"]) + sign * Decimal(line.get("Quantity") or 1)
        item.fields["QuantityOnHand"] = exactly(now)
