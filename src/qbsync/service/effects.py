"""What raw requests leave behind in QuickBooks, and how to see whether it is there.

A request whose outcome is not known may have been done. For each kind of request a *rule* says whether doing
it once more is harmless, and if not, which question shows that it was done. The rules follow from the
language itself:

- what only asks, changes an object of a stated edit sequence (a repeated Mod is refused as stale), deletes
  or voids, may be sent again;
- a list Add is found by its full name, which QuickBooks lets stand once only;
- a transaction Add is found by its number *and* a second mark (name, date, amount), because QuickBooks takes
  the same number twice. Without a number nothing can be told.

Hosts can pass rules of their own to :class:`~.requests_handler.RequestsHandler`.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from attrs import fields, frozen

from .. import models
from ..handlers import LookUp
from .look_ups import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..models._base import Request

__all__ = ["AddedToList", "AddedTransaction", "Harmless", "Rule", "rule_for"]


class Rule(Protocol):
    """How to see whether a request was done."""

    @property
    def harmless(self) -> bool:
        """Whether the request may be sent again without a question."""
        ...

    def look_up(self, request: Request) -> LookUp | None:
        """Return the question that shows it; ``None`` when none can."""
        ...

    def finds(self, request: Request, ret: object) -> bool | None:
        """Return whether *ret* came from *request*; ``None`` when that cannot be told."""
        ...


@frozen
class Harmless:
    """Doing it twice is the same as doing it once, or is refused."""

    harmless: bool = True

    def look_up(self, request: Request) -> None:
        """Return nothing: no question is needed."""

    def finds(self, request: Request, ret: object) -> None:
        """Return nothing: nothing is asked."""


@frozen
class AddedToList:
    """A list Add: its full name stands once only."""

    #: The query that lists its kind, e.g. ``CustomerQueryRq``.
    query: str
    harmless: bool = False

    def look_up(self, request: Request) -> LookUp | None:
        """Ask for its full name; impossible where the parent is named by id alone."""
        name = _full_name(_body(request))
        if name is None:
            return None
        return LookUp(self.query, by="full_name", keys=(name,), options=_WANTED_OF_LISTS, proof=True)

    def finds(self, request: Request, ret: object) -> bool | None:
        """Return whether the names are the same."""
        flat = not hasattr(ret, "full_name")  # a list without levels, such as that of vendors
        name, there = _full_name(_body(request)), getattr(ret, "name" if flat else "full_name", None)
        return None if name is None or there is None else fold(name) == fold(there)


@frozen
class AddedTransaction:
    """A transaction Add: the same number, and a second mark that agrees."""

    #: The query that lists its kind, e.g. ``InvoiceQueryRq``.
    query: str
    harmless: bool = False

    def look_up(self, request: Request) -> LookUp | None:
        """Ask for its number; impossible where QuickBooks was to choose one."""
        number = getattr(_body(request), "ref_number", None)
        if not isinstance(number, str) or not number:
            return None
        return LookUp(self.query, by="ref_number", keys=(number,), options=_WANTED_OF_TXNS, proof=True)

    def finds(self, request: Request, ret: object) -> bool | None:
        """Return whether every mark that can be compared agrees; ``None`` where there is none."""
        agree = [_agrees(getattr(_body(request), mark, None), getattr(ret, mark, None)) for mark in _MARKS]
        told = [one for one in agree if one is not None]
        return all(told) if told else None


#: Second marks of transactions.
_MARKS: Final = (
    "customer_ref",
    "vendor_ref",
    "entity_ref",
    "payee_entity_ref",
    "txn_date",
    "total_amount",
)
_WANTED_OF_LISTS: Final = (("include_ret_element", ("ListID", "FullName", "Name", "EditSequence")),)
_FIELDS_OF_TXNS: Final = ("TxnID", "TxnNumber", "EditSequence", "RefNumber", "TxnDate", "TotalAmount")
_REFS_OF_TXNS: Final = ("CustomerRef", "VendorRef", "EntityRef", "PayeeEntityRef")
_WANTED_OF_TXNS: Final = (("include_ret_element", (*_FIELDS_OF_TXNS, *_REFS_OF_TXNS)),)
_HARMLESS: Final = Harmless()
_REPEATABLE: Final = frozenset(
    {
        "DataExtAddRq",
        "DataExtDefAddRq",
        "ListDisplayAddRq",
        "ListMergeRq",
        "SpecialAccountAddRq",
        "SpecialItemAddRq",
        "TxnDisplayAddRq",
        "TxnVoidRq",
    }
)


@cache
def rule_for(name: str) -> Rule | None:
    """Return the rule for a request such as ``InvoiceAddRq``; ``None`` where nothing can show what it did."""
    if name in _REPEATABLE or name.endswith(("QueryRq", "ModRq", "DelRq")):
        return _HARMLESS
    kind = name.removesuffix("AddRq")
    query = f"{kind}QueryRq"
    made: Any = getattr(models, query, None)
    body: Any = getattr(models, f"{kind}Add", None)
    if kind == name or made is None or body is None:
        return None
    asks, says = _names(made), _names(body)
    if "ref_number" in asks and "ref_number" in says:
        return AddedTransaction(query)
    if "full_name" in asks and "name" in says:
        return AddedToList(query)
    return None


def _names(made: type) -> frozenset[str]:
    return frozenset(field.name for field in fields(cast("Any", made)))


def _body(request: Request) -> object:
    """Return the one aggregate of an Add request."""
    name = type(request).__name__.removesuffix("Rq")
    for field in fields(type(request)):
        value: object = getattr(request, field.name)
        if type(value).__name__ == name:
            return value
    return request


def _full_name(body: object) -> str | None:
    name, parent = getattr(body, "name", None), getattr(body, "parent_ref", None)
    if not isinstance(name, str):
        return None
    if parent is None:
        return name
    above = getattr(parent, "full_name", None)
    return f"{above}:{name}" if isinstance(above, str) else None


def _agrees(sent: object, there: object) -> bool | None:
    """Return whether what was sent and what is there agree; ``None`` when one of them is silent."""
    if sent is None or there is None:
        return None
    if not isinstance(sent, models.Ref):
        return sent == there
    told: Sequence[bool] = [
        _folded(getattr(sent, part)) == _folded(getattr(there, part, None))
        for part in ("list_id", "full_name")
        if getattr(sent, part) is not None and getattr(there, part, None) is not None
    ]
    return told[0] if told else None


def _folded(text: object) -> str:
    return fold(str(text))
