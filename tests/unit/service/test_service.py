"""The service as hosts use it: one method a call, HTTP without a framework, and trouble that does no harm."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta

import pytest
from talking import SHOP, Desk, Talk

from qbsync.errors import RevisionError, TooManyGuessesError
from qbsync.qbwc.soap import CONTENT_TYPE


def test_a_whole_session_by_methods(desk):
    """A host with a SOAP server of its own plays every call."""
    desk.customers("A")
    service = desk.service

    assert service.server_version()[0].isdigit()
    assert service.client_version("2.3.0.207") == ""

    ticket, word = service.authenticate(SHOP, "")
    document = service.send_request_xml(ticket, desk.company.host_answer(), desk.company.file, "US", 13, 0)

    assert word == ""
    assert service.receive_response_xml(ticket, desk.company.process(document)) == 100
    assert service.close_connection(ticket) == "OK"
    assert service.get_last_error(ticket) == "the session is over; nothing went wrong in it"
    assert desk.is_done()


@pytest.mark.parametrize("ticket", ["", "nonsense", "\x00", "x" * 10_000])
def test_an_unknown_ticket_ends_politely(desk, ticket):
    """By methods as over HTTP."""
    service = desk.service

    assert service.send_request_xml(ticket) == ""
    assert service.receive_response_xml(ticket, "<QBXML/>") == -1
    assert service.connection_error(ticket) == "done"
    assert service.close_connection(ticket) == "OK"
    assert service.get_last_error(ticket) == "this session is not known here; it is over"


def test_a_login_that_fits_nobody_is_nvu():
    """With a ticket of its own that opens nothing."""

    class Nobody:
        def authenticate(self, _user, _password):
            return None

    desk = Desk(authenticator=Nobody())
    ticket, word = desk.service.authenticate("x", "y")

    assert word == "nvu"
    assert desk.service.send_request_xml(ticket) == ""


@pytest.mark.parametrize(
    "trouble", [TooManyGuessesError(timedelta(seconds=9)), RuntimeError("directory is down")]
)
def test_a_login_that_cannot_be_looked_at_is_busy(trouble):
    """Never a fault: the Web Connector would call it a wrong password."""

    class Broken:
        def authenticate(self, _user, _password):
            raise trouble

    assert Desk(authenticator=Broken()).service.authenticate("x", "y")[1] == "busy"


def test_the_least_interval_is_told_at_login(desk):
    """As the fourth text, in whole seconds."""
    desk = Desk(minimum_interval=timedelta(minutes=5))

    assert desk.service.authenticate(SHOP, "")[1:] == ["none", "", "300"]


class Shaky:
    """A store whose next transactions fail at their end."""

    def __init__(self, store, failures):
        self.store, self.failures = store, failures

    def __getattr__(self, name):
        return getattr(self.store, name)

    @contextmanager
    def begin(self):
        with self.store.begin() as t:
            yield t
            if self.failures:
                raise self.failures.pop()


def test_a_store_that_changed_under_a_call_is_tried_again(desk):
    """Another process wrote the same record: three tries."""
    desk.customers("A")
    talk = desk.log_in()
    shaky = Desk(desk.company, store=Shaky(desk.store, [RevisionError("session", 1, 2)] * 2))

    assert Talk(shaky, talk.ticket).send() != ""


@pytest.mark.parametrize("failures", [[RevisionError("session", 1, 2)] * 3, [RuntimeError("disk full")]])
def test_a_call_that_cannot_be_served_does_no_harm(desk, failures):
    """The reply is polite, nothing is stored, and the session goes on when the trouble is over."""
    desk.customers("A")
    talk = desk.log_in()
    shaky = Desk(desk.company, store=Shaky(desk.store, list(failures)))

    assert Talk(shaky, talk.ticket).send() == ""
    assert desk.states() == {"waiting": 1}
    assert talk.error() == "NoOp"
    assert talk.trip()[1] == 100


def test_an_answer_that_cannot_be_stored_is_not_lost(desk):
    """The reply is negative; the set is in doubt when the session ends, and its outcome is asked for."""
    desk.customers("A")
    talk = desk.log_in()
    answer = talk.process(talk.send())
    shaky = Desk(
        desk.company, store=Shaky(desk.store, [RuntimeError("disk full"), RuntimeError("disk full")])
    )

    assert shaky.service.receive_response_xml(talk.ticket, *answer) == -1
    assert talk.error()

    talk.close()
    desk.run()

    assert desk.is_done()
    assert len(desk.company.customers) == 1


@pytest.mark.parametrize("body", [b"", b"garbage", b"<a/>", b'<!DOCTYPE a><a xmlns="x"/>'])
def test_what_is_no_call_gets_a_fault(desk, body):
    """Status 500 and a SOAP fault that blames the caller."""
    reply = desk.service.handle(body)

    assert (reply.status, reply.content_type) == (500, CONTENT_TYPE)
    assert b"soap:Client" in reply.body


def test_a_body_that_is_too_large_gets_a_fault(desk):
    """It was not read; the limit is told."""
    reply = desk.service.too_large(1000)

    assert reply.status == 413
    assert b"1000 bytes" in reply.body


def test_pages_for_people_and_tools(desk):
    """A page, a description, and no file for strangers."""
    url = "https://shop.example/qbwc"
    page = desk.service.page("", base_url=url)
    described = desk.service.page("", "wsdl", base_url=url)

    assert page.status == described.status == 200
    assert url.encode() in page.body
    assert b"<wsdl:definitions" in described.body
    for query in ("WSDL", "wsdl=1", "singleWsdl", "a=b&wsdl"):
        assert desk.service.page("", query, base_url=url).body == described.body
    assert desk.service.page("", "a=wsdl", base_url=url).body == page.body
    assert desk.service.page("/shop.qwc", base_url=url).status == 403
    assert desk.service.page("/nobody.qwc", base_url=url, authorised=True).status == 404
    assert b"takes only https" in desk.service.page("", base_url="http://shop.example/qbwc").body


def test_a_service_tells_what_it_serves(desk):
    """Nothing secret."""
    assert "requests" in repr(desk.service)
