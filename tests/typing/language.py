"""Checked by mypy and pyright, never run: the types of messages, documents and problems."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import assert_type

import attrs

from qbsync.models import (
    ActiveStatus,
    AppliedToTxnAdd,
    BillAddress,
    CustomerQueryRq,
    CustomerQueryRs,
    CustomerRef,
    CustomerRet,
    InvoiceAdd,
    InvoiceAddRs,
    InvoiceLineAdd,
    InvoiceLineGroupAdd,
    InvoiceLineGroupRet,
    InvoiceLineRet,
    InvoiceRet,
    ReceivePaymentAdd,
    Ref,
)
from qbsync.qbxml import CLEAR, Problem, QBDateTime, Status, UseMacro, check, check_document


def invoice() -> InvoiceAdd:
    """Every field has its type; clearing fits everywhere."""
    made = InvoiceAdd(
        customer_ref=CustomerRef(full_name="Ann"),
        txn_date=date(2024, 2, 29),
        memo=CLEAR,
        due_date=CLEAR,
        lines=(
            InvoiceLineAdd(quantity=Decimal(2), amount=Decimal("3.00")),
            InvoiceLineGroupAdd(item_group_ref=Ref(full_name="Set")),
        ),
    )
    assert_type(made.customer_ref, Ref | None)
    assert_type(made.txn_date, date | None)
    assert_type(made.bill_address, BillAddress | None)
    assert_type(made.lines, tuple[InvoiceLineAdd | InvoiceLineGroupAdd, ...])
    assert_type(made.is_pending, bool | None)
    assert_type(made.exchange_rate, Decimal | None)
    return attrs.evolve(made, memo="later")


def query() -> CustomerQueryRq:
    """An enumeration takes its members and any text."""
    made = CustomerQueryRq(active_status=ActiveStatus.ALL, max_returned=100, full_name=("Ann", "Bob"))
    assert_type(made.active_status, ActiveStatus | str | None)
    assert_type(made.from_modified_date, QBDateTime | None)
    return CustomerQueryRq(active_status="All")


def customers(response: CustomerQueryRs) -> list[str | None]:
    """A response has typed objects and a status."""
    assert_type(response.status, Status)
    assert_type(response.ret_count, int | None)
    assert_type(response.iterator_remaining_count, int | None)
    assert_type(response.raise_for_status().customer_ret, tuple[CustomerRet, ...])
    for customer in response.customer_ret:
        assert_type(customer.balance, Decimal | None)
        assert_type(customer.time_modified, QBDateTime | None)
    return [customer.full_name for customer in response.customer_ret]


def lines(response: InvoiceAddRs) -> None:
    """Mixed sequences are told apart by their classes."""
    assert_type(response.invoice_ret, InvoiceRet | None)
    if response.invoice_ret is not None:
        for line in response.invoice_ret.lines:
            assert_type(line, InvoiceLineRet | InvoiceLineGroupRet)
            if isinstance(line, InvoiceLineRet):
                assert_type(line.amount, Decimal | None)


def payment() -> list[Problem]:
    """Where a macro may stand the type says so."""
    applied = AppliedToTxnAdd(txn_id=UseMacro("TxnID:i1"), payment_amount=Decimal("3.00"))
    made = ReceivePaymentAdd(applied_to_txn_add=(applied,), total_amount=Decimal("3.00"))
    assert_type(applied.txn_id, str | UseMacro | None)
    assert_type(made.applied_to_txn_add, tuple[AppliedToTxnAdd, ...])
    assert_type(ReceivePaymentAdd.from_dict(made.to_dict()), ReceivePaymentAdd)
    return [*check(made, version="13.0"), *check_document(b"")]
