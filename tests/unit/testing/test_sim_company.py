"""The company file as tests use it: what stands in it, its clock, saving, sessions, its first answer."""

from __future__ import annotations

import json
import re
from decimal import Decimal

import pytest
from lxml import etree

from qbsync.errors import StoreVersionError, UsageError
from qbsync.testing import Company, QuickBooksError


def host(company: Company) -> etree._Element:
    return etree.fromstring(re.sub(r"\A<\?xml.*?\?>", "", company.host_answer()))[0]


def test_a_new_file_is_a_small_shop(empty):
    accounts = {entry.full_name: entry.fields["AccountType"] for entry in empty.company.entries("Account")}
    methods = {entry.full_name for entry in empty.company.entries("PaymentMethod")}

    assert accounts["Sales"] == "Income"
    assert accounts["Accounts Receivable"] == "AccountsReceivable"
    assert list(accounts.values()).count("AccountsReceivable") == 1
    assert "Undeposited Funds" in accounts
    assert {"Cash", "Check", "Visa"} <= methods
    assert [entry.full_name for entry in empty.company.entries("SalesTaxCode")] == ["TAX", "NON"]
    assert empty.company.customers == empty.company.items == empty.company.invoices == []


def test_two_companies_with_the_same_work_are_the_same(tmp_path):
    for name in "ab":
        company = Company()
        company.process(
            '<?xml version="1.0"?><?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="stopOnError">'
            "<CustomerAddRq><CustomerAdd><Name>Bob</Name></CustomerAdd></CustomerAddRq></QBXMLMsgsRq></QBXML>"
        )
        company.save(tmp_path / name)

    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_the_first_answer_tells_host_company_and_preferences_with_both_marks(empty):
    answers = host(empty.company)
    marks = {row.findtext("DataExtName"): row.findtext("DataExtValue") for row in answers.iter("DataExtRet")}

    assert [(rs.tag, rs.get("requestID"), rs.get("statusCode")) for rs in answers] == [
        ("HostQueryRs", "0", "0"), ("CompanyQueryRs", "1", "0"), ("PreferencesQueryRs", "2", "0"),
    ]  # fmt: skip
    assert re.fullmatch(r"LOCKED:SHOP-PC:\d{18}", marks["AppLock"])
    assert marks["FileID"] == empty.company.file_id
    assert answers.findtext("*/HostRet/SupportedQBXMLVersion") == "1.0"
    assert answers.findall("*/HostRet/SupportedQBXMLVersion")[-1].text == "16.0"
    assert (empty.company.sets, empty.company.requests, empty.company.simulated_seconds) == (0, 0, 0)


def test_the_form_of_the_first_answer_is_that_of_a_recorded_one(shared):
    """Same frame, same lines; each element that ours has, the recorded one has in the same order."""
    recorded = (shared / "data" / "qbwc" / "h01-HCP-QB2012-premier.qbxml.xml").read_text("utf-8")
    theirs = etree.fromstring(re.sub(r"\A<\?xml.*?\?>", "", recorded))[0]
    ours = host(Company())

    for mine, other in zip(ours, theirs, strict=True):
        names = [child.tag for child in other[0]]
        places = [names.index(child.tag) for child in mine[0] if child.tag in names]
        assert places == sorted(places)
        assert mine.attrib == other.attrib
    assert Company().host_answer().splitlines()[:3] == recorded.splitlines()[:3]


def test_preferences_speak_of_sales_tax_only_where_it_is_charged():
    assert host(Company()).find(".//SalesTaxPreferences") is None
    taxed = host(Company(charges_sales_tax=True)).find(".//SalesTaxPreferences")
    assert taxed.findtext("DefaultNonTaxableSalesTaxCodeRef/FullName") == "NON"
    assert taxed.findtext("DefaultItemSalesTaxRef/FullName") == "Sales Tax"


def test_an_old_quickbooks_knows_no_new_version():
    company = Company(version="6.0")

    assert company.version == (6, 0)
    assert host(company).findall("*/HostRet/SupportedQBXMLVersion")[-1].text == "6.0"


def test_marks_of_other_applications_stay_hidden(empty):
    body = "<CompanyQueryRq><OwnerID>{11111111-1111-1111-1111-111111111111}</OwnerID></CompanyQueryRq>"

    assert empty.one(body)[0].find("DataExtRet") is None
    assert empty.one("<CompanyQueryRq/>")[0].findtext("CompanyName") == "Seed Company"


def test_the_clock_starts_fixed_and_moves_with_work_and_waiting(empty):
    assert empty.company.today == "2024-01-02"
    empty.company.wait(24 * 3600)
    assert empty.company.today == "2024-01-03"
    assert empty.company.simulated_seconds == 0
    empty.company.spend(2.5)
    assert empty.company.simulated_seconds == 2.5


