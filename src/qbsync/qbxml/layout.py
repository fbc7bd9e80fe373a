"""How a model class and an element of the language go together, worked out once for each name.

An element of the catalogue becomes a slot: the field that holds it, the type of its text, whether it
repeats.  A free mix of several elements is several slots that share one field.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

import attrs

from . import catalogue
from .catalogue import Element
from .naming import field_name, mix_name
from .values import SCALARS, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .catalogue import Attribute, Choice

__all__ = ["AttributeSlot", "Layout", "Slot", "is_known", "layout", "model"]


@attrs.frozen(kw_only=True)
class Slot:
    """Where one element of an aggregate stands in the model."""

    name: str
    field: str
    #: Slots are numbered in the order of the language; members of a mix share a number.
    rank: int
    #: The type of the text; ``None`` for an aggregate.
    scalar: Scalar | None
    #: Whether the field is a tuple.
    many: bool
    macro: bool


@attrs.frozen(kw_only=True)
class AttributeSlot:
    """Where one attribute stands in the model."""

    name: str
    field: str
    scalar: Scalar


@attrs.frozen(kw_only=True, eq=False)
class Layout:
    """All slots of one element name."""

    name: str
    attributes: dict[str, AttributeSlot]
    slots: dict[str, Slot]
    #: The slots by field, in the order of the language.
    fields: dict[str, tuple[Slot, ...]]


@cache
def layout(name: str) -> Layout:
    """Return the layout of the aggregate or message *name*.

    Raises:
        KeyError: the language has no such aggregate.
    """
    shape = catalogue.aggregate(name)
    slots = {slot.name: slot for slot in _slots(shape.particles)}
    fields: dict[str, tuple[Slot, ...]] = {}
    for slot in slots.values():
        fields[slot.field] = (*fields.get(slot.field, ()), slot)
    return Layout(
        name=name,
        attributes={attribute.name: _attribute(attribute) for attribute in shape.attributes},
        slots=slots,
        fields=fields,
    )


def _attribute(attribute: Attribute) -> AttributeSlot:
    return AttributeSlot(
        name=attribute.name, field=field_name(attribute.name), scalar=SCALARS[attribute.type]
    )


def _slots(particles: tuple[Element | Choice, ...]) -> Iterator[Slot]:
    for rank, (elements, field) in enumerate(_groups(particles)):
        for element in elements:
            yield Slot(
                name=element.name,
                field=field or field_name(element.name),
                rank=rank,
                scalar=SCALARS[element.type] if element.type else None,
                many=field is not None or element.max != 1,
                macro=element.macro or element.type == "IDTYPE",
            )


def _groups(
    particles: Iterable[Element | Choice],
) -> Iterator[tuple[tuple[Element, ...], str | None]]:
    """Yield single elements, and mixes with the name of their field."""
    for particle in particles:
        if isinstance(particle, Element):
            yield (particle,), None
        elif particle.max is None:
            members = tuple(e for branch in particle.branches for e in branch if isinstance(e, Element))
            yield members, mix_name(particle)
        else:
            for branch in particle.branches:
                yield from _groups(branch)


@cache
def _known() -> frozenset[str]:
    return frozenset(catalogue.names())


def is_known(name: str) -> bool:
    """Return whether *name* is a message of the language."""
    return name in _known()


@cache
def model(name: str) -> Any:
    """Return the class of the element *name*; its module is loaded now."""
    return getattr(import_module("qbsync.models"), name)
