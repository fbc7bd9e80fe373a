"""Settling write sets whose answer did not come, branch by branch."""

from __future__ import annotations

import re

import pytest
from talking import (
    SHOP,
    UNREADABLE,
    Desk,
    Picky,
    Scripted,
    customer_add,
    doubled,
    invoice,
    raw_job,
    scripted,
    without,
)

from qbsync.errors import JobStateError
from qbsync.handlers import Again, Ask, Done, Doubt, Fail, Hold, LookUp, Send
from qbsync.jobs import Outcome
from qbsync.planner import Budgets, CostModel
from qbsync.service.batches import BatchState
from qbsync.service.company import CompanyState
from qbsync.service.costs import MeasuredCosts
from qbsync.service.requests_handler import RequestsHandler
from qbsync.testing import Company

LOST = "0x80040402"


def lose(desk, *, executed=True, result=LOST):
    """Hand out the next write set and lose its answer; return the document and the session."""
    talk = desk.log_in()
    while True:
        document = talk.send()
        if "newMessageSetID" in document:
            break
        talk.receive(*talk.process(document))
    if executed:
        talk.process(document)
    assert talk.receive("", result, "Unexpected error.") == -1
    assert talk.error()
    talk.close()
    return document, talk


def names(desk):
    """Return the customers in the books."""
    return sorted(one.full_name for one in desk.company.customers)


def numbers(desk):
    """Return the numbers of the invoices in the books."""
    return sorted(one.ref_number for one in desk.company.invoices)


def set_id(document):
    """Return the id of the message set."""
    return re.search(r'newMessageSetID="([^"]+)"', document)[1]


# -- the stored outcome


def test_a_stored_outcome_settles_the_set(desk):
    """QuickBooks ran it and remembers: one question with an empty body, and every job is done."""
    ids = desk.customers("A", "B")
    document, _ = lose(desk)

    assert desk.settled(*ids) == ["in_doubt", "in_doubt"]

    talk = desk.log_in()
    question = talk.send()

    assert f'newMessageSetID="{set_id(document)}" oldMessageSetID="{set_id(document)}"' in question
    assert "AddRq" not in question
    assert talk.receive(*talk.process(question)) == 100
    assert desk.settled(*ids) == ["done", "done"]
    assert names(desk) == ["A", "B"]


def test_ids_come_from_the_stored_outcome(desk):
    """ErrorRecovery holds what QuickBooks called the objects."""
    (job_id,) = desk.customers("A")
    lose(desk)
    desk.run()

    (outcome,) = desk.job(job_id).outcome.requests

    assert outcome.ids["ListID"] == desk.company.customers[0].list_id


def test_what_a_partial_outcome_does_not_speak_of_is_looked_up():
    """QuickBooks died after one of three, and remembers that one: the others go out under another id."""
    desk = Desk(Company(crash_stores="partial"))
    ids = desk.customers("A", "B", "C")
    talk = desk.log_in()
    document = talk.send()
    desk.company.dies_after = 1
    talk.receive(*talk.process(document))
    desk.run()

    assert desk.settled(*ids) == ["done"] * 3
    assert names(desk) == ["A", "B", "C"]
    assert len({batch.id for batch in desk.batches() if set(batch.job_ids) & set(ids)}) == 2


def test_a_known_id_is_not_used_again_for_the_same_bytes():
    """QuickBooks remembers the set without its requests: the same bytes would not run under that id."""
    desk = Desk(Company(crash_stores="partial"))
    ids = desk.customers("A", "B")
    talk = desk.log_in()
    document = talk.send()
    desk.company.dies_after = 0
    talk.receive(*talk.process(document))
    desk.run()

    assert desk.settled(*ids) == ["done", "done"]
    assert set_id(document) not in {batch.id for batch in desk.batches() if batch.hand_outs > 1}


# -- no stored outcome


@pytest.mark.parametrize("recovery", ["on", "off", "forgetful"])
def test_nothing_found_means_the_same_bytes_under_the_same_id(recovery):
    """QuickBooks never saw the set: it goes out once more, byte for byte."""
    desk = Desk(Company(recovery=recovery))
    ids = desk.customers("A", "B")
    document, _ = lose(desk, executed=False)
    talk = desk.log_in()
    seen = []
    while (trip := talk.trip())[0]:
        seen.append(trip[0])
        if trip[1] == 100:
            break

    assert document in seen
    assert desk.settled(*ids) == ["done", "done"]
    assert names(desk) == ["A", "B"]
    assert desk.set_of(ids[0]).hand_outs == 2


