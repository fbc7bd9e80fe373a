"""Orders at work: worked out once, and kept only while that is little."""

from __future__ import annotations

from orders_support import make_job

from qbsync.orders.work import Work


def test_an_order_is_worked_out_once():
    """Read from the store once more, it is the same payload and so the same work."""
    assert Work.of(make_job()) is Work.of(make_job(attempts=1))


def test_other_content_is_other_work():
    """What is kept is found by the content alone."""
    assert Work.of(make_job()).order.number != Work.of(make_job(number="W9")).order.number


def test_large_orders_are_not_kept():
    """They would fill the memory of a host that runs for months."""
    job = make_job(note="x" * 20_000)

    assert Work.of(job) == Work.of(job)
    assert Work.of(job) is not Work.of(job)
