"""What moves goods without money: adjustments, assemblies, transfers between sites.

Here: ``InventoryAdjustment``, ``BuildAssembly``, ``TransferInventory``.
Facts: the catalogue; qbXML dossier 9 (lists: only ``InventoryAdjustment`` changes quantities), 5.2 (3180).
Quantities are kept per item, not per site.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from ._context import exactly
from ._refusals import Refusal
from ._values import money

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ._books import ListObject, Transaction
    from ._context import Context
    from ._nodes import Node

__all__ = ["KINDS", "can_build", "complete", "move"]

KINDS: Final = ("InventoryAdjustment", "BuildAssembly", "TransferInventory")
_IN_STOCK: Final = ("ItemInventory", "ItemInventoryAssembly")


def complete(context: Context, kind: str, fields: dict[str, Any], node: Node) -> int:
    """Complete the lines and return the total, which is nothing."""
    if kind == "InventoryAdjustment":
        _adjustment(context, fields, node)
    elif kind == "BuildAssembly":
        _assembly(context, fields, node)
    else:
        _transfer(fields, node)
    return 0


def _item(context: Context, ref: Mapping[str, str]) -> ListObject:
    return context.books.table("ItemService").by_id[ref["ListID"]]


def _stocked(context: Context, ref: Mapping[str, str]) -> ListObject:
    item = _item(context, ref)
    if item.kind not in _IN_STOCK:
        raise Refusal(3280, f'The item "{item.full_name}" is not kept in stock.')
    return item


def _on_hand(item: ListObject) -> Decimal:
    return Decimal(item.fields.get("QuantityOnHand") or 0)


def _adjustment(context: Context, fields: dict[str, Any], node: Node) -> None:
    """Turn new quantities and values into differences."""
    lines = fields.get("InventoryAdjustmentLineRet", [])
    if any("ItemRef" not in line for line in lines):
        raise Refusal(3150, 'The field "ItemRef" is required on a new line.')
    for sent, line in zip(node.get("InventoryAdjustmentLineAdd", ()), lines, strict=False):
        item = _stocked(context, line["ItemRef"])
        change = sent.get("QuantityAdjustment") or sent.get("ValueAdjustment") or {}
        difference = Decimal(change.get("QuantityDifference") or 0)
        if change.get("NewQuantity"):
            difference = Decimal(change["NewQuantity"]) - _on_hand(item)
        lot = sent.get("LotNumberAdjustment", {})
        difference += Decimal(lot.get("CountAdjustment") or 0)
        serial = sent.get("SerialNumberAdjustment", {})
        difference += ("AddSerialNumber" in serial) - ("RemoveSerialNumber" in serial)
        line["QuantityDifference"] = exactly(difference)
        each = Decimal(item.fields.get("AverageCost") or 0)
        value = Decimal(context.round(each * difference)) / 100
        if change.get("ValueDifference"):
            value = Decimal(change["ValueDifference"])
        elif change.get("NewValue"):
            value = Decimal(change["NewValue"]) - each * _on_hand(item)
        line["ValueDifference"] = money(context.round(value))
        for name in ("SerialNumber", "LotNumber"):
            number = (
                change.get(name) or lot.get(name) or serial.get(f"Add{name}") or serial.get(f"Remove{name}")
            )
            if number:
                line[name] = number
        if serial:
            added = "AddSerialNumber" in serial
            line["SerialNumberAddedOrRemoved"] = "Added" if added else "Removed"


def _components(
    context: Context, fields: Mapping[str, Any]
) -> list[tuple[dict[str, Any], ListObject, Decimal]]:
    assembly = _item(context, fields["ItemInventoryAssemblyRef"])
    if assembly.kind != "ItemInventoryAssembly":
        raise Refusal(3280, f'The item "{assembly.full_name}" is no assembly.')
    return [
        (line, _item(context, line["ItemInventoryRef"]), Decimal(line.get("Quantity") or 1))
        for line in assembly.fields.get("ItemInventoryAssemblyLine", ())
    ]


def can_build(context: Context, fields: Mapping[str, Any]) -> Decimal:
    """Return how many of an assembly the components in stock are enough for."""
    counts = [_on_hand(item) // each for _, item, each in _components(context, fields) if each > 0]
    return max(min(counts, default=Decimal(0)), Decimal(0))


def _assembly(context: Context, fields: dict[str, Any], node: Node) -> None:
    assembly = _item(context, fields["ItemInventoryAssemblyRef"])
    quantity, possible = Decimal(fields["QuantityToBuild"] or 0), can_build(context, fields)
    if quantity <= 0:
        raise Refusal(3210, "The QuantityToBuild must be more than nothing.")
    has_parts = bool(_components(context, fields))
    short = has_parts and quantity > possible
    if short and node.get("MarkPendingIfRequired") != "true":
        raise Refusal(3180, f"There are components for {exactly(possible)} assemblies only.")
    fields["IsPending"] = "true" if short else "false"
    fields["QuantityCanBuild"] = exactly(possible)
    fields["QuantityOnHand"] = exactly(_on_hand(assembly))
    fields["QuantityOnSalesOrder"] = str(assembly.fields.get("QuantityOnSalesOrder", "0"))
    fields["ComponentItemLineRet"] = [
        {
            "ItemRef": item.ref,
            **({"Desc": item.fields["SalesDesc"]} if item.fields.get("SalesDesc") else {}),
            "QuantityOnHand": exactly(_on_hand(item)),
            "QuantityNeeded": exactly(each * quantity),
        }
        for _, item, each in _components(context, fields)
    ]


def _transfer(fields: dict[str, Any], node: Node) -> None:
    if fields.get("FromInventorySiteRef") is fields.get("ToInventorySiteRef"):
        raise Refusal(3210, "Goods cannot be transferred from a site to itself.")
    sent = node.get("TransferInventoryLineAdd") or node.get("TransferInventoryLineMod") or ()
    for one, line in zip(sent, fields.get("TransferInventoryLineRet", ()), strict=False):
        if one.get("QuantityToTransfer"):
            line["QuantityTransferred"] = one["QuantityToTransfer"]


def move(context: Context, one: Transaction, sign: int) -> None:
    """Change the quantities on hand by what a transaction says, or (*sign* -1) change them back."""
    if one.kind == "InventoryAdjustment":
        for line in one.fields.get("InventoryAdjustmentLineRet", ()):
            _add(_item(context, line["ItemRef"]), sign * Decimal(line.get("QuantityDifference") or 0))
    elif one.kind == "BuildAssembly" and one.fields.get("IsPending") != "true":
        built = Decimal(one.fields.get("QuantityToBuild") or 0)
        _add(_item(context, one.fields["ItemInventoryAssemblyRef"]), sign * built)
        for line in one.fields.get("ComponentItemLineRet", ()):
            _add(_item(context, line["ItemRef"]), -sign * Decimal(line["QuantityNeeded"]))


def _add(item: ListObject, quantity: Decimal) -> None:
    item.fields["QuantityOnHand"] = exactly(_on_hand(item) + quantity)
