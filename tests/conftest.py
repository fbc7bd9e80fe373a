"""Fixtures for all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def shared_folder() -> Path | None:
    """Return the folder of shared test data, or ``None`` where there is none."""
    given = os.environ.get("QBSYNC_SHARED")
    folder = Path(given) if given else Path(__file__).resolve().parents[2] / "shared"
    return folder if (folder / "data").is_dir() else None


@pytest.fixture(scope="session")
def shared() -> Path:
    """The shared test data; tests that need it are skipped without it, and say so."""
    folder = shared_folder()
    if folder is None:
        pytest.skip("the shared test data is not here (set QBSYNC_SHARED)")
    return folder
