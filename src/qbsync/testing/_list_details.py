"""What QuickBooks fills in when particular kinds of list entries are added or changed.

Here: bar codes, kinds of price levels and billing rates, notes, current rates, the groups that a Mod empties.
Not here: names, references and what is the same for every list (``_lists``).
Facts: qbXML dossier 3.4 (``ClearItemsInGroup``), 8.3, 8.5, 9 (lists); the catalogue.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from ._values import price

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ._books import ListObject
    from ._context import Context
    from ._nodes import Node

__all__ = ["complete", "moves_account", "price_of"]

_HUNDRED: Final = Decimal(100)
#: Accounts of an item whose change has an ``Apply…ToExistingTxns`` beside it, and where they stand.
_ACCOUNTS: Final = ("AccountRef", "IncomeAccountRef", "ExpenseAccountRef", "COGSAccountRef")
_BLOCKS: Final = ("SalesOrPurchase", "SalesAndPurchase")


def complete(context: Context, kind: str, node: Node, fields: dict[str, Any]) -> None:
    """Complete the stored form of a list entry.

    Args:
        context: the message set.
        kind: the kind of the entry.
        node: what was sent.
        fields: what will be stored; changed in place.
    """
    code = node.get("BarCode", {}).get("BarCodeValue")
    if code:
        fields["BarCodeValue"] = code
    for place, note in enumerate(fields.get("AdditionalNotesRet", ()), start=1):
        note.setdefault("NoteID", str(place))
        note.setdefault("Date", context.books.today)
    more = _MORE.get(kind)
    if more is not None:
        more(context, node, fields)


def price_of(item: ListObject, names: tuple[str, ...] = ("Price", "SalesPrice")) -> Decimal:
    """Return the price of an item, 0 without one."""
    places = (item.fields.get("SalesOrPurchase"), item.fields.get("SalesAndPurchase"), item.fields)
    return next(
        (Decimal(place[name]) for place in places for name in names if place and place.get(name)), Decimal(0)
    )


def moves_account(item: ListObject, node: Node, changes: Mapping[str, Any]) -> bool:
    """Say whether a Mod gives an item another account without saying what becomes of its transactions."""
    places = [(item.fields, changes, node)]
    places += [
        (item.fields.get(block, {}), changes[block], node.get(f"{block}Mod", {}))
        for block in _BLOCKS
        if block in changes
    ]
    return any(
        name in new and new[name] != old.get(name) and f"Apply{name}ToExistingTxns" not in sent
        for old, new, sent in places
        for name in _ACCOUNTS
    )


def _price_level(context: Context, node: Node, fields: dict[str, Any]) -> None:
    fixed = "PriceLevelFixedPercentage" in fields
    fields["PriceLevelType"] = "FixedPercentage" if fixed else "PerItem"
    _adjusted(context, node.get("PriceLevelPerItem", ()), fields, ("PriceLevelPerItemRet", "CustomPrice"))


def _billing_rate(context: Context, node: Node, fields: dict[str, Any]) -> None:
    fixed = "FixedBillingRate" in fields
    fields["BillingRateType"] = "FixedRate" if fixed else "PerItem"
    _adjusted(context, node.get("BillingRatePerItem", ()), fields, ("BillingRatePerItemRet", "CustomRate"))


def _adjusted(context: Context, sent: Any, fields: dict[str, Any], names: tuple[str, str]) -> None:
    """Turn an adjustment relative to an item's price into a price of its own."""
    rows, field = names
    for row, stored in zip(sent, fields.get(rows, ()), strict=False):
        percent = row.get("AdjustPercentage")
        if percent:
            item = context.books.table("ItemService").by_id[stored["ItemRef"]["ListID"]]
            stored[field] = price(price_of(item) * (1 + Decimal(percent) / _HUNDRED))


def _workers_compensation(_context: Context, node: Node, fields: dict[str, Any]) -> None:
    entries = node.get("RateEntry", ())
    if entries:
        newest = max(entries, key=lambda entry: str(entry.get("EffectiveDate", "")))
        fields["CurrentRate"] = newest["Rate"]
        fields["CurrentEffectiveDate"] = newest["EffectiveDate"]
        fields["RateHistory"] = [dict(entry) for entry in entries]


def _inventory(_context: Context, node: Node, fields: dict[str, Any]) -> None:
    """Take the opening quantity and value of an item in stock."""
    quantity = Decimal(node.get("QuantityOnHand") or 0)
    if quantity and node.get("TotalValue"):
        fields["AverageCost"] = price(Decimal(node["TotalValue"]) / quantity)
    elif quantity and fields.get("PurchaseCost"):
        fields["AverageCost"] = fields["PurchaseCost"]


def _group(_context: Context, node: Node, fields: dict[str, Any]) -> None:
    if node.get("ClearItemsInGroup") == "true":
        fields.pop("ItemGroupLine", None)


_MORE: Final[Mapping[str, Callable[[Context, Node, dict[str, Any]], None]]] = {
    "PriceLevel": _price_level,
    "BillingRate": _billing_rate,
    "WorkersCompCode": _workers_compensation,
    "ItemInventory": _inventory,
    "ItemInventoryAssembly": _inventory,
    "ItemGroup": _group,
}
