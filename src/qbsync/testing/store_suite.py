"""The contract of a store, as tests: whoever writes a store inherits :class:`StoreSuite`.

::

    from qbsync.testing.store_suite import Clock, StoreSuite

    class TestMyStore(StoreSuite):
        def make_store(self, clock: Clock) -> Store:
            return MyStore(..., clock=clock)

Every rule of the docstrings in :mod:`qbsync.store` is a test here; what fails says which rule.
Each test gets a new store; the clock stands still until the test turns it. Not here: what only a store
on a disk can promise (processes, crashes, reopening, old formats).
"""

from __future__ import annotations

from ._store_base import Clock
from ._store_leases import Leases
from ._store_looks import Looks
from ._store_moves import Moves
from ._store_purges import Purges
from ._store_puts import Puts
from ._store_records import Records
from ._store_transactions import Transactions

__all__ = ["Clock", "StoreSuite"]


class StoreSuite(Puts, Leases, Moves, Looks, Purges, Records, Transactions):
    """All rules of all parts of a store; override :meth:`make_store`."""
