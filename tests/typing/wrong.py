"""Checked by mypy, never run: what users must not write is an error (an unused ignore is one too)."""

from __future__ import annotations

from qbsync.models import CustomerQueryRq, InvoiceAdd, ReceivePaymentAdd, Ref

InvoiceAdd(colour="red")  # type: ignore[call-arg]
InvoiceAdd("Ann")  # type: ignore[call-arg, arg-type]
InvoiceAdd(customer_ref="Ann")  # type: ignore[arg-type]
InvoiceAdd(lines=[])  # type: ignore[arg-type]
InvoiceAdd(lines=(Ref(),))  # type: ignore[arg-type]
CustomerQueryRq(max_returned="100")  # type: ignore[arg-type]
ReceivePaymentAdd(total_amount=1.5)  # type: ignore[arg-type]
InvoiceAdd().memo = "x"  # type: ignore[misc]
