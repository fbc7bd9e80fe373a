"""What stands in a new company file: a small shop in the United States.

Here: the profile ``seed``: its lists, and what its QuickBooks' work costs in simulated time.
Facts: qbXML dossier 3.6 (default tax codes), 8.6 (enumerations); the cost profile of the project's design.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ._queries import keys

if TYPE_CHECKING:
    from ._books import Books
    from ._nodes import Request

__all__ = ["PROFILES", "ROUND_TRIP", "cost", "fill"]

#: The profiles that exist.
PROFILES: Final = ("seed",)

#: Milliseconds of a round trip, of one write, of one query, of each object that a query names.
ROUND_TRIP: Final = 1000
_WRITE: Final = 100
_QUERY: Final = 20
_KEY: Final = 1

_ACCOUNTS: Final = (
    ("Checking", "Bank"),
    ("Accounts Receivable", "AccountsReceivable"),
    ("Undeposited Funds", "OtherCurrentAsset"),
    ("Inventory Asset", "OtherCurrentAsset"),
    ("Accounts Payable", "AccountsPayable"),
    ("Credit Card", "CreditCard"),
    ("Sales Tax Payable", "OtherCurrentLiability"),
    ("Opening Balance Equity", "Equity"),
    ("Sales", "Income"),
    ("Shipping and Delivery Income", "Income"),
    ("Sales Discounts", "Income"),
    ("Cost of Goods Sold", "CostOfGoodsSold"),
    ("Bank Service Charges", "Expense"),
    ("Merchant Account Fees", "Expense"),
    ("Office Supplies", "Expense"),
    ("Interest Income", "OtherIncome"),
)
_METHODS: Final = (
    ("Cash", "Cash"),
    ("Check", "Check"),
    ("American Express", "AmericanExpress"),
    ("Discover", "Discover"),
    ("MasterCard", "MasterCard"),
    ("Visa", "Visa"),
    ("Debit Card", "DebitCard"),
    ("E-Check", "ECheck"),
    ("Gift Card", "GiftCard"),
    ("PayPal", "Other"),
)
_TERMS: Final = (("Due on receipt", "0"), ("Net 15", "15"), ("Net 30", "30"), ("Net 60", "60"))
_SHIPPING: Final = ("DHL", "Federal Express", "UPS", "US Mail")
_MESSAGES: Final = ("Thank you for your order.", "We appreciate your prompt payment.")
_TEMPLATES: Final = (
    ("Product Invoice", "Invoice"),
    ("Custom Credit Memo", "CreditMemo"),
    ("Custom Sales Receipt", "SalesReceipt"),
    ("Custom Sales Order", "SalesOrder"),
    ("Custom Estimate", "Estimate"),
)


def fill(books: Books) -> None:
    """Put the lists of a new company into empty books."""
    for name, kind in _ACCOUNTS:
        books.add_entry("Account", {"Name": name, "AccountType": kind})
    for name, taxable, text in (("TAX", "true", "Taxable sales"), ("NON", "false", "Non-taxable sales")):
        books.add_entry("SalesTaxCode", {"Name": name, "IsTaxable": taxable, "Desc": text})
    for name, kind in _METHODS:
        books.add_entry("PaymentMethod", {"Name": name, "PaymentMethodType": kind})
    for name, days in _TERMS:
        books.add_entry("StandardTerms", {"Name": name, "StdDueDays": days})
    for name in _SHIPPING:
        books.add_entry("ShipMethod", {"Name": name})
    for name in _MESSAGES:
        books.add_entry("CustomerMsg", {"Name": name})
    for name, kind in _TEMPLATES:
        books.add_entry("Template", {"Name": name, "TemplateType": kind})
    office = books.add_entry("Vendor", {"Name": "State Tax Office"})
    tax: dict[str, Any] = {"Name": "Sales Tax", "TaxRate": "8.25", "TaxVendorRef": office.ref}
    books.add_entry("ItemSalesTax", tax)


def cost(request: Request) -> int:
    """Return what one request costs, in simulated milliseconds."""
    if request.name.endswith("Query"):
        return _QUERY + _KEY * keys(request.node)
    return _WRITE
