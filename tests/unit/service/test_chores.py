"""What no call triggers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from talking import Desk, Scripted, customer_add, raw_job, scripted

from qbsync.handlers import Done, Fail
from qbsync.jobs import Outcome, State

HOUR = timedelta(hours=1)


def sessions(desk):
    """Return the states of all stored sessions."""
    with desk.store.begin() as t:
        return [record.state for record in t.records.page("", "session", limit=1000).items]


def tick(desk):
    desk.service.tick(desk.company.now)


@pytest.mark.parametrize("stage", ["open", "ready", "awaiting"])
def test_an_idle_session_is_over(desk, stage):
    """An unanswered set is in doubt, jobs that were not handed out wait again, and work is found anew."""
    desk.customers(*"AB")
    talk = desk.log_in()
    if stage != "open":
        document = talk.send()
    if stage == "ready":
        desk.outbox.put_jobs([raw_job("more", customer_add("C"))])
        talk.receive(*talk.process(document))
    desk.wait(3601)
    tick(desk)

    assert sessions(desk) == ["closed"]
    assert "no call came" in talk.error()

    desk.run()

    assert desk.is_done()


def test_a_session_that_calls_lives_on(desk):
    """QuickBooks may work for many minutes: idleness is counted from the last call."""
    desk.customers("A")
    talk = desk.log_in()
    document = talk.send()
    desk.wait(3500)
    tick(desk)

    assert talk.send() == document

    desk.wait(3500)
    tick(desk)

    assert talk.receive(*talk.process(document)) == 100


def test_a_session_that_called_meanwhile_is_left_alone(desk):
    """The moment given to tick may be ahead of the store's clock; that clock decides."""
    desk.customers("A")
    talk = desk.log_in()
    document = talk.send()
    desk.service.tick(desk.company.now + 2 * HOUR)

    assert talk.receive(*talk.process(document)) == 100


def test_old_sessions_are_forgotten(desk):
    """After a week no answer comes any more."""
    desk.customers("A")
    talk = desk.log_in()
    talk.run()
    tick(desk)

    assert sessions(desk) == ["closed"]

    desk.wait(8 * 24 * 3600)
    tick(desk)

    assert sessions(desk) == []
    assert talk.receive("", "", "") == -1
    assert talk.error()


def test_many_sessions_end_in_one_go(desk):
    """More than one page of them."""
    desk.customers("A")
    for _ in range(250):
        desk.service.authenticate("Shop", "")
    desk.wait(3601)
    tick(desk)

    assert set(sessions(desk)) == {"closed"}
    assert len(sessions(desk)) == 250


def test_hosts_are_told_once_when_all_is_well():
    """After the commit, outside any call."""
    handler = Scripted()
    desk = Desk(handlers=(handler,))
    desk.outbox.put_jobs(scripted("A", "B"))
    desk.run()

    assert handler.told == []

    tick(desk)
    tick(desk)

    assert sorted(handler.told) == ["A", "B"]


def test_a_host_that_raises_is_told_again():
    """At least once each; one job's trouble does not keep others from being told."""
    failing = {"A"}

    def done(job):
        if job.key in failing:
            raise RuntimeError("not now")

    handler = Scripted(done=done)
    desk = Desk(handlers=(handler,))
    desk.outbox.put_jobs(scripted("A", "B"))
    desk.run()
    tick(desk)
    failing.clear()
    tick(desk)
    tick(desk)

    assert sorted(handler.told) == ["A", "A", "B"]


def test_a_job_that_ends_again_while_its_host_is_told_is_told_again():
    """The host is told of the last end too."""
    ends = iter([Fail("no"), Done(Outcome(label="made"))])

    def done(job):
        if job.state is State.FAILED:
            desk.outbox.retry(job.id)
            desk.run()

    handler = Scripted(look_up=lambda *_: (), decide=lambda *_: next(ends), done=done)
    desk = Desk(handlers=(handler,))
    (put,) = desk.outbox.put_jobs(scripted("A"))
    desk.run()
    tick(desk)
    tick(desk)
    tick(desk)

    assert desk.settled(put.job_id) == ["done"]
    assert handler.told == ["A", "A"]


def test_nobody_to_tell_keeps_the_news():
    """The handler is not mounted here; the process that has it tells the host later."""
    handler = Scripted()
    whole = Desk(handlers=(handler,))
    whole.outbox.put_jobs(scripted("A"))
    whole.run()
    tick(Desk(whole.company, store=whole.store))

    assert handler.told == []

    tick(whole)

    assert handler.told == ["A"]
