"""The crash matrix: every (call x fault) of a session of 40 orders with payments, on to the end.

Whatever goes wrong once, the books hold every order once and its payment once, and every job is settled.
None stays in doubt, also where QuickBooks keeps no outcomes: each order has a number to be looked up by.
In CI a fixed sample on the stores that need no server; complete in the nightly run.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from contextlib import closing
from functools import cache

import pytest
from branches import Branches, run_branches
from matrix import ALL_SWITCHES, ORDERS, Found, Switches, baseline, plans, run_case
from stores import MemoryStores, PostgresStores, SQLiteStores

from qbsync.store.memory import MemoryStore

#: So many cases run in CI on each store.
SAMPLE = {"memory": 100, "sqlite": 50}
SEED = 20261126
#: Tests on PostgreSQL share a server, which one of them restarts: they run one after the other.
KINDS = ["memory", "sqlite", pytest.param("postgres", marks=pytest.mark.xdist_group("postgres"))]

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork, which Windows does not have")


@pytest.fixture
def stores(kind, tmp_path, request):
    """Stores of the kind that the test is for."""
    if kind == "memory":
        made = MemoryStores()
    elif kind == "sqlite":
        made = SQLiteStores(tmp_path)
    else:
        dsn = request.getfixturevalue("postgres")
        made = PostgresStores(dsn(), dsn())
    with closing(made):
        yield made


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

    def note(self, switches, plan, found):
        """Note what a case came to; a text tells why it did not come to an end."""
        row = self.rows.setdefault(switches, Counter())
        row["cases"] += 1
        if not isinstance(found, Found):
            found = Found(states={}, wrong=(found,))
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


def whole(stores, switches, plan):
    """Run one case from its beginning, and return what it came to."""
    company = switches.company()
    with stores.lend(company) as store:
        return run_case(store, company, plan)


def branched(stores, switches, cases):
    """Run all *cases* of *switches*, their common beginnings once; return what they came to, by plan."""
    company = switches.company()
    branches = Branches(plans=tuple(cases), copied=stores.copied)
    with stores.lend(company) as empty:
        return run_branches(branches, lambda store: run_case(store, company, branches), empty)


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_a_sample_of_the_matrix(kind, stores, record_property):
    """A fixed sample of all cases: each order exactly once, and none is left in doubt."""
    drawn = random.Random(SEED)  # a fixed sample
    everything = [(switches, plan) for switches in ALL_SWITCHES for plan in cases_of(switches)]
    table = Table(kind)
    for switches, plan in drawn.sample(everything, SAMPLE[kind]):
        table.note(switches, plan, whole(stores, switches, plan))
    table.judge(record_property)

    assert sum(row["cases"] for row in table.rows.values()) == SAMPLE[kind]


@needs_fork
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.usefixtures("kind")
def test_a_branch_comes_to_what_the_whole_case_comes_to(stores):
    """What the whole matrix relies on: a case need not be run from its beginning."""
    switches = Switches(recovery="forgetful", list_query_stops_at_first_missing=True, crash_stores="partial")
    cases = random.Random(SEED).sample(cases_of(switches), 12)

    assert branched(stores, switches, cases) == {plan: whole(stores, switches, plan) for plan in cases}


@needs_fork
@pytest.mark.nightly
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("switches", ALL_SWITCHES, ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_the_whole_matrix(kind, stores, switches, record_property):
    """Every case: each order exactly once, and none is left in doubt."""
    table, cases = Table(kind), cases_of(switches)
    assert len(cases) > 10 * ORDERS, "a plan for each call and fault"
    found = branched(stores, switches, cases)
    for plan in cases:
        table.note(switches, plan, found.get(plan, "its moment never came"))
    table.judge(record_property)
