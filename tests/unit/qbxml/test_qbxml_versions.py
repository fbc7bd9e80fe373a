"""Versions: choosing one, and what an older QuickBooks does not know."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import attrs
import pytest

from qbsync import models
from qbsync.errors import InvalidRequestError, InvalidValueError, UsageError
from qbsync.qbxml import Version, build, check
from qbsync.qbxml.versions import attribute_since, drop_unknown, lower_of, negotiate, unknown_to

LINE = models.InvoiceLineAdd(
    item_ref=models.Ref(full_name="X"),
    quantity=Decimal(1),
    unit_of_measure="ea",
    serial_number="7",
)
INVOICE = models.InvoiceAddRq(
    request_id="1",
    invoice_add=models.InvoiceAdd(
        def_macro="TxnID:1",
        customer_ref=models.Ref(full_name="A"),
        txn_date=date(2024, 1, 2),
        other="o",
        lines=(LINE, attrs.evolve(LINE, serial_number=None)),
    ),
)


@pytest.mark.parametrize(
    ("listed", "wanted"),
    [
        (("1.0", "13.0", "16.0"), "13.0"),
        (("1.0", "CA3.0", "2.1", "11.0"), "11.0"),
        (("2.0", "10.0"), "10.0"),
        ("8.0", "8.0"),
        (["9.0 ", "6.1"], "9.0"),
    ],
)
def test_the_highest_version_that_both_speak(listed, wanted):
    """The highest version up to our ceiling, by number, without those of one country."""
    assert negotiate(listed) == wanted
    host = models.HostRet(supported_qbxml_version=(listed,) if isinstance(listed, str) else tuple(listed))
    assert negotiate(host) == wanted


def test_the_ceiling_is_for_the_caller_to_choose():
    """Who wants newer elements says so."""
    assert negotiate(("13.0", "16.0"), ceiling="16.0") == "16.0"
    assert negotiate(("13.0", "6.0"), ceiling="7.0") == "6.0"


@pytest.mark.parametrize("listed", [(), ("CA3.0",), ("14.0", "15.0"), ("nonsense",), None, 7])
def test_without_a_common_version_there_is_an_error_that_says_what_was_listed(listed):
    """Nothing is guessed."""
    with pytest.raises(UsageError):
        negotiate(listed)


def test_versions_compare_by_number():
    """Ten is more than nine, whatever their texts."""
    assert Version.parse("10.0") > Version.parse("9.0")
    assert lower_of("13.0", "8.0") == "8.0"
    assert str(Version.parse(" 6.1 ")) == "6.1"
    for text in ("13", "CA3.0", "", "1.0.0", "x"):
        with pytest.raises(InvalidValueError):
            Version.parse(text)


def test_attributes_have_versions_too():
    """Macros came with 2.0, iterators with 5.0."""
    assert attribute_since("defMacro") == "2.0"
    assert attribute_since("iterator") == "5.0"
    assert attribute_since("requestID") == "1.0"


def test_what_an_older_quickbooks_lacks_is_reported_by_path():
    """Each topmost element or attribute that is too new, with the version that brought it."""
    found = unknown_to(INVOICE, "6.0")

    assert [(problem.path, problem.code) for problem in found] == [
        ("InvoiceAddRq/InvoiceAdd/InvoiceLineAdd[1]/UnitOfMeasure", "version"),
        ("InvoiceAddRq/InvoiceAdd/InvoiceLineAdd[1]/SerialNumber", "version"),
        ("InvoiceAddRq/InvoiceAdd/InvoiceLineAdd[2]/UnitOfMeasure", "version"),
    ]
    assert unknown_to(INVOICE, "13.0") == []
    assert {problem.path for problem in unknown_to(INVOICE, "1.1")} >= {
        "InvoiceAddRq/InvoiceAdd@defMacro",
        "InvoiceAddRq/InvoiceAdd/Other",
    }


def test_dropping_is_asked_for_and_tells_what_went():
    """The same message without what the host lacks can be built for it; the original stays."""
    with pytest.raises(InvalidRequestError):
        build([INVOICE], version="6.0")

    message, dropped = drop_unknown(INVOICE, "6.0")

    assert len(dropped) == 3
    assert unknown_to(message, "6.0") == []
    assert check(message, version="6.0") == []
    assert b"SerialNumber" not in build([message], version="6.0")
    assert INVOICE.invoice_add.lines[0].serial_number == "7"


def test_what_is_known_stays_the_same_object():
    """Nothing to drop, nothing copied."""
    assert drop_unknown(INVOICE, "13.0") == (INVOICE, ())
    assert drop_unknown(INVOICE, "13.0")[0] is INVOICE


def test_other_editions():
    """What another edition does not know is reported as that."""
    message = attrs.evolve(INVOICE, invoice_add=attrs.evolve(INVOICE.invoice_add, is_tax_included=True))

    (problem,) = unknown_to(message, "13.0", "US")

    assert (problem.path, problem.code) == ("InvoiceAddRq/InvoiceAdd/IsTaxIncluded", "edition")
    assert unknown_to(message, "13.0", "CA") == []


def test_a_message_that_is_unknown_as_a_whole_cannot_be_dropped():
    """Nothing would be left."""
    message = models.TransferAddRq(transfer_add=models.TransferAdd())

    assert [problem.path for problem in unknown_to(message, "8.0")] == ["TransferAddRq"]
    with pytest.raises(InvalidRequestError):
        drop_unknown(message, "8.0")


@pytest.mark.parametrize("arguments", [(None, "13.0"), (INVOICE, "x"), (INVOICE, "13.0", "XX")])
def test_arguments_that_cannot_be(arguments):
    """No message, no version, no edition."""
    with pytest.raises(UsageError):
        unknown_to(*arguments)


@pytest.mark.parametrize("version", [13.0, 13, None, b"13.0"])
def test_a_version_is_a_text(version):
    """A number would lose what it says (1.10); it is refused wherever a version is named."""
    with pytest.raises(InvalidValueError, match="as a text"):
        Version.parse(version)
    with pytest.raises(InvalidValueError, match="as a text"):
        check(models.HostQueryRq(), version=version)
    with pytest.raises(InvalidValueError, match="as a text"):
        build([models.HostQueryRq()], version=version)


def test_the_answer_of_the_host_will_do():
    """The response that brought the host can be given as it is."""
    host = models.HostRet(supported_qbxml_version=("1.0", "12.0", "16.0"))

    assert negotiate(models.HostQueryRs(host_ret=host)) == negotiate(host) == "12.0"
