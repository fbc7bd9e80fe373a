"""``SQLiteStore``: jobs and records in one SQLite file, for one machine.

Several threads and several processes may use one file: each thread has a connection of its own, every
transaction takes the write lock at its begin, and waits for it up to a timeout.
The file is in WAL mode. With ``durable=True`` (the default) a commit is on the disk when ``begin`` ends.

The tables may stand in a host's own database; they bear their format number in a table of their own, so
that the host's ``user_version`` stays the host's. What the queries do is in :mod:`._sql_jobs`,
:mod:`._sql_records` and ``sql/sqlite.sql``.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final
from weakref import WeakSet

from ..errors import StoreError, UsageError
from . import _rules as rules
from ._hosts import driver_connection
from ._queries import queries
from ._sql_transaction import SqlTransaction
from ._sqlite_tables import FORMAT, bring_to_format, check_number, check_tables, format_of, plain
from ._sqlite_work import SqliteWork, translated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

__all__ = ["FORMAT", "SQLiteStore", "migrate"]

#: The oldest SQLite that this is meant for, of March 2021; what is used here came in by then.
_MIN_SQLITE: Final = (3, 35, 0)


class _Connection:
    """A thread's connection, closed when the thread or the store is gone."""

    def __init__(self, raw: sqlite3.Connection) -> None:
        self.raw = raw
        self.process = os.getpid()
        self.busy = False

    def close(self) -> None:
        if self.process == os.getpid():
            self.raw.close()

    def __del__(self) -> None:
        self.close()


