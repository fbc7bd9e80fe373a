"""What a message holds that an older QuickBooks, or one of another edition, does not know.

Here: one walk that finds it, and one that takes it out.  Asked through ``versions``.  Not here: all other
rules, which are ``rules``'.

Follows the versions and editions of the qbXML reference: an element that is newer than the version
spoken makes the whole document unreadable.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from ..errors import InvalidRequestError, InvalidValueError, UsageError, shorten
from . import catalogue
from .catalogue import Choice, Element, Shape
from .kept import OddText
from .naming import field_name, mix_name
from .rules import Code, Problem
from .values import UseMacro
from .versions import Version, attribute_since

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["drop_unknown", "unknown_to"]


@attrs.frozen
class _Host:
    """Who is spoken to."""

    version: Version
    edition: str

    def problem(self, since: str, not_in: frozenset[str], path: str) -> Problem | None:
        """Return why the host does not know what stands at *path*, or ``None`` when it does."""
        if Version.parse(since) > self.version:
            code, expected, got = Code.VERSION, f"qbXML {since} or newer for this", str(self.version)
        elif self.edition in not_in:
            code, expected, got = Code.EDITION, "an element that the edition knows", self.edition
        else:
            return None
        message = f"{path}: expected {expected}, got {got}"
        return Problem(path=path, code=code, message=message, expected=expected, got=got)

    def knows(self, element: Element) -> bool:
        """Return whether the host knows the element."""
        return self.problem(element.since, element.not_in, "") is None

    def knows_attribute(self, name: str) -> bool:
        """Return whether the host knows the attribute."""
        return Version.parse(attribute_since(name)) <= self.version


def unknown_to(message: Any, version: Version, edition: str) -> list[Problem]:
    """See ``versions.unknown_to``."""
    host, name, shape, top = _start(message, version, edition)
    if top is not None:
        return [top]
    return list(_unknown(host, shape, message, name))


def drop_unknown(message: Any, version: Version, edition: str) -> tuple[Any, tuple[str, ...]]:
    """See ``versions.drop_unknown``."""
    host, name, shape, top = _start(message, version, edition)
    if top is not None:
        raise InvalidRequestError([top])
    problems = list(_unknown(host, shape, message, name))
    if not problems:
        return message, ()
    return _without(host, shape, message), tuple(problem.path for problem in problems)


def _start(message: Any, version: Version, edition: str) -> tuple[_Host, str, Shape, Problem | None]:
    if edition not in catalogue.EDITIONS.values():
        raise InvalidValueError("edition", f"one of {', '.join(catalogue.EDITIONS.values())}", edition)
    if not hasattr(message, "_kept"):
        raise UsageError(f"message: expected one of qbsync.models, got {shorten(message)}")
    name = type(message).__name__
    host = _Host(version, edition)
    try:
        element = catalogue.element(name)
    except KeyError:
        return host, name, catalogue.aggregate("CustomerRef" if name == "Ref" else name), None
    assert element.shape is not None
    return host, name, element.shape, host.problem(element.since, element.not_in, name)


def _members(particles: Iterable[Element | Choice]) -> Iterator[tuple[str, tuple[Element, ...]]]:
    """Yield each field of a shape with the elements that it holds: one, or those of a free mix."""
    for particle in particles:
        if isinstance(particle, Element):
            yield field_name(particle.name), (particle,)
        elif particle.max is None:
            yield (
                mix_name(particle),
                tuple(e for branch in particle.branches for e in branch if isinstance(e, Element)),
            )
        else:
            for branch in particle.branches:
                yield from _members(branch)


def _placed(elements: tuple[Element, ...], held: Any, path: str) -> Iterator[tuple[Element, Any, str]]:
    """Yield each thing held by a field with its element and path."""
    if not isinstance(held, tuple):
        yield elements[0], held, f"{path}/{elements[0].name}"
        return
    counts: dict[str, int] = {}
    by_name = {element.name: element for element in elements}
    for item in held:
        element = elements[0] if len(elements) == 1 else by_name.get(type(item).__name__)
        if element is not None:
            counts[element.name] = counts.get(element.name, 0) + 1
            yield element, item, f"{path}/{element.name}[{counts[element.name]}]"


def _unknown(host: _Host, shape: Shape, value: Any, path: str) -> Iterator[Problem]:
    for attribute in shape.attributes:
        if getattr(value, field_name(attribute.name), None) is not None:
            place = f"{path}@{attribute.name}"
            problem = host.problem(attribute_since(attribute.name), frozenset(), place)
            if problem is not None:
                yield problem
    for field, elements in _members(shape.particles):
        held = getattr(value, field, None)
        if held is None:
            continue
        for element, item, place in _placed(elements, held, path):
            problem = host.problem(element.since, element.not_in, place)
            if problem is not None:
                yield problem
            elif element.shape is not None and hasattr(item, "_kept"):
                yield from _unknown(host, element.shape, item, place)
            elif isinstance(item, UseMacro) and not host.knows_attribute("useMacro"):
                yield from filter(
                    None, [host.problem(attribute_since("useMacro"), frozenset(), f"{place}@useMacro")]
                )


def _without(host: _Host, shape: Shape, value: Any) -> Any:
    """Return a value without what the host does not know; the same object when nothing goes."""
    changes: dict[str, Any] = {}
    for attribute in shape.attributes:
        field = field_name(attribute.name)
        if getattr(value, field, None) is not None and not host.knows_attribute(attribute.name):
            changes[field] = None
    gone: set[str] = set()
    for field, elements in _members(shape.particles):
        held = getattr(value, field, None)
        left = _left(host, elements, held)
        if left is not held:
            changes[field] = left
        gone |= {element.name for element in elements if not host.knows(element)}
    if not changes:
        return value
    kept = value._kept  # noqa: SLF001 - what was kept is the language's, not the user's
    if kept is not None and kept.layout:
        changes["_kept"] = attrs.evolve(
            kept, layout=tuple(entry for entry in kept.layout if _entry_name(entry) not in gone)
        )
    return attrs.evolve(value, **changes)


def _entry_name(entry: Any) -> str | None:
    """Return the known element that an entry of a kept layout stands for."""
    if isinstance(entry, str):
        return entry
    return entry.name if isinstance(entry, OddText) else None


def _left(host: _Host, elements: tuple[Element, ...], held: Any) -> Any:
    """Return what is left of one field."""
    if held is None or held == ():
        return held
    if not isinstance(held, tuple):
        return _left_of_one(host, elements[0], held)
    placed = list(_placed(elements, held, ""))
    if len(placed) < len(held):
        return held
    left = tuple(
        kept for element, item, _ in placed if (kept := _left_of_one(host, element, item)) is not None
    )
    same = len(left) == len(held) and all(new is old for new, old in zip(left, held, strict=True))
    return held if same else left


def _left_of_one(host: _Host, element: Element, item: Any) -> Any:
    if not host.knows(element):
        return None
    if isinstance(item, UseMacro) and not host.knows_attribute("useMacro"):
        return None
    if element.shape is not None and hasattr(item, "_kept"):
        return _without(host, element.shape, item)
    return item
