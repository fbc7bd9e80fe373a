"""Custom fields and private data of the simulated company."""

# A request is easier to read on one line than in pieces.
# ruff: noqa: E501

from __future__ import annotations

import pytest

MINE = "{12345678-90AB-CDEF-1234-567890ABCDEF}"


def define(
    name: str = "Colour", owner: str = "0", kind: str = "STR255TYPE", objects: str = "Customer Item"
) -> str:
    assigned = "".join(f"<AssignToObject>{one}</AssignToObject>" for one in objects.split())
    return f"<DataExtDefAddRq><DataExtDefAdd><OwnerID>{owner}</OwnerID><DataExtName>{name}</DataExtName><DataExtType>{kind}</DataExtType>{assigned}</DataExtDefAdd></DataExtDefAddRq>"


def value(verb: str, text: str | None, target: str, name: str = "Colour", owner: str = "0") -> str:
    said = "" if text is None else f"<DataExtValue>{text}</DataExtValue>"
    return f"<DataExt{verb}Rq><DataExt{verb}><OwnerID>{owner}</OwnerID><DataExtName>{name}</DataExtName>{target}{said}</DataExt{verb}></DataExt{verb}Rq>"


def on(kind: str, name: str) -> str:
    return f"<ListDataExtType>{kind}</ListDataExtType><ListObjRef><FullName>{name}</FullName></ListObjRef>"


def customer(books, *owners: str):
    asked = "".join(f"<OwnerID>{owner}</OwnerID>" for owner in owners)
    return books.one(f"<CustomerQueryRq><FullName>Ann Lee</FullName>{asked}</CustomerQueryRq>")[0]


def test_a_field_is_defined_before_it_has_values(books):
    assert books.code(value("Add", "red", on("Customer", "Ann Lee"))) == 3120
    books.done(define())
    (ret,) = books.done(value("Add", "red", on("Customer", "Ann Lee")))

    assert (ret.findtext("DataExtType"), ret.findtext("DataExtValue")) == ("STR255TYPE", "red")


def test_values_come_only_for_the_owners_that_are_asked_for(books):
    """Private data carries a GUID, custom fields 0; without OwnerID neither is returned."""
    books.done(define() + define("Key", MINE))
    books.done(
        value("Add", "red", on("Customer", "Ann Lee"))
        + value("Add", "k1", on("Customer", "Ann Lee"), "Key", MINE)
    )

    assert customer(books).find("DataExtRet") is None
    assert [one.findtext("DataExtValue") for one in customer(books, "0").findall("DataExtRet")] == ["red"]
    assert len(customer(books, "0", MINE.lower()).findall("DataExtRet")) == 2


def test_include_ret_element_must_name_them_too(books):
    books.done(define() + value("Add", "red", on("Customer", "Ann Lee")))
    query = "<CustomerQueryRq><FullName>Ann Lee</FullName>{}<OwnerID>0</OwnerID></CustomerQueryRq>"
    name, ext = (f"<IncludeRetElement>{one}</IncludeRetElement>" for one in ("Name", "DataExtRet"))

    assert books.one(query.format(name)).find("CustomerRet/DataExtRet") is None
    assert books.one(query.format(name + ext)).find("CustomerRet/DataExtRet") is not None


def test_custom_fields_are_short_texts_only(books):
    assert books.code(define("Size", kind="INTTYPE")) == 3151
    assert books.code(define("Size", MINE, kind="INTTYPE")) == 0
    assert books.code(define("size", MINE)) == 3100
    assert books.code(value("Add", "x", on("Customer", "Ann Lee"), "Size", MINE)) == 3085
    assert books.code(value("Add", "7", on("Customer", "Ann Lee"), "Size", MINE)) == 0


def test_a_value_is_added_once_changed_and_deleted(books):
    books.done(define())
    target = on("Customer", "Ann Lee")
    before = customer(books).findtext("EditSequence")

    assert books.code(value("Mod", "red", target)) == 3120
    books.done(value("Add", "red", target))
    assert customer(books).findtext("EditSequence") != before
    assert books.code(value("Add", "red", target)) == 3100
    assert books.code(value("Mod", "", target)) == 3190
    books.done(value("Mod", "blue", target))
    assert customer(books, "0").findtext("DataExtRet/DataExtValue") == "blue"
    rs = books.one(value("Del", None, target))
    assert rs.findtext("DataExtDelRet/ListObjRef/FullName") == "Ann Lee"
    assert customer(books, "0").find("DataExtRet") is None
    assert books.code(value("Del", None, target)) == 3120


