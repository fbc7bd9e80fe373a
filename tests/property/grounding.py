"""Lets valid messages stand on the ground of one company file: what they name is there.

A message drawn from the catalogue names customers, accounts and transactions at random, and a strict
QuickBooks refuses it for that. Here the names and IDs of a drawn request are replaced by those of a company
in which one object of every kind stands, and sums by small ones that add up. It knows the catalogue's facts and
asks the company what stands in it.
"""

# A request is easier to read on one line than in pieces.
# ruff: noqa: E501

from __future__ import annotations

import re

from lxml import etree

from qbsync.qbxml import catalogue
from qbsync.testing import Company
from qbsync.testing._kinds import kinds, reference_kinds

LISTS = (
    "<CustomerAddRq><CustomerAdd><Name>Ann Lee</Name><Email>ann@example.com</Email></CustomerAdd></CustomerAddRq>",
    "<VendorAddRq><VendorAdd><Name>Mill</Name></VendorAdd></VendorAddRq>",
    "<EmployeeAddRq><EmployeeAdd><FirstName>Bo</FirstName><LastName>Ek</LastName></EmployeeAdd></EmployeeAddRq>",
    "<OtherNameAddRq><OtherNameAdd><Name>Other</Name></OtherNameAdd></OtherNameAddRq>",
    "<ClassAddRq><ClassAdd><Name>Web</Name></ClassAdd></ClassAddRq>",
    "<SalesRepAddRq><SalesRepAdd><Initial>BE</Initial><SalesRepEntityRef><FullName>Bo Ek</FullName></SalesRepEntityRef></SalesRepAdd></SalesRepAddRq>",
    "<ItemServiceAddRq><ItemServiceAdd><Name>Work</Name><SalesOrPurchase><Price>1.00</Price><AccountRef><FullName>Sales</FullName></AccountRef></SalesOrPurchase></ItemServiceAdd></ItemServiceAddRq>",
    "<ItemInventoryAddRq><ItemInventoryAdd><Name>Part</Name><IncomeAccountRef><FullName>Sales</FullName></IncomeAccountRef><PurchaseCost>1.00</PurchaseCost><COGSAccountRef><FullName>Cost of Goods Sold</FullName></COGSAccountRef><AssetAccountRef><FullName>Inventory Asset</FullName></AssetAccountRef><QuantityOnHand>1000</QuantityOnHand></ItemInventoryAdd></ItemInventoryAddRq>",
    "<ItemInventoryAssemblyAddRq><ItemInventoryAssemblyAdd><Name>Kit</Name><IncomeAccountRef><FullName>Sales</FullName></IncomeAccountRef><COGSAccountRef><FullName>Cost of Goods Sold</FullName></COGSAccountRef><AssetAccountRef><FullName>Inventory Asset</FullName></AssetAccountRef><ItemInventoryAssemblyLine><ItemInventoryRef><FullName>Part</FullName></ItemInventoryRef><Quantity>1</Quantity></ItemInventoryAssemblyLine></ItemInventoryAssemblyAdd></ItemInventoryAssemblyAddRq>",
    "<ItemGroupAddRq><ItemGroupAdd><Name>Bundle</Name><ItemGroupLine><ItemRef><FullName>Work</FullName></ItemRef><Quantity>1</Quantity></ItemGroupLine></ItemGroupAdd></ItemGroupAddRq>",
    "<PriceLevelAddRq><PriceLevelAdd><Name>Ten off</Name><PriceLevelFixedPercentage>-10</PriceLevelFixedPercentage></PriceLevelAdd></PriceLevelAddRq>",
    "<BillingRateAddRq><BillingRateAdd><Name>Usual</Name><FixedBillingRate>10.00</FixedBillingRate></BillingRateAdd></BillingRateAddRq>",
    "<VehicleAddRq><VehicleAdd><Name>Van</Name></VehicleAdd></VehicleAddRq>",
    "<UnitOfMeasureSetAddRq><UnitOfMeasureSetAdd><Name>Pieces</Name><UnitOfMeasureType>Count</UnitOfMeasureType><BaseUnit><Name>piece</Name><Abbreviation>pc</Abbreviation></BaseUnit></UnitOfMeasureSetAdd></UnitOfMeasureSetAddRq>",
    "<PayrollItemWageAddRq><PayrollItemWageAdd><Name>Hourly</Name><WageType>HourlyRegular</WageType><ExpenseAccountRef><FullName>Rent</FullName></ExpenseAccountRef></PayrollItemWageAdd></PayrollItemWageAddRq>",
    "<InventorySiteAddRq><InventorySiteAdd><Name>Main</Name></InventorySiteAdd></InventorySiteAddRq>",
    "<InventorySiteAddRq><InventorySiteAdd><Name>Second</Name></InventorySiteAdd></InventorySiteAddRq>",
    "<LeadAddRq><LeadAdd><FullName>Cy</FullName></LeadAdd></LeadAddRq>",
    "<DataExtDefAddRq><DataExtDefAdd><OwnerID>0</OwnerID><DataExtName>Colour</DataExtName><DataExtType>STR255TYPE</DataExtType></DataExtDefAdd></DataExtDefAddRq>",
)  # fmt: skip
C = "<CustomerRef><FullName>Ann Lee</FullName></CustomerRef>"
V = "<VendorRef><FullName>Mill</FullName></VendorRef>"
PAYEE = "<PayeeEntityRef><FullName>Mill</FullName></PayeeEntityRef>"
BANK = "<BankAccountRef><FullName>Checking</FullName></BankAccountRef>"
ITEM = "<ItemRef><FullName>Work</FullName></ItemRef><Quantity>2</Quantity><Amount>50.00</Amount>"
EXPENSE = "<ExpenseLineAdd><AccountRef><FullName>Rent</FullName></AccountRef><Amount>50.00</Amount></ExpenseLineAdd>"
SIDE = "<AccountRef><FullName>Rent</FullName></AccountRef><Amount>1.00</Amount>"
#: What an Add of each kind of transaction holds; {bill}, {credit} and {invoice} are open ones.
FORMS = {
    **{kind: f"{C}<{kind}LineAdd>{ITEM}</{kind}LineAdd>" for kind in ("Invoice", "Estimate", "SalesOrder", "SalesReceipt", "CreditMemo")},
    "ReceivePayment": f"{C}<TotalAmount>5.00</TotalAmount><IsAutoApply>false</IsAutoApply>",
    "Charge": f"{C}<ItemRef><FullName>Work</FullName></ItemRef><Amount>50.00</Amount>",
    "PurchaseOrder": f"{V}<PurchaseOrderLineAdd>{ITEM}</PurchaseOrderLineAdd>",
    **dict.fromkeys(("Bill", "ItemReceipt", "VendorCredit"), f"{V}{EXPENSE}"),
    "Check": f"<AccountRef><FullName>Checking</FullName></AccountRef>{PAYEE}{EXPENSE}",
    **dict.fromkeys(("CreditCardCharge", "CreditCardCredit"), f"<AccountRef><FullName>Credit Card</FullName></AccountRef>{EXPENSE}"),
    "BillPaymentCheck": f"{PAYEE}{BANK}<IsToBePrinted>true</IsToBePrinted><AppliedToTxnAdd><TxnID>{{bill}}</TxnID><PaymentAmount>1.00</PaymentAmount></AppliedToTxnAdd>",
    "BillPaymentCreditCard": f"{PAYEE}<CreditCardAccountRef><FullName>Credit Card</FullName></CreditCardAccountRef><AppliedToTxnAdd><TxnID>{{bill}}</TxnID><PaymentAmount>1.00</PaymentAmount></AppliedToTxnAdd>",
    "SalesTaxPaymentCheck": f"{PAYEE}<TxnDate>2024-01-05</TxnDate>{BANK}<RefNumber>7</RefNumber><SalesTaxPaymentCheckLineAdd><Amount>1.00</Amount></SalesTaxPaymentCheckLineAdd>",
    "InventoryAdjustment": "<AccountRef><FullName>Rent</FullName></AccountRef><InventoryAdjustmentLineAdd><ItemRef><FullName>Part</FullName></ItemRef><QuantityAdjustment><QuantityDifference>1</QuantityDifference></QuantityAdjustment></InventoryAdjustmentLineAdd>",
    "TimeTracking": "<EntityRef><FullName>Bo Ek</FullName></EntityRef><Duration>PT1H</Duration>",
    "JournalEntry": f"<JournalDebitLine>{SIDE}</JournalDebitLine><JournalCreditLine>{SIDE}</JournalCreditLine>",
    "Deposit": "<DepositToAccountRef><FullName>Checking</FullName></DepositToAccountRef><DepositLineAdd><AccountRef><FullName>Rent</FullName></AccountRef><Amount>1.00</Amount></DepositLineAdd>",
    "BuildAssembly": "<ItemInventoryAssemblyRef><FullName>Kit</FullName></ItemInventoryAssemblyRef><QuantityToBuild>1</QuantityToBuild>",
    "ARRefundCreditCard": f"{C}<RefundAppliedToTxnAdd><TxnID>{{credit}}</TxnID><RefundAmount>1.00</RefundAmount></RefundAppliedToTxnAdd>",
    "VehicleMileage": "<VehicleRef><FullName>Van</FullName></VehicleRef><TotalMiles>5</TotalMiles>",
    "TransferInventory": "<FromInventorySiteRef><FullName>Main</FullName></FromInventorySiteRef><ToInventorySiteRef><FullName>Second</FullName></ToInventorySiteRef>",
    "Transfer": "<TransferFromAccountRef><FullName>Checking</FullName></TransferFromAccountRef><TransferToAccountRef><FullName>Savings</FullName></TransferToAccountRef><Amount>1.00</Amount>",
}  # fmt: skip
#: Accounts by the element that names them; all others are an expense.
ACCOUNTS = {
    "ARAccountRef": "Accounts Receivable", "APAccountRef": "Accounts Payable", "BankAccountRef": "Checking",
    "CreditCardAccountRef": "Credit Card", "DepositToAccountRef": "Checking", "AssetAccountRef": "Inventory Asset",
    "COGSAccountRef": "Cost of Goods Sold", "IncomeAccountRef": "Sales", "TransferFromAccountRef": "Savings",
    "TransferToAccountRef": "Checking", "RefundFromAccountRef": "Checking",
}  # fmt: skip
NAMES = {
    "ItemRef": "Work", "ItemInventoryRef": "Part", "ItemInventoryAssemblyRef": "Kit", "ItemServiceRef": "Work",
    "ItemGroupRef": "Bundle", "PayeeEntityRef": "Mill", "EntityRef": "Bo Ek", "SalesRepEntityRef": "Bo Ek",
    "ToInventorySiteRef": "Second", "ItemSalesTaxRef": "Sales Tax", "CurrencyRef": "US Dollar",
}  # fmt: skip
#: What is left out, because it would need a history of its own.
DROPPED = {
    "ParentRef", "ParentSiteRef", "LinkToTxnID", "LinkToTxn", "SetCredit", "DiscountAmount", "DiscountAccountRef",
    "DiscountClassRef", "ApplyCheckToTxnAdd", "ApplyCheckToTxnMod", "DataExt", "RatePercent", "CurrencyFilter",
    "CreditCardTxnInfo", "CashBackInfoAdd", "CashBackInfoMod", "SerialNumber", "LotNumber", "ExchangeRate", "OpenBalance",
}  # fmt: skip


