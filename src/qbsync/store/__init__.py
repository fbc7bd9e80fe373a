"""The store: where jobs and records are kept, as protocols.

Everything that must outlive a process is here: jobs (the queue half) and records (sessions, accounts,
batches, refused orders, what was learned about a company).
A store knows no XML and no handler; payloads are bytes.

Implementations: :mod:`qbsync.store.memory`, :mod:`qbsync.store.sqlite`, :mod:`qbsync.store.postgres`.
Whoever writes another one proves it with ``qbsync.testing.store_suite.StoreSuite``.

Rules for all implementations:

- Every method is called inside ``with store.begin() as t:``; leaving the block normally commits,
  leaving it with an exception rolls everything back.
- A committed change survives a crash of the process (and, where the store is durable, of the machine).
- Two transactions never see half of each other.
- Moments are aware ``datetime`` objects in UTC; ``t.now()`` is the store's clock and the only one used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from ..jobs import Change, Job, Lease, Move, NewJob, Page, Put, State

__all__ = ["Queue", "Record", "Records", "Store", "Transaction"]


@frozen(kw_only=True)
class Record:
    """A small document with a place, a state and a revision."""

    #: The company it belongs to; empty for what belongs to the whole store.
    company: str
    #: What it is, e.g. ``session``, ``account``, ``batch``, ``refused``.
    kind: str
    #: Unique within (company, kind).
    key: str
    #: For listings; what it means depends on the kind.
    state: str = ""
    #: Listings are sorted by (sort, key), as text.
    sort: str = ""
    value: bytes = field(default=b"", repr=False)
    #: 1 when created, one more with each change.
    revision: int = 0


class Records(Protocol):
    """The record half of a transaction."""

    def get(self, company: str, kind: str, key: str) -> Record | None:
        """Return the record, or ``None``."""
        ...

    def put(self, record: Record) -> Record:
        """Write *record* if the stored revision is ``record.revision`` (0: it must be new).

        Returns:
            The record with its new revision.

        Raises:
            RevisionError: somebody changed, created or deleted it meanwhile; nothing is changed.
        """
        ...

    def delete(self, record: Record) -> None:
        """Delete *record* if the stored revision is ``record.revision``.

        Raises:
            RevisionError: as in :meth:`put`.
        """
        ...

    def page(
        self,
        company: str,
        kind: str,
        *,
        state: str | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page[Record]:
        """Return records of one kind, sorted by (sort, key), at most *limit* (1 to 1000)."""
        ...


class Queue(Protocol):
    """The job half of a transaction."""

    def put(self, jobs: Sequence[NewJob], /) -> list[Put]:
        """Put jobs; one answer a job, in order.

        The same (company, key) with the same kind and payload is EXISTING; with other content CONFLICT;
        if that job failed or was cancelled it is REPLACED: same id, new content, waiting, attempts 0;
        its outcome stays if the content is the same, so that what was done is not done again.
        A job whose ``depends_on`` are not all done is BLOCKED until they are.

        Raises:
            JobNotFoundError: a job in ``depends_on`` does not exist (in that company); nothing is put.
            UsageError: an empty company, kind or key, a naive moment, a job that would wait for itself;
                nothing is put.
        """
        ...

    def get(self, ids: Sequence[str], /) -> list[Job]:
        """Return jobs in the order of *ids*.

        Raises:
            JobNotFoundError: for the first id that does not exist.
        """
        ...

    def find(self, company: str, keys: Sequence[str]) -> dict[str, Job]:
        """Return the jobs of *company* that have these keys, by key; unknown keys are left out."""
        ...

    def ready(self, company: str) -> bool:
        """Return whether a job of *company* could be leased now, in constant time."""
        ...

    def lease(
        self, company: str, *, holder: str, limit: int, until: datetime, kinds: Sequence[str] = ()
    ) -> list[Lease]:
        """Lease at most *limit* ready jobs: highest priority first, then in the order they were put.

        A store may take jobs whose ``not_before`` has passed in parts, those that came due first first, when
        thousands come due between two leases; no part is smaller than 5,000 jobs.

        Args:
            company: whose jobs.
            holder: the session that will hold the leases.
            limit: at most so many (≥ 1).
            until: the deadline of the leases.
            kinds: only these kinds; empty means all.
        """
        ...

    def leases(self, holder: str) -> list[Lease]:
        """Return the leases of *holder*, in the order of :meth:`lease`."""
        ...

    def move(self, moves: Sequence[Move], /) -> None:
        """Carry out *moves*, all or none; history gets a row when a state changes or a job is handed out.

        A job that becomes DONE unblocks those that waited for it alone; one that becomes FAILED or CANCELLED
        leaves them blocked, with a reason that names it.

        Raises:
            JobNotFoundError: an id is unknown.
            LeaseLostError: a leased job was moved with another token than its own, or a job that is not
                leased with any token.
            JobStateError: ``jobs.CHANGES`` does not allow it, or a job that is not leased was to be LEASED,
                which only :meth:`lease` does.
            DocumentsDroppedError: a purged job was to be WAITING.
            UsageError: two moves of one job, or a naive moment.
        """
        ...

    def expire(self, company: str | None = None) -> int:
        """End leases past their deadline (handed out → IN_DOUBT, else → WAITING); return how many."""
        ...

    def settled(self, before: datetime, *, limit: int = 1000) -> list[str]:
        """Return the jobs that ended (DONE, FAILED, CANCELLED) before a moment and still have documents.

        Args:
            before: the moment; a job that ended at it is not among them.
            limit: at most so many, 1 to 1000; those that ended first.
        """
        ...

    def purge(self, ids: Sequence[str], /, *, words: bool = False) -> None:
        """Drop the documents of settled jobs, all or none; what stands for them stays for ever.

        Dropped are payload, plan, and the messages and responses in the outcome. Kept are id, company,
        kind, key, state, dependencies, the outcome's label, ids and status codes, and the history: the same
        key with the same content is still EXISTING, with other content CONFLICT (or REPLACED).
        A purged job cannot be moved to WAITING; putting its key again brings new documents.

        Args:
            ids: the jobs; one that is purged already is left as it is, *words* apart.
            words: drop the reasons too, the job's and those in its history.

        Raises:
            JobNotFoundError: an id is unknown.
            JobStateError: a job is not settled.
        """
        ...

    def companies(self) -> Sequence[str]:
        """Return the companies that have jobs, or had some, in order."""
        ...

    def page(
        self,
        *,
        company: str | None = None,
        kind: str | None = None,
        state: State | None = None,
        label: str | None = None,
        batch: str | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page[Job]:
        """Return jobs in the order they were put, at most *limit* (1 to 1000); *label* is the outcome's."""
        ...

    def counts(self, company: str) -> Mapping[State, int]:
        """Return how many jobs of *company* are in each state (states without jobs may be left out)."""
        ...

    def history(self, job_id: str) -> Sequence[Change]:
        """Return the history of a job, oldest first.

        Raises:
            JobNotFoundError: the id is unknown.
        """
        ...


class Transaction(Protocol):
    """What a store offers between begin and commit."""

    @property
    def jobs(self) -> Queue:
        """The jobs."""
        ...

    @property
    def records(self) -> Records:
        """The records."""
        ...

    def now(self) -> datetime:
        """Return the store's present moment: the same throughout one transaction."""
        ...

    def lock(self, company: str) -> None:
        """Let no other transaction that locks *company* go on until this one ends."""
        ...


class Store(Protocol):
    """A place for jobs and records."""

    def begin(self) -> AbstractContextManager[Transaction]:
        """Start a transaction; leaving the block commits it, an exception rolls it back."""
        ...

    def join(self, connection: object) -> AbstractContextManager[Transaction]:
        """Work inside the host's own open transaction: never commits, never rolls back.

        Raises:
            UsageError: the store cannot join such a connection.
        """
        ...

    def close(self) -> None:
        """Release what the store holds open; a second call does nothing."""
        ...
