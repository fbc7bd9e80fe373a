"""Documents from typed messages: whole ones, and their parts for those who store requests one by one.

Follows the qbXML reference, document structure.  What is checked is in ``rules`` and ``compiled``.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import attrs

from ..errors import InvalidRequestError, UsageError, shorten
from . import compiled, rules
from .envelope import ascii_bytes, request_envelope, response_envelope
from .messages import UnknownMessage
from .parser import message_text
from .texts import fitted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .envelope import Direction
    from .texts import Characters

__all__ = ["build", "document", "element"]


def build(
    messages: Iterable[Any],
    *,
    version: str = "13.0",
    edition: str = "US",
    on_error: str = "stopOnError",
    new_message_set_id: str | None = None,
    old_message_set_id: str | None = None,
    check: bool = True,
    characters: Characters = "refuse",
) -> bytes:
    """Return a whole document.

    Each message is checked by itself.  What only a whole set can have wrong, such as a macro that no earlier
    request defines, is for ``check_document`` to tell.

    Args:
        messages: all requests, or all responses. Requests without a request id get one.
        version: the qbXML version to speak; goes into the instruction of a request document.
        edition: the edition spoken to: ``US``, ``CA``, ``UK``, ``AU``, ``OE``.
        on_error: ``stopOnError`` or ``continueOnError``.
        new_message_set_id: at most 23 characters; QuickBooks keeps the outcome of the set under it.
        old_message_set_id: the set to ask about or to clear.
        check: whether the rules of the language are checked; without, only what is no XML is refused.
        characters: what to do with characters that QuickBooks cannot hold: ``refuse`` the message,
            ``replace`` each with ``?``, or ``transliterate`` them; see ``qbsync.qbxml.texts.fitted``.

    Raises:
        InvalidRequestError: rules are broken; ``problems`` holds all of them. Nothing was built.
        InvalidValueError: an argument cannot be, or (unchecked) a value has no text form.
        UsageError: no messages and no message set id, or requests and responses mixed.
    """
    listed = _listed(messages)
    ids: Sequence[str | None] = ()
    if (
        _direction(listed, empty=new_message_set_id is not None or old_message_set_id is not None)
        == "request"
    ):
        ids = _missing_ids(listed)
        head, tail = request_envelope(
            version=version,
            on_error=on_error,
            new_message_set_id=new_message_set_id,
            old_message_set_id=old_message_set_id,
        )
    else:
        given = (("newMessageSetID", new_message_set_id),)
        head, tail = response_envelope([(name, text) for name, text in given if text is not None])
    spoken = _Spoken(version, edition, check, characters)
    return b"".join([head, *_elements(listed, spoken, ids), tail])


def element(
    message: Any,
    *,
    version: str = "13.0",
    edition: str = "US",
    check: bool = True,
    characters: Characters = "refuse",
) -> bytes:
    """Return one message as bytes, as it stands in a document, with its request id; see ``build``.

    Raises:
        InvalidRequestError: rules are broken.
        InvalidValueError: (unchecked) a value has no text form.
    """
    return _elements((message,), _Spoken(version, edition, check, characters))[0]


def document(
    elements: Sequence[bytes],
    *,
    version: str = "13.0",
    on_error: str = "stopOnError",
    new_message_set_id: str | None = None,
    old_message_set_id: str | None = None,
) -> bytes:
    """Return a request document around requests that ``element`` made.

    Raises:
        InvalidValueError: an argument cannot be.
    """
    head, tail = request_envelope(
        version=version,
        on_error=on_error,
        new_message_set_id=new_message_set_id,
        old_message_set_id=old_message_set_id,
    )
    return b"".join([head, *elements, tail])


def _listed(messages: Any) -> tuple[Any, ...]:
    if not hasattr(messages, "__iter__"):
        raise UsageError(f"messages: expected several, such as a list, got {shorten(messages)}")
    return tuple(messages)


@attrs.define
class _Spoken:
    """How messages are written, and for whom."""

    version: str
    edition: str
    check: bool
    characters: Characters

    def write(self, message: Any, request_id: str | None = None) -> bytes | None:
        """Return a message as bytes when it is checked, and plainly right."""
        if not self.check:
            return None
        return compiled.write(message, version=self.version, edition=self.edition, request_id=request_id)


def _elements(messages: Sequence[Any], spoken: _Spoken, ids: Sequence[str | None] = ()) -> list[bytes]:
    """Return each message as bytes; all problems of all messages are reported together.

    Args:
        messages: what to write.
        spoken: how, and for whom.
        ids: the request id that each message gets, where it has none of its own.
    """
    made: list[bytes] = []
    problems: list[rules.Problem] = []
    for number, (message, request_id) in enumerate(zip_longest(messages, ids), 1):
        raw = spoken.write(message, request_id)
        if raw is None:
            named = message if request_id is None else attrs.evolve(message, request_id=request_id)
            fit = fitted(named, spoken.characters)
            raw = None if fit is named else spoken.write(fit)
            if raw is None:
                if spoken.check:
                    place = f"[{number}]" if len(messages) > 1 else ""
                    problems += _problems(fit, spoken, place)
                    if problems:
                        continue
                raw = ascii_bytes(message_text(fit))
        made.append(raw)
    if problems:
        raise InvalidRequestError(problems)
    return made


def _problems(message: Any, spoken: _Spoken, place: str) -> list[rules.Problem]:
    if isinstance(message, UnknownMessage):
        return [_problem(message.name, rules.Code.UNKNOWN, "a message of the language", message.name)]
    found = rules.check(message, version=spoken.version, edition=spoken.edition)
    if not place:
        return found
    name = type(message).__name__
    return [
        attrs.evolve(
            problem,
            path=f"{name}{place}{problem.path.removeprefix(name)}",
            message=f"{name}{place}{problem.message.removeprefix(name)}",
        )
        for problem in found
    ]


def _problem(path: str, code: rules.Code, expected: str, got: str) -> rules.Problem:
    message = f"{path}: expected {expected}, got {got}"
    return rules.Problem(path=path, code=code, message=message, expected=expected, got=got)


def _direction(messages: Sequence[Any], *, empty: bool) -> Direction:
    """Return the direction of all messages together."""
    names = [
        message.name if isinstance(message, UnknownMessage) else type(message).__name__
        for message in messages
    ]
    requests = [name for name in names if name.endswith("Rq")]
    responses = [name for name in names if name.endswith("Rs")]
    for name, message in zip(names, messages, strict=True):
        if not name.endswith(("Rq", "Rs")):
            raise UsageError(f"expected request or response messages, got {shorten(message)}")
    if requests and responses:
        raise UsageError(f"expected all requests or all responses, got {requests[0]} and {responses[0]}")
    if not names and not empty:
        raise UsageError("expected messages, or a message set id to ask about or clear, got neither")
    return "response" if responses else "request"


def _missing_ids(messages: Sequence[Any]) -> list[str | None]:
    """Return an id for each request that has none; two of the same are refused."""
    taken: set[str] = set()
    problems = []
    for number, message in enumerate(messages, 1):
        given = message.request_id
        if not isinstance(given, str):
            continue
        if given in taken:
            name = message.name if isinstance(message, UnknownMessage) else type(message).__name__
            path = f"{name}[{number}]@requestID"
            problems.append(_problem(path, rules.Code.DOUBLE, "an id of its own", shorten(given)))
        taken.add(given)
    if problems:
        raise InvalidRequestError(problems)
    numbers = (str(number) for number in range(1, len(messages) + len(taken) + 1))
    free = (number for number in numbers if number not in taken)
    return [
        next(free) if message.request_id is None and not isinstance(message, UnknownMessage) else None
        for message in messages
    ]
