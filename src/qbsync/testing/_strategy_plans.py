"""What may stand in one aggregate for one version and one edition, worked out once from the catalogue.

A plan is the catalogue's shape with everything taken away that the QuickBooks spoken to does not know.
The strategies draw along plans; the faults of invalid messages are looked for along them too.
Not here: any drawing.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, TypeAlias

import attrs

from ..qbxml import catalogue
from ..qbxml.catalogue import Choice, Element
from ..qbxml.naming import field_name, mix_name
from ..qbxml.versions import Version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..qbxml.catalogue import Attribute, Shape

__all__ = ["Field", "Mixed", "Part", "Pick", "Plan", "Stranger", "fields_of", "of_message", "plan", "speaks"]

#: The version that brought an attribute, where the catalogue, which dates elements only, says nothing:
#: macros 2.0, metaData 4.0, iterators 5.0.
_ATTRIBUTE_SINCE: Final = {
    "defMacro": "2.0",
    "metaData": "4.0",
    "retCount": "4.0",
    "iterator": "5.0",
    "iteratorID": "5.0",
    "iteratorRemainingCount": "5.0",
}


@attrs.frozen(kw_only=True, eq=False)
class Field:
    """One element at one place.

    Attributes:
        most: how often it may stand there; ``None`` means unbounded.
        plan: what an aggregate holds; ``None`` for a scalar.
    """

    name: str
    field: str
    element: Element
    required: bool
    most: int | None
    plan: Plan | None

    @property
    def many(self) -> bool:
        """Whether the model has a tuple here."""
        return self.most != 1


@attrs.frozen(kw_only=True, eq=False)
class Mixed:
    """Several elements in any order and number, which share one tuple of the model."""

    field: str
    required: bool
    members: tuple[Field, ...]


@attrs.frozen(kw_only=True, eq=False)
class Pick:
    """A choice: one of the branches, or none where it is not required."""

    required: bool
    branches: tuple[tuple[Part, ...], ...]


Part: TypeAlias = Field | Mixed | Pick


@attrs.frozen(kw_only=True, eq=False)
class Stranger:
    """An element that stands here in another version or edition.

    Attributes:
        too_new: whether the version is the reason; otherwise the edition is.
    """

    field: Field
    too_new: bool


@attrs.frozen(kw_only=True, eq=False)
class Plan:
    """What may stand in one aggregate or message.

    Attributes:
        strangers: elements of other versions or editions, for messages with a fault.
    """

    name: str
    attributes: tuple[Attribute, ...]
    parts: tuple[Part, ...]
    strangers: tuple[Stranger, ...]


def fields_of(parts: tuple[Part, ...]) -> Iterator[Field]:
    """Yield every element of *parts*, also those in choices and mixes."""
    for part in parts:
        if isinstance(part, Field):
            yield part
        elif isinstance(part, Mixed):
            yield from part.members
        else:
            for branch in part.branches:
                yield from fields_of(branch)


def speaks(element: Element, version: str, edition: str) -> bool:
    """Return whether a QuickBooks of that version and edition knows *element*."""
    return Version.parse(element.since) <= Version.parse(version) and edition not in element.not_in


@cache
def plan(shape: Shape, version: str, edition: str) -> Plan:
    """Return the plan of a shape of the catalogue."""
    making = _Making(version, edition)
    parts = tuple(making.parts(shape.particles))
    spoken = Version.parse(version)
    return Plan(
        name=shape.name,
        attributes=tuple(
            attribute
            for attribute in shape.attributes
            if Version.parse(_ATTRIBUTE_SINCE.get(attribute.name, "1.0")) <= spoken
        ),
        parts=parts,
        strangers=tuple(making.strangers),
    )


def of_message(name: str, version: str, edition: str) -> Plan:
    """Return the plan of the message *name*.

    Raises:
        KeyError: no message has this name.
    """
    return plan(catalogue.message(name), version, edition)


class _Making:
    """Makes the parts of one plan, and notes what was left out."""

    def __init__(self, version: str, edition: str) -> None:
        self.version = version
        self.edition = edition
        self.strangers: list[Stranger] = []

    def parts(self, particles: tuple[Element | Choice, ...], *, outside: bool = True) -> Iterator[Part]:
        """Yield what is known of *particles*; *outside*: they stand in no choice."""
        for particle in particles:
            if isinstance(particle, Choice):
                yield from self.choice(particle)
            elif speaks(particle, self.version, self.edition):
                yield self.field(particle)
            else:
                self.leave_out(particle, outside=outside)

    def field(self, element: Element) -> Field:
        return Field(
            name=element.name,
            field=field_name(element.name),
            element=element,
            required=element.min > 0,
            most=element.max,
            plan=None if element.shape is None else plan(element.shape, self.version, self.edition),
        )

    def choice(self, choice: Choice) -> Iterator[Mixed | Pick]:
        made = [tuple(self.parts(branch, outside=False)) for branch in choice.branches]
        if choice.max is None:
            members = tuple(part for parts in made for part in parts if isinstance(part, Field))
            if members:
                yield Mixed(field=mix_name(choice), required=choice.min > 0, members=members)
            return
        branches = tuple(
            parts
            for parts, branch in zip(made, choice.branches, strict=True)
            if parts and self._complete(branch)
        )
        if branches:
            # A required choice with a branch that may be empty asks for nothing.
            hollow = any(not any(map(_asks, parts)) for parts in branches)
            yield Pick(required=choice.min > 0 and not hollow, branches=branches)

    def _complete(self, branch: tuple[Element | Choice, ...]) -> bool:
        """Return whether all that a branch requires is known here."""
        required = (particle for particle in branch if isinstance(particle, Element) and particle.min)
        return all(speaks(element, self.version, self.edition) for element in required)

    def leave_out(self, element: Element, *, outside: bool) -> None:
        """Note an element that is not known here."""
        too_new = Version.parse(element.since) > Version.parse(self.version)
        if outside and too_new != (self.edition in element.not_in):
            self.strangers.append(Stranger(field=self.field(element), too_new=too_new))


def _asks(part: Part) -> bool:
    """Return whether something must stand there."""
    return part.required
