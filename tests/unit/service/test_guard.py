"""What handlers may say: rubbish of one job is that job's trouble alone."""

from __future__ import annotations

import pytest
from talking import Desk, Scripted, customer_add, raw_job, scripted

from qbsync.handlers import Again, Ask, Done, Doubt, Fail, Hold, LookUp, Send
from qbsync.jobs import Outcome, State


def boom(*_):
    raise RuntimeError("boom")


def query(**fields):
    """Return a handler method that asks this of customers."""
    return lambda *_: (LookUp("CustomerQueryRq", **fields),)


def played(**methods):
    """Run one job of a handler made so beside one that is well; return it and its neighbour's state."""
    desk = Desk(handlers=(Scripted(**methods),))
    desk.outbox.put_jobs(scripted("A"))
    desk.outbox.put_jobs([raw_job("neighbour", customer_add("Z"))])
    desk.run()
    jobs = desk.outbox.find(["A", "neighbour"])
    return jobs["A"], str(jobs["neighbour"].state)


BEFORE = {
    "look_up raises": {"look_up": boom},
    "look_up returns nothing": {"look_up": lambda *_: None},
    "look_up returns numbers": {"look_up": lambda *_: (3,)},
    "no such query": {"look_up": lambda *_: (LookUp("NonsenseRq"),)},
    "no such field": {"look_up": query(by="nonsense", keys=("a",))},
    "keys without a field": {"look_up": query(keys=("a",))},
    "no such option": {"look_up": query(options=(("nonsense", 1),))},
    "an option that is a list": {"look_up": query(options=(("include_ret_element", ["Name"]),))},
    "an option of another type": {"look_up": query(options=(("max_returned", "x"),))},
    "an option that is no choice": {"look_up": query(options=(("active_status", "Nonsense"),))},
    "options that exclude each other": {
        "look_up": query(by="full_name", keys=("a",), options=(("list_id", ("1",)),))
    },
    "an empty key": {"look_up": query(by="full_name", keys=("",))},
    "a field that takes one value": {"look_up": query(by="active_status", keys=("All",))},
    "a key that is too long": {"look_up": query(by="list_id", keys=("x" * 99,))},
    "a key with a control": {"look_up": query(by="full_name", keys=("a\x01",))},
    "a key that is a number": {"look_up": query(by="full_name", keys=(3,))},
    "decide raises": {"decide": boom},
    "decide returns nothing": {"decide": lambda *_: None},
    "a reason that is no text": {"decide": lambda *_: Fail(3)},
    "nothing to send": {"decide": lambda *_: Send(())},
    "no requests": {"decide": lambda *_: Send(("text",))},
    "a memo that cannot be stored": {
        "decide": lambda job, *_: Send((Scripted.request(job),), memo={"x": {1}})
    },
    "more look-ups that cannot be": {"decide": lambda *_: Ask((LookUp("NonsenseRq"),))},
    "no more look-ups": {"decide": lambda *_: Ask(())},
    "more look-ups that are none": {"decide": lambda *_: Ask((3,))},
    "look-ups without end": {
        "decide": lambda *_: Ask((LookUp("CustomerQueryRq", by="full_name", keys=("a",)),))
    },
}


@pytest.mark.parametrize("methods", BEFORE.values(), ids=BEFORE)
def test_rubbish_before_anything_was_sent_fails_the_job(methods):
    """The reason says what came; the neighbour goes through."""
    job, neighbour = played(**methods)

    assert job.state == "failed"
    assert job.reason
    assert neighbour == "done"


AFTER = {
    "settle raises": boom,
    "settle returns nothing": lambda *_: None,
    "settle returns a decision": lambda job, *_: Send((Scripted.request(job),)),
    "an outcome that cannot be stored": lambda *_: Done(Outcome(label="x", ids={"a": {1}})),
    "known keys that are none": lambda *_: Done(Outcome(label="x"), known=(("a", "b", 3),)),
    "known keys that cannot be asked": lambda *_: Done(
        Outcome(label="x"), known=(("CustomerQueryRq", "full_name", "a\x01"),)
    ),
}


@pytest.mark.parametrize("settle", AFTER.values(), ids=AFTER)
def test_rubbish_after_it_was_done_leaves_the_job_in_doubt(settle):
    """What QuickBooks did is never failed for that: look-ups show that it is there."""
    calls = []

    def once(job, *rest):
        calls.append(job.id)
        if len(calls) == 1:
            return settle(job, *rest)
        return Done(Outcome(label="told later"))

    job, neighbour = played(settle=once)

    assert job.state == "done"
    assert job.outcome.label == "told later"
    assert neighbour == "done"


@pytest.mark.parametrize("settle", AFTER.values(), ids=AFTER)
def test_rubbish_for_ever_is_settled_by_look_ups(settle):
    """A handler that can never read its replies still finds its work in the books."""
    job, neighbour = played(settle=settle)

    assert job.state == "done"
    assert job.outcome.label == "there"
    assert neighbour == "done"


def test_rubbish_about_what_was_refused_fails_the_job():
    """Nothing was done, so nothing is in doubt."""
    desk = Desk(handlers=(Scripted(decide=lambda job, *_: Send((Scripted.request(job),)), settle=boom),))
    desk.customers("A")
    desk.run()
    (put,) = desk.outbox.put_jobs(scripted("A"))
    desk.run()

    assert desk.settled(put.job_id) == ["failed"]
    assert "RuntimeError: boom" in desk.job(put.job_id).reason


@pytest.mark.parametrize(
    ("said", "state"),
    [
        (Hold("look at it"), "blocked"),
        (Fail("it cannot be"), "failed"),
        (Doubt("who knows"), "in_doubt"),
        (Again("later"), "failed"),
        (Done(Outcome(label="there")), "done"),
    ],
)
def test_what_is_sound_is_taken(said, state):
    """Again without end is given up at last."""
    job, _ = played(decide=lambda *_: said)

    assert job.state == state


def test_nothing_is_asked_about_a_job_in_doubt_when_its_handler_asks_for_nothing():
    """A document without questions would tell nothing; the job stays in doubt and says who is at fault."""
    sent = []
    desk = Desk(handlers=(Scripted(look_up=lambda *_: (), decide=lambda job, *_: said(job)),))

    def said(job):
        return Ask(()) if job.state is State.IN_DOUBT else Send((Scripted.request(job),))

    (put,) = desk.outbox.put_jobs(scripted("A"))
    talk = desk.log_in()
    talk.send()
    talk.close()
    talk = desk.log_in()
    while document := talk.trip()[0]:
        sent.append(document)

    assert desk.settled(put.job_id) == ["in_doubt"]
    assert "at least one look-up" in desk.job(put.job_id).reason
    assert len(sent) == 1  # the question for the stored outcome
