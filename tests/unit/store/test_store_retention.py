"""Documents do not stay for ever; what keeps work from being done twice does."""

from __future__ import annotations

from datetime import timedelta

import pytest

from qbsync.errors import JobStateError, RevisionError, UsageError
from qbsync.jobs import Move, NewJob, Outcome, PutResult, State
from qbsync.qbwc.session import OVER
from qbsync.service.batches import KIND, BatchState
from qbsync.store import Record
from qbsync.store.retention import BATCHES, Dropped, sweep


def put_and_end(store, *keys, company="shop", state=State.DONE):
    with store.begin() as t:
        t.jobs.put([NewJob(company=company, kind="order", key=key, payload=b"doc") for key in keys])
        leases = t.jobs.lease(company, holder="s", limit=1000, until=t.now() + timedelta(minutes=1))
        outcome = Outcome(label="posted", ids={"invoice": "1A"})
        t.jobs.move([Move(job_id=x.job.id, to=state, token=x.token, outcome=outcome) for x in leases])


def batch(store, key, state, sort, company="shop"):
    with store.begin() as t:
        t.records.put(Record(company=company, kind="batch", key=key, state=state, sort=sort, value=b"doc"))


def test_documents_are_dropped_after_thirty_days(store, clock):
    """A sweep drops the documents of jobs that ended more than 30 days ago, and of no others."""
    put_and_end(store, "old", "older")
    clock.advance(days=29)
    put_and_end(store, "new")
    clock.advance(days=1, seconds=1)

    assert sweep(store) == Dropped(jobs=2, records=0)
    with store.begin() as t:
        found = t.jobs.find("shop", ["old", "older", "new"])
    assert {key: job.payload for key, job in found.items()} == {"old": b"", "older": b"", "new": b"doc"}
    assert found["old"].outcome.ids == {"invoice": "1A"}
    assert sweep(store) == Dropped(jobs=0, records=0)


def test_the_time_can_be_chosen(store, clock):
    """``days`` may be less than one."""
    put_and_end(store, "k")
    clock.advance(hours=13)

    assert sweep(store, days=1).jobs == 0
    assert sweep(store, days=0.5).jobs == 1


def test_days_must_be_more_than_nothing(store):
    """Nothing is dropped at once by mistake."""
    for days in (0, -1, float("nan")):
        with pytest.raises(UsageError, match="days"):
            sweep(store, days=days)


def test_more_than_one_part_is_dropped(store, clock):
    """However many there are, all that are due go in one sweep."""
    put_and_end(store, *map(str, range(450)))
    for n in range(450):
        batch(store, str(n), "answered", clock().isoformat())
    clock.advance(days=31)

    assert sweep(store) == Dropped(jobs=450, records=450)


def test_batches_go_when_everything_about_them_is_known(store, clock):
    """Old answered batches are deleted; those in doubt stay as long as they must."""
    put_and_end(store, "k")
    put_and_end(store, "k", company="other")
    for state in BatchState:
        batch(store, state.value, state.value, clock().isoformat())
    batch(store, "new", "answered", (clock() + timedelta(days=30)).isoformat())
    batch(store, "other", "answered", clock().isoformat(), company="other")
    clock.advance(days=31)

    assert sweep(store) == Dropped(jobs=2, records=2)
    with store.begin() as t:
        left = {record.key for record in t.records.page("shop", "batch").items}
    assert left == {state.value for state in BatchState if state is not BatchState.ANSWERED} | {"new"}


def test_the_words_are_those_of_the_service():
    """Retention names kinds and states as the service writes them."""
    assert [(one.kind, one.state) for one in BATCHES] == [(KIND, BatchState.ANSWERED.value)]
    assert OVER


def test_a_job_that_is_put_again_meanwhile_is_left_alone(store, clock, monkeypatch):
    """When a purge is refused because a job waits again, the sweep goes on another time."""
    put_and_end(store, "k", state=State.FAILED)
    clock.advance(days=31)
    with store.begin() as t:
        jobs = type(t.jobs)

    def purge(_, ids):
        raise JobStateError(ids[0], "waiting", "purged")

    monkeypatch.setattr(jobs, "purge", purge)

    assert sweep(store) == Dropped(jobs=0, records=0)


def test_a_swept_key_still_stands_for_its_work(store, clock):
    """After a sweep the same content is there already, and other content is in conflict."""
    put_and_end(store, "k")
    clock.advance(days=31)
    sweep(store)
    with store.begin() as t:
        same, other = t.jobs.put(
            [NewJob(company="shop", kind="order", key="k", payload=doc) for doc in (b"doc", b"other")]
        )

    assert (same.result, other.result) == (PutResult.EXISTING, PutResult.CONFLICT)


def test_a_record_that_is_written_meanwhile_is_left_alone(store, clock, monkeypatch):
    """Who writes a record uses it; the sweep goes on with the next."""
    put_and_end(store, "k")
    batch(store, "b", "answered", clock().isoformat())
    clock.advance(days=31)
    with store.begin() as t:
        records = type(t.records)

    def delete(_, record):
        raise RevisionError(record.kind, 1, 2)

    monkeypatch.setattr(records, "delete", delete)

    assert sweep(store) == Dropped(jobs=1, records=0)
    with store.begin() as t:
        assert t.records.get("shop", "batch", "b") is not None
