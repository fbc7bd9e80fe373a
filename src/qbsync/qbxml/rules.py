"""The rules of the language for one message: every problem at once, each with its place.

Here is the slow and complete way, made for telling people what is wrong; ``compiled`` asks the same
questions a hundred times faster and only learns that something may be wrong, so it is asked first.  All
facts are the catalogue's.

Order needs no rule: fields have no order of their own, and the writer knows the right one.  An order
kept from a document that was read can be wrong, and is told as ``order``.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ..errors import InvalidValueError, UsageError, shorten
from . import catalogue, compiled
from ._kept_rules import check_kept
from ._request_rules import MAX_REQUEST_ID, check_clearing, check_name, check_request, knows_macros
from .catalogue import Choice, Element, Shape
from .characters import cp1252_gaps, forbidden
from .layout import model
from .naming import field_name, mix_name
from .problems import Code, Problem, Walk
from .values import CLEAR, SCALARS, UseMacro
from .versions import Version, attribute_since

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["MAX_REQUEST_ID", "Code", "Problem", "check", "find_problems"]


def check(message: Any, *, version: str, edition: str = "US") -> list[Problem]:
    """Return every problem that *message* would have with a QuickBooks of that version and edition.

    Args:
        message: a request, a response, or any aggregate of ``qbsync.models``.
        version: the qbXML version spoken, e.g. ``13.0``.
        edition: ``US``, ``CA``, ``UK``, ``AU`` or ``OE``.

    Raises:
        UsageError: *message* is no model, or the version or edition cannot be.
    """
    if edition not in catalogue.EDITIONS.values():
        known = ", ".join(catalogue.EDITIONS.values())
        raise InvalidValueError("edition", f"one of {known}", edition)
    Version.parse(version)
    if not hasattr(message, "_kept"):
        raise UsageError(f"expected a message of qbsync.models, got {shorten(message)}")
    if compiled.write(message, version=version, edition=edition) is not None:
        return []
    return find_problems(message, version=version, edition=edition)


def find_problems(message: Any, *, version: str, edition: str) -> list[Problem]:
    """Return what ``check`` returns, found the slow way even where nothing is wrong."""
    walk = Walk(Version.parse(version), edition)
    name = type(message).__name__
    try:
        element = catalogue.element(name)
    except KeyError:
        _check_shape(walk, catalogue.aggregate("CustomerRef" if name == "Ref" else name), message, name)
        return walk.problems
    with _place(walk, element, name):
        assert element.shape is not None
        _check_shape(walk, element.shape, message, name)
    check_request(walk, message, name)
    return walk.problems


@contextmanager
def _place(walk: Walk, element: Element, path: str) -> Iterator[None]:
    """Check that the QuickBooks spoken to knows the element here; if not, what is in it is excused."""
    known = walk.knows(element)
    if walk.excused or known:
        yield
        return
    if Version.parse(element.since) > walk.version:
        walk.report(path, Code.VERSION, f"qbXML {element.since} or newer for this", str(walk.version))
    if walk.edition in element.not_in:
        walk.report(path, Code.EDITION, "an element that the edition knows", walk.edition)
    walk.excused = True
    yield
    walk.excused = False


def _check_shape(walk: Walk, shape: Shape, value: Any, path: str) -> None:
    _check_attributes(walk, shape, value, path)
    if value._kept is None:  # noqa: SLF001 - what was kept is the language's, not the user's
        _check_particles(walk, shape.particles, value, path, wanted=True)
        return
    before = len(walk.problems)
    _check_particles(walk, shape.particles, value, path, wanted=True)
    found = walk.problems[before:]
    unread = check_kept(walk, value, path, since=before)
    # What stands in the document and could not be read is wrong there, and not missing as well.
    for problem in found:
        if problem.got in {"none", "CLEAR"} and unread.intersection(_names_in(problem, path)):
            walk.problems.remove(problem)


def _names_in(problem: Problem, path: str) -> list[str]:
    """Return the names of the elements that a problem of the aggregate at *path* asks for."""
    return re.findall(r"\w+", f"{problem.path.removeprefix(path)} {problem.expected}")


def _check_attributes(walk: Walk, shape: Shape, value: Any, path: str) -> None:
    for attribute in shape.attributes:
        held = getattr(value, field_name(attribute.name))
        place = f"{path}@{attribute.name}"
        if held is None:
            if attribute.required and not shape.name.endswith("Rs"):
                walk.report(place, Code.MISSING, "a value", "none")
            continue
        since = attribute_since(attribute.name)
        if Version.parse(since) > walk.version and not walk.excused:
            walk.report(place, Code.VERSION, f"qbXML {since} or newer for this", str(walk.version))
        text = _text(walk, attribute.type, held, place)
        if text is not None and attribute.values and text not in attribute.values:
            walk.report(place, Code.ENUMERATION, f"one of {', '.join(attribute.values)}", shorten(text))


def _check_particles(
    walk: Walk,
    particles: Sequence[Element | Choice],
    value: Any,
    path: str,
    *,
    wanted: bool,
) -> None:
    """Check elements and choices that stand in sequence; *wanted*: what is required must be there."""
    for particle in particles:
        if isinstance(particle, Element):
            _check_element(walk, particle, value, path, wanted=wanted)
        elif particle.max is None:
            _check_mix(walk, particle, value, path, wanted=wanted)
        else:
            _check_choice(walk, particle, value, path, wanted=wanted)


def _check_element(walk: Walk, element: Element, parent: Any, path: str, *, wanted: bool) -> None:
    field = field_name(element.name)
    held = getattr(parent, field)
    place = f"{path}/{element.name}"
    if _absent(element, held):
        if wanted and element.min and walk.knows(element):
            walk.report(place, Code.MISSING, "this element", "none")
        return
    if element.max == 1:
        _check_value(walk, element, held, place)
        return
    if not isinstance(held, tuple):
        walk.report(place, Code.TYPE, f"a tuple in {field}", shorten(held))
        return
    if element.max is not None and len(held) > element.max:
        walk.report(place, Code.TOO_MANY, f"at most {element.max}", str(len(held)))
    for number, item in enumerate(held, 1):
        _check_value(walk, element, item, f"{place}[{number}]")


def _absent(element: Element, held: Any) -> bool:
    """Return whether a field holds nothing."""
    return held is None if element.max == 1 else type(held) is tuple and not held


def _check_mix(walk: Walk, choice: Choice, parent: Any, path: str, *, wanted: bool) -> None:
    members = {e.name: e for branch in choice.branches for e in branch if isinstance(e, Element)}
    field = mix_name(choice)
    held = getattr(parent, field)
    names = " or ".join(members)
    if not isinstance(held, tuple):
        walk.report(f"{path}.{field}", Code.TYPE, f"a tuple of {names}", shorten(held))
        return
    if wanted and choice.min and not held and any(map(walk.knows, members.values())):
        walk.report(f"{path}.{field}", Code.MISSING, f"at least one {names}", "none")
    counts: dict[str, int] = {}
    for item in held:
        name = type(item).__name__
        if name not in members:
            walk.report(f"{path}.{field}", Code.TYPE, names, shorten(item))
            continue
        counts[name] = counts.get(name, 0) + 1
        _check_value(walk, members[name], item, f"{path}/{name}[{counts[name]}]")


def _check_choice(walk: Walk, choice: Choice, parent: Any, path: str, *, wanted: bool) -> None:
    taken = [branch for branch in choice.branches if any(_held(branch, parent))]
    if len(taken) > 1:
        got = " and ".join(next(_held(branch, parent)) for branch in taken)
        walk.report(path, Code.CHOICE, f"at most one of {_spelled(choice)}", got)
    known = [branch for branch in choice.branches if _complete(walk, branch)]
    if wanted and choice.min and not taken and known and not any(map(_may_be_empty, choice.branches)):
        walk.report(path, Code.CHOICE, f"one of {_spelled(choice)}", "none")
    for branch in choice.branches:
        _check_particles(walk, branch, parent, path, wanted=branch in taken)


def _held(particles: Iterable[Element | Choice], parent: Any) -> Iterator[str]:
    """Yield the names of the elements that are there."""
    for particle in particles:
        if isinstance(particle, Element):
            if not _absent(particle, getattr(parent, field_name(particle.name))):
                yield particle.name
        elif particle.max is None:
            if getattr(parent, mix_name(particle)) != ():
                yield mix_name(particle)
        else:
            for branch in particle.branches:
                yield from _held(branch, parent)


def _may_be_empty(branch: Iterable[Element | Choice]) -> bool:
    """Return whether a branch can be taken with nothing in it."""
    return all(
        particle.min == 0 or (isinstance(particle, Choice) and any(map(_may_be_empty, particle.branches)))
        for particle in branch
    )


def _complete(walk: Walk, branch: Iterable[Element | Choice]) -> bool:
    """Return whether the QuickBooks spoken to knows all that a branch requires."""
    return all(walk.knows(particle) for particle in branch if isinstance(particle, Element) and particle.min)


def _spelled(choice: Choice) -> str:
    """Return the branches of a choice in words."""

    def name(particle: Element | Choice) -> str:
        if isinstance(particle, Element):
            return particle.name
        return f"({_spelled(particle)})"

    return ", ".join(" with ".join(name(particle) for particle in branch) for branch in choice.branches)


def _check_value(walk: Walk, element: Element, held: Any, path: str) -> None:
    """Check one element that is there."""
    with _place(walk, element, path):
        if element.shape is None:
            _check_scalar(walk, element, held, path)
            return
        wanted = model(element.name)
        if held is CLEAR:
            check_clearing(walk, element, path)
        elif isinstance(held, wanted):
            _check_shape(walk, element.shape, held, path)
        else:
            walk.report(path, Code.TYPE, f"a {wanted.__name__}", shorten(held))


def _check_scalar(walk: Walk, element: Element, held: Any, path: str) -> None:
    assert element.type is not None
    if isinstance(held, UseMacro):
        _check_macro(walk, element, held, path)
    elif held is CLEAR:
        check_clearing(walk, element, path)
    else:
        text = _text(walk, element.type, held, path)
        if text is not None:
            _check_text(walk, element, held, text, path)
            check_name(walk, element, text, path)


def _check_macro(walk: Walk, element: Element, held: UseMacro, path: str) -> None:
    if not element.macro:
        walk.report(path, Code.MACRO, "a value, for no macro is taken here", shorten(held.name))
    elif not held.name:
        walk.report(path, Code.MACRO, "the name of a macro", "an empty text")
    elif not knows_macros(walk):
        walk.report(f"{path}@useMacro", Code.VERSION, "qbXML 2.0 or newer for this", str(walk.version))
    else:
        _text(walk, "MACROTYPE", held.name, path)


def _text(walk: Walk, kind: str, held: Any, path: str) -> str | None:
    """Return the text of a scalar, or note why it has none."""
    scalar = SCALARS[kind]
    if not isinstance(held, scalar.kinds) or (isinstance(held, bool) and bool not in scalar.kinds):
        walk.report(path, Code.TYPE, scalar.rule, shorten(held))
        return None
    try:
        text = scalar.write(held)
    except InvalidValueError as exc:
        walk.report(path, Code.LEXICAL, exc.rule, shorten(held))
        return None
    if not text:
        walk.report(path, Code.EMPTY, "a value, None to leave it out, or CLEAR to empty it", "an empty text")
        return None
    bad = forbidden(text)
    if bad:
        walk.report(path, Code.CHARACTERS, "characters that XML can hold", ", ".join(map(_point, bad)))
        return None
    gaps = cp1252_gaps(text)
    if gaps:
        got = ", ".join(map(_point, gaps[:5]))
        walk.report(path, Code.CHARACTERS, "characters of Windows-1252, which is what QuickBooks keeps", got)
    return text


def _point(character: str) -> str:
    return f"U+{ord(character):04X}"


def _check_text(walk: Walk, element: Element, held: Any, text: str, path: str) -> None:
    longest = element.max_length(walk.edition)
    if longest is not None and len(text) > longest:
        walk.report(path, Code.LENGTH, f"at most {longest} characters", f"{len(text)} ({shorten(text, 24)})")
    if element.values and text not in element.values:
        walk.report(path, Code.ENUMERATION, f"one of {_listed(element.values)}", shorten(text))
    low, high = element.min_value, element.max_value
    if low is not None and Decimal(held) < Decimal(low):
        walk.report(path, Code.BOUNDS, f"at least {low}", text)
    if high is not None and Decimal(held) > Decimal(high):
        walk.report(path, Code.BOUNDS, f"at most {high}", text)


def _listed(values: tuple[str, ...]) -> str:
    most = 30
    shown = ", ".join(values[:most])
    return shown if len(values) <= most else f"{shown} … ({len(values)} values)"
