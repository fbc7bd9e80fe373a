"""What keeps a request from being run at all: permissions, features, objects that somebody holds open.

Here: read-only files, forbidden kinds, features that are off, currencies, locks, the closing date.
Not here: the switches themselves (``_switches``).
Facts: qbXML dossier 3.6, 5.2 (3161, 3171, 3175, 3176, 3250, 3260, 3263), 7.3, 9 (environment).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ._nodes import LINES
from ._refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ._context import Context
    from ._nodes import Request

__all__ = ["check"]

#: The feature that each kind belongs to.
_OF_KIND: Final[Mapping[str, str]] = {
    "SalesOrder": "sales_orders",
    "Estimate": "estimates",
    "PriceLevel": "price_levels",
    "InventorySite": "inventory_sites",
    "TransferInventory": "inventory_sites",
    "ItemSites": "inventory_sites",
    "ItemInventoryAssembly": "assemblies",
    "BuildAssembly": "assemblies",
    "ItemAssembliesCanBuild": "assemblies",
    "ItemInventory": "inventory",
    "InventoryAdjustment": "inventory",
    "BarCode": "bar_codes",
    "Class": "classes",
    "UnitOfMeasureSet": "units_of_measure",
    "TimeTracking": "time_tracking",
    "TimeReport": "time_tracking",
    "PayrollItemWage": "payroll",
    "PayrollItemNonWage": "payroll",
    "PayrollSummaryReport": "payroll",
    "PayrollDetailReport": "payroll",
    "WorkersCompCode": "payroll",
}
#: The feature that an element of a request belongs to.
_OF_ELEMENT: Final[Mapping[str, str]] = {
    "PriceLevelRef": "price_levels",
    "InventorySiteRef": "inventory_sites",
    "InventorySiteLocationRef": "inventory_sites",
    "SerialNumber": "serial_lot_numbers",
    "LotNumber": "serial_lot_numbers",
    "UnitOfMeasure": "units_of_measure",
    "UnitOfMeasureSetRef": "units_of_measure",
    "ClassRef": "classes",
    "BarCode": "bar_codes",
}
_CURRENCY: Final = ("CurrencyRef", "ExchangeRate")
_DELETIONS: Final = {"ListDel": "ListDelType", "TxnDel": "TxnDelType", "TxnVoid": "TxnVoidType"}
_VERBS: Final = ("Add", "Mod", "Del", "Query")


def check(context: Context, request: Request) -> None:
    """Refuse a request that may not be run.

    Raises:
        Refusal: 3263, 3260, 3250, 3171, 3161, 3175 or 3176.
    """
    switches, kind = context.switches, _kind(request)
    is_query = request.name.endswith("Query")
    if switches.read_only and not is_query:
        raise Refusal(3263, "The company file is open read-only.")
    if kind in switches.forbidden:
        raise Refusal(3260, f"The user has no permission for {kind}.")
    if switches.features_off:
        _check_features(context, request, kind)
    if not is_query:
        if not switches.multicurrency:
            _check_currencies(request, kind)
        if switches.closing_date:
            _check_closing_date(context, request)
        if context.in_use:
            _check_locks(context, request)


def _kind(request: Request) -> str:
    if request.name in _DELETIONS:
        return str(request.node[_DELETIONS[request.name]])
    for verb in _VERBS:
        if request.name.endswith(verb):
            return request.name.removesuffix(verb)
    return request.name


def _check_features(context: Context, request: Request, kind: str) -> None:
    off = context.switches.features_off
    if _OF_KIND.get(kind) in off:
        raise Refusal(3250, f"{request.name}Rq: the feature {_OF_KIND[kind]} is not enabled.")
    for name, _ in _walk(request.node):
        if _OF_ELEMENT.get(name) in off:
            raise Refusal(3250, f'The field "{name}": the feature {_OF_ELEMENT[name]} is not enabled.')


def _check_currencies(request: Request, kind: str) -> None:
    inner = request.node.get(request.name, {})
    if kind == "Currency" or any(inner.get(name) for name in _CURRENCY):
        raise Refusal(3250, f"{request.name}Rq: multicurrency is not enabled.")


def _target(request: Request) -> tuple[str, str]:
    """Return the element and ID of the object that a request changes, empty for none."""
    places = (request.node, request.node.get(request.name, {}))
    if request.name.endswith("Mod") or request.name in _DELETIONS:
        for place in places:
            for name in ("TxnID", "ListID"):
                if isinstance(place, dict) and place.get(name):
                    return name, str(place[name])
    return "", ""


def _check_closing_date(context: Context, request: Request) -> None:
    """Refuse to change or delete what is dated in the closed time, and to give a date in it."""
    name, identifier = _target(request)
    one = context.books.transactions.get(identifier) if name == "TxnID" else None
    dates = [] if one is None else [str(one.fields.get("TxnDate", ""))]
    if one is not None or context.switches.closing_blocks_adds:
        dates.append(str(request.node.get(request.name, {}).get("TxnDate", "")))
    if any(date and date <= context.switches.closing_date for date in dates):
        code = 3161 if request.name == "TxnDel" else 3171
        raise Refusal(
            code, f"The transaction is dated before the closing date {context.switches.closing_date}."
        )


def _check_locks(context: Context, request: Request) -> None:
    _, target = _target(request)
    if target in context.in_use:
        raise Refusal(3175, f'The object "{target}" is in use: another user holds it open.')
    for name, value in _walk(request.node):
        identifier = str(value) if name == "TxnID" else _named(context, name, value)
        if identifier in context.in_use:
            raise Refusal(3176, f'The object "{identifier}" that the field "{name}" names is in use.')


def _named(context: Context, name: str, value: Any) -> str:
    """Return the ID of the list object that a reference names, ``""`` when it is none or names nothing."""
    if not isinstance(value, dict) or not name.endswith("Ref"):
        return ""
    try:
        entry = context.books.resolve(name, value, "request")
    except Refusal:
        return ""
    return "" if entry is None else entry.id


def _walk(node: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield every element of a request with its value."""
    for name, value in node.items():
        if name == LINES:
            for line, inner in value:
                yield line, inner
                yield from _walk(inner)
            continue
        for one in value if isinstance(value, list) else (value,):
            yield name, one
            if isinstance(one, dict):
                yield from _walk(one)