@pytest.mark.parametrize("recovery", ["off", "forgetful"])
@pytest.mark.parametrize("stops", [False, True])
def test_all_found_means_done_without_another_write(recovery, stops):
    """QuickBooks did it and does not remember: the look-up shows it."""
    desk = Desk(Company(recovery=recovery, list_query_stops_at_first_missing=stops)).furnish()
    put = desk.outbox.put(invoice("N1"), key="n1")
    lose(desk)
    desk.run()

    assert desk.settled(put.job_id) == ["done"]
    assert numbers(desk) == ["N1"]
    assert desk.job(put.job_id).outcome.requests[0].ids["TxnID"] == desk.company.invoices[0].txn_id


@pytest.mark.parametrize("stops", [False, True])
def test_some_found_means_the_rest_goes_under_another_id(stops):
    """QuickBooks died after two of four."""
    desk = Desk(Company(recovery="off", list_query_stops_at_first_missing=stops)).furnish()
    ids = [desk.outbox.put(invoice(f"N{n}"), key=f"n{n}").job_id for n in range(4)]
    talk = desk.log_in()
    document = talk.send()
    desk.company.dies_after = 2
    talk.receive(*talk.process(document))
    desk.run()

    assert desk.settled(*ids) == ["done"] * 4
    assert numbers(desk) == ["N0", "N1", "N2", "N3"]
    assert desk.set_of(ids[0]).id == set_id(document)
    assert desk.set_of(ids[3]).id != set_id(document)


def test_macros_of_what_is_done_become_the_recorded_ids():
    """The invoice is there and its payment is not: the payment names the invoice by its TxnID."""
    desk = Desk(Company(recovery="off")).furnish()
    payment = (
        "<ReceivePaymentAddRq><ReceivePaymentAdd><CustomerRef><FullName>Ann Lee</FullName></CustomerRef>"
        "<TxnDate>2026-11-20</TxnDate><RefNumber>P1</RefNumber><TotalAmount>5.00</TotalAmount>"
        '<AppliedToTxnAdd><TxnID useMacro="TxnID:inv"/><PaymentAmount>5.00</PaymentAmount></AppliedToTxnAdd>'
        "</ReceivePaymentAdd></ReceivePaymentAddRq>"
    )
    bill = (
        '<InvoiceAddRq><InvoiceAdd defMacro="TxnID:inv">'
        "<CustomerRef><FullName>Ann Lee</FullName></CustomerRef>"
        "<TxnDate>2026-11-20</TxnDate><RefNumber>N1</RefNumber><InvoiceLineAdd><ItemRef><FullName>Tea"
        "</FullName></ItemRef><Quantity>1</Quantity><Amount>5.00</Amount></InvoiceLineAdd></InvoiceAdd>"
        "</InvoiceAddRq>"
    )
    (put,) = desk.outbox.put_jobs([raw_job("both", bill, payment)])
    talk = desk.log_in()
    document = talk.send()
    desk.company.dies_after = 1
    talk.receive(*talk.process(document))
    desk.run()

    assert desk.settled(put.job_id) == ["done"]
    assert numbers(desk) == ["N1"]
    assert [one.links for one in desk.company.payments] == [(desk.company.invoices[0].txn_id,)]
    assert "useMacro" not in desk.set_of(put.job_id).document.decode()


def test_what_cannot_be_told_waits_for_a_person():
    """An invoice without a number cannot be found: it is visible, and nothing else waits for it."""
    desk = Desk(Company(recovery="off")).furnish()
    put = desk.outbox.put(invoice(None), key="n1")
    lose(desk)
    other = desk.customers("B")[0]
    desk.run()

    assert desk.settled(put.job_id, other) == ["in_doubt", "done"]
    assert "cannot be told" in desk.job(put.job_id).reason
    assert desk.set_of(put.job_id).state is BatchState.HELD
    assert len(desk.company.invoices) == 1
    assert desk.word() == "none"


def test_what_waits_for_a_job_in_doubt_stays_blocked():
    """A dependant of a job in doubt does not go out; others do."""
    desk = Desk(Company(recovery="off")).furnish()
    parent = desk.outbox.put(invoice(None), key="parent").job_id
    (child,) = desk.outbox.put_jobs([raw_job("child", customer_add("C"), depends_on=(parent,))])
    lose(desk)
    desk.run()

    assert desk.settled(parent, child.job_id) == ["in_doubt", "blocked"]

    desk.outbox.resolve(parent, applied=True, ids={"invoice": "1-1"})
    desk.run()

    assert desk.settled(parent, child.job_id) == ["done", "done"]


