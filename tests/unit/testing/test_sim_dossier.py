"""Single facts of the language that the simulated company holds to, beyond what the other files show."""

# A request is easier to read on one line than in pieces.
# ruff: noqa: E501

from __future__ import annotations

import pytest

from qbsync.qbxml import catalogue
from qbsync.testing import QuickBooksError

FORM = "<CustomerRef><FullName>Ann Lee</FullName></CustomerRef>{}<InvoiceLineAdd><ItemRef><FullName>A1</FullName></ItemRef>{}</InvoiceLineAdd>"


def customer(inner: str, name: str = "Bob") -> str:
    return f"<CustomerAddRq><CustomerAdd><Name>{name}</Name>{inner}</CustomerAdd></CustomerAddRq>"


def invoice(head: str = "", line: str = "") -> str:
    return f"<InvoiceAddRq><InvoiceAdd>{FORM.format(head, line)}</InvoiceAdd></InvoiceAddRq>"


@pytest.mark.parametrize(
    ("request_of", "longest"),
    [
        (lambda text: customer("", text), 41), (lambda text: customer(f"<CompanyName>{text}</CompanyName>"), 41),
        (lambda text: customer(f"<Salutation>{text}</Salutation>"), 15), (lambda text: customer(f"<MiddleName>{text}</MiddleName>"), 5),
        (lambda text: customer(f"<Phone>{text}</Phone>"), 21), (lambda text: customer(f"<Email>{text}</Email>"), 1023),
        (lambda text: customer(f"<BillAddress><Addr1>{text}</Addr1></BillAddress>"), 41),
        (lambda text: customer(f"<BillAddress><City>{text}</City></BillAddress>"), 31),
        (lambda text: customer(f"<BillAddress><State>{text}</State></BillAddress>"), 21),
        (lambda text: customer(f"<BillAddress><PostalCode>{text}</PostalCode></BillAddress>"), 13),
        (lambda text: customer(f"<Notes>{text}</Notes>"), 4095), (lambda text: customer(f"<AccountNumber>{text}</AccountNumber>"), 99),
        (lambda text: invoice(f"<RefNumber>{text}</RefNumber>"), 11), (lambda text: invoice(f"<PONumber>{text}</PONumber>"), 25),
        (lambda text: invoice(f"<FOB>{text}</FOB>"), 13), (lambda text: invoice(f"<Other>{text}</Other>"), 29),
        (lambda text: invoice(line=f"<Desc>{text}</Desc>"), 4095), (lambda text: invoice(line=f"<Other1>{text}</Other1>"), 29),
        (lambda text: f"<ShipMethodAddRq><ShipMethodAdd><Name>{text}</Name></ShipMethodAdd></ShipMethodAddRq>", 15),
        (lambda text: f"<SalesTaxCodeAddRq><SalesTaxCodeAdd><Name>{text}</Name><IsTaxable>true</IsTaxable></SalesTaxCodeAdd></SalesTaxCodeAddRq>", 3),
        (lambda text: f"<CustomerMsgAddRq><CustomerMsgAdd><Name>{text}</Name></CustomerMsgAdd></CustomerMsgAddRq>", 101),
        (lambda text: f"<ItemSubtotalAddRq><ItemSubtotalAdd><Name>{text}</Name></ItemSubtotalAdd></ItemSubtotalAddRq>", 31),
        (lambda text: f"<AccountAddRq><AccountAdd><Name>{text}</Name><AccountType>Bank</AccountType></AccountAdd></AccountAddRq>", 31),
    ],
)  # fmt: skip
def test_lengths(books, request_of, longest):
    """The longest text is taken, one character more is 3070, which states the limit; nothing is cut."""
    rs = books.one(request_of("x" * (longest + 1)))

    assert rs.get("statusCode") == "3070"
    assert str(longest) in rs.get("statusMessage")
    assert books.code(request_of("x" * longest)) == 0


def test_printed_lines_of_addresses_are_cut(books):
    """City, state and postcode together may be longer than a printed line; there are five lines at most."""
    city, state = "C" * 31, "S" * 21
    address = f"<BillAddress>{''.join(f'<Addr{n}>{n}</Addr{n}>' for n in range(1, 4))}<City>{city}</City><State>{state}</State><Country>X</Country></BillAddress>"
    (ret,) = books.done(customer(address))
    block = [line.text for line in ret.find("BillAddressBlock")]

    assert block == ["1", "2", "3", f"{city}, {state}"[:41], "X"]


def test_a_payment_has_a_longer_number(books):
    body = f"<ReceivePaymentAddRq><ReceivePaymentAdd><CustomerRef><FullName>Ann Lee</FullName></CustomerRef><RefNumber>{'1' * 20}</RefNumber><TotalAmount>1.00</TotalAmount><IsAutoApply>false</IsAutoApply></ReceivePaymentAdd></ReceivePaymentAddRq>"

    assert books.code(body) == 0
    assert books.code(body.replace("1" * 20, "1" * 21)) == 3070


