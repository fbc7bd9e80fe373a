"""The requests that are about single things: special accounts and items, windows, marks, mappings.

Here: ``SpecialAccountAdd``, ``SpecialItemAdd``, ``ClearedStatusMod``, ``ListDisplay…``, ``TxnDisplay…``,
``DataEventRecoveryInfo…``, the 1099 mapping, ``CompanyActivityQuery``, ``AccountTaxLineInfoQuery``.
Facts: qbXML dossier 1.4, 8.6; the catalogue.
Windows open in the real program only; here it is checked that there is something to show.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ._context import Answer
from ._kinds import response_layout
from ._lists import check_guid, recovery_ids, wanted, written
from ._nodes import LINES
from ._pages import NOTHING
from ._refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ._books import Transaction
    from ._context import Context
    from ._nodes import Request

__all__ = ["REQUESTS"]

#: The name and type of the account that each special type makes.
_ACCOUNTS: Final[Mapping[str, tuple[str, str]]] = {
    "AccountsPayable": ("Accounts Payable", "AccountsPayable"),
    "AccountsReceivable": ("Accounts Receivable", "AccountsReceivable"),
    "CondenseItemAdjustmentExpenses": ("Condensed Item Adjustments", "Expense"),
    "CostOfGoodsSold": ("Cost of Goods Sold", "CostOfGoodsSold"),
    "DirectDepositLiabilities": ("Direct Deposit Liabilities", "OtherCurrentLiability"),
    "Estimates": ("Estimates", "NonPosting"),
    "ExchangeGainLoss": ("Exchange Gain or Loss", "OtherExpense"),
    "InventoryAssets": ("Inventory Asset", "OtherCurrentAsset"),
    "ItemReceiptAccount": ("Item Receipts", "OtherCurrentLiability"),
    "OpeningBalanceEquity": ("Opening Balance Equity", "Equity"),
    "PayrollExpenses": ("Payroll Expenses", "Expense"),
    "PayrollLiabilities": ("Payroll Liabilities", "OtherCurrentLiability"),
    "PettyCash": ("Petty Cash", "Bank"),
    "PurchaseOrders": ("Purchase Orders", "NonPosting"),
    "ReconciliationDifferences": ("Reconciliation Differences", "Expense"),
    "RetainedEarnings": ("Retained Earnings", "Equity"),
    "SalesOrders": ("Sales Orders", "NonPosting"),
    "SalesTaxPayable": ("Sales Tax Payable", "OtherCurrentLiability"),
    "UncategorizedExpenses": ("Uncategorized Expenses", "Expense"),
    "UncategorizedIncome": ("Uncategorized Income", "Income"),
    "UndepositedFunds": ("Undeposited Funds", "OtherCurrentAsset"),
}
#: The kind and name of the item that each special type makes.
_ITEMS: Final[Mapping[str, tuple[str, str]]] = {
    "FinanceCharge": ("ItemOtherCharge", "Fin Chg"),
    "ReimbursableExpenseGroup": ("ItemGroup", "Reimb Group"),
    "ReimbursableExpenseSubtotal": ("ItemSubtotal", "Reimb Subt"),
}
_TAX_LINES: Final = (("1", "Gross receipts"), ("2", "Cost of goods sold"), ("3", "Other deductions"))


def _add_account(context: Context, request: Request) -> Answer:
    node = request.node["SpecialAccountAdd"]
    name, kind = _ACCOUNTS[node["SpecialAccountType"]]
    context.books.claim("Account", name, None)
    fields: dict[str, Any] = {
        "Name": name, "AccountType": kind, "SpecialAccountType": node["SpecialAccountType"],
    }  # fmt: skip
    entry = context.books.add_entry("Account", fields)
    return Answer(body=written(context, entry, wanted(request.node)), ids=recovery_ids(entry))


def _add_item(context: Context, request: Request) -> Answer:
    node = request.node["SpecialItemAdd"]
    kind, name = _ITEMS[node["SpecialItemType"]]
    context.books.claim(kind, name, None)
    check_guid(context, node)
    fields: dict[str, Any] = {"Name": name, "SpecialItemType": node["SpecialItemType"]}
    fields.update({key: node[key] for key in ("ExternalGUID",) if key in node})
    if node.get("BarCode", {}).get("BarCodeValue"):
        fields["BarCodeValue"] = node["BarCode"]["BarCodeValue"]
    entry = context.books.add_entry(kind, fields)
    return Answer(body=written(context, entry, wanted(request.node)), ids=recovery_ids(entry))


def _set_cleared(context: Context, request: Request) -> Answer:
    node = request.node["ClearedStatusMod"]
    one = context.transaction("TxnID", node["TxnID"], ())
    line_id = context.value(node.get("TxnLineID", ""))
    if line_id and line_id not in _line_ids(one):
        raise Refusal(3120, f'The line "{line_id}" of the {one.kind} cannot be found.')
    one.fields.setdefault("_cleared", {})[line_id] = node["ClearedStatus"]
    context.books.touch(one)
    return Answer(ids=recovery_ids(one))


def _line_ids(one: Transaction) -> set[str]:
    lines = [line for _, line in one.fields.get(LINES, ())]
    for value in one.fields.values():
        if isinstance(value, list):
            lines.extend(line for line in value if isinstance(line, dict))
    return {str(line.get("TxnLineID", "")) for line in lines}


def _show_new(_context: Context, _request: Request) -> Answer:
    return Answer()


def _show_entry(context: Context, request: Request) -> Answer:
    kind, identifier = request.node["ListDisplayModType"], request.node["ListID"]
    entry = context.books.table("ItemService" if kind == "Item" else kind).by_id.get(identifier)
    if entry is None:
        raise Refusal(3120, f'The object "{identifier}" of the ListDisplayMod cannot be found.')
    return Answer()


def _show_transaction(context: Context, request: Request) -> Answer:
    context.transaction("TxnID", request.node["TxnID"], (request.node["TxnDisplayModType"],))
    return Answer()


def _no_events(_context: Context, _request: Request) -> Answer:
    """Answer a query for lost events: nobody has subscribed to any."""
    return Answer(1, NOTHING)


def _forget_events(_context: Context, _request: Request) -> Answer:
    return Answer()


def _set_mapping(context: Context, request: Request) -> Answer:
    node = request.node["Form1099CategoryAccountMappingMod"]
    changes = {
        category["MappingCategory"]: {
            "accounts": [
                _account_id(context, account["AccountRef"]) for account in category.get("MappingAccount", ())
            ],
            "threshold": category.get("Threshold", ""),
        }
        for category in node.get("CategoryAccountMappingMod", ())
    }
    form = context.books.mapping_1099.setdefault(node.get("FormType") or "1099-MISC", {"categories": {}})
    form["files"] = node.get("IsFiling1099Misc") or form.get("files", "true")
    form["categories"].update(changes)
    return Answer(body=_mapping(context, request.name, node.get("FormType") or "1099-MISC", ()))


def _account_id(context: Context, ref: Mapping[str, str]) -> str:
    entry = context.books.resolve("AccountRef", ref, "Form1099CategoryAccountMapping")
    if entry is None:
        raise Refusal(3140, 'The field "AccountRef" names nothing.')
    return entry.id


def _query_mapping(context: Context, request: Request) -> Answer:
    form = request.node.get("FormType") or "1099-MISC"
    if form not in context.books.mapping_1099:
        return Answer(1, NOTHING)
    return Answer(body=_mapping(context, request.name, form, request.node.get("MappingCategory", ())))


def _mapping(context: Context, request: str, form: str, only: Any) -> list[str]:
    stored, accounts = context.books.mapping_1099[form], context.books.table("Account").by_id
    fields = {
        "IsFiling1099Misc": stored["files"],
        "FormType": form,
        "CategoryAccountMapping": [
            {
                "MappingCategory": name,
                "AccountRef": [accounts[one].ref for one in category["accounts"] if one in accounts],
                **({"Threshold": category["threshold"]} if category["threshold"] else {}),
            }
            for name, category in stored["categories"].items()
            if not only or name in only
        ],
    }
    return _single(context, request, "Form1099CategoryAccountMappingRet", fields)


def _activity(context: Context, request: Request) -> Answer:
    """Answer when the file was last restored or condensed: never."""
    return Answer(body=_single(context, request.name, "CompanyActivityRet", {}))


def _tax_lines(context: Context, request: Request) -> Answer:
    body: list[str] = []
    for number, name in _TAX_LINES:
        fields = {"TaxLineID": number, "TaxLineName": name}
        body.extend(_single(context, request.name, "AccountTaxLineInfoRet", fields))
    return Answer(body=body)


def _single(context: Context, request: str, element: str, fields: Mapping[str, Any]) -> list[str]:
    out = [f"<{element}>"]
    response_layout(f"{request}Rs", element, context.version, context.edition).write(fields, out)
    out.append(f"</{element}>")
    return out


#: What this module answers.
REQUESTS: Final[Mapping[str, Callable[[Context, Request], Answer]]] = {
    "SpecialAccountAdd": _add_account,
    "SpecialItemAdd": _add_item,
    "ClearedStatusMod": _set_cleared,
    "ListDisplayAdd": _show_new,
    "ListDisplayMod": _show_entry,
    "TxnDisplayAdd": _show_new,
    "TxnDisplayMod": _show_transaction,
    "DataEventRecoveryInfoQuery": _no_events,
    "DataEventRecoveryInfoDel": _forget_events,
    "Form1099CategoryAccountMappingMod": _set_mapping,
    "Form1099CategoryAccountMappingQuery": _query_mapping,
    "CompanyActivityQuery": _activity,
    "AccountTaxLineInfoQuery": _tax_lines,
}
