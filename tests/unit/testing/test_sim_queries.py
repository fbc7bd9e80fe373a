"""Queries: selecting, filters, what was not found, pages, iterators, counts."""

# A request is easier to read on one line than in pieces.
# ruff: noqa: E501, ISC004

from __future__ import annotations

import pytest

CUSTOMERS = ("Ann Lee", "Bob", "Cleo", "Dora")


@pytest.fixture
def four(books):
    """Four customers, created one second apart, the last one inactive."""
    for name in CUSTOMERS[1:]:
        books.company.wait(1)
        books.customer(name, "<IsActive>false</IsActive>" if name == "Dora" else "")
    return books


def names(books, body: str, **options) -> list[str]:
    return [ret.findtext("FullName") for ret in books.one(body, **options)]


def query(inner: str = "", attributes: str = "", kind: str = "Customer") -> str:
    return (
        f"<{kind}QueryRq {attributes}>{inner}</{kind}QueryRq>" if inner else f"<{kind}QueryRq {attributes}/>"
    )


def test_only_active_entries_come_by_default_sorted_by_name(four):
    assert names(four, query()) == ["Ann Lee", "Bob", "Cleo"]
    assert names(four, query("<ActiveStatus>All</ActiveStatus>")) == list(CUSTOMERS)
    assert names(four, query("<ActiveStatus>InactiveOnly</ActiveStatus>")) == ["Dora"]


def test_lookups_by_name_ignore_case_and_find_inactive_entries(four):
    assert names(four, query("<FullName>dora</FullName><FullName>BOB</FullName>")) == ["Bob", "Dora"]


def test_lookups_miss_inactive_entries_by_a_switch(make):
    books = make(lookups_find_inactive=False)
    books.customer("Dora", "<IsActive>false</IsActive>")

    assert books.code(query("<FullName>Dora</FullName>")) == 500


def test_missing_names_warn_and_the_others_come(four):
    rs = four.one(query("<FullName>Ann Lee</FullName><FullName>Zoe</FullName><FullName>Bob</FullName>"))

    assert (rs.get("statusCode"), rs.get("statusSeverity")) == ("500", "Warn")
    assert "Zoe" in rs.get("statusMessage")
    assert [ret.findtext("FullName") for ret in rs] == ["Ann Lee", "Bob"]


def test_a_query_stops_at_the_first_missing_name_by_a_switch(make):
    books = make(list_query_stops_at_first_missing=True)
    books.customer("Bob")
    rs = books.one(query("<FullName>Ann Lee</FullName><FullName>Zoe</FullName><FullName>Bob</FullName>"))

    assert [ret.findtext("FullName") for ret in rs] == ["Ann Lee"]
    assert rs.get("statusCode") == "500"


def test_nothing_found(four):
    """By filter status 1, by names or IDs 500, by numbers 1; never an error."""
    assert (
        four.code(
            query("<NameFilter><MatchCriterion>StartsWith</MatchCriterion><Name>zz</Name></NameFilter>")
        )
        == 1
    )
    assert four.code(query("<FullName>Zoe</FullName>")) == 500
    assert four.code(query("<ListID>1-1</ListID>")) == 500
    assert four.code(query("<RefNumber>9</RefNumber>", kind="Invoice")) == 1
    assert four.code(query("<TxnID>9-9</TxnID>", kind="Invoice")) == 500
    assert four.code(query(kind="Invoice")) == 1
    assert four.code(query(kind="Bill")) == 1


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ("<NameFilter><MatchCriterion>StartsWith</MatchCriterion><Name>b</Name></NameFilter>", ["Bob"]),
        (
            "<NameFilter><MatchCriterion>Contains</MatchCriterion><Name>LE</Name></NameFilter>",
            ["Ann Lee", "Cleo"],
        ),
        ("<NameFilter><MatchCriterion>EndsWith</MatchCriterion><Name>o</Name></NameFilter>", ["Cleo"]),
        ("<NameRangeFilter><FromName>b</FromName><ToName>cleo</ToName></NameRangeFilter>", ["Bob", "Cleo"]),
        ("<NameRangeFilter><FromName>c</FromName></NameRangeFilter>", ["Cleo"]),
        ("<MaxReturned>2</MaxReturned>", ["Ann Lee", "Bob"]),
        ("<FromModifiedDate>2024-01-03</FromModifiedDate>", []),
        ("<ToModifiedDate>2024-01-02</ToModifiedDate>", ["Ann Lee", "Bob", "Cleo"]),
        (
            "<TotalBalanceFilter><Operator>GreaterThan</Operator><Amount>0.00</Amount></TotalBalanceFilter>",
            ["Bob"],
        ),
    ],
)
def test_list_filters(four, inner, expected):
    four.invoice(customer="Bob")

    assert names(four, query(inner)) == expected


