"""The commands ``describe`` and ``schema``: the template of a message or aggregate, and the XML Schema."""

from __future__ import annotations

import click

from ..errors import UsageError
from ..qbxml import schema
from ..qbxml.describe import template
from ..qbxml.versions import CEILING

__all__ = ["describe_name", "print_schema"]


def describe_name(name: str, *, version: str | None, edition: str) -> int:
    """Print what *name* holds in one version and edition; an unknown name is wrong usage."""
    try:
        click.echo(template(name, version=version or CEILING, edition=edition))
    except UsageError as error:
        raise click.UsageError(str(error)) from None
    return 0


def print_schema(*, version: str | None, edition: str, strict: bool) -> int:
    """Print the schema of one version and edition, as bytes that mean the same on every platform."""
    try:
        written = schema.write(version or CEILING, edition, strict=strict)
    except UsageError as error:
        raise click.UsageError(str(error)) from None
    click.echo(written, nl=False)
    return 0