def test_two_adds_that_look_alike_are_not_both_done_by_one_transaction():
    """Two invoices of one number, customer and date; QuickBooks made one of them and remembers nothing."""
    desk = Desk(Company(recovery="off")).furnish()
    ids = [desk.outbox.put(invoice("N1"), key=key).job_id for key in ("first", "second")]
    talk = desk.log_in()
    document = talk.send()
    desk.company.dies_after = 1
    talk.receive(*talk.process(document))
    desk.run()

    assert desk.settled(*ids) == ["in_doubt", "in_doubt"]
    assert desk.company.invoices[0].txn_id in desk.job(ids[0]).reason


def test_two_alike_in_one_job_are_not_both_done_by_one_transaction():
    """The same within one job."""
    desk = Desk(Company(recovery="off")).furnish()
    put = desk.outbox.put((invoice("N1"), invoice("N1")), key="both")
    talk = desk.log_in()
    document = talk.send()
    desk.company.dies_after = 1
    talk.receive(*talk.process(document))
    desk.run()

    assert desk.settled(put.job_id) == ["in_doubt"]


def test_two_jobs_that_add_the_same_customer_are_both_done():
    """A list holds a name once, so both mean the same customer."""
    desk = Desk(Company(recovery="off"))
    puts = desk.outbox.put_jobs([raw_job("one", customer_add("A")), raw_job("two", customer_add("A"))])
    lose(desk)
    desk.run()

    assert desk.settled(*(put.job_id for put in puts)) == ["done", "done"]
    assert names(desk) == ["A"]


# -- unanswered twice


def test_a_set_that_stays_unanswered_twice_is_held():
    """Its bytes are not sent a third time; a person who says that it was not done lets it go again."""
    desk = Desk(Company(recovery="off"))
    (job_id,) = desk.customers("A")
    lose(desk, executed=False)
    talk = desk.log_in()
    while "CustomerAddRq" not in (document := talk.send()):
        talk.receive(*talk.process(document))
    talk.receive("", LOST, "")
    desk.run()

    assert desk.settled(job_id) == ["in_doubt"]
    assert "twice" in desk.job(job_id).reason
    assert desk.set_of(job_id).state is BatchState.HELD

    desk.outbox.resolve(job_id, applied=False)
    desk.run()

    assert desk.settled(job_id) == ["done"]
    assert names(desk) == ["A"]


def test_a_set_that_was_run_the_second_time_is_found():
    """The second answer is lost as well, but the work was done."""
    desk = Desk(Company(recovery="off"))
    (job_id,) = desk.customers("A")
    lose(desk, executed=False)
    talk = desk.log_in()
    while "CustomerAddRq" not in (document := talk.send()):
        talk.receive(*talk.process(document))
    talk.process(document)
    talk.close()
    desk.run()

    assert desk.settled(job_id) == ["done"]
    assert names(desk) == ["A"]


# -- a person decides meanwhile


def test_a_person_who_decides_about_all_jobs_closes_the_set():
    """Nothing is asked any more; the set is known."""
    desk = Desk(Company(recovery="off")).furnish()
    put = desk.outbox.put(invoice("N1"), key="n1")
    lose(desk)
    desk.outbox.resolve(put.job_id, applied=True)

    assert desk.run() == 0
    assert desk.settled(put.job_id) == ["done"]
    assert [batch.state for batch in desk.batches() if put.job_id in batch.job_ids] == [BatchState.ANSWERED]
    assert desk.word() == "none"


def test_a_person_who_decides_about_one_job_keeps_the_bytes_from_going_again():
    """The set was to go out again; now only the others of it do, under another id."""
    desk = Desk(Company(recovery="off"))
    ids = desk.customers("A", "B")
    document, _ = lose(desk, executed=False)
    talk = desk.log_in()
    while desk.set_of(ids[0]).state is not BatchState.AGAIN:
        talk.trip()
    desk.outbox.resolve(ids[0], applied=True)
    desk.run()

    assert desk.settled(*ids) == ["done", "done"]
    assert names(desk) == ["B"]
    assert desk.set_of(ids[1]).id != set_id(document)


def out_again(desk):
    """Lose a set that QuickBooks did not run; return talk and document when the same bytes are out again."""
    document, _ = lose(desk, executed=False)
    talk = desk.log_in()
    while talk.send() != document:
        talk.receive(*talk.process(talk.send()))
    return talk, document


def test_nobody_can_say_that_a_set_was_not_done_while_it_is_with_quickbooks():
    """The error names the set and what helps; when its session is over, a person may decide."""
    desk = Desk(Company(recovery="off")).furnish()
    put = desk.outbox.put(invoice("N1"), key="n1")
    talk, document = out_again(desk)

    with pytest.raises(
        JobStateError, match=f"answer to its set {set_id(document)} is awaited at this moment"
    ):
        desk.outbox.resolve(put.job_id, applied=False)

    assert desk.settled(put.job_id) == ["in_doubt"]
    talk.close()
    assert str(desk.outbox.resolve(put.job_id, applied=False).state) == "waiting"


