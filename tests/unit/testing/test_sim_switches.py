"""Every switch of the simulated company, both ways: what no source settles, and settings of a file."""

# A request is easier to read on one line than in pieces.
# ruff: noqa: E501

from __future__ import annotations

import attrs
import pytest

from qbsync.errors import UsageError
from qbsync.testing import Company, QuickBooksError
from qbsync.testing._switches import Switches, SwitchOptions

DEAD = "<CustomerModRq><CustomerMod><ListID>{}</ListID><EditSequence>{}</EditSequence><IsActive>false</IsActive></CustomerMod></CustomerModRq>"


def names(answer) -> list[str]:
    return [ret.findtext("FullName") or ret.findtext("Name") for ret in answer]


def query(kind: str, inner: str, **attributes: str) -> str:
    extra = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f"<{kind}QueryRq{extra}>{inner}</{kind}QueryRq>"


def inactive(books, name: str = "Bob") -> None:
    ret = books.customer(name)
    books.done(DEAD.format(ret.findtext("ListID"), ret.findtext("EditSequence")))


def mod(kind: str, ret, inner: str) -> str:
    return f"<{kind}ModRq><{kind}Mod><TxnID>{ret.findtext('TxnID')}</TxnID><EditSequence>{ret.findtext('EditSequence')}</EditSequence>{inner}</{kind}Mod></{kind}ModRq>"


def test_options_and_switches_are_the_same():
    """What ``Company`` takes is what ``Switches`` holds."""
    assert list(SwitchOptions.__annotations__) == [field.name for field in attrs.fields(Switches)]


@pytest.mark.parametrize(
    "options",
    [
        {"recovery": "x"}, {"crash_stores": "x"}, {"rounding": "up"}, {"other_editions": "x"}, {"features_off": ["x"]},
        {"rate_decimals": 6}, {"default_date": "x"}, {"all_numbers_missing": 3}, {"severity_of_3210": "Warn"}, {"nothing": 1},
    ],
)  # fmt: skip
def test_what_a_switch_cannot_be_is_said(options):
    with pytest.raises(UsageError, match=next(iter(options))):
        Company(**options)


def test_switches_are_saved_with_the_file(tmp_path):
    company = Company(multicurrency=True, features_off=["estimates"], rate_decimals=3)
    company.save(tmp_path / "c")

    assert Company.load(tmp_path / "c").switches == company.switches


# -- settings


@pytest.mark.parametrize(("on", "code"), [(True, 0), (False, 3250)])
def test_multicurrency(make, on, code):
    """Off: a currency in a request is 3250; on: amounts come in the home currency too."""
    books = make(multicurrency=on)
    ref = "<CurrencyRef><FullName>Euro</FullName></CurrencyRef>"
    euro = f"<CustomerAddRq><CustomerAdd><Name>Eve</Name>{ref}</CustomerAdd></CustomerAddRq>"

    assert books.code(euro) == code
    if on:
        lines = books.line("Invoice", "<Amount>10.00</Amount>")
        (ret,) = books.done(
            books.form("Invoice", lines, customer="Eve", head="<ExchangeRate>1.5</ExchangeRate>")
        )
        assert ret.findtext("CurrencyRef/FullName") == "Euro"
        assert (ret.findtext("BalanceRemaining"), ret.findtext("BalanceRemainingInHomeCurrency")) == (
            "10.00",
            "15.00",
        )
        assert (
            len(books.one(query("Invoice", "<CurrencyFilter><FullName>Euro</FullName></CurrencyFilter>")))
            == 1
        )
    else:
        assert (
            books.code(
                "<CurrencyAddRq><CurrencyAdd><Name>Yen</Name><CurrencyCode>JPY</CurrencyCode></CurrencyAdd></CurrencyAddRq>"
            )
            == 3250
        )


