"""Rules: each is told with its place, its code, what was expected and what came."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from qbsync import models
from qbsync.errors import InvalidValueError, UsageError
from qbsync.qbxml import CLEAR, UseMacro, Version, catalogue, check, parse

REF = models.Ref(full_name="x")


def invoice(**values):
    return models.InvoiceAddRq(invoice_add=models.InvoiceAdd(**{"customer_ref": REF, **values}))


def line(**values):
    return invoice(lines=(models.InvoiceLineAdd(), models.InvoiceLineAdd(**values)))


ADD = "InvoiceAddRq/InvoiceAdd"
LINE = f"{ADD}/InvoiceLineAdd[2]"
CASES = [
    ("missing", invoice(customer_ref=None), f"{ADD}/CustomerRef", "missing"),
    ("missing attribute-free part", models.InvoiceAddRq(), ADD, "missing"),
    ("length", invoice(ref_number="123456789012"), f"{ADD}/RefNumber", "length"),
    ("length of an id", models.HostQueryRq(request_id="x" * 51), "HostQueryRq@requestID", "length"),
    ("empty", invoice(memo=""), f"{ADD}/Memo", "empty"),
    ("type", invoice(txn_date="2024-01-01"), f"{ADD}/TxnDate", "type"),
    ("type of a part", invoice(customer_ref="Ann"), f"{ADD}/CustomerRef", "type"),
    ("type of a line", invoice(lines=(REF,)), f"{ADD}.lines", "type"),
    ("a list for a tuple", invoice(lines=[]), f"{ADD}.lines", "type"),
    ("a list of parts", invoice(set_credit=[]), f"{ADD}/SetCredit", "type"),
    ("float", line(rate=1.5), f"{LINE}/Rate", "type"),
    ("decimals", line(amount=Decimal("1.234")), f"{LINE}/Amount", "lexical"),
    ("choice", line(rate=Decimal(1), rate_percent=Decimal(1)), LINE, "choice"),
    ("control", line(desc="a\x01"), f"{LINE}/Desc", "characters"),
    ("beyond Windows-1252", line(desc="ł"), f"{LINE}/Desc", "characters"),
    ("edition", invoice(is_tax_included=True), f"{ADD}/IsTaxIncluded", "edition"),
    ("macro", invoice(customer_ref=models.Ref(list_id=UseMacro("x"))), f"{ADD}/CustomerRef/ListID", "macro"),
    (
        "too many digits",
        models.CustomerQueryRq(max_returned=10**5000),
        "CustomerQueryRq/MaxReturned",
        "lexical",
    ),
    (
        "a time too long",
        models.TimeTrackingMod(
            txn_id="1", edit_sequence="1", entity_ref=REF, duration=timedelta(hours=10**9)
        ),
        "TimeTrackingMod/Duration",
        "lexical",
    ),
    (
        "macro without a name",
        models.ClearedStatusModRq(
            cleared_status_mod=models.ClearedStatusMod(txn_id=UseMacro(""), cleared_status="Cleared")
        ),
        "ClearedStatusModRq/ClearedStatusMod/TxnID",
        "macro",
    ),
    (
        "upper bound",
        models.DateDrivenTermsAddRq(
            date_driven_terms_add=models.DateDrivenTermsAdd(name="a", day_of_month_due=32)
        ),
        "DateDrivenTermsAddRq/DateDrivenTermsAdd/DayOfMonthDue",
        "bounds",
    ),
    ("required attribute", models.ColTitle(), "ColTitle@titleRow", "missing"),
    (
        "enumeration",
        models.CustomerQueryRq(active_status="Some"),
        "CustomerQueryRq/ActiveStatus",
        "enumeration",
    ),
    (
        "enumeration of an attribute",
        models.CustomerQueryRq(iterator="Go"),
        "CustomerQueryRq@iterator",
        "enumeration",
    ),
    ("lower bound", models.CustomerQueryRq(max_returned=0), "CustomerQueryRq/MaxReturned", "bounds"),
    ("never empty", models.CustomerQueryRq(max_returned=CLEAR), "CustomerQueryRq/MaxReturned", "empty"),
    (
        "two selections",
        models.CustomerQueryRq(list_id=("1",), full_name=("a",)),
        "CustomerQueryRq",
        "choice",
    ),
    (
        "nothing of a required choice",
        models.CustomerQueryRq(currency_filter=models.CurrencyFilter()),
        "CustomerQueryRq/CurrencyFilter",
        "choice",
    ),
    (
        "too many",
        models.VendorAddRq(vendor_add=models.VendorAdd(name="v", prefill_account_ref=(REF,) * 4)),
        "VendorAddRq/VendorAdd/PrefillAccountRef",
        "too-many",
    ),
]


@pytest.mark.parametrize(("message", "path", "code"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_each_rule_is_told_with_its_place(message, path, code):
    """Exactly the fault is named, and its sentence begins with its place."""
    (problem,) = check(message, version="13.0")

    assert (problem.path, problem.code) == (path, code)
    assert problem.message == f"{path}: expected {problem.expected}, got {problem.got}"
    assert str(problem) == problem.message


def test_versions_are_those_spoken():
    """An element that came later is refused, once, at the highest place that is too young."""
    message = line(serial_number="1", desc="x")

    assert check(message, version="11.0") == []
    (problem,) = check(message, version="10.0")
    assert (problem.path, problem.code) == (f"{LINE}/SerialNumber", "version")
    (problem,) = check(models.LeadQueryRq(), version="12.0")
    assert (problem.path, problem.code) == ("LeadQueryRq", "version")


def test_editions_are_those_spoken():
    """What one edition lacks another has."""
    message = invoice(is_tax_included=True)

    assert check(message, version="13.0", edition="UK") == []


def test_responses_may_lack_everything():
    """A response without its elements is as good as any."""
    answer = models.InvoiceAddRs(invoice_ret=models.InvoiceRet())

    assert check(answer, version="13.0") == []


def test_parts_can_be_checked_alone():
    """An aggregate is checked like a message, by its own name."""
    (problem,) = check(models.InvoiceLineAdd(desc=""), version="13.0")

    assert problem.path == "InvoiceLineAdd/Desc"
    assert check(REF, version="13.0") == []


def test_what_was_kept_is_told():
    """A request that was read is told about what the language does not have, and about its order."""
    (message,) = parse(
        "<QBXML><QBXMLMsgsRq onError='stopOnError'><InvoiceAddRq><InvoiceAdd new='1'>"
        "<TxnDate>2024-01-02</TxnDate><CustomerRef><FullName>x</FullName></CustomerRef><New/>"
        "<IsPending>yes</IsPending></InvoiceAdd></InvoiceAddRq></QBXMLMsgsRq></QBXML>"
    ).messages

    assert message.invoice_add.txn_date == date(2024, 1, 2)
    assert [(problem.path, problem.code) for problem in check(message, version="13.0")] == [
        (f"{ADD}@new", "unknown"),
        (f"{ADD}/CustomerRef", "order"),
        (f"{ADD}/New", "unknown"),
        (f"{ADD}/IsPending", "lexical"),
    ]


def test_what_cannot_be_checked_is_refused():
    """Only models are checked, for editions and versions that exist."""
    with pytest.raises(UsageError):
        check("x", version="13.0")
    with pytest.raises(InvalidValueError):
        check(REF, version="13")
    with pytest.raises(InvalidValueError):
        check(REF, version="13.0", edition="DE")


QUERY = "CustomerQueryRq"
SOME_ID = "{01234567-89ab-cdef-0123-456789abcdef}"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"iterator": "Start", "max_returned": 9}, []),
        ({"iterator": "Continue", "iterator_id": SOME_ID, "max_returned": 9}, []),
        ({"iterator": "Stop", "iterator_id": SOME_ID}, []),
        ({"iterator": "Start"}, [f"{QUERY}/MaxReturned"]),
        ({"iterator": "Start", "max_returned": 9, "iterator_id": SOME_ID}, [f"{QUERY}@iteratorID"]),
        ({"iterator": "Continue", "max_returned": 9}, [f"{QUERY}@iteratorID"]),
        ({"iterator": "Stop"}, [f"{QUERY}@iteratorID"]),
        ({"iterator_id": SOME_ID}, [f"{QUERY}@iteratorID"]),
        ({"iterator": "Start", "full_name": ("Ann",)}, [f"{QUERY}@iterator"]),
    ],
)
def test_iterators_have_pages_and_ids(values, expected):
    """An iterator starts without id, goes on with it, has pages, and never selects one by one."""
    problems = check(models.CustomerQueryRq(**values), version="13.0")

    assert [problem.path for problem in problems] == expected
    assert {problem.code for problem in problems} <= {"iterator"}


def test_attributes_and_macros_have_versions():
    """Macros came with 2.0, iterators with 5.0."""
    query = models.CustomerQueryRq(iterator="Start", max_returned=1)
    (problem,) = check(query, version="4.1")
    assert (problem.path, problem.code) == (f"{QUERY}@iterator", "version")

    pay = models.ReceivePaymentAddRq(
        receive_payment_add=models.ReceivePaymentAdd(
            customer_ref=REF,
            applied_to_txn_add=(models.AppliedToTxnAdd(txn_id=UseMacro("TxnID:i")),),
        )
    )
    assert check(pay, version="2.0") == []
    (problem,) = check(pay, version="1.1")
    assert problem.path.endswith("/AppliedToTxnAdd[1]/TxnID@useMacro")
    assert problem.code == "version"


@pytest.mark.parametrize(
    ("name", "field", "element"),
    [
        ("InvoiceMod", "txn_date", "TxnDate"),
        ("CreditMemoLineMod", "quantity", "Quantity"),
        ("SalesOrderMod", "is_manually_closed", "IsManuallyClosed"),
        ("EstimateLineMod", "markup_rate", "MarkupRate"),
    ],
)
def test_some_fields_cannot_be_cleared(name, field, element):
    """QuickBooks refuses to clear them; others of the same form it clears."""
    shape = {"txn_id": "1-2", "edit_sequence": "1", "txn_line_id": "1-3"}
    known = {key: text for key, text in shape.items() if hasattr(getattr(models, name)(), key)}

    (problem,) = check(getattr(models, name)(**known, **{field: CLEAR}), version="13.0")
    assert (problem.path, problem.code) == (f"{name}/{element}", "empty")
    assert check(models.InvoiceMod(txn_id="1-2", edit_sequence="1", memo=CLEAR), version="13.0") == []


def test_names_of_list_objects_hold_no_colon():
    """A colon parts the levels of a name; where a name is only looked for it may stand."""
    (problem,) = check(models.CustomerAddRq(customer_add=models.CustomerAdd(name="a:b")), version="13.0")
    assert (problem.path, problem.code) == ("CustomerAddRq/CustomerAdd/Name", "characters")

    looked_for = models.NameFilter(match_criterion="Contains", name="a:b")
    assert check(models.CustomerQueryRq(name_filter=looked_for), version="13.0") == []


def test_inside_what_is_unknown_versions_are_not_told_again():
    """One problem for the topmost element that is too new; other faults inside it are still told."""
    note = models.AdditionalNotes(note="x" * 5000)
    request = models.CustomerAddRq(customer_add=models.CustomerAdd(name="a", additional_notes=(note,)))

    problems = check(request, version="8.0")
    place = "CustomerAddRq/CustomerAdd/AdditionalNotes[1]"
    assert [(problem.path, problem.code) for problem in problems] == [
        (place, "version"),
        (f"{place}/Note", "length"),
    ]


def test_nothing_is_missing_that_the_edition_lacks():
    """Required is what the QuickBooks spoken to knows."""
    for name in catalogue.names():
        element = catalogue.element(name)
        for version, edition in (("1.0", "US"), ("13.0", "OE"), ("13.0", "UK")):
            problems = check(getattr(models, name)(), version=version, edition=edition)
            told = {
                problem.path.removeprefix(f"{name}/") for problem in problems if problem.code == "missing"
            }
            required = {
                part.name
                for part in element.shape.elements()
                if edition not in part.not_in and Version.parse(part.since) <= Version.parse(version)
            }
            assert {place for place in told if "@" not in place and "." not in place} <= required


def test_all_problems_are_told_at_once():
    """One look finds every fault, in the order of the language."""
    message = models.InvoiceAddRq(
        request_id="x" * 51,
        invoice_add=models.InvoiceAdd(
            txn_date="today",
            ref_number="123456789012",
            is_tax_included=True,
            memo="ł",
            lines=(models.InvoiceLineAdd(rate=1.5, rate_percent=Decimal(1), quantity=Decimal("1.1234567")),),
        ),
    )
    found = [(p.path.removeprefix(f"{ADD}/"), p.code) for p in check(message, version="13.0")]
    assert found == [
        ("CustomerRef", "missing"),
        ("TxnDate", "type"),
        ("RefNumber", "length"),
        ("Memo", "characters"),
        ("IsTaxIncluded", "edition"),
        ("InvoiceLineAdd[1]/Quantity", "lexical"),
        ("InvoiceLineAdd[1]", "choice"),
        ("InvoiceLineAdd[1]/Rate", "type"),
        ("InvoiceAddRq@requestID", "length"),
    ]
