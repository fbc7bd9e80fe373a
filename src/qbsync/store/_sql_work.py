"""One transaction of a store that speaks SQL: running named queries, the moment, and the way of values.

The job half and the record half are written once (:mod:`._sql_jobs`, :mod:`._sql_put`, :mod:`._sql_move`,
:mod:`._sql_purge`, :mod:`._sql_records`), over the few things of a :class:`Work` in which databases
differ: the text of the queries (``sql/NAME.sql``), how many rows go into one statement, and what must be
locked where several transactions run at once.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Group", "Row", "Work", "from_micros", "micros"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO = timedelta(microseconds=1)


def micros(moment: datetime) -> int:
    """Return *moment* as it is stored: whole microseconds since 1970-01-01T00:00:00Z."""
    return (moment - _EPOCH) // _MICRO


@lru_cache(maxsize=512)  # jobs of one put, lease or move share their moments
def from_micros(value: int) -> datetime:
    """Return a stored moment, in UTC."""
    return _EPOCH + timedelta(microseconds=value)


#: What is written of a job that is put: number, company, kind, key, priority, depends_on (JSON), the moment,
#: payload; and how it stands: state, not_before, ready_at, open parents, reason.
Row = tuple[int, str, str, str, int, str | None, int, bytes, str, int | None, int | None, int, str | None]


class Group(NamedTuple):
    """Jobs that a move treats alike, but for their documents."""

    company: str
    numbers: list[int]
    before: str
    after: str
    #: Outcome (as JSON) and plan: one pair for all, or one for each number; ``None`` keeps what is there.
    documents: Sequence[tuple[str | None, bytes | None]]
    #: What the statement that moves them wants next; what follows is the same for all statements.
    values: tuple[object, ...]
    #: From when on they can be leased: 0: now; ``None``: not at all, they do not wait.
    ready_at: int | None
    reason: str | None
    #: 1 for a hand-out, else 0.
    once: int
    #: 1 when a row of history is written for each, else 0.
    noted: int
    #: For that row: the message set, and when the job had been leased just before, if no row says that yet.
    batch: str | None
    leased_at: int | None


class Work(ABC):
    """A transaction at work: its moment, its queries, its locks."""

    #: The query that counts what a put brings; apart where puts do not lock their company.
    count_put = "tally"
    #: The queries for a part of a company's jobs; some may be found by several.
    page_company: Sequence[str] = ("page_company",)

    def __init__(self, now: datetime) -> None:
        #: The companies that this transaction has locked.
        self.locked: set[str] = set()
        self.now = now
        self.at = micros(now)
        self._open = True

    def check_open(self) -> None:
        """Refuse to work on after the end.

        Raises:
            UsageError: the transaction is over.
        """
        if not self._open:
            raise UsageError("transaction: expected to be used inside its block, which has ended")

    def end(self) -> None:
        """Let nothing more be done."""
        self._open = False

    @abstractmethod
    def rows(self, name: str, values: Sequence[object] = ()) -> list[Any]:
        """Run a query and return all its rows."""

    @abstractmethod
    def run(self, name: str, values: Sequence[object] = ()) -> int:
        """Run a statement and return how many rows it changed."""

    @abstractmethod
    def many(self, name: str, values: Sequence[Sequence[object]]) -> None:
        """Run a statement for each row of *values*, of which there is at least one."""

    @abstractmethod
    def array(self, values: Iterable[object]) -> object:
        """Return *values* as the one parameter in which queries take lists."""

    @abstractmethod
    def take_numbers(self, count: int) -> Sequence[int]:
        """Return *count* numbers for new jobs, ascending; numbers are never used twice."""

    @abstractmethod
    def insert_jobs(self, rows: Sequence[Row]) -> set[int]:
        """Insert new jobs with their payloads, and count them.

        Returns:
            The numbers of those that are not there, because another transaction took their key meanwhile.
        """

    @abstractmethod
    def replace_job(self, row: Row, *, same: bool) -> None:
        """Put a job again that failed or was cancelled; with the *same* content its outcome stays."""

    @abstractmethod
    def drop_payloads(self, numbers: Sequence[int]) -> None:
        """Drop the payloads of jobs; what they were can still be told from other content."""

    @abstractmethod
    def unblock(self, rows: Sequence[tuple[int, int]]) -> None:
        """Let blocked jobs wait: from when on each can be leased (0: now), and its number."""

    @abstractmethod
    def tidy(self, company: str) -> None:
        """Let jobs whose moment has come stand among those that are due."""

    @abstractmethod
    def due(self, company: str, kinds: Sequence[str], limit: int) -> Sequence[Any]:
        """Return due jobs, the most urgent first, as the first columns of the query ``jobs``.

        Args:
            company: whose jobs.
            kinds: of these kinds; none: of all.
            limit: at most so many.
        """

    @abstractmethod
    def lease(self, company: str, rows: Sequence[Any], values: tuple[object, ...]) -> None:
        """Lease all that ``due`` has just given, and count them.

        Args:
            company: whose jobs.
            rows: the jobs.
            values: the moment, the token, the holder, and the deadline.
        """

    @abstractmethod
    def move(self, name: str, groups: Sequence[Group]) -> None:
        """Run the statement *name* for the jobs of *groups*; write history, counts, and what ended."""

    def lock_companies_of(self, numbers: Sequence[int]) -> None:  # noqa: B027  # for stores that lock by company
        """Lock the companies of jobs, in so far as that takes one step."""

    def lock(self, companies: Iterable[str]) -> bool:  # noqa: ARG002  # for stores that lock by company
        """Let no other transaction change jobs of *companies* that are there, until this one ends.

        Returns:
            Whether this waited, or may have: what was read of these companies before is to be read again.
        """
        return False
