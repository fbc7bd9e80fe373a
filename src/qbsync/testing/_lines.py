"""The lines of sales forms: items, quantities, rates, amounts, groups, tax.

Here: how QuickBooks derives what a line leaves out, and what the lines add up to.
Not here: the forms themselves (``_forms``) and links to orders (``_orders``).
Facts: qbXML dossier 9 (amounts), 3.6 (tax), 8.1 (discounts, subtotals), 3.3 (groups).
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import attrs

from ._context import exactly
from ._custom import claim
from ._list_details import price_of
from ._refusals import Refusal
from ._values import cents, money, price

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ._books import ListObject
    from ._context import Context
    from ._nodes import Node

__all__ = ["Sheet", "make_lines", "tax_code", "totals"]

_HUNDRED: Final = Decimal(100)
_WITHOUT_ACCOUNT: Final = frozenset(
    {"ItemSubtotal", "ItemSalesTax", "ItemSalesTaxGroup", "ItemPayment", "ItemGroup"}
)


@attrs.define
class Sheet:
    """The lines of one form while they are added up."""

    context: Context
    kind: str
    class_ref: dict[str, str] | None
    #: Cents of all lines that count.
    total: int = 0
    #: Cents of the taxable ones.
    taxable: int = 0
    #: Cents since the last subtotal line.
    run: int = 0
    #: The amount of the line above.
    above: int = 0
    warnings: list[Refusal] = attrs.field(factory=list)

    def count(self, amount: int, fields: dict[str, Any]) -> None:
        """Count one line."""
        self.total += amount
        self.run += amount
        self.above = amount
        code = fields.get("SalesTaxCodeRef")
        if code is not None and _is_taxable(self.context, code):
            self.taxable += amount


def make_lines(
    sheet: Sheet, sent: Sequence[tuple[str, Node]], stored: Sequence[tuple[str, dict[str, Any]]]
) -> list[tuple[str, dict[str, Any]]]:
    """Complete the lines of a form.

    Args:
        sheet: takes the sums.
        sent: the lines of the request.
        stored: the same lines in the form in which they are kept; they are completed in place.

    Raises:
        Refusal: a line cannot be.
    """
    for (_, node), (name, fields) in zip(sent, stored, strict=True):
        if "LineGroup" in name:
            _group(sheet, node, name, fields)
        else:
            _line(sheet, node, fields)
    return list(stored)


def _line(sheet: Sheet, node: Node, fields: dict[str, Any]) -> None:
    if "ItemRef" not in fields:
        if any(node.get(name) for name in ("Quantity", "Rate", "RatePercent", "Amount")):
            raise Refusal(3150, 'The field "ItemRef" is required on a line with a quantity, rate or amount.')
        return
    item = _item(sheet.context, fields["ItemRef"])
    if item.kind == "ItemGroup":
        raise Refusal(3280, f'The item "{item.full_name}" is a group, which needs a line of its own kind.')
    _defaults(sheet, item, node, fields)
    if item.kind == "ItemSubtotal":
        fields["Amount"] = money(sheet.run)
        sheet.above, sheet.run = sheet.run, 0
        return
    derive = _discount if item.kind == "ItemDiscount" else _ordinary
    amount = derive(sheet, item, node, fields)
    fields["Amount"] = money(amount)
    sheet.count(amount, fields)


def _item(context: Context, ref: dict[str, str]) -> ListObject:
    return context.books.table("ItemService").by_id[ref["ListID"]]


def _defaults(sheet: Sheet, item: ListObject, node: Node, fields: dict[str, Any]) -> None:
    claim(sheet.context, fields, "Item")
    if item.kind not in _WITHOUT_ACCOUNT and not _has_account(item) and "OverrideItemAccountRef" not in node:
        raise Refusal(3270, f'The item "{item.full_name}" has no account to post to.')
    text = _of_item(item, ("Desc", "SalesDesc", "ItemDesc"))
    if text and "Desc" not in node:
        fields["Desc"] = text
    if sheet.kind == "SalesOrder":
        fields.setdefault("Invoiced", "0")
        fields.setdefault("IsManuallyClosed", "false")
    if sheet.class_ref is not None:
        fields.setdefault("ClassRef", sheet.class_ref)
    code = tax_code(sheet.context, fields.get("SalesTaxCodeRef") or item.fields.get("SalesTaxCodeRef"))
    if code is not None:
        fields["SalesTaxCodeRef"] = code


def _of_item(item: ListObject, names: tuple[str, ...]) -> Any:
    """Return the first of these fields that an item or its sales block has."""
    places = (item.fields.get("SalesOrPurchase"), item.fields.get("SalesAndPurchase"), item.fields)
    for place in places:
        for name in names:
            if place and place.get(name):
                return place[name]
    return None


def _has_account(item: ListObject) -> bool:
    return bool(_of_item(item, ("AccountRef", "IncomeAccountRef", "AssetAccountRef")))


def _ordinary(sheet: Sheet, item: ListObject, node: Node, fields: dict[str, Any]) -> int:
    quantity = Decimal(node["Quantity"]) if node.get("Quantity") else None
    if node.get("Amount"):
        amount = cents(node["Amount"])
        if node.get("Rate"):
            text = 'The field "Rate" was ignored, because the line has an amount.'
            sheet.warnings.append(Refusal(530, text))
            fields.pop("Rate", None)
        if quantity:
            fields["Rate"] = price(sheet.context.rate(Decimal(amount) / _HUNDRED / quantity))
        return -abs(amount) if item.kind == "ItemPayment" else amount
    percent = node.get("RatePercent") or (None if node.get("Rate") else _of_item(item, ("PricePercent",)))
    if percent:
        fields.pop("Rate", None)
        fields["RatePercent"] = percent
        return sheet.context.round(Decimal(sheet.above) / _HUNDRED * Decimal(percent) / _HUNDRED)
    rate = Decimal(node["Rate"]) if node.get("Rate") else _listed(sheet.context, item, node)
    fields["Rate"] = price(rate)
    return sheet.context.round(rate * (1 if quantity is None else quantity))


def _listed(context: Context, item: ListObject, node: Node) -> Decimal:
    """Return the price of an item, under the price level of the line where it has one."""
    level = context.entry("PriceLevelRef", node.get("PriceLevelRef", {}), "line")
    usual = price_of(item)
    if level is None:
        return usual
    if "PriceLevelFixedPercentage" in level.fields:
        return context.rate(usual * (1 + Decimal(level.fields["PriceLevelFixedPercentage"]) / _HUNDRED))
    for row in level.fields.get("PriceLevelPerItemRet", ()):
        if row.get("ItemRef") is item.ref and row.get("CustomPrice"):
            return Decimal(row["CustomPrice"])
        if row.get("ItemRef") is item.ref and row.get("CustomPricePercent"):
            return context.rate(usual * (1 + Decimal(row["CustomPricePercent"]) / _HUNDRED))
    return usual


def _discount(sheet: Sheet, item: ListObject, node: Node, fields: dict[str, Any]) -> int:
    if node.get("Quantity"):
        raise Refusal(3151, f'The discount item "{item.full_name}" takes no quantity.')
    if node.get("Amount"):
        return cents(node["Amount"])
    percent = node.get("RatePercent") or item.fields.get("DiscountRatePercent")
    if percent and not node.get("Rate"):
        fields["RatePercent"] = percent
        return -sheet.context.round(Decimal(sheet.above) / _HUNDRED * Decimal(percent) / _HUNDRED)
    rate = Decimal(node.get("Rate") or item.fields.get("DiscountRate") or 0)
    return -abs(sheet.context.round(rate))


def _group(sheet: Sheet, node: Node, name: str, fields: dict[str, Any]) -> None:
    """Expand a bundle: its members' prices times the bundle's quantity."""
    if "ItemGroupRef" not in fields:
        raise Refusal(3150, 'The field "ItemGroupRef" is required on a group line.')
    claim(sheet.context, fields, "Item")
    group = _item(sheet.context, fields["ItemGroupRef"])
    if group.kind != "ItemGroup":
        raise Refusal(3280, f'The item "{group.full_name}" is no group.')
    times = Decimal(node.get("Quantity") or 1)
    children = []
    before = sheet.total
    for member in group.fields.get("ItemGroupLine", ()):
        if "ItemRef" not in member:
            continue
        child = {"ItemRef": member["ItemRef"]}
        quantity = Decimal(member.get("Quantity") or 1) * times
        _line(sheet, {"Quantity": f"{quantity:f}"}, child)
        child["Quantity"] = exactly(quantity)
        children.append(child)
    fields["Desc"] = group.fields.get("ItemDesc", group.full_name)
    fields["IsPrintItemsInGroup"] = group.fields.get("IsPrintItemsInGroup", "false")
    fields["TotalAmount"] = money(sheet.total - before)
    if children:
        fields[name.replace("Group", "")] = children


# -- tax


def tax_code(context: Context, ref: dict[str, str] | None) -> dict[str, str] | None:
    """Return a line's tax code: its own, else the default; not taxable where no tax is charged."""
    if not context.switches.charges_sales_tax:
        entry = context.books.find("SalesTaxCode", "NON")
        return None if entry is None else entry.ref
    if ref is not None:
        return ref
    entry = context.books.find("SalesTaxCode", "TAX")
    return None if entry is None else entry.ref


