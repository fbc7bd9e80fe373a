"""The command ``qbsync`` itself, to which the modules beside this one add their commands."""

from __future__ import annotations

import click

__all__ = ["cli"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="qbsync")
def cli() -> None:
    """Shop orders into QuickBooks Desktop, through Intuit's Web Connector."""
