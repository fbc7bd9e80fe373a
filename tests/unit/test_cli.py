"""The command line in process: options, outputs, exit statuses. Servers and sessions are acceptance tests."""

from __future__ import annotations

import importlib.util
import io
import json
import sys
from datetime import UTC, datetime, timedelta

import pytest

from qbsync import Outbox
from qbsync.auth import Accounts
from qbsync.cli import main
from qbsync.jobs import Move, NewJob, Outcome, State
from qbsync.store.sqlite import SQLiteStore


@pytest.fixture(autouse=True)
def no_default_store(monkeypatch):
    """The environment of the developer does not count."""
    monkeypatch.delenv("QBSYNC_STORE", raising=False)


@pytest.fixture
def path(tmp_path):
    """The path of a store that is not there yet."""
    return str(tmp_path / "s")


@pytest.fixture
def jobs(path):
    """A store with three jobs of two companies: waiting, in doubt, held."""
    store = SQLiteStore(path)
    with store.begin() as t:
        t.jobs.put(
            [
                NewJob(company=c, kind="order", key=f"order:web:{k}", payload=b"{}")
                for c, k in ("A1", "A2", "B3")
            ]
        )
        until = t.now() + timedelta(minutes=5)
        (first, second) = t.jobs.lease("A", holder="h", limit=2, until=until)
        t.jobs.move(
            [
                Move(
                    job_id=first.job.id, to=State.IN_DOUBT, token=first.token, reason="no answer", batch="b"
                ),
                Move(job_id=second.job.id, to=State.BLOCKED, token=second.token, reason="no account"),
            ]
        )
    yield path
    store.close()


def run(*arguments):
    """Run a command and return its exit status."""
    return main([str(argument) for argument in arguments])


def objects(capsys):
    """Return the JSON objects written so far."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_missing_extra_is_said_in_words(monkeypatch, capsys):
    """Without click the command says what to install and exits 1."""
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "click" else found(name))

    assert run("orders") == 1
    assert "pip install 'qbsync[cli,serve]'" in capsys.readouterr().err


def test_help_names_every_command(capsys):
    """What is there is listed."""
    assert run("--help") == 0
    out = capsys.readouterr().out
    assert all(name in out for name in ("demo", "jobs", "orders", "serve", "stage", "user"))


def test_user_add_reads_the_first_line_of_standard_input(path, monkeypatch, capsys):
    """The account works afterwards; a second add changes the password."""
    accounts = Accounts(SQLiteStore(path))
    for password in ("first", "second word "):
        monkeypatch.setattr(sys, "stdin", io.StringIO(f"{password}\nmore\n"))
        assert run("user", "add", "u", "--company", "A", "--password-stdin", "--store", path) == 0

    assert accounts.authenticate("u", "second word ") == "A"
    assert accounts.authenticate("u", "first") is None
    assert "first" not in capsys.readouterr().out


def test_an_empty_password_is_refused(path, monkeypatch, capsys):
    """Nobody gets in with nothing."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n"))

    assert run("user", "add", "u", "--company", "A", "--password-stdin", "--store", path) == 1
    assert "the password is empty" in capsys.readouterr().err


def test_jobs_json_has_one_object_a_line(jobs, capsys):
    """With the fields that programs rely on, in the order in which the jobs were put."""
    assert run("jobs", "--store", jobs, "--json") == 0
    listed = objects(capsys)

    assert [list(job) for job in listed] == [
        ["id", "company", "key", "kind", "state", "attempts", "reason"]
    ] * 3
    assert [(job["company"], job["state"], job["reason"]) for job in listed] == [
        ("A", "in_doubt", "no answer"),
        ("A", "blocked", "no account"),
        ("B", "waiting", None),
    ]


@pytest.mark.parametrize(
    ("options", "keys"),
    [
        (("--company", "A"), ["order:web:1", "order:web:2"]),
        (("--state", "waiting"), ["order:web:3"]),
        (("--limit", "1"), ["order:web:1"]),
        (("--company", "nobody"), []),
    ],
)
def test_jobs_can_be_narrowed(jobs, capsys, options, keys):
    """By company, state and number."""
    assert run("jobs", "--store", jobs, "--json", *options) == 0
    assert [job["key"] for job in objects(capsys)] == keys


