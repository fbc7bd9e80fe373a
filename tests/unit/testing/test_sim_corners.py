"""What the simulated company refuses, form by form, and other corners of its rules."""

# A request is easier to read on one line than in pieces; not every case needs the shop.
# ruff: noqa: ARG005, E501

from __future__ import annotations

import pytest

from qbsync.testing import QuickBooksError

ANN = "<CustomerRef><FullName>Ann Lee</FullName></CustomerRef>"
MILL = "<VendorRef><FullName>Mill</FullName></VendorRef>"
TO_MILL = "<PayeeEntityRef><FullName>Mill</FullName></PayeeEntityRef>"
RENT = "<AccountRef><FullName>Rent</FullName></AccountRef>"
BANK = "<BankAccountRef><FullName>Checking</FullName></BankAccountRef>"
INTO = "<DepositToAccountRef><FullName>Checking</FullName></DepositToAccountRef>"


def add(kind: str, inner: str) -> str:
    return f"<{kind}AddRq><{kind}Add>{inner}</{kind}Add></{kind}AddRq>"


def mod(kind: str, ret, inner: str, sequence: str = "") -> str:
    head = f"<TxnID>{ret.findtext('TxnID')}</TxnID><EditSequence>{sequence or ret.findtext('EditSequence')}</EditSequence>"
    return f"<{kind}ModRq><{kind}Mod>{head}{inner}</{kind}Mod></{kind}ModRq>"


def line(amount: str) -> str:
    return f"<ExpenseLineAdd>{RENT}<Amount>{amount}</Amount></ExpenseLineAdd>"


class Shop:
    """Books with what the refusals below need."""

    def __init__(self, books) -> None:
        self.books = books
        books.customer("Bob")
        for name in ("Mill", "Other"):
            books.done(add("Vendor", f"<Name>{name}</Name>"))
        books.done(add("Account", "<Name>Second Payable</Name><AccountType>AccountsPayable</AccountType>"))
        books.done(
            add("Account", "<Name>Second Receivable</Name><AccountType>AccountsReceivable</AccountType>")
        )
        (self.bill,) = books.done(add("Bill", MILL + line("30.00")))
        (self.credit,) = books.done(add("VendorCredit", MILL + line("4.00")))
        (self.foreign,) = books.done(add("VendorCredit", MILL.replace("Mill", "Other") + line("4.00")))
        order = "<PurchaseOrderLineAdd><ItemRef><FullName>A1</FullName></ItemRef><Quantity>4</Quantity><Rate>2.00</Rate></PurchaseOrderLineAdd>"
        (self.order,) = books.done(add("PurchaseOrder", MILL + order))
        lines = books.line("CreditMemo", "<Amount>10.00</Amount>")
        (self.memo,) = books.done(books.form("CreditMemo", lines))
        self.invoice = books.invoice("W1", "10.00")
        (self.payment,) = books.done(books.payment(self.invoice.findtext("TxnID"), "4.00"))

    def id(self, name: str) -> str:
        return getattr(self, name).findtext("TxnID")

    def pay(self, inner: str, head: str = TO_MILL) -> str:
        applied = f"<AppliedToTxnAdd><TxnID>{self.id('bill')}</TxnID>{inner}</AppliedToTxnAdd>"
        return add("BillPaymentCheck", f"{head}{BANK}<IsToBePrinted>true</IsToBePrinted>{applied}")

    def used(self, name: str, amount: str) -> str:
        return f"<SetCredit><CreditTxnID>{self.id(name)}</CreditTxnID><AppliedAmount>{amount}</AppliedAmount></SetCredit>"

    def receive(self, inner: str, total: str = "5.00", head: str = ANN) -> str:
        applied = f"<AppliedToTxnAdd><TxnID>{self.id('invoice')}</TxnID>{inner}</AppliedToTxnAdd>"
        return add("ReceivePayment", f"{head}<TotalAmount>{total}</TotalAmount>{applied}")

    def linked(self, inner: str, vendor: str = MILL) -> str:
        link = f"<LinkToTxn><TxnID>{self.id('order')}</TxnID><TxnLineID>{self.order.findtext('PurchaseOrderLineRet/TxnLineID')}</TxnLineID></LinkToTxn>"
        return add("Bill", f"{vendor}<ItemLineAdd>{inner}{link}</ItemLineAdd>")


