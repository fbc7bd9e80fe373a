"""What is read in several steps while others work: nothing is told that never was, and nothing breaks."""

from __future__ import annotations

from datetime import timedelta

import pytest

from qbsync.jobs import Move, NewJob, State

pytestmark = pytest.mark.xdist_group("postgres")


@pytest.fixture
def store(postgres):
    """A store with one job, leased by ``s``."""
    from qbsync.store.postgres import PostgresStore  # noqa: PLC0415 - needs libpq, tests run without

    made = PostgresStore(postgres())
    with made.begin() as t:
        t.jobs.put([NewJob(company="shop", kind="order", key="k", payload=b"p")])
        t.jobs.lease("shop", holder="s", limit=1, until=t.now() + timedelta(minutes=1))
    yield made
    made.close()


@pytest.fixture
def other(store):
    """Another program's store in the same place."""
    from qbsync.store.postgres import PostgresStore  # noqa: PLC0415

    made = PostgresStore(store._connections._dsn)
    yield made
    made.close()


def meanwhile(t, other):
    """After the next step of *t* another program gives the lease back, between two steps of one call."""
    step = t._work.rows

    def rows(name, values=()):
        found = step(name, values)
        t._work.rows = step
        with other.begin() as their:
            (lease,) = their.jobs.leases("s")
            their.jobs.move([Move(job_id=lease.job.id, to=State.WAITING, token=lease.token)])
        return found

    t._work.rows = rows


def test_a_lease_that_ends_while_leases_are_read_is_none(store, other):
    """The holder's leases are what they are at the end of the call."""
    with store.begin() as t:
        meanwhile(t, other)
        assert t.jobs.leases("s") == []


def test_a_job_that_moves_while_a_page_is_read_is_not_listed_where_it_was(store, other):
    """A listing by state never shows a job in another one."""
    with store.begin() as t:
        meanwhile(t, other)
        assert t.jobs.page(company="shop", state=State.LEASED).items == ()
        assert [one.key for one in t.jobs.page(company="shop", state=State.WAITING).items] == ["k"]


def test_a_lease_is_told_once_in_a_history_that_is_read_while_it_ends(store, other):
    """It stands in the job until the next row of history says it; nobody sees it in both."""
    with store.begin() as t:
        (lease,) = t.jobs.leases("s")
    with store.begin() as t:
        meanwhile(t, other)
        history = [change.after for change in t.jobs.history(lease.job.id)]

    assert history == [State.WAITING, State.LEASED]


def test_a_job_that_moves_while_a_company_is_listed_is_listed_once(store, other):
    """Whichever of its states is seen, it is neither left out nor shown twice."""
    with store.begin() as t:
        meanwhile(t, other)
        assert [one.key for one in t.jobs.page(company="shop").items] == ["k"]
