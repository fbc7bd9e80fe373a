"""Sales forms: what QuickBooks derives, fills in, adds up and refuses."""

# A request is easier to read on one line than in pieces.
# ruff: noqa: E501

from __future__ import annotations

import pytest


def lines_of(ret, kind: str = "Invoice") -> list[tuple[str | None, ...]]:
    return [
        tuple(line.findtext(name) for name in ("Quantity", "Rate", "Amount"))
        for line in ret.findall(f"{kind}LineRet")
    ]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("", (None, "2.50", "2.50")),
        ("<Quantity>3</Quantity>", ("3", "2.50", "7.50")),
        ("<Quantity>3</Quantity><Rate>1.99</Rate>", ("3", "1.99", "5.97")),
        ("<Quantity>3</Quantity><Amount>10.00</Amount>", ("3", "3.33333", "10.00")),
        ("<Amount>10.00</Amount>", (None, None, "10.00")),
        ("<Rate>4</Rate>", (None, "4.00", "4.00")),
        ("<Quantity>0</Quantity><Rate>4</Rate>", ("0", "4.00", "0.00")),
        ("<Quantity>-1</Quantity><Amount>-0.00</Amount>", ("-1", "0.00", "0.00")),
    ],
)
def test_quantity_rate_and_amount(books, fields, expected):
    (ret,) = books.done(books.form("Invoice", books.line("Invoice", fields)))

    assert lines_of(ret) == [expected]


def test_a_rate_beside_an_amount_is_ignored_with_a_warning(books):
    fields = "<Quantity>2</Quantity><Rate>9</Rate><Amount>10.00</Amount>"
    rs = books.one(books.form("Invoice", books.line("Invoice", fields)))

    assert (rs.get("statusCode"), rs.get("statusSeverity")) == ("530", "Warn")
    assert lines_of(rs[0]) == [("2", "5.00", "10.00")]


@pytest.mark.parametrize(("rounding", "amount"), [("half_even", "0.12"), ("half_up", "0.13")])
def test_rounding_of_computed_amounts_is_a_switch(make, rounding, amount):
    books = make(rounding=rounding)
    (ret,) = books.done(
        books.form("Invoice", books.line("Invoice", "<Quantity>0.5</Quantity><Rate>0.25</Rate>"))
    )

    assert lines_of(ret) == [("0.5", "0.25", amount)]


def test_a_text_line_needs_no_item_but_an_amount_does(books):
    text = books.line("Invoice", "<Desc>Thanks</Desc>", item="")
    amount = books.line("Invoice", "<Amount>1.00</Amount>", item="")
    (ret,) = books.done(books.form("Invoice", text))

    assert ret.findtext("InvoiceLineRet/Desc") == "Thanks"
    assert ret.findtext("Subtotal") == "0.00"
    assert books.code(books.form("Invoice", amount)) == 3150


def test_what_an_invoice_says_when_little_is_sent(books):
    (ret,) = books.done(books.form("Invoice", books.line("Invoice")))
    expected = {
        "TxnDate": "2024-01-02", "RefNumber": "1", "DueDate": "2024-01-02", "ShipDate": "2024-01-02",
        "Subtotal": "2.50", "SalesTaxPercentage": "0.00", "SalesTaxTotal": "0.00", "AppliedAmount": "0.00",
        "BalanceRemaining": "2.50", "IsPaid": "false", "IsToBePrinted": "true", "IsPending": "false",
        "ARAccountRef/FullName": "Accounts Receivable", "InvoiceLineRet/Desc": "Thing",
        "InvoiceLineRet/SalesTaxCodeRef/FullName": "NON",
    }  # fmt: skip

    assert {name: ret.findtext(name) for name in expected} == expected
    assert ret.find("TotalAmount") is None


def test_the_date_left_out_is_that_of_the_last_saved_form_of_the_kind(books):
    books.done(books.form("Invoice", books.line("Invoice"), head="<TxnDate>2023-05-06</TxnDate>"))
    (again,) = books.done(books.form("Invoice", books.line("Invoice")))
    (order,) = books.done(books.form("SalesOrder", books.line("SalesOrder")))

    assert again.findtext("TxnDate") == "2023-05-06"
    assert order.findtext("TxnDate") == "2024-01-02"