@pytest.fixture
def shop(books) -> Shop:
    return Shop(books)


AP2 = "<APAccountRef><FullName>Second Payable</FullName></APAccountRef>"
AR2 = "<ARAccountRef><FullName>Second Receivable</FullName></ARAccountRef>"
CHECK = "<AccountRef><FullName>Checking</FullName></AccountRef>"
REFUSALS = {
    "bill of another vendor": (lambda shop: shop.pay("", TO_MILL.replace("Mill", "Other")), 3210),
    "bill on another account": (lambda shop: shop.pay("", TO_MILL + AP2), 3210),
    "discount without an account": (lambda shop: shop.pay("<DiscountAmount>1.00</DiscountAmount>"), 3150),
    "negative payment of a bill": (lambda shop: shop.pay("<PaymentAmount>-1.00</PaymentAmount>"), 3210),
    "credit of another vendor": (lambda shop: shop.pay("<PaymentAmount>1.00</PaymentAmount>" + shop.used("foreign", "1.00")), 3210),
    "more than a vendor's credit": (lambda shop: shop.pay("<PaymentAmount>1.00</PaymentAmount>" + shop.used("credit", "5.00")), 3210),
    "refund of another's credit": (lambda shop: add("ARRefundCreditCard", f"{ANN.replace('Ann Lee', 'Bob')}<RefundAppliedToTxnAdd><TxnID>{shop.id('memo')}</TxnID><RefundAmount>1.00</RefundAmount></RefundAppliedToTxnAdd>"), 3210),
    "deposit line without an account": (lambda shop: add("Deposit", f"{INTO}<DepositLineAdd><AccountRef/><Amount>1.00</Amount></DepositLineAdd>"), 3150),
    "negative deposit": (lambda shop: add("Deposit", f"{INTO}<DepositLineAdd>{RENT}<Amount>-1.00</Amount></DepositLineAdd>"), 3210),
    "more by check than the credit": (lambda shop: add("Check", f"{CHECK}<ApplyCheckToTxnAdd><TxnID>{shop.id('memo')}</TxnID><Amount>11.00</Amount></ApplyCheckToTxnAdd>{line('11.00')}"), 3210),
    "order of another vendor": (lambda shop: add("Bill", f"{MILL.replace('Mill', 'Other')}<LinkToTxnID>{shop.id('order')}</LinkToTxnID>"), 3210),
    "linked line with an item": (lambda shop: shop.linked("<ItemRef><FullName>A1</FullName></ItemRef>"), 3151),
    "linked as no order": (lambda shop: add("Bill", f"{MILL}<LinkToTxnID>{shop.id('invoice')}</LinkToTxnID>"), 3000),
    "expense without an account": (lambda shop: add("Bill", f"{MILL}<ExpenseLineAdd><Amount>1.00</Amount></ExpenseLineAdd>"), 3150),
    "item line without an item": (lambda shop: add("Bill", f"{MILL}<ItemLineAdd><Quantity>1</Quantity></ItemLineAdd>"), 3150),
    "negative bill": (lambda shop: add("Bill", MILL + line("-1.00")), 3210),
    "payable of another type": (lambda shop: add("Bill", f"{MILL}<APAccountRef><FullName>Rent</FullName></APAccountRef>{line('1.00')}"), 3140),
    "journal line without an account": (lambda shop: add("JournalEntry", "<JournalDebitLine><Amount>1.00</Amount></JournalDebitLine>"), 3150),
    "payment on another account": (lambda shop: shop.receive("<PaymentAmount>1.00</PaymentAmount>", head=ANN + AR2), 3210),
    "negative amount of a payment": (lambda shop: shop.receive("<PaymentAmount>-1.00</PaymentAmount>"), 3210),
    "negative payment": (lambda shop: shop.receive("<PaymentAmount>1.00</PaymentAmount>", total="-1.00"), 3210),
    "payment that applies nothing": (lambda shop: shop.receive(""), 3150),
    "payment of nothing": (lambda shop: add("ReceivePayment", f"{ANN}<IsAutoApply>false</IsAutoApply>"), 3150),
    "credits beyond what is open": (lambda shop: shop.receive("<PaymentAmount>1.00</PaymentAmount>" + shop.used("memo", "9.00")), 3210),
    "payment without a customer": (lambda shop: shop.receive("<PaymentAmount>1.00</PaymentAmount>", head="<CustomerRef/>"), 3150),
    "deposit of what waits elsewhere": (lambda shop: add("Deposit", f"{INTO}<DepositLineAdd><PaymentTxnID>{shop.id('invoice')}</PaymentTxnID></DepositLineAdd>"), 3000),
    "form without a customer": (lambda shop: add("Invoice", "<CustomerRef/>" + shop.books.line("Invoice")), 3150),
    "group that is no group": (lambda shop: add("Invoice", f"{ANN}<InvoiceLineGroupAdd><ItemGroupRef><FullName>A1</FullName></ItemGroupRef></InvoiceLineGroupAdd>"), 3140),
    "assembly that is none": (lambda shop: add("BuildAssembly", "<ItemInventoryAssemblyRef><FullName>A1</FullName></ItemInventoryAssemblyRef><QuantityToBuild>1</QuantityToBuild>"), 3140),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSALS)
