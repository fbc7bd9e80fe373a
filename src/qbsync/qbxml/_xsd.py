"""An XML Schema of qbXML, written from the catalogue for one version and edition.

Here: how shapes, choices, limits and scalar types become schema text, in a layout of our own.  The forms
of the scalar types stand in ``_xsd_types``; validation stands in ``schema``.

Each structure is written once as a named type; a name that stands for several structures (other limits
elsewhere, or everything optional in a response) gets a number behind it.  What the version or edition
does not know is left out, so an element of another version is an unknown one.  All content models are
deterministic as XML Schema wants it: no element name stands twice in one structure, and the members of a
free mix stand once in one repeating choice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from . import catalogue
from ._request_rules import MAX_REQUEST_ID
from ._xsd_types import BASES, FIVE_DECIMALS, PERCENT_READ, XSD_NAMESPACE
from .catalogue import Attribute, Choice, Element, Shape
from .envelope import MAX_SET_ID, ON_ERROR
from .versions import Version, attribute_since

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["prune", "write"]

_Particles = tuple[Element | Choice, ...]

_RESPONSE_DATA: Final = ("includeAll", "includeNone")


def write(version: str, edition: str, *, strict: bool) -> str:
    """Return the schema as text; see ``schema.write``."""
    return _Writer(Version.parse(version), edition, strict=strict).document()


def prune(particles: Iterable[Element | Choice], version: Version, edition: str) -> _Particles:
    """Return particles without what the version or edition does not know."""
    return tuple(_pruned(particles, version, edition))


def _pruned(
    particles: Iterable[Element | Choice], version: Version, edition: str
) -> Iterator[Element | Choice]:
    for particle in particles:
        if isinstance(particle, Element):
            if Version.parse(particle.since) <= version and edition not in particle.not_in:
                yield particle
            continue
        left = tuple(filter(None, (prune(branch, version, edition) for branch in particle.branches)))
        if left:
            optional = particle.min == 0 or any(map(_may_be_empty, particle.branches))
            yield attrs.evolve(particle, min=0 if optional else particle.min, branches=left)


def _may_be_empty(particles: _Particles) -> bool:
    return all(
        particle.min == 0 or (isinstance(particle, Choice) and any(map(_may_be_empty, particle.branches)))
        for particle in particles
    )


def _occurs(least: int, most: int | None) -> str:
    shown = "" if least == 1 else f' minOccurs="{least}"'
    if most == 1:
        return shown
    return f'{shown} maxOccurs="{"unbounded" if most is None else most}"'


class _Writer:
    """Collects the types of one schema."""

    def __init__(self, version: Version, edition: str, *, strict: bool) -> None:
        self.version = version
        self.edition = edition
        self.strict = strict
        #: Types by name, in the order in which they were first needed.
        self.types: dict[str, str] = {}
        self._by_shape: dict[tuple[int, bool], str] = {}

    def document(self) -> str:
        """Return the whole schema."""
        requests, responses = self._messages("Rq"), self._messages("Rs")
        roots = [
            self._global(catalogue.element(name), reading=name.endswith("Rs"))
            for name in (*requests, *responses)
        ]
        head = (
            f'<xs:schema xmlns:xs="{XSD_NAMESPACE}" elementFormDefault="qualified"'
            f' version="{self.version}-{self.edition}">\n'
            "<xs:annotation><xs:documentation>"
            f"qbXML {self.version}, edition {self.edition}, written by qbsync from its catalogue of"
            f" {catalogue.source()}."
            "</xs:documentation></xs:annotation>\n"
        )
        parts = [head, self._envelope(requests, responses), *roots, *BASES.values(), *self.types.values()]
        return "".join(parts) + "</xs:schema>\n"

    def _messages(self, ending: str) -> tuple[str, ...]:
        return tuple(
            name
            for name in catalogue.names()
            if name.endswith(ending) and prune((catalogue.element(name),), self.version, self.edition)
        )

    def _global(self, element: Element, *, reading: bool) -> str:
        assert element.shape is not None
        return f'<xs:element name="{element.name}" type="{self._complex(element.shape, reading=reading)}"/>\n'

    def _envelope(self, requests: Iterable[str], responses: Iterable[str]) -> str:
        set_id = self._bounded_text("SETID", "STRTYPE", 1, MAX_SET_ID)
        stored = "".join(f'<xs:attribute name="{name}" type="{set_id}"/>' for name in _SET_IDS)
        on_error = self._enumeration("onError", ON_ERROR)
        data = self._enumeration("responseData", _RESPONSE_DATA)
        return (
            '<xs:element name="QBXML"><xs:complexType><xs:choice>'
            f"<xs:sequence>{_SIGN_ON.format('Rq')}"
            '<xs:element ref="QBXMLMsgsRq"/></xs:sequence>'
            f"<xs:sequence>{_SIGN_ON.format('Rs')}"
            '<xs:element ref="QBXMLMsgsRs"/></xs:sequence>'
            "</xs:choice></xs:complexType></xs:element>\n"
            f'<xs:element name="QBXMLMsgsRq"><xs:complexType>{_any_of(requests)}'
            f'<xs:attribute name="onError" use="required" type="{on_error}"/>'
            f'<xs:attribute name="responseData" type="{data}"/>{stored}'
            "</xs:complexType></xs:element>\n"
            f'<xs:element name="QBXMLMsgsRs"><xs:complexType>{_any_of(responses)}'
            f'<xs:attribute name="messageSetStatusCode" type="INTTYPE"/>{stored}'
            "</xs:complexType></xs:element>\n"
        )

    def _complex(self, shape: Shape, *, reading: bool) -> str:
        """Return the name of the type of an aggregate."""
        key = (id(shape), reading)
        found = self._by_shape.get(key)
        if found is None:
            content = self._content(prune(shape.particles, self.version, self.edition), reading=reading)
            held = "".join(self._attribute(entry, shape, reading=reading) for entry in shape.attributes)
            body = f"<xs:sequence>{content}</xs:sequence>{held}" if content else held
            found = self._by_shape[key] = self._named(
                shape.name, lambda name: f'<xs:complexType name="{name}">{body}</xs:complexType>\n'
            )
        return found

    def _named(self, wanted: str, make: Callable[[str], str]) -> str:
        """Return the name under which a type stands, adding it when no equal one is there."""
        name, number = wanted, 1
        while True:
            text = make(name)
            if self.types.setdefault(name, text) == text:
                return name
            number += 1
            name = f"{wanted}.{number}"

    def _content(self, particles: Iterable[Element | Choice], *, reading: bool) -> str:
        return "".join(
            self._element(particle, _occurs(particle.min, particle.max), reading=reading)
            if isinstance(particle, Element)
            else self._choice(particle, reading=reading)
            for particle in particles
        )

    def _choice(self, choice: Choice, *, reading: bool) -> str:
        occurs = _occurs(choice.min, choice.max)
        if choice.max is None:
            members = (e for branch in choice.branches for e in branch if isinstance(e, Element))
            inner = "".join(self._element(member, "", reading=reading) for member in members)
        else:
            inner = "".join(self._branch(branch, reading=reading) for branch in choice.branches)
        return f"<xs:choice{occurs}>{inner}</xs:choice>"

    def _branch(self, branch: _Particles, *, reading: bool) -> str:
        content = self._content(branch, reading=reading)
        return content if len(branch) == 1 else f"<xs:sequence>{content}</xs:sequence>"

    def _element(self, element: Element, occurs: str, *, reading: bool) -> str:
        if element.shape is not None:
            kind = self._complex(element.shape, reading=reading)
        else:
            kind = self._simple(element, reading=reading)
        return f'<xs:element name="{element.name}" type="{kind}"{occurs}/>'

    def _simple(self, element: Element, *, reading: bool) -> str:
        """Return the name of the type of a scalar element."""
        kind = element.type
        assert kind is not None
        if element.values:
            kind = self._enumeration(element.name, element.values, open_=self._is_open(reading=reading))
        elif element.min_value is not None or element.max_value is not None:
            kind = self._bounded_number(kind, element.min_value, element.max_value)
        elif (longest := element.max_length(self.edition)) is not None:
            kind = self._bounded_text(f"{kind}.{longest}", kind, 0, longest)
        elif kind == "PERCENTTYPE" and self._is_open(reading=reading):
            self.types.setdefault("PERCENTTYPE.read", PERCENT_READ)
            kind = "PERCENTTYPE.read"
        if element.macro and Version.parse(attribute_since("useMacro")) <= self.version:
            kind = self._macro(kind)
        return kind

    def _is_open(self, *, reading: bool) -> bool:
        """Return whether values that the catalogue does not list are taken."""
        return reading and not self.strict

    def _macro(self, kind: str) -> str:
        return self._named(
            f"{kind}.macro",
            lambda name: (
                f'<xs:complexType name="{name}"><xs:simpleContent><xs:extension base="{kind}">'
                '<xs:attribute name="useMacro" type="MACROTYPE"/>'
                "</xs:extension></xs:simpleContent></xs:complexType>\n"
            ),
        )

    def _bounded_text(self, wanted: str, kind: str, least: int, most: int) -> str:
        low = f'<xs:minLength value="{least}"/>' if least else ""
        return self._named(
            wanted,
            lambda name: (
                f'<xs:simpleType name="{name}"><xs:restriction base="{kind}">'
                f'{low}<xs:maxLength value="{most}"/></xs:restriction></xs:simpleType>\n'
            ),
        )

    def _bounded_number(self, kind: str, low: str | None, high: str | None) -> str:
        """Return the name of a number type with bounds; one that may be empty stays so."""
        facets = (f'<xs:minInclusive value="{low}"/>' if low is not None else "") + (
            f'<xs:maxInclusive value="{high}"/>' if high is not None else ""
        )
        wanted = f"{kind}.{low or ''}-{high or ''}"
        if kind == "INTTYPE":
            return self._named(
                wanted,
                lambda name: (
                    f'<xs:simpleType name="{name}"><xs:restriction base="INTTYPE">{facets}'
                    "</xs:restriction></xs:simpleType>\n"
                ),
            )
        return self._named(
            wanted,
            lambda name: (
                f'<xs:simpleType name="{name}"><xs:union memberTypes="EMPTY"><xs:simpleType>'
                f'<xs:restriction base="xs:decimal"><xs:pattern value="{FIVE_DECIMALS}"/>{facets}'
                "</xs:restriction></xs:simpleType></xs:union></xs:simpleType>\n"
            ),
        )

    def _enumeration(self, owner: str, values: Iterable[str], *, open_: bool = False) -> str:
        listed = "".join(f'<xs:enumeration value="{value}"/>' for value in values)
        name = self._named(
            f"enum.{owner}",
            lambda name: (
                f'<xs:simpleType name="{name}"><xs:restriction base="xs:string">{listed}'
                "</xs:restriction></xs:simpleType>\n"
            ),
        )
        if not open_:
            return name
        return self._named(
            name.replace("enum.", "open.", 1),
            lambda known: (
                f'<xs:simpleType name="{known}"><xs:union memberTypes="{name} xs:string"/></xs:simpleType>\n'
            ),
        )

    def _attribute(self, attribute: Attribute, shape: Shape, *, reading: bool) -> str:
        if Version.parse(attribute_since(attribute.name)) > self.version:
            return ""
        open_ = self._is_open(reading=reading)
        kind = attribute.type
        if attribute.values:
            kind = self._enumeration(attribute.name, attribute.values, open_=open_)
        elif attribute.name == "requestID":
            kind = self._bounded_text(f"{kind}.{MAX_REQUEST_ID}", kind, 1, MAX_REQUEST_ID)
        needed = attribute.required and not open_ and not shape.name.endswith("Rs")
        use = ' use="required"' if needed else ""
        return f'<xs:attribute name="{attribute.name}" type="{kind}"{use}/>'


_SET_IDS: Final = ("newMessageSetID", "oldMessageSetID")
#: Belongs to an interface that no Web Connector uses; what it holds is not looked at.
_SIGN_ON: Final = (
    '<xs:element name="SignonMsgs{}" minOccurs="0"><xs:complexType><xs:sequence>'
    '<xs:any minOccurs="0" maxOccurs="unbounded" processContents="skip"/>'
    "</xs:sequence></xs:complexType></xs:element>"
)


def _any_of(names: Iterable[str]) -> str:
    """Return a free mix of global elements."""
    inner = "".join(f'<xs:element ref="{name}"/>' for name in names)
    return f'<xs:choice minOccurs="0" maxOccurs="unbounded">{inner}</xs:choice>'
