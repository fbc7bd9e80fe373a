"""Hypothesis strategies for messages of qbXML: any valid one, and ones with exactly one known fault.

Needs the extra ``testing``.  Everything is drawn from the catalogue's facts for the version and the
edition that are spoken: what is required, choices, how often, how long, enumerations, the lexical
range of each type, attributes, macros, iterators.  Drawing is quick: a message holds some dozens of
values at most, though every field can be among them.
Not here: orders and whole conversations.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

try:
    from hypothesis import strategies as st
except ImportError as exc:  # pragma: no cover - the tests need Hypothesis themselves
    raise ImportError("expected Hypothesis; install it with: pip install 'qbsync[testing]'") from exc

from ..errors import InvalidValueError
from ..qbxml import catalogue
from ..qbxml.versions import Version
from ._strategy_drafts import Drawing, made
from ._strategy_faults import Fault, sites
from ._strategy_plans import of_message, speaks

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import DrawFn, SearchStrategy

__all__ = ["Direction", "Fault", "invalid_messages", "message_sets", "messages", "names"]

Direction: TypeAlias = Literal["request", "response"]

_ENDINGS = {"request": "Rq", "response": "Rs"}


def names(
    *, version: str = "13.0", edition: str = "US", direction: Direction | None = None
) -> tuple[str, ...]:
    """Return the names of all messages that a QuickBooks of that version and edition knows.

    Raises:
        InvalidValueError: the version, the edition or the direction cannot be.
    """
    return _names(str(Version.parse(version)), _known_edition(edition), _endings(direction))


@cache
def _names(version: str, edition: str, endings: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(
        name
        for name in catalogue.names()
        if name.endswith(endings) and speaks(catalogue.element(name), version, edition)
    )


def messages(
    name: str | None = None,
    *,
    version: str = "13.0",
    edition: str = "US",
    direction: Direction | None = None,
) -> SearchStrategy[Any]:
    """Return a strategy for valid messages, requests and responses.

    ``qbsync.qbxml.check`` says nothing about what is drawn, and building and parsing gives it back.
    Requests always have a request id, so that ``build`` adds none.

    Args:
        name: the message, e.g. ``InvoiceAddRq``; ``None`` draws from all of them.
        version: the qbXML version spoken.
        edition: ``US``, ``CA``, ``UK``, ``AU`` or ``OE``.
        direction: ``request`` or ``response``; ``None`` takes both.

    Raises:
        InvalidValueError: no such message, version, edition or direction; or that QuickBooks does not
            know the message.
    """
    return _over(_valid, name, version, edition, direction)


def invalid_messages(
    name: str | None = None,
    *,
    version: str = "13.0",
    edition: str = "US",
    direction: Direction | None = None,
) -> SearchStrategy[tuple[Any, Fault]]:
    """Return a strategy for pairs of a message and the one fault that is in it.

    ``qbsync.qbxml.check`` reports exactly this fault, by the same code and path.

    Args:
        name: the message; ``None`` draws from all of them.
        version: the qbXML version spoken.
        edition: the edition spoken to.
        direction: ``request`` or ``response``; ``None`` takes both.

    Raises:
        InvalidValueError: as ``messages``.
    """
    return _over(_invalid, name, version, edition, direction)


def message_sets(
    *,
    version: str = "13.0",
    edition: str = "US",
    direction: Direction = "request",
    max_size: int = 5,
) -> SearchStrategy[list[Any]]:
    """Return a strategy for the messages of one document: 1 to *max_size*, no request id twice.

    Raises:
        InvalidValueError: as ``messages``.
    """
    return st.lists(
        messages(version=version, edition=edition, direction=direction),
        min_size=1,
        max_size=max_size,
        unique_by=lambda message: message.request_id if direction == "request" else id(message),
    )


def _known_edition(edition: str) -> str:
    editions = tuple(catalogue.EDITIONS.values())
    if edition not in editions:
        raise InvalidValueError("edition", f"one of {', '.join(editions)}", edition)
    return edition


def _endings(direction: str | None) -> tuple[str, ...]:
    if direction is None:
        return tuple(_ENDINGS.values())
    if direction not in _ENDINGS:
        raise InvalidValueError("direction", "request, response or None", direction)
    return (_ENDINGS[direction],)


def _over(
    make: Callable[[str, str, str], SearchStrategy[Any]],
    name: str | None,
    version: str,
    edition: str,
    direction: Direction | None,
) -> SearchStrategy[Any]:
    """Return the strategy of one message, or of all that fit."""
    fitting = names(version=version, edition=edition, direction=direction)
    spoken = str(Version.parse(version))
    if name is None:
        return st.sampled_from(fitting).flatmap(lambda one: make(one, spoken, edition))
    if name not in fitting:
        rule = f"a {direction or 'message'} that qbXML {spoken} of edition {edition} knows"
        raise InvalidValueError("name", rule, name)
    return make(name, spoken, edition)


@cache
def _valid(name: str, version: str, edition: str) -> SearchStrategy[Any]:
    plan = of_message(name, version, edition)

    @st.composite
    def message(draw: DrawFn) -> Any:
        return made(Drawing(draw, name=name, version=version, edition=edition).message(plan))

    return message()


@cache
def _invalid(name: str, version: str, edition: str) -> SearchStrategy[tuple[Any, Fault]]:
    plan = of_message(name, version, edition)

    @st.composite
    def message(draw: DrawFn) -> tuple[Any, Fault]:
        drawing = Drawing(draw, name=name, version=version, edition=edition)
        draft = drawing.message(plan)
        found = sites(draft, version=version, edition=edition)
        code = draw(st.sampled_from(sorted(found)))
        site = draw(st.sampled_from(found[code]))
        drawing.left = 0
        site.spoil(drawing)
        return made(draft), Fault(code=code, path=site.path, detail=site.detail)

    return message()
