"""The rules of the language for one message: every problem at once, each with its place.

Here is the slow and complete way, made for telling people what is wrong; ``compiled`` asks the same
questions quickly and only learns that something may be wrong.  All facts are the catalogue's.

Order needs no rule: fields have no order of their own, and the writer knows the right one.  An order
kept from a document that was read can be wrong, and is told as ``order``.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

import attrs

from ..errors import InvalidValueError, UsageError, shorten
from . import catalogue
from .catalogue import Choice, Element, Shape
from .characters import cp1252_gaps, forbidden
from .kept import OddText, UnknownElement
from .layout import layout, model
from .naming import field_name, mix_name
from .values import CLEAR, NEVER_EMPTY, SCALARS, UseMacro
from .versions import Version

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["Code", "Problem", "check"]

MAX_REQUEST_ID: Final = 50


class Code(StrEnum):
    """What kind of rule is broken; the words are stable."""

    MISSING = "missing"
    CHOICE = "choice"
    TOO_MANY = "too-many"
    LENGTH = "length"
    ENUMERATION = "enumeration"
    LEXICAL = "lexical"
    TYPE = "type"
    EMPTY = "empty"
    BOUNDS = "bounds"
    VERSION = "version"
    EDITION = "edition"
    CHARACTERS = "characters"
    MACRO = "macro"
    UNKNOWN = "unknown"
    ORDER = "order"
    DOUBLE = "double"
    DIRECTION = "direction"


@attrs.frozen(kw_only=True)
class Problem:
    """One broken rule.

    Attributes:
        path: where, e.g. ``InvoiceAddRq/InvoiceAdd/InvoiceLineAdd[2]/Desc``.
        code: which kind of rule.
        message: the whole sentence.
        expected: what the rule wants.
        got: what was found.
    """

    path: str
    code: Code
    message: str
    expected: str
    got: str

    def __str__(self) -> str:
        return self.message


@attrs.define
class _Walk:
    """One walk through a message: what is spoken to, and the problems found so far."""

    version: Version
    edition: str
    problems: list[Problem] = attrs.Factory(list)

    def report(self, path: str, code: Code, expected: str, got: str) -> None:
        """Note a problem."""
        message = f"{path}: expected {expected}, got {got}"
        self.problems.append(Problem(path=path, code=code, message=message, expected=expected, got=got))


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
    walk = _Walk(Version.parse(version), edition)
    name = type(message).__name__
    if not hasattr(message, "_kept"):
        raise UsageError(f"expected a message of qbsync.models, got {shorten(message)}")
    try:
        element = catalogue.element(name)
    except KeyError:
        _check_shape(walk, catalogue.aggregate("CustomerRef" if name == "Ref" else name), message, name)
        return walk.problems
    _check_place(walk, element, name)
    assert element.shape is not None
    _check_shape(walk, element.shape, message, name)
    if message.request_id is not None:
        _check_request_id(walk, message.request_id, f"{name}@requestID")
    return walk.problems


def _check_request_id(walk: _Walk, text: Any, path: str) -> None:
    if isinstance(text, str) and len(text) > MAX_REQUEST_ID:
        walk.report(path, Code.LENGTH, f"at most {MAX_REQUEST_ID} characters", str(len(text)))


def _check_place(walk: _Walk, element: Element, path: str) -> None:
    """Check that the QuickBooks spoken to knows the element here."""
    if Version.parse(element.since) > walk.version:
        walk.report(path, Code.VERSION, f"qbXML {element.since} or newer for this", str(walk.version))
    if walk.edition in element.not_in:
        walk.report(path, Code.EDITION, "an element that the edition knows", walk.edition)


def _check_shape(walk: _Walk, shape: Shape, value: Any, path: str) -> None:
    _check_attributes(walk, shape, value, path)
    _check_particles(walk, shape.particles, value, path, wanted=True)
    if value._kept is not None:  # noqa: SLF001 - what was kept is the language's, not the user's
        _check_kept(walk, value, path)


def _check_attributes(walk: _Walk, shape: Shape, value: Any, path: str) -> None:
    for attribute in shape.attributes:
        held = getattr(value, field_name(attribute.name))
        place = f"{path}@{attribute.name}"
        if held is None:
            if attribute.required and not shape.name.endswith("Rs"):
                walk.report(place, Code.MISSING, "a value", "none")
            continue
        text = _text(walk, attribute.type, held, place)
        if text is not None and attribute.values and text not in attribute.values:
            walk.report(place, Code.ENUMERATION, f"one of {', '.join(attribute.values)}", shorten(text))


def _check_particles(
    walk: _Walk,
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


def _check_element(walk: _Walk, element: Element, parent: Any, path: str, *, wanted: bool) -> None:
    field = field_name(element.name)
    held = getattr(parent, field)
    place = f"{path}/{element.name}"
    if _absent(element, held):
        if wanted and element.min:
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


def _check_mix(walk: _Walk, choice: Choice, parent: Any, path: str, *, wanted: bool) -> None:
    members = {e.name: e for branch in choice.branches for e in branch if isinstance(e, Element)}
    field = mix_name(choice)
    held = getattr(parent, field)
    names = " or ".join(members)
    if not isinstance(held, tuple):
        walk.report(f"{path}.{field}", Code.TYPE, f"a tuple of {names}", shorten(held))
        return
    if wanted and choice.min and not held:
        walk.report(f"{path}.{field}", Code.MISSING, f"at least one {names}", "none")
    counts: dict[str, int] = {}
    for item in held:
        name = type(item).__name__
        if name not in members:
            walk.report(f"{path}.{field}", Code.TYPE, names, shorten(item))
            continue
        counts[name] = counts.get(name, 0) + 1
        _check_value(walk, members[name], item, f"{path}/{name}[{counts[name]}]")


def _check_choice(walk: _Walk, choice: Choice, parent: Any, path: str, *, wanted: bool) -> None:
    taken = [branch for branch in choice.branches if any(_held(branch, parent))]
    if len(taken) > 1:
        got = " and ".join(next(_held(branch, parent)) for branch in taken)
        walk.report(path, Code.CHOICE, f"at most one of {_spelled(choice)}", got)
    if wanted and choice.min and not taken and not any(map(_may_be_empty, choice.branches)):
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


def _spelled(choice: Choice) -> str:
    """Return the branches of a choice in words."""

    def name(particle: Element | Choice) -> str:
        if isinstance(particle, Element):
            return particle.name
        return f"({_spelled(particle)})"

    return ", ".join(" with ".join(name(particle) for particle in branch) for branch in choice.branches)


def _check_value(walk: _Walk, element: Element, held: Any, path: str) -> None:
    """Check one element that is there."""
    _check_place(walk, element, path)
    if element.shape is not None:
        wanted = model(element.name)
        if isinstance(held, wanted):
            _check_shape(walk, element.shape, held, path)
        else:
            walk.report(path, Code.TYPE, f"a {wanted.__name__}", shorten(held))
    elif isinstance(held, UseMacro):
        _check_macro(walk, element, held, path)
    elif held is CLEAR:
        if element.type in NEVER_EMPTY:
            walk.report(path, Code.EMPTY, "a value, for this type cannot be cleared", "CLEAR")
    else:
        assert element.type is not None
        text = _text(walk, element.type, held, path)
        if text is not None:
            _check_text(walk, element, held, text, path)


def _check_macro(walk: _Walk, element: Element, held: UseMacro, path: str) -> None:
    if not element.macro:
        walk.report(path, Code.MACRO, "a value, for no macro is taken here", shorten(held.name))
    elif not held.name:
        walk.report(path, Code.MACRO, "the name of a macro", "an empty text")
    else:
        _text(walk, "MACROTYPE", held.name, path)


def _text(walk: _Walk, kind: str, held: Any, path: str) -> str | None:
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


def _check_text(walk: _Walk, element: Element, held: Any, text: str, path: str) -> None:
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


def _check_kept(walk: _Walk, value: Any, path: str) -> None:
    """Note what was read and is not the language's."""
    kept = value._kept  # noqa: SLF001 - see above
    for name, text in kept.attributes:
        walk.report(f"{path}@{name}", Code.UNKNOWN, "an attribute of the language", shorten(text))
    table = layout("CustomerRef" if type(value).__name__ == "Ref" else type(value).__name__)
    last = -1
    for entry in kept.layout:
        if isinstance(entry, UnknownElement):
            walk.report(
                f"{path}/{entry.name}", Code.UNKNOWN, "an element of the language", entry.name or "text"
            )
            continue
        name = entry if isinstance(entry, str) else entry.name
        slot = table.slots[name]
        if slot.rank < last:
            walk.report(f"{path}/{name}", Code.ORDER, "the order of the language", name)
        last = max(last, slot.rank)
        if isinstance(entry, OddText) and slot.scalar is not None:
            walk.report(f"{path}/{name}", Code.LEXICAL, slot.scalar.rule, shorten(entry.text))
