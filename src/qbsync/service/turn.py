"""One call's work on one session, inside one transaction: what was read, what changes, what is written.

Here are the records that a conversation needs besides jobs and batches: ``session`` (company empty, key the
hash of its ticket), ``tries`` (how often a job had to be tried again) and ``delivery`` (jobs whose end the
host has yet to be told). Values are JSON with a format number.
"""

from __future__ import annotations

import json
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, fields, frozen

from ..handlers import Context
from ..hooks import BatchSent, JobInDoubt, JobSettled
from ..jobs import FORMAT, Move, State
from ..qbwc.session import OVER, Session
from ..store import Record
from ..store.restored import restored
from .batches import KIND, Batch, BatchState
from .company import CompanyState
from .costs import MeasuredCosts
from .schedule import permit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from ..handlers import Handler
    from ..hooks import Event as HookEvent
    from ..hooks import Hook
    from ..jobs import Job, Lease
    from ..planner import Budgets
    from ..store import Transaction

__all__ = ["DELIVERY", "SESSION", "Settings", "Turn", "has_work", "new_session", "owe_delivery"]

SESSION, TRIES, DELIVERY = "session", "tries", "delivery"

#: Jobs in one page of a listing.
_AT_ONCE = 1000


@frozen(kw_only=True)
class Settings:
    """What a service was made with, as far as a turn needs it."""

    #: By kind.
    handlers: Mapping[str, Handler]
    budgets: Budgets
    #: Without a call for so long, a session is over.
    idle: timedelta
    #: Makes ids of message sets: 20 characters, never twice the same.
    new_id: Callable[[], str] = field(repr=False)
    #: Who wants to be told of events, from the store.
    hooks: tuple[Hook, ...] = ()
    #: Documents of what ended are dropped after so many days; ``None``: never.
    retention_days: float | None = None
    #: After so long without a contact, a company with work that waits is stalled.
    stalled: timedelta = timedelta(hours=2)


