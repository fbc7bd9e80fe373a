"""Payments: what they apply to, what they leave, what is refused."""

# A request is easier to read on one line than in pieces.
# ruff: noqa: E501

from __future__ import annotations

import pytest


def macro_payment(name: str, amount: str, customer: str = "Ann Lee") -> str:
    return (
        f"<ReceivePaymentAddRq><ReceivePaymentAdd><CustomerRef><FullName>{customer}</FullName></CustomerRef>"
        f'<TotalAmount>{amount}</TotalAmount><AppliedToTxnAdd><TxnID useMacro="{name}"/>'
        f"<PaymentAmount>{amount}</PaymentAmount></AppliedToTxnAdd></ReceivePaymentAdd></ReceivePaymentAddRq>"
    )


def automatic(amount: str, word: str = "true") -> str:
    return (
        "<ReceivePaymentAddRq><ReceivePaymentAdd><CustomerRef><FullName>Ann Lee</FullName></CustomerRef>"
        f"<TotalAmount>{amount}</TotalAmount><IsAutoApply>{word}</IsAutoApply></ReceivePaymentAdd></ReceivePaymentAddRq>"
    )


def named(books, macro: str) -> str:
    return books.form("Invoice", books.line("Invoice")).replace(
        "<InvoiceAdd>", f'<InvoiceAdd defMacro="{macro}">'
    )


def test_a_payment_settles_its_invoice_and_both_are_linked(books):
    invoice = books.invoice()
    (payment,) = books.done(books.payment(invoice.findtext("TxnID"), "10.00"))
    (found,) = books.done(
        "<InvoiceQueryRq><RefNumber>W1</RefNumber><IncludeLinkedTxns>true</IncludeLinkedTxns></InvoiceQueryRq>"
    )
    applied = payment.find("AppliedToTxnRet")
    accounts = {entry.full_name: entry.balance for entry in books.company.entries("Account")}

    assert (payment.findtext("UnusedPayment"), payment.findtext("UnusedCredits")) == ("0.00", "0.00")
    assert (applied.findtext("RefNumber"), applied.findtext("BalanceRemaining")) == ("W1", "0.00")
    assert (found.findtext("IsPaid"), found.findtext("AppliedAmount")) == ("true", "-10.00")
    assert found.findtext("LinkedTxn/TxnID") == payment.findtext("TxnID")
    assert found.findtext("LinkedTxn/TxnType") == "ReceivePayment"
    assert found.findtext("EditSequence") != invoice.findtext("EditSequence")
    assert books.company.invoices[0].links == (books.company.payments[0].txn_id,)
    assert books.company.payments[0].links == (books.company.invoices[0].txn_id,)
    assert books.company.customers[0].balance == accounts["Accounts Receivable"] == 0
    assert accounts["Undeposited Funds"] == 10


def test_a_payment_leaves_the_edit_sequence_alone_by_a_switch(make):
    books = make(payments_touch_invoices=False)
    invoice = books.invoice()
    books.done(books.payment(invoice.findtext("TxnID"), "10.00"))

    assert books.company.invoices[0].fields["EditSequence"] == invoice.findtext("EditSequence")


def test_a_macro_stands_for_the_invoice_of_the_same_set(books):
    (invoice, payment) = books.done(named(books, "TxnID:i1") + macro_payment("TxnID:i1", "2.50"))

    assert payment.findtext("AppliedToTxnRet/TxnID") == invoice.findtext("TxnID")
    assert books.company.open_balance() == 0


def test_a_macro_lives_for_one_message_set(books):
    books.done(named(books, "TxnID:i1"))

    assert books.code(macro_payment("TxnID:i1", "2.50")) == 9100


def test_macros_are_defined_once_and_well_formed(books):
    first, second = books.ask(named(books, "TxnID:i1") * 2)

    assert (first.get("statusCode"), second.get("statusCode")) == ("0", "9101")
    assert books.code(named(books, "i1")) == 9102
    assert len(books.company.invoices) == 1


def test_who_uses_the_macro_of_a_failed_request_fails_too(books):
    bad = named(books, "TxnID:i1").replace("Ann Lee", "Nobody")
    first, second = books.ask(bad + macro_payment("TxnID:i1", "2.50"))

    assert (first.get("statusCode"), second.get("statusCode")) == ("3140", "9100")
    assert books.company.payments == []


def test_a_macro_of_another_kind_is_refused(books):
    order = books.form("SalesOrder", books.line("SalesOrder")).replace(
        "<SalesOrderAdd>", '<SalesOrderAdd defMacro="TxnID:o">'
    )
    _, payment = books.ask(order + macro_payment("TxnID:o", "2.50"))

    assert payment.get("statusCode") == "3000"


def test_a_part_payment_leaves_the_rest_open(books):
    invoice = books.invoice()
    (payment,) = books.done(books.payment(invoice.findtext("TxnID"), "4.00", total="6.00"))

    assert payment.findtext("UnusedPayment") == "2.00"
    assert books.company.open_balance() == 6
    assert books.company.customers[0].balance == 4


def test_more_than_is_due_is_3210_and_changes_nothing(books):
    txn_id = books.invoice().findtext("TxnID")

    assert books.code(books.payment(txn_id, "10.01")) == 3210
    assert books.code(books.payment(txn_id, "9.00", total="8.00")) == 3210
    assert books.company.payments == []
    assert books.company.open_balance() == 10


