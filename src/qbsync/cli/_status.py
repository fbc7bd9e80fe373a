"""The command ``status``: what a code means, who must act, and what helps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..errors import UsageError
from ..qbxml.status import render

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["explain_codes"]


def explain_codes(codes: Iterable[str]) -> int:
    """Print what is known about each code; what is no code is wrong usage."""
    try:
        click.echo("\n\n".join(map(render, codes)))
    except UsageError as error:
        raise click.UsageError(str(error)) from None
    return 0
