"""Results of calls to QuickBooks, as the Web Connector hands them on in ``hresult``.

Follows the table of request processor results in the Web Connector reference; 0x80040438 and the results
of Windows itself are known from the field.  Asked through ``status.explain_hresult``.
"""

from __future__ import annotations

from typing import Final

from ._status_types import Actor, HresultInfo, Kind, Retry

__all__ = ["CLIENT_LIBRARY", "HRESULTS", "UNKNOWN"]

_LATER: Final = (Actor.NOBODY, Retry.YES)
_PERSON: Final = (Actor.OPERATOR, Retry.YES)
_PROGRAM: Final = (Actor.PROGRAMMER, Retry.NO)
_NEVER: Final = (Actor.OPERATOR, Retry.NO)

_Reaction = tuple[Actor, Retry]


def _info(
    code: int,
    kind: Kind,
    reaction: _Reaction,
    meaning: str,
    remedy: str,
    *,
    confirmed: bool = True,
    executed: bool | None = None,
) -> HresultInfo:
    actor, retry = reaction
    return HresultInfo(
        code=code,
        text=f"0x{code:08X}",
        kind=kind,
        actor=actor,
        retry=retry,
        executed=executed,
        meaning=meaning,
        remedy=remedy,
        confirmed=confirmed,
    )


_OPEN_QUICKBOOKS: Final = "open QuickBooks with the company file"
_REPORT: Final = "should not happen behind the Web Connector; report it with the log"
_ALLOW: Final = "the administrator of the file allows it: Preferences, Integrated Applications"

_REQUEST_PROCESSOR: Final = (
    _info(
        0x80040400, Kind.FORMAT, _PROGRAM, "the document could not be parsed; nothing of it was run",
        "find the request at fault by halves, and put it aside: order, names, version or characters "
        "are wrong",
        executed=False,
    ),
    _info(0x80040401, Kind.INTERNAL, _LATER, "QuickBooks could not be reached", "try again at the next poll"),
    _info(
        0x80040402, Kind.INTERNAL, _LATER, "an unexpected error", "try again a few times; see qbsdklog.txt",
    ),
    _info(
        0x80040403, Kind.PERM, _PERSON, "the company file could not be opened",
        "check its path, its password, and the rights of the Windows user",
    ),
    _info(
        0x80040404, Kind.FEATURE, _NEVER, "the QuickBooks that runs has no qbXML",
        "use an edition that has it",
    ),
    _info(
        0x80040405, Kind.FEATURE, _PERSON, "the qbXML components are not installed",
        "repair the installation",
    ),
    _info(
        0x80040406, Kind.FEATURE, _PERSON, "the file is of an unknown version, or needs a newer QuickBooks",
        "open it with the QuickBooks that it belongs to",
    ),
    _info(0x80040407, Kind.INTERNAL, _PERSON, "QuickBooks is not fully installed", "repair the installation"),
    _info(
        0x80040408, Kind.INTERNAL, _PERSON, "QuickBooks could not be started",
        "open it by hand; look for another file that is open, a moved file, the same user logged in "
        "elsewhere, or a QuickBooks that hangs in the background",
    ),
    _info(
        0x80040409, Kind.FEATURE, _PERSON, "this version of QuickBooks cannot work with the file",
        "open it with the QuickBooks that it belongs to",
    ),
    _info(0x8004040A, Kind.LOCK, _PERSON, "another company file is open", "close it, and open the right one"),
    _info(0x8004040B, Kind.INTERNAL, _LATER, "the name of the open file is not available", "try again later"),
    _info(0x8004040C, Kind.INTERNAL, _PROGRAM, "a session was not begun, or could not be", _REPORT),
    _info(
        0x8004040D, Kind.INTERNAL, _LATER, "the session with QuickBooks is gone",
        "start a new session; settle what was sent before it goes again",
    ),
    _info(0x8004040E, Kind.INTERNAL, _LATER, "not enough memory", "send smaller documents"),
    _info(0x8004040F, Kind.INTERNAL, _PROGRAM, "a connection was not opened", _REPORT),
    _info(
        0x80040410, Kind.LOCK, _PERSON, "the file is open in another mode: single-user or multi-user",
        "switch the mode in QuickBooks",
    ),
    _info(0x80040411, Kind.INTERNAL, _PROGRAM, "a session was begun before the last one ended", _REPORT),
    _info(0x80040412, Kind.INTERNAL, _PROGRAM, "a connection was opened twice", _REPORT),
    _info(
        0x80040413, Kind.FORMAT, _PROGRAM, "rollbackOnError is not supported",
        "use stopOnError or continueOnError",
    ),
    _info(0x80040414, Kind.LOCK, _PERSON, "a dialog is open in QuickBooks", "close the dialog"),
    _info(
        0x80040415, Kind.INTERNAL, _PROGRAM, "the application gave no name", "check AppName in the .qwc file",
    ),
    _info(
        0x80040416, Kind.LOCK, _PERSON, "QuickBooks does not run, and no company file was named",
        _OPEN_QUICKBOOKS + ", or let the account name the file",
    ),
    _info(
        0x80040417, Kind.LOCK, _PERSON, "no company file is open, and none was named",
        _OPEN_QUICKBOOKS + ", or let the account name the file",
    ),
    _info(
        0x80040418, Kind.PERM, _PERSON, "the application was never used with this file",
        "the administrator of the file runs it once while logged in, and allows it",
    ),
    _info(
        0x80040419, Kind.PERM, _PERSON, "the certificate of the application is not valid", "install it anew",
    ),
    _info(0x8004041A, Kind.PERM, _PERSON, "the application has no permission", _ALLOW),
    _info(0x8004041B, Kind.LOCK, _LATER, "a lock of QuickBooks was not obtained", "try again later"),
    _info(0x8004041C, Kind.INTERNAL, _LATER, "QuickBooks failed in reading the file", "try again later"),
    _info(0x8004041D, Kind.PERM, _PERSON, "the application may not log in by itself", _ALLOW),
    _info(
        0x8004041E, Kind.PERM, _PERSON, "the certificate of the application is out of date",
        "install it anew",
    ),
    _info(
        0x8004041F, Kind.FEATURE, _NEVER, "this edition of QuickBooks has no qbXML",
        "use an edition that has it",
    ),
    _info(0x80040420, Kind.PERM, _PERSON, "a person at QuickBooks said no", _ALLOW),
    _info(0x80040421, Kind.RULE, _PERSON, "QuickBooks gives its reason in the text", "read the text"),
    _info(
        0x80040422, Kind.LOCK, _LATER, "single-user access is needed, and another application uses the file",
        "try again later",
    ),
    _info(
        0x80040423, Kind.FORMAT, _PROGRAM, "the qbXML version is not known to this QuickBooks",
        "use a lower version", confirmed=False,
    ),
    _info(0x80040424, Kind.LOCK, _LATER, "QuickBooks is still starting", "try again in a minute"),
    _info(0x80040425, Kind.FORMAT, _PROGRAM, "a parameter is not valid", _REPORT),
    _info(0x80040426, Kind.PERM, _PROGRAM, "scripts may not use the request processor", _REPORT),
    _info(0x80040427, Kind.FEATURE, _PERSON, "QuickBooks is not registered", "register QuickBooks"),
    _info(0x80040428, Kind.FEATURE, _PROGRAM, "the request processor does not support the request", _REPORT),
    _info(0x80040429, Kind.FEATURE, _PROGRAM, "this product does not take the message set", _REPORT),
    _info(
        0x8004042A, Kind.PERM, _PERSON, "remote access is not allowed",
        "run the Web Connector on that machine",
    ),
    _info(0x8004042B, Kind.FEATURE, _PROGRAM, "the interface is not supported", _REPORT),
    _info(
        0x8004042C, Kind.PERM, _PERSON, "the certificate of the application was revoked", "install it anew",
    ),
    _info(
        0x80040438, Kind.LOCK, _PERSON, "a second or leftover QuickBooks process is in the way",
        "end it, or restart the machine",
    ),
)  # fmt: skip

