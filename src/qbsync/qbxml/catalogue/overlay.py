"""Facts that the generated table lacks or states wrongly, kept by hand, each with its source.

Every entry names a parent (``*``: any) and an element that stands directly in it.  What is said of
responses as a whole, that every element of theirs may be missing, is applied by the reader in
``qbsync.qbxml.catalogue``; lexical rules of the scalar types stand in ``qbsync.qbxml.values``.
"""

from __future__ import annotations

from typing import Final

__all__ = ["MOST", "SINCE"]

_XSD: Final = "repetition caps of Intuit's 13.0 schema"
_APPEARED: Final = "first appearance in Intuit's samples from 2.0 to 14.0, which carry no mark or a wrong one"

#: How often an element may stand at most, where the table knows no bound.
MOST: Final[dict[tuple[str, str], tuple[int, str]]] = {
    ("*", "ShipToAddress"): (50, _XSD),
    **{
        (f"{kind}{suffix}", "AdditionalContactRef"): (8, _XSD)
        for kind in ("Customer", "Vendor", "Employee")
        for suffix in ("Add", "Mod", "Ret")
    },
    **{(f"Contacts{suffix}", "AdditionalContactRef"): (5, _XSD) for suffix in ("", "Mod", "Ret")},
    **{
        (f"{kind}{suffix}", "AdditionalContactRef"): (3, _XSD)
        for kind, suffixes in (("Lead", ("Add", "Mod", "Ret")), ("LeadContacts", ("", "Mod", "Ret")))
        for suffix in suffixes
    },
    ("*", "PrefillAccountRef"): (3, _XSD),
}

#: The version that brought an element, where the table's mark is missing or wrong.
SINCE: Final[dict[tuple[str, str], tuple[str, str]]] = {
    **{
        (f"DepositLine{suffix}", f"Override{name}"): ("8.0", _APPEARED)
        for suffix in ("Add", "Mod")
        for name in ("Memo", "CheckNumber", "ClassRef")
    },
    ("*", "ClearEarnings"): ("5.0", _APPEARED),
    **{
        (f"Form1099CategoryAccountMapping{suffix}", "FormType"): ("14.0", _APPEARED)
        for suffix in ("Mod", "QueryRq", "Ret")
    },
    ("SalesTaxPreferences", "IsUsingVendorTaxCode"): ("8.0", _APPEARED),
    ("SalesTaxPreferences", "IsUsingCustomerTaxCode"): ("8.0", _APPEARED),
    ("SalesTaxPreferences", "IsUsingAmountsIncludeTax"): ("8.0", _APPEARED),
    ("*", "CurrencyRef"): ("8.0", _APPEARED),
}
