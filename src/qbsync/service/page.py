"""The page that people see who open the service's address in a browser."""

from __future__ import annotations

from html import escape

__all__ = ["page_html"]

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>qbsync</title></head>
<body>
<h1>qbsync</h1>
<p>The QuickBooks Web Connector calls this address. It answers, so it is ready.</p>
<p>Address for the Web Connector: <code>{url}</code></p>
<p><a href="{url}?wsdl">Description of the service (WSDL)</a></p>
</body>
</html>
"""


def page_html(base_url: str) -> bytes:
    """Return the page for the service at *base_url*."""
    return _PAGE.format(url=escape(base_url, quote=True)).encode()
