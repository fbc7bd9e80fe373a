"""List objects: names, parents, references, changes, deletions, generically over the catalogue."""

# A request is easier to read on one line than in pieces.
# ruff: noqa: E501

from __future__ import annotations

import pytest

from qbsync.qbxml import catalogue
from qbsync.testing._kinds import kinds, reference_kinds, table_of


def add(kind: str, fields: str, tail: str = "") -> str:
    return f"<{kind}AddRq><{kind}Add>{fields}</{kind}Add>{tail}</{kind}AddRq>"


def mod(kind: str, ret, fields: str) -> str:
    ids = f"<ListID>{ret.findtext('ListID')}</ListID><EditSequence>{ret.findtext('EditSequence')}</EditSequence>"
    return f"<{kind}ModRq><{kind}Mod>{ids}{fields}</{kind}Mod></{kind}ModRq>"


def delete(kind: str, list_id: str) -> str:
    return f"<ListDelRq><ListDelType>{kind}</ListDelType><ListID>{list_id}</ListID></ListDelRq>"


PARENT = "<ParentRef><FullName>{}</FullName></ParentRef>"


def test_an_added_object_comes_back_in_the_order_of_the_catalogue(empty):
    ret = empty.customer(rest="<CompanyName>Lee &amp; Co</CompanyName><BillAddress><Addr1>1 Main</Addr1>"
                              "<City>Town</City><State>CA</State><PostalCode>9</PostalCode></BillAddress>")  # fmt: skip
    order = [element.name for element in catalogue.message("CustomerAddRs").particles[0].shape.elements()]
    names = [child.tag for child in ret]

    assert names == sorted(names, key=order.index)
    assert names[:5] == ["ListID", "TimeCreated", "TimeModified", "EditSequence", "Name"]
    assert ret.findtext("CompanyName") == "Lee & Co"
    assert [line.text for line in ret.find("BillAddressBlock")] == ["1 Main", "Town, CA 9"]
    assert ret.findtext("Balance") == ret.findtext("TotalBalance") == "0.00"


def test_ids_and_edit_sequences_have_quickbooks_forms(empty):
    ret = empty.customer()

    assert ret.findtext("ListID") == f"80000002-{ret.findtext('EditSequence')}"
    assert ret.findtext("TimeCreated") == "2024-01-02T08:00:01-08:00"
    assert ret.findtext("EditSequence") == "1704211201"


def test_a_version_sees_only_what_it_knows(empty):
    body = add("Customer", "<Name>Bob</Name><BillAddress><Addr1>Main</Addr1></BillAddress>")
    old = empty.one(body, version="5.0")[0]
    new = empty.one(body.replace("Bob", "Eve"), version="13.0")[0]

    assert old.find("BillAddressBlock") is None
    assert new.find("BillAddressBlock") is not None


def test_names_are_unique_over_customers_vendors_employees_and_other_names(books):
    taken = [
        add("Customer", "<Name>ANN LEE</Name>"),
        add("Vendor", "<Name>Ann Lee</Name>"),
        add("OtherName", "<Name>ann lee </Name>"),
        add("Employee", "<FirstName>Ann</FirstName><LastName>Lee</LastName>"),
    ]

    assert [books.code(body) for body in taken] == [3100] * 4
    assert books.code(add("Class", "<Name>Ann Lee</Name>")) == 0


def test_names_are_unique_over_all_item_kinds(books):
    body = add(
        "ItemService",
        "<Name>a1</Name><SalesOrPurchase><AccountRef><FullName>Sales</FullName></AccountRef></SalesOrPurchase>",
    )

    assert books.code(body) == 3100


def test_inactive_entries_keep_their_names(empty):
    empty.customer(rest="<IsActive>false</IsActive>")

    assert empty.code(add("Customer", "<Name>Ann Lee</Name>")) == 3100


def test_children_have_full_names_and_are_unique_among_siblings(books):
    books.customer("Bob")
    first, second = (
        books.one(add("Customer", f"<Name>Job</Name>{PARENT.format(name)}"))[0] for name in ("ann lee", "Bob")
    )

    assert first.findtext("FullName") == "Ann Lee:Job"
    assert first.findtext("Sublevel") == "1"
    assert first.findtext("ParentRef/FullName") == "Ann Lee"
    assert second.findtext("FullName") == "Bob:Job"
    assert books.code(add("Customer", f"<Name>job</Name>{PARENT.format('Bob')}")) == 3100


