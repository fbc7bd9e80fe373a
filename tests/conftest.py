"""Fixtures for all tests."""

from __future__ import annotations

import os
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


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


@pytest.fixture
def postgres() -> Iterator[Callable[[], str]]:
    """A function that makes an empty schema on the server of ``QBSYNC_TEST_DSN`` and returns its DSN.

    Tests that need a server are skipped without one, and say so.
    """
    dsn = os.environ.get("QBSYNC_TEST_DSN")
    if not dsn and os.environ.get("CI"):
        pytest.fail("CI tests on a PostgreSQL server: run under scripts/postgres_for_tests.sh")
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


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with tests that may take longest, so that in the end no worker waits for another one's."""

    def allowed(item: pytest.Item) -> float:
        marker = item.get_closest_marker("timeout")
        return float(marker.args[0]) if marker is not None and marker.args else 0.0

    if any(item.get_closest_marker("nightly") for item in items):
        items.sort(key=allowed, reverse=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the tables that tests recorded as ``outcome table``, whether they passed or failed."""
    for word in ("passed", "failed"):
        for report in terminalreporter.stats.get(word, ()):
            for name, value in getattr(report, "user_properties", ()):
                if name == "outcome table":
                    terminalreporter.section(report.nodeid)
                    terminalreporter.write_line(str(value))
