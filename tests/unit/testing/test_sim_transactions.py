"""Transactions besides sales forms: purchases and their payments, deposits, refunds, stock, journals."""

# A request is easier to read on one line than in pieces.
# ruff: noqa: E501

from __future__ import annotations

import pytest

MILL = "<VendorAddRq><VendorAdd><Name>Mill</Name></VendorAdd></VendorAddRq>"
V = "<VendorRef><FullName>Mill</FullName></VendorRef>"
PAYEE = "<PayeeEntityRef><FullName>Mill</FullName></PayeeEntityRef>"
BANK = "<BankAccountRef><FullName>Checking</FullName></BankAccountRef>"
RENT = "<AccountRef><FullName>Rent</FullName></AccountRef>"


@pytest.fixture
def shop(books):
    """Books with the vendor Mill."""
    books.done(MILL)
    return books


def add(kind: str, inner: str, tail: str = "") -> str:
    return f"<{kind}AddRq><{kind}Add>{inner}</{kind}Add>{tail}</{kind}AddRq>"


def mod(kind: str, ret, inner: str, sequence: str = "") -> str:
    current = sequence or ret.findtext("EditSequence")
    head = f"<TxnID>{ret.findtext('TxnID')}</TxnID><EditSequence>{current}</EditSequence>"
    return f"<{kind}ModRq><{kind}Mod>{head}{inner}</{kind}Mod></{kind}ModRq>"


def gone(kind: str, ret, verb: str = "Del") -> str:
    return f"<Txn{verb}Rq><Txn{verb}Type>{kind}</Txn{verb}Type><TxnID>{ret.findtext('TxnID')}</TxnID></Txn{verb}Rq>"


def ask(kind: str, ret, extra: str = "") -> str:
    return f"<{kind}QueryRq><TxnID>{ret.findtext('TxnID')}</TxnID>{extra}</{kind}QueryRq>"


def expense(amount: str, memo: str = "") -> str:
    text = f"<Memo>{memo}</Memo>" if memo else ""
    return f"<ExpenseLineAdd>{RENT}<Amount>{amount}</Amount>{text}</ExpenseLineAdd>"


def bill(books, amount: str = "30.00"):
    (ret,) = books.done(add("Bill", V + expense(amount)))
    return ret


def balance(books, kind: str, name: str) -> str:
    return str(next(entry.balance for entry in books.company.entries(kind) if entry.full_name == name))


def stock(books) -> str:
    entry = next(entry for entry in books.company.items if entry.full_name == "Part")
    return entry.fields["QuantityOnHand"]


def part(books, quantity: str = "10") -> None:
    accounts = "".join(
        f"<{name}Ref><FullName>{account}</FullName></{name}Ref>"
        for name, account in (("COGSAccount", "Cost of Goods Sold"), ("AssetAccount", "Inventory Asset"))
    )
    books.done(
        "<ItemInventoryAddRq><ItemInventoryAdd><Name>Part</Name><SalesPrice>3.00</SalesPrice>"
        "<IncomeAccountRef><FullName>Sales</FullName></IncomeAccountRef><PurchaseCost>2.00</PurchaseCost>"
        f"{accounts}<QuantityOnHand>{quantity}</QuantityOnHand></ItemInventoryAdd></ItemInventoryAddRq>"
    )


# -- bills


def test_a_bill_books_what_is_owed_and_is_open(shop):
    ret = bill(shop)

    assert (ret.findtext("AmountDue"), ret.findtext("OpenAmount"), ret.findtext("IsPaid")) == (
        "30.00",
        "30.00",
        "false",
    )
    assert ret.findtext("APAccountRef/FullName") == "Accounts Payable"
    assert balance(shop, "Vendor", "Mill") == balance(shop, "Account", "Accounts Payable") == "30.00"


