"""The filters of queries, as tests of single objects.

Here: every filter of list and transaction queries; how each is read and what it looks at.
Not here: selecting by keys, pages (``_queries``, ``_pages``); ``TransactionQuery`` (``_transaction_rows``).
Facts: qbXML dossier 4.1, 4.2 (meaning of the filters), 2.1 (dates), 5.2 (3030, 3031).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

from . import _dates
from ._books import ListObject, Transaction, fold
from ._nodes import LINES
from ._refusals import Refusal
from ._values import cents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from ._context import Context
    from ._nodes import Node

__all__ = [
    "OPTIONS",
    "Test",
    "list_tests",
    "matches",
    "modified",
    "number_range",
    "refs",
    "transaction_tests",
]

Test: TypeAlias = "Callable[[Any], bool]"

#: What stands in a query and filters nothing.
OPTIONS: Final = frozenset(
    {
        "MaxReturned", "IncludeRetElement", "IncludeLineItems", "IncludeLinkedTxns", "OwnerID",
        "IncludeComponentLineItems",
    }
)  # fmt: skip
_COMPARE: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "LessThan": lambda left, right: left < right,
    "LessThanEqual": lambda left, right: left <= right,
    "Equal": lambda left, right: left == right,
    "GreaterThan": lambda left, right: left > right,
    "GreaterThanEqual": lambda left, right: left >= right,
}
_BIGGEST_NUMBER: Final = 2147483647
#: Which references of a transaction a filter looks at; the first says what the filter itself may name.
_REFERENCE_FILTERS: Final[Mapping[str, tuple[str, ...]]] = {
    "EntityFilter": ("EntityRef", "CustomerRef", "VendorRef", "PayeeEntityRef"),
    "TimeTrackingEntityFilter": ("EntityRef",),
    "AccountFilter": (
        "AccountRef", "ARAccountRef", "DepositToAccountRef", "APAccountRef", "BankAccountRef",
        "CreditCardAccountRef", "RefundFromAccountRef",
    ),
    "ItemFilter": ("ItemRef", "ItemInventoryAssemblyRef", "ItemSalesTaxRef"),
    "SiteFilter": ("InventorySiteRef", "FromInventorySiteRef", "ToInventorySiteRef"),
    "CurrencyFilter": ("CurrencyRef",),
}  # fmt: skip
#: Filters of one value each that name a state: the field, and the value it must have for each word.
_STATES: Final[Mapping[str, tuple[str, str, str]]] = {
    "PaidStatus": ("IsPaid", "PaidOnly", "NotPaidOnly"),
    "PendingStatus": ("IsPending", "PendingOnly", "NotPendingOnly"),
    "DoneStatus": ("IsDone", "DoneOnly", "NotDoneOnly"),
    "ActiveStatus": ("IsActive", "ActiveOnly", "InactiveOnly"),
}


def list_tests(context: Context, query: str, node: Node) -> list[Test]:
    """Return the tests that a list query sets; without ``ActiveStatus`` only active entries pass."""
    tests = [
        _list_test(context, name, value)
        for name, value in node.items()
        if name not in OPTIONS and name not in {"FromModifiedDate", "ToModifiedDate"}
    ]
    tests.extend(modified(node))
    if "ActiveStatus" not in node and query != "BillingRateQuery":
        tests.append(_state("ActiveStatus", "ActiveOnly"))
    return tests


def _list_test(context: Context, name: str, value: Any) -> Test:  # noqa: PLR0911 - a table in words
    if name in {"NameFilter", "NameRangeFilter"}:
        return _name_test(context, name, value)
    if name in _STATES:
        return _state(name, value)
    if name in {"AccountType", "PaymentMethodType"}:
        return lambda entry: entry.fields.get(name) in value
    if name == "TotalBalanceFilter":
        compare, amount = _COMPARE[value["Operator"]], cents(value["Amount"])
        return lambda entry: compare(entry.total_balance(), amount)
    if name == "FromEffectiveDate":
        return lambda entry: str(entry.fields.get("CurrentEffectiveDate", "")) >= value
    if name == "ToEffectiveDate":
        return lambda entry: str(entry.fields.get("CurrentEffectiveDate", "")) <= value
    if name == "ItemRef":
        named = value if isinstance(value, list) else [value]
        wanted = {id(ref) for one in named for ref in _one_ref(context, one)}
        return lambda entry: any(id(ref) in wanted for ref in _inner_refs(entry.fields, ("ItemRef",)))
    field = f"{name.removesuffix('Filter')}Ref"
    allowed = refs(context, field, value)
    return lambda entry: any(entry.fields.get(field) is ref for ref in allowed)


def _one_ref(context: Context, node: Mapping[str, str]) -> list[dict[str, str]]:
    entry = context.books.resolve("ItemRef", node, "query")
    return [] if entry is None else [entry.ref]


def _name_test(context: Context, name: str, value: Mapping[str, str]) -> Test:
    full = context.switches.name_filters_see_full_names

    def text(entry: ListObject) -> str:
        return entry.full_name if full else entry.full_name.rpartition(":")[2]

    if name == "NameFilter":
        fits = matches(value["MatchCriterion"], value["Name"])
        return lambda entry: fits(text(entry))
    low, high = fold(value.get("FromName", "")), fold(value.get("ToName", ""))
    if high and low > high:
        raise Refusal(3031, "The range of names is upside down.")
    return lambda entry: fold(text(entry)) >= low and (not high or fold(text(entry)) <= high)


def _state(name: str, word: str) -> Test:
    field, yes, no = _STATES[name]
    if word not in {yes, no}:
        return lambda _thing: True
    default = "true" if field == "IsActive" else "false"
    expected = "true" if word == yes else "false"
    return lambda thing: thing.fields.get(field, default) == expected


def modified(limits: Mapping[str, Any]) -> list[Test]:
    """Return the tests of a range of modification times; both ends count."""
    low = _dates.moment(limits.get("FromModifiedDate", ""), end=False)
    high = _dates.moment(limits.get("ToModifiedDate", ""), end=True)
    if low and high and low > high:
        raise Refusal(3030, "The range of dates is upside down.")
    tests: list[Test] = []
    if low:
        tests.append(lambda thing: thing.fields["TimeModified"][:19] >= low)
    if high:
        tests.append(lambda thing: thing.fields["TimeModified"][:19] <= high)
    return tests


def transaction_tests(context: Context, node: Node) -> list[Test]:
    """Return the tests that a transaction query sets."""
    tests: list[Test] = []
    for name, value in node.items():
        if name in OPTIONS:
            continue
        if name == "ModifiedDateRangeFilter":
            tests.extend(modified(value))
        elif name == "TxnDateRangeFilter":
            tests.append(_dated(*_dates.span(value, context.books.today)))
        else:
            tests.append(_transaction_test(context, name, value))
    return tests


def _dated(low: str, high: str) -> Test:
    return lambda one: low <= date_of(one) <= high


def date_of(one: Transaction) -> str:
    """Return the date of a transaction; that of a trip is the day it ended."""
    return str(one.fields.get("TxnDate") or one.fields.get("TripEndDate", ""))


def _transaction_test(context: Context, name: str, value: Any) -> Test:
    if name in _STATES:
        return _state(name, value)
    if name == "RefNumberFilter":
        fits = matches(value["MatchCriterion"], value["RefNumber"])
        return lambda one: fits(str(one.fields.get("RefNumber", "")))
    if name == "RefNumberRangeFilter":
        return number_range(value.get("FromRefNumber", ""), value.get("ToRefNumber", ""))
    fields = _REFERENCE_FILTERS[name]
    allowed = {id(ref) for ref in refs(context, _names(name, fields), value)}
    if name == "ItemFilter":
        return lambda one: any(id(ref) in allowed for ref in _inner_refs(one.fields, fields))
    return lambda one: any(id(one.fields.get(field)) in allowed for field in fields)


def _names(name: str, fields: tuple[str, ...]) -> str:
    """Return the reference whose kinds a filter may name."""
    return {"SiteFilter": "InventorySiteRef"}.get(name, fields[0])


def _inner_refs(fields: Mapping[str, Any], names: tuple[str, ...]) -> Iterable[dict[str, str]]:
    """Yield the references of these names in an object and in its lines."""
    for name, value in fields.items():
        if name in names:
            yield value
        elif name == LINES:
            for _, line in value:
                yield from _inner_refs(line, names)
        elif isinstance(value, list):
            for one in value:
                if isinstance(one, dict):
                    yield from _inner_refs(one, names)


def matches(criterion: str, text: str) -> Callable[[str], bool]:
    """Return the test of a ``MatchCriterion``; upper and lower case are one."""
    part = text.casefold()
    if criterion == "StartsWith":
        return lambda value: value.casefold().startswith(part)
    if criterion == "EndsWith":
        return lambda value: value.casefold().endswith(part)
    return lambda value: part in value.casefold()


def number_range(low: str, high: str) -> Test:
    """Compare as numbers when both ends are digits only, otherwise as text."""
    ends = [text for text in (low, high) if text]
    if ends and all(text.isdecimal() and int(text) <= _BIGGEST_NUMBER for text in ends):

        def numeric(one: Transaction) -> bool:
            number = str(one.fields.get("RefNumber", ""))
            if not number.isdecimal():
                return False
            return (not low or int(number) >= int(low)) and (not high or int(number) <= int(high))

        return numeric
    if low and high and fold(low) > fold(high):
        raise Refusal(3031, "The range of numbers is upside down.")

    def textual(one: Transaction) -> bool:
        number = fold(str(one.fields.get("RefNumber", "")))
        return bool(number) and (not low or number >= fold(low)) and (not high or number <= fold(high))

    return textual


def refs(context: Context, field: str, value: Mapping[str, Any]) -> Sequence[dict[str, str]]:
    """Return what a filter by reference points to; a missing one is 3140 or 3000."""
    entries: list[ListObject] = []
    for name in ("ListID", "FullName"):
        for text in value.get(name, ()):
            entry = context.books.resolve(field, {name: text}, "query")
            if entry is not None:
                entries.append(entry)
        if f"{name}WithChildren" in value:
            top = context.books.resolve(field, {name: value[f"{name}WithChildren"]}, "query")
            if top is not None:
                entries.extend(_family(top))
    return [entry.ref for entry in entries]


def _family(entry: ListObject) -> Iterable[ListObject]:
    yield entry
    for child in entry.children:
        yield from _family(child)
