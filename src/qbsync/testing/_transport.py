"""How the calls of the simulated Web Connector reach an endpoint.

Here: HTTP by the standard library, with the headers of the .NET client; and endpoints in this process.
Not here: what is sent (``_wire``) and how replies are judged (``_judging``).
Facts: Web Connector dossier 1.3 and 3.1 (100 seconds a call, no redirects, several connections are normal).
"""

from __future__ import annotations

import http.client
import select
import socket
import ssl
import time
import urllib.parse
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from ..errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from http.cookies import SimpleCookie

__all__ = ["Endpoint", "HTTPTransport", "InProcess", "Reply", "Transport", "transport"]

#: What ``WebConnector`` takes: an URL, a callable, or an object with ``handle``.
Endpoint = object

#: Status, content type and body.
Reply = tuple[int, str, bytes]

_USER_AGENT: Final = "Mozilla/4.0 (compatible; MSIE 6.0; MS Web Services Client Protocol 4.0.30319.42000)"
#: Seconds that .NET waits for ``100 Continue`` before it sends the body all the same.
_CONTINUE_WAIT: Final = 0.35
_CHUNK: Final = 65536
_NOT_READY: Final = 417


class Transport(Protocol):
    """A way to an endpoint."""

    def __call__(self, body: bytes, content_type: str, soap_action: str) -> Reply:
        """Carry one call there and its reply back; ``OSError`` when there is none."""

    def cut_short(self, body: bytes, content_type: str, soap_action: str) -> None:
        """Let half of a call arrive, then break the connection."""

    def get(self, query: str) -> Reply | None:
        """Return what a plain GET of the endpoint answers; ``None`` where there is no GET."""

    def close(self) -> None:
        """Close the connection, where there is one."""


class _Reply(Protocol):
    status: int
    content_type: str
    body: bytes


def transport(
    endpoint: Endpoint, *, timeout: float, expects_continue: bool = False, keeps_cookies: bool = False
) -> Transport:
    """Return what carries calls to *endpoint*.

    Args:
        endpoint: ``http://…`` or ``https://…``; or a callable ``(body, content_type, soap_action) ->
            (status, content_type, body)``; or an object whose ``handle(body, content_type=…, soap_action=…)``
            returns something with ``status``, ``content_type`` and ``body``.
        timeout: seconds that an HTTP call may take, all in all.
        expects_continue: whether headers wait for ``100 Continue`` over HTTP.
        keeps_cookies: whether cookies are sent back over HTTP.

    Raises:
        UsageError: *endpoint* is none of these.
    """
    if isinstance(endpoint, str):
        return HTTPTransport(
            endpoint, timeout=timeout, expects_continue=expects_continue, keeps_cookies=keeps_cookies
        )
    if hasattr(endpoint, "handle") or callable(endpoint):
        return InProcess(endpoint)
    raise UsageError(f"endpoint: expected an URL, a callable or an object with handle(), got {endpoint!r}")