def test_items_on_a_bill_have_costs_and_go_into_stock(shop):
    """Quantity and cost give the amount, quantity and amount the cost; the cost of the item fills in."""
    part(shop)
    item = "<ItemRef><FullName>Part</FullName></ItemRef>"
    lines = f"<ItemLineAdd>{item}<Quantity>4</Quantity></ItemLineAdd><ItemLineAdd>{item}<Quantity>3</Quantity><Amount>1.00</Amount></ItemLineAdd>"
    (ret,) = shop.done(add("Bill", V + lines))

    assert [line.findtext("Amount") for line in ret.findall("ItemLineRet")] == ["8.00", "1.00"]
    assert [line.findtext("Cost") for line in ret.findall("ItemLineRet")] == ["2.00", "0.33333"]
    assert (ret.findtext("AmountDue"), stock(shop)) == ("9.00", "17")
    shop.ask(gone("Bill", ret))
    assert stock(shop) == "10"


def test_lines_left_out_of_a_mod_are_deleted_and_clear_drops_all(shop):
    (ret,) = shop.done(add("Bill", V + expense("30.00", "a") + expense("5.00", "b")))
    first, second = (line.findtext("TxnLineID") for line in ret.findall("ExpenseLineRet"))
    kept = f"<ExpenseLineMod><TxnLineID>{second}</TxnLineID><Amount>6.00</Amount></ExpenseLineMod>"
    new = f"<ExpenseLineMod><TxnLineID>-1</TxnLineID>{RENT}<Amount>1.00</Amount></ExpenseLineMod>"
    (after,) = shop.done(mod("Bill", ret, kept + new))

    assert [(line.findtext("Memo"), line.findtext("Amount")) for line in after.findall("ExpenseLineRet")] == [
        ("b", "6.00"),
        (None, "1.00"),
    ]
    assert (after.findtext("AmountDue"), balance(shop, "Vendor", "Mill")) == ("7.00", "7.00")
    assert shop.code(mod("Bill", after, kept.replace(second, first))) == 3120
    assert shop.code(mod("Bill", after, "<ClearExpenseLines>true</ClearExpenseLines>")) == 3180
    assert balance(shop, "Vendor", "Mill") == "7.00"


def test_existing_lines_in_another_order_are_3290_on_purchase_forms_too(shop):
    (ret,) = shop.done(
        add(
            "Check",
            f"<AccountRef><FullName>Checking</FullName></AccountRef>{expense('1.00')}{expense('2.00')}",
        )
    )
    lines = [
        f"<ExpenseLineMod><TxnLineID>{line.findtext('TxnLineID')}</TxnLineID></ExpenseLineMod>"
        for line in ret.findall("ExpenseLineRet")
    ]

    assert shop.code(mod("Check", ret, "".join(reversed(lines)))) == 3290
    assert shop.code(mod("Check", ret, "".join(lines))) == 0


def test_a_stale_mod_returns_the_object_and_one_of_another_kind_is_3120(shop):
    ret = bill(shop)
    stale = mod("Bill", ret, "<Memo>x</Memo>", sequence="1")
    rs = shop.one(stale)

    assert (rs.get("statusCode"), rs.findtext("BillRet/TxnID")) == ("3200", ret.findtext("TxnID"))
    assert shop.code(mod("Check", ret, "<Memo>x</Memo>")) == 3120


def pay(ret, amount: str, more: str = "") -> str:
    applied = f"<AppliedToTxnAdd><TxnID>{ret.findtext('TxnID')}</TxnID><PaymentAmount>{amount}</PaymentAmount>{more}</AppliedToTxnAdd>"
    return add("BillPaymentCheck", f"{PAYEE}{BANK}<RefNumber>9</RefNumber>{applied}")


def test_a_bill_is_paid_in_parts_and_never_more_than_is_due(shop):
    ret = bill(shop)
    (paid,) = shop.done(pay(ret, "10.00"))

    assert (paid.findtext("Amount"), paid.findtext("AppliedToTxnRet/BalanceRemaining")) == ("10.00", "20.00")
    assert shop.code(pay(ret, "20.01")) == 3210
    assert balance(shop, "Account", "Checking") == "-10.00"
    assert balance(shop, "Vendor", "Mill") == "20.00"
    assert (
        shop.one(ask("Bill", ret, "<IncludeLinkedTxns>true</IncludeLinkedTxns>")).findtext(
            "BillRet/LinkedTxn/TxnType"
        )
        == "BillPaymentCheck"
    )
    assert shop.code(gone("Bill", ret)) == 3160
    assert shop.code(gone("BillPaymentCheck", paid)) == 0
    assert shop.one(ask("Bill", ret)).findtext("BillRet/OpenAmount") == "30.00"


