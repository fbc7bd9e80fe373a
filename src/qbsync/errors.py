"""Every exception of qbsync, by who has to act.

::

    QbsyncError
    ├── UsageError (ValueError)          the caller changes something
    │   ├── InvalidValueError            a value that qbXML cannot hold
    │   ├── InvalidRequestError          a message that breaks rules of the language
    │   ├── InvalidOrderError            an order that cannot be taken in
    │   └── JobNotFoundError (LookupError)
    ├── RemoteError                      the Web Connector or QuickBooks said something wrong
    │   ├── ParseError (ValueError)      a document that cannot be read
    │   ├── StatusError                  a response with severity Error, raised on request
    │   └── TooManyGuessesError          too many wrong passwords to look at another one now
    └── StoreError                       the store refused or could not
        ├── KeyConflictError             the key stands for other content
        ├── LeaseLostError               somebody else holds the job now
        ├── JobStateError                the job is not in a state that allows this
        ├── DocumentsDroppedError        what the job needs was dropped some time after it ended
        ├── RevisionError                the record was changed meanwhile
        └── StoreVersionError            the store was written by another version

The data stands on the exception; the text is composed from it: where, what was expected, what came.
This module imports nothing of the package.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "DocumentsDroppedError",
    "InvalidOrderError",
    "InvalidRequestError",
    "InvalidValueError",
    "JobNotFoundError",
    "JobStateError",
    "KeyConflictError",
    "LeaseLostError",
    "ParseError",
    "QbsyncError",
    "RemoteError",
    "RevisionError",
    "StatusError",
    "StoreError",
    "StoreVersionError",
    "TooManyGuessesError",
    "UsageError",
    "shorten",
]


def shorten(value: object, limit: int = 60) -> str:
    """Return *value* as it is shown in messages: its repr, cut to *limit* characters."""
    try:
        text = repr(value)
    except ValueError:  # Python refuses to write an int of more than 4,300 digits
        text = f"a very long {type(value).__name__}"
    return text if len(text) <= limit else text[: limit - 1] + "…"


class QbsyncError(Exception):
    """The root of all exceptions that qbsync raises on purpose."""


class UsageError(QbsyncError, ValueError):
    """The caller asked for something that cannot be; nothing was changed."""


class InvalidValueError(UsageError):
    """A value has no qbXML form.

    Attributes:
        path: where the value stands, e.g. ``InvoiceAdd/TxnDate``; empty when unknown.
        rule: what was expected.
        value: what came.
    """

    def __init__(self, path: str, rule: str, value: object) -> None:
        self.path = path
        self.rule = rule
        self.value = value
        super().__init__(path, rule, value)

    def __str__(self) -> str:
        place = f"{self.path}: " if self.path else ""
        return f"{place}expected {self.rule}, got {shorten(self.value)}"


class InvalidRequestError(UsageError):
    """Messages break rules of qbXML; every problem found is listed.

    Attributes:
        problems: ``qbsync.qbxml.rules.Problem`` objects, in document order.
    """

    def __init__(self, problems: Iterable[object]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        shown = [str(problem) for problem in self.problems[:5]]
        if len(self.problems) > len(shown):
            shown.append(f"and {len(self.problems) - len(shown)} more")
        return "; ".join(shown)


class InvalidOrderError(UsageError):
    """An order cannot be taken in.

    Attributes:
        path: the field, e.g. ``lines[2].quantity``; empty for the whole order.
        rule: the rule that it breaks, in words.
        value: what came (shortened when shown).
        reason: the whole sentence for people.
    """

    def __init__(self, path: str, rule: str, value: object, reason: str = "") -> None:
        self.path = path
        self.rule = rule
        self.value = value
        self.reason = reason or f"{path or 'order'}: expected {rule}, got {shorten(value)}"
        super().__init__(path, rule, value, self.reason)

    def __str__(self) -> str:
        return self.reason


class JobNotFoundError(UsageError, LookupError):
    """No job has this id.

    Attributes:
        job_id: the id asked for.
    """

    def __init__(self, job_id: str) -> None:
        self.job_id = job_id
        super().__init__(job_id)

    def __str__(self) -> str:
        return f"no job has the id {shorten(self.job_id)}"


class RemoteError(QbsyncError):
    """The Web Connector or QuickBooks sent something that cannot be right."""


class ParseError(RemoteError, ValueError):
    """A document cannot be read.

    Attributes:
        reason: what is wrong with it.
        line: 1-based line, or ``None`` when unknown.
        column: 1-based column, or ``None`` when unknown.
    """

    def __init__(self, reason: str, line: int | None = None, column: int | None = None) -> None:
        self.reason = reason
        self.line = line
        self.column = column
        super().__init__(reason, line, column)

    def __str__(self) -> str:
        if self.line is None:
            return self.reason
        column = "" if self.column is None else f", column {self.column}"
        return f"line {self.line}{column}: {self.reason}"


class StatusError(RemoteError):
    """A response says that its request failed (raised by ``raise_for_status()`` only).

    Attributes:
        code: QuickBooks' status code, e.g. 3100.
        severity: ``Info``, ``Warn`` or ``Error``.
        status_message: QuickBooks' own words, in the language of that QuickBooks.
        name: the response, e.g. ``CustomerAddRs``.
        request_id: the request it answers, or ``None``.
    """

    def __init__(
        self,
        *,
        code: int | None,
        severity: str | None,
        status_message: str | None,
        name: str,
        request_id: str | None,
    ) -> None:
        self.code = code
        self.severity = severity
        self.status_message = status_message
        self.name = name
        self.request_id = request_id
        super().__init__(code, severity, status_message, name, request_id)

    def __str__(self) -> str:
        place = self.name if self.request_id is None else f"{self.name} {self.request_id!r}"
        return f"{place}: status {self.code} ({self.severity}): {self.status_message}"


class TooManyGuessesError(RemoteError):
    """So many wrong passwords come in that another one cannot be looked at now; nothing was decided."""

    def __str__(self) -> str:
        return "too many wrong passwords come in to look at another one now; the Web Connector will try again"


class StoreError(QbsyncError):
    """The store refused, or could not do, what was asked; nothing was changed."""


class KeyConflictError(StoreError):
    """A key is taken by a job with other content.

    Attributes:
        company: the company of the key.
        key: the key.
        job_id: the job that is there.
    """

    def __init__(self, company: str, key: str, job_id: str) -> None:
        self.company = company
        self.key = key
        self.job_id = job_id
        super().__init__(company, key, job_id)

    def __str__(self) -> str:
        return (
            f"key {shorten(self.key)} of company {shorten(self.company)} stands for other content "
            f"(job {self.job_id}); use another key, or cancel that job first"
        )


class LeaseLostError(StoreError):
    """A lease is no longer the one the store knows; the move was refused as a whole.

    Attributes:
        job_ids: the jobs whose lease is lost.
    """

    def __init__(self, job_ids: Sequence[str]) -> None:
        self.job_ids = tuple(job_ids)
        super().__init__(self.job_ids)

    def __str__(self) -> str:
        return f"the lease of {len(self.job_ids)} job(s) is lost: {', '.join(self.job_ids[:5])}"


class JobStateError(StoreError):
    """A job is in a state from which the wanted state cannot be reached.

    Attributes:
        job_id: the job.
        state: the state it is in.
        wanted: the state asked for.
        because: why not now, and what helps; empty where the states say it all.
    """

    def __init__(self, job_id: str, state: str, wanted: str, because: str = "") -> None:
        self.job_id = job_id
        self.state = state
        self.wanted = wanted
        self.because = because
        super().__init__(job_id, state, wanted, because)

    def __str__(self) -> str:
        text = f"job {self.job_id} is {self.state} and cannot become {self.wanted}"
        return f"{text}: {self.because}" if self.because else text


class DocumentsDroppedError(StoreError):
    """A job cannot wait again: what it asked QuickBooks was dropped some time after it ended.

    Attributes:
        job_id: the job.
    """

    def __init__(self, job_id: str) -> None:
        self.job_id = job_id
        super().__init__(job_id)

    def __str__(self) -> str:
        return (
            f"job {self.job_id}: expected its documents, they were dropped some time after it ended; "
            f"put it again under the same key"
        )


class RevisionError(StoreError):
    """A record was changed since it was read; read it again.

    Attributes:
        kind: the kind of record.
        expected: the revision that the writer knew (``None``: the record was expected to be new).
        found: the revision that is there (``None``: no record).
    """

    def __init__(self, kind: str, expected: int | None, found: int | None) -> None:
        self.kind = kind
        self.expected = expected
        self.found = found
        super().__init__(kind, expected, found)

    def __str__(self) -> str:
        return f"{self.kind} record: expected revision {self.expected}, found {self.found}"


class StoreVersionError(StoreError):
    """A store was written by an older or newer qbsync.

    Attributes:
        found: the format number in the store.
        known: the format number that this version reads and writes.
    """

    def __init__(self, found: int, known: int) -> None:
        self.found = found
        self.known = known
        super().__init__(found, known)

    def __str__(self) -> str:
        if self.found < self.known:
            cure = "run: qbsync migrate --store STORE"
        else:
            cure = "upgrade qbsync: pip install --upgrade qbsync"
        return f"the store has format {self.found}, this version knows {self.known}; {cure}"
