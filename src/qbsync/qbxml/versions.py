"""Versions of qbXML: reading, comparing, choosing, and what an older QuickBooks does not know.

A version is two numbers, ``13.0``.  The country versions of before 2008 (``CA3.0``) are refused where a
version is asked for, and passed over where a QuickBooks lists what it supports: every QuickBooks since
speaks the plain numbers.

Follows the versions and editions of the qbXML reference.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs

from ..errors import InvalidValueError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .rules import Problem

__all__ = [
    "CEILING",
    "KNOWN",
    "Version",
    "attribute_since",
    "drop_unknown",
    "lower_of",
    "negotiate",
    "unknown_to",
]

_FORM: Final = re.compile(r"(\d{1,3})\.(\d{1,3})", re.ASCII)
_Message = TypeVar("_Message")

#: The version we ask for at most: later ones add nothing confirmed to the flow from order to cash.
CEILING: Final = "13.0"

#: The versions whose elements the catalogue tells apart.
KNOWN: Final = (
    "1.0", "1.1", "2.0", "2.1", "3.0", "4.0", "4.1", "5.0", "6.0", "6.1", "7.0", "8.0", "9.0", "10.0", "11.0",
    "12.0", "13.0", "14.0",
)  # fmt: skip

#: The version that brought an attribute; all others are as old as the language.
_ATTRIBUTES: Final = {
    "defMacro": "2.0",
    "useMacro": "2.0",
    "metaData": "4.0",
    "retCount": "4.0",
    "iterator": "5.0",
    "iteratorID": "5.0",
    "iteratorRemainingCount": "5.0",
}


@attrs.frozen(order=True)
class Version:
    """A version of qbXML; versions compare by number."""

    major: int
    minor: int

    @classmethod
    def parse(cls, text: str) -> Version:
        """Read ``13.0``.

        Raises:
            InvalidValueError: *text* is not two numbers joined by a point.
        """
        return _parse(text)

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"


@lru_cache(maxsize=256)
def _parse(text: str) -> Version:
    found = _FORM.fullmatch(text.strip()) if isinstance(text, str) else None
    if found is None:
        raise InvalidValueError("version", "a qbXML version such as 13.0, as a text", text)
    return Version(int(found[1]), int(found[2]))


def lower_of(left: str, right: str) -> str:
    """Return the lower of two versions, as both sides must know it.

    Raises:
        InvalidValueError: one of them is no version.
    """
    return str(min(Version.parse(left), Version.parse(right)))


def attribute_since(name: str) -> str:
    """Return the version that brought an attribute, e.g. ``5.0`` for ``iterator``."""
    return _ATTRIBUTES.get(name, "1.0")


def negotiate(host: Any, *, ceiling: str = CEILING) -> str:
    """Return the highest version that both sides speak.

    Args:
        host: a ``HostRet``, the ``HostQueryRs`` that brought it, or the versions that it lists, such as
            ``("1.0", "CA3.0", "13.0")``.  Versions of one country are passed over.
        ceiling: the highest version that we want to speak.

    Raises:
        InvalidValueError: *ceiling* is no version.
        UsageError: nothing that is listed is a version up to *ceiling*.

    Source: ``HostQuery`` lists the supported versions; the highest common one is the one to use.
    """
    listed = tuple(_listed(host))
    most = Version.parse(ceiling)
    common = [Version.parse(text) for text in listed if _FORM.fullmatch(text.strip())]
    common = [version for version in common if version <= most]
    if not common:
        shown = ", ".join(listed) or "none"
        raise UsageError(
            f"supported versions: expected one of qbXML {KNOWN[0]} to {most}, got {shown}; "
            "QuickBooks 2002 and later list some"
        )
    return str(max(common))


def _listed(host: Any) -> Iterable[str]:
    """Return the versions that a host lists."""
    answered: Any = getattr(host, "host_ret", host)
    found: Any = getattr(answered, "supported_qbxml_version", answered)
    if isinstance(found, str):
        return (found,)
    try:
        return [str(text) for text in found]
    except TypeError:
        raise UsageError(f"host: expected a HostRet or versions, got {type(answered).__name__}") from None


def unknown_to(message: Any, version: str, edition: str = "US") -> list[Problem]:
    """Return what a message holds that a QuickBooks of that version and edition does not know.

    One problem for each topmost element or attribute, of code ``version`` or ``edition``; what stands
    inside such an element is not told again.

    Raises:
        UsageError: *message* is no model, or the version or edition cannot be.
    """
    from . import _older  # noqa: PLC0415 - it needs Version, from here

    return _older.unknown_to(message, _parse(version), edition)


def drop_unknown(message: _Message, version: str, edition: str = "US") -> tuple[_Message, tuple[str, ...]]:
    """Return a message without what a QuickBooks of that version and edition does not know.

    Returns:
        the message (the same object when nothing had to go), and the paths of what was dropped.
        Where an element that the rules require goes, ``check`` says what is missing now.

    Raises:
        InvalidRequestError: the message itself is unknown there, so that nothing would be left.
        UsageError: *message* is no model, or the version or edition cannot be.
    """
    from . import _older  # noqa: PLC0415 - it needs Version, from here

    return _older.drop_unknown(message, _parse(version), edition)
