"""What the parts of the store suite have in common: a clock to turn, short ways to put, lease and move.

The suite needs no test framework but one that makes an object for each test, calls ``setup_method``
before it and ``teardown_method`` after it, as pytest does. Its own asserts name the rule that was broken.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Generic, TypeVar

from ..jobs import Move, NewJob, Outcome, PutResult, State

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..jobs import Job, Lease, Put
    from ..store import Store

__all__ = ["SHOP", "Clock", "Refusal", "StoreBase"]

E = TypeVar("E", bound=Exception)

#: The company of most tests.
SHOP = "shop"


class Clock:
    """A clock that stands still until it is turned."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 4, 5, 6, 7, 890123, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return the present moment."""
        return self.now

    def advance(self, seconds: float) -> datetime:
        """Go on by *seconds* and return the new moment."""
        self.now += timedelta(seconds=seconds)
        return self.now


class Refusal(Generic[E]):
    """Holds the exception that a refused step raised."""

    error: E


class StoreBase:
    """A store under test, and short ways to work with it."""

    def setup_method(self) -> None:
        """Begin a test: a new clock, no store yet."""
        self.clock = Clock()
        self._store: Store | None = None

    def teardown_method(self) -> None:
        """End a test: close its store."""
        if self._store is not None:
            self._store.close()

    def make_store(self, clock: Clock) -> Store:
        """Return a new, empty store that uses *clock*; to be overridden."""
        raise NotImplementedError

    @property
    def store(self) -> Store:
        """The store of this test, made when first used."""
        if self._store is None:
            self._store = self.make_store(self.clock)
        return self._store

    # Saying what broke

    def same(self, got: object, expected: object, rule: str) -> None:
        """Fail unless *got* equals *expected*."""
        if got != expected:
            raise AssertionError(f"{rule}: expected {expected!r}, got {got!r}")

    @contextmanager
    def refused(self, error: type[E], rule: str) -> Iterator[Refusal[E]]:
        """Fail unless the block raises *error*, which then stands on what the block was given."""
        refusal = Refusal[E]()
        try:
            yield refusal
        except error as raised:
            refusal.error = raised
        else:
            raise AssertionError(f"{rule}: expected {error.__name__}, got no exception")

    # Short ways

    def later(self, seconds: float) -> datetime:
        """Return the moment *seconds* from now."""
        return self.clock.now + timedelta(seconds=seconds)

    def new(
        self,
        key: str,
        *,
        company: str = SHOP,
        kind: str = "order",
        payload: bytes = b"payload",
        priority: int = 0,
        not_before: datetime | None = None,
        depends_on: Sequence[str] = (),
    ) -> NewJob:
        """Return a job to be put."""
        return NewJob(
            company=company,
            kind=kind,
            key=key,
            payload=payload,
            priority=priority,
            not_before=not_before,
            depends_on=tuple(depends_on),
        )

    def put(self, *jobs: NewJob) -> list[Put]:
        """Put *jobs* in a transaction of their own."""
        with self.store.begin() as t:
            return list(t.jobs.put(jobs))

    def put_one(self, job: NewJob) -> str:
        """Put *job*, which must be new, and return its id."""
        (answer,) = self.put(job)
        self.same(answer.result, PutResult.CREATED, "a new key creates a job")
        return answer.job_id

    def job(self, job_id: str) -> Job:
        """Return a job."""
        with self.store.begin() as t:
            return t.jobs.get([job_id])[0]

    def lease(
        self,
        *,
        company: str = SHOP,
        holder: str = "session",
        limit: int = 100,
        seconds: float = 60,
        kinds: Sequence[str] = (),
    ) -> list[Lease]:
        """Lease jobs in a transaction of its own."""
        with self.store.begin() as t:
            until = t.now() + timedelta(seconds=seconds)
            return t.jobs.lease(company, holder=holder, limit=limit, until=until, kinds=kinds)

    def move(self, *moves: Move) -> None:
        """Move jobs in a transaction of its own."""
        with self.store.begin() as t:
            t.jobs.move(moves)

    def states(self, company: str = SHOP) -> dict[str, State]:
        """Return the state of each job of a company, by key."""
        with self.store.begin() as t:
            return {job.key: job.state for job in t.jobs.page(company=company, limit=1000).items}

    def keys(self, leases: Sequence[Lease]) -> list[str]:
        """Return the keys of leased jobs, in order."""
        return [lease.job.key for lease in leases]

    def hand_out(self, lease: Lease, batch: str = "batch", plan: bytes = b"plan") -> None:
        """Hand a leased job out to QuickBooks."""
        self.move(self.handed(lease, batch=batch, plan=plan))

    def handed(self, lease: Lease, *, batch: str = "batch", plan: bytes | None = b"plan") -> Move:
        """Return the move that hands a job out."""
        return Move(
            job_id=lease.job.id, to=State.LEASED, token=lease.token, plan=plan, batch=batch, attempted=True
        )

    def end(
        self, lease: Lease, to: State, *, outcome: Outcome | None = None, reason: str | None = None
    ) -> None:
        """Move a leased job to *to*."""
        self.move(Move(job_id=lease.job.id, to=to, token=lease.token, outcome=outcome, reason=reason))

    def job_in(self, state: State, key: str = "job", *, company: str = SHOP) -> str:
        """Put a job and bring it into *state*; return its id."""
        job_id = self.put_one(self.new(key, company=company, kind=f"kind of {key}"))
        if state is State.WAITING:
            return job_id
        if state in {State.BLOCKED, State.CANCELLED}:
            self.move(Move(job_id=job_id, to=state, reason="a person said so"))
            return job_id
        (lease,) = self.lease(company=company, kinds=[f"kind of {key}"])
        if state is not State.LEASED:
            self.end(lease, state, reason="brought there")
        return job_id

    def token(self, job_id: str, holder: str = "session") -> str | None:
        """Return the token of a job's lease, ``None`` if *holder* has none."""
        with self.store.begin() as t:
            return {lease.job.id: lease.token for lease in t.jobs.leases(holder)}.get(job_id)
