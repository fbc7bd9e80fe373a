"""The lexical forms that the simulated QuickBooks takes, and what it stores.

Here: a converter for each scalar type: text in, stored text out, or a status of the 3000s.
Not here: where an element may stand (``_reading``).
Facts: qbXML dossier 2 (types), 2.2 (Windows-1252), 5.2 (codes).
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Final

import attrs

from ._refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Facts", "cents", "converter", "money", "price", "storable"]

_MONEY: Final = re.compile(r"([+-]?)([0-9]{1,13})(\.[0-9]{2})?")
_PRICE: Final = re.compile(r"([+-]?)([0-9]{1,10})(\.[0-9]{1,5})?")
_FLOAT: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,10}")
_DATE: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_MOMENT: Final = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"
    r"(?:T([0-9]{1,2})(?::([0-9]{1,2})(?::([0-9]{1,2}))?)?([+-][0-9]{1,2}:[0-9]{2})?)?"
)
_INTERVAL: Final = re.compile(r"[+-]?PT([0-9]+H)?([0-9]+M)?([0-9]+S)?")
_GUID: Final = re.compile(r"0|\{[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}", re.IGNORECASE)
_LONGEST_ID: Final = 36
#: The first price that has too many digits.
_TOO_MUCH: Final = Decimal(10**10)
#: So many characters of a bad value stand in messages.
_SHOWN: Final = 60
_WORDS: Final = {"true": "true", "1": "true", "false": "false", "0": "false", "": ""}


def storable(text: str) -> str:
    """Return *text* as a Windows-1252 file keeps it: what it lacks becomes ``?``."""
    return text if text.isascii() else text.encode("cp1252", "replace").decode("cp1252")


def cents(text: str) -> int:
    """Return a stored amount as whole cents."""
    whole, _, part = text.partition(".")
    return int(whole + (part or "00"))


def money(amount: int) -> str:
    """Return whole cents as an amount with two decimals."""
    sign = "-" if amount < 0 else ""
    return f"{sign}{abs(amount) // 100}.{abs(amount) % 100:02}"


def price(value: Decimal) -> str:
    """Return a rate as QuickBooks shows it: two to five decimals.

    Raises:
        Refusal: 3045 it has more than ten digits before the point.
    """
    if abs(value) >= _TOO_MUCH:
        raise Refusal(3045, f"The computed price {value:.0f} has more than ten digits.")
    text = f"{value.quantize(Decimal('0.00001')) + 0:f}"
    whole, _, part = text.partition(".")
    return f"{whole}.{part.rstrip('0').ljust(2, '0')}"


@attrs.frozen(kw_only=True)
class Facts:
    """What the catalogue says of one element that holds a value."""

    #: The element's name, for messages.
    field: str
    #: The most characters, ``None`` for no limit.
    longest: int | None = None
    #: The values of an enumeration.
    values: tuple[str, ...] = ()
    #: The smallest and the greatest number, as text.
    least: str | None = None
    most: str | None = None

    def bad(self, code: int, text: str, rule: str) -> Refusal:
        """Return the refusal of a value."""
        shown = text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
        return Refusal(code, f'The field "{self.field}" cannot hold "{shown}": {rule}.')

    def bound(self, text: str) -> None:
        """Refuse a number outside the bounds."""
        if (self.least is not None and Decimal(text) < Decimal(self.least)) or (
            self.most is not None and Decimal(text) > Decimal(self.most)
        ):
            raise self.bad(3085, text, f"it is not between {self.least} and {self.most}")


def converter(kind: str, facts: Facts) -> Callable[[str], str]:
    """Return the function that takes the text of one element.

    Args:
        kind: the scalar type, e.g. ``AMTTYPE``.
        facts: what else is known of the element.

    Returns:
        A function from text to stored text that raises ``Refusal``.
    """
    return partial(_CONVERTERS.get(kind, _string), facts)


def _string(facts: Facts, text: str) -> str:
    if facts.longest is not None and len(text) > facts.longest:
        raise facts.bad(3070, text, f"it is too long, the maximum is {facts.longest} characters")
    return text if text.isascii() else storable(text)


def _identifier(facts: Facts, text: str) -> str:
    if len(text) > (facts.longest or _LONGEST_ID) or (text and not text.isprintable()):
        raise facts.bad(3000, text, "it is no object ID")
    return text


def _guid(facts: Facts, text: str) -> str:
    if not _GUID.fullmatch(text):
        raise facts.bad(3065, text, "it is no GUID")
    return text.upper()


def _boolean(facts: Facts, text: str) -> str:
    if text not in _WORDS:
        raise facts.bad(3010, text, "it is neither true nor false")
    return _WORDS[text]


def _date(facts: Facts, text: str) -> str:
    if text and not (_DATE.fullmatch(text) and _is_day(text)):
        raise facts.bad(3020, text, "it is no date of the form YYYY-MM-DD")
    return text


def _moment(facts: Facts, text: str) -> str:
    if text and not _is_moment(text):
        raise facts.bad(3020, text, "it is no date or date and time")
    return text


def _interval(facts: Facts, text: str) -> str:
    if text and not _INTERVAL.fullmatch(text):
        raise facts.bad(3035, text, "it is no time interval")
    return text


def _amount(facts: Facts, text: str) -> str:
    hit = _MONEY.fullmatch(text)
    if hit is None:
        if text == "":
            return text
        raise facts.bad(3040, text, "it is no amount of up to 13 digits and exactly 2 decimals")
    return f"{'-' if hit[1] == '-' else ''}{hit[2]}{hit[3] or '.00'}"


def _price(facts: Facts, text: str) -> str:
    return _decimal(facts, text, 3045, _two_or_more)


def _quantity(facts: Facts, text: str) -> str:
    return _decimal(facts, text, 3060, _as_few)


def _percent(facts: Facts, text: str) -> str:
    return _decimal(facts, text, 3050, _two_or_more)


def _decimal(facts: Facts, text: str, code: int, shown: Callable[[str, str], str]) -> str:
    hit = _PRICE.fullmatch(text)
    if hit is None:
        if text == "":
            return text
        raise facts.bad(code, text, "it is no number of up to 10 digits and 5 decimals")
    facts.bound(text)
    return ("-" if hit[1] == "-" else "") + shown(hit[2], (hit[3] or "")[1:])


def _float(facts: Facts, text: str) -> str:
    if text and not _FLOAT.fullmatch(text):
        raise facts.bad(3085, text, "it is no number")
    return text


def _integer(facts: Facts, text: str) -> str:
    if not _INTEGER.fullmatch(text):
        raise facts.bad(3085, text, "it is no whole number")
    facts.bound(text)
    return str(int(text))


def _word(facts: Facts, text: str) -> str:
    if text not in facts.values:
        raise facts.bad(3110, text, "it is none of the known values")
    return text


_CONVERTERS: Final[Mapping[str, Callable[[Facts, str], str]]] = {
    "STRTYPE": _string,
    "IDTYPE": _identifier,
    "GUIDTYPE": _guid,
    "BOOLTYPE": _boolean,
    "DATETYPE": _date,
    "DATETIMETYPE": _moment,
    "TIMEINTERVALTYPE": _interval,
    "AMTTYPE": _amount,
    "PRICETYPE": _price,
    "QUANTYPE": _quantity,
    "PERCENTTYPE": _percent,
    "FLOATTYPE": _float,
    "INTTYPE": _integer,
    "ENUMTYPE": _word,
}


def _two_or_more(whole: str, part: str) -> str:
    return f"{whole}.{part.rstrip('0').ljust(2, '0')}"


def _as_few(whole: str, part: str) -> str:
    rest = part.rstrip("0")
    return f"{whole}.{rest}" if rest else whole


def _is_day(text: str) -> bool:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return False
    return dt.date(1901, 1, 1) <= day <= dt.date(9999, 12, 31)


def _is_moment(text: str) -> bool:
    hit = _MOMENT.fullmatch(text)
    if hit is None:
        return False
    try:
        year, month, day, hour, minute, second = (int(part or 0) for part in hit.groups()[:6])
        moment = dt.datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - wall clock
    except ValueError:
        return False
    return dt.datetime(1970, 1, 1) <= moment <= dt.datetime(2038, 1, 19, 3, 14, 7)  # noqa: DTZ001 - wall clock
