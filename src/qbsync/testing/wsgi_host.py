"""A WSGI application as an endpoint in the test's own process: Flask, Django, Pyramid and the like.

Here: ``WSGIHost``, which a ``WebConnector`` drives without a server and a port.
Not here: hosts behind a URL, which it drives over HTTP.
Facts: PEP 3333; Web Connector dossier 1.3 (headers).
"""

from __future__ import annotations

import io
import sys
import traceback
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import WSGIApplication

__all__ = ["HostAnswer", "WSGIHost"]


@attrs.frozen
class HostAnswer:
    """What an application answered."""

    status: int
    content_type: str
    body: bytes


class WSGIHost:
    """Makes a WSGI application an endpoint for ``WebConnector``.

    Args:
        application: the WSGI callable.
        path: where in it the Web Connector's endpoint is, as in the .qwc file's AppURL.

    An exception that leaves the application becomes status 500, as a server makes it, and its traceback goes
    to standard error.
    """

    def __init__(self, application: WSGIApplication, *, path: str = "/qbwc") -> None:
        self._application = application
        self._path = path

    def handle(self, body: bytes, *, content_type: str, soap_action: str) -> HostAnswer:
        """Hand over one call and return the reply."""
        headers = {
            "CONTENT_TYPE": content_type,
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_SOAPACTION": soap_action,
        }
        return self._ask("POST", "", body, headers)

    def page(self, path: str, query: str, *, base_url: str) -> HostAnswer:  # noqa: ARG002 - as Service.page
        """Return what a plain GET of the endpoint answers."""
        return self._ask("GET", query, b"", {})

    def _ask(self, method: str, query: str, body: bytes, headers: dict[str, str]) -> HostAnswer:
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": self._path,
            "QUERY_STRING": query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "localhost",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": False,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            **headers,
        }
        try:
            return self._answered(environ)
        except Exception:  # noqa: BLE001 - whatever leaves an application, its server answers 500
            traceback.print_exc()
            return HostAnswer(500, "text/html", b"<html><body>Internal Server Error</body></html>")

    def _answered(self, environ: dict[str, Any]) -> HostAnswer:
        started: list[tuple[str, list[tuple[str, str]]]] = []
        written: list[bytes] = []

        def start_response(
            status: str, headers: list[tuple[str, str]], exc_info: object = None, /
        ) -> Callable[[bytes], object]:
            del exc_info  # nothing was sent yet, so that a second start may replace the first
            started.append((status, headers))
            return written.append

        parts: Iterable[bytes] = self._application(environ, start_response)
        try:
            written.extend(parts)
        finally:
            close = getattr(parts, "close", None)
            if close is not None:
                close()
        status, headers = started[-1]
        kinds = [value for name, value in headers if name.lower() == "content-type"]
        return HostAnswer(int(status.split(" ", 1)[0]), kinds[-1] if kinds else "", b"".join(written))