def test_a_bill_payment_can_be_applied_otherwise(shop):
    ret = bill(shop)
    (paid,) = shop.done(pay(ret, "10.00"))
    change = "<AppliedToTxnMod><TxnID>{}</TxnID><PaymentAmount>{}</PaymentAmount></AppliedToTxnMod>"

    assert shop.code(mod("BillPaymentCheck", paid, change.format(ret.findtext("TxnID"), "31.00"))) == 3210
    (after,) = shop.done(mod("BillPaymentCheck", paid, change.format(ret.findtext("TxnID"), "30.00")))
    assert after.findtext("Amount") == "30.00"
    assert shop.one(ask("Bill", ret)).findtext("BillRet/IsPaid") == "true"


def test_vendor_credits_and_discounts_settle_bills_too(shop):
    ret = bill(shop)
    (credit,) = shop.done(add("VendorCredit", V + expense("4.00")))
    used = f"<SetCredit><CreditTxnID>{credit.findtext('TxnID')}</CreditTxnID><AppliedAmount>4.00</AppliedAmount></SetCredit>"
    discount = "<DiscountAmount>1.00</DiscountAmount><DiscountAccountRef><FullName>Rent</FullName></DiscountAccountRef>"
    shop.done(pay(ret, "25.00", used + discount))

    assert shop.one(ask("Bill", ret)).findtext("BillRet/IsPaid") == "true"
    assert shop.one(ask("VendorCredit", credit)).findtext("VendorCreditRet/OpenAmount") == "0.00"
    assert balance(shop, "Vendor", "Mill") == "0.00"


def test_bills_to_pay_lists_bills_and_credits(shop):
    bill(shop)
    shop.done(add("VendorCredit", V + expense("4.00")))
    rs = shop.one(f"<BillToPayQueryRq>{PAYEE}</BillToPayQueryRq>")

    assert [
        (row[0].tag, row[0].findtext("AmountDue") or row[0].findtext("CreditRemaining")) for row in rs
    ] == [("BillToPay", "30.00"), ("CreditToApply", "4.00")]


def test_an_empty_check_is_3180(shop):
    assert shop.code(add("Check", "<AccountRef><FullName>Checking</FullName></AccountRef>")) == 3180


# -- purchase orders


def order(books):
    line = "<PurchaseOrderLineAdd><ItemRef><FullName>A1</FullName></ItemRef><Quantity>4</Quantity><Rate>2.00</Rate></PurchaseOrderLineAdd>"
    (ret,) = books.done(add("PurchaseOrder", V + line))
    return ret


def test_a_purchase_order_is_received_by_a_bill_and_closes(shop):
    ret = order(shop)
    linked = add("Bill", f"{V}<LinkToTxnID>{ret.findtext('TxnID')}</LinkToTxnID>")
    (made,) = shop.done(linked)
    after = shop.one(ask("PurchaseOrder", ret, "<IncludeLineItems>true</IncludeLineItems>"))[0]

    assert (ret.findtext("TotalAmount"), made.findtext("AmountDue")) == ("8.00", "8.00")
    assert (after.findtext("IsFullyReceived"), after.findtext("PurchaseOrderLineRet/ReceivedQuantity")) == (
        "true",
        "4",
    )
    assert (
        shop.code(
            linked.replace(
                "</LinkToTxnID>", f"</LinkToTxnID><LinkToTxnID>{ret.findtext('TxnID')}</LinkToTxnID>"
            )
        )
        == 3177
    )
    assert shop.code(gone("PurchaseOrder", ret)) == 3160
    shop.ask(gone("Bill", made))
    assert shop.one(ask("PurchaseOrder", ret)).findtext("PurchaseOrderRet/IsFullyReceived") == "false"


