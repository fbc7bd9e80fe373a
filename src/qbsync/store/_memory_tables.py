"""What :class:`~qbsync.store.memory.MemoryStore` keeps, and how a transaction is undone.

Rows are never changed in place: a changed row replaces the old one in its table, and the journal
remembers the old one until the transaction ends. What the rows mean is in :mod:`._memory_jobs`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from attrs import field, frozen

from ..jobs import State

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from ..jobs import Change, Job
    from . import Record

    Journal = list[Callable[[], object]]

__all__ = ["Row", "Table", "Tables"]

K = TypeVar("K")
V = TypeVar("V")


class Table(dict[K, V], Generic[K, V]):
    """A dictionary whose changes by item can be undone."""

    def __init__(self, journal: Journal) -> None:
        super().__init__()
        self._journal = journal

    def __setitem__(self, key: K, value: V) -> None:
        self._remember(key)
        super().__setitem__(key, value)

    def __delitem__(self, key: K) -> None:
        self._remember(key)
        super().__delitem__(key)

    def _remember(self, key: K) -> None:
        if key in self:
            old = self[key]
            self._journal.append(lambda: dict.__setitem__(self, key, old))
        else:
            self._journal.append(lambda: dict.__delitem__(self, key))


@frozen(kw_only=True)
class Row:
    """A job with what only the store knows of it."""

    job: Job
    digest: bytes
    token: str | None = field(default=None, repr=False)
    holder: str | None = None
    deadline: datetime | None = None

    @property
    def number(self) -> int:
        """The job's id as a number."""
        return int(self.job.id)


class Tables:
    """All that a memory store knows."""

    def __init__(self) -> None:
        self._journal: Journal = []
        #: The number of the last job, under the one key ``""``.
        self.last: Table[str, int] = Table(self._journal)
        self.jobs: Table[int, Row] = Table(self._journal)
        #: (company, key) → number.
        self.keys: Table[tuple[str, str], int] = Table(self._journal)
        #: number → the numbers of the jobs that depend on it.
        self.children: Table[int, tuple[int, ...]] = Table(self._journal)
        self.history: Table[int, tuple[Change, ...]] = Table(self._journal)
        self.counts: Table[tuple[str, State], int] = Table(self._journal)
        #: (company, kind, key) → record.
        self.records: Table[tuple[str, str, str], Record] = Table(self._journal)
        self._waiting: dict[str, Table[int, None]] = {}
        self._leased: dict[str, Table[int, None]] = {}

    def waiting(self, company: str) -> Table[int, None]:
        """Return the numbers of a company's jobs in state WAITING."""
        return self._waiting.setdefault(company, Table(self._journal))

    def leased(self, holder: str) -> Table[int, None]:
        """Return the numbers of the jobs that *holder* has."""
        return self._leased.setdefault(holder, Table(self._journal))

    def all_leased(self) -> list[int]:
        """Return the numbers of all leased jobs."""
        return [number for table in self._leased.values() for number in table]

    def write(self, row: Row) -> None:
        """Keep *row* in place of the one with the same number, and all that is listed with it."""
        old = self.jobs.get(row.number)
        if old is not None:
            self._unlist(old)
        self.jobs[row.number] = row
        company, state = row.job.company, row.job.state
        self.counts[company, state] = self.counts.get((company, state), 0) + 1
        if state is State.WAITING:
            self.waiting(company)[row.number] = None
        if row.holder is not None:
            self.leased(row.holder)[row.number] = None

    def _unlist(self, old: Row) -> None:
        company, state = old.job.company, old.job.state
        self.counts[company, state] -= 1
        if state is State.WAITING:
            del self.waiting(company)[old.number]
        if old.holder is not None:
            table = self.leased(old.holder)
            del table[old.number]

    def commit(self) -> None:
        """Forget how to undo."""
        self._journal.clear()
        self._leased = {holder: table for holder, table in self._leased.items() if table}

    def roll_back(self) -> None:
        """Undo everything since the last commit."""
        for undo in reversed(self._journal):
            undo()
        self._journal.clear()
