"""Requests about single things: special accounts and items, merging, mappings, windows, computed queries."""

# A request is easier to read on one line than in pieces.
# ruff: noqa: E501

from __future__ import annotations

import pytest

from qbsync.qbxml.schema import validate
from qbsync.testing import Company


def special(kind: str) -> str:
    return f"<SpecialAccountAddRq><SpecialAccountAdd><SpecialAccountType>{kind}</SpecialAccountType></SpecialAccountAdd></SpecialAccountAddRq>"


def merge(kind: str, source, target, more: str = "") -> str:
    sides = "".join(
        f"<Merge{side}><ListID>{ret.findtext('ListID')}</ListID><EditSequence>{ret.findtext('EditSequence')}</EditSequence></Merge{side}>"
        for side, ret in (("From", source), ("To", target))
    )
    return f"<ListMergeRq><ListMergeType>{kind}</ListMergeType>{sides}{more}</ListMergeRq>"


def test_special_accounts_are_made_once(empty):
    (ret,) = empty.done(special("PettyCash"))

    assert (ret.findtext("AccountType"), ret.findtext("SpecialAccountType")) == ("Bank", "PettyCash")
    assert empty.code(special("PettyCash")) == 3100
    assert empty.code(special("UndepositedFunds")) == 3100


@pytest.mark.parametrize(
    ("kind", "element"),
    [("FinanceCharge", "ItemOtherChargeRet"), ("ReimbursableExpenseGroup", "ItemGroupRet"), ("ReimbursableExpenseSubtotal", "ItemSubtotalRet")],
)  # fmt: skip
def test_special_items(empty, kind, element):
    body = f"<SpecialItemAddRq><SpecialItemAdd><SpecialItemType>{kind}</SpecialItemType><BarCode><BarCodeValue>77</BarCodeValue></BarCode></SpecialItemAdd></SpecialItemAddRq>"
    (ret,) = empty.done(body)

    assert (ret.tag, ret.findtext("SpecialItemType")) == (element, kind)
    assert empty.code(body) == 3100
    assert (
        empty.one("<BarCodeQueryRq><BarCodeValue>77</BarCodeValue></BarCodeQueryRq>").findtext(
            "BarCodeRet/ListType"
        )
        == element[:-3]
    )


def test_merging_moves_everything_to_the_other_entry(books):
    """The from object disappears; forms, jobs and balances are the other's."""
    other = books.customer("Anne Lee")
    books.customer("Job", "<ParentRef><FullName>Anne Lee</FullName></ParentRef>")
    books.invoice("W1", "10.00", customer="Anne Lee")
    target = books.one("<CustomerQueryRq><FullName>Ann Lee</FullName></CustomerQueryRq>")[0]
    source = books.one("<CustomerQueryRq><FullName>Anne Lee</FullName></CustomerQueryRq>")[0]
    (moved,) = [books.one(merge("Customer", source, target))]

    assert (moved.findtext("MergedFrom/FullName"), moved.findtext("MergedTo/FullName")) == (
        "Anne Lee",
        "Ann Lee",
    )
    assert books.company.invoices[0].customer == "Ann Lee"
    assert [str(entry.balance) for entry in books.company.customers] == ["10.00", "0.00"]
    assert [entry.full_name for entry in books.company.customers] == ["Ann Lee", "Ann Lee:Job"]
    assert books.one("<ListDeletedQueryRq><ListDelType>Customer</ListDelType></ListDeletedQueryRq>").findtext(
        "ListDeletedRet/ListID"
    ) == other.findtext("ListID")


def test_merges_that_are_refused(books):
    one = books.one("<CustomerQueryRq><FullName>Ann Lee</FullName></CustomerQueryRq>")[0]
    address = "<ShipAddress><Addr1>1 Main</Addr1></ShipAddress>"
    other, far = books.customer("Anne"), books.customer("Far", address)
    bank, income = (
        books.one(f"<AccountQueryRq><FullName>{name}</FullName></AccountQueryRq>")[0]
        for name in ("Checking", "Sales")
    )

    assert books.code(merge("Customer", one, one)) == 3500
    assert books.code(merge("Customer", far, one)) == 3500
    assert books.code(merge("Vendor", other, one)) == 3120
    assert books.code(merge("Account", bank, income)) == 3500
    stale = merge("Customer", other, one).replace(
        f"<EditSequence>{other.findtext('EditSequence')}", "<EditSequence>1"
    )
    assert books.code(stale) == 3200
    assert books.code(merge("Customer", far, one, "<SameShipAddrOk>true</SameShipAddrOk>")) == 0


def test_cleared_marks_need_a_line_that_is_there(books):
    invoice = books.invoice("W1")
    body = f"<ClearedStatusModRq><ClearedStatusMod><TxnID>{invoice.findtext('TxnID')}</TxnID><TxnLineID>{{}}</TxnLineID><ClearedStatus>Cleared</ClearedStatus></ClearedStatusMod></ClearedStatusModRq>"

    assert books.code(body.format(invoice.findtext("InvoiceLineRet/TxnLineID"))) == 0
    assert books.code(body.format("9-9")) == 3120


