"""``qbsync user``: who may connect, and with which password."""

from __future__ import annotations

import sys
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from ..auth import accounts, add_account, remove_account, rotate_password
from ._output import json_line, table
from ._stores import open_store

if TYPE_CHECKING:
    from .._passwords import Scheme

__all__ = ["add", "list_users", "remove", "rotate"]


def add(name: str, *, company: str, password_stdin: bool, hashing: Scheme, store_text: str) -> int:
    """Write the account into the store and say so, with the password if it was made here."""
    given = _given(from_stdin=password_stdin)
    with closing(open_store(store_text)) as store:
        password = add_account(store, name, company=company, password=given, hashing=hashing)
    click.echo(f"user {name} may connect for company {company}")
    _show(None if given else password)
    return 0


def rotate(name: str, *, overlap_hours: float, password_stdin: bool, hashing: Scheme, store_text: str) -> int:
    """Give the account a new password and say until when the present one is taken."""
    given = _given(from_stdin=password_stdin)
    with closing(open_store(store_text, must_exist=True)) as store:
        overlap = timedelta(hours=overlap_hours)
        password = rotate_password(store, name, overlap=overlap, password=given, hashing=hashing)
    kept = f"the present one is taken for {overlap_hours:g} more hours" if overlap else "the old one is void"
    click.echo(f"user {name} has a new password; {kept}")
    _show(None if given else password)
    return 0


def list_users(*, store_text: str, company: str | None, as_json: bool) -> int:
    """List the accounts; no part of a password is shown."""
    with closing(open_store(store_text, must_exist=True)) as store:
        found = list(accounts(store, company=company))
    until = ["" if each.overlap_until is None else each.overlap_until.isoformat() for each in found]
    if as_json:
        for each, moment in zip(found, until, strict=True):
            json_line({"user": each.user_name, "company": each.company, "overlap_until": moment or None})
    else:
        rows = [(each.user_name, each.company, moment) for each, moment in zip(found, until, strict=True)]
        table(("user", "company", "old password until"), rows, nothing="no users")
    return 0


def remove(name: str, *, store_text: str) -> int:
    """Remove the account and say so."""
    with closing(open_store(store_text, must_exist=True)) as store:
        remove_account(store, name)
    click.echo(f"user {name} may not connect any more")
    return 0


def _given(*, from_stdin: bool) -> str | None:
    """Return the password on standard input, or ``None`` when one is to be made."""
    if not from_stdin:
        return None
    if sys.stdin is None:
        raise click.ClickException("standard input is closed: no password could be read")
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise click.ClickException("the password is empty")
    return password


def _show(password: str | None) -> None:
    """Show a password that was made here; it is kept nowhere and cannot be shown again."""
    if password is not None:
        click.echo(f"password {password}")
        click.echo("type it into the Web Connector now: it is not kept, and cannot be shown again", err=True)
