"""Scalar values of an order record: text, numbers and dates, with exact rules.

Numbers are decimal text (``"14"``, ``"9.8"``, ``"-1"``) or JSON integers, never floats: a float has already
lost what the source said. Dates are ``YYYY-MM-DD``, with a time ``YYYY-MM-DDTHH:MM:SS`` and an offset where
the source states one. Every function raises ``InvalidOrderError`` with the path of the value.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

from ..errors import InvalidOrderError

__all__ = ["day", "day_text", "label", "number", "number_text", "text"]

_NUMBER = re.compile(r"-?(\d+)(?:\.(\d+))?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)?", re.ASCII)

#: Digits before and after the point. qbXML's amounts have at most 13 before it; twelve after it are more than
#: any shop states, and keep all values exact in Python's default decimal context (28 digits).
_BEFORE, _AFTER = 13, 12


def text(value: object, path: str) -> str | None:
    """Return text as it is; ``None`` for what is missing or empty."""
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise InvalidOrderError(path, "text", value)
    if any("\ud800" <= char <= "\udfff" for char in value):
        raise InvalidOrderError(path, "text without halves of characters (lone surrogates)", value)
    return str(value)


def label(value: object, path: str) -> str | None:
    """Return text, or an integer as text: for line numbers."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return text(value, path)


def number(value: object, path: str) -> Decimal | None:
    """Return a number exactly; ``None`` for what is missing or empty.

    Args:
        value: decimal text, an integer or a ``Decimal``.
        path: where it stands.

    Raises:
        InvalidOrderError: it is a float, has an exponent or a separator, or more than 13 digits before or
            12 after the point.
    """
    if value is None or value == "":
        return None
    written = _written(value)
    found = _NUMBER.fullmatch(written) if written is not None else None
    if found is None:
        raise InvalidOrderError(
            path, "a decimal number as text, without exponent or separators (or a whole number)", value
        )
    if len(found[1].lstrip("0")) > _BEFORE or len((found[2] or "").rstrip("0")) > _AFTER:
        raise InvalidOrderError(path, f"at most {_BEFORE} digits before and {_AFTER} after the point", value)
    return Decimal(number_text(Decimal(found[0])))


def _written(value: object) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, Decimal) and value.is_finite():
        return f"{value:f}"
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10 ** (_BEFORE + 1):
        return str(value)
    return None


def number_text(value: Decimal) -> str:
    """Return the one text for a number: ``9.80`` and ``9.8`` are both ``9.8``."""
    written = f"{value:f}"
    if "." in written:
        written = written.rstrip("0").rstrip(".")
    digits = written.lstrip("-").lstrip("0")
    if not digits:
        return "0"
    sign = "-" if written.startswith("-") else ""
    return sign + (f"0{digits}" if digits.startswith(".") else digits)


def day(value: object, path: str) -> dt.date | None:
    """Return a date, or a date-time where a time is stated; ``None`` for what is missing or empty."""
    if value is None or value == "":
        return None
    if isinstance(value, dt.date):
        return value
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return dt.date.fromisoformat(value)
        if isinstance(value, str) and _MOMENT.fullmatch(value):
            return dt.datetime.fromisoformat(value)
    except ValueError:
        pass  # a day or an hour that does not exist, e.g. 2024-02-30
    raise InvalidOrderError(
        path, "a date YYYY-MM-DD, or with a time YYYY-MM-DDTHH:MM:SS and an offset", value
    )


def day_text(value: dt.date) -> str:
    """Return the one text for a date or date-time."""
    return value.isoformat()
