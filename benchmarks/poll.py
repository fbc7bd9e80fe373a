"""Whether the time of an empty poll depends on how many jobs wait.

    python benchmarks/poll.py [--check]
    QBSYNC_TEST_FSYNC=on scripts/postgres_for_tests.sh python benchmarks/poll.py [--check]

A poll is what the Web Connector does every few minutes: ``serverVersion``, ``clientVersion`` and
``authenticate``, each one POST, answered by ``none`` when nothing is due. It is measured whole, from the
bytes of the calls to the bytes of the replies; only the hash of the password is left out, by an
authenticator that makes none. Two stores of one company take turns, one with 1,000 jobs and one with
1,000,000; half of them are blocked by another job, half are for later, so that every poll is empty. Printed
are the medians and their ratio: on SQLite, and on PostgreSQL when ``QBSYNC_TEST_DSN`` says where. With
``--check`` a ratio above the target exits 1.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from store_depth import SHOP, filled, makers

from qbsync import Service
from qbsync.qbwc.soap import NAMESPACE

if TYPE_CHECKING:
    from qbsync.store import Store

#: The most that a poll with the most jobs may take, as a ratio to one with the fewest.
TARGET = 1.2
FEW = 1_000
POLL = (
    "<serverVersion xmlns='{tns}'/>",
    "<clientVersion xmlns='{tns}'><strVersion>34.0.10015.91</strVersion></clientVersion>",
    "<authenticate xmlns='{tns}'><strUserName>shop</strUserName><strPassword>s</strPassword></authenticate>",
)


class Anyone:
    """Lets everybody in, without a hash."""

    def authenticate(self, _user_name: str, _password: str) -> str:
        """Return the one company."""
        return SHOP


def calls() -> tuple[bytes, ...]:
    """Return the bodies of a poll."""
    envelope = (
        "<?xml version='1.0' encoding='utf-8'?>"
        "<soap:Envelope xmlns:soap='http://schemas.xmlsoap.org/soap/envelope/'>"
        "<soap:Body>{}</soap:Body></soap:Envelope>"
    )
    return tuple(envelope.format(call.format(tns=NAMESPACE)).encode() for call in POLL)


def poll(asked: Service, bodies: tuple[bytes, ...]) -> float:
    """Make one poll; return the seconds that took."""
    start = time.perf_counter()
    replies = [asked.handle(body) for body in bodies]
    spent = time.perf_counter() - start
    assert all(reply.status == 200 for reply in replies), "every call is answered"
    assert b">none<" in replies[-1].body, "nothing is due"
    return spent


def service(store: Store, jobs: int) -> Service:
    """Return a service whose store holds so many jobs, none of which is due."""
    with filled(store, jobs, ready=False).begin() as t:
        assert sum(t.jobs.counts(SHOP).values()) == jobs
    return Service(store=store, authenticator=Anyone())


def measure(backend: str, jobs: int, polls: int) -> tuple[float, float]:
    """Return the median seconds of a poll with few jobs and of one with *jobs*."""
    bodies = calls()
    with tempfile.TemporaryDirectory() as folder:
        make, settle_down = makers(backend, Path(folder))
        services = [service(make(), count) for count in (FEW, jobs)]
        settle_down()
        spent: tuple[list[float], list[float]] = ([], [])
        for turn in range(polls):
            for place in (0, 1) if turn % 2 else (1, 0):
                spent[place].append(poll(services[place], bodies))
    few, many = map(statistics.median, spent)
    return few, many


def main() -> int:
    """Measure, and print a table; return the exit status."""
    parser = argparse.ArgumentParser(description="An empty poll with few and with many waiting jobs.")
    parser.add_argument("--jobs", type=int, default=1_000_000)
    parser.add_argument("--polls", type=int, default=1_000)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    backends = ["sqlite", *(["postgres"] if os.environ.get("QBSYNC_TEST_DSN") else [])]
    print(f"an empty poll with {FEW:,} and with {options.jobs:,} waiting jobs, median of {options.polls:,}")
    print(f"{'store':10}{'few ms':>10}{'many ms':>10}{'ratio':>8}   target")
    worst = 0.0
    for backend in backends:
        few, many = measure(backend, options.jobs, options.polls)
        print(f"{backend:10}{few * 1e3:10.3f}{many * 1e3:10.3f}{many / few:8.2f}   ≤ {TARGET}", flush=True)
        worst = max(worst, many / few)
    return int(options.check and worst > TARGET)


if __name__ == "__main__":
    sys.exit(main())
