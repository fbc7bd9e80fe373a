"""Options that several commands share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["edition_option", "json_option", "listing_options", "password_options", "store_option"]

EDITIONS = ("US", "CA", "UK", "AU", "OE")


def store_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--store``, which every command but ``demo`` needs."""
    return click.option(
        "--store",
        "store_text",
        metavar="STORE",
        envvar="QBSYNC_STORE",
        required=True,
        help="Path of an SQLite file, or a postgresql:// URL (or QBSYNC_STORE).",
    )(function)


def json_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--json``."""
    return click.option("--json", "as_json", is_flag=True, help="One JSON object a line, for programs.")(
        function
    )


def listing_options(states: Sequence[str]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add ``--company``, ``--state`` and ``--limit``."""

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        function = click.option(
            "--limit", type=click.IntRange(min=1), metavar="N", help="At most so many; all without it."
        )(function)
        function = click.option("--state", type=click.Choice(states), help="Only those in this state.")(
            function
        )
        return click.option("--company", help="Only those of this company.")(function)

    return add


def password_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--password-stdin`` and ``--hashing``."""
    function = click.option(
        "--hashing", type=click.Choice(["scrypt", "argon2"]), default="scrypt", help="How it is kept."
    )(function)
    return click.option(
        "--password-stdin",
        is_flag=True,
        help="Read the password from standard input (its first line); without it one is made and shown.",
    )(function)


def edition_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--edition``."""
    return click.option(
        "--edition",
        type=click.Choice(EDITIONS),
        default="US",
        show_default=True,
        help="The edition of QuickBooks spoken to.",
    )(function)