def _is_taxable(context: Context, ref: dict[str, str]) -> bool:
    entry = context.books.table("SalesTaxCode").by_id.get(ref["ListID"])
    return entry is not None and entry.fields.get("IsTaxable") == "true"


def totals(sheet: Sheet, fields: dict[str, Any]) -> int:
    """Set subtotal and tax of a form and return its total in cents."""
    percent, tax = Decimal(0), 0
    customer_code = fields.get("CustomerSalesTaxCodeRef")
    exempt = customer_code is not None and not _is_taxable(sheet.context, customer_code)
    if sheet.context.switches.charges_sales_tax:
        ref = fields.get("ItemSalesTaxRef")
        if ref is None and sheet.taxable and not exempt:
            raise Refusal(3150, 'The field "ItemSalesTaxRef" is required on a form with taxable lines.')
        percent = Decimal(0) if ref is None else _percent(sheet.context, _item(sheet.context, ref))
        if not exempt:
            tax = sheet.context.round(Decimal(sheet.taxable) / _HUNDRED * percent / _HUNDRED)
    fields["Subtotal"] = money(sheet.total)
    fields["SalesTaxPercentage"] = price(percent)
    fields["SalesTaxTotal"] = money(tax)
    return sheet.total + tax


def _percent(context: Context, item: ListObject) -> Decimal:
    if item.kind == "ItemSalesTax":
        return Decimal(item.fields.get("TaxRate") or 0)
    members = item.fields.get("ItemSalesTaxRef", ())
    return sum((_percent(context, _item(context, member)) for member in members), Decimal(0))
