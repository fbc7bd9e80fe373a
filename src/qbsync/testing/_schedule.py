"""When a scheduled application runs next.

Here: the interval with its lower limit, postponements, runs missed during a long one; pure functions of time.
Not here: running anything (``connector``).
Facts: Web Connector dossier 2.3 (the third and fourth string of ``authenticate``), 3.2.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from ._session_reports import SessionReport

__all__ = ["Schedule"]


@attrs.frozen(kw_only=True)
class Schedule:
    """Every how many seconds an application runs."""

    #: The interval that the user set, in seconds.
    every: float
    #: The lower limit that the host asked for; it stays.
    at_least: float = 0.0
    #: What becomes of a run that falls due during a long one: ``skipped`` or ``at once``.
    missed: str = "skipped"

    @property
    def interval(self) -> float:
        """The seconds from run to run."""
        return max(self.every, self.at_least)

    def learned(self, report: SessionReport) -> Schedule:
        """Return the schedule with the lower limit that a session brought."""
        if report.minimum_interval is None:
            return self
        return attrs.evolve(self, at_least=float(report.minimum_interval))

    def next_run(self, began: datetime, ended: datetime, report: SessionReport) -> datetime:
        """Return when the next run is due.

        Args:
            began: when the last run began.
            ended: when it ended.
            report: what came of it; a postponement counts from its end.
        """
        if report.postponed is not None:
            return ended + timedelta(seconds=report.postponed)
        due = began + timedelta(seconds=self.interval)
        if due >= ended:
            return due
        if self.missed == "at once":
            return ended
        missed = math.ceil((ended - began).total_seconds() / self.interval)
        return began + timedelta(seconds=self.interval * missed)
