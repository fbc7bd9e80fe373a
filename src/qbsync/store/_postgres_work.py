"""One transaction of the PostgreSQL store.

Errors of the database become :class:`~qbsync.errors.StoreError` here and nowhere else.
Statements are sent as they stand in ``sql/postgres.sql``, with ``$1``; psycopg prepares those that repeat.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.rows import tuple_row

from ..errors import StoreError
from . import _rules as rules
from ._queries import queries
from ._sql_work import Work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from ._sql_work import Group, Row

    Connection = psycopg.Connection[Any]

__all__ = ["PostgresWork", "array_text", "raw_cursor", "translated"]


#: Where payload and plan stand in a row of a whole job; JSON cannot hold them.
_PAYLOAD, _PLAN = 4, 13


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

    def __init__(self, connection: Connection, now: datetime, *, prepare: bool | None = None) -> None:
        super().__init__(now)
        # On a host's connection plans are made anew each time: there it is not ours to say how.
        self._prepare = prepare
        self._queries = queries("postgres")
        self._cursor = raw_cursor(connection)

    def end(self) -> None:
        """Let nothing more be done."""
        super().end()
        self._cursor.close()

    def rows(self, name: str, values: Sequence[object] = ()) -> list[Any]:
        """Run a query and return all its rows."""
        with _TRANSLATED:
            rows = self._cursor.execute(self._queries[name], values, prepare=self._prepare).fetchall()
        # A value costs psycopg's Python more than a row costs the server: many come as one JSON text.
        unpack = _UNPACK.get(name)
        return rows if unpack is None else unpack(rows)

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

    def replace_job(self, row: Row, *, same: bool) -> None:
        """Give a job new content, and a new payload."""
        number, _, kind, _, priority, parents, at, payload, *where = row
        digest = rules.digest(kind, payload)
        self.run("replace_job", (number, kind, priority, parents, at, *where, digest, same))
        self.run("replace_payload", (number, payload))

    def unblock(self, rows: Sequence[tuple[int, int]]) -> None:
        """Let blocked jobs wait."""
        self.many("unblock", [(ready_at, self.at, number) for ready_at, number in rows])

    def drop_payloads(self, numbers: Sequence[int]) -> None:
        """Drop payloads; the digests are there."""
        self.run("delete_payloads", (self.array(numbers),))

    def tidy(self, company: str) -> None:
        """Add up the counts of puts, and let jobs whose moment has come be due."""
        self.run("tidy", (company, self.at))

    def due(self, company: str, kinds: Sequence[str], limit: int) -> Sequence[Any]:
        """Return due jobs, all kinds in one statement."""
        return self.rows("due", (company, self.array(kinds) if kinds else None, limit))

    def lease(self, company: str, rows: Sequence[Any], values: tuple[object, ...]) -> None:
        """Lease due jobs and count them in one statement."""
        self.run("lease", (company, self.array(row[0] for row in rows), *values))

    def move(self, name: str, groups: Sequence[Group]) -> None:
        """Move jobs with all that goes with it in one statement, to which jobs that are alike are a row."""
        rows: list[Sequence[object]] = []
        for group in groups:
            ready_at = (group.ready_at,) if name == "move" else ()
            rest = (*group.values, *ready_at, group.reason, group.once, group.noted, self.at,
                    group.before, group.after, group.batch, group.leased_at)  # fmt: skip
            numbers, documents = group.numbers, group.documents
            parts = [numbers] if len(documents) == 1 else [[number] for number in numbers]
            rows += [(self.array(part), *pair, *rest) for part, pair in zip(parts, documents, strict=True)]
        self.many(name, rows)

    def insert_jobs(self, rows: Sequence[Row]) -> set[int]:
        """Insert new jobs in the order of their keys: puts of the same keys then cannot block each other."""
        ordered = sorted(rows, key=lambda row: (row[1], row[3]))
        digests = [rules.digest(kind, payload) for _, _, kind, _, _, _, _, payload, *_ in ordered]
        (text,) = self.rows("insert_job", [*_columns(ordered), array_text(digests)])[0]
        inserted = set(map(int, text.split(","))) if text else set()
        return set() if len(inserted) == len(rows) else {row[0] for row in rows} - inserted

    def lock(self, companies: Iterable[str]) -> bool:
        """Lock the rows of *companies* that are not locked yet, in order; see ``Work.lock``."""
        wanted = sorted(set(companies) - self.locked)
        for company in wanted:
            if not self.rows("lock_company", (company,)):
                self.run("add_company", (company,))
                self.rows("lock_company", (company,))
            self.locked.add(company)
        return bool(wanted)

    def lock_companies_of(self, numbers: Sequence[int]) -> None:
        """Lock the companies of jobs, in order, those apart that have no row yet."""
        if not self.locked:
            self.locked.update(name for (name,) in self.rows("lock_companies_of", (self.array(numbers),)))


def _whole(rows: Sequence[Any]) -> list[Any]:
    """Return jobs of which each came as one JSON text and its documents."""
    found = []
    for values, payload, plan in rows:
        job = json.loads(values)
        job[_PAYLOAD], job[_PLAN] = payload, plan
        found.append(job)
    return found


def _all(rows: Sequence[Any]) -> list[Any]:
    """Return the rows that came as one JSON text."""
    return list(json.loads(rows[0][0]))


def _due(rows: Sequence[Any]) -> list[Any]:
    """Return the jobs that came as one JSON text; none of them has a plan."""
    found = _all(rows)
    for job in found:
        if job[_PAYLOAD] is not None:
            job[_PAYLOAD] = base64.b64decode(job[_PAYLOAD])
    return found


#: How the rows of some queries came.
_UNPACK: Mapping[str, Callable[[Sequence[Any]], list[Any]]] = {"due": _due, "jobs": _whole, "standing": _all}


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
