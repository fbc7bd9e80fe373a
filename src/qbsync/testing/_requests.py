"""Reading single requests: readers compiled from the catalogue for one qbXML version.

Here: what is wrong with the structure (order, unknown, missing, too new) refuses the whole document; what is
wrong with a value is kept as the status of its request.
Not here: the frame around the requests (``_reading``), the forms of values (``_values``).
Facts: the catalogue; qbXML dossier 4.1 (choices), 5.4, 6.4, 7.2.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

import attrs

from ..qbxml import catalogue
from ..qbxml.catalogue import Choice, Element, Shape
from ._nodes import LINES, Macro, Node, Request, number
from ._refusals import Refusal, severity, unparsable
from ._values import Facts, converter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lxml import etree

__all__ = ["reader", "refuse_text"]

#: Attributes that came later than the requests that carry them (dossier 6.4, 7.1).
_ATTRIBUTE_SINCE: Final = {"defMacro": "2.0", "metaData": "4.0", "iterator": "5.0", "iteratorID": "5.0"}
_RUN_CAP: Final = 99
_CACHE_CAP: Final = 4096


def refuse_text(element: etree._Element, children: Sequence[etree._Element]) -> None:
    """Refuse text where elements are expected."""
    text = element.text
    if text is not None and not text.isspace():
        raise unparsable(f"{element.tag!r}: text where elements are expected")
    for child in children:
        tail = child.tail
        if tail is not None and not tail.isspace():
            raise unparsable(f"{element.tag!r}: text where elements are expected")


@cache
def reader(version: str, other_editions: str, edition: str) -> _Reader:
    """Return the readers of all requests of one version and edition, compiled when first used."""
    return _Reader(version, other_editions, edition)


class _Reader:
    """The compiled readers of all requests under one qbXML version."""

    def __init__(self, version: str, other_editions: str, edition: str) -> None:
        self.number = number(version)
        self.edition = edition
        self.refuses_others = other_editions == "refuse"
        self._requests: dict[str, _Aggregate] = {}
        self._aggregates: dict[int, _Aggregate] = {}
        self._kept: list[Shape] = []
        self._names = frozenset(name for name in catalogue.names() if name.endswith("Rq"))

    def request(self, element: etree._Element) -> Request:
        tag = str(element.tag)
        compiled = self._requests.get(tag) or self._compile_request(tag)
        if not len(element) and element.text is not None:
            raise unparsable(f"{tag}: white space inside an empty request")
        attributes = {str(name): str(value) for name, value in element.attrib.items()}
        compiled.check_attributes(attributes)
        faults: list[Refusal] = []
        node = compiled.read(element, faults)
        request_id = attributes.get("requestID")
        if request_id is not None and len(request_id) > 50:  # noqa: PLR2004 - the documented limit
            faults.insert(0, Refusal(1060, "The requestID is longer than 50 characters."))
        faults.sort(key=lambda fault: severity(fault.code) != "Error")
        return Request(tag[:-2], request_id, attributes, node, faults[0] if faults else None)

    def _compile_request(self, tag: str) -> _Aggregate:
        if tag not in self._names or not self.knows(catalogue.element(tag)):
            raise unparsable(f"{tag}: no request of this version")
        compiled = self._requests[tag] = self.aggregate(catalogue.message(tag))
        return compiled

    def aggregate(self, shape: Shape) -> _Aggregate:
        compiled = self._aggregates.get(id(shape))
        if compiled is None:
            self._kept.append(shape)
            compiled = self._aggregates[id(shape)] = _Aggregate(shape, self)
        return compiled

    def knows(self, element: Element) -> bool:
        """Say whether an element exists in this version (and, when others are refused, in this edition)."""
        return number(element.since) <= self.number and not (
            self.refuses_others and self.edition in element.not_in
        )


@attrs.frozen
class _Field:
    """How one child element is read."""

    many: bool
    mixed: bool
    macro: bool
    foreign: bool
    convert: Callable[[str], str] | None
    inner: Shape | None


class _Aggregate:
    """The compiled reader of one aggregate."""

    def __init__(self, shape: Shape, reader: _Reader) -> None:
        self.name = shape.name
        self._reader = reader
        self._attributes = {
            attribute.name: attribute
            for attribute in shape.attributes
            if number(_ATTRIBUTE_SINCE.get(attribute.name, "1.0")) <= reader.number
        }
        self._required = [attribute.name for attribute in shape.attributes if attribute.required]
        self._particles = _known(shape.particles, reader)
        self._fields: dict[str, _Field] = {}
        self._collect(self._particles, many=False, mixed=False)
        self._seen: set[tuple[tuple[str, int], ...]] = set()

    def _collect(self, particles: Sequence[Element | Choice], *, many: bool, mixed: bool) -> None:
        for particle in particles:
            if isinstance(particle, Choice):
                repeated = particle.max is None or particle.max > 1
                for branch in particle.branches:
                    self._collect(branch, many=many, mixed=mixed or repeated)
            elif particle.name not in self._fields:
                self._fields[particle.name] = self._field(particle, many=many, mixed=mixed)

    def _field(self, element: Element, *, many: bool, mixed: bool) -> _Field:
        convert = None
        if element.type is not None:
            facts = Facts(
                field=element.name,
                longest=element.max_length(self._reader.edition),
                values=element.values,
                least=element.min_value,
                most=element.max_value,
            )
            convert = converter(element.type, facts)
        return _Field(
            many=many or element.max is None or element.max > 1,
            mixed=mixed,
            macro=element.macro,
            foreign=self._reader.edition in element.not_in,
            convert=convert,
            inner=element.shape,
        )

    def check_attributes(self, given: dict[str, str]) -> None:
        for name, value in given.items():
            known = self._attributes.get(name)
            if known is None:
                raise unparsable(f"{self.name}: unknown attribute {name}")
            if known.values and value not in known.values:
                raise unparsable(f"{self.name}: attribute {name} is {value!r}")
        for name in self._required:
            if name not in given:
                raise unparsable(f"{self.name}: attribute {name} is missing")

    def read(self, element: etree._Element, faults: list[Refusal]) -> Node:
        """Read the element; what is wrong with a value is added to *faults*."""
        node: Node = {}
        children = list(element)
        refuse_text(element, children)
        self._check_structure([str(child.tag) for child in children])
        for child in children:
            name = str(child.tag)
            field = self._fields[name]
            if field.foreign:
                faults.append(Refusal(530, f'The field "{name}" is not supported in this edition.'))
                continue
            if field.convert is not None:
                value: Any = self._leaf(child, name, field, field.convert, faults)
            else:
                assert field.inner is not None
                inner = self._reader.aggregate(field.inner)
                attributes = {str(key): str(text) for key, text in child.attrib.items()}
                inner.check_attributes(attributes)
                value = inner.read(child, faults)
                if "defMacro" in attributes:
                    value["defMacro"] = attributes["defMacro"]
            if field.mixed:
                node.setdefault(LINES, []).append((name, value))
            elif field.many:
                node.setdefault(name, []).append(value)
            else:
                node[name] = value
        return node

    def _leaf(
        self,
        child: etree._Element,
        name: str,
        field: _Field,
        convert: Callable[[str], str],
        faults: list[Refusal],
    ) -> str:
        if len(child):
            raise unparsable(f"{self.name}/{name}: elements where text is expected")
        text = child.text or ""
        if child.keys():
            return self._macro(child, name, text, field)
        try:
            return convert(text)
        except Refusal as fault:
            faults.append(fault)
            return ""

    def _macro(self, child: etree._Element, name: str, text: str, field: _Field) -> str:
        if child.keys() != ["useMacro"] or not field.macro:
            raise unparsable(f"{self.name}/{name}: unknown attribute {child.keys()}")
        if text:
            raise unparsable(f"{self.name}/{name}: a macro and a value")
        return Macro(child.get("useMacro", ""))

    # -- structure: names in order, compared with the particles; each sequence of names is judged once

    def _check_structure(self, names: list[str]) -> None:
        runs: list[tuple[str, int]] = []
        for name in names:
            if runs and runs[-1][0] == name:
                if runs[-1][1] < _RUN_CAP:
                    runs[-1] = (name, runs[-1][1] + 1)
            else:
                runs.append((name, 1))
        key = tuple(runs)
        if key in self._seen:
            return
        end = _match_all(self._particles, names, 0)
        if end is None or end < len(names):
            self._complain(names)
        if len(self._seen) >= _CACHE_CAP:
            self._seen.clear()
        self._seen.add(key)

    def _complain(self, names: list[str]) -> None:
        unknown = [name for name in names if name not in self._fields]
        if unknown:
            raise unparsable(
                f"{self.name}: {unknown[0]} is unknown here (or newer than the declared version)"
            )
        raise unparsable(
            f"{self.name}: order, choice or number of elements is wrong: {', '.join(names[:40])}"
        )


def _known(particles: Sequence[Element | Choice], reader: _Reader) -> tuple[Element | Choice, ...]:
    """Return the particles without what this version does not know."""
    kept: list[Element | Choice] = []
    for particle in particles:
        if isinstance(particle, Element):
            if reader.knows(particle):
                kept.append(particle)
            continue
        branches = [_known(branch, reader) for branch in particle.branches]
        left = tuple(branch for branch in branches if branch)
        if left:
            kept.append(attrs.evolve(particle, branches=left))
    return tuple(kept)


def _match_all(particles: Sequence[Element | Choice], names: list[str], at: int) -> int | None:
    """Return where the particles end when they start at *at*, or ``None`` when they do not fit."""
    for particle in particles:
        end = _match(particle, names, at)
        if end is None:
            return None
        at = end
    return at


def _match(particle: Element | Choice, names: list[str], at: int) -> int | None:
    if isinstance(particle, Element):
        end = at
        most = len(names) if particle.max is None else min(len(names), at + particle.max)
        while end < most and names[end] == particle.name:
            end += 1
        return end if end - at >= particle.min else None
    count = 0
    while particle.max is None or count < particle.max:
        ends = [_match_all(branch, names, at) for branch in particle.branches]
        best = max((end for end in ends if end is not None), default=None)
        if best is None:
            break
        count += 1
        if best == at:
            break
        at = best
    return at if count >= particle.min else None
