"""The way of calls to the host and back, with everything that can go wrong on it.

Here: one call in simulated time, with the faults of a plan; what times out; what is delivered late.
Not here: the order of calls (``_session``), bytes and sockets (``_wire``, ``_transport``).
Facts: Web Connector dossier 2.10 and 3.1: a call that fails is never repeated by the Web Connector.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

import attrs

from ._fault_kinds import (
    CutAfter,
    CutBefore,
    CutInCall,
    CutInReply,
    DoubledCall,
    EchoedCall,
    Fault,
    GarbledReply,
    HostDiedError,
    HostKilled,
    LateCall,
    LateReply,
    LostReply,
    WebConnectorKilled,
)
from ._judging import judge
from ._session_reports import Cut
from ._transport import transport
from ._wire import NAMESPACE, envelope

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ._client_switches import ClientSwitches
    from ._transport import Endpoint, Reply, Transport
    from .company import Company
    from .faults import Plan

__all__ = ["Line", "Wire"]

_CONTENT_TYPE: Final = "text/xml; charset=utf-8"
_GONE: Final = "The underlying connection was closed: an unexpected error occurred."
_TIMED_OUT: Final = "The operation has timed out"

F = TypeVar("F", bound=Fault)


@attrs.define
class _Late:
    #: The first session in which it may arrive.
    session: int
    #: It arrives just before this call.
    before: str
    parts: tuple[bytes, str, str]


class Wire:
    """What outlives a session: the way to the host, the plan, and calls that hang somewhere on it."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        company: Company,
        switches: ClientSwitches,
        timeout: float,
        plan: Plan,
        on_host_killed: Callable[[], Endpoint | None] | None,
    ) -> None:
        self.company = company
        self.switches = switches
        self.timeout = timeout
        self.plan = plan
        self._on_host_killed = on_host_killed
        self._late: list[_Late] = []
        self.transport: Transport = self._open(endpoint)

    def _open(self, endpoint: Endpoint) -> Transport:
        return transport(
            endpoint,
            timeout=self.timeout,
            expects_continue=self.switches.expects_continue,
            keeps_cookies=self.switches.keeps_cookies,
        )

    def restart_host(self) -> None:
        """Have the host started again; it may come back as another endpoint."""
        fresh = None if self._on_host_killed is None else self._on_host_killed()
        if fresh is not None:
            self.transport.close()
            self.transport = self._open(fresh)

    def hang(self, session: int, before: str, parts: tuple[bytes, str, str]) -> None:
        """Keep a call that is on its way until the call *before* is made, in *session* or later."""
        self._late.append(_Late(session, before, parts))

    def deliver(self, session: int, call: str) -> None:
        """Let the host have what hung on its way; nobody hears its replies."""
        for late in [one for one in self._late if one.session <= session and one.before == call]:
            self._late.remove(late)
            try:
                self.transport(*late.parts)
            except OSError:
                continue


