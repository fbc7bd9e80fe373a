"""Sales forms: invoices, sales receipts, sales orders, estimates, credit memos.

Here: adding them, and what QuickBooks fills in.
Not here: lines (``_lines``), links to orders (``_orders``), money (``_settling``), changes (``_changes``).
Facts: qbXML dossier 3.3, 8.3, 9 (defaults).
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from . import _orders
from ._context import Answer
from ._kinds import kinds, plan
from ._lines import Sheet, make_lines, totals
from ._lists import check_guid, recovery_ids, sent_shape, set_blocks, wanted, without_empty, written
from ._nodes import LINES
from ._numbers import next_number
from ._refusals import Refusal
from ._settling import (
    FORMS,
    apply,
    check_stock,
    claim_credits,
    post,
    receivable_account,
    refresh,
    set_currency,
    undeposited,
)
from ._values import cents, money

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ._books import ListObject, Transaction
    from ._context import Context
    from ._nodes import Node, Request

__all__ = ["add", "default_date"]


#: What a form takes from its customer when it is left out.
_FROM_CUSTOMER: Final[Mapping[str, str]] = {
    "BillAddress": "BillAddress",
    "ShipAddress": "ShipAddress",
    "TermsRef": "TermsRef",
    "SalesRepRef": "SalesRepRef",
    "ItemSalesTaxRef": "ItemSalesTaxRef",
    "CustomerSalesTaxCodeRef": "SalesTaxCodeRef",
}
#: What a form says of itself when nothing else is said.
_FLAGS: Final[Mapping[str, str]] = {
    "IsPending": "false",
    "IsFinanceCharge": "false",
    "IsToBePrinted": "true",
    "IsToBeEmailed": "false",
    "IsManuallyClosed": "false",
    "IsFullyInvoiced": "false",
    "IsActive": "true",
}


def add(context: Context, request: Request) -> Answer:
    """Answer an ``XxxAdd`` of a sales form."""
    kind = request.name[:-3]
    node = without_empty(request.node[request.name])
    context.check_macro(node.get("defMacro"))
    fields = plan(sent_shape(request.name), kinds()[kind].ret).apply(node, context.resolve(kind))
    check_guid(context, fields)
    customer = _customer(context, kind, fields)
    _header(context, kind, fields, customer)
    sheet = Sheet(context, kind, fields.get("ClassRef"))
    sent = node.get(LINES, [])
    links = _orders.claim(context, node, sent, fields)
    lines = make_lines(sheet, sent, fields.get(LINES, [])) + _orders.lines(sheet, links)
    if not lines:
        raise Refusal(3180, f"The {kind} could not be saved: it is empty.")
    total = totals(sheet, fields)
    if total < 0:
        raise Refusal(3210, f"The {kind} could not be saved: its total is negative.")
    if _sells(kind):
        _check_limits(context, kind, customer, lines, total)
    claims = claim_credits(context, node.get("SetCredit", []), customer, total)
    if "RefNumber" not in request.node[request.name]:
        fields["RefNumber"] = next_number(context.books, kind)
    transaction = context.books.new_transaction(kind, fields)
    transaction.total = total
    fields[LINES] = lines
    _identify(context, lines, sent)
    context.books.file(transaction)
    post(context.books, transaction, 1)
    _orders.link(context, transaction)
    for credit, amount in claims:
        apply(credit, transaction, amount)
        context.books.touch(credit)
    refresh(transaction)
    context.define(node.get("defMacro"), transaction.id)
    return _answer(context, request, transaction, sheet.warnings + links.warnings)


def _sells(kind: str) -> bool:
    return kind in {"Invoice", "SalesReceipt"}


def _check_limits(
    context: Context,
    kind: str,
    customer: ListObject | None,
    lines: list[tuple[str, dict[str, Any]]],
    total: int,
) -> None:
    """Refuse what the customer's credit or the stock does not allow, where the switches say so.

    Raises:
        Refusal: 3180.
    """
    switches = context.switches
    limit = customer.fields.get("CreditLimit") if customer is not None and kind == "Invoice" else None
    if switches.enforces_credit_limits and limit and customer is not None:
        owed = customer.total_balance() + total
        if owed > cents(limit):
            raise Refusal(
                3180, f"The Invoice could not be saved: {money(owed)} are over the credit limit {limit}."
            )
    if not switches.sells_beyond_stock:
        check_stock(context, lines)


def _answer(context: Context, request: Request, transaction: Transaction, warnings: list[Refusal]) -> Answer:
    body = written(context, transaction, wanted(request.node))
    answer = Answer(body=body, ids=recovery_ids(transaction))
    if warnings:
        answer.code, answer.message = warnings[0].code, warnings[0].message
    return answer


def _customer(context: Context, kind: str, fields: Mapping[str, Any]) -> ListObject | None:
    ref = fields.get("CustomerRef")
    if ref is not None:
        return context.books.table("Customer").by_id[ref["ListID"]]
    if FORMS[kind].needs_customer:
        raise Refusal(3150, 'The field "CustomerRef" is required.')
    return None


def _header(context: Context, kind: str, fields: dict[str, Any], customer: ListObject | None) -> None:
    """Set what the request leaves to QuickBooks."""
    ret = _ret_names(kind)
    if customer is not None and context.switches.forms_take_from_customer:
        for name, source in _FROM_CUSTOMER.items():
            if name in ret and name not in fields and source in customer.fields:
                value = customer.fields[source]
                fields[name] = value if name.endswith("Ref") else dict(value)
    _references(context, kind, fields)
    set_currency(context, fields, customer)
    _days(context, kind, fields)
    for name, value in _FLAGS.items():
        if name in ret:
            fields.setdefault(name, value)
    if fields.get("IsToBeEmailed") == "true" and (customer is None or not customer.fields.get("Email")):
        raise Refusal(3210, "The form cannot be e-mailed: the customer has no e-mail address.")
    set_blocks(fields)


@cache
def _ret_names(kind: str) -> frozenset[str]:
    return frozenset(element.name for element in kinds()[kind].ret.elements())


def _references(context: Context, kind: str, fields: dict[str, Any]) -> None:
    """Set accounts, template and tax item where the request names none."""
    books, form = context.books, FORMS[kind]
    if form.receivable:
        fields["ARAccountRef"] = receivable_account(context, fields.get("ARAccountRef")).ref
    if form.is_paid and "DepositToAccountRef" not in fields:
        fields["DepositToAccountRef"] = undeposited(context).ref
    template = books.find("Template", form.template)
    if template is not None:
        fields.setdefault("TemplateRef", template.ref)
    default_tax = books.find("ItemSalesTax", "Sales Tax")
    if context.switches.charges_sales_tax and default_tax is not None:
        fields.setdefault("ItemSalesTaxRef", default_tax.ref)


def _days(context: Context, kind: str, fields: dict[str, Any]) -> None:
    """Set the dates: the last one used for this kind, the terms' due date, shipping on the same day."""
    ret = _ret_names(kind)
    fields.setdefault("TxnDate", default_date(context, kind))
    if "DueDate" in ret:
        fields.setdefault("DueDate", due_date(context, fields))
    if "ShipDate" in ret:
        fields.setdefault("ShipDate", fields["TxnDate"])


