"""The order handler: what it asks, and what it decides upon the answers."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from attrs import evolve
from orders_support import (
    CONTEXT,
    account,
    books,
    customer,
    full_books,
    invoice,
    item,
    make_job,
    ref,
    refusal,
    reply,
    taxing,
)

from qbsync import models
from qbsync.handlers import Again, Ask, Done, Fail, Hold, Send
from qbsync.orders import OrderHandler, Rules
from qbsync.qbxml import build
from qbsync.qbxml.status import Status
from qbsync.qbxml.values import UseMacro

PAID = Rules.of(paid="Cash")


def decide(answers, **changes):
    return OrderHandler().decide(make_job(**changes), answers, CONTEXT)


def names(requests):
    return [type(request).__name__ for request in requests]


def payment(number="1001", *, linked=True, amount="15.00"):
    if linked:
        return models.LinkedTxn(txn_id="1B-1", txn_type="ReceivePayment", ref_number=number)
    return models.ReceivePaymentRet(
        txn_id="1B-1", ref_number=number, customer_ref=ref("Lee, Ann"), total_amount=Decimal(amount)
    )


def test_it_is_for_orders():
    """Jobs of kind order."""
    assert OrderHandler().kind == "order"


def test_one_look_tells_everything():
    """Tax, account, customer, items, transaction are asked together; only the last needs proof of absence."""
    asked = {one.query: one for one in OrderHandler().look_up(make_job(), CONTEXT)}
    assert set(asked) == {
        "PreferencesQueryRq",
        "AccountQueryRq",
        "CustomerQueryRq",
        "ItemQueryRq",
        "InvoiceQueryRq",
    }
    assert asked["CustomerQueryRq"].keys == ("Lee, Ann",)
    assert asked["ItemQueryRq"].keys == ("T1", "C1", "Shipping")
    assert (asked["InvoiceQueryRq"].by, asked["InvoiceQueryRq"].keys) == ("ref_number", ("1001",))
    assert [one.query for one in asked.values() if one.proof] == ["InvoiceQueryRq"]


def test_payments_and_second_attempts_ask_more():
    """A paid order asks for methods and linked payments; one that was handed out for name clashes too."""
    paid = {one.query: one for one in OrderHandler().look_up(make_job(rules=PAID), CONTEXT)}
    assert "PaymentMethodQueryRq" in paid
    assert ("include_linked_txns", True) in paid["InvoiceQueryRq"].options
    again = OrderHandler().look_up(make_job(attempts=1), CONTEXT)
    assert "EntityQueryRq" in {one.query for one in again}


def test_every_look_up_is_a_valid_query():
    """The questions pass all rules of the language."""
    rules = Rules.of(posting="sales-receipt", income_account="Sales:Web")
    for job in (make_job(attempts=1, rules=PAID), make_job(rules=rules, payments=[{"method": "Visa"}])):
        for look_up in OrderHandler().look_up(job, CONTEXT):
            fields = dict(look_up.options)
            if look_up.by:
                fields[look_up.by] = look_up.keys
            assert build([getattr(models, look_up.query)(**fields)])


def test_all_that_is_missing_is_made_first():
    """Customer and items are needs, each once; then the invoice, with Quantity and Amount and no Rate."""
    decision = decide(books())
    assert isinstance(decision, Send)
    assert [need.key for need in decision.needs] == [
        "customer:lee, ann",
        "item:t1",
        "item:c1",
        "item:shipping",
    ]
    (request,) = decision.requests
    added = request.invoice_add
    assert (added.customer_ref.full_name, added.txn_date, added.ref_number) == (
        "Lee, Ann",
        dt.date(2024, 5, 6),
        "1001",
    )
    assert added.is_to_be_printed is False
    assert added.def_macro is None
    assert [(line.item_ref.full_name, line.quantity, line.amount) for line in added.lines] == [
        ("T1", Decimal(2), Decimal("9.00")),
        ("C1", Decimal(1), Decimal("3.00")),
        ("Shipping", Decimal(1), Decimal("3.00")),
    ]
    assert {(line.rate, line.sales_tax_code_ref) for line in added.lines} == {(None, None)}
    assert build([*(need.request for need in decision.needs), *decision.requests])


def test_new_things_are_what_the_order_says():
    """A new customer has its name, mail and address; a new item its SKU, description and account."""
    needs = {need.key: need.request for need in decide(books()).needs}
    made = needs["customer:lee, ann"].customer_add
    assert (made.name, made.first_name, made.email) == ("Lee, Ann", "Ann", "ann@lee.example")
    assert made.bill_address.addr1 == "Ann Lee"
    made = needs["item:t1"].item_non_inventory_add
    assert (made.name, made.sales_or_purchase.desc) == ("T1", "Tea")
    assert made.sales_or_purchase.account_ref.full_name == "Sales"
    assert needs["item:shipping"].item_other_charge_add.sales_or_purchase.account_ref.full_name == "Sales"


def test_what_is_there_is_not_made_again():
    """Customers and items are found whatever their case; then nothing is needed, not even an account."""
    answers = full_books(
        Customer=[customer("LEE,  ANN")], Item=[item("t1"), item("c1"), item("SHIPPING")], Account=[]
    )
    decision = decide(answers)
    assert decision.needs == ()
    assert names(decision.requests) == ["InvoiceAddRq"]


def test_an_order_without_shipping_has_no_shipping_line():
    """The item Shipping is neither needed nor used where nothing is charged."""
    decision = decide(books(), shipping_charge="0", total="12")
    assert "item:shipping" not in {need.key for need in decision.needs}
    assert len(decision.requests[0].invoice_add.lines) == 2


def test_files_that_charge_tax_get_a_code_on_each_line():
    """The default non-taxable code stands on all lines if the file charges sales tax."""
    decision = decide(full_books(Preferences=[taxing()]))
    assert {line.sales_tax_code_ref.full_name for line in decision.requests[0].invoice_add.lines} == {"NON"}
    answers = full_books(Preferences=[models.PreferencesRet()])
    assert decide(answers).requests[0].invoice_add.lines[0].sales_tax_code_ref is None


def test_a_payment_is_applied_to_its_invoice_by_macro():
    """Number, date and total of the order, its method, the invoice made in the same set."""
    decision = decide(full_books(), rules=PAID)
    assert names(decision.requests) == ["InvoiceAddRq", "ReceivePaymentAddRq"]
    macro = decision.requests[0].invoice_add.def_macro
    paid = decision.requests[1].receive_payment_add
    assert macro == "TxnID:order7"
    assert (paid.ref_number, paid.txn_date, paid.total_amount) == (
        "1001",
        dt.date(2024, 5, 6),
        Decimal("15.00"),
    )
    assert paid.payment_method_ref.full_name == "Cash"
    assert paid.applied_to_txn_add == (
        models.AppliedToTxnAdd(txn_id=UseMacro(macro), payment_amount=Decimal("15.00")),
    )
    assert build(decision.requests)


def test_the_payment_s_own_date_counts():
    """A payment that states a date is entered on it."""
    stated = [{"method": "cash", "date": "2024-05-09"}]
    decision = decide(full_books(), rules=Rules.of(posting="invoice+payment"), payments=stated)
    assert decision.requests[1].receive_payment_add.txn_date == dt.date(2024, 5, 9)


def test_nothing_is_paid_for_nothing():
    """An order of 0.00 becomes an invoice without payment."""
    lines = [{"sku": "T1", "quantity": "1", "unit_price": "0"}]
    decision = decide(full_books(), rules=PAID, lines=lines, shipping_charge=..., total="0")
    assert names(decision.requests) == ["InvoiceAddRq"]


@pytest.mark.parametrize(
    ("posting", "request_name", "id_name"),
    [
        ("sales-receipt", "SalesReceiptAddRq", "sales_receipt"),
        ("sales-order", "SalesOrderAddRq", "sales_order"),
        ("estimate", "EstimateAddRq", "estimate"),
    ],
)
def test_orders_become_other_forms_by_rule(posting, request_name, id_name):
    """As receipt, sales order or estimate an order passes all rules, and is recognised when it is there."""
    rules = Rules.of(posting=posting)
    stated = [{"method": "Cash"}]
    decision = decide(full_books(), rules=rules, payments=stated)
    assert names(decision.requests) == [request_name]
    assert build(decision.requests)
    ret = getattr(models, request_name.replace("AddRq", "Ret"))(
        txn_id="1A-9", ref_number="1001", customer_ref=ref("Lee, Ann"), txn_date=dt.date(2024, 5, 6)
    )
    found = decide(full_books(**{request_name.removesuffix("AddRq"): [ret]}), rules=rules, payments=stated)
    assert found.outcome.ids == {id_name: "1A-9"}


def test_a_receipt_names_its_payment_method():
    """The method of a sales receipt must be in the file, like a payment's."""
    rules = Rules.of(posting="sales-receipt")
    decision = decide(full_books(), rules=rules, payments=[{"method": "Cash"}])
    assert decision.requests[0].sales_receipt_add.payment_method_ref.full_name == "Cash"
    assert isinstance(decide(full_books(), rules=rules, payments=[{"method": "Visa"}]), Hold)