def test_five_levels_are_the_deepest(empty):
    path = ""
    for level in range(5):
        empty.done(add("Class", f"<Name>L{level}</Name>{PARENT.format(path) if path else ''}"))
        path = f"{path}:L{level}".strip(":")

    assert empty.code(add("Class", f"<Name>L5</Name>{PARENT.format(path)}")) == 3130


def test_a_parent_of_another_kind_is_refused(books):
    body = add(
        "ItemService",
        f"<Name>S</Name>{PARENT.format('A1')}<SalesOrPurchase><AccountRef><FullName>Sales</FullName></AccountRef>"
        "</SalesOrPurchase>",
    )

    assert books.code(body) == 3130


def test_a_reference_takes_the_id_before_the_name(books):
    list_id = books.one("<ClassAddRq><ClassAdd><Name>Web</Name></ClassAdd></ClassAddRq>")[0].findtext(
        "ListID"
    )
    ref = f"<ClassRef><ListID>{list_id}</ListID><FullName>Nonsense</FullName></ClassRef>"
    ret = books.customer("Bob", ref)

    assert ret.findtext("ClassRef/FullName") == "Web"


def test_a_reference_names_field_and_value_when_it_fails(books):
    rs = books.one(add("Customer", "<Name>B</Name><TermsRef><FullName>Net 99</FullName></TermsRef>"))

    assert rs.get("statusCode") == "3140"
    assert "TermsRef" in rs.get("statusMessage")
    assert "Net 99" in rs.get("statusMessage")


def test_inactive_references_fail_by_a_switch(make):
    vendor = add("Vendor", "<Name>Old</Name><IsActive>false</IsActive>")
    item = "<Name>T</Name><TaxRate>5</TaxRate><TaxVendorRef><FullName>Old</FullName></TaxVendorRef>"
    for switch, code in ((False, 0), (True, 3140)):
        books = make(refuses_inactive_references=switch)
        books.done(vendor)

        assert books.code(add("ItemSalesTax", item)) == code


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("ItemNonInventory", "<Name>X</Name><SalesOrPurchase><Price>1</Price></SalesOrPurchase>"),
        ("ItemService", "<Name>X</Name><SalesAndPurchase><SalesPrice>1</SalesPrice></SalesAndPurchase>"),
        ("ItemInventory", "<Name>X</Name><IncomeAccountRef><FullName>Sales</FullName></IncomeAccountRef>"),
        ("ItemSalesTax", "<Name>X</Name><TaxRate>5</TaxRate>"),
        ("ItemDiscount", "<Name>X</Name>"),
    ],
)
def test_what_the_server_requires_beyond_the_schema(empty, kind, fields):
    assert empty.code(add(kind, fields)) == 3150


def test_include_ret_element_shrinks_the_answer_and_ignores_unknown_names(empty):
    tail = "<IncludeRetElement>ListID</IncludeRetElement><IncludeRetElement>Shoe</IncludeRetElement>"
    ret = empty.one(add("Customer", "<Name>B</Name>", tail))[0]

    assert [child.tag for child in ret] == ["ListID"]


def test_a_change_needs_the_current_edit_sequence(books):
    ret = books.customer("Bob")
    (changed,) = books.done(mod("Customer", ret, "<Phone>1</Phone>"))
    stale = books.one(mod("Customer", ret, "<Phone>2</Phone>"))

    assert changed.findtext("Phone") == "1"
    assert changed.findtext("EditSequence") != ret.findtext("EditSequence")
    assert stale.get("statusCode") == "3200"
    assert stale[0].findtext("EditSequence") == changed.findtext("EditSequence")
    assert stale[0].findtext("Phone") == "1"


def test_a_change_keeps_what_is_left_out_and_clears_what_is_empty(books):
    ret = books.customer("Bob", "<Phone>1</Phone><Fax>2</Fax>")
    (changed,) = books.done(mod("Customer", ret, "<Fax></Fax>"))

    assert changed.findtext("Phone") == "1"
    assert changed.find("Fax") is None