def test_shared_aggregates_repeat_as_often_as_the_schema_says(books):
    """Fifty ship-to addresses are taken; one more refuses the document."""
    address = "<ShipToAddress><Name>{}</Name></ShipToAddress>"
    fifty = "".join(address.format(number) for number in range(50))

    assert books.code(customer(fifty)) == 0
    with pytest.raises(QuickBooksError, match="0x80040400"):
        books.one(customer(fifty + address.format(50), "Cy"))


def test_what_was_deleted_shows_for_90_days(books):
    ret = books.customer("Bob")
    books.ask(
        f"<ListDelRq><ListDelType>Customer</ListDelType><ListID>{ret.findtext('ListID')}</ListID></ListDelRq>"
    )
    asked = "<ListDeletedQueryRq><ListDelType>Customer</ListDelType></ListDeletedQueryRq>"

    assert books.code(asked) == 0
    books.company.wait(89 * 86400)
    assert books.code(asked) == 0
    books.company.wait(3 * 86400)
    assert books.code(asked) == 1


def test_deletions_come_by_type_and_in_their_order_and_by_date(books):
    numbers = {}
    for kind in ("SalesOrder", "Invoice", "SalesOrder"):
        (ret,) = books.done(books.form(kind, books.line(kind, "<Amount>1.00</Amount>")))
        numbers.setdefault(kind, []).append(ret.findtext("TxnID"))
        books.ask(
            f"<TxnDelRq><TxnDelType>{kind}</TxnDelType><TxnID>{ret.findtext('TxnID')}</TxnID></TxnDelRq>"
        )
    types = "<TxnDelType>Invoice</TxnDelType><TxnDelType>SalesOrder</TxnDelType>"
    rs = books.one(f"<TxnDeletedQueryRq>{types}</TxnDeletedQueryRq>")
    later = "<DeletedDateRangeFilter><FromDeletedDate>2030-01-01</FromDeletedDate></DeletedDateRangeFilter>"

    assert [row.findtext("TxnID") for row in rs] == [*numbers["Invoice"], *numbers["SalesOrder"]]
    assert books.code(f"<TxnDeletedQueryRq>{types}{later}</TxnDeletedQueryRq>") == 1


@pytest.mark.parametrize(("name", "code"), [("State Tax Office", 0), ("Ann Lee", 3140)])
def test_a_sales_representative_is_a_vendor_an_employee_or_another_name(books, name, code):
    body = f"<SalesRepAddRq><SalesRepAdd><Initial>XX</Initial><SalesRepEntityRef><FullName>{name}</FullName></SalesRepEntityRef></SalesRepAdd></SalesRepAddRq>"

    assert books.code(body) == code


@pytest.mark.parametrize(
    "body",
    [
        '<AccountQueryRq iterator="Start"><MaxReturned>1</MaxReturned></AccountQueryRq>',
        '<ClassQueryRq iterator="Start"><MaxReturned>1</MaxReturned></ClassQueryRq>',
        '<PreferencesQueryRq metaData="MetaDataOnly"/>',
        '<HostQueryRq metaData="MetaDataOnly"/>',
        "<CustomerQueryRq><ListID>1</ListID><FullName>A</FullName></CustomerQueryRq>",
        "<CustomerQueryRq><OwnerID>0</OwnerID><IncludeRetElement>Name</IncludeRetElement></CustomerQueryRq>",
        "<InvoiceQueryRq><IncludeLineItems>true</IncludeLineItems><TxnID>1</TxnID></InvoiceQueryRq>",
        "<CustomerQueryRq><Email>a@b.c</Email></CustomerQueryRq>",
        "<DepositQueryRq><RefNumber>1</RefNumber></DepositQueryRq>",
        "<SalesOrderQueryRq><AccountFilter><FullName>Sales</FullName></AccountFilter></SalesOrderQueryRq>",
        "<InventorySiteQueryRq><MaxReturned>1</MaxReturned></InventorySiteQueryRq>",
        "<ListDeletedQueryRq/>",
        '<CustomerAddRq><CustomerAdd defMacro="ListID:a"><Name>A</Name></CustomerAdd></CustomerAddRq>',
        '<InvoiceAddRq><InvoiceAdd><CustomerRef><FullName>Ann Lee</FullName></CustomerRef><LinkToTxnID useMacro="TxnID:a"/></InvoiceAdd></InvoiceAddRq>',
    ],
)
def test_what_a_request_does_not_have_refuses_the_document(books, body):
    """Iterators, counts, filters and macros stand where the language has them and nowhere else."""
    with pytest.raises(QuickBooksError, match="0x80040400"):
        books.one(body)


