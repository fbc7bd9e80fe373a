"""What becomes of an order when QuickBooks has answered."""

from __future__ import annotations

from decimal import Decimal

import pytest
from orders_support import invoice, make_job, refusal, reply

from qbsync import models
from qbsync.handlers import Again, Done, Doubt, Fail, Hold
from qbsync.orders import Rules
from qbsync.orders.verdicts import settle
from qbsync.orders.work import Work

PAID = Rules.of(paid="Cash")
WORK = Work.of(make_job())
PAYING = Work.of(make_job(rules=PAID))
POSTED = reply("1", "InvoiceAddRq", invoice_ret=invoice())
PAYMENT = reply("2", "ReceivePaymentAddRq", receive_payment_ret=models.ReceivePaymentRet(txn_id="1B-1"))


def test_posted_with_its_payment():
    """Both ids are named, every request of its own has its outcome, and the number is known to exist."""
    need = reply("0", "CustomerAddRq", need="customer:lee, ann")
    verdict = settle(PAYING, {}, (need, POSTED, PAYMENT))
    assert isinstance(verdict, Done)
    assert verdict.outcome.label == "posted"
    assert verdict.outcome.ids == {"invoice": "1A-1", "payment": "1B-1"}
    assert [(one.request_id, one.applied, one.status_code) for one in verdict.outcome.requests] == [
        ("1", True, 0),
        ("2", True, 0),
    ]
    assert verdict.known == (("InvoiceQueryRq", "ref_number", "1001"),)
    assert verdict.reason is None


def test_recovered_ids_serve():
    """A stored outcome holds ids rather than objects; they are enough."""
    recovered = reply("1", "InvoiceAddRq", ids={"TxnID": "1A-7"})
    assert settle(WORK, {}, (recovered,)).outcome.ids == {"invoice": "1A-7"}


def test_another_total_in_the_books_is_said():
    """QuickBooks' own arithmetic may differ; the order is posted and the difference named."""
    odd = reply("1", "InvoiceAddRq", invoice_ret=invoice(subtotal=Decimal("15.01")))
    verdict = settle(WORK, {}, (odd,))
    assert isinstance(verdict, Done)
    assert verdict.reason == "the books hold 15.01 for this invoice, the order comes to 15.00"


def test_an_answer_without_id_is_no_proof():
    """Severity Info without a TxnID is looked up again."""
    assert isinstance(settle(WORK, {}, (reply("1", "InvoiceAddRq", code=3210),)), Again)


def test_a_payment_alone_names_the_invoice_that_was_there():
    """The invoice that a payment was sent for is remembered in the memo."""
    verdict = settle(PAYING, {"form": "1A-1"}, (PAYMENT,))
    assert verdict.outcome.ids == {"invoice": "1A-1", "payment": "1B-1"}


@pytest.mark.parametrize(
    ("code", "message", "kind"),
    [
        (3175, "", Again),
        (3176, "", Again),
        (3180, "The list is in use.", Again),
        (3170, "Object was MODIFIED BY another user", Again),
        (3140, "There is an invalid reference", Again),
        (3120, "", Again),
        (3231, "", Again),
        (1000, "", Again),
        (3161, "closing date", Hold),
        (3171, "", Hold),
        (3180, "credit limit", Hold),
        (3220, "", Hold),
        (3250, "", Hold),
        (3270, "", Hold),
        (3040, "", Fail),
        (3045, "", Fail),
        (3070, "", Fail),
        (3110, "", Fail),
        (9999, "", Fail),
    ],
)
def test_failures_are_classed_by_who_must_act(code, message, kind):
    """Locks and missing references come again, a person's matter is held, bad data fails, in its words."""
    verdict = settle(WORK, {}, (refusal("1", "InvoiceAddRq", code, message),))
    assert isinstance(verdict, kind)
    assert str(code) in verdict.reason
    assert message in verdict.reason
    if not isinstance(verdict, Again):
        assert verdict.outcome.requests[0].status_code == code


