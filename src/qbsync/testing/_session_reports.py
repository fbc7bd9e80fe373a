"""What a Web Connector tells of its sessions.

Here: how a session ended, its steps while it runs, and the reports of one and of several sessions.
Not here: running them (``_session``).
Facts: Web Connector dossier 2.10 (ends), 5.1 (codes).
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from datetime import datetime

    from ._fault_kinds import Fault

__all__ = ["LOGGED_ONLY", "Cut", "End", "Ended", "RunReport", "SessionReport", "Step"]

#: What begins an error that the program writes into its log and goes on after.
LOGGED_ONLY: Final = "logged only: "


class End(StrEnum):
    """How a session ended."""

    #: The host answered 100 and the session was closed.
    COMPLETED = "completed"
    #: ``none``: there was nothing to do.
    NO_WORK = "no work"
    #: ``nvu``: wrong user name or password.
    REFUSED = "refused"
    #: ``busy``: the host asked to come again.
    BUSY = "busy"
    #: The host asked to come again after some seconds.
    POSTPONED = "postponed"
    #: The host ended the session with a text (``getLastError``, ``E:``, or ``done`` to a connection error).
    ERROR = "error"
    #: A call failed: no answer, a fault, or a reply that the client does not take.
    FAILED = "failed"
    #: The session was cut (``Cut``) or killed by a plan: nothing was closed, as when the program is killed.
    KILLED = "killed"
    #: The UpdateLock or the company file's lock was held by somebody else.
    LOCKED = "locked"


class Cut(Exception):  # noqa: N818 - it orders something, it reports nothing
    """Raise it in *on_step* to end the session there, as if the Web Connector were killed."""


class Ended(Exception):  # noqa: N818 - flow of a session, never seen outside
    """The session is over; how, with which status and code."""

    def __init__(self, end: End, status: str, code: int | None = None) -> None:
        self.end = end
        self.status = status
        self.code = code
        super().__init__(status)


@attrs.frozen(kw_only=True)
class Step:
    """One moment of a session.

    ``str(step)`` is for example ``before sendRequestXML``. Besides the calls there is ``ProcessRequest``:
    QuickBooks at work between ``sendRequestXML`` and ``receiveResponseXML``.
    """

    #: ``before`` or ``after``.
    phase: str
    #: The call, or ``ProcessRequest``.
    call: str
    #: The how-manieth call of the session, from 1.
    number: int
    #: After a call: what the client read from the reply; after ProcessRequest: the response.
    result: object = attrs.field(default=None, repr=False)

    def __str__(self) -> str:
        return f"{self.phase} {self.call}"


@attrs.frozen(kw_only=True)
class SessionReport:
    """What happened in one session."""

    #: How it ended.
    end: End
    #: The text that the Web Connector shows in its status column.
    status: str
    #: The QBWC code that it shows, ``None`` when none.
    code: int | None = None
    #: The calls made, in order.
    calls: tuple[str, ...] = ()
    #: Each answer to ``receiveResponseXML``.
    progress: tuple[int, ...] = ()
    #: Non-empty answers to ``sendRequestXML``.
    round_trips: int = 0
    #: Requests in them that QuickBooks took in.
    requests: int = 0
    #: Everything objectionable, in order: failed calls, HRESULTs, texts of the host.
    errors: tuple[str, ...] = ()
    #: Seconds until the host wants the next run; ``None`` when it did not say.
    postponed: int | None = None
    #: The lower limit of the run interval in seconds that the host asked for.
    minimum_interval: int | None = None
    #: The calls and QuickBooks' moments (``BeginSession``, ``HostQuery``, ``ProcessRequest``), in order.
    moments: tuple[str, ...] = attrs.field(default=(), repr=False)
    #: How many requests QuickBooks ran in each round trip.
    sets: tuple[int, ...] = ()
    #: The faults of the plan that were carried out in this session.
    faults: tuple[Fault, ...] = ()
    #: When it began and ended, by the company's clock.
    began: datetime | None = attrs.field(default=None, repr=False)
    ended: datetime | None = attrs.field(default=None, repr=False)

    @property
    def opened(self) -> bool:
        """Whether QuickBooks was to be opened."""
        return "BeginSession" in self.moments

    @property
    def fine(self) -> bool:
        """Whether the Web Connector's user would see nothing wrong."""
        calm = {End.COMPLETED, End.NO_WORK, End.BUSY, End.POSTPONED}
        shown = [error for error in self.errors if not error.startswith(LOGGED_ONLY)]
        return self.end in calm and self.code is None and not shown


@attrs.frozen(kw_only=True)
class RunReport:
    """What happened in several sessions."""

    sessions: tuple[SessionReport, ...]

    @property
    def round_trips(self) -> int:
        """Non-empty answers to ``sendRequestXML`` in all sessions."""
        return sum(session.round_trips for session in self.sessions)

    @property
    def requests(self) -> int:
        """Requests that QuickBooks took in, in all sessions."""
        return sum(session.requests for session in self.sessions)

    @property
    def errors(self) -> tuple[str, ...]:
        """The errors of all sessions."""
        return tuple(error for session in self.sessions for error in session.errors)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The faults that were carried out, in all sessions."""
        return tuple(fault for session in self.sessions for fault in session.faults)

    @property
    def idle(self) -> bool:
        """Whether the last session found no work."""
        return bool(self.sessions) and self.sessions[-1].end is End.NO_WORK
