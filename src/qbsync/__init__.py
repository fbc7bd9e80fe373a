"""qbsync: shop orders into QuickBooks Desktop, through Intuit's Web Connector."""

from __future__ import annotations
