"""A Web Connector that drives any endpoint, and judges it.

Here: one update session as the Windows program runs it, call by call, against a simulated company file;
what it would show at its end; and repeated sessions. Every reply is judged as the .NET client would.
Not here: the wire (``_wire``), the ways there (``_transport``), QuickBooks itself (``company``).
Facts: Web Connector dossier 2 (contracts and sequences), 3.1 (time-outs), 5.1 (codes).

Where the dossier is of two minds, there is a switch: ``closes_after_refusal``, ``closes_after_failure``,
``cancels_on_warning``.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NoReturn, cast

import attrs

from ._transport import HTTPTransport, transport
from ._wire import CODES, NAMESPACE, Rejected, envelope, judge
from .company import QuickBooksError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._transport import Endpoint, Transport
    from .company import Company

__all__ = ["Cut", "End", "RunReport", "SessionReport", "Step", "WebConnector"]

_CONTENT_TYPE: Final = "text/xml; charset=utf-8"
_NOOP_PAUSE: Final = 5.0
_MOST_NOOPS: Final = 200
_DIGITS: Final = re.compile(r"[0-9]+")


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
    #: The session was cut (``Cut``): nothing was closed, as when the program is killed.
    KILLED = "killed"


class Cut(Exception):  # noqa: N818 - it orders something, it reports nothing
    """Raise it in *on_step* to end the session there, as if the Web Connector were killed."""


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
    def idle(self) -> bool:
        """Whether the last session found no work."""
        return bool(self.sessions) and self.sessions[-1].end is End.NO_WORK


class _Ended(Exception):  # noqa: N818 - flow of a session, never seen outside
    def __init__(self, end: End, status: str, code: int | None = None) -> None:
        self.end = end
        self.status = status
        self.code = code
        super().__init__(status)


@attrs.frozen(kw_only=True)
class _Settings:
    """How a Web Connector was set up; see ``WebConnector``."""

    user_name: str
    password: str = attrs.field(repr=False)
    application: str
    client_version: str
    sleep: Callable[[float], None] | None
    closes_after_refusal: bool
    closes_after_failure: bool
    cancels_on_warning: bool


class WebConnector:
    """The Web Connector with one application, one user and one company file.

    Args:
        endpoint: an URL, a callable ``(body, content_type, soap_action) -> (status, content_type, body)``,
            or an object with ``handle(body, content_type=…, soap_action=…)`` such as ``qbsync.Service``.
        company: the company file that is open in QuickBooks.
        user_name: sent as strUserName.
        password: sent as strPassword.
        application: the name under which QuickBooks keeps message-set outcomes apart.
        client_version: sent by ``clientVersion``; four numbers.
        on_step: called before and after each call and each piece of QuickBooks' work; may raise ``Cut``.
        sleep: really waits between sessions and after NoOp (give ``time.sleep`` for a server in another
            process); ``None`` lets simulated time pass only.
        timeout: seconds for an HTTP call; the real client waits 100.
        closes_after_refusal: whether ``closeConnection`` follows ``none``, ``nvu`` and ``busy``.
        closes_after_failure: whether ``closeConnection`` follows a failed call.
        cancels_on_warning: whether the user cancels at a ``W:`` answer of ``clientVersion``.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        company: Company,
        user_name: str,
        password: str,
        application: str = "Shop Sync",
        client_version: str = "2.3.0.207",
        on_step: Callable[[Step], None] | None = None,
        sleep: Callable[[float], None] | None = None,
        timeout: float = 100.0,
        closes_after_refusal: bool = False,
        closes_after_failure: bool = False,
        cancels_on_warning: bool = False,
    ) -> None:
        self.company = company
        self.on_step = on_step
        self._send = transport(endpoint, timeout=timeout)
        self._settings = _Settings(
            user_name=user_name,
            password=password,
            application=application,
            client_version=client_version,
            sleep=sleep,
            closes_after_refusal=closes_after_refusal,
            closes_after_failure=closes_after_failure,
            cancels_on_warning=cancels_on_warning,
        )

    def __repr__(self) -> str:
        return f"WebConnector(user_name={self._settings.user_name!r}, company={self.company!r})"

    def run_session(self) -> SessionReport:
        """Run one update and return what happened; nothing that a host answers makes it raise."""
        return _Session(self.company, self._send, self._settings, self.on_step).run()

    def run(self, *, until_idle: bool = True, max_sessions: int = 100, interval: float = 1.0) -> RunReport:
        """Run sessions one after another.

        Args:
            until_idle: stop at the first session that finds no work; otherwise run all *max_sessions*.
            max_sessions: at most so many.
            interval: seconds between two sessions (really waited when *sleep* was given).

        Returns:
            The sessions. A wrong password ends the run at once, for it cannot become right.
        """
        sessions: list[SessionReport] = []
        while len(sessions) < max_sessions:
            report = self.run_session()
            sessions.append(report)
            if report.end is End.REFUSED or (until_idle and report.end is End.NO_WORK):
                break
            self._wait(max(interval, float(report.postponed or 0)))
        return RunReport(sessions=tuple(sessions))

    def close(self) -> None:
        """Close the connection to the server, where there is one."""
        if isinstance(self._send, HTTPTransport):
            self._send.close()

    def _wait(self, seconds: float) -> None:
        self.company.wait(seconds)
        if self._settings.sleep is not None:
            self._settings.sleep(seconds)


