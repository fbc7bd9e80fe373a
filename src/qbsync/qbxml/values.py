"""Scalar values of qbXML: between Python and text, by the exact lexical rules of each type.

Here: the value types of our own (``QBDateTime``, ``UseMacro``, ``CLEAR``) and one ``Scalar`` for each
type of the language, with its text form both ways.  Nothing is ever rounded, cut or padded to another
value, and ``float`` is refused.  Which characters a text may hold stands in ``characters``; how long
it may be is the catalogue's.

Follows the data types of the qbXML reference.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

import attrs

from ..errors import InvalidValueError
from .characters import cp1252_gaps, encodable, transliterate

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo

__all__ = [
    "CLEAR",
    "MAX_ID",
    "NEVER_EMPTY",
    "SCALARS",
    "QBDateTime",
    "Scalar",
    "UseMacro",
    "cp1252_gaps",
    "encodable",
    "transliterate",
]


class _Clear(str):
    """The type of ``CLEAR``: an empty text, as an empty element reads."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "CLEAR"

    def __reduce__(self) -> str:
        return "CLEAR"

    def __copy__(self) -> _Clear:
        return self

    def __deepcopy__(self, memo: object) -> _Clear:
        return self


#: Clears a field: written as an empty element.  ``None`` leaves the element out, which keeps the field.
#: Typed so that every field takes it; where an empty element is read, it is what stands in the field.
CLEAR: Final[Any] = _Clear()


@attrs.frozen
class UseMacro:
    """Stands where an id would, for something that an earlier request of the set defines.

    Attributes:
        name: the macro as it was defined, e.g. ``TxnID:inv1``.
    """

    name: str


_DATETIME: Final = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:T(\d{1,2})(?::(\d{1,2}))?(?::(\d{1,2}))?(?:[+-]\d{1,2}(?::\d{1,2})?|Z)?)?",
    re.ASCII,
)
_OFFSET: Final = re.compile(r"T.*?([+-])(\d{1,2})(?::(\d{1,2}))?$", re.ASCII)


_STATED_OFFSET: Final = re.compile(r"(?:[+-]\d{1,2}(?::\d{1,2})?|Z)$", re.ASCII)


@attrs.frozen
class QBDateTime:
    """A date and time as QuickBooks states it: the text, and what can be read from it.

    Not an instant: QuickBooks writes the right wall clock with the standard offset all year round, so
    that the offset is wrong during daylight saving time.  Take ``wall`` as local time of the machine
    that runs QuickBooks; ``instant`` makes a moment of it where its zone is known.  Two are equal when
    their texts are.

    Raises:
        InvalidValueError: the text is not ``YYYY-MM-DD`` with an optional time and offset.
    """

    text: str

    def __attrs_post_init__(self) -> None:
        try:
            _wall(self.text)
        except (TypeError, ValueError):
            raise InvalidValueError("", _DATETIME_RULE, self.text) from None

    @classmethod
    def of(cls, wall: datetime | date) -> QBDateTime:
        """Return the value for a wall-clock time (or a date) without zone, to the second.

        Raises:
            InvalidValueError: the time carries a zone, or a fraction of a second.
        """
        if isinstance(wall, datetime) and (wall.tzinfo is not None or wall.microsecond):
            raise InvalidValueError("", "a wall-clock time without zone, in whole seconds", wall)
        return cls(wall.isoformat())

    @property
    def wall(self) -> datetime:
        """The wall-clock time, without zone; midnight where only a date is stated."""
        return _wall(self.text)

    @property
    def offset(self) -> timedelta | None:
        """The offset as stated, right or wrong; ``None`` where none is stated."""
        if self.text.endswith("Z"):
            return timedelta(0)
        found = _OFFSET.search(self.text)
        if found is None:
            return None
        size = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
        return -size if found[1] == "-" else size

    @property
    def local(self) -> QBDateTime:
        """The same wall clock without offset: what to send back, as in ``FromModifiedDate``.

        In a request a time without offset is QuickBooks' local time, so nothing has to be right about
        the offset.
        """
        return QBDateTime(_STATED_OFFSET.sub("", self.text)) if "T" in self.text else self

    def instant(self, zone: tzinfo, *, fold: int = 0) -> datetime:
        """Return the moment that is meant, given where QuickBooks runs.

        The stated offset is not asked: it is wrong during daylight saving time.

        Args:
            zone: the time zone of the machine that runs QuickBooks, e.g. ``ZoneInfo("America/New_York")``.
            fold: which one of the hour that comes twice in autumn: 0 the first, 1 the second. Nothing
                in the text tells them apart.

        Returns:
            an aware time in *zone*.
        """
        return self.wall.replace(tzinfo=zone, fold=fold)

    def __str__(self) -> str:
        return self.text


