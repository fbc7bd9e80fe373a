"""The calls before QuickBooks is opened: who speaks, in which version, and whether there is work.

Here: ``serverVersion``, ``clientVersion`` and ``authenticate``, and what each answer leads to.
Not here: the rest of a session (``_session``).
Facts: Web Connector dossier 1.1, 1.2, 2.1 to 2.3.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, cast

from ._session_reports import LOGGED_ONLY, End, Ended

if TYPE_CHECKING:
    from ._session import Session

__all__ = ["introduce", "log_in"]

_DIGITS: Final = re.compile(r"[0-9]+")


def introduce(session: Session) -> None:
    """Ask for the host's version and tell the own one.

    Raises:
        Ended: the host does not want this version, or the call failed.
        Cut: the Web Connector was killed.
    """
    _read_wsdl(session)
    try:
        session.call("serverVersion")
    except Ended as failed:
        session.errors[-1] = f"{LOGGED_ONLY}{failed.status}"
    switches = session.setup.switches
    try:
        answer = session.text(session.call("clientVersion", strVersion=switches.client_version))
    except Ended as failed:
        if not switches.continues_after_client_version_fault:
            raise
        session.errors[-1] = f"{LOGGED_ONLY}{failed.status}"
    else:
        _judge_version(session, answer)


def _read_wsdl(session: Session) -> None:
    if not session.setup.switches.reads_wsdl:
        return
    try:
        session.line.wire.transport.get("wsdl")
    except OSError as error:
        session.log.say("SOAPWebService.readWSDL", f"not read: {type(error).__name__}")


def _judge_version(session: Session, answer: str) -> None:
    switches = session.setup.switches
    kind, colon, text = answer.partition(":")
    if not answer:
        return
    if not colon or kind not in {"W", "E", "O"}:
        raise session.fail(f"clientVersion: expected '', W:, E: or O:, got {answer!r}", End.FAILED, 1046)
    ends = switches.required_version == "always" or (
        switches.required_version == "newer" and _is_newer(text, switches.client_version)
    )
    if kind == "E" or (kind == "O" and ends) or (kind == "W" and switches.cancels_on_warning):
        raise session.fail(text, End.ERROR, 1037)


def log_in(session: Session) -> str:
    """Log in and return the path of the company file wanted, ``""`` for the one that is open.

    Raises:
        Ended: there is nothing to do, now or for this user, or the call failed.
        Cut: the Web Connector was killed.
    """
    setup = session.setup
    items = cast(
        "list[str]", session.call("authenticate", strUserName=setup.user_name, strPassword=setup.password)
    )
    session.ticket = items[0]
    if setup.switches.calls_get_server_version:
        session.call("getServerVersion", ticket=session.ticket)
    if setup.switches.auto_run:
        session.minimum = _seconds(items, 3)
        session.postponed = _seconds(items, 2)
    if session.postponed is not None:
        raise Ended(End.POSTPONED, "Update postponed by application")
    word = items[1].lower()
    if word == "none":
        raise Ended(End.NO_WORK, "No Data Exchange")
    if word == "busy":
        raise Ended(End.BUSY, "Application Busy")
    if word == "nvu":
        raise session.fail("Invalid password for username", End.REFUSED, 1040)
    return items[1]


def _seconds(items: list[str], index: int) -> int | None:
    text = items[index].strip() if len(items) > index else ""
    return int(text) if _DIGITS.fullmatch(text) else None


def _is_newer(wanted: str, mine: str) -> bool:
    """Compare versions as lists of whole numbers, never as floats (2.10 is newer than 2.9)."""
    return [int(part) for part in _DIGITS.findall(wanted)] > [int(part) for part in _DIGITS.findall(mine)]
