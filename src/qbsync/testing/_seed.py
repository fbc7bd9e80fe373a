"""What stands in a new company file: a small shop in the United States.

Here: its lists, no customers, no items to sell and no transactions.
Not here: preferences (``_facts``), what work costs (``_costs``).
Facts: qbXML dossier 3.6 (default tax codes, currencies), 8.6 (enumerations).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from ._books import Books

__all__ = ["HOME_CURRENCY", "fill"]

#: The currency of the company.
HOME_CURRENCY: Final = "US Dollar"

_ACCOUNTS: Final = (
    ("Checking", "Bank"),
    ("Accounts Receivable", "AccountsReceivable"),
    ("Undeposited Funds", "OtherCurrentAsset"),
    ("Inventory Asset", "OtherCurrentAsset"),
    ("Accounts Payable", "AccountsPayable"),
    ("Savings", "Bank"),
    ("Petty Cash Box", "Bank"),
    ("Prepaid Expenses", "OtherCurrentAsset"),
    ("Furniture and Equipment", "FixedAsset"),
    ("Accumulated Depreciation", "FixedAsset"),
    ("Security Deposits", "OtherAsset"),
    ("Credit Card", "CreditCard"),
    ("Customer Deposits", "OtherCurrentLiability"),
    ("Gift Cards Outstanding", "OtherCurrentLiability"),
    ("Payroll Liabilities", "OtherCurrentLiability"),
    ("Bank Loan", "LongTermLiability"),
    ("Owner's Equity", "Equity"),
    ("Owner's Draw", "Equity"),
    ("Sales Tax Payable", "OtherCurrentLiability"),
    ("Opening Balance Equity", "Equity"),
    ("Sales", "Income"),
    ("Shipping and Delivery Income", "Income"),
    ("Sales Discounts", "Income"),
    ("Cost of Goods Sold", "CostOfGoodsSold"),
    ("Bank Service Charges", "Expense"),
    ("Merchant Account Fees", "Expense"),
    ("Advertising", "Expense"),
    ("Freight and Delivery", "Expense"),
    ("Insurance", "Expense"),
    ("Office Supplies", "Expense"),
    ("Postage", "Expense"),
    ("Professional Fees", "Expense"),
    ("Rent", "Expense"),
    ("Repairs", "Expense"),
    ("Telephone and Internet", "Expense"),
    ("Utilities", "Expense"),
    ("Interest Income", "OtherIncome"),
    ("Exchange Differences", "OtherExpense"),
)
_SPECIAL: Final = {
    "Accounts Receivable": "AccountsReceivable",
    "Accounts Payable": "AccountsPayable",
    "Undeposited Funds": "UndepositedFunds",
    "Inventory Asset": "InventoryAssets",
    "Cost of Goods Sold": "CostOfGoodsSold",
    "Sales Tax Payable": "SalesTaxPayable",
    "Opening Balance Equity": "OpeningBalanceEquity",
}
_CURRENCIES: Final = (
    (HOME_CURRENCY, "USD"),
    ("Euro", "EUR"),
    ("Canadian Dollar", "CAD"),
    ("British Pound", "GBP"),
)
_TYPES: Final = (
    ("CustomerType", ("Retail", "Wholesale", "Web")),
    ("VendorType", ("Suppliers", "Service Providers", "Tax agency")),
    ("JobType", ("Standard",)),
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
    ("Packing Slip", "Invoice"),
    ("Service Invoice", "Invoice"),
    ("Custom Purchase Order", "PurchaseOrder"),
)


def fill(books: Books, *, multicurrency: bool) -> None:
    """Put the lists of a new company into empty books; currencies only where several are on."""
    for name, kind in _ACCOUNTS:
        special = {"SpecialAccountType": _SPECIAL[name]} if name in _SPECIAL else {}
        books.add_entry("Account", {"Name": name, "AccountType": kind, **special})
    for name, taxable, text in (("TAX", "true", "Taxable sales"), ("NON", "false", "Non-taxable sales")):
        books.add_entry("SalesTaxCode", {"Name": name, "IsTaxable": taxable, "Desc": text})
    _fill_small_lists(books)
    for name, code in _CURRENCIES if multicurrency else ():
        books.add_entry("Currency", {"Name": name, "CurrencyCode": code, "IsUserDefinedCurrency": "false"})
    office = books.add_entry("Vendor", {"Name": "State Tax Office"})
    tax: dict[str, Any] = {"Name": "Sales Tax", "TaxRate": "8.25", "TaxVendorRef": office.ref}
    books.add_entry("ItemSalesTax", tax)


def _fill_small_lists(books: Books) -> None:
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
    books.add_entry(
        "DateDrivenTerms", {"Name": "Due on the 10th", "DayOfMonthDue": "10", "DueNextMonthDays": "5"}
    )
    for kind, names in _TYPES:
        for name in names:
            books.add_entry(kind, {"Name": name})
