"""How long a program waits before its first line: importing, beside importing what we need ourselves."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Pairs

NEEDED = "import lxml.etree, attrs"
TIMES = 3


def started(code: str) -> float:
    """Return the seconds that a new Python takes for *code*, its own start apart."""

    def once(what: str) -> float:
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-c", what], check=True)
        return time.perf_counter() - begun

    return statistics.median(once(code) - once("pass") for _ in range(TIMES))


@pytest.mark.parametrize(
    "code",
    [
        "import qbsync",
        "import qbsync; from qbsync.models import InvoiceAdd",
        "from qbsync.qbxml import build, parse",
    ],
)
def test_import(pairs: Pairs, code: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A new process each time, with the modules compiled already."""
    pairs(
        code,
        lambda: subprocess.run([sys.executable, "-c", code], check=True),
        lambda: subprocess.run([sys.executable, "-c", NEEDED], check=True),
        units=1,
        unit="start of Python",
    )
    with capsys.disabled():
        print(f"{code}: {started(code) * 1000:.0f} ms, {NEEDED}: {started(NEEDED) * 1000:.0f} ms")