def test_locks_are_waited_for():
    """A form may stay open for hours, so a lock is not tried again at once; a missing reference is."""
    assert settle(WORK, {}, (refusal("1", "InvoiceAddRq", 3175),)).delay.total_seconds() == 60
    assert settle(WORK, {}, (refusal("1", "InvoiceAddRq", 3140),)).delay.total_seconds() == 0


def test_a_name_that_is_taken_is_there():
    """3100 on a customer or item is no failure of the order."""
    taken = refusal("0", "CustomerAddRq", 3100, need="customer:lee, ann")
    assert isinstance(settle(WORK, {}, (taken, POSTED)), Done)
    verdict = settle(WORK, {}, (taken, refusal("1", "InvoiceAddRq", 3140)))
    assert isinstance(verdict, Again)


def test_a_refused_need_is_blamed():
    """When a customer or item was refused, the order waits for a person, with what QuickBooks said of it."""
    need = refusal("0", "ItemNonInventoryAddRq", 3070, "too long", need="item:t1")
    verdict = settle(WORK, {}, (need, refusal("1", "InvoiceAddRq", 3140, "missing")))
    assert isinstance(verdict, Hold)
    assert "item:t1" in verdict.reason
    assert "too long" in verdict.reason
    locked = refusal("0", "CustomerAddRq", 3176, need="customer:lee, ann")
    assert isinstance(settle(WORK, {}, (locked, refusal("1", "InvoiceAddRq", 3140))), Again)


def test_an_invoice_whose_payment_was_refused_is_not_lost():
    """The invoice's id is kept; a person is told, or the payment comes again."""
    refused = refusal("2", "ReceivePaymentAddRq", 3210, "too much")
    verdict = settle(PAYING, {}, (POSTED, refused))
    assert isinstance(verdict, Hold)
    assert verdict.outcome.ids == {"invoice": "1A-1"}
    assert "too much" in verdict.reason
    assert isinstance(settle(PAYING, {}, (POSTED, refusal("2", "ReceivePaymentAddRq", 3175))), Again)
    assert isinstance(settle(PAYING, {}, (POSTED, refusal("2", "ReceivePaymentAddRq", 3000))), Again)


def test_needs_alone_are_followed_by_the_order():
    """After its needs an order is decided again; a refused need holds it."""
    made = reply("0", "ItemNonInventoryAddRq", need="item:t1")
    assert isinstance(settle(WORK, {}, (made,)), Again)
    for code, kind in ((3070, Hold), (3175, Again), (3140, Again), (3100, Again)):
        need = refusal("0", "ItemNonInventoryAddRq", code, need="item:t1")
        assert isinstance(settle(WORK, {}, (made, need)), kind)


def test_no_answer_is_in_doubt():
    """A request without an answer is not taken for refused; the verdict names it."""
    verdict = settle(WORK, {}, (reply("1", "InvoiceAddRq", code=None),))
    assert isinstance(verdict, Doubt)
    assert "InvoiceAddRq" in verdict.reason


def test_a_name_that_is_taken_and_never_found_is_held():
    """An inactive entry that no look-up shows: tried again at first, then a person is told which name."""
    taken = refusal("0", "CustomerAddRq", 3100, need="customer:lee, ann")
    missing = refusal("1", "InvoiceAddRq", 3140, "refers to Lee, Ann")
    assert isinstance(settle(WORK, {}, (taken, missing), attempts=2), Again)
    verdict = settle(WORK, {}, (taken, missing), attempts=3)
    assert isinstance(verdict, Hold)
    assert "customer:lee, ann is taken" in verdict.reason
    assert "refers to Lee, Ann" in verdict.reason
    busy = refusal("1", "InvoiceAddRq", 3175)
    assert isinstance(settle(WORK, {}, (taken, busy), attempts=3), Again)
    made = reply("0", "CustomerAddRq", need="customer:lee, ann")
    assert isinstance(settle(WORK, {}, (made, missing), attempts=3), Again)
