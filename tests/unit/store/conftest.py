"""Stores to try things on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from qbsync.store.memory import MemoryStore
from qbsync.store.sqlite import SQLiteStore


class Clock:
    """A clock that stands still until it is turned."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **units: float) -> None:
        self.now += timedelta(**units)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["memory", "sqlite"])
def store(request, tmp_path, clock):
    """A store of each kind that needs no server."""
    made = (
        MemoryStore(clock=clock) if request.param == "memory" else SQLiteStore(tmp_path / "q.db", clock=clock)
    )
    yield made
    made.close()