def test_jobs_for_people_is_a_table(jobs, capsys):
    """The same facts."""
    assert run("jobs", "--store", jobs) == 0
    out = capsys.readouterr().out
    assert "order:web:1" in out
    assert "in_doubt" in out


def test_the_store_may_stand_in_the_environment(jobs, monkeypatch, capsys):
    """``QBSYNC_STORE`` serves where ``--store`` is left out."""
    monkeypatch.setenv("QBSYNC_STORE", jobs)

    assert run("jobs", "--json", "--limit", 2) == 0
    assert len(objects(capsys)) == 2


@pytest.mark.parametrize(("option", "state"), [("--applied", "done"), ("--not-applied", "waiting")])
def test_resolve_settles_a_job_in_doubt(jobs, option, state):
    """As the person found it."""
    assert run("jobs", "resolve", "1", option, "--store", jobs) == 0
    assert Outbox(SQLiteStore(jobs), company="A").get("1").state == state


def test_only_what_is_in_doubt_can_be_resolved(jobs, capsys):
    """A waiting job is not declared done by a slip."""
    assert run("jobs", "resolve", "3", "--applied", "--store", jobs) == 1
    assert "waiting" in capsys.readouterr().err


def test_retry_lets_a_held_job_wait_again(jobs):
    """After the operator mended what held it."""
    assert run("jobs", "retry", "2", "--store", jobs) == 0
    assert Outbox(SQLiteStore(jobs), company="A").get("2").state == State.WAITING


def test_cancel_takes_back_what_is_not_at_work(jobs, capsys):
    """A held or waiting job; what may have been done already is not cancelled by a slip."""
    assert run("jobs", "cancel", "2", "3", "1", "--store", jobs) == 1
    out, err = capsys.readouterr()
    assert out == "job 2 is cancelled\njob 3 is cancelled\n"
    assert "in_doubt" in err
    assert run("jobs", "--store", jobs, "--state", "cancelled", "--json") == 0
    assert [job["id"] for job in objects(capsys)] == ["2", "3"]


def test_an_unknown_job_is_a_line_of_text(jobs, capsys):
    """No traceback."""
    assert run("jobs", "show", "99", "--store", jobs) == 1
    assert "error: no job has the id '99'" in capsys.readouterr().err


def test_show_tells_the_history(jobs, capsys):
    """What happened to it, oldest first."""
    assert run("jobs", "show", "1", "--store", jobs, "--json") == 0
    (shown,) = objects(capsys)

    assert [change["after"] for change in shown["history"]][-1] == "in_doubt"
    assert run("jobs", "show", "1", "--store", jobs) == 0
    assert "no answer" in capsys.readouterr().out


def test_show_tells_the_ids_of_a_job_that_is_done(path, capsys):
    """So that it can be found in QuickBooks."""
    store = SQLiteStore(path, clock=lambda: datetime(2026, 1, 1, tzinfo=UTC))
    with store.begin() as t:
        t.jobs.put([NewJob(company="A", kind="order", key="order:web:1", payload=b"{}")])
        (lease,) = t.jobs.lease("A", holder="h", limit=1, until=t.now() + timedelta(minutes=1))
        outcome = Outcome(label="posted", ids={"invoice": "1A-7"})
        t.jobs.move([Move(job_id=lease.job.id, to=State.DONE, token=lease.token, outcome=outcome)])
    store.close()

    assert run("jobs", "show", "1", "--store", path, "--json") == 0
    assert objects(capsys)[0]["ids"] == {"invoice": "1A-7"}


@pytest.mark.parametrize("command", [("orders",), ("jobs",)])
def test_looking_makes_no_store(command, path, tmp_path, capsys):
    """A misspelt path is said, and no empty store is left behind."""
    assert run(*command, "--store", path) == 1
    assert "there is no store at" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_said(tmp_path, capsys):
    """Not as an error of the database."""
    assert run("orders", "--store", tmp_path / "no" / "s") == 1
    file = tmp_path / "o.jsonl"
    file.write_text("{}\n")
    capsys.readouterr()
    assert run("stage", file, "--company", "A", "--store", tmp_path / "no" / "s") == 1
    assert "there is no folder" in capsys.readouterr().err


