"""One HTTP request to the service and back, whatever framework carries it.

POST is a call of the Web Connector; GET and HEAD get a page with status 200, because the Web Connector takes
anything else for a bad certificate. Replies are never compressed, redirected or empty.
What a proxy says about the outside (``X-Forwarded-…``) counts only when the host says so: anybody can send
it.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..service import Service

__all__ = ["MAX_BODY", "METHODS", "REASONS", "Answer", "Request", "content_length", "respond"]

#: The largest body: answers of 64 MiB, as the Web Connector escapes them.
MAX_BODY: Final = 64 * 1024 * 1024
METHODS: Final = ("GET", "HEAD", "POST")
REASONS: Final = {
    200: "OK",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    413: "Content Too Large",
    500: "Internal Server Error",
}
_HOST: Final = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_PORT: Final = re.compile(r":[0-9]+\Z")
_FORWARDED: Final = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


@frozen(kw_only=True)
class Request:
    """What the service needs of an HTTP request."""

    method: str
    scheme: str
    host: str
    #: Where the service is mounted, without a slash at its end.
    mount: str
    #: The rest of the path.
    path: str
    query: str
    #: The address of the other end of the connection; empty when unknown.
    peer: str
    #: By lower-case name.
    headers: Mapping[str, str] = field(repr=False)
    #: ``None`` when it is larger than what is taken.
    body: bytes | None = field(default=b"", repr=False)

    def base_url(self, *, trust_proxy: bool) -> str:
        """Return the URL of the mount as the other side sees it."""
        scheme, host, prefix = self.scheme, self.host, ""
        if trust_proxy:
            scheme = self._forwarded("x-forwarded-proto") or scheme
            host = self._forwarded("x-forwarded-host") or host
            prefix = self._forwarded("x-forwarded-prefix").rstrip("/")
        scheme = "https" if scheme.lower() == "https" else "http"
        return f"{scheme}://{host if _HOST.fullmatch(host) else 'localhost'}{prefix}{self.mount}"

    def is_local(self) -> bool:
        """Return whether it was sent from this very machine, and not by a proxy for somebody else."""
        try:
            peer = ip_address(self.peer.partition("%")[0])
        except ValueError:
            return False
        inner = getattr(peer, "ipv4_mapped", None)  # as sockets for both protocols tell an IPv4 address
        local = (inner or peer).is_loopback
        named = _PORT.sub("", self.host)
        return (
            local
            and named in {"localhost", "127.0.0.1", "[::1]"}  # else a page elsewhere could ask for us
            and not any(name in self.headers for name in _FORWARDED)
        )

    def _forwarded(self, name: str) -> str:
        """Return what the nearest proxy set; those before it stand to its left."""
        return self.headers.get(name, "").rpartition(",")[2].strip()


@frozen(kw_only=True)
class Answer:
    """What goes back."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)


def content_length(text: str | None) -> int | None:
    """Return the length that a header declares, ``None`` where it declares none."""
    return int(text) if text and text.isascii() and text.isdecimal() else None


def respond(service: Service, request: Request, *, max_body: int, trust_proxy: bool) -> Answer:
    """Let *service* answer *request*.

    Args:
        service: what answers.
        request: what came.
        max_body: the limit that *request.body* was read with.
        trust_proxy: whether a proxy stands in front that sets ``X-Forwarded-Proto`` and ``-Host`` itself.
    """
    if request.method not in METHODS:
        return Answer(status=405, headers=(("Allow", ", ".join(METHODS)), ("Content-Length", "0")), body=b"")
    if request.method != "POST":
        base_url = request.base_url(trust_proxy=trust_proxy)
        reply = service.page(request.path, request.query, base_url=base_url, authorised=request.is_local())
    elif request.body is None:
        reply = service.too_large(max_body)
    else:
        reply = service.handle(
            request.body,
            content_type=request.headers.get("content-type", ""),
            soap_action=request.headers.get("soapaction", ""),
        )
    headers = (("Content-Type", reply.content_type), ("Content-Length", str(len(reply.body))))
    return Answer(status=reply.status, headers=headers, body=b"" if request.method == "HEAD" else reply.body)
