"""What the books of a simulated company hold, in the words of a test.

Here: ``BooksView``: invoices and payments by number, what is there twice, what is still owed.
Not here: the company itself; everything is read from ``Company`` when it is asked for.
"""

from __future__ import annotations

import re
from collections import defaultdict
from html import escape, unescape
from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from decimal import Decimal

    from .company import Company, Entry, Txn

__all__ = ["BooksView", "Doubled"]

_LIST_ID: Final = re.compile(r"<ListID>([^<]+)</ListID>")
_MESSAGE: Final = re.compile(r'statusMessage="([^"]*)"')
_SALES: Final = ("Invoice", "SalesReceipt", "SalesOrder", "Estimate", "CreditMemo", "ReceivePayment")


@attrs.frozen(kw_only=True)
class Doubled:
    """Transactions that look like one thing entered several times."""

    #: ``Invoice`` and so on.
    kind: str
    #: Their number.
    number: str
    #: Their customer's full name.
    customer: str | None
    #: Their IDs, in the order of their creation.
    txn_ids: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.kind} {self.number} of {self.customer}, {len(self.txn_ids)} times"


class BooksView:
    """Reads a company for a test, always as it is now; and puts in what a test needs beforehand."""

    def __init__(self, company: Company) -> None:
        self.company = company

    def __repr__(self) -> str:
        return f"BooksView({self.company!r})"

    @property
    def invoices(self) -> list[Txn]:
        """All invoices, in the order of their creation."""
        return self.company.invoices

    @property
    def payments(self) -> list[Txn]:
        """All payments received, in the order of their creation."""
        return self.company.payments

    @property
    def customers(self) -> list[Entry]:
        """All customers and jobs."""
        return self.company.customers

    def transactions(self, kind: str) -> list[Txn]:
        """Return the transactions of one kind, such as ``SalesOrder``."""
        return self.company.transactions(kind)

    def invoice(self, number: str) -> Txn:
        """Return the only invoice with that number.

        Raises:
            AssertionError: there is none, or more than one.
        """
        found = [one for one in self.invoices if one.ref_number == number]
        if len(found) != 1:
            raise AssertionError(f"invoice {number!r}: expected one, got {len(found)}")
        return found[0]

    @property
    def total(self) -> Decimal:
        """What all invoices add up to."""
        return self.company.books_total()

    @property
    def owed(self) -> Decimal:
        """What is still due on all invoices."""
        return self.company.open_balance()

    # -- what a test needs beforehand

    def add_customer(self, name: str) -> str:
        """Add a customer, as a person at QuickBooks does, and return its ListID.

        Raises:
            AssertionError: QuickBooks refuses it.
        """
        return self._added("Customer", f"<Name>{_escaped(name)}</Name>")

    def add_item(self, name: str, *, price: str = "1.00", account: str = "Sales") -> str:
        """Add a non-inventory item that is sold at *price*, and return its ListID.

        Raises:
            AssertionError: QuickBooks refuses it.
        """
        sales = f"<Price>{price}</Price><AccountRef><FullName>{_escaped(account)}</FullName></AccountRef>"
        inner = f"<Name>{_escaped(name)}</Name><SalesOrPurchase>{sales}</SalesOrPurchase>"
        return self._added("ItemNonInventory", inner)

    def _added(self, kind: str, inner: str) -> str:
        answer = self.company.process(
            '<?xml version="1.0"?><?qbxml version="6.0"?><QBXML><QBXMLMsgsRq onError="stopOnError">'
            f"<{kind}AddRq><{kind}Add>{inner}</{kind}Add></{kind}AddRq></QBXMLMsgsRq></QBXML>"
        )
        found = _LIST_ID.search(answer)
        if found is None:
            reason = _MESSAGE.search(answer)
            raise AssertionError(f"{kind}Add: {answer if reason is None else unescape(reason[1])}")
        return found[1]

    # -- what must not be

    def doubled(self, *kinds: str) -> list[Doubled]:
        """Return what is in the books more than once: same kind, number and customer.

        Args:
            *kinds: only these kinds; all sales forms and payments without any.
        """
        groups: defaultdict[tuple[str, str, str | None], list[str]] = defaultdict(list)
        for kind in kinds or _SALES:
            for one in self.company.transactions(kind):
                if one.ref_number:
                    groups[kind, one.ref_number, one.customer].append(one.txn_id)
        return [
            Doubled(kind=kind, number=number, customer=customer, txn_ids=tuple(ids))
            for (kind, number, customer), ids in groups.items()
            if len(ids) > 1
        ]


def _escaped(text: str) -> str:
    return escape(text, quote=False)
