"""What is sent to QuickBooks for an order: customer, items, invoice, payment, as typed messages.

Pure: fitted values in, messages out. Which of them are needed is decided in :mod:`.handler`.
Lines carry ``Quantity`` and ``Amount``, never ``Rate``: only so the books hold the order's cents whatever
QuickBooks' own rounding is. ``TxnDate`` and ``IsToBePrinted`` are always sent, since their defaults are the
last transaction's date and the user's setting.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from attrs import frozen

from ..models import (
    AppliedToTxnAdd,
    BillAddress,
    CustomerAdd,
    CustomerAddRq,
    EstimateAdd,
    EstimateAddRq,
    EstimateLineAdd,
    InvoiceAdd,
    InvoiceAddRq,
    InvoiceLineAdd,
    ItemNonInventoryAdd,
    ItemNonInventoryAddRq,
    ItemOtherChargeAdd,
    ItemOtherChargeAddRq,
    ReceivePaymentAdd,
    ReceivePaymentAddRq,
    Ref,
    SalesOrderAdd,
    SalesOrderAddRq,
    SalesOrderLineAdd,
    SalesOrPurchase,
    SalesReceiptAdd,
    SalesReceiptAddRq,
    SalesReceiptLineAdd,
    ShipAddress,
)
from .fitting import full_number_memo
from .rules import Posting

if TYPE_CHECKING:
    from ..models._base import Request
    from ..qbxml.values import UseMacro
    from .adding_up import Amounts
    from .fitting import Fitted, FittedAddress, FittedCustomer, FittedLine
    from .order import Order

__all__ = [
    "FORMS",
    "SHIPPING",
    "Form",
    "customer_add",
    "form_add",
    "item_add",
    "payment_add",
    "shipping_item_add",
    "txn_date",
]

#: The name of the item that shipping charges are posted on.
SHIPPING = "Shipping"
_LIST_IDS = ("ListID", "EditSequence")
_FORM_IDS = ("TxnID", "EditSequence", "RefNumber", "Subtotal", "SalesTaxTotal")
_PAYMENT_IDS = ("TxnID", "EditSequence", "TotalAmount", "UnusedPayment")
_PAYMENT_NUMBER = 20


@frozen(kw_only=True)
class Form:
    """A kind of transaction that an order can become."""

    #: What QuickBooks calls it.
    name: str
    #: What people call it.
    title: str
    #: Its name among the ids of an outcome.
    id_name: str
    #: Whether the query tells which transactions are linked to it.
    linked: bool

    @property
    def query(self) -> str:
        """The request that finds it."""
        return f"{self.name}QueryRq"

    @property
    def add(self) -> str:
        """The request that makes it."""
        return f"{self.name}AddRq"

    @property
    def ret(self) -> str:
        """The field of the Add's response that holds it."""
        return f"{self.id_name}_ret"


_INVOICE = Form(name="Invoice", title="invoice", id_name="invoice", linked=True)
#: posting → what the order becomes.
FORMS = {
    Posting.INVOICE: _INVOICE,
    Posting.INVOICE_AND_PAYMENT: _INVOICE,
    Posting.SALES_RECEIPT: Form(
        name="SalesReceipt", title="sales receipt", id_name="sales_receipt", linked=False
    ),
    Posting.SALES_ORDER: Form(name="SalesOrder", title="sales order", id_name="sales_order", linked=False),
    Posting.ESTIMATE: Form(name="Estimate", title="estimate", id_name="estimate", linked=False),
}


def txn_date(day: dt.date) -> dt.date:
    """Return the calendar date as the source wrote it; a time and its offset never shift it."""
    return day.date() if isinstance(day, dt.datetime) else day


def _bill_address(address: FittedAddress | None) -> BillAddress | None:
    return None if address is None else BillAddress(**_address(address))


def _ship_address(address: FittedAddress | None) -> ShipAddress | None:
    return None if address is None else ShipAddress(**_address(address))


def _address(address: FittedAddress) -> dict[str, Any]:
    fields: dict[str, Any] = {f"addr{i}": line for i, line in enumerate(address.streets, 1)}
    return {
        **fields,
        "city": address.city,
        "state": address.state,
        "postal_code": address.postal_code,
        "country": address.country,
    }


def _account(name: str | None) -> Ref | None:
    return None if name is None else Ref(full_name=name)


def customer_add(customer: FittedCustomer) -> CustomerAddRq:
    """Return the request that makes a customer."""
    return CustomerAddRq(
        customer_add=CustomerAdd(
            name=customer.name,
            company_name=customer.company,
            first_name=customer.first_name,
            last_name=customer.last_name,
            bill_address=_bill_address(customer.address),
            phone=customer.phone,
            fax=customer.fax,
            email=customer.email,
            contact=customer.contact,
        ),
        include_ret_element=_LIST_IDS,
    )


def item_add(name: str, description: str | None, account: str | None) -> ItemNonInventoryAddRq:
    """Return the request that makes a product item whose sales go to *account* (unknown in previews)."""
    return ItemNonInventoryAddRq(
        item_non_inventory_add=ItemNonInventoryAdd(
            name=name,
            sales_or_purchase=SalesOrPurchase(desc=description, account_ref=_account(account)),
        ),
        include_ret_element=_LIST_IDS,
    )


