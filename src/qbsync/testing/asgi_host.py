"""An ASGI application as an endpoint in the test's own process: FastAPI, Starlette and the like.

Here: ``ASGIHost``, which a ``WebConnector`` drives without a server and a port.
Not here: WSGI applications (``wsgi_host``), hosts behind a URL.
Facts: the ASGI specification, HTTP and lifespan; Web Connector dossier 1.3 (headers).
"""

from __future__ import annotations

import asyncio
import traceback
from typing import TYPE_CHECKING, Any

from .wsgi_host import HostAnswer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

__all__ = ["ASGIHost"]


class ASGIHost:
    """Makes an ASGI application an endpoint for ``WebConnector``; call it outside any event loop.

    Args:
        application: the ASGI callable.
        path: where in it the Web Connector's endpoint is, as in the .qwc file's AppURL.

    An exception that leaves the application becomes status 500, as a server makes it, and its traceback goes
    to standard error. There is no lifespan: what the application does at its start is up to the test.
    """

    def __init__(self, application: Callable[..., Awaitable[None]], *, path: str = "/qbwc") -> None:
        self._application = application
        self._path = path

    def handle(self, body: bytes, *, content_type: str, soap_action: str) -> HostAnswer:
        """Hand over one call and return the reply."""
        headers = {
            "content-type": content_type,
            "content-length": str(len(body)),
            "soapaction": soap_action,
        }
        return self._ask("POST", "", body, headers)

    def page(self, path: str, query: str, *, base_url: str) -> HostAnswer:  # noqa: ARG002 - as Service.page
        """Return what a plain GET of the endpoint answers."""
        return self._ask("GET", query, b"", {})

    def _ask(self, method: str, query: str, body: bytes, headers: dict[str, str]) -> HostAnswer:
        pairs = {"host": "localhost", **headers}
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": self._path,
            "raw_path": self._path.encode("ascii"),
            "query_string": query.encode("ascii"),
            "root_path": "",
            "headers": [(name.encode("ascii"), value.encode("latin-1")) for name, value in pairs.items()],
            "client": ("127.0.0.1", 50000),
            "server": ("localhost", 80),
        }
        try:
            return asyncio.run(self._answered(scope, body))
        except Exception:  # noqa: BLE001 - whatever leaves an application, its server answers 500
            traceback.print_exc()
            return HostAnswer(500, "text/html", b"<html><body>Internal Server Error</body></html>")

    async def _answered(self, scope: dict[str, Any], body: bytes) -> HostAnswer:
        sent: list[MutableMapping[str, Any]] = []
        asked: list[dict[str, Any]] = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> dict[str, Any]:
            return asked.pop(0) if asked else {"type": "http.disconnect"}

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)

        await self._application(scope, receive, send)
        (start,) = (one for one in sent if one["type"] == "http.response.start")
        kinds = [value for name, value in start.get("headers", ()) if name.lower() == b"content-type"]
        content = b"".join(one.get("body", b"") for one in sent if one["type"] == "http.response.body")
        return HostAnswer(int(start["status"]), kinds[-1].decode("latin-1") if kinds else "", content)
