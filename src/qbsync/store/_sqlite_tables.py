"""The tables of the SQLite store: making them, and their format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..errors import StoreVersionError
from ._queries import migration, queries

if TYPE_CHECKING:
    import sqlite3

__all__ = ["FORMAT", "bring_to_format", "check_number", "check_tables", "format_of", "plain"]

#: The format of the tables that this version reads and writes.
FORMAT: Final = 4


def plain(connection: sqlite3.Connection, statement: str) -> list[tuple[object, ...]]:
    """Return the rows of *statement* as tuples, whatever factory the connection has."""
    cursor = connection.cursor()
    cursor.row_factory = None
    return cursor.execute(statement).fetchall()


def format_of(connection: sqlite3.Connection) -> int:
    """Return the format of the tables in a database, 0 if there are none."""
    there = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'qbsync_meta'"
    if not plain(connection, there):
        return 0
    rows = plain(connection, queries("sqlite")["format"])
    return int(str(rows[0][0])) if rows else 0


def check_number(found: int) -> None:
    """Refuse the tables of another format.

    Raises:
        StoreVersionError: they have another format than this version knows.
    """
    if found != FORMAT:
        raise StoreVersionError(found, FORMAT)


def check_tables(connection: sqlite3.Connection) -> None:
    """Make the tables where there are none; refuse those of another format."""
    if format_of(connection) == 0:
        bring_to_format(connection, only_new=True)
    check_number(format_of(connection))


def bring_to_format(connection: sqlite3.Connection, *, only_new: bool) -> int:
    """Make the tables, or change those of an older format unless *only_new*; return the format before.

    One transaction; programs that do this at once wait for each other.

    Raises:
        StoreVersionError: the tables are of a newer format.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        found = format_of(connection)
        if found == 0 or not only_new:
            _change_tables(connection, found)
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    return found


def _change_tables(connection: sqlite3.Connection, found: int) -> None:
    if found > FORMAT:
        raise StoreVersionError(found, FORMAT)
    for number in range(found + 1, FORMAT + 1):
        for statement in migration("sqlite", number):
            connection.execute(statement)
    connection.execute(queries("sqlite")["set_format"], (FORMAT,))
