"""A Django program in a process of its own: settings are one a process.

    python django_host.py DSN FAILING_CODE CODE

Runs both pieces of code, then tries a put without a transaction, and prints what was refused.
"""

from __future__ import annotations

import sys

import django
import psycopg
from django.conf import settings

from qbsync.errors import UsageError
from qbsync.models import CustomerQueryRq
from qbsync.outbox import Outbox
from qbsync.store.postgres import PostgresStore


class RolledBackError(Exception):
    """What goes wrong in a host."""


def main(dsn: str, failing: str, code: str) -> None:
    parts = psycopg.conninfo.conninfo_to_dict(dsn)
    database = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts["dbname"],
        "USER": parts["user"],
        "HOST": parts["host"],
        "OPTIONS": {"options": parts["options"]},
    }
    settings.configure(DATABASES={"default": database}, USE_TZ=True)
    django.setup()
    names = {"dsn": dsn, "request": CustomerQueryRq(), "RolledBackError": RolledBackError}
    try:
        exec(failing, dict(names))
    except RolledBackError:
        sys.stdout.write("rolled back\n")
    exec(code, dict(names))
    from django.db import connection  # noqa: PLC0415 - after the settings

    try:
        Outbox(PostgresStore(dsn), company="Shop").put(CustomerQueryRq(), key="k", connection=connection)
    except UsageError as error:
        sys.stdout.write(f"{error}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
