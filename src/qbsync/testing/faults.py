"""What can go wrong between a host and QuickBooks, as values that print themselves.

::

    plan = Plan(LostReply("receiveResponseXML", nth=2), QuickBooksDies(after=3, session=2))
    WebConnector(service, company=company, user_name="shop", password="…", plan=plan).run()

Here: plans of faults, and ``all_plans``, every (call x fault) of a recorded session.
Not here: the kinds of faults, which stand in ``_fault_kinds`` and are offered here too; carrying them out
(``_line`` on the wire, ``_request_processor`` and ``_session`` at QuickBooks).

The text of a plan is Python that makes an equal plan; ``Plan.parse`` reads it back without running it, so a
plan in the message of a failed test can be replayed.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, ClassVar, Final

import attrs

from ..errors import UsageError
from ._fault_kinds import (
    AT_QUICKBOOKS,
    KINDS,
    PROCESS,
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
    HResult,
    LateCall,
    LateReply,
    LostReply,
    ModalDialog,
    QuickBooksDies,
    SlowQuickBooks,
    WebConnectorKilled,
    WrongCompany,
)

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

#: Before which later call a late or echoed call arrives: at the door, and on both sides of QuickBooks' work.
_ARRIVALS: Final = ("authenticate", "sendRequestXML", "receiveResponseXML", "closeConnection")


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
        elif call in AT_QUICKBOOKS:
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
