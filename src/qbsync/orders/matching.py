"""What is in the books already: the transaction of an order, its customer, items, account, tax code.

Pure: answers in, findings out. A finding is a value, or a ``Problem`` for a person; ambiguity is never a
guess.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from ..models import (
    AccountRet,
    CustomerRet,
    ItemInventoryAssemblyRet,
    ItemInventoryRet,
    ItemNonInventoryRet,
    ItemOtherChargeRet,
    ItemServiceRet,
    PaymentMethodRet,
    PreferencesRet,
)
from .fitting import full_number_memo
from .names import fold, same
from .posting import txn_date

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..handlers import Answers
    from .work import Work

__all__ = [
    "Problem",
    "customer_problem",
    "find_form",
    "income_account",
    "item_problem",
    "method_problem",
    "missing_items",
    "same_payment",
    "tax_code",
]

#: The kinds of item that a line with a quantity and an amount can name.
_SOLD = (ItemServiceRet, ItemNonInventoryRet, ItemOtherChargeRet, ItemInventoryRet, ItemInventoryAssemblyRet)
#: Whose names are in one space with those of customers.
_ENTITIES = {"VendorRet": "a vendor", "EmployeeRet": "an employee", "OtherNameRet": "an entry of other names"}
_SALES_ACCOUNTS = frozenset({"sales", "sales income"})


@frozen
class Problem:
    """Something that a person must put right; the text says what."""

    reason: str


def _name(ret: object) -> str:
    """Return the full name of a list object; the lists without levels have a name only."""
    return str(getattr(ret, "full_name", None) or getattr(ret, "name", None) or "")


def _named(rets: Sequence[object], name: str) -> list[object]:
    return [ret for ret in rets if same(_name(ret)) == same(name)]


def _inactive(ret: object) -> bool:
    return getattr(ret, "is_active", None) is False


def find_form(work: Work, answers: Answers) -> object | Problem | None:
    """Return the transaction of the order, ``None`` if there is certainly none, or a problem.

    The same transaction has the same number (the full one, where QuickBooks' 11 characters cut it), customer
    and date.
    """
    title, number = work.form.title, work.order.number
    rets = [ret for ret in answers.rets(work.about_form) if _same_number(ret, work)]
    agreeing = [ret for ret in rets if _same_customer(ret, work) and _same_day(ret, work)]
    if len(agreeing) == 1:
        return agreeing[0]
    if agreeing:
        return Problem(
            f"{len(agreeing)} {title}s have the number {number}, the customer and the date of this order: "
            "delete or renumber those that are too many, then retry"
        )
    if rets:
        others = "; ".join(f"{_customer(ret) or 'no customer'}, {_day(ret)}" for ret in rets[:3])
        return Problem(
            f"{title} {number} is in the books with another customer or date ({others}), this order is of "
            f"{work.fitted.customer.name}, {txn_date(work.order.date)}: renumber it, then retry; or cancel "
            "this order"
        )
    return None


def _same_number(ret: object, work: Work) -> bool:
    found = str(getattr(ret, "ref_number", None) or "").strip()
    if found != work.fitted.ref_number:
        return False  # asked without regard to case, so another number may come
    mark = full_number_memo(work.order.number)
    if mark is None:
        return True
    first = str(getattr(ret, "memo", None) or "").split("\n", 1)[0].strip()
    # A memo that names another full number with the same end: another order. One that names none (somebody
    # wrote another memo) may be this order. What QuickBooks makes of the end of a line is not known: a note
    # that stands behind the number on the same line is no other number, whose end would differ too.
    other = first.startswith("Order ") and found in first
    return f"{first} ".startswith(f"{mark} ") or not other


def _customer(ret: object) -> str:
    return str(getattr(getattr(ret, "customer_ref", None), "full_name", None) or "")


def _day(ret: object) -> str:
    return str(getattr(ret, "txn_date", None) or "no date")


def _same_customer(ret: object, work: Work) -> bool:
    return same(_customer(ret)) == same(work.fitted.customer.name)


def _same_day(ret: object, work: Work) -> bool:
    return getattr(ret, "txn_date", None) == txn_date(work.order.date)


def customer_problem(work: Work, answers: Answers, *, again: bool) -> Problem | bool:
    """Return whether the customer is there, or why it cannot be used."""
    name = work.fitted.customer.name
    found = [ret for ret in _named(answers.rets(work.about_customer), name) if isinstance(ret, CustomerRet)]
    if found and all(_inactive(ret) for ret in found):
        return Problem(f"customer {name!r} is inactive: make it active, then retry")
    if found or not again:
        return bool(found)
    for ret in _named(answers.rets(work.about_entity), name):
        if not isinstance(ret, CustomerRet):
            kind = _ENTITIES.get(type(ret).__name__, "another list entry")
            return Problem(f"the name {name!r} belongs to {kind}: rename one of the two, then retry")
    return False


def missing_items(work: Work, answers: Answers) -> dict[str, tuple[str, str | None]]:
    """Return the items that are not there: what is the same of a name → (name, description)."""
    there = {same(_name(ret)) for ret in answers.rets(work.about_items)}
    return {key: item for key, item in work.items.items() if key not in there}


def item_problem(work: Work, answers: Answers) -> Problem | None:
    """Return why an item that is there cannot be used, or ``None``."""
    wanted = work.items
    for ret in answers.rets(work.about_items):
        name = _name(ret)
        if same(name) not in wanted:
            continue
        if _inactive(ret):
            return Problem(f"item {name!r} is inactive: make it active, then retry")
        if not isinstance(ret, _SOLD):
            kind = type(ret).__name__.removesuffix("Ret")
            return Problem(
                f"item {name!r} is of the kind {kind}, which cannot be sold: rename it, then retry"
            )
    return None


def income_account(work: Work, answers: Answers) -> str | Problem:
    """Return the account of new items: the given one, the only Income account, or the one called Sales."""
    rets = [ret for ret in answers.rets(work.about_accounts) if isinstance(ret, AccountRet)]
    active = [ret for ret in rets if not _inactive(ret)]
    given = work.rules.income_account
    if given is not None:
        return _given_account(_named(active, given), given)
    income = [ret for ret in active if ret.account_type in {None, "Income"}]
    if len(income) == 1:
        return _name(income[0])
    if not income:
        return Problem("there is no Income account for new items: make one, then retry")
    sales = [ret for ret in income if same(ret.name or _name(ret)) in _SALES_ACCOUNTS]
    if len(sales) == 1:
        return _name(sales[0])
    names = ", ".join(repr(_name(ret)) for ret in income[:5])
    return Problem(
        f"there are {len(income)} Income accounts ({names}) and not exactly one is called Sales or Sales "
        "Income: name one of them so, then retry; or cancel this order, and stage it with an income account"
    )


def _given_account(named: Sequence[object], given: str) -> str | Problem:
    if not named:
        return Problem(f"there is no active account {fold(given)!r} for new items: make it, then retry")
    kind = getattr(named[0], "account_type", None)
    if kind not in {None, "Income", "OtherIncome"}:
        return Problem(
            f"account {_name(named[0])!r} for new items is of the type {kind}, not Income: cancel this "
            "order, and stage it with an income account"
        )
    return _name(named[0])


def method_problem(work: Work, answers: Answers) -> Problem | None:
    """Return why the payment method cannot be used, or ``None``."""
    look_up = work.about_method
    if look_up is None or work.method is None:
        return None
    rets = [ret for ret in answers.rets(look_up) if isinstance(ret, PaymentMethodRet)]
    if any(not _inactive(ret) for ret in _named(rets, work.method)):
        return None
    return Problem(
        f"there is no active payment method {work.method!r} in the company file: add it, then retry"
    )


def same_payment(ret: object, work: Work) -> bool:
    """Return whether a payment is that of the order: by number, customer and amount."""
    found = str(getattr(ret, "ref_number", None) or "").strip()
    return (
        found == work.fitted.payment_ref_number
        and _same_customer(ret, work)
        and getattr(ret, "total_amount", None) == work.amounts.total
    )


def tax_code(work: Work, answers: Answers) -> str | None:
    """Return the code of non-taxable lines where the file charges sales tax, else ``None``."""
    for ret in answers.rets(work.about_tax):
        preferences = ret.sales_tax_preferences if isinstance(ret, PreferencesRet) else None
        code = preferences.default_non_taxable_sales_tax_code_ref if preferences else None
        if code is not None:
            return code.full_name
    return None
