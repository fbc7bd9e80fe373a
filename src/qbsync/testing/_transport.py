"""How the calls of the simulated Web Connector reach an endpoint.

Here: HTTP by the standard library, with the headers of the .NET client; and endpoints in this process.
Not here: what is sent and how replies are judged (``_wire``).
Facts: Web Connector dossier 1.3 and 3.1 (100 seconds a call, no redirects, several connections are normal).
"""

from __future__ import annotations

import http.client
import urllib.parse
from collections.abc import Callable
from typing import Any, Final, Protocol, cast

from ..errors import UsageError

__all__ = ["Endpoint", "HTTPTransport", "Transport", "transport"]

#: What ``WebConnector`` takes: an URL, a callable, or an object with ``handle``.
Endpoint = object

#: Sends ``(body, content_type, soap_action)`` and returns ``(status, content_type, body)``.
Transport = Callable[[bytes, str, str], tuple[int, str, bytes]]

_USER_AGENT: Final = "Mozilla/4.0 (compatible; MSIE 6.0; MS Web Services Client Protocol 4.0.30319.42000)"


class _Reply(Protocol):
    status: int
    content_type: str
    body: bytes


def transport(endpoint: Endpoint, *, timeout: float) -> Transport:
    """Return the function that carries calls to *endpoint*.

    Args:
        endpoint: ``http://…`` or ``https://…``; or a callable ``(body, content_type, soap_action) ->
            (status, content_type, body)``; or an object whose ``handle(body, content_type=…, soap_action=…)``
            returns something with ``status``, ``content_type`` and ``body``.
        timeout: seconds that an HTTP call may take.

    Raises:
        UsageError: *endpoint* is none of these.
    """
    if isinstance(endpoint, str):
        return HTTPTransport(endpoint, timeout=timeout)
    handle = getattr(endpoint, "handle", None)
    if handle is not None:
        return _in_process(handle)
    if callable(endpoint):
        return cast(Transport, endpoint)
    raise UsageError(f"endpoint: expected an URL, a callable or an object with handle(), got {endpoint!r}")


def _in_process(handle: Callable[..., Any]) -> Transport:
    def send(body: bytes, content_type: str, soap_action: str) -> tuple[int, str, bytes]:
        reply = cast(_Reply, handle(body, content_type=content_type, soap_action=soap_action))
        return reply.status, reply.content_type, reply.body

    return send


class HTTPTransport:
    """Posts calls to one URL over kept-alive connections."""

    def __init__(self, url: str, *, timeout: float = 100.0) -> None:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise UsageError(f"endpoint: expected an http:// or https:// URL, got {url!r}")
        self._kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._host = parts.hostname
        self._port = parts.port
        self._target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._timeout = timeout
        self._connection: http.client.HTTPConnection | None = None

    def __call__(self, body: bytes, content_type: str, soap_action: str) -> tuple[int, str, bytes]:
        """Send one call; a kept connection that the server has closed meanwhile is opened again.

        Raises:
            OSError: the server cannot be reached, or the connection broke while the call was under way.
        """
        if self._connection is not None and self._is_stale(self._connection):
            self.close()
        fresh = self._connection or self._kind(self._host, self._port, timeout=self._timeout)
        self._connection = fresh
        try:
            fresh.request("POST", self._target, body=body, headers=self._headers(content_type, soap_action))
            response = fresh.getresponse()
            content = response.read()
        except http.client.HTTPException as error:
            self.close()
            raise ConnectionError(f"the underlying connection was closed: {error!r}") from error
        except OSError:
            self.close()
            raise
        if response.will_close:
            self.close()
        return response.status, response.getheader("Content-Type", ""), content

    def close(self) -> None:
        """Close the connection; the next call opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @staticmethod
    def _headers(content_type: str, soap_action: str) -> dict[str, str]:
        return {
            "User-Agent": _USER_AGENT,
            "Content-Type": content_type,
            "SOAPAction": soap_action,
            "Connection": "Keep-Alive",
        }

    @staticmethod
    def _is_stale(connection: http.client.HTTPConnection) -> bool:
        """Say whether the server has closed a kept connection (it is readable although nothing was asked)."""
        if connection.sock is None:
            return True
        connection.sock.settimeout(0)
        try:
            connection.sock.recv(1)
        except (BlockingIOError, InterruptedError):
            return False
        except OSError:
            return True
        else:
            return True
        finally:
            connection.sock.settimeout(connection.timeout)
