"""The planner's parts by example: batches, loads, costs, forecast, words."""

from __future__ import annotations

import json
import math

import pytest
from attrs import evolve

from qbsync.planner import (
    Budgets,
    Candidate,
    CostModel,
    Load,
    ahead,
    duration,
    fitting,
    forecast,
    jobs_in_reply,
    measure,
    plan,
    within,
)

BUDGETS = Budgets()


def order(number, **changes):
    """An order that needs an invoice and a payment."""
    made = Candidate(
        job_id=str(number), sizes=(1_000, 500), names=("InvoiceAddRq", "ReceivePaymentAddRq"), lines=2
    )
    return evolve(made, **changes)


def writes(count, jobs=None):
    return Load(requests={"InvoiceAddRq": count}, jobs=count if jobs is None else jobs)


def taught(*answers, request=0.1, trip=1.0):
    """A model that has seen batches of so many invoices, at steady costs."""
    costs = CostModel()
    for count in answers:
        costs = costs.learn(writes(count), trip + request * count)
    return costs


STEADY = taught(10, 20, 40, 80, 120, 150, 140, 130, 150, 120)


# -- batches


def test_without_costs_counts_decide():
    """Without a cost model a batch ends at the cap of writes, as whole jobs."""
    chosen = plan([order(n) for n in range(40)], BUDGETS)

    assert len(chosen.job_ids) == 25
    assert (chosen.ended_by, chosen.seconds, chosen.upper) == ("requests", None, None)


def test_slow_start():
    """A company that was never measured gets ten requests first."""
    chosen = plan([order(n) for n in range(40)], BUDGETS, costs=CostModel())

    assert chosen.job_ids == ("0", "1", "2", "3", "4")
    assert chosen.ended_by == "start"
    assert chosen.load == Load(
        requests={"InvoiceAddRq": 5, "ReceivePaymentAddRq": 5}, lines=10, size=7_500, jobs=5
    )


def test_time_ends_a_batch():
    """Once growth is over, the upper estimate keeps just below the budget."""
    chosen = plan(
        [order(n, sizes=(9,), names=("InvoiceAddRq",), lines=0) for n in range(300)], BUDGETS, costs=STEADY
    )

    assert chosen.ended_by == "time"
    assert 19 < chosen.upper <= 20
    assert 100 < len(chosen.job_ids) < 190


def test_caps_of_requests_and_bytes():
    """However fast QuickBooks is, 250 requests and 1 MB are the most."""
    fast = taught(10, 20, 40, 80, 160, 250, 250, 250, request=0.001)
    small = [order(n, sizes=(9,), names=("InvoiceAddRq",)) for n in range(400)]
    large = [order(n, sizes=(90_000,), names=("InvoiceAddRq",)) for n in range(400)]

    assert plan(small, BUDGETS, costs=fast).load.total == 250
    assert plan(small, BUDGETS, costs=fast).ended_by == "requests"
    assert plan(large, BUDGETS, costs=fast).load.size == 990_000
    assert plan(large, BUDGETS, costs=fast).ended_by == "bytes"


def test_large_job_goes_alone():
    """A job larger than all budgets still goes, by itself."""
    huge = order(1, sizes=(10_000,) * 900, names=("InvoiceAddRq",) * 900)

    assert plan([huge, order(2)], BUDGETS, costs=CostModel()).job_ids == ("1",)


def test_needs_are_sent_once():
    """Ten orders of one new customer add the customer once."""
    jobs = [order(n, needs=(("customer Ann", 700),), need_names=("CustomerAddRq",)) for n in range(4)]

    assert plan(jobs, BUDGETS, costs=CostModel()).load.requests == {
        "InvoiceAddRq": 4,
        "ReceivePaymentAddRq": 4,
        "CustomerAddRq": 1,
    }


@pytest.mark.parametrize(
    ("second", "ended_by"),
    [
        (order(2, alone=True), "alone"),
        (order(2, reads=True, names=("CustomerQueryRq",), sizes=(1,)), "sort"),
        (order(2, depends_on=("1",)), "dependency"),
    ],
)
def test_what_ends_a_run(second, ended_by):
    """Jobs that go alone, of the other sort, or that wait for one before them end the run."""
    chosen = plan([order(1), second], BUDGETS, costs=STEADY)

    assert (chosen.job_ids, chosen.ended_by) == (("1",), ended_by)


def test_dependants_are_passed_over():
    """What waits for another candidate stays behind; those after it go."""
    jobs = [
        order(1),
        order(2, depends_on=("1",)),
        order(3, depends_on=("2",)),
        order(4),
        order(5, depends_on=("0",)),
    ]

    assert plan(jobs, BUDGETS, costs=STEADY).job_ids == ("1", "4", "5")


