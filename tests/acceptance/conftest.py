"""Fixtures of the acceptance tests."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from qbsync.testing import Company


@pytest.fixture
def store(tmp_path):
    """The path of a store that is not there yet."""
    return tmp_path / "store.qbsync"


@pytest.fixture
def company():
    """A company file with its chart of accounts, and nothing else."""
    return Company()


@pytest.fixture(scope="session")
def sample():
    """The orders that come with the package."""
    with resources.as_file(resources.files("qbsync.orders") / "samples" / "shop.jsonl") as path:
        yield Path(path)


@pytest.fixture(scope="session")
def northwind(shared):
    """830 orders without payments."""
    return shared / "data" / "orders" / "northwind" / "orders.jsonl"


@pytest.fixture(scope="session")
def chinook(shared):
    """412 invoices."""
    return shared / "data" / "orders" / "chinook" / "orders.jsonl"
