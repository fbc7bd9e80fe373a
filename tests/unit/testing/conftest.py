"""Ways to ask a simulated company file, reading its answers with lxml alone."""

# A request is easier to read on one line than in pieces.
# ruff: noqa: E501

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from lxml import etree

from qbsync.testing import Company

# ``sim_host`` stands beside the tests that import it.
sys.path.insert(0, str(Path(__file__).parent))

ITEM = (
    "<ItemNonInventoryAddRq><ItemNonInventoryAdd><Name>{name}</Name><SalesOrPurchase><Desc>{desc}</Desc>"
    "<Price>{price}</Price><AccountRef><FullName>Sales</FullName></AccountRef></SalesOrPurchase>"
    "</ItemNonInventoryAdd></ItemNonInventoryAddRq>"
)


class Books:
    """A company and short ways to write requests to it."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.head: dict[str, str] = {}

    def text(
        self, body: str, *, version: str = "13.0", on_error: str = "continueOnError", **attributes
    ) -> str:
        extra = "".join(f' {name}="{value}"' for name, value in attributes.items())
        return (
            f'<?xml version="1.0" encoding="utf-8"?><?qbxml version="{version}"?><QBXML>'
            f'<QBXMLMsgsRq onError="{on_error}"{extra}>{body}</QBXMLMsgsRq></QBXML>'
        )

    def ask(self, body: str, **options) -> list[etree._Element]:
        """Process requests and return the response elements."""
        answer = self.company.process(self.text(body, **options))
        root = etree.fromstring(re.sub(r"\A<\?xml.*?\?>", "", answer))
        self.head = dict(root[0].attrib)
        return list(root[0])

    def one(self, body: str, **options) -> etree._Element:
        (only,) = self.ask(body, **options)
        return only

    def code(self, body: str, **options) -> int:
        """Process one request and return its status code."""
        return int(self.one(body, **options).get("statusCode"))

    def done(self, body: str, **options) -> list[etree._Element]:
        """Process requests that must all succeed and return their objects."""
        answers = self.ask(body, **options)
        assert [(rs.tag, rs.get("statusCode"), rs.get("statusMessage")) for rs in answers] == [
            (rs.tag, "0", "Status OK") for rs in answers
        ]
        return [rs[0] for rs in answers if len(rs)]

    def customer(self, name: str = "Ann Lee", rest: str = "") -> etree._Element:
        (ret,) = self.done(
            f"<CustomerAddRq><CustomerAdd><Name>{name}</Name>{rest}</CustomerAdd></CustomerAddRq>"
        )
        return ret

    def item(self, name: str = "A1", price: str = "2.50", desc: str = "Thing") -> etree._Element:
        (ret,) = self.done(ITEM.format(name=name, price=price, desc=desc))
        return ret

    def form(
        self, kind: str, lines: str, *, customer: str = "Ann Lee", head: str = "", tail: str = ""
    ) -> str:
        return (
            f"<{kind}AddRq><{kind}Add><CustomerRef><FullName>{customer}</FullName></CustomerRef>{head}{lines}"
            f"</{kind}Add>{tail}</{kind}AddRq>"
        )

    def invoice(self, number: str = "W1", amount: str = "10.00", **options) -> etree._Element:
        lines = self.line("Invoice", f"<Quantity>1</Quantity><Amount>{amount}</Amount>")
        head = f"<TxnDate>2024-01-05</TxnDate><RefNumber>{number}</RefNumber>"
        (ret,) = self.done(self.form("Invoice", lines, head=head, **options))
        return ret

    def line(self, kind: str, fields: str = "", item: str = "A1") -> str:
        ref = f"<ItemRef><FullName>{item}</FullName></ItemRef>" if item else ""
        return f"<{kind}LineAdd>{ref}{fields}</{kind}LineAdd>"

    def payment(
        self, txn_id: str, amount: str, *, total: str | None = None, customer: str = "Ann Lee"
    ) -> str:
        return (
            "<ReceivePaymentAddRq><ReceivePaymentAdd>"
            f"<CustomerRef><FullName>{customer}</FullName></CustomerRef><TotalAmount>{total or amount}</TotalAmount>"
            f"<AppliedToTxnAdd><TxnID>{txn_id}</TxnID><PaymentAmount>{amount}</PaymentAmount></AppliedToTxnAdd>"
            "</ReceivePaymentAdd></ReceivePaymentAddRq>"
        )


def rows(element: etree._Element) -> list[str]:
    """Return the names of the children."""
    return [child.tag for child in element]


@pytest.fixture
def empty() -> Books:
    """A new company."""
    return Books(Company())


@pytest.fixture
def books(empty: Books) -> Books:
    """A company with the customer Ann Lee and the item A1 at 2.50."""
    empty.customer()
    empty.item()
    return empty


@pytest.fixture
def make():
    """Make a company with switches, with customer and item."""

    def maker(**switches) -> Books:
        made = Books(Company(**switches))
        made.customer()
        made.item()
        return made

    return maker
