"""The garbage collector follows what a small document holds, and leaves large ones in peace."""

from __future__ import annotations

import ctypes
import gc
import weakref

import attrs
import pytest

from qbsync import _xml, models
from qbsync.qbxml import iterparse, parse, untracked
from qbsync.qbxml.untracked import untracking

INVOICE = (
    "<InvoiceRet><TxnID>{}</TxnID><CustomerRef><ListID>{}</ListID><FullName>a</FullName></CustomerRef>"
    "<InvoiceLineRet><TxnLineID>{}</TxnLineID><Desc>b</Desc></InvoiceLineRet></InvoiceRet>"
)


def answer(count):
    some = "".join(INVOICE.format(number, number, number) for number in range(count))
    return f"<QBXML><QBXMLMsgsRs><InvoiceQueryRs statusCode='0'>{some}</InvoiceQueryRs></QBXMLMsgsRs></QBXML>"


def large():
    text = answer(2000)
    assert len(text) > _xml.AT_ONCE
    return parse(text).messages[0].invoice_ret


def parts(invoice):
    return invoice, invoice.customer_ref, invoice.lines[0]


def test_objects_of_a_large_document_are_not_followed():
    """Neither an invoice nor what it holds is gone through again and again while others are read."""
    followed = [part for invoice in large() for part in parts(invoice) if gc.is_tracked(part)]

    assert followed == []


def test_objects_of_small_documents_and_of_streams_stay_as_python_makes_them():
    """Where few objects are alive at a time there is nothing to save."""
    (small,) = parse(answer(1)).messages[0].invoice_ret
    (streamed,) = iterparse(answer(1).encode())

    assert all(gc.is_tracked(part) for part in (*parts(small), *parts(streamed)))


def test_they_are_freed_when_nobody_holds_them():
    """Their memory comes back at once, without the collector."""

    class Witness(str):
        __slots__ = ("__weakref__",)

    invoices = large()
    witness = Witness("here")
    gone = weakref.ref(witness)
    held = attrs.evolve(invoices[0], memo=witness)
    untracking()(held)
    del witness
    assert gone() is not None

    del held

    assert gone() is None


def test_they_hold_what_the_collector_would_else_take():
    """What only such an object holds is alive: the collector takes nothing that it did not go through."""

    class Followed(list):
        __slots__ = ()

    held = models.InvoiceRet(memo=Followed(["still here"]))
    untracking()(held)

    gc.collect()

    assert held.memo == ["still here"]


def test_they_are_equal_to_the_others():
    """Nothing else is different about them."""
    (small,) = parse(answer(1)).messages[0].invoice_ret

    assert large()[0] == small
    assert hash(large()[0]) == hash(small)
    assert attrs.evolve(large()[0], memo="x") == attrs.evolve(small, memo="x")


@pytest.mark.parametrize("missing", ["ctypes", "function"])
def test_a_python_without_that_interface_reads_the_same(monkeypatch, missing):
    """Objects stay followed there, and nothing fails."""
    if missing == "ctypes":
        monkeypatch.setitem(__import__("sys").modules, "ctypes", None)
    else:
        monkeypatch.setattr(ctypes, "pythonapi", object())
    made = models.InvoiceRet()

    untracked.untracking()(made)

    assert gc.is_tracked(made)