def shipping_item_add(account: str | None) -> ItemOtherChargeAddRq:
    """Return the request that makes the item for shipping charges."""
    return ItemOtherChargeAddRq(
        item_other_charge_add=ItemOtherChargeAdd(
            name=SHIPPING,
            sales_or_purchase=SalesOrPurchase(desc=SHIPPING, account_ref=_account(account)),
        ),
        include_ret_element=_LIST_IDS,
    )


def form_add(
    order: Order,
    fitted: Fitted,
    amounts: Amounts,
    *,
    posting: Posting,
    tax_code: str | None,
    method: str | None,
    macro: str | None,
) -> Request:
    """Return the request that makes the invoice (or what *posting* says) of an order.

    Args:
        order: the order.
        fitted: its values.
        amounts: what it comes to.
        posting: what it becomes.
        tax_code: stands on each line; ``None`` where the file charges no sales tax.
        method: the payment method of a sales receipt.
        macro: the name under which a later request of the same set refers to the transaction.
    """
    fields: dict[str, object] = {
        "customer_ref": Ref(full_name=fitted.customer.name),
        "txn_date": txn_date(order.date),
        "ref_number": fitted.ref_number,
        "bill_address": _bill_address(fitted.bill_to),
        "ship_address": _ship_address(fitted.ship_to),
        "memo": fitted.memo,
        "lines": _lines(fitted, amounts, posting, tax_code),
        "def_macro": macro,
    }
    if posting is not Posting.SALES_RECEIPT:
        fields["po_number"] = fitted.po_number
    if posting is not Posting.ESTIMATE:
        fields["is_to_be_printed"] = False
    if posting is Posting.SALES_RECEIPT and method:
        fields["payment_method_ref"] = Ref(full_name=method)
    return _REQUESTS[posting](fields)


def _invoice(fields: dict[str, object]) -> Request:
    return InvoiceAddRq(invoice_add=InvoiceAdd(**fields), include_ret_element=_FORM_IDS)  # type: ignore[arg-type]  # form_add gives each field its type


def _sales_receipt(fields: dict[str, object]) -> Request:
    return SalesReceiptAddRq(sales_receipt_add=SalesReceiptAdd(**fields), include_ret_element=_FORM_IDS)  # type: ignore[arg-type]  # as above


def _sales_order(fields: dict[str, object]) -> Request:
    return SalesOrderAddRq(sales_order_add=SalesOrderAdd(**fields), include_ret_element=_FORM_IDS)  # type: ignore[arg-type]  # as above


def _estimate(fields: dict[str, object]) -> Request:
    return EstimateAddRq(estimate_add=EstimateAdd(**fields), include_ret_element=_FORM_IDS)  # type: ignore[arg-type]  # as above


_REQUESTS = {
    Posting.INVOICE: _invoice,
    Posting.INVOICE_AND_PAYMENT: _invoice,
    Posting.SALES_RECEIPT: _sales_receipt,
    Posting.SALES_ORDER: _sales_order,
    Posting.ESTIMATE: _estimate,
}

_LINES = {
    Posting.INVOICE: InvoiceLineAdd,
    Posting.INVOICE_AND_PAYMENT: InvoiceLineAdd,
    Posting.SALES_RECEIPT: SalesReceiptLineAdd,
    Posting.SALES_ORDER: SalesOrderLineAdd,
    Posting.ESTIMATE: EstimateLineAdd,
}


def _lines(fitted: Fitted, amounts: Amounts, posting: Posting, tax_code: str | None) -> tuple[object, ...]:
    make = _LINES[posting]
    code = None if tax_code is None else Ref(full_name=tax_code)

    def line(one: FittedLine) -> object:
        return make(
            item_ref=Ref(full_name=one.item),
            desc=one.description,
            quantity=one.quantity,
            amount=one.amount,
            sales_tax_code_ref=code,
        )

    lines = [line(one) for one in fitted.lines]
    if amounts.shipping:
        shipping = make(
            item_ref=Ref(full_name=SHIPPING),
            desc=SHIPPING,
            quantity=Decimal(1),
            amount=amounts.shipping,
            sales_tax_code_ref=code,
        )
        lines.append(shipping)
    return tuple(lines)


def payment_add(
    fitted: Fitted, number: str, *, amount: Decimal, day: dt.date, method: str, invoice: str | UseMacro
) -> ReceivePaymentAddRq:
    """Return the request that pays an invoice.

    Args:
        fitted: the values of the order.
        number: the order's full number.
        amount: more than 0.00.
        day: when it was paid.
        method: a payment method of the company file.
        invoice: the invoice's ``TxnID``, or the macro under which the same set makes it.
    """
    return ReceivePaymentAddRq(
        receive_payment_add=ReceivePaymentAdd(
            customer_ref=Ref(full_name=fitted.customer.name),
            txn_date=txn_date(day),
            ref_number=fitted.payment_ref_number,
            total_amount=amount,
            payment_method_ref=Ref(full_name=method),
            memo=full_number_memo(number, _PAYMENT_NUMBER),
            applied_to_txn_add=(AppliedToTxnAdd(txn_id=invoice, payment_amount=amount),),
        ),
        include_ret_element=_PAYMENT_IDS,
    )
