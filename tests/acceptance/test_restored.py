"""A restored older backup doubles nothing: what QuickBooks did since is looked up, not done again."""

from __future__ import annotations

from collections import Counter

import pytest
from talking import Desk, customer_add, invoice, raw_job

from qbsync.store.backup import backup
from qbsync.store.restored import clear, restored
from qbsync.store.sqlite import SQLiteStore
from qbsync.testing import Company


def put(desk, numbers):
    """Put invoices as a host does, which does not mind putting them again."""
    return [desk.outbox.put(invoice(f"{n}"), key=f"invoice:{n}").job_id for n in numbers]


def books(company):
    """Return how often each invoice is in the books."""
    return Counter(one.ref_number for one in company.invoices)


@pytest.mark.parametrize("recovery", ["on", "off", "forgetful"])
def test_a_restored_backup_doubles_nothing(tmp_path, recovery):
    """Jobs that wait in the copy though they were sent, and jobs that it never saw, are each done once."""
    company = Company(recovery=recovery)
    clock = lambda: company.now  # noqa: E731 - the desk's clock
    before = Desk(company, SQLiteStore(tmp_path / "q.db", clock=clock)).furnish()
    put(before, range(1, 4))
    before.run()
    put(before, range(4, 8))
    before.outbox.put_jobs([raw_job("add Bo", customer_add("Bo"))])
    backup(tmp_path / "q.db", tmp_path / "copy.db", clock=clock)
    put(before, range(8, 11))
    before.run()
    before.store.close()

    after = Desk(company, SQLiteStore(tmp_path / "copy.db", clock=clock))
    with after.store.begin() as t:
        assert restored(t) is not None
    ids = put(after, range(1, 13))
    after.run()

    assert books(company) == {f"{n}": 1 for n in range(1, 13)}
    assert after.settled(*ids) == ["done"] * 12
    assert after.is_done()
    after.store.close()


def test_a_cleared_mark_ends_the_looking_up(tmp_path):
    """Once a person has said that all is known, work goes out as ever."""
    company = Company()
    clock = lambda: company.now  # noqa: E731 - the desk's clock
    SQLiteStore(tmp_path / "q.db", clock=clock).close()
    backup(tmp_path / "q.db", tmp_path / "copy.db", clock=clock)
    desk = Desk(company, SQLiteStore(tmp_path / "copy.db", clock=clock)).furnish()
    put(desk, [1])
    marked = desk.run()
    with desk.store.begin() as t:
        assert clear(t) is True
    put(desk, [2])
    cleared = desk.run()

    assert books(company) == {"1": 1, "2": 1}
    assert cleared < marked
    desk.store.close()
