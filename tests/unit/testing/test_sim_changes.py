"""Changing, deleting and voiding transactions; invoicing sales orders."""

from __future__ import annotations

import pytest


def mod(kind: str, ret, fields: str) -> str:
    ids = f"<TxnID>{ret.findtext('TxnID')}</TxnID><EditSequence>{ret.findtext('EditSequence')}</EditSequence>"
    return f"<{kind}ModRq><{kind}Mod>{ids}{fields}</{kind}Mod></{kind}ModRq>"


def line_mod(line_id: str, fields: str = "") -> str:
    return f"<InvoiceLineMod><TxnLineID>{line_id}</TxnLineID>{fields}</InvoiceLineMod>"


def delete(kind: str, ret) -> str:
    return f"<TxnDelRq><TxnDelType>{kind}</TxnDelType><TxnID>{ret.findtext('TxnID')}</TxnID></TxnDelRq>"


def void(kind: str, ret) -> str:
    return f"<TxnVoidRq><TxnVoidType>{kind}</TxnVoidType><TxnID>{ret.findtext('TxnID')}</TxnID></TxnVoidRq>"


@pytest.fixture
def invoice(books):
    """An invoice of two lines: 2 of A1 at 2.50, and 10.00."""
    lines = books.line("Invoice", "<Quantity>2</Quantity>") + books.line("Invoice", "<Amount>10.00</Amount>")
    (ret,) = books.done(books.form("Invoice", lines, head="<RefNumber>W1</RefNumber>"))
    return ret


def ids_of(ret) -> list[str]:
    return [line.findtext("TxnLineID") for line in ret.findall("InvoiceLineRet")]


def amounts(ret) -> list[str]:
    return [line.findtext("Amount") for line in ret.findall("InvoiceLineRet")]


def test_a_change_of_the_header_keeps_all_lines(books, invoice):
    (ret,) = books.done(mod("Invoice", invoice, "<RefNumber>W2</RefNumber>"))

    assert ids_of(ret) == ids_of(invoice)
    assert amounts(ret) == ["5.00", "10.00"]
    assert ret.findtext("BalanceRemaining") == "15.00"
    assert books.code("<InvoiceQueryRq><RefNumber>W1</RefNumber></InvoiceQueryRq>") == 1
    assert books.code("<InvoiceQueryRq><RefNumber>W2</RefNumber></InvoiceQueryRq>") == 0


def test_lines_left_out_are_deleted_and_minus_one_adds(books, invoice):
    new = line_mod("-1", "<ItemRef><FullName>A1</FullName></ItemRef><Quantity>4</Quantity>")
    (ret,) = books.done(mod("Invoice", invoice, line_mod(ids_of(invoice)[1]) + new))

    assert ids_of(ret)[0] == ids_of(invoice)[1]
    assert amounts(ret) == ["10.00", "10.00"]
    assert books.company.books_total() == 20
    assert books.company.customers[0].balance == 20


def test_a_new_quantity_alone_is_counted_with_the_old_rate(books, invoice):
    first, second = ids_of(invoice)
    body = line_mod(first, "<Quantity>3</Quantity>") + line_mod(second, "<Desc>other</Desc>")
    (ret,) = books.done(mod("Invoice", invoice, body))

    assert amounts(ret) == ["7.50", "10.00"]


def test_lines_in_another_order_are_3290_and_unknown_ones_3120(books, invoice):
    first, second = ids_of(invoice)

    assert books.code(mod("Invoice", invoice, line_mod(second) + line_mod(first))) == 3290
    assert books.code(mod("Invoice", invoice, line_mod("FF-1"))) == 3120


def test_a_stale_change_returns_the_object_as_it_is(books, invoice):
    books.done(mod("Invoice", invoice, "<PONumber>1</PONumber>"))
    rs = books.one(mod("Invoice", invoice, "<PONumber>2</PONumber>"))

    assert rs.get("statusCode") == "3200"
    assert rs[0].findtext("PONumber") == "1"


