"""Jobs: the table of states, and what is stored of outcomes."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from qbsync.jobs import CHANGES, FORMAT, Job, Lease, Outcome, RequestOutcome, State

OUTCOME = Outcome(
    label="geschäft ☃",
    ids={"invoice": "1A-1", "payment": None},
    requests=(
        RequestOutcome(
            request_id="7:1",
            name="InvoiceAddRq",
            applied=True,
            status_code=0,
            severity="Info",
            message="Status OK",
            ids={"TxnID": "1A-1"},
            response='<InvoiceAddRs requestID="7:1"/>',
        ),
        RequestOutcome(request_id="7:2", name="ReceivePaymentAddRq", applied=None),
    ),
)


def test_an_outcome_is_stored_whole():
    """What is written as JSON reads back equal, with the number of its format."""
    text = OUTCOME.to_json()

    assert Outcome.from_json(text) == OUTCOME
    assert json.loads(text)["format"] == FORMAT


def test_without_documents_no_text_of_quickbooks_is_left():
    """Label, ids, codes and what was applied stay; messages and responses go."""
    bare = OUTCOME.without_documents()

    assert (bare.label, bare.ids) == (OUTCOME.label, OUTCOME.ids)
    assert [(r.applied, r.status_code, r.ids) for r in bare.requests] == [
        (True, 0, {"TxnID": "1A-1"}),
        (None, None, {}),
    ]
    assert {(r.message, r.response) for r in bare.requests} == {(None, None)}


def test_every_state_has_its_row():
    """The table says for each state what may follow; DONE is for ever."""
    assert set(CHANGES) == set(State)
    assert CHANGES[State.DONE] == frozenset()


def test_doubt_is_left_by_knowing_only():
    """A job in doubt cannot be cancelled, nor leased before it is settled."""
    assert CHANGES[State.IN_DOUBT] & {State.CANCELLED, State.LEASED} == set()


@pytest.mark.parametrize(("batch", "handed_out"), [(None, False), ("set", True)])
def test_a_lease_knows_whether_its_job_went_out(batch, handed_out):
    """A job with a batch went to QuickBooks under this lease."""
    now = datetime(2026, 3, 4, tzinfo=UTC)
    job = Job(
        id="1",
        company="Shop",
        kind="order",
        key="k",
        state=State.LEASED,
        payload=b"secret",
        priority=0,
        not_before=None,
        depends_on=(),
        attempts=0,
        reason=None,
        outcome=None,
        plan=None,
        batch=batch,
        created_at=now,
        updated_at=now,
    )
    lease = Lease(job=job, token="t" * 32, holder="s", deadline=now)

    assert lease.handed_out is handed_out
    assert "secret" not in repr(lease)
    assert "tttt" not in repr(lease)
