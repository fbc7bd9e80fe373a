"""What people see who open the service's address in a browser: a page, and files for the Web Connector."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from ..errors import UsageError
from ..identities import local_name, qwc_file
from ..qbwc import soap
from ..qbwc.qwc import CONTENT_TYPE
from ..qbwc.wsdl import wsdl

if TYPE_CHECKING:
    from ..store import Store

__all__ = ["page"]

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>qbsync</title></head>
<body>
<h1>qbsync</h1>
<p>The QuickBooks Web Connector calls this address. It answers, so it is ready.</p>
<p>Address for the Web Connector: <code>{url}</code></p>
{warning}<p><a href="{url}?wsdl">Description of the service (WSDL)</a></p>
</body>
</html>
"""


#: What tools ask for a description by; ours is a single document anyway.
_DESCRIBES = frozenset({"wsdl", "singlewsdl"})
_WARNING = "<p>The Web Connector takes only https here: http is for localhost.</p>\n"
_TEXT = "text/plain; charset=utf-8"
_NOT_YOURS = b"Ask for this file on the machine of the service itself, or with: qbsync qwc NAME --url URL\n"


def page(store: Store, path: str, query: str, *, base_url: str, authorised: bool) -> tuple[int, str, bytes]:
    """Return status, media type and content for a GET; the arguments are those of ``Service.page``."""
    asked = {part.partition("=")[0] for part in query.casefold().split("&")}
    if asked & _DESCRIBES:
        return 200, soap.CONTENT_TYPE, wsdl(base_url)
    if path.endswith(".qwc"):
        return _qwc_page(store, path, base_url, authorised=authorised)
    return 200, "text/html; charset=utf-8", _page_html(base_url)


def _page_html(base_url: str) -> bytes:
    """Return the page for the service at *base_url*."""
    url = local_name(base_url)
    warning = "" if url.startswith(("https:", "http://localhost")) else _WARNING
    return _PAGE.format(url=escape(url, quote=True), warning=warning).encode()


def _qwc_page(store: Store, path: str, base_url: str, *, authorised: bool) -> tuple[int, str, bytes]:
    """Return status, media type and content for ``/NAME.qwc``: the file of user NAME.

    Args:
        store: where accounts and identifiers are kept.
        path: below the mount.
        base_url: the URL of the mount; the file tells the Web Connector to call there.
        authorised: without it the answer is 403, whether there is such a user or not.
    """
    if not authorised:
        return 403, _TEXT, _NOT_YOURS
    try:
        file = qwc_file(store, path.strip("/").removesuffix(".qwc"), app_url=local_name(base_url))
    except UsageError as error:
        return 404, _TEXT, f"{error}\n".encode()
    return 200, CONTENT_TYPE, file.to_xml()
