"""What the host checklist asks for and no other test shows; docs/reference/host-checklist.md names all."""

from __future__ import annotations

import http.client
import logging
import re
import socket
import sqlite3
from contextlib import contextmanager
from datetime import timedelta

import pytest
from lxml import etree
from talking import SHOP, Desk, Scripted, Talk, customer_add, raw, raw_job, scripted
from waitress.adjustments import Adjustments
from waitress.server import create_server

from qbsync import Outbox
from qbsync.adapters._http import MAX_BODY
from qbsync.cli._server import MOUNT, Server, in_thread
from qbsync.errors import TooManyGuessesError
from qbsync.jobs import NewJob
from qbsync.store.sqlite import SQLiteStore
from qbsync.testing import Company

VERSION = (
    b"<?xml version='1.0' encoding='utf-8'?>"
    b"<soap:Envelope xmlns:soap='http://schemas.xmlsoap.org/soap/envelope/'><soap:Body>"
    b"<serverVersion xmlns='http://developer.intuit.com/'/></soap:Body></soap:Envelope>"
)
LOGIN = (
    b"<soap:Envelope xmlns:soap='http://schemas.xmlsoap.org/soap/envelope/'><soap:Body>"
    b"<authenticate xmlns='http://developer.intuit.com/'><strUserName>Shop</strUserName>"
    b"<strPassword>open sesame</strPassword></authenticate></soap:Body></soap:Envelope>"
)
STRING = "{http://developer.intuit.com/}string"
#: QuickBooks is closed, shows a dialog, or the application may not log in by itself: a person must act.
PERSON = ["0x80040408", "0x80040414", "0x8004041D", "0x80040416"]


class Listening(Company):
    """A company file that remembers the documents that it was given."""

    def __init__(self, **switches):
        super().__init__(**switches)
        self.documents = []

    def process(self, document):
        self.documents.append(document)
        return super().process(document)


@contextmanager
def served(service):
    """Serve on a free port, as ``qbsync serve`` does; yield the port."""
    server = Server(service, host="127.0.0.1", port=0)
    thread = in_thread(server.run)
    try:
        yield int(server.url.rpartition(":")[2].partition("/")[0])
    finally:
        server.stop()
        thread.join(timeout=10)


# -- on the wire


def test_a_body_that_waits_for_100_continue_is_asked_for():
    """The client sends head, waits, then sends the body; the reply is whole, plain and of a known length."""
    head = (
        f"POST {MOUNT} HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml; charset=utf-8\r\n"
        f"Accept-Encoding: gzip\r\nContent-Length: {len(VERSION)}\r\nExpect: 100-continue\r\n\r\n"
    )
    with (
        served(Desk().service) as port,
        socket.create_connection(("127.0.0.1", port), timeout=10) as connection,
        connection.makefile("rb") as replies,
    ):
        connection.sendall(head.encode())
        invited = replies.readline()
        while replies.readline().strip():
            pass
        connection.sendall(VERSION)
        status = replies.readline()
        headers = http.client.parse_headers(replies)
        body = replies.read(int(headers["Content-Length"]))

    assert b" 100 " in invited
    assert status.startswith(b"HTTP/1.1 200 ")
    assert headers["Content-Type"] == "text/xml; charset=utf-8"
    assert {"Content-Encoding", "Transfer-Encoding", "Location", "Set-Cookie"}.isdisjoint(headers.keys())
    assert body.startswith(b'<?xml version="1.0" encoding="utf-8"?><soap:Envelope')
    assert body.endswith(b"</soap:Envelope>")


@pytest.mark.parametrize("path", ["", "/", "/support", "?wsdl"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_every_page_below_the_mount_is_there(method, path):
    """Status 200 for the address itself and for a support address below it, without a redirect."""
    with served(Desk().service) as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request(method, MOUNT + path)
        reply = connection.getresponse()
        body = reply.read()
        connection.close()

    assert reply.status == 200
    assert bool(body) is (method == "GET")


def test_an_idle_connection_is_kept_longer_than_the_web_connector_waits(monkeypatch):
    """Its calls time out after 100 seconds, and a connection is not closed before; answers may be large."""
    given = {}

    def watched(app, **settings):
        given.update(settings)
        return create_server(app, **settings)

    monkeypatch.setattr("waitress.server.create_server", watched)
    with served(Desk().service):
        pass
    settings = Adjustments(**{name: value for name, value in given.items() if name != "map"})

    assert settings.channel_timeout >= 100
    assert settings.max_request_body_size == MAX_BODY
    assert MAX_BODY >= 64 * 1024 * 1024


# -- authenticate


class Says:
    """Answers every login in one way."""

    def __init__(self, answer):
        self.answer = answer

    def authenticate(self, _user_name, _password):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (SHOP, ""),
        ("Idle", "none"),
        (None, "nvu"),
        (TooManyGuessesError("too many"), "busy"),
        (RuntimeError("the directory of users is down"), "busy"),
    ],
)
def test_every_login_is_answered_by_strings(answer, word, caplog):
    """Four with a least interval, the second one always there, words in lower case, numbers in digits."""
    desk = Desk(authenticator=Says(answer), minimum_interval=timedelta(minutes=90))
    desk.customers("A")
    with caplog.at_level(logging.CRITICAL, logger="qbsync"):
        reply = desk.service.handle(LOGIN)
    texts = [one.text or "" for one in etree.fromstring(reply.body).iter(STRING)]

    assert reply.status == 200
    assert texts[1] == word
    assert texts[2:] in ([], ["", "5400"])
    assert texts[2:] or word in {"nvu", "busy"}