def test_what_is_refused_changes_nothing(shop, case):
    """Each refusal has its code, and the books are afterwards as they were."""
    request_of, code = REFUSALS[case]
    before = shop.books.company._books.to_data()
    text = repr({key: value for key, value in before.items() if key not in {"milliseconds", "last_txn"}})

    assert shop.books.code(request_of(shop)) == code
    after = shop.books.company._books.to_data()
    assert (
        repr({key: value for key, value in after.items() if key not in {"milliseconds", "last_txn"}}) == text
    )


def test_changes_of_a_payment_that_are_refused(shop):
    books, payment = shop.books, shop.payment

    assert books.code(mod("ReceivePayment", shop.invoice, "<Memo>x</Memo>")) == 3120
    assert books.code(mod("ReceivePayment", payment, ANN.replace("Ann Lee", "Bob"))) == 3210
    assert books.code(mod("ReceivePayment", payment, "<TotalAmount>0.00</TotalAmount>")) == 3150
    assert books.company.payments[0].total == 4


def test_another_account_of_a_payment_takes_its_money_along(shop):
    books = shop.books
    books.done(mod("ReceivePayment", shop.payment, f"<Memo/>{INTO}"))
    balances = {entry.full_name: str(entry.balance) for entry in books.company.entries("Account")}

    assert (balances["Checking"], balances["Undeposited Funds"]) == ("4.00", "0.00")
    assert books.company.payments[0].fields["AppliedToTxnRet"][0]["Amount"] == "4.00"


def test_a_bill_cannot_shrink_below_what_is_paid(shop):
    books = shop.books
    books.done(shop.pay("<PaymentAmount>20.00</PaymentAmount>"))
    current = books.company.transactions("Bill")[0].fields["EditSequence"]
    small = f"<ExpenseLineMod><TxnLineID>{shop.bill.findtext('ExpenseLineRet/TxnLineID')}</TxnLineID><Amount>19.00</Amount></ExpenseLineMod>"

    assert books.code(mod("Bill", shop.bill, small, current)) == 3210
    assert str(books.company.transactions("Bill")[0].balance) == "10.00"
    assert books.code(mod("Bill", shop.bill, small.replace("19.00", "25.00"), current)) == 0
    assert str(books.company.transactions("Bill")[0].balance) == "5.00"


