"""The service as Django URLs.

    urlpatterns = [path("qbwc", include(urls(service)))]     # without a slash at the end

The view is exempt from the CSRF check, since the Web Connector knows no tokens and its ticket is what lets it
in; and from ``ATOMIC_REQUESTS``, since each call is a transaction of the service's own store.
``DATA_UPLOAD_MAX_MEMORY_SIZE`` does not apply here, *max_body* does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._http import MAX_BODY, Request, content_length, respond

try:
    from django.db.transaction import non_atomic_requests
    from django.http import HttpResponse
    from django.urls import re_path
    from django.views.decorators.csrf import csrf_exempt
except ImportError as error:
    raise ImportError("qbsync.adapters.django needs Django: pip install 'qbsync[django]'") from error

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.urls import URLPattern

    from ..service import Service

__all__ = ["urls"]


def urls(service: Service, *, max_body: int = MAX_BODY, trust_proxy: bool = False) -> list[URLPattern]:
    """Return URL patterns, for ``include``, that serve *service*.

    Args:
        service: what answers.
        max_body: the largest request body in bytes; larger ones are answered with 413 and not read.
        trust_proxy: believe ``X-Forwarded-…``; only behind a proxy that sets them itself. What
            ``SECURE_PROXY_SSL_HEADER`` says is believed in any case.
    """

    def view(request: HttpRequest, path: str) -> HttpResponse:
        answer = respond(
            service, _request(request, path, max_body), max_body=max_body, trust_proxy=trust_proxy
        )
        response = HttpResponse(answer.body, status=answer.status)
        for name, value in answer.headers:
            response[name] = value
        return response

    serve = csrf_exempt(non_atomic_requests(view))
    return [re_path(r"^(?P<path>(?:/.*)?)$", serve, name="qbsync")]


def _request(request: HttpRequest, path: str, max_body: int) -> Request:
    method = request.method or ""
    return Request(
        method=method,
        scheme=request.scheme or "http",
        host=request.META.get("HTTP_HOST", ""),
        mount=request.path.removesuffix(path).rstrip("/"),
        path=path,
        query=request.META.get("QUERY_STRING", ""),
        peer=request.META.get("REMOTE_ADDR", ""),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=_read(request, max_body) if method == "POST" else b"",
    )


def _read(request: HttpRequest, max_body: int) -> bytes | None:
    """Return the body, or ``None`` when it is larger than *max_body*; no more than that is read."""
    declared = content_length(request.META.get("CONTENT_LENGTH"))
    body: bytes = b"" if (declared or 0) > max_body else request.read(max_body + 1)
    return body if max(len(body), declared or 0) <= max_body else None
