"""Recorded calls of real Web Connectors, played to the service; and the form of everything that it replies.

What is compared: envelope, namespaces and names of elements with the replies that were accepted in production
(r01 to r06), and that nothing like the replies that were rejected (r09, r10) goes out.
"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from lxml import etree
from talking import SHOP, Desk, customer_add, raw_job

from qbsync.qbwc.calls import CALLS, Kind, parameters

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
INTUIT = "http://developer.intuit.com/"
UNKNOWN = "00000000-0000-0000-0000-000000000000"
ANSWERS = [f"a0{n}" for n in range(1, 7)]
SESSION = [f"b0{n}" for n in range(1, 8)]
NAMES = sorted(CALLS)


@pytest.fixture
def recorded(shared):
    """Return the bytes of a recorded file by the beginning of its name."""

    def read(start):
        (path,) = (shared / "data" / "qbwc").glob(f"{start}-*.xml")
        return path.read_bytes()

    return read


@pytest.fixture
def desk():
    """A service with one job that waits."""
    desk = Desk()
    desk.outbox.put_jobs([raw_job("a", customer_add("A"))])
    return desk


def with_ticket(body, ticket):
    """Return a call with another ticket."""
    changed, count = re.subn(rb"<(ticket|wcTicket)>[^<]*<", rb"<\1>" + ticket.encode() + b"<", body)
    assert count == 1
    return changed


def result_of(reply):
    """Return name and value of a reply, its form being checked: text, number, or list of texts."""
    assert reply.status == 200
    assert reply.content_type == "text/xml; charset=utf-8"
    assert reply.body.startswith(b"<?xml")
    root = etree.fromstring(reply.body)

    assert root.tag == f"{{{SOAP}}}Envelope"
    assert [child.tag for child in root] == [f"{{{SOAP}}}Body"]

    (response,) = root[0]
    name = etree.QName(response).localname.removesuffix("Response")

    assert response.tag == f"{{{INTUIT}}}{name}Response"
    assert [child.tag for child in response] == [f"{{{INTUIT}}}{name}Result"]

    (result,) = response
    kind = CALLS[name].kind
    if kind is Kind.TEXTS:
        assert {child.tag for child in result} == {f"{{{INTUIT}}}string"}
        assert 2 <= len(result) <= 4
        assert not (result.text or "").strip()
        return name, [child.text or "" for child in result]

    assert len(result) == 0
    text = result.text or ""
    if kind is Kind.NUMBER:
        assert re.fullmatch(r"-?[0-9]+", text)
        return name, int(text)
    return name, text


def call(name, **values):
    """Return the bytes of a call in the form of the .NET client."""
    inside = "".join(
        f"<{one.wire}>{values.get(one.wire, '0' if one.type is int else '')}</{one.wire}>"
        for one in parameters(CALLS[name])
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">'
        f'<soap:Body><{name} xmlns="http://developer.intuit.com/">{inside}</{name}></soap:Body></soap:Envelope>'
    ).encode()


# -- recorded calls with a ticket that is not ours


@pytest.mark.parametrize("name", ANSWERS)
def test_answers_with_an_unknown_ticket_get_a_negative_number(recorded, desk, name):
    """Never 100: that would hide lost data. getLastError then says why, and nothing changed."""
    word, number = result_of(desk.service.handle(recorded(name)))

    assert (word, number) == ("receiveResponseXML", -1)
    assert result_of(desk.service.handle(call("getLastError", ticket=UNKNOWN)))[1]
    assert desk.states() == {"waiting": 1}


@pytest.mark.parametrize(
    ("name", "method", "result"),
    [
        ("b02", "clientVersion", ""),
        ("b04", "sendRequestXML", ""),
        ("b05", "receiveResponseXML", -1),
        ("b06", "closeConnection", "OK"),
        ("b07", "sendRequestXML", ""),
    ],
)
def test_a_recorded_session_with_an_unknown_ticket_ends_politely(recorded, desk, name, method, result):
    """Each call gets the reply of the guide, and nothing is handed out."""
    assert result_of(desk.service.handle(recorded(name))) == (method, result)
    assert desk.states() == {"waiting": 1}


def test_the_server_tells_its_version(recorded, desk):
    """Any text will do; it is shown to the user."""
    name, text = result_of(desk.service.handle(recorded("b01")))

    assert name == "serverVersion"
    assert re.match(r"\d+\.\d+", text)


def test_a_recorded_login_gets_a_ticket_and_a_word(recorded):
    """With an account of that name there is no work; a wrong password is nvu, told in the same form."""

    class Nobody:
        def authenticate(self, _user, _password):
            return None

    stranger = Desk(authenticator=Nobody())
    name, texts = result_of(stranger.service.handle(recorded("b03")))

    assert (name, texts[1]) == ("authenticate", "nvu")
    assert texts[0]

    assert result_of(Desk().service.handle(recorded("b03")))[1][1] == "none"


@pytest.mark.parametrize("name", ["e01", "e02"])
def test_the_rpc_form_is_understood(recorded, desk, name):
    """Simulators and Style RPC speak it; the reply is document/literal."""
    method, _ = result_of(desk.service.handle(recorded(name)))

    assert method in {"serverVersion", "clientVersion"}


# -- recorded calls with our ticket put in


@pytest.mark.parametrize("name", ANSWERS)
def test_answers_that_were_not_asked_for_end_the_session(recorded, desk, name):
    """Our ticket, before anything was handed out: negative, with a text; nothing is taken for done."""
    talk = desk.log_in()
    _, number = result_of(desk.service.handle(with_ticket(recorded(name), talk.ticket)))

    assert number == -1
    assert "not asked for" in talk.error()
    assert desk.states() == {"waiting": 1}


@pytest.mark.parametrize("name", ["a01", "a02", "a03", "a04", "a05", "b05"])
def test_answers_to_other_requests_leave_the_set_in_doubt(recorded, desk, name):
    """Whole documents of somebody else's session match nothing of ours: nothing is settled by them."""
    talk = desk.log_in()
    talk.send()
    _, number = result_of(desk.service.handle(with_ticket(recorded(name), talk.ticket)))

    assert 0 <= number < 100
    assert desk.states() == {"in_doubt": 1}

    desk.run()

    assert desk.is_done()
    assert len(desk.company.customers) == 1


