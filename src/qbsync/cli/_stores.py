"""STORE on the command line: a path for SQLite; a ``postgresql://`` URL once that store is there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..store.sqlite import SQLiteStore

if TYPE_CHECKING:
    from ..store import Store

__all__ = ["open_store"]


def open_store(text: str, *, must_exist: bool = False) -> Store:
    """Return the store that *text* names.

    Args:
        text: a path, or an URL.
        must_exist: do not make a new one; for commands that only look.

    Raises:
        click.ClickException: there is no such store, or it is of a kind that this version does not have.
    """
    if text.startswith(("postgresql://", "postgres://")):
        raise click.ClickException(
            "stores in PostgreSQL are not in this version; give the path of an SQLite file"
        )
    path = Path(text)
    if must_exist and not path.is_file():
        raise click.ClickException(f"there is no store at {text}")
    if not path.absolute().parent.is_dir():
        raise click.ClickException(f"there is no folder {path.parent} for the store {path.name}")
    return SQLiteStore(path)
