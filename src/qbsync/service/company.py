"""What is remembered of a company from session to session, in one record.

Kind ``company``, key ``state``: which session has the company file, keys known to exist in it, what
QuickBooks said of itself, and the finished message sets whose stored outcome can be cleared.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from attrs import evolve

from ..jobs import FORMAT
from ..store import Record

if TYPE_CHECKING:
    from ..store import Transaction

__all__ = ["COMPANY", "CompanyState"]

COMPANY = "company"
_STATE = "state"
#: So many finished sets are remembered at most; QuickBooks keeps the outcome of older ones for ever.
_MAX_FINISHED = 200


class CompanyState:
    """What is remembered of a company.

    Args:
        name: the company.
        record: its record; ``None`` when there is none yet.
    """

    def __init__(self, name: str, record: Record | None) -> None:
        self._record = record or Record(company=name, kind=COMPANY, key=_STATE)
        stored: dict[str, Any] = json.loads(record.value) if record is not None else {}
        #: The key of the session that has the company file.
        self.session: str | None = stored.get("session")
        #: (query, field) → a key known to exist.
        self.known: dict[tuple[str, str], str] = {(q, by): key for q, by, key in stored.get("known", ())}
        #: What QuickBooks said of itself at the first contact and last.
        self.facts: dict[str, Any] = stored.get("facts", {})
        #: Ids of message sets whose outcome is recorded here and no longer needed there, oldest first.
        self.finished: list[str] = stored.get("finished", [])
        #: Whether asking with ``oldMessageSetID`` beside queries has been seen to work; ``None``: not tried.
        self.clears: bool | None = stored.get("clears")

    @classmethod
    def load(cls, t: Transaction, name: str) -> CompanyState:
        """Read what is remembered of the company *name*."""
        return cls(name, t.records.get(name, COMPANY, _STATE))

    def finish(self, batch_id: str) -> None:
        """Remember that QuickBooks need not keep the outcome of a set any longer."""
        self.finished = [*self.finished, batch_id][-_MAX_FINISHED:]

    def save(self, t: Transaction) -> None:
        """Write it, if something changed."""
        value = json.dumps(
            {
                "format": FORMAT,
                "session": self.session,
                "known": [[query, by, key] for (query, by), key in sorted(self.known.items())],
                "facts": self.facts,
                "finished": self.finished,
                "clears": self.clears,
            },
            separators=(",", ":"),
        ).encode()
        if value != self._record.value:
            self._record = t.records.put(evolve(self._record, value=value))