def test_what_is_there_is_not_sent_again():
    """Number, customer and date agree: already there; known to have been sent: posted."""
    answers = full_books(Invoice=[invoice()])
    found = decide(answers)
    assert isinstance(found, Done)
    assert (found.outcome.label, found.outcome.ids) == ("already_there", {"invoice": "1A-1"})
    assert found.known == (("InvoiceQueryRq", "ref_number", "1001"),)
    assert found.reason is None
    assert decide(answers, attempts=1).outcome.label == "posted"


def test_another_total_in_the_books_is_said():
    """The order is there, and a person is told that the books hold another total."""
    found = decide(full_books(Invoice=[invoice(subtotal=Decimal("14.00"), sales_tax_total=Decimal("0.50"))]))
    assert found.outcome.label == "already_there"
    assert "14.50" in found.reason
    assert "15.00" in found.reason


@pytest.mark.parametrize(
    "changes", [{"customer_ref": ref("Somebody")}, {"txn_date": dt.date(2023, 5, 6)}, {"customer_ref": None}]
)
def test_the_same_number_with_another_customer_or_date_is_held(changes):
    """Nothing is guessed: a person renumbers one of the two."""
    decision = decide(full_books(Invoice=[invoice(**changes)]))
    assert isinstance(decision, Hold)
    assert "1001" in decision.reason


