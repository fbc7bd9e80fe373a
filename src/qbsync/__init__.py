"""qbsync: shop orders into QuickBooks Desktop, through Intuit's Web Connector.

Here: the names that most programs need, loaded when they are first used. Everything else is imported from
where it lives: ``qbsync.models``, ``qbsync.qbxml``, ``qbsync.orders``, ``qbsync.store.sqlite``,
``qbsync.adapters.wsgi``, ``qbsync.testing``, ``qbsync.errors``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .errors import (
        InvalidOrderError,
        InvalidRequestError,
        KeyConflictError,
        ParseError,
        QbsyncError,
        RemoteError,
        StatusError,
        StoreError,
        UsageError,
    )
    from .jobs import Job, Outcome, State
    from .outbox import Outbox
    from .service import Service

    __version__: str

__all__ = [
    "InvalidOrderError",
    "InvalidRequestError",
    "Job",
    "KeyConflictError",
    "Outbox",
    "Outcome",
    "ParseError",
    "QbsyncError",
    "RemoteError",
    "Service",
    "State",
    "StatusError",
    "StoreError",
    "UsageError",
    "__version__",
]

_HOMES = {"Job": "jobs", "Outbox": "outbox", "Outcome": "jobs", "Service": "service", "State": "jobs"}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name == "__version__":
        from importlib.metadata import version  # noqa: PLC0415 - 20 ms that few programs need

        value: object = version("qbsync")
    else:
        from importlib import import_module  # noqa: PLC0415 - names are loaded when they are first used

        value = getattr(import_module(f".{_HOMES.get(name, 'errors')}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