def test_one_payment_may_not_settle_one_invoice_twice_over(books):
    txn_id = books.invoice().findtext("TxnID")
    body = books.payment(txn_id, "6.00", total="12.00")
    row = body[body.index("<AppliedToTxnAdd>") : body.index("</ReceivePaymentAdd>")]

    assert books.code(body.replace(row, row + row)) == 3210


def test_a_payment_pays_the_invoices_of_its_own_customer(books):
    txn_id = books.invoice().findtext("TxnID")
    books.customer("Bob")

    assert books.code(books.payment(txn_id, "10.00", customer="Bob")) == 3210


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda text: text.replace("<TotalAmount>10.00</TotalAmount>", ""), 3210),
        (lambda text: text.replace("<PaymentAmount>10.00</PaymentAmount>", ""), 3150),
        (lambda text: text.replace("10.00", "-10.00"), 3210),
        (lambda text: text.replace("10.00", "0.00"), 3150),
        (lambda text: text.replace("<AppliedTo", "<PaymentMethodRef><FullName>Gold</FullName></PaymentMethodRef><AppliedTo"), 3140),
        (lambda text: text.replace("Ann Lee", "Nobody"), 3140),
    ],
)  # fmt: skip
def test_payments_that_are_refused(books, change, code):
    body = change(books.payment(books.invoice().findtext("TxnID"), "10.00"))

    assert books.code(body) == code
    assert books.company.payments == []


def test_an_unknown_invoice_is_3120(books):
    assert books.code(books.payment("FF-1", "1.00")) == 3120


def test_automatic_payments_take_the_exact_invoice_otherwise_the_oldest(books):
    for number, amount in (("1", "10.00"), ("2", "7.00"), ("3", "5.00")):
        books.invoice(number, amount)
    (exact,) = books.done(automatic("7.00"))
    (oldest,) = books.done(automatic("12.00"))
    (none,) = books.done(automatic("9.00", "false"))

    assert [row.findtext("RefNumber") for row in exact.findall("AppliedToTxnRet")] == ["2"]
    assert [
        (row.findtext("RefNumber"), row.findtext("Amount")) for row in oldest.findall("AppliedToTxnRet")
    ] == [
        ("1", "10.00"),
        ("3", "2.00"),
    ]
    assert none.findtext("UnusedPayment") == "9.00"
    assert [one.balance for one in books.company.invoices] == [0, 0, 3]


def test_a_discount_settles_too_and_needs_an_account(books):
    body = books.payment(books.invoice().findtext("TxnID"), "9.00")
    discount = "</PaymentAmount><DiscountAmount>1.00</DiscountAmount>"
    account = "<DiscountAccountRef><FullName>Sales Discounts</FullName></DiscountAccountRef>"

    assert books.code(body.replace("</PaymentAmount>", discount)) == 3150
    (ret,) = books.done(body.replace("</PaymentAmount>", discount + account))
    assert ret.findtext("AppliedToTxnRet/DiscountAmount") == "1.00"
    assert books.company.open_balance() == 0
    assert books.company.customers[0].balance == 0


def test_applying_credits_only_makes_no_payment(books):
    txn_id = books.invoice().findtext("TxnID")
    (memo,) = books.done(books.form("CreditMemo", books.line("CreditMemo", "<Amount>4.00</Amount>")))
    body = books.payment(txn_id, "X").replace("<TotalAmount>X</TotalAmount>", "")
    credit = f"<SetCredit><CreditTxnID>{memo.findtext('TxnID')}</CreditTxnID><AppliedAmount>4.00</AppliedAmount></SetCredit>"
    rs = books.one(body.replace("<PaymentAmount>X</PaymentAmount>", credit))

    assert (rs.get("statusCode"), len(rs)) == ("0", 0)
    assert books.company.payments == []
    assert books.company.open_balance() == 6


def test_a_card_charge_is_kept_with_its_payment(books):
    required = {
        "CreditCardTxnInputInfo": "<CreditCardNumber>1</CreditCardNumber><ExpirationMonth>1</ExpirationMonth>"
        "<ExpirationYear>2030</ExpirationYear><NameOnCard>A</NameOnCard>",
        "CreditCardTxnResultInfo": "<ResultCode>0</ResultCode><ResultMessage>ok</ResultMessage>"
        "<CreditCardTransID>1</CreditCardTransID><MerchantAccountNumber>1</MerchantAccountNumber>"
        "<PaymentStatus>Completed</PaymentStatus><TxnAuthorizationTime>2024-01-01</TxnAuthorizationTime>"
        "<TxnAuthorizationStamp>1</TxnAuthorizationStamp>",
    }
    card = "".join(f"<{name}>{inner}</{name}>" for name, inner in required.items())
    from_all = f"<CreditCardTxnInfo>{card}</CreditCardTxnInfo><IsAutoApply>"

    (ret,) = books.done(automatic("1.00").replace("<IsAutoApply>", from_all))
    assert ret.findtext("CreditCardTxnInfo/CreditCardTxnResultInfo/PaymentStatus") == "Completed"