def test_a_line_of_a_bill_counts_anew_with_its_quantity_and_takes_another_item(shop):
    books = shop.books
    books.item("B2", price="1.00")
    item = "<ItemRef><FullName>{}</FullName></ItemRef>"
    lines = f"<ItemLineAdd>{item.format('A1')}<Quantity>2</Quantity><Cost>3.00</Cost></ItemLineAdd>"
    (ret,) = books.done(add("Bill", MILL + lines))
    head = f"<ItemLineMod><TxnLineID>{ret.findtext('ItemLineRet/TxnLineID')}</TxnLineID>"
    (more,) = books.done(mod("Bill", ret, f"{head}<Quantity>5</Quantity></ItemLineMod>"))
    (other,) = books.done(mod("Bill", more, f"{head}{item.format('B2')}<Desc/></ItemLineMod>"))

    assert more.findtext("ItemLineRet/Amount") == "15.00"
    assert (other.findtext("ItemLineRet/Cost"), other.findtext("AmountDue")) == ("0.00", "0.00")


def test_bundles_on_bills_are_expanded_at_cost(shop):
    books = shop.books
    books.done(
        add(
            "ItemGroup",
            "<Name>Pair</Name><ItemGroupLine><ItemRef><FullName>A1</FullName></ItemRef><Quantity>2</Quantity></ItemGroupLine>",
        )
    )
    group = "<ItemGroupLineAdd><ItemGroupRef><FullName>Pair</FullName></ItemGroupRef><Quantity>3</Quantity></ItemGroupLineAdd>"
    (ret,) = books.done(add("Bill", MILL + group))
    head = f"<ItemGroupLineMod><TxnLineID>{ret.findtext('ItemGroupLineRet/TxnLineID')}</TxnLineID>"
    child = f"<ItemLineMod><TxnLineID>{ret.findtext('ItemGroupLineRet/ItemLineRet/TxnLineID')}</TxnLineID><Amount>9.00</Amount></ItemLineMod>"
    (after,) = books.done(mod("Bill", ret, f"{head}{child}</ItemGroupLineMod>"))

    assert ret.findtext("ItemGroupLineRet/ItemLineRet/Quantity") == "6"
    assert (after.findtext("ItemGroupLineRet/TotalAmount"), after.findtext("AmountDue")) == ("9.00", "9.00")


def test_a_whole_order_hands_on_its_groups(books):
    """All open lines are taken, the members of groups among them; the order closes itself."""
    books.done(
        add(
            "ItemGroup",
            "<Name>Pair</Name><ItemGroupLine><ItemRef><FullName>A1</FullName></ItemRef><Quantity>2</Quantity></ItemGroupLine>",
        )
    )
    group = "<SalesOrderLineGroupAdd><ItemGroupRef><FullName>Pair</FullName></ItemGroupRef></SalesOrderLineGroupAdd>"
    text = "<SalesOrderLineAdd><Desc>Thanks</Desc></SalesOrderLineAdd>"
    (order,) = books.done(books.form("SalesOrder", group + text))
    (invoice,) = books.done(add("Invoice", f"{ANN}<LinkToTxnID>{order.findtext('TxnID')}</LinkToTxnID>"))
    after = books.company.transactions("SalesOrder")[0]

    assert invoice.findtext("InvoiceLineGroupRet/InvoiceLineRet/Quantity") == "2"
    assert (invoice.findtext("InvoiceLineGroupRet/TotalAmount"), invoice.findtext("Subtotal")) == (
        "5.00",
        "5.00",
    )
    assert invoice.findtext("InvoiceLineRet/Desc") == "Thanks"
    assert after.fields["IsFullyInvoiced"] == "true"
    assert (
        books.code(
            add(
                "Invoice", f"{ANN}<LinkToTxnID>{order.findtext('TxnID')}</LinkToTxnID>{books.line('Invoice')}"
            )
        )
        == 570
    )


