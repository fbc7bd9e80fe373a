"""What goes out next, and when all of it will be done: pure functions.

Facts in, choices out: no store, no clock, no XML parser, no randomness. Three things are decided here:

- :func:`plan` chooses the next batch from candidates, budgets and what was measured;
- :class:`CostModel` learns from each answer what QuickBooks' work costs in this company;
- :func:`forecast` says how much time is left, with a range and the reason.

:func:`may_send` tells whether a company's windows let anything go out now, and if not, when.
"""

from __future__ import annotations

from ._batch import Budgets, Candidate, Chosen, fitting, jobs_in_reply, plan, within
from ._costs import CostModel
from ._forecast import Ahead, Forecast, ahead, duration, forecast
from ._load import Load, measure
from ._windows import Permit, Window, may_send

__all__ = [
    "Ahead",
    "Budgets",
    "Candidate",
    "Chosen",
    "CostModel",
    "Forecast",
    "Load",
    "Permit",
    "Window",
    "ahead",
    "duration",
    "fitting",
    "forecast",
    "jobs_in_reply",
    "may_send",
    "measure",
    "plan",
    "within",
]