def test_a_person_who_is_contradicted_by_quickbooks_doubles_nothing():
    """Not done, they said, when the session was over; then the answer comes late and says that it is."""
    desk = Desk(Company(recovery="off")).furnish()
    put = desk.outbox.put(invoice("N1"), key="n1")
    talk, document = out_again(desk)
    answer = talk.process(document)
    talk.close()
    desk.outbox.resolve(put.job_id, applied=False)
    talk.receive(*answer)
    desk.run()

    assert desk.settled(put.job_id) == ["blocked"]
    assert "QuickBooks answered that it has" in desk.job(put.job_id).reason
    assert numbers(desk) == ["N1"]


# -- questions that fail


def test_a_question_that_is_never_answered_is_given_up():
    """A QuickBooks that refuses empty sets is not asked for ever; what it did is looked up."""

    class Mute(Company):
        """Answers an empty set with nothing at all."""

        def process(self, document):
            return super().process(document) if "Rq " in document or "Rq>" in document else ""

    desk = Desk(Mute(recovery="off"))
    (job_id,) = desk.customers("A")
    lose(desk)
    desk.run()

    assert desk.settled(job_id) == ["done"]
    assert names(desk) == ["A"]


def test_a_result_instead_of_a_stored_outcome_ends_the_session_and_is_asked_again(desk):
    """A dialog was open: nothing is concluded from that."""
    (job_id,) = desk.customers("A")
    lose(desk)
    talk = desk.log_in()
    talk.send()

    assert talk.receive("", "0x80040414", "") == -1
    assert "dialog" in talk.error()

    desk.run()

    assert desk.settled(job_id) == ["done"]


def test_an_empty_set_that_cannot_be_parsed_means_no_outcome_is_kept():
    """0x80040400 for the question: what the set did is looked up at once."""

    class Strict(Company):
        """Takes no set without requests."""

        def process(self, document):
            if "Rq " in document or "Rq>" in document:
                return super().process(document)
            return Picky("QBXML").process(document)

    desk = Desk(Strict(recovery="off"))
    (job_id,) = desk.customers("A")
    lose(desk)

    assert desk.run() == 2
    assert desk.settled(job_id) == ["done"]


def test_a_look_up_that_cannot_be_parsed_holds_nobody_up():
    """The question about one set breaks QuickBooks' parser: its job waits for a person, others go on."""
    desk = Desk(Picky("CustomerQueryRq", recovery="off"))
    (job_id,) = desk.customers("A")
    lose(desk)
    other = desk.outbox.put_jobs(
        [raw_job("other", "<VendorAddRq><VendorAdd><Name>V</Name></VendorAdd></VendorAddRq>")]
    )
    desk.run()

    assert desk.settled(job_id, other[0].job_id) == ["in_doubt", "done"]
    assert "cannot read what would show it" in desk.job(job_id).reason
    assert desk.word() == "none"


def test_a_look_up_that_is_never_answered_rightly_holds_nobody_up():
    """Answers that do not match are asked again a few times; then a person decides."""

    class Absent(Company):
        """Leaves out the answers to queries."""

        def process(self, document):
            return re.sub(
                r"<CustomerQueryRs.*?(/>|</CustomerQueryRs>)", "", super().process(document), flags=re.DOTALL
            )

    desk = Desk(Absent(recovery="off"))
    (job_id,) = desk.customers("A")
    lose(desk)
    desk.run()

    assert desk.settled(job_id) == ["in_doubt"]
    assert "do not match" in desk.job(job_id).reason
    assert desk.word() == "none"


def test_a_look_up_of_which_the_answer_is_lost_is_made_anew():
    """Nothing is concluded from a question without an answer."""
    desk = Desk(Company(recovery="off"))
    (job_id,) = desk.customers("A")
    lose(desk)
    talk = desk.log_in()
    while "CustomerQueryRq" not in (document := talk.send()):
        talk.receive(*talk.process(document))
    talk.receive("", LOST, "")
    desk.run()

    assert desk.settled(job_id) == ["done"]
    assert names(desk) == ["A"]


# -- what handlers say


def doubtful(decide, *, look_up=None, company=None):
    """Return a desk whose one scripted job is in doubt, and its id; *decide* speaks then."""

    def decision(job, answers, context):
        if job.state == "in_doubt":
            return decide(job, answers, context)
        return Send((Scripted.request(job),))

    def asked(job, context):
        if job.state == "in_doubt" and look_up is not None:
            return look_up(job, context)
        return (Scripted.question(job),)

    desk = Desk(company or Company(recovery="off"), handlers=(Scripted(decide=decision, look_up=asked),))
    (put,) = desk.outbox.put_jobs(scripted("A"))
    lose(desk)
    return desk, put.job_id