_DATETIME_RULE: Final = "YYYY-MM-DD or YYYY-MM-DDThh:mm:ss with an optional offset"


def _wall(text: str) -> datetime:
    found = _DATETIME.fullmatch(text)
    if found is None:
        raise ValueError(text)
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
    return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - a wall clock has no zone


def _is_int(value: object) -> bool:
    """Return whether a value is a whole number; truth values, which Python counts among them, are none."""
    return isinstance(value, int) and not isinstance(value, bool)


def _refuse(rule: str, value: object) -> InvalidValueError:
    return InvalidValueError("", rule, value)


@attrs.frozen
class Scalar:
    """One scalar type: its name, the rule in words, and its text form both ways.

    Attributes:
        rule: what a value must be, for messages.
        write: value to text; raises ``InvalidValueError``.
        read: text (never empty) to value; raises ``ValueError``.
        kinds: the Python types that ``write`` takes.
        plain: whether the value is the text itself.
        usual: tells of a text, quickly, that its value would be written just so; may say no too often.
    """

    name: str
    rule: str
    write: Callable[[Any], str]
    read: Callable[[str], Any]
    kinds: tuple[type, ...]
    plain: bool = False
    usual: Callable[[str], object] | None = None


def _text_scalar(name: str, rule: str, pattern: str | None = None) -> Scalar:
    check = re.compile(pattern, re.ASCII).fullmatch if pattern else None

    def write(value: Any) -> str:
        if not isinstance(value, str) or (check and value and not check(value)):
            raise _refuse(rule, value)
        return value

    return Scalar(name, rule, write, str, (str,), plain=True)


def _decimal_scalar(name: str, digits: int, scales: tuple[int, ...], rule: str) -> Scalar:
    alternatives = (
        "|".join(str(scale) for scale in scales) if len(scales) == 1 else f"{scales[0]},{scales[-1]}"
    )
    form = re.compile(rf"[+-]?\d{{1,{digits}}}(?:\.\d{{{alternatives}}})?", re.ASCII).fullmatch

    def write(value: Any) -> str:
        if _is_int(value):
            value = Decimal(value)
        if not isinstance(value, Decimal) or not value.is_finite():
            raise _refuse(rule, value)
        text = str(value)
        if form(text):
            return text
        text = _exact(value, scales)
        if not form(text):
            raise _refuse(rule, value)
        return text

    usual = re.compile(rf"-?(?:0|[1-9]\d{{0,{digits - 1}}})(?:\.\d{{{alternatives}}})?", re.ASCII).fullmatch
    return Scalar(name, rule, write, _read_decimal, (Decimal, int), usual=usual)


def _exact(value: Decimal, scales: tuple[int, ...]) -> str:
    """Return the same number with an allowed count of decimals where that loses nothing."""
    text = f"{value:f}"
    whole, _, decimals = text.partition(".")
    decimals = decimals.rstrip("0")
    if not decimals:
        return whole
    return f"{whole}.{decimals.ljust(scales[0], '0')}"


def _read_decimal(text: str) -> Decimal:
    # Decimal itself takes more than the language has: underscores, white space, other digits.
    try:
        value = Decimal(text)
    except InvalidOperation:
        try:
            value = Decimal(text.removesuffix("%"))
        except InvalidOperation:
            raise ValueError(text) from None
    if not value.is_finite():
        raise ValueError(text)
    return value


_FLOAT_RULE: Final = "a Decimal without exponent"
_FLOAT: Final = re.compile(r"[+-]?\d{1,20}(?:\.\d{1,20})?", re.ASCII)


def _write_float(value: Any) -> str:
    if _is_int(value):
        value = Decimal(value)
    if not isinstance(value, Decimal) or not value.is_finite():
        raise _refuse(_FLOAT_RULE, value)
    text = f"{value:f}"
    if not _FLOAT.fullmatch(text):
        raise _refuse(_FLOAT_RULE, value)
    return text


_BOOLS: Final = {"true": True, "false": False, "1": True, "0": False}
_BOOL_RULE: Final = "True or False"


def _write_bool(value: Any) -> str:
    if value is True:
        return "true"
    if value is False:
        return "false"
    raise _refuse(_BOOL_RULE, value)


def _read_bool(text: str) -> bool:
    try:
        return _BOOLS[text]
    except KeyError:
        raise ValueError(text) from None


_DATE_RULE: Final = "a date"
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _write_date(value: Any) -> str:
    if type(value) is not date:
        raise _refuse(_DATE_RULE, value)
    return value.isoformat()