def test_two_that_agree_are_held():
    """Ambiguity is an answer, never a guess."""
    decision = decide(full_books(Invoice=[invoice(), invoice(txn_id="1A-2")]))
    assert isinstance(decision, Hold)
    assert decision.reason.startswith("2 invoices")


def test_one_that_agrees_among_others_is_it():
    """An old invoice with the same number does not hide the one of this order."""
    old = invoice(txn_id="1A-0", txn_date=dt.date(2019, 1, 1))
    assert decide(full_books(Invoice=[old, invoice()])).outcome.ids == {"invoice": "1A-1"}


def test_numbers_that_differ_in_case_are_different():
    """QuickBooks asks without regard to case; the order's number is compared exactly."""
    decision = decide(full_books(Invoice=[invoice(ref_number="A1")]), number="a1")
    assert isinstance(decision, Send)


LONG = "SHOP-0000001001"


@pytest.mark.parametrize(
    ("memo", "expected"),
    [
        (f"Order {LONG}\ngift", Done),
        (f"Order {LONG}\r\ngift", Done),
        (f"Order {LONG} gift", Done),
        (f"Order WEB{LONG}", Send),
        (f"Order WEB{LONG} gift", Send),
        ("Order taken on Monday", Done),
        ("called on Monday", Done),
        (None, Done),
    ],
)
def test_cut_numbers_are_told_apart_by_the_full_one(memo, expected):
    """The memo names the full number; one that names none may be this order, if customer and date agree."""
    there = invoice(ref_number=LONG[-11:], memo=memo)
    assert isinstance(decide(full_books(Invoice=[there]), number=LONG), expected)


def test_absence_that_is_not_proven_is_looked_up_again():
    """Without proof nothing is sent."""
    answers = full_books()
    answers.unsure.add("InvoiceQueryRq")
    assert isinstance(decide(answers), Again)


def test_an_invoice_there_with_its_payment_is_done():
    """Linked payment and invoice are both named; the payment with the order's number before others."""
    linked = (payment("77"), evolve(payment(), txn_id="1B-2"))
    found = decide(full_books(Invoice=[invoice(is_paid=True, linked_txn=linked)]), rules=PAID)
    assert found.outcome.ids == {"invoice": "1A-1", "payment": "1B-2"}
    found = decide(full_books(Invoice=[invoice(is_paid=True, linked_txn=linked[:1])]), rules=PAID)
    assert found.outcome.ids["payment"] == "1B-1"
    later = invoice(balance_remaining=Decimal("2.00"), linked_txn=linked)  # somebody added a line since
    assert decide(full_books(Invoice=[later]), rules=PAID).outcome.ids["payment"] == "1B-2"