def test_a_line_of_a_purchase_order_is_received_in_part(shop):
    ret = order(shop)
    line_id = ret.findtext("PurchaseOrderLineRet/TxnLineID")
    line = f"<ItemLineAdd><Quantity>1</Quantity><LinkToTxn><TxnID>{ret.findtext('TxnID')}</TxnID><TxnLineID>{line_id}</TxnLineID></LinkToTxn></ItemLineAdd>"
    (made,) = shop.done(add("ItemReceipt", V + line))

    assert (made.findtext("ItemLineRet/ItemRef/FullName"), made.findtext("TotalAmount")) == ("A1", "2.00")
    assert shop.code(add("ItemReceipt", V + line.replace(line_id, "9-9"))) == 3120


# -- money


def test_payments_wait_for_their_deposit_and_are_then_bound(books):
    """A payment or receipt already in a deposit cannot be changed or deleted freely."""
    invoice = books.invoice("W1", "10.00")
    (payment,) = books.done(books.payment(invoice.findtext("TxnID"), "10.00"))
    waiting = books.one("<ReceivePaymentToDepositQueryRq/>")
    line = f"<DepositLineAdd><PaymentTxnID>{payment.findtext('TxnID')}</PaymentTxnID></DepositLineAdd>"
    fee = "<DepositLineAdd><AccountRef><FullName>Merchant Account Fees</FullName></AccountRef><Amount>-0.50</Amount></DepositLineAdd>"
    to = "<DepositToAccountRef><FullName>Checking</FullName></DepositToAccountRef>"
    (deposit,) = books.done(add("Deposit", to + line + fee))

    assert waiting.findtext("ReceivePaymentToDepositRet/Amount") == "10.00"
    assert deposit.findtext("DepositTotal") == "9.50"
    assert (balance(books, "Account", "Checking"), balance(books, "Account", "Undeposited Funds")) == (
        "9.50",
        "0.00",
    )
    assert books.code("<ReceivePaymentToDepositQueryRq/>") == 1
    assert books.code(gone("ReceivePayment", payment)) == 3160
    assert books.code(add("Deposit", to + line)) == 3210
    books.ask(gone("Deposit", deposit))
    assert books.code(gone("ReceivePayment", payment)) == 0


def test_cash_back_lowers_a_deposit(books):
    to = "<DepositToAccountRef><FullName>Checking</FullName></DepositToAccountRef>"
    cash = "<CashBackInfoAdd><AccountRef><FullName>Petty Cash Box</FullName></AccountRef><Amount>2.00</Amount></CashBackInfoAdd>"
    line = f"<DepositLineAdd>{RENT}<Amount>10.00</Amount></DepositLineAdd>"
    (ret,) = books.done(add("Deposit", to + cash + line))

    assert ret.findtext("DepositTotal") == "8.00"
    assert balance(books, "Account", "Petty Cash Box") == "2.00"


def credit_memo(books, amount: str = "10.00"):
    lines = books.line("CreditMemo", f"<Quantity>1</Quantity><Amount>{amount}</Amount>")
    (ret,) = books.done(books.form("CreditMemo", lines))
    return ret


def test_a_credit_is_paid_out_by_card_once(books):
    credit = credit_memo(books)
    applied = f"<RefundAppliedToTxnAdd><TxnID>{credit.findtext('TxnID')}</TxnID><RefundAmount>10.00</RefundAmount></RefundAppliedToTxnAdd>"
    body = add("ARRefundCreditCard", f"<CustomerRef><FullName>Ann Lee</FullName></CustomerRef>{applied}")
    (ret,) = books.done(body)

    assert (ret.findtext("TotalAmount"), ret.findtext("RefundAppliedToTxnRet/CreditRemaining")) == (
        "10.00",
        "0.00",
    )
    assert books.company.customers[0].balance == 0
    assert books.code(body) == 3210
    assert books.code(gone("CreditMemo", credit)) == 3160


def test_a_credit_is_paid_out_by_check(books):
    """The check's line books on the receivables account; what it is applied to is not open any more."""
    credit = credit_memo(books)
    line = "<ExpenseLineAdd><AccountRef><FullName>Accounts Receivable</FullName></AccountRef><Amount>10.00</Amount><CustomerRef><FullName>Ann Lee</FullName></CustomerRef></ExpenseLineAdd>"
    applied = f"<ApplyCheckToTxnAdd><TxnID>{credit.findtext('TxnID')}</TxnID><Amount>10.00</Amount></ApplyCheckToTxnAdd>"
    books.done(add("Check", f"<AccountRef><FullName>Checking</FullName></AccountRef>{applied}{line}"))

    assert books.one(ask("CreditMemo", credit)).findtext("CreditMemoRet/CreditRemaining") == "0.00"
    assert books.company.customers[0].balance == 0


