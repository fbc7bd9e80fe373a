"""Look-ups that QuickBooks dies of: the job at fault is found, and its neighbours go through."""

from __future__ import annotations

from math import ceil, log

import pytest
from talking import Desk, Scripted, Talk, customer_add, invoice, raw_job, scripted

from qbsync.service.company import CompanyState
from qbsync.testing import Company
from qbsync.testing.company import QuickBooksError

BROKE_OFF = "0x800706BE"


class Dying(Company):
    """A QuickBooks that dies of any question about one of some names.

    Args:
        names: the names.
        hresult: what comes instead of an answer.
        switches: as for any company.
    """

    def __init__(self, *names, hresult=BROKE_OFF, **switches):
        super().__init__(**switches)
        self.names, self.hresult = names, hresult
        self.everything = False

    def process(self, document):
        asked = "QueryRq" in document and any(f"{name}</" in document for name in self.names)
        if asked or self.everything:
            raise QuickBooksError(self.hresult, "The remote procedure call failed.")
        return super().process(document)


def names(count):
    return [f"Name {number:03}" for number in range(count)]


def play(desk, sessions, *, pause=300):
    """Run sessions with pauses of five minutes; return how many documents went out in each."""
    trips = []
    for _ in range(sessions):
        ticket, word = desk.service.authenticate("Shop", "")
        if word == "":
            trips.append(Talk(desk, ticket).run())
        desk.wait(pause)
    return trips


def marks(desk):
    with desk.store.begin() as t:
        return CompanyState.load(t, "Shop").unheard


