"""How the answer of a query is cut: counts only, the first so many, pages of an iterator.

Here: ``MaxReturned``, ``metaData``, ``iterator``; status 1 and 500.
Not here: what is found (``_queries``, ``_computed``, ``_transaction_rows``).
Facts: qbXML dossier 4.3, 4.4 (iterators, 3390, 3391), 5.5 (not found).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ._context import Answer, OpenIterator
from ._refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ._context import Context
    from ._nodes import Request

__all__ = ["NOTHING", "continued", "page"]

NOTHING: Final = "Nothing in the company file matches the query."
#: Both lists of numbers; a number that is not there may be status 1, an ID or a name is not.
_NUMBERS: Final = frozenset({"RefNumber", "RefNumberCaseSensitive"})


def page(
    context: Context,
    request: Request,
    found: Sequence[Any],
    *,
    write: Callable[[Any], list[str]],
    missing: str | None = None,
    iterates: bool = True,
) -> Answer:
    """Return the answer of a query that found something or nothing.

    Args:
        context: the message set.
        request: the query.
        found: what was found.
        write: gives the lines of one of them.
        missing: the first key that was not found.
        iterates: whether an iterator may be opened for this way of selecting.

    Raises:
        Refusal: 3390 too many iterators are open.
    """
    meta = request.attributes.get("metaData", "NoMetaData")
    counts = {} if meta == "NoMetaData" else {"retCount": str(len(found))}
    starts = iterates and request.attributes.get("iterator") == "Start"
    by_number = not _NUMBERS.isdisjoint(request.node)
    if missing is not None and (found or not by_number or context.switches.all_numbers_missing != 1):
        given = Answer(500, f'The query is not complete: "{missing}" cannot be found.', attributes=counts)
    elif not found:
        given = Answer(1, NOTHING, attributes=counts)
        if starts and context.switches.empty_iterator_has_id:
            given.attributes.update({"iteratorRemainingCount": "0", "iteratorID": _new_id(context)})
        return given
    else:
        given = Answer(attributes=counts)
    if meta == "MetaDataOnly":
        return given
    if starts:
        return _started(context, request, list(found), write, counts)
    most = request.node.get("MaxReturned")
    _fill(given, found[: int(most)] if most else found, write)
    return given


def _started(
    context: Context,
    request: Request,
    found: list[Any],
    write: Callable[[Any], list[str]],
    counts: dict[str, str],
) -> Answer:
    _drop_idle(context)
    if len(context.iterators) >= context.switches.max_iterators:
        raise Refusal(3390, "There are too many open iterators.")
    given = _iterate(context, request, _new_id(context), OpenIterator(request.name, found), write)
    given.attributes.update(counts)
    return given


def _new_id(context: Context) -> str:
    context.serial[0] += 1
    return f"{{{context.serial[0]:08X}-0000-4000-8000-{context.books.unix:012X}}}"


def continued(
    context: Context,
    request: Request,
    write: Callable[[Any], list[str]],
    is_there: Callable[[Any], bool] = lambda _thing: True,
) -> Answer | None:
    """Return the next page of an iterator, or its end; ``None`` when the request wants neither.

    Args:
        context: the message set.
        request: the query.
        write: gives the lines of one object.
        is_there: says whether an object still exists.

    Raises:
        Refusal: 3391 there is no such iterator, or it belongs to another query, or it was idle too long.
    """
    wish = request.attributes.get("iterator")
    if wish not in {"Continue", "Stop"}:
        return None
    _drop_idle(context)
    identifier = request.attributes.get("iteratorID", "")
    state = context.iterators.get(identifier)
    if state is None or state.query != request.name:
        raise Refusal(3391, f'The iteratorID "{identifier}" is not valid.')
    if wish == "Stop":
        del context.iterators[identifier]
        return Answer()
    return _iterate(context, request, identifier, state, write, is_there)


def _drop_idle(context: Context) -> None:
    limit = context.switches.iterator_idle_seconds
    if limit is None:
        return
    oldest = context.books.milliseconds - limit * 1000
    for identifier in [name for name, state in context.iterators.items() if state.used < oldest]:
        del context.iterators[identifier]


def _iterate(  # noqa: PLR0917 - the state of one iterator
    context: Context,
    request: Request,
    identifier: str,
    state: OpenIterator,
    write: Callable[[Any], list[str]],
    is_there: Callable[[Any], bool] = lambda _thing: True,
) -> Answer:
    most = int(request.node.get("MaxReturned") or len(state.rest) or 1)
    things, state.rest = state.rest[:most], state.rest[most:]
    state.used = context.books.milliseconds
    if state.rest:
        context.iterators[identifier] = state
    else:
        context.iterators.pop(identifier, None)
    given = Answer(attributes={"iteratorRemainingCount": str(len(state.rest)), "iteratorID": identifier})
    _fill(given, [thing for thing in things if is_there(thing)], write)
    return given


def _fill(given: Answer, things: Sequence[Any], write: Callable[[Any], list[str]]) -> None:
    given.rows = len(things)
    for thing in things:
        given.body.extend(write(thing))
