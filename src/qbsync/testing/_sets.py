"""Running a message set: one request after another, errors that stop, outcomes that are remembered.

Here: dispatching requests, ``onError``, message-set recovery by its table, the response document.
Not here: reading the document (``_reading``) and what single requests do.
Facts: qbXML dossier 1.1, 1.2, 5.2 (3231), 6.1 (the table), 6.2.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final, NoReturn

import attrs

from . import _changes, _facts, _forms, _lists, _payments, _queries, _seed
from ._context import Answer, Context, not_simulated
from ._nodes import number
from ._refusals import Refusal, severity
from ._settling import FORMS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ._facts import Identity
    from ._nodes import MessageSet, Request

__all__ = ["Died", "Memory", "Outcome", "Row", "Run", "run"]

_LONGEST_ID: Final = 23
_CLEAR_ALL: Final = "ClearAllMessageSets"
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


def run(
    context: Context,
    identity: Identity,
    memory: Memory,
    application: str,
    document: MessageSet,
    *,
    dies_after: int | None = None,
) -> Run:
    """Run a message set, or return what is remembered of it.

    Raises:
        Died: *dies_after* requests were run (or all, where there are fewer).
    """
    if dies_after is not None:
        _die(context, memory, document, identity=identity, application=application, dies_after=dies_after)
    new, old = document.new_id, document.old_id
    recovery = context.switches.recovery
    if recovery == "off" or (new is None and old is None):
        rows = _execute(context, identity, document)
        return Run(_response({}, rows.blocks), rows.executed)
    attributes = {} if new is None else {"newMessageSetID": new}
    if (
        any(one is not None and (not one or len(one) > _LONGEST_ID) for one in (new, old))
        and old != _CLEAR_ALL
    ):
        return Run(_response({**attributes, "messageSetStatusCode": "9004"}, []), 0)
    kept = memory.of(application)
    checksum = hashlib.sha256(document.body.encode("utf-8", "surrogatepass")).hexdigest()
    code, answered = _remembered(kept, new, old, checksum)
    if answered is not None or code != 0:
        blocks = (
            [] if answered is None else [_remembered_block(row, context.version) for row in answered.rows]
        )
        if new is None and document.requests:
            rows = _execute(context, identity, document)
            return Run(
                _response({**attributes, "messageSetStatusCode": str(code)}, rows.blocks), rows.executed
            )
        return Run(_response({**attributes, "messageSetStatusCode": str(code)}, blocks), 0)
    rows = _execute(context, identity, document)
    if new is not None and recovery == "on":
        kept[new] = Outcome(checksum, tuple(rows.rows))
    return Run(_response({**attributes, "messageSetStatusCode": "0"}, rows.blocks), rows.executed)


def _die(
    context: Context,
    memory: Memory,
    document: MessageSet,
    *,
    identity: Identity,
    application: str,
    dies_after: int,
) -> NoReturn:
    """Run the first requests of a set and die; what is remembered then is a switch, for nobody knows."""
    new, old, switches = document.new_id, document.old_id, context.switches
    fresh = switches.recovery == "off" or new is None or (new != old and new not in memory.of(application))
    rows = _Rows()
    if fresh:
        rows = _execute(context, identity, document, limit=dies_after)
        if new is not None and switches.recovery == "on" and switches.crash_stores == "partial":
            checksum = hashlib.sha256(document.body.encode("utf-8", "surrogatepass")).hexdigest()
            memory.of(application)[new] = Outcome(checksum, tuple(rows.rows))
    raise Died(rows.executed)


def _remembered(
    kept: dict[str, Outcome], new: str | None, old: str | None, checksum: str
) -> tuple[int, Outcome | None]:
    """Return the code of the set and the outcome that answers it; (0, ``None``) means: run it."""
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
        return 0, None
    found = kept.get(new)
    if found is not None and found.checksum != checksum:
        return 9001, None
    return 0, found


@attrs.define
class _Rows:
    blocks: list[str] = attrs.field(factory=list)
    rows: list[Row] = attrs.field(factory=list)
    executed: int = 0


def _execute(
    context: Context, identity: Identity, document: MessageSet, *, limit: int | None = None
) -> _Rows:
    done = _Rows()
    stopped = False
    for request in document.requests[:limit]:
        if stopped:
            answer = Answer(_NOT_RUN.code, _NOT_RUN.message)
        else:
            context.books.milliseconds += _seed.cost(request)
            answer = _answer(context, identity, request)
            done.executed += 1
            stopped = document.on_error == "stopOnError" and severity(answer.code) == "Error"
        done.blocks.append(_block(request, answer, with_data=document.include_data))
        done.rows.append(Row(request.name, request.request_id, answer.code, answer.message, answer.ids))
    return done


def _answer(context: Context, identity: Identity, request: Request) -> Answer:
    """Answer one request; a refusal leaves the books as they were."""
    try:
        if request.fault is not None and severity(request.fault.code) == "Error":
            raise request.fault
        answer = _dispatch(context, identity, request)
    except Refusal as refusal:
        answer = Answer(refusal.code, refusal.message)
        if refusal.current is not None:
            answer.body = _lists.written(context, refusal.current)
        return answer
    if request.fault is not None and answer.code == 0:
        answer.code, answer.message = request.fault.code, request.fault.message
    return answer


def _dispatch(context: Context, identity: Identity, request: Request) -> Answer:  # noqa: PLR0911 - a table in words
    name = request.name
    if name in _facts.QUERIES:
        return _facts.answer(context, identity, request)
    if name in {"ListDeletedQuery", "TxnDeletedQuery"}:
        return _queries.deleted(context, request)
    if name.endswith("Query"):
        return _queries.answer(context, request)
    single = {
        "ListDel": _lists.delete,
        "TxnDel": _changes.delete,
        "TxnVoid": _changes.void,
        "ReceivePaymentAdd": _payments.add,
    }.get(name)
    if single is not None:
        return single(context, request)
    kind, verb = name[:-3], name[-3:]
    if verb == "Add" and kind in FORMS:
        return _forms.add(context, request)
    if verb == "Mod" and kind in FORMS:
        return _changes.modify(context, request)
    if verb == "Add" and _lists.is_simulated(kind):
        return _lists.add(context, request)
    if verb == "Mod" and _lists.is_simulated(kind):
        return _lists.modify(context, request)
    raise not_simulated(f"{name}Rq")


# -- what is written


def _response(attributes: Mapping[str, str], blocks: list[str]) -> str:
    head = "".join(f' {name}="{_attribute(value)}"' for name, value in attributes.items())
    body = "".join(blocks)
    inner = f"<QBXMLMsgsRs{head}>\n{body}</QBXMLMsgsRs>" if body else f"<QBXMLMsgsRs{head} />"
    return f'<?xml version="1.0" ?>\n<QBXML>\n{inner}\n</QBXML>\n'


def _block(request: Request, answer: Answer, *, with_data: bool) -> str:
    lines = answer.body if with_data else []
    return _element(request.name, request.request_id, answer, lines)


def _remembered_block(row: Row, version: str) -> str:
    lines: list[str] = []
    if row.ids and number(version) >= (11, 0):
        lines.append("<ErrorRecovery>")
        lines.extend(f"<{name}>{value}</{name}>" for name, value in row.ids.items())
        lines.append("</ErrorRecovery>")
    return _element(row.name, row.request_id, Answer(row.code, row.message), lines)


def _element(name: str, request_id: str | None, answer: Answer, lines: list[str]) -> str:
    attributes = {} if request_id is None else {"requestID": request_id}
    attributes["statusCode"] = str(answer.code)
    attributes["statusSeverity"] = severity(answer.code)
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
