"""Whether the time of a lease and of readiness depends on how many jobs a store holds.

    python benchmarks/store_depth.py sqlite
    QBSYNC_TEST_FSYNC=on scripts/postgres_for_tests.sh python benchmarks/store_depth.py postgres

Two stores of one company: a small one with 1,000 jobs and a big one with 1,000,000; in both half the jobs
are ready, a quarter are blocked by another job, a quarter wait for a later moment. They take turns:

- ``lease``: a transaction that leases 100 jobs (they are settled, and 100 new ones put, between the turns);
- ``ready``: a transaction that asks whether there is work, as every ``authenticate`` does.

Printed are the medians, their ratio, and how much memory the big store took while it was worked on.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import tempfile
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from qbsync.jobs import Move, NewJob, State
from qbsync.store.sqlite import SQLiteStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from qbsync.store import Store

SHOP = "shop"
BATCH = 100
PART = 1_000
#: The most that the big store may take, as a ratio to the small one.
TARGETS = {"lease": 1.5, "ready": 1.2}


def filled(store: Store, jobs: int, *, ready: bool = True) -> Store:
    """Fill *store* with so many jobs and return it; without *ready* all are blocked or for later."""
    nth = _nth if ready else _idle
    with store.begin() as t:
        (parent,) = t.jobs.put([_job("parent", not_before=30)])
    for first in range(1, jobs, PART):
        with store.begin() as t:
            t.jobs.put([nth(number, parent.job_id) for number in range(first, min(jobs, first + PART))])
    return store


def _job(key: str, *, not_before: float | None = None, parents: tuple[str, ...] = ()) -> NewJob:
    later = None if not_before is None else datetime.now(UTC) + timedelta(days=not_before)
    return NewJob(
        company=SHOP, kind="order", key=key, payload=b"x" * 200, not_before=later, depends_on=parents
    )


def _nth(number: int, parent: str) -> NewJob:
    match number % 4:
        case 0:
            return _job(f"{number}", not_before=1 + number % 20)
        case 1:
            return _job(f"{number}", parents=(parent,))
        case _:
            return _job(f"{number}")


def _idle(number: int, parent: str) -> NewJob:
    return _nth(number % 2 + 4 * number, parent)


def lease(store: Store) -> tuple[float, list[Move]]:
    """Lease a batch; return the seconds that took, and the moves that settle it."""
    start = time.perf_counter()
    with store.begin() as t:
        leases = t.jobs.lease(SHOP, holder="s", limit=BATCH, until=t.now() + timedelta(minutes=1))
    spent = time.perf_counter() - start
    assert len(leases) == BATCH
    return spent, [Move(job_id=one.job.id, to=State.DONE, token=one.token) for one in leases]


def renew(store: Store, moves: list[Move]) -> None:
    """Settle what was leased and put as many new jobs."""
    with store.begin() as t:
        t.jobs.move(moves)
    with store.begin() as t:
        t.jobs.put([_job(uuid.uuid4().hex) for _ in range(BATCH)])


def ready(store: Store) -> float:
    """Ask for work; return the seconds that took."""
    start = time.perf_counter()
    with store.begin() as t:
        assert t.jobs.ready(SHOP)
    return time.perf_counter() - start


def peak() -> float:
    """Return the most memory that this process ever had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def makers(backend: str, folder: Path) -> tuple[Callable[[], Store], Callable[[], None]]:
    """Return what makes an empty store, and what its server would do within a minute."""
    if backend == "sqlite":
        return (lambda: SQLiteStore(folder / f"{uuid.uuid4().hex}.db")), lambda: None
    import psycopg  # noqa: PLC0415 - needed for this one only

    from qbsync.store.postgres import PostgresStore  # noqa: PLC0415

    dsn = os.environ["QBSYNC_TEST_DSN"]

    def make() -> Store:
        schema = f"depth_{uuid.uuid4().hex}"
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {schema}")
        return PostgresStore(psycopg.conninfo.make_conninfo(dsn, options=f"-csearch_path={schema}"))

    def vacuum() -> None:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")

    return make, vacuum


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description="Leases and readiness in a small and in a big store.")
    parser.add_argument("backend", choices=["sqlite", "postgres"])
    parser.add_argument("--jobs", type=int, default=1_000_000)
    parser.add_argument("--turns", type=int, default=100)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        make, settle_down = makers(options.backend, Path(folder))
        stores = [filled(make(), 1_000), filled(make(), options.jobs)]
        settle_down()
        before = peak()
        spent: dict[str, list[list[float]]] = {"lease": [[], []], "ready": [[], []]}
        for _ in range(options.turns):
            for n, store in enumerate(stores):
                seconds, moves = lease(store)
                spent["lease"][n].append(seconds)
                renew(store, moves)
            for n, store in enumerate(stores):
                spent["ready"][n] += [ready(store) for _ in range(5)]
        print(f"{options.backend}: 1,000 and {options.jobs:,} jobs, {options.turns} turns, median")
        print(f"{'work':8}{'small ms':>10}{'big ms':>10}{'ratio':>8}   target")
        for name, (small, big) in spent.items():
            low, high = statistics.median(small) * 1e3, statistics.median(big) * 1e3
            print(f"{name:8}{low:10.3f}{high:10.3f}{high / low:8.2f}   ≤ {TARGETS[name]}")
        print(f"memory: {before:.0f} MiB when filled, {peak():.0f} MiB at the end")


if __name__ == "__main__":
    main()
