"""The thirteen calls of the Web Connector, as frozen values.

Each call knows the names of its parameters on the wire, in order, what kind of result it has, and the
polite reply: the one that ends or leaves things without harm when there is nothing better to say.

Not here: bytes (:mod:`qbsync.qbwc.soap`), rules of order (:mod:`qbsync.qbwc.session`).
Names and types follow Intuit's published service description; a parameter that is left out, empty or nil on
the wire is the empty string, or 0 for the two integers.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from attrs import field, fields, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "CALLS",
    "Authenticate",
    "Call",
    "ClientVersion",
    "CloseConnection",
    "ConnectionFailed",
    "GetInteractiveURL",
    "GetLastError",
    "GetServerVersion",
    "InteractiveDone",
    "InteractiveRejected",
    "IsInteractiveDone",
    "Kind",
    "Parameter",
    "ReceiveResponseXML",
    "Result",
    "SendRequestXML",
    "ServerVersion",
    "parameters",
]

#: What a call returns: one text (as ``bytes`` when it is a finished ASCII document), several, or a number.
Result: TypeAlias = "str | bytes | int | Sequence[str]"


class Kind(enum.Enum):
    """The type of a call's result."""

    #: One text, which may be empty.
    TEXT = "string"
    #: A list of texts (``ArrayOfString``).
    TEXTS = "ArrayOfString"
    #: A whole number.
    NUMBER = "int"


@frozen
class Parameter:
    """One parameter of a call."""

    #: Its name on the wire.
    wire: str
    #: Its name in Python.
    attribute: str
    #: ``int`` for the two version numbers, else ``str``.
    type: type[str | int]


def _text(wire: str, *, secret: bool = False) -> Any:
    """Return a field for a text parameter called *wire*."""
    return field(default="", repr=not secret, metadata={"wire": wire, "type": str})


def _number(wire: str) -> Any:
    """Return a field for an integer parameter called *wire*."""
    return field(default=0, metadata={"wire": wire, "type": int})


@frozen
class Call:
    """One call. Subclasses are frozen values with one field a parameter, in the order of the wire."""

    #: The method's name on the wire.
    name: ClassVar[str]
    #: What it returns.
    kind: ClassVar[Kind] = Kind.TEXT
    #: The reply that does no harm.
    polite: ClassVar[str | int | tuple[str, ...]] = ""


def parameters(call: type[Call]) -> tuple[Parameter, ...]:
    """Return the parameters of *call* in the order of the wire."""
    return tuple(Parameter(f.metadata["wire"], f.name, f.metadata["type"]) for f in fields(call))


@frozen(kw_only=True)
class ServerVersion(Call):
    """Asks for the version of the service; the first call of every session."""

    name = "serverVersion"


@frozen(kw_only=True)
class GetServerVersion(Call):
    """The same under another name; documented, never seen on the wire."""

    name = "getServerVersion"
    ticket: str = _text("ticket", secret=True)


@frozen(kw_only=True)
class ClientVersion(Call):
    """Tells the version of the Web Connector; an empty reply lets it go on."""

    name = "clientVersion"
    version: str = _text("strVersion")


@frozen(kw_only=True)
class Authenticate(Call):
    """Logs in; the reply is a ticket and a word (or a company file)."""

    name = "authenticate"
    kind = Kind.TEXTS
    polite = ("", "busy")
    user_name: str = _text("strUserName")
    password: str = _text("strPassword", secret=True)


@frozen(kw_only=True)
class SendRequestXML(Call):
    """Asks for the next qbXML document; an empty reply makes it ask for the last error."""

    name = "sendRequestXML"
    ticket: str = _text("ticket", secret=True)
    #: Host, company and preferences, in the first call of a session only.
    hcp_response: str = _text("strHCPResponse", secret=True)
    company_file_name: str = _text("strCompanyFileName")
    country: str = _text("qbXMLCountry")
    major: int = _number("qbXMLMajorVers")
    minor: int = _number("qbXMLMinorVers")


@frozen(kw_only=True)
class ReceiveResponseXML(Call):
    """Brings QuickBooks' answer; the reply is progress in percent, or negative to stop."""

    name = "receiveResponseXML"
    kind = Kind.NUMBER
    polite = -1
    ticket: str = _text("ticket", secret=True)
    response: str = _text("response", secret=True)
    hresult: str = _text("hresult")
    message: str = _text("message")


@frozen(kw_only=True)
class ConnectionFailed(Call):
    """Tells that QuickBooks could not be opened (``connectionError``); ``done`` makes it stop."""

    name = "connectionError"
    polite = "done"
    ticket: str = _text("ticket", secret=True)
    hresult: str = _text("hresult")
    message: str = _text("message")


@frozen(kw_only=True)
class GetLastError(Call):
    """Asks why there was no document, or a negative number."""

    name = "getLastError"
    polite = "this session is not known here; it is over"
    ticket: str = _text("ticket", secret=True)


@frozen(kw_only=True)
class CloseConnection(Call):
    """Ends the session; the reply is shown to the user."""

    name = "closeConnection"
    polite = "OK"
    ticket: str = _text("ticket", secret=True)


@frozen(kw_only=True)
class GetInteractiveURL(Call):
    """Asks for a page to show; never asked for, since we never offer the interactive mode."""

    name = "getInteractiveURL"
    ticket: str = _text("wcTicket", secret=True)
    session_id: str = _text("sessionID")


@frozen(kw_only=True)
class InteractiveRejected(Call):
    """Tells that the user refused the interactive mode."""

    name = "interactiveRejected"
    polite = "OK"
    ticket: str = _text("wcTicket", secret=True)
    reason: str = _text("reason")


@frozen(kw_only=True)
class InteractiveDone(Call):
    """Asks whether the interactive mode is over; an explicit word, since silence is read both ways."""

    name = "interactiveDone"
    polite = "DONE"
    ticket: str = _text("wcTicket", secret=True)


@frozen(kw_only=True)
class IsInteractiveDone(Call):
    """The same under the name that other sources give."""

    name = "isInteractiveDone"
    polite = "DONE"
    ticket: str = _text("wcTicket", secret=True)


#: Every call by its name on the wire.
CALLS: Mapping[str, type[Call]] = {
    call.name: call
    for call in (
        ServerVersion,
        GetServerVersion,
        ClientVersion,
        Authenticate,
        SendRequestXML,
        ReceiveResponseXML,
        ConnectionFailed,
        GetLastError,
        CloseConnection,
        GetInteractiveURL,
        InteractiveRejected,
        InteractiveDone,
        IsInteractiveDone,
    )
}
