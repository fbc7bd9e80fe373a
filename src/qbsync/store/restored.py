"""The mark of a restored store: what QuickBooks did since the copy was made is not in it.

A store that was restored from a copy forgets what happened after the copy: jobs that were sent since then
seem to wait, and a host puts again what it had put since. So whoever sends from a marked store looks every
write up in QuickBooks first, whatever the store says of it.

The mark is a record (company empty, kind ``store``, key ``restored``), so every store can bear it:

- a copy made by ``qbsync backup`` bears it from the start; whoever opens the copy finds a marked store;
- :class:`~qbsync.store.postgres.PostgresStore` sets it when it finds that its tables came from a dump, or
  that its server was restored from a base backup or failed over (see its docstring);
- a person sets it with ``qbsync restored --mark``, for copies made by other means.

Only a person takes it away (``qbsync restored --clear``), once all that was sent is known to be in the store.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING

from attrs import frozen

from . import Record

if TYPE_CHECKING:
    from . import Transaction

__all__ = ["Restored", "clear", "mark", "restored"]

_FORMAT = 1
_PLACE = ("", "store", "restored")


@frozen(kw_only=True)
class Restored:
    """What is known of the restoring."""

    #: When the mark was set: for a copy, when the copy was made.
    at: datetime
    #: How it was found out, for people.
    reason: str


def restored(t: Transaction) -> Restored | None:
    """Return the mark of the store, or ``None`` if it has none; one read of one record."""
    record = t.records.get(*_PLACE)
    if record is None:
        return None
    stored = json.loads(record.value)
    return Restored(at=datetime.fromisoformat(stored["at"]), reason=stored["reason"])


def mark(t: Transaction, reason: str) -> Restored:
    """Mark the store as restored now; the first mark of several stays."""
    there = restored(t)
    if there is not None:
        return there
    made = Restored(at=t.now(), reason=reason)
    value = json.dumps({"format": _FORMAT, "at": made.at.isoformat(), "reason": reason}).encode()
    company, kind, key = _PLACE
    t.records.put(Record(company=company, kind=kind, key=key, value=value))
    return made


def clear(t: Transaction) -> bool:
    """Take the mark away; return whether there was one."""
    record = t.records.get(*_PLACE)
    if record is None:
        return False
    t.records.delete(record)
    return True
