"""``TransactionQuery``: one flat row for each account that a transaction touches, over all kinds.

Facts: qbXML dossier 4.1 (selection, rows, detail level), 4.2, 8.6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from . import _dates
from ._books import Transaction, fold
from ._filters import date_of, matches, modified, number_range, refs
from ._kinds import response_layout
from ._ledger import NON_POSTING, Row, rows
from ._lists import wanted
from ._pages import continued, page
from ._values import money

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ._context import Answer, Context
    from ._nodes import Node, Request

__all__ = ["query", "row_test"]

#: What ``TransactionQuery`` does not see.
_UNSEEN: Final = frozenset({"TimeTracking", "VehicleMileage", "TransferInventory"})
_ITEM_TYPES: Final[Mapping[str, tuple[str, ...]]] = {
    "Assembly": ("ItemInventoryAssembly",),
    "Discount": ("ItemDiscount",),
    "FixedAsset": ("ItemFixedAsset",),
    "Inventory": ("ItemInventory",),
    "InventoryAndAssembly": ("ItemInventory", "ItemInventoryAssembly"),
    "NonInventory": ("ItemNonInventory",),
    "OtherCharge": ("ItemOtherCharge",),
    "Payment": ("ItemPayment",),
    "SalesTax": ("ItemSalesTax", "ItemSalesTaxGroup"),
    "Service": ("ItemService",),
}
#: Account filters that stand for several types; the others are the type itself.
_ACCOUNT_TYPES: Final[Mapping[str, tuple[str, ...]]] = {
    "ARAndAP": ("AccountsReceivable", "AccountsPayable"),
    "APOrCreditCard": ("AccountsPayable", "CreditCard"),
    "CostOfSales": ("CostOfGoodsSold",),
    "CurrentAsset": ("Bank", "AccountsReceivable", "OtherCurrentAsset"),
    "CurrentLiability": ("AccountsPayable", "CreditCard", "OtherCurrentLiability"),
    "Asset": ("Bank", "AccountsReceivable", "OtherCurrentAsset", "FixedAsset", "OtherAsset"),
    "Liability": ("AccountsPayable", "CreditCard", "OtherCurrentLiability", "LongTermLiability"),
    "IncomeAndExpense": ("Income", "Expense", "CostOfGoodsSold", "OtherIncome", "OtherExpense"),
    "IncomeAndOtherIncome": ("Income", "OtherIncome"),
    "ExpenseAndOtherExpense": ("Expense", "OtherExpense"),
    "OrdinaryIncome": ("Income",),
    "OrdinaryExpense": ("Expense",),
    "BankAndUF": ("Bank",),
}

#: A row with its transaction.
_Pair = tuple[Transaction, Row]


def query(context: Context, request: Request) -> Answer:
    """Answer a ``TransactionQuery``."""
    only, node = wanted(request.node), request.node
    layout = response_layout("TransactionQueryRs", "TransactionRet", context.version, context.edition)

    def write(pair: _Pair) -> list[str]:
        out = ["<TransactionRet>"]
        layout.write(_fields(*pair), out, only)
        out.append("</TransactionRet>")
        return out

    given = continued(context, request, write)
    if given is not None:
        return given
    if "TxnID" in node:
        ones = [context.books.transactions.get(context.value(text)) for text in node["TxnID"]]
        missing = next((text for text, one in zip(node["TxnID"], ones, strict=True) if one is None), None)
        found = [pair for one in ones if one is not None for pair in _rows(context, one, "All")]
        return page(context, request, found, write=write, missing=missing, iterates=False)
    found = list(_found(context, node))
    return page(context, request, found, write=write)


def _fields(one: Transaction, row: Row) -> dict[str, Any]:
    names = ("TimeCreated", "TimeModified", "RefNumber", "CurrencyRef", "ExchangeRate")
    fields: dict[str, Any] = {"TxnType": one.kind, "TxnID": one.id, "TxnDate": date_of(one)}
    fields.update({name: one.fields[name] for name in names if one.fields.get(name)})
    fields["Amount"] = money(row.amount)
    optional = {
        "TxnLineID": row.line_id,
        "EntityRef": row.entity,
        "AccountRef": None if row.account is None else row.account.ref,
        "Memo": row.memo,
    }
    fields.update({name: value for name, value in optional.items() if value})
    return fields


def _rows(context: Context, one: Transaction, level: str) -> list[_Pair]:
    found = rows(context.books, one)
    if level == "SummaryOnly":
        found = found[:1]
    elif level == "AllExceptSummary":
        found = found[1:]
    return [(one, row) for row in found]


def _found(context: Context, node: Node) -> Iterator[_Pair]:
    tests, row_tests = _transaction_tests(context, node), _row_tests(context, node)
    level = node.get("TransactionDetailLevelFilter", "All")
    ones = [one for one in context.books.transactions.values() if one.kind not in _UNSEEN]
    for one in sorted(ones, key=lambda one: (date_of(one), one.number)):
        if all(test(one) for test in tests):
            for pair in _rows(context, one, level):
                if all(test(pair[1]) for test in row_tests):
                    yield pair


def _transaction_tests(context: Context, node: Node) -> list[Callable[[Transaction], bool]]:
    tests: list[Callable[[Transaction], bool]] = []
    for name, value in node.items():
        if name == "TransactionModifiedDateRangeFilter":
            tests.extend(_modified(context, value))
        elif name == "TransactionDateRangeFilter":
            tests.append(_dated(*_dates.span(value, context.books.today)))
        elif name in _BY_TRANSACTION:
            tests.append(_BY_TRANSACTION[name](value))
        elif name == "CurrencyFilter":
            tests.append(_in_currency(refs(context, "CurrencyRef", value)))
    return tests


def _in_currency(allowed: Sequence[dict[str, str]]) -> Callable[[Transaction], bool]:
    return lambda one: any(one.fields.get("CurrencyRef") is ref for ref in allowed)


def _dated(low: str, high: str) -> Callable[[Transaction], bool]:
    return lambda one: low <= date_of(one) <= high


def _modified(context: Context, value: Mapping[str, Any]) -> list[Callable[[Any], bool]]:
    if "DateMacro" in value:
        low, high = _dates.span(value, context.books.today)
        return modified({"FromModifiedDate": max(low, "1970-01-01"), "ToModifiedDate": high})
    return modified(value)


def _numbers(values: list[str]) -> Callable[[Transaction], bool]:
    wanted_numbers = {fold(value) for value in values}
    return lambda one: fold(str(one.fields.get("RefNumber", ""))) in wanted_numbers


def _exact_numbers(values: list[str]) -> Callable[[Transaction], bool]:
    return lambda one: one.fields.get("RefNumber") in values


def _number_filter(value: Mapping[str, str]) -> Callable[[Transaction], bool]:
    fits = matches(value["MatchCriterion"], value["RefNumber"])
    return lambda one: fits(str(one.fields.get("RefNumber", "")))


def _types(value: Mapping[str, Any]) -> Callable[[Transaction], bool]:
    return lambda one: one.kind in value["TxnTypeFilter"]


def _posting(word: str) -> Callable[[Transaction], bool]:
    if word == "Either":
        return lambda _one: True
    return lambda one: (one.kind in NON_POSTING) is (word == "NonPosting")


def _paid(word: str) -> Callable[[Transaction], bool]:
    if word == "Either":
        return lambda _one: True
    return lambda one: (one.open == 0) is (word == "Closed")


_BY_TRANSACTION: Final[Mapping[str, Callable[[Any], Callable[[Transaction], bool]]]] = {
    "RefNumber": _numbers,
    "RefNumberCaseSensitive": _exact_numbers,
    "RefNumberFilter": _number_filter,
    "RefNumberRangeFilter": lambda value: number_range(
        value.get("FromRefNumber", ""), value.get("ToRefNumber", "")
    ),
    "TransactionTypeFilter": _types,
    "TransactionPostingStatusFilter": _posting,
    "TransactionPaidStatusFilter": _paid,
}


def _row_tests(context: Context, node: Node) -> list[Callable[[Row], bool]]:
    tests: list[Callable[[Row], bool]] = []
    for name, field in (
        ("TransactionEntityFilter", "EntityRef"),
        ("TransactionAccountFilter", "AccountRef"),
        ("TransactionItemFilter", "ItemRef"),
        ("TransactionClassFilter", "ClassRef"),
    ):
        if name in node:
            tests.append(row_test(context, field, node[name]))
    return tests


def row_test(context: Context, field: str, value: Mapping[str, Any]) -> Callable[[Row], bool]:
    """Return the test that a filter by entity, account, item or class sets on rows; reports have the same."""
    if "EntityTypeFilter" in value:
        entities = context.books.table("Customer").by_id
        return lambda row: (
            row.entity is not None and entities[row.entity["ListID"]].kind == value["EntityTypeFilter"]
        )
    if "AccountTypeFilter" in value:
        types = _ACCOUNT_TYPES.get(value["AccountTypeFilter"], (value["AccountTypeFilter"],))
        return lambda row: row.account is not None and row.account.fields.get("AccountType") in types
    if "ItemTypeFilter" in value:
        kinds = _ITEM_TYPES.get(value["ItemTypeFilter"])
        items = context.books.table("ItemService").by_id
        return lambda row: row.item is not None and (kinds is None or items[row.item["ListID"]].kind in kinds)
    allowed = {id(ref) for ref in refs(context, field, value)}
    return lambda row: id(_ref(row, field)) in allowed


def _ref(row: Row, field: str) -> dict[str, str] | None:
    if field == "AccountRef":
        return None if row.account is None else row.account.ref
    return {"EntityRef": row.entity, "ItemRef": row.item, "ClassRef": row.class_ref}[field]