def test_tax_groups_add_up_and_a_discount_may_be_a_rate(make):
    books = make(charges_sales_tax=True)
    vendor = "<TaxVendorRef><FullName>State Tax Office</FullName></TaxVendorRef>"
    books.done(add("ItemSalesTax", f"<Name>City</Name><TaxRate>1.75</TaxRate>{vendor}"))
    members = "".join(
        f"<ItemSalesTaxRef><FullName>{name}</FullName></ItemSalesTaxRef>" for name in ("Sales Tax", "City")
    )
    books.done(add("ItemSalesTaxGroup", f"<Name>Both</Name>{members}"))
    books.done(
        add("ItemDiscount", "<Name>Off</Name><AccountRef><FullName>Sales Discounts</FullName></AccountRef>")
    )
    lines = books.line("Invoice", "<Amount>110.00</Amount>") + books.line(
        "Invoice", "<Rate>10.00</Rate>", item="Off"
    )
    (ret,) = books.done(
        books.form("Invoice", lines, head="<ItemSalesTaxRef><FullName>Both</FullName></ItemSalesTaxRef>")
    )

    assert (ret.findtext("SalesTaxPercentage"), ret.findtext("Subtotal"), ret.findtext("SalesTaxTotal")) == (
        "10.00",
        "100.00",
        "10.00",
    )
    rows = books.one(
        "<TransactionQueryRq><TransactionTypeFilter><TxnTypeFilter>Invoice</TxnTypeFilter></TransactionTypeFilter></TransactionQueryRq>"
    )
    assert sum(float(row.findtext("Amount")) for row in rows) == 0


def test_serial_numbers_and_lots_count_in_adjustments(books):
    accounts = "<IncomeAccountRef><FullName>Sales</FullName></IncomeAccountRef><COGSAccountRef><FullName>Cost of Goods Sold</FullName></COGSAccountRef><AssetAccountRef><FullName>Inventory Asset</FullName></AssetAccountRef>"
    books.done(
        add(
            "ItemInventory",
            f"<Name>Part</Name>{accounts}<QuantityOnHand>5</QuantityOnHand><TotalValue>10.00</TotalValue>",
        )
    )
    body = "<InventoryAdjustmentLineAdd><ItemRef><FullName>Part</FullName></ItemRef>{}</InventoryAdjustmentLineAdd>"
    lines = "".join(
        body.format(inner)
        for inner in (
            "<SerialNumberAdjustment><AddSerialNumber>S1</AddSerialNumber></SerialNumberAdjustment>",
            "<LotNumberAdjustment><LotNumber>L1</LotNumber><CountAdjustment>3</CountAdjustment></LotNumberAdjustment>",
            "<ValueAdjustment><QuantityDifference>0</QuantityDifference><NewValue>12.00</NewValue></ValueAdjustment>",
            "<ValueAdjustment><QuantityDifference>0</QuantityDifference><ValueDifference>1.00</ValueDifference></ValueAdjustment>",
        )
    )
    (ret,) = books.done(add("InventoryAdjustment", RENT + lines))
    rows = ret.findall("InventoryAdjustmentLineRet")

    assert [row.findtext("QuantityDifference") for row in rows] == ["1", "3", "0", "0"]
    assert [row.findtext("ValueDifference") for row in rows] == ["2.00", "6.00", "2.00", "1.00"]
    assert (rows[0].findtext("SerialNumberAddedOrRemoved"), rows[1].findtext("LotNumber")) == ("Added", "L1")


