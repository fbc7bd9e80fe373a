"""What a schema validator found, told as the rules tell it: the same paths, codes and words.

A validator says where something is wrong, in words of its own.  What exactly is wrong there is asked of
the catalogue again; where the catalogue sees nothing wrong (another schema may be stricter), the
validator's words stand.  Not here: the validating, which is ``schema``'s.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

import attrs

from ..errors import shorten
from . import catalogue
from ._request_rules import MAX_REQUEST_ID
from .catalogue import Choice, Element, Shape
from .envelope import MAX_SET_ID, ON_ERROR
from .problems import Code, Problem
from .values import NEVER_EMPTY, SCALARS
from .versions import Version, attribute_since

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import TypeAlias

    from lxml import etree

    from .catalogue import Attribute

    Node: TypeAlias = etree._Element  # noqa: SLF001 - lxml has no public name for it

__all__ = ["CONTENT", "VALUE", "Finding", "Judge"]

#: What a finding is about, where it is not about the attribute that it names.
CONTENT: Final = "content"
VALUE: Final = "value"

_SETS: Final = ("QBXMLMsgsRq", "QBXMLMsgsRs")
_FRAME: Final = ("QBXML", *_SETS)


@attrs.frozen
class Finding:
    """One thing that a validator found.

    Attributes:
        node: the element concerned.
        about: ``content``, ``value``, or ``@`` and the name of an attribute.
        words: what the validator says.
    """

    node: Any
    about: str
    words: str


@attrs.frozen
class _Place:
    """Where a node stands: its path, and what the catalogue knows of it."""

    path: str
    element: Element | None


class Judge:
    """Turns findings into problems for one version and edition."""

    def __init__(self, version: str, edition: str) -> None:
        self._version = Version.parse(version)
        self._edition = edition

    def problems(self, findings: Iterable[Finding]) -> list[Problem]:
        """Return the problems behind findings, each once, in their order."""
        found: dict[tuple[str, Code], Problem] = {}
        for finding in findings:
            for problem in self._of(finding):
                found.setdefault((problem.path, problem.code), problem)
        return list(found.values())

    def _of(self, finding: Finding) -> list[Problem]:
        place = _place(finding.node)
        if finding.about == VALUE and "useMacro" in finding.node.attrib and not finding.node.text:
            return []  # what is wrong with the macro is a finding of its own
        if finding.about == CONTENT:
            told = list(self._content(finding.node, place))
        elif finding.about == VALUE:
            told = list(self._value(finding.node, place))
        else:
            told = [_attribute(finding.node, place, finding.about[1:])]
        code = Code.ORDER if finding.about == CONTENT else Code.LEXICAL
        return told or [_problem(place.path, code, "what the schema allows here", finding.words)]

    def _content(self, node: Node, place: _Place) -> Iterator[Problem]:
        """Yield what is wrong with the children of *node*."""
        children = [child for child in node if isinstance(child.tag, str)]
        if _tag(node) in _SETS:
            for child in children:
                yield from self._message(child)
            return
        if place.element is None or place.element.shape is None:
            if _tag(node) not in _FRAME:
                yield _problem(place.path, Code.UNKNOWN, "a message of the language", _tag(node))
            elif not children:
                yield _problem(f"{_tag(node)}/{_SETS[0]}", Code.MISSING, "this element", "none")
            else:
                yield from (_unknown(child) for child in children if _tag(child) not in _FRAME)
            return
        if (node.text or "").strip() or any((child.tail or "").strip() for child in children):
            yield _problem(place.path, Code.UNKNOWN, "elements alone", "text")
        names = [_tag(child) for child in children]
        shape = place.element.shape
        yield from self._members(shape, children, place.path)
        yield from _crossed(shape.particles, names, place.path)
        yield from _missing(shape.particles, frozenset(names), place.path, self._known)

    def _message(self, child: Node) -> Iterator[Problem]:
        try:
            element = catalogue.element(_tag(child))
        except KeyError:
            yield _unknown(child)
        else:
            yield from self._unfit(element, _place(child).path)

    def _members(self, shape: Shape, children: Sequence[Node], path: str) -> Iterator[Problem]:
        """Yield children that the place does not know, too many of one, and those out of order."""
        ranks = {element.name: (rank, element) for rank, element in _ranked(shape.particles)}
        last, counts = -1, dict.fromkeys(ranks, 0)
        for child in children:
            name = _tag(child)
            if name not in ranks:
                yield _unknown(child)
                continue
            rank, element = ranks[name]
            yield from self._unfit(element, _place(child).path)
            if rank < last:
                yield _problem(_place(child).path, Code.ORDER, "the order of the language", name)
            last = max(last, rank)
            counts[name] += 1
        mixed = _mixed(shape)
        for name, count in counts.items():
            most = ranks[name][1].max
            if most is not None and count > most and name not in mixed:
                yield _problem(f"{path}/{name}", Code.TOO_MANY, f"at most {most}", str(count))

    def _unfit(self, element: Element, path: str) -> Iterator[Problem]:
        if Version.parse(element.since) > self._version:
            expected = f"qbXML {element.since} or newer for this"
            yield _problem(path, Code.VERSION, expected, str(self._version))
        if self._edition in element.not_in:
            yield _problem(path, Code.EDITION, "an element that the edition knows", self._edition)

    def _known(self, element: Element) -> bool:
        return not list(self._unfit(element, ""))

    def _value(self, node: Node, place: _Place) -> Iterator[Problem]:
        """Yield what is wrong with the text of *node*."""
        element, text, path = place.element, node.text or "", place.path
        if element is None or element.type is None:
            return
        if len(node):
            yield _problem(path, Code.UNKNOWN, "text alone", "elements")
        longest = element.max_length(self._edition)
        rule = SCALARS[element.type].rule
        if not text and (element.type in NEVER_EMPTY or element.values):
            yield _problem(path, Code.EMPTY, "a value, for this type cannot be cleared", "an empty text")
        elif element.values:
            if text not in element.values:
                expected = f"one of {', '.join(element.values[:30])}"
                yield _problem(path, Code.ENUMERATION, expected, shorten(text))
        elif longest is not None and len(text) > longest:
            got = f"{len(text)} ({shorten(text, 24)})"
            yield _problem(path, Code.LENGTH, f"at most {longest} characters", got)
        elif (bound := _out_of_bounds(element, text)) is not None:
            yield _problem(path, Code.BOUNDS, bound, shorten(text))
        else:
            yield _problem(path, Code.LEXICAL, rule, shorten(text))


def _problem(path: str, code: Code, expected: str, got: str) -> Problem:
    message = f"{path}: expected {expected}, got {got}"
    return Problem(path=path, code=code, message=message, expected=expected, got=got)


def _tag(node: Node) -> str:
    """Return the name of an element, which is text unless somebody set it otherwise."""
    return str(node.tag)


def _unknown(node: Node) -> Problem:
    parent = node.getparent()
    what = "a message" if parent is not None and _tag(parent) in _SETS else "an element"
    return _problem(_place(node).path, Code.UNKNOWN, f"{what} of the language", _tag(node))


def _out_of_bounds(element: Element, text: str) -> str | None:
    """Return the bound that a number is beyond, in words."""
    try:
        number = Decimal(text)
        if element.min_value is not None and number < Decimal(element.min_value):
            return f"at least {element.min_value}"
        if element.max_value is not None and number > Decimal(element.max_value):
            return f"at most {element.max_value}"
    except InvalidOperation:
        return None
    return None


def _attribute(node: Node, place: _Place, name: str) -> Problem:
    """Return what is wrong with an attribute."""
    path, text = f"{place.path}@{name}", node.get(name)
    if text is None:
        return _problem(path, Code.MISSING, "a value", "none")
    if _tag(node) in _SETS and name in _FRAME_ATTRIBUTES:
        return _problem(path, *_FRAME_ATTRIBUTES[name], shorten(text))
    held = () if place.element is None or place.element.shape is None else place.element.shape.attributes
    known = next((attribute for attribute in held if attribute.name == name), None)
    if name == "useMacro" and place.element is not None and place.element.shape is None:
        return _macro(place.element, text, place.path)
    if known is None:
        return _problem(path, Code.UNKNOWN, "an attribute of the language", shorten(text))
    code, expected = _attribute_rule(known, text)
    return _problem(path, code, expected, shorten(text))


def _macro(element: Element, text: str, path: str) -> Problem:
    """Return what is wrong with a macro that stands for the value of *element*."""
    if not element.macro:
        return _problem(path, Code.MACRO, "a value, for no macro is taken here", shorten(text))
    if not text:
        return _problem(path, Code.MACRO, "the name of a macro", "an empty text")
    expected = f"qbXML {attribute_since('useMacro')} or newer for this"
    return _problem(f"{path}@useMacro", Code.VERSION, expected, shorten(text))


#: Attributes of a message set: the kind of rule, and the rule in words.
_FRAME_ATTRIBUTES: Final = {
    "onError": (Code.ENUMERATION, " or ".join(ON_ERROR)),
    "responseData": (Code.ENUMERATION, "includeAll or includeNone"),
    "newMessageSetID": (Code.LENGTH, f"1 to {MAX_SET_ID} characters"),
    "oldMessageSetID": (Code.LENGTH, f"1 to {MAX_SET_ID} characters"),
    "messageSetStatusCode": (Code.LEXICAL, "an int"),
}


def _attribute_rule(known: Attribute, text: str) -> tuple[Code, str]:
    """Return the rule that the value of a known attribute breaks."""
    if not text:
        return Code.EMPTY, "a value"
    if known.values and text not in known.values:
        return Code.ENUMERATION, f"one of {', '.join(known.values)}"
    if known.name == "requestID":
        return Code.LENGTH, f"at most {MAX_REQUEST_ID} characters"
    if known.type == "INTTYPE":
        return Code.LEXICAL, SCALARS[known.type].rule
    return Code.VERSION, f"qbXML {attribute_since(known.name)} or newer for this"


def _place(node: Node) -> _Place:
    """Return where a node stands, counted as the rules count."""
    line = [entry for entry in (node, *node.iterancestors()) if _tag(entry) not in _FRAME]
    if not line:
        return _Place(_tag(node), None)
    top = line.pop()
    element: Element | None
    try:
        element = catalogue.element(_tag(top))
    except KeyError:
        element = None
    path = f"{_tag(top)}{_position(top)}"
    for entry in reversed(line):
        shape = None if element is None else element.shape
        element, many = _member(shape, _tag(entry))
        before = sum(1 for _ in entry.itersiblings(_tag(entry), preceding=True))
        path = f"{path}/{_tag(entry)}" + (f"[{1 + before}]" if many else "")
    return _Place(path, element)


def _member(shape: Shape | None, name: str) -> tuple[Element | None, bool]:
    """Return an element of a shape, and whether it may stand there more than once."""
    if shape is None:
        return None, False
    element = next((element for element in shape.elements() if element.name == name), None)
    return element, element is not None and (element.max != 1 or name in _mixed(shape))


def _position(message: Node) -> str:
    """Return the position of a message in its set, where the set holds several."""
    parent = message.getparent()
    if parent is None or _tag(parent) not in _SETS or len(parent) == 1:
        return ""
    return f"[{1 + parent.index(message)}]"


def _ranked(particles: Iterable[Element | Choice], start: int = 0) -> Iterator[tuple[int, Element]]:
    """Yield elements with their place in the order; the members of a free mix share one."""
    rank = start
    for particle in particles:
        if isinstance(particle, Element):
            rank += 1
            yield rank, particle
        elif particle.max is None:
            rank += 1
            yield from ((rank, e) for branch in particle.branches for e in branch if isinstance(e, Element))
        else:
            for branch in particle.branches:
                for rank, element in _ranked(branch, rank):  # noqa: B020 - it goes on counting
                    yield rank, element


def _mixed(shape: Shape) -> frozenset[str]:
    """Return the names that stand in a free mix of the shape."""
    return frozenset(
        element.name
        for particle in shape.particles
        if isinstance(particle, Choice) and particle.max is None
        for branch in particle.branches
        for element in branch
        if isinstance(element, Element)
    )


def _there(particles: Iterable[Element | Choice], names: Iterable[str]) -> list[str]:
    """Return the names of particles that are there."""
    present = frozenset(names)
    return [element.name for _, element in _ranked(particles) if element.name in present]


def _spelled(choice: Choice) -> str:
    return ", ".join(
        " with ".join(
            particle.name if isinstance(particle, Element) else f"({_spelled(particle)})"
            for particle in branch
        )
        for branch in choice.branches
    )


def _crossed(particles: Iterable[Element | Choice], names: Sequence[str], path: str) -> Iterator[Problem]:
    """Yield the choices of which several branches are there."""
    for particle in particles:
        if isinstance(particle, Element) or particle.max is None:
            continue
        taken = [there for branch in particle.branches if (there := _there(branch, names))]
        if len(taken) > 1:
            got = " and ".join(there[0] for there in taken)
            yield _problem(path, Code.CHOICE, f"at most one of {_spelled(particle)}", got)
        for branch in particle.branches:
            yield from _crossed(branch, names, path)


def _missing(
    particles: Iterable[Element | Choice], names: frozenset[str], path: str, known: Any
) -> Iterator[Problem]:
    """Yield what is required and not there."""
    for particle in particles:
        if isinstance(particle, Element):
            if particle.min and particle.name not in names and known(particle):
                yield _problem(f"{path}/{particle.name}", Code.MISSING, "this element", "none")
            continue
        taken = [branch for branch in particle.branches if _there(branch, names)]
        if particle.min and not taken:
            if particle.max is None:
                yield _problem(f"{path}.lines", Code.MISSING, f"at least one of {_spelled(particle)}", "none")
            elif not any(_optional(branch) for branch in particle.branches):
                yield _problem(path, Code.CHOICE, f"one of {_spelled(particle)}", "none")
        for branch in taken if particle.max == 1 else ():
            yield from _missing(branch, names, path, known)


def _optional(branch: Iterable[Element | Choice]) -> bool:
    return all(
        particle.min == 0 or (isinstance(particle, Choice) and any(map(_optional, particle.branches)))
        for particle in branch
    )
