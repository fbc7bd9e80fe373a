"""Queries whose answers are computed from other objects.

Here: payments that wait for their deposit, bills to pay, sales tax owed, stock by site, bar codes, what can
be built, and the three queries of other editions.
Facts: qbXML dossier 1.4, 4.1, 8.1 (deposits); the catalogue.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ._books import fold
from ._context import Answer, exactly
from ._filters import refs
from ._kinds import response_layout
from ._lists import wanted
from ._pages import continued, page
from ._refusals import Refusal
from ._settling import undeposited
from ._stock import can_build
from ._values import cents, money

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ._books import ListObject, Transaction
    from ._context import Context
    from ._nodes import Request

__all__ = ["QUERIES"]

_STOCK: Final = {
    "Inventory": ("ItemInventory",),
    "Assembly": ("ItemInventoryAssembly",),
    "InventoryAndAssembly": ("ItemInventory", "ItemInventoryAssembly"),
    "AllExceptFixedAsset": ("ItemInventory", "ItemInventoryAssembly"),
}


def _paged(context: Context, request: Request, element: str, found: Iterable[dict[str, Any]]) -> Answer:
    """Return computed rows as the answer of their query."""
    only = wanted(request.node)

    def write(fields: dict[str, Any]) -> list[str]:
        out = [f"<{element}>"]
        layout = response_layout(f"{request.name}Rs", element, context.version, context.edition)
        layout.write(fields, out, only)
        out.append(f"</{element}>")
        return out

    given = continued(context, request, write)
    return given if given is not None else page(context, request, list(found), write=write)


def _reference(fields: Mapping[str, Any], one: Transaction) -> dict[str, Any]:
    names = ("TxnDate", "RefNumber", "CurrencyRef", "ExchangeRate")
    return {
        "TxnID": one.id,
        "TxnType": one.kind,
        **{name: fields[name] for name in names if fields.get(name)},
    }


def _to_deposit(context: Context, request: Request) -> Answer:
    funds = undeposited(context).ref
    found = []
    for kind in ("ReceivePayment", "SalesReceipt"):
        for one in context.books.by_kind.get(kind, {}).values():
            waits = one.fields.get("DepositToAccountRef") is funds and not one.fields.get("_deposit")
            if waits and one.total:
                row = {**_reference(one.fields, one), "Amount": money(one.total)}
                if "CustomerRef" in one.fields:
                    row["CustomerRef"] = one.fields["CustomerRef"]
                found.append(row)
    return _paged(context, request, "ReceivePaymentToDepositRet", found)


def _to_pay(context: Context, request: Request) -> Answer:
    node = request.node
    payee = context.entry("PayeeEntityRef", node["PayeeEntityRef"], "BillToPayQuery")
    account = context.entry("APAccountRef", node.get("APAccountRef", {}), "BillToPayQuery")
    currencies = refs(context, "CurrencyRef", node["CurrencyFilter"]) if "CurrencyFilter" in node else None

    def is_wanted(one: Transaction) -> bool:
        fields = one.fields
        return (
            one.open > 0
            and payee is not None
            and fields.get("VendorRef") is payee.ref
            and (account is None or fields["APAccountRef"] is account.ref)
            and (not node.get("DueDate") or str(fields.get("DueDate", "")) <= node["DueDate"])
            and (currencies is None or any(fields.get("CurrencyRef") is ref for ref in currencies))
        )

    found = []
    for kind, element, field in (
        ("Bill", "BillToPay", "AmountDue"),
        ("VendorCredit", "CreditToApply", "CreditRemaining"),
    ):
        for one in filter(is_wanted, context.books.by_kind.get(kind, {}).values()):
            row = {**_reference(one.fields, one), "APAccountRef": one.fields["APAccountRef"]}
            row[field] = money(one.open)
            if "DueDate" in one.fields:
                row["DueDate"] = one.fields["DueDate"]
            found.append({element: row})
    return _paged(context, request, "BillToPayRet", found)


def _tax_payable(context: Context, request: Request) -> Answer:
    """Sum up by agency and tax item what was charged, less what was paid."""
    day, owed = request.node.get("AsOfDate") or "9999-12-31", dict[str, int]()
    for kind, sign in (("Invoice", 1), ("SalesReceipt", 1), ("CreditMemo", -1)):
        for one in context.books.by_kind.get(kind, {}).values():
            tax = cents(one.fields.get("SalesTaxTotal", "0"))
            if tax and one.fields["TxnDate"] <= day:
                identifier = one.fields["ItemSalesTaxRef"]["ListID"]
                owed[identifier] = owed.get(identifier, 0) + sign * tax
    for one in context.books.by_kind.get("SalesTaxPaymentCheck", {}).values():
        for line in one.fields.get("SalesTaxPaymentCheckLineRet", ()):
            if "ItemSalesTaxRef" in line and one.fields["TxnDate"] <= day:
                identifier = line["ItemSalesTaxRef"]["ListID"]
                owed[identifier] = owed.get(identifier, 0) - cents(line["Amount"])
    items = context.books.table("ItemSalesTax").by_id
    agencies: dict[int, dict[str, Any]] = {}
    for identifier, amount in owed.items():
        agency = items[identifier].fields.get("TaxVendorRef") or items[identifier].ref
        row = agencies.setdefault(id(agency), {"PayeeEntityRef": agency, "SalesTaxPayableLineRet": []})
        line = {"ItemSalesTaxRef": items[identifier].ref, "Amount": money(amount)}
        row["SalesTaxPayableLineRet"].append(line)
    for row in agencies.values():
        row["Amount"] = money(sum(cents(line["Amount"]) for line in row["SalesTaxPayableLineRet"]))
    return _paged(context, request, "SalesTaxPayableRet", agencies.values())


def _sites(context: Context, request: Request) -> Answer:
    """Return the stock of every item at every site; all of it is at the first one."""
    node, books = request.node, context.books
    kinds = _STOCK.get(node.get("ItemTypeFilter", "AllExceptFixedAsset"), ())
    chosen = node.get("ItemSiteFilter", {})
    items = refs(context, "ItemRef", chosen["ItemFilter"]) if "ItemFilter" in chosen else None
    sites = refs(context, "InventorySiteRef", chosen["SiteFilter"]) if "SiteFilter" in chosen else None
    state, keys = node.get("ActiveStatus", "ActiveOnly"), set(node.get("ListID", ()))
    found = []
    for item in books.table("ItemInventory").by_id.values():
        is_shown = state == "All" or item.is_active is (state == "ActiveOnly")
        if item.kind not in kinds or not is_shown or (items is not None and item.ref not in items):
            continue
        for place, site in enumerate(books.of_kind("InventorySite")):
            row = _site(item, site, here=place == 0)
            if (sites is None or site.ref in sites) and (not keys or row["ListID"] in keys):
                found.append(row)
    return _paged(context, request, "ItemSitesRet", found)


def _site(item: ListObject, site: ListObject, *, here: bool) -> dict[str, Any]:
    names = ("TimeCreated", "TimeModified", "EditSequence")
    zeros = (
        "ReorderLevel", "QuantityOnPurchaseOrders", "QuantityOnSalesOrders",
        "QuantityToBeBuiltByPendingBuildTxns", "QuantityRequiredByPendingBuildTxns",
        "QuantityOnPendingTransfers", "AssemblyBuildPoint",
    )  # fmt: skip
    head, _, tail = item.id.partition("-")
    return {
        "ListID": f"{head}{site.id.partition('-')[0][-3:]}-{tail}",
        **{name: item.fields[name] for name in names},
        f"{item.kind}Ref": item.ref,
        "InventorySiteRef": site.ref,
        **dict.fromkeys(zeros, "0"),
        "QuantityOnHand": str(item.fields.get("QuantityOnHand", "0")) if here else "0",
    }


def _bar_codes(context: Context, request: Request) -> Answer:
    codes = {fold(code) for code in request.node.get("BarCodeValue", ())}
    found = [
        {"ListType": entry.kind, "ListID": entry.id, "FullName": entry.full_name}
        for table in context.books.tables.values()
        for entry in table.by_id.values()
        if "BarCodeValue" in entry.fields and (not codes or fold(entry.fields["BarCodeValue"]) in codes)
    ]
    return _paged(context, request, "BarCodeRet", found)


def _can_build(context: Context, request: Request) -> Answer:
    ref, day = request.node["ItemInventoryAssemblyRef"], request.node["TxnDate"]
    entry = context.entry("ItemInventoryAssemblyRef", ref, "ItemAssembliesCanBuildQuery")
    if entry is None:
        raise Refusal(3140, 'The field "ItemInventoryAssemblyRef" names nothing.')
    fields: dict[str, Any] = {"ItemInventoryAssemblyRef": entry.ref, "TxnDate": day}
    fields["QuantityCanBuild"] = exactly(can_build(context, fields))
    return _paged(context, request, "ItemAssembliesCanBuildRet", [fields])


def _tax_returns(context: Context, request: Request) -> Answer:
    """Answer with the return of each tax agency (CA, UK, AU)."""
    found = [
        {"ListID": agency.id, "FullName": agency.full_name, "Desc": "Sales tax return"}
        for agency in _agencies(context)
    ]
    return _paged(context, request, "SalesTaxReturnRet", found)


def _tax_return_lines(context: Context, request: Request) -> Answer:
    named = [context.entry("VendorRef", ref, request.name) for ref in request.node["TaxAgencyVendorRef"]]
    agencies = [agency for agency in _agencies(context) if agency in named]
    found = [
        {"ListID": agency.id, "FullName": f"{agency.full_name}:{line}", "LineType": line}
        for agency in agencies
        for line in ("Sales", "TaxOnSales", "Purchases", "TaxOnPurchases", "Total")
    ]
    return _paged(context, request, "SalesTaxReturnLineRet", found)


def _agencies(context: Context) -> list[ListObject]:
    vendors = context.books.table("Vendor").by_id
    taxes = context.books.of_kind("ItemSalesTax")
    names = dict.fromkeys(
        item.fields["TaxVendorRef"]["ListID"] for item in taxes if "TaxVendorRef" in item.fields
    )
    return [vendors[identifier] for identifier in names]


def _last_period(context: Context, request: Request) -> Answer:
    month = f"{context.books.today[:8]}01"
    return _paged(
        context,
        request,
        "PayrollLastPeriodRet",
        [{"PeriodStartDate": month, "PeriodEndDate": context.books.today}],
    )


#: What this module answers.
QUERIES: Final[Mapping[str, Callable[[Context, Request], Answer]]] = {
    "ReceivePaymentToDepositQuery": _to_deposit,
    "BillToPayQuery": _to_pay,
    "SalesTaxPayableQuery": _tax_payable,
    "ItemSitesQuery": _sites,
    "BarCodeQuery": _bar_codes,
    "ItemAssembliesCanBuildQuery": _can_build,
    "SalesTaxReturnQuery": _tax_returns,
    "SalesTaxReturnLineQuery": _tax_return_lines,
    "PayrollLastPeriodQuery": _last_period,
}