def test_modified_dates_are_inclusive_and_their_offset_is_ignored(four):
    stamp = next(one for one in four.company.customers if one.full_name == "Bob").fields["TimeModified"]
    inner = f"<FromModifiedDate>{stamp[:19]}+09:00</FromModifiedDate><ToModifiedDate>{stamp}</ToModifiedDate>"

    assert names(four, query(inner)) == ["Bob"]


@pytest.mark.parametrize(
    ("inner", "code", "kind"),
    [
        ("<FromModifiedDate>2024-02-01</FromModifiedDate><ToModifiedDate>2024-01-01</ToModifiedDate>", 3030, "Customer"),
        ("<NameRangeFilter><FromName>c</FromName><ToName>b</ToName></NameRangeFilter>", 3031, "Customer"),
        ("<ClassFilter><FullName>None</FullName></ClassFilter>", 3140, "Customer"),
        ("<TxnDateRangeFilter><FromTxnDate>2024-02-01</FromTxnDate><ToTxnDate>2024-01-01</ToTxnDate>"
         "</TxnDateRangeFilter>", 3030, "Invoice"),
        ("<RefNumberRangeFilter><FromRefNumber>b</FromRefNumber><ToRefNumber>a</ToRefNumber></RefNumberRangeFilter>",
         3031, "Invoice"),
        ("<EntityFilter><FullName>Nobody</FullName></EntityFilter>", 3140, "Invoice"),
        ("<MaxReturned>0</MaxReturned>", 3085, "Customer"),
    ],
)  # fmt: skip
def test_filters_that_cannot_be(four, inner, code, kind):
    assert four.code(query(inner, kind=kind)) == code


def test_account_types_and_classes_filter(books):
    books.done("<ClassAddRq><ClassAdd><Name>Web</Name></ClassAdd></ClassAddRq>")
    books.customer("Bob", "<ClassRef><FullName>Web</FullName></ClassRef>")
    income = names(books, query("<AccountType>Income</AccountType>", kind="Account"))

    assert income == ["Sales", "Sales Discounts", "Shipping and Delivery Income"]
    assert names(books, query("<ClassFilter><FullName>Web</FullName></ClassFilter>")) == ["Bob"]


def test_entities_items_and_terms_are_asked_across_their_kinds(books):
    books.done("<VendorAddRq><VendorAdd><Name>Zed</Name></VendorAdd></VendorAddRq>")
    entities = books.one(query("<FullName>zed</FullName><FullName>Ann Lee</FullName>", kind="Entity"))
    items = books.one(query("<FullName>a1</FullName><FullName>Sales Tax</FullName>", kind="Item"))
    terms = books.one(query(kind="Terms"))

    assert [ret.tag for ret in entities] == ["CustomerRet", "VendorRet"]
    assert [ret.tag for ret in items] == ["ItemNonInventoryRet", "ItemSalesTaxRet"]
    assert {ret.tag for ret in terms} == {"StandardTermsRet", "DateDrivenTermsRet"}


def test_a_name_of_another_kind_is_not_found(books):
    assert books.code(query("<FullName>Ann Lee</FullName>", kind="Vendor")) == 500
    assert books.code(query("<FullName>A1</FullName>", kind="ItemService")) == 500


# -- transactions


