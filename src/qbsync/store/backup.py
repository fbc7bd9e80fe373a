"""``backup``: a consistent copy of an SQLite store, made while it is in use.

The copy bears the mark of :mod:`qbsync.store.restored` from the start: put in the place of the store it
cannot be taken for the store that went on meanwhile.
For PostgreSQL use the server's own tools (``pg_dump``, base backups); the store marks itself then.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import StoreError, UsageError
from . import _rules as rules
from ._sql_transaction import SqlTransaction
from ._sqlite_tables import check_number, format_of
from ._sqlite_work import SqliteWork, translated
from .restored import mark

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

__all__ = ["backup"]

#: Pages copied at a time: writers get their turn between.
_PAGES = 4096


def backup(
    store: str | os.PathLike[str],
    copy: str | os.PathLike[str],
    *,
    clock: Callable[[], datetime] = rules.system_clock,
    timeout: float = 30.0,
) -> Path:
    """Write a copy of the SQLite store *store* to the new file *copy*.

    The copy is what the store was at one moment, whatever was written meanwhile; it appears under its name
    only when it is whole and on the disk.

    Args:
        store: the file of the store, which may be in use.
        copy: where the copy is to be; its folder must exist.
        clock: returns the present moment, which the copy bears.
        timeout: seconds to wait for a locked file.

    Returns:
        The path of the copy.

    Raises:
        UsageError: *copy* exists, or its folder does not.
        StoreVersionError: the store has another format; ``qbsync migrate`` it first.
        StoreError: *store* is no store, or cannot be read.
    """
    source, target = Path(store).absolute(), Path(copy).absolute()
    if not source.is_file():
        raise StoreError(f"SQLite: expected a store at {source}, there is no such file")
    if target.exists() or not target.parent.is_dir():
        raise UsageError(f"copy: expected the name of a new file in a folder that exists, got {target}")
    unfinished = target.with_name(f"{target.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    try:
        with translated():
            _copy(source, unfinished, timeout)
            _mark(unfinished, rules.utc(clock(), "clock"))
        _to_disk(unfinished)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return target


def _copy(source: Path, target: Path, timeout: float) -> None:
    with (
        closing(sqlite3.connect(source, timeout=timeout)) as old,
        closing(sqlite3.connect(target, isolation_level=None)) as new,
    ):
        check_number(format_of(old))
        old.backup(new, pages=_PAGES)
        # One file, without a write-ahead log beside it.
        new.execute("PRAGMA journal_mode = DELETE")


def _mark(copy: Path, now: datetime) -> None:
    with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        work = SqliteWork(connection, now)
        mark(SqlTransaction(work), "this is a copy that was made by qbsync backup")
        work.end()
        connection.execute("COMMIT")


def _to_disk(path: Path) -> None:
    with path.open("r+b") as file:
        os.fsync(file.fileno())
