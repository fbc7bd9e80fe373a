"""QuickBooks without QuickBooks: a simulated company file, and a Web Connector that drives any endpoint.

Here: the names that tests use. ``Company`` answers qbXML as strictly as QuickBooks does; ``WebConnector``
runs update sessions against an endpoint and reports what the real program would show.
Not here: ``store_suite``, the tests that every store passes (import it by its module).
"""

from __future__ import annotations

from .company import Company, QuickBooksError
from .connector import Cut, End, RunReport, SessionReport, Step, WebConnector

__all__ = [
    "Company",
    "Cut",
    "End",
    "QuickBooksError",
    "RunReport",
    "SessionReport",
    "Step",
    "WebConnector",
]
