"""The outbox: the host's side."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from qbsync import models
from qbsync.errors import (
    DocumentsDroppedError,
    InvalidRequestError,
    JobNotFoundError,
    JobStateError,
    KeyConflictError,
    UsageError,
)
from qbsync.jobs import Move, NewJob, Outcome, PutResult, RequestOutcome, State
from qbsync.outbox import APPLIED, CANCELLED, NOT_APPLIED, RETRIED, Outbox
from qbsync.qbxml import parse
from qbsync.store.memory import MemoryStore

NOW = datetime(2026, 3, 4, tzinfo=UTC)
ASK = models.CustomerQueryRq(list_id=("80000001-1",))
OTHER = models.CustomerQueryRq(list_id=("80000002-1",))


@pytest.fixture
def store():
    return MemoryStore(clock=lambda: NOW)


@pytest.fixture
def outbox(store):
    return Outbox(store, company="Shop")


def bring(store, job_id, state, *, outcome=None):
    """Bring a job that waits to *state*."""
    with store.begin() as t:
        (company,) = {job.company for job in t.jobs.get([job_id])}
        leases = t.jobs.lease(company, holder="s", limit=99, until=NOW + timedelta(minutes=1))
        for lease in leases:
            to = state if lease.job.id == job_id else State.WAITING
            if to is not State.LEASED:
                known = outcome if to is state else None
                t.jobs.move([Move(job_id=lease.job.id, to=to, token=lease.token, outcome=known)])


def test_requests_are_put_as_one_document(outbox):
    """Several requests make one job; the payload is the document that holds them in order."""
    answer = outbox.put([ASK, OTHER], key="k", priority=3, not_before=NOW)
    job = outbox.get(answer.job_id)

    assert answer.result is PutResult.CREATED
    assert (job.kind, job.priority, job.not_before, job.state) == ("requests", 3, NOW, State.WAITING)
    assert [message.list_id for message in parse(job.payload).messages] == [ASK.list_id, OTHER.list_id]


def test_one_request_needs_no_list(outbox):
    """A single request is put as it is."""
    job = outbox.get(outbox.put(ASK, key="k").job_id)

    assert [type(message) for message in parse(job.payload).messages] == [models.CustomerQueryRq]


def test_a_key_stands_for_one_content(outbox):
    """The same again is there already; other content is an error that says which job is in the way."""
    first = outbox.put(ASK, key="k")
    again = outbox.put(ASK, key="k")
    with pytest.raises(KeyConflictError) as caught:
        outbox.put(OTHER, key="k")

    assert (again.job_id, again.result) == (first.job_id, PutResult.EXISTING)
    assert (caught.value.key, caught.value.job_id) == ("k", first.job_id)


def test_what_quickbooks_would_refuse_is_not_put(outbox):
    """A request that breaks rules is refused with all its problems, and nothing is stored."""
    with pytest.raises(InvalidRequestError) as caught:
        outbox.put(models.CustomerAddRq(customer_add=models.CustomerAdd(name="x" * 60)), key="k")

    assert caught.value.problems
    assert outbox.list().items == []


def test_nothing_cannot_be_put(outbox):
    """A job without requests is refused."""
    with pytest.raises(UsageError, match="at least one"):
        outbox.put([], key="k")


def test_an_outbox_needs_a_company(store):
    """An empty name is no company."""
    with pytest.raises(UsageError, match="company"):
        Outbox(store, company="")


def test_an_outbox_says_whose_it_is(outbox, store):
    """Store and company are there to be read, and in its text."""
    assert (outbox.store, outbox.company) == (store, "Shop")
    assert "'Shop'" in repr(outbox)


def test_jobs_of_other_companies_do_not_exist(outbox, store):
    """Neither looked at nor moved: another company's job is not found."""
    foreign = Outbox(store, company="Mill").put(ASK, key="k").job_id
    for step in (outbox.get, outbox.history, outbox.retry, outbox.cancel, outbox.responses):
        with pytest.raises(JobNotFoundError):
            step(foreign)
    with pytest.raises(JobNotFoundError):
        outbox.resolve(foreign, applied=True)

    assert outbox.list().items == []
    assert outbox.find(["k"]) == {}
    assert outbox.counts() == {}


def test_many_jobs_are_put_at_once(outbox):
    """Conflicts are answers here; a job for another company is refused with the whole list."""
    jobs = [NewJob(company="Shop", kind="order", key=key, payload=b"p") for key in "ab"]
    clash = NewJob(company="Shop", kind="order", key="a", payload=b"q")
    answers = outbox.put_jobs([*jobs, clash])
    with pytest.raises(UsageError, match="expected company 'Shop', got 'Mill'"):
        outbox.put_jobs([NewJob(company="Mill", kind="order", key="c", payload=b"p")])

    assert [answer.result for answer in answers] == [
        PutResult.CREATED,
        PutResult.CREATED,
        PutResult.CONFLICT,
    ]
    assert sorted(outbox.find(["a", "b", "c"])) == ["a", "b"]


def test_jobs_are_listed_by_state_kind_and_page(outbox, store):
    """States may be given as words; parts follow each other."""
    for key in "abc":
        outbox.put(ASK, key=key)
    outbox.put_jobs([NewJob(company="Shop", kind="order", key="d", payload=b"p")])
    bring(store, "1", State.FAILED, outcome=Outcome(label="odd"))
    first = outbox.list(limit=2)

    assert [job.key for job in first.items] == ["a", "b"]
    assert [job.key for job in outbox.list(limit=2, cursor=first.cursor).items] == ["c", "d"]
    assert [job.key for job in outbox.list(state="failed").items] == ["a"]
    assert [job.key for job in outbox.list(state=State.WAITING, kind="order").items] == ["d"]
    assert [job.key for job in outbox.list(label="odd").items] == ["a"]
    assert outbox.counts() == {State.FAILED: 1, State.WAITING: 3}
    with pytest.raises(UsageError, match="expected one of waiting, blocked"):
        outbox.list(state="lost")


