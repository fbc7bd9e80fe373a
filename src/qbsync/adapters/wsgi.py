"""The service as a WSGI application.

Reads the body with a size limit, calls the service, writes the answer; nothing else.
POST is a call of the Web Connector; GET and HEAD get a page with status 200, because the Web Connector
takes anything else for a bad certificate. Replies are never compressed, redirected or empty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from wsgiref.util import application_uri

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from ..service import Service

__all__ = ["application"]

_STATUS = {
    200: "200 OK",
    404: "404 Not Found",
    413: "413 Content Too Large",
    500: "500 Internal Server Error",
}


def application(service: Service, *, max_body: int = 64 * 1024 * 1024) -> WSGIApplication:
    """Return a WSGI application that serves *service* at every path below its mount.

    Args:
        service: what answers.
        max_body: the largest request body in bytes; larger ones are answered with 413.
    """

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        if method == "POST":
            body = _read(environ, max_body)
            reply = (
                service.too_large(max_body)
                if body is None
                else service.handle(
                    body,
                    content_type=environ.get("CONTENT_TYPE", ""),
                    soap_action=environ.get("HTTP_SOAPACTION", ""),
                )
            )
        elif method in {"GET", "HEAD"}:
            path, query = environ.get("PATH_INFO", ""), environ.get("QUERY_STRING", "")
            reply = service.page(path, query, base_url=application_uri(environ))
        else:
            start_response("405 Method Not Allowed", [("Allow", "GET, HEAD, POST"), ("Content-Length", "0")])
            return []
        length = str(len(reply.body))
        start_response(
            _STATUS[reply.status], [("Content-Type", reply.content_type), ("Content-Length", length)]
        )
        return [] if method == "HEAD" else [reply.body]

    return serve


def _read(environ: WSGIEnvironment, max_body: int) -> bytes | None:
    """Return the body, or ``None`` when it is larger than *max_body*; no more than that is read."""
    stream = environ["wsgi.input"]
    declared = environ.get("CONTENT_LENGTH") or ""
    if declared.isdigit():
        return stream.read(int(declared)) if int(declared) <= max_body else None
    if not environ.get("wsgi.input_terminated"):
        return b""
    body: bytes = stream.read(max_body + 1)
    return body if len(body) <= max_body else None
