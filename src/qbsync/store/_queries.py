"""Reading the ``.sql`` files: named queries and numbered migrations.

SQL stands in files of its own and is never put together from parts.
A file of queries has, for each, a line ``-- name: NAME``, a line that says what it is for, the statement.
"""

from __future__ import annotations

import sqlite3
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["migration", "queries"]

_MARK = "-- name: "


def _text(name: str) -> str:
    return resources.files(__package__).joinpath("sql", name).read_text(encoding="utf-8")


@cache
def queries(backend: str) -> Mapping[str, str]:
    """Return the statements of ``sql/BACKEND.sql`` by name; the file is read once."""
    found: dict[str, str] = {}
    for part in _text(f"{backend}.sql").split(_MARK)[1:]:
        name, _, rest = part.partition("\n")
        lines = (line for line in rest.splitlines() if line and not line.startswith("--"))
        found[name.strip()] = "\n".join(lines)
    return found


@cache
def migration(backend: str, number: int) -> tuple[str, ...]:
    """Return the statements that lead from format *number* - 1 to format *number*."""
    statements: list[str] = []
    waiting = ""
    for line in _text(f"{backend}_{number:04}.sql").splitlines(keepends=True):
        if not waiting and (line.startswith("--") or not line.strip()):
            continue
        waiting += line
        if sqlite3.complete_statement(waiting):
            statements.append(waiting.strip())
            waiting = ""
    return tuple(statements)
