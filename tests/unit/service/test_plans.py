"""Plans as they are stored with a job."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from attrs import evolve
from talking import Desk, invoice

from qbsync.errors import InvalidRequestError
from qbsync.handlers import Context, Need, Send
from qbsync.models import CustomerAdd, CustomerAddRq, CustomerQueryRq
from qbsync.qbxml import parse
from qbsync.service.look_ups import Question, Wanted
from qbsync.service.plans import LookUpPlan, Part, SendPlan, need_digest

CONTEXT = Context(company="Shop", version="13.0", edition="US", now=datetime(2026, 11, 26, tzinfo=UTC))


def customer(name):
    return CustomerAddRq(customer_add=CustomerAdd(name=name))


@pytest.fixture
def job():
    """Any job; its plan is put in by the tests."""
    desk = Desk()
    return desk.job(desk.customers("A")[0])


def test_a_send_plan_is_read_back(job):
    """Parts, needs, memo and the wish to stop."""
    said = Send(
        (customer("A"), invoice("N1")),
        needs=(Need("n", customer("B")),),
        stop_on_error=True,
        memo={"x": [1, None]},
    )
    plan = SendPlan.made(said, CONTEXT)

    assert SendPlan.of(evolve(job, plan=plan.to_json())) == plan
    assert not plan.reads
    assert plan.memo == {"x": [1, None]}


def test_a_look_up_plan_is_read_back(job):
    """What more is wanted, how often it was asked, and whether singly."""
    wanted = Wanted(Question("<CustomerQueryRq></CustomerQueryRq>", "full_name"), ("a", "b"), proof=True)
    plan = LookUpPlan(extra=(wanted,), rounds=3, singly=True)

    assert LookUpPlan.of(evolve(job, plan=plan.to_json())) == plan
    assert LookUpPlan.from_values(plan.to_values()) == plan
    assert SendPlan.of(evolve(job, plan=plan.to_json())) is None


def test_a_job_without_a_plan_is_to_be_looked_up(job):
    """Nothing is decided yet."""
    assert SendPlan.of(job) is None
    assert LookUpPlan.of(job) == LookUpPlan()


def test_a_part_gets_its_request_id_and_loses_the_one_it_had():
    """Ids belong to a batch; the bytes behind stay as they are."""
    part = Part.of(evolve(customer("A"), request_id="mine"), CONTEXT)
    numbered = part.numbered("b.1").decode()

    assert "mine" not in part.xml
    assert numbered.startswith('<CustomerAddRq requestID="b.1">')
    assert numbered.replace(' requestID="b.1"', "") == part.xml


def test_an_empty_request_gets_its_request_id():
    """Short forms too."""
    part = Part.of(CustomerQueryRq(), CONTEXT)

    assert 'requestID="7"' in part.numbered("7").decode()


def test_a_request_that_breaks_rules_cannot_be_planned():
    """The path is in the error."""
    with pytest.raises(InvalidRequestError, match="at most 41"):
        SendPlan.made(Send((customer("x" * 50),)), CONTEXT)


def test_a_send_plan_of_a_version_without_pages_is_read(job):
    """Jobs that were leased before an update go on behind it."""
    plan = SendPlan.made(Send((CustomerQueryRq(iterator="Start", max_returned=5),)), CONTEXT)
    stored = json.loads(plan.to_json())
    del stored["pages"]

    read = SendPlan.of(evolve(job, plan=json.dumps(stored).encode()))

    assert plan.pages is not None
    assert read == evolve(plan, pages=None)


def test_the_next_page_is_asked_for_by_any_id():
    """Whatever signs the id has: it goes back as it came."""
    part = Part.of(CustomerQueryRq(iterator="Start", max_returned=5), CONTEXT)

    raw = part.going_on('{é "<&>\\1}').numbered("a.1")

    (request,) = parse(b"<QBXML><QBXMLMsgsRq>%b</QBXMLMsgsRq></QBXML>" % raw).messages
    assert request.iterator == "Continue"
    assert request.iterator_id == '{é "<&>\\1}'
    assert request.max_returned == 5


def test_only_queries_without_needs_are_reads():
    """A set of reads has no message set id."""
    ask = SendPlan.made(Send((CustomerQueryRq(), CustomerQueryRq())), CONTEXT)
    both = SendPlan.made(Send((CustomerQueryRq(), customer("A"))), CONTEXT)
    needy = SendPlan.made(Send((CustomerQueryRq(),), needs=(Need("n", customer("B")),)), CONTEXT)

    assert (ask.reads, both.reads, needy.reads) == (True, False, False)


def test_needs_that_were_met_count_no_more():
    """The planner sees what will really go out."""
    plan = SendPlan.made(
        Send((customer("A"),), needs=(Need("n", customer("B")), Need("m", customer("C")))), CONTEXT
    )
    candidate = plan.candidate("1", frozenset({need_digest("n")}))

    assert [key for key, _ in candidate.needs] == ["m"]
    assert candidate.need_names == ("CustomerAddRq",)
    assert candidate.names == ("CustomerAddRq",)


def test_the_same_requests_are_told_from_fewer():
    """What is sent again after a look-up is all of it, or only the rest."""
    whole = SendPlan.made(Send((invoice("N1"), customer("A"))), CONTEXT)
    rest = SendPlan.made(Send((customer("A"),)), CONTEXT)

    assert whole.same_requests(whole)
    assert not rest.same_requests(whole)


def test_a_digest_of_a_need_holds_no_name():
    """Sessions keep digests, not names of people."""
    assert "Ann" not in need_digest("customer:Ann Lee")
    assert need_digest("a") != need_digest("b")