def test_some_fields_cannot_be_cleared_others_can(books, invoice):
    (ret,) = books.done(mod("Invoice", invoice, "<RefNumber></RefNumber>"))

    assert ret.find("RefNumber") is None
    assert books.code(mod("Invoice", ret, "<TxnDate></TxnDate>")) == 3190
    assert books.code(mod("Invoice", ret, line_mod(ids_of(ret)[0], "<Amount></Amount>"))) == 3190


@pytest.mark.parametrize(
    "nothing", ["<CustomerRef/>", "<CustomerRef><FullName></FullName></CustomerRef>", "<TemplateRef/>"]
)
def test_references_that_cannot_be_cleared(books, invoice, nothing):
    assert books.code(mod("Invoice", invoice, nothing)) == 3190
    assert books.company.invoices[0].fields["CustomerRef"]["FullName"] == "Ann Lee"


def test_the_item_of_a_line_cannot_be_cleared(books, invoice):
    assert books.code(mod("Invoice", invoice, line_mod(ids_of(invoice)[0], "<ItemRef/>"))) == 3190


def test_an_invoice_cannot_shrink_below_what_is_paid(books, invoice):
    books.done(books.payment(invoice.findtext("TxnID"), "12.00"))
    current = books.done("<InvoiceQueryRq><RefNumber>W1</RefNumber></InvoiceQueryRq>")[0]
    first, second = ids_of(invoice)

    assert books.code(mod("Invoice", current, line_mod(second))) == 3210
    (ret,) = books.done(mod("Invoice", current, line_mod(first) + line_mod(second, "<Amount>7.00</Amount>")))
    assert (ret.findtext("BalanceRemaining"), ret.findtext("IsPaid")) == ("0.00", "true")
    assert books.company.customers[0].balance == 0


def test_a_settled_invoice_stays_with_its_customer(books, invoice):
    """A payment belongs to the customer of its invoice."""
    books.customer("Bob")
    books.done(books.payment(invoice.findtext("TxnID"), "4.00"))
    current = books.done("<InvoiceQueryRq><RefNumber>W1</RefNumber></InvoiceQueryRq>")[0]
    to_bob = "<CustomerRef><FullName>Bob</FullName></CustomerRef>"
    to_ann = "<CustomerRef><FullName>Ann Lee</FullName></CustomerRef>"

    assert books.code(mod("Invoice", current, to_bob)) == 3210
    assert books.code(mod("Invoice", current, to_ann)) == 0


def test_changing_what_is_not_there_or_of_another_kind_is_3120(books, invoice):
    (order,) = books.done(books.form("SalesOrder", books.line("SalesOrder")))

    assert books.code(mod("Invoice", order, "<PONumber>1</PONumber>")) == 3120
    books.done(delete("Invoice", invoice))
    assert books.code(mod("Invoice", invoice, "<PONumber>1</PONumber>")) == 3120


GROUP = (
    "<ItemGroupAddRq><ItemGroupAdd><Name>Pair</Name><ItemGroupLine><ItemRef><FullName>A1</FullName></ItemRef>"
    "<Quantity>2</Quantity></ItemGroupLine></ItemGroupAdd></ItemGroupAddRq>"
)
NEW_GROUP = "<InvoiceLineGroupMod><TxnLineID>-1</TxnLineID>{ref}<Quantity>3</Quantity></InvoiceLineGroupMod>"


def test_a_new_group_is_expanded_and_one_without_its_item_is_refused(books, invoice):
    books.done(GROUP)
    ref = "<ItemGroupRef><FullName>Pair</FullName></ItemGroupRef>"

    assert books.code(mod("Invoice", invoice, NEW_GROUP.format(ref=""))) == 3150
    (ret,) = books.done(mod("Invoice", invoice, NEW_GROUP.format(ref=ref)))
    assert ret.findtext("InvoiceLineGroupRet/TotalAmount") == "15.00"
    assert ret.findtext("InvoiceLineGroupRet/InvoiceLineRet/Quantity") == "6"
    assert ret.findtext("InvoiceLineRet/TxnLineID") is None


