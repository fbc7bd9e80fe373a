"""QuickBooks that dies in the middle of a message set, the company's clock, and the mark of its lock."""

from __future__ import annotations

import pytest

from qbsync.testing import Company, QuickBooksError


def customers(*names: str) -> str:
    return "".join(
        f"<CustomerAddRq><CustomerAdd><Name>{name}</Name></CustomerAdd></CustomerAddRq>" for name in names
    )


@pytest.mark.parametrize("after", [0, 1, 2, 3])
def test_so_many_requests_are_in_the_books_and_no_answer_comes(empty, after):
    empty.company.dies_after = after
    with pytest.raises(QuickBooksError, match="0x800706BE"):
        empty.ask(customers("A", "B", "C"))

    assert [one.full_name for one in empty.company.customers] == ["A", "B", "C"][:after]
    assert empty.company.requests == after
    assert empty.company.dies_after is None


@pytest.mark.parametrize(("keeps", "code", "left"), [("none", "9002", 0), ("partial", "0", 2)])
def test_what_is_remembered_of_half_a_set_is_a_switch(make, keeps, code, left):
    books = make(crash_stores=keeps)
    books.company.dies_after = 2
    with pytest.raises(QuickBooksError):
        books.ask(customers("A", "B", "C"), newMessageSetID="N1")
    answers = books.ask("", newMessageSetID="N1", oldMessageSetID="N1")

    assert books.head["messageSetStatusCode"] == code
    assert len(answers) == left


def test_a_set_that_is_remembered_is_not_run_again_while_quickbooks_dies(empty):
    empty.ask(customers("A"), newMessageSetID="N1")
    empty.company.dies_after = 1
    with pytest.raises(QuickBooksError):
        empty.ask(customers("A"), newMessageSetID="N1")

    assert empty.company.requests == 1


def test_the_clock_moves_by_waiting_and_work_alone(empty):
    start = empty.company.now
    empty.company.wait(1.5)

    assert (empty.company.now - start).total_seconds() == 1.5
    assert empty.company.now.utcoffset().total_seconds() == 0


def test_the_lock_names_the_computer_that_holds_it_and_is_saved(tmp_path):
    company = Company(machine="ONE")
    company.locked_by = "TWO"
    company.save(tmp_path / "c")

    assert "LOCKED:TWO:" in company.host_answer()
    assert Company.load(tmp_path / "c").locked_by == "TWO"