class Turn:
    """One call's work on one session.

    Args:
        t: the open transaction; the company is locked in it.
        settings: what the service was made with.
        record: the session's record.
        company: what is remembered of its company; shared when two sessions meet in one turn.
    """

    def __init__(self, t: Transaction, settings: Settings, record: Record, company: CompanyState) -> None:
        self.t = t
        self.settings = settings
        self.key = record.key
        self.now = t.now()
        self.session = Session.from_json(record.value)
        self.company = company
        self.costs = MeasuredCosts.load(t, self.session.company)
        #: What happened, in order.
        self.events: list[HookEvent] = []
        #: How many jobs were decided, settled or written into a document.
        self.handled = 0
        #: Whether there was no document to send, but more jobs would have to be decided to know.
        self.unfinished = False
        self._record = record

    @classmethod
    def open(
        cls, t: Transaction, settings: Settings, key: str, company: CompanyState | None = None
    ) -> Turn | None:
        """Read the session *key*, locking its company; ``None`` when there is none."""
        record = t.records.get("", SESSION, key)
        if record is not None and company is None:
            name = Session.from_json(record.value).company
            t.lock(name)
            company = CompanyState.load(t, name)
            record = t.records.get("", SESSION, key)
        return None if record is None or company is None else cls(t, settings, record, company)

    # -- the session

    def change(self, **changes: Any) -> None:
        """Change fields of the session."""
        self.session = evolve(self.session, **changes)

    def tell(self, kind: type[HookEvent], /, **details: Any) -> None:
        """Note that something happened."""
        if "session" in {name.name for name in fields(kind)}:
            details["session"] = self.key[:16]
        self.events.append(kind(at=self.now, company=self.session.company, **details))

    def save(self) -> None:
        """Write the session and what is remembered of its company."""
        self._record = self.t.records.put(_session_record(self._record, self.session))
        self.company.save(self.t)
        self.costs.save(self.t)

    @property
    def context(self) -> Context:
        """What handlers may know."""
        session = self.session
        return Context(
            company=session.company,
            version=session.version,
            edition=session.edition,
            now=self.now,
            restored=self._restored,
        )

    @cached_property
    def _restored(self) -> bool:
        """Whether the store bears the mark; handlers are asked job by job, the store once."""
        return restored(self.t) is not None

    @property
    def may_go_on(self) -> bool:
        """Whether the company's schedule and the session's budget let more work go out now."""
        most = self.settings.budgets.session_seconds
        spent = (self.now - self.session.opened_at).total_seconds()
        return (most is None or spent < most) and permit(self.t, self.session.company).now

    @property
    def deadline(self) -> datetime:
        """Until when leases run: longer than an idle session lives."""
        return self.now + 2 * self.settings.idle

    # -- jobs

    def leases(self) -> list[Lease]:
        """Return the leases of this session, in order."""
        return self.t.jobs.leases(self.key)

    def move(self, moves: Sequence[Move]) -> None:
        """Carry out *moves*; jobs that ended are counted, and owed to the host."""
        self.t.jobs.move(moves)
        for one in moves:
            if one.to in {State.DONE, State.FAILED}:
                owe_delivery(self.t, one.job_id)
        resting = [one.job_id for one in moves if one.to in {State.DONE, State.FAILED, State.BLOCKED}]
        self.change(ended=self.session.ended + len(resting))
        doubtful = [one.job_id for one in moves if one.to is State.IN_DOUBT]
        for job in self.t.jobs.get(resting):
            self.tell(
                JobSettled,
                job_id=job.id,
                kind=job.kind,
                key=job.key,
                state=str(job.state),
                label=job.outcome.label if job.outcome is not None else "",
                reason=job.reason or "",
            )
        self._tell_doubts(self.t.jobs.get(doubtful))

    def _tell_doubts(self, jobs: Iterable[Job]) -> None:
        for job in jobs:
            self.tell(JobInDoubt, job_id=job.id, kind=job.kind, key=job.key, reason=job.reason or "")

    def tried(self, job: Job, what: str) -> int:
        """Count that *job* was tried in vain, and return how often that happened."""
        record = self.t.records.get(job.company, TRIES, job.id)
        counts: dict[str, int] = json.loads(record.value) if record is not None else {"format": FORMAT}
        counts[what] = counts.get(what, 0) + 1
        record = record or Record(company=job.company, kind=TRIES, key=job.id)
        self.t.records.put(evolve(record, value=json.dumps(counts).encode()))
        return counts[what]

    def forget_tries(self, job: Job) -> None:
        """Count anew from here."""
        record = self.t.records.get(job.company, TRIES, job.id)
        if record is not None:
            self.t.records.delete(record)

    # -- batches

    def batch(self, batch_id: str | None) -> Batch | None:
        """Return a batch of the company."""
        record = self.t.records.get(self.session.company, KIND, batch_id) if batch_id is not None else None
        return Batch.from_record(record) if record is not None else None

    def first_batch(self, state: BatchState) -> Batch | None:
        """Return the oldest batch in *state*."""
        page = self.t.records.page(self.session.company, KIND, state=state, limit=1)
        return Batch.from_record(page.items[0]) if page.items else None

    def write_batch(self, batch: Batch) -> None:
        """Write a batch."""
        self.t.records.put(batch.to_record())

    def forget_batch(self, batch: Batch) -> None:
        """Delete a batch: nothing about it will be asked again."""
        self.t.records.delete(batch.to_record())

    def hand_out(self, batch: Batch, *, checking: bool = False) -> None:
        """Note that *batch* (or the question about its outcome) is what is out now."""
        self.handled = len(batch.job_ids)
        self.tell(
            BatchSent,
            batch=batch.id,
            purpose="status" if checking else str(batch.purpose),
            requests=0 if checking else len(batch.entries),
            jobs=len(batch.job_ids),
            size_bytes=0 if checking else len(batch.document),
        )
        self.change(
            batch=batch.id,
            checking=checking,
            out_since=self.now,
            digest=self.session.digest if self.session.named else None,
            named=self.session.named,
        )

    def standing(self, batch: Batch) -> list[tuple[Job, str | None]]:
        """Return the jobs of *batch* that are not settled, in order, each with the token of its lease."""
        tokens = {lease.job.id: lease.token for lease in self.t.jobs.leases(batch.session)}
        there: dict[str, Job] = {}
        page = self.t.jobs.page(company=batch.company, batch=batch.id, limit=_AT_ONCE)
        there |= {job.id: job for job in page.items}
        while page.cursor is not None:
            page = self.t.jobs.page(company=batch.company, batch=batch.id, limit=_AT_ONCE, cursor=page.cursor)
            there |= {job.id: job for job in page.items}
        found = [there[job_id] for job_id in batch.job_ids if job_id in there]
        return [
            (job, tokens.get(job.id))
            for job in found
            if job.state is State.IN_DOUBT or (job.state is State.LEASED and job.id in tokens)
        ]

    def doubt(self, batch: Batch, reason: str) -> None:
        """Put a write set and its jobs in doubt."""
        moves = [
            Move(job_id=job.id, to=State.IN_DOUBT, token=token, reason=reason)
            for job, token in self.standing(batch)
        ]
        self.t.jobs.move(moves)
        self._tell_doubts(self.t.jobs.get([move.job_id for move in moves]))
        self.write_batch(evolve(batch, state=BatchState.IN_DOUBT))


def _session_record(record: Record, session: Session) -> Record:
    return evolve(record, state=session.state, sort=session.called_at.isoformat(), value=session.to_json())


def new_session(t: Transaction, key: str, session: Session) -> None:
    """Write a session that has just begun."""
    t.records.put(_session_record(Record(company="", kind=SESSION, key=key), session))


def owe_delivery(t: Transaction, job_id: str) -> None:
    """Remember that the host has to be told how *job_id* ended.

    A record that is there is written again, so that whoever delivers at this moment does not delete it.
    """
    record = t.records.get("", DELIVERY, job_id) or Record(company="", kind=DELIVERY, key=job_id)
    t.records.put(evolve(record, value=json.dumps({"format": FORMAT, "job": job_id}).encode()))


def has_work(t: Transaction, company: str, current: Session | None, key: str | None) -> bool:
    """Return whether a session would find work: ready jobs, sets in doubt, or what a dead session holds.

    Costs the same whatever the store holds.
    """
    open_states = (BatchState.IN_DOUBT, BatchState.ASKED, BatchState.AGAIN, BatchState.LATER)
    if t.jobs.ready(company) or any(
        t.records.page(company, KIND, state=state, limit=1).items for state in open_states
    ):
        return True
    if current is None or key is None or current.state in OVER:
        return False
    return current.batch is not None or bool(current.refused or t.jobs.leases(key))
