"""``qbsync plan`` in process."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from qbsync.cli import main
from qbsync.jobs import NewJob
from qbsync.planner import CostModel, Load
from qbsync.service.batches import Batch, Purpose
from qbsync.service.schedule import pause
from qbsync.store import Record
from qbsync.store.sqlite import SQLiteStore

LOAD = Load(requests={"InvoiceAddRq": 10, "ReceivePaymentAddRq": 10}, lines=20, jobs=10)


@pytest.fixture
def path(tmp_path, monkeypatch):
    """A store where 400 jobs of company A wait, one of them urgent, and six batches were measured."""
    monkeypatch.delenv("QBSYNC_STORE", raising=False)
    store = SQLiteStore(tmp_path / "s")
    costs = CostModel()
    for share in (0.5, 1, 2, 4, 2, 1):  # batches of one size would not tell a round trip from work
        costs = costs.learn(LOAD.times(share), 1 + 2 * share)
    with store.begin() as t:
        t.jobs.put(
            [
                NewJob(company="A", kind="order", key=f"{n}", payload=b"{}", priority=n == 300)
                for n in range(400)
            ]
        )
        t.records.put(Record(company="A", kind="costs", key="model", value=costs.to_json().encode()))
    yield tmp_path / "s"
    store.close()


def planned(capsys, *arguments):
    status = main(["plan", "--json", *(str(argument) for argument in arguments)])
    return status, json.loads(capsys.readouterr().out)


def test_all_that_waits(path, capsys):
    """400 jobs of two requests, some 0.1 s a request: about 100 s, with a range about it."""
    status, said = planned(capsys, "--store", path, "--company", "A")

    assert status == 0
    assert said["jobs"] == 400
    assert 60 < said["low"] < said["seconds"] < said["high"] < 180
    assert 5 <= said["round_trips"] <= 12
    assert said["reason"].startswith(f"400 jobs, {said['round_trips']} round trips, about ")
    assert sum(batch["jobs"] for batch in said["batches"]) == pytest.approx(400, abs=1)
    assert said["held_up"] is None


def test_one_job(path, capsys):
    """A job's forecast counts what goes before it: the urgent one is first, the last one is last."""
    store = SQLiteStore(path)
    with store.begin() as t:
        found = t.jobs.find("A", ["0", "300", "399"])
    store.close()

    places = {
        key: planned(capsys, "--store", path, "--company", "A", "--job", job.id)[1]
        for key, job in found.items()
    }

    assert {key: said["position"] for key, said in places.items()} == {"300": 1, "0": 2, "399": 400}
    assert places["300"]["seconds"] < 5 < places["399"]["seconds"]


def test_during_a_sync(path, capsys):
    """A batch that is out is a round trip more, and its jobs still count."""
    store = SQLiteStore(path)
    with store.begin() as t:
        batch = Batch(
            id="b1",
            company="A",
            purpose=Purpose.WRITE,
            session="s",
            document=b"<x/>",
            details={"load": LOAD.to_list()},
            handed_out_at=t.now(),
        )
        t.records.put(batch.to_record())
    store.close()

    _, said = planned(capsys, "--store", path, "--company", "A")

    assert said["jobs"] == 400
    assert said["batches"][0]["jobs"] > 1


def test_paused(path, capsys):
    """While a company is paused, the pause is part of the time and of the reason."""
    store = SQLiteStore(path)
    pause(store, "A", until=datetime.now(UTC) + timedelta(hours=2))
    store.close()

    _, said = planned(capsys, "--store", path, "--company", "A")

    assert said["held_up"].startswith("paused until ")
    assert 7_100 < said["waits"] <= 7_200 < said["seconds"]


def test_for_people(path, capsys):
    """Without --json it says the same in words."""
    assert main(["plan", "--store", str(path), "--company", "A"]) == 0

    out = capsys.readouterr().out
    assert out.startswith("400 jobs, ")
    assert "between 1 min" in out
    assert "batch" in out


def test_for_people_about_a_job(path, capsys):
    """The place in the queue, the pause, and what is blocked stand there in words."""
    store = SQLiteStore(path)
    pause(store, "A")
    with store.begin() as t:
        parent = t.jobs.find("A", ["0"])["0"].id
        t.jobs.put([NewJob(company="A", kind="order", key="x", payload=b"{}", depends_on=(parent,))])
    store.close()

    assert main(["plan", "--store", str(path), "--company", "A", "--job", parent]) == 0

    out = capsys.readouterr().out
    assert out.startswith("place 2 in the queue\n2 jobs, 1 round trip, about ")
    assert "paused until somebody lets it go on\n1 more blocked\n" in out


def test_batch_of_unknown_load(path, capsys):
    """A question about what is in doubt has no load; it changes nothing."""
    store = SQLiteStore(path)
    with store.begin() as t:
        batch = Batch(
            id="b1", company="A", purpose=Purpose.READ, session="s", document=b"<x/>", handed_out_at=t.now()
        )
        t.records.put(batch.to_record())
    store.close()

    assert planned(capsys, "--store", path, "--company", "A")[1]["jobs"] == 400


def test_long_queue(path, capsys):
    """The place of a job is found behind any number of others."""
    store = SQLiteStore(path)
    with store.begin() as t:
        puts = t.jobs.put([NewJob(company="A", kind="order", key=f"m{n}", payload=b"{}") for n in range(700)])
    store.close()

    assert (
        planned(capsys, "--store", path, "--company", "A", "--job", puts[-1].job_id)[1]["position"] == 1_100
    )


def test_nothing_waits(path, capsys):
    """A company without work has nothing to wait for."""
    assert main(["plan", "--store", str(path), "--company", "B"]) == 0

    assert capsys.readouterr().out == "nothing is waiting\nno batches to come\n"


def test_job_that_does_not_wait(path, capsys):
    """A job of another company is no place in this queue."""
    store = SQLiteStore(path)
    with store.begin() as t:
        (put,) = t.jobs.put([NewJob(company="B", kind="order", key="x", payload=b"{}")])
    store.close()

    assert main(["plan", "--store", str(path), "--company", "A", "--job", put.job_id]) == 1
    assert "expected one of A that waits" in capsys.readouterr().err