def test_a_charge_is_owed_and_can_be_paid(books):
    (ret,) = books.done(
        add(
            "Charge",
            "<CustomerRef><FullName>Ann Lee</FullName></CustomerRef><ItemRef><FullName>A1</FullName></ItemRef><Quantity>2</Quantity>",
        )
    )
    books.done(books.payment(ret.findtext("TxnID"), "5.00"))

    assert (ret.findtext("Amount"), ret.findtext("Rate")) == ("5.00", "2.50")
    assert books.one(ask("Charge", ret)).findtext("ChargeRet/IsPaid") == "true"


def test_a_transfer_moves_money_between_two_accounts(books):
    accounts = "<TransferFromAccountRef><FullName>{}</FullName></TransferFromAccountRef><TransferToAccountRef><FullName>Savings</FullName></TransferToAccountRef>"
    (ret,) = books.done(add("Transfer", f"{accounts.format('Checking')}<Amount>5.00</Amount>"))

    assert (ret.findtext("FromAccountBalance"), ret.findtext("ToAccountBalance")) == ("-5.00", "5.00")
    assert books.code(add("Transfer", f"{accounts.format('Savings')}<Amount>5.00</Amount>")) == 3210
    assert books.code(add("Transfer", "<Amount>5.00</Amount>")) == 3150


def test_journal_entries_add_up_to_nothing(books):
    line = (
        "<Journal{}Line><AccountRef><FullName>{}</FullName></AccountRef><Amount>{}</Amount></Journal{}Line>"
    )
    debit, credit = (
        line.format("Debit", "Checking", "5.00", "Debit"),
        line.format("Credit", "Bank Loan", "5.00", "Credit"),
    )
    (ret,) = books.done(add("JournalEntry", debit + credit))

    assert (balance(books, "Account", "Checking"), balance(books, "Account", "Bank Loan")) == ("5.00", "5.00")
    assert books.code(add("JournalEntry", debit)) == 3180
    lines = "".join(
        f"<JournalLineMod><TxnLineID>{one.findtext('TxnLineID')}</TxnLineID><Amount>7.00</Amount></JournalLineMod>"
        for one in ret
        if one.tag.startswith("Journal")
    )
    books.done(mod("JournalEntry", ret, lines))
    assert balance(books, "Account", "Bank Loan") == "7.00"
    current = books.company.transactions("JournalEntry")[0].fields["EditSequence"]
    sideless = "<JournalLineMod><TxnLineID>-1</TxnLineID></JournalLineMod>"
    assert books.code(mod("JournalEntry", ret, sideless, sequence=current)) == 3150


# -- stock


def test_adjustments_change_quantities_and_can_be_undone(books):
    part(books)
    line = "<InventoryAdjustmentLineAdd><ItemRef><FullName>{}</FullName></ItemRef><QuantityAdjustment><NewQuantity>7</NewQuantity></QuantityAdjustment></InventoryAdjustmentLineAdd>"
    (ret,) = books.done(add("InventoryAdjustment", RENT + line.format("Part")))

    assert (
        ret.findtext("InventoryAdjustmentLineRet/QuantityDifference"),
        ret.findtext("InventoryAdjustmentLineRet/ValueDifference"),
    ) == ("-3", "-6.00")
    assert stock(books) == "7"
    assert books.code(add("InventoryAdjustment", RENT + line.format("A1"))) == 3280
    books.ask(gone("InventoryAdjustment", ret, "Void"))
    assert stock(books) == "10"


def test_sales_take_items_out_of_stock(books):
    part(books)
    lines = books.line("Invoice", "<Quantity>4</Quantity>", item="Part")
    (ret,) = books.done(books.form("Invoice", lines))

    assert stock(books) == "6"
    books.ask(gone("Invoice", ret))
    assert stock(books) == "10"


