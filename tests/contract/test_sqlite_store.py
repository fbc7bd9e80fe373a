"""What only an SQLite file can show: several processes, crashes, locks, durability, joined connections."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from ended import end_and_purge

from qbsync.errors import JobNotFoundError, StoreError, UsageError
from qbsync.jobs import Move, NewJob, State
from qbsync.store.sqlite import SQLiteStore

WORKER = Path(__file__).with_name("sqlite_worker.py")


def job(key, **more):
    return NewJob(company="shop", kind="order", key=key, payload=b"p", **more)


def keys(store):
    with store.begin() as t:
        return [one.key for one in t.jobs.page(limit=1000).items]


def start(path, *arguments):
    return subprocess.Popen(
        [sys.executable, WORKER, path, *arguments], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    )


@pytest.fixture
def path(tmp_path):
    return tmp_path / "q.db"


def test_several_processes_share_one_file(path):
    """Processes that put the same keys and lease at once make each job once and lease it once."""
    workers = [start(path, "work", str(n)) for n in range(4)]
    for worker in workers:
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        worker.stdin.write("go\n")
        worker.stdin.flush()
    done = [json.loads(worker.communicate(timeout=120)[0].splitlines()[-1]) for worker in workers]
    store = SQLiteStore(path)
    with store.begin() as t:
        counts = dict(t.jobs.counts("shop"))
    store.close()

    assert [worker.returncode for worker in workers] == [0] * 4
    assert sum(one["created"] for one in done) == 100
    assert sorted(key for one in done for key in one["leased"]) == sorted(map(str, range(100)))
    assert counts == {State.DONE: 100}


def test_a_killed_process_leaves_whole_transactions(path):
    """What a process committed before it was killed is there, what it was in the middle of is not."""
    SQLiteStore(path).close()
    for _ in range(3):
        worker = start(path, "put")
        for _ in range(5):
            last = int(worker.stdout.readline())
        worker.kill()
        rest = worker.communicate()[0].splitlines()
        last = int(rest[-1]) if rest and rest[-1].isdigit() else last
        store = SQLiteStore(path)
        with store.begin() as t:
            found = t.jobs.find("shop", [f"{last} a", f"{last} b"])
            counts = t.jobs.counts("shop")
            listed = 0
            cursor = None
            while page := t.jobs.page(company="shop", limit=1000, cursor=cursor):
                listed += len(page.items)
                cursor = page.cursor
                if cursor is None:
                    break
        store.close()

        assert len(found) == 2
        assert listed == counts[State.WAITING]
        assert listed % 2 == 0


def test_a_file_that_is_locked_for_too_long_is_a_store_error(path):
    """Whoever waits is told that another program holds the lock; the next begin works."""
    holder, waiter = SQLiteStore(path), SQLiteStore(path, timeout=0.05)
    with holder.begin() as t:
        t.jobs.put([job("k")])
        with pytest.raises(StoreError, match="another program has held the write lock"), waiter.begin():
            pass

    assert keys(waiter) == ["k"]
    holder.close()
    waiter.close()


def test_the_file_is_durable_by_default(path):
    """WAL, and the disk is waited for at each commit unless the user says otherwise."""
    for durable, synchronous in ((True, 2), (False, 1)):
        store = SQLiteStore(path, durable=durable)
        raw = store._connection().raw
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert raw.execute("PRAGMA synchronous").fetchone() == (synchronous,)
        store.close()


def test_a_store_is_found_again(path):
    """A second store on the file sees what the first one wrote, moments included."""
    moment = datetime(2026, 3, 4, 5, 6, 7, 890123, tzinfo=UTC)
    first = SQLiteStore(path, clock=lambda: moment)
    with first.begin() as t:
        t.jobs.put([job("k", not_before=moment + timedelta(days=1))])
        before = t.jobs.page().items
    first.close()
    second = SQLiteStore(path)
    with second.begin() as t:
        after = t.jobs.page().items
    second.close()

    assert after == before
    assert after[0].created_at == moment


def test_what_is_no_store_is_told(tmp_path):
    """A file of another sort, a folder, no name: errors of ours with the reason."""
    (tmp_path / "text").write_text("this is not a database, and it is long enough to be looked at" * 20)
    with pytest.raises(StoreError, match="not a database"):
        SQLiteStore(tmp_path / "text")
    with pytest.raises(StoreError, match="unable to open"):
        SQLiteStore(tmp_path / "no folder" / "q.db")
    for name in ("", ":memory:"):
        with pytest.raises(UsageError, match="MemoryStore"):
            SQLiteStore(name)


def test_an_old_sqlite_is_told(path, monkeypatch):
    """The oldest SQLite that serves is named."""
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))
    monkeypatch.setattr(sqlite3, "sqlite_version", "3.34.1")
    with pytest.raises(StoreError, match=r"expected version 3\.35 or newer, got 3\.34\.1"):
        SQLiteStore(path)


def test_a_store_says_where_it_is(path):
    """Its text and its path name the file."""
    store = SQLiteStore(path)

    assert (repr(store), store.path) == (f"SQLiteStore({str(path)!r})", path)
    store.close()


def test_thousands_that_come_due_at_once_are_taken_in_parts(path):
    """However many wait for one moment, a lease takes the best of them, and later leases the rest."""
    moment = [datetime(2026, 3, 4, tzinfo=UTC)]
    store = SQLiteStore(path, clock=lambda: moment[0], durable=False)
    due = moment[0] + timedelta(hours=1)
    with store.begin() as t:
        t.jobs.put([job(f"{n}", not_before=due) for n in range(6000)])
        t.jobs.put([job("best", not_before=due, priority=1)])
    moment[0] += timedelta(hours=1)
    leased = []
    with store.begin() as t:
        while leases := t.jobs.lease("shop", holder="s", limit=3000, until=due + timedelta(hours=1)):
            leased += [lease.job.key for lease in leases]
    store.close()

    assert leased == ["best", *map(str, range(6000))]


def test_what_is_remembered_of_ended_jobs_goes_with_their_documents(path):
    """Of each call that ended jobs a row is kept until their documents go, also where they ended again."""
    store = SQLiteStore(path, durable=False)

    def remembered():
        with closing(sqlite3.connect(path)) as connection:
            return connection.execute("SELECT count(*) FROM qbsync_settled").fetchone()[0]

    counted, settled = end_and_purge(store, remembered)
    store.close()

    assert (counted, settled) == ([1, 2, 2, 0], ["c", "b"])


# A host's own connection


@pytest.fixture
def store(path):
    made = SQLiteStore(path, timeout=0.1)
    yield made
    made.close()


@pytest.fixture
def host(store):
    connection = sqlite3.connect(store.path, timeout=0.1)
    connection.execute("CREATE TABLE mine (x)")
    connection.commit()
    yield connection
    connection.close()


def test_a_joined_put_is_there_with_the_hosts_commit(store, host):
    """Before the commit nobody else sees it; a rollback takes it away."""
    with store.join(host) as t:
        t.jobs.put([job("gone")])
    host.rollback()
    host.execute("INSERT INTO mine VALUES (1)")
    with store.join(host) as t:
        t.jobs.put([job("kept")])
    host.commit()

    assert keys(store) == ["kept"]


def test_an_exception_inside_a_join_leaves_the_hosts_own_work(store, host):
    """Only what was done inside the block is undone."""
    host.execute("INSERT INTO mine VALUES (1)")
    with store.join(host) as t:
        t.jobs.put([job("first")])
    with pytest.raises(JobNotFoundError), store.join(host) as t:
        t.jobs.move([t.jobs.put([job("second")]) and Move(job_id="99", to=State.WAITING)])
    host.commit()

    assert keys(store) == ["first"]
    assert host.execute("SELECT x FROM mine").fetchall() == [(1,)]


def test_a_hosts_factories_do_not_matter(store, host):
    """A row factory of the host's is neither used nor changed."""
    host.row_factory = sqlite3.Row
    with store.join(host) as t:
        t.jobs.put([job("k")])
        assert [one.key for one in t.jobs.page().items] == ["k"]
    host.commit()

    assert host.row_factory is sqlite3.Row