def test_filters_with_children_items_and_sites(books):
    """A filter may take the children of an entry along; items are looked for on lines."""
    books.customer("Job", "<ParentRef><FullName>Ann Lee</FullName></ParentRef>")
    books.invoice("W1", customer="Ann Lee:Job")
    family = "<InvoiceQueryRq><EntityFilter><{0}>{1}</{0}></EntityFilter></InvoiceQueryRq>"
    owner = books.company.customers[0].list_id

    assert books.code(family.format("FullName", "Ann Lee")) == 1
    assert books.code(family.format("FullNameWithChildren", "Ann Lee")) == 0
    assert books.code(family.format("ListIDWithChildren", owner)) == 0
    for name in ("Main", "Second"):
        books.done(add("InventorySite", f"<Name>{name}</Name>"))
    books.done(
        add(
            "TransferInventory",
            "<FromInventorySiteRef><FullName>Main</FullName></FromInventorySiteRef><ToInventorySiteRef><FullName>Second</FullName></ToInventorySiteRef>",
        )
    )
    site = "<TransferInventoryQueryRq><SiteFilter><FullName>{}</FullName></SiteFilter></TransferInventoryQueryRq>"
    assert books.code(site.format("Second")) == 0
    tax = "<SalesTaxPaymentCheckLineAdd><ItemSalesTaxRef><FullName>Sales Tax</FullName></ItemSalesTaxRef><Amount>1.00</Amount></SalesTaxPaymentCheckLineAdd>"
    books.done(
        add(
            "SalesTaxPaymentCheck",
            f"{TO_MILL.replace('Mill', 'State Tax Office')}<TxnDate>2024-01-05</TxnDate>{BANK}<RefNumber>1</RefNumber>{tax}",
        )
    )
    item = "<SalesTaxPaymentCheckQueryRq><ItemFilter><FullName>Sales Tax</FullName></ItemFilter></SalesTaxPaymentCheckQueryRq>"
    assert books.code(item) == 0


def test_compensation_codes_know_their_newest_rate(books):
    entries = "".join(
        f"<RateEntry><Rate>{rate}</Rate><EffectiveDate>{day}</EffectiveDate></RateEntry>"
        for rate, day in (("1.00", "2024-01-01"), ("2.00", "2024-06-01"))
    )
    (ret,) = books.done(add("WorkersCompCode", f"<Name>8810</Name>{entries}"))
    asked = "<WorkersCompCodeQueryRq><FromEffectiveDate>{}</FromEffectiveDate><ToEffectiveDate>{}</ToEffectiveDate></WorkersCompCodeQueryRq>"

    assert (ret.findtext("CurrentRate"), len(ret.findall("RateHistory"))) == ("2.00", 2)
    assert books.code(asked.format("2024-05-01", "2024-07-01")) == 0
    assert books.code(asked.format("2024-07-01", "2024-08-01")) == 1


def test_a_price_level_may_be_a_percentage_of_one_item(books):
    item = "<ItemRef><FullName>A1</FullName></ItemRef>"
    books.item("B2", price="4.00")
    books.done(
        add(
            "PriceLevel",
            f"<Name>Half</Name><PriceLevelPerItem>{item}<CustomPricePercent>-50</CustomPricePercent></PriceLevelPerItem>",
        )
    )
    level = "<PriceLevelRef><FullName>Half</FullName></PriceLevelRef>"
    (ret,) = books.done(
        books.form("Invoice", books.line("Invoice", level) + books.line("Invoice", level, item="B2"))
    )

    assert [one.findtext("Rate") for one in ret.findall("InvoiceLineRet")] == ["1.25", "4.00"]


def test_a_computed_rate_that_cannot_be_held_is_3045(books):
    """An amount over a tiny quantity gives a rate of more than ten digits."""
    lines = books.line("Invoice", "<Quantity>0.00001</Quantity><Amount>1000000.00</Amount>")

    assert books.code(books.form("Invoice", lines)) == 3045
    huge = books.line("Invoice", "<Quantity>9999999999</Quantity><Rate>9999999999</Rate>")
    assert books.code(books.form("Invoice", huge)) == 3040
    assert books.company.invoices == []


