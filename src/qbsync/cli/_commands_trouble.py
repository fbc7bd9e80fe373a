"""``qbsync diagnose`` and ``simulate``: what the Web Connector says, or would say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ._group import cli
from ._options import json_option

__all__: list[str] = []


@cli.command()
@click.argument("source", metavar="QWCLOG|URL")
@json_option
def diagnose(source: str, *, as_json: bool) -> int:
    """Say what a Web Connector's log tells, or check the service at an URL as a Web Connector would."""
    from ._diagnose import diagnose_source  # noqa: PLC0415 - as above

    return diagnose_source(source, as_json=as_json)


@cli.command()
@click.argument("url")
@click.option("--user", "user_name", metavar="NAME", default="shop", show_default=True, help="Who connects.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option(
    "--sessions",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="At most so many; a session without work is the last.",
)
@click.option(
    "--company-file",
    type=click.Path(path_type=Path),
    help="Where the simulated company is kept; a new one each time without it.",
)
@click.option("--style", type=click.Choice(["document", "rpc"]), default="document", show_default=True)
@click.option("--plan", metavar="PLAN", help="What goes wrong: \"Plan(LostReply('receiveResponseXML'))\".")
@click.option(
    "--log",
    type=click.Choice(["none", "debug", "verbose"]),
    default="none",
    show_default=True,
    help="Write the Web Connector's log to standard error.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0.1),
    default=100.0,
    show_default=True,
    metavar="SECONDS",
    help="How long a call may take.",
)
@json_option
def simulate(url: str, **options: Any) -> int:
    """Drive the endpoint at URL as the Web Connector does, and say what the real one would say."""
    from ._simulate import simulate_url  # noqa: PLC0415 - as above

    return simulate_url(url, **options)
