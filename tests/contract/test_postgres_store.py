"""The contract suite on a real PostgreSQL server, and what only a server can show."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from ended import end_and_purge

from qbsync.errors import JobNotFoundError, StoreError, UsageError
from qbsync.jobs import Move, NewJob, Outcome, State
from qbsync.store._queries import migration, queries
from qbsync.store.restored import clear, restored
from qbsync.testing.store_suite import Clock, StoreSuite

if TYPE_CHECKING:
    from collections.abc import Callable

    from qbsync.store import Store

pytestmark = pytest.mark.xdist_group("postgres")


class TestPostgresStore(StoreSuite):
    @pytest.fixture(autouse=True)
    def _database(self, postgres: Callable[[], str]) -> None:
        self.dsn = postgres()

    def make_store(self, clock: Clock) -> Store:
        from qbsync.store.postgres import PostgresStore  # noqa: PLC0415 - needs libpq, tests run without

        return PostgresStore(self.dsn, clock=clock)


@pytest.fixture
def server(postgres):
    """The module of PostgreSQL stores, and the DSN of an empty schema."""
    from qbsync.store import postgres as module  # noqa: PLC0415 - needs libpq, tests run without

    return module, postgres()


def job(key, **more):
    return NewJob(company=more.pop("company", "shop"), kind="order", key=key, payload=b"p", **more)


def keys(store):
    with store.begin() as t:
        return [one.key for one in t.jobs.page(limit=1000).items]


def test_the_clock_is_the_databases(server):
    """Without a clock of its own a store tells the database's moment, whatever the host's clock says."""
    module, dsn = server
    import psycopg  # noqa: PLC0415

    store = module.PostgresStore(dsn)
    with psycopg.connect(dsn) as connection:
        before = connection.execute("SELECT clock_timestamp()").fetchone()[0]
        with store.begin() as t:
            now = t.now()
        after = connection.execute("SELECT clock_timestamp()").fetchone()[0]
    store.close()

    assert before <= now + timedelta(microseconds=1)
    assert now <= after


def end_connections(psycopg, dsn):
    """Let the server end all connections that can be ended."""
    with psycopg.connect(dsn, autocommit=True, application_name="ends others") as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'endable'"
        )


@pytest.fixture
def endable(server):
    """A store on connections that can be ended by :func:`end_connections`."""
    module, dsn = server
    store = module.PostgresStore(dsn + " application_name=endable")
    yield store
    store.close()


def test_a_lost_connection_is_replaced_at_the_next_begin(server, endable):
    """When the server ends all connections, the next transactions work as if nothing had happened."""
    import psycopg  # noqa: PLC0415

    with endable.begin() as t:
        t.jobs.put([job("before")])
    end_connections(psycopg, server[1])
    with endable.begin() as t:
        t.jobs.put([job("after")])

    assert keys(endable) == ["before", "after"]


def lose(store, psycopg, dsn, *, more):
    """Put a job in a transaction whose connection is lost, and another one if *more*."""
    with store.begin() as t:
        t.jobs.put([job("k")])
        end_connections(psycopg, dsn)
        if more:
            t.jobs.put([job("l")])


def test_a_connection_lost_inside_a_transaction_is_a_store_error(server, endable):
    """What was begun is gone, as after any other exception; the next transaction works."""
    import psycopg  # noqa: PLC0415

    with pytest.raises(StoreError, match=r"PostgreSQL: (?!the connection)"):
        lose(endable, psycopg, server[1], more=True)

    assert keys(endable) == []


def test_a_connection_lost_at_the_commit_is_told_as_what_it_is(server, endable):
    """Whether the changes are there cannot be known, and the error says so."""
    import psycopg  # noqa: PLC0415

    with pytest.raises(StoreError, match="may be there or not"):
        lose(endable, psycopg, server[1], more=False)

    assert keys(endable) == []


def test_a_server_that_is_not_there_is_a_store_error(tmp_path):
    """The error is ours and names the database's reason."""
    pytest.importorskip("psycopg", exc_type=ImportError)
    from qbsync.store.postgres import PostgresStore  # noqa: PLC0415

    with pytest.raises(StoreError, match=r"PostgreSQL: connection .*No such file"):
        PostgresStore(f"postgresql://nobody@/nothing?host={tmp_path}")


