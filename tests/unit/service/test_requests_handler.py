"""Raw requests: what is sent, and what follows from each answer."""

from __future__ import annotations

import pytest
from talking import Desk, customer_add, invoice, raw, raw_job

from qbsync.jobs import NewJob
from qbsync.store.restored import mark
from qbsync.testing import Company


def put(desk, payload, key="a"):
    """Put a job with these bytes; return its id."""
    (answer,) = desk.outbox.put_jobs([NewJob(company="Shop", kind="requests", key=key, payload=payload)])
    return answer.job_id


def test_requests_go_out_in_order_and_as_they_are(desk):
    """One set, one request after the other; nothing is looked up first."""
    job_id = put(desk, raw(customer_add("B"), customer_add("A")))

    assert desk.run() == 1
    assert [one.full_name for one in desk.company.customers] == ["B", "A"]
    assert [one.applied for one in desk.job(job_id).outcome.requests] == [True, True]
    assert desk.job(job_id).outcome.label == "done"


def test_the_response_is_kept_as_it_came(desk):
    """Hosts read what they need from it later."""
    job_id = put(desk, raw("<CustomerQueryRq/>", "<HostQueryRq/>"))
    desk.run()
    first, second = desk.job(job_id).outcome.requests

    assert first.response.startswith("<CustomerQueryRs")
    assert "ProductName" in second.response
    assert first.severity == "Info"


@pytest.mark.parametrize("payload", [b"", b"garbage", b"<QBXML/>", raw("<NonsenseRq/>")])
def test_what_is_no_document_fails_its_job(desk, payload):
    """The reason tells what is wrong; nothing is sent."""
    job_id = put(desk, payload)

    assert desk.run() == 0
    assert desk.settled(job_id) in (["failed"], ["done"])
    assert desk.job(job_id).reason or payload == b"<QBXML/>"


def test_a_set_that_stops_goes_alone():
    """Its later requests must not run after an error: it shares a set with nobody."""
    desk = Desk().furnish()
    missing = MACRO_PAYMENT.format(customer="Bob").replace(
        '<TxnID useMacro="TxnID:inv"/>', "<TxnID>1-1</TxnID>"
    )
    job_id = put(
        desk, raw(customer_add("A"), missing, customer_add("B"), on_error="stopOnError"), key="stops"
    )
    desk.customers("C", "D")
    desk.run()
    codes = [one.status_code for one in desk.job(job_id).outcome.requests]

    assert desk.settled(job_id) == ["failed"]
    assert sorted(one.full_name for one in desk.company.customers) == ["A", "Ann Lee", "C", "D"]
    assert len(desk.set_of(job_id).job_ids) == 1
    assert (codes[0], codes[2]) == (0, 3231)


def test_a_taken_name_that_is_the_same_object_is_done(desk):
    """3100 on a list Add: it is looked up, and what is there counts."""
    desk.customers("A")
    desk.run()
    job_id = put(desk, raw(customer_add("A")), key="again")
    desk.run()

    assert desk.settled(job_id) == ["done"]
    assert desk.job(job_id).outcome.requests[0].ids["ListID"] == desk.company.customers[0].list_id


def test_a_taken_name_of_another_kind_fails_with_it(desk):
    """A vendor has the name: names are shared, and it is not the same."""
    put(desk, raw("<VendorAddRq><VendorAdd><Name>A</Name></VendorAdd></VendorAddRq>"), key="vendor")
    desk.run()
    (job_id,) = desk.customers("A")
    desk.run()

    assert desk.settled(job_id) == ["failed"]
    assert "3100" in desk.job(job_id).reason


def test_a_data_error_fails_this_job_only(desk):
    """The reference is missing: status, text and remedy are in the reason."""
    job_id = desk.outbox.put(invoice("N1", customer="Nobody"), key="n1").job_id
    other = desk.customers("A")[0]
    desk.run()

    assert desk.settled(job_id, other) == ["failed", "done"]
    assert "3140" in desk.job(job_id).reason


def test_what_a_person_can_put_right_is_held():
    """Rights are missing: the job waits for the operator, and a retry sends it."""
    desk = Desk(Company(forbidden=("Customer",)))
    (job_id,) = desk.customers("A")
    desk.run()

    assert desk.settled(job_id) == ["blocked"]
    assert "then retry" in desk.job(job_id).reason


