"""Queries over lists and transactions, generically for every kind.

Here: selecting by IDs, names, numbers or filters, and what is written out; deleted objects.
Not here: the filters (``_filters``), pages and iterators (``_pages``); Host, Company, Preferences
(``_facts``); queries whose answers are computed (``_computed``).
Facts: qbXML dossier 4 (shapes), 5.5 (not found).
The order of results is not promised by QuickBooks; here lists come by full name, transactions by date.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from ..qbxml import catalogue
from . import _dates
from ._books import ListObject, Table, Transaction, fold
from ._filters import date_of, list_tests, transaction_tests
from ._kinds import kinds
from ._lists import wanted, written
from ._nodes import LINES
from ._pages import continued, page
from ._refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ._context import Answer, Context
    from ._nodes import Node, Request

__all__ = ["answer", "deleted", "keys", "kinds_of"]

_UNIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "Entity": ("Customer", "Vendor", "Employee", "OtherName"),
    "Terms": ("StandardTerms", "DateDrivenTerms"),
}
#: The elements that name objects one by one.
_KEYS: Final = ("ListID", "FullName", "Name", "TxnID", "RefNumber", "RefNumberCaseSensitive")

_Thing: TypeAlias = ListObject | Transaction


def kinds_of(query: str) -> tuple[str, ...]:
    """Return the kinds of objects that ``…Query`` looks for."""
    name = query.removesuffix("Query")
    if name == "Item":
        return tuple(kind.name for kind in kinds().values() if kind.table == "Item")
    return _UNIONS.get(name, (name,))


def keys(node: Node) -> int:
    """Return how many objects a query names one by one."""
    return sum(len(node.get(name, ())) for name in _KEYS)


def answer(context: Context, request: Request) -> Answer:
    """Answer an ``XxxQuery`` over list objects or transactions."""
    node, names = request.node, kinds_of(request.name)
    only, owners = wanted(node), frozenset(node.get("OwnerID", ()))
    without = _unwanted(request.name, node)

    def write(thing: _Thing) -> list[str]:
        return written(context, thing, only, without, owners)

    given = continued(context, request, write, lambda thing: _is_there(context, thing))
    if given is not None:
        return given
    if keys(node):
        found, missing = _by_keys(context, names, node)
        return page(context, request, found, write=write, missing=missing, iterates=False)
    return page(context, request, _by_filters(context, request.name, names, node), write=write)


def _unwanted(query: str, node: Node) -> tuple[str, ...]:
    """Return the children of a transaction that the query did not ask for."""
    options = _options(query)
    without: tuple[str, ...] = ()
    if "IncludeLineItems" in options and node.get("IncludeLineItems") != "true":
        without += _line_fields(query)
    if "IncludeComponentLineItems" in options and node.get("IncludeComponentLineItems") != "true":
        without += ("ComponentItemLineRet",)
    if "IncludeLinkedTxns" in options and node.get("IncludeLinkedTxns") != "true":
        without += ("LinkedTxn",)
    return without


@cache
def _options(query: str) -> frozenset[str]:
    names = (element.name for element in catalogue.message(f"{query}Rq").elements())
    return frozenset(name for name in names if name.startswith("Include"))


@cache
def _line_fields(query: str) -> tuple[str, ...]:
    """Return the fields in which transactions of a query's kind keep their lines."""
    (kind,) = kinds_of(query)
    names = [
        element.name
        for element in kinds()[kind].ret.elements()
        if element.shape is not None and element.name.endswith(("LineRet", "AppliedToTxnRet"))
    ]
    return (LINES, *names)


# -- what is found


def _by_keys(context: Context, names: tuple[str, ...], node: Node) -> tuple[list[_Thing], str | None]:
    """Return the objects that are named, and the first name that was missing."""
    most = context.switches.max_keys
    if most is not None and keys(node) > most:
        raise Refusal(1000, f"The query names more than {most} objects.")
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


def _by_filters(context: Context, query: str, names: tuple[str, ...], node: Node) -> list[_Thing]:
    if kinds()[names[0]].is_list:
        things: Iterable[_Thing] = (entry for name in names for entry in context.books.of_kind(name))
        tests = list_tests(context, query, node)
    else:
        things = (one for name in names for one in context.books.by_kind.get(name, {}).values())
        tests = transaction_tests(context, node)
    return _sorted(thing for thing in things if all(test(thing) for test in tests))


def _sorted(things: Iterable[_Thing]) -> list[_Thing]:
    return sorted(things, key=_order)


def _order(thing: _Thing) -> tuple[str, int]:
    if isinstance(thing, Transaction):
        return date_of(thing), thing.number
    return fold(thing.full_name), 0


def _is_there(context: Context, thing: Any) -> bool:
    if isinstance(thing, Transaction):
        return thing.id in context.books.transactions
    return thing.id in context.books.table(thing.kind).by_id


# -- what was deleted


def deleted(context: Context, request: Request) -> Answer:
    """Answer ``ListDeletedQuery`` and ``TxnDeletedQuery``: grouped by type, in the order of deletion."""
    prefix, key, name = (
        ("List", "ListID", "FullName")
        if request.name == "ListDeletedQuery"
        else ("Txn", "TxnID", "RefNumber")
    )
    only = wanted(request.node)
    found = _deleted_rows(context, request, prefix)

    def write(row: tuple[str, str, str, str]) -> list[str]:
        kind, identifier, when, label = row
        cells = [(f"{prefix}DelType", kind), (key, identifier), ("TimeDeleted", when), (name, label)]
        shown = [(tag, text) for tag, text in cells if text and (only is None or tag in only)]
        inner = [f"<{tag}>{_escaped(text)}</{tag}>" for tag, text in shown]
        return [f"<{prefix}DeletedRet>", *inner, f"</{prefix}DeletedRet>"]

    return page(context, request, found, write=write, iterates=False)


def _deleted_rows(context: Context, request: Request, prefix: str) -> list[tuple[str, str, str, str]]:
    """Return what was deleted in the last 90 days, or in the range that is asked for."""
    limits = request.node.get("DeletedDateRangeFilter", {})
    low = _dates.moment(limits.get("FromDeletedDate", ""), end=False)
    high = _dates.moment(limits.get("ToDeletedDate", ""), end=True)
    low = max(low, _dates.days_before(context.books.today, 90))
    return [
        row
        for kind in request.node[f"{prefix}DelType"]
        for row in context.books.deleted
        if row[0] == kind and row[2][:19] >= low and (not high or row[2][:19] <= high)
    ]


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