def test_assemblies_need_their_parts_or_are_pending(books):
    part(books, "3")
    accounts = "<IncomeAccountRef><FullName>Sales</FullName></IncomeAccountRef><COGSAccountRef><FullName>Cost of Goods Sold</FullName></COGSAccountRef><AssetAccountRef><FullName>Inventory Asset</FullName></AssetAccountRef>"
    parts = "<ItemInventoryAssemblyLine><ItemInventoryRef><FullName>Part</FullName></ItemInventoryRef><Quantity>2</Quantity></ItemInventoryAssemblyLine>"
    books.done(add("ItemInventoryAssembly", f"<Name>Kit</Name>{accounts}{parts}"))
    kit = "<ItemInventoryAssemblyRef><FullName>Kit</FullName></ItemInventoryAssemblyRef>"
    build = add("BuildAssembly", f"{kit}<QuantityToBuild>{{}}</QuantityToBuild>{{}}")
    can = books.one(
        f"<ItemAssembliesCanBuildQueryRq>{kit}<TxnDate>2024-01-05</TxnDate></ItemAssembliesCanBuildQueryRq>"
    )

    assert can.findtext("ItemAssembliesCanBuildRet/QuantityCanBuild") == "1"
    assert books.code(build.format("2", "")) == 3180
    (pending,) = books.done(build.format("2", "<MarkPendingIfRequired>true</MarkPendingIfRequired>"))
    assert (pending.findtext("IsPending"), stock(books)) == ("true", "3")
    books.done(build.format("1", ""))
    assert stock(books) == "1"
    assert (
        len(
            books.one(
                "<BuildAssemblyQueryRq><PendingStatus>PendingOnly</PendingStatus></BuildAssemblyQueryRq>"
            )
        )
        == 1
    )


def test_goods_move_between_two_sites(books):
    for name in ("Main", "Second"):
        books.done(add("InventorySite", f"<Name>{name}</Name>"))
    part(books)
    sites = "<FromInventorySiteRef><FullName>Main</FullName></FromInventorySiteRef><ToInventorySiteRef><FullName>{}</FullName></ToInventorySiteRef>"
    line = "<TransferInventoryLineAdd><ItemRef><FullName>Part</FullName></ItemRef><QuantityToTransfer>2</QuantityToTransfer></TransferInventoryLineAdd>"
    (ret,) = books.done(add("TransferInventory", sites.format("Second") + line))
    rows = books.one("<ItemSitesQueryRq><ItemTypeFilter>Inventory</ItemTypeFilter></ItemSitesQueryRq>")

    assert ret.findtext("TransferInventoryLineRet/QuantityTransferred") == "2"
    assert books.code(add("TransferInventory", sites.format("Main") + line)) == 3210
    assert [(row.findtext("InventorySiteRef/FullName"), row.findtext("QuantityOnHand")) for row in rows] == [
        ("Main", "10"),
        ("Second", "0"),
    ]


def test_trips_count_their_miles(books):
    books.done(add("Vehicle", "<Name>Van</Name>"))
    van = "<VehicleRef><FullName>Van</FullName></VehicleRef>"
    (ret,) = books.done(
        add("VehicleMileage", f"{van}<OdometerStart>10</OdometerStart><OdometerEnd>25.5</OdometerEnd>")
    )

    assert ret.findtext("TotalMiles") == "15.5"
    assert (
        books.code(
            add("VehicleMileage", f"{van}<OdometerStart>10</OdometerStart><OdometerEnd>5</OdometerEnd>")
        )
        == 3210
    )


# -- over all kinds


def test_the_transaction_query_gives_one_flat_row_for_each_account(books):
    """Header row or line rows by the detail level; debits are positive."""
    invoice = books.invoice("W1", "10.00")
    lines = "<TransactionDetailLevelFilter>{}</TransactionDetailLevelFilter>"
    rows = books.one("<TransactionQueryRq><RefNumber>w1</RefNumber></TransactionQueryRq>")

    assert [
        (row.findtext("AccountRef/FullName"), row.findtext("Amount"), row.findtext("EditSequence"))
        for row in rows
    ] == [("Accounts Receivable", "10.00", None), ("Sales", "-10.00", None)]
    assert rows[0].findtext("TxnID") == invoice.findtext("TxnID")
    assert len(books.one(f"<TransactionQueryRq>{lines.format('SummaryOnly')}</TransactionQueryRq>")) == 1
    assert len(books.one(f"<TransactionQueryRq>{lines.format('AllExceptSummary')}</TransactionQueryRq>")) == 1


