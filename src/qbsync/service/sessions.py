"""How a session gets in, takes the company file, and how far it has come.

A login opens a candidate, which touches no job. It becomes the company's session with its first
``sendRequestXML``, because then its Web Connector holds the company file; whatever session had it before is
superseded, unless QuickBooks has another company's file open.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from attrs import frozen

from ..hooks import SessionStarted
from ..jobs import State
from ..qbwc.session import OVER, Event, Session
from ..qbwc.session import State as SessionState
from . import doubts, steps
from .batches import BatchState
from .chores import note_contact
from .company import CompanyState
from .facts import mismatch
from .schedule import permit
from .turn import SESSION, Turn, has_work, new_session

if TYPE_CHECKING:
    from datetime import timedelta

    from ..store import Transaction
    from .facts import Facts

__all__ = ["Welcome", "begin", "progress", "welcome"]

_TAKEN_OVER = "another Web Connector session of this company has begun; this one is over"


@frozen
class Welcome:
    """What a login is told."""

    #: ``none``, ``busy``, or the company file to open (empty: the one that is open).
    word: str
    #: Seconds after which the Web Connector is to come again, where that is known; it tells the user that
    #: the update was postponed.
    postpone: int | None = None


def welcome(t: Transaction, company: str, *, account: str, key: str, busy: timedelta) -> Welcome:
    """Return what a login is told, having opened a session if there is work.

    Costs the same whatever the store holds.

    Args:
        t: the open transaction.
        company: the company of the account.
        account: the user name.
        key: the key of the session, if there is to be one.
        busy: while the company's session called so short a time ago, and awaits no answer, it is alive.
    """
    now = t.now()
    note_contact(t, company, now)
    state = CompanyState.load(t, company)
    current = _current(t, state)
    if current is not None and current.state is SessionState.READY and abs(now - current.called_at) < busy:
        return Welcome("busy")
    allowed = permit(t, company)
    if not allowed.now:
        return Welcome("none", None if allowed.at is None else math.ceil((allowed.at - now).total_seconds()))
    if not has_work(t, company, current, state.session):
        return Welcome("none")
    new_session(t, key, Session(company=company, account=account, opened_at=now, called_at=now))
    return Welcome(str(state.facts.get("open_path") or ""))


def _current(t: Transaction, state: CompanyState) -> Session | None:
    """Return the session that has the company's file, or had it last."""
    record = t.records.get("", SESSION, state.session) if state.session is not None else None
    return Session.from_json(record.value) if record is not None else None


def begin(turn: Turn, facts: Facts) -> bool:
    """Make the session the company's; ``False`` when QuickBooks has another company's file open."""
    company = turn.company
    wrong = mismatch(company.facts, facts)
    if wrong is not None:
        turn.change(error=wrong)
        steps.take(turn, Event.GAVE_UP)
        return False
    _supersede(turn)
    company.session = turn.key
    told = {name: value for name, value in facts.to_values().items() if value is not None}
    company.facts = {**company.facts, **told}
    turn.change(version=facts.version, edition=facts.edition)
    turn.tell(
        SessionStarted,
        account=turn.session.account,
        version=facts.version,
        edition=facts.edition,
        product=facts.product or "",
        file_mode=facts.file_mode or "",
    )
    doubts.begin(turn)
    return True


def _supersede(turn: Turn) -> None:
    """End the session that had the company file before."""
    before = turn.company.session
    if before is None or before == turn.key:
        return
    other = Turn.open(turn.t, turn.settings, before, turn.company)
    if other is not None and other.session.state not in OVER | {SessionState.OPEN}:
        other.change(error=_TAKEN_OVER)
        steps.take(other, Event.TAKEN_OVER)
        other.save()
        turn.events += other.events


def progress(turn: Turn) -> int:
    """Return what the Web Connector shows: percent, 100 only when nothing is left now, -1 to stop."""
    session = turn.session
    if session.state is not SessionState.READY:
        return -1
    company = session.company
    pending = (BatchState.IN_DOUBT, BatchState.ASKED, BatchState.AGAIN)
    left = (
        turn.leases()
        or turn.t.jobs.ready(company)
        or session.probe is not None
        or session.refused
        or any(turn.first_batch(state) for state in pending)
    )
    if not left or not turn.may_go_on:
        return 100
    counts = turn.t.jobs.counts(company)
    waiting = sum(counts.get(state, 0) for state in (State.WAITING, State.LEASED, State.IN_DOUBT))
    share = 100 * session.ended // (session.ended + max(waiting, 1))
    return min(max(share, session.reply, 0), 99)
