"""What becomes of an order when QuickBooks has answered: posted, again, held or failed.

Failures are classed by who must act: nobody (a lock, a reference that was missing a moment ago: look again),
a person at QuickBooks (closed books, permissions, business rules), or whoever made the order (its data).
Follows the table of status codes and the texts that mean "retry later".
"""

from __future__ import annotations

import enum
from datetime import timedelta
from typing import TYPE_CHECKING

from ..handlers import Again, Done, Doubt, Fail, Hold
from ..jobs import Outcome, RequestOutcome
from ..qbxml.status import is_locked, is_name_taken, is_not_run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from ..handlers import Reply, Verdict
    from .work import Work

__all__ = ["ALREADY_THERE", "POSTED", "books_differ", "settle"]

#: The labels of an order's outcome.
POSTED, ALREADY_THERE = "posted", "already_there"

#: A form open on a screen may stay open for hours; attempts are counted, so not every few seconds.
_LOCK_DELAY = timedelta(minutes=1)
_LOCK_TEXTS = (
    "failed to acquire the lock",
    "could not be locked",
    "is in use",
    "modified by another user",
    "changed by another user",
)
#: Modify and save failures whose cause is in the text.
_BY_TEXT = frozenset({3170, 3180})
#: A named thing is missing or changed, or QuickBooks stopped within: look again, then decide anew.
_LOOK_AGAIN = frozenset({1000, 1010, 3000, 3120, 3130, 3140, 3172, 3200, 3230, 3240})
#: What a reference to a name gives that is not there, or cannot be used.
_MISSING = frozenset({3120, 3140})
#: At the second try somebody else may just have made the name; not at the third.
_HIDDEN_AFTER = 3
#: Closed books, permissions, features, business rules.
_PERSON = frozenset(
    {550, 3160, 3161, 3162, 3170, 3171, 3180, 3185, 3210, 3220, 3250, 3260, 3261, 3262, 3263, 3264}
    | {3270, 3280, 3300, 3500, 9005}
)


class _Who(enum.Enum):
    """Who must act."""

    #: Somebody holds the object; later it works.
    WAIT = enum.auto()
    #: Nobody: the next look tells.
    NOBODY = enum.auto()
    #: A person at QuickBooks.
    PERSON = enum.auto()
    #: The data of the order.
    DATA = enum.auto()


def _who(reply: Reply) -> _Who:
    code = reply.response.status_code if reply.response else None
    text = (reply.response.status_message or "").lower() if reply.response else ""
    if is_locked(code) or (code in _BY_TEXT and any(part in text for part in _LOCK_TEXTS)):
        return _Who.WAIT
    if code is None or is_not_run(code) or code in _LOOK_AGAIN:
        return _Who.NOBODY
    return _Who.PERSON if code in _PERSON else _Who.DATA


def _words(reply: Reply) -> str:
    if reply.response is None:
        return "no answer"
    return f"status {reply.response.status_code}: {reply.response.status_message or 'no text'}"


def _outcome(label: str, ids: Mapping[str, str | None], replies: Sequence[Reply]) -> Outcome:
    return Outcome(
        label=label,
        ids=ids,
        requests=tuple(
            RequestOutcome(
                request_id=reply.request_id,
                name=reply.name,
                applied=reply.applied,
                status_code=reply.response.status_code if reply.response else None,
                severity=reply.response.status_severity if reply.response else None,
                message=reply.response.status_message if reply.response else None,
                ids=reply.ids,
                response=reply.text,
            )
            for reply in replies
            if reply.need is None
        ),
    )


def _txn_id(reply: Reply, ret_field: str) -> str | None:
    ret = getattr(reply.response, ret_field, None)
    return reply.ids.get("TxnID") or getattr(ret, "txn_id", None)


def books_differ(work: Work, ret: object) -> str | None:
    """Return a sentence if the books hold another total than the order, else ``None``."""
    subtotal: Decimal | None = getattr(ret, "subtotal", None)
    if subtotal is None:
        return None
    total = subtotal + (getattr(ret, "sales_tax_total", None) or 0)
    if total == work.amounts.total:
        return None
    return f"the books hold {total} for this {work.form.title}, the order comes to {work.amounts.total}"