class _Session:
    """One update; its attributes become the report."""

    def __init__(
        self,
        company: Company,
        send: Transport,
        settings: _Settings,
        on_step: Callable[[Step], None] | None,
    ) -> None:
        self._company = company
        self._send = send
        self._settings = settings
        self._on_step = on_step
        self._ticket: str | None = None
        self._calls: list[str] = []
        self._progress: list[int] = []
        self._errors: list[str] = []
        self._round_trips = 0
        self._requests = 0
        self._postponed: int | None = None
        self._minimum: int | None = None

    def run(self) -> SessionReport:
        try:
            self._introduce()
            path = self._authenticate()
            self._open(path)
            self._exchange()
        except _Ended as ended:
            return self._report(self._close(ended))
        except Cut:
            return self._report(_Ended(End.KILLED, "The Web Connector was killed."))
        finally:
            self._company.end_session()

    # -- the parts of a session, in order

    def _introduce(self) -> None:
        try:
            self._call("serverVersion")
        except _Ended as failed:
            self._errors[-1] = f"logged only: {failed.status}"
        answer = self._text(self._call("clientVersion", strVersion=self._settings.client_version))
        kind, colon, text = answer.partition(":")
        if not answer:
            return
        if not colon or kind not in {"W", "E", "O"}:
            raise self._fail(f"clientVersion: expected '', W:, E: or O:, got {answer!r}", End.FAILED, 1046)
        if kind == "W" and self._settings.cancels_on_warning:
            raise self._fail(text, End.ERROR, 1037)
        if kind == "E" or (kind == "O" and _is_newer(text, self._settings.client_version)):
            raise self._fail(text, End.ERROR, 1037)

    def _authenticate(self) -> str:
        settings = self._settings
        items = cast(
            "list[str]",
            self._call("authenticate", strUserName=settings.user_name, strPassword=settings.password),
        )
        self._ticket = items[0]
        self._postponed = _seconds(items, 2)
        self._minimum = _seconds(items, 3)
        if self._postponed is not None:
            raise _Ended(End.POSTPONED, "Update postponed by application")
        word = items[1].lower()
        if word == "none":
            raise _Ended(End.NO_WORK, "No Data Exchange")
        if word == "busy":
            raise _Ended(End.BUSY, "Application Busy")
        if word == "nvu":
            raise self._fail("Invalid password for username", End.REFUSED, 1040)
        return items[1]

    def _open(self, path: str) -> None:
        """Open QuickBooks; each failure is told to the host, which names another file or says ``done``."""
        while True:
            try:
                self._company.begin_session(self._settings.application, path)
            except QuickBooksError as error:
                self._errors.append(f"QBWC1013: {error}")
                path = self._text(
                    self._call(
                        "connectionError", ticket=self._ticket, hresult=error.hresult, message=error.message
                    )
                )
                if path.lower() == "done":
                    raise _Ended(End.ERROR, error.message, 1013) from error
            else:
                return

    def _exchange(self) -> NoReturn:
        hcp = self._company.host_answer()
        noops = 0
        while True:
            request = self._text(self._call("sendRequestXML", **self._first_values(hcp)))
            hcp = ""
            if not request:
                self._no_request(noops)
                noops += 1
                continue
            noops = 0
            self._round_trips += 1
            self._answer(request)

    def _first_values(self, hcp: str) -> dict[str, str | None]:
        major, minor = self._company.version
        return {
            "ticket": self._ticket,
            "strHCPResponse": hcp,
            "strCompanyFileName": self._company.file,
            "qbXMLCountry": self._company.country,
            "qbXMLMajorVers": str(major),
            "qbXMLMinorVers": str(minor),
        }

    def _no_request(self, noops: int) -> None:
        text = self._text(self._call("getLastError", ticket=self._ticket))
        if text == "NoOp":
            if noops >= _MOST_NOOPS:
                raise self._fail(f"the host said NoOp {noops + 1} times in a row", End.FAILED, None)
            self._company.spend(_NOOP_PAUSE)
            if self._settings.sleep is not None:
                self._settings.sleep(_NOOP_PAUSE)
            return
        if text == "Interactive mode":
            self._call("interactiveRejected", wcTicket=self._ticket, reason="Nobody is at the computer.")
            raise self._fail("Interactive mode was refused: nobody is at the computer.", End.ERROR, None)
        raise self._fail(text, End.ERROR, None)

    def _answer(self, request: str) -> None:
        """Let QuickBooks work and hand its response over."""
        before = self._company.requests
        self._step("before", "ProcessRequest")
        response, hresult, message = "", "", ""
        try:
            response = self._company.process(request)
        except QuickBooksError as error:
            hresult, message = error.hresult, error.message
            self._errors.append(str(error))
        self._requests += self._company.requests - before
        self._step("after", "ProcessRequest", response)
        done = cast(
            int,
            self._call(
                "receiveResponseXML", ticket=self._ticket, response=response, hresult=hresult, message=message
            ),
        )
        self._progress.append(done)
        if done < 0:
            raise self._fail(self._text(self._call("getLastError", ticket=self._ticket)), End.ERROR, None)
        if done > 100:  # noqa: PLR2004 - percent
            raise self._fail(f"receiveResponseXML: expected at most 100, got {done}", End.FAILED, None)
        if done == 100:  # noqa: PLR2004 - percent
            raise _Ended(End.COMPLETED, "")

    def _close(self, ended: _Ended) -> _Ended:
        """End QuickBooks' session first, then tell the host; its words become the status."""
        self._company.end_session()
        polite = {End.NO_WORK, End.REFUSED, End.BUSY, End.POSTPONED}
        if ended.end in polite and not self._settings.closes_after_refusal:
            return ended
        if ended.end is End.FAILED and (self._ticket is None or not self._settings.closes_after_failure):
            return ended
        if self._ticket is None:
            return ended
        try:
            words = self._text(self._call("closeConnection", ticket=self._ticket))
        except _Ended as failed:
            return failed if ended.end is End.COMPLETED else ended
        except Cut:
            return _Ended(End.KILLED, "The Web Connector was killed.")
        return _Ended(ended.end, ended.status or words, ended.code)

    # -- one call

    def _call(self, call: str, **values: str | None) -> str | int | list[str] | None:
        self._calls.append(call)
        self._step("before", call)
        try:
            status, content_type, body = self._send(
                envelope(call, values), _CONTENT_TYPE, f'"{NAMESPACE}{call}"'
            )
            result = judge(call, status, content_type, body)
        except (OSError, Rejected) as error:
            reason = error.reason if isinstance(error, Rejected) else f"{type(error).__name__}: {error}"
            raise self._fail(f"{call}: {reason}", End.FAILED, CODES.get(call)) from error
        self._step("after", call, result)
        return result

    def _step(self, phase: str, call: str, result: object = None) -> None:
        if self._on_step is not None:
            self._on_step(Step(phase=phase, call=call, number=len(self._calls), result=result))

    def _fail(self, text: str, end: End, code: int | None) -> _Ended:
        self._errors.append(text if code is None else f"QBWC{code}: {text}")
        return _Ended(end, text, code)

    @staticmethod
    def _text(result: object) -> str:
        """Read null as the empty string, as the client does."""
        return result if isinstance(result, str) else ""

    def _report(self, ended: _Ended) -> SessionReport:
        return SessionReport(
            end=ended.end,
            status=ended.status,
            code=ended.code,
            calls=tuple(self._calls),
            progress=tuple(self._progress),
            round_trips=self._round_trips,
            requests=self._requests,
            errors=tuple(self._errors),
            postponed=self._postponed,
            minimum_interval=self._minimum,
        )


def _seconds(items: list[str], index: int) -> int | None:
    text = items[index].strip() if len(items) > index else ""
    return int(text) if _DIGITS.fullmatch(text) else None


def _is_newer(wanted: str, mine: str) -> bool:
    """Compare versions as lists of whole numbers, never as floats (2.10 is newer than 2.9)."""
    return [int(part) for part in _DIGITS.findall(wanted)] > [int(part) for part in _DIGITS.findall(mine)]