_PRIVILEGE: Final = (
    "run QuickBooks and the Web Connector at the same privilege level; end leftover QuickBooks processes"
)

_WINDOWS: Final = (
    _info(
        0x80040154, Kind.FEATURE, _PERSON, "the request processor is not registered with Windows",
        "install the Web Connector anew",
    ),
    _info(0x80070005, Kind.PERM, _PERSON, "Windows denied the access", _PRIVILEGE),
    _info(0x800401F0, Kind.INTERNAL, _PERSON, "Windows components are not ready", _PRIVILEGE),
    _info(0x80010105, Kind.INTERNAL, _PERSON, "QuickBooks failed during the call", _PRIVILEGE),
    _info(0x800706BA, Kind.INTERNAL, _PERSON, "QuickBooks is gone or does not answer", _PRIVILEGE),
    _info(0x800706BE, Kind.INTERNAL, _PERSON, "QuickBooks broke off during the call", _PRIVILEGE),
    _info(0x80080005, Kind.INTERNAL, _PERSON, "Windows could not start QuickBooks", _PRIVILEGE),
)  # fmt: skip

#: What is known, by unsigned number.
HRESULTS: Final[dict[int, HresultInfo]] = {
    info.code: info for info in (*_REQUEST_PROCESSOR, *_WINDOWS) if info.code is not None
}

#: Numbers of Intuit's client library, which do not come through the Web Connector.
CLIENT_LIBRARY: Final = (
    range(0x80040300, 0x80040313),
    HresultInfo(
        code=None,
        text="",
        kind=Kind.INTERNAL,
        actor=Actor.PROGRAMMER,
        retry=Retry.NO,
        executed=None,
        meaning="an error of Intuit's client library, which the Web Connector does not use",
        remedy="look for what else talks to QuickBooks; 0x80040308 means that it could not be reached",
        listed=False,
    ),
)

#: What is said of a result that nobody has described: it may have run, and a person should look.
UNKNOWN: Final = HresultInfo(
    code=None,
    text="",
    kind=Kind.INTERNAL,
    actor=Actor.OPERATOR,
    retry=Retry.NO,
    executed=None,
    meaning="a result that is not described",
    remedy="read the text that came with it; settle what was sent before it goes again",
    confirmed=False,
    listed=False,
)
