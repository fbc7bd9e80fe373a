"""The names that ``qbsync.testing`` offers, and what importing it costs other people's tests."""

from __future__ import annotations

import subprocess
import sys

import pytest

import qbsync.testing


@pytest.mark.parametrize("name", qbsync.testing.__all__)
def test_each_public_name_is_there(name):
    assert getattr(qbsync.testing, name) is not None
    assert name in dir(qbsync.testing)


def test_another_name_is_not():
    with pytest.raises(AttributeError, match=r"module 'qbsync.testing' has no attribute 'Nothing'"):
        qbsync.testing.Nothing  # noqa: B018 - asking is the test


def test_the_plugin_loads_nothing_but_pytest_before_a_fixture_is_asked_for():
    """Pytest imports the plugin in every project where qbsync is installed."""
    program = (
        "import sys, pytest, qbsync.testing.pytest_plugin\n"
        "print(*sorted(name for name in sys.modules if name.startswith(('qbsync', 'lxml'))))"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert found.stdout.split() == ["qbsync", "qbsync.testing", "qbsync.testing.pytest_plugin"]
