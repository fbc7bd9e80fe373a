"""Putting jobs into a store that speaks SQL.

The rules are those of ``Queue.put``: what a key stands for decides whether a job is created, replaced,
there already, or in conflict. All reading comes first, then at most one statement of each sort.

A put does not lock its company, where the store has a choice: a host may put inside a long transaction of
its own, and no Web Connector waits for that. What others do meanwhile is met so: a key that another
transaction takes first is read again; jobs that are put again, and the parents of new jobs, are locked.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

from ..errors import JobNotFoundError
from ..jobs import NewJob, Put, PutResult, State
from . import _rules as rules
from ._sql_move import count, history, refresh_children
from ._sql_work import micros

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ._sql_work import Row, Work

__all__ = ["put"]

_STATES = {state.value: state for state in State}

#: What is known of a key: number, state, digest of the content or ``None``, kind and payload, depends_on
#: (JSON), changes. Where there is a digest, the payload may have been dropped.
_Known = tuple[int, str, bytes | None, str, bytes | None, str | None, int]


def put(work: Work, jobs: Sequence[NewJob]) -> list[Put]:
    """Put *jobs*; see ``Queue.put``."""
    for job in jobs:
        rules.check_new(job)
    return _put(work, jobs)


def _put(work: Work, jobs: Sequence[NewJob]) -> list[Put]:
    batch = _Batch(work, jobs)
    batch.check_cycles(jobs)
    batch.take_numbers(jobs)
    answers = [batch.add(job) for job in jobs]
    lost = batch.apply()
    if lost:
        again = [n for n, answer in enumerate(answers) if int(answer.job_id) in lost]
        for n, answer in zip(again, _put(work, [jobs[n] for n in again]), strict=True):
            answers[n] = answer
    return answers


class _Batch:
    """The jobs of one call: what is known before, what will be written."""

    def __init__(self, work: Work, jobs: Sequence[NewJob]) -> None:
        self._work = work
        self._known = _read_keys(work, jobs)
        self._parents = _read_parents(work, jobs)
        self._numbers: Iterator[int] = iter(())
        self._jobs: list[Row] = []
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
            rows = self._work.rows("above", (self._work.array(start),))
            above = {number: json.loads(parents or "[]") for number, parents in rows}
            rules.check_cycles(anew, above.__getitem__)

    def take_numbers(self, jobs: Sequence[NewJob]) -> None:
        """Take numbers for those that are new; nothing is refused any more."""
        fresh = {(job.company, job.key) for job in jobs} - self._known.keys()
        self._numbers = iter(self._work.take_numbers(len(fresh)))

    def add(self, job: NewJob) -> Put:
        """Decide what becomes of *job*."""
        known = self._known.get((job.company, job.key))
        if known is None:
            return self._create(job)
        if _STATES[known[1]] in rules.ENDED:
            return self._replace(job, known)
        result = PutResult.EXISTING if _same(job, known) else PutResult.CONFLICT
        return Put(job_id=str(known[0]), result=result)

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

    def _row(self, number: int, job: NewJob) -> Row:
        """Return what is written of *job*."""
        state, parents, still, reason, not_before, ready = self._place(job)
        return (
            number, job.company, job.kind, job.key, job.priority, parents, self._work.at, job.payload,
            state, not_before, ready, still, reason,
        )  # fmt: skip

    def _create(self, job: NewJob) -> Put:
        number = next(self._numbers)
        row = self._row(number, job)
        parents, state, reason = row[5], row[8], row[12]
        self._jobs.append(row)
        if parents is not None:
            self._dependencies += [(parent, number) for parent in json.loads(parents)]
        if reason is not None:
            self._history.append((number, 1, self._work.at, None, state, reason, None))
        self._known[job.company, job.key] = (number, state, None, job.kind, job.payload, parents, 1)
        return Put(job_id=str(number), result=PutResult.CREATED)

    def _replace(self, job: NewJob, known: _Known) -> Put:
        number, before, *_, old_parents, changes = known
        work = self._work
        row = self._row(number, job)
        parents, state, reason = row[5], row[8], row[12]
        gone = [(parent, number) for parent in json.loads(old_parents or "[]")]
        if gone:
            work.many("delete_dependency", gone)
        self._dependencies += [(parent, number) for parent in json.loads(parents or "[]")]
        work.replace_job(row, same=_same(job, known))
        self._history.append((number, changes + 1, work.at, before, state, reason or rules.PUT_AGAIN, None))
        self._counts[job.company, before] -= 1
        self._counts[job.company, state] += 1
        self._replaced.append(number)
        self._known[job.company, job.key] = (number, state, None, job.kind, job.payload, parents, changes + 1)
        return Put(job_id=str(number), result=PutResult.REPLACED)

    def apply(self) -> set[int]:
        """Write what was decided; return the numbers of new jobs whose key another transaction took."""
        work = self._work
        lost = work.insert_jobs(self._jobs) if self._jobs else set()
        if lost:
            self._give_up(lost)
        if self._dependencies:
            work.many("insert_dependency", self._dependencies)
        history(work, self._history)
        count(work, self._counts, work.count_put)
        if self._replaced:
            refresh_children(work, self._replaced)
        return lost

    def _give_up(self, lost: set[int]) -> None:
        """Forget what goes with jobs that are not there."""
        self._dependencies = [(parent, number) for parent, number in self._dependencies if number not in lost]
        self._history = [row for row in self._history if row[0] not in lost]


def _same(job: NewJob, known: _Known) -> bool:
    """Return whether *job* is what its key stands for already."""
    _, _, digest, kind, payload, *_ = known
    if digest is None:
        return (kind, payload) == (job.kind, job.payload)
    return digest == rules.digest(job.kind, job.payload)


def _read_keys(work: Work, jobs: Sequence[NewJob]) -> dict[tuple[str, str], _Known]:
    """Return what is known of the keys of *jobs*, by (company, key)."""
    wanted: dict[str, list[str]] = {}
    for job in jobs:
        wanted.setdefault(job.company, []).append(job.key)
    known: dict[tuple[str, str], _Known] = {}
    for company, keys in sorted(wanted.items()):
        ask = (company, work.array(keys))
        rows = work.rows("keys", ask)
        if any(_STATES[row[2]] in rules.ENDED for row in rows) and work.lock([company]):
            rows = work.rows("keys", ask)
        for key, *what in rows:
            known[company, key] = tuple(what)
    return known


def _read_parents(work: Work, jobs: Sequence[NewJob]) -> dict[int, tuple[str, State]]:
    """Return company and state of all jobs that *jobs* depend on.

    Raises:
        JobNotFoundError: one of them does not exist in the company of the job that depends on it.
    """
    wanted = {rules.job_number(parent) for job in jobs for parent in job.depends_on}
    if not wanted:
        return {}
    rows = work.rows("parents_held", (work.array(sorted(wanted)),))
    parents = {number: (company, _STATES[state]) for number, company, state in rows}
    for job in jobs:
        for parent in job.depends_on:
            found = parents.get(int(parent))
            if found is None or found[0] != job.company:
                raise JobNotFoundError(parent)
    return parents
