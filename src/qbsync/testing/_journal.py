"""Journal entries: debits and credits that add up to nothing.

Facts: the catalogue (``JournalDebitLine``, ``JournalCreditLine``, ``JournalLineMod``); qbXML dossier 5.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ._kinds import kinds, plan
from ._lists import sent_shape
from ._nodes import LINES
from ._refusals import Refusal
from ._values import cents

if TYPE_CHECKING:
    from ._books import Transaction
    from ._context import Context
    from ._nodes import Node

__all__ = ["as_lines", "complete", "stored"]

_DEBIT: Final = "JournalDebitLine"
_CREDIT: Final = "JournalCreditLine"
_CONTROL: Final = ("AccountsReceivable", "AccountsPayable")


def complete(fields: dict[str, Any]) -> int:
    """Check the lines and return the sum of one side in cents.

    Raises:
        Refusal: 3150 a line has an amount and no account, 3180 the sides differ.
    """
    sums = {_DEBIT: 0, _CREDIT: 0}
    for name, line in fields.get(LINES, ()):
        line.setdefault("Amount", "0.00")
        amount = cents(line["Amount"])
        if amount and "AccountRef" not in line:
            raise Refusal(3150, 'The field "AccountRef" is required on a line with an amount.')
        sums[name] += amount
    if sums[_DEBIT] != sums[_CREDIT]:
        raise Refusal(3180, "The journal entry could not be saved: its debits and credits differ.")
    return sums[_DEBIT]


def as_lines(one: Transaction, node: Node) -> Node:
    """Return a ``JournalEntryMod`` with its lines named like those of the entry.

    Raises:
        Refusal: 3150 a new line does not say on which side it stands.
    """
    sides = {line["TxnLineID"]: name for name, line in one.fields.get(LINES, ())}
    changed = {name: value for name, value in node.items() if name != "JournalLineMod"}
    lines = []
    for line in node.get("JournalLineMod", ()):
        given = line.get("JournalLineType")
        side = {"Debit": _DEBIT, "Credit": _CREDIT}.get(str(given)) or sides.get(line["TxnLineID"])
        if side is None:
            raise Refusal(3150, 'The field "JournalLineType" is required on a new line.')
        lines.append((side, line))
    changed["_lines"] = lines if "JournalLineMod" in node else list(one.fields.get(LINES, ()))
    return changed


def stored(context: Context, node: Node) -> list[tuple[str, dict[str, Any]]]:
    """Return the lines that ``as_lines`` named in the form in which they are kept."""
    shapes = {element.name: element.shape for element in kinds()["JournalEntry"].ret.elements()}
    sent = next(
        element.shape
        for element in sent_shape("JournalEntryMod").elements()
        if element.name == "JournalLineMod"
    )
    made = []
    for side, line in node["_lines"]:
        target = shapes[side]
        assert sent is not None
        assert target is not None
        is_stored = (
            "TxnLineID" in line and "ListID" in line.get("AccountRef", {}) and "JournalLineType" not in line
        )
        made.append(
            (
                side,
                dict(line) if is_stored else plan(sent, target).apply(line, context.resolve("JournalEntry")),
            )
        )
    return made
