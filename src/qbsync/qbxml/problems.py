"""One broken rule, told so that programs and people can use it: its place, its kind, what is wrong.

Here: ``Code``, ``Problem``, and ``Walk``, by which the modules of rules collect problems.  Not here: any
rule; they stand in ``rules`` and the private modules beside it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import attrs

from .versions import Version

if TYPE_CHECKING:
    from .catalogue import Element

__all__ = ["Code", "Problem", "Walk"]


class Code(StrEnum):
    """What kind of rule is broken; the words are stable."""

    MISSING = "missing"
    CHOICE = "choice"
    TOO_MANY = "too-many"
    LENGTH = "length"
    ENUMERATION = "enumeration"
    LEXICAL = "lexical"
    TYPE = "type"
    EMPTY = "empty"
    BOUNDS = "bounds"
    VERSION = "version"
    EDITION = "edition"
    CHARACTERS = "characters"
    MACRO = "macro"
    UNKNOWN = "unknown"
    ORDER = "order"
    DOUBLE = "double"
    DIRECTION = "direction"
    ITERATOR = "iterator"
    NEVER_SEND = "never-send"


@attrs.frozen(kw_only=True)
class Problem:
    """One broken rule.

    Attributes:
        path: where, e.g. ``InvoiceAddRq/InvoiceAdd/InvoiceLineAdd[2]/Desc``.
        code: which kind of rule.
        message: the whole sentence.
        expected: what the rule wants.
        got: what was found.
        line: the line of the document, where one was checked; ``None`` for a message.
    """

    path: str
    code: Code
    message: str
    expected: str
    got: str
    line: int | None = None

    def __str__(self) -> str:
        return self.message


@attrs.define
class Walk:
    """One walk through a message: what is spoken to, and the problems found so far.

    Attributes:
        message: the name of the message or aggregate that is walked through.
        excused: whether the walk is inside something that the QuickBooks spoken to does not know, where
            the versions and editions of what it holds are not told again.
    """

    version: Version
    edition: str
    message: str = ""
    excused: bool = False
    problems: list[Problem] = attrs.Factory(list)

    def report(self, path: str, code: Code, expected: str, got: str) -> None:
        """Note a problem."""
        message = f"{path}: expected {expected}, got {got}"
        self.problems.append(Problem(path=path, code=code, message=message, expected=expected, got=got))

    def knows(self, element: Element) -> bool:
        """Return whether the QuickBooks spoken to knows an element."""
        return Version.parse(element.since) <= self.version and self.edition not in element.not_in