def test_a_failed_job_is_tried_again(outbox, store):
    """It waits with a reason, and its outcome stays, so that what was done is not done again."""
    job_id = outbox.put(ASK, key="k").job_id
    partly = Outcome(label="half", ids={"invoice": "1A"})
    bring(store, job_id, State.FAILED, outcome=partly)
    job = outbox.retry(job_id)

    assert (job.state, job.reason, job.outcome, job.attempts) == (State.WAITING, RETRIED, partly, 0)
    assert [change.after for change in outbox.history(job_id)][-2:] == [State.FAILED, State.WAITING]


@pytest.mark.parametrize("state", [State.WAITING, State.LEASED, State.IN_DOUBT, State.DONE])
def test_what_has_not_ended_badly_is_not_tried_again(outbox, store, state):
    """Such a job is refused and left as it is."""
    job_id = outbox.put(ASK, key="k").job_id
    if state is not State.WAITING:
        bring(store, job_id, state)
    with pytest.raises(JobStateError):
        outbox.retry(job_id)

    assert outbox.get(job_id).state is state


def test_all_failed_jobs_are_tried_again_at_once(outbox, store):
    """However many there are, those of the kind and with the word asked for, but none without documents."""
    with store.begin() as t:
        t.jobs.put([NewJob(company="Shop", kind="order", key=f"{n}", payload=b"p") for n in range(250)])
        t.jobs.put([NewJob(company="Shop", kind="other", key="other", payload=b"p")])
        leases = t.jobs.lease("Shop", holder="s", limit=999, until=NOW + timedelta(minutes=1))
        t.jobs.move(
            [
                Move(job_id=x.job.id, to=State.FAILED, token=x.token, outcome=Outcome(label="odd"))
                for x in leases
            ]
        )
        t.jobs.purge(["7"])
    assert outbox.retry_failed(label="even") == []
    retried = outbox.retry_failed(kind="order", label="odd")

    assert retried == [str(n) for n in range(1, 251) if n != 7]
    assert outbox.counts() == {State.WAITING: 249, State.FAILED: 2}
    with pytest.raises(DocumentsDroppedError):
        outbox.retry("7")


def test_a_job_is_taken_back(outbox, store):
    """It is cancelled with a reason; one that is in doubt is not, for nobody knows whether it was done."""
    job_id = outbox.put(ASK, key="k").job_id
    job = outbox.cancel(job_id)
    doubtful = outbox.put(ASK, key="l").job_id
    bring(store, doubtful, State.IN_DOUBT)
    with pytest.raises(JobStateError):
        outbox.cancel(doubtful)

    assert (job.state, job.reason) == (State.CANCELLED, CANCELLED)
    assert outbox.cancel(outbox.retry(job_id).id, reason="wrong").reason == "wrong"


def test_a_person_settles_what_is_in_doubt(outbox, store):
    """Applied: done, with the ids said and those recorded before. Not applied: it waits again."""
    first, second = outbox.put(ASK, key="a").job_id, outbox.put(ASK, key="b").job_id
    known = RequestOutcome(request_id="1", name="CustomerQueryRq", applied=True)
    bring(store, first, State.IN_DOUBT, outcome=Outcome(label="half", ids={"x": "1"}, requests=(known,)))
    bring(store, second, State.IN_DOUBT)
    done = outbox.resolve(first, applied=True, ids={"invoice": "1A"})
    again = outbox.resolve(second, applied=False)

    assert (done.state, done.reason) == (State.DONE, APPLIED)
    assert done.outcome == Outcome(label="resolved", ids={"x": "1", "invoice": "1A"}, requests=(known,))
    assert (again.state, again.reason) == (State.WAITING, NOT_APPLIED)
    assert outbox.history(first)[-1].reason == APPLIED


def test_only_doubt_is_settled(outbox):
    """A job that is not in doubt is refused, and so are ids of what was not done."""
    job_id = outbox.put(ASK, key="a").job_id
    with pytest.raises(JobStateError):
        outbox.resolve(job_id, applied=True)
    with pytest.raises(UsageError, match="expected none with applied=False"):
        outbox.resolve(job_id, applied=False, ids={"invoice": "1A"})


def test_responses_come_back_typed(outbox, store):
    """Each request's response is an object again; ``None`` stands for what only brought ids."""
    job_id = outbox.put([ASK, OTHER], key="k").job_id
    assert outbox.responses(job_id) == ()
    text = (
        '<CustomerQueryRs requestID="1" statusCode="0" statusSeverity="Info" statusMessage="ok">'
        "<CustomerRet><ListID>80000001-1</ListID><Name>Doe &amp; Co</Name></CustomerRet></CustomerQueryRs>"
    )
    requests = tuple(
        RequestOutcome(request_id=n, name="CustomerQueryRq", applied=True, response=response)
        for n, response in (("1", text), ("2", None))
    )
    bring(store, job_id, State.DONE, outcome=Outcome(label="done", requests=requests))
    first, second = outbox.responses(job_id)

    assert isinstance(first, models.CustomerQueryRs)
    assert (first.status.code, first.customer_ret[0].name) == (0, "Doe & Co")
    assert second is None
    with store.begin() as t:
        t.jobs.purge([job_id])
    assert outbox.responses(job_id) == (None, None)


def test_memory_has_no_connection_to_join(outbox):
    """A store that cannot join says so, and nothing is put."""
    with pytest.raises(UsageError, match="no connection to join"):
        outbox.put(ASK, key="k", connection=object())

    assert outbox.find(["k"]) == {}
