"""The kinds of faults: single things that go wrong between a host and QuickBooks, as values.

Here: one class a kind, where and when it happens, what it takes, how it prints itself.
Not here: plans of several (``faults``), carrying them out (``_line`` on the wire, ``_request_processor`` and
``_session`` at QuickBooks).
Facts: Web Connector dossier 2.10, 3.1, 3.3, 5.2 and the failure stories of 8.
"""

from __future__ import annotations

from typing import Any, Final

import attrs

from ..errors import UsageError
from ._wire import PARAMETERS

__all__ = [
    "AT_QUICKBOOKS",
    "BEGIN",
    "HOST_QUERY",
    "KINDS",
    "PROCESS",
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
    "QuickBooksDies",
    "SlowQuickBooks",
    "WebConnectorKilled",
    "WrongCompany",
]

#: Moments at QuickBooks that a fault can name beside the calls of the wire.
BEGIN: Final = "BeginSession"
HOST_QUERY: Final = "HostQuery"
PROCESS: Final = "ProcessRequest"
_WIRE: Final = tuple(PARAMETERS)
AT_QUICKBOOKS: Final = (BEGIN, HOST_QUERY, PROCESS)

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
    call: str = attrs.field(validator=_known(*_WIRE, *AT_QUICKBOOKS))
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
    call: str = attrs.field(default=PROCESS, kw_only=True, validator=_known(*AT_QUICKBOOKS))


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
