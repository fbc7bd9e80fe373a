"""Values that one scalar element cannot hold, each with the rule that it breaks.

Not here: faults of aggregates and messages (``_strategy_faults``).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from ..qbxml._request_rules import NEVER_CLEARED, is_list_name
from ..qbxml.problems import Code
from ..qbxml.values import CLEAR, NEVER_EMPTY, QBDateTime, UseMacro

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..qbxml.catalogue import Element

__all__ = ["UNREADABLE", "bad_values"]

_MACRO: Final = UseMacro("TxnID:nowhere")

#: Values of the right Python type without a text form.
_UNWRITABLE: Final[dict[str, Any]] = {
    "IDTYPE": "x" * 37,
    "GUIDTYPE": "{0123}",
    "DATETYPE": datetime(2024, 2, 29),  # noqa: DTZ001 - a time where a date belongs
    "DATETIMETYPE": QBDateTime("1960-01-01"),
    "TIMEINTERVALTYPE": timedelta(microseconds=1),
    "FLOATTYPE": Decimal("1E+30"),
    "AMTTYPE": Decimal("1.234"),
    "PRICETYPE": Decimal("0.1234567"),
    "QUANTYPE": Decimal("-0.1234567"),
    "PERCENTTYPE": Decimal(12345678901),
}
#: Texts that mean nothing to their type, as a document may hold them.
UNREADABLE: Final = {"BOOLTYPE": "maybe", "INTTYPE": "1.0", "DATETYPE": "2023-02-29"}

_STEP: Final = Decimal("0.00001")


def bad_values(element: Element, owner: str, edition: str) -> Iterator[tuple[Code, Any, str]]:
    """Yield the code of the broken rule, the value, and what is wrong in words.

    Args:
        element: a scalar element.
        owner: the aggregate in which it stands.
        edition: the edition spoken to.
    """
    kind = element.type
    yield Code.TYPE, 1.5, "a float"
    if kind in {"STRTYPE", "IDTYPE"} and not element.values:
        yield Code.EMPTY, "", "an empty text"
    if kind in NEVER_EMPTY:
        yield Code.EMPTY, CLEAR, "a type without an empty form"
    elif element.name in NEVER_CLEARED.get(owner, ()):
        yield Code.EMPTY, CLEAR, "a field that cannot be cleared"
    if element.values:
        yield Code.ENUMERATION, "Nonsense", "a value that is not listed"
    elif kind == "STRTYPE":
        yield from _bad_texts(element, owner, edition)
    elif kind in _UNWRITABLE:
        yield Code.LEXICAL, _UNWRITABLE[kind], "a value without a text form"
    if not element.macro:
        yield Code.MACRO, _MACRO, "a macro where none is taken"
    else:
        yield Code.MACRO, UseMacro(""), "a macro without a name"
    yield from _beyond(element)


def _bad_texts(element: Element, owner: str, edition: str) -> Iterator[tuple[Code, str, str]]:
    longest = element.max_length(edition)
    if longest is not None:
        yield Code.LENGTH, "x" * (longest + 1), "one character too many"
    yield Code.CHARACTERS, "ł", "a character that Windows-1252 lacks"
    yield Code.CHARACTERS, "\x01", "a control character"
    if is_list_name(owner, element.name):
        yield Code.CHARACTERS, ":", "a colon in a name"


def _beyond(element: Element) -> Iterator[tuple[Code, Any, str]]:
    low, high = element.min_value, element.max_value
    whole = element.type == "INTTYPE"
    if low is not None:
        yield Code.BOUNDS, int(low) - 1 if whole else Decimal(low) - _STEP, "below the lower bound"
    if high is not None:
        yield Code.BOUNDS, int(high) + 1 if whole else Decimal(high) + _STEP, "above the upper bound"