def test_stores_that_open_an_empty_database_at_once_make_its_tables_once(server):
    """Many hosts may start at the same moment."""
    module, dsn = server
    stores = []
    threads = [threading.Thread(target=lambda: stores.append(module.PostgresStore(dsn))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert len(stores) == 6
    for store in stores:
        with store.begin() as t:
            t.jobs.put([job("same")])
        store.close()
    store = module.PostgresStore(dsn)
    assert keys(store) == ["same"]
    store.close()


def test_companies_do_not_wait_for_each_other(server):
    """While one company is locked another one is worked on; the same one waits, up to the timeout."""
    module, dsn = server
    store = module.PostgresStore(dsn)
    other = module.PostgresStore(dsn, timeout=0.2)
    with store.begin() as t:
        t.lock("shop")
        t.jobs.put([job("k")])
        with other.begin() as u:
            u.lock("mill")
            u.jobs.put([job("k", company="mill")])
        with pytest.raises(StoreError, match="locked for too long"), other.begin() as u:
            u.lock("shop")

    assert keys(store) == ["k", "k"]
    store.close()
    other.close()


def test_a_put_in_a_long_transaction_makes_nobody_wait(server):
    """While a host holds a put open, the company's jobs are leased and settled, and others put theirs."""
    module, dsn = server
    import psycopg  # noqa: PLC0415

    store = module.PostgresStore(dsn, timeout=5)
    with store.begin() as t:
        t.jobs.put([job("old")])
    with psycopg.connect(dsn) as host:
        with store.join(host) as t:
            t.jobs.put([job("slow")])
        with store.begin() as t:
            t.lock("shop")
            (lease,) = t.jobs.lease("shop", holder="s", limit=9, until=t.now() + timedelta(minutes=1))
            t.jobs.move([Move(job_id=lease.job.id, to=State.DONE, token=lease.token)])
            t.jobs.put([job("quick")])
        assert keys(store) == ["old", "quick"]
    with store.begin() as t:
        counts = dict(t.jobs.counts("shop"))
        leases = t.jobs.lease("shop", holder="s", limit=9, until=t.now() + timedelta(minutes=1))

    assert [one.job.key for one in leases] == ["slow", "quick"]
    assert counts == {State.DONE: 1, State.WAITING: 2}
    store.close()


def test_a_key_taken_in_an_open_transaction_is_waited_for(server):
    """Two hosts that put one key at once get one job between them, whichever commits."""
    module, dsn = server
    import psycopg  # noqa: PLC0415

    store = module.PostgresStore(dsn)
    answers = []

    def put_too():
        with store.begin() as t:
            answers.extend(t.jobs.put([job("other"), job("k"), job("third"), job("k")]))

    with psycopg.connect(dsn) as host:
        with store.join(host) as t:
            (mine,) = t.jobs.put([job("k")])
        thread = threading.Thread(target=put_too)
        thread.start()
        wait_for_a_waiting_transaction(psycopg, dsn)
    thread.join(60)
    with store.begin() as t:
        counts = dict(t.jobs.counts("shop"))
        history = [change.after for change in t.jobs.history(mine.job_id)]

    assert [answer.result.value for answer in answers] == ["created", "existing", "created", "existing"]
    assert [answer.job_id for answer in answers][1::2] == [mine.job_id] * 2
    assert counts == {State.WAITING: 3}
    assert history == [State.WAITING]
    store.close()


def wait_for_a_waiting_transaction(psycopg, dsn):
    """Return when some transaction waits for another one."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            if connection.execute(waits).fetchone()[0]:
                return
    raise AssertionError("no transaction waits for another one")


def test_a_child_put_while_its_parent_ends_is_not_forgotten(server):
    """A job that is put under a parent that is just being done is unblocked all the same."""
    module, dsn = server
    import psycopg  # noqa: PLC0415

    store = module.PostgresStore(dsn)
    with store.begin() as t:
        (parent,) = t.jobs.put([job("parent")])
        (lease,) = t.jobs.lease("shop", holder="s", limit=1, until=t.now() + timedelta(minutes=1))

    def settle():
        with store.begin() as t:
            t.jobs.move([Move(job_id=lease.job.id, to=State.DONE, token=lease.token)])

    with psycopg.connect(dsn) as host:
        with store.join(host) as t:
            t.jobs.put([job("child", depends_on=(parent.job_id,))])
        thread = threading.Thread(target=settle)
        thread.start()
        wait_for_a_waiting_transaction(psycopg, dsn)
    thread.join(60)
    with store.begin() as t:
        states = {one.key: one.state for one in t.jobs.page().items}

    assert states == {"parent": State.DONE, "child": State.WAITING}
    store.close()


def test_a_restored_dump_is_marked(server, postgres):
    """Tables that came from a copy are not those the store knew: it bears the mark from then on."""
    module, dsn = server
    import psycopg  # noqa: PLC0415

    store = module.PostgresStore(dsn)
    with store.begin() as t:
        t.jobs.put([job("k")])
        assert restored(t) is None
    store.close()
    copy = postgres()
    old, new = (one.rpartition("search_path=")[2].strip("'") for one in (dsn, copy))
    with psycopg.connect(copy) as connection:
        for number in range(1, module.FORMAT + 1):
            for statement in migration("postgres", number):
                connection.execute(statement)
        for table in ("meta", "company", "job", "payload", "tally", "tally_put"):
            connection.execute(f"INSERT INTO {new}.qbsync_{table} SELECT * FROM {old}.qbsync_{table}")
    for _ in range(2):
        store = module.PostgresStore(copy)
        with store.begin() as t:
            found = restored(t)
            assert found is not None
            assert "are not those" in found.reason
        store.close()
    store = module.PostgresStore(copy)
    with store.begin() as t:
        clear(t)
    store.close()
    store = module.PostgresStore(copy)
    with store.begin() as t:
        assert restored(t) is None
        assert [one.key for one in t.jobs.page().items] == ["k"]
    store.close()


def test_what_is_remembered_of_ended_jobs_goes_with_their_documents(server):
    """Of each call that ended jobs a row is kept until their documents go, also where they ended again."""
    module, dsn = server
    import psycopg  # noqa: PLC0415

    store = module.PostgresStore(dsn)
    with psycopg.connect(dsn, autocommit=True) as connection:
        counted, settled = end_and_purge(
            store, lambda: connection.execute("SELECT count(*) FROM qbsync_settled").fetchone()[0]
        )
    store.close()

    assert (counted, settled) == ([1, 2, 2, 0], ["c", "b"])


def steps(plan):
    """Return how many rows the nodes of a plan looked at, those apart that an index kept away."""
    removed = sum(count for what, count in plan.items() if what.startswith("Rows Removed"))
    own = (plan["Actual Rows"] + removed) * plan["Actual Loops"]
    return own + sum(map(steps, plan.get("Plans", ())))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("settled", (2**60, 10)),
        ("page_company", (10, 0, None, "shop", "done")),
        ("page_company", (10, 0, None, "shop", None)),
        ("page_label", (10, 0, None, "shop", None, "done")),
        ("leases", ("t",)),
        ("expired", (["shop"], 2**60)),
    ],
)
def test_queries_read_little_while_nothing_is_known_of_the_tables(server, name, values):
    """Before the first ANALYZE of tables that were filled at once, a few rows are found in a few steps."""
    module, dsn = server
    store = module.PostgresStore(dsn)
    for first in range(0, 3000, 300):
        with store.begin() as t:
            t.jobs.put([job(f"{n}") for n in range(first, first + 300)])
            leases = t.jobs.lease("shop", holder="t", limit=300, until=t.now() + timedelta(minutes=1))
            done = Outcome(label="done")
            leases = leases[: 300 if first < 2700 else 290]
            t.jobs.move([Move(job_id=x.job.id, to=State.DONE, token=x.token, outcome=done) for x in leases])
    with store.begin() as t:
        (plan,) = t._work._cursor.execute(
            "EXPLAIN (ANALYZE, FORMAT JSON) " + queries("postgres")[name], values
        ).fetchone()
    store.close()
    (found,) = plan

    assert steps(found["Plan"]) < 5000


def test_a_host_can_bring_its_own_connections(server):
    """A function that returns connections serves as well as a DSN, whatever the connections are set to."""
    module, dsn = server
    import psycopg  # noqa: PLC0415

    for automatic in (False, True):
        store = module.PostgresStore(
            lambda automatic=automatic: psycopg.connect(
                dsn, row_factory=psycopg.rows.dict_row, autocommit=automatic
            )
        )
        with store.begin() as t:
            t.jobs.put([job(f"{automatic}")])
        with pytest.raises(JobNotFoundError), store.begin() as t:
            t.jobs.get([t.jobs.put([job("gone")])[0].job_id, "0"])
        store.close()
    store = module.PostgresStore(dsn)
    assert keys(store) == ["False", "True"]
    store.close()


def test_a_password_is_not_shown(server):
    """The text of a store is fit for logs."""
    module, dsn = server
    store = module.PostgresStore(dsn + " password=secret")

    assert "secret" not in repr(store)
    store.close()


def test_a_foreign_database_cannot_be_joined(server, postgres):
    """A connection that sees other tables, or none, is refused, and its transaction stays usable."""
    module, dsn = server
    import psycopg  # noqa: PLC0415

    store = module.PostgresStore(dsn)
    for other in (postgres(), postgres()):
        with psycopg.connect(other) as host:
            with pytest.raises(UsageError, match="tables of this store"), store.join(host):
                pass
            assert host.execute("SELECT 1").fetchone() == (1,)
        module.PostgresStore(other).close()
    host = psycopg.connect(dsn, autocommit=True)
    with pytest.raises(UsageError, match="autocommit"), store.join(host):
        pass
    host.close()
    store.close()


def test_an_exception_inside_a_join_leaves_the_hosts_own_work(server):
    """Only what was done inside the block is undone, whether we or the database refused it."""
    module, dsn = server
    import psycopg  # noqa: PLC0415

    store = module.PostgresStore(dsn)
    with psycopg.connect(dsn) as host:
        host.execute("CREATE TABLE mine (x INT)")
        with store.join(host) as t:
            t.jobs.put([job("kept")])
        with pytest.raises(JobNotFoundError), store.join(host) as t:
            t.jobs.get([t.jobs.put([job("gone")])[0].job_id, "0"])
        with pytest.raises(StoreError, match="PostgreSQL"), store.join(host) as t:
            t.records.get(t.jobs.put([job("gone too")])[0].job_id, "a\0b", "k")
        host.execute("INSERT INTO mine VALUES (1)")

    assert keys(store) == ["kept"]
    store.close()


def test_connections_are_kept_for_the_next_and_closed_with_the_store(server):
    """Threads that come and go use few connections; what is at work at the close ends its work first."""
    module, dsn = server
    store = module.PostgresStore(dsn)
    threads = [threading.Thread(target=put_in, args=(store, str(n))) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(keys(store), key=int) == [str(n) for n in range(20)]
    assert 1 <= len(store._connections._idle) <= 8
    with store.begin() as t:
        store.close()
        t.jobs.put([job("last")])
    assert store._connections._idle == []
    again = module.PostgresStore(dsn)
    assert keys(again)[-1] == "last"
    again.close()


def put_in(store, key):
    with store.begin() as t:
        t.jobs.put([job(key)])


def test_a_store_on_a_hosts_connections_says_so(server):
    """There is no place to show."""
    module, dsn = server
    import psycopg  # noqa: PLC0415

    store = module.PostgresStore(lambda: psycopg.connect(dsn), durable=False)

    assert repr(store) == 'PostgresStore("a connection of the host\'s")'
    store.close()