@pytest.mark.parametrize("file", ["nothing", "."])
def test_a_file_that_cannot_be_opened_leaves_no_store_behind(file, path, tmp_path, capsys):
    """A misspelt file is said before anything is made."""
    assert run("stage", tmp_path / file, "--company", "A", "--store", path) == 1
    assert str(tmp_path / file) in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_store_is_named(tmp_path, capsys):
    """Another file, a folder, a URL of something else: each is said with its name."""
    other = tmp_path / "letter.txt"
    other.write_text("Dear Sir, this is a letter and no database at all.\n")
    for store, words in (
        (other, f"the store {other}: "),
        (tmp_path, f"{tmp_path} is a folder"),
        ("mysql://db/shop", "got a mysql URL"),
    ):
        for command in (("stage", other, "--company", "A"), ("orders", "--json"), ("serve", "--port", "0")):
            assert run(*command, "--store", store) == 1
            out, err = capsys.readouterr()
            assert out == ""
            assert words in err or (command[0] == "orders" and "there is no store" in err)
    assert other.read_text().startswith("Dear Sir")


def test_an_address_that_is_none_is_a_line_of_text(path, capsys):
    """A host name that cannot be looked up is said like a port that is taken."""
    assert run("serve", "--store", path, "--host", "not a host", "--port", "0") == 1
    assert "cannot listen on not a host:0" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ("jobs",),
        ("jobs", "--store", "s", "--state", "gone"),
        ("jobs", "resolve", "1", "--store", "s"),
        ("serve", "--store", "s", "--port", "70000"),
        ("orders", "--store", "s", "--limit", "0"),
    ],
)
def test_wrong_usage_is_exit_2(arguments, capsys):
    """Click says what was expected."""
    assert run(*arguments) == 2
    assert "Usage" in capsys.readouterr().err


def test_stage_and_orders_agree(path, tmp_path, capsys):
    """What was staged is listed as staged, what was refused as refused, with reason and empty ids."""
    file = tmp_path / "o.jsonl"
    line = {"sku": "A", "quantity": "1", "unit_price": "2.00"}
    good = {
        "source": "web",
        "number": "1",
        "date": "2026-01-02",
        "customer": {"name": "A B"},
        "lines": [line],
    }
    file.write_text(f"{json.dumps(good)}\n{json.dumps({**good, 'number': '2', 'lines': []})}\n")

    assert run("stage", file, "--company", "A", "--store", path, "--json") == 3
    refusal, counts = objects(capsys)
    assert (refusal["line"], refusal["path"]) == (2, "lines")
    assert (counts["accepted"], counts["refused"], counts["total"]) == (1, 1, "2.00")

    assert run("orders", "--store", path, "--json") == 0
    staged, refused = objects(capsys)
    assert staged == {
        "number": "1",
        "channel": "web",
        "state": "staged",
        "reason": None,
        "txn_ids": {"invoice": None, "payment": None},
    }
    assert (refused["number"], refused["state"]) == ("2", "refused")
    assert run("orders", "--store", path) == 0
    assert "staged" in capsys.readouterr().out


def test_staged_again_under_other_rules_is_said(path, tmp_path, capsys):
    """Nothing happens to an order that is staged already, and people and programs are told so."""
    file = tmp_path / "o.jsonl"
    line = {"sku": "A", "quantity": "1", "unit_price": "2.00"}
    file.write_text(
        json.dumps({"number": "1", "date": "2026-01-02", "customer": {"name": "A B"}, "lines": [line]})
    )
    stage = ("stage", file, "--company", "A", "--store", path)

    assert run(*stage) == 0
    capsys.readouterr()
    assert run(*stage, "--json") == 0
    (counts,) = objects(capsys)
    assert (counts["accepted"], counts["already_staged"], counts["other_rules"]) == (0, 1, 0)
    assert run(*stage, "--paid", "Cash", "--json") == 0
    (counts,) = objects(capsys)
    assert (counts["accepted"], counts["already_staged"], counts["other_rules"]) == (0, 1, 1)
    assert run(*stage, "--paid", "Cash") == 0
    assert "1 of those staged before keep the rules" in capsys.readouterr().err


