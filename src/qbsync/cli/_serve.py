"""``qbsync serve``: the Web Connector's side, in the foreground, until a signal."""

from __future__ import annotations

import logging
import signal
from contextlib import closing
from typing import TYPE_CHECKING, NoReturn

import click

from ..orders.handler import OrderHandler
from ..service import Service
from ._server import Server, ticking
from ._stores import open_store

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["serve_store"]


def serve_store(store_text: str, *, host: str, port: int, threads: int, trust_proxy: bool) -> int:
    """Serve the jobs of a store; returns when a signal asks for it."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    with closing(open_store(store_text)) as store:
        service = Service(store=store, handlers=(OrderHandler(),))
        try:
            server = Server(service, host=host, port=port, threads=threads, trust_proxy=trust_proxy)
        except (OSError, ValueError) as error:  # waitress says ValueError where a name is of no address
            reason = getattr(error, "strerror", None) or error
            raise click.ClickException(f"cannot listen on {host}:{port}: {reason}") from error
        for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), _leave)
        click.echo(f"listening {server.url}")  # click flushes
        with ticking(service):
            server.run()
    click.echo("stopped")
    return 0


def _leave(_number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)
