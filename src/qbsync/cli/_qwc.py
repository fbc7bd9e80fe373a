"""``qbsync qwc``: the file that a person opens to add the service to a Web Connector."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from ..identities import local_name, qwc_file
from ._stores import open_store

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["write_file"]


def write_file(
    name: str, *, url: str, output: Path | None, every: int | None, store_text: str, **settings: Any
) -> int:
    """Write the file of user *name*, to *output* or standard output; settings are kept for the next time."""
    given = {key: value for key, value in settings.items() if value is not None}
    if every is not None:
        given["run_every"] = timedelta(minutes=every) if every else None
    with closing(open_store(store_text, must_exist=True)) as store:
        content = qwc_file(store, name, app_url=local_name(url), **given).to_xml()
    if output is None:
        click.echo(content.decode("ascii"), nl=False)
        return 0
    output.write_bytes(content)
    click.echo(f"wrote {output}: open it on the computer with QuickBooks, as Admin, in single-user mode")
    return 0
