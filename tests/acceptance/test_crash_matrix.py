"""The crash matrix: every (call x fault) of a session of 40 orders with payments, on to the end.

Whatever goes wrong once, the books hold every order once and its payment once, and every job is settled or
visibly in doubt. In CI a fixed sample on the stores that need no server; complete in the nightly run.
"""

from __future__ import annotations

import random
from collections import Counter
from functools import cache

import pytest
from matrix import ALL_SWITCHES, ORDERS, baseline, plans, run_case

from qbsync.store.memory import MemoryStore
from qbsync.store.sqlite import SQLiteStore

#: So many cases run in CI on each store.
SAMPLE = {"memory": 100, "sqlite": 50}
SEED = 20261126


class Stores:
    """Makes empty stores of one kind, on a company's clock; each is thrown away after its case.

    The memory store outlives the service that is killed; the others are opened anew from what is on disk.
    """

    def __init__(self, kind, tmp_path, postgres=None):
        self.kind, self.tmp_path, self.postgres = kind, tmp_path, postgres
        self.made = 0

    def __call__(self, company):
        """Return an empty store."""
        self.made += 1

        def clock():
            return company.now

        if self.kind == "memory":
            return MemoryStore(clock=clock)
        if self.kind == "sqlite":
            return SQLiteStore(self.tmp_path / f"{self.made}.qbsync", clock=clock, durable=False)
        from qbsync.store.postgres import PostgresStore  # noqa: PLC0415 - needs libpq, tests run without

        return PostgresStore(self.postgres(), clock=clock)


@cache
def cases_of(switches):
    """Return all plans of a baseline with *switches*: its calls and sets depend on them."""
    company = switches.company()
    return tuple(plans(baseline(MemoryStore(clock=lambda: company.now), company)))


class Table:
    """What the cases came to, by how QuickBooks behaves."""

    def __init__(self, kind):
        self.kind = kind
        self.rows = {}
        self.wrong = []

    def run(self, stores, switches, plan):
        """Run one case and note it."""
        company = switches.company()
        store = stores(company)
        try:
            found = run_case(store, company, plan, switches)
        finally:
            store.close()
        row = self.rows.setdefault(switches, Counter())
        row["cases"] += 1
        row["done"] += found.states.get("done", 0)
        row["in_doubt"] += found.states.get("in_doubt", 0)
        if found.wrong or sum(found.states.values()) != ORDERS:
            row["wrong"] += 1
            self.wrong.append(f"{plan} {switches}: {'; '.join(found.wrong[:3])}")

    def lines(self):
        """Return the table as lines of text."""
        head = f"{'store':<9} {'recovery':<10} {'stops':<6} {'dying stores':<13}"
        head += f" {'cases':>6} {'orders done':>12} {'in doubt':>9} {'wrong':>6}"
        lines = [head]
        for one, row in sorted(self.rows.items(), key=lambda pair: str(pair[0])):
            stops = str(one.list_query_stops_at_first_missing)
            told = f"{self.kind:<9} {one.recovery:<10} {stops:<6} {one.crash_stores:<13}"
            told += f" {row['cases']:>6} {row['done']:>12} {row['in_doubt']:>9} {row['wrong']:>6}"
            lines.append(told)
        return lines

    def judge(self, record_property):
        """Print the table with the run, and fail if anything was wrong."""
        record_property("outcome table", "\n".join(self.lines()))

        assert not self.wrong, f"{len(self.wrong)} cases went wrong, the first: {self.wrong[:5]}"


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_a_sample_of_the_matrix(kind, tmp_path, record_property):
    """A fixed sample of all cases: exactly once each, in doubt only where nothing can tell."""
    drawn = random.Random(SEED)  # a fixed sample
    everything = [(switches, plan) for switches in ALL_SWITCHES for plan in cases_of(switches)]
    stores, table = Stores(kind, tmp_path), Table(kind)
    for switches, plan in drawn.sample(everything, SAMPLE[kind]):
        table.run(stores, switches, plan)
    table.judge(record_property)

    assert sum(row["cases"] for row in table.rows.values()) == SAMPLE[kind]


@pytest.mark.nightly
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("switches", ALL_SWITCHES, ids=str)
@pytest.mark.parametrize("kind", ["memory", "sqlite", "postgres"])
def test_the_whole_matrix(kind, switches, tmp_path, request, record_property):
    """Every case: exactly once each, in doubt only where nothing can tell."""
    postgres = request.getfixturevalue("postgres") if kind == "postgres" else None
    stores, table = Stores(kind, tmp_path, postgres), Table(kind)
    for plan in cases_of(switches):
        table.run(stores, switches, plan)
    table.judge(record_property)
