"""Previews: what would be sent for the orders that are not done yet, said without asking QuickBooks.

What QuickBooks knows already (customers, items, the transaction itself) is not known here, so a preview shows
everything that may be sent: ``needs`` go only where they are missing. New items have no account in a preview
unless the rules name one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

from ..jobs import State
from . import posting
from .names import same
from .posting import SHIPPING
from .rules import KIND
from .view import view_of
from .work import Work

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from ..jobs import Job
    from ..models._base import Request
    from ..outbox import Outbox
    from .reports import Remark
    from .view import OrderState

__all__ = ["Preview", "of"]

_ENDED = frozenset({State.DONE, State.FAILED, State.CANCELLED})


@frozen(kw_only=True)
class Preview:
    """What would happen to one order."""

    number: str
    channel: str
    state: OrderState
    #: Why it waits, where there is something to say.
    reason: str | None
    #: The customer's name in QuickBooks.
    customer: str
    total: Decimal
    #: The policy for names, and what it does to this order.
    names: str
    remarks: tuple[Remark, ...]
    #: Customer and items, sent only where they are missing.
    needs: tuple[Request, ...] = field(repr=False)
    #: The transaction, and its payment.
    requests: tuple[Request, ...] = field(repr=False)


def of(outbox: Outbox) -> Iterator[Preview]:
    """Yield a preview of each order of the outbox's company that is not done, in the order of staging."""
    cursor: str | None = None
    while True:
        page = outbox.list(kind=KIND, limit=100, cursor=cursor)
        yield from (_preview(job) for job in page.items if job.state not in _ENDED)
        if page.cursor is None:
            return
        cursor = page.cursor


def _preview(job: Job) -> Preview:
    work, view = Work.of(job), view_of(job)
    return Preview(
        number=work.order.number,
        channel=work.order.channel,
        state=view.state,
        reason=view.reason,
        customer=work.fitted.customer.name,
        total=work.amounts.total,
        names=work.rules.names,
        remarks=work.fitted.remarks,
        needs=tuple(_needs(work)),
        requests=work.requests(macro=f"TxnID:order{job.id}", tax_code=None),
    )


def _needs(work: Work) -> Iterator[Request]:
    account = work.rules.income_account
    yield posting.customer_add(work.fitted.customer)
    for key, (name, description) in work.items.items():
        if key == same(SHIPPING):
            yield posting.shipping_item_add(account)
        else:
            yield posting.item_add(name, description, account)
