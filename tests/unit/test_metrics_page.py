"""The code of the page on logs, metrics and traces runs, and counts what happened."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import REGISTRY

from qbsync import Outbox, Service
from qbsync.auth import add_account
from qbsync.models import CustomerAdd, CustomerAddRq
from qbsync.store.memory import MemoryStore
from qbsync.testing import Company, WebConnector

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "metrics-and-logs.md"


@pytest.fixture(scope="module")
def page():
    """The names that the page's code defines, run once, with its own store and handlers."""
    company = Company()
    store = MemoryStore(clock=lambda: company.now)
    names = {"store": store, "handlers": (), "company": company}
    for block in re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL):
        exec(compile(block, str(PAGE), "exec"), names)
    return names


def sync(page, key, name):
    """Post one customer through the page's service and let its hooks hear of it."""
    store, company = page["store"], page["company"]
    Outbox(store, company="Shop").put(CustomerAddRq(customer_add=CustomerAdd(name=name)), key=key)
    add_account(store, "shop", company="Shop", password="long enough")
    connector = WebConnector(page["service"], company=company, user_name="shop", password="long enough")
    assert connector.run(interval=1).idle
    page["service"].tick(company.now)


def test_what_happened_is_counted_and_traced(page):
    """One job done, its answer timed, one span with the times of the event."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    page["tracer"] = provider.get_tracer("test")
    page["service"] = Service(store=page["store"], hooks=[page["count"], page["trace_answers"]])
    jobs = ("qbsync_jobs_total", {"company": "Shop", "kind": "requests", "state": "done"})
    answers = ("qbsync_answer_seconds_count", {"purpose": "write"})
    before = [REGISTRY.get_sample_value(*one) or 0 for one in (jobs, answers)]
    sync(page, "customer:1", "Ada Quimby")

    assert [REGISTRY.get_sample_value(*one) for one in (jobs, answers)] == [n + 1 for n in before]
    spans = exporter.get_finished_spans()
    assert [span.name for span in spans] == ["quickbooks write"]
    assert spans[0].end_time - spans[0].start_time >= 1_000_000_000
    assert spans[0].status.status_code is not trace.StatusCode.ERROR


def test_a_silent_company_is_told_once(page):
    """The gauge goes up when work waits and nobody calls, and down when somebody does."""
    page["service"] = Service(store=page["store"], hooks=[page["count"]])
    sync(page, "customer:2", "Bo Lindgren")
    outbox = Outbox(page["store"], company="Shop")
    outbox.put(CustomerAddRq(customer_add=CustomerAdd(name="Cy Marsh")), key="customer:3")
    stalled = ("qbsync_company_stalled", {"company": "Shop"})
    page["company"].wait(3 * 3600)
    page["service"].tick(page["company"].now)
    page["service"].tick(page["company"].now)

    assert REGISTRY.get_sample_value(*stalled) == 1
    sync(page, "customer:4", "Di Okafor")
    assert REGISTRY.get_sample_value(*stalled) == 0
