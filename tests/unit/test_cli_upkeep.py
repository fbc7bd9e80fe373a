"""The command line, for who runs a store: migrate, backup, restored, forget, and stores by URL."""

from __future__ import annotations

import json
import re
import sqlite3
import sys
from datetime import timedelta
from pathlib import Path

import pytest

import qbsync.store
from qbsync.cli import main
from qbsync.cli._commands import cli
from qbsync.jobs import Move, NewJob, State
from qbsync.store._queries import migration
from qbsync.store.sqlite import SQLiteStore


@pytest.fixture(autouse=True)
def no_default_store(monkeypatch):
    """The environment of the developer does not count."""
    monkeypatch.delenv("QBSYNC_STORE", raising=False)


@pytest.fixture
def path(tmp_path):
    """A store with a job that is done and one that waits, both about one person."""
    store = SQLiteStore(tmp_path / "s")
    with store.begin() as t:
        t.jobs.put([NewJob(company="Shop", kind="order", key=k, payload=b"Jane Doe") for k in "ab"])
        (lease,) = t.jobs.lease("Shop", holder="s", limit=1, until=t.now() + timedelta(minutes=1))
        t.jobs.move([Move(job_id=lease.job.id, to=State.DONE, token=lease.token)])
    store.close()
    return str(tmp_path / "s")


def run(*arguments):
    """Run a command and return its exit status."""
    return main([str(argument) for argument in arguments])


def test_an_old_store_is_migrated_as_the_error_says(tmp_path, capsys):
    """Any command names the cure; the cure works; a second time there is nothing to do."""
    path = tmp_path / "old"
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in migration("sqlite", 1):
        connection.execute(statement)
    connection.execute("INSERT INTO qbsync_meta VALUES ('format', 1)")
    connection.close()
    assert run("jobs", "--store", path) == 1
    assert "run: qbsync migrate --store" in capsys.readouterr().err
    assert run("migrate", "--store", path) == 0
    assert capsys.readouterr().out == "the store has format 4 now, it had 1\n"
    assert run("migrate", "--store", path) == 0
    assert "nothing to do" in capsys.readouterr().out
    assert run("jobs", "--store", path) == 0
    assert run("migrate", "--store", tmp_path / "no such") == 1


def test_a_backup_is_a_marked_store(path, tmp_path, capsys):
    """The copy opens as a store and tells that it was restored; the original does not."""
    copy = tmp_path / "copy"
    assert run("backup", copy, "--store", path) == 0
    assert "marked as restored" in capsys.readouterr().out
    assert run("restored", "--store", path) == 0
    assert capsys.readouterr().out == "the store is not marked as restored\n"
    assert run("restored", "--store", copy) == 0
    out = capsys.readouterr().out
    assert "a copy that was made by qbsync backup" in out
    assert "looked up in QuickBooks before it is sent" in out
    assert run("backup", copy, "--store", path) == 1
    assert "new file" in capsys.readouterr().err


def test_a_person_marks_and_clears(path, capsys):
    """``--mark`` is for copies made by other means, ``--clear`` for when all is known."""
    assert run("restored", "--store", path, "--mark") == 0
    assert "a person said so" in capsys.readouterr().out
    assert run("restored", "--store", path, "--clear") == 0
    assert capsys.readouterr().out == "the mark is cleared\n"
    assert run("restored", "--store", path, "--clear") == 0
    assert capsys.readouterr().out == "the store was not marked\n"
    assert run("restored", "--store", path, "--clear", "--mark") == 2


def test_a_person_is_forgotten_as_far_as_can_be(path, capsys):
    """What is still needed is named, and the exit status says that something is left."""
    arguments = ("forget", "Jane Doe", "--company", "Shop", "--store", path)
    assert run(*arguments, "--dry-run") == 1
    assert "would be dropped" in capsys.readouterr().out
    assert run(*arguments, "--json") == 1
    assert json.loads(capsys.readouterr().out) == {
        "jobs": ["1"],
        "records": 0,
        "kept_jobs": ["2"],
        "kept_records": [],
    }
    assert run(*arguments) == 1
    captured = capsys.readouterr()
    assert "0 job(s)" in captured.out
    assert "job 2 is still needed" in captured.err
    assert run("forget", "John Roe", "--company", "Shop", "--store", path) == 0
    assert run("forget", "J", "--company", "Shop", "--store", path) == 1
    assert run("forget", "--company", "Shop", "--store", path) == 2


def test_a_postgresql_url_without_the_driver_names_the_extra(monkeypatch, capsys):
    """Whoever lacks psycopg is told what to install."""
    monkeypatch.setitem(sys.modules, "qbsync.store.postgres", None)
    monkeypatch.delattr(qbsync.store, "postgres", raising=False)

    assert run("jobs", "--store", "postgresql://localhost/x") == 1
    assert "pip install 'qbsync[postgres]'" in capsys.readouterr().err


def test_postgresql_is_copied_by_its_own_tools(capsys):
    """``backup`` says so instead of trying."""
    assert run("backup", "copy", "--store", "postgresql://localhost/x") == 1
    assert "pg_dump" in capsys.readouterr().err


def test_the_page_names_commands_that_are_there():
    """Each command of the how-to page exists, with the options that it shows."""
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "operate-a-store.md").read_text(encoding="utf-8")
    shown = re.findall(r"^    qbsync (\w+) (.*)$", page, re.MULTILINE)

    assert {name for name, _ in shown} == {"migrate", "backup", "restored", "forget"}
    for name, rest in shown:
        options = {option for one in cli.commands[name].params for option in one.opts}
        assert set(re.findall(r"--[\w-]+", rest)) <= options


@pytest.mark.xdist_group("postgres")
def test_a_postgresql_url_is_a_store(postgres, capsys):
    """Commands work on it as on a file, and ``migrate`` makes its tables."""
    import psycopg  # noqa: PLC0415 - needs libpq, tests run without

    parts = psycopg.conninfo.conninfo_to_dict(postgres())
    options = parts["options"].replace("=", "%3D")
    url = f"postgresql://{parts['user']}@/{parts['dbname']}?host={parts['host']}&options={options}"
    assert run("migrate", "--store", url) == 0
    assert capsys.readouterr().out == "the store has format 3 now, it had none\n"
    assert run("jobs", "--store", url) == 0
    assert capsys.readouterr().out == "no jobs\n"
    assert run("restored", "--store", url, "--mark") == 0
