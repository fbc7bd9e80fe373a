"""Values that the simulated QuickBooks cannot hold fail their request alone, with the code of their type."""

from __future__ import annotations

from decimal import Decimal

import pytest

from qbsync.testing._refusals import Refusal
from qbsync.testing._values import Facts, cents, converter, money, price, storable


def convert(kind: str, text: str, **facts) -> str:
    return converter(kind, Facts(field="Field", **facts))(text)


@pytest.mark.parametrize(
    ("kind", "text", "stored"),
    [
        ("STRTYPE", " José ", " José "),
        ("STRTYPE", "łódź 😀", "?ód? ?"),
        ("IDTYPE", "80000001-1234567890", "80000001-1234567890"),
        ("GUIDTYPE", "0", "0"),
        ("GUIDTYPE", "{6f1b3a52-90c4-4e7d-8a25-3d0e9b71c846}", "{6F1B3A52-90C4-4E7D-8A25-3D0E9B71C846}"),
        ("BOOLTYPE", "1", "true"),
        ("BOOLTYPE", "false", "false"),
        ("BOOLTYPE", "", ""),
        ("DATETYPE", "2024-02-29", "2024-02-29"),
        ("DATETYPE", "", ""),
        ("DATETIMETYPE", "2024-1-2T3", "2024-1-2T3"),
        ("DATETIMETYPE", "2024-01-02T03:04:05-08:00", "2024-01-02T03:04:05-08:00"),
        ("TIMEINTERVALTYPE", "PT8H30M0S", "PT8H30M0S"),
        ("AMTTYPE", "15", "15.00"),
        ("AMTTYPE", "+1.50", "1.50"),
        ("AMTTYPE", "-9999999999999.99", "-9999999999999.99"),
        ("AMTTYPE", "", ""),
        ("PRICETYPE", "2.5", "2.50"),
        ("PRICETYPE", "2.12345", "2.12345"),
        ("QUANTYPE", "3.00", "3"),
        ("QUANTYPE", "0.16667", "0.16667"),
        ("PERCENTTYPE", "8.25", "8.25"),
        ("FLOATTYPE", "1.25", "1.25"),
        ("INTTYPE", "007", "7"),
    ],
)
def test_forms_that_are_taken(kind, text, stored):
    assert convert(kind, text) == stored


@pytest.mark.parametrize(
    ("kind", "text", "code"),
    [
        ("STRTYPE", "x" * 12, 3070),
        ("IDTYPE", "x" * 37, 3000),
        ("IDTYPE", "a\nb", 3000),
        ("GUIDTYPE", "", 3065),
        ("GUIDTYPE", "6F1B3A52-90C4-4E7D-8A25-3D0E9B71C846", 3065),
        ("BOOLTYPE", "True", 3010),
        ("DATETYPE", "2023-02-29", 3020),
        ("DATETYPE", "01/02/2024", 3020),
        ("DATETYPE", "2024-01-02T00:00:00", 3020),
        ("DATETIMETYPE", "2038-01-20", 3020),
        ("DATETIMETYPE", "2024-01-02 03:04", 3020),
        ("DATETIMETYPE", "2024-13-02", 3020),
        ("TIMEINTERVALTYPE", "8:30", 3035),
        ("AMTTYPE", "1.5", 3040),
        ("AMTTYPE", "1.005", 3040),
        ("AMTTYPE", "1,000.00", 3040),
        ("AMTTYPE", "12345678901234", 3040),
        ("AMTTYPE", "1e3", 3040),
        ("PRICETYPE", "13.344911793183279", 3045),
        ("PRICETYPE", "$1", 3045),
        ("QUANTYPE", "1.123456", 3060),
        ("PERCENTTYPE", "8.25%", 3050),
        ("FLOATTYPE", "1e3", 3085),
        ("INTTYPE", "", 3085),
        ("INTTYPE", "1.0", 3085),
        ("ENUMTYPE", "bank", 3110),
        ("ENUMTYPE", "", 3110),
    ],
)
def test_forms_that_fail(kind, text, code):
    facts = {"longest": 11} if kind == "STRTYPE" else {"values": ("Bank",)} if kind == "ENUMTYPE" else {}
    with pytest.raises(Refusal, match="Field") as caught:
        convert(kind, text, **facts)

    assert caught.value.code == code


@pytest.mark.parametrize(("kind", "text"), [("INTTYPE", "0"), ("INTTYPE", "32"), ("PRICETYPE", "0.5")])
def test_bounds_of_numbers(kind, text):
    with pytest.raises(Refusal) as caught:
        convert(kind, text, least="1", most="31")

    assert caught.value.code == 3085


def test_money_is_whole_cents_both_ways():
    for text, amount in (("0.00", 0), ("-0.05", -5), ("1330735.71", 133073571), ("-12.30", -1230)):
        assert cents(text) == amount
        assert money(amount) == text


def test_rates_show_two_to_five_decimals():
    assert price(Decimal("3.3333333")) == "3.33333"
    assert price(Decimal(14)) == "14.00"
    assert price(Decimal("0.5")) == "0.50"


def test_text_is_kept_as_windows_1252_keeps_it():
    assert storable("“€” Müller") == "“€” Müller"
    assert storable("Stanisław Wójcik") == "Stanis?aw Wójcik"
    assert storable("日本") == "??"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        (f"<Name>{'x' * 42}</Name>", 3070),
        ("<Name>a:b</Name>", 3090),
        ("<Name> </Name>", 3090),
        ("<Name>B</Name><IsActive>yes</IsActive>", 3010),
        ("<Name>B</Name><CreditLimit>1.5</CreditLimit>", 3040),
        ("<Name>B</Name><JobStatus>Sleeping</JobStatus>", 3110),
        ("<Name>B</Name><JobStartDate>soon</JobStartDate>", 3020),
        ("<Name>B</Name><ParentRef><FullName>Nobody</FullName></ParentRef>", 3130),
        ("<Name>B</Name><TermsRef><FullName>Net 99</FullName></TermsRef>", 3140),
        ("<Name>B</Name><TermsRef><ListID>0-0</ListID></TermsRef>", 3000),
    ],
)
def test_a_bad_value_fails_its_request_and_the_others_run(books, fields, code):
    bad = f"<CustomerAddRq><CustomerAdd>{fields}</CustomerAdd></CustomerAddRq>"
    good = "<CustomerAddRq><CustomerAdd><Name>Eve</Name></CustomerAdd></CustomerAddRq>"
    first, second = books.ask(bad + good)

    assert (first.get("statusCode"), first.get("statusSeverity"), len(first)) == (str(code), "Error", 0)
    assert second.get("statusCode") == "0"
    assert [customer.full_name for customer in books.company.customers] == ["Ann Lee", "Eve"]


def test_a_message_states_the_field_and_the_limit(books):
    rs = books.one(f"<CustomerAddRq><CustomerAdd><Name>{'x' * 42}</Name></CustomerAdd></CustomerAddRq>")

    assert '"Name"' in rs.get("statusMessage")
    assert "41" in rs.get("statusMessage")


def test_a_request_id_over_50_characters_is_1060(books):
    (short, long) = books.ask(f'<HostQueryRq requestID="{"x" * 50}"/><HostQueryRq requestID="{"x" * 51}"/>')

    assert (short.get("statusCode"), long.get("statusCode")) == ("0", "1060")
    assert long.get("requestID") == "x" * 51
