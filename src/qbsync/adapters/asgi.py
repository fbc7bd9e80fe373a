"""The service as an ASGI application: for uvicorn, hypercorn, daphne and the frameworks on top.

The service is synchronous (it waits for its store), so each call runs in a thread; the event loop goes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._asgi import Limits, answer
from ._http import MAX_BODY

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from ..service import Service

    Scope = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
    Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

__all__ = ["application"]


def application(
    service: Service, *, max_body: int = MAX_BODY, body_seconds: float = 90.0, trust_proxy: bool = False
) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    """Return an ASGI application that serves *service* at every path below its mount.

    Args:
        service: what answers.
        max_body: the largest request body in bytes; larger ones are answered with 413 and not read.
        body_seconds: how long a body may take to arrive; then the answer is 408.
        trust_proxy: believe ``X-Forwarded-…``; only behind a proxy that sets them itself.
    """
    limits = Limits(max_body=max_body, body_seconds=body_seconds, trust_proxy=trust_proxy)

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":  # servers take it as: no web sockets here, nothing to start or stop
            raise NotImplementedError(f"qbsync serves http, not {scope['type']}")
        got = await answer(service, scope, receive, limits)
        headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in got.headers]
        await send({"type": "http.response.start", "status": got.status, "headers": headers})
        await send({"type": "http.response.body", "body": got.body})

    return serve