def test_an_object_in_use_is_tried_again_later(desk):
    """Somebody has it open: nobody need act."""
    desk.customers("A")
    desk.run()
    (there,) = desk.company.customers
    desk.company.in_use.add(there.list_id)
    change = (
        f"<CustomerModRq><CustomerMod><ListID>{there.list_id}</ListID>"
        f"<EditSequence>{there.fields['EditSequence']}</EditSequence><Phone>1</Phone></CustomerMod></CustomerModRq>"
    )
    job_id = put(desk, raw(change), key="change")
    desk.log_in().run()

    assert desk.settled(job_id) == ["waiting"]
    assert "3175" in desk.job(job_id).reason
    assert desk.job(job_id).not_before > desk.company.now

    desk.company.in_use.clear()
    desk.wait(600)
    desk.run()

    assert desk.settled(job_id) == ["done"]


def test_a_partly_applied_job_sends_only_what_is_missing(desk):
    """The first request was done; after the cause is gone, a retry sends the second one alone."""
    desk.furnish()
    two = (invoice("N1"), invoice("N2", customer="Bob"))
    job_id = desk.outbox.put(two, key="both").job_id
    desk.run()

    assert desk.settled(job_id) == ["failed"]
    assert desk.job(job_id).outcome.label == "partly_done"

    desk.customers("Bob")
    desk.run()
    desk.outbox.retry(job_id)
    desk.run()

    assert desk.settled(job_id) == ["done"]
    assert sorted(one.ref_number for one in desk.company.invoices) == ["N1", "N2"]
    assert [one.applied for one in desk.job(job_id).outcome.requests] == [True, True]


MACRO_INVOICE = (
    '<InvoiceAddRq><InvoiceAdd defMacro="TxnID:inv"><CustomerRef><FullName>Ann Lee</FullName></CustomerRef>'
    "<TxnDate>2026-11-20</TxnDate><RefNumber>{number}</RefNumber><InvoiceLineAdd>"
    "<ItemRef><FullName>Tea</FullName></ItemRef><Quantity>1</Quantity><Amount>5.00</Amount></InvoiceLineAdd>"
    "</InvoiceAdd></InvoiceAddRq>"
)
MACRO_PAYMENT = (
    "<ReceivePaymentAddRq><ReceivePaymentAdd><CustomerRef><FullName>{customer}</FullName></CustomerRef>"
    "<TxnDate>2026-11-20</TxnDate><TotalAmount>5.00</TotalAmount><AppliedToTxnAdd>"
    '<TxnID useMacro="TxnID:inv"/><PaymentAmount>5.00</PaymentAmount></AppliedToTxnAdd></ReceivePaymentAdd>'
    "</ReceivePaymentAddRq>"
)


def test_the_same_macro_in_two_jobs_does_not_clash(desk):
    """Their scope is a set, which many jobs share: each job's are its own."""
    desk.furnish()
    ids = [
        put(desk, raw(MACRO_INVOICE.format(number=n), MACRO_PAYMENT.format(customer="Ann Lee")), key=n)
        for n in ("N1", "N2")
    ]
    desk.run()

    assert desk.settled(*ids) == ["done", "done"]
    assert {one.links for one in desk.company.payments} == {(one.txn_id,) for one in desk.company.invoices}
    assert desk.company.open_balance() == 0


def test_a_retry_puts_the_recorded_id_in_place_of_a_macro(desk):
    """The invoice was made, its payment refused: the payment alone goes out, naming the invoice by id."""
    desk.furnish()
    payload = raw(MACRO_INVOICE.format(number="N1"), MACRO_PAYMENT.format(customer="Bob"))
    job_id = put(desk, payload)
    desk.run()

    assert desk.job(job_id).outcome.label == "partly_done"

    desk.outbox.retry(job_id)
    talk = desk.log_in()
    document = talk.send()

    assert "InvoiceAddRq" not in document
    assert desk.company.invoices[0].txn_id in document


def test_a_restored_store_looks_before_it_writes():
    """QuickBooks may have done what the backup does not know of: every write is looked up first."""
    desk = Desk().furnish()
    first = desk.outbox.put(invoice("N1"), key="n1").job_id
    talk = desk.log_in()
    talk.process(talk.send())
    talk.close()
    desk.outbox.resolve(first, applied=False)
    with desk.store.begin() as t:
        mark(t, "a copy of yesterday")
    desk.run()

    assert desk.settled(first) == ["done"]
    assert len(desk.company.invoices) == 1


def test_nobody_is_told(desk):
    """Hosts look at the job; done of raw requests does nothing."""
    desk.outbox.put_jobs([raw_job("a", customer_add("A"))])
    desk.run()
    desk.service.tick(desk.company.now)
    with desk.store.begin() as t:
        assert t.records.page("", "delivery").items == []
