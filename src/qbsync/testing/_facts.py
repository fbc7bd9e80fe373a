"""What QuickBooks says of itself and of the company file: Host, Company, Preferences.

Here: the three objects, and the document that the Web Connector hands over in its first ``sendRequestXML``.
Facts: qbXML dossier 3.7, Web Connector dossier 2.4 (AppLock, FileID).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from ._context import Answer
from ._kinds import response_layout
from ._lists import wanted
from ._nodes import VERSIONS, number
from ._seed import HOME_CURRENCY

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
#: How many entries the lists of an Enterprise file take; figures of the field, not of Intuit.
_CAPACITY: Final = {
    **dict.fromkeys(("CustomerMsg", "CustomerType", "JobType", "PaymentMethod", "ShipMethod"), "1000"),
    **dict.fromkeys(("SalesTaxCode", "Template", "Terms", "VendorType", "Vehicle"), "1000"),
    **dict.fromkeys(("Account", "Class", "PayrollItem", "SalesRep", "ToDo"), "10000"),
    **dict.fromkeys(("BillingRate", "PriceLevel"), "100"),
    **dict.fromkeys(("Entity", "Item"), "100000"),
}


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
    only, owners = wanted(request.node), frozenset(request.node.get("OwnerID", ()))
    name = request.name.removesuffix("Query")
    fields = {
        "Host": lambda: _host(context, identity, request.node),
        "Company": lambda: _company(identity, request.node, context.books),
        "Preferences": lambda: _preferences(context),
    }[name]()
    out = [f"<{name}Ret>"]
    layout = response_layout(f"{request.name}Rs", f"{name}Ret", context.version, context.edition)
    layout.write(fields, out, only, owners)
    out.append(f"</{name}Ret>")
    return Answer(body=out)


def _host(context: Context, identity: Identity, node: Node) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "ProductName": "Simulated QuickBooks Enterprise",
        "MajorVersion": "33",
        "MinorVersion": "0",
        "Country": identity.country,
        "SupportedQBXMLVersion": [one for one in VERSIONS if number(one) <= number(identity.version)],
        "IsAutomaticLogin": "false",
        "QBFileMode": "MultiUser" if context.switches.multi_user else "SingleUser",
    }
    if node.get("IncludeListMetaData", {}).get("IncludeMaxCapacity") == "true":
        fields["ListMetaData"] = {
            f"{kind}MetaData": {"MaxCapacity": most} for kind, most in _CAPACITY.items()
        }
    return fields


def _company(identity: Identity, node: Node, books: Books) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "IsSampleCompany": "false",
        "CompanyName": identity.name,
        "LegalCompanyName": identity.name,
        "FirstMonthFiscalYear": "January",
        "FirstMonthIncomeTaxYear": "January",
        "AccountantCopy": {"AccountantCopyExists": "false"},
    }
    fields["DataExtRet"] = [dict(row) for row in books.company_data]
    if identity.owner_id in node.get("OwnerID", ()):
        ticks = _TICKS_1970 + books.second * _TICKS_PER_SECOND
        marks = {"AppLock": f"LOCKED:{identity.machine}:{ticks}", "FileID": identity.file_id}
        fields["DataExtRet"].extend(
            {
                "OwnerID": identity.owner_id,
                "DataExtName": name,
                "DataExtType": "STR255TYPE",
                "DataExtValue": value,
            }
            for name, value in marks.items()
        )
    return fields


def _preferences(context: Context) -> dict[str, Any]:
    switches, books = context.switches, context.books
    fields: dict[str, Any] = {
        "AccountingPreferences": {
            "IsUsingAccountNumbers": "false",
            "IsRequiringAccounts": "true",
            "IsUsingClassTracking": _is_on(context, "classes"),
            "IsUsingAuditTrail": "true",
            "IsAssigningJournalEntryNumbers": "true",
            **({"ClosingDate": switches.closing_date} if switches.closing_date else {}),
        },
        "FinanceChargePreferences": {
            "AnnualInterestRate": "0.00",
            "MinFinanceCharge": "0.00",
            "GracePeriod": "0",
            "IsAssessingForOverdueCharges": "false",
            "CalculateChargesFrom": "DueDate",
            "IsMarkedToBePrinted": "true",
        },
        "JobsAndEstimatesPreferences": {
            "IsUsingEstimates": _is_on(context, "estimates"),
            "IsUsingProgressInvoicing": "false",
            "IsPrintingItemsWithZeroAmounts": "true",
        },
        "MultiCurrencyPreferences": {"IsMultiCurrencyOn": "true" if switches.multicurrency else "false"},
        "MultiLocationInventoryPreferences": {
            "IsMultiLocationInventoryAvailable": _is_on(context, "inventory_sites"),
            "IsMultiLocationInventoryEnabled": _is_on(context, "inventory_sites"),
        },
        "PurchasesAndVendorsPreferences": {
            "IsUsingInventory": _is_on(context, "inventory"),
            "DaysBillsAreDue": "10",
            "IsAutomaticallyUsingDiscounts": "false",
        },
        "ReportsPreferences": {"AgingReportBasis": "AgeFromDueDate", "SummaryReportBasis": "Accrual"},
        "SalesAndCustomersPreferences": {
            "IsTrackingReimbursedExpensesAsIncome": "false",
            "IsAutoApplyingPayments": "true",
            "PriceLevels": {
                "IsUsingPriceLevels": _is_on(context, "price_levels"),
                "IsRoundingSalesPriceUp": "false",
            },
        },
        "TimeTrackingPreferences": {"FirstDayOfWeek": "Monday"},
        "CurrentAppAccessRights": {
            "IsAutomaticLoginAllowed": "true",
            "AutomaticLoginUserName": "Admin",
            "IsPersonalDataAccessAllowed": "true" if switches.personal_data else "false",
        },
        "ItemsAndInventoryPreferences": {
            "EnhancedInventoryReceivingEnabled": "false",
            "IsTrackingSerialOrLotNumber": "None",
            "FIFOEnabled": "false",
            "IsRSBEnabled": "false",
            "IsBarcodeEnabled": _is_on(context, "bar_codes"),
        },
    }
    if switches.charges_sales_tax:
        fields["SalesTaxPreferences"] = _sales_tax(books)
    home = books.find("Currency", HOME_CURRENCY) if switches.multicurrency else None
    if home is not None:
        fields["MultiCurrencyPreferences"]["HomeCurrencyRef"] = home.ref
    return fields


def _is_on(context: Context, feature: str) -> str:
    return "false" if feature in context.switches.features_off else "true"


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
