"""Whatever is added, changed, deleted and voided: the simulated books add up."""

from __future__ import annotations

import random

import pytest
from grounding import FORMS, Ground

from qbsync.testing._ledger import is_balance_sheet, posts, rows

VOIDABLE = {
    "ARRefundCreditCard", "Bill", "BillPaymentCheck", "BillPaymentCreditCard", "Charge", "Check",
    "CreditCardCharge", "CreditCardCredit", "CreditMemo", "Deposit", "InventoryAdjustment", "Invoice",
    "ItemReceipt", "JournalEntry", "SalesReceipt", "VendorCredit",
}  # fmt: skip
UNDELETABLE = {"Transfer"}
CREDIT_TYPES = {"AccountsPayable", "CreditCard", "OtherCurrentLiability", "LongTermLiability", "Equity"}


def step(ground: Ground, rnd: random.Random) -> None:
    """Add a transaction, pay something, or take something away, as chance will have it."""
    books = ground.company._books
    choice = rnd.random()
    if choice < 0.5 or not books.transactions:
        ground.fresh(rnd.choice(sorted(FORMS)))
        return
    one = rnd.choice(list(books.transactions.values()))
    if choice < 0.65:
        pay(ground, rnd)
    elif choice < 0.85 and one.kind not in UNDELETABLE:
        send(ground, f"<TxnDelRq><TxnDelType>{one.kind}</TxnDelType><TxnID>{one.id}</TxnID></TxnDelRq>")
    elif one.kind in VOIDABLE:
        send(ground, f"<TxnVoidRq><TxnVoidType>{one.kind}</TxnVoidType><TxnID>{one.id}</TxnID></TxnVoidRq>")


def pay(ground: Ground, rnd: random.Random) -> None:
    """Pay a part of an invoice, or more than is open, which is refused."""
    invoice = ground.open(rnd.choice(["Invoice", "Charge"]))
    amount = f"{rnd.randint(1, 60)}.{rnd.randint(0, 99):02}"
    applied = (
        f"<AppliedToTxnAdd><TxnID>{invoice}</TxnID><PaymentAmount>{amount}</PaymentAmount></AppliedToTxnAdd>"
    )
    send(
        ground,
        "<ReceivePaymentAddRq><ReceivePaymentAdd><CustomerRef><FullName>Ann Lee</FullName></CustomerRef>"
        f"<TotalAmount>{amount}</TotalAmount>{applied}</ReceivePaymentAdd></ReceivePaymentAddRq>",
    )


def send(ground: Ground, body: str) -> None:
    """Process a request that may be refused."""
    head = '<?xml version="1.0"?><?qbxml version="14.0"?><QBXML><QBXMLMsgsRq onError="continueOnError">'
    answer = ground.company.process(f"{head}{body}</QBXMLMsgsRq></QBXML>")
    assert "statusCode" in answer


def check(ground: Ground) -> None:
    """Assert what always holds."""
    books = ground.company._books
    sums = dict.fromkeys(books.table("Account").by_id, 0)
    for one in books.transactions.values():
        found = rows(books, one)
        if posts(one) and found and found[0].account is not None:
            assert sum(row.amount for row in found) == 0, one.kind
        for row in found if posts(one) else ():
            if row.account is not None:
                sums[row.account.id] += row.amount
        assert 0 <= one.open <= max(one.total, 0), one.kind
    for account in books.of_kind("Account"):
        if is_balance_sheet(account):
            sign = -1 if account.fields["AccountType"] in CREDIT_TYPES else 1
            assert account.balance == sign * sums[account.id], account.full_name
    for kind, account_type in (("Customer", "AccountsReceivable"), ("Vendor", "AccountsPayable")):
        owed = sum(entry.balance for entry in books.of_kind(kind))
        held = [one for one in books.of_kind("Account") if one.fields["AccountType"] == account_type]
        assert owed == sum(account.balance for account in held), kind


@pytest.mark.parametrize("seed", range(6))
def test_balances_are_what_the_transactions_say(seed):
    """Accounts hold the sum of their rows, customers what is receivable, and nothing is overpaid."""
    ground, rnd = Ground(), random.Random(seed)
    for _ in range(60):
        step(ground, rnd)
        check(ground)


@pytest.mark.parametrize("seed", range(3))
def test_what_is_all_deleted_again_leaves_nothing(seed):
    """Taken back one after another, in any order that is not refused, every balance is nothing again."""
    ground, rnd = Ground(), random.Random(seed)
    for _ in range(30):
        step(ground, rnd)
    books = ground.company._books
    for _ in range(10):
        ones = [one for one in books.transactions.values() if one.kind not in UNDELETABLE]
        rnd.shuffle(ones)
        for one in ones:
            send(ground, f"<TxnDelRq><TxnDelType>{one.kind}</TxnDelType><TxnID>{one.id}</TxnID></TxnDelRq>")
    left = {one.kind for one in books.transactions.values()}

    assert left <= UNDELETABLE
    assert {entry.balance for kind in ("Customer", "Vendor") for entry in books.of_kind(kind)} == {0}
    check(ground)
