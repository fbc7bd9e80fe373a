"""Every status code that is known, and what is said of a code by its range alone.

Follows the status table of the qbXML reference, and for 3390 the Web Connector reference.  Who must act
is our own reading of the class and of the remedy.  Asked through ``status.explain``.
"""

from __future__ import annotations

from typing import Final

from ._status_types import Actor, Kind, Retry, StatusInfo

__all__ = ["CODES", "RANGES"]

_INFO: Final = "Info"
_WARN: Final = "Warn"
_ERROR: Final = "Error"
_NOBODY, _OPERATOR, _DATA, _PROGRAMMER = Actor.NOBODY, Actor.OPERATOR, Actor.DATA, Actor.PROGRAMMER
_YES, _CHANGED, _NO = Retry.YES, Retry.CHANGED, Retry.NO


def _info(  # noqa: PLR0917 - one row of a table
    code: int,
    severity: str,
    kind: Kind,
    actor: Actor,
    retry: Retry,
    meaning: str,
    remedy: str,
    *,
    done: bool | None = False,
    confirmed: bool = True,
    listed: bool = True,
) -> StatusInfo:
    return StatusInfo(
        code=code,
        severity=severity,
        kind=kind,
        actor=actor,
        retry=retry,
        done=done if severity == _ERROR else True,
        meaning=meaning,
        remedy=remedy,
        confirmed=confirmed,
        listed=listed,
    )


def _warn(code: int, actor: Actor, retry: Retry, meaning: str, remedy: str) -> StatusInfo:
    return _info(code, _WARN, Kind.WARN, actor, retry, meaning, remedy)


def _format(
    code: int,
    meaning: str,
    remedy: str,
    *,
    actor: Actor = _PROGRAMMER,
    retry: Retry = _NO,
    confirmed: bool = True,
) -> StatusInfo:
    return _info(code, _ERROR, Kind.FORMAT, actor, retry, meaning, remedy, confirmed=confirmed)


_FOUND: Final = (
    _info(0, _INFO, Kind.OK, _NOBODY, _NO, "done", "nothing to do"),
    _info(
        1, _INFO, Kind.EMPTY, _NOBODY, _NO, "the query matched nothing", "nothing to do: that is an answer",
    ),
    _warn(
        500, _NOBODY, _NO, "some of the ids, names or numbers asked for are not there; the others came",
        "compare what came with what was asked; before a missing one counts as absent, ask for it alone",
    ),
    _warn(
        501, _PROGRAMMER, _CHANGED, "the object is no part of the qbXML version of the request",
        "ask with a higher version",
    ),
    _warn(510, _OPERATOR, _NO, "the object cannot be returned", "look at it in QuickBooks"),
    _warn(
        530, _PROGRAMMER, _CHANGED, "this edition does not have the field; all else was done",
        "leave the field out",
    ),
    _warn(531, _DATA, _NO, "the enumerated value is not supported here", "choose another value"),
    _warn(
        540, _PROGRAMMER, _CHANGED, "more than 1,000 results (QuickBooks Online's old interface only)",
        "narrow the query",
    ),
    _warn(
        550, _NOBODY, _CHANGED, "the object was saved, its notes were not",
        "send the notes alone in a Mod; do not add the object again",
    ),
    _warn(560, _PROGRAMMER, _NO, "the field is deprecated", "stop using the field"),
    _warn(
        570, _OPERATOR, _NO, "saved without the link: the transaction to link to was closed already",
        "link by hand in QuickBooks if it matters; do not send again, the object is there",
    ),
    _warn(
        600, _NOBODY, _NO, "message set: nothing was stored under the old id, and no new id was given",
        "nothing to do: there was nothing to clear",
    ),
)  # fmt: skip

