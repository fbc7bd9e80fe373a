"""What a store that speaks SQL offers between begin and commit; see :class:`qbsync.store.Transaction`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._sql_jobs import SqlJobs
from ._sql_records import SqlRecords

if TYPE_CHECKING:
    from datetime import datetime

    from ._sql_work import Work

__all__ = ["SqlTransaction"]


class SqlTransaction:
    """A transaction over a :class:`~qbsync.store._sql_work.Work`."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._jobs = SqlJobs(work)
        self._records = SqlRecords(work)

    @property
    def jobs(self) -> SqlJobs:
        """The jobs."""
        self._work.check_open()
        return self._jobs

    @property
    def records(self) -> SqlRecords:
        """The records."""
        self._work.check_open()
        return self._records

    def now(self) -> datetime:
        """Return the moment at which the transaction began."""
        return self._work.now

    def lock(self, company: str) -> None:
        """Let no other transaction that locks *company* go on; one that writes alone anyway does nothing."""
        self._work.check_open()
        self._work.lock([company])
