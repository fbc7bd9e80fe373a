"""What a database remembers of jobs that ended, step by step."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from qbsync.jobs import Move, NewJob, State

if TYPE_CHECKING:
    from collections.abc import Callable

    from qbsync.store import Store


def end_and_purge(store: Store, remembered: Callable[[], int]) -> None:
    """End jobs, some of them twice, and purge them; *remembered* counts the rows that say so."""

    def end(*states: State) -> None:
        with store.begin() as t:
            leases = t.jobs.lease("shop", holder="s", limit=9, until=t.now() + timedelta(minutes=1))
            t.jobs.move(
                [
                    Move(job_id=lease.job.id, to=state, token=lease.token)
                    for lease, state in zip(leases, states, strict=True)
                ]
            )

    with store.begin() as t:
        put = t.jobs.put([NewJob(company="shop", kind="order", key=key, payload=b"p") for key in "abc"])
    a, b, c = (one.job_id for one in put)
    end(State.DONE, State.FAILED, State.FAILED)
    assert remembered() == 1
    with store.begin() as t:
        t.jobs.move([Move(job_id=b, to=State.WAITING)])
    end(State.DONE)
    assert remembered() == 2
    with store.begin() as t:
        t.jobs.purge([a])
    assert remembered() == 2
    with store.begin() as t:
        found = t.jobs.settled(t.now() + timedelta(seconds=1))
        t.jobs.purge(found)
    assert (found, remembered()) == ([c, b], 0)