FEATURES = [
    ("sales_orders", lambda books: books.form("SalesOrder", books.line("SalesOrder"))),
    ("estimates", lambda _books: query("Estimate", "")),
    ("price_levels", lambda books: books.form("Invoice", books.line("Invoice", "<PriceLevelRef><FullName>X</FullName></PriceLevelRef>"))),
    ("inventory_sites", lambda _books: query("InventorySite", "")),
    ("assemblies", lambda _books: query("BuildAssembly", "")),
    ("inventory", lambda _books: query("ItemInventory", "")),
    ("bar_codes", lambda _books: "<BarCodeQueryRq/>"),
    ("classes", lambda _books: query("Class", "")),
    ("units_of_measure", lambda _books: query("UnitOfMeasureSet", "")),
    ("time_tracking", lambda _books: query("TimeTracking", "")),
    ("payroll", lambda _books: query("PayrollItemWage", "")),
    ("serial_lot_numbers", lambda books: books.form("Invoice", books.line("Invoice", "<SerialNumber>1</SerialNumber>"))),
]  # fmt: skip


@pytest.mark.parametrize(("feature", "request_of"), FEATURES)
def test_features_off(make, feature, request_of):
    """What is not enabled is 3250, for whole kinds as for fields."""
    off, on = make(features_off=[feature]), make()

    assert off.code(request_of(off)) == 3250
    assert on.code(request_of(on)) in {0, 1, 3140}


def test_forbidden(make):
    """A kind that the user may not touch is 3260, by whatever request."""
    books = make(forbidden=["Invoice"])

    assert books.code(query("Invoice", "")) == 3260
    assert books.code("<TxnDelRq><TxnDelType>Invoice</TxnDelType><TxnID>1</TxnID></TxnDelRq>") == 3260
    assert books.code(query("Customer", "")) == 0


@pytest.mark.parametrize("allowed", [True, False])
def test_personal_data(make, allowed):
    """Without the permission such fields are left out, silently."""
    books = make(personal_data=allowed)
    (ret,) = books.done(
        "<EmployeeAddRq><EmployeeAdd><FirstName>Bo</FirstName><SSN>123</SSN></EmployeeAdd></EmployeeAddRq>"
    )
    rights = books.one("<PreferencesQueryRq/>").findtext(
        "PreferencesRet/CurrentAppAccessRights/IsPersonalDataAccessAllowed"
    )

    assert (ret.findtext("SSN") is not None) is allowed
    assert rights == str(allowed).lower()


def test_read_only(empty):
    company = type(empty)(Company(read_only=True))

    assert company.code("<CustomerAddRq><CustomerAdd><Name>A</Name></CustomerAdd></CustomerAddRq>") == 3263
    assert company.code(query("Account", "")) == 0


@pytest.mark.parametrize(("on", "code", "mode"), [(True, 3162, "MultiUser"), (False, 0, "SingleUser")])
def test_multi_user(make, on, code, mode):
    books = make(multi_user=on)
    ret = books.customer("Bob")

    assert (
        books.code(
            f"<ListDelRq><ListDelType>Customer</ListDelType><ListID>{ret.findtext('ListID')}</ListID></ListDelRq>"
        )
        == code
    )
    assert books.one("<HostQueryRq/>").findtext("HostRet/QBFileMode") == mode


def test_closing_date(make):
    """Changing before it is 3171, deleting 3161; a day later both go."""
    books = make(closing_date="2024-01-05")
    old = books.invoice("W1")
    lines = books.line("Invoice", "<Amount>1.00</Amount>")
    (new,) = books.done(books.form("Invoice", lines, head="<TxnDate>2024-01-06</TxnDate>"))
    gone = "<TxnDelRq><TxnDelType>Invoice</TxnDelType><TxnID>{}</TxnID></TxnDelRq>"

    assert books.code(mod("Invoice", old, "<Memo>x</Memo>")) == 3171
    assert books.code(gone.format(old.findtext("TxnID"))) == 3161
    assert books.code(mod("Invoice", new, "<TxnDate>2024-01-05</TxnDate>")) == 3171
    assert books.code(mod("Invoice", new, "<Memo>x</Memo>")) == 0
    assert books.code(gone.format(new.findtext("TxnID"))) == 0


@pytest.mark.parametrize(("blocks", "code"), [(True, 3171), (False, 0)])
def test_closing_blocks_adds(make, blocks, code):
    books = make(closing_date="2024-01-05", closing_blocks_adds=blocks)
    lines = books.line("Invoice", "<Amount>1.00</Amount>")

    assert books.code(books.form("Invoice", lines, head="<TxnDate>2024-01-05</TxnDate>")) == code
    assert books.code(books.form("Invoice", lines, head="<TxnDate>2024-01-06</TxnDate>")) == 0


# -- the document