def test_circle_does_not_stand_still():
    """Two jobs that wait for each other (the store refuses it) do not stop the queue."""
    jobs = [order(1, depends_on=("2",)), order(2, depends_on=("1",))]

    assert plan(jobs, BUDGETS, costs=STEADY).job_ids == ("1",)


def test_iterator_goes_on_first():
    """The next page of an open iterator goes before more urgent work, and alone."""
    page = order(9, continues=True, reads=True, sizes=(90,), names=("CustomerQueryRq",))
    chosen = plan([order(1), order(2), page], BUDGETS, costs=STEADY)

    assert (chosen.job_ids, chosen.reads, chosen.ended_by) == (("9",), True, "pages")


def test_stop_on_error():
    """A job that goes alone goes in a set that stops at its first error."""
    chosen = plan([order(1, alone=True), order(2)], BUDGETS)

    assert (chosen.job_ids, chosen.stop_on_error, chosen.ended_by) == (("1",), True, "alone")


def test_nothing_waits():
    """Without candidates nothing is chosen."""
    assert plan([], BUDGETS, costs=STEADY).job_ids == ()


def test_tighter_bound_after_a_refusal():
    """After a refused set the caller's own bound holds."""
    assert len(plan([order(n) for n in range(9)], BUDGETS, max_writes=4, costs=STEADY).job_ids) == 2


def test_session_budget():
    """A session's last batch fits into what is left; a session that is used up sends nothing more."""
    limits = Budgets(session_seconds=60)
    jobs = [order(n, sizes=(9,), names=("InvoiceAddRq",), lines=0) for n in range(300)]

    last = plan(jobs, limits, costs=STEADY, session_spent=52)
    assert (last.ended_by, last.upper <= 8) == ("session", True)
    assert plan(jobs, limits, costs=STEADY, session_spent=59.5).job_ids == ()
    assert plan(jobs, limits, session_spent=61).ended_by == "session"
    assert plan(jobs, evolve(limits, session_seconds=0.5), costs=STEADY).job_ids == ("0",)
    assert plan(jobs, evolve(limits, session_seconds=0.5), costs=STEADY, session_spent=0.1).job_ids == ("0",)


def test_within():
    """Look-ups keep to slow start, caps and time."""
    queries = Load(requests={"InvoiceQueryRq": 4}, keys=400, size=20_000)

    assert within(queries, BUDGETS)
    assert within(queries, BUDGETS, CostModel())
    assert not within(queries.times(3), BUDGETS, CostModel())
    assert not within(queries.times(100), BUDGETS)
    assert not within(evolve(queries, keys=1e6), BUDGETS, STEADY)


def test_reply_budget():
    """As many jobs are decided in one reply as our own side manages in half of its budget."""
    assert jobs_in_reply(BUDGETS, CostModel()) == 200
    assert jobs_in_reply(BUDGETS, CostModel().served(jobs=10, seconds=2.5)) == 50
    assert jobs_in_reply(BUDGETS, CostModel().served(jobs=1, seconds=99)) == 1


def test_own_seconds_rise_at_once_and_fall_slowly():
    """One slow reply counts in full; a fast one only by a fifth."""
    costs = CostModel().served(jobs=10, seconds=1.0).served(jobs=10, seconds=4.0)

    assert costs.own_seconds == pytest.approx(0.4)
    assert costs.served(jobs=10, seconds=1.0).own_seconds == pytest.approx(0.34)
    assert costs.served(jobs=0, seconds=1.0) is costs
    assert costs.served(jobs=1, seconds=math.nan) is costs


def test_fitting():
    """As many as fit; at least one."""
    assert fitting(100, lambda count: count <= 30) == 30
    assert fitting(100, lambda count: count <= 500) == 100
    assert fitting(3, lambda count: count < 1) == 1


# -- loads


def test_measure():
    """Keys are counted in queries, lines in what adds or changes."""
    query = "<InvoiceQueryRq><RefNumber>1</RefNumber><RefNumber>2</RefNumber></InvoiceQueryRq>"
    add = (
        "<InvoiceAddRq><CustomerRef><FullName>A</FullName></CustomerRef>"
        "<InvoiceLineAdd><Amount>1</Amount></InvoiceLineAdd><InvoiceLineAdd></InvoiceLineAdd></InvoiceAddRq>"
    )
    load = measure([("InvoiceQueryRq", query), ("InvoiceAddRq", add)], jobs=1)

    assert load == Load(
        requests={"InvoiceQueryRq": 1, "InvoiceAddRq": 1}, keys=2, lines=2, size=len(query) + len(add), jobs=1
    )
    assert not load.reads
    assert measure([("InvoiceQueryRq", query)]).reads


def test_loads_are_kept():
    """A load read back from its stored form is the same."""
    load = Load(requests={"InvoiceAddRq": 3}, keys=1, lines=2, size=9, jobs=3)

    assert Load.from_list(json.loads(json.dumps(load.to_list()))) == load