def boom(*_):
    raise RuntimeError("boom")


@pytest.mark.parametrize(
    ("decide", "state"),
    [
        (lambda *_: Doubt("it cannot be told"), "in_doubt"),
        (lambda *_: Hold("look at it"), "blocked"),
        (lambda *_: Fail("it cannot be"), "failed"),
        (lambda *_: Done(Outcome(label="there")), "done"),
        (boom, "in_doubt"),
        (lambda *_: None, "in_doubt"),
        (lambda *_: Ask((LookUp("NonsenseRq"),)), "in_doubt"),
        (lambda *_: Ask((LookUp("CustomerQueryRq", by="full_name", keys=("B",)),)), "in_doubt"),
        (lambda *_: Again("not now"), "in_doubt"),
        (lambda *_: Send(("no request",)), "in_doubt"),
    ],
    ids=["doubt", "hold", "fail", "done", "raises", "nothing", "nonsense", "endless", "again", "invalid"],
)
def test_what_a_handler_says_of_a_job_in_doubt_counts(decide, state):
    """A handler that raises or returns rubbish fails no job that may have been done; nothing is sent."""
    desk, job_id = doubtful(decide)
    desk.run()

    assert desk.settled(job_id) == [state]
    assert names(desk) == ["A"]
    assert desk.word() == "none"


@pytest.mark.parametrize("look_up", [boom, lambda *_: (3,)], ids=["raises", "rubbish"])
def test_a_handler_that_cannot_ask_leaves_its_job_in_doubt(look_up):
    """Nothing can show what was done, so a person is asked."""
    desk, job_id = doubtful(lambda *_: Send((Scripted.request(_[0]),)), look_up=look_up)
    desk.run()

    assert desk.settled(job_id) == ["in_doubt"]
    assert "handler" in desk.job(job_id).reason


def test_a_handler_that_asks_nothing_decides_at_once():
    """Without look-ups the decision stands as it is."""
    desk, job_id = doubtful(lambda *_: Done(Outcome(label="sure")), look_up=lambda *_: ())
    desk.run()

    assert desk.settled(job_id) == ["done"]


def test_more_look_ups_are_asked_in_the_same_session():
    """A decision may need a second question."""
    second = LookUp("VendorQueryRq", by="full_name", keys=("V",), proof=True)

    def decide(_job, answers, _context):
        if answers.absent(second, "V"):
            return Done(Outcome(label="told"))
        return Ask((second,))

    desk, job_id = doubtful(decide)
    desk.run()

    assert desk.job(job_id).outcome.label == "told"


def test_a_handler_that_asks_only_when_it_decides_is_asked_for():
    """No look-ups at first: its first question comes with its decision."""
    question = LookUp("CustomerQueryRq", by="full_name", keys=("A",), proof=True)

    def decide(_job, answers, _context):
        if answers.rets(question):
            return Done(Outcome(label="found"))
        return Ask((question,))

    desk, job_id = doubtful(decide, look_up=lambda *_: ())
    desk.run()

    assert desk.job(job_id).outcome.label == "found"


def test_a_set_of_more_jobs_than_a_page_holds_is_settled_whole():
    """Whoever raises the budgets gets sets of any size: no job of one is forgotten."""
    wide = Budgets(max_writes=5000, max_requests=5000, max_look_ups=5000, seconds=6000.0)
    desk = Desk(budgets=wide)
    with desk.store.begin() as t:
        costs = MeasuredCosts.load(t, SHOP)
        costs.model = CostModel(writes_allowed=5000)
        costs.save(t)
    ids = desk.customers(*(f"C{n}" for n in range(1100)))
    document, _ = lose(desk)

    assert document.count("<CustomerAddRq") == 1100
    assert desk.states() == {"in_doubt": 1100}

    desk.run()

    assert desk.states() == {"done": 1100}
    assert len(desk.company.customers) == len(ids)


@pytest.mark.parametrize("recovery", ["on", "off"])
def test_jobs_without_a_handler_stay_in_doubt_until_it_is_mounted(recovery):
    """The host forgot it: nothing is sent, the reason says so, and a session with it settles them."""
    desk, job_id = doubtful(lambda *_: Done(Outcome(label="found")), company=Company(recovery=recovery))
    bare = Desk(desk.company, store=desk.store)
    for _ in range(9):
        bare.log_in().run()
    assert bare.settled(job_id) == ["in_doubt"]
    assert "mount its handler, and the next session settles it" in bare.job(job_id).reason

    desk.run()

    assert desk.settled(job_id) == ["done"]


