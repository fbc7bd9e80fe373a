"""Drafts: messages while they are drawn, as plain trees that can still be changed.

``Drawing`` fills a draft along its plan; ``made`` turns the finished draft into a model.  A drawing is
bounded: once so many values are drawn, what is optional further down is left out.
Not here: values of scalars (``_strategy_values``) and faults (``_strategy_faults``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

import attrs
from hypothesis import strategies as st

from ..qbxml.layout import model
from ..qbxml.naming import field_name
from . import _strategy_values as values
from ._strategy_plans import Field, Mixed, Pick

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..qbxml.catalogue import Attribute
    from ..qbxml.kept import Kept
    from ._strategy_plans import Part, Plan

__all__ = ["Draft", "Drawing", "made"]

Draw: TypeAlias = "Callable[[st.SearchStrategy[Any]], Any]"

#: How many values a message holds about: beyond, only what is required is drawn.
ENOUGH: Final = 60
#: How often something that may repeat without bound stands there at most.
REPEATS: Final = 3

#: Header and line fields that a Mod refuses to clear, by the qbXML reference on Add, Mod, delete, void.
_NEVER_CLEARED: Final = frozenset({
    "TxnDate", "IsPending", "DueDate", "ShipDate", "IsToBePrinted", "IsManuallyClosed", "Quantity", "Rate",
    "RatePercent", "Amount", "CreateChangeOrder", "MarkupRate", "MarkupRatePercent",
})  # fmt: skip

#: Codes with the severity that QuickBooks gives them.
_STATUSES: Final = (
    (0, "Info"), (1, "Info"), (500, "Warn"), (530, "Warn"), (1000, "Error"), (3100, "Error"),
    (3120, "Error"), (3200, "Error"), (3231, "Error"),
)  # fmt: skip

#: Fields that select objects one by one, which leaves nothing to iterate over.
_LISTED: Final = frozenset(
    {"list_id", "full_name", "name", "txn_id", "ref_number", "ref_number_case_sensitive"}
)

_FILL: Final = st.integers(0, 3)
_COUNT: Final = st.integers(1, REPEATS)
_FOUR: Final = st.integers(0, 3)
_STATUS: Final = st.sampled_from(_STATUSES)


@attrs.define(kw_only=True, eq=False)
class Draft:
    """One aggregate or message that is being made.

    Attributes:
        values: by field of the model: a scalar, a draft, or a list of either.
        kept: what a reader would have kept, for faults that models cannot hold otherwise.
    """

    plan: Plan
    values: dict[str, Any]
    kept: Kept | None = None


def made(draft: Draft) -> Any:
    """Return the model of a draft."""
    held = {field: _made(value) for field, value in draft.values.items()}
    if draft.kept is not None:
        held["_kept"] = draft.kept
    return model(draft.plan.name)(**held)


def _made(value: Any) -> Any:
    if isinstance(value, Draft):
        return made(value)
    if isinstance(value, list):
        return tuple(map(_made, value))
    return value


class Drawing:
    """Draws one message.

    Args:
        draw: Hypothesis' own draw function.
        name: the message; a Mod may clear fields.
        version: the version spoken; macros came with 2.0.
        edition: the edition spoken to.
    """

    def __init__(self, draw: Draw, *, name: str, version: str, edition: str) -> None:
        self.draw = draw
        self.edition = edition
        self.left = ENOUGH
        self._mod = name.endswith("ModRq")
        self._add = name.endswith("AddRq")
        self._macros = version not in {"1.0", "1.1"}
        self._defined: set[str] = set()
        self._fill = draw(_FILL)
        self._clears = self._mod and draw(_FOUR) == 0

    def message(self, plan: Plan) -> Draft:
        """Draw a whole message."""
        draft = self.aggregate(plan)
        held = draft.values
        if plan.name.endswith("Rs"):
            held["status_code"], held["status_severity"] = self.draw(_STATUS)
        else:
            held["request_id"] = self.draw(values.text(values.MAX_REQUEST_ID))
            self._settle_iterator(held)
        return draft

    def _settle_iterator(self, held: dict[str, Any]) -> None:
        """Keep an iterator only where there are pages, and its id only where it goes on or stops."""
        paged = held.get("max_returned") is not None and not _LISTED & held.keys()
        if not paged:
            held.pop("iterator", None)
        how = held.get("iterator")
        if how in {None, "Start"}:
            held.pop("iterator_id", None)
        elif "iterator_id" not in held:
            held["iterator_id"] = "{00000000-0000-0000-0000-000000000001}"

    def aggregate(self, plan: Plan) -> Draft:
        """Draw an aggregate with everything in it."""
        draft = Draft(plan=plan, values={})
        wanted = self._wanted(len(plan.parts) + len(plan.attributes))
        for number, attribute in enumerate(plan.attributes):
            if attribute.required or wanted >> number & 1:
                draft.values[field_name(attribute.name)] = self._attribute(attribute)
        wanted >>= len(plan.attributes)
        self._parts(plan.parts, wanted, draft.values)
        return draft

    def _attribute(self, attribute: Attribute) -> Any:
        """Draw the value of an attribute; a macro is defined once in a message."""
        value = self.draw(values.attribute(attribute))
        if attribute.name == "defMacro":
            while value in self._defined:
                value += "x"
            self._defined.add(value)
        return value

    def _wanted(self, many: int) -> int:
        """Return bits that say which of so many optional things are there, as full as this drawing is."""
        if not many or not self._fill or self.left <= 0:
            return 0
        size = (many + 7) // 8
        raw = self.draw(st.binary(min_size=2 * size, max_size=2 * size))
        left, right = int.from_bytes(raw[:size], "big"), int.from_bytes(raw[size:], "big")
        if self._fill == 1:
            return left & right
        return left if self._fill == 2 else left | right  # noqa: PLR2004 - a quarter, a half, most of all

    def _parts(self, parts: tuple[Part, ...], wanted: int, held: dict[str, Any]) -> None:
        for number, part in enumerate(parts):
            if part.required or wanted >> number & 1:
                self.part(part, held)

    def part(self, part: Part, held: dict[str, Any]) -> None:
        """Draw an element, a mix or a choice that is to be there."""
        if isinstance(part, Field):
            held[part.field] = self.field(part)
        elif isinstance(part, Mixed):
            held[part.field] = [self._member(part) for _ in range(self._count(None))]
        else:
            self._pick(part, held)

    def _member(self, mixed: Mixed) -> Any:
        place = 0 if len(mixed.members) == 1 else self.draw(st.integers(0, len(mixed.members) - 1))
        return self.value(mixed.members[place])

    def _pick(self, pick: Pick, held: dict[str, Any]) -> None:
        self.branch(self.one_of(pick.branches), held)

    def one_of(self, branches: tuple[tuple[Part, ...], ...]) -> tuple[Part, ...]:
        """Draw one of several branches."""
        return branches[0 if len(branches) == 1 else self.draw(st.integers(0, len(branches) - 1))]

    def branch(self, parts: tuple[Part, ...], held: dict[str, Any]) -> None:
        """Draw one branch of a choice, with at least one thing in it."""
        wanted = self._wanted(len(parts))
        if not any(part.required for part in parts) and not wanted & ((1 << len(parts)) - 1):
            wanted = 1 << (self.draw(st.integers(0, len(parts) - 1)) if len(parts) > 1 else 0)
        self._parts(parts, wanted, held)

    def field(self, field: Field) -> Any:
        """Draw what an element's field holds: a value, or a list of them."""
        if not field.many:
            return self.value(field)
        return [self.value(field) for _ in range(self._count(field.most))]

    def _count(self, most: int | None) -> int:
        if self.left <= 0:
            return 1
        count: int = self.draw(_COUNT)
        return count if most is None else min(count, most)

    def value(self, field: Field) -> Any:
        """Draw one value of an element."""
        self.left -= 1
        if field.plan is not None:
            return self.aggregate(field.plan)
        if field.element.macro and self._macros:
            return self.draw(values.with_macro(field, self.edition))
        if self._may_clear(field):
            return self.draw(values.cleared(field, self.edition))
        return self.draw(values.plain(field, self.edition))

    def _may_clear(self, field: Field) -> bool:
        if self._add:
            # An empty number in an Add is really blank; left out, QuickBooks takes the next one.
            return field.name == "RefNumber" and not field.required
        element = field.element
        return (
            self._clears
            and not field.required
            and not field.many
            and element.type in values.CLEARABLE
            and element.min_value is None
            and field.name not in _NEVER_CLEARED
            and field.name != "FullName"
        )