def test_a_login_reads_no_more_where_more_jobs_wait(tmp_path, monkeypatch):
    """The database takes the same steps with ten jobs that wait as with three thousand."""
    opened = []
    connect = sqlite3.connect

    def watched(*args, **options):
        opened.append(connect(*args, **options))
        return opened[-1]

    monkeypatch.setattr(sqlite3, "connect", watched)

    def steps(jobs):
        company, count = Company(), 0

        def step():
            nonlocal count
            count += 1

        store = SQLiteStore(tmp_path / f"{jobs}.qbsync", clock=lambda: company.now)
        desk = Desk(company, store=store)
        later = company.now + timedelta(days=1)
        desk.outbox.put_jobs([raw_job(f"{n}", customer_add(f"{n}"), not_before=later) for n in range(jobs)])
        first = desk.word()
        opened[-1].set_progress_handler(step, 1)
        second = desk.word()
        opened[-1].set_progress_handler(None, 1)
        store.close()
        assert (first, second) == ("none", "none")
        return count

    few, many = steps(10), steps(3_000)

    assert 0 < many == few


def test_logins_one_after_the_other_are_told_the_truth():
    """No limit of logins is kept by saying that there is no work: each gets a ticket that opens the work."""
    desk = Desk(busy=timedelta(seconds=2))
    desk.customers("A")
    logins = [desk.service.authenticate(SHOP, "") for _ in range(10)]

    assert len({ticket for ticket, _ in logins}) == 10
    assert {word for _, word in logins} == {""}
    assert "CustomerAddRq" in Talk(desk, logins[-1][0]).send()


# -- QuickBooks that cannot be used


@pytest.mark.parametrize("hresult", PERSON)
def test_what_a_person_must_put_right_keeps_the_work(hresult):
    """QuickBooks cannot be opened: the operator is told what to do, twice; all jobs wait and go later."""
    desk = Desk()
    desk.customers("A", "B")
    talk = desk.log_in()

    assert desk.service.connection_error(talk.ticket, hresult, "a text of QuickBooks") == "done"

    said = talk.error()

    assert hresult in said
    assert "a text of QuickBooks" in said
    assert talk.close() == said
    assert desk.states() == {"waiting": 2}

    desk.run()

    assert desk.is_done()


@pytest.mark.parametrize("hresult", ["", "0x80040408", *PERSON[2:], "0x80040417"])
def test_connection_errors_come_to_an_end(hresult):
    """However often it is told: at most one company file is tried, then the word is done."""
    desk = Desk()
    desk.customers("A")
    desk.run()
    desk.customers("B")
    talk = desk.log_in()
    words = [desk.service.connection_error(talk.ticket, hresult, "") for _ in range(20)]

    assert words[0] in {"done", desk.company.file}
    assert words[1:] == ["done"] * 19
    assert desk.states() == {"done": 1, "waiting": 1}


# -- companies and sessions


def test_two_companies_of_one_path_get_their_own_work():
    """The account says whose work it is; files on two machines may lie at the same place."""
    first = Desk(Company(name="First"))
    second = Desk(Company(name="Second", file_id="{0C2E7B95-46D1-4F3A-B8A0-15D7E96C2F38}"), store=first.store)
    second.outbox = Outbox(first.store, company="Second")
    first.customers("Ann")
    second.outbox.put_jobs(
        [NewJob(company="Second", kind="requests", key="Bob", payload=raw(customer_add("Bob")))]
    )
    ticket, word = second.service.authenticate("Second", "")
    first.run()
    Talk(second, ticket).run()

    assert word == ""
    assert first.company.file == second.company.file
    assert [one.full_name for one in first.company.customers] == ["Ann"]
    assert [one.full_name for one in second.company.customers] == ["Bob"]


@pytest.mark.parametrize("minutes", [31, 59])
def test_a_session_may_be_silent_for_half_an_hour(minutes):
    """And more: QuickBooks works on one document so long, and the session is not swept away meanwhile."""
    desk = Desk()
    (job_id,) = desk.customers("A")
    talk = desk.log_in()
    document = talk.send()
    desk.wait(minutes * 60)
    desk.service.tick(desk.company.now)

    assert talk.receive(*talk.process(document)) == 100
    assert desk.settled(job_id) == ["done"]