def test_windows_open_for_what_is_there(books):
    item = books.company.items[0].list_id
    invoice = books.invoice("W1").findtext("TxnID")

    assert (
        books.code("<ListDisplayAddRq><ListDisplayAddType>Item</ListDisplayAddType></ListDisplayAddRq>") == 0
    )
    assert (
        books.code(
            f"<ListDisplayModRq><ListDisplayModType>Item</ListDisplayModType><ListID>{item}</ListID></ListDisplayModRq>"
        )
        == 0
    )
    assert (
        books.code(
            "<ListDisplayModRq><ListDisplayModType>Item</ListDisplayModType><ListID>1</ListID></ListDisplayModRq>"
        )
        == 3120
    )
    assert (
        books.code(
            f"<TxnDisplayModRq><TxnDisplayModType>Invoice</TxnDisplayModType><TxnID>{invoice}</TxnID></TxnDisplayModRq>"
        )
        == 0
    )
    assert (
        books.code(
            f"<TxnDisplayModRq><TxnDisplayModType>Bill</TxnDisplayModType><TxnID>{invoice}</TxnID></TxnDisplayModRq>"
        )
        == 3000
    )


def test_the_1099_mapping_is_kept(empty):
    account = "<MappingAccount><AccountRef><FullName>{}</FullName></AccountRef></MappingAccount>"
    body = "<Form1099CategoryAccountMappingModRq><Form1099CategoryAccountMappingMod><CategoryAccountMappingMod><MappingCategory>BOX1</MappingCategory>{}<Threshold>600.00</Threshold></CategoryAccountMappingMod></Form1099CategoryAccountMappingMod></Form1099CategoryAccountMappingModRq>"
    query = "<Form1099CategoryAccountMappingQueryRq/>"

    assert empty.code(query) == 1
    assert empty.code(body.format(account.format("Nothing"))) == 3140
    assert empty.code(body.format(account.format("Rent"))) == 0
    assert empty.one(query).findtext("*/CategoryAccountMapping/AccountRef/FullName") == "Rent"


def test_sales_tax_owed_is_summed_up_by_agency(make):
    books = make(charges_sales_tax=True)
    lines = books.line("Invoice", "<Amount>100.00</Amount>")
    books.done(books.form("Invoice", lines))
    owed = books.one("<SalesTaxPayableQueryRq/>")
    paid = "<SalesTaxPaymentCheckAddRq><SalesTaxPaymentCheckAdd><PayeeEntityRef><FullName>State Tax Office</FullName></PayeeEntityRef><TxnDate>2024-01-05</TxnDate><BankAccountRef><FullName>Checking</FullName></BankAccountRef><IsToBePrinted>true</IsToBePrinted><SalesTaxPaymentCheckLineAdd><ItemSalesTaxRef><FullName>Sales Tax</FullName></ItemSalesTaxRef><Amount>8.00</Amount></SalesTaxPaymentCheckLineAdd></SalesTaxPaymentCheckAdd></SalesTaxPaymentCheckAddRq>"
    books.done(paid)

    assert owed.findtext("SalesTaxPayableRet/PayeeEntityRef/FullName") == "State Tax Office"
    assert owed.findtext("SalesTaxPayableRet/Amount") == "8.25"
    assert books.one("<SalesTaxPayableQueryRq/>").findtext("SalesTaxPayableRet/Amount") == "0.25"


def test_host_tells_capacities_when_asked(empty):
    asked = "<HostQueryRq><IncludeListMetaData><IncludeMaxCapacity>true</IncludeMaxCapacity></IncludeListMetaData></HostQueryRq>"

    assert empty.one(asked).findtext("HostRet/ListMetaData/EntityMetaData/MaxCapacity") == "100000"
    assert empty.one("<HostQueryRq/>").find("HostRet/ListMetaData") is None


def test_other_editions_have_requests_of_their_own():
    text = '<?xml version="1.0"?><?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="stopOnError">{}</QBXMLMsgsRq></QBXML>'
    agency = "<TaxAgencyVendorRef><FullName>State Tax Office</FullName></TaxAgencyVendorRef>"

    assert 'statusCode="0"' in Company(country="UK").process(text.format("<SalesTaxReturnQueryRq/>"))
    assert "TaxOnSales" in Company(country="UK").process(
        text.format(f"<SalesTaxReturnLineQueryRq>{agency}</SalesTaxReturnLineQueryRq>")
    )
    assert "PeriodEndDate" in Company(country="OE").process(text.format("<PayrollLastPeriodQueryRq/>"))


# -- reports