def test_connections_that_cannot_be_joined_are_refused(store, tmp_path):
    """Another file, memory, bytes for text, autocommit without a transaction: each is named."""
    other = sqlite3.connect(tmp_path / "other.db")
    other.execute("CREATE TABLE t (x)")
    memory = sqlite3.connect(":memory:")
    texts = sqlite3.connect(store.path)
    texts.text_factory = bytes
    automatic = sqlite3.connect(store.path, isolation_level=None)
    for connection, words in (
        (other, "expected one on .*q.db, got one on .*other.db"),
        (memory, "got one on memory"),
        (texts, "text_factory"),
        (automatic, "autocommit"),
    ):
        with pytest.raises(UsageError, match=words), store.join(connection):
            pass
        connection.close()


def test_an_autocommit_connection_inside_a_transaction_can_be_joined(store):
    """What counts is that the host has a transaction open."""
    connection = sqlite3.connect(store.path, isolation_level=None)
    connection.execute("BEGIN")
    with store.join(connection) as t:
        t.jobs.put([job("k")])
    connection.execute("COMMIT")
    connection.close()

    assert keys(store) == ["k"]


def test_a_join_waits_for_the_write_lock(store, host):
    """While somebody else writes, a join is a store error after the host's timeout."""
    with store.begin() as t:
        t.jobs.put([job("k")])
        with pytest.raises(StoreError, match="locked"), store.join(host):
            pass
    host.rollback()

    assert keys(store) == ["k"]


def test_threads_that_end_close_their_connections(store):
    """Each thread has a connection of its own, which goes with it."""

    def work():
        keys(store)

    for _ in range(5):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()

    assert len(store._connections) <= 2
