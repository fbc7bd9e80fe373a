"""The service as a WSGI application: for waitress, gunicorn, uWSGI, mod_wsgi and the frameworks on top.

Reads the body with a size limit, calls the service, writes the answer; nothing else.
How long a body may take to arrive is the server's business: WSGI gives no way to stop a read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._http import MAX_BODY, REASONS, Request, content_length, respond

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from ..service import Service

__all__ = ["application"]


def application(service: Service, *, max_body: int = MAX_BODY, trust_proxy: bool = False) -> WSGIApplication:
    """Return a WSGI application that serves *service* at every path below its mount.

    Args:
        service: what answers.
        max_body: the largest request body in bytes; larger ones are answered with 413 and not read.
        trust_proxy: believe ``X-Forwarded-Proto``, ``-Host`` and ``-Prefix``; only behind a proxy that sets
            them itself.
    """

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer = respond(service, _request(environ, max_body), max_body=max_body, trust_proxy=trust_proxy)
        start_response(f"{answer.status} {REASONS[answer.status]}", list(answer.headers))
        return [answer.body] if answer.body else []

    return serve


def _request(environ: WSGIEnvironment, max_body: int) -> Request:
    headers = {
        name[5:].replace("_", "-").lower(): str(value)
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    headers["content-type"] = environ.get("CONTENT_TYPE", "")
    method = environ["REQUEST_METHOD"]
    return Request(
        method=method,
        scheme=environ["wsgi.url_scheme"],
        host=headers.get("host") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}",
        mount=environ.get("SCRIPT_NAME", "").rstrip("/"),
        path=environ.get("PATH_INFO", ""),
        query=environ.get("QUERY_STRING", ""),
        peer=environ.get("REMOTE_ADDR", ""),
        headers=headers,
        body=_read(environ, max_body) if method == "POST" else b"",
    )


def _read(environ: WSGIEnvironment, max_body: int) -> bytes | None:
    """Return the body, or ``None`` when it is larger than *max_body*; no more than that is read."""
    stream = environ["wsgi.input"]
    declared = content_length(environ.get("CONTENT_LENGTH"))
    if declared is not None:
        return stream.read(declared) if declared <= max_body else None
    if not environ.get("wsgi.input_terminated"):
        return b""
    body: bytes = stream.read(max_body + 1)
    return body if len(body) <= max_body else None
