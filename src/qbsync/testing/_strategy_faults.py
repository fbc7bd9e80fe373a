"""Faults: the places of a draft where exactly one rule can be broken, and how to break it there.

``sites`` looks through a valid draft and lists, by the code of the rule, every place where the rule can be
broken so that no other rule is broken with it.  Values that one element cannot hold come from
``_strategy_bad_values``.  Not here: faults of whole message sets.
"""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import attrs

from ..qbxml.kept import Kept, UnknownElement
from ..qbxml.naming import field_name
from ..qbxml.problems import Code
from ..qbxml.versions import Version, attribute_since
from ._strategy_bad_values import UNREADABLE, bad_values
from ._strategy_drafts import Draft
from ._strategy_plans import Field, Mixed, Pick, fields_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ..qbxml.catalogue import Attribute
    from ._strategy_drafts import Drawing
    from ._strategy_plans import Part, Stranger

__all__ = ["Fault", "Site", "sites"]

_SOME_ID: Final = "{00000000-0000-0000-0000-000000000002}"
_LONG_ID: Final = "x" * 51


@attrs.frozen(kw_only=True)
class Fault:
    """The one thing that is wrong with a message.

    Attributes:
        code: the code of the problem that ``qbsync.qbxml.check`` reports.
        path: where.
        detail: what was done, in words.
    """

    code: Code
    path: str
    detail: str


@attrs.frozen
class Site:
    """A place where a rule can be broken.

    Attributes:
        spoil: breaks it, in the draft.
    """

    path: str
    detail: str
    spoil: Callable[[Drawing], None]


def sites(draft: Draft, *, version: str, edition: str) -> dict[Code, list[Site]]:
    """Return where and how a valid draft can be spoiled, by the code of the fault."""
    search = _Search(version, edition)
    search.message(draft)
    return search.found