@pytest.mark.parametrize("recovery", ["on", "off"])
def test_jobs_whose_handler_is_never_mounted_are_left_to_a_person(recovery):
    """After very many sessions; from then on no session is opened for them."""
    desk, job_id = doubtful(lambda *_: Fail("never asked"), company=Company(recovery=recovery))
    bare = Desk(desk.company, store=desk.store)

    assert bare.run(sessions=120) == 100

    assert bare.settled(job_id) == ["in_doubt"]
    assert len(bare.outbox.history(job_id)) < 10  # what stays as it is is not told again


@pytest.mark.parametrize("part", ["look_up", "decide"])
def test_a_handler_that_raised_is_asked_again_when_it_is_mended(part):
    """What it raised about a job in doubt is no verdict for ever."""
    desk, job_id = doubtful(lambda *_: Done(Outcome(label="found")))
    broken = Desk(desk.company, store=desk.store, handlers=(Scripted(**{part: boom}),))
    for _ in range(3):
        broken.log_in().run()
    assert "raised" in broken.job(job_id).reason

    desk.run()

    assert desk.settled(job_id) == ["done"]


def test_rules_of_the_host_go_before_ours():
    """A rule that calls a request harmless lets it go again at once."""

    class Harmless:
        harmless = True

        def look_up(self, _request):
            return None

        def finds(self, _request, _ret):
            return None

    desk = Desk(Company(recovery="off"), handlers=(RequestsHandler(rules={"CustomerAddRq": Harmless()}),))
    (job_id,) = desk.customers("A")
    lose(desk, executed=False)
    desk.run()

    assert desk.settled(job_id) == ["done"]
    assert names(desk) == ["A"]


# -- answers that are not whole


def test_a_missing_response_leaves_its_job_in_doubt(desk):
    """The others are settled by what came."""
    ids = desk.customers("A", "B", "C")
    talk = desk.log_in()
    response, *_ = talk.process(talk.send())
    wanted = desk.set_of(ids[0]).entries[1].request_id
    number = talk.receive(without(response, wanted))

    assert desk.settled(*ids) == ["done", "in_doubt", "done"]
    assert 0 <= number < 100

    desk.run()

    assert desk.settled(*ids) == ["done"] * 3
    assert names(desk) == ["A", "B", "C"]


def test_a_doubled_response_leaves_its_job_in_doubt(desk):
    """Which of two answers holds cannot be told."""
    ids = desk.customers("A", "B")
    talk = desk.log_in()
    response, *_ = talk.process(talk.send())
    talk.receive(doubled(response, desk.set_of(ids[0]).entries[0].request_id))

    assert desk.settled(*ids) == ["in_doubt", "done"]

    desk.run()

    assert names(desk) == ["A", "B"]


def test_a_response_of_another_name_leaves_its_job_in_doubt(desk):
    """The request id alone is no proof."""
    ids = desk.customers("A")
    talk = desk.log_in()
    response, *_ = talk.process(talk.send())
    talk.receive(response.replace("CustomerAddRs", "VendorAddRs").replace("CustomerRet", "VendorRet"))

    assert desk.settled(*ids) == ["in_doubt"]

    desk.run()

    assert desk.settled(*ids) == ["done"]
    assert names(desk) == ["A"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda _: "<html><body>502 Bad Gateway</body></html>",
        lambda _: "garbage",
        lambda _: (
            '<?xml version="1.0"?><?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="stopOnError"/></QBXML>'
        ),
        lambda _: "<QBXML><QBXMLMsgsRs/></QBXML>",
        lambda _: "   ",
        lambda _: "",
    ],
    ids=["truncated", "html", "garbage", "request", "empty-set", "blank", "empty"],
)
def test_an_answer_that_cannot_be_read_leaves_all_in_doubt(desk, damage):
    """Nothing is failed, nothing is sent again blindly."""
    ids = desk.customers("A", "B")
    talk = desk.log_in()
    response, *_ = talk.process(talk.send())
    talk.receive(damage(response))

    assert desk.settled(*ids) == ["in_doubt", "in_doubt"]

    desk.run()

    assert desk.settled(*ids) == ["done", "done"]
    assert names(desk) == ["A", "B"]


@pytest.mark.parametrize("executed", [True, False])
@pytest.mark.parametrize(
    ("result", "message"),
    [
        ("0x80040402", "Unexpected error."),
        ("80040402", ""),
        ("-2147220478", ""),
        ("2147746818", ""),
        ("0X8004040D", "The ticket is invalid."),
        ("", "Something went wrong."),
        ("", ""),
        ("nonsense", "nonsense"),
    ],
)
def test_every_other_result_means_in_doubt(desk, result, message, executed):
    """Only 0x80040400 says that nothing was run; the text for the operator is never empty."""
    ids = desk.customers("A", "B")
    talk = desk.log_in()
    document = talk.send()
    if executed:
        talk.process(document)

    assert talk.receive("", result, message) == -1
    assert talk.error()
    assert desk.settled(*ids) == ["in_doubt", "in_doubt"]

    desk.run()

    assert desk.settled(*ids) == ["done", "done"]
    assert names(desk) == ["A", "B"]


