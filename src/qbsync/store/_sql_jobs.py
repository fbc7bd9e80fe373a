"""The job half of a store that speaks SQL: reading, leasing, listing.

Putting is in :mod:`._sql_put`, moving in :mod:`._sql_move`, dropping documents in :mod:`._sql_purge`.
The rules are those of :class:`qbsync.store.Queue`; the statements are in ``sql/``.
"""

from __future__ import annotations

import heapq
import json
import secrets
from typing import TYPE_CHECKING, Any

from ..errors import JobNotFoundError
from ..jobs import Change, Job, Lease, Outcome, Page, State
from . import _rules as rules
from ._sql_move import expire, move
from ._sql_purge import purge
from ._sql_put import put
from ._sql_work import from_micros, micros

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from ..jobs import Move, NewJob, Put
    from ._sql_work import Work

__all__ = ["SqlJobs"]

_STATES = {state.value: state for state in State}
#: So many jobs are leased in one statement: large documents make large answers.
_AT_ONCE = 250
#: The row of history of a lease, without its moment.
_LEASED = ("waiting", "leased", None, None)


class SqlJobs:
    """The jobs, as one transaction sees them."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def put(self, jobs: Sequence[NewJob], /) -> list[Put]:
        """Put jobs; see ``Queue.put``."""
        return put(self._work, jobs) if jobs else []

    def move(self, moves: Sequence[Move], /) -> None:
        """Carry out moves; see ``Queue.move``."""
        if moves:
            move(self._work, moves)

    def settled(self, before: datetime, *, limit: int = 1000) -> list[str]:
        """Return the jobs that ended before a moment and have documents; see ``Queue.settled``."""
        rules.check_limit(limit, rules.MAX_PAGE)
        moment, asked = micros(rules.utc(before, "before")), limit
        while True:
            rows = self._work.rows("settled", (moment, asked))
            # A job that ended twice in one moment is remembered twice, and counts once.
            found = list(dict.fromkeys(str(number) for (number,) in rows))
            if len(found) >= limit or len(rows) < asked:
                return found[:limit]
            asked *= 2

    def purge(self, ids: Sequence[str], /, *, words: bool = False) -> None:
        """Drop the documents of settled jobs; see ``Queue.purge``."""
        if ids:
            purge(self._work, ids, words=words)

    def companies(self) -> list[str]:
        """Return the companies that have jobs, in order."""
        return [name for (name,) in self._work.rows("companies")]

    def expire(self, company: str | None = None) -> int:
        """End leases past their deadline; see ``Queue.expire``."""
        return expire(self._work, company)

    def get(self, ids: Sequence[str], /) -> list[Job]:
        """Return jobs in the order of *ids*; see ``Queue.get``."""
        numbers, unknown = rules.job_numbers(ids)
        rows = self._rows(numbers)
        for number in numbers:
            if number not in rows:
                raise JobNotFoundError(str(number))
        if unknown is not None:
            raise unknown
        return [_whole_job(rows[number]) for number in numbers]

    def find(self, company: str, keys: Sequence[str]) -> dict[str, Job]:
        """Return the jobs of *company* that have these keys; see ``Queue.find``."""
        known = self._work.rows("find", (company, self._work.array(keys)))
        rows = self._rows([row[1] for row in known])
        return {key: _whole_job(rows[number]) for key, number in known}

    def ready(self, company: str) -> bool:
        """Return whether a job of *company* could be leased now; two steps in an index."""
        return bool(self._work.rows("ready", (company, self._work.at))[0][0])

    def lease(
        self, company: str, *, holder: str, limit: int, until: datetime, kinds: Sequence[str] = ()
    ) -> list[Lease]:
        """Lease ready jobs; see ``Queue.lease``."""
        rules.check_limit(limit)
        deadline = micros(rules.utc(until, "until"))
        work = self._work
        work.lock([company])
        work.tidy(company)
        token = secrets.token_urlsafe(12)
        leased: list[Any] = []
        while len(leased) < limit:
            asked = min(limit - len(leased), _AT_ONCE)
            rows = work.due(company, kinds, asked)
            if rows:
                work.lease(company, rows, (work.at, token, holder, deadline))
            leased += rows
            if len(rows) < asked:
                break
        now, until = from_micros(work.at), from_micros(deadline)
        return [
            Lease(job=_job(row, State.LEASED, now), token=token, holder=holder, deadline=until)
            for row in leased
        ]

    def leases(self, holder: str) -> list[Lease]:
        """Return the leases of *holder*; see ``Queue.leases``."""
        numbers = [number for (number,) in self._work.rows("leases", (holder,))]
        rows = self._rows(numbers)
        # Where others work meanwhile, some may have ended since the numbers were read.
        return [
            Lease(job=_whole_job(row), token=row[17], holder=holder, deadline=from_micros(row[19]))
            for row in (rows[number] for number in numbers)
            if row[18] == holder
        ]

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
        ask = (limit + 1, after, kind)
        parts: list[tuple[str, tuple[object, ...]]]
        if batch is not None:
            parts = [("page_batch", (*ask, company, state, label, batch))]
        elif company is None and state is None and label is None:
            parts = [("page_all", ask)]
        else:
            names = self._companies(company)
            if label is None:
                queries = self._work.page_company
                parts = [(query, (*ask, name, state)) for name in names for query in queries]
            else:
                parts = [("page_label", (*ask, name, state, label)) for name in names]
        found = [[row[0] for row in self._work.rows(name, values)] for name, values in parts]
        numbers = list(dict.fromkeys(heapq.merge(*found)))[: limit + 1]
        rows = self._rows(numbers[:limit])
        more = len(numbers) > limit
        jobs = [_whole_job(rows[number]) for number in numbers[:limit]]
        # Where others work meanwhile, some may have moved since the numbers were read.
        return Page(
            items=tuple(job for job in jobs if _fits(job, kind, state, label, batch)),
            cursor=rules.encode_cursor(str(numbers[limit - 1])) if more else None,
        )

    def _companies(self, company: str | None) -> Iterable[str]:
        if company is not None:
            return (company,)
        return self.companies()

    def counts(self, company: str) -> Mapping[State, int]:
        """Return how many jobs of *company* are in each state, without counting them now."""
        return {_STATES[state]: jobs for state, jobs in self._work.rows("counts", (company,))}

    def history(self, job_id: str) -> Sequence[Change]:
        """Return the history of a job; see ``Queue.history``."""
        number = rules.job_number(job_id)
        found = self._work.rows("history", (number,))
        if not found:
            raise JobNotFoundError(job_id)
        created_at, leased_at = found[0][:2]
        written = [row[2:] for row in found if row[2] is not None]
        rows: list[Any] = []
        # Two rows are not written: the first one when it says no more than the job's own row, and that of a
        # lease, whose moment stands in the next one or, before there is one, in the job's own row.
        if not written or written[0][0] != 1:
            rows.append((created_at, None, "waiting", None, None))
        for _, leased_before, *row in written:
            if leased_before is not None:
                rows.append((leased_before, *_LEASED))
            rows.append(row)
        if leased_at is not None:
            rows.append((leased_at, *_LEASED))
        return [_change(job_id, row) for row in rows]

    def _rows(self, numbers: Sequence[int]) -> dict[int, Any]:
        if not numbers:
            return {}
        return {row[0]: row for row in self._work.rows("jobs", (self._work.array(numbers),))}


def _fits(job: Job, kind: str | None, state: State | None, label: str | None, batch: str | None) -> bool:
    """Return whether a job is what was asked for, in so far as that can change."""
    labelled = label is None or (job.outcome is not None and job.outcome.label == label)
    return labelled and kind in {None, job.kind} and state in {None, job.state} and batch in {None, job.batch}


def _whole_job(row: Any) -> Job:
    """Return the job of a row of the query ``jobs``."""
    state, reason, plan, batch, updated_at, purged, *_ = row[11:]
    return _job(
        row[:11],
        _STATES[state],
        from_micros(updated_at),
        reason=reason,
        plan=plan,
        batch=batch,
        purged=bool(purged),
    )


def _job(
    row: Any,
    state: State,
    updated_at: datetime,
    *,
    reason: str | None = None,
    plan: bytes | None = None,
    batch: str | None = None,
    purged: bool = False,
) -> Job:
    """Return the job of the first columns of the query ``jobs``, and of what else is known of it."""
    number, company, kind, key, payload, priority, not_before, depends_on, attempts, outcome, created_at = row
    return Job(
        id=str(number),
        company=company,
        kind=kind,
        key=key,
        state=state,
        payload=b"" if payload is None else payload,
        priority=priority,
        not_before=None if not_before is None else from_micros(not_before),
        depends_on=() if depends_on is None else tuple(map(str, json.loads(depends_on))),
        attempts=attempts,
        reason=reason,
        outcome=None if outcome is None else Outcome.from_json(outcome),
        plan=plan,
        batch=batch,
        created_at=from_micros(created_at),
        updated_at=updated_at,
        purged=purged,
    )


def _change(job_id: str, row: Sequence[Any]) -> Change:
    """Return the change of a row: at, before, after, reason, batch."""
    at, before, after, reason, batch = row
    return Change(
        job_id=job_id,
        at=from_micros(at),
        before=None if before is None else _STATES[before],
        after=_STATES[after],
        reason=reason,
        batch=batch,
    )
