"""Which kinds of objects there are, and how the catalogue says they look.

Here: the kinds of lists and transactions with the table that their names share, which tables a reference may
point into, how an Add or Mod becomes what is stored, and how that is written for one qbXML version.
Not here: the objects (``_books``).
Facts: the catalogue; qbXML dossier 3.1, 3.2 (shared name spaces), 8.3 (child aggregates change their suffix).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

import attrs

from ..qbxml import catalogue
from ..qbxml.catalogue import Choice, Element, Shape
from ._nodes import LINES, number
from ._refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

__all__ = [
    "Kind",
    "Layout",
    "is_reference",
    "kinds",
    "layout",
    "plan",
    "reference_kinds",
    "response_layout",
    "table_of",
]

_ENTITIES: Final = ("Customer", "Vendor", "Employee", "OtherName")
_TERMS: Final = ("StandardTerms", "DateDrivenTerms")

#: References whose name does not end with the kind that they point to.
_SPECIAL_REFERENCES: Final[Mapping[str, tuple[str, ...]]] = {
    "EntityRef": _ENTITIES,
    "PayeeEntityRef": _ENTITIES,
    "ShipToEntityRef": _ENTITIES,
    "SalesRepEntityRef": ("Vendor", "Employee", "OtherName"),
    "TermsRef": _TERMS,
    "OverrideUOMSetRef": ("UnitOfMeasureSet",),
    "InventorySiteLocationRef": ("InventorySite",),
    "FromInventorySiteLocationRef": ("InventorySite",),
    "ToInventorySiteLocationRef": ("InventorySite",),
    "ParentSiteRef": ("InventorySite",),
    "SupervisorRef": ("Employee",),
}


@attrs.frozen(eq=False)
class Kind:
    """One kind of list object or transaction."""

    name: str
    #: The name space: kinds of one table share it.
    table: str
    is_list: bool
    #: ``Name``, ``Initial`` (sales representatives), ``FullName`` (leads), or ``""`` (nameless).
    name_field: str
    #: Whether it has full names and parents.
    is_tree: bool
    ret: Shape


@cache
def table_of(kind: str) -> str:
    """Return the table in which objects of *kind* stand: names and ListIDs are unique within it."""
    if kind in _ENTITIES:
        return "Entity"
    if kind.startswith("Item") and kind not in {"ItemSites", "ItemReceipt"}:
        return "Item"
    return "Terms" if kind in _TERMS else kind


@cache
def kinds() -> dict[str, Kind]:
    """Return all kinds of list objects and transactions by name, found in the catalogue."""
    found: dict[str, Kind] = {}
    for message in catalogue.names():
        if not message.endswith("QueryRs"):
            continue
        for element in catalogue.message(message).elements():
            kind = _kind(element)
            if kind is not None:
                found.setdefault(kind.name, kind)
    return found


def _kind(element: Element) -> Kind | None:
    if element.shape is None or not element.name.endswith("Ret"):
        return None
    fields = [child.name for child in element.shape.elements()]
    if fields[:1] not in (["ListID"], ["TxnID"]):
        return None
    name = element.name[:-3]
    return Kind(
        name,
        table_of(name),
        is_list=fields[0] == "ListID",
        name_field=next((field for field in ("Name", "Initial", "FullName") if field in fields), ""),
        is_tree="FullName" in fields and "ParentRef" in fields,
        ret=element.shape,
    )


@cache
def reference_kinds(reference: str, owner: str) -> tuple[str, ...]:
    """Return the kinds that a reference may point to.

    Args:
        reference: the element, e.g. ``IncomeAccountRef``.
        owner: the kind of the object that holds it (for ``ParentRef``).

    Returns:
        Names of kinds; empty when the catalogue knows no such kind.
    """
    if reference == "ParentRef":
        return tuple(kinds()) if owner not in kinds() else _same_table(owner)
    if reference in {"ItemRef", "ItemInventoryRef"}:
        return tuple(name for name, kind in kinds().items() if kind.table == "Item")
    if reference == "ItemSalesTaxRef":
        return ("ItemSalesTax", "ItemSalesTaxGroup")
    if reference in _SPECIAL_REFERENCES:
        return _SPECIAL_REFERENCES[reference]
    stem = reference[:-3]
    matches = [name for name, kind in kinds().items() if kind.is_list and stem.endswith(name)]
    return (max(matches, key=len),) if matches else ()


def is_reference(element: Element) -> bool:
    """Say whether an element names a list object by ListID and FullName."""
    if element.shape is None or not element.name.endswith("Ref"):
        return False
    return [child.name for child in element.shape.elements()] == ["ListID", "FullName"]


def _same_table(owner: str) -> tuple[str, ...]:
    kind = kinds()[owner]
    if kind.table == "Item":
        return tuple(name for name, other in kinds().items() if other.table == "Item" and other.is_tree)
    return (owner,)


# -- from what is sent to what is stored


@attrs.frozen(eq=False)
class Plan:
    """How the children of one sent aggregate become children of the stored one."""

    leaves: dict[str, str]
    references: dict[str, str]
    inner: dict[str, tuple[str, Shape, Shape]]
    lines: dict[str, tuple[str, Shape, Shape]]
    #: References that must name something.
    required: set[str]
    #: Texts that the stored form holds shorter than the schema lets them be sent.
    limits: dict[str, int]

    def apply(
        self, node: Mapping[str, Any], resolve: Callable[[str, Mapping[str, str]], Any]
    ) -> dict[str, Any]:
        """Return the stored form of *node*.

        Args:
            node: what was sent.
            resolve: turns a reference into what is stored for it; ``None`` leaves it out.

        Raises:
            Refusal: 3150 a required reference names nothing, 3070 a text is longer than what is kept.
        """
        fields: dict[str, Any] = {}
        for name, value in node.items():
            if name in self.leaves:
                if name in self.limits and len(value) > self.limits[name]:
                    raise Refusal(3070, f'The field "{name}" holds at most {self.limits[name]} characters.')
                fields[self.leaves[name]] = value
            elif name in self.references:
                target = self._references(name, value, resolve)
                if target is not None:
                    fields[self.references[name]] = target
                elif name in self.required:
                    raise Refusal(3150, f'The field "{name}" is required.')
            elif name in self.inner:
                target_name, sent, stored = self.inner[name]
                inner = plan(sent, stored)
                fields[target_name] = (
                    [inner.apply(one, resolve) for one in value]
                    if isinstance(value, list)
                    else inner.apply(value, resolve)
                )
            elif name == LINES:
                fields[LINES] = [
                    self._line(line, inner_node, resolve) for line, inner_node in value if line in self.lines
                ]
        return fields

    @staticmethod
    def _references(name: str, value: Any, resolve: Callable[[str, Mapping[str, str]], Any]) -> Any:
        if isinstance(value, list):
            targets = [resolve(name, one) for one in value]
            return [target for target in targets if target is not None]
        return resolve(name, value)

    def _line(
        self, name: str, node: Mapping[str, Any], resolve: Callable[[str, Mapping[str, str]], Any]
    ) -> tuple[str, dict[str, Any]]:
        target, sent, stored = self.lines[name]
        return target, plan(sent, stored).apply(node, resolve)


def plan(sent: Shape, stored: Shape) -> Plan:
    """Return how aggregate *sent* becomes aggregate *stored*; what the latter lacks is dropped."""
    found = _PLANS.get((id(sent), id(stored)))
    if found is None:
        found = _PLANS[id(sent), id(stored)] = _make_plan(sent, stored)
        _KEPT.extend((sent, stored))
    return found


_PLANS: Final[dict[tuple[int, int], Plan]] = {}
_KEPT: Final[list[Shape]] = []


def _make_plan(sent: Shape, stored: Shape) -> Plan:
    targets = {element.name: element for element in stored.elements()}
    mixed = _mixed_names(stored.particles)
    always = {part.name for part in sent.particles if isinstance(part, Element)}
    made = Plan({}, {}, {}, {}, set(), {})
    for element in sent.elements():
        target = next((targets[name] for name in _renamed(element.name) if name in targets), None)
        if target is None:
            continue
        if element.shape is None or target.shape is None:
            if element.shape is None and target.shape is None:
                made.leaves[element.name] = target.name
                kept, sent_limit = target.max_length("US"), element.max_length("US")
                if kept is not None and (sent_limit is None or kept < sent_limit):
                    made.limits[element.name] = kept
        elif is_reference(element):
            made.references[element.name] = target.name
            if element.min and element.max == 1 and element.name in always:
                made.required.add(element.name)
        elif target.name in mixed:
            made.lines[element.name] = (target.name, element.shape, target.shape)
        else:
            made.inner[element.name] = (target.name, element.shape, target.shape)
    return made


def _renamed(name: str) -> tuple[str, ...]:
    stem = name[:-3] if name.endswith(("Add", "Mod")) else name
    return (name, f"{stem}Ret", f"{name}Ret", stem)


def _mixed_names(particles: Sequence[Element | Choice]) -> frozenset[str]:
    names: list[str] = []
    for particle in particles:
        if isinstance(particle, Choice) and (particle.max is None or particle.max > 1):
            names.extend(child.name for child in _flat(particle.branches))
    return frozenset(names)


def _flat(branches: Iterable[Sequence[Element | Choice]]) -> Iterable[Element]:
    for branch in branches:
        for particle in branch:
            if isinstance(particle, Element):
                yield particle
            else:
                yield from _flat(particle.branches)


# -- from what is stored to what is written


class Layout:
    """Writes one stored aggregate for one qbXML version, its children in the order of the catalogue."""

    __slots__ = ("_rows",)

    def __init__(self, shape: Shape, version: tuple[int, int], edition: str) -> None:
        mixed = _mixed_names(shape.particles)
        rows: list[tuple[str, Any]] = []
        lines: dict[str, Layout] = {}
        for element in shape.elements():
            if number(element.since) > version or edition in element.not_in:
                continue
            inner = None if element.shape is None else Layout(element.shape, version, edition)
            if element.name in mixed and inner is not None:
                if not lines:
                    rows.append((LINES, lines))
                lines[element.name] = inner
            elif all(name != element.name for name, _ in rows):
                rows.append((element.name, inner))
        self._rows = tuple(rows)

    def write(
        self,
        fields: Mapping[str, Any],
        out: list[str],
        only: frozenset[str] | None = None,
        owners: frozenset[str] = frozenset(),
    ) -> None:
        """Append the children of the aggregate to *out*, one element a line.

        Args:
            fields: what is stored.
            out: the text so far.
            only: the names of the children that are wanted, ``None`` for all.
            owners: whose custom fields and private data are wanted.
        """
        for name, inner in self._rows:
            value = fields.get(name)
            if value is None:
                continue
            if name == LINES:
                for line, node in value:
                    if line in inner and (only is None or line in only):
                        _element(line, node, inner[line], out, owners)
            elif only is not None and name not in only:
                continue
            elif isinstance(value, list):
                for one in value:
                    if name != "DataExtRet" or one["OwnerID"] in owners:
                        _element(name, one, inner, out, owners)
            else:
                _element(name, value, inner, out, owners)


def _element(name: str, value: Any, inner: Layout | None, out: list[str], owners: frozenset[str]) -> None:
    if inner is None:
        out.append(f"<{name}>{_escape(value)}</{name}>")
    else:
        out.append(f"<{name}>")
        inner.write(value, out, None, owners)
        out.append(f"</{name}>")


def _escape(text: str) -> str:
    if "&" in text or "<" in text or ">" in text:
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text


@cache
def layout(kind: str, version: str, edition: str) -> Layout:
    """Return the layout of a kind's ``…Ret`` under one qbXML version and edition."""
    return Layout(kinds()[kind].ret, number(version), edition)


@cache
def response_layout(response: str, element: str, version: str, edition: str) -> Layout:
    """Return the layout of one child of a response, e.g. ``HostRet`` of ``HostQueryRs``."""
    shape = next(child.shape for child in catalogue.message(response).elements() if child.name == element)
    assert shape is not None
    return Layout(shape, number(version), edition)
