"""``MemoryStore``: jobs and records in this process, for tests and trials.

It keeps all rules of :mod:`qbsync.store` but one: nothing outlives the process.
Transactions are real: they run one after the other, and an exception undoes everything.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from attrs import evolve

from ..errors import RevisionError, UsageError
from ..jobs import Page
from . import _rules as rules
from ._memory_jobs import MemoryJobs
from ._memory_tables import Tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from datetime import datetime

    from . import Record, Transaction

__all__ = ["MemoryRecords", "MemoryStore", "MemoryTransaction"]


class MemoryRecords:
    """The records, as one transaction sees them; see :class:`qbsync.store.Records`."""

    def __init__(self, tables: Tables) -> None:
        self._records = tables.records

    def get(self, company: str, kind: str, key: str) -> Record | None:
        """Return the record, or ``None``."""
        return self._records.get((company, kind, key))

    def put(self, record: Record) -> Record:
        """Write *record* if nobody else did meanwhile; see ``Records.put``."""
        rules.check_record(record)
        self._check(record, new=record.revision == 0)
        written = evolve(record, revision=record.revision + 1)
        self._records[record.company, record.kind, record.key] = written
        return written

    def delete(self, record: Record) -> None:
        """Delete *record* if nobody changed it meanwhile; see ``Records.delete``."""
        self._check(record, new=False)
        del self._records[record.company, record.kind, record.key]

    def _check(self, record: Record, *, new: bool) -> None:
        found = self.get(record.company, record.kind, record.key)
        revision = None if found is None else found.revision
        if revision != (None if new else record.revision):
            raise RevisionError(record.kind, record.revision or None, revision)

    def page(
        self,
        company: str,
        kind: str,
        *,
        state: str | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page[Record]:
        """Return records of one kind; see ``Records.page``."""
        rules.check_limit(limit, rules.MAX_PAGE)
        after = ("", "") if cursor is None else rules.decode_cursor(cursor, 2)
        found = sorted(
            (
                record
                for record in self._records.values()
                if (record.company, record.kind) == (company, kind)
                and (state is None or record.state == state)
                and (record.sort, record.key) > after
            ),
            key=lambda record: (record.sort, record.key),
        )
        items = found[:limit]
        more = len(found) > limit
        return Page(items=items, cursor=rules.encode_cursor(items[-1].sort, items[-1].key) if more else None)


class MemoryTransaction:
    """What :class:`MemoryStore` offers between begin and commit; see ``Transaction``."""

    def __init__(self, tables: Tables, now: datetime) -> None:
        self._now = now
        self._jobs = MemoryJobs(tables, now)
        self._records = MemoryRecords(tables)
        self._open = True

    def _check_open(self) -> None:
        if not self._open:
            raise UsageError("transaction: expected to be used inside its block, which has ended")

    @property
    def jobs(self) -> MemoryJobs:
        """The jobs."""
        self._check_open()
        return self._jobs

    @property
    def records(self) -> MemoryRecords:
        """The records."""
        self._check_open()
        return self._records

    def now(self) -> datetime:
        """Return the moment at which the transaction began."""
        return self._now

    def lock(self, company: str) -> None:  # noqa: ARG002  # the protocol's parameter; one lock serves all
        """Do nothing: no other transaction runs, whatever the *company*."""
        self._check_open()

    def end(self) -> None:
        """Let nothing more be done."""
        self._open = False


class MemoryStore:
    """Jobs and records in memory; see :class:`qbsync.store.Store`.

    Args:
        clock: returns the present moment, aware; the system's clock by default.
    """

    def __init__(self, *, clock: Callable[[], datetime] | None = None) -> None:
        self._clock = clock or rules.system_clock
        self._tables = Tables()
        self._lock = threading.Lock()
        self._owner: int | None = None
        self._closed = False

    @contextmanager
    def begin(self) -> Iterator[MemoryTransaction]:
        """Start a transaction; leaving the block commits it, an exception rolls it back.

        Raises:
            UsageError: this thread is in a transaction of this store already, or the store is closed.
        """
        if self._owner == threading.get_ident():
            raise UsageError("begin: expected no open transaction in this thread, found one")
        with self._lock:
            if self._closed:
                raise UsageError("MemoryStore: expected an open store, it was closed")
            self._owner = threading.get_ident()
            try:
                yield from self._work()
            finally:
                self._owner = None

    def _work(self) -> Iterator[MemoryTransaction]:
        transaction = MemoryTransaction(self._tables, rules.utc(self._clock(), "clock"))
        try:
            yield transaction
        except BaseException:
            self._tables.roll_back()
            raise
        finally:
            transaction.end()
        self._tables.commit()

    def join(self, connection: object) -> AbstractContextManager[Transaction]:
        """Refuse: memory has no connections.

        Raises:
            UsageError: always.
        """
        raise UsageError(f"MemoryStore: expected no connection to join, got {type(connection).__name__}")

    def close(self) -> None:
        """Let nothing more begin; a second call does nothing."""
        self._closed = True
