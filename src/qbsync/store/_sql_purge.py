"""Dropping the documents of settled jobs in a store that speaks SQL; see ``Queue.purge``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..jobs import Outcome, State
from . import _rules as rules

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ._sql_work import Work

__all__ = ["purge"]


def purge(work: Work, ids: Sequence[str], *, words: bool) -> None:
    """Drop the documents of *ids*, all or none."""
    numbers, _ = rules.job_numbers(ids)
    rows = _ended(work, numbers)
    rules.check_settled(ids, {str(row[0]): State(row[2]) for row in rows})
    work.many("purge", [(row[0], _kept(row[3])) for row in rows])
    ask = (work.array(numbers),)
    work.drop_payloads(numbers)
    work.run("tidy_settled")
    if words:
        work.run("forget_reasons", ask)
        work.run("forget_history", ask)


def _ended(work: Work, numbers: Sequence[int]) -> list[Any]:
    """Return number, company, state and outcome of jobs, with their companies locked."""
    ask = (work.array(numbers),)
    rows = work.rows("ended", ask)
    return work.rows("ended", ask) if work.lock(row[1] for row in rows) else rows


def _kept(outcome: str | None) -> str | None:
    return None if outcome is None else Outcome.from_json(outcome).without_documents().to_json()
