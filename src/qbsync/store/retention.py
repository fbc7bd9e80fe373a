"""Retention: documents do not stay for ever.

Some time after a job ended its payload, plan and responses are dropped, and so are the documents of the
batches that it went out in. Keys and QuickBooks' ids stay for ever: they are what keeps work from being
done twice. See ``Queue.purge`` for what exactly goes and stays.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from attrs import frozen

from ..errors import JobStateError, RevisionError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from . import Store

__all__ = ["BATCHES", "DAYS", "Dropped", "Expiring", "sweep"]

#: How long documents stay after a job ended, by default.
DAYS: Final = 30.0
#: So many jobs or records are dropped in one transaction; nobody waits longer than for that.
_AT_ONCE = 200


@frozen(kw_only=True)
class Expiring:
    """Records that are deleted some time after the moment that they are sorted by."""

    kind: str
    #: Only those in this state.
    state: str


#: The sets that were handed out and of which everything is known; sorted by the moment of the hand-out.
BATCHES: Final = (Expiring(kind="batch", state="answered"),)


@frozen(kw_only=True)
class Dropped:
    """What a sweep dropped."""

    jobs: int
    records: int


def sweep(store: Store, *, days: float = DAYS, expiring: Iterable[Expiring] = BATCHES) -> Dropped:
    """Drop the documents of jobs that ended more than *days* ago, and old records of some kinds.

    Works in small transactions; may run while the store is in use, and in several programs at once.

    Args:
        store: the store.
        days: how long documents stay; more than 0.
        expiring: which records go too: those of every company whose ``sort``, a moment in ISO form, is as
            old.

    Raises:
        UsageError: *days* is not more than 0.
    """
    if not days > 0:
        raise UsageError(f"days: expected more than 0, got {days}")
    with store.begin() as t:
        before = t.now() - timedelta(days=days)
        companies = list(t.jobs.companies())
    jobs = 0
    while dropped := _purge(store, before):
        jobs += dropped
    records = sum(
        _delete(store, company, one, before.isoformat()) for company in companies for one in expiring
    )
    return Dropped(jobs=jobs, records=records)


def _purge(store: Store, before: datetime) -> int:
    """Purge some jobs; a job that somebody puts again at this moment is left for the next sweep."""
    try:
        with store.begin() as t:
            ids = t.jobs.settled(before, limit=_AT_ONCE)
            t.jobs.purge(ids)
            return len(ids)
    except JobStateError:
        return 0


def _delete(store: Store, company: str, one: Expiring, before: str) -> int:
    deleted = 0
    while gone := _delete_some(store, company, one, before):
        deleted += gone
    return deleted


def _delete_some(store: Store, company: str, one: Expiring, before: str) -> int:
    """Delete some of the oldest; a record that is written at this moment is in use, and is left."""
    gone = 0
    with store.begin() as t:
        for record in t.records.page(company, one.kind, state=one.state, limit=_AT_ONCE).items:
            if record.sort < before:
                with suppress(RevisionError):
                    t.records.delete(record)
                    gone += 1
    return gone
