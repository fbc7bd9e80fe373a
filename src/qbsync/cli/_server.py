"""The HTTP server of ``serve`` and ``demo``: waitress with the service mounted at ``/qbwc``, and its clock.

A thread runs ``Service.tick`` every second or so: what no call of the Web Connector triggers.
"""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from ..adapters._http import MAX_BODY
from ..adapters.wsgi import application
from ..errors import QbsyncError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from ..service import Service

__all__ = ["MOUNT", "Server", "ticking"]

#: Where the Web Connector calls.
MOUNT = "/qbwc"
_TICK_SECONDS = 1.0
_log = logging.getLogger("qbsync.cli")


class Server:
    """A listening server; :meth:`run` serves until :meth:`stop`, or until a signal raises ``SystemExit``.

    Args:
        service: what answers the calls.
        host: the address to listen on.
        port: the port; 0 takes a free one, and :attr:`url` says which.
        threads: how many calls are served at one time.
        trust_proxy: believe what a proxy in front says about the outside.

    Raises:
        OSError: the address cannot be listened on.
        click.ClickException: waitress is not installed.
    """

    def __init__(
        self, service: Service, *, host: str, port: int, threads: int = 4, trust_proxy: bool = False
    ) -> None:
        try:
            from waitress.server import create_server  # noqa: PLC0415 - an extra
        except ImportError as error:
            raise click.ClickException("serving needs waitress: pip install 'qbsync[cli,serve]'") from error
        self._sockets: dict[int, object] = {}
        self._server = create_server(
            mounted(application(service, trust_proxy=trust_proxy)),
            map=self._sockets,
            host=host,
            port=port,
            threads=threads,
            ident="qbsync",
            max_request_body_size=MAX_BODY,
            clear_untrusted_proxy_headers=False,  # they show that somebody else than a proxy is asking
        )

    @property
    def url(self) -> str:
        """Where the Web Connector finds the service."""
        if hasattr(self._server, "effective_listen"):
            host, port = self._server.effective_listen[0]
        else:
            host, port = self._server.effective_host, self._server.effective_port
        return f"http://{f'[{host}]' if ':' in host else host}:{port}{MOUNT}"

    def run(self) -> None:
        """Serve until stopped; calls that are being answered are answered first."""
        try:
            self._server.run()
        finally:
            self._close()

    def stop(self) -> None:
        """Let :meth:`run`, in whatever thread, come to its end."""
        for server in list(self._sockets.values()):
            pull = getattr(getattr(server, "trigger", None), "pull_trigger", None)
            if pull is not None:
                pull(self._close)
                return

    def _close(self) -> None:
        self._server.task_dispatcher.shutdown()
        for server in list(self._sockets.values()):
            server.close()  # type: ignore[attr-defined]  # waitress has no types
        self._sockets.clear()


def mounted(app: WSGIApplication) -> WSGIApplication:
    """Return an application that has *app* at :data:`MOUNT` and a 404 everywhere else."""

    def outer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == MOUNT or path.startswith(MOUNT + "/"):
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + MOUNT
            environ["PATH_INFO"] = path[len(MOUNT) :]
            return app(environ, start_response)
        start_response("404 Not Found", [("Content-Type", "text/plain; charset=utf-8")])
        return [f"The Web Connector calls {MOUNT}\n".encode()]

    return outer


@contextmanager
def ticking(service: Service, *, seconds: float = _TICK_SECONDS) -> Iterator[None]:
    """Call ``service.tick`` every *seconds* in a thread of its own for as long as the block runs."""
    over = threading.Event()

    def tick() -> None:
        while not over.wait(seconds):
            try:
                service.tick(datetime.now(UTC))
            except QbsyncError:
                _log.exception("the work between two calls failed; it is tried again")

    thread = threading.Thread(target=tick, name="qbsync-tick", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=10)


def in_thread(run: Callable[[], None]) -> threading.Thread:
    """Start *run* in a daemon thread."""
    thread = threading.Thread(target=run, name="qbsync-server", daemon=True)
    thread.start()
    return thread
