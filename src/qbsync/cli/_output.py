"""How the commands write: JSON lines for programs, tables for people."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["error_line", "json_line", "table"]


def json_line(values: Mapping[str, object]) -> None:
    """Write one object a line on standard output; ASCII, so that any console and pipe takes it."""
    click.echo(json.dumps(values))


def error_line(text: str) -> None:
    """Write a line on standard error; what its encoding lacks is shown escaped."""
    encoding = getattr(sys.stderr, "encoding", None) or "utf-8"
    click.echo(text.encode(encoding, "backslashreplace").decode(encoding), err=True)


def _visible(text: str) -> str:
    """Return *text* with what would steer a terminal escaped; a shop's data may hold anything."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], *, nothing: str) -> None:
    """Write a table on standard output, or *nothing* when it has no rows."""
    from rich import box  # noqa: PLC0415 - 60 ms that only people wait for
    from rich.console import Console  # noqa: PLC0415 - as above
    from rich.table import Table  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    shown = Table(*headings, box=box.SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        shown.add_row(*(Text(_visible(cell)) for cell in row))
    if shown.row_count:
        Console().print(shown)
    else:
        click.echo(nothing)
