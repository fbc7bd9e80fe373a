"""Status codes of responses: the value type, and the few classes that decisions rest on.

Follows the ranges and the table of the qbXML status codes.  The severity that QuickBooks states is the
authority on whether something was done; the code says what kind of trouble it is.
"""

from __future__ import annotations

from typing import Final

import attrs

__all__ = [
    "ERROR",
    "EXISTS",
    "INFO",
    "NOT_FOUND",
    "NOT_RUN",
    "NO_MATCH",
    "OK",
    "STALE",
    "WARN",
    "Status",
    "is_error",
    "is_locked",
    "is_name_taken",
    "is_not_found",
    "is_not_run",
    "is_stale",
]

INFO: Final = "Info"
WARN: Final = "Warn"
ERROR: Final = "Error"

OK: Final = 0
#: A query matched nothing: an answer, not a failure.
NO_MATCH: Final = 1
#: Some of the asked ids, names or numbers do not exist; the rest came.
NOT_FOUND: Final = 500
#: The name is taken in that list, or in the names shared by customers, vendors, employees and others.
EXISTS: Final = 3100
#: The edit sequence is out of date; the current object comes with the answer.
STALE: Final = 3200
#: Not run, because an earlier request of the set failed under ``stopOnError``.
NOT_RUN: Final = 3231

_FIRST_ERROR: Final = 1000
_IN_USE: Final = frozenset({1010, 3162, 3175, 3176})


@attrs.frozen
class Status:
    """What QuickBooks says of one request."""

    code: int | None
    severity: str | None
    message: str | None

    @property
    def is_error(self) -> bool:
        """Whether the request was not done."""
        return is_error(self.code, self.severity)


def is_error(code: int | None, severity: str | None = None) -> bool:
    """Return whether a status means "not done"; without a severity, by the range of the code."""
    if severity is not None:
        return severity == ERROR
    return code is not None and code >= _FIRST_ERROR


def is_not_found(code: int | None) -> bool:
    """Return whether a query says that some or all of what it asked for is not there."""
    return code in {NO_MATCH, NOT_FOUND}


def is_name_taken(code: int | None) -> bool:
    """Return whether an Add failed because the name is in use."""
    return code == EXISTS


def is_stale(code: int | None) -> bool:
    """Return whether a Mod carried an edit sequence that is out of date."""
    return code == STALE


def is_not_run(code: int | None) -> bool:
    """Return whether the request was passed over because an earlier one failed."""
    return code == NOT_RUN


def is_locked(code: int | None) -> bool:
    """Return whether somebody else holds the object, so that the same request may succeed later."""
    return code in _IN_USE
