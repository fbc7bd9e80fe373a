"""The codes that the Web Connector shows and logs, ``QBWC1000`` and on: cause, who must act, remedy.

Follows the appendix of the Web Connector guide; 1085 and what stands behind 1012 and 1048 are known from the
field. Results of QuickBooks itself (``0x8004….``) are in :mod:`qbsync.qbxml.status`.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CALLS_BY_CODE", "CODES", "Code", "Who"]


class Who(enum.StrEnum):
    """Who must act."""

    #: It passes by itself, or nothing is wrong.
    NOBODY = "nobody"
    #: The person at the computer with QuickBooks and the Web Connector.
    PC = "the person at the QuickBooks computer"
    #: Whoever runs the service that the Web Connector calls.
    HOST = "whoever runs the service"


@frozen
class Code:
    """What is known about one code."""

    cause: str
    who: Who
    remedy: str


_QB = Code(
    "QuickBooks could not be reached or opened",
    Who.PC,
    "open QuickBooks with the company file, close its dialogs, run QuickBooks and the Web Connector at the "
    "same privilege level, then run the update again",
)
_FILE = Code(
    "the .qwc file is not one that the Web Connector takes",
    Who.HOST,
    "make the file anew: qbsync qwc NAME --url URL says what is wrong with it",
)
_WINDOW = Code(
    "a button was pressed in the Web Connector's window that had nothing to work on", Who.NOBODY, "none"
)
_AGAIN = Code(
    "the application is not in the Web Connector's list (any more)",
    Who.PC,
    "restart the Web Connector; if it is still missing, add the .qwc file again",
)
_CALL = Code(
    "a call to the service failed: no answer in time, an error in it, or a reply that cannot be read",
    Who.HOST,
    "look into the service's log at that time; check the address with: qbsync diagnose URL",
)
_LOG = Code(
    "the log file cannot be written", Who.PC, "rename or delete QWCLog.txt, check the rights of its folder"
)
_PASSWORD = Code(
    "the service said that user name or password are wrong (nvu)",
    Who.PC,
    "type the password into the Web Connector again; if nobody knows it: qbsync user rotate NAME",
)

#: Code → what is known. The numbers that are not here are not documented.
CODES: Final[Mapping[int, Code]] = {
    1000: Code("AppURL and AppSupport are on different hosts", Who.HOST, _FILE.remedy),
    1001: Code("AppURL is an IP address", Who.HOST, "use a name; " + _FILE.remedy),
    1002: Code("AppSupport is an IP address", Who.HOST, "use a name; " + _FILE.remedy),
    1003: Code("the page AppSupport does not answer 200", Who.HOST, "serve it; check: qbsync diagnose URL"),
    1004: Code("the page AppSupport could not be reached", Who.HOST, "serve it; check: qbsync diagnose URL"),
    1005: Code(
        "the Web Connector did not start: no log file", Who.PC, "give its folder write access, reinstall it"
    ),
    1006: Code("the Web Connector did not start", Who.PC, "restart Windows; if it stays, reinstall it"),
    1007: _QB,
    1008: _QB,
    1009: Code("somebody pressed cancel while QuickBooks was being opened", Who.PC, "run the update again"),
    1010: Code("AppURL is not https", Who.HOST, "put https in front; http is for localhost only"),
    1011: _AGAIN,
    1012: Code(
        "the call authenticate failed; that says nothing about the password (a wrong one is QBWC1040)",
        Who.HOST,
        "look into the service's log at that time; check the address with: qbsync diagnose URL",
    ),
    1013: _QB,
    1014: Code(
        "QuickBooks did not say which company file is open",
        Who.PC,
        "close QuickBooks' dialogs, open the company file, run the update again",
    ),
    1015: Code("QuickBooks' session was not closed cleanly", Who.NOBODY, "none; nothing is lost by it"),
    1016: Code("no application was ticked", Who.PC, "tick the application, then press Update Selected"),
    1017: Code("the list of applications was not brought up to date", Who.PC, "restart the Web Connector"),
    1018: _WINDOW,
    1019: _WINDOW,
    1020: Code("the Web Connector was closed while runs are scheduled", Who.PC, "leave it running"),
    1021: Code("the version of QuickBooks' interface is unknown", Who.PC, "repair or update QuickBooks"),
    1022: _QB,
    1023: _QB,
    1024: Code(
        "somebody pressed cancel while QuickBooks was being opened", Who.PC, "add the .qwc file again"
    ),
    1025: Code(
        "the FileID could not be looked for in the company file",
        Who.PC,
        "open the right company file as Admin",
    ),
    1026: Code(
        "the FileID could not be written into the company file; it may be there already",
        Who.PC,
        "open the right company file as Admin in single-user mode; remove the application first",
    ),
    1027: Code(
        "the application could not be registered", Who.PC, "run the Web Connector with rights to do so"
    ),
    1028: Code("the password could not be stored", Who.PC, "type the password again"),
    1029: Code("the stored password could not be read", Who.PC, "type the password again"),
    1030: Code("no password was typed in", Who.PC, "type the password into the Web Connector"),
    1031: Code("a scheduled run ended with errors", Who.NOBODY, "see the other findings of that run"),
    1032: _AGAIN,
    1033: _LOG,
    1034: Code("the editions (AuthFlags) could not be set", Who.HOST, "leave AuthFlags out of the .qwc file"),
    1035: Code("the name localhost is not known", Who.PC, "put it back into the hosts file of Windows"),
    1036: _CALL,
    1037: Code(
        "the service asks for a newer Web Connector, or somebody refused its warning", Who.PC, "update it"
    ),
    1038: Code("somebody pressed cancel where the master password was asked", Who.PC, "run the update again"),
    1039: Code(
        "the application could not be added: an element is missing, or its identifiers are there already",
        Who.PC,
        "remove the application from the Web Connector first; keep the file's OwnerID and FileID as they are",
    ),
    1040: _PASSWORD,
    1041: _CALL,
    1042: _CALL,
    1043: _CALL,
    1044: Code("the call closeConnection failed", Who.HOST, "nothing is lost by it; " + _CALL.remedy),
    1045: _CALL,
    1046: Code(
        "the reply to clientVersion is none that the Web Connector knows", Who.HOST, "answer it empty"
    ),
    1048: Code(
        "the certificate was not accepted, or a GET on the address did not answer 200",
        Who.HOST,
        "check both with: qbsync diagnose URL",
    ),
    1085: _LOG,
}

#: The call that fails with each code.
CALLS_BY_CODE: Final[Mapping[int, str]] = {
    1012: "authenticate",
    1036: "clientVersion",
    1041: "sendRequestXML",
    1042: "receiveResponseXML",
    1043: "getLastError",
    1044: "closeConnection",
    1045: "connectionError",
}
