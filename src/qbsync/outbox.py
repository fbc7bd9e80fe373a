"""The outbox: the host's side of qbsync. Put work in, look at it, retry, cancel, resolve.

An outbox belongs to one company; jobs of other companies do not exist for it.
Nothing here talks to QuickBooks: a job goes out when the company's Web Connector asks for work
(:mod:`qbsync.service`). What becomes of it is decided by its handler (:mod:`qbsync.handlers`).

With ``connection`` a job is put inside the host's own database transaction: it is there if, and only
if, the host's own rows are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from attrs import evolve

from .errors import JobNotFoundError, JobStateError, KeyConflictError, UsageError
from .jobs import CHANGES, Job, Move, NewJob, Outcome, PutResult, State
from .qbxml.builder import build
from .qbxml.parser import parse

if TYPE_CHECKING:
    import builtins
    from collections.abc import Mapping
    from contextlib import AbstractContextManager
    from datetime import datetime

    from .jobs import Change, Page, Put
    from .models._base import Request, Response
    from .store import Store, Transaction

__all__ = ["APPLIED", "CANCELLED", "NOT_APPLIED", "RETRIED", "Outbox"]

#: The reasons that the history shows for what people did.
RETRIED = "a person had it tried again"
CANCELLED = "a person took it back"
APPLIED = "a person said that QuickBooks did it"
NOT_APPLIED = "a person said that QuickBooks did not do it"

#: Sets as the service keeps them: the kind of their records, and the states of one that is with QuickBooks,
#: of one that waits for a person, and of one of which all is known.
_SET, _OUT, _HELD, _KNOWN = "batch", "sent", "held", "answered"
_AWAITED = (
    "the answer to its set {batch} is awaited at this moment, and may say that QuickBooks does it; wait for "
    "the answer, or end the session of the Web Connector"
)
#: So many jobs are moved in one transaction.
_AT_ONCE = 100
#: The states that :meth:`Outbox.retry` leads out of.
_RETRIED_FROM = frozenset({State.FAILED, State.BLOCKED, State.CANCELLED})


class Outbox:
    """One company's work for QuickBooks.

    Args:
        store: where the jobs are kept.
        company: the company that they are for.
        version: the qbXML version that requests are checked against when they are put, e.g. ``13.0``.
        edition: the edition likewise: ``US``, ``CA``, ``UK``, ``AU``, ``OE``.

    Raises:
        UsageError: *company* is empty.
    """

    def __init__(self, store: Store, *, company: str, version: str = "13.0", edition: str = "US") -> None:
        if not company:
            raise UsageError(f"company: expected a name, got {company!r}")
        self._store = store
        self._company = company
        self._version = version
        self._edition = edition

    @property
    def store(self) -> Store:
        """Where the jobs are kept."""
        return self._store

    @property
    def company(self) -> str:
        """The company that the jobs are for."""
        return self._company

    def __repr__(self) -> str:
        return f"Outbox({self._store!r}, company={self._company!r})"

    def put(
        self,
        requests: Request | Sequence[Request],
        *,
        key: str,
        kind: str = "requests",
        priority: int = 0,
        not_before: datetime | None = None,
        depends_on: Sequence[str] = (),
        stop_on_error: bool = False,
        connection: object = None,
    ) -> Put:
        """Put requests that go out together, in this order, in one message set.

        Args:
            requests: one typed request message, or several.
            key: what stands for this work, unique in the company for ever: put twice, it is done once.
            kind: the handler responsible.
            priority: higher goes first; a 32-bit integer.
            not_before: not to be sent before this moment (aware).
            depends_on: ids of jobs of this company that must be done first.
            stop_on_error: after the first request that fails the others are not to be run. Such a job goes
                out alone; without this, requests that need an earlier one are bound to it by macro or name.
            connection: the host's own open database connection (not every store can join one).

        Returns:
            The job's id, and whether it is new, put again after a failure, or was there already.

        Raises:
            InvalidRequestError: a request breaks rules of qbXML; ``problems`` holds all of them.
            KeyConflictError: the key stands for other content.
            JobNotFoundError: a job in *depends_on* does not exist.
            UsageError: no requests, or something else that cannot be.
        """
        messages = tuple(requests) if isinstance(requests, Sequence) else (requests,)
        if not messages:
            raise UsageError("requests: expected at least one, got none")
        job = NewJob(
            company=self._company,
            kind=kind,
            key=key,
            payload=build(
                messages,
                version=self._version,
                edition=self._edition,
                on_error="stopOnError" if stop_on_error else "continueOnError",
            ),
            priority=priority,
            not_before=not_before,
            depends_on=tuple(depends_on),
        )
        with self._transaction(connection) as t:
            answer = t.jobs.put([job])[0]
            if answer.result is PutResult.CONFLICT:
                raise KeyConflictError(self._company, key, answer.job_id)
        return answer

    def put_jobs(self, jobs: Sequence[NewJob], *, connection: object = None) -> builtins.list[Put]:
        """Put many jobs with payloads of their own kind, in one transaction; conflicts are told, not raised.

        Raises:
            UsageError: a job is for another company.
            JobNotFoundError: a job in ``depends_on`` does not exist; nothing is put.
        """
        for job in jobs:
            if job.company != self._company:
                raise UsageError(f"job {job.key!r}: expected company {self._company!r}, got {job.company!r}")
        with self._transaction(connection) as t:
            return t.jobs.put(jobs)

    def get(self, job_id: str) -> Job:
        """Return a job.

        Raises:
            JobNotFoundError: this company has no such job.
        """
        with self._store.begin() as t:
            return self._get(t, job_id)

    def find(self, keys: Sequence[str]) -> dict[str, Job]:
        """Return the jobs that have these keys, by key; unknown keys are left out."""
        with self._store.begin() as t:
            return t.jobs.find(self._company, keys)

    def list(
        self,
        *,
        state: State | str | None = None,
        kind: str | None = None,
        label: str | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page[Job]:
        """Return jobs in the order they were put.

        Args:
            state: only those in this state.
            kind: only those of this kind.
            label: only those whose outcome has this word, e.g. ``posted``.
            limit: at most so many, 1 to 1000.
            cursor: of the part before; ``None`` begins.

        Raises:
            UsageError: there is no such state, or *limit* or *cursor* cannot be.
        """
        wanted = None if state is None else _state(state)
        with self._store.begin() as t:
            return t.jobs.page(
                company=self._company, kind=kind, state=wanted, label=label, limit=limit, cursor=cursor
            )

    def counts(self) -> Mapping[State, int]:
        """Return how many jobs are in each state (states without jobs may be left out)."""
        with self._store.begin() as t:
            return t.jobs.counts(self._company)

    def history(self, job_id: str) -> Sequence[Change]:
        """Return what happened to a job, oldest first.

        Raises:
            JobNotFoundError: this company has no such job.
        """
        with self._store.begin() as t:
            self._get(t, job_id)
            return t.jobs.history(job_id)

    def responses(self, job_id: str) -> tuple[Response | None, ...]:
        """Return what QuickBooks answered to each request of a job, typed, in the order they were sent.

        ``None`` stands where only ids came back, and where the response was dropped some time after the end.

        Raises:
            JobNotFoundError: this company has no such job.
        """
        outcome = self.get(job_id).outcome
        requests = () if outcome is None else outcome.requests
        return tuple(None if one.response is None else _typed(one.response) for one in requests)

    def retry(self, job_id: str) -> Job:
        """Let a failed, held or cancelled job wait again; attempts are counted anew if it had ended.

        What QuickBooks did already is in the job's outcome, and its handler sends only what is missing.
        A job that waits for others stays blocked until they are done.

        Returns:
            The job as it is now.

        Raises:
            JobNotFoundError: this company has no such job.
            JobStateError: it waits already, is at work, in doubt (see :meth:`resolve`), or done.
            DocumentsDroppedError: what it asked was dropped some time after it ended; put its key again.
        """
        return self._move(job_id, State.WAITING, _RETRIED_FROM, reason=RETRIED)

    def retry_failed(self, *, kind: str | None = None, label: str | None = None) -> builtins.list[str]:
        """Let all failed jobs wait again, as :meth:`retry` does for one; in transactions of 100.

        Jobs whose documents were dropped are left as they are: they can only be put again.

        Args:
            kind: only those of this kind.
            label: only those whose outcome has this word.

        Returns:
            The ids of the jobs that wait again, in the order they were put.
        """
        retried: builtins.list[str] = []
        cursor: str | None = None
        while True:
            with self._store.begin() as t:
                t.lock(self._company)
                page = t.jobs.page(
                    company=self._company,
                    kind=kind,
                    state=State.FAILED,
                    label=label,
                    limit=_AT_ONCE,
                    cursor=cursor,
                )
                ids = [job.id for job in page.items if not job.purged]
                t.jobs.move([Move(job_id=job_id, to=State.WAITING, reason=RETRIED) for job_id in ids])
            retried += ids
            cursor = page.cursor
            if cursor is None:
                return retried

    def cancel(self, job_id: str, *, reason: str = CANCELLED) -> Job:
        """Take a job back that is not at work; jobs that depend on it stay blocked and say why.

        Returns:
            The job as it is now.

        Raises:
            JobNotFoundError: this company has no such job.
            JobStateError: a session works on it, it is in doubt, done, or cancelled already.
        """
        allowed = frozenset(state for state in State if State.CANCELLED in CHANGES[state])
        return self._move(job_id, State.CANCELLED, allowed, reason=reason)

    def resolve(
        self,
        job_id: str,
        *,
        applied: bool,
        ids: Mapping[str, str | None] | None = None,
        label: str = "resolved",
    ) -> Job:
        """Say what became of a job in doubt, after a look into QuickBooks.

        Args:
            job_id: the job.
            applied: whether QuickBooks did it: then it is done, otherwise it waits again.
            ids: QuickBooks' ids of what is there, e.g. ``{"invoice": "1A-1417118624"}``.
            label: the outcome's word.

        Returns:
            The job as it is now; its history says that a person decided.

        Raises:
            JobNotFoundError: this company has no such job.
            JobStateError: the job is not in doubt, or with *applied* false its set is with QuickBooks again
                at this moment.
            UsageError: *ids* of something that QuickBooks did not do.
        """
        doubtful = frozenset({State.IN_DOUBT})
        if not applied:
            if ids:
                raise UsageError(f"ids: expected none with applied=False, got {sorted(ids)}")
            return self._move(job_id, State.WAITING, doubtful, reason=NOT_APPLIED)
        outcome = Outcome(label=label, ids=dict(ids or {}))
        return self._move(job_id, State.DONE, doubtful, reason=APPLIED, outcome=outcome)

    def _move(
        self,
        job_id: str,
        to: State,
        allowed: frozenset[State],
        *,
        reason: str,
        outcome: Outcome | None = None,
    ) -> Job:
        with self._store.begin() as t:
            t.lock(self._company)
            job = self._get(t, job_id)
            if job.state not in allowed:
                raise JobStateError(job_id, job.state.value, to.value)
            if to is State.WAITING and _is_out(t, job):
                raise JobStateError(job_id, job.state.value, to.value, _AWAITED.format(batch=job.batch))
            t.jobs.move([Move(job_id=job_id, to=to, reason=reason, outcome=_joined(job.outcome, outcome))])
            _close_set(t, job)
            return self._get(t, job_id)

    def _get(self, t: Transaction, job_id: str) -> Job:
        (job,) = t.jobs.get([job_id])
        if job.company != self._company:
            raise JobNotFoundError(job_id)
        return job

    def _transaction(self, connection: object) -> AbstractContextManager[Transaction]:
        return self._store.begin() if connection is None else self._store.join(connection)


def _is_out(t: Transaction, job: Job) -> bool:
    """Return whether the set of a job in doubt was handed out once more, and no answer came yet."""
    record = t.records.get(job.company, _SET, job.batch) if job.batch is not None else None
    return record is not None and record.state == _OUT


def _close_set(t: Transaction, job: Job) -> None:
    """Note that all is known of the set that *job* was in, if it was held and no job is in doubt any more."""
    record = t.records.get(job.company, _SET, job.batch) if job.batch is not None else None
    if record is None or record.state != _HELD:
        return
    if not t.jobs.page(company=job.company, batch=job.batch, limit=1).items:
        t.records.put(evolve(record, state=_KNOWN))


def _joined(before: Outcome | None, said: Outcome | None) -> Outcome | None:
    """Return *said* with the ids and the requests that *before* recorded."""
    if before is None or said is None:
        return said
    return Outcome(label=said.label, ids={**before.ids, **said.ids}, requests=before.requests)


def _typed(text: str) -> Response:
    """Return the response that stands in an outcome as text."""
    response: Response = parse(f"<QBXML><QBXMLMsgsRs>{text}</QBXMLMsgsRs></QBXML>").messages[0]
    return response


def _state(state: State | str) -> State:
    try:
        return State(state)
    except ValueError:
        words = ", ".join(State)
        raise UsageError(f"state: expected one of {words}, got {state!r}") from None
