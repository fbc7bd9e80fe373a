"""``forget``: removing a person's data from a store.

What a person asks to be forgotten stands in documents: what was to be sent, what was sent, what QuickBooks
answered, and words about it. :func:`forget` finds the documents that hold any of the given words (a name, an
e-mail address, a phone number) and drops them, at once rather than after the retention time.

It never drops what still is to be sent, is being sent, or is in doubt: such jobs are told, to be cancelled or
settled first. It keeps keys, QuickBooks' ids and status codes, which keep work from being done twice; a host
that puts personal data into keys cannot have it forgotten. QuickBooks' own books, the host's database, logs
and copies of the store are not its business.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Final

from attrs import field, frozen

from ..errors import JobStateError, RevisionError, UsageError
from ..jobs import State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ..jobs import Change, Job
    from . import Record, Store

__all__ = ["RECORDS", "Forgotten", "Personal", "forget"]

_SETTLED = frozenset({State.DONE, State.FAILED, State.CANCELLED})
_PAGE = 200
#: ``\u00e9`` in JSON text.
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
#: Fewer characters would hit half of all documents.
_MIN_WORD = 3


@frozen(kw_only=True)
class Personal:
    """A kind of records that may hold personal data."""

    kind: str
    #: The states in which a record may be deleted; ``None``: in all. In others it is told, not deleted.
    states: frozenset[str] | None = None


#: Batches of which everything is known, orders that were refused, and names that were fitted to QuickBooks.
RECORDS: Final = (
    Personal(kind="batch", states=frozenset({"answered"})),
    Personal(kind="refused"),
    Personal(kind="fitted"),
)


@frozen(kw_only=True)
class Forgotten:
    """What was found, and what became of it."""

    #: The ids of the jobs whose documents and words were dropped.
    jobs: tuple[str, ...] = ()
    #: The ids of jobs that hold the words and are still needed: nothing was done about them.
    kept_jobs: tuple[str, ...] = ()
    #: How many records were deleted.
    records: int = 0
    #: (kind, key) of the records that hold the words and are still needed.
    kept_records: tuple[tuple[str, str], ...] = field(default=())


def forget(
    store: Store,
    company: str,
    words: Sequence[str],
    *,
    records: Sequence[Personal] = RECORDS,
    dry_run: bool = False,
) -> Forgotten:
    """Drop all documents of *company* that hold any of *words*, wherever they can be dropped.

    Looks at every job and at every record of the given kinds, in small transactions; may run while the store
    is in use. Letters are compared without regard to case, also where XML or JSON wrote them escaped.

    Args:
        store: the store.
        company: whose jobs and records.
        words: what tells the person, e.g. ``["Jane Doe", "jane@example.com"]``; each of 3 characters or more.
        records: the kinds of records to look at.
        dry_run: only tell what would be done.

    Returns:
        What was dropped, and what could not be because it is still needed.

    Raises:
        UsageError: no words, or one that is too short.
    """
    wanted = [word.strip().casefold() for word in words]
    if not wanted or min(map(len, wanted)) < _MIN_WORD:
        raise UsageError(f"words: expected one or more of {_MIN_WORD} characters or more, got {list(words)}")

    def holds(*texts: bytes | str | None) -> bool:
        plain = "\n".join(_plain(text) for text in texts if text)
        return any(word in plain for word in wanted)

    jobs, kept_jobs = _forget_jobs(store, company, holds, dry_run=dry_run)
    deleted, kept_records = 0, []
    for personal in records:
        for record in _records(store, company, personal.kind):
            if not holds(record.key, record.sort, record.state, record.value):
                continue
            free = personal.states is None or record.state in personal.states
            if free and (dry_run or _deleted(store, record)):
                deleted += 1
            else:
                kept_records.append((record.kind, record.key))
    return Forgotten(jobs=jobs, kept_jobs=kept_jobs, records=deleted, kept_records=tuple(kept_records))


def _forget_jobs(
    store: Store, company: str, holds: Callable[..., bool], *, dry_run: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Drop what jobs hold; return the ids of those that are forgotten, and of those that are still needed."""
    found: list[str] = []
    kept: list[str] = []
    for job, history in _jobs(store, company):
        if holds(*_texts(job, history)):
            forgotten = job.state in _SETTLED and (dry_run or _purged(store, job.id))
            (found if forgotten else kept).append(job.id)
    return tuple(found), tuple(kept)


def _plain(text: bytes | str) -> str:
    """Return *text* as it is compared: without escapes of JSON and XML, letters folded."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    if "\\u" in text:
        units = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
        text = units.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return html.unescape(text).casefold()


def _texts(job: Job, history: Sequence[Change]) -> Iterator[bytes | str | None]:
    yield from (job.payload, job.plan, job.reason)
    if job.outcome is not None:
        yield job.outcome.to_json()
    for change in history:
        yield change.reason


def _jobs(store: Store, company: str) -> Iterator[tuple[Job, Sequence[Change]]]:
    cursor = None
    while True:
        with store.begin() as t:
            page = t.jobs.page(company=company, limit=_PAGE, cursor=cursor)
            found = [(job, t.jobs.history(job.id)) for job in page.items]
        yield from found
        cursor = page.cursor
        if cursor is None:
            return


def _records(store: Store, company: str, kind: str) -> Iterator[Record]:
    cursor = None
    while True:
        with store.begin() as t:
            page = t.records.page(company, kind, limit=_PAGE, cursor=cursor)
        yield from page.items
        cursor = page.cursor
        if cursor is None:
            return


def _purged(store: Store, job_id: str) -> bool:
    try:
        with store.begin() as t:
            t.jobs.purge([job_id], words=True)
    except JobStateError:
        return False  # it was put again at this moment
    return True


def _deleted(store: Store, record: Record) -> bool:
    try:
        with store.begin() as t:
            t.records.delete(record)
    except RevisionError:
        return False  # it was changed at this moment, so it is in use
    return True
