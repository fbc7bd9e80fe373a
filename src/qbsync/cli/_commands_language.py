"""``qbsync check``, ``describe``, ``schema``, ``status``: the language and what QuickBooks says in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ._group import cli
from ._options import edition_option, json_option

__all__: list[str] = []


@cli.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(allow_dash=True))
@click.option("--version", metavar="X.Y", help="The qbXML version.  [default: what the document states]")
@edition_option
@click.option(
    "--xsd",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Judge by this XML Schema as well, such as Intuit's own.",
)
@json_option
def check(files: tuple[str, ...], **options: Any) -> int:
    """Tell everything that is wrong with qbXML documents (- is standard input)."""
    from ._check import check_files  # noqa: PLC0415 - as above

    return check_files(files, **options)


@cli.command()
@click.argument("name")
@click.option("--version", metavar="X.Y", help="The qbXML version; what is newer is left out.")
@edition_option
def describe(name: str, **options: Any) -> int:
    """Print what the message or aggregate NAME holds: types, limits, versions."""
    from ._describe import describe_name  # noqa: PLC0415 - as above

    return describe_name(name, **options)


@cli.command()
@click.option("--version", metavar="X.Y", help="The qbXML version.  [default: 13.0]")
@edition_option
@click.option("--strict", is_flag=True, help="Hold responses to the letter too: listed values only.")
def schema(**options: Any) -> int:
    """Print the XML Schema of a qbXML version and edition, made from our own catalogue."""
    from ._describe import print_schema  # noqa: PLC0415 - as above

    return print_schema(**options)


@cli.command(context_settings={"ignore_unknown_options": True})  # results may be negative numbers
@click.argument("codes", metavar="CODE...", nargs=-1, required=True)
def status(codes: tuple[str, ...]) -> int:
    """Explain status codes (3100) and results of calls (0x80040400): who must act, and what helps."""
    from ._status import explain_codes  # noqa: PLC0415 - as above

    return explain_codes(codes)
