"""What an answer means, apart from sets in doubt (``test_doubts``) and searches (``test_poison``)."""

from __future__ import annotations

import pytest
from talking import UNREADABLE, Desk, Picky, Scripted, customer_add, invoice, raw_job, scripted, without

from qbsync.jobs import State
from qbsync.service.batches import KIND, BatchState
from qbsync.testing import Company

QUERY = "<CustomerQueryRq><FullName>{}</FullName></CustomerQueryRq>"
LOST = "0x80040402"


def reads(desk, *names):
    """Put read-only jobs; return their ids."""
    return [put.job_id for put in desk.outbox.put_jobs([raw_job(name, QUERY.format(name)) for name in names])]


# -- sets that only ask


def test_a_read_that_got_no_answer_waits_again(desk):
    """Asking twice harms nobody, so nothing is in doubt."""
    ids = reads(desk, "A", "B")
    talk = desk.log_in()
    document = talk.send()

    assert "MessageSetID" not in document
    assert talk.receive("", LOST, "") == -1
    assert desk.settled(*ids) == ["waiting", "waiting"]

    desk.run()

    assert desk.is_done()


def test_a_read_that_was_passed_over_is_asked_again(desk):
    """Its answer is missing among the others; it goes once more in the same session."""
    ids = reads(desk, "A", "B")
    talk = desk.log_in()
    response, *_ = talk.process(talk.send())
    talk.receive(without(response, desk.set_of(ids[1]).entries[1].request_id))

    assert desk.settled(*ids) == ["done", "waiting"]

    desk.run()

    assert desk.is_done()


def test_a_read_of_a_session_that_ended_waits_again(desk):
    """Its late answer changes nothing: the questions are asked anew."""
    ids = reads(desk, "A")
    talk = desk.log_in()
    answer = talk.process(talk.send())
    talk.close()

    assert desk.settled(*ids) == ["waiting"]
    assert talk.receive(*answer) == -1
    assert desk.settled(*ids) == ["waiting"]

    desk.run()

    assert desk.is_done()


def test_reads_and_writes_go_in_sets_of_their_own(desk):
    """Only write sets are named for recovery."""
    desk.outbox.put_jobs(
        [raw_job("w1", customer_add("A")), raw_job("r", QUERY.format("A")), raw_job("w2", customer_add("B"))]
    )
    talk, documents = desk.log_in(), []
    while True:
        document, number = talk.trip()
        documents.append(document)
        if number == 100:
            break

    assert desk.is_done()
    assert all(("AddRq" in one) == ("newMessageSetID" in one) for one in documents)


# -- look-ups


@pytest.mark.parametrize("result", [LOST, "", "0x80040414"])
def test_a_look_up_that_got_no_answer_decides_nothing(result):
    """The jobs wait again; the next session asks anew."""
    desk = Desk(handlers=(Scripted(),))
    desk.outbox.put_jobs(scripted("A", "B"))
    talk = desk.log_in()
    talk.send()

    assert talk.receive("", result, "") == -1
    assert desk.states() == {"waiting": 2}
    assert desk.batches() == []

    desk.run()

    assert desk.is_done()


def test_answers_of_an_earlier_session_are_not_used_in_a_later_one():
    """What was looked up is good for one session: the next one asks again before it writes."""
    desk = Desk(handlers=(Scripted(),))
    desk.outbox.put_jobs(scripted("A"))
    first = desk.log_in()
    first.trip()
    first.close()
    second = desk.log_in()

    assert "CustomerQueryRq" in second.send()


# -- what cannot be read


def test_a_set_that_went_out_again_and_cannot_be_read_waits_as_new_work():
    """It was certainly not run either time, so its jobs go under another id when more is asked for."""
    desk = Desk(Picky(recovery="off"))
    ids = desk.customers("A", "Unreadable")
    talk = desk.log_in()
    document = talk.send()
    talk.receive("", LOST, "")
    second = desk.log_in()
    while second.send() != document:
        second.receive(*second.process(second.send()))

    assert 0 <= second.receive("", UNREADABLE, "") < 100
    assert desk.settled(*ids) == ["in_doubt", "in_doubt"]
    assert second.send() not in {"", document}
    assert desk.settled(*ids) == ["leased", "leased"]


def test_the_reason_names_what_breaks_a_rule():
    """A payload that was put unchecked: the path and the rule are in the reason before it is ever sent."""
    desk = Desk()
    (put,) = desk.outbox.put_jobs([raw_job("long", customer_add("x" * 60))])
    desk.run()

    assert desk.settled(put.job_id) == ["failed"]
    assert "at most 41" in desk.job(put.job_id).reason


def test_a_cause_that_no_rule_knows_is_said_so():
    """The reason tells what to compare."""
    desk = Desk(Picky("Odd"))
    ids = desk.customers("Odd", "Even")
    desk.run()

    assert desk.settled(*ids) == ["failed", "done"]
    assert "all rules known here are kept" in desk.job(ids[0]).reason


# -- odd ends


def test_a_set_that_is_not_known_any_more_ends_the_session(desk):
    """Its record is gone from the store: the session says so, and the next one starts anew."""
    desk.customers("A")
    talk = desk.log_in()
    document = talk.send()
    with desk.store.begin() as t:
        (record,) = t.records.page("Shop", KIND).items
        t.records.delete(record)

    assert talk.receive(*talk.process(document)) == -1
    assert "not known any more" in talk.error()


def test_a_question_whose_set_was_decided_meanwhile_changes_nothing(desk):
    """A person resolved the job while QuickBooks was asked about it."""
    (job_id,) = desk.customers("A")
    talk = desk.log_in()
    talk.send()
    talk.receive("", LOST, "")
    second = desk.log_in()
    question = second.send()
    desk.outbox.resolve(job_id, applied=True)
    second.receive(*second.process(question))
    desk.run()

    assert desk.settled(job_id) == ["done"]
    assert desk.company.customers == []


def test_a_history_row_tells_each_turn(desk):
    """Put, leased, in doubt, done: with the set's id where it went out."""
    (job_id,) = desk.customers("A")
    talk = desk.log_in()
    document = talk.send()
    talk.process(document)
    talk.close()
    desk.run()
    history = desk.outbox.history(job_id)

    assert [row.after for row in history if row.after != row.before][-1] is State.DONE
    assert State.IN_DOUBT in {row.after for row in history}
    assert any(row.batch for row in history)
    assert desk.set_of(job_id).state is BatchState.ANSWERED


def test_a_stop_in_one_job_leaves_its_neighbours_alone():
    """A data error in a set of many: the others are done."""
    desk = Desk(Company()).furnish()
    bad = desk.outbox.put(invoice("N1", customer="Nobody"), key="bad").job_id
    good = [desk.outbox.put(invoice(f"N{n}"), key=f"n{n}").job_id for n in (2, 3)]
    desk.run()

    assert desk.settled(bad, *good) == ["failed", "done", "done"]