@pytest.mark.parametrize(
    "result", [UNREADABLE, "80040400", "-2147220480", "2147746816", "0x80040400 (parse)"]
)
def test_a_refused_document_was_not_run(desk, result):
    """In every form of the number; the job that went alone is tried again after a harmless request."""
    (job_id,) = desk.customers("A")
    talk = desk.log_in()
    talk.send()

    assert 0 <= talk.receive("", result, "") < 100
    assert desk.settled(job_id) == ["leased"]


def test_an_id_that_stands_for_another_set_was_not_run(desk):
    """9001: the jobs wait again, and go out under another id."""
    (job_id,) = desk.customers("A")
    talk = desk.log_in()
    document = talk.send()
    talk.process(document.replace("<Name>A<", "<Name>Z<"))
    response, *_ = talk.process(document)

    assert 'messageSetStatusCode="9001"' in response

    talk.receive(response)
    desk.run()

    assert desk.settled(job_id) == ["done"]
    assert names(desk) == ["A", "Z"]


# -- late answers


def test_a_late_answer_of_a_superseded_session_settles_its_set(desk):
    """The other session has asked nothing yet; the old one gets a negative number and the reason."""
    ids = desk.customers("A", "B")
    old = desk.log_in()
    document = old.send()
    new = desk.log_in()
    new.send()
    number = old.receive(*old.process(document))

    assert number == -1
    assert "another Web Connector session" in old.error()
    assert desk.settled(*ids) == ["done", "done"]

    assert new.receive(*new.process(new.send())) == 100
    assert names(desk) == ["A", "B"]


@pytest.mark.parametrize("end", ["close", "connection_error", "expire"])
def test_a_late_answer_settles_its_set_after_the_end(desk, end):
    """Closed, failed and expired sessions still bring the truth about what they were given."""
    ids = desk.customers("A")
    talk = desk.log_in()
    document = talk.send()
    if end == "close":
        talk.close()
    elif end == "connection_error":
        desk.service.connection_error(talk.ticket, "0x80040408", "")
    else:
        desk.wait(7200)
        desk.service.tick(desk.company.now)

    assert desk.settled(*ids) == ["in_doubt"]
    assert talk.receive(*talk.process(document)) == -1
    assert talk.error()
    assert desk.settled(*ids) == ["done"]
    assert desk.word() == "none"


def test_a_late_refusal_lets_the_jobs_wait_again(desk):
    """0x80040400 after the end: nothing of it was run."""
    ids = desk.customers("A")
    talk = desk.log_in()
    talk.send()
    talk.close()
    talk.receive("", UNREADABLE, "")

    assert desk.settled(*ids) == ["waiting"]


def test_a_late_refusal_says_nothing_of_a_set_that_went_out_again(desk):
    """Another session has the same bytes out: only its own answer counts."""
    ids = desk.customers("A")
    old = desk.log_in()
    document = old.send()
    new = desk.log_in()
    while new.send() != document:
        new.receive(*new.process(new.send()))
    old.receive("", UNREADABLE, "")

    assert desk.settled(*ids) == ["in_doubt"]

    new.receive(*new.process(document))

    assert desk.settled(*ids) == ["done"]
    assert names(desk) == ["A"]


def test_a_late_answer_that_says_nothing_changes_nothing(desk):
    """Lost results and answers to other sets leave the doubt where it is."""
    ids = desk.customers("A")
    talk = desk.log_in()
    talk.send()
    talk.close()

    assert talk.receive("", LOST, "") == -1
    assert talk.receive("<QBXML><QBXMLMsgsRs/></QBXML>") == -1
    assert desk.settled(*ids) == ["in_doubt"]


def test_a_partial_late_answer_does_not_hide_the_answer_to_the_same_bytes(desk):
    """The old session tells of one job while the new one has the set out; the new answer tells of both."""
    ids = desk.customers("A", "B")
    old = desk.log_in()
    document = old.send()
    new = desk.log_in()
    while new.send() != document:
        new.receive(*new.process(new.send()))
    response, *_ = new.process(document)
    old.receive(without(response, desk.set_of(ids[0]).entries[1].request_id))

    assert desk.settled(*ids) == ["done", "in_doubt"]

    new.receive(response)

    assert desk.settled(*ids) == ["done", "done"]


