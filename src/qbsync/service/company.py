"""What is remembered of a company from session to session, in one record.

Kind ``company``, key ``state``: which session has the company file, keys known to exist in it, what
QuickBooks said of itself, and the finished message sets whose stored outcome can be cleared.
"""

from __future__ import annotations

import enum
import json
from typing import TYPE_CHECKING, Any

from attrs import evolve

from ..jobs import FORMAT, State
from ..store import Record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..store import Store, Transaction

__all__ = ["COMPANY", "CompanyState", "Lists", "part_of", "pin_company_file"]

COMPANY = "company"
_STATE = "state"
#: Fields that take names.
_NAMES = frozenset({"full_name", "name"})
#: So many finished sets are remembered at most; QuickBooks keeps the outcome of older ones for ever.
_MAX_FINISHED = 200
#: Jobs in these states may go out again.
_TO_BE_SENT = frozenset({State.WAITING, State.BLOCKED, State.LEASED, State.IN_DOUBT})
#: By so much a part is smaller than the set that brought no answer.
_PARTS = 8


def part_of(before: int | None, asked: int) -> int:
    """Return of how many jobs questions may go out together the next time; 0: of any number.

    Args:
        before: of how many they might till now; ``None``: they failed for the first time.
        asked: of how many jobs they went out, without an answer.
    """
    return 0 if before is None else max(1, asked // _PARTS)


class Lists(enum.StrEnum):
    """What QuickBooks does when a key in a list is missing; not documented."""

    UNKNOWN = "unknown"
    #: It goes on with the keys behind.
    GO_ON = "go_on"
    #: It leaves the keys behind unanswered.
    STOP = "stop"


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
        #: (query, field) → a key that was known and did not come back at the end of a list.
        self.lost: dict[tuple[str, str], str] = {(q, by): key for q, by, key in stored.get("lost", ())}
        #: What lists of keys were seen to do at the first missing one.
        self.lists = Lists(stored.get("lists", Lists.UNKNOWN))
        #: What QuickBooks said of itself at the first contact and last.
        self.facts: dict[str, Any] = stored.get("facts", {})
        #: Ids of message sets whose outcome is recorded here and no longer needed there, oldest first.
        self.finished: list[str] = stored.get("finished", [])
        #: Whether asking with ``oldMessageSetID`` beside queries has been seen to work; ``None``: not tried.
        self.clears: bool | None = stored.get("clears")
        #: Jobs that were asked for or sent in vain → of how many the next may go out together; 0: any number.
        #: In the order in which they are tried again.
        self.unheard: dict[str, int] = stored.get("unheard", {})

    @classmethod
    def load(cls, t: Transaction, name: str) -> CompanyState:
        """Read what is remembered of the company *name*."""
        return cls(name, t.records.get(name, COMPANY, _STATE))

    def suspect(self, t: Transaction, asked: Sequence[str], *, again: bool = False) -> None:
        """Remember that jobs were sent in vain, behind all that were before; the next goes out in parts.

        Jobs that have ended are forgotten: there may be ever more of them.

        Args:
            t: the open transaction.
            asked: the jobs that went out together.
            again: it happened before, though nobody noted it.
        """
        before = dict.fromkeys(asked, 0 if again else None) | self.unheard
        for job_id in asked:
            self.unheard.pop(job_id, None)
            self.unheard[job_id] = part_of(before[job_id], len(asked))
        left = {job.id for job in t.jobs.get(list(self.unheard)) if job.state in _TO_BE_SENT}
        self.unheard = {job_id: size for job_id, size in self.unheard.items() if job_id in left}

    def know(self, query: str, by: str, key: str) -> None:
        """Remember that a key came back; names are not remembered, because they may be those of people."""
        if by not in _NAMES:
            self.known[query, by] = key

    def pin(self, *, file_id: str | None, company_name: str | None, path: str | None) -> None:
        """Say which company file is the right one, in place of what the first contact told."""
        pinned = {"file_id": file_id, "company_name": company_name, "open_path": path}
        self.facts = {name: value for name, value in pinned.items() if value is not None}

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
                "lost": [[query, by, key] for (query, by), key in sorted(self.lost.items())],
                "lists": self.lists,
                "facts": self.facts,
                "finished": self.finished,
                "clears": self.clears,
                "unheard": self.unheard,
            },
            separators=(",", ":"),
        ).encode()
        if value != self._record.value:
            self._record = t.records.put(evolve(self._record, value=value))


def pin_company_file(
    store: Store,
    company: str,
    *,
    file_id: str | None = None,
    company_name: str | None = None,
    path: str | None = None,
) -> None:
    """Say which company file a company's work belongs to.

    Without this the first file that is met is taken for the right one. Another file is refused from then on:
    nothing is sent to it. With no argument the next file that is met is learned anew.

    Args:
        store: where the company's work is kept.
        company: the company.
        file_id: the id that the Web Connector's file (``FileID``) put into the company file, in braces.
        company_name: the company's name in QuickBooks; asked only where no file id is known.
        path: the full path of the company file, for a QuickBooks that may not be running: each login names it
            to be opened. Without it QuickBooks works with whatever file is open.
    """
    with store.begin() as t:
        t.lock(company)
        state = CompanyState.load(t, company)
        state.pin(
            file_id=file_id.upper() if file_id is not None else None, company_name=company_name, path=path
        )
        state.save(t)
