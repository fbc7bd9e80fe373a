"""The contract suite on the stores that need nothing but this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qbsync.store.memory import MemoryStore
from qbsync.store.sqlite import SQLiteStore
from qbsync.testing.store_suite import Clock, StoreSuite

if TYPE_CHECKING:
    from pathlib import Path

    from qbsync.store import Store


class TestMemoryStore(StoreSuite):
    def make_store(self, clock: Clock) -> Store:
        return MemoryStore(clock=clock)


class TestSQLiteStore(StoreSuite):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path

    def make_store(self, clock: Clock) -> Store:
        return SQLiteStore(self.folder / "jobs.db", clock=clock)
