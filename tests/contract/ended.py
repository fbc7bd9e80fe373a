"""What a database remembers of jobs that ended, step by step."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from qbsync.jobs import Move, NewJob, State

if TYPE_CHECKING:
    from collections.abc import Callable

    from qbsync.store import Store


def end_and_purge(store: Store, remembered: Callable[[], int]) -> tuple[list[int], list[str]]:
    """End three jobs, the second one twice, and purge them: the first, then those that are settled.

    Returns:
        How many rows *remembered* counted after the calls that ended jobs and after those that purged some,
        and the keys of the jobs that were settled before the last one.
    """
    counted: list[int] = []

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
    a, b, _ = (one.job_id for one in put)
    end(State.DONE, State.FAILED, State.FAILED)
    counted.append(remembered())
    with store.begin() as t:
        t.jobs.move([Move(job_id=b, to=State.WAITING)])
    end(State.DONE)
    counted.append(remembered())
    with store.begin() as t:
        t.jobs.purge([a])
    counted.append(remembered())
    with store.begin() as t:
        found = t.jobs.settled(t.now() + timedelta(seconds=1))
        t.jobs.purge(found)
        keys = [job.key for job in t.jobs.get(found)]
    return [*counted, remembered()], keys