class SQLiteStore:
    """Jobs and records in one SQLite file; see :class:`qbsync.store.Store`.

    Args:
        path: the file; made when it is not there, its folder must exist.
        clock: returns the present moment, aware; the system's clock by default.
        timeout: seconds to wait for the write lock before ``StoreError`` is raised.
        durable: wait for the disk at each commit. Without it a crash of the *machine* may lose the last
            commits (a crash of the process does not), and so double what was sent meanwhile.

    Raises:
        StoreVersionError: the file was written by a version with another format.
        StoreError: the file cannot be opened, is not a database, or SQLite is older than 3.35.
        UsageError: *path* names no file (``:memory:``; use ``MemoryStore``).
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        clock: Callable[[], datetime] | None = None,
        timeout: float = 30.0,
        durable: bool = True,
    ) -> None:
        name = os.fspath(path)
        if not name or name == ":memory:":
            raise UsageError(f"path: expected the name of a file, got {name!r} (use MemoryStore)")
        if sqlite3.sqlite_version_info < _MIN_SQLITE:
            raise StoreError(f"SQLite: expected version 3.35 or newer, got {sqlite3.sqlite_version}")
        self._path = Path(name).absolute()
        self._clock = clock or rules.system_clock
        self._timeout = timeout
        self._durable = durable
        self._closed = False
        self._local = threading.local()
        self._connections: WeakSet[_Connection] = WeakSet()
        self._guard = threading.Lock()
        self._connection()

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    def __repr__(self) -> str:
        return f"SQLiteStore({str(self._path)!r})"

    @contextmanager
    def begin(self) -> Iterator[SqlTransaction]:
        """Start a transaction; leaving the block commits it, an exception rolls it back.

        Raises:
            StoreError: the write lock did not become free in time, or the commit failed.
            UsageError: this thread is in a transaction of this store already, or the store is closed.
        """
        connection = self._connection()
        if connection.busy:
            raise UsageError("begin: expected no open transaction in this thread, found one")
        connection.busy = True
        try:
            with translated():
                connection.raw.execute("BEGIN IMMEDIATE")
            try:
                with _working(connection.raw, self._clock) as transaction:
                    yield transaction
                with translated():
                    connection.raw.execute("COMMIT")
            except BaseException:
                if connection.raw.in_transaction:
                    connection.raw.execute("ROLLBACK")
                raise
        finally:
            connection.busy = False

    @contextmanager
    def join(self, connection: object) -> Iterator[SqlTransaction]:
        """Work inside the open transaction of a host's ``sqlite3.Connection`` on the same file.

        Never commits, never rolls back the host's transaction: an exception undoes what was done inside
        the block and nothing else. A connection of the usual mode that is not in a transaction yet gets
        one, which the host then commits.

        Args:
            connection: a ``sqlite3.Connection``, a SQLAlchemy ``Session`` or ``Connection``, or
                ``django.db.connection``.

        Raises:
            UsageError: *connection* is something else, is on another file, returns text as something other
                than ``str``, or is in autocommit mode without a transaction.
            StoreVersionError: the tables have another format.
            StoreError: the write lock did not become free.
        """
        host = self._check_host(driver_connection(connection))
        with translated():
            if not host.in_transaction:
                host.execute("BEGIN IMMEDIATE")
            host.execute("SAVEPOINT qbsync_join")
        try:
            with _working(host, self._clock) as transaction:
                with translated():
                    host.execute(queries("sqlite")["touch"])
                yield transaction
        except BaseException:
            if host.in_transaction:
                host.execute("ROLLBACK TO qbsync_join")
                host.execute("RELEASE qbsync_join")
            raise
        with translated():
            host.execute("RELEASE qbsync_join")

    def close(self) -> None:
        """Close all connections; a second call does nothing."""
        with self._guard:
            self._closed = True
            connections = list(self._connections)
            self._connections.clear()
        for connection in connections:
            connection.close()

    def _connection(self) -> _Connection:
        """Return this thread's connection; one made before a fork is left alone and not used."""
        if self._closed:
            raise UsageError(f"{self!r}: expected an open store, it was closed")
        found: _Connection | None = getattr(self._local, "connection", None)
        if found is not None and found.process == os.getpid():
            return found
        self._local.inherited = found
        made = _Connection(self._open())
        with self._guard:
            self._connections.add(made)
        self._local.connection = made
        return made

    def _open(self) -> sqlite3.Connection:
        with translated():
            raw = sqlite3.connect(
                self._path,
                timeout=self._timeout,
                isolation_level=None,
                check_same_thread=False,
                cached_statements=256,
            )
        try:
            with translated():
                _use_wal(raw, self._timeout)
                raw.execute(f"PRAGMA synchronous = {'FULL' if self._durable else 'NORMAL'}")
                # What a statement over many jobs changed, should it fail: in a file that takes as long again.
                raw.execute("PRAGMA temp_store = MEMORY")
                check_tables(raw)
        except BaseException:
            raw.close()
            raise
        return raw

    def _check_host(self, connection: object) -> sqlite3.Connection:
        if not isinstance(connection, sqlite3.Connection):
            raise UsageError(f"connection: expected a sqlite3.Connection, got {type(connection).__name__}")
        if connection.text_factory is not str:
            raise UsageError("connection: expected one with text_factory = str")
        files = {str(row[1]): str(row[2] or "") for row in plain(connection, "PRAGMA database_list")}
        if not files["main"] or not self._path.samefile(files["main"]):
            raise UsageError(
                f"connection: expected one on {self._path}, got one on {files['main'] or 'memory'}"
            )
        if not connection.in_transaction and connection.isolation_level is None:
            raise UsageError(
                "connection: expected one with an open transaction, this one is in autocommit mode"
            )
        check_number(format_of(connection))
        return connection


@contextmanager
def _working(connection: sqlite3.Connection, clock: Callable[[], datetime]) -> Iterator[SqlTransaction]:
    work = SqliteWork(connection, rules.utc(clock(), "clock"))
    try:
        yield SqlTransaction(work)
    finally:
        work.end()


def _use_wal(connection: sqlite3.Connection, timeout: float) -> None:
    """Switch to WAL mode; SQLite does not wait by itself while another process is just doing that."""
    end = time.monotonic() + timeout
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() >= end:
                raise
            time.sleep(0.01)
        else:
            return


def migrate(path: str | os.PathLike[str], *, timeout: float = 30.0) -> tuple[int, int]:
    """Bring the tables in the file *path* to the format of this version, in one transaction.

    Stop the programs that use the store first: they look at the format only when they open it.

    Returns:
        The format number before (0: there were no tables) and the one now.

    Raises:
        StoreVersionError: the store was written by a newer version.
        StoreError: there is no such file, or it is no database, or in use for too long.
    """
    if not Path(path).is_file():
        raise StoreError(f"SQLite: expected a store at {os.fspath(path)}, there is no such file")
    with translated(), closing(sqlite3.connect(path, timeout=timeout, isolation_level=None)) as connection:
        return bring_to_format(connection, only_new=False), FORMAT
