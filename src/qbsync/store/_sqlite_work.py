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
from ..jobs import State
from . import _rules as rules
from ._queries import queries
from ._sql_work import Work

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from ._sql_work import Group, Row

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

    page_company = ("page_company", "page_due")

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
        (last,) = self.rows("last_number")[0]
        return range(last + 1, last + 1 + count)

    def due(self, company: str, kinds: Sequence[str], limit: int) -> Sequence[Any]:
        """Return due jobs, kind by kind."""
        wanted = dict.fromkeys(kinds) or [kind for (kind,) in self.rows("due_kinds", (company,))]
        found = [self.rows("due", (company, kind, limit)) for kind in wanted]
        return found[0] if len(found) == 1 else list(heapq.merge(*found, key=_urgency))[:limit]

    def lease(self, company: str, rows: Sequence[Any], values: tuple[object, ...]) -> None:
        """Lease due jobs, which are the first of their kinds."""
        self.run("lease", (self.array(row[0] for row in rows), company, *values))
        last = {row[2]: _urgency(row) for row in rows}
        self.many("leave_first", [(company, kind, *place) for kind, place in last.items()])
        self._count({(company, "waiting"): -len(rows), (company, "leased"): len(rows)})

    def tidy(self, company: str) -> None:
        """Let jobs whose moment has come stand among those that are due."""
        ripe = self.rows("ripe", (company, self.at))
        if ripe:
            self.many("pick", ripe)
            self._queue([(0, row[3]) for row in ripe])

    def unblock(self, rows: Sequence[tuple[int, int]]) -> None:
        """Let blocked jobs wait."""
        self.many("unblock", [(self.at, number) for _, number in rows])
        self._queue(rows)

    def _queue(self, rows: Sequence[tuple[int | None, int]]) -> None:
        """Let jobs stand among those that can be leased, now (0) or later; ``None``: they cannot."""
        due = [number for ready_at, number in rows if ready_at == 0]
        if due:
            self.run("queue_due", (self.array(due),))
        later = [(number, ready_at) for ready_at, number in rows if ready_at]
        if later:
            self.many("queue_later", later)

    def move(self, name: str, groups: Sequence[Group]) -> None:
        """Move jobs, a group at a time: a step into SQLite costs more than a job in it.

        Documents of their own are written one by one, where the jobs of a group have some.
        """
        rows: list[Sequence[object]] = []
        notes: list[Sequence[object]] = []
        counts: Counter[tuple[str, str]] = Counter()
        own: list[Sequence[object]] = []
        ended: list[int] = []
        waited: list[int] = []
        wait: list[tuple[int | None, int]] = []
        for group in groups:
            numbers, documents = group.numbers, group.documents
            array = self.array(numbers)
            shared = documents[0] if len(documents) == 1 else (None, None)
            rows.append((array, *shared, *group.values, group.reason, group.once, group.noted, self.at))
            if len(documents) > 1:
                own += [(number, *pair) for number, pair in zip(numbers, documents, strict=True)]
            if group.noted:
                notes.append(
                    (array, group.before, group.after, group.batch, group.leased_at, group.reason, self.at)
                )
                counts[group.company, group.before] -= len(numbers)
                counts[group.company, group.after] += len(numbers)
                ended += numbers if group.after in rules.SETTLED else ()
            if group.before == State.WAITING:
                waited += numbers
            if group.after == State.WAITING:
                wait += [(group.ready_at, number) for number in numbers]
        if waited:
            self._leave_queue(waited)
        if notes:
            self.many("note_moves", notes)
        self.many(name, rows)
        self._queue(wait)
        if own:
            self.many("documents", own)
        self._count(counts)
        if ended:
            self.run("insert_settled", (self.at, json.dumps(ended)))

    def _leave_queue(self, numbers: Sequence[int]) -> None:
        """Let jobs that wait stand there no more; of each something is to be said now."""
        ask = (self.array(numbers),)
        self.run("begin_progress", ask)
        self.run("leave_due", ask)
        self.run("leave_later", ask)

    def _count(self, counts: Mapping[tuple[str, str], int]) -> None:
        rows = [(*place, jobs) for place, jobs in counts.items() if jobs]
        if rows:
            self.many("tally", rows)

    def insert_jobs(self, rows: Sequence[Row]) -> set[int]:
        """Insert new jobs, queue and count them; nobody else can have taken a key."""
        self.many("insert_job", [row[:8] for row in rows])
        more = [
            (number, company, state, not_before, still, reason, at)
            for number, company, _, _, _, _, at, _, state, not_before, _, still, reason in rows
            if state != State.WAITING or not_before is not None
        ]
        if more:
            self.many("insert_progress", more)
        self._queue([(row[10], row[0]) for row in rows])
        self._count(Counter([(row[1], row[8]) for row in rows]))
        return set()

    def replace_job(self, row: Row, *, same: bool) -> None:
        """Give a job new content."""
        number, _, kind, _, priority, parents, at, payload, state, not_before, ready_at, still, reason = row
        self.run("replace_progress", (number, state, not_before, still, reason, at, same))
        self.run("replace_job", (number, kind, priority, parents, payload))
        self._queue([(ready_at, number)])

    def drop_payloads(self, numbers: Sequence[int]) -> None:
        """Leave digests in place of payloads."""
        rows = self.rows("payloads", (self.array(numbers),))
        if rows:
            self.many("delete_payload", [(rules.digest(kind, payload), job) for job, kind, payload in rows])


def _urgency(row: Any) -> tuple[int, int]:
    """Return what the rows of due jobs are sorted by."""
    return -row[5], row[0]
