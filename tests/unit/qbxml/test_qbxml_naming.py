"""Names: one rule for elements and attributes, a small table for mixes."""

from __future__ import annotations

import pytest

from qbsync.qbxml import catalogue
from qbsync.qbxml.catalogue import Choice
from qbsync.qbxml.naming import field_name, mix_name


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("TxnLineID", "txn_line_id"),
        ("PONumber", "po_number"),
        ("QBFileMode", "qb_file_mode"),
        ("Addr1", "addr1"),
        ("COGSAccountRef", "cogs_account_ref"),
        ("requestID", "request_id"),
        ("defMacro", "def_macro"),
        ("Class", "class_"),
        ("isTrackingFoo", "is_tracking_foo"),
    ],
)
def test_names_are_split_at_words(name, field):
    """Capitals stay together, digits stay attached, keywords get an underscore."""
    assert field_name(name) == field


@pytest.mark.parametrize(
    ("aggregate", "field"),
    [("InvoiceAdd", "lines"), ("BillMod", "lines"), ("ReportData", "rows"), ("EntityQueryRs", "rets")],
)
def test_mixes_have_names_from_the_table(aggregate, field):
    """A free mix of elements is one field with a plain name."""
    (mix,) = (
        particle
        for particle in catalogue.aggregate(aggregate).particles
        if isinstance(particle, Choice) and particle.max is None
    )

    assert mix_name(mix) == field


def test_a_mix_that_nobody_named_is_an_error():
    """A new kind of mix in a newer table is noticed, not named by guess."""
    other = catalogue.aggregate("CustomerRef").particles

    with pytest.raises(KeyError):
        mix_name(Choice(min=0, max=None, branches=((other[0],), (other[1],))))
