"""A rule machine that plays Web Connectors, host, network, clock and people at random, for two companies.

What holds after every step: each reply is valid SOAP with its Result, an int of -1 to 100; 100 only when
nothing of that company is left now; negative only with a text for getLastError; what one company put never
shows in the other one's documents. At the end everything runs to a standstill: every job is done, or in doubt
and visible, and no name stands twice in any books.
"""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)
from lxml import etree
from talking import Anyone, Desk, customer_add, invoice, raw

from qbsync import Outbox, Service
from qbsync.jobs import NewJob, State
from qbsync.planner import Budgets
from qbsync.qbwc.calls import CALLS, Kind
from qbsync.service.batches import KIND, Batch
from qbsync.store.memory import MemoryStore
from qbsync.testing import Company
from qbsync.testing.company import QuickBooksError

NAMESPACE = "http://developer.intuit.com/"
COMPANIES = ("North", "South")
WAYS = ("on", "off", "forgetful")
#: Documents of a few requests, so that many steps are many batches.
SMALL = Budgets(max_writes=3, max_look_ups=5)
#: What may become of one document in a visit.
FATES = (*["answered"] * 3, "lost on its way", "never answered", "late", "result", "cut", "twice")
RESULTS = ("0x80040402", "0x80040414", "0x8004040D", "-2147220478", "", "nonsense")


def escaped(text):
    """Return *text* as the content of an element, without what XML cannot hold."""
    kept = re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)
    return kept.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class Connector:
    """A session as its Web Connector sees it."""

    def __init__(self, name, ticket):
        self.name, self.ticket = name, ticket
        #: Whether QuickBooks was introduced, and whether it has run a set that is not answered yet.
        self.said = self.is_waiting = False