def test_numbers_run_on_blank_when_empty_and_are_not_unique(books):
    numbers = []
    for head in (
        "<RefNumber>W0009</RefNumber>",
        "",
        "<RefNumber></RefNumber>",
        "<RefNumber>W0009</RefNumber>",
    ):
        (ret,) = books.done(books.form("Invoice", books.line("Invoice"), head=head))
        numbers.append(ret.findtext("RefNumber"))

    assert numbers == ["W0009", "W0010", None, "W0009"]
    assert (
        books.code(books.form("Invoice", books.line("Invoice"), head=f"<RefNumber>{'1' * 12}</RefNumber>"))
        == 3070
    )


def test_what_the_customer_says_is_taken_over(empty):
    empty.item()
    empty.customer(
        rest="<BillAddress><Addr1>1 Main</Addr1></BillAddress><Email>a@b.c</Email>"
        "<TermsRef><FullName>Net 30</FullName></TermsRef>"
    )
    head = "<TxnDate>2024-01-31</TxnDate>"
    (ret,) = empty.done(empty.form("Invoice", empty.line("Invoice"), head=head))

    assert ret.findtext("BillAddress/Addr1") == "1 Main"
    assert ret.findtext("TermsRef/FullName") == "Net 30"
    assert ret.findtext("DueDate") == "2024-03-01"


def test_an_address_on_a_form_stays_when_the_customer_moves(empty):
    empty.item()
    customer = empty.customer(rest="<BillAddress><Addr1>1 Main</Addr1></BillAddress>")
    empty.done(empty.form("Invoice", empty.line("Invoice")))
    empty.done(
        f"<CustomerModRq><CustomerMod><ListID>{customer.findtext('ListID')}</ListID><EditSequence>"
        f"{customer.findtext('EditSequence')}</EditSequence><BillAddress><Addr1>2 New</Addr1></BillAddress>"
        "</CustomerMod></CustomerModRq>"
    )

    assert empty.company.invoices[0].fields["BillAddress"]["Addr1"] == "1 Main"


def test_mail_needs_an_address(books):
    head = "<IsToBeEmailed>true</IsToBeEmailed>"
    books.customer("Bob", "<Email>b@c.d</Email>")

    assert books.code(books.form("Invoice", books.line("Invoice"), head=head)) == 3210
    assert books.code(books.form("Invoice", books.line("Invoice"), head=head, customer="Bob")) == 0


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (lambda books: books.form("Invoice", ""), 3180),
        (lambda books: books.form("Invoice", books.line("Invoice"), customer="Nobody"), 3140),
        (lambda books: books.form("Invoice", books.line("Invoice"), customer="State Tax Office"), 3140),
        (lambda books: books.form("Invoice", books.line("Invoice", item="Ghost")), 3140),
        (lambda books: books.form("Invoice", books.line("Invoice", "<Amount>-1.00</Amount>")), 3210),
        (lambda books: books.form("Invoice", books.line(
            "Invoice", "<PriceLevelRef><FullName>Ghost</FullName></PriceLevelRef>")), 3140),
        (lambda books: books.form("Invoice", books.line("Invoice"),
                                  head="<ARAccountRef><FullName>Sales</FullName></ARAccountRef>"), 3140),
    ],
)  # fmt: skip
def test_what_is_refused_leaves_no_trace(books, body, code):
    before = books.company.customers, len(books.company.invoices)

    assert books.code(body(books)) == code
    assert (books.company.customers, len(books.company.invoices)) == before
    (ret,) = books.done(books.form("Invoice", books.line("Invoice")))
    assert ret.findtext("TxnNumber") == "1"


def test_balances_of_customer_parent_and_accounts(books):
    books.done(
        "<CustomerAddRq><CustomerAdd><Name>Job</Name><ParentRef><FullName>Ann Lee</FullName></ParentRef>"
        "</CustomerAdd></CustomerAddRq>"
    )
    books.invoice("1", "10.00")
    books.invoice("2", "5.00", customer="Ann Lee:Job")
    (parent, job) = books.done("<CustomerQueryRq/>")[0].getparent()
    accounts = {entry.full_name: entry.balance for entry in books.company.entries("Account")}

    assert (parent.findtext("Balance"), parent.findtext("TotalBalance")) == ("10.00", "15.00")
    assert (job.findtext("Balance"), job.findtext("TotalBalance")) == ("5.00", "5.00")
    assert accounts["Accounts Receivable"] == 15
    assert books.company.books_total() == books.company.open_balance() == 15


