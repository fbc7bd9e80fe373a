"""A PostgreSQL server for the tests: one that is there, or none."""

from __future__ import annotations

import os
import uuid
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def postgres() -> Iterator[Callable[[], str]]:
    """A function that makes an empty schema on the server of ``QBSYNC_TEST_DSN`` and returns its DSN."""
    dsn = os.environ.get("QBSYNC_TEST_DSN")
    if not dsn:
        pytest.skip("no PostgreSQL server (set QBSYNC_TEST_DSN, or run under scripts/postgres_for_tests.sh)")
    psycopg = pytest.importorskip("psycopg", exc_type=ImportError)
    made: list[str] = []

    def make() -> str:
        name = f"qbsync_{uuid.uuid4().hex}"
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {name}")
        made.append(name)
        return psycopg.conninfo.make_conninfo(dsn, options=f"-csearch_path={name}")

    yield make
    with psycopg.connect(dsn, autocommit=True) as connection:
        for name in made:
            connection.execute(f"DROP SCHEMA {name} CASCADE")
