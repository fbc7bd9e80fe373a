"""Queries over lists and transactions, generically for every kind.

Here: selecting by IDs, names, numbers or filters; pages and iterators; ``metaData``; what is written out.
Not here: Host, Company, Preferences (``_facts``).
Facts: qbXML dossier 4 (shapes, meaning of filters, iterators), 5.5 (not found), 2.1 (dates).
The order of results is not promised by QuickBooks; here lists come by full name, transactions by date.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from . import _dates
from ._books import ListObject, Table, Transaction, fold
from ._context import Answer, OpenIterator, not_simulated
from ._kinds import kinds
from ._lists import wanted, written
from ._nodes import LINES
from ._refusals import Refusal
from ._values import cents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from ._context import Context
    from ._nodes import Node, Request

__all__ = ["answer", "deleted", "keys", "kinds_of"]

_UNIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "Entity": ("Customer", "Vendor", "Employee", "OtherName"),
    "Terms": ("StandardTerms", "DateDrivenTerms"),
}
#: The elements that name objects one by one.
_KEYS: Final = ("ListID", "FullName", "TxnID", "RefNumber", "RefNumberCaseSensitive")
_OPTIONS: Final = frozenset(
    {"MaxReturned", "IncludeRetElement", "IncludeLineItems", "IncludeLinkedTxns", "OwnerID", "ActiveStatus"}
)
_COMPARE: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "LessThan": lambda left, right: left < right,
    "LessThanEqual": lambda left, right: left <= right,
    "Equal": lambda left, right: left == right,
    "GreaterThan": lambda left, right: left > right,
    "GreaterThanEqual": lambda left, right: left >= right,
}
_BIGGEST_NUMBER: Final = 2147483647
#: Queries whose answers are computed from other objects.
_NOT_OBJECTS: Final = frozenset(
    {"ReceivePaymentToDeposit", "ItemSites", "SalesTaxReturn", "SalesTaxReturnLine"}
)
#: Which references of a transaction a filter looks at; the first says what the filter itself may name.
_REFERENCE_FILTERS: Final[Mapping[str, tuple[str, ...]]] = {
    "EntityFilter": ("EntityRef", "CustomerRef", "VendorRef", "PayeeEntityRef"),
    "AccountFilter": ("AccountRef", "ARAccountRef", "DepositToAccountRef", "APAccountRef"),
    "CurrencyFilter": ("CurrencyRef",),
}
_NOTHING: Final = "Nothing in the company file matches the query."

_Thing = ListObject | Transaction


def kinds_of(query: str) -> tuple[str, ...]:
    """Return the kinds of objects that ``…Query`` looks for; none when it is no query over objects."""
    name = query.removesuffix("Query")
    if name == "Item":
        return tuple(kind.name for kind in kinds().values() if kind.table == "Item")
    if name in _UNIONS:
        return _UNIONS[name]
    if name in _NOT_OBJECTS:
        return ()
    return (name,) if name in kinds() else ()


def keys(node: Node) -> int:
    """Return how many objects a query names one by one."""
    return sum(len(node.get(name, ())) for name in _KEYS)


def answer(context: Context, request: Request) -> Answer:
    """Answer an ``XxxQuery`` over list objects or transactions."""
    iterator = request.attributes.get("iterator")
    if iterator in {"Continue", "Stop"}:
        return _continued(context, request, stop=iterator == "Stop")
    names = kinds_of(request.name)
    if not names:
        raise not_simulated(f"{request.name}Rq")
    missing: str | None = None
    if keys(request.node):
        found, missing = _by_keys(context, names, request.node)
    else:
        found = _by_filters(context, names, request.node)
    return _page(context, request, found, missing, iterates=iterator == "Start" and not keys(request.node))


def _continued(context: Context, request: Request, *, stop: bool) -> Answer:
    identifier = request.attributes.get("iteratorID", "")
    state = context.iterators.get(identifier)
    if state is None or state.query != request.name:
        raise Refusal(3391, f'The iteratorID "{identifier}" is not valid.')
    if stop:
        del context.iterators[identifier]
        return Answer()
    return _iterate(context, request, identifier, state)


# -- what is found


def _by_keys(context: Context, names: tuple[str, ...], node: Node) -> tuple[list[_Thing], str | None]:
    """Return the objects that are named, and the first name that was missing."""
    look = _list_lookup if kinds()[names[0]].is_list else _transaction_lookup
    found: dict[str, _Thing] = {}
    missing = None
    for name in _KEYS:
        for key in node.get(name, ()):
            hits = look(context, names, name, key)
            if not hits:
                missing = missing or key
                if context.switches.list_query_stops_at_first_missing:
                    return _sorted(found.values()), missing
            for hit in hits:
                found[hit.id] = hit
    return _sorted(found.values()), missing


def _list_lookup(context: Context, names: tuple[str, ...], field: str, key: str) -> list[_Thing]:
    table: Table = context.books.table(names[0])
    entry = table.by_id.get(key) if field == "ListID" else table.by_name.get(fold(key))
    if entry is None or entry.kind not in names:
        return []
    return [entry] if entry.is_active or context.switches.lookups_find_inactive else []


def _transaction_lookup(context: Context, names: tuple[str, ...], field: str, key: str) -> list[_Thing]:
    if field == "TxnID":
        one = context.books.transactions.get(context.value(key))
        return [one] if one is not None and one.kind in names else []
    hits = [hit for name in names for hit in context.books.by_number.get(name, {}).get(fold(key), ())]
    if field == "RefNumberCaseSensitive":
        hits = [hit for hit in hits if hit.fields["RefNumber"] == key]
    return list(hits)


def _by_filters(context: Context, names: tuple[str, ...], node: Node) -> list[_Thing]:
    if kinds()[names[0]].is_list:
        things: Iterable[_Thing] = (entry for name in names for entry in context.books.of_kind(name))
        tests = [*_list_tests(context, node), _active(node.get("ActiveStatus", "ActiveOnly"))]
    else:
        things = (one for name in names for one in context.books.by_kind.get(name, {}).values())
        tests = _transaction_tests(context, node)
    return _sorted(thing for thing in things if all(test(thing) for test in tests))


def _sorted(things: Iterable[_Thing]) -> list[_Thing]:
    return sorted(things, key=_order)


def _order(thing: _Thing) -> tuple[str, int]:
    if isinstance(thing, Transaction):
        return str(thing.fields.get("TxnDate", "")), thing.number
    return fold(thing.full_name), 0


# -- filters


def _active(status: str) -> Callable[[Any], bool]:
    if status == "All":
        return lambda _entry: True
    wanted_state = status == "ActiveOnly"
    return lambda entry: entry.is_active is wanted_state


def _list_tests(context: Context, node: Node) -> list[Callable[[Any], bool]]:
    tests: list[Callable[[Any], bool]] = []
    for name, value in node.items():
        if name not in _OPTIONS and name not in {"FromModifiedDate", "ToModifiedDate"}:
            tests.append(_list_test(context, name, value))
    tests.extend(_modified(node))
    return tests


def _list_test(context: Context, name: str, value: Any) -> Callable[[Any], bool]:
    if name == "NameFilter":
        matches = _matches(value["MatchCriterion"], value["Name"])
        return lambda entry: matches(entry.full_name)
    if name == "NameRangeFilter":
        low, high = fold(value.get("FromName", "")), fold(value.get("ToName", ""))
        if high and low > high:
            raise Refusal(3031, "The range of names is upside down.")
        return lambda entry: fold(entry.full_name) >= low and (not high or fold(entry.full_name) <= high)
    if name in {"AccountType", "PaymentMethodType"}:
        return lambda entry: entry.fields.get(name) in value
    if name == "TotalBalanceFilter":
        compare, amount = _COMPARE[value["Operator"]], cents(value["Amount"])
        return lambda entry: compare(entry.total_balance(), amount)
    if name in {"ClassFilter", "CurrencyFilter"}:
        field = f"{name.removesuffix('Filter')}Ref"
        refs = _refs(context, field, value)
        return lambda entry: any(entry.fields.get(field) is ref for ref in refs)
    raise not_simulated(f"The filter {name}")


def _modified(limits: Mapping[str, Any]) -> list[Callable[[Any], bool]]:
    low = _dates.moment(limits.get("FromModifiedDate", ""), end=False)
    high = _dates.moment(limits.get("ToModifiedDate", ""), end=True)
    if low and high and low > high:
        raise Refusal(3030, "The range of dates is upside down.")
    tests: list[Callable[[Any], bool]] = []
    if low:
        tests.append(lambda thing: thing.fields["TimeModified"][:19] >= low)
    if high:
        tests.append(lambda thing: thing.fields["TimeModified"][:19] <= high)
    return tests


def _transaction_tests(context: Context, node: Node) -> list[Callable[[Any], bool]]:
    tests: list[Callable[[Any], bool]] = []
    for name, value in node.items():
        if name in _OPTIONS:
            continue
        if name == "ModifiedDateRangeFilter":
            tests.extend(_modified(value))
        elif name == "TxnDateRangeFilter":
            tests.append(_dated(*_dates.span(value, context.books.today)))
        else:
            tests.append(_transaction_test(context, name, value))
    return tests


def _dated(low: str, high: str) -> Callable[[Any], bool]:
    return lambda one: low <= one.fields["TxnDate"] <= high


def _transaction_test(context: Context, name: str, value: Any) -> Callable[[Any], bool]:
    if name in _REFERENCE_FILTERS:
        fields = _REFERENCE_FILTERS[name]
        refs = _refs(context, fields[0], value)
        return lambda one: any(one.fields.get(field) is ref for field in fields for ref in refs)
    if name == "RefNumberFilter":
        matches = _matches(value["MatchCriterion"], value["RefNumber"])
        return lambda one: matches(str(one.fields.get("RefNumber", "")))
    if name == "RefNumberRangeFilter":
        return _number_range(value.get("FromRefNumber", ""), value.get("ToRefNumber", ""))
    if name == "PaidStatus":
        if value == "All":
            return lambda _one: True
        return lambda one: one.fields.get("IsPaid") == ("true" if value == "PaidOnly" else "false")
    raise not_simulated(f"The filter {name}")


def _matches(criterion: str, text: str) -> Callable[[str], bool]:
    part = text.casefold()
    if criterion == "StartsWith":
        return lambda value: value.casefold().startswith(part)
    if criterion == "EndsWith":
        return lambda value: value.casefold().endswith(part)
    return lambda value: part in value.casefold()


def _number_range(low: str, high: str) -> Callable[[Any], bool]:
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


def _refs(context: Context, field: str, value: Mapping[str, Any]) -> Sequence[dict[str, str]]:
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


# -- the answer


def _page(
    context: Context, request: Request, found: list[_Thing], missing: str | None, *, iterates: bool
) -> Answer:
    meta = request.attributes.get("metaData", "NoMetaData")
    counts = {} if meta == "NoMetaData" else {"retCount": str(len(found))}
    if missing is not None and (found or "RefNumber" not in request.node):
        given = Answer(500, f'The query is not complete: "{missing}" cannot be found.', attributes=counts)
    elif not found:
        return Answer(1, _NOTHING, attributes=counts)
    else:
        given = Answer(attributes=counts)
    if meta == "MetaDataOnly":
        return given
    if iterates:
        if len(context.iterators) >= context.switches.max_iterators:
            raise Refusal(3390, "There are too many open iterators.")
        context.serial[0] += 1
        identifier = f"{{{context.serial[0]:08x}-0000-4000-8000-{context.books.unix:012x}}}"
        page = _iterate(context, request, identifier, OpenIterator(request.name, list(found)))
        page.attributes.update(counts)
        return page
    most = request.node.get("MaxReturned")
    given.body = _bodies(context, request, found[: int(most)] if most else found)
    return given


def _iterate(context: Context, request: Request, identifier: str, state: OpenIterator) -> Answer:
    most = int(request.node.get("MaxReturned") or len(state.rest) or 1)
    page, state.rest = state.rest[:most], state.rest[most:]
    if state.rest:
        context.iterators[identifier] = state
    else:
        context.iterators.pop(identifier, None)
    page = [thing for thing in page if _is_there(context, thing)]
    return Answer(
        body=_bodies(context, request, page),
        attributes={"iteratorRemainingCount": str(len(state.rest)), "iteratorID": identifier},
    )


def _is_there(context: Context, thing: _Thing) -> bool:
    if isinstance(thing, Transaction):
        return thing.id in context.books.transactions
    return thing.id in context.books.table(thing.kind).by_id


def _bodies(context: Context, request: Request, things: Sequence[_Thing]) -> list[str]:
    only = wanted(request.node)
    without: tuple[str, ...] = ()
    if things and isinstance(things[0], Transaction):
        if request.node.get("IncludeLineItems") != "true":
            without += (LINES, "AppliedToTxnRet")
        if request.node.get("IncludeLinkedTxns") != "true":
            without += ("LinkedTxn",)
    body: list[str] = []
    for thing in things:
        body.extend(written(context, thing, only, without))
    return body


def deleted(context: Context, request: Request) -> Answer:
    """Answer ``ListDeletedQuery`` and ``TxnDeletedQuery``: grouped by type, in the order of deletion."""
    prefix, key, name = (
        ("List", "ListID", "FullName")
        if request.name == "ListDeletedQuery"
        else ("Txn", "TxnID", "RefNumber")
    )
    limits = request.node.get("DeletedDateRangeFilter", {})
    low = _dates.moment(limits.get("FromDeletedDate", ""), end=False)
    high = _dates.moment(limits.get("ToDeletedDate", ""), end=True)
    body = []
    for kind in request.node[f"{prefix}DelType"]:
        for deleted_kind, identifier, when, label in context.books.deleted:
            if deleted_kind != kind or when[:19] < low or (high and when[:19] > high):
                continue
            rows = [(f"{prefix}DelType", kind), (key, identifier), ("TimeDeleted", when), (name, label)]
            body.append(f"<{prefix}DeletedRet>")
            body.extend(f"<{tag}>{_escaped(text)}</{tag}>" for tag, text in rows if text)
            body.append(f"</{prefix}DeletedRet>")
    return Answer(body=body) if body else Answer(1, _NOTHING)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