def test_a_company_that_does_not_call_any_more_is_told_once():
    """Work waits and nobody logs in: hooks hear of the last contact, and hear no more until the next one."""
    heard = []
    desk = Desk(hooks=[heard.append], stalled=timedelta(hours=2))
    desk.word()
    began = desk.company.now
    desk.customers("A")
    desk.wait(3600)
    desk.service.tick(desk.company.now)

    assert heard == []

    for _ in range(2):
        desk.wait(2 * 3600)
        desk.service.tick(desk.company.now)
    (event,) = heard

    assert event.name == "company_stalled"
    assert (event.company, event.last_contact) == (SHOP, began)


# -- what was asked too late


def test_a_stale_change_fails_at_once_and_brings_the_present_object():
    """Sent again unchanged it would be refused again; with the mark that came it goes through."""
    desk = Desk()
    desk.customers("A")
    desk.run()
    (there,) = desk.company.customers
    change = (
        f"<CustomerModRq><CustomerMod><ListID>{there.list_id}</ListID>"
        "<EditSequence>{}</EditSequence><Phone>1</Phone></CustomerMod></CustomerModRq>"
    )
    (stale,) = desk.outbox.put_jobs([raw_job("stale", change.format("1"))])
    desk.log_in().run()
    job = desk.job(stale.job_id)
    came = re.search(r"<EditSequence>(\d+)</EditSequence>", job.outcome.requests[0].response)

    assert desk.settled(job.id) == ["failed"]
    assert "3200" in job.reason

    (put,) = desk.outbox.put_jobs([raw_job("fresh", change.format(came[1]))])
    desk.run()

    assert desk.settled(put.job_id) == ["done"]


def test_an_iterator_of_an_earlier_session_fails_at_once():
    """Its pages are gone with the session; the job says to start anew, and others go through."""
    desk = Desk()
    desk.customers("A", "B")
    desk.run()
    page = "<MaxReturned>1</MaxReturned>"
    desk.outbox.put_jobs([raw_job("start", f'<CustomerQueryRq iterator="Start">{page}</CustomerQueryRq>')])
    talk = desk.log_in()
    identifier = re.search(r'iteratorID="([^"]+)"', desk.company.process(talk.send()))[1]
    talk.close()
    attributes = f'iterator="Continue" iteratorID="{identifier}"'
    late, other = desk.outbox.put_jobs(
        [
            raw_job("late", f"<CustomerQueryRq {attributes}>{page}</CustomerQueryRq>"),
            raw_job("other", customer_add("C")),
        ]
    )
    desk.run()

    assert desk.settled(late.job_id, other.job_id) == ["failed", "done"]
    assert "3391" in desk.job(late.job_id).reason
    assert "start the query from its beginning" in desk.job(late.job_id).reason


def test_the_service_begins_no_iterators_of_its_own():
    """Look-ups ask by keys, in lists of a bounded length: no page is left that could be lost."""
    desk = Desk(Listening(), handlers=[Scripted()])
    desk.outbox.put_jobs(scripted(*(f"Customer {n}" for n in range(120))))
    desk.run()

    assert desk.is_done()
    assert any("CustomerQueryRq" in document for document in desk.company.documents)
    assert not any("iterator" in document for document in desk.company.documents)


# -- the log


def test_the_log_tells_each_call_and_no_secret(caplog):
    """Session, call, seconds, size and result; neither password nor ticket, in no field of any line."""
    desk = Desk()
    desk.customers("A")
    with caplog.at_level(logging.DEBUG, logger="qbsync"):
        ticket, _ = desk.service.authenticate(SHOP, "open sesame")
        talk = Talk(desk, ticket)
        document = talk.send()
        answer, _, _ = talk.process(document)
        talk.receive(answer)
        desk.customers("B")
        talk.send()
        talk.receive("", "0x80040414", "A dialog is open.")
        talk.error()
        talk.close()
    lines = [vars(record) for record in caplog.records]
    calls = [one for one in lines if "event_call" in one]
    sent = [one["event_size_bytes"] for one in lines if "event_size_bytes" in one]
    got = [(one["event_size_chars"], one["event_error"]) for one in lines if "event_size_chars" in one]

    assert [one["event_call"] for one in calls] == [
        "sendRequestXML", "receiveResponseXML", "sendRequestXML", "receiveResponseXML", "getLastError",
        "closeConnection",
    ]  # fmt: skip
    assert len({one["event_session"] for one in calls}) == 1
    assert all(one["event_seconds"] >= 0 for one in calls)
    assert [one["event_file_mode"] for one in lines if "event_file_mode" in one] == ["SingleUser"]
    assert sent[0] == len(document)
    assert got == [(len(answer), ""), (0, "0x80040414 A dialog is open.")]
    assert not any(secret in str(one) for one in lines for secret in (ticket, "open sesame"))
