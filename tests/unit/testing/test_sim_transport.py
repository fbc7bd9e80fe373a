"""How calls travel over HTTP, without a server: the connection is a stand-in."""

from __future__ import annotations

import http.client
import select
import ssl
import time

import pytest

from qbsync.testing._transport import HTTPTransport, InProcess


class Response:
    def __init__(self, *, will_close: bool, status: int = 200, cookies: tuple[str, ...] = ()) -> None:
        self.status, self.will_close = status, will_close
        self.headers = http.client.HTTPMessage()
        for cookie in cookies:
            self.headers.add_header("Set-Cookie", cookie)
        self.chunks = [b"bo", b"dy", b""]

    def read1(self, _size: int) -> bytes:
        return self.chunks.pop(0)

    def read(self) -> bytes:
        """Tell the connection that all was read, as the standard library does."""
        assert not self.chunks
        return b""

    def getheader(self, _name: str, default: str) -> str:
        return default


class Sock:
    def __init__(self, answer: object) -> None:
        self.answer = answer
        self.timeouts: list[float] = []

    def settimeout(self, seconds: float) -> None:
        self.timeouts.append(seconds)

    def recv(self, _count: int, _flags: int = 0) -> bytes:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class Connection:
    made: list[Connection]
    idle: object = BlockingIOError()
    fails: Exception | None = None
    will_close = False
    status = 200
    cookies: tuple[str, ...] = ()

    def __init__(self, host: str, port: int | None, timeout: float) -> None:
        self.where, self.timeout = (host, port), timeout
        self.sock: Sock | None = None
        self.asked: list[tuple[str, str]] = []
        self.headers: list[list[tuple[str, str]]] = []
        self.bodies: list[bytes] = []
        self.closed = 0
        self.made.append(self)

    def putrequest(self, method: str, target: str, *, skip_host: bool, skip_accept_encoding: bool) -> None:
        assert skip_host
        assert skip_accept_encoding
        self.asked.append((method, target))
        self.headers.append([])

    def putheader(self, name: str, value: str) -> None:
        self.headers[-1].append((name, value))

    def endheaders(self) -> None:
        self.sock = Sock(self.idle)

    def send(self, body: bytes) -> None:
        self.bodies.append(body)

    def getresponse(self) -> Response:
        if self.fails is not None:
            raise self.fails
        return Response(will_close=self.will_close, status=self.status, cookies=self.cookies)

    def close(self) -> None:
        self.closed += 1
        self.sock = None


@pytest.fixture
def connection(monkeypatch):
    class Fresh(Connection):
        made: list[Connection] = []  # noqa: RUF012 - one list a test

    monkeypatch.setattr(http.client, "HTTPConnection", Fresh)
    monkeypatch.setattr(time, "monotonic", lambda: 1000.0)
    return Fresh


def test_a_call_is_posted_with_the_headers_of_the_client_in_their_order(connection):
    send = HTTPTransport("http://shop.example:8080/qbwc?a=1", timeout=5, expects_continue=True)
    select_nothing(send)

    assert send(b"<x/>", "text/xml; charset=utf-8", '"action"') == (200, "", b"body")
    (made,) = connection.made
    assert (made.where, made.timeout) == (("shop.example", 8080), 5)
    assert made.asked == [("POST", "/qbwc?a=1")]
    assert made.bodies == [b"<x/>"]
    ((agent, *headers),) = made.headers
    assert agent[0] == "User-Agent"
    assert "MS Web Services Client Protocol" in agent[1]
    assert headers == [
        ("Content-Type", "text/xml; charset=utf-8"),
        ("SOAPAction", '"action"'),
        ("Host", "shop.example:8080"),
        ("Content-Length", "4"),
        ("Expect", "100-continue"),
        ("Connection", "Keep-Alive"),
    ]


def select_nothing(send: HTTPTransport) -> None:
    send._may_send = lambda _fresh: True


@pytest.mark.parametrize(
    ("readable", "seen", "sent"),
    [
        (True, b"HTTP/1.1 100 Continue\r\n\r\n", [b"<x/>"]),
        (True, b"HTTP/1.1 417 Expectation Failed\r\n", []),
        (True, b"HTTP/1.1 417\r\n", []),
        (False, b"", [b"<x/>"]),
    ],
)
def test_the_body_waits_shortly_for_the_server_to_want_it(connection, monkeypatch, readable, seen, sent):
    """A server that says 417 does not get it; one that says nothing gets it all the same."""
    ready = (lambda read, *_: (read, [], [])) if readable else (lambda *_: ([], [], []))
    monkeypatch.setattr(select, "select", ready)
    connection.idle = seen
    HTTPTransport("http://shop.example/", expects_continue=True)(b"<x/>", "", "")

    assert connection.made[0].bodies == sent


