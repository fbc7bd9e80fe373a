"""Rules for what was read and has no place in a model: unknown things, odd texts, an odd order.

Asked by ``rules`` about messages that were parsed; see ``kept`` for the record that is judged here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from ..errors import shorten
from .kept import OddText, UnknownElement
from .layout import layout
from .problems import Code

if TYPE_CHECKING:
    from .layout import Layout, Slot
    from .problems import Walk

__all__ = ["check_kept"]

_FIVE: Final = r"[+-]?\d{1,10}(\.\d{1,5})?"
#: The forms that the language takes besides the one that we write; other types have one form only.
_FORMS: Final = {
    name: re.compile(form, re.ASCII)
    for name, form in {
        "BOOLTYPE": "true|false|1|0",
        "INTTYPE": r"[+-]?\d+",
        "FLOATTYPE": r"[+-]?\d{1,20}(\.\d{1,20})?",
        "AMTTYPE": r"[+-]?\d{1,13}(\.\d\d)?",
        "PRICETYPE": _FIVE,
        "QUANTYPE": _FIVE,
        "PERCENTTYPE": _FIVE,
        "TIMEINTERVALTYPE": r"[+-]?PT(\d+H)?(\d+M)?(\d+S)?",
    }.items()
}


def check_kept(walk: Walk, value: Any, path: str, *, since: int = 0) -> frozenset[str]:
    """Note what is wrong with what was kept.

    Args:
        walk: the walk through the message.
        value: the object on which it hangs.
        path: where that stands.
        since: the number of problems that were noted before this object was looked at.

    Returns:
        the names of known elements that stand there but could not be read into their fields.
    """
    kept = value._kept  # noqa: SLF001 - what was kept is the language's, not the user's
    for name, text in kept.attributes:
        walk.report(f"{path}@{name}", Code.UNKNOWN, "an attribute of the language", shorten(text))
    name = type(value).__name__
    told = {problem.path for problem in walk.problems[since:] if problem.code == Code.LEXICAL}
    judge = _Judge(walk, layout("CustomerRef" if name == "Ref" else name), path, told)
    for entry in kept.layout:
        judge.take(entry)
    return frozenset(judge.unread)


class _Judge:
    """Judges the children of one element in document order."""

    def __init__(self, walk: Walk, table: Layout, path: str, told: set[str]) -> None:
        self.walk = walk
        self.table = table
        self.path = path
        #: Where a value is known to be wrong already: of its text that needs no telling too.
        self.told = told
        self.unread: set[str] = set()
        self._last = -1
        self._counts: dict[str, int] = {}

    def take(self, entry: str | UnknownElement | OddText) -> None:
        """Judge one child."""
        if isinstance(entry, UnknownElement) and entry.is_remark:
            return
        name = entry if isinstance(entry, str) else entry.name
        slot = self.table.slots.get(name)
        if slot is None:
            assert isinstance(entry, UnknownElement)
            self._unknown(entry)
            return
        count = self._counts[name] = self._counts.get(name, 0) + 1
        place = f"{self.path}/{name}" + (f"[{count}]" if slot.many else "")
        if count > 1 and not slot.many:
            self.walk.report(place, Code.TOO_MANY, "at most 1", str(count))
            return
        if slot.rank < self._last:
            self.walk.report(place, Code.ORDER, "the order of the language", name)
        self._last = max(self._last, slot.rank)
        if isinstance(entry, UnknownElement):
            self.unread.add(name)
            self._unread(slot, entry, place)
        elif isinstance(entry, OddText):
            self._odd(slot, entry, place)

    def _unknown(self, entry: UnknownElement) -> None:
        if entry.name:
            place = f"{self.path}/{entry.name}"
            self.walk.report(place, Code.UNKNOWN, "an element of the language", entry.name)
        else:
            self.walk.report(self.path, Code.UNKNOWN, "elements alone", f"text {shorten(entry.text.strip())}")

    def _unread(self, slot: Slot, entry: UnknownElement, place: str) -> None:
        """Tell of a known element with a content that means nothing."""
        assert slot.scalar is not None
        if any(isinstance(part, UnknownElement) for part in entry.content):
            self.walk.report(place, Code.UNKNOWN, "text alone", "elements")
        else:
            self.walk.report(place, Code.LEXICAL, slot.scalar.rule, shorten(entry.text))
        self._attributes(slot.name, entry.attributes, place)

    def _odd(self, slot: Slot, entry: OddText, place: str) -> None:
        """Tell of a known element with an unusual text or with attributes."""
        assert slot.scalar is not None
        self._attributes(slot.name, entry.attributes, place)
        form = _FORMS.get(slot.scalar.name)
        if entry.text and form is not None and not form.fullmatch(entry.text) and place not in self.told:
            self.walk.report(place, Code.LEXICAL, slot.scalar.rule, shorten(entry.text))

    def _attributes(self, element: str, attributes: tuple[tuple[str, str], ...], place: str) -> None:
        for name, text in attributes:
            if name == "useMacro":
                self.unread.add(element)
                self.walk.report(place, Code.MACRO, "a value, for no macro is taken here", shorten(text))
            else:
                self.walk.report(
                    f"{place}@{name}", Code.UNKNOWN, "an attribute of the language", shorten(text)
                )