# -- costs


def test_costs_are_told_apart():
    """From batches of different sizes a round trip is told from a request."""
    assert STEADY.round_trip == pytest.approx(1.0, rel=0.2)
    assert STEADY.cost("InvoiceAddRq") == pytest.approx(0.1, rel=0.05)


def test_types_are_told_apart():
    """From batches of different mixes a dear request is told from a cheap one."""
    costs = CostModel()
    for invoices, items in ((10, 0), (5, 20), (30, 10), (10, 60), (80, 5), (20, 100), (60, 60), (100, 0)):
        load = Load(requests={"InvoiceAddRq": invoices, "ItemNonInventoryAddRq": items})
        costs = costs.learn(load, 1 + 0.2 * invoices + 0.04 * items)

    assert costs.cost("InvoiceAddRq") == pytest.approx(0.2, rel=0.15)
    assert costs.cost("ItemNonInventoryAddRq") == pytest.approx(0.04, rel=0.4)


def test_nothing_is_free():
    """Where more requests happened to take less time, a request still costs something."""
    costs = CostModel()
    for count, seconds in ((10, 8.0), (20, 4.0), (40, 2.0), (10, 9.0), (40, 2.0)):
        costs = costs.learn(writes(count), seconds)

    assert costs.cost("InvoiceAddRq") > 0
    assert costs.round_trip > 0
    assert costs.seconds(writes(80)) > costs.seconds(writes(40))


def test_unknown_requests_cost_as_this_company():
    """A request never seen is as dear as its prior, on this company's scale."""
    slow = taught(10, 20, 40, 20, 40, request=1.0)

    assert slow.cost("BillAddRq") == pytest.approx(slow.cost("InvoiceAddRq"), rel=0.01)
    assert slow.cost("BillQueryRq") < slow.cost("BillAddRq")
    assert CostModel().cost("BillAddRq") == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("seconds", "allowed"), [(2.0, 40), (5.0, 40), (5.1, 20), (20.0, 20), (20.1, 4), (80.0, 1)]
)
def test_growth(seconds, allowed):
    """Fourfold after a quarter of the budget, twofold within it, less beyond it."""
    costs = CostModel().learn(writes(10), seconds, budget=20.0)

    assert (costs.allowed(reads=False), costs.allowed(reads=True)) == (allowed, 10)


def test_questions_grow_apart():
    """What goes well with questions allows no more writes."""
    questions = Load(requests={"CustomerQueryRq": 8})
    quick, slow = (CostModel().learn(questions, seconds) for seconds in (1.0, 9.0))

    assert (quick.allowed(reads=True), slow.allowed(reads=True)) == (32, 16)
    assert quick.allowed(reads=False) == slow.allowed(reads=False) == 10


def test_freeze_is_forgotten():
    """One answer that came a minute late makes the next batch small, and is then left out."""
    frozen = STEADY.learn(writes(120), 75.0)
    after = frozen.learn(writes(4), 1.4)

    assert frozen.alarm > 4
    assert frozen.allowed(reads=False) <= 16
    assert after.alarm == 1.0
    assert after.seconds(writes(100)) == pytest.approx(STEADY.seconds(writes(100)), rel=0.1)
    assert after.spread < 2 * STEADY.spread


def test_slowdown_is_followed_within_two_batches():
    """Two late answers in a row: everything costs ten times as much from now on."""
    slow = STEADY.learn(writes(120), 130.0).learn(writes(2), 12.0)

    assert slow.seconds(writes(5)) == pytest.approx(15.0, rel=0.15)
    assert slow.pace > 5
    assert slow.alarm == 1.0


def test_recovery_is_followed_too():
    """When QuickBooks is fast again, two answers tell."""
    slow = STEADY.learn(writes(120), 130.0).learn(writes(2), 12.0)
    for count in (4, 5, 5):
        slow = slow.learn(writes(count), 10 + count)
    fast = slow.learn(writes(5), 1.5).learn(writes(10), 2.0)

    assert fast.seconds(writes(50)) == pytest.approx(6.0, rel=0.3)


def test_odd_answers_alone_leave_what_was_learned():
    """When all answers that were kept are odd ones, the costs stay as they were."""
    costs = evolve(STEADY, seen=()).learn(writes(100), 200.0)

    assert costs.seen[-1].odd
    assert costs.costs == STEADY.costs


@pytest.mark.parametrize("seconds", [-1.0, math.nan, math.inf])
def test_what_cannot_be_teaches_nothing(seconds):
    """A clock that was set back is no answer."""
    assert STEADY.learn(writes(10), seconds) is STEADY


def test_empty_batch_teaches_nothing():
    """A batch without requests tells nothing of their cost."""
    assert STEADY.learn(Load(), 1.0) is STEADY