def test_a_new_line_of_an_adjustment_needs_its_item(books):
    accounts = "<IncomeAccountRef><FullName>Sales</FullName></IncomeAccountRef><COGSAccountRef><FullName>Cost of Goods Sold</FullName></COGSAccountRef><AssetAccountRef><FullName>Inventory Asset</FullName></AssetAccountRef>"
    books.done(add("ItemInventory", f"<Name>Part</Name>{accounts}"))
    part = "<ItemRef><FullName>Part</FullName></ItemRef>"
    (ret,) = books.done(
        add(
            "InventoryAdjustment",
            f"{RENT}<InventoryAdjustmentLineAdd>{part}<QuantityAdjustment><QuantityDifference>1</QuantityDifference></QuantityAdjustment></InventoryAdjustmentLineAdd>",
        )
    )
    new = "<InventoryAdjustmentLineMod><TxnLineID>-1</TxnLineID>{}<LotNumber>1</LotNumber><QuantityDifference>2</QuantityDifference></InventoryAdjustmentLineMod>"

    assert books.code(mod("InventoryAdjustment", ret, new.format(""))) == 3150
    assert books.code(mod("InventoryAdjustment", ret, new.format(part))) == 0
    assert next(one for one in books.company.items if one.full_name == "Part").fields["QuantityOnHand"] == "2"


def test_a_macro_and_a_value_together_refuse_the_document(books):
    body = books.payment("1-1", "1.00").replace("<TxnID>", '<TxnID useMacro="TxnID:a">')

    with pytest.raises(QuickBooksError, match="0x80040400"):
        books.one(body)


def test_an_iterator_without_its_id_refuses_the_document(books):
    """Continuing needs the ID: without one it is 3391."""
    assert (
        books.code('<CustomerQueryRq iterator="Continue"><MaxReturned>1</MaxReturned></CustomerQueryRq>')
        == 3391
    )


def test_jobs_come_and_go_and_are_saved_below_their_parents(books, tmp_path):
    ret = books.customer("Job", "<ParentRef><FullName>Ann Lee</FullName></ParentRef>")
    books.company.save(tmp_path / "c")
    loaded = type(books)(type(books.company).load(tmp_path / "c"))
    gone = (
        f"<ListDelRq><ListDelType>Customer</ListDelType><ListID>{ret.findtext('ListID')}</ListID></ListDelRq>"
    )
    owner = f"<ListDelRq><ListDelType>Customer</ListDelType><ListID>{books.company.customers[0].list_id}</ListID></ListDelRq>"

    assert loaded.code(owner) == 3160
    assert loaded.code(gone) == 0
    assert loaded.code(owner) == 0


def test_groups_are_counted_when_only_the_head_changes(books):
    books.done(
        add(
            "ItemGroup",
            "<Name>Pair</Name><ItemGroupLine><ItemRef><FullName>A1</FullName></ItemRef><Quantity>2</Quantity></ItemGroupLine>",
        )
    )
    group = (
        "<InvoiceLineGroupAdd><ItemGroupRef><FullName>Pair</FullName></ItemGroupRef></InvoiceLineGroupAdd>"
    )
    (ret,) = books.done(books.form("Invoice", group))
    (after,) = books.done(mod("Invoice", ret, "<Memo>x</Memo>"))

    assert after.findtext("Subtotal") == "5.00"


def test_a_warning_in_a_change_and_a_cleared_text(books):
    ret = books.invoice("W1")
    line_id = ret.findtext("InvoiceLineRet/TxnLineID")
    both = f"<InvoiceLineMod><TxnLineID>{line_id}</TxnLineID><Desc></Desc><Rate>1.00</Rate><Amount>3.00</Amount></InvoiceLineMod>"
    rs = books.one(mod("Invoice", ret, both))

    assert (rs.get("statusCode"), rs.findtext("InvoiceRet/InvoiceLineRet/Amount")) == ("530", "3.00")


def test_a_paid_charge_that_is_deleted_leaves_the_payment_unused(books):
    (ret,) = books.done(
        add("Charge", f"{ANN}<ItemRef><FullName>A1</FullName></ItemRef><Amount>5.00</Amount>")
    )
    books.done(books.payment(ret.findtext("TxnID"), "5.00"))
    books.ask(f"<TxnDelRq><TxnDelType>Charge</TxnDelType><TxnID>{ret.findtext('TxnID')}</TxnID></TxnDelRq>")

    assert books.company.payments[0].balance == 5
    assert books.company.customers[0].balance == -5