def test_46_queries_page_and_80_count():
    """How many queries have the attributes, as the schema has them."""
    queries = [name for name in catalogue.names() if name.endswith("QueryRq")]
    having = {
        attribute: [
            name for name in queries if attribute in {one.name for one in catalogue.message(name).attributes}
        ]
        for attribute in ("iterator", "metaData")
    }

    assert (len(having["iterator"]), len(having["metaData"])) == (46, 80)


@pytest.mark.parametrize(("element", "word"), [("TxnDelType", "Transfer"), ("TxnVoidType", "SalesOrder")])
def test_kinds_that_cannot_go_are_3110(books, element, word):
    """There is no delete for transfers and no void for orders; an unknown word fails its request alone."""
    name = element.removesuffix("Type")
    first, second = books.ask(
        f"<{name}Rq><{element}>{word}</{element}><TxnID>1</TxnID></{name}Rq><HostQueryRq/>"
    )

    assert (first.get("statusCode"), second.get("statusCode")) == ("3110", "0")


def test_free_fields_need_no_definition(books):
    (ret,) = books.done(invoice("<Other>a</Other>", "<Other1>b</Other1><Other2>c</Other2>"))

    assert [ret.findtext(path) for path in ("Other", "InvoiceLineRet/Other1", "InvoiceLineRet/Other2")] == [
        "a",
        "b",
        "c",
    ]


def test_gift_cards_lower_what_is_owed(books):
    """A payment item takes off the form's balance whatever sign its amount has."""
    books.done("<ItemPaymentAddRq><ItemPaymentAdd><Name>Gift</Name></ItemPaymentAdd></ItemPaymentAddRq>")
    lines = books.line("Invoice", "<Amount>10.00</Amount>") + books.line(
        "Invoice", "<Amount>4.00</Amount>", item="Gift"
    )
    (ret,) = books.done(books.form("Invoice", lines))

    assert ret.findtext("BalanceRemaining") == "6.00"


def test_terms_of_both_kinds_give_the_due_date(books):
    head = "<TxnDate>2024-01-15</TxnDate><TermsRef><FullName>{}</FullName></TermsRef>"
    days = [
        books.done(invoice(head.format(name)))[0].findtext("DueDate")
        for name in ("Net 30", "Due on the 10th")
    ]

    assert days == ["2024-02-14", "2024-02-10"]
    assert (
        books.done(invoice(head.format("Due on the 10th").replace("01-15", "01-05")))[0].findtext("DueDate")
        == "2024-01-10"
    )


def test_an_item_with_a_percentage_counts_on_the_line_above(books):
    account = "<AccountRef><FullName>Sales</FullName></AccountRef>"
    books.done(
        f"<ItemOtherChargeAddRq><ItemOtherChargeAdd><Name>Fee</Name><SalesOrPurchase><PricePercent>10</PricePercent>{account}</SalesOrPurchase></ItemOtherChargeAdd></ItemOtherChargeAddRq>"
    )
    (ret,) = books.done(
        books.form(
            "Invoice", books.line("Invoice", "<Amount>50.00</Amount>") + books.line("Invoice", item="Fee")
        )
    )

    assert [line.findtext("Amount") for line in ret.findall("InvoiceLineRet")] == ["50.00", "5.00"]
    assert ret.findall("InvoiceLineRet")[1].findtext("RatePercent") == "10.00"


def test_line_macros_are_defined_too(books):
    """A ``TxnLineID`` macro of a line stands for that line's ID later in the set."""
    body = (
        invoice()
        .replace("<InvoiceAdd>", '<InvoiceAdd defMacro="TxnID:a">')
        .replace("<InvoiceLineAdd>", '<InvoiceLineAdd defMacro="TxnLineID:b">')
    )
    mark = '<ClearedStatusModRq><ClearedStatusMod><TxnID useMacro="TxnID:a"/><TxnLineID useMacro="TxnLineID:b"/><ClearedStatus>Cleared</ClearedStatus></ClearedStatusMod></ClearedStatusModRq>'

    assert [rs.get("statusCode") for rs in books.ask(body + mark)] == ["0", "0"]


def test_a_price_level_per_item_may_be_an_adjustment(books):
    item = "<ItemRef><FullName>A1</FullName></ItemRef>"
    (ret,) = books.done(
        f"<PriceLevelAddRq><PriceLevelAdd><Name>Plus</Name><PriceLevelPerItem>{item}<AdjustPercentage>20</AdjustPercentage><AdjustRelativeTo>StandardPrice</AdjustRelativeTo></PriceLevelPerItem></PriceLevelAdd></PriceLevelAddRq>"
    )

    assert (ret.findtext("PriceLevelType"), ret.findtext("PriceLevelPerItemRet/CustomPrice")) == (
        "PerItem",
        "3.00",
    )
    assert len(books.one(f"<PriceLevelQueryRq>{item}</PriceLevelQueryRq>")) == 1
