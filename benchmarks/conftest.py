"""Rounds in pairs, and the table of ratios at the end.

Machines are noisy, so what counts is a ratio inside one run: before each round of ours the baseline does
the same work once, and the median of the ratios of these pairs is what the table shows.
"""

from __future__ import annotations

import gc
import statistics
import time
from typing import TYPE_CHECKING, Any

import attrs
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 9
ROWS = pytest.StashKey[list["Row"]]()


@attrs.frozen
class Row:
    """One line of the table, times in microseconds a unit."""

    name: str
    unit: str
    ours: float
    baseline: float
    ratio: float
    most: float | None


class Pairs:
    """Measures our way and the baseline's in turn."""

    def __init__(self, benchmark: Any, rows: list[Row]) -> None:
        self._benchmark = benchmark
        self._rows = rows

    def __call__(
        self,
        name: str,
        ours: Callable[[], object],
        baseline: Callable[[], object],
        *,
        units: int,
        unit: str = "invoice",
        most: float | None = None,
    ) -> float:
        """Measure, add a row to the table, and return the ratio.

        Args:
            name: what the work is.
            ours: does it with qbsync.
            baseline: does it without.
            units: how many *unit* one call does.
            unit: what is counted.
            most: the ratio that we want to stay under.
        """
        theirs: list[float] = []

        def before() -> None:
            gc.collect()
            begun = time.perf_counter()
            baseline()
            theirs.append(time.perf_counter() - begun)
            gc.collect()

        self._benchmark.group = name
        self._benchmark.pedantic(ours, setup=before, rounds=ROUNDS, warmup_rounds=1)
        times = self._benchmark.stats.stats.data
        theirs = theirs[-len(times) :]
        ratio = statistics.median(own / other for own, other in zip(times, theirs, strict=True))
        scale = 1e6 / units
        row = Row(
            name, unit, statistics.median(times) * scale, statistics.median(theirs) * scale, ratio, most
        )
        self._rows.append(row)
        self._benchmark.extra_info["ratio"] = round(ratio, 3)
        return ratio


@pytest.fixture
def pairs(benchmark: Any, pytestconfig: pytest.Config) -> Pairs:
    """The measure of pairs."""
    return Pairs(benchmark, pytestconfig.stash.setdefault(ROWS, []))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the table."""
    rows = config.stash.get(ROWS, [])
    if not rows:
        return
    terminalreporter.section("ratios of time to a plain lxml loop, medians of pairs")
    terminalreporter.write_line("| work | unit | ours µs | lxml µs | ratio | aim |")
    terminalreporter.write_line("| --- | --- | --: | --: | --: | --: |")
    for row in rows:
        aim = "" if row.most is None else f"≤ {row.most:.2f}"
        terminalreporter.write_line(
            f"| {row.name} | {row.unit} | {row.ours:.1f} | {row.baseline:.1f} | {row.ratio:.2f} | {aim} |"
        )
