"""Servers that fork after the store was opened: each process has its own connections."""

from __future__ import annotations

import os
import sys

import pytest

from qbsync.jobs import NewJob
from qbsync.store.sqlite import SQLiteStore

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="Windows does not fork"),
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]


def put(store, key):
    with store.begin() as t:
        t.jobs.put([NewJob(company="shop", kind="order", key=key, payload=b"p")])


def check_both_sides_work(store):
    """Parent and child go on with the store that was opened before the fork."""
    put(store, "before")
    child = os.fork()
    if child == 0:
        status = 1
        try:
            put(store, "child")
            store.close()
            status = 0
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    put(store, "parent")
    with store.begin() as t:
        keys = [job.key for job in t.jobs.page().items]
    store.close()

    assert os.waitstatus_to_exitcode(status) == 0
    assert keys == ["before", "child", "parent"]


def test_sqlite(tmp_path):
    """A forked process opens the file anew; closing there does not harm the parent."""
    check_both_sides_work(SQLiteStore(tmp_path / "q.db"))


@pytest.mark.xdist_group("postgres")
def test_postgresql(postgres):
    """A forked process connects anew; the parent's connection stays the parent's."""
    from qbsync.store.postgres import PostgresStore  # noqa: PLC0415 - needs libpq, tests run without

    check_both_sides_work(PostgresStore(postgres()))