def _read_date(text: str) -> date:
    if not _DATE.fullmatch(text):
        raise ValueError(text)
    return date.fromisoformat(text)


_EARLIEST: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - a wall clock has no zone
_LATEST: Final = datetime(2038, 1, 19, 3, 14, 7)  # noqa: DTZ001 - a wall clock has no zone
_IN_RANGE: Final = re.compile("19[789]|20[012]|203[0-7]")
_RANGE_RULE: Final = "a QBDateTime from 1970-01-01 to 2038-01-19T03:14:07"


def _write_datetime(value: Any) -> str:
    if type(value) is not QBDateTime or not _EARLIEST <= value.wall <= _LATEST:
        raise _refuse(_RANGE_RULE, value)
    return value.text


_INTERVAL_RULE: Final = "a timedelta of whole seconds, below 1,000,000,000 hours"
_TOO_LONG: Final = timedelta(hours=10**9)
_INTERVAL: Final = re.compile(r"([+-]?)PT(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?", re.ASCII)


def _write_interval(value: Any) -> str:
    if not isinstance(value, timedelta) or value.microseconds or abs(value) >= _TOO_LONG:
        raise _refuse(_INTERVAL_RULE, value)
    seconds = value.days * 86400 + value.seconds
    minutes, second = divmod(abs(seconds), 60)
    hour, minute = divmod(minutes, 60)
    return f"{'-' if seconds < 0 else ''}PT{hour}H{minute}M{second}S"


def _read_interval(text: str) -> timedelta:
    found = _INTERVAL.fullmatch(text)
    if found is None or found.lastindex == 1:
        raise ValueError(text)
    hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:])
    size = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return -size if found[1] == "-" else size


_INT_RULE: Final = "an int of up to 18 digits"
_TOO_LARGE: Final = 10**18
_USUAL_INT: Final = re.compile(r"0|-?[1-9]\d{0,17}", re.ASCII)
_INT: Final = re.compile(r"[+-]?\d{1,18}", re.ASCII)


def _write_int(value: Any) -> str:
    if not _is_int(value) or not -_TOO_LARGE < value < _TOO_LARGE:
        raise _refuse(_INT_RULE, value)
    return str(int(value))


def _read_int(text: str) -> int:
    if not _INT.fullmatch(text):
        raise ValueError(text)
    return int(text)


_GUID: Final = r"0|\{[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}"
_FIVE: Final = (1, 2, 3, 4, 5)

#: The longest id, in characters.
MAX_ID: Final = 36

#: The scalar types of elements and attributes, by their qbXML names.
SCALARS: Final[dict[str, Scalar]] = {
    scalar.name: scalar
    for scalar in (
        _text_scalar("STRTYPE", "a text"),
        _text_scalar("IDTYPE", f"an id of at most {MAX_ID} characters", rf"(?s:.{{1,{MAX_ID}}})"),
        _text_scalar("GUIDTYPE", "0, or a GUID in braces", _GUID),
        _text_scalar("ENUMTYPE", "one of the listed names"),
        _text_scalar("UUIDTYPE", "a text"),
        _text_scalar("MACROTYPE", "a text"),
        Scalar("BOOLTYPE", _BOOL_RULE, _write_bool, _read_bool, (bool,)),
        Scalar("DATETYPE", _DATE_RULE, _write_date, _read_date, (date,), usual=_DATE.fullmatch),
        Scalar(
            "DATETIMETYPE", _RANGE_RULE, _write_datetime, QBDateTime, (QBDateTime,), usual=_IN_RANGE.match
        ),
        Scalar("TIMEINTERVALTYPE", _INTERVAL_RULE, _write_interval, _read_interval, (timedelta,)),
        Scalar("INTTYPE", _INT_RULE, _write_int, _read_int, (int,), usual=_USUAL_INT.fullmatch),
        Scalar("FLOATTYPE", _FLOAT_RULE, _write_float, _read_decimal, (Decimal, int)),
        _decimal_scalar("AMTTYPE", 13, (2,), "a Decimal of up to 13 digits with exactly 2 decimals"),
        _decimal_scalar("PRICETYPE", 10, _FIVE, "a Decimal of up to 10 digits with up to 5 decimals"),
        _decimal_scalar("QUANTYPE", 10, _FIVE, "a Decimal of up to 10 digits with up to 5 decimals"),
        _decimal_scalar("PERCENTTYPE", 10, _FIVE, "a Decimal of up to 10 digits with up to 5 decimals"),
    )
}

#: Types that have no empty form, and so cannot be cleared.
NEVER_EMPTY: Final = frozenset({"INTTYPE", "GUIDTYPE", "ENUMTYPE"})