def default_date(context: Context, kind: str) -> str:
    """Return the date of a form without one: that of the last one of its kind, or today."""
    today = context.books.today
    return today if context.switches.default_date == "today" else context.books.last_date.get(kind, today)


def due_date(context: Context, fields: Mapping[str, Any]) -> str:
    """Return when a form is due by its terms."""
    start = dt.date.fromisoformat(fields["TxnDate"])
    ref = fields.get("TermsRef")
    terms = context.books.table("StandardTerms").by_id[ref["ListID"]] if ref else None
    if terms is not None and terms.kind == "DateDrivenTerms":
        return _next_day(start, int(terms.fields.get("DayOfMonthDue", 1)))
    days = int(terms.fields.get("StdDueDays", 0)) if terms is not None else 0
    return (start + dt.timedelta(days=days)).isoformat()


def _next_day(start: dt.date, day: int) -> str:
    """Return the next date that has this day of the month, or the last day of a shorter month."""
    month = start.replace(day=1)
    if start.day >= day:
        month = (month + dt.timedelta(days=32)).replace(day=1)
    following = (month + dt.timedelta(days=32)).replace(day=1)
    return min(month + dt.timedelta(days=day - 1), following - dt.timedelta(days=1)).isoformat()


def _identify(
    context: Context, lines: list[tuple[str, dict[str, Any]]], sent: list[tuple[str, Node]]
) -> None:
    for place, (_, fields) in enumerate(lines):
        fields["TxnLineID"] = context.books.next_line_id()
        if place < len(sent):
            context.define(sent[place][1].get("defMacro"), fields["TxnLineID"])
        for name, value in fields.items():
            if name.endswith("LineRet") and isinstance(value, list):
                for child in value:
                    child["TxnLineID"] = context.books.next_line_id()
