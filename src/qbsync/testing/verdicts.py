"""What the Web Connector's codes mean and what usually helps, for people who read a verdict.

Here: the codes that the simulated Web Connector can show, and remarks about an endpoint's URL.
Facts: Web Connector dossier 1.3 (pages), 4 (AppURL), 5.1 (codes and causes).
"""

from __future__ import annotations

import ipaddress
import urllib.parse
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["HELP", "help_for", "remarks_on"]

#: What usually helps, by QBWC code.
HELP: Final[Mapping[int, str]] = {
    1012: "authenticate got no reply that can be read: a slow or failing host, TLS, or a malformed array"
    " (two strings in the namespace of the service); it is not a wrong password",
    1013: "QuickBooks could not be opened; the host was told by connectionError",
    1014: "QuickBooks did not answer the query for host, company and preferences",
    1036: "clientVersion got no reply that can be read",
    1037: "the host wants another version of the Web Connector",
    1040: "the host answered nvu: user name or password is wrong",
    1041: "sendRequestXML got no reply that can be read, or none within 100 seconds",
    1042: "receiveResponseXML got no reply that can be read (its Result is a whole number), or none in time;"
    " the host may have stored the response all the same",
    1043: "getLastError got no reply that can be read",
    1044: "closeConnection got no reply that can be read",
    1045: "connectionError got no reply that can be read",
    1046: "clientVersion may answer an empty string, or a text that begins with W:, E: or O:",
    1048: "a plain GET of the endpoint must answer 200; the real program blames the certificate",
}


def help_for(code: int | None) -> str | None:
    """Return what usually helps, ``None`` when nothing is known."""
    return None if code is None else HELP.get(code)


def remarks_on(url: str) -> list[str]:
    """Return what the real program would hold against *url* when the application is added.

    They do not keep a test on the own computer from running.
    """
    parts = urllib.parse.urlsplit(url)
    host = parts.hostname or ""
    remarks = []
    if _is_address(host):
        remarks.append(f"QBWC1001: {host} is an address; the .qwc file needs a name such as localhost")
    elif parts.scheme != "https" and host != "localhost":
        remarks.append(f"QBWC1010: only https is allowed for {host}; http is for localhost")
    return remarks


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
