"""Rules of requests that are more than facts about one element: iterators, macros, clearing, names.

Asked by ``rules``, which walks through the message.  Follows the qbXML reference on iterators, macros,
characters, and on Add, Mod, delete, void.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..errors import shorten
from .naming import field_name
from .problems import Code
from .values import NEVER_EMPTY
from .versions import Version, attribute_since

if TYPE_CHECKING:
    from .catalogue import Element
    from .problems import Walk

__all__ = [
    "MAX_REQUEST_ID",
    "NEVER_CLEARED",
    "check_clearing",
    "check_name",
    "check_request",
    "is_list_name",
    "knows_macros",
]

#: A longer one gets status 1060.
MAX_REQUEST_ID: Final = 50

_HEADER: Final = frozenset({"TxnDate", "IsPending", "DueDate", "ShipDate", "IsToBePrinted"})
_LINE: Final = frozenset({"Quantity", "Rate", "RatePercent", "Amount"})
_MARKUP: Final = frozenset({"MarkupRate", "MarkupRatePercent"})
_CLOSED: Final = frozenset({"IsManuallyClosed"})

#: What a Mod refuses to clear (status 3190), by the aggregate in which it stands.
NEVER_CLEARED: Final = {
    "InvoiceMod": _HEADER,
    "InvoiceLineMod": _LINE,
    "CreditMemoMod": _HEADER,
    "CreditMemoLineMod": _LINE,
    "SalesOrderMod": _HEADER - {"IsPending"} | _CLOSED,
    "SalesOrderLineMod": _LINE | _CLOSED,
    "EstimateMod": _HEADER - {"IsPending"} | {"CreateChangeOrder"},
    "EstimateLineMod": _LINE | _MARKUP,
}

#: Ways of selecting that return everything at once, so that nothing is left to iterate over.
_LISTED: Final = ("ListID", "FullName", "Name", "TxnID", "RefNumber", "RefNumberCaseSensitive")


def knows_macros(walk: Walk) -> bool:
    """Return whether the QuickBooks spoken to knows macros."""
    return Version.parse(attribute_since("useMacro")) <= walk.version


def is_list_name(aggregate: str, element: str) -> bool:
    """Return whether an element is the name that a list object is given."""
    return element == "Name" and aggregate.endswith(("Add", "Mod"))


def check_name(walk: Walk, element: Element, text: str, path: str) -> None:
    """Check the name of a list object: a colon parts the levels of a full name (status 3090)."""
    if ":" in text and is_list_name(_owner(path), element.name):
        walk.report(
            path, Code.CHARACTERS, "a name without ':', which parts the levels of names", shorten(text)
        )


def check_clearing(walk: Walk, element: Element, path: str) -> None:
    """Check an element that is to be emptied."""
    if element.type is None:
        walk.report(path, Code.EMPTY, f"a {element.name}, for only elements of text can be cleared", "CLEAR")
    elif element.type in NEVER_EMPTY:
        walk.report(path, Code.EMPTY, "a value, for this type cannot be cleared", "CLEAR")
    elif element.name in NEVER_CLEARED.get(_owner(path), ()):
        walk.report(path, Code.EMPTY, "a value, for QuickBooks refuses to clear this field", "CLEAR")


def _owner(path: str) -> str:
    """Return the name of the aggregate in which the element at *path* stands."""
    return path.rpartition("/")[0].rpartition("/")[2].partition("[")[0]


def check_request(walk: Walk, message: Any, name: str) -> None:
    """Check what holds for a message as a whole."""
    request_id = message.request_id
    if isinstance(request_id, str) and len(request_id) > MAX_REQUEST_ID:
        expected = f"at most {MAX_REQUEST_ID} characters"
        walk.report(f"{name}@requestID", Code.LENGTH, expected, str(len(request_id)))
    if name.endswith("Rq") and hasattr(message, "iterator"):
        _check_iterator(walk, message, name)


def _check_iterator(walk: Walk, message: Any, name: str) -> None:
    how, given = message.iterator, message.iterator_id
    place = f"{name}@iteratorID"
    if how is None:
        if given is not None:
            walk.report(place, Code.ITERATOR, "iterator Continue or Stop beside it", "no iterator")
        return
    if how == "Start" and given is not None:
        walk.report(place, Code.ITERATOR, "no id at the start; the answer gives one", shorten(given))
    if how in ("Continue", "Stop") and given is None:
        walk.report(place, Code.ITERATOR, "the id that the answer to Start gave", "none")
    listed = next((part for part in _LISTED if getattr(message, field_name(part), ())), None)
    if listed is not None:
        expected = "no iterator where objects are selected one by one"
        walk.report(f"{name}@iterator", Code.ITERATOR, expected, f"{shorten(how)} with {listed}")
    elif how in ("Start", "Continue") and message.max_returned is None:
        walk.report(f"{name}/MaxReturned", Code.ITERATOR, "the number of objects of a page", "none")
