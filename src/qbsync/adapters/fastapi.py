"""The service as a FastAPI router; it works in any Starlette application that can include one.

app.include_router(router(service), prefix="/qbwc")
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._asgi import Limits, answer
from ._http import MAX_BODY, METHODS

try:
    from fastapi import APIRouter
    from starlette.requests import Request  # noqa: TC002 - FastAPI reads the annotation
    from starlette.responses import Response
except ImportError as error:
    raise ImportError("qbsync.adapters.fastapi needs FastAPI: pip install 'qbsync[fastapi]'") from error

if TYPE_CHECKING:
    from ..service import Service

__all__ = ["router"]


def router(
    service: Service, *, max_body: int = MAX_BODY, body_seconds: float = 90.0, trust_proxy: bool = False
) -> APIRouter:
    """Return a router that serves *service*; include it with a prefix.

    Args:
        service: what answers.
        max_body: the largest request body in bytes; larger ones are answered with 413 and not read.
        body_seconds: how long a body may take to arrive; then the answer is 408.
        trust_proxy: believe ``X-Forwarded-…``; only behind a proxy that sets them itself.
    """
    mounted = APIRouter()
    limits = Limits(max_body=max_body, body_seconds=body_seconds, trust_proxy=trust_proxy)

    async def serve(request: Request) -> Response:
        path = request.path_params.get("path", "")
        mount = request.scope["path"].removesuffix(path).rstrip("/")
        scope = {**request.scope, "root_path": mount}
        got = await answer(service, scope, request.receive, limits)
        return Response(got.body, status_code=got.status, headers=dict(got.headers))

    for rule in ("", "/", "/{path:path}"):
        mounted.add_api_route(rule, serve, methods=list(METHODS), include_in_schema=False)
    return mounted
