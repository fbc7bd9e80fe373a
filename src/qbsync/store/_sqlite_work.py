"""One transaction of the SQLite store: running named queries, the moment, and the way of values.

Errors of the database become :class:`~qbsync.errors.StoreError` here and nowhere else.
What the queries mean is in :mod:`._sqlite_jobs` and :mod:`._sqlite_records`.
"""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ..errors import StoreError, UsageError
from ._queries import queries

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

__all__ = ["Work", "from_micros", "micros", "translated"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO = timedelta(microseconds=1)


def micros(moment: datetime) -> int:
    """Return *moment* as it is stored: whole microseconds since 1970-01-01T00:00:00Z."""
    return (moment - _EPOCH) // _MICRO


@lru_cache(maxsize=512)  # jobs of one put, lease or move share their moments
def from_micros(value: int) -> datetime:
    """Return a stored moment, in UTC."""
    return _EPOCH + timedelta(microseconds=value)


class _Translated:
    """Turns errors of the database into ours; one object serves all."""

    def __enter__(self) -> None:
        """Do nothing."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Raise a store error from one of the database."""
        if isinstance(error, sqlite3.Error):
            raise StoreError(f"SQLite: {error}") from error


def translated() -> AbstractContextManager[None]:
    """Return a context in which an error of the database is raised as ``StoreError``."""
    return _TRANSLATED


_TRANSLATED = _Translated()


class Work:
    """A transaction at work: its cursor, its moment, its queries."""

    def __init__(self, connection: sqlite3.Connection, now: datetime) -> None:
        self.now = now
        self.at = micros(now)
        self._queries = queries("sqlite")
        self._open = True
        self._cursor = connection.cursor()
        # A host may have given its connection another one.
        self._cursor.row_factory = None

    def check_open(self) -> None:
        """Refuse to work on after the end.

        Raises:
            UsageError: the transaction is over.
        """
        if not self._open:
            raise UsageError("transaction: expected to be used inside its block, which has ended")

    def end(self) -> None:
        """Let nothing more be done."""
        self._open = False
        self._cursor.close()

    def rows(self, name: str, values: Sequence[object] = ()) -> list[Any]:
        """Run a query and return all its rows."""
        with _TRANSLATED:
            return self._cursor.execute(self._queries[name], values).fetchall()

    def run(self, name: str, values: Sequence[object] = ()) -> int:
        """Run a statement and return how many rows it changed."""
        with _TRANSLATED:
            return self._cursor.execute(self._queries[name], values).rowcount

    def many(self, name: str, values: Sequence[Sequence[object]] | Iterator[Sequence[object]]) -> None:
        """Run a statement once for each row of *values*."""
        with _TRANSLATED:
            self._cursor.executemany(self._queries[name], values)