def test_kept_outcomes(make):
    """Where only the newest outcome is kept, an older one is as if it had never been."""
    books = make(kept_outcomes=1)
    for number in (1, 2):
        books.ask(query("Account", ""), newMessageSetID=f"N{number}")
    books.ask("", newMessageSetID="N1", oldMessageSetID="N1")
    older = books.head["messageSetStatusCode"]
    books.ask("", newMessageSetID="N2", oldMessageSetID="N2")

    assert (older, books.head["messageSetStatusCode"]) == ("9002", "0")


@pytest.mark.parametrize(("recognises", "customers"), [(True, 2), (False, 2)])
def test_recognises_repeat_with_old(make, recognises, customers):
    """A stored set that is sent again while another ID is cleared: run again, or answered from what is stored."""
    books = make(recognises_repeat_with_old=recognises)
    body = "<CustomerAddRq><CustomerAdd><Name>Bob</Name></CustomerAdd></CustomerAddRq>"
    books.ask(body, newMessageSetID="N1")
    (again,) = books.ask(body, newMessageSetID="N1", oldMessageSetID="N0")

    assert again.get("statusCode") == ("0" if recognises else "3100")
    assert len(books.company.customers) == customers


@pytest.mark.parametrize("needs", [True, False])
def test_account_changes_need_apply(make, needs):
    """Without transactions nothing has to be said about them."""
    books = make(account_changes_need_apply=needs)

    def change(account, rest=""):
        entry = books.company.entries("ItemNonInventory")[0]
        ids = f"<ListID>{entry.list_id}</ListID><EditSequence>{entry.fields['EditSequence']}</EditSequence>"
        block = f"<AccountRef><FullName>{account}</FullName></AccountRef>{rest}"
        block = f"<SalesOrPurchaseMod>{block}</SalesOrPurchaseMod>"
        return f"<ItemNonInventoryModRq><ItemNonInventoryMod>{ids}{block}</ItemNonInventoryMod></ItemNonInventoryModRq>"

    apply = "<ApplyAccountRefToExistingTxns>true</ApplyAccountRefToExistingTxns>"
    assert books.code(change("Cost of Goods Sold")) == 0
    books.invoice()
    assert books.code(change("Cost of Goods Sold")) == 0
    assert books.code(change("Sales")) == (3170 if needs else 0)
    assert books.code(change("Sales", apply)) == 0


@pytest.mark.parametrize(("longest", "code"), [(23, "9004"), (24, "0")])
def test_longest_set_id(make, longest, code):
    books = make(longest_set_id=longest)
    books.ask("<HostQueryRq/>", newMessageSetID="x" * 24)

    assert books.head["messageSetStatusCode"] == code


@pytest.mark.parametrize(("stops", "second"), [(True, "3231"), (False, "0")])
def test_warnings_stop(make, stops, second):
    books = make(warnings_stop=stops)
    lines = books.line("Invoice", "<Quantity>1</Quantity><Rate>1.00</Rate><Amount>2.00</Amount>")
    first, after = books.ask(books.form("Invoice", lines) + query("Account", ""), on_error="stopOnError")

    assert (first.get("statusCode"), after.get("statusCode")) == ("530", second)


def test_max_requests(make):
    """One request more than this QuickBooks takes refuses the document, and nothing is run."""
    books = make(max_requests=2)
    books.ask(query("Account", "") * 2)

    with pytest.raises(QuickBooksError, match="0x80040402"):
        books.ask(query("Account", "") * 3)


# -- queries


@pytest.mark.parametrize(("finds", "found"), [(True, ["Bob"]), (False, [])])
def test_lookups_find_inactive(make, finds, found):
    books = make(lookups_find_inactive=finds)
    inactive(books)

    assert names(books.one(query("Customer", "<FullName>Bob</FullName>"))) == found


@pytest.mark.parametrize(("full", "found"), [(True, []), (False, ["Ann Lee:Job"])])
def test_name_filters_see_full_names(make, full, found):
    books = make(name_filters_see_full_names=full)
    books.customer("Job", "<ParentRef><FullName>Ann Lee</FullName></ParentRef>")
    starts = "<NameFilter><MatchCriterion>StartsWith</MatchCriterion><Name>job</Name></NameFilter>"

    assert names(books.one(query("Customer", starts))) == found