@pytest.fixture
def sold(books):
    """Invoices W1 (January, Ann, paid), w2 (February, Bob), 10 and 9 (March, Ann)."""
    books.customer("Bob")
    sales = (("W1", "2024-01-10", "Ann Lee"), ("w2", "2024-02-10", "Bob"), ("10", "2024-03-10", "Ann Lee"),
             ("9", "2024-03-11", "Ann Lee"))  # fmt: skip
    for number, date, customer in sales:
        head = f"<TxnDate>{date}</TxnDate><RefNumber>{number}</RefNumber>"
        books.done(books.form("Invoice", books.line("Invoice"), head=head, customer=customer))
    books.done(books.payment(books.company.invoices[0].txn_id, "2.50"))
    return books


def numbers(books, inner: str, kind: str = "Invoice") -> list[str]:
    return [ret.findtext("RefNumber") for ret in books.one(query(inner, kind=kind))]


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ("", ["W1", "w2", "10", "9"]),
        ("<RefNumber>w1</RefNumber><RefNumber>W2</RefNumber>", ["W1", "w2"]),
        ("<RefNumber>9</RefNumber><RefNumber>8</RefNumber>", ["9"]),
        ("<RefNumberCaseSensitive>W2</RefNumberCaseSensitive>", []),
        ("<RefNumberCaseSensitive>w2</RefNumberCaseSensitive>", ["w2"]),
        ("<PaidStatus>PaidOnly</PaidStatus>", ["W1"]),
        ("<PaidStatus>NotPaidOnly</PaidStatus>", ["w2", "10", "9"]),
        ("<PaidStatus>All</PaidStatus>", ["W1", "w2", "10", "9"]),
        ("<EntityFilter><FullName>bob</FullName></EntityFilter>", ["w2"]),
        ("<EntityFilter><FullNameWithChildren>Ann Lee</FullNameWithChildren></EntityFilter>", ["W1", "10", "9"]),
        ("<AccountFilter><FullName>Accounts Receivable</FullName></AccountFilter>", ["W1", "w2", "10", "9"]),
        ("<AccountFilter><FullName>Checking</FullName></AccountFilter>", []),
        ("<RefNumberFilter><MatchCriterion>StartsWith</MatchCriterion><RefNumber>W</RefNumber></RefNumberFilter>",
         ["W1", "w2"]),
        ("<RefNumberRangeFilter><FromRefNumber>9</FromRefNumber><ToRefNumber>10</ToRefNumber></RefNumberRangeFilter>",
         ["10", "9"]),
        ("<RefNumberRangeFilter><FromRefNumber>w1</FromRefNumber></RefNumberRangeFilter>", ["W1", "w2"]),
        ("<TxnDateRangeFilter><FromTxnDate>2024-02-10</FromTxnDate><ToTxnDate>2024-03-10</ToTxnDate>"
         "</TxnDateRangeFilter>", ["w2", "10"]),
        ("<TxnDateRangeFilter><DateMacro>ThisMonth</DateMacro></TxnDateRangeFilter>", ["W1"]),
        ("<ModifiedDateRangeFilter><FromModifiedDate>2024-01-02</FromModifiedDate></ModifiedDateRangeFilter>",
         ["W1", "w2", "10", "9"]),
        ("<MaxReturned>1</MaxReturned><PaidStatus>NotPaidOnly</PaidStatus>", ["w2"]),
    ],
)  # fmt: skip
def test_transaction_filters(sold, inner, expected):
    assert numbers(sold, inner) == expected


def test_all_transactions_of_one_number_come(sold):
    sold.done(sold.form("Invoice", sold.line("Invoice"), head="<RefNumber>w1</RefNumber>"))

    assert numbers(sold, "<RefNumber>W1</RefNumber>") == ["W1", "w1"]


