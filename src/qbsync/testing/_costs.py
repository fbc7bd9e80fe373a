"""What QuickBooks' work costs in simulated time.

Here: ``Costs``, the figures of one company, and ``Pace``, which turns requests into milliseconds with noise,
slow spells and freezes from a seed.
Not here: the clock itself (``_books``).
Facts: the cost profile ``seed`` of the project's design; qbXML dossier 1.3 and 9 (environment) for what
slows a real QuickBooks. All figures are a model.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, Final

import attrs

from ..errors import UsageError
from ._queries import keys

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ._nodes import Node, Request

__all__ = ["OFFICE", "SEED", "Costs", "Pace"]

_THOUSAND: Final = 1000


@attrs.frozen(kw_only=True)
class Costs:
    """Seconds of simulated time, unless a field says otherwise."""

    #: One document, whatever is in it.
    round_trip: float = 1.0
    #: One request that is no query.
    write: float = 0.1
    #: One query.
    query: float = 0.02
    #: Each object that a query names one by one.
    key: float = 0.001
    #: Each line of a transaction that is written.
    line: float = 0.0
    #: Each object in the answer of a query.
    row: float = 0.0
    #: One request, per thousand objects in the company file.
    size: float = 0.0
    #: Single types of requests, by their name without ``Rq``, instead of *write* or *query*.
    by_type: dict[str, float] = attrs.field(factory=dict)
    #: How much each document varies: 0.2 makes it take 80 % to 120 %.
    noise: float = 0.0
    #: How likely a document starts a slow spell.
    spell_chance: float = 0.0
    #: How many times slower QuickBooks is in a slow spell.
    spell_factor: float = 5.0
    #: How many documents a slow spell lasts.
    spell_documents: int = 10
    #: How likely QuickBooks freezes in a document.
    freeze_chance: float = 0.0
    #: How long a freeze lasts.
    freeze: float = 90.0
    #: The same seed, the same noise, spells and freezes.
    seed: int = 0

    def __attrs_post_init__(self) -> None:
        """Refuse figures that cannot be.

        Raises:
            UsageError: a figure is negative, or a share is above 1.
        """
        for field in attrs.fields(Costs):
            value = getattr(self, field.name)
            shares = {"noise", "spell_chance", "freeze_chance"}
            if isinstance(value, int | float) and (value < 0 or (field.name in shares and value > 1)):
                rule = "0 to 1" if field.name in shares else "0 or more"
                raise UsageError(f"{field.name}: expected {rule}, got {value!r}")


#: The profile of the demo: exact, without noise, whatever the size.
SEED: Final = Costs()
#: An office computer: lines and size count, it is uneven, and now and then it is slow or hangs.
OFFICE: Final = Costs(
    round_trip=0.8,
    write=0.18,
    query=0.05,
    key=0.004,
    line=0.02,
    row=0.003,
    size=0.002,
    by_type={"PreferencesQuery": 0.3, "GeneralDetailReportQuery": 4.0, "GeneralSummaryReportQuery": 2.0},
    noise=0.25,
    spell_chance=0.01,
    freeze_chance=0.001,
)


class Pace:
    """How fast one company works, document after document; its state is how many there were."""

    def __init__(self, costs: Costs) -> None:
        self.costs = costs
        self._documents = 0
        self._slow = 0
        self._factor = 1.0

    def begin(self) -> int:
        """Begin a document and return what it costs before its first request, in milliseconds."""
        costs = self.costs
        self._documents += 1
        chance = random.Random(f"{costs.seed} {self._documents}")  # noqa: S311 - a model, no secret
        self._factor = 1 + costs.noise * (2 * chance.random() - 1)
        if not self._slow and chance.random() < costs.spell_chance:
            self._slow = costs.spell_documents
        if self._slow:
            self._slow -= 1
            self._factor *= costs.spell_factor
        frozen = costs.freeze if chance.random() < costs.freeze_chance else 0
        return round((costs.round_trip * self._factor + frozen) * _THOUSAND)

    def request(self, request: Request, objects: int) -> int:
        """Return what one request costs before its answer is known, in milliseconds."""
        costs = self.costs
        is_query = request.name.endswith("Query")
        seconds = costs.by_type.get(request.name, costs.query if is_query else costs.write)
        if is_query:
            seconds += costs.key * keys(request.node)
        elif costs.line:
            seconds += costs.line * _lines(request.node)
        seconds += costs.size * objects / _THOUSAND
        return round(seconds * self._factor * _THOUSAND)

    def rows(self, count: int) -> int:
        """Return what it costs to give back *count* objects, in milliseconds."""
        return round(self.costs.row * count * self._factor * _THOUSAND)

    def to_data(self) -> Any:
        """Return the state as what JSON can hold."""
        return [attrs.asdict(self.costs), self._documents, self._slow]

    @classmethod
    def from_data(cls, data: Any) -> Pace:
        """Return the pace that ``to_data`` described."""
        costs, documents, slow = data
        pace = cls(Costs(**costs))
        pace._documents, pace._slow = documents, slow
        return pace


def _lines(node: Mapping[str, Any]) -> int:
    """Return how many lines and other repeated parts stand in the first aggregate of a request."""
    inner: Node = next((value for value in node.values() if isinstance(value, dict)), {})
    return sum(len(value) for value in inner.values() if isinstance(value, list))
