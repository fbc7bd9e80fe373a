"""QuickBooks without QuickBooks: a simulated company file, and a Web Connector that drives any endpoint.

Here: the names that tests use, loaded when they are first used (pytest imports this package to get at its
plugin, in any project). ``Company`` answers qbXML as strictly as QuickBooks does; ``WebConnector`` runs
update sessions against an endpoint and reports what the real program would show; ``Plan`` and the kinds of
``faults`` make things go wrong on the way.
Not here: ``store_suite``, the tests that every store passes, and ``strategies`` (import them by module).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .asgi_host import ASGIHost
    from .books_view import BooksView, Doubled
    from .company import Company, Costs, QuickBooksError, Switches
    from .connector import (
        ClientSwitches,
        Cut,
        End,
        RunReport,
        SessionReport,
        Step,
        UpdateLock,
        WebConnector,
    )
    from .faults import Plan, all_plans
    from .wsgi_host import WSGIHost

__all__ = [
    "ASGIHost",
    "BooksView",
    "ClientSwitches",
    "Company",
    "Costs",
    "Cut",
    "Doubled",
    "End",
    "Plan",
    "QuickBooksError",
    "RunReport",
    "SessionReport",
    "Step",
    "Switches",
    "UpdateLock",
    "WSGIHost",
    "WebConnector",
    "all_plans",
]

_HOMES = {
    "ASGIHost": "asgi_host",
    "BooksView": "books_view",
    "Company": "company",
    "Costs": "company",
    "Doubled": "books_view",
    "Plan": "faults",
    "QuickBooksError": "company",
    "Switches": "company",
    "WSGIHost": "wsgi_host",
    "all_plans": "faults",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - names are loaded when they are first used

    value: object = getattr(import_module(f".{_HOMES.get(name, 'connector')}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
