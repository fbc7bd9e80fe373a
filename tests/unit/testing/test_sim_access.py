"""Objects in use, and QuickBooks that cannot be used."""

from __future__ import annotations

import pytest

from qbsync.testing import Company, QuickBooksError


def mod(kind: str, ret, inner: str, key: str = "TxnID") -> str:
    head = f"<{key}>{ret.findtext(key)}</{key}><EditSequence>{ret.findtext('EditSequence')}</EditSequence>"
    return f"<{kind}ModRq><{kind}Mod>{head}{inner}</{kind}Mod></{kind}ModRq>"


def test_what_a_user_holds_open_cannot_be_changed(books):
    """3175 for the object itself, whether by Mod, Del or Void; reading goes on."""
    invoice = books.invoice("W1")
    identifier = invoice.findtext("TxnID")
    books.company.in_use.add(identifier)
    target = f"<TxnID>{identifier}</TxnID>"

    assert books.code(mod("Invoice", invoice, "<Memo>x</Memo>")) == 3175
    assert books.code(f"<TxnDelRq><TxnDelType>Invoice</TxnDelType>{target}</TxnDelRq>") == 3175
    assert books.code(f"<TxnVoidRq><TxnVoidType>Invoice</TxnVoidType>{target}</TxnVoidRq>") == 3175
    assert books.code(f"<InvoiceQueryRq>{target}</InvoiceQueryRq>") == 0
    books.company.in_use.clear()
    assert books.code(mod("Invoice", invoice, "<Memo>x</Memo>")) == 0


def test_what_a_change_names_must_not_be_in_use_either(books):
    """3176 for the customer, by name as by ID, and for the invoice of a payment."""
    customer = books.company.customers[0]
    invoice = books.invoice("W1")
    books.company.in_use.add(customer.list_id)

    assert books.code(books.form("Invoice", books.line("Invoice"))) == 3176
    books.company.in_use = {invoice.findtext("TxnID")}
    assert books.code(books.payment(invoice.findtext("TxnID"), "1.00")) == 3176
    assert books.code(books.form("Invoice", books.line("Invoice"), customer="Nobody")) == 3140


def test_locks_are_saved(books, tmp_path):
    books.company.in_use.add("1-1")
    books.company.save(tmp_path / "c")

    assert Company.load(tmp_path / "c").in_use == {"1-1"}


def test_while_quickbooks_cannot_be_used_nothing_runs(empty):
    """A modal dialog keeps documents out as it keeps sessions out."""
    empty.company.unavailable = QuickBooksError("0x80040414", "A modal dialog is showing.")

    with pytest.raises(QuickBooksError, match="0x80040414"):
        empty.ask("<HostQueryRq/>")
    assert empty.company.sets == 0
    with pytest.raises(QuickBooksError, match="0x80040414"):
        empty.company.begin_session()