def test_members_of_a_group_that_are_left_out_vanish(books, invoice):
    """Mention the group and every child, or children vanish."""
    books.done(GROUP)
    ref = "<ItemGroupRef><FullName>Pair</FullName></ItemGroupRef>"
    (ret,) = books.done(mod("Invoice", invoice, NEW_GROUP.format(ref=ref)))
    group, child = (
        ret.findtext(f"InvoiceLineGroupRet/{path}") for path in ("TxnLineID", "InvoiceLineRet/TxnLineID")
    )
    member = f"<InvoiceLineMod><TxnLineID>{child}</TxnLineID><Amount>9.00</Amount></InvoiceLineMod>"
    body = "<InvoiceLineGroupMod><TxnLineID>{}</TxnLineID>{}</InvoiceLineGroupMod>"
    (kept,) = books.done(mod("Invoice", ret, body.format(group, member)))
    (bare,) = books.done(mod("Invoice", kept, body.format(group, "")))

    assert kept.findtext("InvoiceLineGroupRet/TotalAmount") == "9.00"
    assert kept.findtext("InvoiceLineGroupRet/InvoiceLineRet/TxnLineID") == child
    assert bare.findtext("InvoiceLineGroupRet/TotalAmount") == "0.00"
    assert bare.find("InvoiceLineGroupRet/InvoiceLineRet") is None


def test_deleting_a_payment_opens_its_invoice_again(books, invoice):
    (payment,) = books.done(books.payment(invoice.findtext("TxnID"), "15.00"))
    books.done(delete("ReceivePayment", payment))
    accounts = {entry.full_name: entry.balance for entry in books.company.entries("Account")}

    assert books.company.open_balance() == books.company.customers[0].balance == 15
    assert accounts["Undeposited Funds"] == 0
    assert books.company.invoices[0].links == ()


def test_deleting_a_paid_invoice_leaves_the_payment_unused(books, invoice):
    books.done(books.payment(invoice.findtext("TxnID"), "15.00"))
    gone = books.one(delete("Invoice", invoice))
    (payment,) = books.done(
        "<ReceivePaymentQueryRq><IncludeLineItems>true</IncludeLineItems></ReceivePaymentQueryRq>"
    )

    assert [child.tag for child in gone] == ["TxnDelType", "TxnID", "TimeDeleted", "RefNumber"]
    assert payment.findtext("UnusedPayment") == "15.00"
    assert payment.find("AppliedToTxnRet") is None
    assert books.company.customers[0].balance == -15
    assert books.company.books_total() == 0


def test_deletions_show_in_the_deleted_query(books, invoice):
    books.done(delete("Invoice", invoice))
    (row,) = books.one("<TxnDeletedQueryRq><TxnDelType>Invoice</TxnDelType></TxnDeletedQueryRq>")

    assert (row.findtext("TxnID"), row.findtext("RefNumber")) == (invoice.findtext("TxnID"), "W1")
    assert books.code(delete("Invoice", invoice)) == 3120
    assert books.code("<TxnDeletedQueryRq><TxnDelType>Bill</TxnDelType></TxnDeletedQueryRq>") == 1


def test_a_void_keeps_the_record_with_zeros(books, invoice):
    books.done(books.payment(invoice.findtext("TxnID"), "15.00"))
    gone = books.one(void("Invoice", invoice))
    (ret,) = books.done(
        "<InvoiceQueryRq><RefNumber>W1</RefNumber><IncludeLineItems>true</IncludeLineItems></InvoiceQueryRq>"
    )

    assert gone.findtext("TxnVoidType") == "Invoice"
    assert amounts(ret) == ["0.00", "0.00"]
    assert (ret.findtext("Subtotal"), ret.findtext("BalanceRemaining")) == ("0.00", "0.00")
    assert ret.findtext("Memo") == "VOID:"
    assert books.company.payments[0].balance == 15


def test_what_is_of_another_kind_cannot_be_voided_or_deleted(books, invoice):
    (order,) = books.done(books.form("SalesOrder", books.line("SalesOrder")))

    assert books.code(void("Bill", order)) == 3120
    assert books.code(delete("Bill", order)) == 3120
    assert books.code(void("CreditMemo", invoice)) == 3120


# -- sales orders


