"""Status codes of responses and results of calls: what they mean, who must act, what to do.

Here: the value type ``Status``, the few classes that quick decisions rest on, and the questions
``explain``, ``explain_hresult`` and ``render``.  The tables behind them stand in ``_status_codes`` and
``_hresults`` and are loaded with the first question.  Not here: the codes of the Web Connector itself.

Follows the ranges and the table of the qbXML status codes.  The severity that QuickBooks states is the
authority on whether something was done; the code says what kind of trouble it is.
"""

from __future__ import annotations

import re
import textwrap
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Final

import attrs

from ..errors import InvalidValueError
from ._status_types import Actor, HresultInfo, Kind, Retry, StatusInfo

if TYPE_CHECKING:
    from types import ModuleType

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
    "Actor",
    "HresultInfo",
    "Kind",
    "Retry",
    "Status",
    "StatusInfo",
    "explain",
    "explain_hresult",
    "is_error",
    "is_lock",
    "is_locked",
    "is_name_taken",
    "is_not_found",
    "is_not_run",
    "is_stale",
    "render",
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
#: Under these the message decides whether it is a lock.
_PERHAPS_LOCKED: Final = frozenset({3170, 3175, 3176, 3180})
#: Parts of messages that integrators have seen with locks; QuickBooks speaks the user's language and
#: changes its words between years, so what is not recognised is left to a person.
_LOCK_WORDS: Final = (
    "failed to acquire the lock",
    "could not be locked",
    "is in use",
    "modified by another user",
    "changed by another user",
    "being used by another",
)


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
    """Return whether a status means "not done"; without a known severity, by the range of the code."""
    if severity in {INFO, WARN, ERROR}:
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


def is_lock(code: int | None, message: str | None = None) -> bool:
    """Return whether a status means that somebody holds the object, going by its message too.

    3175, 3176 and the like always do; 3170 and 3180 do when the message says so.
    """
    if is_locked(code):
        return True
    if code not in _PERHAPS_LOCKED or not message:
        return False
    folded = " ".join(message.casefold().split())
    return any(words in folded for words in _LOCK_WORDS)


def explain(code: int | None, message: str | None = None) -> StatusInfo:
    """Return what is known about a status code.

    Args:
        code: the number; ``None`` where a response stated none.
        message: the text that came with it; tells a lock from a rule under 3170 and 3180.

    A code that is not in the table is explained by its range, and ``listed`` says so.
    """
    codes = _table("_status_codes")
    info: StatusInfo | None = codes.CODES.get(code)
    if info is None:
        return _by_range(code, codes)
    if info.kind is not Kind.LOCK and is_lock(code, message):
        locked: StatusInfo = attrs.evolve(
            info,
            kind=Kind.LOCK,
            actor=Actor.NOBODY,
            retry=Retry.YES,
            meaning="the object is locked, as the message says",
            remedy="try again later, with growing pauses; it helps to close the form in QuickBooks",
        )
        return locked
    return info


def _by_range(code: int | None, codes: ModuleType) -> StatusInfo:
    if code is not None:
        for numbers, info in codes.RANGES:
            if code in numbers:
                ranged: StatusInfo = attrs.evolve(info, code=code)
                return ranged
    return StatusInfo(
        code=code,
        severity=ERROR,
        kind=Kind.INTERNAL,
        actor=Actor.OPERATOR,
        retry=Retry.NO,
        done=None,
        meaning="no status was stated" if code is None else "a status outside every known range",
        remedy="see whether the work was done before sending it again",
        confirmed=False,
        listed=False,
    )


_HEX: Final = re.compile(
    r"(?:0x|&h)([0-9a-f]{1,8})(?![0-9a-f])|(?<![0-9a-z])(8[0-9a-f]{7})(?![0-9a-z])", re.IGNORECASE
)
_NUMBER: Final = re.compile(r"-?\d{1,10}", re.ASCII)
_WORD: Final = 1 << 32
_WIDTH: Final = 100


def explain_hresult(text: str | int) -> HresultInfo:
    """Return what is known about a result of a call to QuickBooks.

    Args:
        text: what the Web Connector sent: ``0x80040400``, without ``0x``, in any case, as a signed or
            unsigned decimal number, or within a sentence.

    Nothing is raised: what cannot be read comes back as unknown, with ``code`` ``None``.
    """
    table = _table("_hresults")
    code = _hresult(text)
    if code is None:
        unread: HresultInfo = attrs.evolve(table.UNKNOWN, text=str(text))
        return unread
    info: HresultInfo | None = table.HRESULTS.get(code)
    if info is None:
        numbers, known = table.CLIENT_LIBRARY
        info = attrs.evolve(known if code in numbers else table.UNKNOWN, code=code, text=f"0x{code:08X}")
    return info


def _hresult(text: str | int) -> int | None:
    """Return a result as an unsigned number, or ``None``."""
    if isinstance(text, int):
        return text % _WORD if -_WORD < text < _WORD else None
    found = _HEX.search(text)
    if found is not None:
        return int(found[1] or found[2], 16)
    stripped = text.strip()
    if _NUMBER.fullmatch(stripped) and abs(int(stripped)) < _WORD:
        return int(stripped) % _WORD
    return None


@cache
def _table(name: str) -> ModuleType:
    return import_module(f".{name}", __package__)


def render(code: str | int) -> str:
    """Return what is known about a status code or a result, as lines for a terminal.

    Args:
        code: a status such as ``3100``, or a result such as ``0x80040400``.

    Raises:
        InvalidValueError: *code* is neither.
    """
    given = str(code).strip()
    if given.isascii() and given.isdigit() and len(given) <= len("9999"):
        status = explain(int(given))
        head = f"{given}  {status.severity}"
        done = {True: "yes", False: "no", None: "cannot be told: look before sending again"}[status.done]
        return _rendered(head, "done", done, status)
    result = explain_hresult(given)
    if result.code is None:
        raise InvalidValueError("code", "a status such as 3100 or a result such as 0x80040400", code)
    ran = "no, nothing" if result.executed is False else "cannot be told: look before sending again"
    return _rendered(result.text, "run", ran, result)


def _rendered(head: str, label: str, answer: str, info: StatusInfo | HresultInfo) -> str:
    sure = "yes" if info.confirmed else "no: repeated in places, without a known source"
    if not info.listed:
        sure = "no: this code is not in the tables"
    rows = (
        ("meaning", info.meaning),
        ("class", info.kind.value),
        (label, answer),
        ("who acts", info.actor.value),
        ("retry", info.retry.value),
        ("remedy", info.remedy),
        ("confirmed", sure),
    )
    return "\n".join([head, *(_row(name, text) for name, text in rows)])


def _row(name: str, text: str) -> str:
    return textwrap.fill(text, _WIDTH, initial_indent=f"  {name:<10} ", subsequent_indent=" " * 13)
