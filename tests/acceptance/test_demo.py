"""``qbsync demo``: the whole line, from a file of orders to the books."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from programs import lines_of, qbsync

from qbsync.testing import Company

COUNTS = ("posted", "already_there", "refused", "held", "in_doubt")


def demo(*arguments):
    """Run the demo with ``--json``; return its last line and what it said beside it."""
    finished = qbsync("demo", "--json", *arguments)
    assert finished.returncode == 0, finished.stderr
    return lines_of(finished)[-1], finished.stderr


def test_the_demo_needs_nothing(tmp_path, monkeypatch):
    """Without any option the orders of the package are posted, and nothing is left behind."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("QBSYNC_STORE", raising=False)
    finished = qbsync("demo")

    assert finished.returncode == 0, finished.stderr
    assert "40 of 40 orders posted" in finished.stdout
    assert "round trips" in finished.stdout
    assert list(tmp_path.iterdir()) == []


def test_the_sample_is_posted_once(tmp_path):
    """The sample has orders with and without payments; a second run finds all of them."""
    store = tmp_path / "s"
    first, _ = demo("--store", store)
    second, _ = demo("--store", store)
    company = Company.load(f"{store}.company")

    assert [first[name] for name in COUNTS] == [40, 0, 0, 0, 0]
    assert first["one_by_one_seconds"] == 2 * 13 + 3 * 27
    assert first["orders_total"] == first["books_total"] == "14426.23"
    assert [second[name] for name in COUNTS] == [0, 40, 0, 0, 0]
    assert second["books_total"] == first["books_total"]
    assert len(company.payments) == 27
    assert company.open_balance() == Decimal("14426.23") - sum(p.total for p in company.payments)


@pytest.mark.xdist_group("northwind")
class TestNorthwind:
    """830 wholesale orders with freight and discounts."""

    @pytest.fixture(scope="class")
    @classmethod
    def runs(cls, northwind, tmp_path_factory):
        folder = tmp_path_factory.mktemp("northwind")
        first, _ = demo("--orders", northwind, "--store", folder / "s")
        again, _ = demo("--orders", northwind, "--store", folder / "s")
        fresh, _ = demo(
            "--orders", northwind, "--store", folder / "t", "--company-file", folder / "s.company"
        )
        return first, again, fresh, Company.load(folder / "s.company")

    def test_all_orders_are_posted_in_few_round_trips(self, runs):
        """830 of 830, in at most 60 round trips, and far quicker than one by one."""
        first = runs[0]

        assert first["orders"] == 830
        assert [first[name] for name in COUNTS] == [830, 0, 0, 0, 0]
        assert first["round_trips"] <= 60
        assert first["one_by_one_seconds"] == 1660
        assert first["simulated_seconds"] < 1660 / 4
        assert first["orders_total"] == first["books_total"] == "1330735.71"

    def test_the_books_hold_what_the_orders_say(self, runs):
        """89 customers, 77 products and Shipping; goods and freight to the cent; each number once."""
        company = runs[3]
        lines = [line for invoice in company.invoices for line in invoice.lines]
        freight = sum(line.amount for line in lines if line.item == "Shipping")

        assert len(company.customers) == 89
        assert len(company.items) == 78
        assert sum(line.amount for line in lines) - freight == Decimal("1265793.02")
        assert freight == Decimal("64942.69")
        assert len({invoice.ref_number for invoice in company.invoices}) == len(company.invoices) == 830

    def test_the_same_store_posts_nothing_twice(self, runs):
        """A second run on the same store: 0 posted, 830 already there."""
        again = runs[1]

        assert [again[name] for name in COUNTS] == [0, 830, 0, 0, 0]
        assert again["round_trips"] == 0
        assert again["books_total"] == "1330735.71"

    def test_a_fresh_store_finds_the_orders_in_the_books(self, runs):
        """A store that knows nothing asks QuickBooks for all numbers in bulk and posts nothing."""
        fresh = runs[2]

        assert [fresh[name] for name in COUNTS] == [0, 830, 0, 0, 0]
        assert fresh["round_trips"] <= 30
        assert fresh["books_total"] == "1330735.71"


@pytest.mark.xdist_group("chinook")
class TestChinook:
    """412 music-shop invoices with names that QuickBooks cannot hold."""

    @pytest.fixture(scope="class")
    @classmethod
    def fitted(cls, chinook, tmp_path_factory):
        store = tmp_path_factory.mktemp("chinook") / "s"
        figures, said = demo("--orders", chinook, "--paid", "Cash", "--store", store)
        return figures, said, Company.load(f"{store}.company")

    def test_all_are_posted_and_paid(self, fitted):
        """412 of 412, 59 customers, 1,984 items, 2,328.60, nothing open."""
        figures, _, company = fitted

        assert figures["orders"] == 412
        assert [figures[name] for name in COUNTS] == [412, 0, 0, 0, 0]
        assert figures["orders_total"] == figures["books_total"] == "2328.60"
        assert figures["one_by_one_seconds"] == 3 * 412
        assert len(company.customers) == 59
        assert len(company.items) == 1984
        assert company.open_balance() == 0
        assert len(company.payments) == sum(invoice.total > 0 for invoice in company.invoices)

    def test_what_was_altered_is_reported(self, fitted):
        """The company of 48 characters, names with a colon and the Polish letter are named."""
        said = fitted[1]

        assert "Embraer - Empresa Brasileira" in said
        assert "at most 41 characters" in said
        assert "Stanisław Wójcik" in said
        assert "Wojcik, Stanislaw" in said or "Wójcik, Stanislaw" in said
        assert "':'" in said

    def test_refuse_refuses_exactly_those_concerned(self, chinook, tmp_path):
        """With ``--names refuse`` the orders of the two customers are refused, the others posted."""
        records = [json.loads(line) for line in chinook.read_text(encoding="utf-8").splitlines()]
        concerned = {
            record["number"]
            for record in records
            if "Embraer" in record["customer"].get("company", "")
            or "Stanisław" in record["customer"].get("first_name", "")
        }
        figures, said = demo(
            "--orders", chinook, "--paid", "Cash", "--names", "refuse", "--store", tmp_path / "s"
        )
        refused = [line for line in said.splitlines() if line.startswith("refused: ")]
        company = Company.load(tmp_path / "s.company")

        assert len(concerned) == 14
        assert figures["posted"] == 412 - len(concerned)
        assert figures["refused"] == len(concerned) == len(refused)
        assert {invoice.ref_number for invoice in company.invoices} == {
            record["number"] for record in records
        } - concerned
