"""A Web Connector that drives any endpoint, and judges it.

Here: ``WebConnector``: one application with one user at one company file; single runs, runs until there is no
work, scheduled runs; the lock that lets one update run at a time.
Not here: what happens in a session (``_session``), what can be set (``_client_switches``), what can go wrong
(``faults``).
Facts: Web Connector dossier 2 (contracts and sequences), 3 (time, scheduling, locks).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ._client_switches import ClientOptions, ClientSwitches
from ._line import Line, Wire
from ._qwclog import QWCLog
from ._schedule import Schedule
from ._session import Session, Setup
from ._session_reports import Cut, End, RunReport, SessionReport, Step
from .faults import Plan

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Unpack

    from ._transport import Endpoint
    from .company import Company
    from .faults import Fault

__all__ = [
    "ClientOptions",
    "ClientSwitches",
    "Cut",
    "End",
    "RunReport",
    "SessionReport",
    "Step",
    "UpdateLock",
    "WebConnector",
]


class UpdateLock:
    """One update at a time per Windows user, over all applications; share one between Web Connectors.

    Attributes:
        holder: the application that is updating, or was when its program was killed; ``None`` when free.
    """

    def __init__(self) -> None:
        self.holder: str | None = None

    def free(self) -> None:
        """Free the lock, as restarting the program or editing the registry does."""
        self.holder = None


class WebConnector:
    """The Web Connector with one application, one user and one company file.

    Args:
        endpoint: an URL, a callable ``(body, content_type, soap_action) -> (status, content_type, body)``,
            or an object with ``handle(body, content_type=…, soap_action=…)`` such as ``qbsync.Service``.
        company: the company file that is open in QuickBooks.
        user_name: sent as strUserName.
        password: sent as strPassword.
        application: the name under which QuickBooks keeps message-set outcomes apart.
        machine: the computer's name, as the AppLock shows it.
        on_step: called before and after each call and each piece of QuickBooks' work; may raise ``Cut``.
        on_log: called with each line of the log.
        on_interactive: called with the URL that the host wants opened, where the *user* accepts.
        on_host_killed: called where the plan kills the host (or an endpoint raises ``HostDiedError``); may
            return the endpoint that took its place.
        sleep: really waits between sessions and after NoOp (give ``time.sleep`` for a server in another
            process); ``None`` lets simulated time pass only.
        timeout: seconds for a call, of real time over HTTP and of the company's clock; the real client
            waits 100.
        plan: what goes wrong, and when.
        update_lock: shared with the other applications of the same Windows user.
        **switches: settings and unsettled behaviours; see ``ClientSwitches``.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        company: Company,
        user_name: str,
        password: str,
        application: str = "Shop Sync",
        machine: str = "SHOP-PC",
        on_step: Callable[[Step], None] | None = None,
        on_log: Callable[[str], None] | None = None,
        on_interactive: Callable[[str], None] | None = None,
        on_host_killed: Callable[[], Endpoint | None] | None = None,
        sleep: Callable[[float], None] | None = None,
        timeout: float = 100.0,
        plan: Plan | None = None,
        update_lock: UpdateLock | None = None,
        **switches: Unpack[ClientOptions],
    ) -> None:
        self.company = company
        self.on_step = on_step
        self.switches = ClientSwitches(**switches)
        self.update_lock = update_lock or UpdateLock()
        self._setup = Setup(
            user_name=user_name,
            password=password,
            application=application,
            machine=machine,
            switches=self.switches,
            sleep=sleep,
            on_interactive=on_interactive,
        )
        self._wire = Wire(
            endpoint,
            company=company,
            switches=self.switches,
            timeout=timeout,
            plan=plan or Plan(),
            on_host_killed=on_host_killed,
        )
        self._log = QWCLog(self.switches.log_level, company, on_log)
        self._sessions = 0
        self._fired: list[Fault] = []
        self._was_killed = False
        self._minimum: int | None = None

    def __repr__(self) -> str:
        return f"WebConnector(user_name={self._setup.user_name!r}, company={self.company!r})"

    # -- what it knows

    @property
    def log(self) -> str:
        """The log so far, in the form of ``QWCLog.txt``."""
        return "".join(f"{line}\n" for line in self._log.lines)

    @property
    def plan(self) -> Plan:
        """What goes wrong, and when."""
        return self._wire.plan

    @property
    def left(self) -> Plan:
        """The faults of the plan that were not carried out: their moments have not come."""
        return Plan(*(one for one in self.plan.faults if one not in self._fired))

    @property
    def minimum_interval(self) -> int | None:
        """The lower limit of the run interval in seconds that a host asked for; it stays."""
        return self._minimum

    # -- runs

    def run_session(self) -> SessionReport:
        """Run one update and return what happened; nothing that a host answers makes it raise."""
        self._sessions += 1
        if self._was_killed and self.switches.restarts_after_kill:
            self.restart()
        if self.update_lock.holder is not None:
            return self._locked_out(self.update_lock.holder)
        self.update_lock.holder = self._setup.application
        self._log.say("RegistryManager.setUpdateLock", "UpdateLock = TRUE")
        self._log.say("SOAPWebService.instantiateWebService", f"AppName: {self._setup.application}")
        line = Line(self._wire, self._sessions)
        session = Session(self.company, line, setup=self._setup, log=self._log, on_step=self.on_step)
        try:
            report = session.run()
        except BaseException:
            self.update_lock.free()
            raise
        self._fired += line.fired
        if report.minimum_interval is not None:
            self._minimum = report.minimum_interval
        self._was_killed = report.end is End.KILLED
        if not (self._was_killed and self.switches.locks_stay_after_kill):
            self.update_lock.free()
            self._log.say("RegistryManager.setUpdateLock", "UpdateLock = FALSE")
        return report

    def restart(self) -> None:
        """Start the program again after it was killed: its UpdateLock is free, an AppLock is not."""
        self._was_killed = False
        self.update_lock.free()

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

    def run_scheduled(self, seconds: float, *, every: float = 900.0) -> RunReport:
        """Let Auto-Run work for some time: the first run is due at once.

        Args:
            seconds: how long, by the company's clock (really waited when *sleep* was given).
            every: seconds from run to run; the host's lower limit and postponements count.

        Returns:
            The sessions; none when Auto-Run is not ticked.
        """
        sessions: list[SessionReport] = []
        start = self.company.now
        due, until = start, start + timedelta(seconds=seconds)
        schedule = Schedule(every=every, at_least=float(self._minimum or 0), missed=self.switches.missed_run)
        while self.switches.auto_run and due < until:
            self._wait((due - self.company.now).total_seconds())
            began = self.company.now
            report = self.run_session()
            sessions.append(report)
            if report.end is End.REFUSED and not self.switches.retries_after_refusal:
                break
            schedule = schedule.learned(report)
            due = schedule.next_run(began, self.company.now, report)
        return RunReport(sessions=tuple(sessions))

    # -- the rest

    def check_page(self) -> str | None:
        """Ask for the endpoint by a plain GET, as adding the application does.

        Returns:
            What the Web Connector would object to; ``None`` when nothing, or in process without pages.
        """
        try:
            reply = self._wire.transport.get("")
        except OSError as error:
            return f"QBWC1048: GET: {type(error).__name__}: {error}"
        if reply is None or 200 <= reply[0] < 300:  # noqa: PLR2004 - HTTP's own numbers
            return None
        return f"QBWC1048: GET: expected status 200, got {reply[0]}"

    def close(self) -> None:
        """Close the connection to the server, where there is one."""
        self._wire.transport.close()

    def _locked_out(self, holder: str) -> SessionReport:
        text = f"UpdateLock is held by {holder}: another update is running, or its program was killed."
        self._log.say("RegistryManager.setUpdateLock", text)
        now = self.company.now
        return SessionReport(end=End.LOCKED, status=text, errors=(text,), began=now, ended=now)

    def _wait(self, seconds: float) -> None:
        self.company.wait(seconds)
        if self._setup.sleep is not None:
            self._setup.sleep(seconds)
