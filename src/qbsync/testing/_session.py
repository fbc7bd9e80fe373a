"""One update session, call by call, as the Windows program runs it.

Here: the order of calls, what each answer leads to, the status and code that would be shown at the end.
Not here: the calls before QuickBooks is opened (``_login``), the way of a call (``_line``), QuickBooks
(``_request_processor``), interactive mode (``_interactive``), repeated sessions (``connector``).
Facts: Web Connector dossier 2 (contracts and sequences), 3.1, 5.1 (codes).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NoReturn, cast

import attrs

from ._fault_kinds import PROCESS, HostKilled
from ._interactive import interact
from ._judging import Rejected
from ._login import introduce, log_in
from ._refusals import QuickBooksError
from ._request_processor import FileLocked, RequestProcessor
from ._session_reports import Cut, End, Ended, SessionReport, Step
from ._wire import CODES

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._client_switches import ClientSwitches
    from ._fault_kinds import Fault
    from ._line import Line
    from ._qwclog import QWCLog
    from .company import Company

__all__ = ["Session", "Setup"]

_NOOP_PAUSE: Final = 5.0
_MOST_NOOPS: Final = 200
#: The real program has no such limits; a simulated one must come to an end. Far above what hosts do.
_MOST_OPENINGS: Final = 20
_MOST_REPEATS: Final = 1000
_KILLED: Final = "The Web Connector was killed."
_LOCKED_FILE: Final = "Update aborted. The company file is locked by another client."


@attrs.frozen(kw_only=True)
class Setup:
    """How a Web Connector was set up; see ``WebConnector``."""

    user_name: str
    password: str = attrs.field(repr=False)
    application: str
    machine: str
    switches: ClientSwitches
    sleep: Callable[[float], None] | None
    on_interactive: Callable[[str], None] | None


class Session:
    """One update; its attributes become the report.

    Attributes:
        ticket: what the host gave at the login, ``None`` before.
        postponed: seconds until the host wants the next run, ``None`` when it did not say.
        minimum: the lower limit of the interval that the host asked for, ``None`` likewise.
        errors: everything objectionable so far.
    """

    def __init__(
        self,
        company: Company,
        line: Line,
        *,
        setup: Setup,
        log: QWCLog,
        on_step: Callable[[Step], None] | None,
    ) -> None:
        self.setup = setup
        self.log = log
        self.ticket: str | None = None
        self._company = company
        self.line = line
        self._on_step = on_step
        self._began = company.now
        self._calls: list[str] = []
        self._moments: list[str] = []
        self._progress: list[int] = []
        self._sets: list[int] = []
        self.errors: list[str] = []
        self._round_trips = 0
        self.postponed: int | None = None
        self.minimum: int | None = None
        self._processor = RequestProcessor(
            company,
            line,
            application=setup.application,
            machine=setup.machine,
            switches=setup.switches,
            log=log,
            moments=self._moments,
        )

    def run(self) -> SessionReport:
        """Run the session to its end, whatever the host answers."""
        killed = False
        try:
            introduce(self)
            self._open(log_in(self))
            self._exchange()
        except Ended as ended:
            closed = self._close(ended)
            killed = closed.end is End.KILLED
            return self._report(closed)
        except Cut:
            killed = True
            return self._report(Ended(End.KILLED, _KILLED))
        finally:
            self._processor.close(keep_lock=killed and self.setup.switches.locks_stay_after_kill)

    # -- the parts of a session, in order

    def _open(self, path: str) -> None:
        """Open QuickBooks; each failure is told to the host, which names another file or says ``done``."""
        for _ in range(_MOST_OPENINGS):
            try:
                self._processor.open(path)
            except FileLocked:
                raise self.fail(_LOCKED_FILE, End.LOCKED, None) from None
            except QuickBooksError as error:
                path = self._cannot_open(error)
            else:
                return
        raise self.fail(
            f"connectionError was answered with a company file {_MOST_OPENINGS} times;"
            " the real Web Connector would go on for ever",
            End.FAILED,
            1013,
        )

    def _cannot_open(self, error: QuickBooksError) -> str:
        """Tell the host and return the file that it names instead."""
        self.errors.append(f"QBWC1013: {error}")
        path = self.text(
            self.call("connectionError", ticket=self.ticket, hresult=error.hresult, message=error.message)
        )
        if path.lower() != "done":
            return path
        status = error.message
        if self.setup.switches.asks_last_error_after_done:
            status = self.text(self.call("getLastError", ticket=self.ticket)) or status
        raise Ended(End.ERROR, status, 1013) from error

    def _exchange(self) -> NoReturn:
        hcp = self._host_answer()
        noops, repeats, last = 0, 0, ""
        while True:
            request = self.text(self.call("sendRequestXML", **self._first_values(hcp)))
            hcp = ""
            if not request or (request == "NoOp" and self.setup.switches.noop_as_request == "pause"):
                self._no_request(noops, pauses=bool(request))
                noops += 1
                continue
            repeats = repeats + 1 if request == last else 0
            if repeats >= _MOST_REPEATS:
                raise self.fail(
                    f"sendRequestXML answered the same request {repeats + 1} times in a row;"
                    " the real Web Connector would go on for ever",
                    End.FAILED,
                    None,
                )
            noops, last = 0, request
            self._round_trips += 1
            self._answer(request)

    def _host_answer(self) -> str:
        try:
            return self._processor.host_answer()
        except QuickBooksError as error:
            raise self.fail(str(error), End.FAILED, 1014) from error

    def _first_values(self, hcp: str) -> dict[str, str | None]:
        company = self._processor.company
        major, minor = company.version
        return {
            "ticket": self.ticket,
            "strHCPResponse": hcp,
            "strCompanyFileName": self._processor.file_name,
            "qbXMLCountry": company.country,
            "qbXMLMajorVers": str(major),
            "qbXMLMinorVers": str(minor),
        }

    def _no_request(self, noops: int, *, pauses: bool) -> None:
        text = "NoOp" if pauses else self.text(self.call("getLastError", ticket=self.ticket))
        if text == "NoOp":
            if noops >= _MOST_NOOPS:
                raise self.fail(f"the host said NoOp {noops + 1} times in a row", End.FAILED, None)
            self.pause(_NOOP_PAUSE)
        elif text == "Interactive mode":
            interact(self)
        else:
            self.log.say(
                "SOAPWebService.do_getLastError",
                f"Error message received from application via getLastError(): {text}",
            )
            raise self.fail(text, End.ERROR, None)

    def _answer(self, request: str) -> None:
        """Let QuickBooks work and hand its response over."""
        response, hresult, message = self._worked(request)
        done = cast(
            int,
            self.call(
                "receiveResponseXML", ticket=self.ticket, response=response, hresult=hresult, message=message
            ),
        )
        self._progress.append(done)
        over = self.setup.switches.progress_over_100
        if done < 0:
            raise self.fail(self.text(self.call("getLastError", ticket=self.ticket)), End.ERROR, None)
        if done > 100 and over == "fails":  # noqa: PLR2004 - percent
            raise self.fail(f"receiveResponseXML: expected at most 100, got {done}", End.FAILED, None)
        if done == 100 or (done > 100 and over == "ends"):  # noqa: PLR2004 - percent
            raise Ended(End.COMPLETED, "")

    def _worked(self, request: str) -> tuple[str, str, str]:
        """Return response, HRESULT and text of QuickBooks' work."""
        company = self._processor.company
        before = company.requests
        self._moments.append(PROCESS)
        faults = self.line.moment(PROCESS)
        self._step("before", PROCESS)
        self.line.may_be_killed(faults, "before")
        self._host_may_be_killed(faults, "before")
        response, hresult, message = "", "", ""
        try:
            response = self._processor.process(request, faults)
        except QuickBooksError as error:
            hresult, message = error.hresult, error.message
            self.errors.append(str(error))
            self.log.say("QBConnection.processRequest", f"{hresult}: {message}")
        finally:
            self._sets.append(company.requests - before)
        self.line.may_be_killed(faults, "during")
        self._host_may_be_killed(faults, "after")
        self._step("after", PROCESS, response)
        self.line.may_be_killed(faults, "after")
        return response, hresult, message

    def _host_may_be_killed(self, faults: tuple[Fault, ...], when: str) -> None:
        if self.line.fires(faults, HostKilled, when):
            self.line.wire.restart_host()

    def _close(self, ended: Ended) -> Ended:
        """End QuickBooks' session first, then tell the host; its words become the status."""
        self._processor.close(keep_lock=False)
        switches = self.setup.switches
        polite = {End.NO_WORK, End.REFUSED, End.BUSY, End.POSTPONED}
        if self.ticket is None or (ended.end in polite and not switches.closes_after_refusal):
            return ended
        if ended.end in {End.FAILED, End.LOCKED} and not switches.closes_after_failure:
            return ended
        try:
            words = self.text(self.call("closeConnection", ticket=self.ticket))
        except Ended as failed:
            return failed if ended.end is End.COMPLETED else ended
        except Cut:
            return Ended(End.KILLED, _KILLED)
        return Ended(ended.end, words if ended.end is End.COMPLETED else ended.status, ended.code)

    # -- one call, and what goes with it

    def call(self, call: str, **values: str | None) -> str | int | list[str] | None:
        """Make a call and return what the client read.

        Raises:
            Ended: the call failed.
            Cut: the Web Connector was killed.
        """
        self._calls.append(call)
        self._moments.append(call)
        faults = self.line.moment(call)
        self._step("before", call)
        self.line.may_be_killed(faults, "before")
        self.log.call(call, values)
        try:
            result = self.line.carry(call, values, faults)
        except (OSError, Rejected) as error:
            reason = error.reason if isinstance(error, Rejected) else f"{type(error).__name__}: {error}"
            self.log.say(f"SOAPWebService.do_{call}", _logged(call, reason))
            raise self.fail(f"{call}: {reason}", End.FAILED, CODES.get(call)) from error
        self.log.reply(call, result)
        self._step("after", call, result)
        self.line.may_be_killed(faults, "after")
        return result

    def pause(self, seconds: float) -> None:
        """Wait while QuickBooks and its company file are held."""
        self._company.spend(seconds)
        if self.setup.sleep is not None:
            self.setup.sleep(seconds)

    def fail(self, text: str, end: End, code: int | None) -> Ended:
        """Note something objectionable and return the end that it leads to."""
        objection = text or "the host stopped the session and gave no reason: getLastError was empty"
        self.errors.append(objection if code is None else f"QBWC{code}: {text}")
        return Ended(end, text, code)

    @staticmethod
    def text(result: object) -> str:
        """Read null as the empty string, as the client does."""
        return result if isinstance(result, str) else ""

    def _step(self, phase: str, call: str, result: object = None) -> None:
        if self._on_step is not None:
            self._on_step(Step(phase=phase, call=call, number=len(self._calls), result=result))

    def _report(self, ended: Ended) -> SessionReport:
        shown = ended.status if ended.code is None else f"QBWC{ended.code}: {ended.status}"
        self.log.say("WebServiceManager.updateStatus", f"{ended.end}: {shown}")
        return SessionReport(
            end=ended.end,
            status=ended.status,
            code=ended.code,
            calls=tuple(self._calls),
            progress=tuple(self._progress),
            round_trips=self._round_trips,
            requests=sum(self._sets),
            errors=tuple(self.errors),
            postponed=self.postponed,
            minimum_interval=self.minimum,
            moments=tuple(self._moments),
            sets=tuple(self._sets),
            faults=tuple(self.line.fired),
            began=self._began,
            ended=self._company.now,
        )


def _logged(call: str, reason: str) -> str:
    if call == "serverVersion":
        return f"Actual error received from web service for serverVersion call: <{reason}>"
    code = CODES.get(call)
    return reason if code is None else f"QBWC{code}: {reason}"
