"""Hostile input against a running ``qbsync serve``: each row of the table in the documentation."""

from __future__ import annotations

import http.client
import re
import secrets
import socket
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

import pytest
from programs import PASSWORD, qbsync, serving

from qbsync import Outbox
from qbsync.models import CustomerAdd, CustomerAddRq
from qbsync.store.sqlite import SQLiteStore
from qbsync.testing import Company, WebConnector
from qbsync.testing._wire import envelope

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "hostile-input.md"
MEBIBYTE = 1024 * 1024


def version(inside, *, declaration='<?xml version="1.0" encoding="utf-8"?>', encoding="utf-8"):
    """Return a ``clientVersion`` call."""
    text = (
        f'{declaration}<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
        f'<clientVersion xmlns="http://developer.intuit.com/"><strVersion>{inside}</strVersion>'
        "</clientVersion></e:Body></e:Envelope>"
    )
    return text.encode(encoding)


LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
BOMB = f'<!DOCTYPE x [<!ENTITY a0 "ha">{LAUGHS}]>'

#: Bodies by the words of the table.
BODIES = {
    "no XML": lambda: b"ticket=1&user=2",
    "another document": lambda: b"<html><body/></html>",
    "an unknown call": lambda: version("1").replace(b"clientVersion", b"deleteEverything"),
    "an external entity": lambda: version(
        "&f;", declaration='<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]>'
    ),
    "an entity bomb": lambda: version("&a9;", declaration=BOMB),
    "an entity bomb in UTF-16": lambda: version("&a9;", declaration=BOMB, encoding="utf-16"),
    "a declared encoding that hides markup": lambda: version(
        "&a9;", declaration=f'<?xml version="1.0" encoding="utf-7"?>{BOMB}'
    ),
    "bytes that are not in the declared encoding": lambda: version("ä", encoding="cp1252"),
    "100,000 nested elements": lambda: version("<a>" * 100_000 + "</a>" * 100_000),
    "8,000,000 empty elements": lambda: version("<a/>" * 8_000_000),
    "one element with 4,000,000 attributes": lambda: version("<a " + 'b="" ' * 4_000_000 + "/>"),
    "references to control characters": lambda: version("2.3&#x1;"),
}


