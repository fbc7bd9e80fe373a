"""An ASGI scope as a request to the service, which answers it in a thread."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from attrs import frozen

from ._http import Answer, Request, content_length, respond

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from ..service import Service

    Scope = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

__all__ = ["Limits", "answer"]


@frozen(kw_only=True)
class Limits:
    """What :func:`application` was told."""

    max_body: int
    body_seconds: float
    trust_proxy: bool


async def answer(service: Service, scope: Scope, receive: Receive, limits: Limits) -> Answer:
    """Read the body and let the service answer in a thread; *scope* tells the mount in ``root_path``."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    try:
        async with asyncio.timeout(limits.body_seconds):  # a slow body holds nothing for long
            body = await _read(headers, receive, limits.max_body) if scope["method"] == "POST" else b""
    except TimeoutError:
        return Answer(status=408, headers=(("Connection", "close"), ("Content-Length", "0")), body=b"")
    host, port = scope.get("server") or ("localhost", None)
    mount = scope.get("root_path", "").rstrip("/")
    request = Request(
        method=scope["method"],
        scheme=scope.get("scheme", "http"),
        host=headers.get("host") or (f"{host}:{port}" if port else host),
        mount=mount,
        path=scope["path"].removeprefix(mount),
        query=scope.get("query_string", b"").decode("latin-1"),
        peer=(scope.get("client") or ("", 0))[0],
        headers=headers,
        body=body,
    )
    most, trust = limits.max_body, limits.trust_proxy
    return await asyncio.to_thread(respond, service, request, max_body=most, trust_proxy=trust)


async def _read(headers: dict[str, str], receive: Receive, max_body: int) -> bytes | None:
    """Return the body, or ``None`` when it is larger than *max_body*; no more than that is kept."""
    declared = content_length(headers.get("content-length"))
    body, more = bytearray(), declared is None or declared <= max_body
    while more:
        message = await receive()  # without a body the other side is gone: nobody waits for the answer
        body += message.get("body", b"")
        more = message.get("more_body", False) and len(body) <= max_body
    return bytes(body) if len(body) <= max_body >= (declared or 0) else None
