"""What the simulated QuickBooks refuses: a whole document, or one request.

Here: the two exceptions and the severities of status codes.
Facts: qbXML dossier 5.1 (ranges) and 5.4 (whole documents), Web Connector dossier 5.2 (HRESULTs).
All texts are this simulator's own; QuickBooks words them otherwise, and in the language of its user.
"""

from __future__ import annotations

from typing import Any, Final

from ..errors import RemoteError

__all__ = ["PARSE_ERROR", "UNKNOWN_VERSION", "QuickBooksError", "Refusal", "severity", "unparsable"]

#: The document could not be parsed; nothing was executed.
PARSE_ERROR: Final = "0x80040400"
#: The declared qbXML version is unknown to this QuickBooks; so say some sources, others the one above.
UNKNOWN_VERSION: Final = "0x80040423"

_FIRST_WARNING: Final = 500
_FIRST_ERROR: Final = 1000


class QuickBooksError(RemoteError):
    """QuickBooks answered with an HRESULT and no document.

    Attributes:
        hresult: for example ``0x80040400``.
        message: the text that comes with it; for an unparsable document it names nothing.
        why: what a tester wants to know and the real QuickBooks does not say; ``""`` when there is no more.
    """

    def __init__(self, hresult: str, message: str, why: str = "") -> None:
        self.hresult = hresult
        self.message = message
        self.why = why
        super().__init__(hresult, message, why)

    def __str__(self) -> str:
        return f"{self.hresult}: {self.message}" + (f" [{self.why}]" if self.why else "")


def unparsable(why: str) -> QuickBooksError:
    """Return the refusal of a whole document; *why* stays on this side of the wire."""
    return QuickBooksError(PARSE_ERROR, "QuickBooks could not parse the XML text that it was given.", why)


class Refusal(Exception):  # noqa: N818 - one request's status, caught where the request is answered
    """A request fails with a status.

    Attributes:
        code: the status code.
        message: the text of the status.
        current: the object as it is, for 3200; ``None`` otherwise.
    """

    def __init__(self, code: int, message: str, current: Any = None) -> None:
        self.code = code
        self.message = message
        self.current = current
        super().__init__(code, message)


def severity(code: int) -> str:
    """Return ``Info``, ``Warn`` or ``Error`` for a status code."""
    if code < _FIRST_WARNING:
        return "Info"
    return "Warn" if code < _FIRST_ERROR else "Error"
