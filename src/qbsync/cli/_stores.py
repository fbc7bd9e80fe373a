"""STORE on the command line: the path of an SQLite file, or a ``postgresql://`` URL."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import StoreError
from ..store.sqlite import SQLiteStore

if TYPE_CHECKING:
    from types import ModuleType

    from ..store import Store

__all__ = ["is_postgres", "open_store", "postgres_module", "sqlite_path"]


def is_postgres(text: str) -> bool:
    """Return whether *text* names a PostgreSQL database."""
    return text.startswith(("postgresql://", "postgres://"))


def postgres_module() -> ModuleType:
    """Return the module of PostgreSQL stores.

    Raises:
        click.ClickException: its driver is not installed.
    """
    try:
        from ..store import postgres  # noqa: PLC0415 - the driver is an extra
    except ImportError as error:
        raise click.ClickException(
            f"stores in PostgreSQL need psycopg and libpq: pip install 'qbsync[postgres]' ({error})"
        ) from None
    return postgres


def sqlite_path(text: str, *, must_exist: bool = False) -> Path:
    """Return the path of the SQLite file that *text* names.

    Raises:
        click.ClickException: it is not there, its folder is not, or it is a URL or a folder.
    """
    if "://" in text:
        raise click.ClickException(
            "STORE: expected the path of an SQLite file or a postgresql:// URL, "
            f"got a {text.partition(':')[0]} URL"
        )
    path = Path(text)
    if path.is_dir():
        raise click.ClickException(f"STORE: expected the path of a file, {text} is a folder")
    if must_exist and not path.is_file():
        raise click.ClickException(f"there is no store at {text}")
    if not path.absolute().parent.is_dir():
        raise click.ClickException(f"there is no folder {path.parent} for the store {path.name}")
    return path


def open_store(text: str, *, must_exist: bool = False) -> Store:
    """Return the store that *text* names; what is not there yet is made.

    Args:
        text: a path, or a ``postgresql://`` URL.
        must_exist: do not make a new file; for commands that only look.

    Raises:
        click.ClickException: there is no such store, no driver for it, or it cannot be opened.
    """
    if is_postgres(text):
        store: Store = postgres_module().PostgresStore(text)
        return store
    path = sqlite_path(text, must_exist=must_exist)
    try:
        return SQLiteStore(path)
    except StoreError as error:
        raise click.ClickException(f"the store {text}: {error}") from error