_GENERAL: Final = (
    _info(
        1000, _ERROR, Kind.INTERNAL, _OPERATOR, _YES, "QuickBooks failed inside",
        "look whether the work was done, then try once more; after that look at QuickBooks itself",
        done=None,
    ),
    _info(1010, _ERROR, Kind.LOCK, _NOBODY, _YES, "QuickBooks is not available just now", "try again later"),
    _info(
        1030, _ERROR, Kind.FEATURE, _PROGRAMMER, _NO, "this QuickBooks does not know the request",
        "check version and edition; do without the request",
    ),
    _format(1060, "the requestID is not valid: over 50 characters", "use shorter request ids"),
)  # fmt: skip

_VALUES: Final = (
    _info(
        3000, _ERROR, Kind.REF, _DATA, _CHANGED,
        "an object id is not valid: malformed, of another kind, or deleted; or one source is linked "
        "both ways",
        "look the object up again; link by LinkToTxnID or by line, not both",
    ),
    _format(3010, "a text is no boolean", "write true or false"),
    _format(3020, "a text is no date", "write YYYY-MM-DD", actor=_DATA),
    _format(3030, "a date range has its end before its start", "exchange the two"),
    _format(3031, "a range of texts has its end before its start", "exchange the two"),
    _format(3035, "a text is no time interval", "write PTnHnMnS, in whole seconds"),
    _format(3040, "a text is no amount", "write exactly two decimals, no sign of currency", actor=_DATA),
    _format(
        3045, "a text is no price, or has over 5 decimals", "round to 5 decimals before sending", actor=_DATA,
    ),
    _format(3050, "a text is no percentage", "write a number, without the percent sign", confirmed=False),
    _format(3060, "a text is no quantity", "write a number with at most 5 decimals", confirmed=False),
    _format(3065, "a text is no GUID", "write 0, or the GUID in braces", confirmed=False),
    _format(
        3070, "a text is too long; the message gives the maximum", "shorten it to that maximum",
        actor=_DATA, retry=_CHANGED,
    ),
    _format(3080, "a text is not valid", "look at the value in the message", actor=_DATA, confirmed=False),
    _format(3085, "a number is not valid", "look at the value in the message", actor=_DATA, confirmed=False),
    _format(
        3090, "a value could not be stored; in names most often a colon",
        "take the colon out: it parts the levels of a full name", actor=_DATA, retry=_CHANGED,
    ),
)  # fmt: skip