def test_the_answer_to_a_question_may_come_late_too(desk):
    """The stored outcome is the truth whoever brings it."""
    ids = desk.customers("A")
    lose(desk)
    talk = desk.log_in()
    question = talk.send()
    talk.close()
    talk.receive(*talk.process(question))

    assert desk.settled(*ids) == ["done"]


def test_an_answer_settles_a_set_whose_outcome_is_being_asked_for(desk):
    """The old session's answer comes between the question and its answer."""
    ids = desk.customers("A")
    old = desk.log_in()
    document = old.send()
    new = desk.log_in()
    question = new.send()
    response = old.process(document)
    asked = new.process(question)
    old.receive(*response)

    assert new.receive(*asked) == 100
    assert desk.settled(*ids) == ["done"]


# -- the same call twice


def test_the_same_answer_twice_gets_the_same_number_and_changes_nothing(desk):
    """A proxy or a client repeats a call."""
    desk.customers("A")
    desk.outbox.put_jobs([raw_job("later", customer_add("B"), priority=-1)])
    talk = desk.log_in()
    answer = talk.process(talk.send())
    first = talk.receive(*answer)
    states = desk.states()

    assert talk.receive(*answer) == first
    assert desk.states() == states


def test_the_same_document_is_handed_out_again_while_its_answer_is_awaited(desk):
    """A lost reply to sendRequestXML: the same bytes, and no second set."""
    desk.customers("A")
    talk = desk.log_in()
    document = talk.send()

    assert talk.send() == document
    assert len(desk.batches()) == 1


def test_a_question_is_handed_out_again_too(desk):
    """So it is with the question for a stored outcome."""
    desk.customers("A")
    lose(desk)
    talk = desk.log_in()

    assert talk.send() == talk.send()


def test_two_results_in_a_row_without_names_are_two_answers():
    """An empty result says nothing of which document it answers; the second one is no repetition."""
    desk = Desk(Picky("Customer"))
    desk.customers("A", "B")
    talk = desk.log_in()
    talk.send()
    first = talk.receive("", UNREADABLE, "same text")
    document = talk.send()

    assert 0 <= first < 100
    assert document
    assert 0 <= talk.receive("", UNREADABLE, "same text") < 100
    assert talk.send() != document


# -- between sessions


def test_a_session_that_was_broken_off_starts_anew():
    """A set of which a session had looked up a half is looked up again by the next one."""
    desk = Desk(Company(recovery="off"))
    (job_id,) = desk.customers("A")
    lose(desk)
    talk = desk.log_in()
    talk.trip()

    assert desk.set_of(job_id).state is BatchState.ASKED

    desk.run()

    assert desk.settled(job_id) == ["done"]


def test_finished_sets_are_cleared_with_later_look_ups():
    """What QuickBooks remembers of a finished set is dropped by a read-only set, one at a time."""
    desk = Desk(handlers=(Scripted(),))
    (job_id, _) = desk.customers("A", "B")
    desk.run()
    finished = desk.set_of(job_id).id
    desk.outbox.put_jobs(scripted("C"))
    talk = desk.log_in()

    document, _ = talk.trip()
    assert "CustomerQueryRq" in document
    assert re.findall('oldMessageSetID="([^"]*)"', document) == [finished]
    talk.run()

    with desk.store.begin() as t:
        state = CompanyState.load(t, SHOP)
    assert state.clears is True
    assert finished not in state.finished
    assert names(desk) == ["A", "B", "C"]


@pytest.mark.parametrize(
    "body",
    [
        "<VendorAdd><Name>Z</Name></VendorAdd>",
        "<OtherNameAdd><Name>Z</Name></OtherNameAdd>",
        "<PaymentMethodAdd><Name>Z</Name></PaymentMethodAdd>",
        "<StandardTermsAdd><Name>Z</Name></StandardTermsAdd>",
        "<CustomerTypeAdd><Name>Z</Name></CustomerTypeAdd>",
        "<ItemSubtotalAdd><Name>Z</Name></ItemSubtotalAdd>",
        "<AccountAdd><Name>Z</Name><AccountType>Income</AccountType></AccountAdd>",
    ],
)
@pytest.mark.parametrize("executed", [True, False])
def test_what_was_added_to_any_list_is_found(body, executed):
    """Also in lists without levels, whose objects have a name and no full name: nobody need look."""
    kind = body[1 : body.index(">")]
    desk = Desk(Company(recovery="off"))
    (put,) = desk.outbox.put_jobs([raw_job("a", f"<{kind}Rq>{body}</{kind}Rq>")])
    lose(desk, executed=executed)

    desk.run()

    assert desk.settled(put.job_id) == ["done"]
    query = kind.replace("Add", "QueryRq")
    answer = desk.company.process(raw_job("", f"<{query}/>").payload.decode())
    assert answer.count("<Name>Z</Name>") == 1
