"""A person's data can be removed, and what is still needed is told instead."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from qbsync.errors import JobStateError, RevisionError, UsageError
from qbsync.jobs import Move, NewJob, Outcome, RequestOutcome, State
from qbsync.store import Record
from qbsync.store.forget import Forgotten, forget


def put(store, key, payload, state=State.DONE, *, reason=None, outcome=None, company="shop"):
    """Put a job and bring it to *state*; return its id."""
    with store.begin() as t:
        (answer,) = t.jobs.put([NewJob(company=company, kind="order", key=key, payload=payload)])
        if state is State.WAITING:
            return answer.job_id
        leases = t.jobs.lease(company, holder="s", limit=1000, until=t.now() + timedelta(minutes=1))
        token = next(lease.token for lease in leases if lease.job.id == answer.job_id)
        if state is not State.LEASED:
            t.jobs.move([Move(job_id=answer.job_id, to=state, token=token, reason=reason, outcome=outcome)])
        return answer.job_id


def everything(store):
    """Return all that a reader of the store could find, as one text."""
    with store.begin() as t:
        jobs = t.jobs.page(limit=1000).items
        histories = [t.jobs.history(job.id) for job in jobs]
        outcomes = [job.outcome.to_json() for job in jobs if job.outcome]
    return f"{[(job.payload, job.reason) for job in jobs]} {outcomes} {histories}"


def test_a_name_is_found_wherever_it_stands(store):
    """Payload, response, message and reason are looked at; what holds the name is dropped, the rest stays."""
    response = RequestOutcome(
        request_id="1", name="CustomerAddRq", applied=True, message="Jane Doe is there", ids={"ListID": "8-1"}
    )
    ids = [
        put(store, "1", b'{"name": "Jane Doe"}'),
        put(store, "2", b"-", outcome=Outcome(label="posted", ids={"customer": "8-1"}, requests=(response,))),
        put(store, "3", b"-", State.FAILED, reason="two customers are called JANE DOE"),
    ]
    other = put(store, "4", b'{"name": "John Roe"}')

    assert forget(store, "shop", ["jane doe"]) == Forgotten(jobs=tuple(ids))
    assert "jane doe" not in everything(store).casefold()
    with store.begin() as t:
        first, second, _, fourth = t.jobs.get([*ids, other])
    assert (first.state, first.key, first.purged) == (State.DONE, "1", True)
    assert (second.outcome.ids, second.outcome.requests[0].ids) == ({"customer": "8-1"}, {"ListID": "8-1"})
    assert (fourth.payload, fourth.purged) == (b'{"name": "John Roe"}', False)
    assert forget(store, "shop", ["jane doe"]) == Forgotten()


@pytest.mark.parametrize(
    "payload",
    [
        "<Name>Zo&#233; O&apos;Hara 😀</Name>".encode(),
        b"<Name>Zo&#xE9; O&#39;Hara &#128512;</Name>",
        json.dumps({"name": "ZOÉ O'Hara 😀"}).encode(),
        "Zoé O'Hara 😀".encode(),
    ],
)
def test_escapes_hide_nobody(store, payload):
    """A name is found however XML or JSON wrote it."""
    job_id = put(store, "k", payload)

    assert forget(store, "shop", ["Zoé O'Hara 😀"]).jobs == (job_id,)


def test_what_is_still_needed_is_told(store):
    """Jobs that wait, are at work or in doubt are left alone and named."""
    doc = b"for jane@example.com"
    waiting = put(store, "in doubt", doc, State.IN_DOUBT), put(store, "leased", doc, State.LEASED)
    waiting += (put(store, "waiting", doc, State.WAITING),)

    assert forget(store, "shop", ["jane@example.com"]) == Forgotten(kept_jobs=waiting)
    with store.begin() as t:
        assert [job.payload for job in t.jobs.get(waiting)] == [doc] * 3


def test_records_are_deleted_when_they_can_be(store):
    """Refused orders, fitted names and answered batches go; a batch in doubt is told."""
    with store.begin() as t:
        for kind, key, state in (
            ("batch", "answered", "answered"),
            ("batch", "doubt", "in_doubt"),
            ("refused", "r", ""),
            ("fitted", "customer:jane doe", ""),
            ("company", "state", ""),
        ):
            t.records.put(Record(company="shop", kind=kind, key=key, state=state, value=b"Jane Doe"))
        t.records.put(Record(company="shop", kind="refused", key="other", value=b"John Roe"))
        t.records.put(Record(company="other", kind="refused", key="r", value=b"Jane Doe"))
    found = forget(store, "shop", ["jane doe"])
    with store.begin() as t:
        left = [record.key for record in t.records.page("shop", "refused").items]
        foreign = [record.key for record in t.records.page("other", "refused").items]

    assert found == Forgotten(records=3, kept_records=(("batch", "doubt"),))
    assert (left, foreign) == (["other"], ["r"])


def test_a_dry_run_changes_nothing(store):
    """It tells the same as the real thing and leaves everything where it was."""
    put(store, "k", b"Jane Doe")
    with store.begin() as t:
        t.records.put(Record(company="shop", kind="refused", key="r", value=b"Jane Doe"))
    before = everything(store)
    told = forget(store, "shop", ["Jane Doe"], dry_run=True)

    assert everything(store) == before
    assert forget(store, "shop", ["Jane Doe"]) == told == Forgotten(jobs=("1",), records=1)


def test_other_companies_are_left_alone(store):
    """The same person with another company is that company's business."""
    put(store, "k", b"Jane Doe", company="other")

    assert forget(store, "shop", ["Jane Doe"]) == Forgotten()
    assert "Jane Doe" in everything(store)


def test_many_jobs_are_looked_at_in_parts(store):
    """A person is found behind more jobs than one part holds."""
    with store.begin() as t:
        t.jobs.put([NewJob(company="shop", kind="order", key=f"{n}", payload=b"-") for n in range(450)])
    last = put(store, "last", b"Jane Doe")

    assert forget(store, "shop", ["Jane Doe"]).jobs == (last,)


@pytest.mark.parametrize("words", [[], [""], ["ab"], ["long enough", " x "]])
def test_short_words_are_refused(store, words):
    """A word that half of all documents hold forgets nobody by mistake."""
    with pytest.raises(UsageError, match="words"):
        forget(store, "shop", words)


def test_what_changes_at_the_same_moment_is_told(store, monkeypatch):
    """A job that is put again, or a record that is written, meanwhile is named as still needed."""
    job_id = put(store, "k", b"Jane Doe", State.FAILED)
    with store.begin() as t:
        t.records.put(Record(company="shop", kind="refused", key="r", value=b"Jane Doe"))
        jobs, records = type(t.jobs), type(t.records)

    def purge(_, ids, **__):
        raise JobStateError(ids[0], "waiting", "purged")

    def delete(_, record):
        raise RevisionError(record.kind, 1, 2)

    monkeypatch.setattr(jobs, "purge", purge)
    monkeypatch.setattr(records, "delete", delete)

    assert forget(store, "shop", ["Jane Doe"]) == Forgotten(
        kept_jobs=(job_id,), kept_records=(("refused", "r"),)
    )
