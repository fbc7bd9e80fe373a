"""``qbsync migrate``, ``backup``, ``pause`` and others: what the one who runs a store does."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from ._group import cli
from ._options import json_option, store_option

__all__: list[str] = []


@cli.command()
@store_option
def migrate(store_text: str) -> int:
    """Bring a store that an older version wrote to the format of this one (stop its programs first)."""
    from ._upkeep import migrate_store  # noqa: PLC0415 - as above

    return migrate_store(store_text)


@cli.command()
@click.argument("copy", metavar="FILE", type=click.Path(path_type=Path))
@store_option
def backup(copy: Path, *, store_text: str) -> int:
    """Copy an SQLite store to the new FILE, consistently, while it is in use."""
    from ._upkeep import make_backup  # noqa: PLC0415 - as above

    return make_backup(copy, store_text=store_text)


@cli.command()
@store_option
@click.option("--mark", "set_mark", is_flag=True, help="The store comes from a copy made by other means.")
@click.option("--clear", "clear_mark", is_flag=True, help="All that was sent is known to be in the store.")
def restored(store_text: str, *, set_mark: bool, clear_mark: bool) -> int:
    """Tell whether a store was restored from a copy: then each write is looked up before it is sent."""
    if set_mark and clear_mark:
        raise click.UsageError("expected one of --mark and --clear")
    from ._upkeep import tell_restored  # noqa: PLC0415 - as above

    return tell_restored(store_text, set_mark=set_mark, clear_mark=clear_mark)


@cli.command()
@click.argument("words", metavar="WORDS...", nargs=-1, required=True)
@click.option("--company", required=True, help="Whose jobs and records.")
@store_option
@click.option("--dry-run", is_flag=True, help="Only tell what would be done.")
@json_option
def forget(words: tuple[str, ...], *, company: str, store_text: str, dry_run: bool, as_json: bool) -> int:
    """Drop all documents that hold any of WORDS: a person's name, e-mail address, phone number."""
    from ._upkeep import forget_person  # noqa: PLC0415 - as above

    return forget_person(words, company=company, store_text=store_text, dry_run=dry_run, as_json=as_json)


@cli.command()
@store_option
def sweep(store_text: str) -> int:
    """Do what no call triggers: end idle sessions, tell hosts, drop old documents (serve does it itself)."""
    from ._schedule import sweep_store  # noqa: PLC0415 - as above

    return sweep_store(store_text)


@cli.command()
@click.option("--company", required=True, help="Whose work.")
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d"]),
    metavar="MOMENT",
    help="When it ends by itself, in UTC, e.g. 2026-12-01T06:00.",
)
@store_option
def pause(store_text: str, *, company: str, until: datetime | None) -> int:
    """Let nothing of a company go out until resumed."""
    from ._schedule import pause_company  # noqa: PLC0415 - as above

    moment = until.replace(tzinfo=UTC) if until is not None else None
    return pause_company(store_text, company=company, until=moment)


@cli.command()
@click.option("--company", required=True, help="Whose work.")
@store_option
def resume(store_text: str, *, company: str) -> int:
    """End a pause."""
    from ._schedule import resume_company  # noqa: PLC0415 - as above

    return resume_company(store_text, company=company)


@cli.command()
@click.argument("spans", metavar="[SPAN]...", nargs=-1)
@click.option("--company", required=True, help="Whose work.")
@click.option("--zone", metavar="ZONE", help="The time zone of the spans, e.g. America/Chicago.")
@click.option("--always", is_flag=True, help="At every hour.")
@store_option
@json_option
def hours(spans: tuple[str, ...], **options: Any) -> int:
    """Show or set the hours in which a company's work may go out, e.g. 22:00-06:00."""
    if spans and options["always"]:
        raise click.UsageError("expected spans or --always, not both")
    from ._schedule import set_hours  # noqa: PLC0415 - as above

    return set_hours(spans=spans, **options)
