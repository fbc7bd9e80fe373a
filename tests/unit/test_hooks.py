"""Events: their stored form, their lines in the log, and their way to hooks."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import attrs
import pytest

from qbsync import Outbox, Service
from qbsync.auth import add_account
from qbsync.hooks import EVENTS, BatchSent, JobInDoubt, JobSettled, from_json, log_event, to_json
from qbsync.models import CustomerAdd, CustomerAddRq
from qbsync.store.memory import MemoryStore
from qbsync.testing import Company, WebConnector
from qbsync.testing.faults import LostReply, Plan

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
PASSWORD = "long enough"


def sample(kind):
    """An event of that kind with a value for each field."""
    values = {"datetime": NOW, "int": 7, "float": 1.5, "str": "Zoë"}
    return kind(**{field.name: values[str(field.type)] for field in attrs.fields(kind)})


@pytest.mark.parametrize("kind", EVENTS.values(), ids=list(EVENTS))
def test_the_stored_form_comes_back(kind):
    """Every field of every event."""
    event = sample(kind)

    assert from_json(to_json(event)) == event


def test_a_line_of_the_log_has_stable_keys(caplog):
    """The name is the message's first word, the fields are in the record."""
    with caplog.at_level(logging.INFO, logger="qbsync.events"):
        log_event(sample(BatchSent))
        log_event(sample(EVENTS["call_served"]))  # a matter of debugging
    (record,) = caplog.records

    assert record.getMessage().startswith("batch_sent ")
    assert record.event_company == "Zoë"
    assert record.event_requests == 7
    assert record.levelno == logging.INFO


class Heard(list):
    """A hook that remembers, and fails the first so many times."""

    def __init__(self, failures=0):
        super().__init__()
        self.failures = failures

    def __call__(self, event):
        if self.failures:
            self.failures -= 1
            raise RuntimeError("the host's trouble")
        self.append(event)


def sync(hook, plan=None):
    """Post one customer and let the hook hear of it; return the service."""
    company = Company()
    store = MemoryStore(clock=lambda: company.now)
    Outbox(store, company="Shop").put(CustomerAddRq(customer_add=CustomerAdd(name="Ada")), key="1")
    add_account(store, "shop", company="Shop", password=PASSWORD)
    service = Service(store=store, hooks=[hook])
    connector = WebConnector(
        service, company=company, user_name="shop", password=PASSWORD, plan=plan or Plan()
    )
    connector.run(interval=60)
    return service, company


def test_hooks_hear_the_whole_story_in_order():
    """From the start of a session to its end; the job by its key, the session by no ticket."""
    heard = Heard()
    service, company = sync(heard)
    assert heard == []  # never inside a call
    service.tick(company.now)
    names = [event.name for event in heard if event.name != "call_served"]
    (settled,) = [event for event in heard if isinstance(event, JobSettled)]

    assert names == ["session_started", "batch_sent", "answer_received", "job_settled", "session_ended"]
    assert (settled.key, settled.state, settled.label) == ("1", "done", "done")
    assert {event.company for event in heard} == {"Shop"}
    assert len({event.session for event in heard if hasattr(event, "session")}) == 1


def test_what_is_in_doubt_is_told():
    """A warning with the job's key and the reason."""
    heard = Heard()
    service, company = sync(heard, Plan(LostReply("sendRequestXML")))
    service.tick(company.now)
    (doubt,) = [event for event in heard if isinstance(event, JobInDoubt)]

    assert doubt.key == "1"
    assert doubt.reason
    assert doubt.level == logging.WARNING


def test_a_hook_that_fails_hears_it_again(caplog):
    """Nothing is lost, and the failure is logged once each time."""
    heard = Heard(failures=2)
    service, company = sync(heard)
    with caplog.at_level(logging.ERROR, logger="qbsync.service"):
        service.tick(company.now)
        missed = len(caplog.records)
        service.tick(company.now + timedelta(seconds=1))

    assert missed == 2
    assert "session_started" in [event.name for event in heard]
    assert [event.name for event in heard].count("job_settled") == 1
