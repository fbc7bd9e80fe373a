"""The contract suite is red, at the right rule, against stores that are broken on purpose."""

from __future__ import annotations

from pathlib import Path

import pytest
from broken_stores import RULES, Broken

from qbsync.testing.store_suite import StoreSuite

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "store-contract.md"


class TestTheWayOfBreaking(StoreSuite):
    """A store whose halves can be exchanged, and are not, is whole."""

    def make_store(self, clock):
        return Broken(clock=clock)


def run(store_class, rule):
    """Run one rule of the suite against a store, as pytest would."""

    class Suite(StoreSuite):
        def make_store(self, clock):
            return store_class(clock=clock)

    suite = Suite()
    suite.setup_method()
    try:
        getattr(suite, f"test_{rule}")()
    finally:
        suite.teardown_method()


@pytest.mark.parametrize(("store_class", "fault", "rule"), RULES, ids=[fault for _, fault, _ in RULES])
def test_a_broken_store_is_noticed(store_class, fault, rule):
    """The rule that the store breaks fails."""
    with pytest.raises(Exception) as caught:  # noqa: PT011 - an assertion, or what the store should not raise
        run(store_class, rule)

    assert not isinstance(caught.value, (AttributeError, TypeError, NameError)), fault


def test_the_page_shows_the_table():
    """The reference page lists each broken store with the rule that notices it."""
    rows = [f"| {fault} | `test_{rule}` |" for _, fault, rule in RULES]
    shown = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.endswith("` |")]

    assert shown == rows