def test_a_pending_invoice_books_nothing(books):
    books.done(books.form("Invoice", books.line("Invoice"), head="<IsPending>true</IsPending>"))

    assert books.company.customers[0].balance == 0


def test_sales_receipts_are_paid_at_once(books):
    (ret,) = books.done(books.form("SalesReceipt", books.line("SalesReceipt")))
    accounts = {entry.full_name: entry.balance for entry in books.company.entries("Account")}

    assert ret.findtext("TotalAmount") == "2.50"
    assert ret.findtext("DepositToAccountRef/FullName") == "Undeposited Funds"
    assert str(accounts["Undeposited Funds"]) == "2.50"
    assert books.company.customers[0].balance == 0


def test_a_sales_receipt_needs_no_customer(books):
    body = f"<SalesReceiptAddRq><SalesReceiptAdd>{books.line('SalesReceipt')}</SalesReceiptAdd></SalesReceiptAddRq>"

    assert books.code(body) == 0


@pytest.mark.parametrize("kind", ["SalesOrder", "Estimate"])
def test_orders_and_estimates_book_nothing(books, kind):
    (ret,) = books.done(books.form(kind, books.line(kind)))

    assert ret.findtext("TotalAmount") == "2.50"
    assert books.company.customers[0].balance == 0


def test_credit_memos_lower_the_balance_and_can_be_used_on_an_invoice(books):
    (memo,) = books.done(books.form("CreditMemo", books.line("CreditMemo", "<Amount>4.00</Amount>")))
    credit = f"<SetCredit><CreditTxnID>{memo.findtext('TxnID')}</CreditTxnID><AppliedAmount>{{}}</AppliedAmount></SetCredit>"
    line = books.line("Invoice", "<Amount>10.00</Amount>")
    too_much = books.code(books.form("Invoice", line, head=credit.format("5.00")))
    (invoice,) = books.done(books.form("Invoice", line, head=credit.format("3.00")))

    assert memo.findtext("CreditRemaining") == "4.00"
    assert too_much == 3210
    assert (invoice.findtext("AppliedAmount"), invoice.findtext("BalanceRemaining")) == ("-3.00", "7.00")
    assert [str(one.balance) for one in books.company.transactions("CreditMemo")] == ["1.00"]
    assert books.company.customers[0].balance == 6


def item(kind: str, name: str, rest: str) -> str:
    return f"<{kind}AddRq><{kind}Add><Name>{name}</Name>{rest}</{kind}Add></{kind}AddRq>"


SALES = "<AccountRef><FullName>Sales</FullName></AccountRef>"


def test_subtotals_and_percent_discounts(books):
    books.done(item("ItemSubtotal", "Sub", ""))
    books.done(item("ItemDiscount", "Ten", f"<DiscountRatePercent>10</DiscountRatePercent>{SALES}"))
    lines = "".join(
        (
            books.line("Invoice", "<Amount>10.00</Amount>"),
            books.line("Invoice", "<Amount>5.00</Amount>"),
            books.line("Invoice", item="Sub"),
            books.line("Invoice", item="Ten"),
            books.line("Invoice", "<Amount>1.00</Amount>"),
            books.line("Invoice", "<RatePercent>50</RatePercent>", item="Ten"),
        )
    )
    (ret,) = books.done(books.form("Invoice", lines))

    assert [amount for _, _, amount in lines_of(ret)] == ["10.00", "5.00", "15.00", "-1.50", "1.00", "-0.50"]
    assert ret.findtext("Subtotal") == "14.00"


def test_a_discount_takes_no_quantity_and_may_be_an_amount(books):
    books.done(item("ItemDiscount", "Off", SALES))
    line = books.line("Invoice")
    (ret,) = books.done(
        books.form("Invoice", line + books.line("Invoice", "<Amount>-0.50</Amount>", item="Off"))
    )

    assert ret.findtext("Subtotal") == "2.00"
    assert (
        books.code(books.form("Invoice", line + books.line("Invoice", "<Quantity>1</Quantity>", item="Off")))
        == 3151
    )