@pytest.mark.parametrize("idle", [BlockingIOError(), ssl.SSLWantReadError()])
def test_a_connection_is_kept_while_the_server_keeps_it(connection, idle):
    connection.idle = idle
    send = HTTPTransport("http://shop.example/")
    send(b"1", "", "")
    send(b"2", "", "")

    assert [made.bodies for made in connection.made] == [[b"1", b"2"]]


@pytest.mark.parametrize("idle", [b"", b"x", ConnectionResetError()])
def test_a_connection_that_the_server_closed_is_opened_again(connection, idle):
    connection.idle = idle
    send = HTTPTransport("http://shop.example/")
    send(b"1", "", "")
    send(b"2", "", "")

    assert [made.bodies for made in connection.made] == [[b"1"], [b"2"]]


def test_a_server_that_closes_after_its_answer_gets_a_new_connection(connection):
    connection.will_close = True
    send = HTTPTransport("http://shop.example/")
    send(b"1", "", "")
    send(b"2", "", "")

    assert len(connection.made) == 2


@pytest.mark.parametrize(
    "error", [http.client.RemoteDisconnected("x"), http.client.BadStatusLine("x"), TimeoutError()]
)
@pytest.mark.parametrize("way", ["call", "page"])
def test_a_broken_call_is_an_os_error_and_never_repeated(connection, error, way):
    connection.fails = error
    send = HTTPTransport("http://shop.example/")

    with pytest.raises(OSError):  # noqa: PT011 - the kind is what the caller relies on
        send(b"1", "", "") if way == "call" else send.get("")
    assert len(connection.made) == 1
    send.close()
    send.close()


def test_the_time_of_a_call_is_limited_as_a_whole(connection, monkeypatch):
    """A server that drips its reply gets less time with every piece, and none in the end."""
    ticks = iter([0.0, 1.0, 2.0, 3.0, 11.0])
    monkeypatch.setattr(time, "monotonic", lambda: next(ticks))

    with pytest.raises(TimeoutError, match="timed out"):
        HTTPTransport("http://shop.example/", timeout=10)(b"1", "", "")
    assert connection.made[0].closed == 1


def test_half_a_call_is_sent_and_the_connection_closed(connection):
    HTTPTransport("http://shop.example/").cut_short(b"12345678", "", "")
    (made,) = connection.made

    assert made.bodies == [b"1234"]
    assert ("Content-Length", "8") in made.headers[0]
    assert made.closed == 1


def test_cookies_are_kept_where_that_is_wanted(connection):
    connection.cookies = ("session=1; Path=/", "other=2")
    for keeps, expected in ((True, [("Cookie", "other=2; session=1")]), (False, [])):
        send = HTTPTransport("http://shop.example/", keeps_cookies=keeps)
        send(b"1", "", "")
        send(b"2", "", "")
        sent = [header for header in connection.made[-1].headers[1] if header[0] == "Cookie"]

        assert [(name, "; ".join(sorted(value.split("; ")))) for name, value in sent] == expected


def test_a_page_is_asked_for_without_anything(connection):
    connection.status = 405
    send = HTTPTransport("http://shop.example/qbwc?a=1")

    assert send.get("wsdl") == (405, "", b"body")
    assert connection.made[0].asked == [("GET", "/qbwc?a=1&wsdl")]
    assert [name for name, _ in connection.made[0].headers[0]] == ["User-Agent", "Host"]


def test_an_endpoint_in_process_is_called_and_asked_for_its_page():
    class Service:
        def handle(self, body, *, content_type, soap_action):
            return Answer(200, content_type + soap_action, body)

        def page(self, path, query, *, base_url):
            return Answer(200, path + base_url, query.encode())

    class Answer:
        def __init__(self, status, content_type, body):
            self.status, self.content_type, self.body = status, content_type, body

    way = InProcess(Service())

    assert way(b"b", "t", "a") == (200, "ta", b"b")
    assert way.get("wsdl") == (200, "http://localhost", b"wsdl")
    assert InProcess(lambda *parts: parts)(b"b", "t", "a") == (b"b", "t", "a")
    assert InProcess(print).get("") is None
    way.close()


def test_half_a_call_in_process_is_half_its_bytes():
    got = []
    InProcess(lambda *parts: got.append(parts)).cut_short(b"12345678", "t", "a")

    assert got == [(b"1234", "t", "a")]