class _Search:
    """Looks through one message."""

    def __init__(self, version: str, edition: str) -> None:
        self.edition = edition
        self.macros = Version.parse(attribute_since("useMacro")) <= Version.parse(version)
        self.found: dict[Code, list[Site]] = {}

    def add(self, code: Code, path: str, detail: str, spoil: Callable[[Drawing], None]) -> None:
        """Note a place."""
        self.found.setdefault(code, []).append(Site(path, detail, spoil))

    def message(self, draft: Draft) -> None:
        """Look at what only messages have, and then at all the rest."""
        name, held = draft.plan.name, draft.values
        spoil = partial(_put, held, "request_id", _LONG_ID)
        self.add(Code.LENGTH, f"{name}@requestID", "a request id of 51 characters", spoil)
        if any(attribute.name == "iterator" for attribute in draft.plan.attributes):
            self.iterator(name, held)
        self.aggregate(draft, name)

    def iterator(self, name: str, held: dict[str, Any]) -> None:
        """Look at the iterator of a query."""
        how, place = held.get("iterator"), f"{name}@iteratorID"
        give, take = partial(_put, held, "iterator_id", _SOME_ID), partial(_drop, held, ("iterator_id",))
        if how is None:
            self.add(Code.ITERATOR, place, "the id of an iterator without iterator", give)
        elif how == "Start":
            self.add(Code.ITERATOR, place, "the id of an iterator that starts", give)
        else:
            self.add(Code.ITERATOR, place, "an iterator that goes on without its id", take)
        if how in {"Start", "Continue"}:
            spoil = partial(_drop, held, ("max_returned",))
            self.add(Code.ITERATOR, f"{name}/MaxReturned", "an iterator without the size of a page", spoil)

    def aggregate(self, draft: Draft, path: str) -> None:
        """Look at an aggregate and everything in it."""
        for attribute in draft.plan.attributes:
            self.attribute(attribute, draft, path)
        self.strange(draft, path)
        self.order(draft, path)
        for stranger in draft.plan.strangers:
            self.stranger(stranger, draft, path)
        for part in draft.plan.parts:
            self.requirement(part, draft, path)
        self.choices(draft.plan.parts, draft, path)
        self.contents(draft.plan.parts, draft, path)

    def attribute(self, attribute: Attribute, draft: Draft, path: str) -> None:
        """Look at an attribute."""
        field, place = field_name(attribute.name), f"{path}@{attribute.name}"
        if attribute.values and (field in draft.values or attribute.name != "iterator"):
            spoil = partial(_put, draft.values, field, "Nonsense")
            self.add(Code.ENUMERATION, place, "a value that is not listed", spoil)
        if attribute.required and not draft.plan.name.endswith("Rs"):
            self.add(Code.MISSING, place, "an attribute left out", partial(_drop, draft.values, (field,)))

    def strange(self, draft: Draft, path: str) -> None:
        """Add what the language does not have."""
        element = Kept(layout=(UnknownElement(name="Strange", content=("x",)),))
        attribute = Kept(attributes=(("strange", "x"),))
        self.add(Code.UNKNOWN, f"{path}/Strange", "an unknown element", partial(_keep, draft, element))
        self.add(Code.UNKNOWN, f"{path}@strange", "an unknown attribute", partial(_keep, draft, attribute))

    def order(self, draft: Draft, path: str) -> None:
        """Look for two neighbours that can change places."""
        there = [
            field.name
            for field in fields_of(draft.plan.parts)
            if field.field in draft.values and not field.many
        ]
        for first, second in pairwise(there):
            kept = Kept(layout=(second, first))
            self.add(Code.ORDER, f"{path}/{first}", f"after {second}", partial(_keep, draft, kept))

    def stranger(self, stranger: Stranger, draft: Draft, path: str) -> None:
        """Add an element of another version or edition."""
        field = stranger.field
        place = f"{path}/{field.name}" + ("[1]" if field.many else "")
        code = Code.VERSION if stranger.too_new else Code.EDITION
        spoil = partial(_put_drawn, draft.values, field)
        self.add(code, place, "an element that is not known there", spoil)

    def requirement(self, part: Part, draft: Draft, path: str) -> None:
        """Look at something that must be there."""
        if not part.required:
            return
        if isinstance(part, Field):
            spoil = partial(_drop, draft.values, (part.field,))
            self.add(Code.MISSING, f"{path}/{part.name}", "a required element left out", spoil)
        elif isinstance(part, Mixed):
            spoil = partial(_drop, draft.values, (part.field,))
            self.add(Code.MISSING, f"{path}.{part.field}", "no line where one is required", spoil)
        else:
            fields = tuple(field for branch in part.branches for field in _fields(branch))
            detail = "nothing of a choice that must be made"
            self.add(Code.CHOICE, path, detail, partial(_drop, draft.values, fields))

    def choices(self, parts: Iterable[Part], draft: Draft, path: str) -> None:
        """Look at choices of which a second branch can be taken."""
        for pick in parts:
            if not isinstance(pick, Pick):
                continue
            for branch in pick.branches:
                if any(field in draft.values for field in _fields(branch)):
                    others = tuple(other for other in pick.branches if other is not branch)
                    if others:
                        spoil = partial(_take_another, draft.values, others)
                        self.add(Code.CHOICE, path, "two branches of a choice", spoil)
                    self.choices(branch, draft, path)

    def contents(self, parts: tuple[Part, ...], draft: Draft, path: str) -> None:
        """Look at every element that is there."""
        for part in parts:
            if isinstance(part, Pick):
                for branch in part.branches:
                    self.contents(branch, draft, path)
            elif part.field in draft.values:
                if isinstance(part, Mixed):
                    self.mix(part, draft, path)
                else:
                    self.field(part, draft, path)

    def mix(self, mixed: Mixed, draft: Draft, path: str) -> None:
        """Look at the members of a mix."""
        counts: dict[str, int] = {}
        for item in draft.values[mixed.field]:
            name = item.plan.name
            counts[name] = counts.get(name, 0) + 1
            self.aggregate(item, f"{path}/{name}[{counts[name]}]")

    def field(self, field: Field, draft: Draft, path: str) -> None:
        """Look at an element, or at all that stand in one field."""
        place, held = f"{path}/{field.name}", draft.values
        if not field.many:
            self.value(field, held, field.field, draft.plan.name, place)
            self.unreadable(field, draft, place)
            return
        if field.most is not None:
            spoil = partial(_repeat, held, field.field, field.most)
            self.add(Code.TOO_MANY, place, f"{field.most + 1} of at most {field.most}", spoil)
        for number in range(len(held[field.field])):
            self.value(field, held[field.field], number, draft.plan.name, f"{place}[{number + 1}]")

    def value(self, field: Field, holder: Any, key: str | int, owner: str, place: str) -> None:
        """Look at one value, which stands in *holder* under *key*."""
        item = holder[key]
        if isinstance(item, Draft):
            self.aggregate(item, place)
            self.add(Code.TYPE, place, "a text for an aggregate", partial(_put, holder, key, "x"))
            return
        for code, bad, detail in bad_values(field.element, owner, self.edition):
            if code is not Code.MACRO or self.macros:
                self.add(code, place, detail, partial(_put, holder, key, bad))

    def unreadable(self, field: Field, draft: Draft, place: str) -> None:
        """Put a text that means nothing, as it is kept when a document is read."""
        text = UNREADABLE.get(field.element.type or "")
        if text is None or field.name == "MaxReturned":
            return
        odd = UnknownElement(name=field.name, content=(text,))

        def spoil(_drawing: Drawing) -> None:
            draft.kept = Kept(layout=tuple(odd if name == field.name else name for name in _names(draft)))
            del draft.values[field.field]

        self.add(Code.LEXICAL, place, f"the text {text}", spoil)


def _names(draft: Draft) -> Iterator[str]:
    """Yield the names of all children, as a document holds them."""
    for part in _flat(draft.plan.parts):
        held = draft.values.get(part.field, [])
        if isinstance(part, Mixed):
            yield from (item.plan.name for item in held)
        else:
            yield from [part.name] * (len(held) if isinstance(held, list) else 1)


def _flat(parts: Iterable[Part]) -> Iterator[Field | Mixed]:
    """Yield elements and mixes in their order, also those in choices."""
    for part in parts:
        if isinstance(part, Pick):
            for branch in part.branches:
                yield from _flat(branch)
        else:
            yield part


def _fields(parts: Iterable[Part]) -> tuple[str, ...]:
    """Return the fields of parts, also those in choices."""
    return tuple(part.field for part in _flat(parts))


def _put(holder: Any, key: str | int, value: Any, _drawing: Drawing) -> None:
    holder[key] = value


def _put_drawn(held: dict[str, Any], field: Field, drawing: Drawing) -> None:
    held[field.field] = drawing.field(field)


def _drop(held: dict[str, Any], fields: Iterable[str], _drawing: Drawing) -> None:
    for field in fields:
        held.pop(field, None)


def _keep(draft: Draft, kept: Kept, _drawing: Drawing) -> None:
    draft.kept = kept


def _repeat(held: dict[str, Any], field: str, most: int, _drawing: Drawing) -> None:
    held[field] = (held[field] * (most + 1))[: most + 1]


def _take_another(held: dict[str, Any], others: tuple[tuple[Part, ...], ...], drawing: Drawing) -> None:
    # An iterator beside a selection by lists would be a second fault.
    held.pop("iterator", None)
    held.pop("iterator_id", None)
    drawing.branch(drawing.one_of(others), held)
