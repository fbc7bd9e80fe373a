"""The names that ``qbsync`` itself offers."""

from __future__ import annotations

import subprocess
import sys

import pytest

import qbsync

NAMES = {
    "InvalidOrderError",
    "InvalidRequestError",
    "Job",
    "KeyConflictError",
    "Outbox",
    "Outcome",
    "ParseError",
    "QbsyncError",
    "RemoteError",
    "Service",
    "State",
    "StatusError",
    "StoreError",
    "UsageError",
    "__version__",
}


def test_the_public_names_are_these():
    """A name comes or goes on purpose only."""
    assert set(qbsync.__all__) == NAMES


def test_each_public_name_is_there():
    """``from qbsync import *`` gives every one of them."""
    namespace: dict[str, object] = {}
    exec("from qbsync import *", namespace)

    assert namespace.keys() >= NAMES


def test_dir_shows_the_lazy_names():
    """Completion in a shell finds what is not loaded yet."""
    assert set(dir(qbsync)) >= NAMES


def test_an_unknown_name_is_an_attribute_error():
    """A misspelt name fails as in any module."""
    with pytest.raises(AttributeError, match="Outbux"):
        qbsync.Outbux  # noqa: B018 - the access is the test


@pytest.mark.parametrize("module", ["lxml", "sqlite3", "attrs", "qbsync.models"])
def test_importing_the_package_loads_nothing_heavy(module):
    """A program that only wants an error class does not pay for XML and databases."""
    code = f"import sys, qbsync; sys.exit({module!r} in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
