"""Running a message set: one request after another, errors that stop, outcomes that are remembered.

Here: ``onError``, message-set recovery by its table, dying in the middle, the response document.
Not here: reading the document (``_reading``), which function answers a request (``_dispatch``).
Facts: qbXML dossier 1.1, 1.2, 5.2 (3231), 6.1 (the table), 6.2.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final, NoReturn

import attrs

from . import _dispatch
from ._context import Answer
from ._nodes import number
from ._refusals import QuickBooksError, Refusal, severity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ._context import Context
    from ._costs import Pace
    from ._facts import Identity
    from ._nodes import MessageSet, Request

__all__ = ["Desk", "Died", "Memory", "Outcome", "Row", "Run", "run"]

_CLEAR_ALL: Final = "ClearAllMessageSets"
_BROKEN_RULE: Final = 3210
_NOT_RUN: Final = Refusal(3231, "The request was not processed, because an earlier one failed.")


@attrs.frozen
class Row:
    """What is remembered of one request."""

    name: str
    request_id: str | None
    code: int
    message: str
    ids: dict[str, str]


@attrs.frozen
class Outcome:
    """What is remembered of one message set."""

    checksum: str
    rows: tuple[Row, ...]


class Memory:
    """The stored outcomes of one company file, by application and message set."""

    def __init__(self) -> None:
        self.outcomes: dict[str, dict[str, Outcome]] = {}

    def of(self, application: str) -> dict[str, Outcome]:
        """Return the outcomes of one application."""
        return self.outcomes.setdefault(application, {})

    def to_data(self) -> Any:
        """Return everything as what JSON can hold."""
        return {
            application: {
                name: [one.checksum, [list(attrs.astuple(row)) for row in one.rows]]
                for name, one in kept.items()
            }
            for application, kept in self.outcomes.items()
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Memory:
        """Return the memory that ``to_data`` described."""
        memory = cls()
        for application, kept in data.items():
            memory.outcomes[application] = {
                name: Outcome(checksum, tuple(Row(*row) for row in rows))
                for name, (checksum, rows) in kept.items()
            }
        return memory


@attrs.frozen
class Desk:
    """What a message set is run with."""

    context: Context
    identity: Identity
    memory: Memory
    #: Under whose name outcomes are kept.
    application: str
    pace: Pace


@attrs.define
class Run:
    """What came of a document."""

    text: str
    #: How many requests were run (or refused by their own status), without those not processed.
    executed: int


class Died(Exception):  # noqa: N818 - the process is gone, which no caller of ours did wrong
    """QuickBooks died while it ran a message set.

    Attributes:
        executed: how many requests it had run.
    """

    def __init__(self, executed: int) -> None:
        self.executed = executed
        super().__init__(executed)


def run(desk: Desk, document: MessageSet, *, dies_after: int | None = None) -> Run:
    """Run a message set, or return what is remembered of it.

    Raises:
        Died: *dies_after* requests were run (or all, where there are fewer).
        QuickBooksError: there are more requests than this QuickBooks takes at once.
    """
    switches = desk.context.switches
    if switches.max_requests is not None and len(document.requests) > switches.max_requests:
        why = f"{len(document.requests)} requests, at most {switches.max_requests} are taken"
        raise QuickBooksError("0x80040402", "An unexpected error has occurred.", why)
    if dies_after is not None:
        _die(desk, document, dies_after)
    new, old = document.new_id, document.old_id
    if switches.recovery == "off" or (new is None and old is None):
        rows = _execute(desk, document)
        return Run(_response({}, rows.blocks), rows.executed)
    attributes = {} if new is None else {"newMessageSetID": new}
    longest = switches.longest_set_id
    if any(one is not None and not 0 < len(one) <= longest for one in (new, old)):
        return Run(_response({**attributes, "messageSetStatusCode": "9004"}, []), 0)
    return _recoverable(desk, document, attributes)


def _recoverable(desk: Desk, document: MessageSet, attributes: dict[str, str]) -> Run:
    """Run a set with IDs, or return what is remembered of it."""
    new, context = document.new_id, desk.context
    kept = desk.memory.of(desk.application)
    code, answered = _remembered(kept, document, again=context.switches.recognises_repeat_with_old)
    attributes["messageSetStatusCode"] = str(code)
    if (answered is not None or code != 0) and not (new is None and document.requests):
        rows = () if answered is None else answered.rows
        blocks = [_remembered_block(context, row) for row in rows]
        return Run(_response(attributes, blocks), 0)
    done = _execute(desk, document)
    if new is not None:
        _remember(desk, document, done.rows)
    return Run(_response(attributes, done.blocks), done.executed)


def _remember(desk: Desk, document: MessageSet, rows: list[Row]) -> None:
    switches, kept = desk.context.switches, desk.memory.of(desk.application)
    if switches.recovery != "on":
        return
    kept[str(document.new_id)] = Outcome(_checksum(document), tuple(rows))
    while switches.kept_outcomes is not None and len(kept) > switches.kept_outcomes:
        del kept[next(iter(kept))]


def _checksum(document: MessageSet) -> str:
    return hashlib.sha256(document.body.encode("utf-8", "surrogatepass")).hexdigest()


def _die(desk: Desk, document: MessageSet, dies_after: int) -> NoReturn:
    """Run the first requests of a set and die; what is remembered then is a switch, for nobody knows."""
    new, old, switches = document.new_id, document.old_id, desk.context.switches
    fresh = (
        switches.recovery == "off"
        or new is None
        or (new != old and new not in desk.memory.of(desk.application))
    )
    rows = _Rows()
    if fresh:
        rows = _execute(desk, document, limit=dies_after)
        if new is not None and switches.crash_stores == "partial":
            _remember(desk, document, rows.rows)
    desk.context.iterators.clear()
    raise Died(rows.executed)


def _remembered(kept: dict[str, Outcome], document: MessageSet, *, again: bool) -> tuple[int, Outcome | None]:
    """Return the code of the set and the outcome that answers it; (0, ``None``) means: run it."""
    new, old = document.new_id, document.old_id
    if new is not None and new == old:
        found = kept.get(new)
        return (0, found) if found is not None else (9002, None)
    if old == _CLEAR_ALL:
        kept.clear()
        return 0, None if new is not None else Outcome("", ())
    if new is None:
        cleared = kept.pop(str(old), None)
        return (0, cleared) if cleared is not None else (600, None)
    if old is not None:
        kept.pop(old, None)
        if not again:
            return 0, None
    found = kept.get(new)
    if found is not None and found.checksum != _checksum(document):
        return 9001, None
    return 0, found


@attrs.define
class _Rows:
    blocks: list[str] = attrs.field(factory=list)
    rows: list[Row] = attrs.field(factory=list)
    executed: int = 0


def _execute(desk: Desk, document: MessageSet, *, limit: int | None = None) -> _Rows:
    done = _Rows()
    context, stopped = desk.context, False
    for request in document.requests[:limit]:
        if stopped:
            answer = Answer(_NOT_RUN.code, _NOT_RUN.message)
        else:
            books = context.books
            books.milliseconds += desk.pace.request(request, len(books))
            answer = _dispatch.answer(context, desk.identity, request)
            books.milliseconds += desk.pace.rows(answer.rows)
            done.executed += 1
            stopped = document.on_error == "stopOnError" and _stops(context, answer)
        done.blocks.append(_block(context, request, answer, with_data=document.include_data))
        done.rows.append(Row(request.name, request.request_id, answer.code, answer.message, answer.ids))
    return done


def _severity(context: Context, code: int) -> str:
    return context.switches.severity_of_3210 if code == _BROKEN_RULE else severity(code)


def _stops(context: Context, answer: Answer) -> bool:
    kind = _severity(context, answer.code)
    return kind == "Error" or (kind == "Warn" and context.switches.warnings_stop)


# -- what is written


def _response(attributes: Mapping[str, str], blocks: list[str]) -> str:
    head = "".join(f' {name}="{_attribute(value)}"' for name, value in attributes.items())
    body = "".join(blocks)
    inner = f"<QBXMLMsgsRs{head}>\n{body}</QBXMLMsgsRs>" if body else f"<QBXMLMsgsRs{head} />"
    return f'<?xml version="1.0" ?>\n<QBXML>\n{inner}\n</QBXML>\n'


def _block(context: Context, request: Request, answer: Answer, *, with_data: bool) -> str:
    lines = answer.body if with_data else []
    return _element(context, request.name, request.request_id, answer, lines)


def _remembered_block(context: Context, row: Row) -> str:
    lines: list[str] = []
    if row.ids and number(context.version) >= (11, 0):
        lines.append("<ErrorRecovery>")
        lines.extend(f"<{name}>{value}</{name}>" for name, value in row.ids.items())
        lines.append("</ErrorRecovery>")
    return _element(context, row.name, row.request_id, Answer(row.code, row.message), lines)


def _element(context: Context, name: str, request_id: str | None, answer: Answer, lines: list[str]) -> str:
    attributes = {} if request_id is None else {"requestID": request_id}
    attributes["statusCode"] = str(answer.code)
    attributes["statusSeverity"] = _severity(context, answer.code)
    attributes["statusMessage"] = answer.message
    attributes.update(answer.attributes)
    head = "".join(f' {key}="{_attribute(value)}"' for key, value in attributes.items())
    if not lines:
        return f"<{name}Rs{head} />\n"
    body = "\n".join(lines)
    return f"<{name}Rs{head}>\n{body}\n</{name}Rs>\n"


def _attribute(value: str) -> str:
    text = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    return text.replace("\n", "&#10;").replace("\r", "&#13;").replace("\t", "&#9;")
