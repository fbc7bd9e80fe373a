"""QuickBooks as one session of the Web Connector meets it, with everything that can go wrong there.

Here: opening a company file (tried twice), the AppLock, the host answer, running request documents; the
faults of a plan at these moments; a QuickBooks that is gone stays gone until the session ends.
Not here: what QuickBooks does with requests (``company``).
Facts: Web Connector dossier 2.4, 3.1 (tries), 3.3 (AppLock), 5.2 (HRESULTs), 8 (30).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ._fault_kinds import (
    BEGIN,
    HOST_QUERY,
    HResult,
    ModalDialog,
    QuickBooksDies,
    SlowQuickBooks,
    WrongCompany,
)
from ._refusals import QuickBooksError
from .company import Company

if TYPE_CHECKING:
    from ._client_switches import ClientSwitches
    from ._fault_kinds import Fault
    from ._line import Line
    from ._qwclog import QWCLog

__all__ = ["FileLocked", "RequestProcessor"]

_DIED: Final = "0x800706BE"
#: What stands in place of the host answer when QuickBooks is a Point of Sale.
_NO_HOST_QUERY: Final = "HOSTQUERY/COMPANYQUERY/PREFQUERY is currently not supported in QBPOS."


class FileLocked(Exception):  # noqa: N818 - flow of a session, never seen outside
    """Another computer's Web Connector holds the file's AppLock."""


class RequestProcessor:
    """The company file's side of one session.

    Attributes:
        company: the file that is open, or is to be.
        moments: what was asked of QuickBooks goes here too, among the calls.
    """

    def __init__(
        self,
        company: Company,
        line: Line,
        *,
        application: str,
        machine: str,
        switches: ClientSwitches,
        log: QWCLog,
        moments: list[str],
    ) -> None:
        self.company = company
        self._clock = company
        self._line = line
        self._application = application
        self._machine = machine
        self._switches = switches
        self._log = log
        self._moments = moments
        self._gone = False
        self._locked = False

    # -- opening and closing

    def open(self, path: str) -> None:
        """Begin a session with QuickBooks and lock the company file; two tries.

        Raises:
            QuickBooksError: both tries failed.
            FileLocked: another computer holds the lock.
            Cut: the Web Connector was killed here.
        """
        faults = self._moment(BEGIN)
        self._line.may_be_killed(faults, "before")
        if self._line.fires(faults, WrongCompany):
            self.company = _another(self.company)
        planned = self._planned(faults)
        self._clock.wait(self._switches.opening_seconds)
        try:
            self._try_to_begin(1007, path, planned)
        except QuickBooksError:
            self._try_to_begin(1008, path, planned)
        self._take_lock()
        self._line.may_be_killed(faults, "after")

    def close(self, *, keep_lock: bool) -> None:
        """End the session with QuickBooks, and free the file unless the program was killed."""
        self.company.end_session()
        if self._locked and not keep_lock:
            self.company.locked_by = ""
            self._locked = False
            self._log.say("QBConnection.unlock", "The company file is unlocked.")

    def _try_to_begin(self, code: int, path: str, planned: QuickBooksError | None) -> None:
        try:
            if planned is not None:
                raise planned
            self.company.begin_session(self._application, path)
        except QuickBooksError as error:
            self._log.say("QBConnection.connect", f"QBWC{code}: {error.hresult}: {error.message}")
            raise

    def _take_lock(self) -> None:
        holder = self.company.locked_by
        if holder not in {"", self._machine}:
            self.company.end_session()
            raise FileLocked
        self.company.locked_by = self._machine
        self._locked = True
        self._log.say("QBConnection.lock", f"The company file is locked by {self._machine}.")

    # -- asking

    def host_answer(self) -> str:
        """Return what goes out in the first ``sendRequestXML``.

        Raises:
            QuickBooksError: QuickBooks cannot answer (QBWC1014).
            Cut: the Web Connector was killed here.
        """
        faults = self._moment(HOST_QUERY)
        self._line.may_be_killed(faults, "before")
        planned = self._planned(faults)
        if planned is not None:
            raise planned
        answer = _NO_HOST_QUERY if self._switches.qb_type == "QBPOS" else self.company.host_answer()
        self._line.may_be_killed(faults, "after")
        return answer

    @property
    def file_name(self) -> str:
        """The path of the file, or for a Point of Sale the company's name."""
        return self.company.name if self._switches.qb_type == "QBPOS" else self.company.file

    def process(self, request: str, faults: tuple[Fault, ...]) -> str:
        """Let QuickBooks run a document and return its response.

        Raises:
            QuickBooksError: there is an HRESULT, or an empty one, in place of a response.
        """
        if self._gone:
            raise QuickBooksError("0x8004040D", "The ticket of the session with QuickBooks is not valid.")
        planned = self._planned(faults)
        if planned is not None:
            if any(isinstance(one, HResult) and one.executed for one in faults):
                self._run(request)
            raise planned
        slow = self._line.fires(faults, SlowQuickBooks)
        if slow is not None:
            self._clock.spend(slow.seconds)
        dies = self._line.fires(faults, QuickBooksDies)
        if dies is not None:
            self.company.dies_after = dies.after
        try:
            return self._run(request)
        except QuickBooksError as error:
            if error.hresult == _DIED:
                self._gone = True
                self.company.end_session()
            raise
        finally:
            self.company.dies_after = None

    def _run(self, request: str) -> str:
        """Run a document; another file has a clock of its own, which the connector's follows."""
        if self.company is self._clock:
            return self.company.process(request)
        before = self.company.now
        try:
            return self.company.process(request)
        finally:
            self._clock.spend((self.company.now - before).total_seconds())

    def _moment(self, name: str) -> tuple[Fault, ...]:
        self._moments.append(name)
        return self._line.moment(name)

    def _planned(self, faults: tuple[Fault, ...]) -> QuickBooksError | None:
        if self._line.fires(faults, ModalDialog):
            return QuickBooksError("0x80040414", "A modal dialog box is open in QuickBooks.")
        planned = self._line.fires(faults, HResult)
        return None if planned is None else QuickBooksError(planned.hresult, planned.message, "planned")


def _another(company: Company) -> Company:
    """Return a company file that is not the one the host was set up for."""
    return Company(
        name="Another Company",
        file=r"C:\Data\Another.QBW",
        file_id="{0C2E7B95-46D1-4F3A-B8A0-15D7E96C2F38}",
        version=".".join(map(str, company.version)),
        country=company.country,
    )
