"""What QuickBooks says of itself and of the company file: Host, Company, Preferences.

Here: the three objects, and the document that the Web Connector hands over in its first ``sendRequestXML``.
Facts: qbXML dossier 3.7, Web Connector dossier 2.4 (AppLock, FileID).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

import attrs

from ..qbxml import catalogue
from ._context import Answer
from ._kinds import Layout
from ._lists import wanted
from ._nodes import VERSIONS, number

if TYPE_CHECKING:
    from ._books import Books
    from ._context import Context
    from ._nodes import Node, Request

__all__ = ["QUERIES", "Identity", "answer"]

#: The queries that this module answers.
QUERIES: Final = ("HostQuery", "CompanyQuery", "PreferencesQuery")

#: Days from the first of January of the year 1 to 1970, in .NET's ticks of 100 ns.
_TICKS_1970: Final = 621355968000000000
_TICKS_PER_SECOND: Final = 10**7


@attrs.frozen(kw_only=True)
class Identity:
    """Who the company file is, and where it is open."""

    name: str
    file: str
    country: str
    #: The highest qbXML version.
    version: str
    owner_id: str
    file_id: str
    machine: str


def answer(context: Context, identity: Identity, request: Request) -> Answer:
    """Answer ``HostQuery``, ``CompanyQuery`` or ``PreferencesQuery``."""
    only = wanted(request.node)
    name = request.name.removesuffix("Query")
    fields = {
        "Host": lambda: _host(identity),
        "Company": lambda: _company(identity, request.node, context.books),
        "Preferences": lambda: _preferences(context),
    }[name]()
    out = [f"<{name}Ret>"]
    _layout(request.name, context.version).write(fields, out, only)
    out.append(f"</{name}Ret>")
    return Answer(body=out)


@cache
def _layout(query: str, version: str) -> Layout:
    shape = next(iter(catalogue.message(f"{query}Rs").elements())).shape
    assert shape is not None
    return Layout(shape, number(version))


def _host(identity: Identity) -> dict[str, Any]:
    return {
        "ProductName": "Simulated QuickBooks Enterprise",
        "MajorVersion": "33",
        "MinorVersion": "0",
        "Country": identity.country,
        "SupportedQBXMLVersion": [one for one in VERSIONS if number(one) <= number(identity.version)],
        "IsAutomaticLogin": "false",
        "QBFileMode": "SingleUser",
    }


def _company(identity: Identity, node: Node, books: Books) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "IsSampleCompany": "false",
        "CompanyName": identity.name,
        "LegalCompanyName": identity.name,
        "FirstMonthFiscalYear": "January",
        "FirstMonthIncomeTaxYear": "January",
        "AccountantCopy": {"AccountantCopyExists": "false"},
    }
    if identity.owner_id in node.get("OwnerID", ()):
        ticks = _TICKS_1970 + books.second * _TICKS_PER_SECOND
        marks = {"AppLock": f"LOCKED:{identity.machine}:{ticks}", "FileID": identity.file_id}
        fields["DataExtRet"] = [
            {
                "OwnerID": identity.owner_id,
                "DataExtName": name,
                "DataExtType": "STR255TYPE",
                "DataExtValue": value,
            }
            for name, value in marks.items()
        ]
    return fields


def _preferences(context: Context) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "AccountingPreferences": {
            "IsUsingAccountNumbers": "false",
            "IsRequiringAccounts": "true",
            "IsUsingClassTracking": "true",
            "IsUsingAuditTrail": "true",
            "IsAssigningJournalEntryNumbers": "true",
        },
        "JobsAndEstimatesPreferences": {
            "IsUsingEstimates": "true",
            "IsUsingProgressInvoicing": "false",
            "IsPrintingItemsWithZeroAmounts": "true",
        },
        "MultiCurrencyPreferences": {"IsMultiCurrencyOn": "false"},
        "PurchasesAndVendorsPreferences": {
            "IsUsingInventory": "true",
            "DaysBillsAreDue": "10",
            "IsAutomaticallyUsingDiscounts": "false",
        },
        "SalesAndCustomersPreferences": {
            "IsTrackingReimbursedExpensesAsIncome": "false",
            "IsAutoApplyingPayments": "true",
            "PriceLevels": {"IsUsingPriceLevels": "false", "IsRoundingSalesPriceUp": "false"},
        },
        "CurrentAppAccessRights": {
            "IsAutomaticLoginAllowed": "true",
            "AutomaticLoginUserName": "Admin",
            "IsPersonalDataAccessAllowed": "false",
        },
    }
    if context.switches.charges_sales_tax:
        fields["SalesTaxPreferences"] = _sales_tax(context.books)
    return fields


def _sales_tax(books: Books) -> dict[str, Any]:
    fields: dict[str, Any] = {"PaySalesTax": "Monthly"}
    for field, kind, name in (
        ("DefaultItemSalesTaxRef", "ItemSalesTax", "Sales Tax"),
        ("DefaultTaxableSalesTaxCodeRef", "SalesTaxCode", "TAX"),
        ("DefaultNonTaxableSalesTaxCodeRef", "SalesTaxCode", "NON"),
    ):
        entry = books.find(kind, name)
        if entry is not None:
            fields[field] = entry.ref
    return fields