def test_an_invoice_that_is_paid_otherwise_gets_no_payment():
    """A credit or a deposit may have paid it."""
    found = decide(full_books(Invoice=[invoice(is_paid=True, balance_remaining=Decimal(0))]), rules=PAID)
    assert found.outcome.ids == {"invoice": "1A-1"}


def test_an_invoice_there_without_its_payment_gets_the_payment_only():
    """First it is made certain that the payment is not there; then it alone is sent."""
    answers = full_books(Invoice=[invoice()])
    decision = decide(answers, rules=PAID)
    assert names(decision.requests) == ["ReceivePaymentAddRq"]
    assert decision.requests[0].receive_payment_add.applied_to_txn_add[0].txn_id == "1A-1"
    assert decision.memo == {"form": "1A-1"}
    answers.unsure.add("ReceivePaymentQueryRq")
    asked = decide(answers, rules=PAID)
    assert isinstance(asked, Ask)
    assert (asked.look_ups[0].query, asked.look_ups[0].proof) == ("ReceivePaymentQueryRq", True)


def test_a_payment_of_another_customer_is_another():
    """A payment with the same number that is not this order's does not stand for it."""
    other = evolve(payment(linked=False), customer_ref=ref("Somebody"))
    decision = decide(full_books(Invoice=[invoice()], ReceivePayment=[other]), rules=PAID)
    assert names(decision.requests) == ["ReceivePaymentAddRq"]


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        (full_books(Invoice=[invoice()], ReceivePayment=[payment(linked=False)]), "not applied"),
        (full_books(Invoice=[invoice(balance_remaining=Decimal("5.00"))]), "5.00"),
        (
            full_books(
                Invoice=[invoice(balance_remaining=Decimal("4.00"), linked_txn=(payment("77"),))],
            ),
            "4.00",
        ),
        (full_books(Invoice=[invoice()], PaymentMethod=[]), "Cash"),
        (full_books(PaymentMethod=[]), "Cash"),
        (full_books(PaymentMethod=[models.PaymentMethodRet(name="Cash", is_active=False)]), "Cash"),
    ],
)
def test_payments_that_cannot_be_posted_are_held(answers, words):
    """A payment that is there unapplied, does not fit, or has no method waits for a person."""
    decision = decide(answers, rules=PAID)
    assert isinstance(decision, Hold)
    assert words in decision.reason


def test_an_invoice_without_id_is_looked_up_again():
    """Nothing can be applied to an invoice that has no TxnID."""
    assert isinstance(decide(full_books(Invoice=[invoice(txn_id=None)]), rules=PAID), Again)


@pytest.mark.parametrize(
    ("accounts", "given", "found"),
    [
        ([account("Web")], None, "Web"),
        ([account("Web"), account("sales")], None, "sales"),
        ([account("Web"), account("Sales Income")], None, "Sales Income"),
        ([account("Sales", full_name="Shop:Sales"), account("Web")], None, "Shop:Sales"),
        ([account("Web"), account("Old", active=False)], None, "Web"),
        ([account("Web"), account("Bank", kind="Bank")], None, "Web"),
        ([account("Other", kind="OtherIncome")], "other", "Other"),
        ([], None, None),
        ([account("Web"), account("Shop")], None, None),
        ([account("Sales"), account("Sales Income")], None, None),
        ([account("Web")], "Sales", None),
        ([account("Sales", active=False)], "Sales", None),
        ([account("Till", kind="Bank")], "Till", None),
    ],
)
def test_the_account_of_new_items(accounts, given, found):
    """The given one, else the only Income account, else the one called Sales or Sales Income; else held."""
    decision = decide(books(Account=accounts), rules=Rules.of(income_account=given))
    if found is None:
        assert isinstance(decision, Hold)
        assert "ccount" in decision.reason
    else:
        request = decision.needs[1].request.item_non_inventory_add
        assert request.sales_or_purchase.account_ref.full_name == found


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"Customer": [customer("Lee, Ann", active=False)]}, "inactive"),
        ({"Item": [item("T1", active=False)]}, "inactive"),
        ({"Item": [models.ItemGroupRet(name="T1")]}, "ItemGroup"),
        ({"Item": [models.ItemDiscountRet(full_name="T1")]}, "ItemDiscount"),
    ],
)
def test_what_cannot_be_used_is_held(changes, words):
    """Inactive customers and items, and items that cannot be sold, wait for a person who is told which."""
    decision = decide(full_books(**changes))
    assert isinstance(decision, Hold)
    assert words in decision.reason


