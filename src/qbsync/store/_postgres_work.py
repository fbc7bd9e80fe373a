"""One transaction of the PostgreSQL store.

Errors of the database become :class:`~qbsync.errors.StoreError` here and nowhere else.
Statements are sent as they stand in ``sql/postgres.sql``, with ``$1``; psycopg prepares those that repeat.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.rows import tuple_row

from ..errors import StoreError
from ._queries import queries
from ._sql_work import Note, Work

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from ._sql_work import Group

    Connection = psycopg.Connection[Any]

__all__ = ["PostgresWork", "array_text", "raw_cursor", "translated"]


#: Queries whose first column is a JSON array of a row's values.
_PACKED = frozenset({"due", "jobs", "standing"})
#: Where payload and plan stand in a row of a whole job; JSON cannot hold them.
_DOCUMENTS = (5, 12)


#: In place of what a row of history says.
_NO_NOTE = (None,) * len(Note._fields)


class _Translated:
    """Turns errors of the database into ours; one object serves all."""

    def __enter__(self) -> None:
        """Do nothing."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Raise a store error from one of the database."""
        if isinstance(error, psycopg.Error):
            raise StoreError(f"PostgreSQL: {_words(error)}") from error


def _words(error: psycopg.Error) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, psycopg.errors.DeadlockDetected | psycopg.errors.SerializationFailure):
        return f"{text} (another transaction was in the way; do it again)"
    if isinstance(error, psycopg.errors.LockNotAvailable):
        return f"{text} (another transaction has had the company locked for too long)"
    return text


def translated() -> AbstractContextManager[None]:
    """Return a context in which an error of the database is raised as ``StoreError``."""
    return _TRANSLATED


_TRANSLATED = _Translated()


def raw_cursor(connection: Connection) -> psycopg.RawCursor[Any]:
    """Return a cursor that takes ``$1`` and gives tuples, whatever factories a host chose."""
    return psycopg.RawCursor(connection, row_factory=tuple_row)


class PostgresWork(Work):
    """A transaction at work on a connection."""

    count_put = "tally_put"
    locks = True

    def __init__(self, connection: Connection, now: datetime, *, prepare: bool | None = None) -> None:
        super().__init__(now)
        # On a host's connection plans are made anew each time: there it is not ours to say how.
        self._prepare = prepare
        self._queries = queries("postgres")
        self._cursor = raw_cursor(connection)
        self._locked: set[str] = set()

    def end(self) -> None:
        """Let nothing more be done."""
        super().end()
        self._cursor.close()

    def rows(self, name: str, values: Sequence[object] = ()) -> list[Any]:
        """Run a query and return all its rows."""
        with _TRANSLATED:
            rows = self._cursor.execute(self._queries[name], values, prepare=self._prepare).fetchall()
        # A value costs psycopg's Python more than a row costs the server: wide rows come as one JSON text.
        return list(map(_unpack, rows)) if name in _PACKED else rows

    def run(self, name: str, values: Sequence[object] = ()) -> int:
        """Run a statement and return how many rows it changed."""
        with _TRANSLATED:
            return self._cursor.execute(self._queries[name], values, prepare=self._prepare).rowcount

    def many(self, name: str, values: Sequence[Sequence[object]]) -> None:
        """Run one statement for all rows of *values*, which go as one array a column."""
        self.run(name, _columns(values))

    def array(self, values: Iterable[object]) -> object:
        """Return *values* as the text of an array."""
        return array_text(values)

    def take_numbers(self, count: int) -> Sequence[int]:
        """Return numbers for new jobs."""
        if not count:
            return ()
        (numbers,) = self.rows("take_numbers", (count,))[0]
        return sorted(map(int, numbers.split(",")))

    def move(self, name: str, groups: Sequence[Group]) -> None:
        """Move jobs and write their rows of history, all in one statement."""
        rows: list[Sequence[object]] = []
        for numbers, values, reason, once, note in groups:
            row = (*values, reason, once, int(note is not None), self.at, *(note or _NO_NOTE))
            rows += [(number, *row) for number in numbers]
        self.many(name, rows)

    def insert_jobs(self, rows: Sequence[Sequence[object]]) -> set[int]:
        """Insert new jobs in the order of their keys: puts of the same keys then cannot block each other."""
        ordered = sorted(rows, key=lambda row: (row[1], row[3]))
        (text,) = self.rows("insert_job", _columns(ordered))[0]
        inserted = set(map(int, text.split(","))) if text else set()
        return set() if len(inserted) == len(rows) else {int(str(row[0])) for row in rows} - inserted

    def lock(self, companies: Iterable[str]) -> bool:
        """Lock the rows of *companies* that are not locked yet, in order; see ``Work.lock``."""
        wanted = sorted(set(companies) - self._locked)
        for company in wanted:
            if not self.rows("lock_company", (company,)):
                self.run("add_company", (company,))
                self.rows("lock_company", (company,))
            self._locked.add(company)
        return bool(wanted)

    def tidy(self, company: str) -> None:
        """Add up what puts counted."""
        self.run("tidy", (company,))


def _unpack(row: Sequence[Any]) -> Sequence[Any]:
    """Return the values of a row that came as one JSON text and its documents, each at its place."""
    values: list[Any] = json.loads(row[0])
    for place, document in zip(_DOCUMENTS, row[1:], strict=False):
        values[place] = document
    return values


def _columns(rows: Sequence[Sequence[object]]) -> Sequence[str]:
    return [array_text(column) for column in zip(*rows, strict=True)]


def array_text(values: Iterable[object]) -> str:
    """Return the text of an array as PostgreSQL reads it; the statement says which type it has.

    Columns mostly hold one type, and are then joined at once: psycopg takes a microsecond a value.
    """
    column = list(values)
    types = set(map(type, column))
    if types <= {int, bool}:
        return "{" + ",".join(map(str, column)) + "}"
    if types == {str}:
        joined = '","'.join(column)  # type: ignore[arg-type]  # all of them are str
        if "\\" not in joined and joined.count('"') == 2 * (len(column) - 1):
            return '{"' + joined + '"}'
    return "{" + ",".join(map(_element, column)) + "}"


def _element(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, bytes):
        return '"\\\\x' + value.hex() + '"'
    return str(value)
