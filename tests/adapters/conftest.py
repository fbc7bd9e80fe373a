"""Stores for the mounts: SQLite, and PostgreSQL where there is one for tests."""

from __future__ import annotations

import os
import uuid
from urllib.parse import quote, urlencode

import pytest


@pytest.fixture(params=["sqlite", "postgres"])
def store_text(request, tmp_path):
    """An empty store, as the command line names it."""
    if request.param == "sqlite":
        yield str(tmp_path / "store")
        return
    dsn = os.environ.get("QBSYNC_TEST_DSN")
    if not dsn:
        pytest.skip("no PostgreSQL for tests here (set QBSYNC_TEST_DSN)")
    psycopg = pytest.importorskip("psycopg")
    name = f"adapters_{uuid.uuid4().hex}"
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(f'create database "{name}"')
    yield _url(psycopg.conninfo.conninfo_to_dict(dsn), name)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(f'drop database "{name}" with (force)')


def _url(parts, name):
    """Return the URL of the database *name* on the same server."""
    rest = {key: value for key, value in parts.items() if key not in {"user", "dbname"}}
    return f"postgresql://{quote(str(parts['user']))}@/{name}?{urlencode(rest)}"
