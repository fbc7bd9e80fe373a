"""Interactive mode: the host wants a person at the computer.

Here: the question to the user, the page that is opened, the polls, and what each answer leads to.
Not here: the rest of a session (``_session``).
Facts: Web Connector dossier 2.9; where its sources contradict each other there is a switch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ._session_reports import End, Ended

if TYPE_CHECKING:
    from ._session import Session

__all__ = ["interact"]

_POLL_PAUSE: Final = 60.0
#: Two hours of polls; then the simulated user has gone home.
_MOST_POLLS: Final = 120
#: What the host gets as ``sessionID``; its real form is not documented.
_SESSION_ID: Final = "{7D0C6A18-3E52-4B97-A1F4-58C29E0B6D33}"
_REASONS: Final = {
    "absent": "Nobody is at the computer.",
    "refuses": "The user refused interactive mode.",
}


def interact(session: Session) -> None:
    """Go through interactive mode; returning means that ``sendRequestXML`` comes next.

    Raises:
        Ended: the session is over.
        Cut: the Web Connector was killed.
    """
    reason = _REASONS.get(session.setup.switches.user)
    if reason is not None:
        _reject(session, reason)
        return
    url = session.text(session.call("getInteractiveURL", wcTicket=session.ticket, sessionID=_SESSION_ID))
    session.log.say("WebServiceManager.interactive", f"opened {url}")
    if session.setup.on_interactive is not None:
        session.setup.on_interactive(url)
    for _ in range(_MOST_POLLS):
        session.pause(_POLL_PAUSE)
        answer = session.text(session.call(session.setup.switches.interactive_poll, wcTicket=session.ticket))
        if answer or session.setup.switches.interactive_empty == "ends":
            _obey(session, answer)
            return
    raise session.fail(f"interactive mode was not done after {_MOST_POLLS} polls", End.ERROR, None)


def _reject(session: Session, reason: str) -> None:
    answer = session.text(session.call("interactiveRejected", wcTicket=session.ticket, reason=reason))
    if session.setup.switches.obeys_rejected_reply and answer:
        _obey(session, answer)
        return
    raise session.fail(f"Interactive mode was refused: {reason}", End.ERROR, None)


def _obey(session: Session, answer: str) -> None:
    """Do what the answer to a poll says; returning means to go on with ``sendRequestXML``."""
    word = answer.upper()
    if word == "CONTINUE" and session.setup.switches.interactive_continue:
        return
    if word in {"DONE", ""}:
        raise Ended(End.COMPLETED, "")
    raise session.fail(answer, End.ERROR, None)