def test_a_recorded_refusal_lets_the_service_look_for_the_cause(recorded, desk):
    """0x80040400 with an empty response: nothing was run, and a harmless request goes next."""
    talk = desk.log_in()
    talk.send()
    _, number = result_of(desk.service.handle(with_ticket(recorded("a06"), talk.ticket)))

    assert 0 <= number < 100
    assert "HostQueryRq" in talk.send()


def test_a_recorded_first_call_opens_the_session(recorded, desk):
    """Our document declares no higher version than the call offers, whatever a later call says."""
    talk = desk.log_in()
    name, document = result_of(desk.service.handle(with_ticket(recorded("b07"), talk.ticket)))
    declared = re.search(r'<\?qbxml version="([0-9.]+)"\?>', document)[1]
    offered = re.search(rb"<qbXMLMajorVers>(\d+)<", recorded("b07"))[1]

    assert name == "sendRequestXML"
    assert float(declared) <= float(offered)
    assert "CustomerAddRq" in document

    again = result_of(desk.service.handle(with_ticket(recorded("b04"), talk.ticket)))[1]

    assert again == document


def test_a_recorded_close_ends_our_session(recorded, desk):
    """Twice is once; the set that was out is in doubt."""
    talk = desk.log_in()
    talk.send()
    closing = with_ticket(recorded("b06"), talk.ticket)

    assert result_of(desk.service.handle(closing)) == result_of(desk.service.handle(closing))
    assert desk.states() == {"in_doubt": 1}


# -- the form of all replies


def play(desk, ticket):
    """Make each of the thirteen calls once with *ticket*; return the replies by name."""
    return {
        name: desk.service.handle(
            call(name, ticket=ticket, wcTicket=ticket, strUserName=SHOP, qbXMLMajorVers="13")
        )
        for name in NAMES
    }


@pytest.mark.parametrize("state", ["unknown", "empty", "open", "ready", "awaiting", "closed", "failed"])
def test_every_reply_has_the_accepted_form(desk, state):
    """All thirteen calls, in every state: envelope, namespaces and names, and the Result always there."""
    ticket = {"unknown": UNKNOWN, "empty": ""}.get(state)
    if ticket is None:
        talk = desk.log_in()
        ticket = talk.ticket
        if state in {"ready", "awaiting", "failed"}:
            document = talk.send()
        if state == "ready":
            talk.receive(*talk.process(document))
        if state == "closed":
            talk.close()
        if state == "failed":
            talk.receive("", "0x80040414", "")
    replies = play(desk, ticket)

    assert len(replies) == 13
    assert all(result_of(reply)[0] == name for name, reply in replies.items())


@pytest.mark.parametrize("name", NAMES)
def test_names_are_those_of_the_accepted_replies(recorded, desk, name):
    """Where an accepted reply was recorded, ours has its elements, in its namespaces."""
    starts = {
        "serverVersion": "r01",
        "clientVersion": "r02",
        "authenticate": "r03",
        "sendRequestXML": "r04",
        "receiveResponseXML": "r05",
        "closeConnection": "r06",
    }
    ours = etree.fromstring(play(desk, UNKNOWN)[name].body)
    tags = [element.tag for element in ours.iter()]
    if name not in starts:
        assert tags[2:4] == [f"{{{INTUIT}}}{name}Response", f"{{{INTUIT}}}{name}Result"]
        return
    accepted = [element.tag for element in etree.fromstring(recorded(starts[name])).iter()]

    assert set(accepted) <= set(tags)
    assert tags[: len(set(accepted))][:3] == accepted[:3]


def test_rejected_replies_would_be_told_apart(recorded):
    """The checks above refuse what real Web Connectors refuse: r09 and r10."""

    class Rejected:
        status, content_type = 200, "text/xml; charset=utf-8"

        def __init__(self, body):
            self.body = body if body.startswith(b"<?xml") else b"<?xml version='1.0'?>" + body

    for start in ("r09", "r10"):
        with pytest.raises(AssertionError):
            result_of(Rejected(recorded(start).replace(b"\n", b"")))


def test_busy_has_the_same_form(desk):
    """A second login while the first session is lively: two texts, the second one a word in lower case."""
    desk = Desk(desk.company, store=desk.store, busy=timedelta(seconds=5))
    talk = desk.log_in()
    talk.receive(*talk.process(talk.send()))
    _, texts = result_of(desk.service.handle(call("authenticate", strUserName=SHOP)))

    assert texts[1] == "busy"
