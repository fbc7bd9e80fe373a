"""The work w5: 100,000 jobs put, leased and settled in batches of 100, against hand-written loops.

    python benchmarks/store_w5.py sqlite
    QBSYNC_TEST_FSYNC=on scripts/postgres_for_tests.sh python benchmarks/store_w5.py postgres

The baselines are the least that could be called a queue: one table, one index, no keys, no history, no
dependencies, no counts. Every figure is a ratio inside one run: the store and its baseline take turns,
batch by batch, so that a slow moment of the machine meets both; the median of the rounds is printed.

- ``put``: batches of 100 into an ever deeper queue, one transaction each;
- ``lease+settle``: batches of 100 out of it, one transaction for the lease and one for the end;
- ``steady``: a queue kept 1,000 deep, 100 in and 100 out each turn.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import statistics
import tempfile
import time
import uuid
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from qbsync.jobs import Move, NewJob, Outcome, State
from qbsync.store.sqlite import SQLiteStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from qbsync.store import Store

BATCH = 100
DEPTH = 1_000
DONE = Outcome(label="done")

#: What the store may cost, as a ratio to the baseline.
TARGET = 3.0


class Queue(Protocol):
    """What is measured."""

    def put(self, payloads: list[str]) -> None:
        """Put a batch of jobs."""

    def work(self) -> int:
        """Lease a batch, settle it, and return how many jobs that were."""


def payloads(number: int) -> list[str]:
    """Return the payloads of batch *number*: about 200 bytes, other ones for each job."""
    return [
        json.dumps({"id": job, "entity": "Invoice", "ref": f"INV{job:07d}", "body": "x" * 130})
        for job in range(number * BATCH, (number + 1) * BATCH)
    ]


class RawSQLite:
    """Plain sqlite3, on the disk at each commit."""

    def __init__(self, folder: Path) -> None:
        self.db = sqlite3.connect(folder / f"{uuid.uuid4().hex}.db", isolation_level=None)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = FULL")
        self.db.execute(
            "CREATE TABLE job (id INTEGER PRIMARY KEY, body TEXT, state INTEGER DEFAULT 0, until REAL)"
        )
        self.db.execute("CREATE INDEX ready ON job (id) WHERE state = 0")

    def put(self, payloads: list[str]) -> None:
        """Put a batch."""
        rows = [(one,) for one in payloads]
        self.db.execute("BEGIN IMMEDIATE")
        self.db.executemany("INSERT INTO job (body) VALUES (?)", rows)
        self.db.execute("COMMIT")

    def work(self) -> int:
        """Lease a batch and settle it."""
        self.db.execute("BEGIN IMMEDIATE")
        rows = self.db.execute(
            "UPDATE job SET state = 1, until = ? WHERE id IN "
            "(SELECT id FROM job WHERE state = 0 ORDER BY id LIMIT ?) RETURNING id, body",
            (time.time() + 60, BATCH),
        ).fetchall()
        self.db.execute("COMMIT")
        self.db.execute("BEGIN IMMEDIATE")
        self.db.executemany(
            "UPDATE job SET state = 2, until = NULL WHERE id = ? AND state = 1", [row[:1] for row in rows]
        )
        self.db.execute("COMMIT")
        return len(rows)


class RawPostgres:
    """Plain psycopg, on the disk at each commit."""

    def __init__(self, dsn: str) -> None:
        import psycopg  # noqa: PLC0415 - needed for this one only

        self.db = psycopg.connect(dsn)
        self.db.execute(
            "CREATE TABLE raw (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body TEXT NOT NULL,"
            " state SMALLINT NOT NULL DEFAULT 0, until TIMESTAMPTZ)"
        )
        self.db.execute("CREATE INDEX ON raw (id) WHERE state = 0")
        self.db.commit()

    def put(self, payloads: list[str]) -> None:
        """Put a batch."""
        self.db.execute("INSERT INTO raw (body) SELECT unnest(%s::text[])", (payloads,))
        self.db.commit()

    def work(self) -> int:
        """Lease a batch and settle it."""
        rows = self.db.execute(
            "UPDATE raw SET state = 1, until = now() + interval '60 s' WHERE id IN "
            "(SELECT id FROM raw WHERE state = 0 ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED) "
            "RETURNING id, body",
            (BATCH,),
        ).fetchall()
        self.db.commit()
        self.db.execute(
            "UPDATE raw SET state = 2, until = NULL WHERE id = ANY(%s) AND state = 1",
            ([row[0] for row in rows],),
        )
        self.db.commit()
        return len(rows)


class Ours:
    """A store of ours."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._numbers = count()

    def put(self, payloads: list[str]) -> None:
        """Put a batch, each job under a key of its own."""
        jobs = [
            NewJob(company="shop", kind="order", key=f"order:{number}", payload=one.encode())
            for number, one in zip(self._numbers, payloads, strict=False)
        ]
        with self.store.begin() as t:
            t.jobs.put(jobs)

    def work(self) -> int:
        """Lease a batch and settle it."""
        with self.store.begin() as t:
            leases = t.jobs.lease("shop", holder="s", limit=BATCH, until=t.now() + timedelta(minutes=1))
        moves = [
            Move(job_id=one.job.id, to=State.DONE, token=one.token, outcome=DONE, attempted=True)
            for one in leases
        ]
        with self.store.begin() as t:
            t.jobs.move(moves)
        return len(leases)