RENT = "<AccountRef><FullName>Rent</FullName></AccountRef>"
#: What the server requires although the schema does not, by request: element and content.
NEEDS = {
    "EmployeeAdd": [("FirstName", "Bo")],
    "TransferAdd": [("TransferFromAccountRef", "<FullName>Savings</FullName>"), ("TransferToAccountRef", "<FullName>Checking</FullName>"), ("Amount", "2.00")],
    "ReceivePaymentAdd": [("TotalAmount", "2.00")],
    "ItemDiscountAdd": [("AccountRef", "<FullName>Sales</FullName>")],
    "ItemSalesTaxAdd": [("TaxVendorRef", "<FullName>State Tax Office</FullName>")],
    **{
        f"{kind}Add": [("ExpenseLineAdd", f"{RENT}<Amount>2.00</Amount>")]
        for kind in ("Bill", "ItemReceipt", "VendorCredit", "Check", "CreditCardCharge", "CreditCardCredit")
    },
    **{
        f"{kind}Add": [("IncomeAccountRef", "<FullName>Sales</FullName>"), ("COGSAccountRef", "<FullName>Cost of Goods Sold</FullName>"), ("AssetAccountRef", "<FullName>Inventory Asset</FullName>")]
        for kind in ("ItemInventory", "ItemInventoryAssembly")
    },
}  # fmt: skip


