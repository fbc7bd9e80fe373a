"""The language: values, builder, parser, rules, versions, statuses, and the catalogue of facts.

The names below are loaded when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ._document_rules import check_document
    from .builder import build
    from .kept import UnknownElement
    from .messages import UnknownMessage
    from .parser import Document, parse
    from .rules import Code, Problem, check
    from .status import Status
    from .stream import iterparse
    from .values import CLEAR, QBDateTime, UseMacro
    from .versions import Version

__all__ = [
    "CLEAR",
    "Code",
    "Document",
    "Problem",
    "QBDateTime",
    "Status",
    "UnknownElement",
    "UnknownMessage",
    "UseMacro",
    "Version",
    "build",
    "check",
    "check_document",
    "iterparse",
    "parse",
]

_MODULES: Final = {
    "CLEAR": "values",
    "Code": "rules",
    "Document": "parser",
    "Problem": "rules",
    "QBDateTime": "values",
    "Status": "status",
    "UnknownElement": "kept",
    "UnknownMessage": "messages",
    "UseMacro": "values",
    "Version": "versions",
    "build": "builder",
    "check": "rules",
    "check_document": "_document_rules",
    "iterparse": "stream",
    "parse": "parser",
}


def __getattr__(name: str) -> object:
    """Load one of the names of ``__all__`` with the module that holds it."""
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f".{module}", __name__), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULES})