def test_a_name_of_somebody_else_is_held():
    """A vendor (or another one) of the customer's name is found at the second attempt, and named."""
    for other, words in ((models.VendorRet, "a vendor"), (models.OtherNameRet, "an entry of other names")):
        answers = full_books(Customer=[], Entity=[other(name="Lee, Ann")])
        assert isinstance(decide(answers), Send)
        decision = decide(answers, attempts=1)
        assert isinstance(decision, Hold)
        assert f"belongs to {words}" in decision.reason
    late = full_books(Customer=[], Entity=[customer("Lee, Ann")])
    assert isinstance(decide(late, attempts=1), Send)


def test_more_needs_than_a_batch_holds_go_first():
    """An order of fifty new items sends its needs alone, and is decided again."""
    lines = [{"sku": f"S{index}", "quantity": "1", "unit_price": "1"} for index in range(50)]
    decision = decide(books(), lines=lines, total=...)
    assert isinstance(decision, Send)
    assert (len(decision.needs), decision.requests) == (48, ())


def test_the_same_item_twice_is_needed_once():
    """Lines of one SKU share one item, whatever the case."""
    lines = [{"sku": sku, "quantity": "1", "unit_price": "1"} for sku in ("S", "s", "S ")]
    decision = decide(books(), lines=lines, total="6")
    assert [need.key for need in decision.needs] == ["customer:lee, ann", "item:s", "item:shipping"]


@pytest.mark.parametrize("query", ["InvoiceQueryRq", "CustomerQueryRq", "ItemQueryRq", "AccountQueryRq"])
def test_a_refused_look_up_is_held_with_its_words(query):
    """A query that QuickBooks refuses is no answer; a lock is waited for."""
    answers = full_books()
    answers.errors[query] = Status(3260, "Error", "No permission.")
    decision = decide(answers)
    assert isinstance(decision, Hold)
    assert "No permission." in decision.reason
    answers.errors[query] = Status(3175, "Error", "In use.")
    assert isinstance(decide(answers), Again)


def test_some_look_ups_can_be_done_without():
    """Absent preferences mean no sales tax; a refused payment query holds the payment."""
    answers = full_books()
    answers.errors["PreferencesQueryRq"] = Status(3250, "Error", "Not in this edition.")
    assert isinstance(decide(answers), Send)
    answers = full_books(Invoice=[invoice()])
    answers.errors["ReceivePaymentQueryRq"] = Status(3260, "Error", "No permission.")
    assert isinstance(decide(answers, rules=PAID), Hold)


def test_an_order_that_no_longer_passes_fails_with_the_reason():
    """What an older version staged and this one cannot post is no crash."""
    job = make_job(customer={"name": "Ann"})
    spoilt = evolve(job, payload=job.payload.replace(b'"Ann"', '"李"'.encode()))
    assert OrderHandler().look_up(spoilt, CONTEXT) == ()
    decision = OrderHandler().decide(spoilt, books(), CONTEXT)
    assert isinstance(decision, Fail)
    assert "customer.name" in decision.reason
    assert isinstance(OrderHandler().settle(spoilt, {}, (), CONTEXT), Hold)


def test_the_host_is_told():
    """The host's function gets each ended job; without one nothing happens."""
    told = []
    OrderHandler(done=told.append).done(make_job())
    OrderHandler().done(make_job())
    assert [job.id for job in told] == ["7"]


def test_settling_reads_the_order_of_the_job():
    """A posted invoice is done, with its id."""
    answer = reply("1", "InvoiceAddRq", invoice_ret=invoice())
    verdict = OrderHandler().settle(make_job(), {}, (answer,), CONTEXT)
    assert verdict.outcome.ids == {"invoice": "1A-1"}
    assert isinstance(
        OrderHandler().settle(make_job(), {}, (refusal("1", "InvoiceAddRq", 3045),), CONTEXT), Fail
    )