def test_data_steers_no_terminal(path, tmp_path, capsys):
    """What a shop's data may hold is shown escaped in tables and in refusals."""
    file = tmp_path / "o.jsonl"
    record = {"number": "a\x1b[31mX", "source": "s\x9b1", "date": "2026-01-02", "customer": {"name": "A"}}
    file.write_text(json.dumps(record))
    assert run("stage", file, "--company", "A", "--store", path) == 3
    assert run("orders", "--store", path) == 0
    out, err = capsys.readouterr()
    assert "\x1b" not in out + err
    assert "\x9b" not in out + err
    assert r"a\x1b[31mX" in out


def test_the_demo_says_at_once_where_no_company_can_be_kept(tmp_path, monkeypatch, capsys):
    """Before anything is staged, and without the password of a database."""
    monkeypatch.chdir(tmp_path)
    for options, status, words in (
        (("--store", "postgresql://u:secret@127.0.0.1/x"), 2, "--company-file"),
        (("--company-file", "no/such/c"), 1, "there is no folder"),
    ):
        assert run("demo", *options) == status
        out, err = capsys.readouterr()
        assert words in err
        assert "secret" not in out + err
        assert "staged" not in out


def test_a_correction_takes_the_place_of_what_was_cancelled(path, tmp_path, capsys):
    """The refusal names the job to cancel; then the order is staged with its new content."""
    line = {"sku": "A", "quantity": "1", "unit_price": "2.00"}
    wrong = {"number": "1", "date": "2026-01-02", "customer": {"name": "A B"}, "lines": [line]}
    files = tmp_path / "wrong", tmp_path / "right"
    for file, record in zip(files, (wrong, {**wrong, "date": "2026-01-03"}), strict=True):
        file.write_text(json.dumps(record))
    stage = ("stage", "--company", "A", "--store", path)

    assert run(*stage, files[0]) == 0
    assert run(*stage, files[1]) == 3
    assert "cancel job 1 first" in capsys.readouterr().err
    assert run("jobs", "cancel", "1", "--store", path) == 0
    assert run(*stage, files[1]) == 0
    capsys.readouterr()
    assert run("orders", "--store", path, "--json") == 0
    assert [order["state"] for order in objects(capsys)] == ["staged"]


def test_a_table_can_be_written_in_any_encoding(path, tmp_path, monkeypatch):
    """What the console's encoding lacks is shown escaped."""
    file = tmp_path / "o.jsonl"
    file.write_text(json.dumps({"number": "\u01421", "date": "2026-01-02"}))
    assert run("stage", file, "--company", "A", "--store", path) == 3
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="ascii"))
    assert run("orders", "--store", path) == 0
    sys.stdout.flush()
    assert b"\\u01421 " in written.getvalue()


@pytest.mark.parametrize(
    "command",
    [("stage", "-", "--company", "A"), ("user", "add", "u", "--company", "A", "--password-stdin")],
)
def test_a_closed_standard_input_is_said(command, path, monkeypatch, capsys):
    """As services have it that run in the background."""
    monkeypatch.setattr(sys, "stdin", None)
    assert run(*command, "--store", path) == 1
    assert "standard input is closed" in capsys.readouterr().err


def test_payments_that_are_not_posted_are_said(path, tmp_path, capsys):
    """An order that is paid becomes an open invoice by default: people and programs are told so."""
    line = {"sku": "A", "quantity": "1", "unit_price": "2.00"}
    record = {"date": "2026-01-02", "customer": {"name": "A B"}, "lines": [line]}
    paid = {**record, "payments": [{"method": "Cash"}]}
    file = tmp_path / "o.jsonl"
    file.write_text("\n".join(json.dumps({**one, "number": str(i)}) for i, one in enumerate((record, paid))))

    for options, left_out in (((), 1), (("--posting", "estimate"), 1), (("--posting", "invoice+payment"), 0)):
        store = ("--company", f"A{options}", "--store", path)
        assert run("stage", file, *store, *options, "--json") == 0
        assert objects(capsys)[-1]["payments_left_out"] == left_out
    assert run("stage", file, "--company", "B", "--store", path) == 0
    assert "orders whose payment is not posted: 1" in capsys.readouterr().err