class Conversation(RuleBasedStateMachine):
    """Everything that can happen, one call at a time."""

    sessions = Bundle("sessions")
    answers = Bundle("answers")

    @initialize(way=st.sampled_from(WAYS), stops=st.booleans())
    def begins(self, way, stops):
        """Both company files are there; what they remember of sets, and how they list, is drawn."""
        self.way = way
        self.companies = {name: self.furnished(name, way, stops) for name in COMPANIES}
        self.store = MemoryStore(clock=lambda: self.companies["North"].now)
        self.put = dict.fromkeys(COMPANIES, 0)
        self.late = []
        self.restart()
        for name in COMPANIES:
            self.puts(name, 4, 0)

    # -- the stage

    def furnished(self, name, way, stops):
        """Return a company file with a customer and an item."""
        company = Company(
            name=name, file_id=f"{{{name}}}", recovery=way, list_query_stops_at_first_missing=stops
        )
        return Desk(company).furnish().company

    def restart(self):
        """Start a host process: nothing but the store is kept."""
        self.service = Service(store=self.store, authenticator=Anyone(), budgets=SMALL)

    def company(self, name):
        """Return a company file."""
        return self.companies[name]

    def outbox(self, name):
        return Outbox(self.store, company=name)

    def call(self, name, **values):
        """Make a call over SOAP and return its result; the reply must be valid whatever comes."""
        inside = "".join(f"<{key}>{escaped(str(value))}</{key}>" for key, value in values.items())
        body = (
            '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
            f'<{name} xmlns="{NAMESPACE}">{inside}</{name}></s:Body></s:Envelope>'
        )
        reply = self.service.handle(body.encode())
        root = etree.fromstring(reply.body)
        (result,) = root[0][0]

        assert reply.status == 200
        assert result.tag == f"{{{NAMESPACE}}}{name}Result"

        text = result.text or ""
        if CALLS[name].kind is Kind.TEXTS:
            texts = [one.text or "" for one in result]
            assert len(texts) >= 2
            return texts
        if CALLS[name].kind is Kind.NUMBER:
            assert re.fullmatch(r"-1|[0-9]{1,2}|100", text), text
            return int(text)
        return text

    # -- the host

    @rule(name=st.sampled_from(COMPANIES), count=st.integers(1, 6), urgent=st.integers(-1, 1))
    def puts(self, name, count, urgent):
        """The host puts work of both kinds."""
        first = self.put[name]
        self.put[name] += count
        jobs = [
            NewJob(
                company=name,
                kind="requests",
                key=f"c{n}",
                payload=raw(customer_add(f"{name} {n}")),
                priority=urgent,
            )
            for n in range(first, first + count)
        ]
        self.outbox(name).put_jobs(jobs)
        self.outbox(name).put(invoice(f"{name[0]}{first}", customer="Ann Lee"), key=f"i{first}")

    @rule(restarts=st.booleans(), ticks=st.booleans(), seconds=st.sampled_from([0, 1, 30, 4000]))
    def time_passes(self, restarts, ticks, seconds):
        """So much that sessions expire, or not; meanwhile another process may have taken over."""
        for one in self.companies.values():
            one.wait(seconds)
        if restarts:
            self.restart()
        if ticks:
            self.service.tick(self.company("North").now)

    @rule(name=st.sampled_from(COMPANIES))
    def a_person_decides(self, name):
        """Somebody looks into QuickBooks and says the truth, or lets what failed wait again."""
        outbox = self.outbox(name)
        doubtful = outbox.list(state="in_doubt", limit=1).items
        for job in doubtful if self.is_held(name, doubtful) else ():
            outbox.resolve(job.id, applied=self.is_there(name, job))
        for state in ("failed", "blocked"):
            for job in outbox.list(state=state, limit=1).items:
                outbox.retry(job.id)

    # -- Web Connectors

    @rule(target=sessions, name=st.sampled_from(COMPANIES))
    def logs_in(self, name):
        """A Web Connector logs in; there may be any number of them."""
        ticket, word = self.call("authenticate", strUserName=name, strPassword="")[:2]

        assert word in {"", "none", "busy"}
        assert ticket

        if word == "none":
            assert not self.is_ready(name)
        self.company(name).begin_session("Shop Sync")
        return Connector(name, ticket) if word == "" else multiple()

    @rule(
        target=sessions,
        name=st.sampled_from(COMPANIES),
        fates=st.lists(st.sampled_from(FATES), min_size=1, max_size=6),
        result=st.sampled_from(RESULTS),
        closes=st.booleans(),
        more=st.integers(0, 4),
    )
    def visits(self, name, fates, result, closes, more):
        """A Web Connector logs in and asks for documents, each of which has a fate of its own."""
        if more:
            self.puts(name, more, 0)
        ticket, word = self.call("authenticate", strUserName=name, strPassword="")[:2]
        if word != "":
            return multiple()
        session = Connector(name, ticket)
        for fate in fates:
            if not self.meets(session, fate, result):
                break
        if closes:
            self.call("closeConnection", ticket=ticket)
        return session

    visits_too = visits  # twice as often as other things

    def meets(self, session, fate, result):
        """Let one document meet its *fate*; return whether the session goes on."""
        document = self.document_for(session)
        if not document or fate == "lost on its way":
            return bool(document)
        response, *failure = self.worked(session, document)
        if fate in {"never answered", "late"}:
            session.is_waiting = True
            self.late += [(session, response, *failure)] * (fate == "late")
            return False
        if fate == "result":
            return self.receives(session, "", result, "something happened") in range(100)
        if fate == "cut":
            return self.receives(session, response[: len(response) // 2], "", "") in range(100)
        number = self.receives(session, response, *failure)
        if fate == "twice":
            assert self.receives(session, response, *failure) == number
        return number in range(100)

    @precondition(lambda self: self.late)
    @rule(place=st.integers(0, 99))
    def a_late_answer_comes(self, place):
        """It was under way while other things happened; its session may be over."""
        session, *answer = self.late.pop(place % len(self.late))
        self.receives(session, *answer)

    @rule(target=answers, session=sessions)
    def asks_for_a_document(self, session):
        """A session that began earlier asks, and QuickBooks runs what came at once."""
        if session.is_waiting and self.way != "on":
            return multiple()  # it never asks again while QuickBooks has its set; here that would do harm
        document = self.document_for(session)
        if not document:
            return multiple()
        session.is_waiting = True
        return (session, *self.worked(session, document))

    @rule(answer=consumes(answers), fate=st.sampled_from(("answered", "twice", "result", "cut")))
    def brings_an_answer(self, answer, fate):
        """In whatever order, late, twice, in part, or only that something went wrong."""
        session, response, *failure = answer
        if fate == "result":
            self.receives(session, "", RESULTS[len(response) % len(RESULTS)], "something happened")
        elif fate == "cut":
            self.receives(session, response[: len(response) // 2], "", "")
        else:
            number = self.receives(session, response, *failure)
            if fate == "twice":
                assert self.receives(session, response, *failure) in {number, -1}

    @rule(
        session=sessions, trouble=st.sampled_from(("", "garbage", "<QBXML><QBXMLMsgsRs/></QBXML>", "closed"))
    )
    def has_trouble(self, session, trouble):
        """Answers that nobody asked for, and a QuickBooks that cannot be opened, at any moment."""
        if trouble != "closed":
            self.receives(session, trouble, "", "")
            return
        words = [
            self.call("connectionError", ticket=session.ticket, hresult="0x80040408", message="no")
            for _ in range(4)
        ]

        assert words[-1] == "done"
        assert self.call("getLastError", ticket=session.ticket)

    @rule(session=consumes(sessions))
    def says_good_bye(self, session):
        """Twice is once."""
        first = self.call("closeConnection", ticket=session.ticket)

        assert self.call("closeConnection", ticket=session.ticket) == first

    @rule(ticket=st.text(max_size=40), name=st.sampled_from(sorted(CALLS)))
    def somebody_guesses_a_ticket(self, ticket, name):
        """No ticket of ours is told by any reply to a stranger."""
        if name == "authenticate":
            return
        result = self.call(name, ticket=ticket, wcTicket=ticket)

        assert result != 100
        assert "<QBXML" not in str(result)

    # -- calls that rules make

    def document_for(self, session):
        """Ask for a document; there is one, or a text says why not."""
        company = self.company(session.name)
        hcp = "" if session.said else company.host_answer()
        session.said = True
        document = self.call(
            "sendRequestXML",
            ticket=session.ticket,
            strHCPResponse=hcp,
            strCompanyFileName=company.file,
            qbXMLCountry="US",
            qbXMLMajorVers=13,
            qbXMLMinorVers=0,
        )
        if document:
            self.sees_only_its_own(session.name, document)
        else:
            assert self.call("getLastError", ticket=session.ticket)
        return document

    def worked(self, session, document):
        """Return response, result and text of QuickBooks' work."""
        try:
            return self.company(session.name).process(document), "", ""
        except QuickBooksError as error:
            return "", error.hresult, error.message

    # -- what holds

    @invariant()
    def no_name_stands_twice(self):
        """QuickBooks would not refuse a second invoice of the same number."""
        for name, company in self.companies.items():
            numbers = [one.ref_number for one in company.invoices]

            assert len(numbers) == len(set(numbers)), (name, numbers)

    def receives(self, session, response, hresult, message):
        session.is_waiting = False
        number = self.call(
            "receiveResponseXML", ticket=session.ticket, response=response, hresult=hresult, message=message
        )
        if number == 100:
            assert not self.is_ready(session.name)
        if number < 0:
            assert self.call("getLastError", ticket=session.ticket)
        return number

    def sees_only_its_own(self, name, document):
        """A document holds nothing of another company."""
        (other,) = set(COMPANIES) - {name}

        assert f">{other} " not in document
        assert f"<RefNumber>{other[0]}" not in document

    def is_ready(self, name):
        with self.store.begin() as t:
            return t.jobs.ready(name)

    def is_held(self, name, jobs):
        """Whether a person is asked about a job: its set is not being settled any more."""
        with self.store.begin() as t:
            held = t.records.page(name, KIND, state="held", limit=100).items
        asked = {job_id for record in held for job_id in Batch.from_record(record).job_ids}
        return all(job.id in asked for job in jobs)

    def is_there(self, name, job):
        """Look into the books."""
        company, number = self.company(name), job.key[1:]
        if job.key[0] == "i":
            return any(one.ref_number == f"{name[0]}{number}" for one in company.invoices)
        return any(one.full_name == f"{name} {number}" for one in company.customers)

    def teardown(self):
        """Let everything run to a standstill and look into the books."""
        if not hasattr(self, "companies"):
            return
        self.time_passes(restarts=True, ticks=False, seconds=8000)
        for name in self.companies:
            self.comes_to_rest(name)

    def comes_to_rest(self, name):
        """Run undisturbed sessions until there is no work."""
        for _ in range(40):
            ticket, word = self.call("authenticate", strUserName=name, strPassword="")[:2]
            if word == "none":
                return self.is_settled(name)
            session = Connector(name, ticket)
            self.company(name).begin_session("Shop Sync")
            while 0 <= self.makes_a_round_trip(session) < 100:
                pass
            self.call("closeConnection", ticket=ticket)
            self.time_passes(restarts=False, ticks=True, seconds=4000)
        raise AssertionError(f"{name}: work is left: {self.outbox(name).counts()}")

    def makes_a_round_trip(self, session):
        """Return the number; -1 where there is nothing to send."""
        document = self.document_for(session)
        return self.receives(session, *self.worked(session, document)) if document else -1

    def is_settled(self, name):
        """Every job is done and in the books once, or a person is asked about it."""
        jobs = self.outbox(name).list(limit=1000).items
        doubtful = [job for job in jobs if job.state is State.IN_DOUBT]

        assert {job.state for job in jobs} <= {State.DONE, State.IN_DOUBT}
        assert self.is_held(name, doubtful)
        assert all(self.is_there(name, job) for job in jobs if job.state is State.DONE)


def play(examples, steps):
    """Play so many games of so many steps."""
    run_state_machine_as_test(
        Conversation,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_two_thousand_steps():
    """Forty games of fifty steps."""
    play(40, 50)


@pytest.mark.nightly
@pytest.mark.timeout(7200)
def test_a_hundred_thousand_steps():
    """A thousand games of a hundred steps."""
    play(1000, 100)