class InProcess:
    """Calls an endpoint in this process."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._handle = cast("Callable[..., Any] | None", getattr(endpoint, "handle", None))
        self._page = cast("Callable[..., Any] | None", getattr(endpoint, "page", None))
        self._function = cast("Callable[[bytes, str, str], Reply]", endpoint)

    def __call__(self, body: bytes, content_type: str, soap_action: str) -> Reply:
        """Hand over one call and return the reply; what the endpoint raises goes through."""
        if self._handle is None:
            return self._function(body, content_type, soap_action)
        reply = cast(_Reply, self._handle(body, content_type=content_type, soap_action=soap_action))
        return reply.status, reply.content_type, reply.body

    def cut_short(self, body: bytes, content_type: str, soap_action: str) -> None:
        """Hand over half a call; nobody hears the reply."""
        self(body[: len(body) // 2], content_type, soap_action)

    def get(self, query: str) -> Reply | None:
        """Ask an endpoint that has pages for its own."""
        if self._page is None:
            return None
        reply = cast(_Reply, self._page("", query, base_url="http://localhost"))
        return reply.status, reply.content_type, reply.body

    def close(self) -> None:
        """Do nothing; there is no connection."""


class HTTPTransport:
    """Posts calls to one URL over kept-alive connections."""

    def __init__(
        self,
        url: str,
        *,
        timeout: float = 100.0,
        expects_continue: bool = False,
        keeps_cookies: bool = False,
    ) -> None:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise UsageError(f"endpoint: expected an http:// or https:// URL, got {url!r}")
        self._secure = parts.scheme == "https"
        self._kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        self._host = parts.hostname
        self._port = parts.port
        self._netloc = parts.netloc.rpartition("@")[2]
        self._path, self._query = parts.path or "/", parts.query
        self._timeout = timeout
        self._expects_continue = expects_continue
        self._cookies: SimpleCookie | None = None
        if keeps_cookies:
            from http.cookies import SimpleCookie  # noqa: PLC0415 - few need it

            self._cookies = SimpleCookie()
        self._connection: http.client.HTTPConnection | None = None

    def __call__(self, body: bytes, content_type: str, soap_action: str) -> Reply:
        """Send one call; a kept connection that the server has closed meanwhile is opened again.

        Raises:
            TimeoutError: the reply was not there in time.
            OSError: the server cannot be reached, or the connection broke while the call was under way.
        """
        deadline = time.monotonic() + self._timeout
        fresh = self._ready()
        try:
            self._start("POST", fresh, self._headers(body, content_type, soap_action))
            if self._may_send(fresh):
                _socket(fresh).settimeout(_left(deadline))
                fresh.send(body)
            return self._finish(fresh, deadline)
        except http.client.HTTPException as error:
            self.close()
            raise ConnectionError(f"the underlying connection was closed: {error!r}") from error
        except OSError:
            self.close()
            raise

    def cut_short(self, body: bytes, content_type: str, soap_action: str) -> None:
        """Send all headers and half the body, then close the connection."""
        fresh = self._ready()
        try:
            self._start("POST", fresh, self._headers(body, content_type, soap_action))
            fresh.send(body[: len(body) // 2])
        finally:
            self.close()

    def get(self, query: str) -> Reply:
        """Ask for a page of the URL without any authentication.

        Raises:
            OSError: as for a call.
        """
        deadline = time.monotonic() + self._timeout
        fresh = self._ready()
        try:
            self._start("GET", fresh, {"User-Agent": _USER_AGENT, "Host": self._netloc}, query)
            return self._finish(fresh, deadline)
        except http.client.HTTPException as error:
            self.close()
            raise ConnectionError(f"the underlying connection was closed: {error!r}") from error
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        """Close the connection; the next call opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _ready(self) -> http.client.HTTPConnection:
        if self._connection is not None and self._is_stale(self._connection):
            self.close()
        fresh = self._connection or self._kind(self._host, self._port, timeout=self._timeout)
        self._connection = fresh
        return fresh

    def _headers(self, body: bytes, content_type: str, soap_action: str) -> dict[str, str]:
        """Return the headers of the .NET client in its order; there is no Accept-Encoding."""
        headers = {
            "User-Agent": _USER_AGENT,
            "Content-Type": content_type,
            "SOAPAction": soap_action,
            "Host": self._netloc,
            "Content-Length": str(len(body)),
        }
        if self._cookies:
            headers["Cookie"] = "; ".join(f"{name}={one.value}" for name, one in self._cookies.items())
        if self._expects_continue:
            headers["Expect"] = "100-continue"
        headers["Connection"] = "Keep-Alive"
        return headers

    def _start(
        self, method: str, fresh: http.client.HTTPConnection, headers: dict[str, str], query: str = ""
    ) -> None:
        both = "&".join(part for part in (self._query, query) if part)
        target = self._path + (f"?{both}" if both else "")
        fresh.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        for name, value in headers.items():
            fresh.putheader(name, value)
        fresh.endheaders()

    def _may_send(self, fresh: http.client.HTTPConnection) -> bool:
        """Wait shortly for ``100 Continue``; a server that refuses by 417 does not get the body."""
        if not self._expects_continue:
            return True
        sock = _socket(fresh)
        readable, _, _ = select.select([sock], [], [], _CONTINUE_WAIT)
        if not readable or self._secure:
            return True
        seen = sock.recv(64, socket.MSG_PEEK)
        return f" {_NOT_READY} ".encode() not in seen.partition(b"\r\n")[0] + b" "

    def _finish(self, fresh: http.client.HTTPConnection, deadline: float) -> Reply:
        sock = _socket(fresh)
        sock.settimeout(_left(deadline))
        response = fresh.getresponse()
        content = bytearray()
        while chunk := response.read1(_CHUNK):
            content += chunk
            sock.settimeout(_left(deadline))
        response.read()  # nothing is left; only this tells the connection that it may go on
        if self._cookies is not None:
            for value in response.headers.get_all("Set-Cookie") or ():
                self._cookies.load(value)
        if response.will_close:
            self.close()
        return response.status, response.getheader("Content-Type", ""), bytes(content)

    @staticmethod
    def _is_stale(connection: http.client.HTTPConnection) -> bool:
        """Say whether the server has closed a kept connection (it is readable although nothing was asked)."""
        sock = _socket(connection)
        sock.settimeout(0)
        try:
            sock.recv(1)
        except (BlockingIOError, InterruptedError, ssl.SSLWantReadError):
            return False
        except OSError:
            return True
        else:
            return True
        finally:
            sock.settimeout(connection.timeout)


def _socket(connection: http.client.HTTPConnection) -> socket.socket:
    """Return the socket of a connection whose headers were sent; it has one then."""
    assert connection.sock is not None
    return cast("socket.socket", connection.sock)


def _left(deadline: float) -> float:
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise TimeoutError("The operation has timed out")
    return seconds
