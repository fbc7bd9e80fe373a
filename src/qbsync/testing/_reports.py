"""Reports: correct frames with figures from the books.

Here: all ten report queries. Balances, profit and loss, what customers owe, ageing and lists of transactions
are computed, within their period and under their filters; budgets, payroll and the rest have their columns
and a total of nothing, because this company keeps no budgets and pays nobody.
Facts: qbXML dossier 1.4; the catalogue (``ReportRet``).
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

import attrs

from . import _dates
from ._context import Answer
from ._filters import date_of
from ._ledger import is_balance_sheet, posts, rows
from ._transaction_rows import row_test
from ._values import money

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ._books import Transaction
    from ._context import Context
    from ._ledger import Row
    from ._nodes import Node, Request

__all__ = ["answer"]

_BUCKETS: Final = ("Current", "1 - 30", "31 - 60", "61 - 90", "> 90")


@attrs.frozen
class _Table:
    """What stands in a report."""

    #: Of each column after the label: title, ``ColType``, data type.
    columns: tuple[tuple[str, str, str], ...]
    #: Of each row: what kind of thing it is about, its label, its cells.
    rows: list[tuple[str, str, tuple[str, ...]]]


#: The filters of reports, each with what it looks at.
_FILTERS: Final = (
    ("ReportEntityFilter", "EntityRef"),
    ("ReportAccountFilter", "AccountRef"),
    ("ReportItemFilter", "ItemRef"),
    ("ReportClassFilter", "ClassRef"),
)
_AMOUNT: Final = (("Total", "Amount", "AMTTYPE"),)


@attrs.frozen
class _Wanted:
    """What a report looks at: a period, kinds of transactions, and rows."""

    low: str
    high: str
    #: Kinds of transactions, empty for all.
    types: frozenset[str]
    tests: tuple[Callable[[Row], bool], ...]

    def found(self, context: Context, kinds: tuple[str, ...] = ()) -> Iterator[tuple[Transaction, list[Row]]]:
        """Yield the transactions in the period that post, each with the rows that are wanted, by date."""
        ones = context.books.transactions.values()
        for one in sorted(ones, key=lambda one: (date_of(one), one.number)):
            if not (self.low <= date_of(one) <= self.high) or (self.types and one.kind not in self.types):
                continue
            if kinds and one.kind not in kinds:
                continue
            left = [row for row in rows(context.books, one) if all(test(row) for test in self.tests)]
            if left:
                yield one, left


def answer(context: Context, request: Request) -> Answer:
    """Answer a ``…ReportQuery``.

    Raises:
        Refusal: 3030 the period is upside down; 3000, 3140 a filter names what is not there.
    """
    node = request.node
    kind = next(str(value) for name, value in node.items() if name.endswith("ReportType"))
    low, high = _period(context, node)
    types = frozenset(node.get("ReportTxnTypeFilter", {}).get("TxnTypeFilter", ()))
    tests = tuple(row_test(context, field, node[name]) for name, field in _FILTERS if name in node)
    table = _maker(request.name, kind)(context, _Wanted(low, high, types, tests))
    title = "".join(f" {letter}" if letter.isupper() else letter for letter in kind).strip()
    return Answer(body=_written(title, f"{low} to {high}", node.get("ReportBasis", "Accrual"), table))


def _period(context: Context, node: Node) -> tuple[str, str]:
    if "ReportPeriod" in node:
        period = node["ReportPeriod"]
        limits = {
            "FromTxnDate": period.get("FromReportDate", ""),
            "ToTxnDate": period.get("ToReportDate", ""),
        }
        return _dates.span(limits, context.books.today)
    macro = node.get("ReportDateMacro", "ThisMonthToDate")
    return _dates.span({"DateMacro": macro}, context.books.today)


def _maker(request: str, kind: str) -> Callable[[Context, _Wanted], _Table]:
    if request in {"GeneralDetailReportQuery", "CustomDetailReportQuery"}:
        return _transactions
    if request == "AgingReportQuery":
        return _ageing
    if kind.startswith(("CustomerBalance", "VendorBalance")):
        return _owed_by("Customer" if kind.startswith("Customer") else "Vendor")
    if kind.startswith(("BalanceSheet", "TrialBalance", "ProfitAndLoss", "CustomSummary")):
        return _accounts(kind)
    if kind.startswith("SalesBy"):
        return _sales
    return lambda _context, _wanted: _Table(_AMOUNT, [])


def _accounts(kind: str) -> Callable[[Context, _Wanted], _Table]:
    """Return the report that sums up postings by account."""

    def table(context: Context, wanted: _Wanted) -> _Table:
        sums: dict[str, int] = {}
        for one, found in wanted.found(context):
            for row in found if posts(one) else ():
                if row.account is not None:
                    sums[row.account.id] = sums.get(row.account.id, 0) + row.amount
        accounts = context.books.table("Account").by_id
        shown = [
            (accounts[identifier], amount)
            for identifier, amount in sums.items()
            if not kind.startswith(("BalanceSheet", "ProfitAndLoss"))
            or is_balance_sheet(accounts[identifier]) is kind.startswith("BalanceSheet")
        ]
        return _Table(
            _AMOUNT, [("account", account.full_name, (money(amount),)) for account, amount in shown]
        )

    return table


def _owed_by(kind: str) -> Callable[[Context, _Wanted], _Table]:
    def table(context: Context, _wanted: _Wanted) -> _Table:
        entries = [entry for entry in context.books.of_kind(kind) if entry.total_balance()]
        row_type = kind.lower()
        return _Table(_AMOUNT, [(row_type, one.full_name, (money(one.total_balance()),)) for one in entries])

    return table


def _sales(context: Context, wanted: _Wanted) -> _Table:
    sums: dict[str, int] = {}
    signs = {"Invoice": 1, "SalesReceipt": 1, "CreditMemo": -1}
    for one, _ in wanted.found(context, tuple(signs)):
        customer = context.books.customer_of(one)
        if customer is not None:
            sums[customer.full_name] = sums.get(customer.full_name, 0) + signs[one.kind] * one.total
    return _Table(_AMOUNT, [("customer", name, (money(amount),)) for name, amount in sums.items()])


def _ageing(context: Context, wanted: _Wanted) -> _Table:
    """Sum up what is open by customer and by how long it has been due."""
    day = min(wanted.high, context.books.today)
    sums: dict[str, list[int]] = {}
    for one, _ in wanted.found(context, ("Invoice", "Charge")):
        customer = context.books.customer_of(one)
        if one.open and customer is not None:
            due = str(one.fields.get("DueDate") or date_of(one))
            days = (dt.date.fromisoformat(day) - dt.date.fromisoformat(due)).days
            place = 0 if days <= 0 else min(1 + (days - 1) // 30, len(_BUCKETS) - 1)
            sums.setdefault(customer.full_name, [0] * len(_BUCKETS))[place] += one.open
    columns = tuple((title, "Aging", "AMTTYPE") for title in _BUCKETS)
    found = [("customer", name, tuple(map(money, amounts))) for name, amounts in sums.items()]
    return _Table(
        (*columns, *_AMOUNT), [(kind, name, (*cells, _total(cells))) for kind, name, cells in found]
    )


def _total(cells: tuple[str, ...]) -> str:
    return money(sum(int(cell.replace(".", "")) for cell in cells))


def _transactions(context: Context, wanted: _Wanted) -> _Table:
    columns = (
        ("Type", "TxnType", "STRTYPE"),
        ("Date", "Date", "DATETYPE"),
        ("Num", "RefNumber", "STRTYPE"),
        ("Name", "Name", "STRTYPE"),
        ("Amount", "Amount", "AMTTYPE"),
    )
    listed: list[tuple[str, str, tuple[str, ...]]] = []
    for one, found in wanted.found(context):
        name = found[0].entity["FullName"] if found[0].entity else ""
        number = str(one.fields.get("RefNumber", ""))
        listed.append(("", "", (one.kind, date_of(one), number, name, money(one.total))))
    return _Table(columns, listed)


# -- writing


def _written(title: str, subtitle: str, basis: str, table: _Table) -> list[str]:
    body = [_row(number, row) for number, row in enumerate(table.rows, start=1)]
    body.append(_total_row(len(body) + 1, table))
    columns = [_column(1, "", "Label", "STRTYPE")]
    columns.extend(_column(place, *column) for place, column in enumerate(table.columns, start=2))
    return [
        "<ReportRet>",
        f"<ReportTitle>{title}</ReportTitle>",
        f"<ReportSubtitle>{subtitle}</ReportSubtitle>",
        f"<ReportBasis>{basis}</ReportBasis>",
        f"<NumRows>{len(body)}</NumRows>",
        f"<NumColumns>{len(columns)}</NumColumns>",
        "<NumColTitleRows>1</NumColTitleRows>",
        *columns,
        "<ReportData>",
        *body,
        "</ReportData>",
        "</ReportRet>",
    ]


def _column(place: int, title: str, kind: str, data: str) -> str:
    value = f' value="{_quoted(title)}"' if title else ""
    head = f'<ColDesc colID="{place}" dataType="{data}"><ColTitle titleRow="1"{value} />'
    return f"{head}<ColType>{kind}</ColType></ColDesc>"


def _row(number: int, row: tuple[str, str, tuple[str, ...]]) -> str:
    kind, label, cells = row
    head = f'<RowData rowType="{kind}" value="{_quoted(label)}" />' if kind else ""
    return f'<DataRow rowNumber="{number}">{head}{_cells(label, cells)}</DataRow>'


def _cells(label: str, cells: tuple[str, ...]) -> str:
    shown = [(1, label), *enumerate(cells, start=2)]
    return "".join(f'<ColData colID="{place}" value="{_quoted(text)}" />' for place, text in shown if text)


def _total_row(number: int, table: _Table) -> str:
    sums = []
    for place, (_, _, data) in enumerate(table.columns):
        column = tuple(cells[place] for _, _, cells in table.rows)
        sums.append(_total(column) if data == "AMTTYPE" else "")
    return f'<TotalRow rowNumber="{number}">{_cells("TOTAL", tuple(sums))}</TotalRow>'


_ENTITIES: Final[Mapping[str, str]] = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}


def _quoted(text: str) -> str:
    return "".join(_ENTITIES.get(letter, letter) for letter in text)