@pytest.mark.parametrize("code", [1, 500])
def test_all_numbers_missing(make, code):
    books = make(all_numbers_missing=code)

    assert books.code(query("Invoice", "<RefNumber>X</RefNumber>")) == code
    assert books.code(query("Invoice", "<RefNumberCaseSensitive>X</RefNumberCaseSensitive>")) == code


def test_max_keys(make):
    books = make(max_keys=1)

    assert books.code(query("Customer", "<FullName>Ann Lee</FullName>")) == 0
    assert books.code(query("Customer", "<FullName>Ann Lee</FullName><FullName>B</FullName>")) == 1000


def test_iterator_idle_seconds(make):
    """An iterator that was idle for too long is 3391."""
    books = make(iterator_idle_seconds=60)
    for name in ("B", "C"):
        books.customer(name)
    first = books.one(query("Customer", "<MaxReturned>1</MaxReturned>", iterator="Start"))
    more = query(
        "Customer", "<MaxReturned>1</MaxReturned>", iterator="Continue", iteratorID=first.get("iteratorID")
    )

    assert books.code(more) == 0
    books.company.wait(61)
    assert books.code(more) == 3391


@pytest.mark.parametrize("has", [True, False])
def test_empty_iterator_has_id(make, has):
    books = make(empty_iterator_has_id=has)
    rs = books.one(query("Invoice", "<MaxReturned>1</MaxReturned>", iterator="Start"))

    assert (rs.get("statusCode"), rs.get("iteratorID") is not None) == ("1", has)


# -- objects


@pytest.mark.parametrize(("refuses", "code"), [(True, 3140), (False, 0)])
def test_refuses_inactive_references(make, refuses, code):
    books = make(refuses_inactive_references=refuses)
    inactive(books)

    assert books.code(books.form("Invoice", books.line("Invoice"), customer="Bob")) == code


@pytest.mark.parametrize(("trims", "stored"), [(True, "Bob"), (False, " Bob ")])
def test_trims_names(make, trims, stored):
    assert make(trims_names=trims).customer(" Bob ").findtext("Name") == stored


@pytest.mark.parametrize(("unique", "code"), [(True, 3100), (False, 0)])
def test_external_guids_unique(make, unique, code):
    books = make(external_guids_unique=unique)
    guid = "<ExternalGUID>{12345678-90ab-cdef-1234-567890abcdef}</ExternalGUID>"
    books.done(books.form("Invoice", guid + books.line("Invoice")))

    assert books.code(books.form("Invoice", guid + books.line("Invoice"))) == code


@pytest.mark.parametrize(("switch", "date"), [("last", "2024-01-05"), ("today", "2024-01-02")])
def test_default_date(make, switch, date):
    books = make(default_date=switch)
    books.invoice("W1")
    (ret,) = books.done(books.form("Invoice", books.line("Invoice")))

    assert ret.findtext("TxnDate") == date


@pytest.mark.parametrize(("takes", "terms"), [(True, "Net 30"), (False, None)])
def test_forms_take_from_customer(make, takes, terms):
    books = make(forms_take_from_customer=takes)
    books.customer("Bob", "<TermsRef><FullName>Net 30</FullName></TermsRef>")
    (ret,) = books.done(books.form("Invoice", books.line("Invoice"), customer="Bob"))

    assert ret.findtext("TermsRef/FullName") == terms


@pytest.mark.parametrize(("marks", "memo"), [(True, "VOID:"), (False, None)])
def test_voids_mark_memo(make, marks, memo):
    books = make(voids_mark_memo=marks)
    ret = books.invoice("W1")
    books.ask(
        f"<TxnVoidRq><TxnVoidType>Invoice</TxnVoidType><TxnID>{ret.findtext('TxnID')}</TxnID></TxnVoidRq>"
    )

    assert books.company.invoices[0].fields.get("Memo") == memo


@pytest.mark.parametrize(("fixes", "code"), [(True, 3170), (False, 0)])
def test_fixes_currencies(make, fixes, code):
    """Before its first transaction a customer takes another currency; afterwards by the switch."""
    books = make(multicurrency=True, fixes_currencies=fixes)
    change = "<CustomerModRq><CustomerMod><ListID>{}</ListID><EditSequence>{}</EditSequence><CurrencyRef><FullName>{}</FullName></CurrencyRef></CustomerMod></CustomerModRq>"
    ann = books.company.customers[0]

    assert books.code(change.format(ann.list_id, ann.fields["EditSequence"], "Euro")) == 0
    books.invoice("W1")
    ann = books.company.customers[0]
    assert books.code(change.format(ann.list_id, ann.fields["EditSequence"], "US Dollar")) == code