def settle(work: Work, memo: Mapping[str, object], replies: Sequence[Reply], *, attempts: int = 1) -> Verdict:
    """Return how an order ended.

    Args:
        work: the order.
        memo: what was decided: under ``form`` the id of a transaction that was there already.
        replies: the answers to needs and own requests, in order.
        attempts: how often it was handed out, this time included.
    """
    silent = [reply.name for reply in replies if reply.need is None and reply.applied is None]
    if silent:
        return Doubt(f"QuickBooks' answer says nothing of {' and '.join(silent)}")
    form = next((reply for reply in replies if reply.name == work.form.add and reply.need is None), None)
    payment = next((reply for reply in replies if reply.name == "ReceivePaymentAddRq"), None)
    if form is None and payment is None:
        return _needs_only(replies)
    known = ((work.form.query, "ref_number", work.fitted.ref_number),)
    if form is None:
        there = memo.get("form")
        posted = Done(_outcome(POSTED, {work.form.id_name: str(there) if there else None}, replies), known)
        return _paid(work, posted, payment, replies)
    if not form.applied:
        return _hidden(form, replies, attempts) or _refused(work, form, replies)
    txn_id = _txn_id(form, work.form.ret)
    if txn_id is None:
        return Again(f"QuickBooks took the {work.form.title} but named no TxnID: looked up again")
    note = books_differ(work, getattr(form.response, work.form.ret, None))
    posted = Done(_outcome(POSTED, {work.form.id_name: txn_id}, replies), known, note)
    return _paid(work, posted, payment, replies)


def _paid(work: Work, posted: Done, payment: Reply | None, replies: Sequence[Reply]) -> Verdict:
    """The transaction is there; what of its payment?"""
    if payment is None:
        return posted
    ids = dict(posted.outcome.ids)
    if payment.applied:
        ids["payment"] = _txn_id(payment, "receive_payment_ret")
        return Done(_outcome(POSTED, ids, replies), posted.known, posted.reason)
    title = work.form.title
    reason = f"the {title} is posted ({ids[work.form.id_name]}), its payment was refused ({_words(payment)})"
    who = _who(payment)
    if who is _Who.WAIT:
        return Again(reason, _LOCK_DELAY)
    if who is _Who.NOBODY:
        return Again(reason)
    return Hold(f"{reason}: put it right, then retry", _outcome(POSTED, ids, replies))


def _hidden(form: Reply, replies: Sequence[Reply], attempts: int) -> Hold | None:
    """Return what a person must do about a name that is taken again and again, and yet is never found.

    Whether QuickBooks' queries by name find inactive entries is not certain.
    """
    if attempts < _HIDDEN_AFTER or form.response is None or form.response.status_code not in _MISSING:
        return None
    for reply in replies:
        code = reply.response.status_code if reply.response else None
        if reply.need is not None and reply.applied is False and is_name_taken(code):
            return Hold(
                f"{reply.need} is taken by an entry that cannot be used, perhaps an inactive one "
                f"({_words(form)}): make it active or rename it, then retry"
            )
    return None


def _refused(work: Work, form: Reply, replies: Sequence[Reply]) -> Verdict:
    need = _failed_need(replies)
    blamed, what = (need, need.need or "") if need else (form, work.form.title)
    reason = f"{what} was refused ({_words(blamed)})"
    who = _who(blamed)
    if who is _Who.WAIT:
        return Again(reason, _LOCK_DELAY)
    if who is _Who.NOBODY:
        return Again(reason)
    outcome = _outcome("refused", {}, replies)
    if who is _Who.PERSON or need is not None:
        return Hold(f"{reason}: put it right in QuickBooks, then retry", outcome)
    return Fail(reason, outcome)


def _failed_need(replies: Sequence[Reply]) -> Reply | None:
    """Return the first need that is really missing: a name that is in use is there already."""
    for reply in replies:
        code = reply.response.status_code if reply.response else None
        if reply.need is not None and reply.applied is False and not is_name_taken(code):
            return reply
    return None


def _needs_only(replies: Sequence[Reply]) -> Verdict:
    failed = _failed_need(replies)
    if failed is None:
        return Again("customer and items were made first", free=True)
    reason = f"{failed.need} was refused ({_words(failed)})"
    who = _who(failed)
    if who is _Who.WAIT:
        return Again(reason, _LOCK_DELAY)
    if who is _Who.NOBODY:
        return Again(reason)
    return Hold(f"{reason}: put it right in QuickBooks, then retry")
