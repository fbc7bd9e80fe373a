"""How a Web Connector is set up, and what no source settles about it.

Here: ``ClientSwitches``, one documented field a switch, its checks, and the options of ``WebConnector``.
Not here: what the switches do; each is read where the rule stands.
Facts: the sections of the Web Connector dossier that each field names;
``docs/reference/simulator-connector-rules.md`` lists them rule by rule.
"""

from __future__ import annotations

import re
from typing import Any, Final, TypedDict

import attrs

from ..errors import UsageError

__all__ = ["ClientOptions", "ClientSwitches"]

_VERSION: Final = re.compile(r"[0-9]+(\.[0-9]+){3}")


def _one_of(*known: str) -> Any:
    def check(_instance: ClientSwitches, attribute: attrs.Attribute[Any], value: object) -> None:
        if value not in known:
            raise UsageError(f"{attribute.name}: expected one of {', '.join(known)}, got {value!r}")

    return check


def _four_numbers(_instance: ClientSwitches, attribute: attrs.Attribute[Any], value: str) -> None:
    if not _VERSION.fullmatch(value):
        raise UsageError(f"{attribute.name}: expected four numbers such as 2.3.0.207, got {value!r}")


@attrs.frozen(kw_only=True)
class ClientSwitches:
    """Settings of the program, and behaviours that no source settles; every field is a switch."""

    # -- the program, its .qwc file, its user

    #: Sent by ``clientVersion`` (2.2); four numbers.
    client_version: str = attrs.field(default="2.3.0.207", validator=_four_numbers)
    #: The .qwc file's Style (1.5): ``document`` or ``rpc``.
    style: str = attrs.field(default="document", validator=_one_of("document", "rpc"))
    #: The .qwc file's QBType (2.4): with ``QBPOS`` no host answer, and the company's name for the file.
    qb_type: str = attrs.field(default="QBFS", validator=_one_of("QBFS", "QBPOS"))
    #: What the log holds (3.5): ``NONE``; ``DEBUG``, 50 characters of a payload; ``VERBOSE``, all of it.
    log_level: str = attrs.field(default="DEBUG", validator=_one_of("NONE", "DEBUG", "VERBOSE"))
    #: Whether Auto-Run is ticked (2.3): without it the later strings of ``authenticate`` do nothing.
    auto_run: bool = True
    #: Who sits there when the host wants interactive mode (2.9): ``absent``, ``refuses``, ``accepts``.
    user: str = attrs.field(default="absent", validator=_one_of("absent", "refuses", "accepts"))
    #: Whether the user cancels at a ``W:`` answer of ``clientVersion`` (2.2).
    cancels_on_warning: bool = False
    #: Simulated seconds that QuickBooks takes to open (3.1: 30 and more); no work in the sense of costs.
    opening_seconds: float = 0.0

    # -- the wire

    #: Whether headers wait for ``100 Continue`` before the body follows (1.3); HTTP only.
    expects_continue: bool = True
    #: Whether cookies are kept (1.3, sources disagree); HTTP only.
    keeps_cookies: bool = False
    #: Whether the WSDL is read before a session (1.1, not seen in logs); a failure is only logged.
    reads_wsdl: bool = False
    #: Whether ``application/soap+xml`` is taken for SOAP (1.2, 1.4).
    accepts_soap12_type: bool = False
    #: Whether the RPC style reads replies of any namespace and Result name (1.5).
    accepts_rpc_replies: bool = True

    # -- the calls

    #: Whether ``getServerVersion`` is called after ``authenticate`` (1.2, never seen).
    calls_get_server_version: bool = False
    #: Whether a failure of ``clientVersion`` is only logged (1.2: an optional method) instead of QBWC1036.
    continues_after_client_version_fault: bool = False
    #: When ``O:version`` ends the session (2.2, sources disagree): if ``newer``, ``always``, ``never``.
    required_version: str = attrs.field(default="newer", validator=_one_of("newer", "always", "never"))
    #: Whether ``closeConnection`` follows ``none``, ``nvu``, ``busy`` and a postponement (2.3).
    closes_after_refusal: bool = False
    #: Whether ``closeConnection`` follows a failed call (2.8, 2.10).
    closes_after_failure: bool = False
    #: What the word NoOp means as an answer to ``sendRequestXML`` (2.4): a ``request``, or ``pause``.
    noop_as_request: str = attrs.field(default="request", validator=_one_of("request", "pause"))
    #: What a progress over 100 does (2.5, undefined): ``fails``, ``ends`` or ``goes on``.
    progress_over_100: str = attrs.field(default="fails", validator=_one_of("fails", "ends", "goes on"))
    #: Whether ``getLastError`` is asked after ``done`` to ``connectionError`` (2.7, logs differ).
    asks_last_error_after_done: bool = False

    # -- interactive mode

    #: The name of the poll (2.9, sources disagree).
    interactive_poll: str = attrs.field(
        default="interactiveDone", validator=_one_of("interactiveDone", "isInteractiveDone")
    )
    #: What an empty answer to the poll does (2.9, opposite meanings): ``waits`` or ``ends``.
    interactive_empty: str = attrs.field(default="waits", validator=_one_of("waits", "ends"))
    #: Whether ``CONTINUE`` to the poll leads back to ``sendRequestXML`` (2.9, the sample) or is an error.
    interactive_continue: bool = True
    #: Whether the answer to ``interactiveRejected`` is read as one to the poll (2.9, the sample).
    obeys_rejected_reply: bool = False

    # -- time and locks

    #: What becomes of a run that falls due during a long one (3.2): ``skipped``, or run ``at once`` after it.
    missed_run: str = attrs.field(default="skipped", validator=_one_of("skipped", "at once"))
    #: Whether scheduled runs go on after a wrong password (6).
    retries_after_refusal: bool = True
    #: Whether UpdateLock and AppLock stay behind when the program is killed (3.3).
    locks_stay_after_kill: bool = True
    #: Whether a killed program is started again, which frees its UpdateLock, by the next ``run_session``.
    restarts_after_kill: bool = True


class ClientOptions(TypedDict, total=False):
    """The switches as keyword arguments of ``WebConnector``; see ``ClientSwitches``."""

    client_version: str
    style: str
    qb_type: str
    log_level: str
    auto_run: bool
    user: str
    cancels_on_warning: bool
    opening_seconds: float
    expects_continue: bool
    keeps_cookies: bool
    reads_wsdl: bool
    accepts_soap12_type: bool
    accepts_rpc_replies: bool
    calls_get_server_version: bool
    continues_after_client_version_fault: bool
    required_version: str
    closes_after_refusal: bool
    closes_after_failure: bool
    noop_as_request: str
    progress_over_100: str
    asks_last_error_after_done: bool
    interactive_poll: str
    interactive_empty: str
    interactive_continue: bool
    obeys_rejected_reply: bool
    missed_run: str
    retries_after_refusal: bool
    locks_stay_after_kill: bool
    restarts_after_kill: bool