@pytest.mark.parametrize(
    ("target", "code"),
    [(on("Customer", "Nobody"), 3140), (on("Account", "Sales"), 3151), (on("Item", "A1"), 0), (on("Vendor", "State Tax Office"), 0)],
)  # fmt: skip
def test_what_a_value_may_stand_on(books, target, code):
    books.done(define())

    assert books.code(value("Add", "x", target)) == code


def test_lines_take_custom_fields_in_an_add_and_later(books):
    """Inside an Add as ``DataExt``, later by the ID of the line; private data stays off lines."""
    books.done(define() + define("Key", MINE))
    ext = "<DataExt><OwnerID>{}</OwnerID><DataExtName>{}</DataExtName><DataExtValue>red</DataExtValue></DataExt>"
    (ret,) = books.done(books.form("Invoice", books.line("Invoice", ext.format("0", "Colour"))))
    target = f"<TxnDataExtType>Invoice</TxnDataExtType><TxnID>{ret.findtext('TxnID')}</TxnID>"
    line = f"{target}<TxnLineID>{ret.findtext('InvoiceLineRet/TxnLineID')}</TxnLineID>"
    books.done(value("Mod", "blue", line))
    asked = f"<InvoiceQueryRq><TxnID>{ret.findtext('TxnID')}</TxnID><IncludeLineItems>true</IncludeLineItems><OwnerID>0</OwnerID></InvoiceQueryRq>"

    assert books.one(asked).findtext("InvoiceRet/InvoiceLineRet/DataExtRet/DataExtValue") == "blue"
    assert books.code(books.form("Invoice", books.line("Invoice", ext.format(MINE, "Key")))) == 3151
    assert books.code(value("Add", "k", line, "Key", MINE)) == 3151
    assert books.code(value("Add", "k", target, "Key", MINE)) == 3151
    assert books.code(value("Add", "x", f"{target}<TxnLineID>9-9</TxnLineID>")) == 3120
    assert books.code(value("Add", "x", target)) == 0


def test_a_macro_names_the_form_of_a_value(books):
    books.done(define())
    form = books.form("Invoice", books.line("Invoice")).replace(
        "<InvoiceAdd>", '<InvoiceAdd defMacro="TxnID:a">'
    )
    target = '<TxnDataExtType>Invoice</TxnDataExtType><TxnID useMacro="TxnID:a"/>'

    assert [rs.get("statusCode") for rs in books.ask(form + value("Add", "x", target))] == ["0", "0"]


def test_the_company_has_data_of_its_own(books):
    books.done(
        define("Key", MINE, objects="Company")
        + value("Add", "k1", "<OtherDataExtType>Company</OtherDataExtType>", "Key", MINE)
    )
    query = "<CompanyQueryRq><OwnerID>{}</OwnerID></CompanyQueryRq>"

    assert books.one(query.format(MINE)).findtext("CompanyRet/DataExtRet/DataExtValue") == "k1"
    assert books.one(query.format("0")).find("CompanyRet/DataExtRet") is None


def test_definitions_change_and_go(books):
    books.done(define())
    head = "<OwnerID>0</OwnerID><DataExtName>{}</DataExtName>"
    books.done(
        f"<DataExtDefModRq><DataExtDefMod>{head.format('colour')}<DataExtNewName>Hue</DataExtNewName><AssignToObject>Vendor</AssignToObject><RemoveFromObject>Item</RemoveFromObject></DataExtDefMod></DataExtDefModRq>"
    )
    (ret,) = books.one("<DataExtDefQueryRq><AssignToObject>Vendor</AssignToObject></DataExtDefQueryRq>")

    assert ret.findtext("DataExtName") == "Hue"
    assert [one.text for one in ret.findall("AssignToObject")] == ["Customer", "Vendor"]
    books.done(define("Size"))
    taken = f"<DataExtDefModRq><DataExtDefMod>{head.format('Hue')}<DataExtNewName>size</DataExtNewName></DataExtDefMod></DataExtDefModRq>"
    assert books.code(taken) == 3100
    books.done(f"<DataExtDefDelRq>{head.format('Size')}</DataExtDefDelRq>")
    assert books.code(f"<DataExtDefDelRq>{head.format('Hue')}</DataExtDefDelRq>") == 0
    assert books.code("<DataExtDefQueryRq/>") == 1


def test_definitions_and_values_are_saved(books, tmp_path):
    books.done(define() + value("Add", "red", on("Customer", "Ann Lee")))
    books.company.save(tmp_path / "c")
    books.company = type(books.company).load(tmp_path / "c")

    assert customer(books, "0").findtext("DataExtRet/DataExtValue") == "red"
    assert books.code(define()) == 3100
