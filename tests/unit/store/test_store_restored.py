"""A restored store is known as one, and a backup is one from the start."""

from __future__ import annotations

import sqlite3
import threading

import pytest

from qbsync.errors import StoreError, StoreVersionError, UsageError
from qbsync.jobs import NewJob
from qbsync.store.backup import backup
from qbsync.store.restored import Restored, clear, mark, restored
from qbsync.store.sqlite import SQLiteStore


def test_a_new_store_is_not_marked(store):
    """Nothing is looked up twice without need."""
    with store.begin() as t:
        assert restored(t) is None
        assert clear(t) is False


def test_a_mark_stays_until_it_is_cleared(store, clock):
    """The first mark counts; only clearing takes it away."""
    with store.begin() as t:
        mark(t, "first")
    clock.advance(days=1)
    with store.begin() as t:
        again = mark(t, "second")
        found = restored(t)
    with store.begin() as t:
        cleared = clear(t)

    assert found == again == Restored(at=found.at, reason="first")
    assert (clock() - found.at).days == 1
    assert cleared is True
    with store.begin() as t:
        assert restored(t) is None


def put(store, key):
    with store.begin() as t:
        t.jobs.put([NewJob(company="shop", kind="order", key=key, payload=b"p")])


def keys(store):
    with store.begin() as t:
        return [job.key for job in t.jobs.page(limit=1000).items]


def test_a_backup_holds_what_was_committed_and_is_marked(tmp_path, clock):
    """The copy has every committed job and the mark; the store itself goes on without one."""
    store = SQLiteStore(tmp_path / "q.db", clock=clock)
    put(store, "before")
    assert backup(tmp_path / "q.db", tmp_path / "copy.db", clock=clock) == tmp_path / "copy.db"
    put(store, "after")
    copy = SQLiteStore(tmp_path / "copy.db", clock=clock)
    with copy.begin() as t:
        found = restored(t)
    with store.begin() as t:
        original = restored(t)

    assert (keys(copy), keys(store)) == (["before"], ["before", "after"])
    assert found is not None
    assert found.at == clock()
    assert original is None
    assert sorted(path.name for path in tmp_path.glob("copy*")) == ["copy.db", "copy.db-shm", "copy.db-wal"]
    store.close()
    copy.close()


def test_a_backup_while_others_write_is_of_one_moment(tmp_path):
    """Jobs put in pairs are in the copy in pairs, however fast they are put."""
    store = SQLiteStore(tmp_path / "q.db", durable=False)
    stop = threading.Event()

    def write():
        n = 0
        while not stop.is_set():
            with store.begin() as t:
                t.jobs.put(
                    [NewJob(company="shop", kind="k", key=f"{n} {x}", payload=b"p" * 5000) for x in "ab"]
                )
            n += 1

    thread = threading.Thread(target=write)
    thread.start()
    try:
        copies = [backup(tmp_path / "q.db", tmp_path / f"copy {n}.db") for n in range(5)]
    finally:
        stop.set()
        thread.join()
    for path in copies:
        copy = SQLiteStore(path)
        found = keys(copy)
        copy.close()
        assert len(found) % 2 == 0
    store.close()


def test_a_backup_of_nothing_is_refused(tmp_path):
    """What is no store, and a name that is taken, is told; nothing is left behind."""
    SQLiteStore(tmp_path / "q.db").close()
    (tmp_path / "taken").write_text("mine")
    with pytest.raises(StoreError, match="there is no such file"):
        backup(tmp_path / "nothing.db", tmp_path / "copy.db")
    with pytest.raises(UsageError, match="new file"):
        backup(tmp_path / "q.db", tmp_path / "taken")
    with pytest.raises(UsageError, match="folder"):
        backup(tmp_path / "q.db", tmp_path / "no folder" / "copy.db")
    (tmp_path / "text.db").write_text("not a database, but long enough to be looked at" * 30)
    with pytest.raises(StoreError, match="not a database"):
        backup(tmp_path / "text.db", tmp_path / "copy.db")
    sqlite3.connect(tmp_path / "empty.db").execute("CREATE TABLE t (x)").connection.close()
    with pytest.raises(StoreVersionError):
        backup(tmp_path / "empty.db", tmp_path / "copy.db")

    assert not list(tmp_path.glob("copy*"))
    assert (tmp_path / "taken").read_text() == "mine"
