"""Facts about the contract suite itself."""

from __future__ import annotations

from collections import Counter

from qbsync.testing.store_suite import StoreSuite


def test_no_rule_hides_another():
    """No two parts of the suite give a test, or a short way, the same name: the second would never run."""
    parts = [part for part in StoreSuite.__mro__[1:-1] if part.__name__ != "StoreBase"]
    names = Counter(name for part in parts for name in vars(part) if not name.startswith("__"))

    assert len(parts) == 7
    assert [name for name, count in names.items() if count > 1] == []
