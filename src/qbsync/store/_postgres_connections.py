"""The connections of the PostgreSQL store: opened when needed, kept when idle, replaced when lost."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from ..errors import UsageError
from ._postgres_tables import check_tables
from ._postgres_work import raw_cursor, translated
from ._queries import queries
from ._sql_work import from_micros

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    Connection = psycopg.Connection[Any]

__all__ = ["Connections"]

#: So many connections are kept while nobody needs them.
_KEPT = 8


class Connections:
    """Connections that are at work, one a transaction, or idle.

    Args:
        dsn: as for :class:`~qbsync.store.postgres.PostgresStore`.
        timeout: seconds to wait for a connection and for locks.
        durable: see there.
    """

    def __init__(self, dsn: str | Callable[[], Connection], *, timeout: float, durable: bool) -> None:
        self._process = os.getpid()
        self._dsn = dsn
        self._timeout = timeout
        self._durable = durable
        self._guard = threading.Lock()
        self._idle: list[Connection] = []
        self._inherited: list[Connection] = []
        self._closed = False
        #: The database's number of the table of jobs.
        self.table = 0

    def __del__(self) -> None:
        # A forked process must not end the connections of the one that made them.
        if self._process == os.getpid():
            self.close()

    @property
    def place(self) -> str:
        """Where the database is, without a password, for people."""
        if callable(self._dsn):
            return "a connection of the host's"
        parts = conninfo_to_dict(self._dsn)
        return f"{parts.get('host', '')}/{parts.get('dbname', '')}"

    def start(self) -> tuple[Connection, datetime]:
        """Return a connection with a transaction, and the database's moment.

        The first statement is the probe: nothing was done yet, so a lost connection is simply replaced.
        """
        connection = self._take()
        if connection is not None:
            try:
                return connection, _begin(connection)
            except psycopg.OperationalError:
                # The server went away: the other idle connections are lost as well.
                self._drop([connection, *self._take_all()])
        connection = self.open()
        with translated():
            return connection, _begin(connection)

    def open(self) -> Connection:
        """Return a new connection, with the tables checked."""
        self._check_open()
        with translated():
            connection = self._connect()
            try:
                self._set_up(connection)
                self.table = check_tables(connection)
                # From here on BEGIN is ours: it goes out together with the question for the moment.
                connection.autocommit = True
            except BaseException:
                connection.close()
                raise
        return connection

    def _connect(self) -> Connection:
        if callable(self._dsn):
            return self._dsn()
        return psycopg.connect(self._dsn, connect_timeout=max(2, round(self._timeout)))

    def _set_up(self, connection: Connection) -> None:
        connection.autocommit = False
        connection.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        cursor = raw_cursor(connection)
        cursor.execute(queries("postgres")["lock_timeout"], (f"{round(self._timeout * 1000)}ms",))
        cursor.execute(queries("postgres")["by_index"])
        if self._durable:
            cursor.execute(queries("postgres")["durable"])
        connection.commit()

    def give(self, connection: Connection) -> None:
        """Take *connection* back from a transaction that has ended."""
        with self._guard:
            if not self._closed and len(self._idle) < _KEPT and self._process == os.getpid():
                self._idle.append(connection)
                return
        connection.close()

    def roll_back(self, connection: Connection) -> None:
        """Undo what was done on *connection*, and take it back if it is still good."""
        try:
            connection.rollback()
        except psycopg.Error:
            connection.close()
        else:
            self.give(connection)

    def close(self) -> None:
        """Close what is idle; what is at work is closed when it comes back."""
        self._closed = True
        self._drop(self._take_all())

    def _check_open(self) -> None:
        if self._closed:
            raise UsageError("PostgresStore: expected an open store, it was closed")

    def _take(self) -> Connection | None:
        """Return an idle connection; those made before a fork belong to the other process."""
        self._check_open()
        with self._guard:
            if self._process != os.getpid():
                self._inherited += self._idle
                self._idle.clear()
                self._process = os.getpid()
            return self._idle.pop() if self._idle else None

    def _take_all(self) -> list[Connection]:
        with self._guard:
            idle, self._idle = self._idle, []
        return idle

    @staticmethod
    def _drop(connections: list[Connection]) -> None:
        for connection in connections:
            connection.close()


def _begin(connection: Connection) -> datetime:
    cursor = raw_cursor(connection)
    cursor.execute(queries("postgres")["begin"])
    row = cursor.fetchone() if cursor.nextset() else None
    if row is None:
        raise psycopg.OperationalError("the database did not tell the moment")
    return from_micros(row[0])
