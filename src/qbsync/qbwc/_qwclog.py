"""A Web Connector's log as entries and sessions.

The log is made for people: its wording differs between versions, payloads run over many lines, and it may
begin in the midst of a session. So as little as possible is relied on: a stamp begins an entry, what follows
without one belongs to it, and a session is told from the calls in it.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from attrs import field, frozen, mutable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Entry", "Run", "entries", "runs"]

_STAMP: Final = re.compile(r"\s*(\d{8})[. ](\d{1,2}:\d{2}:\d{2})(?: ?UTC)?\s*:?\s*(.*)", re.DOTALL)
#: A call or its answer; what follows is payload, in which people write anything.
_CALL: Final = re.compile(r"(?:(?:\*|:|\A)\s*calling\s+(\w+)|\breceived\s+from\s+(\w+))\s*\(", re.IGNORECASE)
_NAMED: Final = re.compile(r"\bAppName\s*:\s*(.+)")
_USER: Final = re.compile(r"""<(?:str)?userName="?([^"<>]*)""", re.IGNORECASE)
_ANSWER: Final = re.compile(r"""<authRet\[(\d)\]\s*=\s*"?([^"<>]*)""", re.IGNORECASE)
_LOCKED: Final = re.compile(r"update session locked|setUpdateLock\(\).*\bTRUE\b", re.IGNORECASE)
#: What stands before an update locks the session.
_STARTS: Final = re.compile(r"has STARTED\b|\bgetUpdateLock\(\)", re.IGNORECASE)
_UNLOCKED: Final = re.compile(r"update session unlocked|setUpdateLock\(\).*\bFALSE\b", re.IGNORECASE)
_NUMBER: Final = re.compile(r"""Ret\s*=\s*"?(-?\d+)""")
#: From the parenthesis of a call to the first value; an error may be told there instead.
_PAYLOAD: Final = re.compile(r"[^<\n]*<")
#: What QuickBooks' result and its text are called among the values of a call.
_RESULT: Final = re.compile(r"""<(?:hresult|message)\s*=\s*"?[^"<>]*""", re.IGNORECASE)
_RETURNED: Final = re.compile(r"""Ret\s*=\s*(?:"(.*)"|([^">]*))""", re.DOTALL)
#: The calls that begin a session.
_FIRST: Final = ("serverVersion", "clientVersion", "authenticate")


@frozen
class Entry:
    """One entry: what follows a stamp, up to the next."""

    line: int
    at: datetime
    text: str = field(repr=False)

    @property
    def calling(self) -> str | None:
        """The call that goes out here."""
        found = _CALL.search(self.text)
        return found[1] if found else None

    @property
    def received(self) -> str | None:
        """The call that is answered here."""
        found = _CALL.search(self.text)
        return found[2] if found else None

    @property
    def said(self) -> str:
        """What the Web Connector itself says: payloads are left out, QuickBooks' results are not."""
        call = _CALL.search(self.text)
        begins = _PAYLOAD.match(self.text, call.end()) if call else None
        if begins is None:
            return self.text
        return " ".join((self.text[: begins.end()], *_RESULT.findall(self.text, begins.end() - 1)))

    @property
    def returned(self) -> str | None:
        """What the call was answered with, ``None`` where the entry tells no answer."""
        found = _CALL.search(self.text)
        value = _RETURNED.search(self.text, found.end()) if found and found[2] else None
        return (value[1] or value[2] or "") if value else None


@mutable
class Run:
    """One session as the log tells it, or as much as is there of it."""

    began: datetime
    entries: list[Entry] = field(factory=list, repr=False)
    application: str = ""
    user_name: str = ""
    #: The calls in the order in which they went out, with the entry of each.
    calls: list[tuple[str, Entry]] = field(factory=list, repr=False)
    #: What authenticate was answered with, after the ticket; ``None``: no answer is in the log.
    answer: str | None = None
    #: Whether authenticate asked for a later run, whatever it answered otherwise.
    is_postponed: bool = False
    #: The last number that ``receiveResponseXML`` was answered with.
    progress: int | None = None
    is_over: bool = False

    @property
    def ended(self) -> datetime:
        """The moment of the last entry."""
        return self.entries[-1].at

    def add(self, entry: Entry) -> None:
        """Take one more entry in."""
        self.entries.append(entry)
        text, said = entry.text, entry.said
        if named := _NAMED.search(said):
            self.application = named[1].strip()
        if entry.calling:
            self.calls.append((entry.calling, entry))
        if (
            entry.received is None
            and entry.calling in {None, "authenticate"}
            and (user := _USER.search(text))
        ):
            self.user_name = user[1]
        answers = _ANSWER.findall(text) if entry.received in {None, "authenticate"} else ()
        for index, value in answers:
            if index == "1":
                self.answer = value.strip()
            elif index == "2":
                self.is_postponed = value.strip().isdecimal()
        if entry.received == "receiveResponseXML" and (number := _NUMBER.search(text)):
            self.progress = int(number[1])
        if _UNLOCKED.search(said) or entry.received == "closeConnection":
            self.is_over = True

    def is_followed_by(self, entry: Entry) -> bool:
        """Return whether *entry* begins another session."""
        said = entry.said
        if _LOCKED.search(said):
            return bool(self.calls) or self.is_over
        if self.is_over and (_NAMED.search(said) or _STARTS.search(said)):
            return True
        if entry.calling not in _FIRST:
            return False
        made = [name for name, _ in self.calls]
        later = _FIRST.index(entry.calling)
        return any(name not in _FIRST or _FIRST.index(name) >= later for name in made)


def entries(lines: Iterable[str]) -> Iterator[Entry]:
    """Yield the entries of a log; what stands before the first stamp is left out."""
    begun: tuple[int, datetime, list[str]] | None = None
    for number, line in enumerate(lines, 1):
        stamp = _STAMP.match(line)
        at = _moment(stamp) if stamp else None
        if stamp and at:
            if begun:
                yield Entry(begun[0], begun[1], "\n".join(begun[2]))
            begun = (number, at, [stamp[3].rstrip("\r\n")])
        elif begun:
            begun[2].append(line.rstrip("\r\n"))
    if begun:
        yield Entry(begun[0], begun[1], "\n".join(begun[2]))


def _moment(stamp: re.Match[str]) -> datetime | None:
    try:
        return datetime.strptime(f"{stamp[1]} {stamp[2]}", "%Y%m%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:  # digits that are no date, in a payload
        return None


def runs(found: Iterable[Entry]) -> Iterator[Run]:
    """Yield the sessions; what happened between two belongs to the one before."""
    current: Run | None = None
    for entry in found:
        if current is None or current.is_followed_by(entry):
            if current is not None:
                yield current
            current = Run(began=entry.at)
        current.add(entry)
    if current is not None:
        yield current
