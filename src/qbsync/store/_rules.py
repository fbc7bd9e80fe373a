"""Rules that every store of ours applies in the same way: checks, reasons, cursors, moments.

Here is what can be said without knowing how rows are kept. Nothing here stores anything or reads a clock
other than the system's, which is the default clock of a store.
The rules themselves are those of the docstrings in :mod:`qbsync.store` and :mod:`qbsync.jobs`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ..errors import (
    DocumentsDroppedError,
    JobNotFoundError,
    JobStateError,
    LeaseLostError,
    UsageError,
    shorten,
)
from ..jobs import CHANGES, Move, State

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from ..jobs import NewJob
    from . import Record

__all__ = [
    "ENDED",
    "KEPT",
    "MAX_PAGE",
    "PUT_AGAIN",
    "REOPENED",
    "SETTLED",
    "WAITS",
    "check_cycles",
    "check_limit",
    "check_moves",
    "check_new",
    "check_record",
    "check_settled",
    "decode_cursor",
    "decode_number",
    "digest",
    "encode_cursor",
    "expiry",
    "job_number",
    "job_numbers",
    "parent_reason",
    "system_clock",
    "unique_ids",
    "utc",
]

#: The longest part of a listing.
MAX_PAGE = 1000
#: Priorities fit a 32-bit integer, which every database has.
_PRIORITY = 2**31
#: The longest id: more digits are not a number of ours.
_ID_DIGITS = 18

#: States that keep what belongs to a hand-out (plan, batch).
KEPT = frozenset({State.LEASED, State.IN_DOUBT})
#: States of a parent that will not become DONE by itself.
ENDED = frozenset({State.FAILED, State.CANCELLED})
#: States in which a job's documents may be dropped.
SETTLED = ENDED | {State.DONE}
#: Leaving these for WAITING begins anew: attempts are counted from 0.
REOPENED = ENDED

WAITS = "waits for the jobs that it depends on"
PUT_AGAIN = "put again"
_EXPIRED_DOUBT = "the lease ended before an answer came"
_EXPIRED_WAIT = "the lease ended before it was handed out"


def system_clock() -> datetime:
    """Return the present moment, in UTC."""
    return datetime.now(UTC)


def utc(moment: datetime, what: str) -> datetime:
    """Return *moment* in UTC.

    Raises:
        UsageError: it has no time zone.
    """
    if moment.tzinfo is UTC:
        return moment
    if moment.utcoffset() is None:
        raise UsageError(f"{what}: expected a moment with a time zone, got {moment!r}")
    return moment.astimezone(UTC)


def digest(kind: str, payload: bytes) -> bytes:
    """Return what tells equal content from other content, also when the payload is gone."""
    return hashlib.sha256(kind.encode() + b"\0" + payload).digest()


def _check_text(what: str, value: str, *, empty: bool = False) -> None:
    if not value and not empty:
        raise UsageError(f"{what}: expected some text, got {value!r}")
    if "\0" in value:
        raise UsageError(f"{what}: expected text without NUL, got {shorten(value)}")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise UsageError(f"{what}: expected text of whole characters, got {shorten(value)}") from None


def check_new(job: NewJob) -> None:
    """Refuse what no store can keep.

    Raises:
        UsageError: an empty company, kind or key; NUL or half a surrogate pair in one of them; a payload
            that is not bytes; a priority beyond 32 bits; a naive ``not_before``.
    """
    # Printable text holds neither NUL nor half a surrogate pair: the quick way for nearly all.
    if not (job.company and job.kind and job.key and f"{job.company}{job.kind}{job.key}".isprintable()):
        _check_text("company", job.company)
        _check_text("kind", job.kind)
        _check_text("key", job.key)
    if type(job.payload) is not bytes:
        raise UsageError(f"payload: expected bytes, got {type(job.payload).__name__}")
    if not -_PRIORITY <= job.priority < _PRIORITY:
        raise UsageError(f"priority: expected a 32-bit integer, got {job.priority}")
    if job.not_before is not None:
        utc(job.not_before, "not_before")


def check_cycles(anew: Mapping[int, Sequence[int]], parents_of: Callable[[int], Iterable[int]]) -> None:
    """Refuse jobs that would wait for themselves.

    Only a job that is put again can: a new one is nobody's parent yet.

    Args:
        anew: the jobs that are put again, each with its new parents.
        parents_of: the parents that a job has in the store.

    Raises:
        UsageError: one of *anew* is above itself.
    """
    for number, parents in anew.items():
        left, seen = list(parents), set[int]()
        while left:
            up = left.pop()
            if up == number:
                raise UsageError(
                    f"depends_on: expected jobs that do not wait for job {number}, got {list(parents)}"
                )
            if up not in seen:
                seen.add(up)
                left += anew[up] if up in anew else parents_of(up)


def check_record(record: Record) -> None:
    """Refuse what no store can keep.

    Raises:
        UsageError: an empty kind or key; NUL or half a surrogate pair in a text; a negative revision.
    """
    _check_text("record kind", record.kind)
    _check_text("record key", record.key)
    for what in ("company", "state", "sort"):
        _check_text(f"record {what}", getattr(record, what), empty=True)
    if record.revision < 0:
        raise UsageError(f"record revision: expected 0 or more, got {record.revision}")


def check_limit(limit: int, most: int | None = None) -> int:
    """Return *limit*.

    Raises:
        UsageError: it is less than 1, or more than *most*.
    """
    if limit < 1 or (most is not None and limit > most):
        wanted = "1 or more" if most is None else f"1 to {most}"
        raise UsageError(f"limit: expected {wanted}, got {limit}")
    return limit


def job_number(job_id: str) -> int:
    """Return the number behind a job id.

    Raises:
        JobNotFoundError: no store of ours gives such an id.
    """
    if job_id.isascii() and job_id.isdigit() and len(job_id) <= _ID_DIGITS:
        number = int(job_id)
        if str(number) == job_id:
            return number
    raise JobNotFoundError(job_id)


def job_numbers(ids: Iterable[str]) -> tuple[list[int], JobNotFoundError | None]:
    """Return the numbers behind *ids* up to the first that no store of ours gives, and what that one means.

    A store looks the numbers up first: an id before it may be unknown too, and the first is the one told.
    """
    numbers: list[int] = []
    for job_id in ids:
        try:
            numbers.append(job_number(job_id))
        except JobNotFoundError as unknown:
            return numbers, unknown
    return numbers, None


def unique_ids(moves: Sequence[Move]) -> list[str]:
    """Return the ids that *moves* speak of.

    Raises:
        UsageError: a job is moved twice.
    """
    ids = [move.job_id for move in moves]
    if len(set(ids)) != len(ids):
        twice = next(job_id for n, job_id in enumerate(ids) if job_id in ids[:n])
        raise UsageError(f"moves: expected one move a job, got two for job {twice}")
    return ids


def check_moves(
    moves: Sequence[Move],
    standing: Mapping[str, tuple[State, str | None]],
    *,
    purged: Collection[str],
) -> None:
    """Check *moves* against where the jobs stand.

    Args:
        moves: what is to be done.
        standing: id → (state, token of the lease).
        purged: the ids of those jobs that have no documents any more.

    Raises:
        DocumentsDroppedError: a job without documents was to wait again.
        JobNotFoundError: a job is not in *standing*.
        LeaseLostError: a token is not that of the job's lease; lists all such jobs.
        JobStateError: the table of states does not allow a move; only ``lease`` leads to LEASED.
    """
    for move in moves:
        if move.job_id not in standing:
            raise JobNotFoundError(move.job_id)
        if move.until is not None:
            utc(move.until, "until")
    lost = [move.job_id for move in moves if move.token != standing[move.job_id][1]]
    if lost:
        raise LeaseLostError(lost)
    for move in moves:
        state = standing[move.job_id][0]
        leasing = move.to is State.LEASED and state is not State.LEASED
        if leasing or move.to not in CHANGES[state]:
            raise JobStateError(move.job_id, state.value, move.to.value)
        if move.to is State.WAITING and move.job_id in purged:
            raise DocumentsDroppedError(move.job_id)


def check_settled(ids: Sequence[str], standing: Mapping[str, State]) -> None:
    """Refuse to drop documents that may still be needed.

    Raises:
        JobNotFoundError: a job is not in *standing*.
        JobStateError: a job has not ended.
    """
    for job_id in ids:
        if job_id not in standing:
            raise JobNotFoundError(job_id)
    for job_id in ids:
        if standing[job_id] not in SETTLED:
            raise JobStateError(job_id, standing[job_id].value, "purged")


def expiry(job_id: str, token: str | None, batch: str | None) -> Move:
    """Return the move of a job whose lease is over: in doubt if it was handed out, else waiting."""
    if batch is None:
        return Move(job_id=job_id, to=State.WAITING, token=token, reason=_EXPIRED_WAIT)
    return Move(job_id=job_id, to=State.IN_DOUBT, token=token, reason=_EXPIRED_DOUBT)


def parent_reason(parents: Iterable[tuple[int, State]]) -> str:
    """Return why a job waits for its *parents*: (number, state) of each; ended ones are named."""
    ended = min(((number, state) for number, state in parents if state in ENDED), default=None)
    if ended is None:
        return WAITS
    number, state = ended
    how = "failed" if state is State.FAILED else "was cancelled"
    return f"waits for job {number}, which {how}"


def encode_cursor(*parts: str) -> str:
    """Return an opaque text that holds *parts*."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, parts: int) -> tuple[str, ...]:
    """Return what :func:`encode_cursor` put into *cursor*.

    Raises:
        UsageError: it was not made by a listing of this sort.
    """
    try:
        data = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError):
        data = None
    if isinstance(data, list) and len(data) == parts and all(isinstance(part, str) for part in data):
        return tuple(data)
    raise UsageError(f"cursor: expected one that a listing gave, got {shorten(cursor)}")


def decode_number(cursor: str) -> int:
    """Return the number of the last job of the part before, which *cursor* holds.

    Raises:
        UsageError: it was not made by a listing of jobs.
    """
    (text,) = decode_cursor(cursor, 1)
    try:
        return job_number(text)
    except JobNotFoundError:
        raise UsageError(f"cursor: expected one that a listing gave, got {shorten(cursor)}") from None