class Line:
    """The way to the host during one session.

    Attributes:
        fired: the faults that were carried out.
        seen: how often each moment has come.
    """

    def __init__(self, wire: Wire, session: int) -> None:
        self.wire = wire
        self.session = session
        self.fired: list[Fault] = []
        self.seen: dict[str, int] = {}
        self._dead = False

    def moment(self, call: str) -> tuple[Fault, ...]:
        """Count a moment and return the faults that belong to it."""
        self.seen[call] = self.seen.get(call, 0) + 1
        return self.wire.plan.at(self.session, call, self.seen[call])

    def carry(
        self, call: str, values: Mapping[str, str | None], faults: tuple[Fault, ...]
    ) -> str | int | list[str] | None:
        """Make one call and return what the client reads from the reply.

        Raises:
            OSError: no reply came (``TimeoutError``: not in time).
            Rejected: the client does not take the reply.
            Cut: the Web Connector was killed meanwhile.
        """
        switches = self.wire.switches
        self.wire.deliver(self.session, call)
        body = envelope(call, values, style=switches.style)
        parts = (body, _CONTENT_TYPE, f'"{NAMESPACE}{call}"')
        self._leaving(faults, parts)
        status, content_type, content = self._arriving(faults, self._served(faults, parts))
        return judge(
            call,
            status,
            content_type,
            content,
            accepts_soap12_type=switches.accepts_soap12_type,
            accepts_rpc_replies=switches.style == "rpc" and switches.accepts_rpc_replies,
        )

    def fires(self, faults: tuple[Fault, ...], kind: type[F], when: str = "") -> F | None:
        """Return the fault of a kind (and time) and note that it was carried out."""
        for fault in faults:
            if isinstance(fault, kind) and (not when or getattr(fault, "when", "") == when):
                self.fired.append(fault)
                return fault
        return None

    def may_be_killed(self, faults: tuple[Fault, ...], when: str) -> None:
        """Die where the plan says so.

        Raises:
            Cut: it says so.
        """
        if self.fires(faults, WebConnectorKilled, when):
            raise Cut

    def _leaving(self, faults: tuple[Fault, ...], parts: tuple[bytes, str, str]) -> None:
        """Let go wrong what keeps a call from arriving whole."""
        if self._dead:
            raise ConnectionResetError(_GONE)
        if self.fires(faults, CutBefore):
            self._dead = True
            raise ConnectionResetError(_GONE)
        if self.fires(faults, CutInCall):
            self._dead = True
            self._half(parts)
            raise ConnectionResetError(_GONE)
        if self.fires(faults, HostKilled, "before"):
            self.wire.restart_host()
            raise ConnectionRefusedError("No connection could be made.")
        late = self.fires(faults, LateCall)
        if late is not None:
            self.wire.hang(self.session + 1, late.before, parts)
            self.wire.company.wait(self.wire.timeout)
            raise TimeoutError(_TIMED_OUT)

    def _served(self, faults: tuple[Fault, ...], parts: tuple[bytes, str, str]) -> Reply:
        """Let the host serve the call, once or twice, and the clock show whether it took too long."""
        began = self.wire.company.now
        doubled = self.fires(faults, DoubledCall)
        replies = [self._sent(parts)]
        if doubled is not None:
            replies.append(self._sent(parts))
        echoed = self.fires(faults, EchoedCall)
        if echoed is not None:
            self.wire.hang(self.session, echoed.before, parts)
        late = self.fires(faults, LateReply)
        if late is not None:
            self.wire.company.wait(late.seconds)
        self.may_be_killed(faults, "during")
        if (self.wire.company.now - began).total_seconds() > self.wire.timeout:
            raise TimeoutError(_TIMED_OUT)
        return replies[0] if doubled is None or doubled.takes == 1 else replies[-1]

    def _arriving(self, faults: tuple[Fault, ...], reply: Reply) -> Reply:
        """Let go wrong what keeps a reply from arriving whole."""
        if self.fires(faults, HostKilled, "after"):
            self.wire.restart_host()
            raise ConnectionResetError(_GONE)
        if self.fires(faults, LostReply):
            raise ConnectionResetError(_GONE)
        if self.fires(faults, CutInReply):
            self._dead = True
            raise ConnectionResetError(_GONE)
        if self.fires(faults, CutAfter):
            self._dead = True
        garbled = self.fires(faults, GarbledReply)
        if garbled is not None:
            return garbled.status, "text/html", b"<html><body>Bad Gateway</body></html>"
        return reply

    def _sent(self, parts: tuple[bytes, str, str]) -> Reply:
        try:
            return self.wire.transport(*parts)
        except HostDiedError as error:
            self.wire.restart_host()
            raise ConnectionResetError(_GONE) from error

    def _half(self, parts: tuple[bytes, str, str]) -> None:
        try:
            self.wire.transport.cut_short(*parts)
        except HostDiedError:
            self.wire.restart_host()
        except OSError:
            return
