"""What can go wrong between a host and QuickBooks, as values that print themselves.

::

    plan = Plan(LostReply("receiveResponseXML", nth=2), QuickBooksDies(after=3, session=2))
    WebConnector(service, company=company, user_name="shop", password="…", plan=plan).run()

Here: the kinds of faults, plans of them, and ``all_plans``, every (call x fault) of a recorded session.
Not here: carrying them out (``_line`` on the wire, ``_session`` at QuickBooks).
Facts: Web Connector dossier 2.10, 3.1, 3.3, 5.2 and the failure stories of 8.

The text of a plan is Python that makes an equal plan; ``Plan.parse`` reads it back without running it, so a
plan in the message of a failed test can be replayed.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, ClassVar, Final

import attrs

from ..errors import UsageError
from ._wire import PARAMETERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ._session_reports import RunReport, SessionReport

__all__ = [
    "KINDS",
    "CutAfter",
    "CutBefore",
    "CutInCall",
    "CutInReply",
    "DoubledCall",
    "EchoedCall",
    "Fault",
    "GarbledReply",
    "HResult",
    "HostDiedError",
    "HostKilled",
    "LateCall",
    "LateReply",
    "LostReply",
    "ModalDialog",
    "Plan",
    "QuickBooksDies",
    "SlowQuickBooks",
    "WebConnectorKilled",
    "WrongCompany",
    "all_plans",
]

#: Moments at QuickBooks that a fault can name beside the calls of the wire.
BEGIN: Final = "BeginSession"
HOST_QUERY: Final = "HostQuery"
PROCESS: Final = "ProcessRequest"
_WIRE: Final = tuple(PARAMETERS)
_QUICKBOOKS: Final = (BEGIN, HOST_QUERY, PROCESS)

#: Before which later call a late or echoed call arrives: at the door, and on both sides of QuickBooks' work.
_ARRIVALS: Final = ("authenticate", "sendRequestXML", "receiveResponseXML", "closeConnection")

#: Three minutes: longer than the 100 seconds that the Web Connector waits.
_TOO_LATE: Final = 180.0


class HostDiedError(Exception):
    """An endpoint in this process raises it when it plays a host that was killed in the middle of a call.

    The Web Connector sees a broken connection; ``on_host_killed`` may then start the host again.
    """


def _known(*moments: str) -> Any:
    def check(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if value not in moments:
            kind, names = type(instance).__name__, ", ".join(moments)
            raise UsageError(f"{kind}.{attribute.name}: expected one of {names}, got {value!r}")

    return check


def _at_least(least: int) -> Any:
    def check(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if not isinstance(value, int) or value < least:
            kind = type(instance).__name__
            raise UsageError(f"{kind}.{attribute.name}: expected {least} or more, got {value!r}")

    return check


@attrs.frozen(repr=False)
class Fault:
    """Something that goes wrong once, at one moment of one session; use one of the kinds below."""

    #: A call of the wire, or a moment at QuickBooks: ``BeginSession``, ``HostQuery``, ``ProcessRequest``.
    call: str = attrs.field(validator=_known(*_WIRE, *_QUICKBOOKS))
    #: The how-manieth such call of the session, from 1.
    nth: int = attrs.field(default=1, kw_only=True, validator=_at_least(1))
    #: The how-manieth session of the Web Connector, from 1.
    session: int = attrs.field(default=1, kw_only=True, validator=_at_least(1))

    def __repr__(self) -> str:
        fields = attrs.fields(type(self))
        parts = [repr(getattr(self, one.name)) for one in fields if one.default is attrs.NOTHING]
        for one in fields:
            value = getattr(self, one.name)
            if one.default is not attrs.NOTHING and value != one.default:
                parts.append(f"{one.name}={value!r}")
        return f"{type(self).__name__}({', '.join(parts)})"


@attrs.frozen(repr=False)
class _OnTheWire(Fault):
    call: str = attrs.field(validator=_known(*_WIRE))


@attrs.frozen(repr=False)
class CutBefore(_OnTheWire):
    """The network is gone before the call leaves, and stays gone for this session."""


@attrs.frozen(repr=False)
class CutInCall(_OnTheWire):
    """Half of the call reaches the host, then the network is gone for this session."""


@attrs.frozen(repr=False)
class CutInReply(_OnTheWire):
    """The host serves the call; half of its reply comes back, then the network is gone for this session."""


@attrs.frozen(repr=False)
class CutAfter(_OnTheWire):
    """The reply arrives; then the network is gone for this session."""


@attrs.frozen(repr=False)
class LostReply(_OnTheWire):
    """The host serves the call, its reply never arrives, and the network works again afterwards."""


@attrs.frozen(repr=False)
class LateReply(_OnTheWire):
    """The reply takes so long (simulated seconds); the client waits 100 s and is gone then."""

    seconds: float = attrs.field(default=_TOO_LATE, kw_only=True)


@attrs.frozen(repr=False)
class LateCall(_OnTheWire):
    """The call hangs on its way: the client times out, and the host gets it in a later session.

    There it arrives just before the first call named *before*.
    """

    before: str = attrs.field(default="sendRequestXML", kw_only=True, validator=_known(*_WIRE))


@attrs.frozen(repr=False)
class DoubledCall(_OnTheWire):
    """A proxy sends the same call twice; the client reads the reply number *takes*."""

    takes: int = attrs.field(default=2, kw_only=True)


@attrs.frozen(repr=False)
class EchoedCall(_OnTheWire):
    """A proxy sends a call that was served once more, later: just before the next call named *before*."""

    before: str = attrs.field(default="sendRequestXML", kw_only=True, validator=_known(*_WIRE))


@attrs.frozen(repr=False)
class GarbledReply(_OnTheWire):
    """The host serves the call, and a proxy puts an error page in place of its reply."""

    status: int = attrs.field(default=502, kw_only=True)


@attrs.frozen(repr=False)
class WebConnectorKilled(Fault):
    """The Web Connector is killed ``before``, ``during`` (the call is under way) or ``after`` a moment."""

    when: str = attrs.field(default="during", kw_only=True, validator=_known("before", "during", "after"))


@attrs.frozen(repr=False)
class HostKilled(Fault):
    """The host is killed ``before`` it gets the call or ``after`` it served it, and started again.

    The Web Connector gets no reply, and calls *on_host_killed* to have it started again.
    """

    when: str = attrs.field(default="after", kw_only=True, validator=_known("before", "after"))


@attrs.frozen(repr=False)
class _AtQuickBooks(Fault):
    call: str = attrs.field(default=PROCESS, kw_only=True, validator=_known(*_QUICKBOOKS))


@attrs.frozen(repr=False)
class QuickBooksDies(_AtQuickBooks):
    """QuickBooks dies after so many requests of a set: ``800706BE``, then ``8004040D`` in this session."""

    call: str = attrs.field(default=PROCESS, kw_only=True, validator=_known(PROCESS))
    after: int = attrs.field(default=0, kw_only=True, validator=_at_least(0))


@attrs.frozen(repr=False)
class ModalDialog(_AtQuickBooks):
    """A dialog is open in QuickBooks: ``80040414``, nothing is run."""


@attrs.frozen(repr=False)
class HResult(_AtQuickBooks):
    """Any HRESULT in place of a response; an empty one with a text, or both empty, may come too."""

    hresult: str = attrs.field(default="0x80040402", kw_only=True)
    message: str = attrs.field(default="Unexpected error.", kw_only=True)
    #: Whether the requests were run before.
    executed: bool = attrs.field(default=False, kw_only=True)


@attrs.frozen(repr=False)
class SlowQuickBooks(_AtQuickBooks):
    """QuickBooks takes so many simulated seconds more; the Web Connector waits without a limit."""

    call: str = attrs.field(default=PROCESS, kw_only=True, validator=_known(PROCESS))
    seconds: float = attrs.field(default=600.0, kw_only=True)


@attrs.frozen(repr=False)
class WrongCompany(_AtQuickBooks):
    """Another company file is open in QuickBooks for the whole session."""

    call: str = attrs.field(default=BEGIN, kw_only=True, validator=_known(BEGIN))


#: Every kind of fault, by name.
KINDS: Final[dict[str, type[Fault]]] = {
    kind.__name__: kind
    for kind in (
        CutBefore,
        CutInCall,
        CutInReply,
        CutAfter,
        LostReply,
        LateReply,
        LateCall,
        DoubledCall,
        EchoedCall,
        GarbledReply,
        WebConnectorKilled,
        HostKilled,
        QuickBooksDies,
        ModalDialog,
        HResult,
        SlowQuickBooks,
        WrongCompany,
    )
}


@attrs.frozen(init=False, repr=False)
class Plan:
    """Faults that a ``WebConnector`` carries out; ``Plan()`` is none.

    >>> Plan(LostReply("authenticate"), QuickBooksDies(after=2, session=2))
    Plan(LostReply('authenticate'), QuickBooksDies(session=2, after=2))
    """

    #: The faults, in any order.
    faults: tuple[Fault, ...]

    NAME: ClassVar[str] = "Plan"

    def __init__(self, *faults: Fault) -> None:
        self.__attrs_init__(tuple(faults))

    def __repr__(self) -> str:
        return f"{self.NAME}({', '.join(map(repr, self.faults))})"

    def __add__(self, other: Plan) -> Plan:
        """Return both plans in one."""
        return Plan(*self.faults, *other.faults)

    def at(self, session: int, call: str, nth: int) -> tuple[Fault, ...]:
        """Return the faults of one moment."""
        return tuple(one for one in self.faults if (one.session, one.call, one.nth) == (session, call, nth))

    @classmethod
    def parse(cls, text: str) -> Plan:
        """Read what ``repr`` wrote, without running it.

        Raises:
            UsageError: it is not the text of a plan.
        """
        try:
            return cls(*(_fault(node) for node in _arguments(text)))
        except (SyntaxError, ValueError, KeyError, TypeError) as error:
            if isinstance(error, UsageError):
                raise
            raise UsageError(
                f"plan: expected text such as \"Plan(LostReply('authenticate'))\", got {text!r}"
            ) from error


def _arguments(text: str) -> list[ast.expr]:
    tree = ast.parse(text.strip(), mode="eval").body
    if not isinstance(tree, ast.Call) or _name(tree) != Plan.NAME or tree.keywords:
        raise ValueError
    return tree.args


def _name(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _fault(node: ast.expr) -> Fault:
    if not isinstance(node, ast.Call):
        raise ValueError  # noqa: TRY004 - one reason for all that is not a plan
    positional = [ast.literal_eval(one) for one in node.args]
    named = {str(one.arg): ast.literal_eval(one.value) for one in node.keywords}
    return KINDS[_name(node)](*positional, **named)


def all_plans(
    baseline: SessionReport | RunReport, *, kinds: Iterable[type[Fault]] | None = None
) -> Iterator[Plan]:
    """Yield a plan for every (call x fault) of what was recorded, in the order of the calls.

    Args:
        baseline: the report of an undisturbed session, or of several.
        kinds: only faults of these kinds; all without it.

    Yields:
        Plans of one fault each. A set of n requests gets n + 1 deaths of QuickBooks: after 0 … n of them.
    """
    sessions = getattr(baseline, "sessions", None) or (baseline,)
    wanted = tuple(kinds) if kinds is not None else (Fault,)
    for number, session in enumerate(sessions, 1):
        for fault in _faults(session):
            if isinstance(fault, wanted):
                yield Plan(attrs.evolve(fault, session=number))


def _faults(session: SessionReport) -> Iterator[Fault]:
    """Yield every fault of one session, call by call."""
    seen: dict[str, int] = {}
    sets = iter(session.sets)
    if session.opened:
        yield WrongCompany()
    for call in session.moments:
        seen[call] = nth = seen.get(call, 0) + 1
        if call == PROCESS:
            yield from _at_work(nth, next(sets, 0))
        elif call in _QUICKBOOKS:
            yield from _at_opening(call, nth)
        else:
            yield from _on_the_wire(call, nth)


def _on_the_wire(call: str, nth: int) -> Iterator[Fault]:
    for kind in (CutBefore, CutInCall, CutInReply, CutAfter, LostReply, LateReply, GarbledReply):
        yield kind(call, nth=nth)
    for before in _ARRIVALS:
        yield LateCall(call, nth=nth, before=before)
        yield EchoedCall(call, nth=nth, before=before)
    yield DoubledCall(call, nth=nth, takes=1)
    yield DoubledCall(call, nth=nth, takes=2)
    for when in ("before", "during", "after"):
        yield WebConnectorKilled(call, nth=nth, when=when)
    for when in ("before", "after"):
        yield HostKilled(call, nth=nth, when=when)


def _at_opening(call: str, nth: int) -> Iterator[Fault]:
    yield ModalDialog(call=call, nth=nth)
    yield HResult(call=call, nth=nth, hresult="0x80040408", message="Could not start QuickBooks.")
    for when in ("before", "after"):
        yield WebConnectorKilled(call, nth=nth, when=when)


def _at_work(nth: int, requests: int) -> Iterator[Fault]:
    for after in range(requests + 1):
        yield QuickBooksDies(nth=nth, after=after)
    yield ModalDialog(nth=nth)
    yield SlowQuickBooks(nth=nth)
    for executed in (False, True):
        yield HResult(nth=nth, executed=executed)
        yield HResult(nth=nth, hresult="", executed=executed)
        yield HResult(nth=nth, hresult="", message="", executed=executed)
    for when in ("before", "after"):
        yield WebConnectorKilled(PROCESS, nth=nth, when=when)
        yield HostKilled(PROCESS, nth=nth, when=when)
