"""One call's work on one session, inside one transaction: what was read, what changes, what is written.

Here are the records that a conversation needs besides jobs: ``session`` (company empty, key the hash of its
ticket), ``company`` (key ``state``: which session has the company file, keys known to exist, what QuickBooks
said of itself), ``tries`` (how often a job had to be tried again) and ``delivery`` (jobs whose end the host
has yet to be told). Values are JSON with a format number.

Also here, because every way out of a session must pass it: the loose ends. When a session is over, a write
set without an answer is in doubt, and leases that were not handed out are given back.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from .batches import KIND, Batch, BatchState, Purpose
from .handlers import Context
from .jobs import FORMAT, Move, State
from .qbwc.session import OVER, Event, Session, step
from .qbwc.session import State as SessionState
from .store import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from .handlers import Handler
    from .jobs import Job, Lease
    from .planner import Budgets
    from .qbwc.session import Decision
    from .store import Transaction

__all__ = ["Company", "Settings", "Turn", "has_work", "new_session", "owe_delivery"]

SESSION, COMPANY, TRIES, DELIVERY = "session", "company", "tries", "delivery"
_STATE = "state"

NO_ANSWER = "it was handed out to QuickBooks and no answer came"
GIVEN_BACK = "the session ended before it was handed out"


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


class Company:
    """What is remembered of a company from session to session."""

    def __init__(self, name: str, record: Record | None) -> None:
        self._record = record or Record(company=name, kind=COMPANY, key=_STATE)
        stored: dict[str, Any] = json.loads(record.value) if record is not None else {}
        #: The key of the session that has the company file.
        self.session: str | None = stored.get("session")
        #: (query, field) → a key known to exist.
        self.known: dict[tuple[str, str], str] = {(q, by): key for q, by, key in stored.get("known", ())}
        #: What QuickBooks said of itself at the first contact and last.
        self.facts: dict[str, object] = stored.get("facts", {})

    @classmethod
    def load(cls, t: Transaction, name: str) -> Company:
        """Read what is remembered of the company *name*."""
        return cls(name, t.records.get(name, COMPANY, _STATE))

    def save(self, t: Transaction) -> None:
        """Write it, if something changed."""
        value = json.dumps(
            {
                "format": FORMAT,
                "session": self.session,
                "known": [[query, by, key] for (query, by), key in sorted(self.known.items())],
                "facts": self.facts,
            },
            separators=(",", ":"),
        ).encode()
        if value != self._record.value:
            self._record = t.records.put(evolve(self._record, value=value))


class Turn:
    """One call's work on one session.

    Args:
        t: the open transaction; the company is locked in it.
        settings: what the service was made with.
        record: the session's record.
        company: what is remembered of its company; shared when two sessions meet in one turn.
    """

    def __init__(self, t: Transaction, settings: Settings, record: Record, company: Company) -> None:
        self.t = t
        self.settings = settings
        self.key = record.key
        self.now = t.now()
        self.session = Session.from_json(record.value)
        self.company = company
        self._record = record

    @classmethod
    def open(
        cls, t: Transaction, settings: Settings, key: str, company: Company | None = None
    ) -> Turn | None:
        """Read the session *key*, locking its company; ``None`` when there is none."""
        record = t.records.get("", SESSION, key)
        if record is None:
            return None
        name = Session.from_json(record.value).company
        if company is None:
            t.lock(name)
            record = t.records.get("", SESSION, key)
        if record is None:
            return None
        return cls(t, settings, record, company or Company.load(t, name))

    def step(self, event: Event) -> Decision:
        """Take one step; a session that is over by it leaves no loose ends."""
        before = self.session.state
        self.session, decision = step(self.session, event, self.now)
        if self.session.state in OVER and before in {SessionState.READY, SessionState.AWAITING}:
            self._tie_up()
        return decision

    def change(self, **changes: Any) -> None:
        """Change fields of the session."""
        self.session = evolve(self.session, **changes)

    def save(self) -> None:
        """Write the session and what is remembered of its company."""
        self._record = self.t.records.put(_session_record(self._record, self.session))
        self.company.save(self.t)

    @property
    def context(self) -> Context:
        """What handlers may know."""
        session = self.session
        return Context(
            company=session.company, version=session.version, edition=session.edition, now=self.now
        )

    @property
    def deadline(self) -> datetime:
        """Until when leases run: longer than an idle session lives."""
        return self.now + 2 * self.settings.idle

    def leases(self) -> list[Lease]:
        """Return the leases of this session, in order."""
        return self.t.jobs.leases(self.key)

    def batch(self, batch_id: str) -> Batch | None:
        """Return a batch of the company."""
        record = self.t.records.get(self.session.company, KIND, batch_id)
        return Batch.from_record(record) if record is not None else None

    def write_batch(self, batch: Batch) -> None:
        """Write a batch."""
        self.t.records.put(batch.to_record())

    def forget_batch(self, batch: Batch) -> None:
        """Delete a batch: nothing about it will be asked again."""
        self.t.records.delete(batch.to_record())

    def in_doubt(self) -> Batch | None:
        """Return the oldest batch in doubt, which must be asked about first."""
        page = self.t.records.page(self.session.company, KIND, state=BatchState.IN_DOUBT, limit=1)
        return Batch.from_record(page.items[0]) if page.items else None

    def work_left(self) -> bool:
        """Return whether there is something to send now."""
        return bool(self.t.jobs.ready(self.session.company) or self.leases() or self.in_doubt())

    def doubt(self, batch: Batch, reason: str) -> None:
        """Put a write set and its jobs in doubt."""
        leases = {lease.job.id: lease for lease in self.t.jobs.leases(batch.session)}
        self.t.jobs.move(
            [
                Move(job_id=job_id, to=State.IN_DOUBT, token=leases[job_id].token, reason=reason)
                for job_id in batch.job_ids
                if job_id in leases and leases[job_id].job.batch == batch.id
            ]
        )
        self.write_batch(evolve(batch, state=BatchState.IN_DOUBT))

    def _tie_up(self) -> None:
        """Leave no loose ends."""
        batch = self.batch(self.session.batch) if self.session.batch is not None else None
        if batch is not None and not self.session.checking and batch.state is BatchState.SENT:
            if batch.purpose is Purpose.WRITE:
                self.doubt(batch, NO_ANSWER)
            else:
                self.forget_batch(batch)
                self.change(batch=None)
        self.t.jobs.move(
            [
                Move(job_id=lease.job.id, to=State.WAITING, token=lease.token, reason=GIVEN_BACK)
                for lease in self.leases()
                if not lease.handed_out
            ]
        )

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


def _session_record(record: Record, session: Session) -> Record:
    return evolve(
        record, state=session.state, sort=session.called_at.isoformat(), value=session.to_json()
    )


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
    """Return whether a session would find work: ready jobs, sets in doubt, or what a dead session holds."""
    if t.jobs.ready(company) or t.records.page(company, KIND, state=BatchState.IN_DOUBT, limit=1).items:
        return True
    if current is None or key is None or current.state in OVER:
        return False
    return current.batch is not None or bool(t.jobs.leases(key))