def test_groups_are_expanded(books):
    books.item("B1", "1.00")
    members = "".join(
        f"<ItemGroupLine><ItemRef><FullName>{name}</FullName></ItemRef><Quantity>{count}</Quantity></ItemGroupLine>"
        for name, count in (("A1", 2), ("B1", 1))
    )
    books.done(item("ItemGroup", "Box", f"<ItemDesc>A box</ItemDesc>{members}"))
    group = "<InvoiceLineGroupAdd><ItemGroupRef><FullName>Box</FullName></ItemGroupRef><Quantity>3</Quantity></InvoiceLineGroupAdd>"
    (ret,) = books.done(books.form("Invoice", group + books.line("Invoice")))
    box = ret.find("InvoiceLineGroupRet")

    assert (box.findtext("Desc"), box.findtext("TotalAmount")) == ("A box", "18.00")
    assert [line.findtext("Quantity") for line in box.findall("InvoiceLineRet")] == ["6", "3"]
    assert ret.findtext("Subtotal") == "20.50"
    assert len({line.findtext("TxnLineID") for line in ret.iter("InvoiceLineRet")}) == 3


def test_a_group_is_no_item_of_a_plain_line(books):
    member = "<ItemGroupLine><ItemRef><FullName>A1</FullName></ItemRef></ItemGroupLine>"
    books.done(item("ItemGroup", "Box", member))

    assert books.code(books.form("Invoice", books.line("Invoice", item="Box"))) == 3280
    assert books.company.invoices == []


def test_sales_tax_is_counted_on_taxable_lines(make):
    books = make(charges_sales_tax=True)
    non = "<SalesTaxCodeRef><FullName>NON</FullName></SalesTaxCodeRef>"
    lines = books.line("Invoice", "<Amount>10.00</Amount>") + books.line(
        "Invoice", f"<Amount>5.00</Amount>{non}"
    )
    (ret,) = books.done(books.form("Invoice", lines))

    assert ret.findtext("ItemSalesTaxRef/FullName") == "Sales Tax"
    assert (ret.findtext("Subtotal"), ret.findtext("SalesTaxPercentage")) == ("15.00", "8.25")
    assert (ret.findtext("SalesTaxTotal"), ret.findtext("BalanceRemaining")) == ("0.82", "15.82")
    assert str(books.company.books_total()) == "15.82"


def test_an_exempt_customer_pays_no_tax(make):
    books = make(charges_sales_tax=True)
    books.customer("Church", "<SalesTaxCodeRef><FullName>NON</FullName></SalesTaxCodeRef>")
    (ret,) = books.done(books.form("Invoice", books.line("Invoice"), customer="Church"))

    assert ret.findtext("SalesTaxTotal") == "0.00"


def test_where_no_tax_is_charged_every_line_is_not_taxable(books):
    tax = "<SalesTaxCodeRef><FullName>TAX</FullName></SalesTaxCodeRef>"
    (ret,) = books.done(books.form("Invoice", books.line("Invoice", tax)))

    assert ret.findtext("InvoiceLineRet/SalesTaxCodeRef/FullName") == "NON"


def test_the_class_of_the_header_is_copied_to_lines_without_one(books):
    books.done("<ClassAddRq><ClassAdd><Name>Web</Name></ClassAdd></ClassAddRq>")
    ref = "<ClassRef><FullName>Web</FullName></ClassRef>"
    (ret,) = books.done(books.form("Invoice", books.line("Invoice"), head=ref))

    assert ret.findtext("InvoiceLineRet/ClassRef/FullName") == "Web"


def test_a_thousand_invoices_are_all_there_and_found_by_number(books):
    body = "".join(
        books.form("Invoice", books.line("Invoice"), head=f"<RefNumber>N{number}</RefNumber>",
                   tail="<IncludeRetElement>TxnID</IncludeRetElement>")
        for number in range(1000)
    )  # fmt: skip
    books.done(body)
    (found,) = books.done("<InvoiceQueryRq><RefNumber>n777</RefNumber></InvoiceQueryRq>")

    assert len(books.company.invoices) == 1000
    assert found.findtext("RefNumber") == "N777"


def test_an_item_without_an_account_is_3270(books):
    """The special item for finance charges is made without one."""
    books.done(
        "<SpecialItemAddRq><SpecialItemAdd><SpecialItemType>FinanceCharge</SpecialItemType></SpecialItemAdd></SpecialItemAddRq>"
    )

    assert (
        books.code(books.form("Invoice", books.line("Invoice", "<Amount>1.00</Amount>", item="Fin Chg")))
        == 3270
    )
