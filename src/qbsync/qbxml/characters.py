"""Characters: what qbXML and QuickBooks can hold, and what can be done about the rest.

QuickBooks keeps its text in Windows-1252.  What that lacks comes out garbled, so a request that holds
it is refused, unless the caller changed the text before, by a way it chose.  What XML 1.0 forbids
(controls, lone surrogates, U+FFFE and U+FFFF) kills a whole document and is refused always.
"""

# ruff: noqa: RUF001 - the table below is about characters that look alike

from __future__ import annotations

import re
import unicodedata
from typing import Final

from ..errors import InvalidValueError

__all__ = [
    "cp1252_gaps",
    "encodable",
    "escape",
    "escape_attribute",
    "forbidden",
    "refuse_forbidden",
    "replace",
    "transliterate",
]

#: Controls but tab, line feed and carriage return; the C1 controls and DEL are controls too.
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
#: What no XML 1.0 document can hold in any way.
_IMPOSSIBLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

#: Letters and signs that do not come apart into a letter and a mark.
_HAND: Final = {
    "đ": "d", "Đ": "D", "ħ": "h", "Ħ": "H", "ı": "i", "ĸ": "k", "ł": "l", "Ł": "L", "ŋ": "ng", "Ŋ": "Ng",
    "ø": "o", "Ø": "O", "œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss", "ẞ": "SS", "þ": "th",
    "Þ": "Th", "ð": "d", "Ð": "D", "ŧ": "t", "Ŧ": "T", "ə": "e", "Ə": "E", "ƒ": "f",
    "‐": "-", "‑": "-", "‒": "-", "―": "-", "−": "-", "‛": "'", "′": "'", "″": '"', "⁄": "/", "∕": "/",
    "\u2028": "\n", "\u2029": "\n", "\u200b": "", "\u200c": "", "\u200d": "", "\u2060": "", "\ufeff": "",
}  # fmt: skip


def forbidden(text: str) -> tuple[str, ...]:
    """Return the different characters of *text* that no qbXML may hold, in order of appearance."""
    return tuple(dict.fromkeys(_FORBIDDEN.findall(text)))


def cp1252_gaps(text: str) -> tuple[str, ...]:
    """Return the different characters of *text* that Windows-1252 lacks, in order of appearance.

    Source: QuickBooks stores Windows-1252 text.
    """
    if text.isascii():
        return ()
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return tuple(character for character in dict.fromkeys(text) if not _in_cp1252(character))
    return ()


def encodable(text: str) -> bool:
    """Return whether QuickBooks can hold *text* as it is."""
    return not _FORBIDDEN.search(text) and not cp1252_gaps(text)


def _in_cp1252(character: str) -> bool:
    try:
        character.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def transliterate(text: str) -> str:
    """Return *text* with each character that Windows-1252 lacks replaced by the nearest that it has.

    Letters lose their marks (``ş`` gives ``s``), letters that do not come apart are taken from a small
    table (``ł`` gives ``l``), compatibility forms are unfolded.  What has no neighbour becomes ``?``.
    What Windows-1252 holds stays as it is, forbidden characters go.
    """
    composed = _FORBIDDEN.sub("", unicodedata.normalize("NFC", text))
    if not cp1252_gaps(composed):
        return composed
    return "".join(c if _in_cp1252(c) else _nearest(c) for c in composed)


def replace(text: str, mark: str = "?") -> str:
    """Return *text* with each character that QuickBooks cannot hold replaced by *mark*."""
    if encodable(text):
        return text
    return "".join(c if _in_cp1252(c) and not _FORBIDDEN.match(c) else mark for c in text)


def _nearest(character: str) -> str:
    """Return what stands for one character that Windows-1252 lacks."""
    if character in _HAND:
        return _HAND[character]
    if unicodedata.combining(character):
        return ""
    parts = unicodedata.normalize("NFKD", character)
    found = "".join(
        part if _in_cp1252(part) else _HAND.get(part, "") for part in parts if not unicodedata.combining(part)
    )
    return found or "?"


def escape(text: str) -> str:
    """Return *text* as it stands between tags; the document is made ASCII as a whole later."""
    if "&" in text:
        text = text.replace("&", "&amp;")
    if "<" in text:
        text = text.replace("<", "&lt;")
    if ">" in text:
        text = text.replace(">", "&gt;")
    if "\r" in text:
        text = text.replace("\r", "&#13;")
    return text


def escape_attribute(text: str) -> str:
    """Return *text* as it stands between the quotes of an attribute."""
    return escape(text).replace('"', "&quot;").replace("\t", "&#9;").replace("\n", "&#10;")


def refuse_forbidden(text: str, path: str = "") -> None:
    """Refuse a text that no XML document can hold.

    Raises:
        InvalidValueError: *text* holds a control character, a lone surrogate, U+FFFE or U+FFFF.
    """
    if _IMPOSSIBLE.search(text):
        raise InvalidValueError(path, "characters that XML can hold", text)
