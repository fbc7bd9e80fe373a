"""What a request has at hand while it runs, and what comes of it.

Here: the context of one message set, the answer to one request, macros.
Facts: qbXML dossier 1.2, 6.2, 6.4.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

import attrs

from ._nodes import Macro
from ._refusals import Refusal

if TYPE_CHECKING:
    from ._books import Books, ListObject, Transaction
    from ._switches import Switches

__all__ = ["OK", "Answer", "Context", "OpenIterator", "exactly"]

OK = "Status OK"
_CENT = Decimal("0.01")
#: The first amount that has too many digits.
_TOO_MUCH = Decimal(10**13)
_MODES = {"half_even": ROUND_HALF_EVEN, "half_up": ROUND_HALF_UP}


@attrs.define
class OpenIterator:
    """An iterator that a query left open."""

    query: str
    rest: list[Any]
    #: When it was last used, in milliseconds of the company's clock.
    used: int = 0


@attrs.define
class Answer:
    """What comes of one request."""

    code: int = 0
    message: str = OK
    #: The lines inside the response element.
    body: list[str] = attrs.field(factory=list)
    #: Attributes beyond the status.
    attributes: dict[str, str] = attrs.field(factory=dict)
    #: What recovery remembers: ListID or TxnID, TxnNumber, EditSequence, ExternalGUID.
    ids: dict[str, str] = attrs.field(factory=dict)
    #: How many objects a query gives back.
    rows: int = 0


@attrs.define
class Context:
    """One message set while it runs."""

    books: Books
    switches: Switches
    version: str
    edition: str
    iterators: dict[str, OpenIterator]
    #: The iterator counter of the session, as a list of one number so that it outlives the set.
    serial: list[int]
    #: IDs of objects that somebody holds open.
    in_use: frozenset[str] = frozenset()
    macros: dict[str, str] = attrs.field(factory=dict)

    def define(self, macro: str | None, value: str) -> None:
        """Remember what a ``defMacro`` stands for."""
        if macro is not None:
            self.macros[macro] = value

    def check_macro(self, macro: str | None) -> None:
        """Refuse a macro that is ill-formed or defined twice (9100 to 9199)."""
        if macro is None:
            return
        kind, colon, name = macro.partition(":")
        if kind not in {"TxnID", "TxnLineID"} or not colon or not name:
            raise Refusal(9102, f'The macro "{macro}" is not of the form TxnID:name.')
        if macro in self.macros:
            raise Refusal(9101, f'The macro "{macro}" is defined twice.')

    def value(self, text: str) -> str:
        """Return an ID, also when a macro stands in its place."""
        if not isinstance(text, Macro):
            return text
        if text not in self.macros:
            raise Refusal(9100, f'The macro "{text}" is not defined.')
        return self.macros[text]

    def round(self, value: Decimal) -> int:
        """Round money to whole cents, as this company does.

        Raises:
            Refusal: 3040 it has more than thirteen digits before the point.
        """
        if abs(value) >= _TOO_MUCH:
            raise Refusal(3040, "A computed amount has more than thirteen digits.")
        return int(value.quantize(_CENT, rounding=_MODES[self.switches.rounding]).scaleb(2))

    def rate(self, value: Decimal) -> Decimal:
        """Round a computed rate, as this company does."""
        step = Decimal(1).scaleb(-self.switches.rate_decimals)
        return value.quantize(step, rounding=_MODES[self.switches.rate_rounding])

    def transaction(self, field: str, text: str, kinds: tuple[str, ...]) -> Transaction:
        """Return the transaction that an ID or macro names.

        Raises:
            Refusal: 3120 it is not there, 3000 it is of another kind.
        """
        found = self.books.transactions.get(self.value(text))
        if found is None:
            raise Refusal(3120, f'The object "{text}" that the field "{field}" names cannot be found.')
        if kinds and found.kind not in kinds:
            raise Refusal(3000, f'The object ID "{text}" in the field "{field}" is of a {found.kind}.')
        return found

    def resolve(self, owner: str) -> Any:
        """Return the function that turns references of an *owner* into what is stored."""

        def stored(reference: str, node: dict[str, str]) -> dict[str, str] | None:
            entry = self.entry(reference, node, owner)
            return None if entry is None else entry.ref

        return stored

    def entry(self, reference: str, node: dict[str, str], owner: str) -> ListObject | None:
        """Return what a reference points to; see ``Books.resolve``."""
        entry = self.books.resolve(reference, node, owner)
        if entry is not None and not entry.is_active and self.switches.refuses_inactive_references:
            raise Refusal(
                3140, f'The field "{reference}" refers to "{entry.full_name}", which is not active.'
            )
        return entry


def exactly(value: Decimal) -> str:
    """Return a number without an exponent and without zeros at its end."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
