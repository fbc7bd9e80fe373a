"""The fast readers: the same as the careful one, or out of the way."""

from __future__ import annotations

import gc
import pickle

import attrs
import pytest
from message_maker import Maker

from qbsync import _xml, models
from qbsync.qbxml import build, catalogue, parse, reader
from qbsync.qbxml.compiled_reader import Readers
from qbsync.qbxml.reader import Reading


def parsed(inner: str):
    return _xml.parse(f"<a>{inner}</a>".encode())[0]


@pytest.mark.parametrize("name", catalogue.names()[1::2])
def test_both_readers_agree(name):
    """What the fast readers make of a message is what the careful one makes of it."""
    for seed, edition in enumerate(("US", "CA", "UK", "AU", "OE")):
        message = Maker(seed, 0.6, "14.0", edition).message(name)
        if message is None:
            continue
        root = _xml.parse(build([message], version="14.0", edition=edition))

        (fast,) = parse(build([message], version="14.0", edition=edition)).messages
        careful = reader.careful(root[0][0], Reading(64))

        assert fast == careful == message


def test_usual_objects_do_not_need_the_careful_reader():
    """Objects as QuickBooks writes them are read by the fast readers alone."""

    def careful(element, _reading):
        raise AssertionError(element.tag)

    readers = Readers(careful)
    inner = (
        "<InvoiceRet><TxnID>1</TxnID><TimeCreated>2024-07-01T14:21:06-08:00</TimeCreated>"
        "<CustomerRef><ListID>1</ListID><FullName>a</FullName></CustomerRef><ClassRef><FullName>b</FullName></ClassRef>"
        "<Memo></Memo><IsPaid>true</IsPaid><LinkedTxn><TxnID>2</TxnID></LinkedTxn>"
        "<InvoiceLineRet><Quantity>2.5</Quantity></InvoiceLineRet>"
        "<InvoiceLineGroupRet><TxnLineID>3</TxnLineID></InvoiceLineGroupRet></InvoiceRet>"
    )

    found = readers["InvoiceRet"](parsed(inner), Reading(64))

    assert found == reader.careful(parsed(inner), Reading(64))
    assert [type(line).__name__ for line in found.lines] == ["InvoiceLineRet", "InvoiceLineGroupRet"]


def test_what_was_read_is_as_frozen_as_what_was_made():
    """No draft is left: the class, its freezing, copies and pickles are those of the model."""
    (message,) = parse(
        "<QBXML><QBXMLMsgsRs><InvoiceAddRs><InvoiceRet><TxnID>1</TxnID>"
        "<TimeCreated>2024-07-01T14:21:06-08:00</TimeCreated></InvoiceRet></InvoiceAddRs></QBXMLMsgsRs></QBXML>"
    ).messages
    invoice = message.invoice_ret

    assert type(invoice) is models.InvoiceRet
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        invoice.txn_id = "2"
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        invoice.time_created.text = "2"
    assert pickle.loads(pickle.dumps(invoice)) == invoice
    assert hash(invoice.time_created) == hash(
        models.InvoiceRet(time_created=invoice.time_created).time_created
    )
    assert attrs.evolve(invoice, txn_id="2").txn_id == "2"


def test_the_collector_is_left_alone():
    """Reading does not switch off what the host program relies on."""
    text = "<QBXML><QBXMLMsgsRs>" + "<HostQueryRs/>" * 1000 + "</QBXMLMsgsRs></QBXML>"
    assert gc.isenabled()

    parse(text)

    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


@pytest.mark.parametrize(
    "stamp",
    ["2024-02-29T00:00:00-05:00", "2024-12-31T23:59:59", "2024-07-01", "1970-01-01T00:00:00", "2024-7-1T1"],
)
def test_time_stamps_keep_their_text(stamp):
    """Usual and rare forms of a time are the value of that text."""
    inner = f"<InvoiceRet><TimeCreated>{stamp}</TimeCreated></InvoiceRet>"

    assert reader.read(parsed(inner), Reading(64)).time_created.text == stamp


def test_references_with_one_id_and_two_names_stay_apart():
    """Ids are only unique within one kind of list: a reference is what both its texts say."""
    inner = (
        "<InvoiceRet><CustomerRef><ListID>1</ListID><FullName>a</FullName></CustomerRef>"
        "<ClassRef><ListID>1</ListID><FullName>b</FullName></ClassRef></InvoiceRet>"
    )

    found = reader.read(parsed(inner), Reading(64))

    assert found.customer_ref == models.Ref(list_id="1", full_name="a")
    assert found.class_ref == models.Ref(list_id="1", full_name="b")