_OBJECTS: Final = (
    _info(
        3100, _ERROR, Kind.DUP, _NOBODY, _CHANGED,
        "the name is in use in that list, or among customers, vendors, employees and other names together",
        "find the one that has the name and use it, or choose another name",
    ),
    _format(
        3110, "the enumerated value is unknown", "use one of the listed values; case matters", actor=_DATA,
    ),
    _info(
        3120, _ERROR, Kind.REF, _DATA, _CHANGED, "the object to change, delete or link to is not there",
        "look it up again; if it was deleted, create it anew or drop the request",
    ),
    _info(
        3130, _ERROR, Kind.REF, _DATA, _CHANGED, "the parent reference is wrong", "create the parent first",
        confirmed=False,
    ),
    _info(
        3140, _ERROR, Kind.REF, _DATA, _CHANGED,
        "a reference names something that no list holds; the message says which field and value",
        "create it or choose one that is there, then send again",
    ),
    _format(3150, "something required is missing", "give the element that the message names"),
    _format(3151, "an element does not belong here", "leave it out", confirmed=False),
    _format(3152, "elements contradict each other", "send one of them only", confirmed=False),
    _format(3153, "elements contradict each other", "send one of them only", confirmed=False),
    _info(
        3160, _ERROR, Kind.RULE, _OPERATOR, _NO, "it cannot be deleted: it is in use, or linked",
        "make a list entry inactive, void a transaction",
    ),
    _info(
        3161, _ERROR, Kind.CLOSED, _OPERATOR, _NO, "it cannot be deleted: it is before the closing date",
        "date it later, or let the bookkeeper open the period",
    ),
    _info(
        3162, _ERROR, Kind.LOCK, _OPERATOR, _YES, "not possible in multi-user mode",
        "switch the company file to single-user mode", confirmed=False,
    ),
    _info(
        3170, _ERROR, Kind.RULE, _OPERATOR, _NO, "the change was refused; the message has the reason",
        "read the message; when it speaks of a lock or of another user, try again later",
    ),
    _info(
        3171, _ERROR, Kind.CLOSED, _OPERATOR, _NO, "it cannot be changed: it is before the closing date",
        "date it later, or let the bookkeeper open the period",
    ),
    _info(
        3172, _ERROR, Kind.STALE, _NOBODY, _CHANGED, "something that belongs to it was deleted or changed",
        "read it again and start from there", confirmed=False,
    ),
    _info(
        3175, _ERROR, Kind.LOCK, _NOBODY, _YES, "the object is in use: on a screen, or by another user",
        "try again later, with growing pauses; it helps to close the form in QuickBooks",
    ),
    _info(
        3176, _ERROR, Kind.LOCK, _NOBODY, _YES,
        "something that belongs to it is in use, such as the customer of an invoice",
        "try again later, with growing pauses; it helps to close the form in QuickBooks",
    ),
    _format(3177, "the same LinkToTxnID stands twice", "name each source once"),
    _info(
        3180, _ERROR, Kind.RULE, _OPERATOR, _NO,
        "it could not be saved: credit limit, nothing in it, stock too low; the message has the reason",
        "read the message; when it speaks of a lock or of another user, try again later",
    ),
    _info(
        3185, _ERROR, Kind.RULE, _OPERATOR, _NO, "it could not be voided", "look at it in QuickBooks",
        confirmed=False,
    ),
    _format(3190, "the field cannot be cleared", "leave it out, or give a value", confirmed=False),
    _info(
        3200, _ERROR, Kind.STALE, _NOBODY, _CHANGED,
        "the edit sequence is out of date: it was changed meanwhile; the current object came with the answer",
        "put the change onto the object that came, with its EditSequence, a few times at most",
    ),
    _format(
        3205, "an address is not valid, or too long", "shorten its lines", actor=_DATA, retry=_CHANGED,
        confirmed=False,
    ),
    _info(
        3210, _ERROR, Kind.RULE, _DATA, _NO,
        "a value breaks a rule of QuickBooks, whose own words are in the message",
        "change the value as the message says; where the severity is Info, see whether an id came back",
    ),
    _info(
        3220, _ERROR, Kind.PERM, _OPERATOR, _NO, "not authorized",
        "give the user or the application the right",
    ),
    _info(
        3230, _ERROR, Kind.NOT_RUN, _NOBODY, _YES, "broken off",
        "see whether it was done, then send it again",
        done=None, confirmed=False,
    ),
    _info(
        3231, _ERROR, Kind.NOT_RUN, _NOBODY, _YES,
        "not run, because an earlier request of the set failed under stopOnError",
        "send it again: nothing of it was done",
    ),
    _info(
        3240, _ERROR, Kind.STALE, _NOBODY, _CHANGED,
        "the time of creation is not the one stated; by other accounts: the object is not there",
        "look it up again", confirmed=False,
    ),
    _info(
        3250, _ERROR, Kind.FEATURE, _OPERATOR, _NO, "the feature is off, or this edition does not have it",
        "switch it on in the preferences of QuickBooks, or do without it",
    ),
    _info(
        3260, _ERROR, Kind.PERM, _OPERATOR, _NO, "the user of QuickBooks may not do this",
        "give the user the right, or let another user run the Web Connector",
    ),
    _info(
        3261, _ERROR, Kind.PERM, _OPERATOR, _NO, "the application may not see personal data",
        "allow it in QuickBooks: Preferences, Integrated Applications",
    ),
    _info(
        3262, _ERROR, Kind.PERM, _OPERATOR, _NO, "the payroll subscription is missing",
        "subscribe, or do without",
    ),
    _info(
        3263, _ERROR, Kind.PERM, _OPERATOR, _NO, "the access is for reading only",
        "give the application the right to write",
    ),
    _info(
        3264, _ERROR, Kind.PERM, _OPERATOR, _NO, "the merchant subscription is missing",
        "subscribe, or do without",
    ),
    _info(
        3270, _ERROR, Kind.RULE, _OPERATOR, _NO, "an account to post to is missing, such as that of an item",
        "give the item its account in QuickBooks, then send again",
    ),
    _info(
        3280, _ERROR, Kind.RULE, _DATA, _NO, "an item of that type is not allowed there", "use another item",
        confirmed=False,
    ),
    _format(
        3290, "the lines of a Mod are not in the order in which they are stored",
        "read the transaction again and keep the order of its lines", retry=_CHANGED,
    ),
    _info(
        3300, _ERROR, Kind.RULE, _DATA, _NO, "something that belongs to it has an error", "read the message",
        confirmed=False,
    ),
    _info(
        3390, _ERROR, Kind.STALE, _PROGRAMMER, _CHANGED, "too many iterators are open",
        "finish or stop iterators before starting others",
    ),
    _info(
        3391, _ERROR, Kind.STALE, _NOBODY, _CHANGED, "the iterator is gone, or belongs to another session",
        "start the query from its beginning",
    ),
    _info(
        3500, _ERROR, Kind.RULE, _DATA, _NO, "the merge was refused",
        "read the message; merge by hand if need be",
    ),
)  # fmt: skip