def test_typical_job():
    """A typical job has what the last ones had, look-ups and writes."""
    costs = CostModel().learn(Load(requests={"InvoiceQueryRq": 2}, keys=20, jobs=20), 1.0)
    costs = costs.learn(Load(requests={"InvoiceAddRq": 10, "CustomerAddRq": 4}, lines=30, jobs=10), 3.0)

    assert costs.typical_job() == Load(
        requests={"InvoiceQueryRq": 0.1, "InvoiceAddRq": 1, "CustomerAddRq": 0.4}, keys=1, lines=3, jobs=1
    )


def test_other_formats_are_learned_anew():
    """What another version stored is not guessed at."""
    assert CostModel.from_json('{"format": 99, "seen": 1}') == CostModel()
    assert CostModel.from_json(STEADY.to_json().encode()) == STEADY


# -- forecast


def test_forecast_of_a_queue():
    """What waits, divided into batches, each with its round trip."""
    jobs = [order(n, sizes=(9,), names=("InvoiceAddRq",), lines=0) for n in range(1_000)]
    found = forecast(jobs, BUDGETS, STEADY)

    assert 6 <= found.round_trips <= 9
    assert found.seconds == pytest.approx(100 + found.round_trips, rel=0.1)
    assert found.low < found.seconds < found.high < 1.5 * found.seconds
    assert found.reason.startswith(f"1000 jobs, {found.round_trips} round trips, about 1 min ")


def test_forecast_of_a_place_in_the_queue():
    """The hundredth job is done long before the thousandth."""
    jobs = [order(n) for n in range(100)]
    tenth = forecast(jobs, BUDGETS, STEADY, position=10)

    assert tenth.jobs == 10
    assert tenth.seconds == pytest.approx(forecast(jobs[:10], BUDGETS, STEADY).seconds)
    assert forecast(jobs, BUDGETS, STEADY, more=900, position=500).jobs == 500
    assert forecast(1_000, BUDGETS, STEADY, position=500).jobs == 500
    assert forecast(500, BUDGETS, STEADY, more=500).jobs == 1_000
    assert forecast(writes(1_000), BUDGETS, STEADY, position=500).jobs == 500
    assert forecast(writes(1_000), BUDGETS, STEADY, position=5_000).jobs == 1_000


def test_forecast_during_a_sync():
    """The batch that is out counts with what it still needs; one that is late will be late for longer."""
    soon = forecast(0, BUDGETS, STEADY, awaited=writes(100), waited=8.0)
    late = forecast(0, BUDGETS, STEADY, awaited=writes(100), waited=100.0)

    assert (soon.jobs, soon.round_trips) == (100, 1)
    assert soon.seconds == pytest.approx(3.0, rel=0.2)
    assert late.seconds == pytest.approx(20.0, rel=0.1)


def test_forecast_waits_for_its_window():
    """What must wait first is part of the time, and said."""
    found = forecast(100, BUDGETS, STEADY, waits=3_600)

    assert found.low > 3_600
    assert "of which 1 h until it may begin" in found.reason


def test_forecast_of_nothing():
    """Nothing waits: no time, and it says so."""
    found = forecast(0, BUDGETS, STEADY)

    assert (found.seconds, found.round_trips, found.reason) == (0, 0, "nothing is waiting")


def test_forecast_before_anything_was_measured():
    """A guess has a range that says so."""
    found = forecast(100, BUDGETS, CostModel())

    assert found.high > 3 * found.seconds
    assert found.low < found.seconds / 3


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"pace": 2.0}, "QuickBooks is slower than usual"),
        ({"pace": 9.0}, "QuickBooks is much slower than usual"),
        ({"pace": 0.4}, "QuickBooks is faster than usual"),
        ({"alarm": 6.0}, "QuickBooks' last answer took 6.0 times as long as expected"),
        ({}, ""),
    ],
)
def test_pace(changes, words):
    """The reason says how QuickBooks does."""
    found = forecast(1, BUDGETS, evolve(STEADY, **changes))

    assert found.pace == words
    assert found.reason.endswith(words)
    assert found.reason.startswith("1 job, 1 round trip, about ")


def test_batches_ahead():
    """Slow start first, then batches that fill the budget."""
    coming = ahead(1_000, BUDGETS, CostModel(), limit=5)

    assert len(coming) == 5
    assert coming[0].requests < 10
    assert 20 < coming[1].requests < 40 <= coming[2].requests
    assert all(batch.seconds > 0 for batch in coming)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (45.4, "45 s"),
        (160, "2 min 40 s"),
        (64, "1 min"),
        (299, "5 min"),
        (1_000, "17 min"),
        (3_900, "1 h 5 min"),
        (180_000, "2 d 2 h"),
    ],
)
def test_duration(seconds, text):
    """Durations are said as people say them."""
    assert duration(seconds) == text
