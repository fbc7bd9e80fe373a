"""A store of any earlier format is refused in words, and brought to the present one without loss."""

from __future__ import annotations

import re
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from qbsync.errors import StoreError, StoreVersionError
from qbsync.jobs import Move, NewJob, Outcome, State
from qbsync.store import Record
from qbsync.store import sqlite as sqlite_module
from qbsync.store._queries import migration
from qbsync.store.sqlite import FORMAT, SQLiteStore, migrate

MOMENT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)

ROWS = (Path(__file__).parent / "rows_of_format_1.sql").read_text(encoding="utf-8")


def micros(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def filled(execute, *, payload: str, digest: str) -> None:
    """Write the rows of format 1 through *execute*."""
    values = {"@at": str(micros(MOMENT)), "@payload": payload, "@digest": digest}
    statements = re.sub(r"@\w+", lambda match: values[match[0]], re.sub("--.*", "", ROWS))
    for statement in statements.split(";\n"):
        if statement.strip():
            execute(statement)


@pytest.fixture
def old_file(tmp_path):
    """An SQLite store of format 1."""
    from qbsync.store._rules import digest  # noqa: PLC0415 - how equal content is told has not changed

    path = tmp_path / "old.db"
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in migration("sqlite", 1):
        connection.execute(statement)
    connection.execute("INSERT INTO qbsync_meta VALUES ('format', 1)")
    connection.execute("UPDATE qbsync_meta SET value = 7 WHERE name = 'next_job'")
    filled(
        connection.execute,
        payload=f"x'{b'payload'.hex()}'",
        digest=f"x'{digest('order', b'payload').hex()}'",
    )
    connection.close()
    return path


def check_work_goes_on(store, clock) -> None:
    """What was in a store of format 1 is there, and is worked on as ever; *clock* holds its moment."""
    with store.begin() as t:
        jobs = {job.key: job for job in t.jobs.page(company="shop").items}
        history = [change.after for change in t.jobs.history("1")]
        record = t.records.get("shop", "company", "state")
    assert {key: job.state.value for key, job in jobs.items()} == {key: key.split()[0] for key in jobs}
    assert [job.payload for job in jobs.values()] == [b"payload"] * 6
    assert jobs["waiting for later"].not_before == MOMENT + timedelta(seconds=5)
    assert jobs["done"].outcome == Outcome(label="posted", ids={"invoice": "1A-1"})
    assert not any(job.purged for job in jobs.values())
    assert history == [State.WAITING, State.LEASED, State.DONE]
    assert record == Record(company="shop", kind="company", key="state", value=b"payload", revision=5)
    with store.begin() as t:
        answers = t.jobs.put(
            [NewJob(company="shop", kind="order", key=key, payload=b"payload") for key in (*jobs, "new")]
        )
        assert [answer.result.value for answer in answers] == [
            "existing",
            "replaced",
            "existing",
            "existing",
            "existing",
            "existing",
            "created",
        ]
        (held,) = t.jobs.leases("s")
        t.jobs.move([Move(job_id="3", to=State.DONE, token=held.token)])
        leases = t.jobs.lease("shop", holder="t", limit=9, until=t.now() + timedelta(minutes=1))
        assert [lease.job.key for lease in leases] == ["waiting", "failed", "new"]
        t.jobs.purge(t.jobs.settled(t.now() + timedelta(seconds=1)))
        assert [job.payload for job in t.jobs.get(["1", "3"])] == [b"", b""]
        # Equal content is told from other content also where it was dropped.
        again = [NewJob(company="shop", kind="order", key="done", payload=text) for text in (b"payload", b"")]
        assert [answer.result.value for answer in t.jobs.put(again)] == ["existing", "conflict"]
        t.jobs.move([Move(job_id="4", to=State.DONE, token=leases[0].token)])
    clock[0] += timedelta(seconds=6)
    with store.begin() as t:
        later = t.jobs.lease("shop", holder="t", limit=9, until=t.now() + timedelta(minutes=1))
        assert [lease.job.key for lease in later] == ["waiting for later", "blocked"]
        assert dict(t.jobs.counts("shop")) == {State.DONE: 3, State.LEASED: 4}


def test_an_older_format_is_refused_and_the_command_named(old_file):
    """Opening tells which command brings the store up to date; nothing is changed."""
    before = old_file.read_bytes()
    with pytest.raises(StoreVersionError, match=r"format 1, .* knows 4; run: qbsync migrate --store"):
        SQLiteStore(old_file)
    connection = sqlite3.connect(old_file)
    rows = connection.execute("SELECT value FROM qbsync_meta WHERE name = 'format'").fetchall()
    connection.close()

    assert rows == [(1,)]
    assert before[:16] == b"SQLite format 3\0"


def test_migrating_loses_nothing(old_file):
    """After ``migrate`` every job, history row and record is there, and work goes on."""
    assert migrate(old_file) == (1, FORMAT)
    assert migrate(old_file) == (FORMAT, FORMAT)
    clock = [MOMENT]
    store = SQLiteStore(old_file, clock=lambda: clock[0])
    check_work_goes_on(store, clock)
    store.close()


def test_a_migrated_store_is_like_a_new_one(old_file, tmp_path):
    """Tables and indices are the same, whichever way they came."""
    migrate(old_file)
    SQLiteStore(tmp_path / "new.db").close()

    def shape(path):
        connection = sqlite3.connect(path)
        names = list(connection.execute("SELECT type, name FROM sqlite_master ORDER BY name"))
        columns = {
            name: connection.execute(f"PRAGMA table_info({name})").fetchall()
            for kind, name in names
            if kind == "table"
        }
        connection.close()
        return names, columns

    assert shape(old_file) == shape(tmp_path / "new.db")


def test_a_newer_format_is_refused_by_all(tmp_path):
    """A store of a version to come is neither opened nor migrated; the way out is an upgrade."""
    path = tmp_path / "q.db"
    SQLiteStore(path).close()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("UPDATE qbsync_meta SET value = 99 WHERE name = 'format'")
    connection.close()
    with pytest.raises(StoreVersionError, match=r"format 99, .*upgrade qbsync"):
        SQLiteStore(path)
    with pytest.raises(StoreVersionError, match=r"format 99"):
        migrate(path)


def test_a_migration_that_breaks_off_leaves_the_old_format(old_file, monkeypatch):
    """Either all of it happens or nothing."""
    monkeypatch.setattr(
        "qbsync.store._sqlite_tables.migration",
        lambda backend, number: (*migration(backend, number), "CREATE TABLE qbsync_job (again)"),
    )
    with pytest.raises(StoreError, match="already exists"):
        migrate(old_file)
    monkeypatch.undo()

    assert migrate(old_file) == (1, FORMAT)


def test_what_is_not_there_cannot_be_migrated(tmp_path):
    """A misspelt path is told, and no file is made."""
    with pytest.raises(StoreError, match="no such file"):
        migrate(tmp_path / "nothing.db")

    assert sqlite_module.FORMAT == 4
    assert not list(tmp_path.iterdir())


@pytest.mark.xdist_group("postgres")
def test_postgresql_is_migrated_likewise(postgres):
    """An older format is refused, migrated without loss, and a newer one refused."""
    import psycopg  # noqa: PLC0415 - needs libpq, tests run without

    from qbsync.store import postgres as module  # noqa: PLC0415
    from qbsync.store._rules import digest  # noqa: PLC0415

    dsn = postgres()
    with psycopg.connect(dsn) as connection:
        for statement in migration("postgres", 1):
            connection.execute(statement)
        connection.execute("INSERT INTO qbsync_meta VALUES ('format', '1')")
        connection.execute("SELECT setval('qbsync_job_number', 6)")
        connection.execute("INSERT INTO qbsync_company VALUES ('shop')")
        filled(
            connection.execute,
            payload=f"'\\x{b'payload'.hex()}'::bytea",
            digest=f"'\\x{digest('order', b'payload').hex()}'",
        )
    with pytest.raises(StoreVersionError, match="run: qbsync migrate"):
        module.PostgresStore(dsn)
    assert module.migrate(dsn) == (1, module.FORMAT)
    assert module.migrate(dsn) == (module.FORMAT, module.FORMAT)
    clock = [MOMENT]
    store = module.PostgresStore(dsn, clock=lambda: clock[0])
    check_work_goes_on(store, clock)
    store.close()
    with psycopg.connect(dsn) as connection:
        connection.execute("UPDATE qbsync_meta SET value = '99' WHERE name = 'format'")
    with pytest.raises(StoreVersionError, match="upgrade"):
        module.PostgresStore(dsn)
    with pytest.raises(StoreVersionError, match="format 99"):
        module.migrate(dsn)
