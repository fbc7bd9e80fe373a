"""The command ``describe``: the template of a message or aggregate."""

from __future__ import annotations

import click

from ..errors import UsageError
from ..qbxml.describe import template
from ..qbxml.versions import CEILING

__all__ = ["describe_name"]


def describe_name(name: str, *, version: str | None, edition: str) -> int:
    """Print what *name* holds in one version and edition; an unknown name is wrong usage."""
    try:
        click.echo(template(name, version=version or CEILING, edition=edition))
    except UsageError as error:
        raise click.UsageError(str(error)) from None
    return 0
