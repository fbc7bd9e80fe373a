"""Checked by mypy, never run: tests that hosts write have the types that they expect."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_type

from qbsync.testing import (
    BooksView,
    Company,
    Doubled,
    Plan,
    RunReport,
    SessionReport,
    UpdateLock,
    WebConnector,
    WSGIHost,
    all_plans,
)
from qbsync.testing.faults import Fault, LostReply, QuickBooksDies

if TYPE_CHECKING:
    from qbsync.testing.pytest_plugin import MakeConnector


def host(body: bytes, content_type: str, soap_action: str) -> tuple[int, str, bytes]:
    """Answer nothing of use."""
    return 200, content_type + soap_action, body


def runs() -> None:
    """Drive a host, with and without faults."""
    company = Company(recovery="off")
    plan = Plan(LostReply("authenticate"), QuickBooksDies(after=3, session=2)) + Plan.parse("Plan()")
    connector = WebConnector(
        host,
        company=company,
        user_name="shop",
        password="x",
        plan=plan,
        update_lock=UpdateLock(),
        style="rpc",
        auto_run=False,
    )
    assert_type(connector.run_session(), SessionReport)
    assert_type(connector.run_scheduled(3600, every=60), RunReport)
    assert_type(connector.left.faults, tuple[Fault, ...])
    assert_type(list(all_plans(connector.run(), kinds=[LostReply])), list[Plan])
    assert_type(BooksView(company).doubled("Invoice"), list[Doubled])


def test_of_a_host(qb_connector: MakeConnector, qb_books: BooksView) -> None:
    """Use the fixtures."""
    from wsgiref.simple_server import demo_app  # noqa: PLC0415 - any application

    assert_type(qb_connector(WSGIHost(demo_app)).run().idle, bool)
    assert_type(qb_books.invoice("1").ref_number, str)
