"""The command line, run: exit statuses, and what qbsync raises on purpose as one line of text.

Commands, their options and their texts stand in the modules ``_commands_*``; what they do is loaded when one
is run. Exit statuses: 0 it went well, 1 it could not be done, 2 wrong usage, 3 some orders were refused, or
documents have problems.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..errors import QbsyncError
from . import _commands_language, _commands_trouble, _commands_upkeep, _commands_users, _commands_work
from ._group import cli

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["cli", "run"]

#: Loaded for the commands that they add.
_PARTS = (_commands_users, _commands_work, _commands_language, _commands_upkeep, _commands_trouble)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status; what qbsync raises on purpose is one line of text."""
    try:
        result = cli.main(args=None if arguments is None else list(arguments), standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("stopped", err=True)
        return 1
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except QbsyncError as error:
        click.echo(f"error: {error}", err=True)
        return 1
    except OSError as error:
        click.echo(f"error: {error}", err=True)
        return 1
    return result if isinstance(result, int) else 0