def report(books, kind: str, name: str, inner: str = "") -> tuple[list[str], list[list[str]]]:
    """Return the titles of a report's columns and the cells of its rows."""
    rs = books.one(
        f"<{kind}ReportQueryRq><{kind}ReportType>{name}</{kind}ReportType>{inner}</{kind}ReportQueryRq>"
    )
    ret = rs.find("ReportRet")
    columns = [column.find("ColTitle").get("value", "") for column in ret.findall("ColDesc")]
    rows = [[cell.get("value") for cell in row.findall("ColData")] for row in ret.find("ReportData")]
    assert ret.findtext("NumRows") == str(len(rows))
    assert ret.findtext("NumColumns") == str(len(columns))
    return columns, rows


def test_the_trial_balance_adds_up_to_nothing(books):
    books.invoice("W1", "10.00")
    _, rows = report(books, "GeneralSummary", "TrialBalance", "<ReportDateMacro>All</ReportDateMacro>")

    assert rows == [["Accounts Receivable", "10.00"], ["Sales", "-10.00"], ["TOTAL", "0.00"]]


def test_profit_and_balance_take_their_own_accounts(books):
    books.invoice("W1", "10.00")
    every = "<ReportDateMacro>All</ReportDateMacro>"

    assert report(books, "GeneralSummary", "ProfitAndLossStandard", every)[1][0] == ["Sales", "-10.00"]
    assert report(books, "GeneralSummary", "BalanceSheetStandard", every)[1][0] == [
        "Accounts Receivable",
        "10.00",
    ]
    assert report(books, "GeneralSummary", "CustomerBalanceSummary", every)[1][0] == ["Ann Lee", "10.00"]
    assert report(books, "GeneralSummary", "SalesByCustomerSummary", every)[1][0] == ["Ann Lee", "10.00"]


def test_ageing_puts_what_is_open_by_its_due_date(books):
    books.invoice("W1", "10.00")
    books.company.wait(40 * 86400)
    columns, rows = report(books, "Aging", "ARAgingSummary", "<ReportDateMacro>All</ReportDateMacro>")

    assert columns == ["", "Current", "1 - 30", "31 - 60", "61 - 90", "> 90", "Total"]
    assert rows[0] == ["Ann Lee", "0.00", "0.00", "10.00", "0.00", "0.00", "10.00"]


def test_details_list_transactions_in_their_period(books):
    books.invoice("W1", "10.00")
    period = "<ReportPeriod><FromReportDate>2024-01-05</FromReportDate><ToReportDate>{}</ToReportDate></ReportPeriod>"
    _, rows = report(books, "GeneralDetail", "TxnListByDate", period.format("2024-01-05"))

    assert rows[0] == ["Invoice", "2024-01-05", "W1", "Ann Lee", "10.00"]
    upside_down = (
        "<GeneralDetailReportQueryRq><GeneralDetailReportType>TxnListByDate</GeneralDetailReportType>"
    )
    assert books.code(f"{upside_down}{period.format('2023-01-01')}</GeneralDetailReportQueryRq>") == 3030


@pytest.mark.parametrize(
    ("inner", "numbers"),
    [
        ("", ["W1", "W2"]),
        ("<ReportEntityFilter><FullName>Bob</FullName></ReportEntityFilter>", ["W2"]),
        ("<ReportAccountFilter><FullName>Sales</FullName></ReportAccountFilter>", ["W1", "W2"]),
        ("<ReportAccountFilter><FullName>Rent</FullName></ReportAccountFilter>", []),
        ("<ReportItemFilter><FullName>A1</FullName></ReportItemFilter>", ["W1", "W2"]),
        ("<ReportTxnTypeFilter><TxnTypeFilter>Bill</TxnTypeFilter></ReportTxnTypeFilter>", []),
    ],
)
def test_reports_keep_to_their_filters(books, inner, numbers):
    """Entities, accounts, items, classes and kinds of transactions narrow a report; a missing name is 3140."""
    books.customer("Bob")
    books.invoice("W1")
    books.invoice("W2", customer="Bob")
    every = f"<ReportDateMacro>All</ReportDateMacro>{inner}"

    assert [row[2] for row in report(books, "GeneralDetail", "TxnListByDate", every)[1][:-1]] == numbers
    missing = "<GeneralDetailReportQueryRq><GeneralDetailReportType>TxnListByDate</GeneralDetailReportType><ReportEntityFilter><FullName>Ghost</FullName></ReportEntityFilter></GeneralDetailReportQueryRq>"
    assert books.code(missing) == 3140


def test_reports_are_what_the_schema_says_and_quote_names(books):
    books.customer('A &amp; &lt;B&gt; "C"')
    books.invoice("W1", "10.00", customer='A &amp; &lt;B&gt; "C"')
    body = "<GeneralSummaryReportQueryRq><GeneralSummaryReportType>CustomerBalanceSummary</GeneralSummaryReportType></GeneralSummaryReportQueryRq>"
    answer = books.company.process(books.text(body))

    assert validate(answer, version="13.0") == []
    assert report(books, "GeneralSummary", "CustomerBalanceSummary")[1][0][0] == 'A & <B> "C"'
