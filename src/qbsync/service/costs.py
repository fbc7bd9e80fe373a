"""What QuickBooks' work costs in a company, as it is learned from answers and kept in one record.

Kind ``costs``, key ``model``: a :class:`qbsync.planner.CostModel`. It is read when it is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from ..planner import CostModel, Load
from ..store import Record

if TYPE_CHECKING:
    from ..store import Transaction
    from .batches import Batch

__all__ = ["COSTS", "MODEL", "MeasuredCosts"]

COSTS, MODEL = "costs", "model"


class MeasuredCosts:
    """The costs of one company, within one transaction.

    Args:
        record: the stored model; ``None`` when there is none yet.
        company: the company.
    """

    def __init__(self, company: str, record: Record | None) -> None:
        self._record = record or Record(company=company, kind=COSTS, key=MODEL)
        #: What was learned.
        self.model = CostModel() if record is None else CostModel.from_json(record.value)
        self._before = self.model

    @classmethod
    def load(cls, t: Transaction, company: str) -> MeasuredCosts:
        """Read what was learned about *company*."""
        return cls(company, t.records.get(company, COSTS, MODEL))

    def learn(self, batch: Batch, seconds: float, *, budget: float) -> None:
        """Learn from the answer to *batch*, which came after so many seconds."""
        load = batch.details.get("load")
        if load is not None:
            self.model = self.model.learn(Load.from_list(load), seconds, budget=budget)

    def served(self, jobs: int, seconds: float) -> None:
        """Learn how long our own side took over one reply, for so many jobs."""
        self.model = self.model.served(jobs=jobs, seconds=seconds)

    def save(self, t: Transaction) -> None:
        """Write it, if something was learned."""
        if self.model is not self._before:
            self._record = t.records.put(evolve(self._record, value=self.model.to_json().encode()))
            self._before = self.model
