"""The order job: shop orders in, books right.

Orders come from a source (:mod:`.jsonl`, or the host's own :class:`Order` objects), are staged in the store
(:class:`OrderSync`), and are posted by :class:`OrderHandler` while the Web Connector asks for work.
"""

from __future__ import annotations

from .adding_up import Rounding
from .handler import OrderHandler
from .jsonl import read_file, read_lines
from .names import Names
from .order import Address, Customer, Line, Order, Payment
from .reports import Refusal, Remark, Sourced
from .rules import KIND, Posting, Rules
from .sync import OrderSync, StageReport
from .view import OrderState, OrderView, list_orders

__all__ = [
    "KIND",
    "Address",
    "Customer",
    "Line",
    "Names",
    "Order",
    "OrderHandler",
    "OrderState",
    "OrderSync",
    "OrderView",
    "Payment",
    "Posting",
    "Refusal",
    "Remark",
    "Rounding",
    "Rules",
    "Sourced",
    "StageReport",
    "list_orders",
    "read_file",
    "read_lines",
]