def test_lines_and_links_come_only_when_asked_for(sold):
    plain = sold.one(query("<RefNumber>W1</RefNumber>", kind="Invoice"))[0]
    options = "<IncludeLineItems>true</IncludeLineItems><IncludeLinkedTxns>true</IncludeLinkedTxns>"
    full = sold.one(query(f"<RefNumber>W1</RefNumber>{options}", kind="Invoice"))[0]
    only = "<IncludeRetElement>TxnID</IncludeRetElement><IncludeRetElement>InvoiceLineRet</IncludeRetElement>"
    bare = sold.one(query(f"<RefNumber>W1</RefNumber>{only}", kind="Invoice"))[0]

    assert plain.find("InvoiceLineRet") is None
    assert plain.find("LinkedTxn") is None
    assert full.find("InvoiceLineRet") is not None
    assert full.find("LinkedTxn") is not None
    assert [child.tag for child in bare] == ["TxnID"]


# -- pages, counts


def test_an_iterator_gives_pages_until_nothing_is_left(four):
    start = four.one(query("<MaxReturned>2</MaxReturned>", 'iterator="Start"'))
    identifier = start.get("iteratorID")
    rest = four.one(query("<MaxReturned>2</MaxReturned>", f'iterator="Continue" iteratorID="{identifier}"'))
    over = four.one(query("<MaxReturned>2</MaxReturned>", f'iterator="Continue" iteratorID="{identifier}"'))

    assert [ret.findtext("FullName") for ret in start] == ["Ann Lee", "Bob"]
    assert start.get("iteratorRemainingCount") == "1"
    assert [ret.findtext("FullName") for ret in rest] == ["Cleo"]
    assert (rest.get("iteratorRemainingCount"), rest.get("iteratorID")) == ("0", identifier)
    assert over.get("statusCode") == "3391"


def test_an_iterator_dies_with_its_session_and_belongs_to_its_query(four):
    start = query("<MaxReturned>1</MaxReturned>", 'iterator="Start"')
    identifier = four.one(start).get("iteratorID")
    attributes = f'iterator="Continue" iteratorID="{identifier}"'

    assert four.code(query("<MaxReturned>1</MaxReturned>", attributes, "Vendor")) == 3391
    four.company.end_session()
    assert four.code(query("<MaxReturned>1</MaxReturned>", attributes)) == 3391


def test_an_iterator_can_be_stopped_and_their_number_is_bounded(make):
    books = make(max_iterators=1)
    books.customer("Bob")
    start = query("<MaxReturned>1</MaxReturned>", 'iterator="Start"')
    identifier = books.one(start).get("iteratorID")
    stop = query("<MaxReturned>1</MaxReturned>", f'iterator="Stop" iteratorID="{identifier}"')

    assert books.code(start) == 3390
    assert books.code(stop) == 0
    assert books.code(stop) == 3391
    assert books.code(start) == 0


def test_what_is_deleted_between_pages_is_left_out(four):
    identifier = four.one(query("<MaxReturned>1</MaxReturned>", 'iterator="Start"')).get("iteratorID")
    bob = next(one for one in four.company.customers if one.full_name == "Bob")
    four.done(f"<ListDelRq><ListDelType>Customer</ListDelType><ListID>{bob.list_id}</ListID></ListDelRq>")

    assert names(
        four, query("<MaxReturned>5</MaxReturned>", f'iterator="Continue" iteratorID="{identifier}"')
    ) == ["Cleo"]


def test_an_iterator_over_nothing_is_status_1_without_an_id(four):
    rs = four.one(query("<MaxReturned>1</MaxReturned>", 'iterator="Start"', "Vendor").replace(
        "</MaxReturned>", "</MaxReturned><ActiveStatus>InactiveOnly</ActiveStatus>"))  # fmt: skip

    assert (rs.get("statusCode"), rs.get("iteratorID")) == ("1", None)


def test_meta_data_counts(four):
    only = four.one(query("", 'metaData="MetaDataOnly"'))
    both = four.one(query("<MaxReturned>1</MaxReturned>", 'metaData="MetaDataAndResponseData"'))
    none = four.one(query())

    assert (only.get("retCount"), len(only)) == ("3", 0)
    assert (both.get("retCount"), len(both)) == ("3", 1)
    assert none.get("retCount") is None


def test_response_data_none_gives_statuses_only(four):
    rs = four.one(query(), responseData="includeNone")

    assert (rs.get("statusCode"), len(rs)) == ("0", 0)