def test_deleting_a_payment_gives_its_discount_back(books):
    invoice = books.invoice("W1", "10.00")
    discount = f"<DiscountAmount>2.00</DiscountAmount>{RENT.replace('Account', 'DiscountAccount')}"
    body = books.payment(invoice.findtext("TxnID"), "8.00").replace(
        "</PaymentAmount>", f"</PaymentAmount>{discount}"
    )
    (payment,) = books.done(body)
    settled = (books.company.invoices[0].balance, books.company.customers[0].balance)
    books.ask(
        f"<TxnDelRq><TxnDelType>ReceivePayment</TxnDelType><TxnID>{payment.findtext('TxnID')}</TxnID></TxnDelRq>"
    )

    assert settled == (0, 0)
    assert (books.company.invoices[0].balance, books.company.customers[0].balance) == (10, 10)
    assert {str(entry.balance) for entry in books.company.entries("Account")} == {"0.00", "10.00"}


def test_deposit_lines_may_say_their_own_words(shop):
    books = shop.books
    words = "<OverrideMemo>card</OverrideMemo><OverrideCheckNumber>77</OverrideCheckNumber>"
    own = f"<DepositLineAdd><PaymentTxnID>{shop.id('payment')}</PaymentTxnID>{words}</DepositLineAdd>"
    (ret,) = books.done(add("Deposit", INTO + own))
    elsewhere = books.payment(shop.id("invoice"), "1.00").replace(
        "<AppliedToTxnAdd>", f"{INTO}<AppliedToTxnAdd>"
    )
    (direct,) = books.done(elsewhere)

    assert [ret.findtext(f"DepositLineRet/{name}") for name in ("Memo", "CheckNumber")] == ["card", "77"]
    assert (
        books.code(add("Deposit", own.replace(shop.id("payment"), direct.findtext("TxnID")).join((INTO, ""))))
        == 3210
    )


def test_a_transaction_deleted_between_pages_is_left_out(books):
    ids = [books.invoice(number).findtext("TxnID") for number in ("1", "2", "3")]
    page = "<InvoiceQueryRq{}><MaxReturned>1</MaxReturned></InvoiceQueryRq>"
    first = books.one(page.format(' iterator="Start"'))
    books.ask(f"<TxnDelRq><TxnDelType>Invoice</TxnDelType><TxnID>{ids[1]}</TxnID></TxnDelRq>")
    more = page.format(f' iterator="Continue" iteratorID="{first.get("iteratorID")}"')

    assert [len(books.one(more)), len(books.one(more))] == [0, 1]


def test_only_open_lines_of_a_purchase_order_are_received(shop):
    books = shop.books
    line_id = shop.order.findtext("PurchaseOrderLineRet/TxnLineID")
    closed = f"<PurchaseOrderLineMod><TxnLineID>{line_id}</TxnLineID><IsManuallyClosed>true</IsManuallyClosed></PurchaseOrderLineMod>"
    text = "<PurchaseOrderLineMod><TxnLineID>-1</TxnLineID><Desc>Note</Desc></PurchaseOrderLineMod>"
    books.done(mod("PurchaseOrder", shop.order, closed + text))

    assert books.code(add("Bill", f"{MILL}<LinkToTxnID>{shop.id('order')}</LinkToTxnID>")) == 3180


def test_an_exempt_form_of_a_company_without_a_default_tax_item(make):
    """Taxable lines need a tax item; without one the form is refused."""
    books = make(charges_sales_tax=True)
    tax = next(entry for entry in books.company.entries("ItemSalesTax"))
    assert (
        books.code(
            f"<ListDelRq><ListDelType>ItemSalesTax</ListDelType><ListID>{tax.list_id}</ListID></ListDelRq>"
        )
        == 0
    )

    assert books.code(books.form("Invoice", books.line("Invoice"))) == 3150