class Ground:
    """A company with one object of every kind, and requests made to fit it."""

    def __init__(self, country: str = "US") -> None:
        self.company = Company(country=country, multicurrency=True)
        self.serial = 0
        for body in LISTS if country == "US" else ():
            self.ask(body)
        for kind in FORMS if country == "US" else ():
            self.fresh(kind)

    def ask(self, body: str, version: str = "14.0") -> etree._Element:
        """Process one request that must succeed and return its response."""
        text = (
            f'<?xml version="1.0"?><?qbxml version="{version}"?><QBXML><QBXMLMsgsRq onError="continueOnError">'
            f"{body}</QBXMLMsgsRq></QBXML>"
        )
        root = etree.fromstring(re.sub(r"\A<\?xml.*?\?>", "", self.company.process(text)))
        assert root[0][0].get("statusCode") == "0", etree.tostring(root[0][0])
        return root[0][0]

    def fresh(self, kind: str):
        """Put a new object of a kind into the books and return it."""
        books, known = self.company._books, kinds()[kind]
        self.serial += 1
        if known.is_list:
            fields = {known.name_field: f"N{self.serial}"} if known.name_field else {"Notes": "x"}
            return books.add_entry(kind, fields)
        for needed in ("Bill", "CreditMemo") if "{" in FORMS[kind] else ():
            if not self.open(needed):
                self.fresh(needed)
        body = FORMS[kind].format(bill=self.open("Bill"), credit=self.open("CreditMemo"))
        ret = self.ask(f"<{kind}AddRq><{kind}Add>{body}</{kind}Add></{kind}AddRq>")[0]
        return books.transactions[ret.findtext("TxnID")]

    def open(self, kind: str) -> str:
        """Return the ID of a transaction of which something is open."""
        ones = self.company._books.by_kind.get(kind, {}).values()
        return next((one.id for one in ones if one.open > 100), "")

    # -- requests

    def ground(self, request: etree._Element) -> None:
        """Let everything that a request names be there."""
        name = str(request.tag)[:-2]
        request.attrib.pop("iterator", None)
        request.attrib.pop("iteratorID", None)
        self.walk(request, catalogue.message(str(request.tag)), name)
        for tag, content in NEEDS.get(name, ()):
            self.need(request[0], catalogue.aggregate(name), tag, content)
        self.identify(request, name)

    def need(self, element: etree._Element, shape: catalogue.Shape, tag: str, content: str) -> None:
        """Put an element where the schema wants it, when it is not there."""
        if element.find(tag) is None:
            order = [child.name for child in shape.elements()]
            later = order[order.index(tag) + 1 :]
            place = next((index for index, child in enumerate(element) if child.tag in later), len(element))
            element.insert(place, etree.fromstring(f"<{tag}>{content}</{tag}>"))

    def walk(self, element: etree._Element, shape: catalogue.Shape, name: str) -> None:
        known = {child.name: child for child in shape.elements()}
        for child in list(element):
            tag = str(child.tag)
            is_payment = (
                tag in {"DepositLineAdd", "DepositLineMod"} and child.find("PaymentTxnID") is not None
            )
            if tag in DROPPED or is_payment:
                element.remove(child)
                continue
            facts = known[tag]
            if facts.shape is not None and tag.endswith("Ref") and tag != "AdditionalContactRef":
                self.point(child, tag, name)
            elif facts.shape is not None:
                self.walk(child, facts.shape, name)
            else:
                self.value(child, tag, facts, name)

    def point(self, child: etree._Element, tag: str, name: str) -> None:
        """Let a reference name an entry that is there."""
        kind = next(iter(reference_kinds(tag, name[:-3])), "Customer")
        if name.startswith("InventoryAdjustment") and tag == "ItemRef":
            target = "Part"
        elif tag in NAMES:
            target = NAMES[tag]
        elif kind == "Account":
            target = ACCOUNTS.get(tag, "Rent")
        else:
            target = next(
                entry.full_name for entry in (*self.company.entries(kind), self.made(kind)) if entry
            )
        for part in list(child):
            child.remove(part)
        etree.SubElement(child, "FullName").text = target

    def made(self, kind: str):
        return None if self.company.entries(kind) else self.fresh(kind)

    def value(self, child: etree._Element, tag: str, facts: catalogue.Element, name: str) -> None:
        is_form = name[:-3] in FORMS
        if "useMacro" in child.attrib:
            del child.attrib["useMacro"]
            child.text = "1-1"
        if facts.type == "DATETYPE":
            child.text = "2024-01-05"
        elif tag in {"PaymentAmount", "RefundAmount", "AppliedAmount"}:
            child.text = "0.01"
        elif is_form and facts.type in {"AMTTYPE", "PRICETYPE", "QUANTYPE", "PERCENTTYPE"}:
            child.text = "0.00" if name.startswith("JournalEntry") else "2.00"
        elif tag in {"Name", "FullName", "Initial"} and child.getparent().tag == name:
            self.serial += 1
            child.text = f"X{self.serial}"[:5]
        elif tag == "OwnerID" and "DataExt" in name and "Query" not in name:
            child.text = "0" if name != "DataExtDefAdd" else "{12345678-90AB-CDEF-1234-567890ABCDEF}"
        elif tag == "DataExtName" and name != "DataExtDefAdd":
            child.text = "Colour"
        elif facts.type == "IDTYPE":
            child.text = self.identifier(tag, name)

    def identifier(self, tag: str, name: str) -> str:
        """Return the ID of an open transaction, or what stands for a new line."""
        if tag == "TxnLineID":
            return "-1"
        kind = {"BillPayment": "Bill", "ARRefundCre": "CreditMemo"}.get(name[:11], "Invoice")
        return self.open(kind) or "1-1"

    def identify(self, request: etree._Element, name: str) -> None:
        """Let a Mod, Del, Void, Merge or value name an object made for it."""
        types = ("ListDelType", "TxnDelType", "TxnVoidType", "ListDisplayModType", "TxnDisplayModType")
        kind_of = next((request.findtext(one) for one in types if request.find(one) is not None), None)
        if kind_of is not None:
            kind = "ItemService" if kind_of == "Item" else kind_of
            self.mark(request, self.fresh(kind))
        elif name == "ListMerge":
            for side in ("MergeFrom", "MergeTo"):
                self.mark(request.find(side), self.fresh(request.findtext("ListMergeType")))
        elif name.startswith("DataExt") and not name.startswith("DataExtDef"):
            self.hold(request[0], name)
        elif name == "ClearedStatusMod":
            self.mark(request[0], self.fresh("Check"))
            self.drop(request[0], "TxnLineID")
        elif name.endswith("Mod") and name[:-3] in kinds():
            self.mark(request[0], self.fresh(name[:-3]))
        elif name == "ItemAssembliesCanBuildQuery":
            request.find("ItemInventoryAssemblyRef/FullName").text = "Kit"

    def mark(self, element: etree._Element, thing) -> None:
        for tag, text in (
            ("ListID", thing.id),
            ("TxnID", thing.id),
            ("EditSequence", thing.fields.get("EditSequence")),
        ):
            if element.find(tag) is not None:
                element.find(tag).text = text

    def drop(self, element: etree._Element, tag: str) -> None:
        for child in element.findall(tag):
            element.remove(child)

    def hold(self, element: etree._Element, name: str) -> None:
        """Let a custom field stand on a customer, with a value where one is changed or deleted."""
        for tag in (
            "ListDataExtType",
            "ListObjRef",
            "TxnDataExtType",
            "TxnID",
            "TxnLineID",
            "OtherDataExtType",
        ):
            self.drop(element, tag)
        customer = self.fresh("Customer")
        holder = f"<ListDataExtType>Customer</ListDataExtType><ListObjRef><ListID>{customer.id}</ListID></ListObjRef>"
        place = element.index(element.find("DataExtName")) + 1
        for child in reversed(etree.fromstring(f"<x>{holder}</x>")):
            element.insert(place, child)
        if name != "DataExtAdd":
            self.ask(
                f"<DataExtAddRq><DataExtAdd><OwnerID>0</OwnerID><DataExtName>Colour</DataExtName>{holder}"
                "<DataExtValue>red</DataExtValue></DataExtAdd></DataExtAddRq>"
            )