_SETS: Final = (
    _info(
        9001, _ERROR, Kind.INTERNAL, _PROGRAMMER, _NO,
        "message set: the id stands for a document with another content",
        "give each document an id of its own, and repeat a document byte for byte",
    ),
    _info(
        9002, _ERROR, Kind.EMPTY, _NOBODY, _CHANGED, "message set: nothing is stored under that id",
        "look for the effects of the set before sending it again", done=None,
    ),
    _info(
        9003, _ERROR, Kind.INTERNAL, _PROGRAMMER, _NO, "message set: a number that is not in use",
        "report it", done=None,
    ),
    _format(9004, "message set: the id is not valid, or too long", "use at most 23 characters"),
    _info(
        9005, _ERROR, Kind.INTERNAL, _OPERATOR, _NO, "message set: the outcome could not be stored",
        "look for the effects of the set: whether it was run cannot be told", done=None,
    ),
)  # fmt: skip

#: What is known, by code.
CODES: Final[dict[int, StatusInfo]] = {
    info.code: info for info in (*_FOUND, *_GENERAL, *_VALUES, *_OBJECTS, *_SETS) if info.code is not None
}


def _range(  # noqa: PLR0917 - one row of a table
    first: int, last: int, severity: str, kind: Kind, actor: Actor, meaning: str, remedy: str,
    *, done: bool | None = False,
) -> tuple[range, StatusInfo]:  # fmt: skip
    info = _info(first, severity, kind, actor, _NO, meaning, remedy, done=done, listed=False)
    return range(first, last + 1), info


#: What is said of all other codes; the first range that holds the code counts.
RANGES: Final[tuple[tuple[range, StatusInfo], ...]] = (
    _range(0, 499, _INFO, Kind.OK, _NOBODY, "done, with something to know", "read the message"),
    _range(500, 999, _WARN, Kind.WARN, _OPERATOR, "done, with a warning", "read the message"),
    _range(
        1000, 1999, _ERROR, Kind.INTERNAL, _OPERATOR, "a general error",
        "read the message; see what was done",
        done=None,
    ),
    _range(
        2000, 2999, _ERROR, Kind.PERM, _PROGRAMMER,
        "a sign-on error of QuickBooks Online's old interface", "do not use that interface",
    ),
    _range(3000, 3099, _ERROR, Kind.FORMAT, _DATA, "a value could not be converted", "correct the value"),
    _range(3100, 9099, _ERROR, Kind.RULE, _OPERATOR, "QuickBooks refused the request", "read the message"),
    _range(
        9100, 9199, _ERROR, Kind.FORMAT, _PROGRAMMER,
        "a macro is not defined, defined twice, or of the wrong kind",
        "define each macro once, in an earlier request of the same set, and use it for the same kind of id",
    ),
)  # fmt: skip
