"""What a test reads in the books."""

from __future__ import annotations

from decimal import Decimal

import pytest

from qbsync.testing import BooksView


def test_an_invoice_is_found_by_its_number(books):
    books.invoice("W1", "10.00")
    view = BooksView(books.company)

    assert view.invoice("W1").total == Decimal("10.00")
    assert (view.total, view.owed) == (Decimal("10.00"), Decimal("10.00"))
    assert [one.ref_number for one in view.invoices] == ["W1"]
    assert [one.full_name for one in view.customers] == ["Ann Lee"]
    assert view.payments == view.transactions("SalesOrder") == []


@pytest.mark.parametrize(("times", "got"), [(0, 0), (2, 2)])
def test_an_invoice_that_is_not_there_once_is_an_error_that_counts(books, times, got):
    for _ in range(times):
        books.invoice("W1")

    with pytest.raises(AssertionError, match=f"invoice 'W1': expected one, got {got}"):
        BooksView(books.company).invoice("W1")


def test_what_is_there_twice_is_named(books):
    books.customer("Bob")
    ids = [books.invoice("W1").findtext("TxnID") for _ in range(3)]
    books.invoice("W2")
    books.invoice("W1", customer="Bob")
    (doubled,) = BooksView(books.company).doubled()

    assert doubled.txn_ids == tuple(ids)
    assert str(doubled) == "Invoice W1 of Ann Lee, 3 times"
    assert BooksView(books.company).doubled("SalesOrder") == []


def test_payments_are_doubled_by_number_and_forms_without_number_never(books):
    invoice = books.invoice("W1").findtext("TxnID")
    for _ in range(2):
        books.done(books.payment(invoice, "1.00"))

    assert BooksView(books.company).doubled() == []
    assert repr(BooksView(books.company)).startswith("BooksView(Company(")


def test_a_test_puts_in_what_it_needs_beforehand(empty):
    view = BooksView(empty.company)
    customer, item = view.add_customer("Ann & Co"), view.add_item("A<1", price="2.50")

    assert [(one.full_name, one.list_id) for one in view.customers] == [("Ann & Co", customer)]
    assert [(one.full_name, one.list_id) for one in empty.company.items] == [("A<1", item)]


def test_what_quickbooks_refuses_beforehand_is_said_in_its_words(empty):
    view = BooksView(empty.company)
    view.add_customer("Ann")

    with pytest.raises(AssertionError, match=r'CustomerAdd: .*"Ann"'):
        view.add_customer("Ann")
    with pytest.raises(AssertionError, match=r"ItemNonInventoryAdd: .*Nothing"):
        view.add_item("A1", account="Nothing")