@pytest.mark.parametrize(("enforces", "code"), [(True, 3180), (False, 0)])
def test_enforces_credit_limits(make, enforces, code):
    """What a customer owes with the new invoice is held against the limit."""
    books = make(enforces_credit_limits=enforces)
    books.customer("Bob", "<CreditLimit>15.00</CreditLimit>")
    books.invoice("W1", "10.00", customer="Bob")
    lines = books.line("Invoice", "<Amount>6.00</Amount>")

    assert books.code(books.form("Invoice", lines, customer="Bob")) == code
    assert books.code(books.form("Invoice", lines, customer="Ann Lee")) == 0


@pytest.mark.parametrize(("sells", "code"), [(True, 0), (False, 3180)])
def test_sells_beyond_stock(make, sells, code):
    books = make(sells_beyond_stock=sells)
    refs = (
        ("IncomeAccount", "Sales"),
        ("COGSAccount", "Cost of Goods Sold"),
        ("AssetAccount", "Inventory Asset"),
    )
    accounts = "".join(f"<{name}Ref><FullName>{account}</FullName></{name}Ref>" for name, account in refs)
    books.done(
        f"<ItemInventoryAddRq><ItemInventoryAdd><Name>Part</Name>{accounts}<QuantityOnHand>3</QuantityOnHand></ItemInventoryAdd></ItemInventoryAddRq>"
    )
    two = books.line("Invoice", "<Quantity>2</Quantity>", item="Part")

    assert books.code(books.form("Invoice", two + two)) == code
    assert books.code(books.form("Invoice", books.line("Invoice", item="Part"))) == 0


# -- money


@pytest.mark.parametrize(
    ("decimals", "rounding", "rate"),
    [(5, "half_even", "0.33333"), (2, "half_even", "0.33"), (2, "half_up", "0.33"), (3, "half_up", "0.333")],
)
def test_rate_decimals(make, decimals, rounding, rate):
    """A rate computed from quantity and amount has so many decimals; the amount stays."""
    books = make(rate_decimals=decimals, rate_rounding=rounding)
    (ret,) = books.done(
        books.form("Invoice", books.line("Invoice", "<Quantity>3</Quantity><Amount>1.00</Amount>"))
    )

    assert (ret.findtext("InvoiceLineRet/Rate"), ret.findtext("InvoiceLineRet/Amount")) == (rate, "1.00")


@pytest.mark.parametrize(("rounding", "rate"), [("half_even", "0.12"), ("half_up", "0.13")])
def test_rate_rounding(make, rounding, rate):
    books = make(rate_decimals=2, rate_rounding=rounding)
    (ret,) = books.done(
        books.form("Invoice", books.line("Invoice", "<Quantity>8</Quantity><Amount>1.00</Amount>"))
    )

    assert ret.findtext("InvoiceLineRet/Rate") == rate


@pytest.mark.parametrize(("recounts", "amount"), [(True, "30.00"), (False, "10.00")])
def test_quantity_recounts_amount(make, recounts, amount):
    books = make(quantity_recounts_amount=recounts)
    ret = books.invoice("W1")
    line = f"<InvoiceLineMod><TxnLineID>{ret.findtext('InvoiceLineRet/TxnLineID')}</TxnLineID><Quantity>3</Quantity></InvoiceLineMod>"
    (after,) = books.done(mod("Invoice", ret, line))

    assert after.findtext("InvoiceLineRet/Amount") == amount


@pytest.mark.parametrize(("severity", "second"), [("Error", "3231"), ("Info", "0")])
def test_severity_of_3210(make, severity, second):
    """3210 has been logged with severity Info; the severity decides whether a set stops."""
    books = make(severity_of_3210=severity)
    bad = books.form("Invoice", books.line("Invoice", "<Amount>-1.00</Amount>"))
    first, after = books.ask(bad + query("Account", ""), on_error="stopOnError")

    assert (first.get("statusCode"), first.get("statusSeverity")) == ("3210", severity)
    assert after.get("statusCode") == second
    assert books.company.invoices == []
