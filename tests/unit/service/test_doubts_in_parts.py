"""Sets in doubt whose look-ups do not fit into one document, or bring no answer."""

from __future__ import annotations

import pytest
from talking import Desk, Picky, Scripted, customer_add, invoice, raw_job, scripted

from qbsync.handlers import Doubt, LookUp, Send
from qbsync.planner import Budgets
from qbsync.service.batches import BatchState
from qbsync.testing import Company
from qbsync.testing.company import QuickBooksError

BROKE_OFF = "0x800706BE"


class Dying(Company):
    """A QuickBooks without a memory of outcomes that dies of any question about one of some names."""

    def __init__(self, *names, hresult=BROKE_OFF):
        super().__init__(recovery="off")
        self.names, self.hresult = names, hresult

    def process(self, document):
        if "QueryRq" in document and any(f"{name}</" in document for name in self.names):
            raise QuickBooksError(self.hresult, "The remote procedure call failed.")
        return super().process(document)


def lose(desk, *, executed):
    """Hand out a write set and lose its answer."""
    talk = desk.log_in()
    document = talk.send()
    assert "newMessageSetID" in document
    if executed:
        talk.process(document)
    talk.close()


@pytest.mark.parametrize("executed", [True, False])
@pytest.mark.parametrize("hresult", [BROKE_OFF, "0x80040414"])
def test_the_one_that_cannot_be_looked_up_waits_for_a_person(executed, hresult):
    """Its neighbours are settled, other work goes on, and the reason says what came instead of an answer."""
    desk = Desk(Dying("Name 3", hresult=hresult))
    ids = desk.customers(*(f"Name {number}" for number in range(9)))
    lose(desk, executed=executed)
    others = desk.customers("Zoe")

    sessions = 0
    while desk.word() == "":
        desk.log_in().run()
        desk.wait(300)
        sessions += 1
        assert sessions <= 6

    assert desk.settled(*others) == ["done"]
    states = desk.settled(*ids)
    assert states.pop(3) == "in_doubt"
    assert states == ["done"] * 8
    assert f"brings no answer: {hresult} The remote procedure call failed." in desk.job(ids[3]).reason
    names = [one.full_name for one in desk.company.customers]
    assert len(names) == len(set(names))
    assert ("Name 3" in names) is executed


def test_a_quickbooks_that_answers_nothing_makes_nobody_decide():
    """Nothing was answered in any of those sessions, so nothing is known of the jobs."""
    desk = Desk(Dying(*(f"Name {number}" for number in range(3))))
    ids = desk.customers("Name 0", "Name 1", "Name 2")
    lose(desk, executed=True)
    for _ in range(20):
        talk = desk.log_in()
        while talk.send() and talk.receive("", BROKE_OFF, "") >= 0:
            pass
        talk.close()
        desk.wait(300)
    desk.company.names = ()

    desk.run()

    assert desk.settled(*ids) == ["done"] * 3


def test_what_cannot_be_told_is_asked_once_in_a_session():
    """Look-ups of a set that do not fit into one document: those behind get their turn."""

    def look_up(job, _):
        name = job.payload.decode()
        return [
            LookUp(
                "CustomerQueryRq", by="full_name", keys=(name,), options=(("include_ret_element", (one,)),)
            )
            for one in (("ListID", "Name", "FullName") if job.attempts else ())
        ]

    def decide(job, *_):
        return Doubt("who knows") if job.attempts else Send((Scripted.request(job),))

    handler = Scripted(look_up=look_up, decide=decide)
    desk = Desk(Company(recovery="off"), handlers=[handler], budgets=Budgets(max_requests=8, max_keys=1))
    ids = [put.job_id for put in desk.outbox.put_jobs(scripted(*"abcdefgh"))]
    lose(desk, executed=True)

    assert desk.log_in().run() == 1 + 4  # the stored outcome, and two jobs of three questions at a time

    assert set(desk.settled(*ids)) == {"in_doubt"}
    assert {desk.job(one).reason for one in ids} == {"who knows"}
    assert desk.set_of(ids[0]).state is BatchState.HELD
    assert desk.word() == "none"


