"""``qbsync user`` and ``qwc``: who may connect, and the file that the Web Connector is given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ._group import cli
from ._options import json_option, password_options, store_option

__all__: list[str] = []


@cli.group()
def user() -> None:
    """Who may connect: the Web Connector's user names and passwords."""


@user.command("add")
@click.argument("name")
@click.option("--company", required=True, help="The company that this user's orders belong to.")
@password_options
@store_option
def user_add(name: str, **options: Any) -> int:
    """Let NAME connect for a company; a user that is there gets the new password at once."""
    from ._user import add  # noqa: PLC0415 - each command loads only what it needs

    return add(name, **options)


@user.command("rotate")
@click.argument("name")
@click.option(
    "--overlap",
    "overlap_hours",
    type=click.FloatRange(min=0),
    default=72,
    show_default=True,
    metavar="HOURS",
    help="How long the present password is taken too.",
)
@password_options
@store_option
def user_rotate(name: str, **options: Any) -> int:
    """Give NAME a new password; the present one is taken for some time more."""
    from ._user import rotate  # noqa: PLC0415 - as above

    return rotate(name, **options)


@user.command("list")
@store_option
@click.option("--company", help="Only those of this company.")
@json_option
def user_list(**options: Any) -> int:
    """List who may connect, for which company."""
    from ._user import list_users  # noqa: PLC0415 - as above

    return list_users(**options)


@user.command("remove")
@click.argument("name")
@store_option
def user_remove(name: str, **options: Any) -> int:
    """Let NAME not connect any more; what waits stays."""
    from ._user import remove  # noqa: PLC0415 - as above

    return remove(name, **options)


@cli.command()
@click.argument("name")
@click.option("--url", required=True, help="Where the Web Connector will call: https, or http on localhost.")
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), help="The file; else standard output."
)
@click.option("--app-name", help="The name under which QuickBooks knows it; do not change it later.")
@click.option("--display-name", "app_display_name", help="The name in the Web Connector's list.")
@click.option("--unique-name", "app_unique_name", help="Lets the file replace an installed one.")
@click.option("--description", "app_description", help="At most 80 characters.")
@click.option("--support-url", "app_support", help="A page for people on the same host.  [default: the URL]")
@click.option("--cert-url", help="Where the certificate is checked.  [default: the URL]")
@click.option(
    "--every", type=click.IntRange(min=0), metavar="MINUTES", help="How often it runs; 0: by hand only.  [15]"
)
@click.option("--type", "qb_type", type=click.Choice(["QBFS", "QBPOS"]), help="QuickBooks or Point of Sale.")
@click.option("--style", type=click.Choice(["Document", "DocWrapped", "RPC"]), help="The SOAP form.")
@click.option("--auth-flags", type=click.IntRange(0, 15), help="Editions: 1, 2, 4, 8 added up; 0 all.")
@click.option("--read-only/--read-write", "is_read_only", default=None, help="What QuickBooks is asked for.")
@click.option("--notify/--no-notify", default=None, help="A balloon for each run.")
@click.option(
    "--personal-data", type=click.Choice(["pdpNotNeeded", "pdpOptional", "pdpRequired"]), help="Permission."
)
@click.option("--unattended", "unattended_mode", type=click.Choice(["umpRequired", "umpOptional"]))
@store_option
def qwc(name: str, **options: Any) -> int:
    """Write the .qwc file of user NAME; it is the same whenever it is asked for."""
    from ._qwc import write_file  # noqa: PLC0415 - as above

    return write_file(name, **options)
