"""The number that a form gets when its request has none.

Facts: qbXML dossier 2 (an empty ``RefNumber`` is blank, none is the next), 9 (defaults).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ._books import Books

__all__ = ["next_number"]

_DIGITS: Final = re.compile(r"(.*?)([0-9]+)")
#: Numbers of forms are this long at most.
_LONGEST: Final = 11


def next_number(books: Books, kind: str) -> str:
    """Return the number after the last one of this kind; 1 where that one does not end in digits."""
    hit = _DIGITS.fullmatch(books.last_number.get(kind, "0"))
    head, digits = (hit[1], hit[2]) if hit else ("", "0")
    number = f"{head}{str(int(digits) + 1).zfill(len(digits))}"
    return number if len(number) <= _LONGEST else "1"
