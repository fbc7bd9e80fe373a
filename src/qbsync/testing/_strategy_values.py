"""Strategies for the scalar types: every value that QuickBooks takes in one place, by its exact limits.

Each makes its value out of few draws, most out of one, because a message holds a hundred of them.
Not here: aggregates and messages.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

from ..qbxml.values import CLEAR, QBDateTime, UseMacro

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy

    from ..qbxml.catalogue import Attribute
    from ._strategy_plans import Field

__all__ = ["CLEARABLE", "attribute", "cleared", "macro_name", "plain", "text"]

#: Types that have an empty form, which clears the field in a Mod; ids are left out, as references
#: cannot be cleared that way.
CLEARABLE: Final = frozenset({
    "STRTYPE", "BOOLTYPE", "DATETYPE", "DATETIMETYPE", "TIMEINTERVALTYPE",
    "AMTTYPE", "PRICETYPE", "QUANTYPE", "PERCENTTYPE", "FLOATTYPE",
})  # fmt: skip

MAX_REQUEST_ID: Final = 50
MAX_ID: Final = 36
_TYPICAL: Final = 12
#: From this first byte on, a text is drawn out to the full length that its place allows.
_STRETCHED: Final = 240
_YEARS_OF_QUICKBOOKS: Final = 2**31 - 1
_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - a wall clock has no zone


def _letters() -> str:
    """Return 256 characters: all of Windows-1252 that qbXML may hold, simple ones first."""
    first = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,-&<>\"';:/\n\r\t"
    known = (bytes([code]).decode("cp1252", "ignore") for code in range(32, 256))
    rest = [letter for letter in known if letter and letter != "\x7f" and letter not in first]
    letters = [*first, *rest]
    return "".join(letters + letters[: 256 - len(letters)])


_LETTERS: Final = _letters()


def _spell(raw: bytes) -> str:
    return "".join([_LETTERS[code] for code in raw])


@cache
def text(longest: int | None, *, name: bool = False) -> SearchStrategy[str]:
    """Return texts of 1 to *longest* characters of Windows-1252, most of them short, some at the limit.

    Args:
        longest: ``None`` means no limit is known.
        name: whether it names a list object, which may hold no colon (status 3090).
    """
    most = 4095 if longest is None else longest

    def spell(raw: bytes) -> str:
        spelled = _spell(raw)
        if raw[0] >= _STRETCHED:
            spelled = (spelled * (most // len(spelled) + 1))[:most]
        return spelled.replace(":", ".") if name else spelled

    return st.binary(min_size=1, max_size=min(most, _TYPICAL)).map(spell)


@cache
def macro_name(prefix: str = "TxnID") -> SearchStrategy[str]:
    """Return names of macros, e.g. ``TxnID:inv1``."""
    return st.binary(min_size=1, max_size=6).map(lambda raw: f"{prefix}:{_spell(raw)}")


def _id(number: int) -> str:
    return f"{number >> 31:X}-{number & 0x7FFFFFFF}"


def _odd_id(raw: bytes) -> str:
    return _spell(raw).replace("\n", "_")


def _guid(number: int) -> str:
    if not number:
        return "0"
    digits = f"{number:032X}" if number % 2 else f"{number:032x}"
    return f"{{{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}}}"


_OFFSETS: Final = ("", "-08:00", "+00:00", "+05:30", "-03:30")


def _moment(number: int) -> QBDateTime:
    """Return a date, or a time with or without an offset, out of the seconds since 1970."""
    wall = _EPOCH + timedelta(seconds=number)
    form = number % (len(_OFFSETS) + 1)
    if form == len(_OFFSETS):
        return QBDateTime(wall.date().isoformat())
    return QBDateTime(f"{wall.isoformat()}{_OFFSETS[form]}")


def _amount(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2) if cents % 100 else Decimal(cents // 100)


def _price(number: int) -> Decimal:
    scale = number % 6
    size = abs(number) // 10 ** (5 - scale)
    return Decimal(size if number > 0 else -size).scaleb(-scale)


def _digits(count: int) -> SearchStrategy[int]:
    return st.integers(1 - 10**count, 10**count - 1)


_PRICE: Final = _digits(15).map(_price)
_KINDS: Final[dict[str, SearchStrategy[Any]]] = {
    "IDTYPE": st.integers(0, 2**64 - 1).map(_id) | st.binary(min_size=1, max_size=MAX_ID).map(_odd_id),
    "GUIDTYPE": st.integers(0, 2**128 - 1).map(_guid),
    "BOOLTYPE": st.booleans(),
    "DATETYPE": st.dates(),
    "DATETIMETYPE": st.integers(0, _YEARS_OF_QUICKBOOKS).map(_moment),
    "TIMEINTERVALTYPE": st.integers(-(10**9), 10**9).map(lambda seconds: timedelta(seconds=seconds)),
    "INTTYPE": st.integers(-(2**31), 2**31 - 1),
    "FLOATTYPE": st.integers(0, 10**11).map(lambda number: Decimal(number).scaleb(-5)),
    "AMTTYPE": _digits(15).map(_amount),
    "PRICETYPE": _PRICE,
    "QUANTYPE": _PRICE,
    "PERCENTTYPE": _PRICE,
}
_COUNT: Final = st.integers(0, 2**31 - 1)


@cache
def _bounded(kind: str, low: str | None, high: str | None) -> SearchStrategy[Any]:
    """Return numbers within bounds that the catalogue states."""
    if kind == "INTTYPE":
        return st.integers(int(low or 0), int(high or 2**31 - 1))
    least, most = (int(Decimal(bound or 0) * 10**5) for bound in (low, high))
    return st.integers(least, most).map(lambda number: Decimal(number).scaleb(-5))


@cache
def _listed(values: tuple[str, ...]) -> SearchStrategy[str]:
    return st.sampled_from(values)


@cache
def plain(field: Field, edition: str) -> SearchStrategy[Any]:
    """Return values for an element that holds text, without macros and clearing."""
    element = field.element
    kind = element.type
    assert kind is not None
    if element.values:
        return _listed(element.values)
    if element.min_value is not None or element.max_value is not None:
        return _bounded(kind, element.min_value, element.max_value)
    if kind == "STRTYPE":
        return text(element.max_length(edition), name=element.name == "Name")
    return _KINDS[kind]


@cache
def with_macro(field: Field, edition: str) -> SearchStrategy[Any]:
    """Return values for an id that a macro may stand for."""
    return plain(field, edition) | macro_name().map(UseMacro)


@cache
def cleared(field: Field, edition: str) -> SearchStrategy[Any]:
    """Return values for a field that may be cleared as well."""
    return st.just(CLEAR) | plain(field, edition)


_ATTRIBUTES: Final[dict[str, Callable[[], SearchStrategy[Any]]]] = {
    "requestID": lambda: text(MAX_REQUEST_ID),
    "iteratorID": lambda: _KINDS["GUIDTYPE"],
    "retCount": lambda: _COUNT,
    "iteratorRemainingCount": lambda: _COUNT,
    "defMacro": macro_name,
}


@cache
def attribute(fact: Attribute) -> SearchStrategy[Any]:
    """Return values for an attribute."""
    if fact.values:
        return _listed(fact.values)
    made = _ATTRIBUTES.get(fact.name)
    if made is not None:
        return made()
    return _KINDS[fact.type] if fact.type in _KINDS else text(60)
