"""What came back for each request of a batch."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from attrs import evolve
from talking import Desk

from qbsync.qbxml import parse
from qbsync.service.batches import Batch, BatchState, Entry, Purpose
from qbsync.service.replies import Answer, ids_of, matched, met_by, replies_for

ENTRIES = (
    Entry(request_id="b.1", name="CustomerAddRq", need="customer:A"),
    Entry(request_id="b.2", name="InvoiceAddRq", job_id="1"),
    Entry(request_id="b.3", name="InvoiceAddRq", job_id="2"),
)
BATCH = Batch(
    id="b",
    company="Shop",
    purpose=Purpose.WRITE,
    session="s",
    document=b"<a/>\n<b/>",
    entries=ENTRIES,
    job_ids=("1", "2"),
    details={"rest": ["3"]},
    handed_out_at=datetime(2026, 11, 26, tzinfo=UTC),
)


def rs(name, request_id, code=0, inside=""):
    """Return one response as text."""
    severity = "Info" if code < 500 else "Error"
    ident = f' requestID="{request_id}"' if request_id else ""
    return (
        f'<{name}{ident} statusCode="{code}" statusSeverity="{severity}" statusMessage="m">{inside}</{name}>'
    )


def document(*responses):
    """Return a response document."""
    return parse(f"<QBXML><QBXMLMsgsRs>{''.join(responses)}</QBXMLMsgsRs></QBXML>")


def found(*responses):
    """Return the request ids that these responses answer."""
    return sorted(matched(ENTRIES, document(*responses)))


def test_responses_are_paired_by_id_and_name():
    """Whatever their order."""
    both = (rs("InvoiceAddRs", "b.3"), rs("InvoiceAddRs", "b.2"))

    assert found(*both) == ["b.2", "b.3"]


@pytest.mark.parametrize(
    "responses",
    [
        (rs("InvoiceAddRs", "c.2"),),
        (rs("InvoiceAddRs", ""),),
        (rs("CustomerAddRs", "b.2"),),
        (rs("InvoiceAddRs", "b.2"), rs("InvoiceAddRs", "b.2")),
        (rs("InvoiceAddRs", "b.2"), rs("InvoiceAddRs", "b.2"), rs("InvoiceAddRs", "b.2")),
        (),
    ],
    ids=["other id", "no id", "other name", "doubled", "tripled", "nothing"],
)
def test_what_does_not_match_is_unknown(responses):
    """Never a failure: nobody knows what became of the request."""
    assert found(*responses) == []


def test_a_response_of_another_name_beside_the_right_one_does_no_harm():
    """The one that matches counts."""
    assert found(rs("CustomerAddRs", "b.2"), rs("InvoiceAddRs", "b.2")) == ["b.2"]


def test_a_job_gets_its_needs_first():
    """Shared ones too; what did not come is unknown."""
    ret = "<InvoiceRet><TxnID>1-1</TxnID><EditSequence>7</EditSequence><RefNumber>N1</RefNumber></InvoiceRet>"
    responses = matched(
        ENTRIES, document(rs("CustomerAddRs", "b.1", 3100), rs("InvoiceAddRs", "b.2", inside=ret))
    )
    desk = Desk()
    (job_id,) = desk.customers("A")
    need, own = replies_for(desk.job(job_id), BATCH, ["customer:A", "unknown"], responses)

    assert (need.need, need.applied, need.text, need.ids) == ("customer:A", False, None, {})
    assert own.ids == {"TxnID": "1-1", "EditSequence": "7", "RefNumber": "N1"}
    assert own.applied is True
    assert own.text.startswith("<InvoiceAddRs")

    (_, silent) = replies_for(desk.job(job_id), BATCH, ["customer:A"], {})

    assert silent.applied is None
    assert silent.response is None


def test_a_refused_request_has_no_ids():
    """An object that comes with an error is not what the request made."""
    ret = "<InvoiceRet><TxnID>1-1</TxnID></InvoiceRet>"
    responses = matched(ENTRIES, document(rs("InvoiceAddRs", "b.2", 3200, ret)))
    desk = Desk()
    job = desk.job(desk.customers("A")[0])

    assert replies_for(job, BATCH, [], responses)[0].ids == {}


def test_ids_come_from_a_stored_outcome_too():
    """ErrorRecovery stands where the object would."""
    recovery = "<ErrorRecovery><TxnID>1-1</TxnID><TxnNumber>5</TxnNumber></ErrorRecovery>"
    responses = matched(ENTRIES, document(rs("InvoiceAddRs", "b.2", inside=recovery)))
    desk = Desk()
    job = desk.job(desk.customers("A")[0])

    assert replies_for(job, BATCH, [], responses)[0].ids == {"TxnID": "1-1", "TxnNumber": "5"}


@pytest.mark.parametrize(("code", "met"), [(0, True), (3100, True), (3140, False)])
def test_a_need_is_met_when_it_is_there(code, met):
    """Made now, or there under that name."""
    responses = matched(ENTRIES, document(rs("CustomerAddRs", "b.1", code)))

    assert met_by(BATCH, responses) == (["customer:A"] if met else [])
    assert met_by(BATCH, {}) == []


def test_the_first_that_tells_an_id_counts():
    """Holders are asked in order."""

    class Holder:
        txn_id = "1"
        list_id = None

    class Other:
        txn_id = "2"
        list_id = "3"

    assert ids_of([None, Holder(), Other()]) == {"TxnID": "1", "ListID": "3"}


# -- answers as they come


@pytest.mark.parametrize(
    ("response", "hresult", "message", "readable", "words"),
    [
        ("<QBXML><QBXMLMsgsRs/></QBXML>", "", "", True, ""),
        ("<QBXML><QBXMLMsgsRs/></QBXML>", "0x80040402", "odd", True, ""),
        (" \n ", "", "", False, "empty"),
        ("", "0x80040400", "", False, "0x80040400"),
        ("", " ", "text", False, "text"),
        ("", "0x1", "text", False, "0x1 text"),
        ("garbage", "", "", False, "cannot be read"),
        ('<QBXML><QBXMLMsgsRq onError="stopOnError"/></QBXML>', "", "", False, "request document"),
    ],
)
def test_an_answer_is_read_or_says_what_is_wrong(response, hresult, message, readable, words):
    """A response that is there counts, whatever stands beside it."""
    answer = Answer.read("digest", response, hresult, message)

    assert (answer.document is not None) is readable
    assert words in answer.error


def test_an_answer_names_its_requests_or_not():
    """One without request ids may come word for word to the next document too."""
    named = Answer.read("d", f"<QBXML><QBXMLMsgsRs>{rs('InvoiceAddRs', 'b.2')}</QBXMLMsgsRs></QBXML>", "", "")
    unnamed = Answer.read("d", f"<QBXML><QBXMLMsgsRs>{rs('InvoiceAddRs', '')}</QBXMLMsgsRs></QBXML>", "", "")

    assert named.named
    assert not unnamed.named
    assert not Answer.read("d", "", "0x1", "").named


# -- batches as they are stored


@pytest.mark.parametrize("state", BatchState)
def test_a_batch_is_read_back(state):
    """The exact bytes, line feeds and all, and everything else of it."""
    batch = evolve(BATCH, answered_at=datetime(2026, 11, 27, tzinfo=UTC), state=state)

    assert Batch.from_record(batch.to_record()) == batch
    assert Batch.from_record(BATCH.to_record()) == BATCH