def timed(step: Callable[[], object]) -> float:
    """Return how many seconds *step* took."""
    start = time.perf_counter()
    step()
    return time.perf_counter() - start


def in_turns(queues: list[Queue], turns: int, step: Callable[[Queue, int], object]) -> list[float]:
    """Let *queues* take turns; return the seconds of each."""
    spent = [0.0] * len(queues)
    for turn in range(turns):
        for n, queue in enumerate(queues):
            spent[n] += timed(lambda queue=queue, turn=turn: step(queue, turn))
    return spent


def one_round(
    make: Callable[[], list[Queue]], jobs: int, settle_down: Callable[[], None]
) -> dict[str, list[float]]:
    """Return the microseconds a job of baseline and store, for each part of the work."""
    turns = jobs // BATCH
    deep = make()
    parts = [payloads(number) for number in range(turns)]
    put = in_turns(deep, turns, lambda queue, turn: queue.put(parts[turn]))
    settle_down()
    work = in_turns(deep, turns, lambda queue, _: queue.work())
    assert [queue.work() for queue in deep] == [0, 0], "everything was leased"
    level = make()
    for queue in level:
        for part in parts[: DEPTH // BATCH]:
            queue.put(part)
    settle_down()
    turns_steady = max(1, turns // 5)

    def both(queue: Queue, turn: int) -> None:
        queue.put(parts[turn])
        assert queue.work() == BATCH

    steady = in_turns(level, turns_steady, both)
    scale = {"put": (put, turns), "lease+settle": (work, turns), "steady": (steady, turns_steady)}
    return {name: [s / (count * BATCH) * 1e6 for s in spent] for name, (spent, count) in scale.items()}


def sqlite_queues(folder: Path) -> Callable[[], list[Queue]]:
    """Return what makes the pair for SQLite."""
    return lambda: [RawSQLite(folder), Ours(SQLiteStore(folder / f"{uuid.uuid4().hex}.db"))]


def postgres_queues(dsn: str) -> tuple[Callable[[], list[Queue]], Callable[[], None]]:
    """Return what makes the pair for PostgreSQL, and what its server would do within a minute."""
    import psycopg  # noqa: PLC0415 - needed for this one only

    from qbsync.store.postgres import PostgresStore  # noqa: PLC0415

    def make() -> list[Queue]:
        schema = f"w5_{uuid.uuid4().hex}"
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {schema}")
        own = psycopg.conninfo.make_conninfo(dsn, options=f"-csearch_path={schema}")
        return [RawPostgres(own), Ours(PostgresStore(own))]

    def analyze() -> None:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("ANALYZE")

    return make, analyze


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description="The work w5 against hand-written loops.")
    parser.add_argument("backend", choices=["sqlite", "postgres"])
    parser.add_argument("--jobs", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if options.backend == "sqlite":
            make, settle_down = sqlite_queues(Path(folder)), lambda: None
        else:
            make, settle_down = postgres_queues(os.environ["QBSYNC_TEST_DSN"])
        rounds = [one_round(make, options.jobs, settle_down) for _ in range(options.rounds)]
    print(f"w5 on {options.backend}: {options.jobs} jobs, {options.rounds} rounds, median")
    print(f"{'work':14}{'baseline µs/job':>18}{'store µs/job':>15}{'ratio':>8}   target")
    for name in rounds[0]:
        base = statistics.median(one[name][0] for one in rounds)
        ours = statistics.median(one[name][1] for one in rounds)
        ratio = statistics.median(one[name][1] / one[name][0] for one in rounds)
        print(f"{name:14}{base:18.1f}{ours:15.1f}{ratio:8.2f}   ≤ {TARGET:g}")


if __name__ == "__main__":
    main()