def test_a_job_that_is_looked_into_again_is_no_rival_of_itself():
    """A session that ends between two rounds of look-ups: what was found is found again, by the same job."""
    desk = Desk(Company(recovery="off")).furnish()
    desk.company.begin_session("Shop Sync")
    for number in range(10):
        desk.outbox.put(invoice(f"A{number}"), key=f"a{number}")
    desk.run()
    ids = [
        desk.outbox.put([invoice(f"N{number}"), invoice(f"M{number}")], key=f"n{number}").job_id
        for number in range(10)
    ]
    talk = desk.log_in()
    document = talk.send()
    assert document.count("<InvoiceAddRq ") == 20
    head, *requests = document.split("<InvoiceAddRq ")
    tail = "</QBXMLMsgsRq></QBXML>"
    talk.process(f"{head}<InvoiceAddRq {requests[0]}{tail}")  # it died when it had run the first of all
    talk.close()
    talk = desk.log_in()
    asked = []
    for _ in range(2):
        asked.append(talk.send())
        talk.receive(*talk.process(asked[-1]))
    assert ">N0</" in asked[-1]
    assert talk.send()  # there are more; but the session ends
    talk.close()

    desk.run()

    assert set(desk.settled(*ids)) == {"done"}
    numbers = [one.ref_number for one in desk.company.invoices]
    assert len(numbers) == len(set(numbers)) == 30


def test_raw_requests_go_on_behind_a_set_that_cannot_be_looked_up():
    """The session after the one in which that was found has nothing more to do with it."""
    desk = Desk(Dying("Ann"))
    (doubtful,) = desk.customers("Ann")
    lose(desk, executed=True)
    desk.outbox.put_jobs([raw_job("Zoe", customer_add("Zoe"))])

    trips = [desk.log_in().run() for _ in range(6)]

    assert trips == [2, 2, 2, 2, 2, 1]
    assert desk.states() == {"in_doubt": 1, "done": 1}
    desk.outbox.resolve(doubtful, applied=True)
    assert desk.is_done()


@pytest.mark.parametrize("dies_of_question", [True, False])
def test_a_question_about_a_set_that_quickbooks_dies_of_is_not_asked_for_ever(dies_of_question):
    """Neither the one for its stored outcome nor the look-up: then a person is asked, and other work goes."""
    desk = Desk(Dying("Ann"))
    (doubtful,) = desk.customers("Ann")
    lose(desk, executed=True)
    others = desk.customers("Zoe")
    sessions = 0
    while desk.settled(*others) != ["done"]:
        talk = desk.log_in()
        while document := talk.send():
            died = dies_of_question and "oldMessageSetID" in document
            answer = ("", BROKE_OFF, "") if died else talk.process(document)
            if talk.receive(*answer) < 0 or answer[1]:
                break  # a QuickBooks that died answers nothing more in this session
        talk.close()
        desk.wait(300)
        sessions += 1
        assert sessions < 10

    assert desk.settled(doubtful) == ["in_doubt"]


@pytest.mark.parametrize("executed", [True, False])
@pytest.mark.parametrize("place", [0, 7, 19])
def test_a_look_up_that_cannot_be_read_leaves_its_neighbours_alone(place, executed):
    """It is found by parts in one session; a person decides about that one job in the end."""
    names = [f"Name {number:02}" for number in range(20)]
    desk = Desk(Picky(f"<FullName>{names[place]}</", recovery="off"))
    desk.customers(*(f"Warm {number}" for number in range(10)))
    desk.run()
    ids = desk.customers(*names)
    lose(desk, executed=executed)

    trips = desk.log_in().run()

    states = desk.settled(*ids)
    assert states.pop(place) == "in_doubt"
    assert states == ["done"] * 19
    assert trips <= 30
    desk.run()
    assert desk.settled(ids[place]) == ["in_doubt"]
    assert "cannot read what would show it (0x80040400" in desk.job(ids[place]).reason
