"""Fixtures of the service's unit tests."""

from __future__ import annotations

import pytest
from talking import Desk


@pytest.fixture
def desk():
    """A service, its store, and a company file that remembers outcomes."""
    return Desk()
