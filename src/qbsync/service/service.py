"""The service: decodes a call, does its work in one store transaction, encodes the reply.

Everything about a session lives in the store, so any process can serve any call, and a crash at any moment
leaves the state before a call or after it. A large answer is parsed before the transaction begins, after a
cheap read has shown that its ticket is known; the reply goes out after the commit.

Host code (``done`` of the handlers) runs in :meth:`Service.tick`, from a durable list, never inside a call.
What goes wrong inside a call is logged and answered with the reply that does no harm, because the Web
Connector takes a fault for a broken service.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import secrets
from datetime import timedelta
from time import perf_counter
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from attrs import frozen

from ..auth import Accounts, new_ticket, session_key
from ..errors import ParseError, RevisionError, TooManyGuessesError
from ..hooks import CallServed
from ..planner import Budgets
from ..qbwc import calls, soap
from ..qbwc.session import Decision, Event
from ..qbwc.session import State as SessionState
from ..qbxml.status import explain_hresult
from ..store.retention import DAYS
from . import receiving, sending, sessions, steps
from .chores import tick
from .events import keep_events, log_events
from .facts import Facts
from .page import page
from .replies import Answer, said_by
from .requests_handler import RequestsHandler
from .turn import SESSION, Settings, Turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from ..auth import Authenticator
    from ..handlers import Handler
    from ..hooks import Hook
    from ..qbwc.calls import Call, Result
    from ..store import Store

__all__ = ["Reply", "Service"]

_log = logging.getLogger("qbsync.service")
_T = TypeVar("_T")

_FAREWELL = "OK"
_OVER = "the session is over; nothing went wrong in it"
_NOTHING_LEFT = "nothing is left to do; what still waits is for later"
_NO_QUESTION = "an answer came that was not asked for; the session is over"
_ERROR = "the service could not do its work; see the log of the host, then run the update again"
#: Nothing is wrong with the session, but its last call could not be served: try again in some seconds.
_NO_OP = "NoOp"
#: A session pauses so often before it is told that something is wrong.
_MOST_PAUSES = 5
_CAN_WAIT = frozenset({SessionState.OPEN, SessionState.READY})
#: QuickBooks is not running, or has no file open, and was not told which one to open.
_NO_FILE = frozenset({0x80040416, 0x80040417})
#: Twice the store may be changed under a call before it gives up.
_TRIES = 3


@frozen(kw_only=True)
class Reply:
    """What goes back over HTTP."""

    status: int
    content_type: str
    body: bytes


class Service:
    """Serves the Web Connector; free of any web framework and of any server.

    Args:
        store: where jobs, sessions and accounts are kept.
        handlers: one for each kind of job besides raw requests; one of kind ``requests`` replaces ours.
        authenticator: who may log in; ``None``: the accounts in the store.
        budgets: the bounds of what goes out at once.
        idle: without a call for so long, a session is over. QuickBooks may work on one document for many
            minutes, so at least half an hour is wise.
        busy: while a session that awaits no answer called so short a time ago, a second login for its
            company is told to come again.
        hooks: who is told of events (:mod:`qbsync.hooks`), from :meth:`tick`.
        stalled: a company with work that waits has stalled after so long without a login.
        retention_days: documents of what ended are dropped after so many days, from :meth:`tick`; keys and
            ids stay for ever. ``None``: never.
        minimum_interval: the Web Connector is told not to come more often (only with Auto-Run, kept there).

    Source: the Web Connector guide, and the host checklist of the Web Connector reference.
    """

    def __init__(
        self,
        *,
        store: Store,
        handlers: Iterable[Handler] = (),
        authenticator: Authenticator | None = None,
        budgets: Budgets | None = None,
        idle: timedelta = timedelta(hours=1),
        busy: timedelta = timedelta(seconds=2),
        hooks: Iterable[Hook] = (),
        stalled: timedelta = timedelta(hours=2),
        minimum_interval: timedelta | None = None,
        retention_days: float | None = DAYS,
    ) -> None:
        self._store = store
        self._authenticator = authenticator or Accounts(store)
        self._busy = busy
        default = RequestsHandler()
        self._settings = Settings(
            handlers={default.kind: default, **{handler.kind: handler for handler in handlers}},
            budgets=budgets or Budgets(),
            idle=idle,
            new_id=_new_id,
            hooks=tuple(hooks),
            stalled=stalled,
            retention_days=retention_days,
        )
        self._minimum = (
            None if minimum_interval is None else str(max(1, round(minimum_interval.total_seconds())))
        )

    def __repr__(self) -> str:
        return f"Service(store={self._store!r}, kinds={sorted(self._settings.handlers)})"

    # -- HTTP

    def handle(self, body: bytes, *, content_type: str = soap.CONTENT_TYPE, soap_action: str = "") -> Reply:
        """Answer one POST.

        Args:
            body: the whole body.
            content_type: the header; what the document declares counts more.
            soap_action: the header, a hint only: the call is the first element of the Body.

        Returns:
            Status 200 and the reply of the call; 500 and a SOAP fault for what is no call.
        """
        del soap_action
        try:
            received = soap.decode(body, content_type=content_type)
        except ParseError as error:
            _log.warning("a request could not be read", extra={"reason": str(error), "size": len(body)})
            return Reply(
                status=500, content_type=soap.CONTENT_TYPE, body=soap.fault(str(error), blame="Client")
            )
        if received.sanitised:
            _log.warning("characters that XML cannot hold were replaced", extra={"call": received.call.name})
        result = self._serve(received.call)
        return Reply(status=200, content_type=soap.CONTENT_TYPE, body=soap.encode(received.call.name, result))

    def too_large(self, max_body: int) -> Reply:
        """Answer a POST whose body was not read because it is too large."""
        text = f"the request is larger than the {max_body} bytes that this service takes"
        return Reply(status=413, content_type=soap.CONTENT_TYPE, body=soap.fault(text, blame="Client"))

    def page(self, path: str, query: str = "", *, base_url: str, authorised: bool = False) -> Reply:
        """Answer a GET: a page for people, the description of the service, or the file of an account.

        Args:
            path: below the mount; ``/NAME.qwc`` is the file to open in the Web Connector of user NAME, any
                other the page.
            query: what stands behind ``?``; ``wsdl`` asks for the description.
            base_url: the full URL of the mount.
            authorised: whether who asks may have the file: the request came from this machine, or the host
                knows them.
        """
        status, content_type, body = page(self._store, path, query, base_url=base_url, authorised=authorised)
        return Reply(status=status, content_type=content_type, body=body)

    # -- one method a call, for hosts with a SOAP server of their own

    def server_version(self) -> str:
        """Return the version of this service (``serverVersion``)."""
        return self._text(calls.ServerVersion())

    def client_version(self, version: str) -> str:
        """Return what the Web Connector is told about its own version: nothing, it may go on."""
        return self._text(calls.ClientVersion(version=version))

    def authenticate(self, user_name: str, password: str) -> list[str]:
        """Log in: a ticket, and ``""`` or a company file (work is there), ``none``, ``nvu`` or ``busy``.

        A third and a fourth text may follow: seconds to come again after, where the company's schedule lets
        nothing go out now, and the shortest interval between two runs.
        """
        call = calls.Authenticate(user_name=user_name, password=password)
        return list(cast("tuple[str, ...]", self._serve(call)))

    def send_request_xml(  # noqa: PLR0917 - the parameters of the call, in its order
        self,
        ticket: str,
        hcp_response: str = "",
        company_file_name: str = "",
        country: str = "",
        major: int = 0,
        minor: int = 0,
    ) -> str:
        """Return the next qbXML document, or ``""``: then ``getLastError`` says why."""
        return self._text(
            calls.SendRequestXML(
                ticket=ticket,
                hcp_response=hcp_response,
                company_file_name=company_file_name,
                country=country,
                major=major,
                minor=minor,
            )
        )

    def receive_response_xml(self, ticket: str, response: str, hresult: str = "", message: str = "") -> int:
        """Take QuickBooks' answer: percent done, 100 at the end, negative: ``getLastError`` says why."""
        call = calls.ReceiveResponseXML(ticket=ticket, response=response, hresult=hresult, message=message)
        return cast("int", self._serve(call))

    def connection_error(self, ticket: str, hresult: str = "", message: str = "") -> str:
        """Take that QuickBooks could not be opened; ``done`` stops, anything else is a file to try."""
        return self._text(calls.ConnectionFailed(ticket=ticket, hresult=hresult, message=message))

    def get_last_error(self, ticket: str) -> str:
        """Return why there was no document, or a negative number."""
        return self._text(calls.GetLastError(ticket=ticket))

    def close_connection(self, ticket: str) -> str:
        """End a session; the text is shown to the user."""
        return self._text(calls.CloseConnection(ticket=ticket))

    def get_server_version(self, ticket: str = "") -> str:
        """Return the version of this service, under its other name (``getServerVersion``)."""
        return self._text(calls.GetServerVersion(ticket=ticket))

    def get_interactive_url(self, ticket: str, session_id: str = "") -> str:
        """Return no page: the interactive mode is never offered (``getInteractiveURL``)."""
        return self._text(calls.GetInteractiveURL(ticket=ticket, session_id=session_id))

    def interactive_rejected(self, ticket: str, reason: str = "") -> str:
        """Take that the user refused the interactive mode (``interactiveRejected``)."""
        return self._text(calls.InteractiveRejected(ticket=ticket, reason=reason))

    def interactive_done(self, ticket: str) -> str:
        """Return ``DONE``: an explicit word, since silence is read both ways (``interactiveDone``)."""
        return self._text(calls.InteractiveDone(ticket=ticket))

    def is_interactive_done(self, ticket: str) -> str:
        """Return ``DONE``, under the name that other sources give (``isInteractiveDone``)."""
        return self._text(calls.IsInteractiveDone(ticket=ticket))

    # -- between calls

    def tick(self, now: datetime) -> None:
        """Do what no call triggers: end idle sessions, tell hosts what ended, forget old sessions.

        Args:
            now: the present moment (aware). Call it every few seconds to minutes; any process may.
        """
        tick(self._store, self._settings, now)

    # -- calls

    def _text(self, call: Call) -> str:
        result = self._serve(call)
        return result.decode("ascii") if isinstance(result, bytes) else cast("str", result)

    def _serve(self, call: Call) -> Result:
        """Answer a call; what goes wrong is logged, and answered with the reply that does no harm."""
        serve = self._calls[type(call)]
        try:
            for _ in range(_TRIES - 1):
                try:
                    return serve(self, call)
                except RevisionError:
                    continue  # another process changed what this one read
            return serve(self, call)
        except Exception:  # noqa: BLE001 - whatever it is, the Web Connector must get a reply
            _log.exception("a call could not be served", extra={"call": call.name})
            return _ERROR if isinstance(call, calls.GetLastError) else call.polite

    def _polite(self, call: Call) -> Result:
        return call.polite

    def _server_version(self, _: Call) -> Result:
        from importlib.metadata import version  # noqa: PLC0415 - 20 ms that few programs need

        return version("qbsync")

    def _authenticate(self, call: calls.Authenticate) -> Result:
        ticket = new_ticket()
        try:
            company = self._authenticator.authenticate(call.user_name, call.password)
        except TooManyGuessesError as error:
            _log.warning("a login was put off", extra={"reason": str(error)})
            return ticket, "busy"
        if company is None:
            return ticket, "nvu"
        with self._store.begin() as t:
            told = sessions.welcome(
                t,
                company,
                account=call.user_name.strip(),
                key=session_key(ticket),
                busy=self._busy,
            )
        postpone = "" if told.postpone is None else str(told.postpone)
        if self._minimum is not None:
            return ticket, told.word, postpone, self._minimum
        return (ticket, told.word, postpone) if postpone else (ticket, told.word)

    def _with_turn(self, call: Any, work: Callable[[Turn], _T]) -> _T | Result:
        """Do *work* on the session of the call's ticket in one transaction; save what it changed."""
        began = perf_counter()
        with self._store.begin() as t:
            turn = Turn.open(t, self._settings, session_key(call.ticket))
            if turn is None:
                return cast("Result", call.polite)
            result = work(turn)
            seconds = perf_counter() - began
            turn.costs.served(turn.handled, seconds)
            turn.tell(CallServed, call=call.name, seconds=seconds)
            turn.save()
            keep_events(t, self._settings, turn.events)
        log_events(turn.events)
        return result

    def _send(self, call: calls.SendRequestXML) -> Result:
        facts = Facts.read(
            hcp=call.hcp_response,
            path=call.company_file_name,
            country=call.country,
            major=call.major,
            minor=call.minor,
        )

        def work(turn: Turn) -> Result:
            decision = steps.take(turn, Event.SEND)
            if decision is Decision.BEGIN and not sessions.begin(turn, facts):
                return ""
            if decision is Decision.REPEAT:
                return sending.document_out(turn)
            if decision is Decision.NOTHING:
                return ""
            document = sending.next_document(turn)
            if document is None:
                turn.change(error="" if turn.unfinished else _NOTHING_LEFT, pauses=0)
                steps.take(turn, Event.NOTHING_LEFT)
                return ""
            steps.take(turn, Event.HANDED_OUT)
            turn.change(pauses=0)
            return document

        return self._with_turn(call, work)

    def _receive(self, call: calls.ReceiveResponseXML) -> Result:
        key = session_key(call.ticket)
        with self._store.begin() as t:
            if t.records.get("", SESSION, key) is None:
                return call.polite
        answer = Answer.read(_digest(call), call.response, call.hresult, call.message)

        def work(turn: Turn) -> Result:
            same = turn.session.digest == answer.digest
            decision = steps.take(turn, Event.RECEIVE_AGAIN if same else Event.RECEIVE)
            if decision is Decision.REPLAY:
                if turn.session.state is SessionState.AWAITING:
                    turn.change(digest=None)  # once: an answer that is always the same must not go round
                return turn.session.reply
            if decision is Decision.RECORD:
                receiving.record(turn, answer)
            elif decision is Decision.RECORD_LATE:
                receiving.record_late(turn, answer)
            elif decision is Decision.REFUSE:
                turn.change(error=_NO_QUESTION)
                receiving.record_late(turn, answer)  # the answer may be that to what seemed to be refused
            reply = sessions.progress(turn)
            turn.change(digest=answer.digest, named=answer.named, reply=reply)
            return reply

        return self._with_turn(call, work)

    def _connection_error(self, call: calls.ConnectionFailed) -> Result:
        known = explain_hresult(call.hresult)
        said = said_by(call.hresult, call.message)

        def work(turn: Turn) -> Result:
            path = str(turn.company.facts.get("path") or "")
            if path and known.code in _NO_FILE and not turn.session.failures:
                turn.change(failures=1)
                if steps.take(turn, Event.NO_FILE_OPEN) is Decision.TRY_FILE:
                    return path
            turn.change(error=f"QuickBooks could not be opened ({said}): {known.meaning}; {known.remedy}")
            steps.take(turn, Event.CONNECTION_ERROR)
            return "done"

        return self._with_turn(call, work)

    def _get_last_error(self, call: calls.GetLastError) -> Result:
        def work(turn: Turn) -> Result:
            steps.take(turn, Event.GET_LAST_ERROR)
            session = turn.session
            if session.error:
                return session.error
            if session.state is SessionState.CLOSED:
                return _OVER
            if session.state in _CAN_WAIT and session.pauses < _MOST_PAUSES:
                turn.change(pauses=session.pauses + 1)
                return _NO_OP
            return _ERROR

        return self._with_turn(call, work)

    def _close(self, call: calls.CloseConnection) -> Result:
        def work(turn: Turn) -> Result:
            steps.take(turn, Event.CLOSE)
            return turn.session.error or _FAREWELL

        return self._with_turn(call, work)

    _calls: ClassVar[dict[type[Call], Callable[[Service, Any], Result]]] = {
        **dict.fromkeys(calls.CALLS.values(), _polite),
        calls.ServerVersion: _server_version,
        calls.GetServerVersion: _server_version,
        calls.Authenticate: _authenticate,
        calls.SendRequestXML: _send,
        calls.ReceiveResponseXML: _receive,
        calls.ConnectionFailed: _connection_error,
        calls.GetLastError: _get_last_error,
        calls.CloseConnection: _close,
    }


def _new_id() -> str:
    """Return an id for a message set: 20 characters, of the 23 that QuickBooks takes."""
    return base64.b32encode(secrets.token_bytes(13)).decode("ascii")[:20].lower()


def _digest(call: calls.ReceiveResponseXML) -> str:
    parts = (call.response, call.hresult, call.message)
    whole = hashlib.sha256()
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass")
        whole.update(b"%d:" % len(raw) + raw)
    return whole.hexdigest()
