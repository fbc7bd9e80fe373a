"""Empty stores for many cases, one after the other, and copies of them; on the clock of the case at work."""

from __future__ import annotations

import sqlite3
from contextlib import ExitStack, closing, contextmanager
from functools import cached_property, partial
from shutil import rmtree

from qbsync.store.memory import MemoryStore
from qbsync.store.sqlite import SQLiteStore

#: Where numbers of jobs come from on PostgreSQL.
NUMBERS = "qbsync_job_number"


class MemoryStores:
    """Stores that outlive the service that is killed."""

    def __init__(self):
        self.company = None

    @contextmanager
    def lend(self, company):
        """Return an empty store; it is gone, or emptied, before the next one is lent."""
        self.company = company
        with self._empty() as store:
            yield store

    def clock(self):
        """Return the present moment at the company of the case."""
        return self.company.now

    def _empty(self):
        self.lent = MemoryStore(clock=self.clock)
        return closing(self.lent)

    def copied(self):
        """Copy the lent store, and return what opens the copy in a child: it has its own memory."""
        return lambda: self.lent

    def close(self):
        """Leave nothing behind."""


class SQLiteStores(MemoryStores):
    """Stores on files of *folder*."""

    def __init__(self, folder):
        super().__init__()
        self.path, self.copy = folder / "lent" / "one.qbsync", folder / "copy" / "one.qbsync"

    def _open(self, path):
        return SQLiteStore(path, clock=self.clock, durable=False)

    @contextmanager
    def _empty(self):
        self._anew(self.path.parent)
        with closing(self._open(self.path)) as store:
            yield store

    def copied(self):
        """Copy the file of the lent store, as it is."""
        self._anew(self.copy.parent)
        with closing(sqlite3.connect(self.path)) as lent, closing(sqlite3.connect(self.copy)) as copy:
            copy.execute("PRAGMA synchronous = OFF")
            lent.backup(copy)
        return partial(self._open, self.copy)

    @staticmethod
    def _anew(folder):
        rmtree(folder, ignore_errors=True)
        folder.mkdir()


class PostgresStores(MemoryStores):
    """One store that is emptied again and again: making its tables anew takes as long as a case.

    Args:
        dsn: where the store is to be.
        copy: where its copies are to be: another schema of the same database.
    """

    def __init__(self, dsn, copy):
        super().__init__()
        self.dsn, self.copy = dsn, copy
        self.ends = ExitStack()

    def _open(self, dsn):
        from qbsync.store.postgres import PostgresStore  # noqa: PLC0415 - needs libpq, tests run without

        return PostgresStore(dsn, clock=self.clock)

    @contextmanager
    def _empty(self):
        self.connection.execute(self.empties)
        yield self.store

    @cached_property
    def store(self):
        """The only store."""
        return self.ends.enter_context(closing(self._open(self.dsn)))

    @cached_property
    def connection(self):
        """A connection of our own to the tables, which are made by the stores."""
        import psycopg  # noqa: PLC0415 - as above

        assert self.store
        self._open(self.copy).close()
        return self.ends.enter_context(psycopg.connect(self.dsn, autocommit=True))

    @cached_property
    def tables(self):
        """The names of the tables that hold jobs and records, not those that tell the format."""
        found = self.connection.execute(
            "SELECT tablename FROM pg_tables"
            " WHERE schemaname = current_schema() AND tablename <> 'qbsync_meta'"
        )
        return [name for (name,) in found]

    @cached_property
    def empties(self):
        """Statements that empty the store; TRUNCATE takes ten times as long for so few rows."""
        return "; ".join(
            [f"DELETE FROM {name}" for name in self.tables] + [f"SELECT setval('{NUMBERS}', 1, false)"]
        )

    @cached_property
    def copies(self):
        """Statements that copy the store."""
        import psycopg  # noqa: PLC0415 - as above

        with psycopg.connect(self.copy) as connection:
            (there,) = connection.execute("SELECT current_schema()").fetchone()
        parts = [
            f"DELETE FROM {there}.{name}; INSERT INTO {there}.{name} SELECT * FROM {name}"
            for name in self.tables
        ]
        return "; ".join(
            [*parts, f"SELECT setval('{there}.{NUMBERS}', last_value, is_called) FROM {NUMBERS}"]
        )

    def copied(self):
        """Copy the rows of the lent store into the other schema."""
        self.connection.execute(self.copies)
        return partial(self._open, self.copy)

    def close(self):
        """Close the store and the connection."""
        self.ends.close()
