"""Making text fit: what becomes of names and texts that QuickBooks cannot hold.

QuickBooks keeps Windows-1252 text, limits every field, and takes no ``:`` in the name of a list object, where
it separates a parent from its child. Under the policy ``fit`` a text is transliterated and then cut, with
:data:`MARK` at its end; under ``refuse`` the order is refused. Which field has which limit is said in
:mod:`.fitting`.
"""

from __future__ import annotations

import enum
import re
import textwrap

from attrs import frozen

from ..qbxml.characters import encodable, transliterate

__all__ = ["MARK", "Fit", "Names", "cut", "fit_name", "fit_text", "fold", "same", "wrap"]

#: Stands at the end of what was cut. One character, and in ASCII, so that it is the same everywhere.
MARK = "~"
_SPACES = re.compile(r"\s+")


class Names(enum.StrEnum):
    """What to do with text that QuickBooks cannot hold."""

    #: Transliterate, cut with a mark, and report.
    FIT = "fit"
    #: Refuse the order.
    REFUSE = "refuse"


@frozen
class Fit:
    """A text that fits, and the rules because of which it was altered."""

    text: str
    rules: tuple[str, ...] = ()
    #: Whether a character had no neighbour in Windows-1252 and was replaced by ``?``.
    lossy: bool = False

    @property
    def rule(self) -> str:
        """All rules in one text; empty when nothing was altered."""
        return ", ".join(self.rules)


def fold(text: str) -> str:
    """Return *text* without spaces around it and with single spaces inside."""
    return _SPACES.sub(" ", text).strip()


def same(text: str) -> str:
    """Return what two names have in common that QuickBooks takes for the same: folded and casefolded."""
    return fold(text).casefold()


def cut(text: str, limit: int) -> str:
    """Return *text*, or its beginning and :data:`MARK`, in at most *limit* (≥ 1) characters."""
    if len(text) <= limit:
        return text
    return text[: limit - 1].rstrip() + MARK


def fit_name(text: str, limit: int) -> Fit:
    """Return a name for a list object: one line, without ``:``, at most *limit* characters."""
    folded = fold(text)
    rules: list[str] = []
    fitted = fold(_spelt(folded, rules))
    if ":" in fitted:
        rules.append("no ':' in a name")
        fitted = fold(fitted.replace(":", "-"))
    return _cut(folded, fitted, limit, rules)


def fit_text(text: str, limit: int, *, lines: bool = False) -> Fit:
    """Return a text of at most *limit* characters: one line, or with *lines* as many as it has."""
    trimmed = text.replace("\r\n", "\n").replace("\r", "\n").strip() if lines else fold(text)
    rules: list[str] = []
    return _cut(trimmed, _spelt(trimmed, rules), limit, rules)


def _spelt(text: str, rules: list[str]) -> str:
    if encodable(text):
        return text
    rules.append("characters of Windows-1252")
    return transliterate(text)


def _cut(original: str, fitted: str, limit: int, rules: list[str]) -> Fit:
    if len(fitted) > limit:
        rules.append(f"at most {limit} characters")
    lossy = fitted.count("?") > original.count("?")
    return Fit(cut(fitted, limit), tuple(rules), lossy=lossy)


def wrap(text: str, width: int) -> list[str]:
    """Break *text* at spaces into lines of at most *width* characters; a longer word is broken too.

    Nothing is lost but the spaces at which it was broken; the parts, joined, give the folded text again.
    """
    return textwrap.wrap(
        fold(text), width, break_long_words=True, break_on_hyphens=False, replace_whitespace=False
    )
