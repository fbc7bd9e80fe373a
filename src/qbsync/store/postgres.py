"""``PostgresStore``: jobs and records in a PostgreSQL database, for many hosts.

Whoever changes jobs of a company locks the company's row; companies do not wait for each other, and a put
waits for nobody. Deadlines are told by the database's clock, which all hosts share.
The tables are made in an empty database when the store is first opened, and may stand in a host's own.

Transactions are READ COMMITTED. What the queries do is in :mod:`._sql_jobs`, :mod:`._sql_records` and
``sql/postgres.sql``; the connections are in :mod:`._postgres_connections`.
Needs psycopg 3.2 or newer: ``pip install 'qbsync[postgres]'``.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.pq import TransactionStatus

from ..errors import StoreError, UsageError
from . import _rules as rules
from ._hosts import driver_connection
from ._postgres_connections import Connections
from ._postgres_tables import FORMAT, bring_to_format, joined
from ._postgres_work import PostgresWork, raw_cursor, translated
from ._sql_transaction import SqlTransaction
from ._sql_work import from_micros

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    Connection = psycopg.Connection[Any]

__all__ = ["FORMAT", "PostgresStore", "migrate"]

_UNKNOWN = "the commit was not answered as it should be: the changes may be there or not"


class PostgresStore:
    """Jobs and records in a PostgreSQL database; see :class:`qbsync.store.Store`.

    The store bears the mark of :mod:`qbsync.store.restored` when its tables are others than it knew (a dump
    was restored) or its server's timeline is (a base backup was restored, or a standby took over, which may
    lack the last commits).

    Args:
        dsn: a ``postgresql://`` URL or another connection string of libpq, or a function that returns a new
            ``psycopg.Connection`` each time.
        clock: returns the present moment, aware; for tests. By default the clock of the database counts.
        timeout: seconds to wait for a connection, and for a lock, before ``StoreError`` is raised.
        durable: do not let a server with ``synchronous_commit = off`` lose the last commits.

    Raises:
        StoreVersionError: the tables were written by a version with another format.
        StoreError: the database cannot be reached, or refuses.
    """

    def __init__(
        self,
        dsn: str | Callable[[], Connection],
        *,
        clock: Callable[[], datetime] | None = None,
        timeout: float = 30.0,
        durable: bool = True,
    ) -> None:
        self._clock = clock
        self._local = threading.local()
        self._connections = Connections(dsn, timeout=timeout, durable=durable)
        self._connections.give(self._connections.open())

    def __repr__(self) -> str:
        return f"PostgresStore({self._connections.place!r})"

    @contextmanager
    def begin(self) -> Iterator[SqlTransaction]:
        """Start a transaction; leaving the block commits it, an exception rolls it back.

        A connection that was lost meanwhile is replaced here, once.

        Raises:
            StoreError: the database cannot be reached, or the commit failed.
            UsageError: this thread is in a transaction of this store already, or the store is closed.
        """
        if getattr(self._local, "busy", False):
            raise UsageError("begin: expected no open transaction in this thread, found one")
        told = None if self._clock is None else rules.utc(self._clock(), "clock")
        self._local.busy = True
        try:
            connection, now = self._connections.start()
            try:
                with _working(connection, told or now) as transaction:
                    yield transaction
            except BaseException:
                self._connections.roll_back(connection)
                raise
            self._commit(connection)
        finally:
            self._local.busy = False

    def _commit(self, connection: Connection) -> None:
        try:
            connection.commit()
        except psycopg.Error as error:
            self._connections.roll_back(connection)
            raise StoreError(f"PostgreSQL: {_UNKNOWN} ({' '.join(str(error).split())})") from error
        self._connections.give(connection)

    @contextmanager
    def join(self, connection: object) -> Iterator[SqlTransaction]:
        """Work inside the open transaction of a host's connection to the same database.

        Never commits, never rolls back the host's transaction: an exception undoes what was done inside
        the block and nothing else. A psycopg connection of the usual mode that is not in a transaction yet
        gets one, which the host then commits.

        Args:
            connection: a ``psycopg.Connection``, a SQLAlchemy ``Session`` or ``Connection`` over psycopg 3,
                or ``django.db.connection``.

        Raises:
            UsageError: *connection* is something else, is in autocommit mode without a transaction, or does
                not see the tables of this store.
            StoreError: the database refuses.
        """
        host = self._check_host(driver_connection(connection))
        cursor = raw_cursor(host)
        with translated():
            table, now = joined(cursor)
            if table != self._connections.table:
                raise UsageError("connection: expected one that sees the tables of this store")
            cursor.execute("SAVEPOINT qbsync_join")
        told = None if self._clock is None else rules.utc(self._clock(), "clock")
        try:
            with _working(host, told or from_micros(now), prepare=False) as transaction:
                yield transaction
        except BaseException:
            if not host.broken:
                cursor.execute("ROLLBACK TO qbsync_join")
                cursor.execute("RELEASE qbsync_join")
            raise
        with translated():
            cursor.execute("RELEASE qbsync_join")

    def close(self) -> None:
        """Close all connections that are not at work; a second call does nothing."""
        self._connections.close()

    def _check_host(self, connection: object) -> Connection:
        if not isinstance(connection, psycopg.Connection):
            raise UsageError(f"connection: expected a psycopg.Connection, got {type(connection).__name__}")
        if connection.autocommit and connection.info.transaction_status is TransactionStatus.IDLE:
            raise UsageError(
                "connection: expected one with an open transaction, this one is in autocommit mode"
            )
        return connection


@contextmanager
def _working(
    connection: Connection, now: datetime, *, prepare: bool | None = None
) -> Iterator[SqlTransaction]:
    work = PostgresWork(connection, now, prepare=prepare)
    try:
        yield SqlTransaction(work)
    finally:
        work.end()


def migrate(dsn: str) -> tuple[int, int]:
    """Bring the tables of a database to the format of this version, in one transaction.

    Stop the programs that use the store first: they look at the format only when they connect.

    Returns:
        The format number before (0: there were no tables) and the one now.

    Raises:
        StoreVersionError: the store was written by a newer version.
        StoreError: the database cannot be reached, or refuses.
    """
    with translated(), psycopg.connect(dsn) as connection:
        return bring_to_format(connection, only_new=False), FORMAT
