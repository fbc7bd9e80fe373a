"""How calls travel over HTTP, without a server: the connection is a stand-in."""

from __future__ import annotations

import http.client

import pytest

from qbsync.testing._transport import HTTPTransport


class Response:
    def __init__(self, *, will_close: bool) -> None:
        self.status, self.will_close = 200, will_close

    def read(self) -> bytes:
        return b"body"

    def getheader(self, _name: str, default: str) -> str:
        return default


class Sock:
    def __init__(self, answer: object) -> None:
        self.answer = answer

    def settimeout(self, _seconds: object) -> None:
        return

    def recv(self, _count: int) -> bytes:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class Connection:
    made: list[Connection]
    idle: object = BlockingIOError()
    fails: Exception | None = None
    will_close = False

    def __init__(self, host: str, port: int | None, timeout: float) -> None:
        self.where, self.timeout = (host, port), timeout
        self.sock: Sock | None = None
        self.sent: list[tuple[str, str, bytes, dict[str, str]]] = []
        self.made.append(self)

    def request(self, method: str, target: str, *, body: bytes, headers: dict[str, str]) -> None:
        self.sent.append((method, target, body, headers))
        self.sock = Sock(self.idle)

    def getresponse(self) -> Response:
        if self.fails is not None:
            raise self.fails
        return Response(will_close=self.will_close)

    def close(self) -> None:
        self.sock = None


@pytest.fixture
def connection(monkeypatch):
    class Fresh(Connection):
        made: list[Connection] = []  # noqa: RUF012 - one list a test

    monkeypatch.setattr(http.client, "HTTPConnection", Fresh)
    return Fresh


def test_a_call_is_posted_with_the_headers_of_the_client(connection):
    send = HTTPTransport("http://shop.example:8080/qbwc?a=1", timeout=5)

    assert send(b"<x/>", "text/xml; charset=utf-8", '"action"') == (200, "", b"body")
    (made,) = connection.made
    ((method, target, body, headers),) = made.sent
    assert (made.where, made.timeout) == (("shop.example", 8080), 5)
    assert (method, target, body) == ("POST", "/qbwc?a=1", b"<x/>")
    assert headers["SOAPAction"] == '"action"'
    assert headers["Content-Type"] == "text/xml; charset=utf-8"
    assert "MS Web Services Client Protocol" in headers["User-Agent"]
    assert "Accept-Encoding" not in headers


def test_a_connection_is_kept_while_the_server_keeps_it(connection):
    send = HTTPTransport("http://shop.example/")
    send(b"1", "", "")
    send(b"2", "", "")

    assert [len(made.sent) for made in connection.made] == [2]


@pytest.mark.parametrize("idle", [b"", b"x", ConnectionResetError()])
def test_a_connection_that_the_server_closed_is_opened_again(connection, idle):
    connection.idle = idle
    send = HTTPTransport("http://shop.example/")
    send(b"1", "", "")
    send(b"2", "", "")

    assert [len(made.sent) for made in connection.made] == [1, 1]


def test_a_server_that_closes_after_its_answer_gets_a_new_connection(connection):
    connection.will_close = True
    send = HTTPTransport("http://shop.example/")
    send(b"1", "", "")
    send(b"2", "", "")

    assert len(connection.made) == 2


@pytest.mark.parametrize(
    "error", [http.client.RemoteDisconnected("x"), http.client.BadStatusLine("x"), TimeoutError()]
)
def test_a_broken_call_is_an_os_error_and_never_repeated(connection, error):
    connection.fails = error
    send = HTTPTransport("http://shop.example/")

    with pytest.raises(OSError):  # noqa: PT011 - the kind is what the caller relies on
        send(b"1", "", "")
    assert [len(made.sent) for made in connection.made] == [1]
    send.close()
    send.close()