def test_changing_what_is_not_there_is_3120(books):
    ret = books.customer("Bob")
    books.done(delete("Customer", ret.findtext("ListID")))

    assert books.code(mod("Customer", ret, "<Phone>1</Phone>")) == 3120
    assert books.code(delete("Customer", ret.findtext("ListID"))) == 3120


def test_renaming_a_parent_renames_its_children_and_every_reference(books):
    job = books.one(add("Customer", f"<Name>Job</Name>{PARENT.format('Ann Lee')}"))[0]
    parent = books.one("<CustomerQueryRq><FullName>Ann Lee</FullName></CustomerQueryRq>")[0]
    invoice = books.invoice()
    books.done(mod("Customer", parent, "<Name>Ann Moe</Name>"))
    (found,) = books.done(f"<InvoiceQueryRq><TxnID>{invoice.findtext('TxnID')}</TxnID></InvoiceQueryRq>")
    child = books.one("<CustomerQueryRq><FullName>Ann Moe:Job</FullName></CustomerQueryRq>")[0]

    assert found.findtext("CustomerRef/FullName") == "Ann Moe"
    assert child.findtext("ListID") == job.findtext("ListID")
    assert books.code("<CustomerQueryRq><FullName>Ann Lee</FullName></CustomerQueryRq>") == 500
    assert books.code(add("Customer", "<Name>Ann Lee</Name>")) == 0


def test_a_change_may_not_take_anothers_name_but_may_change_its_own_case(books):
    ret = books.customer("Bob")

    assert books.code(mod("Customer", ret, "<Name>Ann Lee</Name>")) == 3100
    assert books.code(mod("Customer", ret, "<Name>BOB</Name>")) == 0


def test_an_entry_cannot_stand_below_itself(empty):
    top = empty.one(add("Class", "<Name>Top</Name>"))[0]
    empty.done(add("Class", f"<Name>Sub</Name>{PARENT.format('Top')}"))

    assert empty.code(mod("Class", top, PARENT.format("Top:Sub"))) == 3130
    assert empty.code(mod("Class", top, PARENT.format("Top"))) == 3130


def test_single_sided_items_stay_single_sided(books):
    ret = books.item("B")
    fields = "<SalesAndPurchaseMod><SalesPrice>1</SalesPrice></SalesAndPurchaseMod>"

    assert books.code(mod("ItemNonInventory", ret, fields)) == 3151
    (changed,) = books.done(
        mod("ItemNonInventory", ret, "<SalesOrPurchaseMod><Price>9</Price></SalesOrPurchaseMod>")
    )
    assert changed.findtext("SalesOrPurchase/Price") == "9.00"
    assert changed.findtext("SalesOrPurchase/AccountRef/FullName") == "Sales"


def test_what_is_in_use_cannot_be_deleted(books):
    books.invoice()
    customer = books.company.customers[0].list_id
    account = next(entry.list_id for entry in books.company.entries("Account") if entry.full_name == "Sales")

    assert books.code(delete("Customer", customer)) == 3160
    assert books.code(delete("ItemNonInventory", books.company.items[0].list_id)) == 3160
    assert books.code(delete("Account", account)) == 3160


def test_a_deleted_entry_is_gone_and_shows_in_the_deleted_query(books):
    ret = books.customer("Bob & Co".replace("&", "&amp;"))
    gone = books.one(delete("Customer", ret.findtext("ListID")))
    (row,) = books.one("<ListDeletedQueryRq><ListDelType>Customer</ListDelType></ListDeletedQueryRq>")

    assert [child.tag for child in gone] == ["ListDelType", "ListID", "TimeDeleted", "FullName"]
    assert gone.findtext("FullName") == row.findtext("FullName") == "Bob & Co"
    assert books.code("<CustomerQueryRq><FullName>Bob &amp; Co</FullName></CustomerQueryRq>") == 500
    assert books.code(add("Customer", "<Name>Bob &amp; Co</Name>")) == 0


