"""Moving jobs in a store that speaks SQL, and what follows for the jobs that depend on them.

The rules are those of ``Queue.move``; checks that need no database are in :mod:`._rules`.
Everything is done for all moves of a call at once: one read, then at most one statement of each sort, in
which jobs that go the same way are one row.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

from ..jobs import State
from . import _rules as rules
from ._sql_work import Group, micros

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ..jobs import Move
    from ._sql_work import Work

__all__ = ["count", "expire", "history", "move", "refresh_children", "standing"]

_STATES = {state.value: state for state in State}

#: A row of the query ``standing``: id, company, state, token, open_parents, batch, leased_at, purged.
_Standing = tuple[int, str, str, str | None, int, str | None, int | None, int]


def history(work: Work, rows: Sequence[Sequence[object]]) -> None:
    """Write rows of history: (job, n, at, before, after, reason, batch)."""
    if rows:
        work.many("insert_history", rows)


def count(work: Work, deltas: Mapping[tuple[str, str], int], query: str = "tally") -> None:
    """Count jobs into and out of (company, state)."""
    rows = [(company, state, delta) for (company, state), delta in deltas.items() if delta]
    if rows:
        work.many(query, rows)


class _Changes:
    """What a call of :func:`move` will write: jobs that go the same way are one group."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._groups: dict[tuple[object, ...], tuple[_Standing, list[int], list[Move]]] = {}
        self.done: list[int] = []
        self.turned: list[int] = []
        self.back_to_blocked: list[int] = []

    def add(self, move: Move, row: _Standing) -> None:
        """Note that *move* is for the job that stands as *row* says."""
        number, company, before, _, open_parents, batch, leased_at, _ = row
        label = None if move.outcome is None else move.outcome.label
        alike = (
            move.to, move.reason, label, move.batch, move.until, move.attempted,
            company, before, open_parents > 0, batch, leased_at,
        )  # fmt: skip
        group = self._groups.get(alike)
        if group is None:
            self._groups[alike] = (row, [number], [move])
        else:
            group[1].append(number)
            group[2].append(move)

    def apply(self) -> None:
        """Write it."""
        statements: dict[str, list[Group]] = {}
        for row, numbers, moves in self._groups.values():
            name, group = self._group(row, numbers, moves)
            statements.setdefault(name, []).append(group)
        for name, groups in statements.items():
            self._work.move(name, groups)

    def _group(self, row: _Standing, numbers: list[int], moves: list[Move]) -> tuple[str, Group]:
        """Return the statement that carries out *moves* of jobs that stand like *row*, and their group."""
        _, company, before, _, open_parents, batch, leased_at, _ = row
        move = moves[0]
        to, reason = move.to, move.reason
        if to is State.WAITING and open_parents:
            to, reason = State.BLOCKED, rules.WAITS
            self.back_to_blocked += numbers
        if to != before:
            self._follow(numbers, _STATES[before], to)
        name, values, ready_at = self._values(move, _STATES[before], to)
        return name, Group(
            company=company,
            numbers=numbers,
            before=before,
            after=to.value,
            documents=_documents(moves, with_plans=to in rules.KEPT),
            values=values,
            ready_at=ready_at,
            reason=reason,
            once=int(move.attempted),
            noted=int(to != before or move.attempted),
            batch=move.batch or batch,
            leased_at=leased_at,
        )

    def _follow(self, numbers: list[int], before: State, to: State) -> None:
        if to is State.DONE:
            self.done += numbers
        elif to in rules.ENDED or before in rules.ENDED:
            self.turned += numbers

    def _values(self, move: Move, before: State, to: State) -> tuple[str, tuple[object, ...], int | None]:
        """Return the statement for *move*, what it wants first, and from when on the job can be leased."""
        label = None if move.outcome is None else move.outcome.label
        until = None if move.until is None else micros(rules.utc(move.until, "until"))
        if to is State.LEASED:
            return "keep_lease", (label, move.batch, until), None
        if to is State.IN_DOUBT:
            return "keep_doubt", (label, move.batch), None
        later = until is not None and until > self._work.at
        ready_at = None if to is not State.WAITING else until if later else 0
        asked = move.to is State.WAITING
        return "move", (label, to.value, before in rules.REOPENED, asked, until), ready_at