def linked(books, order, rest: str = "") -> str:
    head = f"<LinkToTxnID>{order.findtext('TxnID')}</LinkToTxnID>"
    return books.form("Invoice", rest, head=head)


def part(order, line: int, quantity: str) -> str:
    line_id = order.findall("SalesOrderLineRet")[line].findtext("TxnLineID")
    return (
        f"<InvoiceLineAdd><Quantity>{quantity}</Quantity><LinkToTxn><TxnID>{order.findtext('TxnID')}</TxnID>"
        f"<TxnLineID>{line_id}</TxnLineID></LinkToTxn></InvoiceLineAdd>"
    )


@pytest.fixture
def order(books):
    """A sales order: 4 of A1 for 9.99, and 1 of A1 at 2.50."""
    lines = books.line("SalesOrder", "<Quantity>4</Quantity><Amount>9.99</Amount>") + books.line("SalesOrder")
    (ret,) = books.done(books.form("SalesOrder", lines))
    return ret


def state(books) -> tuple[str, list[str]]:
    (ret,) = books.done("<SalesOrderQueryRq><IncludeLineItems>true</IncludeLineItems></SalesOrderQueryRq>")
    return ret.findtext("IsFullyInvoiced"), [
        line.findtext("Invoiced") for line in ret.findall("SalesOrderLineRet")
    ]


def test_a_whole_order_becomes_an_invoice_and_closes(books, order):
    (ret,) = books.done(linked(books, order))
    (found,) = books.done(
        "<SalesOrderQueryRq><IncludeLinkedTxns>true</IncludeLinkedTxns></SalesOrderQueryRq>"
    )

    assert amounts(ret) == ["9.99", "2.50"]
    assert state(books) == ("true", ["4", "1"])
    assert ret.findtext("LinkedTxn/TxnID") == order.findtext("TxnID")
    assert ret.findtext("LinkedTxn/LinkType") == "QUANTYPE"
    assert found.findtext("LinkedTxn/TxnID") == ret.findtext("TxnID")
    assert found.findtext("LinkedTxn/Amount") == "12.49"


def test_single_lines_are_invoiced_in_parts(books, order):
    books.done(books.form("Invoice", part(order, 0, "1")))
    assert state(books) == ("false", ["1", "0"])

    assert books.code(books.form("Invoice", part(order, 0, "4"))) == 3210
    (rest,) = books.done(linked(books, order))
    assert [line.findtext("Quantity") for line in rest.findall("InvoiceLineRet")] == ["3", None]
    assert state(books) == ("true", ["4", "1"])


def test_a_closed_order_is_not_linked_and_warns(books, order):
    books.done(linked(books, order))
    rs = books.one(linked(books, order, books.line("Invoice")))

    assert (rs.get("statusCode"), rs.get("statusSeverity")) == ("570", "Warn")
    assert rs[0].find("LinkedTxn") is None


def test_links_that_are_refused(books, order):
    twice = linked(books, order).replace(
        "</LinkToTxnID>", f"</LinkToTxnID><LinkToTxnID>{order.findtext('TxnID')}</LinkToTxnID>"
    )
    books.customer("Bob")
    with_item = part(order, 0, "1").replace(
        "<Quantity>", "<ItemRef><FullName>A1</FullName></ItemRef><Quantity>"
    )

    assert books.code(twice) == 3177
    assert books.code(linked(books, order, part(order, 0, "1"))) == 3000
    assert books.code(books.form("Invoice", with_item)) == 3151
    assert books.code(linked(books, order).replace("Ann Lee", "Bob")) == 3210
    assert books.code(linked(books, order).replace(order.findtext("TxnID"), "FF-1")) == 3120
    assert state(books) == ("false", ["0", "0"])


def test_deleting_the_invoice_opens_the_order_again_and_keeps_it_from_deletion_before(books, order):
    (ret,) = books.done(linked(books, order))

    assert books.code(delete("SalesOrder", order)) == 3160
    books.done(delete("Invoice", ret))
    assert state(books) == ("false", ["0", "0"])
    assert books.code(delete("SalesOrder", order)) == 0
