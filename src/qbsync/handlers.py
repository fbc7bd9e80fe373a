"""Handlers: what a kind of job asks QuickBooks, sends to it, and makes of the answers.

A handler is registered with the service for one kind of job. Its methods are pure: they get a job and
answers, and return what should happen; the service stores, sends and settles.

The way of a job through one session::

    look_up(job)  →  look-ups of many jobs, merged into few queries, one message set
    decide(job, answers)  →  Send, Ask (look up more), Done, Hold, Fail, Again, Doubt
    (the batch goes out, the answer comes back)
    settle(job, replies)  →  Done, Hold, Fail, Again, Doubt
    done(job)  →  tells the host, after the commit, at least once

Answers are good for one session only: what was looked up in another one is looked up again.
A job in doubt goes the same way: it is looked up, and decided from what is found.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from .jobs import Job, Outcome
    from .models._base import Request, Response
    from .qbxml.status import Status

__all__ = [
    "Again",
    "Answers",
    "Ask",
    "Context",
    "Decision",
    "Done",
    "Doubt",
    "Fail",
    "Handler",
    "Hold",
    "LookUp",
    "Need",
    "Reply",
    "Send",
    "Verdict",
]


@frozen(kw_only=True)
class Context:
    """What a handler may know of the company and the session."""

    company: str
    #: The qbXML version spoken in this session, e.g. ``13.0``.
    version: str
    #: The edition of QuickBooks, e.g. ``US``.
    edition: str
    #: The present moment (the store's clock).
    now: datetime
    #: Whether the store was restored from a backup: QuickBooks may have done what it does not know of, so
    #: every write is looked up before it is sent.
    restored: bool = False


@frozen
class LookUp:
    """A question to QuickBooks that can be merged with those of other jobs.

    Look-ups with the same *query*, *by* and *options* become one query with all their keys as repeated
    elements. Without *by* the query stands as it is, and equal ones are sent once.
    """

    #: The request, e.g. ``InvoiceQueryRq``.
    query: str
    #: The field of the request that takes the keys, e.g. ``ref_number`` or ``full_name``.
    by: str | None = None
    keys: tuple[str, ...] = ()
    #: Other fields of the request, as (field, value) pairs: ``(("include_line_items", True),)``.
    options: tuple[tuple[str, object], ...] = ()
    #: Whether "not found" must be certain. A list of keys may stop at the first missing one (unknown of
    #: QuickBooks), so such a key is proven absent: a key known to exist stands last in its list and came
    #: back, or the key is asked in a request of its own.
    proof: bool = False


class Answers(Protocol):
    """The answers to the look-ups of one round."""

    def rets(self, look_up: LookUp) -> Sequence[object]:
        """Return the ``…Ret`` objects for *look_up*: of a keyed one those that match one of its keys.

        Keys match trimmed, with runs of spaces folded, casefolded.
        """
        ...

    def absent(self, look_up: LookUp, key: str) -> bool:
        """Return whether *key* is certainly not there; ``False`` when found *or* not proven."""
        ...

    def error(self, look_up: LookUp) -> Status | None:
        """Return the status of severity Error that a query of *look_up* came back with, or ``None``."""
        ...


@frozen
class Need:
    """Something that must be in the company file before a job's own requests: a customer, an item.

    Jobs of one batch that share a need (the same *key*) send it once, ahead of the first of them.
    A need is a list Add: QuickBooks refuses a second one by name (3100), so it is safe to repeat.
    """

    key: str
    request: Request


@frozen
class Send:
    """Send these requests, in this order, in one message set; needs first."""

    #: May be empty where there are needs: these go in a set of their own, and the job is looked at again.
    requests: tuple[Request, ...]
    needs: tuple[Need, ...] = ()
    #: Alone in a set that stops at its first error.
    stop_on_error: bool = False
    #: What :meth:`Handler.settle` wants back; JSON values only.
    memo: Mapping[str, object] = field(factory=dict)
    #: What is known of requests that are not sent because they were done before; kept with the job.
    outcome: Outcome | None = None


@frozen
class Ask:
    """Look these up too (with all that was asked before), at least one, then decide again in this session."""

    look_ups: tuple[LookUp, ...]


@frozen
class Done:
    """The job is done, with this outcome."""

    outcome: Outcome
    #: Keys now known to exist, as (query, by, key): they prove absence in later look-ups.
    known: tuple[tuple[str, str, str], ...] = ()
    #: What a person should know of it all the same, e.g. that the books hold another total.
    reason: str | None = None


@frozen
class Hold:
    """The job waits for a person (state BLOCKED); the reason says what to do."""

    reason: str
    outcome: Outcome | None = None


@frozen
class Fail:
    """The job cannot be done as it is (state FAILED)."""

    reason: str
    outcome: Outcome | None = None


@frozen
class Again:
    """The job waits again, twice as long with each try; too many tries make it fail with the reason."""

    reason: str
    delay: timedelta = timedelta(0)
    #: Nothing went wrong: the job made progress, or was not run. Such a try is not counted.
    free: bool = False
    outcome: Outcome | None = None


@frozen
class Doubt:
    """Whether QuickBooks did it cannot be told (state IN_DOUBT); a person decides, unless an answer comes."""

    reason: str
    outcome: Outcome | None = None


Decision = Send | Ask | Done | Hold | Fail | Again | Doubt
Verdict = Done | Hold | Fail | Again | Doubt


@frozen(kw_only=True)
class Reply:
    """What became of one request of a job (or of a need it depended on)."""

    request_id: str
    #: The request, e.g. ``InvoiceAddRq``.
    name: str
    #: The key of the need, or ``None`` for a request of the job itself.
    need: str | None
    #: The typed response; ``None``: none came, so nobody knows what happened.
    response: Response | None = field(repr=False)
    #: The response as XML text, for the record; ``None`` as above.
    text: str | None = field(default=None, repr=False)
    #: Ids of what exists now because of it, e.g. ``{"TxnID": …}``, also from a recovered status.
    ids: Mapping[str, str] = field(factory=dict)

    @property
    def applied(self) -> bool | None:
        """``True``: done. ``False``: refused or not run. ``None``: unknown."""
        if self.response is None:
            return None
        return self.response.status_severity != "Error"


class Handler(Protocol):
    """What a kind of job asks, sends, and makes of the answers. All but :meth:`done` are pure."""

    @property
    def kind(self) -> str:
        """The kind of job it is for."""
        ...

    def look_up(self, job: Job, context: Context) -> Sequence[LookUp]:
        """Return what must be known before the job can be decided; may be empty.

        A job that is IN_DOUBT was handed out: what would show that QuickBooks did it must be asked.
        """
        ...

    def decide(self, job: Job, answers: Answers, context: Context) -> Decision:
        """Return what to do with the job, now that its look-ups are answered.

        For a job that is IN_DOUBT, :class:`Send` means that what it would send is certainly not there, and
        :class:`Doubt` that this cannot be told.
        """
        ...

    def settle(
        self,
        job: Job,
        memo: Mapping[str, object],
        replies: Sequence[Reply],
        context: Context,
    ) -> Verdict:
        """Return how the job ended; *replies* are in the order of the requests, needs first.

        A reply whose ``applied`` is ``None`` did not come: unless the others tell all the same how the job
        ended, the verdict is :class:`Doubt`.
        """
        ...

    def done(self, job: Job) -> None:
        """Tell the host that *job* ended; may be called more than once for the same end."""
        ...
