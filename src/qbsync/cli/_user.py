"""``qbsync user add``."""

from __future__ import annotations

import sys
from contextlib import closing

import click

from ..auth import add_account
from ._stores import open_store

__all__ = ["add"]


def add(name: str, *, company: str, password_stdin: bool, store_text: str) -> int:
    """Write the account into the store and say so."""
    password = _password(from_stdin=password_stdin)
    with closing(open_store(store_text)) as store:
        add_account(store, name, company=company, password=password)
    click.echo(f"user {name} may connect for company {company}")
    return 0


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    if not password:
        raise click.ClickException("the password is empty")
    return password
