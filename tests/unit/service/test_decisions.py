"""From decisions to moves: pauses, bounds, reasons."""

from __future__ import annotations

from datetime import timedelta

import pytest
from talking import Desk, Scripted, scripted

from qbsync.handlers import Again, Done, Hold, Send
from qbsync.jobs import Outcome
from qbsync.models import CustomerAdd, CustomerAddRq


def desk_for(**methods):
    """Return a desk with one scripted job, and its id."""
    desk = Desk(handlers=(Scripted(**methods),))
    (put,) = desk.outbox.put_jobs(scripted("A"))
    return desk, put.job_id


def pauses(desk, job_id):
    """Run session after session at the moment the job is ready; return how long it waited each time."""
    found = []
    while desk.job(job_id).state != "failed":
        desk.log_in().run()
        job = desk.job(job_id)
        if job.state == "waiting":
            wait = job.not_before - desk.company.now
            found.append(wait.total_seconds())
            desk.wait(wait.total_seconds() + 0.001)
    return found


def test_pauses_double_within_a_fifth():
    """A minute, two, four … up to an hour; the eighth try is the last one."""
    desk, job_id = desk_for(decide=lambda *_: Again("in use", timedelta(minutes=1)))
    found = pauses(desk, job_id)

    assert len(found) == 7
    for place, seconds in enumerate(found):
        expected = min(60 * 2**place, 3600)
        assert 0.75 * expected <= seconds <= 1.25 * expected
    assert desk.job(job_id).reason == "given up after 8 tries: in use"


def test_a_job_that_was_given_up_and_is_tried_again_begins_anew():
    """A person had it tried again: it gets as many tries as the first time."""
    desk, job_id = desk_for(decide=lambda *_: Again("in use", timedelta(minutes=1)))
    first = pauses(desk, job_id)
    desk.outbox.retry(job_id)

    assert len(pauses(desk, job_id)) == len(first)


def test_jobs_that_failed_together_come_back_apart():
    """The spread is drawn from the job's id, so the same job waits the same time."""
    desk = Desk(handlers=(Scripted(decide=lambda *_: Again("in use", timedelta(minutes=10))),))
    ids = [put.job_id for put in desk.outbox.put_jobs(scripted(*"ABCDEFGH"))]
    desk.log_in().run()

    assert len({desk.job(one).not_before for one in ids}) > 4


def test_a_longer_delay_than_an_hour_is_kept():
    """A handler that says a day means a day."""
    desk, job_id = desk_for(decide=lambda *_: Again("tomorrow", timedelta(days=1)))
    desk.log_in().run()

    assert desk.job(job_id).not_before - desk.company.now > timedelta(hours=18)


def test_progress_is_no_vain_try():
    """A free try that went to QuickBooks does not count towards the bound of vain ones."""
    made = []

    def settle(_job, _memo, replies, _context):
        made.append(replies[0].applied)
        return Done(Outcome(label="made")) if len(made) > 12 else Again("more to do", free=True)

    def decide(job, _answers, _context):
        return Send((CustomerAddRq(customer_add=CustomerAdd(name=f"{job.payload.decode()} {len(made)}")),))

    desk, job_id = desk_for(decide=decide, settle=settle, look_up=lambda *_: ())
    desk.run()

    assert desk.settled(job_id) == ["done"]
    assert len(made) == 13


def test_a_free_try_that_sent_nothing_counts():
    """Otherwise a handler could go round for ever without QuickBooks ever being asked."""
    desk, job_id = desk_for(decide=lambda *_: Again("round and round", free=True))
    desk.run()

    assert desk.settled(job_id) == ["failed"]


def test_progress_without_end_is_bounded():
    """A job that is handed out a hundred times is given up, though each time it made progress."""
    desk, job_id = desk_for(
        decide=lambda job, *_: Send((CustomerAddRq(customer_add=CustomerAdd(name=f"A {job.attempts}")),)),
        settle=lambda *_: Again("more to do", free=True),
        look_up=lambda *_: (),
    )
    desk.run(sessions=30)

    assert desk.settled(job_id) == ["failed"]
    assert 100 <= desk.job(job_id).attempts <= 110


def test_tries_are_counted_anew_after_success():
    """What was tried in vain before a job was done says nothing of its next life."""
    answers = iter([Again("wait")] * 3 + [Done(Outcome(label="there"))])
    desk, job_id = desk_for(decide=lambda *_: next(answers))
    desk.run()

    assert desk.settled(job_id) == ["done"]
    with desk.store.begin() as t:
        assert t.records.page("Shop", "tries").items == []


def test_known_keys_prove_absence_later():
    """A key that a handler knows to exist stands last in later lists."""
    desk, _ = desk_for(
        decide=lambda *_: Done(Outcome(label="there"), known=(("CustomerQueryRq", "full_name", "Known One"),))
    )
    desk.run()
    desk.outbox.put_jobs(scripted("B", "C"))
    document = desk.log_in().send()

    assert document.index("Known One") > document.index(">C<")


def test_without_a_handler_a_job_is_held():
    """The reason says what to do; with the handler mounted and a retry it goes."""
    bare = Desk()
    (put,) = bare.outbox.put_jobs(scripted("A"))
    bare.run()

    assert bare.settled(put.job_id) == ["blocked"]
    assert "mount its handler, then retry" in bare.job(put.job_id).reason

    whole = Desk(bare.company, store=bare.store, handlers=(Scripted(),))
    whole.outbox.retry(put.job_id)
    whole.run()

    assert whole.settled(put.job_id) == ["done"]


@pytest.mark.parametrize("count", [1, 300])
def test_jobs_that_need_no_document_are_decided_in_one_call(count):
    """No empty round trips: a session that has only such jobs sends nothing."""
    desk = Desk(handlers=(Scripted(look_up=lambda *_: (), decide=lambda *_: Hold("look")),))
    desk.outbox.put_jobs(scripted(*(f"J{n}" for n in range(count))))

    assert desk.run() == 0
    assert desk.states() == {"blocked": count}


def test_requests_that_break_rules_fail_with_the_rule():
    """The path and the limit are in the reason."""
    name = "x" * 60
    desk, job_id = desk_for(decide=lambda *_: Send((CustomerAddRq(customer_add=CustomerAdd(name=name)),)))
    desk.run()

    assert desk.settled(job_id) == ["failed"]
    assert "at most 41" in desk.job(job_id).reason


def test_very_many_jobs_without_a_document_are_decided_over_several_calls():
    """No call takes for ever: the Web Connector is told to wait some seconds, and nothing is left over."""
    desk = Desk(handlers=(Scripted(look_up=lambda *_: (), decide=lambda *_: Hold("look")),))
    desk.outbox.put_jobs(scripted(*(f"J{n}" for n in range(5000))))
    talk = desk.log_in()
    words = []
    while not words or words[-1] == "NoOp":
        assert talk.send() == ""
        words.append(talk.error())
        if len(words) == 1:
            assert desk.states() == {"blocked": 4000, "waiting": 1000}

    assert words[0] == "NoOp"
    assert "nothing is left" in words[-1]
    assert desk.states() == {"blocked": 5000}