def test_bar_codes_and_open_balances(empty):
    item = empty.done(
        add("ItemSubtotal", "<Name>S</Name><BarCode><BarCodeValue>123</BarCodeValue></BarCode>")
    )[0]
    customer = empty.customer(rest="<OpenBalance>5.00</OpenBalance>")

    assert item.findtext("BarCodeValue") == "123"
    assert empty.company.customers[0].balance == 5
    assert customer.find("OpenBalance") is None


SAMPLES = {
    "Account": "<Name>N</Name><AccountType>Expense</AccountType>",
    "SalesRep": "<Initial>AL</Initial><SalesRepEntityRef><FullName>State Tax Office</FullName></SalesRepEntityRef>",
    "DateDrivenTerms": "<Name>N</Name><DayOfMonthDue>15</DayOfMonthDue>",
    "SalesTaxCode": "<Name>N</Name><IsTaxable>true</IsTaxable>",
    "PriceLevel": "<Name>N</Name><PriceLevelFixedPercentage>5</PriceLevelFixedPercentage>",
    "ItemSalesTaxGroup": "<Name>N</Name><ItemSalesTaxRef><FullName>Sales Tax</FullName></ItemSalesTaxRef>",
    **dict.fromkeys(
        ("Class", "CustomerType", "VendorType", "JobType", "CustomerMsg", "PaymentMethod", "ShipMethod", "Vendor",
         "OtherName", "StandardTerms", "ItemGroup", "ItemPayment", "ItemSubtotal", "InventorySite"),
        "<Name>N</Name>",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(SAMPLES))
def test_lists_are_added_and_found_generically(empty, kind):
    (ret,) = empty.done(add(kind, SAMPLES[kind]))
    key = ret.findtext("Name") or ret.findtext("Initial")
    (found,) = empty.done(f"<{kind}QueryRq><FullName>{key}</FullName></{kind}QueryRq>")

    assert ret.tag == found.tag == f"{kind}Ret"
    assert found.findtext("ListID") == ret.findtext("ListID")
    assert empty.code(add(kind, SAMPLES[kind])) == 3100


def test_every_reference_of_the_sales_flow_points_to_some_list():
    names = ("CustomerRef", "ItemRef", "ARAccountRef", "TermsRef", "SalesRepRef", "ItemSalesTaxRef", "TemplateRef",
             "CustomerSalesTaxCodeRef", "OverrideItemAccountRef", "PreferredPaymentMethodRef")  # fmt: skip

    assert all(reference_kinds(name, "Invoice") for name in names)
    assert reference_kinds("CustomerRef", "Invoice") == ("Customer",)
    assert reference_kinds("DepositToAccountRef", "ReceivePayment") == ("Account",)


def test_kinds_are_found_in_the_catalogue():
    assert len(kinds()) > 60
    assert table_of("Vendor") == table_of("Customer")
    assert table_of("ItemReceipt") != table_of("ItemService")
    assert (kinds()["Customer"].is_list, kinds()["Invoice"].is_list) == (True, False)
    assert (kinds()["Lead"].name_field, kinds()["SalesRep"].name_field) == ("FullName", "Initial")


def test_lists_without_names_take_entries_and_give_them_up(empty):
    """A to-do has notes and no name; nothing keeps two from being the same."""
    add = "<ToDoAddRq><ToDoAdd><Notes>Call</Notes></ToDoAdd></ToDoAddRq>"
    first, second = empty.done(add + add)
    done = f"<ToDoModRq><ToDoMod><ListID>{first.findtext('ListID')}</ListID><EditSequence>{first.findtext('EditSequence')}</EditSequence><IsDone>true</IsDone></ToDoMod></ToDoModRq>"
    empty.done(done)
    ask = "<ToDoQueryRq><DoneStatus>NotDoneOnly</DoneStatus></ToDoQueryRq>"

    assert empty.one(ask).findtext("ToDoRet/ListID") == second.findtext("ListID")
    assert (
        empty.code(
            f"<ListDelRq><ListDelType>ToDo</ListDelType><ListID>{first.findtext('ListID')}</ListID></ListDelRq>"
        )
        == 0
    )
    assert [entry.fields["Notes"] for entry in empty.company.entries("ToDo")] == ["Call"]