def table():
    """Return the rows of the first table: what comes → status."""
    rows = re.findall(r"^\| (.+?) \| (\d{3}|none) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return dict(rows)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A running service with an account and some work."""
    path = tmp_path_factory.mktemp("hostile") / "store"
    added = qbsync(
        "user", "add", "shop", "--company", "Shop", "--password-stdin", "--store", path, typed=PASSWORD
    )
    assert added.returncode == 0, added.stderr
    with serving(path) as running:
        running.store = path
        yield running


def post(server, body, headers=None):
    """Return status and body of one POST."""
    parts = urlsplit(server.url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
    try:
        connection.request("POST", parts.path, body, {"Content-Type": "text/xml", **(headers or {})})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def peak(server):
    """Return the most memory that the server had, in MiB."""
    status = Path(f"/proc/{server.process.pid}/status").read_text(encoding="ascii")
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) // 1024


def session_goes_through(server, key):
    """Put some work, let a Web Connector do it, and return how its session ended."""
    store = SQLiteStore(server.store)
    Outbox(store, company="Shop").put(CustomerAddRq(customer_add=CustomerAdd(name=key[:41])), key=key)
    store.close()
    connector = WebConnector(server.url, company=Company(), user_name="shop", password=PASSWORD, timeout=30)
    try:
        return str(connector.run_session().end)
    finally:
        connector.close()


@pytest.mark.skipif(sys.platform != "linux", reason="the memory of the server is read from /proc")
@pytest.mark.parametrize("what", BODIES)
def test_each_body_is_answered_as_the_table_says(server, what):
    """With a SOAP answer, within seconds and 300 MiB, and a session of somebody else goes through."""
    began = time.monotonic()
    status, content = post(server, BODIES[what]())

    assert str(status) == table()[what]
    assert content.startswith(b"<?xml")
    assert (b"<soap:Fault>" in content) == (status == 500)
    assert time.monotonic() - began < 15
    assert peak(server) < 300
    assert socket.gethostname().encode() not in content
    assert session_goes_through(server, what) == "completed"


def test_the_table_has_no_row_that_is_not_tested():
    """Nor the other way round."""
    others = {
        "a declared body of 1 GiB",
        "a chunked body over the limit",
        "a body that does not come",
        "a guessed ticket",
        "a guessed password",
        "another method",
        "somebody else's `.qwc` file",
    }

    assert set(table()) == set(BODIES) | others


def begin(server, head):
    """Open a connection, send *head*, return the socket."""
    parts = urlsplit(server.url)
    connection = socket.create_connection((parts.hostname, parts.port), timeout=30)
    connection.sendall(f"POST {parts.path} HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n".encode())
    return connection


def test_a_declared_gibibyte_is_refused_at_once(server):
    """Before a byte of it came."""
    with begin(server, f"Content-Length: {2**30}") as connection:
        answer = connection.recv(100)

    assert answer.split()[1].decode() == table()["a declared body of 1 GiB"] == "413"


def test_a_chunked_body_is_refused_once_it_is_over_the_limit(server):
    """However long it would go on; what came is on disk, not in memory."""
    chunk = b"%x\r\n%b\r\n" % (MEBIBYTE, b"x" * MEBIBYTE)
    sent = 0
    with begin(server, "Transfer-Encoding: chunked") as connection:
        try:
            while sent < 200:
                connection.sendall(chunk)
                sent += 1
        except OSError:
            assert sent > 60
        else:
            assert connection.recv(100).split()[1] == b"413"

    assert table()["a chunked body over the limit"] == "413"


def test_slow_bodies_take_no_thread_from_others(server):
    """Forty of them, and a session goes through."""
    slow = [begin(server, "Content-Length: 1000") for _ in range(40)]
    try:
        began = time.monotonic()
        ended = session_goes_through(server, "beside slow bodies")
    finally:
        for connection in slow:
            connection.close()

    assert ended == "completed"
    assert time.monotonic() - began < 20


@pytest.mark.timeout(200)
def test_ten_thousand_guessed_tickets_open_nothing(server):
    """Each gets the reply of a session that is over; the next session goes through."""
    parts = urlsplit(server.url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
    answers = set()
    names = ("sendRequestXML", "receiveResponseXML", "getLastError", "connectionError", "closeConnection")
    for number in range(10_000):
        name = names[number % len(names)]
        values = {"ticket": secrets.token_urlsafe(32), "response": "", "hresult": "", "message": ""}
        rest = {"strHCPResponse": "", "strCompanyFileName": "", "qbXMLCountry": ""}
        numbers = {"qbXMLMajorVers": "13", "qbXMLMinorVers": "0"}
        connection.request("POST", parts.path, envelope(name, {**values, **rest, **numbers}))
        response = connection.getresponse()
        found = re.search(rf"<{name}Result(?: /|>(.*?)</{name}Result)>", response.read().decode())
        answers.add((response.status, name, found[1]))
    connection.close()

    assert {(name, result) for _, name, result in answers} == {
        ("sendRequestXML", None),
        ("receiveResponseXML", "-1"),
        ("getLastError", "this session is not known here; it is over"),
        ("connectionError", "done"),
        ("closeConnection", "OK"),
    }
    assert {status for status, _, _ in answers} == {200}
    assert session_goes_through(server, "after guessed tickets") == "completed"


@pytest.mark.timeout(200)
def test_guessed_passwords_are_wrong_and_the_right_one_is_right(server):
    """Thirty guesses, then the Web Connector logs in."""
    words = set()
    for number in range(30):
        body = envelope("authenticate", {"strUserName": "shop", "strPassword": escape(f"guess {number}")})
        status, content = post(server, body)
        words.add((status, re.findall(r"<string>(\w+)</string>", content.decode())[-1]))

    assert words == {(200, "nvu")}
    assert session_goes_through(server, "after guessed passwords") == "completed"