@pytest.mark.parametrize(
    ("filters", "kinds"),
    [
        ("<TransactionTypeFilter><TxnTypeFilter>SalesOrder</TxnTypeFilter></TransactionTypeFilter>", {"SalesOrder"}),
        ("<TransactionPostingStatusFilter>NonPosting</TransactionPostingStatusFilter>", {"SalesOrder"}),
        ("<TransactionPostingStatusFilter>Posting</TransactionPostingStatusFilter>", {"Invoice", "ReceivePayment"}),
        ("<TransactionPaidStatusFilter>Open</TransactionPaidStatusFilter>", {"Invoice"}),
        ("<TransactionEntityFilter><EntityTypeFilter>Vendor</EntityTypeFilter></TransactionEntityFilter>", set()),
        ("<TransactionEntityFilter><FullName>Ann Lee</FullName></TransactionEntityFilter>", {"Invoice", "ReceivePayment", "SalesOrder"}),
        ("<TransactionAccountFilter><AccountTypeFilter>CurrentAsset</AccountTypeFilter></TransactionAccountFilter>", {"Invoice", "ReceivePayment"}),
        ("<TransactionAccountFilter><FullName>Sales</FullName></TransactionAccountFilter>", {"Invoice", "SalesOrder"}),
        ("<TransactionItemFilter><ItemTypeFilter>NonInventory</ItemTypeFilter></TransactionItemFilter>", {"Invoice", "SalesOrder"}),
        ("<TransactionDateRangeFilter><FromTxnDate>2030-01-01</FromTxnDate></TransactionDateRangeFilter>", set()),
        ("<TransactionModifiedDateRangeFilter><DateMacro>Today</DateMacro></TransactionModifiedDateRangeFilter>", {"Invoice", "ReceivePayment", "SalesOrder"}),
        ("<RefNumberFilter><MatchCriterion>StartsWith</MatchCriterion><RefNumber>w</RefNumber></RefNumberFilter>", {"Invoice"}),
        ("<RefNumberRangeFilter><FromRefNumber>W0</FromRefNumber><ToRefNumber>W2</ToRefNumber></RefNumberRangeFilter>", {"Invoice"}),
    ],
)  # fmt: skip
def test_filters_of_the_transaction_query(books, filters, kinds):
    invoice = books.invoice("W1", "10.00")
    books.done(books.payment(invoice.findtext("TxnID"), "4.00"))
    books.done(books.form("SalesOrder", books.line("SalesOrder")))
    rs = books.one(f"<TransactionQueryRq>{filters}</TransactionQueryRq>")

    assert {row.findtext("TxnType") for row in rs} == kinds


def test_the_transaction_query_pages_and_misses(books):
    for number in ("1", "2"):
        books.invoice(number)
    first = books.one(
        '<TransactionQueryRq iterator="Start"><MaxReturned>3</MaxReturned></TransactionQueryRq>'
    )
    rest = books.one(
        f'<TransactionQueryRq iterator="Continue" iteratorID="{first.get("iteratorID")}"><MaxReturned>3</MaxReturned></TransactionQueryRq>'
    )

    assert (len(first), len(rest), rest.get("iteratorRemainingCount")) == (3, 1, "0")
    assert books.code("<TransactionQueryRq><TxnID>9-9</TxnID></TransactionQueryRq>") == 500


