"""One transaction of the SQLite store.

Errors of the database become :class:`~qbsync.errors.StoreError` here and nowhere else.
Only one transaction writes at a time, so there is nothing more to lock.
"""

from __future__ import annotations

import heapq
import json
import sqlite3
from collections import Counter
from typing import TYPE_CHECKING, Any

from ..errors import StoreError
from . import _rules as rules
from ._queries import queries
from ._sql_work import Work

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from ._sql_work import Group

__all__ = ["SqliteWork", "translated"]

_BUSY = "another program has held the write lock of the file for too long"


class _Translated:
    """Turns errors of the database into ours; one object serves all."""

    def __enter__(self) -> None:
        """Do nothing."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Raise a store error from one of the database."""
        if isinstance(error, sqlite3.Error):
            busy = getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
            raise StoreError(f"SQLite: {error}" + (f" ({_BUSY})" if busy else "")) from error


def translated() -> AbstractContextManager[None]:
    """Return a context in which an error of the database is raised as ``StoreError``."""
    return _TRANSLATED


_TRANSLATED = _Translated()


class SqliteWork(Work):
    """A transaction at work on a connection."""

    def __init__(self, connection: sqlite3.Connection, now: datetime) -> None:
        super().__init__(now)
        self._queries = queries("sqlite")
        self._cursor = connection.cursor()
        # A host may have given its connection another one.
        self._cursor.row_factory = None

    def end(self) -> None:
        """Let nothing more be done."""
        super().end()
        self._cursor.close()

    def rows(self, name: str, values: Sequence[object] = ()) -> list[Any]:
        """Run a query and return all its rows."""
        with _TRANSLATED:
            return self._cursor.execute(self._queries[name], values).fetchall()

    def run(self, name: str, values: Sequence[object] = ()) -> int:
        """Run a statement and return how many rows it changed."""
        with _TRANSLATED:
            return self._cursor.execute(self._queries[name], values).rowcount

    def many(self, name: str, values: Sequence[Sequence[object]]) -> None:
        """Run a statement once for each row of *values*."""
        with _TRANSLATED:
            self._cursor.executemany(self._queries[name], values)

    def array(self, values: Iterable[object]) -> object:
        """Return *values* as a JSON array."""
        return json.dumps(list(values))

    def take_numbers(self, count: int) -> Sequence[int]:
        """Return numbers for new jobs."""
        if not count:
            return ()
        (end,) = self.rows("take_numbers", (count,))[0]
        return range(end - count, end)

    def due(
        self, company: str, kinds: Sequence[str], values: tuple[object, ...], limit: int
    ) -> Sequence[Any]:
        """Return due jobs, kind by kind."""
        wanted = dict.fromkeys(kinds) or [kind for (kind,) in self.rows("due_kinds", (company,))]
        found = [self.rows("due", (company, kind, *values, limit)) for kind in wanted]
        return found[0] if len(found) == 1 else list(heapq.merge(*found, key=_urgency))[:limit]

    def lease(self, company: str, numbers: Sequence[int], values: tuple[object, ...]) -> None:
        """Lease due jobs."""
        self.run("lease", (self.array(numbers), *values))
        self._count({(company, "waiting"): -len(numbers), (company, "leased"): len(numbers)})

    def move(self, name: str, groups: Sequence[Group]) -> None:
        """Move jobs, a group at a time: a step into SQLite costs more than a job in it.

        Documents of their own are written one by one, where the jobs of a group have some.
        """
        rows: list[Sequence[object]] = []
        notes: list[Sequence[object]] = []
        counts: Counter[tuple[str, str]] = Counter()
        own: list[Sequence[object]] = []
        ended: list[int] = []
        for company, numbers, documents, values, reason, once, note in groups:
            array = self.array(numbers)
            shared = documents[0] if len(documents) == 1 else (None, None)
            rows.append((array, *shared, *values, reason, once, int(note is not None), self.at))
            if len(documents) > 1:
                own += [(number, *pair) for number, pair in zip(numbers, documents, strict=True)]
            if note is not None:
                notes.append((array, *note, reason, self.at))
                counts[company, note.before] -= len(numbers)
                counts[company, note.after] += len(numbers)
                ended += numbers if note.after in rules.SETTLED else ()
        if notes:
            self.many("note_moves", notes)
        self.many(name, rows)
        if own:
            self.many("documents", own)
        self._count(counts)
        if ended:
            self.run("insert_settled", (self.at, json.dumps(ended)))

    def _count(self, counts: Mapping[tuple[str, str], int]) -> None:
        rows = [(*place, jobs) for place, jobs in counts.items() if jobs]
        if rows:
            self.many("tally", rows)

    def insert_jobs(self, rows: Sequence[Sequence[object]]) -> set[int]:
        """Insert new jobs with their payloads, and count them; nobody else can have taken a key."""
        self.many("insert_job", [row[:-1] for row in rows])
        self.many("insert_payload", [(row[0], row[-1]) for row in rows])
        self._count(Counter((str(row[1]), str(row[5])) for row in rows))
        return set()


def _urgency(row: Any) -> tuple[int, int]:
    """Return what the rows of due jobs are sorted by."""
    return -row[6], row[0]
