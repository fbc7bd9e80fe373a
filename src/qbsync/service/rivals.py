"""Requests in doubt that found the same transaction in the books.

Two Adds with the same number, customer and date look alike. When the outcome of both is looked up and the
books hold one such transaction, each of them finds it, and one of them may not have been done. So neither is
taken for done: a person decides.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ..handlers import Doubt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..handlers import Decision

__all__ = ["without_rivals"]

_CLAIMED_TWICE = (
    "QuickBooks holds one transaction ({txn_id}) that several requests may have made: look how many there "
    "should be, then resolve it"
)


def without_rivals(said: Mapping[str, Decision], claims: dict[str, str]) -> dict[str, Decision]:
    """Return what was decided, with doubt for jobs that found a transaction which another request found too.

    Args:
        said: what was decided, by job.
        claims: transactions that earlier rounds found → the job that found them; those of this round are
            added. A job that is looked into once more is no rival of itself.
    """
    found = [(job_id, txn_id) for job_id, decision in said.items() for txn_id in _found_by(decision)]
    times = Counter(txn_id for _, txn_id in found)
    rivals = {
        job_id: txn_id
        for job_id, txn_id in found
        if times[txn_id] > 1 or claims.get(txn_id, job_id) != job_id
    }
    claims.update({txn_id: job_id for job_id, txn_id in found if txn_id not in claims})
    return {
        job_id: Doubt(_CLAIMED_TWICE.format(txn_id=rivals[job_id])) if job_id in rivals else decision
        for job_id, decision in said.items()
    }


def _found_by(decision: Decision) -> list[str]:
    """Return the ids of transactions that were found rather than told by the answer to their own Add."""
    outcome = getattr(decision, "outcome", None)
    requests = outcome.requests if outcome is not None else ()
    return [
        request.ids["TxnID"]
        for request in requests
        if request.applied and request.status_code is None and "TxnID" in request.ids
    ]
