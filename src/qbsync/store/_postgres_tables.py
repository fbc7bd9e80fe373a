"""The tables of the PostgreSQL store: making them, their format, and whether they were restored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..errors import StoreVersionError
from ._postgres_work import PostgresWork, raw_cursor
from ._queries import migration, queries
from ._sql_transaction import SqlTransaction
from ._sql_work import from_micros
from .restored import mark

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[Any]

__all__ = ["FORMAT", "bring_to_format", "check_tables", "joined"]

#: The format of the tables that this version reads and writes.
FORMAT: Final = 3

_RESTORED = "the tables, or the server's timeline, are not those that this store last knew"


def _one(connection: Connection, name: str, *values: object) -> Any:
    """Return the only value of a named query, ``None`` if it has no row."""
    row = raw_cursor(connection).execute(queries("postgres")[name], values).fetchone()
    return None if row is None else row[0]


def _format(connection: Connection) -> int:
    """Return the format of the tables in a database, 0 if there are none."""
    if not _one(connection, "has_tables"):
        return 0
    return int(_one(connection, "format") or 0)


def check_tables(connection: Connection) -> int:
    """Make the tables where there are none; refuse those of another format; mark those that were restored.

    Returns:
        The database's own number of the table of jobs, by which other connections to it are known.

    Raises:
        StoreVersionError: the tables have another format.
    """
    found = _format(connection)
    if found == 0:
        bring_to_format(connection, only_new=True)
        found = _format(connection)
    if found != FORMAT:
        raise StoreVersionError(found, FORMAT)
    _mark_restored(connection)
    table, _ = joined(raw_cursor(connection))
    connection.commit()
    return table


def joined(cursor: psycopg.RawCursor[Any]) -> tuple[int, int]:
    """Return the number of the table of jobs that a connection sees (0: none), and the moment."""
    row = cursor.execute(queries("postgres")["joined"]).fetchone()
    return (0, 0) if row is None else (int(row[0]), int(row[1]))


def bring_to_format(connection: Connection, *, only_new: bool) -> int:
    """Make the tables, or change those of an older format unless *only_new*; return the format before.

    One transaction, which is committed here; programs that do this at once wait for each other.

    Raises:
        StoreVersionError: the tables are of a newer format.
    """
    _one(connection, "lock_tables")
    found = _format(connection)
    if found == 0 or not only_new:
        if found > FORMAT:
            raise StoreVersionError(found, FORMAT)
        cursor = raw_cursor(connection)
        for number in range(found + 1, FORMAT + 1):
            for statement in migration("postgres", number):
                cursor.execute(statement)
        cursor.execute(queries("postgres")["set_meta"], ("format", str(FORMAT)))
    connection.commit()
    return found


def _mark_restored(connection: Connection) -> None:
    """Set the mark of a restored store if the tables, or the timeline, are others than before."""
    identity = str(_one(connection, "identity"))
    known = _one(connection, "meta", "identity")
    if known == identity:
        return
    _one(connection, "lock_tables")
    if known is not None:
        work = PostgresWork(connection, from_micros(_one(connection, "now")))
        mark(SqlTransaction(work), _RESTORED)
        work.end()
    raw_cursor(connection).execute(queries("postgres")["set_meta"], ("identity", identity))