def test_edit_sequences_rise_even_within_one_second(books):
    sequences = []
    for number in range(3):
        one = books.company.customers[0]
        (ret,) = books.done(
            f"<CustomerModRq><CustomerMod><ListID>{one.list_id}</ListID><EditSequence>{one.fields['EditSequence']}"
            f"</EditSequence><Phone>{number}</Phone></CustomerMod></CustomerModRq>"
        )
        sequences.append(int(ret.findtext("EditSequence")))

    assert sequences == sorted(set(sequences))


def test_a_saved_file_goes_on_where_it_stopped(books, tmp_path):
    books.company.begin_session("app")
    books.ask(books.form("Invoice", books.line("Invoice", "<Amount>10.00</Amount>")), newMessageSetID="n1")
    books.done(books.payment(books.company.invoices[0].txn_id, "4.00"))
    books.company.save(tmp_path / "file")
    loaded = Company.load(tmp_path / "file")
    loaded.save(tmp_path / "again")

    assert (tmp_path / "file").read_bytes() == (tmp_path / "again").read_bytes()
    assert (loaded.sets, loaded.requests) == (books.company.sets, books.company.requests)
    assert loaded.simulated_seconds == books.company.simulated_seconds
    assert loaded.open_balance() == Decimal("6.00")
    books.company = loaded
    loaded.begin_session("app")
    assert [rs.get("statusCode") for rs in books.ask("", newMessageSetID="n1", oldMessageSetID="n1")] == ["0"]
    books.done(books.payment(loaded.invoices[0].txn_id, "6.00"))
    assert loaded.open_balance() == loaded.customers[0].balance == 0
    customer = loaded.customers[0]
    books.done(
        f"<CustomerModRq><CustomerMod><ListID>{customer.list_id}</ListID><EditSequence>"
        f"{customer.fields['EditSequence']}</EditSequence><Name>New</Name></CustomerMod></CustomerModRq>"
    )
    assert loaded.invoices[0].fields["CustomerRef"]["FullName"] == "New"
    assert books.code("<CustomerAddRq><CustomerAdd><Name>new</Name></CustomerAdd></CustomerAddRq>") == 3100


def test_switches_are_saved(tmp_path):
    Company(recovery="forgetful", charges_sales_tax=True, name="Other", version="13.0").save(tmp_path / "f")
    loaded = Company.load(tmp_path / "f")

    assert (loaded.name, loaded.version) == ("Other", (13, 0))
    assert host(loaded).find(".//SalesTaxPreferences") is not None


def test_saving_replaces_a_file_at_once_or_not_at_all(empty, tmp_path, monkeypatch):
    path = tmp_path / "file"
    empty.company.save(path)
    before = path.read_bytes()
    monkeypatch.setattr(json, "dump", lambda *_args, **_options: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        empty.company.save(path)
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def test_files_that_are_none_are_refused(tmp_path):
    path = tmp_path / "file"
    for text in ("no json", "[]", "{}", "\u00e9"):
        path.write_text(text, "utf-8")
        with pytest.raises(UsageError, match="saved company file"):
            Company.load(path)
    path.write_text('{"format": 99}')
    with pytest.raises(StoreVersionError):
        Company.load(path)


@pytest.mark.parametrize(
    "option",
    [
        {"recovery": "maybe"},
        {"rounding": "down"},
        {"profile": "none"},
        {"version": "99.0"},
        {"other_editions": "x"},
    ],
)
def test_unknown_switches_are_refused(option):
    (name,) = option

    with pytest.raises(UsageError, match=name):
        Company(**option)


def test_a_session_needs_quickbooks_and_the_open_file(empty):
    company = empty.company
    company.begin_session("app", company.file.upper())
    with pytest.raises(QuickBooksError, match="0x8004040A"):
        company.begin_session("app", r"C:\other.qbw")
    company.unavailable = QuickBooksError("0x80040414", "A dialog is open.")
    with pytest.raises(QuickBooksError, match="A dialog is open"):
        company.begin_session()


def test_what_tests_read_of_a_sale(books):
    books.invoice("W1", "10.00")
    (invoice,) = books.company.invoices
    (item,) = books.company.items

    assert (invoice.ref_number, invoice.customer, invoice.date) == ("W1", "Ann Lee", "2024-01-05")
    assert (invoice.total, invoice.balance) == (Decimal("10.00"), Decimal("10.00"))
    assert [(line.item, line.quantity, line.rate, line.amount) for line in invoice.lines] == [
        ("A1", "1", "10.00", Decimal("10.00"))
    ]
    assert (item.kind, item.full_name, item.is_active) == ("ItemNonInventory", "A1", True)
    assert str(books.company.books_total()) == "10.00"
    assert repr(books.company) == "Company('Seed Company': 1 customers, 1 items, 1 invoices)"


def test_what_tests_read_cannot_be_written(books):
    with pytest.raises(TypeError):
        books.company.customers[0].fields["Name"] = "x"


def test_text_comes_back_as_windows_1252_keeps_it(empty):
    ret = empty.customer("Stanis&#322;aw &amp; &lt;Jos&#233;&gt; &#8220;x&#8221; &#128512;")

    assert ret.findtext("Name") == "Stanis?aw & <José> “x” ?"
