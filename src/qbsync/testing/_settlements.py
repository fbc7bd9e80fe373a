"""Bills and their payments, deposits, refunds, transfers: what settles what outside of customers' payments.

Here: completing such transactions, and what they do to others when they are booked or taken back.
Not here: payments of customers (``_payments``), lines (``_purchases``), balances (``_ledger``).
Facts: qbXML dossier 3.3 (links), 8.1 (deposits, refunds), 8.3, 9 (payments); the catalogue.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from ._context import exactly
from ._nodes import LINES
from ._refusals import Refusal
from ._settling import MONEY_LINK, refresh, undeposited
from ._values import cents, money

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ._books import Transaction
    from ._context import Context
    from ._nodes import Node

__all__ = ["checked", "claim_orders", "complete", "settle", "touch_linked"]

_SOURCE: Final = "_source"
_ORDER_LINK: Final = "QUANTYPE"
_CREDITS: Final = ("CreditMemo", "ReceivePayment")


def complete(context: Context, kind: str, fields: dict[str, Any], node: Node) -> int:
    """Complete the fields of a kind and return its total in cents; nothing in the books is changed."""
    makers = {
        "BillPaymentCheck": _bill_payment,
        "BillPaymentCreditCard": _bill_payment,
        "ARRefundCreditCard": _refund,
        "Deposit": _deposit,
        "SalesTaxPaymentCheck": _tax_payment,
        "Transfer": _transfer,
        "VehicleMileage": _mileage,
    }
    return makers[kind](context, fields, node) if kind in makers else 0


# -- completing


def _row_of(one: Transaction) -> dict[str, Any]:
    """Return what stands of a transaction in the list of another."""
    row = {"TxnID": one.id, "TxnType": one.kind, "TxnDate": one.fields["TxnDate"]}
    if one.fields.get("RefNumber"):
        row["RefNumber"] = one.fields["RefNumber"]
    return row


def _bill_payment(context: Context, fields: dict[str, Any], node: Node) -> int:
    sent = node.get("AppliedToTxnAdd") or node.get("AppliedToTxnMod")
    if sent is not None:
        taken = dict[str, int]()
        fields["AppliedToTxnRet"] = [_applied(context, fields, one, taken) for one in sent]
    return sum(cents(row["Amount"]) for row in fields.get("AppliedToTxnRet", ()))


def _applied(
    context: Context, fields: Mapping[str, Any], sent: Node, taken: dict[str, int]
) -> dict[str, Any]:
    """Return what a payment does to one bill, checked against what is open."""
    bill = context.transaction("AppliedToTxnAdd", sent["TxnID"], ("Bill",))
    if bill.fields.get("VendorRef") is not fields.get("PayeeEntityRef"):
        raise Refusal(3210, "The bill belongs to another vendor than the payment.")
    if bill.fields["APAccountRef"] is not fields["APAccountRef"]:
        raise Refusal(3210, "The bill and the payment use different payables accounts.")
    discount = cents(sent.get("DiscountAmount") or "0")
    credits_used = _credits(context, sent, fields)
    others = discount + sum(amount for _, amount in credits_used)
    left = bill.open - taken.get(bill.id, 0)
    amount = cents(sent["PaymentAmount"]) if sent.get("PaymentAmount") else max(left - others, 0)
    if min(amount, discount) < 0 or amount + others > left:
        raise Refusal(3210, f"The payment is more than the {money(left)} that are due on the bill.")
    taken[bill.id] = taken.get(bill.id, 0) + amount + others
    row = {**_row_of(bill), "Amount": money(amount), "_credits": [[one, used] for one, used in credits_used]}
    if discount:
        account = context.entry("DiscountAccountRef", sent.get("DiscountAccountRef", {}), "BillPayment")
        if account is None:
            raise Refusal(3150, 'The field "DiscountAccountRef" is required with a discount.')
        row.update({"DiscountAmount": money(discount), "DiscountAccountRef": account.ref})
    return row


def _credits(context: Context, sent: Node, fields: Mapping[str, Any]) -> list[tuple[str, int]]:
    found = []
    for node in sent.get("SetCredit", ()):
        credit = context.transaction("CreditTxnID", node["CreditTxnID"], ("VendorCredit",))
        amount = cents(node["AppliedAmount"] or "0")
        if credit.fields.get("VendorRef") is not fields.get("PayeeEntityRef"):
            raise Refusal(3210, "The credit belongs to another vendor.")
        if amount <= 0 or amount > credit.open:
            raise Refusal(
                3210, f"The credit has {money(credit.open)} left, which is less than was asked for."
            )
        found.append((credit.id, amount))
    return found


def _refund(context: Context, fields: dict[str, Any], node: Node) -> int:
    fields.setdefault("RefundFromAccountRef", undeposited(context).ref)
    rows, taken = [], dict[str, int]()
    for sent in node.get("RefundAppliedToTxnAdd", ()):
        credit = context.transaction("RefundAppliedToTxnAdd", sent["TxnID"], _CREDITS)
        amount = cents(sent["RefundAmount"] or "0")
        left = credit.open - taken.get(credit.id, 0)
        if credit.fields.get("CustomerRef") is not fields["CustomerRef"]:
            raise Refusal(3210, "The credit belongs to another customer than the refund.")
        if amount <= 0 or amount > left:
            raise Refusal(3210, f"The credit has {money(left)} left, which is less than was asked for.")
        taken[credit.id] = taken.get(credit.id, 0) + amount
        remaining = {"CreditRemaining": money(left - amount), "RefundAmount": money(amount)}
        rows.append({**_row_of(credit), **remaining})
    fields["RefundAppliedToTxnRet"] = rows
    return sum(taken.values())


def _deposit(context: Context, fields: dict[str, Any], node: Node) -> int:
    sent = node.get("DepositLineAdd") or node.get("DepositLineMod") or ()
    total = 0
    for place, line in enumerate(fields.get("DepositLineRet", ())):
        one = sent[place] if place < len(sent) else {}
        if "PaymentTxnID" in one:
            _take_payment(context, one, line)
        elif "AccountRef" not in line and line.get("Amount"):
            raise Refusal(3150, 'The field "AccountRef" is required on a deposit line with an amount.')
        line.setdefault("Amount", "0.00")
        total += cents(line["Amount"])
    cash = fields.get("CashBackInfoRet", {})
    total -= cents(cash.get("Amount") or "0")
    if total < 0:
        raise Refusal(3210, "The deposit could not be saved: its total is negative.")
    return total


def _take_payment(context: Context, sent: Node, line: dict[str, Any]) -> None:
    """Let a deposit line stand for a payment that waits in Undeposited Funds."""
    payment = context.transaction("PaymentTxnID", sent["PaymentTxnID"], ("ReceivePayment", "SalesReceipt"))
    funds = undeposited(context)
    if payment.fields.get("DepositToAccountRef") is not funds.ref:
        raise Refusal(3210, f'The payment "{payment.id}" does not wait in {funds.full_name}.')
    if payment.fields.get("_deposit"):
        raise Refusal(3210, f'The payment "{payment.id}" is in a deposit already.')
    line.update({"TxnType": payment.kind, "TxnID": payment.id, "AccountRef": funds.ref})
    line["Amount"] = money(payment.total)
    for target, source in (("EntityRef", "CustomerRef"), ("PaymentMethodRef", "PaymentMethodRef")):
        if source in payment.fields:
            line[target] = payment.fields[source]
    for target, source in (("Memo", "OverrideMemo"), ("CheckNumber", "OverrideCheckNumber")):
        if sent.get(source):
            line[target] = sent[source]


def _tax_payment(_context: Context, fields: dict[str, Any], _node: Node) -> int:
    return sum(cents(line["Amount"] or "0") for line in fields.get("SalesTaxPaymentCheckLineRet", ()))


def _transfer(context: Context, fields: dict[str, Any], _node: Node) -> int:
    amount = cents(fields.get("Amount") or "0")
    for name in ("TransferFromAccountRef", "TransferToAccountRef"):
        if name not in fields:
            raise Refusal(3150, f'The field "{name}" is required.')
    if fields["TransferFromAccountRef"] is fields["TransferToAccountRef"] or amount <= 0:
        raise Refusal(3210, "A transfer moves an amount from one account to another one.")
    for name, target, sign in (
        ("TransferFromAccountRef", "FromAccountBalance", -1),
        ("TransferToAccountRef", "ToAccountBalance", 1),
    ):
        account = context.books.table("Account").by_id[fields[name]["ListID"]]
        fields[target] = money(account.balance + sign * amount)
    return amount


def _mileage(context: Context, fields: dict[str, Any], _node: Node) -> int:
    fields.setdefault("TripEndDate", fields.get("TripStartDate", context.books.today))
    if fields.get("OdometerEnd"):
        miles = Decimal(fields["OdometerEnd"]) - Decimal(fields.get("OdometerStart") or 0)
        if miles < 0:
            raise Refusal(3210, "The odometer shows less at the end of the trip than at its start.")
        fields["TotalMiles"] = exactly(miles)
    return 0


def checked(context: Context, kind: str, fields: dict[str, Any], node: Node) -> int:
    """Note what credits a check pays out; they are part of its lines, so they add nothing to its total."""
    sent = node.get("ApplyCheckToTxnAdd") or node.get("ApplyCheckToTxnMod")
    if kind != "Check" or sent is None:
        return 0
    fields["_applied"] = []
    for one in sent:
        credit = context.transaction("ApplyCheckToTxnAdd", one["TxnID"], _CREDITS)
        amount = cents(one["Amount"]) if one.get("Amount") else credit.open
        if amount <= 0 or amount > credit.open:
            raise Refusal(
                3210, f"The credit has {money(credit.open)} left, which is less than was asked for."
            )
        fields["_applied"].append([credit.id, amount])
    return 0


# -- purchase orders


def claim_orders(context: Context, fields: dict[str, Any], node: Node) -> None:
    """Take lines from purchase orders into a bill or item receipt.

    Raises:
        Refusal: 3177 an order is named twice, 3120, 3000 it is not there or no order, 3210 of another vendor.
    """
    ids = [context.value(text) for text in node.get("LinkToTxnID", ())]
    if len(set(ids)) < len(ids):
        raise Refusal(3177, 'The field "LinkToTxnID" names the same transaction twice.')
    for identifier in ids:
        order = _order(context, identifier, fields)
        for name, line in order.fields.get(LINES, ()):
            quantity = _open_quantity(line)
            if "Group" in name or quantity <= 0:
                continue
            taken = {
                field: line[field]
                for field in ("ItemRef", "Desc", "ClassRef", "CustomerRef")
                if field in line
            }
            taken.update({"Quantity": exactly(quantity), "Cost": line.get("Rate", "0.00")})
            taken[_SOURCE] = [order.id, line["TxnLineID"], exactly(quantity)]
            fields.setdefault(LINES, []).append(("ItemLineRet", taken))
    for (_, sent), (_, line) in zip(node.get(LINES, ()), list(fields.get(LINES, ())), strict=False):
        if "LinkToTxn" in sent:
            _claim_line(context, sent, line, fields)


def _order(context: Context, identifier: str, fields: Mapping[str, Any]) -> Transaction:
    order = context.transaction("LinkToTxnID", identifier, ("PurchaseOrder",))
    if order.fields.get("VendorRef") is not fields.get("VendorRef"):
        raise Refusal(3210, f'The purchase order "{identifier}" belongs to another vendor.')
    return order


def _open_quantity(line: Mapping[str, Any]) -> Decimal:
    if "ItemRef" not in line or line.get("IsManuallyClosed") == "true":
        return Decimal(0)
    return Decimal(line.get("Quantity") or 1) - Decimal(line.get("ReceivedQuantity") or 0)


def _claim_line(context: Context, sent: Node, line: dict[str, Any], fields: Mapping[str, Any]) -> None:
    target = sent["LinkToTxn"]
    order = _order(context, target["TxnID"], fields)
    found = next((one for _, one in order.fields[LINES] if one["TxnLineID"] == target["TxnLineID"]), None)
    if found is None:
        raise Refusal(3120, f'The line "{target["TxnLineID"]}" of the purchase order cannot be found.')
    if "ItemRef" in sent:
        raise Refusal(3151, 'The field "ItemRef" is not allowed on a linked line.')
    quantity = Decimal(sent.get("Quantity") or _open_quantity(found))
    line.update({"ItemRef": found["ItemRef"], "Quantity": exactly(quantity)})
    line.setdefault("Cost", found.get("Rate", "0.00"))
    line[_SOURCE] = [order.id, found["TxnLineID"], exactly(quantity)]


# -- booking and taking back


def settle(context: Context, one: Transaction, sign: int) -> None:
    """Do to other transactions what this one does to them, or (*sign* -1) undo it."""
    books = context.books
    for row in one.fields.get("AppliedToTxnRet", ()):
        bill = books.transactions[row["TxnID"]]
        discount = cents(row.get("DiscountAmount", "0"))
        _settle(one, bill, cents(row["Amount"]), sign)
        bill.open -= sign * discount
        for credit_id, amount in row.get("_credits", ()):
            _settle(books.transactions[credit_id], bill, amount, sign)
        refresh(bill)
    for row in one.fields.get("RefundAppliedToTxnRet", ()):
        _settle(one, books.transactions[row["TxnID"]], cents(row["RefundAmount"]), sign)
    for credit_id, amount in one.fields.get("_applied", ()):
        _settle(one, books.transactions[credit_id], amount, sign)
    for line in one.fields.get("DepositLineRet", ()) if one.kind == "Deposit" else ():
        if "TxnID" in line:
            _mark_deposited(books.transactions[line["TxnID"]], one, sign)
    for order, order_line, line, quantity in _sources(context, one):
        _receive(one, order, order_line, line, sign * quantity)


def _settle(source: Transaction, target: Transaction, amount: int, sign: int) -> None:
    target.open -= sign * amount
    if source.kind == "VendorCredit":
        source.open -= sign * amount
    _link(source, target, -amount, sign)
    refresh(target)
    refresh(source)


def _link(one: Transaction, other: Transaction, amount: int, sign: int, kind: str = MONEY_LINK) -> None:
    for here, there in ((one, other), (other, one)):
        link = (there.id, kind, amount)
        if sign > 0:
            here.links.append(link)
        elif link in here.links:
            here.links.remove(link)


def _mark_deposited(payment: Transaction, deposit: Transaction, sign: int) -> None:
    if sign > 0:
        payment.fields["_deposit"] = deposit.id
    else:
        payment.fields.pop("_deposit", None)


def _sources(
    context: Context, one: Transaction
) -> Iterator[tuple[Transaction, dict[str, Any], dict[str, Any], Decimal]]:
    if one.kind not in {"Bill", "ItemReceipt"}:
        return
    for _, line in one.fields.get(LINES, ()):
        if _SOURCE in line:
            identifier, line_id, quantity = line[_SOURCE]
            order = context.books.transactions[identifier]
            found = next(row for _, row in order.fields[LINES] if row["TxnLineID"] == line_id)
            yield order, found, line, Decimal(quantity)


def _receive(
    one: Transaction,
    order: Transaction,
    order_line: dict[str, Any],
    line: Mapping[str, Any],
    quantity: Decimal,
) -> None:
    received = Decimal(order_line.get("ReceivedQuantity") or 0) + quantity
    order_line["ReceivedQuantity"] = exactly(received)
    order_line["IsBilled"] = "true" if _open_quantity(order_line) <= 0 and one.kind == "Bill" else "false"
    _link(one, order, cents(line["Amount"]), 1 if quantity > 0 else -1, _ORDER_LINK)
    full = all(_open_quantity(row) <= 0 for _, row in order.fields[LINES])
    order.fields["IsFullyReceived"] = "true" if full else "false"


def touch_linked(context: Context, one: Transaction) -> None:
    """Mark the transactions that this one settles as changed."""
    if context.switches.payments_touch_invoices:
        for identifier in {link[0] for link in one.links}:
            context.books.touch(context.books.transactions[identifier])
