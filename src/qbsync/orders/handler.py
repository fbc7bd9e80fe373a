"""The order job's handler: look up, decide, settle.

An order is posted once: its transaction is looked for by number, with proof of absence, in the same session
and just before it is sent; what is there with the same customer and date is taken for it. So an order in
doubt is simply looked up again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import InvalidOrderError
from ..handlers import Again, Ask, Done, Fail, Hold, Need, Send
from ..jobs import Outcome
from ..qbxml.status import is_locked
from . import matching, posting, verdicts
from .matching import Problem
from .names import same
from .posting import SHIPPING
from .rules import KIND
from .work import Work

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ..handlers import Answers, Context, Decision, LookUp, Reply, Verdict
    from ..jobs import Job
    from ..models._base import Request

__all__ = ["OrderHandler"]

#: What an order needs goes out in sets of its own when it is more than this, so that no set is too large.
_MAX_NEEDS = 48


class OrderHandler:
    """Posts orders (jobs of kind ``order``).

    Args:
        done: called after each order has ended, at least once, with its job.
    """

    def __init__(self, *, done: Callable[[Job], None] | None = None) -> None:
        self._done = done

    @property
    def kind(self) -> str:
        """The kind of job it is for."""
        return KIND

    def look_up(self, job: Job, context: Context) -> Sequence[LookUp]:  # noqa: ARG002 - the protocol's
        """Return what must be known: tax, account, payment method, customer, items, the transaction."""
        try:
            return Work.of(job).look_ups(again=job.attempts > 0)
        except InvalidOrderError:
            return ()  # decide says why it fails

    def decide(self, job: Job, answers: Answers, context: Context) -> Decision:  # noqa: ARG002 - the protocol's
        """Return what to do with the order."""
        try:
            work = Work.of(job)
        except InvalidOrderError as error:
            return Fail(f"the order cannot be posted: {error.reason}")
        again = job.attempts > 0
        refused = _look_up_refused(work, answers, again=again)
        if refused is not None:
            return refused
        found = matching.find_form(work, answers)
        if isinstance(found, Problem):
            return Hold(found.reason)
        if found is not None:
            return _found(work, found, answers, again=again)
        if not answers.rets(work.about_form) and not answers.absent(work.about_form, work.fitted.ref_number):
            return Again(f"whether the {work.form.title} is in the books could not be told: looked up again")
        return _new(job, work, answers, again=again)

    def settle(
        self,
        job: Job,
        memo: Mapping[str, object],
        replies: Sequence[Reply],
        context: Context,  # noqa: ARG002 - the protocol's
    ) -> Verdict:
        """Return how the order ended."""
        try:
            work = Work.of(job)
        except InvalidOrderError as error:
            return Hold(f"the order cannot be read any more: {error.reason}")
        return verdicts.settle(work, memo, replies, attempts=job.attempts)

    def done(self, job: Job) -> None:
        """Tell the host, if it wants to know."""
        if self._done is not None:
            self._done(job)


def _look_up_refused(work: Work, answers: Answers, *, again: bool) -> Again | Hold | None:
    """Return what to do when a query was refused; preferences and names of others can be done without."""
    optional = (work.about_tax, work.about_entity)
    for look_up in work.look_ups(again=again):
        status = None if look_up in optional else answers.error(look_up)
        if status is None:
            continue
        reason = f"{look_up.query} was refused (status {status.code}: {status.message})"
        if is_locked(status.code):
            return Again(reason)
        return Hold(f"{reason}: put it right in QuickBooks, then retry")
    return None


def _found(work: Work, found: object, answers: Answers, *, again: bool) -> Decision:
    """The transaction is there: what of its payment?"""
    label = verdicts.POSTED if again else verdicts.ALREADY_THERE
    txn_id: str | None = getattr(found, "txn_id", None)
    ids: dict[str, str | None] = {work.form.id_name: txn_id}
    known = ((work.form.query, "ref_number", work.fitted.ref_number),)
    note = verdicts.books_differ(work, found)
    if not work.pays:
        return Done(Outcome(label=label, ids=ids), known, note)
    linked = [txn for txn in getattr(found, "linked_txn", ()) if txn.txn_type == "ReceivePayment"]
    own = [txn for txn in linked if txn.ref_number == work.fitted.payment_ref_number]
    if own or (linked and not _open(found)):
        ids["payment"] = (own or linked)[0].txn_id
        return Done(Outcome(label=label, ids=ids), known, note)
    if getattr(found, "is_paid", None):
        return Done(Outcome(label=label, ids=ids), known, note)
    return _pay(work, txn_id, getattr(found, "balance_remaining", None), answers)


def _open(found: object) -> bool:
    """Return whether a part of the invoice is certainly still to be paid."""
    return bool(getattr(found, "balance_remaining", None)) and not getattr(found, "is_paid", None)


def _pay(work: Work, txn_id: str | None, balance: object, answers: Answers) -> Decision:
    """The invoice is there without its payment: only that is sent."""
    total, number = work.amounts.total, work.order.number
    if txn_id is None:
        return Again("the invoice came without its TxnID: looked up again")
    if balance is not None and balance != total:
        return Hold(f"invoice {number} has {balance} open, the payment is {total}: apply it by hand")
    decided = _payment_there(work, answers)
    if decided is not None:
        return decided
    problem = matching.method_problem(work, answers)
    if problem is not None:
        return Hold(problem.reason)
    return Send((work.payment_request(txn_id),), memo={"form": txn_id})


def _payment_there(work: Work, answers: Answers) -> Decision | None:
    """Return what to do because of the payment's look-up; ``None`` when it is certainly not there."""
    look_up = work.about_payment
    status = answers.error(look_up)
    if status is not None:
        return Hold(f"{look_up.query} was refused (status {status.code}: {status.message})")
    rets = answers.rets(look_up)
    if any(matching.same_payment(ret, work) for ret in rets):
        number = work.order.number
        return Hold(
            f"payment {number} is in the books but not applied to its invoice: apply it there, then retry"
        )
    if not rets and not answers.absent(look_up, work.fitted.payment_ref_number):
        return Ask((look_up,))
    return None


def _new(job: Job, work: Work, answers: Answers, *, again: bool) -> Decision:
    """The transaction is certainly not there: send it, with what it needs."""
    needs = _needs(work, answers, again=again)
    if isinstance(needs, Problem):
        return Hold(needs.reason)
    problem = matching.method_problem(work, answers)
    if problem is not None:
        return Hold(problem.reason)
    if len(needs) > _MAX_NEEDS:
        return Send((), needs=needs[:_MAX_NEEDS])
    code = matching.tax_code(work, answers)
    return Send(work.requests(macro=f"TxnID:order{job.id}", tax_code=code), needs=needs)


def _needs(work: Work, answers: Answers, *, again: bool) -> tuple[Need, ...] | Problem:
    """Return the customer and items that are missing, or why they cannot be used or made."""
    customer = work.fitted.customer
    there = matching.customer_problem(work, answers, again=again)
    if isinstance(there, Problem):
        return there
    problem = matching.item_problem(work, answers)
    if problem is not None:
        return problem
    needs = [] if there else [Need(f"customer:{same(customer.name)}", posting.customer_add(customer))]
    missing = matching.missing_items(work, answers)
    if not missing:
        return tuple(needs)
    account = matching.income_account(work, answers)
    if isinstance(account, Problem):
        return account
    for key, (name, description) in missing.items():
        if key == same(SHIPPING):
            request: Request = posting.shipping_item_add(account)
        else:
            request = posting.item_add(name, description, account)
        needs.append(Need(f"item:{key}", request))
    return tuple(needs)
