"""How the commands write: JSON lines for programs, tables for people."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, TextIO

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["error_line", "json_line", "table"]


def json_line(values: Mapping[str, object]) -> None:
    """Write one object a line on standard output; ASCII, so that any console and pipe takes it."""
    click.echo(json.dumps(values))


def error_line(text: str) -> None:
    """Write a line on standard error; what its encoding lacks is shown escaped."""
    click.echo(_encodable(text, sys.stderr), err=True)


def _encodable(text: str, stream: TextIO) -> str:
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def _visible(text: str) -> str:
    """Return *text* with what would steer a terminal, or what its encoding lacks, escaped."""
    if not text.isprintable():
        text = "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)
    return _encodable(text, sys.stdout)


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], *, nothing: str) -> None:
    """Write a table on standard output, or *nothing* when it has no rows."""
    from rich import box  # noqa: PLC0415 - 60 ms that only people wait for
    from rich.console import Console  # noqa: PLC0415 - as above
    from rich.table import Table  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        shown.add_column(heading, overflow="fold")  # an id that is cut short is of no use
    for row in rows:
        shown.add_row(*(Text(_visible(cell)) for cell in row))
    if shown.row_count:
        Console().print(shown)
    else:
        click.echo(nothing)
