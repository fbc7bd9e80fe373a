"""A process that works on an SQLite store; see test_sqlite_store.py.

python sqlite_worker.py FILE work N    put 100 keys, lease what there is, say what that was
python sqlite_worker.py FILE put       put pairs of jobs for ever, say each number when it is committed
"""

from __future__ import annotations

import itertools
import json
import sys
from datetime import timedelta

from qbsync.jobs import Move, NewJob, PutResult, State
from qbsync.store.sqlite import SQLiteStore


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def new(key: str) -> NewJob:
    return NewJob(company="shop", kind="order", key=key, payload=b"p")


def work(store: SQLiteStore, name: str) -> None:
    say("ready")
    sys.stdin.readline()
    created = 0
    for n in range(100):
        with store.begin() as t:
            (answer,) = t.jobs.put([new(str(n))])
        created += answer.result is PutResult.CREATED
    leased: list[str] = []
    while True:
        with store.begin() as t:
            leases = t.jobs.lease("shop", holder=name, limit=3, until=t.now() + timedelta(minutes=1))
        if not leases:
            break
        leased += [lease.job.key for lease in leases]
        with store.begin() as t:
            t.jobs.move([Move(job_id=one.job.id, to=State.DONE, token=one.token) for one in leases])
    say(json.dumps({"created": created, "leased": leased}))


def put(store: SQLiteStore) -> None:
    with store.begin() as t:
        first = t.jobs.counts("shop").get(State.WAITING, 0)
    for n in itertools.count(first):
        with store.begin() as t:
            t.jobs.put([new(f"{n} a"), new(f"{n} b")])
        say(str(n))


if __name__ == "__main__":
    opened = SQLiteStore(sys.argv[1])
    if sys.argv[2] == "work":
        work(opened, sys.argv[3])
    else:
        put(opened)
