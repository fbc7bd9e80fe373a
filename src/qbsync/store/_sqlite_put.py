"""Putting jobs into the SQLite store.

The rules are those of ``Queue.put``: what a key stands for decides whether a job is created, replaced,
there already, or in conflict. All reading comes first, then at most one statement of each sort.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

from ..errors import JobNotFoundError
from ..jobs import NewJob, Put, PutResult, State
from . import _rules as rules
from ._sqlite_move import count, history, refresh_children
from ._sqlite_work import micros

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ._sqlite_work import Work

__all__ = ["put"]

_STATES = {state.value: state for state in State}

#: What is known of a key: number, state, digest, depends_on (JSON), changes.
_Known = tuple[int, str, bytes, str | None, int]


def put(work: Work, jobs: Sequence[NewJob]) -> list[Put]:
    """Put *jobs*; see ``Queue.put``."""
    for job in jobs:
        rules.check_new(job)
    batch = _Batch(work, jobs)
    batch.check_cycles(jobs)
    answers = [batch.add(job) for job in jobs]
    batch.apply()
    return answers


class _Batch:
    """The jobs of one call: what is known before, what will be written."""

    def __init__(self, work: Work, jobs: Sequence[NewJob]) -> None:
        self._work = work
        self._known = _read_keys(work, jobs)
        self._parents = _read_parents(work, jobs)
        fresh = {(job.company, job.key) for job in jobs} - self._known.keys()
        self._next = work.rows("take_numbers", (len(fresh),))[0][0] - len(fresh) if fresh else 0
        self._jobs: list[Sequence[object]] = []
        self._payloads: list[Sequence[object]] = []
        self._dependencies: list[tuple[int, int]] = []
        self._history: list[Sequence[object]] = []
        self._counts: Counter[tuple[str, str]] = Counter()
        self._replaced: list[int] = []

    def check_cycles(self, jobs: Sequence[NewJob]) -> None:
        """Refuse jobs that would wait for themselves."""
        anew: dict[int, list[int]] = {}
        for job in jobs:
            known = self._known.get((job.company, job.key))
            if known is not None and _STATES[known[1]] in rules.ENDED:
                anew.setdefault(known[0], [int(parent) for parent in job.depends_on])
        start = sorted({parent for parents in anew.values() for parent in parents})
        if start:
            rows = self._work.rows("above", (json.dumps(start),))
            above = {number: json.loads(parents or "[]") for number, parents in rows}
            rules.check_cycles(anew, above.__getitem__)

    def add(self, job: NewJob) -> Put:
        """Decide what becomes of *job*."""
        digest = rules.digest(job.kind, job.payload)
        known = self._known.get((job.company, job.key))
        if known is None:
            return self._create(job, digest)
        number, state, present, _, _ = known
        if _STATES[state] in rules.ENDED:
            return self._replace(job, digest, known)
        result = PutResult.EXISTING if present == digest else PutResult.CONFLICT
        return Put(job_id=str(number), result=result)

    def _place(self, job: NewJob) -> tuple[str, str | None, int, str | None, int | None, int | None]:
        """Return state, depends_on, open parents, reason, not_before and ready_at of a job put now."""
        not_before = None if job.not_before is None else micros(rules.utc(job.not_before, "not_before"))
        later = not_before is not None and not_before > self._work.at
        ready = not_before if later else 0
        if not job.depends_on:
            return "waiting", None, 0, None, not_before, ready
        parents = [int(parent) for parent in dict.fromkeys(job.depends_on)]
        states = [(parent, self._parents[parent][1]) for parent in parents]
        still = sum(state is not State.DONE for _, state in states)
        text = json.dumps(parents)
        if not still:
            return "waiting", text, 0, None, not_before, ready
        return "blocked", text, still, rules.parent_reason(states), not_before, None

    def _create(self, job: NewJob, digest: bytes) -> Put:
        number, at = self._next, self._work.at
        self._next += 1
        state, parents, still, reason, not_before, ready = self._place(job)
        self._jobs.append(
            (number, job.company, job.kind, job.key, digest, state, job.priority, not_before, ready, parents,
             still, reason, at, at)
        )  # fmt: skip
        self._payloads.append((number, job.payload))
        if parents is not None:
            self._dependencies += [(parent, number) for parent in json.loads(parents)]
        self._history.append((number, 1, at, None, state, reason, None))
        self._counts[job.company, state] += 1
        self._known[job.company, job.key] = (number, state, digest, parents, 1)
        return Put(job_id=str(number), result=PutResult.CREATED)

    def _replace(self, job: NewJob, digest: bytes, known: _Known) -> Put:
        number, before, _, old_parents, changes = known
        work = self._work
        state, parents, still, reason, not_before, ready = self._place(job)
        gone = [(parent, number) for parent in json.loads(old_parents or "[]")]
        work.many("delete_dependency", gone)
        self._dependencies += [(parent, number) for parent in json.loads(parents or "[]")]
        work.run(
            "replace_job",
            (
                number,
                job.kind,
                digest,
                state,
                job.priority,
                not_before,
                ready,
                parents,
                still,
                reason,
                work.at,
            ),
        )
        work.run("replace_payload", (number, job.payload))
        self._history.append((number, changes + 1, work.at, before, state, reason or rules.PUT_AGAIN, None))
        self._counts[job.company, before] -= 1
        self._counts[job.company, state] += 1
        self._replaced.append(number)
        self._known[job.company, job.key] = (number, state, digest, parents, changes + 1)
        return Put(job_id=str(number), result=PutResult.REPLACED)

    def apply(self) -> None:
        """Write what was decided."""
        work = self._work
        if self._jobs:
            work.many("insert_job", self._jobs)
            work.many("insert_payload", self._payloads)
        if self._dependencies:
            work.many("insert_dependency", self._dependencies)
        history(work, self._history)
        count(work, self._counts)
        if self._replaced:
            refresh_children(work, self._replaced)


def _read_keys(work: Work, jobs: Sequence[NewJob]) -> dict[tuple[str, str], _Known]:
    """Return what is known of the keys of *jobs*, by (company, key)."""
    wanted: dict[str, list[str]] = {}
    for job in jobs:
        wanted.setdefault(job.company, []).append(job.key)
    known: dict[tuple[str, str], _Known] = {}
    for company, keys in wanted.items():
        for key, *rest in work.rows("keys", (company, json.dumps(keys))):
            known[company, key] = (rest[0], rest[1], rest[2], rest[3], rest[4])
    return known


def _read_parents(work: Work, jobs: Sequence[NewJob]) -> dict[int, tuple[str, State]]:
    """Return company and state of all jobs that *jobs* depend on.

    Raises:
        JobNotFoundError: one of them does not exist in the company of the job that depends on it.
    """
    wanted = {rules.job_number(parent) for job in jobs for parent in job.depends_on}
    if not wanted:
        return {}
    rows = work.rows("parents", (json.dumps(sorted(wanted)),))
    parents = {number: (company, _STATES[state]) for number, company, state in rows}
    for job in jobs:
        for parent in job.depends_on:
            found = parents.get(int(parent))
            if found is None or found[0] != job.company:
                raise JobNotFoundError(parent)
    return parents