def _documents(moves: list[Move], *, with_plans: bool) -> list[tuple[str | None, bytes | None]]:
    """Return outcome and plan of each of *moves*, or one pair if all have the same."""
    first = moves[0]
    if all(move.outcome is first.outcome and move.plan == first.plan for move in moves):
        moves = moves[:1]
    return [
        (
            None if move.outcome is None else move.outcome.to_json(),
            move.plan if with_plans else None,
        )
        for move in moves
    ]


def move(work: Work, moves: Sequence[Move]) -> None:
    """Carry out *moves*, all or none; see ``Queue.move``."""
    numbers = [rules.job_number(job_id) for job_id in rules.unique_ids(moves)]
    rows = standing(work, numbers)
    rules.check_moves(
        moves,
        {job_id: (_STATES[row[2]], row[3]) for job_id, row in rows.items()},
        purged={job_id for job_id, row in rows.items() if row[7]},
    )
    changes = _Changes(work)
    for one in moves:
        changes.add(one, rows[one.job_id])
    changes.apply()
    if changes.done:
        _close_parents(work, changes.done)
    if changes.turned:
        refresh_children(work, changes.turned)
    if changes.back_to_blocked:
        _refresh_reasons(work, changes.back_to_blocked)


def standing(work: Work, numbers: Sequence[int]) -> dict[str, _Standing]:
    """Return where jobs stand, by id, with their companies locked."""
    work.lock_companies_of(numbers)
    ask = (work.array(numbers),)
    rows = work.rows("standing", ask)
    if work.lock(row[1] for row in rows):
        rows = work.rows("standing", ask)
    return {str(row[0]): row for row in rows}


def expire(work: Work, company: str | None) -> int:
    """End leases past their deadline; see ``Queue.expire``."""
    companies = [name for (name,) in work.rows("companies")] if company is None else [company]
    ask = (work.array(companies), work.at)
    expired = work.rows("expired", ask)
    if work.lock(row[3] for row in expired):
        expired = work.rows("expired", ask)
    moves = [rules.expiry(str(number), token, batch) for number, token, batch, _ in expired]
    if moves:
        move(work, moves)
    return len(moves)


def _children(work: Work, parents: Iterable[int]) -> list[int]:
    return [number for (number,) in work.rows("children", (work.array(parents),))]


def _close_parents(work: Work, parents: Sequence[int]) -> None:
    """Let the jobs wait that waited for nothing but *parents*, which are done."""
    children = _children(work, parents)
    if not children:
        return
    work.run("close_parents", (work.array(parents),))
    free = work.rows("free_children", (work.array(children),))
    updates: list[tuple[int, int]] = []
    rows: list[Sequence[object]] = []
    deltas: Counter[tuple[str, str]] = Counter()
    for number, company, not_before, changes in free:
        later = not_before is not None and not_before > work.at
        updates.append((not_before if later else 0, number))
        rows.append((number, changes + 1, work.at, "blocked", "waiting", None, None))
        deltas[company, "blocked"] -= 1
        deltas[company, "waiting"] += 1
    if updates:
        work.unblock(updates)
        history(work, rows)
        count(work, deltas)


def refresh_children(work: Work, parents: Sequence[int]) -> None:
    """Say anew why the jobs are blocked that depend on *parents*, which ended or began anew."""
    children = _children(work, parents)
    if children:
        _refresh_reasons(work, children)


def _refresh_reasons(work: Work, numbers: Sequence[int]) -> None:
    waiting = [
        (number, json.loads(up)) for number, up in work.rows("waiting_children", (work.array(numbers),))
    ]
    wanted = sorted({parent for _, parents in waiting for parent in parents})
    states = {number: _STATES[state] for number, _, state in work.rows("parents", (work.array(wanted),))}
    reasons = [
        (rules.parent_reason((parent, states[parent]) for parent in parents), number)
        for number, parents in waiting
    ]
    if reasons:
        work.many("set_reason", reasons)
