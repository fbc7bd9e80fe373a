"""What a Web Connector's log says went wrong, who must act, and what to do.

:func:`diagnose` reads the lines of ``QWCLog.txt`` (level DEBUG or VERBOSE, several runs) and tells each
session: when, which application, how far it came, how it ended. "Authentication failed" is told apart: the
Web Connector shows it for a time-out, for TLS, for a bad reply and for a wrong password alike.

Not here: calling the service to see how it answers (``qbsync diagnose URL``).
Source: Web Connector guide, codes and QWCLog; results of QuickBooks from :mod:`qbsync.qbxml.status`.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from attrs import field, frozen

from ..qbxml.status import Actor, explain_hresult
from ._codes import CALLS_BY_CODE, CODES, Code, Who
from ._qwclog import entries, runs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from ._qwclog import Entry, Run

__all__ = ["Finding", "SessionStory", "Who", "diagnose"]

_CODE: Final = re.compile(r"\bQBWC\s?(1\d{3})\b")
_HRESULT: Final = re.compile(r"\b(0x8[0-9A-Fa-f]{7})\b")
#: The text of the service; the same name with a dot or ``do_`` before it is the place of an entry.
_TOLD: Final = re.compile(r"(?<![.\w])getLastError\(\)\s*:\s*(.+)", re.DOTALL)
#: Answers to getLastError after which the session goes on.
_GO_ON: Final = frozenset({"", "noop", "interactive mode"})
_LOCK: Final = re.compile(r"locked by another client", re.IGNORECASE)
#: The Web Connector gives a call 100 seconds; its stamps have no fractions.
_TIMED_OUT_AFTER: Final = 95.0
_SHOWN: Final = 200
#: What does not stop a session: a first try to connect, a session that could not be ended, a summary.
_PASSED: Final = frozenset({"QBWC1007", "QBWC1015", "QBWC1022", "QBWC1031"})
#: How a session ends at a word of authenticate; so does one that it postponed, whatever the word.
_ANSWERED: Final = {
    "nvu": "user name or password were refused",
    "none": "there was nothing to do",
    "busy": "the service asked to come again",
}

_TIMED_OUT = Code(
    "the service did not answer within the 100 seconds that the Web Connector waits",
    Who.HOST,
    "do slow work outside the call: stage orders first, so that a call only reads what waits",
)
_TLS = Code(
    "no secure connection came about (TLS)",
    Who.PC,
    "check the certificate with: qbsync diagnose URL; if it is good, update the Web Connector: an old one "
    "speaks TLS 1.0 only unless strong cryptography is switched on for .NET in Windows",
)
_CERTIFICATE = Code(
    "the certificate of the service was not accepted",
    Who.HOST,
    "it must chain to a root that Windows trusts and carry the host's name; check: qbsync diagnose URL",
)
_UNREACHABLE = Code(
    "the service could not be reached",
    Who.HOST,
    "see that it runs and that its name and port can be reached from the QuickBooks computer",
)
_UNKNOWN_NAME = Code(
    "the name of the service could not be found (DNS)",
    Who.PC,
    "check the network of the QuickBooks computer and the address in the .qwc file",
)
_CUT = Code(
    "the service, or a proxy before it, cut the connection",
    Who.HOST,
    "keep connections open for 100 seconds and more, and look for a worker that was killed at that time",
)
_STATUS = Code(
    "the service answered with an HTTP error",
    Who.HOST,
    "404 and 405: the path in the .qwc file; 413: raise the body limit of the proxy; 5xx: the service's log",
)
_BAD_REPLY = Code(
    "the service answered something that is no SOAP reply to this call",
    Who.HOST,
    "nothing may stand before the XML declaration, no HTML, text/xml as its type: qbsync diagnose URL",
)
_FAULT = Code(
    "the service failed while it worked on the call (SOAP fault)", Who.HOST, "look into its log at that time"
)

#: What the .NET client says, and what it means; the first that fits counts.
_SAID: Final[tuple[tuple[str, str, Code], ...]] = (
    # What the other side wrote comes first: its words may be of time-outs and certificates, too.
    ("fault", r"SOAP fault|unable to process request|SoapException|:Server\.", _FAULT),
    ("HTTP status", r"HTTP status|remote server returned an error", _STATUS),
    ("time-out", r"timed? ?-?out", _TIMED_OUT),
    ("certificate", r"trust relationship|certificate", _CERTIFICATE),
    ("TLS", r"error occurred on a send|secure channel|SSL|TLS", _TLS),
    ("DNS", r"name could not be resolved|no such host|name or service not known|getaddrinfo", _UNKNOWN_NAME),
    (
        "unreachable",
        r"unable to connect|(?:actively|connection) refused|did not properly respond|unreachable",
        _UNREACHABLE,
    ),
    (
        "cut connection",
        r"connection was closed|forcibly closed|reset by peer|error occurred on a receive",
        _CUT,
    ),
    (
        "bad reply",
        r"well-?formed|content type|Object reference|outside the bounds|error in XML document",
        _BAD_REPLY,
    ),
    (
        "bad reply",
        r"DTD is prohibited|version mismatch|response is empty|correct format|root element",
        _BAD_REPLY,
    ),
)


@frozen(kw_only=True)
class Finding:
    """One thing that the log tells: what, why, who must act, what to do."""

    #: ``QBWC1012``, ``0x80040400``, or a word.
    code: str
    #: Of which kind: ``time-out``, ``TLS``, ``bad reply``, ``wrong password``, …; empty where there is one.
    kind: str = ""
    cause: str
    who: Who
    remedy: str
    #: Where it stands in the log, 1-based.
    line: int
    #: The first words of the log there.
    said: str = field(default="", repr=False)


@frozen(kw_only=True)
class SessionStory:
    """One session as the log tells it."""

    began: datetime
    ended: datetime
    application: str
    user_name: str
    #: How often each call was made, in the order of the first.
    calls: Mapping[str, int]
    #: How it ended, in words.
    end: str
    findings: tuple[Finding, ...]


def diagnose(lines: Iterable[str]) -> list[SessionStory]:
    """Return the sessions in a Web Connector's log, oldest first, with what went wrong in each.

    Args:
        lines: the lines of ``QWCLog.txt``; what is no log line belongs to the one before it.
    """
    return [_story(run) for run in runs(entries(lines))]


def _story(run: Run) -> SessionStory:
    findings = _findings(run)
    return SessionStory(
        began=run.began,
        ended=run.ended,
        application=run.application,
        user_name=run.user_name,
        calls=dict(Counter(name for name, _ in run.calls)),
        end=_end(run, findings),
        findings=tuple(findings),
    )


def _findings(run: Run) -> list[Finding]:
    """Return what the entries tell, each thing once, in the order of the log."""
    found: dict[tuple[str, str], Finding] = {}
    for entry in run.entries:
        for finding in _told_by(run, entry):
            found.setdefault((finding.code, finding.kind), finding)
    if (
        run.answer is not None
        and run.answer.lower() == "nvu"
        and not any("1040" in code for code, _ in found)
    ):
        entry = next(entry for entry in run.entries if "authRet" in entry.text)
        found["QBWC1040", "wrong password"] = _finding("QBWC1040", CODES[1040], entry, kind="wrong password")
    return list(found.values())


def _told_by(run: Run, entry: Entry) -> list[Finding]:
    findings = []
    said = entry.said
    for text in dict.fromkeys(_CODE.findall(said)):
        number = int(text)
        kind, known = _cause(run, entry, number)
        findings.append(_finding(f"QBWC{number}", known, entry, kind=kind))
    for text in dict.fromkeys(each.upper().replace("0X", "0x") for each in _HRESULT.findall(said)):
        info = explain_hresult(text)
        who = {Actor.NOBODY: Who.NOBODY, Actor.OPERATOR: Who.PC}.get(info.actor, Who.HOST)
        findings.append(_finding(text, Code(info.meaning, who, info.remedy), entry))
    if told := _told(entry):
        known = Code(f"the service stopped the session: {told[:_SHOWN]}", Who.HOST, "see that text")
        findings.append(_finding("getLastError", known, entry))
    if _LOCK.search(said):
        remedy = "let everybody leave the file, log in as Admin in single-user mode, run the update twice"
        known = Code("the company file is marked as being worked on by another Web Connector", Who.PC, remedy)
        findings.append(_finding("AppLock", known, entry))
    return findings


def _told(entry: Entry) -> str:
    """Return the text with which the service stopped the session, empty where the entry has none."""
    if entry.received == "getLastError" and entry.returned is not None:
        text = entry.returned.strip()
        return "" if text.lower() in _GO_ON else text
    told = _TOLD.search(entry.said)
    return told[1].strip() if told else ""


def _cause(run: Run, entry: Entry, number: int) -> tuple[str, Code]:
    """Return what lies behind a code: of a failed call, what the client said; else what is known of it."""
    if number == 1040:  # noqa: PLR2004 - the code's own number
        return "wrong password", CODES[number]
    known = CODES.get(number, Code("not documented", Who.HOST, "see the lines around it"))
    call = CALLS_BY_CODE.get(number)
    if call is None and number != 1048:  # noqa: PLR2004 - as above
        return "", known
    told = entry.text.partition("StackTrace")[0]  # names of classes in it say nothing of the cause
    for kind, pattern, code in _SAID:
        if re.search(pattern, told, re.IGNORECASE):
            return kind, code
    began = next(
        (made.at for name, made in reversed(run.calls) if name == call and made.line <= entry.line), None
    )
    if began is not None and (entry.at - began).total_seconds() >= _TIMED_OUT_AFTER:
        return "time-out", _TIMED_OUT
    return "", known


def _finding(code: str, known: Code, entry: Entry, *, kind: str = "") -> Finding:
    said = " ".join(entry.text.split())[:_SHOWN]
    return Finding(
        code=code,
        kind=kind,
        cause=known.cause,
        who=known.who,
        remedy=known.remedy,
        line=entry.line,
        said=said,
    )


def _end(run: Run, findings: list[Finding]) -> str:
    """Return how the session ended."""
    if run.is_postponed:
        return _ANSWERED["busy"]
    if run.answer is not None and run.answer.lower() in _ANSWERED:
        return _ANSWERED[run.answer.lower()]
    made = [name for name, _ in run.calls]
    if "connectionError" in made and "sendRequestXML" not in made:
        return _stopped(findings) or "QuickBooks could not be opened"
    return _stopped(findings) or _left(run)


def _stopped(findings: list[Finding]) -> str:
    """Return what stopped the session, empty where nothing did."""
    failed = [each for each in findings if each.code.startswith("QBWC10") and each.code not in _PASSED]
    if failed:
        kind = f" ({failed[-1].kind})" if failed[-1].kind else ""
        return f"stopped by {failed[-1].code}{kind}"
    codes = {each.code for each in findings}
    if "getLastError" in codes:
        return "stopped by the service"
    return "the company file was locked by another Web Connector" if "AppLock" in codes else ""


def _left(run: Run) -> str:
    """Return how a session ended that nothing stopped."""
    if run.is_over or any(name == "closeConnection" for name, _ in run.calls):
        return "everything was done" if run.progress == 100 else "closed"  # noqa: PLR2004 - percent
    return "the log breaks off: the Web Connector or Windows was ended" if run.calls else "no call was made"
