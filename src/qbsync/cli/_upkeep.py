"""``qbsync migrate``, ``backup``, ``restored``, ``forget``: what the one who runs a store does."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import click

from ..store import sqlite
from ..store.backup import backup
from ..store.forget import forget
from ..store.restored import clear, mark, restored
from ._output import json_line
from ._stores import is_postgres, open_store, postgres_module, sqlite_path

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["forget_person", "make_backup", "migrate_store", "tell_restored"]

_DUMP = "use the server's own tools, e.g. pg_dump --format=custom --table='qbsync_*'; see the how-to page"


def migrate_store(store_text: str) -> int:
    """Bring a store to the format of this version, and say so."""
    if is_postgres(store_text):
        before, now = postgres_module().migrate(store_text)
    else:
        before, now = sqlite.migrate(sqlite_path(store_text, must_exist=True))
    if before == now:
        click.echo(f"the store has format {now}; there is nothing to do")
    else:
        click.echo(f"the store has format {now} now, it had {before or 'none'}")
    return 0


def make_backup(copy: Path, *, store_text: str) -> int:
    """Write a copy of an SQLite store."""
    if is_postgres(store_text):
        raise click.ClickException(f"qbsync backup copies SQLite stores; for PostgreSQL {_DUMP}")
    path = backup(sqlite_path(store_text, must_exist=True), copy)
    click.echo(f"copied to {path}; whoever opens the copy finds it marked as restored")
    return 0


def tell_restored(store_text: str, *, set_mark: bool, clear_mark: bool) -> int:
    """Say whether a store is marked as restored; set or clear the mark."""
    with closing(open_store(store_text, must_exist=True)) as store, store.begin() as t:
        if clear_mark:
            click.echo("the mark is cleared" if clear(t) else "the store was not marked")
            return 0
        found = mark(t, "a person said so") if set_mark else restored(t)
    if found is None:
        click.echo("the store is not marked as restored")
    else:
        click.echo(f"marked as restored at {found.at.isoformat()}: {found.reason}")
        click.echo("every write is looked up in QuickBooks before it is sent")
    return 0


def forget_person(
    words: Sequence[str], *, company: str, store_text: str, dry_run: bool, as_json: bool
) -> int:
    """Drop the documents that hold any of *words*; exit status 1 if some could not be dropped."""
    with closing(open_store(store_text, must_exist=True)) as store:
        found = forget(store, company, words, dry_run=dry_run)
    kept = [f"{kind} {key}" for kind, key in found.kept_records]
    if as_json:
        json_line(
            {
                "jobs": list(found.jobs),
                "records": found.records,
                "kept_jobs": list(found.kept_jobs),
                "kept_records": kept,
            }
        )
    else:
        verb = "would be dropped" if dry_run else "were dropped"
        click.echo(f"the documents of {len(found.jobs)} job(s) and {found.records} record(s) {verb}")
        for job_id in found.kept_jobs:
            click.echo(f"job {job_id} is still needed: cancel it or settle it, then repeat this", err=True)
        for name in kept:
            click.echo(f"{name} is still needed: repeat this when everything about it is known", err=True)
    return 1 if found.kept_jobs or kept else 0
