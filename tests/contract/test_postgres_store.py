"""The contract suite on a real PostgreSQL server, and what only a server can show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qbsync.testing.store_suite import Clock, StoreSuite

if TYPE_CHECKING:
    from collections.abc import Callable

    from qbsync.store import Store

pytestmark = pytest.mark.xdist_group("postgres")


class TestPostgresStore(StoreSuite):
    @pytest.fixture(autouse=True)
    def _database(self, postgres: Callable[[], str]) -> None:
        self.dsn = postgres()

    def make_store(self, clock: Clock) -> Store:
        from qbsync.store.postgres import PostgresStore  # noqa: PLC0415 - needs libpq, tests run without

        return PostgresStore(self.dsn, clock=clock)
