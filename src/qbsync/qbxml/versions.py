"""Versions of qbXML: reading, comparing, choosing.

A version is two numbers, ``13.0``.  The country versions of before 2008 (``CA3.0``) are refused:
every QuickBooks since speaks the plain numbers.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import attrs

from ..errors import InvalidValueError

__all__ = ["CEILING", "Version", "lower_of"]

_FORM: Final = re.compile(r"(\d{1,3})\.(\d{1,3})", re.ASCII)

#: The version we ask for at most: later ones add nothing confirmed to the flow from order to cash.
CEILING: Final = "13.0"


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
    found = _FORM.fullmatch(text.strip())
    if found is None:
        raise InvalidValueError("version", "a qbXML version such as 13.0", text)
    return Version(int(found[1]), int(found[2]))


def lower_of(left: str, right: str) -> str:
    """Return the lower of two versions, as both sides must know it.

    Raises:
        InvalidValueError: one of them is no version.
    """
    return str(min(Version.parse(left), Version.parse(right)))
