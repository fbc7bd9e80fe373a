"""The job half of the memory store. The rules are those of :class:`qbsync.store.Queue`."""

from __future__ import annotations

import heapq
import itertools
import secrets
from typing import TYPE_CHECKING, Final

from attrs import evolve

from ..errors import JobNotFoundError, UsageError
from ..jobs import Change, Job, Lease, Move, Page, Put, PutResult, State
from . import _rules as rules
from ._memory_tables import Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from ..jobs import NewJob
    from ._memory_tables import Tables

__all__ = ["MemoryJobs"]

_NEW: Final = ""


class MemoryJobs:
    """The jobs, as one transaction sees them."""

    def __init__(self, tables: Tables, now: datetime) -> None:
        self._tables = tables
        self._now = now

    # Putting

    def put(self, jobs: Sequence[NewJob], /) -> list[Put]:
        """Put jobs; see ``Queue.put``."""
        for job in jobs:
            rules.check_new(job)
            for parent in job.depends_on:
                row = self._tables.jobs.get(rules.job_number(parent))
                if row is None or row.job.company != job.company:
                    raise JobNotFoundError(parent)
        self._check_cycles(jobs)
        return [self._put(job) for job in jobs]

    def _put(self, job: NewJob) -> Put:
        digest = rules.digest(job.kind, job.payload)
        number = self._tables.keys.get((job.company, job.key))
        if number is None:
            return self._create(job, digest)
        row = self._tables.jobs[number]
        if row.job.state in rules.ENDED:
            return self._replace(job, digest, row)
        result = PutResult.EXISTING if row.digest == digest else PutResult.CONFLICT
        return Put(job_id=row.job.id, result=result)

    def _create(self, job: NewJob, digest: bytes) -> Put:
        tables = self._tables
        number = tables.last.get(_NEW, 0) + 1
        tables.last[_NEW] = number
        tables.keys[job.company, job.key] = number
        made = self._made(str(number), job, created_at=self._now)
        tables.write(Row(job=made, digest=digest))
        self._bear(number, made.depends_on)
        self._note(made, None, made.reason)
        return Put(job_id=made.id, result=PutResult.CREATED)

    def _replace(self, job: NewJob, digest: bytes, row: Row) -> Put:
        made = self._made(row.job.id, job, created_at=row.job.created_at)
        if row.digest == digest:
            made = evolve(made, outcome=row.job.outcome)
        for parent in map(int, row.job.depends_on):
            kept = tuple(child for child in self._tables.children[parent] if child != row.number)
            self._tables.children[parent] = kept
        self._tables.write(Row(job=made, digest=digest))
        self._bear(row.number, made.depends_on)
        self._note(made, row.job.state, made.reason or rules.PUT_AGAIN)
        self._refresh_children(row.number)
        return Put(job_id=made.id, result=PutResult.REPLACED)

    def _made(self, job_id: str, job: NewJob, *, created_at: datetime) -> Job:
        parents = tuple(dict.fromkeys(job.depends_on))
        reason = self._waits_for(parents)
        return Job(
            id=job_id,
            company=job.company,
            kind=job.kind,
            key=job.key,
            state=State.WAITING if reason is None else State.BLOCKED,
            payload=job.payload,
            priority=job.priority,
            not_before=None if job.not_before is None else rules.utc(job.not_before, "not_before"),
            depends_on=parents,
            attempts=0,
            reason=reason,
            outcome=None,
            plan=None,
            batch=None,
            created_at=created_at,
            updated_at=self._now,
        )

    def _bear(self, number: int, parents: Iterable[str]) -> None:
        children = self._tables.children
        for parent in map(int, parents):
            children[parent] = (*children.get(parent, ()), number)

    def _check_cycles(self, jobs: Sequence[NewJob]) -> None:
        anew: dict[int, list[int]] = {}
        for job in jobs:
            number = self._tables.keys.get((job.company, job.key))
            if number is not None and self._tables.jobs[number].job.state in rules.ENDED:
                anew.setdefault(number, [int(parent) for parent in job.depends_on])
        rules.check_cycles(anew, lambda number: map(int, self._tables.jobs[number].job.depends_on))

    # Reading

    def _row(self, job_id: str) -> Row:
        row = self._tables.jobs.get(rules.job_number(job_id))
        if row is None:
            raise JobNotFoundError(job_id)
        return row

    def get(self, ids: Sequence[str], /) -> list[Job]:
        """Return jobs in the order of *ids*; see ``Queue.get``."""
        return [self._row(job_id).job for job_id in ids]

    def find(self, company: str, keys: Sequence[str]) -> dict[str, Job]:
        """Return the jobs of *company* that have these keys; see ``Queue.find``."""
        known = self._tables.keys
        found = {key: known[company, key] for key in keys if (company, key) in known}
        return {key: self._tables.jobs[number].job for key, number in found.items()}

    def ready(self, company: str) -> bool:
        """Return whether a job of *company* could be leased now; looks at waiting jobs only."""
        return any(self._due(company, ()))

    def _due(self, company: str, kinds: Sequence[str]) -> Iterator[Job]:
        for number in self._tables.waiting(company):
            job = self._tables.jobs[number].job
            in_time = job.not_before is None or job.not_before <= self._now
            if in_time and (not kinds or job.kind in kinds):
                yield job

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
        """Return jobs in the order they were put; see ``Queue.page``."""
        rules.check_limit(limit, rules.MAX_PAGE)
        after = 0 if cursor is None else rules.decode_number(cursor)
        wanted = {"company": company, "kind": kind, "state": state, "batch": batch}
        wanted = {name: value for name, value in wanted.items() if value is not None}

        def fits(job: Job) -> bool:
            fit = all(getattr(job, name) == value for name, value in wanted.items())
            return fit and (label is None or (job.outcome is not None and job.outcome.label == label))

        numbers = range(after + 1, self._tables.last.get(_NEW, 0) + 1)
        jobs = (self._tables.jobs[number].job for number in numbers)
        found = list(itertools.islice(filter(fits, jobs), limit + 1))
        more = len(found) > limit
        return Page(items=found[:limit], cursor=rules.encode_cursor(found[limit - 1].id) if more else None)

    def counts(self, company: str) -> Mapping[State, int]:
        """Return how many jobs of *company* are in each state."""
        counts = {state: self._tables.counts.get((company, state), 0) for state in State}
        return {state: count for state, count in counts.items() if count}

    def history(self, job_id: str) -> Sequence[Change]:
        """Return the history of a job; see ``Queue.history``."""
        return self._tables.history[self._row(job_id).number]

    def companies(self) -> Sequence[str]:
        """Return the companies that have jobs, in order."""
        return sorted({company for company, _ in self._tables.counts})

    # Dropping

    def settled(self, before: datetime, *, limit: int = 1000) -> list[str]:
        """Return the jobs that ended before a moment and have documents; see ``Queue.settled``."""
        rules.check_limit(limit, rules.MAX_PAGE)
        moment = rules.utc(before, "before")
        ended = [
            row.job
            for row in self._tables.jobs.values()
            if row.job.state in rules.SETTLED and not row.job.purged and row.job.updated_at < moment
        ]
        ended.sort(key=lambda job: (job.updated_at, int(job.id)))
        return [job.id for job in ended[:limit]]

    def purge(self, ids: Sequence[str], /, *, words: bool = False) -> None:
        """Drop the documents of settled jobs; see ``Queue.purge``."""
        rows = [self._row(job_id) for job_id in ids]
        rules.check_settled(ids, {row.job.id: row.job.state for row in rows})
        for row in rows:
            self._purge(row, words=words)

    def _purge(self, row: Row, *, words: bool) -> None:
        job = row.job
        outcome = None if job.outcome is None else job.outcome.without_documents()
        reason = None if words else job.reason
        purged = evolve(job, payload=b"", plan=None, outcome=outcome, reason=reason, purged=True)
        self._tables.write(evolve(row, job=purged))
        if words:
            history = self._tables.history
            history[row.number] = tuple(evolve(change, reason=None) for change in history[row.number])

    # Leases

    def lease(
        self, company: str, *, holder: str, limit: int, until: datetime, kinds: Sequence[str] = ()
    ) -> list[Lease]:
        """Lease ready jobs; see ``Queue.lease``."""
        rules.check_limit(limit)
        deadline = rules.utc(until, "until")
        token = secrets.token_hex(16)
        chosen = heapq.nsmallest(limit, self._due(company, kinds), key=_order)
        leases = []
        for job in chosen:
            leased = evolve(job, state=State.LEASED, reason=None, updated_at=self._now)
            digest = self._tables.jobs[int(job.id)].digest
            row = Row(job=leased, digest=digest, token=token, holder=holder, deadline=deadline)
            self._tables.write(row)
            self._note(leased, job.state, None)
            leases.append(_lease(row))
        return leases

    def leases(self, holder: str) -> list[Lease]:
        """Return the leases of *holder*; see ``Queue.leases``."""
        rows = [self._tables.jobs[number] for number in self._tables.leased(holder)]
        return [_lease(row) for row in sorted(rows, key=lambda row: _order(row.job))]

    def expire(self, company: str | None = None) -> int:
        """End leases past their deadline; see ``Queue.expire``."""
        rows = [self._tables.jobs[number] for number in self._tables.all_leased()]
        moves = [
            rules.expiry(row.job.id, row.token, row.job.batch)
            for row in rows
            if row.deadline is not None
            and row.deadline <= self._now
            and (company is None or row.job.company == company)
        ]
        self.move(moves)
        return len(moves)

    # Moving

    def move(self, moves: Sequence[Move], /) -> None:
        """Carry out moves, all or none; see ``Queue.move``."""
        rows = {job_id: self._row(job_id) for job_id in rules.unique_ids(moves)}
        rules.check_moves(
            moves,
            {job_id: (row.job.state, row.token) for job_id, row in rows.items()},
            purged={job_id for job_id, row in rows.items() if row.job.purged},
        )
        blocked = {
            move.job_id
            for move in moves
            if move.to is State.WAITING and self._waits_for(rows[move.job_id].job.depends_on)
        }
        for move in moves:
            self._move(move, rows[move.job_id], blocked=move.job_id in blocked)
        for job_id, row in rows.items():
            self._follow(row.job.state, self._row(job_id))

    def _move(self, move: Move, row: Row, *, blocked: bool) -> None:
        before = row.job
        to, reason, noted = move.to, move.reason, move.reason
        if blocked:  # when the call began; what ends in it is told to all that waited for it, afterwards
            to, noted = State.BLOCKED, rules.WAITS
            reason = self._waits_for(before.depends_on)
        until = None if move.until is None else rules.utc(move.until, "until")
        keeps = to in rules.KEPT
        anew = before.state in rules.REOPENED
        job = evolve(
            before,
            state=to,
            reason=reason,
            outcome=before.outcome if move.outcome is None else move.outcome,
            plan=(before.plan if move.plan is None else move.plan) if keeps else None,
            batch=(before.batch if move.batch is None else move.batch) if keeps else None,
            attempts=(0 if anew else before.attempts) + move.attempted,
            not_before=until if move.to is State.WAITING else before.not_before,
            updated_at=self._now,
        )
        if to is State.LEASED:
            self._tables.write(evolve(row, job=job, deadline=until or row.deadline))
        else:
            self._tables.write(Row(job=job, digest=row.digest))
        if to is not before.state or move.attempted:
            self._note(job, before.state, noted, move.batch or before.batch)

    def _follow(self, before: State, row: Row) -> None:
        """Do what the end, or the new beginning, of a job means for those that depend on it."""
        after = row.job.state
        if before is after:
            return
        if after is State.DONE:
            self._unblock_children(row.number)
        elif after in rules.ENDED or before in rules.ENDED:
            self._refresh_children(row.number)

    def _unblock_children(self, parent: int) -> None:
        for number in self._tables.children.get(parent, ()):
            row = self._tables.jobs[number]
            if row.job.state is State.BLOCKED and self._waits_for(row.job.depends_on) is None:
                job = evolve(row.job, state=State.WAITING, reason=None, updated_at=self._now)
                self._tables.write(evolve(row, job=job))
                self._note(job, State.BLOCKED, None)

    def _refresh_children(self, parent: int) -> None:
        for number in self._tables.children.get(parent, ()):
            row = self._tables.jobs[number]
            reason = self._waits_for(row.job.depends_on)
            if row.job.state is State.BLOCKED and reason is not None:
                self._tables.write(evolve(row, job=evolve(row.job, reason=reason)))

    def _waits_for(self, parents: Iterable[str]) -> str | None:
        """Return why a job with these *parents* cannot be ready, ``None`` if they are all done."""
        states = [(int(parent), self._tables.jobs[int(parent)].job.state) for parent in parents]
        if all(state is State.DONE for _, state in states):
            return None
        return rules.parent_reason(states)

    def _note(self, job: Job, before: State | None, reason: str | None, batch: str | None = None) -> None:
        change = Change(
            job_id=job.id, at=self._now, before=before, after=job.state, reason=reason, batch=batch
        )
        history = self._tables.history
        history[int(job.id)] = (*history.get(int(job.id), ()), change)


def _order(job: Job) -> tuple[int, int]:
    return -job.priority, int(job.id)


def _lease(row: Row) -> Lease:
    if row.token is None or row.holder is None or row.deadline is None:
        raise UsageError(f"job {row.job.id}: expected a leased job, it is {row.job.state}")
    return Lease(job=row.job, token=row.token, holder=row.holder, deadline=row.deadline)
