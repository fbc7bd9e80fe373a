"""QuickBooks without QuickBooks: a simulated company file, and a Web Connector that drives any endpoint.

Here: the names that tests use. ``Company`` answers qbXML as strictly as QuickBooks does; ``WebConnector``
runs update sessions against an endpoint and reports what the real program would show; ``Plan`` and the kinds
of ``faults`` make things go wrong on the way.
Not here: ``store_suite``, the tests that every store passes, and ``strategies`` (import them by module).
"""

from __future__ import annotations

from .books_view import BooksView, Doubled
from .company import Company, QuickBooksError
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
    "BooksView",
    "ClientSwitches",
    "Company",
    "Cut",
    "Doubled",
    "End",
    "Plan",
    "QuickBooksError",
    "RunReport",
    "SessionReport",
    "Step",
    "UpdateLock",
    "WSGIHost",
    "WebConnector",
    "all_plans",
]
