"""The words and value types in which statuses and HRESULTs are explained.

Here: what kind of trouble something is, who must act, and whether the same request may be sent again.
Not here: the codes themselves (``_status_codes``, ``_hresults``) and the questions about them
(``status``).
"""

from __future__ import annotations

from enum import StrEnum

import attrs

__all__ = ["Actor", "HresultInfo", "Kind", "Retry", "StatusInfo"]


class Kind(StrEnum):
    """What kind of answer a status is."""

    #: Done.
    OK = "ok"
    #: A query that matched nothing.
    EMPTY = "empty"
    #: Done, and there is something to tell.
    WARN = "warn"
    #: The request itself is not right: a value, an element, an id.
    FORMAT = "format"
    #: Something that the request names is not there.
    REF = "ref"
    #: It is there already.
    DUP = "dup"
    #: It changed since it was read.
    STALE = "stale"
    #: Somebody holds it at the moment.
    LOCK = "lock"
    #: The user or the application may not.
    PERM = "perm"
    #: This QuickBooks cannot, or the feature is off.
    FEATURE = "feature"
    #: Before the closing date of the books.
    CLOSED = "closed"
    #: It was passed over.
    NOT_RUN = "notrun"
    #: A rule of bookkeeping is in the way.
    RULE = "rule"
    #: QuickBooks or the connection failed.
    INTERNAL = "internal"


class Actor(StrEnum):
    """Who must act before things can go on."""

    NOBODY = "nobody"
    #: A person at the QuickBooks machine: close a form, give a permission, switch a feature on.
    OPERATOR = "operator"
    #: Whoever owns the record that was sent: a name, an amount, a reference must change.
    DATA = "data"
    #: Whoever wrote the program that sent it.
    PROGRAMMER = "programmer"


class Retry(StrEnum):
    """Whether the same request may be sent again."""

    #: As it is, later.
    YES = "yes"
    #: After a change that a program can make: look up, merge, shorten.
    CHANGED = "after a change"
    #: Not before a person changed something, or never.
    NO = "no"


@attrs.frozen(kw_only=True)
class StatusInfo:
    """What is known about one status code.

    Attributes:
        code: the number; ``None`` when a response stated none.
        severity: what QuickBooks states with it: ``Info``, ``Warn`` or ``Error``.
        kind: what kind of answer it is.
        actor: who must act.
        retry: whether the request may be sent again.
        done: whether the work was done; ``None``: it cannot be told, look before sending again.
        meaning: what happened, in words.
        remedy: what to do about it, in words.
        confirmed: whether Intuit or independent integrators stand behind the facts; else they are
            repeated here without a known source.
        listed: whether the code itself is known; else only its range speaks.
    """

    code: int | None
    severity: str
    kind: Kind
    actor: Actor
    retry: Retry
    done: bool | None
    meaning: str
    remedy: str
    confirmed: bool = True
    listed: bool = True


@attrs.frozen(kw_only=True)
class HresultInfo:
    """What is known about one result of a call to QuickBooks, as the Web Connector hands it on.

    Attributes:
        code: the number, unsigned; ``None`` when the text could not be read as one.
        text: the number as ``0x80040400``, or the text as it came.
        kind: what kind of trouble it is.
        actor: who must act.
        retry: whether the same document may be sent again.
        executed: ``False``: nothing of the document was run; ``None``: it cannot be told.
        meaning: what happened, in words.
        remedy: what to do about it, in words.
        confirmed: whether a source stands behind the facts.
        listed: whether the code itself is known.
    """

    code: int | None
    text: str
    kind: Kind
    actor: Actor
    retry: Retry
    executed: bool | None
    meaning: str
    remedy: str
    confirmed: bool = True
    listed: bool = True