@pytest.mark.parametrize(
    "kind", ["Bill", "VendorCredit", "Check", "CreditCardCharge", "CreditCardCredit", "ItemReceipt"]
)
def test_a_void_leaves_zeros_and_takes_the_money_back(shop, kind):
    head = {"Check": "<AccountRef><FullName>Checking</FullName></AccountRef>"}.get(kind, V)
    head = "<AccountRef><FullName>Credit Card</FullName></AccountRef>" if kind.startswith("Credit") else head
    (ret,) = shop.done(add(kind, head + expense("9.00")))
    shop.ask(gone(kind, ret, "Void"))
    after = shop.one(ask(kind, ret, "<IncludeLineItems>true</IncludeLineItems>"))[0]

    assert after.findtext("ExpenseLineRet/Amount") == "0.00"
    assert after.findtext("Memo") == "VOID:"
    assert {entry.balance for entry in shop.company.entries("Account")} == {0}


def test_a_payment_can_be_applied_otherwise_and_a_refused_change_leaves_it(books):
    one, other = books.invoice("W1", "10.00"), books.invoice("W2", "8.00")
    (payment,) = books.done(books.payment(one.findtext("TxnID"), "5.00"))
    change = "<AppliedToTxnMod><TxnID>{}</TxnID><PaymentAmount>{}</PaymentAmount></AppliedToTxnMod>"

    assert books.code(mod("ReceivePayment", payment, change.format(other.findtext("TxnID"), "9.00"))) == 3210
    assert [str(invoice.balance) for invoice in books.company.invoices] == ["5.00", "8.00"]
    assert (
        books.code(
            mod(
                "ReceivePayment",
                payment,
                "<TotalAmount>7.00</TotalAmount>" + change.format(other.findtext("TxnID"), "6.00"),
            )
        )
        == 0
    )
    assert [str(invoice.balance) for invoice in books.company.invoices] == ["10.00", "2.00"]
    assert str(books.company.payments[0].balance) == "1.00"
    assert books.company.customers[0].balance == 11
    assert books.code(mod("ReceivePayment", payment, "<Memo>x</Memo>")) == 3200


def test_price_levels_set_the_rate(books):
    books.done(
        add("PriceLevel", "<Name>Ten off</Name><PriceLevelFixedPercentage>-10</PriceLevelFixedPercentage>")
    )
    item = "<ItemRef><FullName>A1</FullName></ItemRef>"
    books.done(
        add(
            "PriceLevel",
            f"<Name>Special</Name><PriceLevelPerItem>{item}<CustomPrice>9.00</CustomPrice></PriceLevelPerItem>",
        )
    )
    lines = "".join(
        books.line("Invoice", f"<PriceLevelRef><FullName>{name}</FullName></PriceLevelRef>")
        for name in ("Ten off", "Special")
    )
    (ret,) = books.done(books.form("Invoice", lines))

    assert [line.findtext("Rate") for line in ret.findall("InvoiceLineRet")] == ["2.25", "9.00"]
    assert ret.find("InvoiceLineRet/PriceLevelRef") is None


def test_a_deposited_payment_keeps_its_amount(books):
    """A payment in a deposit takes another memo, but no other amount (3170)."""
    invoice = books.invoice("W1", "10.00")
    (payment,) = books.done(books.payment(invoice.findtext("TxnID"), "10.00"))
    to = "<DepositToAccountRef><FullName>Checking</FullName></DepositToAccountRef>"
    books.done(
        add(
            "Deposit",
            f"{to}<DepositLineAdd><PaymentTxnID>{payment.findtext('TxnID')}</PaymentTxnID></DepositLineAdd>",
        )
    )

    assert books.code(mod("ReceivePayment", payment, "<TotalAmount>11.00</TotalAmount>")) == 3170
    assert books.code(mod("ReceivePayment", payment, "<Memo>x</Memo>")) == 0


def test_what_others_stand_on_cannot_be_voided(books):
    """A paid bill and a refunded credit are 3185."""
    books.done(MILL)
    owed, credit = bill(books), credit_memo(books)
    applied = f"<RefundAppliedToTxnAdd><TxnID>{credit.findtext('TxnID')}</TxnID><RefundAmount>1.00</RefundAmount></RefundAppliedToTxnAdd>"
    books.done(add("ARRefundCreditCard", f"<CustomerRef><FullName>Ann Lee</FullName></CustomerRef>{applied}"))
    books.done(pay(owed, "1.00"))

    assert books.code(gone("Bill", owed, "Void")) == 3185
    assert books.code(gone("CreditMemo", credit, "Void")) == 3185