@pytest.mark.parametrize("count", [1, 2, 7, 60, 200])
@pytest.mark.parametrize("place", ["first", "last", "middle"])
def test_the_one_at_fault_is_found_and_all_others_go_through(count, place):
    """Within two sessions and one more for each time that the parts become eight times smaller."""
    all_names = names(count)
    bad = {"first": 0, "last": count - 1, "middle": count // 2}[place]
    desk = Desk(Dying(all_names[bad]), handlers=[Scripted()])
    ids = [put.job_id for put in desk.outbox.put_jobs(scripted(*all_names))]
    sessions = 4 + ceil(log(count, 8))

    play(desk, sessions)

    states = desk.settled(*ids)
    assert states.pop(bad) == "waiting"
    assert states == ["done"] * (count - 1)
    assert len(desk.company.customers) == count - 1
    assert BROKE_OFF in desk.job(ids[bad]).reason
    assert set(marks(desk)) == {ids[bad]}


def test_the_one_at_fault_fails_in_the_end_and_says_why():
    """It waits longer each time; the reason names the result, what it means, and the remedy."""
    desk = Desk(Dying("Name 003"), handlers=[Scripted()])
    ids = [put.job_id for put in desk.outbox.put_jobs(scripted(*names(5)))]

    sessions = 0
    while desk.settled(ids[3]) != ["failed"]:
        play(desk, 1, pause=3600)
        sessions += 1
        assert sessions < 20

    reason = desk.job(ids[3]).reason
    assert reason.startswith(f"given up after 8 tries: {BROKE_OFF} The remote procedure call failed.")
    assert "QuickBooks broke off during the call; run QuickBooks" in reason
    assert marks(desk) == {}
    waits = [change.after for change in desk.outbox.history(ids[3])].count("waiting")
    assert waits >= 8


def test_work_put_meanwhile_goes_first():
    """New jobs are not asked for together with those that are under suspicion, and go before them."""
    desk = Desk(Dying("Name 000"), handlers=[Scripted()])
    desk.outbox.put_jobs(scripted(*names(3)))
    play(desk, 2)
    new = [
        put.job_id for put in desk.outbox.put_jobs([*scripted("Zoe"), raw_job("Una", customer_add("Una"))])
    ]

    play(desk, 1)

    assert desk.settled(*new) == ["done", "done"]


def test_others_are_reached_behind_as_many_as_a_session_holds():
    """A question that all orders ask, and that QuickBooks dies of, does not shut out other work."""
    desk = Desk(Dying(), handlers=[Scripted()])
    desk.outbox.put_jobs(scripted(*(f"Good {number}" for number in range(700))))
    desk.run()  # so many are asked for together now
    desk.company.names = tuple(names(200))
    ids = [put.job_id for put in desk.outbox.put_jobs(scripted(*names(200)))]
    (other,) = desk.outbox.put_jobs([raw_job("Una", customer_add("Una"))])

    play(desk, 3)

    assert set(desk.settled(*ids)) == {"waiting"}
    assert desk.settled(other.job_id) == ["done"]


def test_a_quickbooks_that_answers_nothing_is_no_fault_of_jobs():
    """It is asked something harmless first; when it works again, everything goes through."""
    desk = Desk(Dying(), handlers=[Scripted()])
    ids = [put.job_id for put in desk.outbox.put_jobs(scripted(*names(9)))]
    desk.company.everything = True
    play(desk, 40)

    assert set(desk.settled(*ids)) == {"waiting"}
    assert {desk.job(one).reason for one in ids} == {"the session ended before it was handed out"}
    desk.company.everything = False
    assert desk.run() <= 20
    assert desk.is_done()


@pytest.mark.parametrize("hresult", ["0x80040414", "0x80040416", "0x8004041A", "0x80040422"])
def test_what_speaks_of_the_machine_fails_nobody(hresult):
    """A dialog, a closed or busy file, a missing right: whoever is asked for alone waits, and others go."""
    desk = Desk(Dying("Name 001", hresult=hresult), handlers=[Scripted()])
    ids = [put.job_id for put in desk.outbox.put_jobs(scripted(*names(4)))]

    play(desk, 30, pause=3600)

    assert desk.settled(*ids) == ["done", "waiting", "done", "done"]
    desk.company.names = ()
    desk.run()
    assert desk.is_done()


def test_an_answer_that_is_lost_once_changes_nothing():
    """One session that ends while look-ups are out: the next asks them all together once more."""
    desk = Desk(handlers=[Scripted()])
    desk.outbox.put_jobs(scripted(*names(8)))
    talk = desk.log_in()
    first = talk.send()
    talk.close()

    talk = desk.log_in()
    again = talk.send()

    assert first.count("<FullName>") == again.count("<FullName>") == 8
    assert "HostQuery" not in again
    talk.receive(*talk.process(again))
    assert marks(desk) == {}


def test_a_web_connector_that_dies_with_quickbooks_says_nothing():
    """Look-ups whose session just ends are counted as those that bring a result."""
    desk = Desk(Dying("Name 002"), handlers=[Scripted()])
    ids = [put.job_id for put in desk.outbox.put_jobs(scripted(*names(5)))]
    for _ in range(40):
        ticket, word = desk.service.authenticate("Shop", "")
        if word != "":
            desk.wait(3600)
            continue
        talk = Talk(desk, ticket)
        while document := talk.send():
            answer, hresult, _ = talk.process(document)
            if hresult:
                break
            talk.receive(answer)
        talk.close()
        desk.wait(3600)

    assert desk.settled(*ids) == ["done", "done", "failed", "done", "done"]
    assert desk.job(ids[2]).reason == (
        "given up after 8 tries: it was asked and no answer came; asking twice harms nobody"
    )


def test_a_key_known_to_exist_may_be_what_is_at_fault():
    """It stands last in every list of keys; after a failure other keys take its place."""
    desk = Desk(Dying(), handlers=[Scripted(look_up=lambda job, _: (Scripted.question(job),))]).furnish()
    desk.outbox.put(invoice("N1"), key="first")
    desk.run()
    with desk.store.begin() as t:
        state = CompanyState.load(t, "Shop")
        state.known["CustomerQueryRq", "full_name"] = "Ann Lee"
        state.save(t)
    desk.company.names = ("Ann Lee",)
    ids = [put.job_id for put in desk.outbox.put_jobs(scripted(*names(5)))]

    play(desk, 2)

    assert set(desk.settled(*ids)) == {"done"}


def test_clearing_a_finished_set_may_be_what_is_at_fault():
    """A QuickBooks that dies of questions beside an old set's id is not asked so again."""

    class Strict(Company):
        def process(self, document):
            if "oldMessageSetID" in document and "QueryRq" in document:
                raise QuickBooksError(BROKE_OFF, "")
            return super().process(document)

    desk = Desk(Strict(), handlers=[Scripted()])
    desk.customers("Zoe")
    desk.run()
    ids = [put.job_id for put in desk.outbox.put_jobs(scripted(*names(3)))]

    assert play(desk, 2) == [1, 2]

    assert set(desk.settled(*ids)) == {"done"}


def test_jobs_of_held_sets_are_forgotten_when_they_have_ended():
    """QuickBooks dies of set after set, and a person says each time that it was done: nothing piles up."""

    class Breaking(Company):
        def process(self, document):
            if "CustomerAddRq" in document:
                raise QuickBooksError(BROKE_OFF, "died")
            return super().process(document)

    desk = Desk(Breaking(recovery="off"))
    held = []
    for number in range(3):
        ids = desk.customers(f"Name {number} A", f"Name {number} B")
        play(desk, 8)
        assert desk.settled(*ids) == ["in_doubt", "in_doubt"]
        for job_id in ids:
            desk.outbox.resolve(job_id, applied=True)
        held.append(set(marks(desk)))

    assert [len(ids) for ids in held] == [2, 2, 2]
