"""How the names of qbXML become names of Python.

One rule for elements, attributes and modules; the names of mixed sequences, which no rule can
guess, stand in the table below.  Used by the generator of the models and by what reads and writes them.
"""

from __future__ import annotations

import keyword
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .catalogue import Choice

__all__ = ["field_name", "mix_name"]

_WORD_AFTER_CAPITALS: Final = re.compile(r"([A-Z]+)([A-Z][a-z])")
_WORD_AFTER_SMALL: Final = re.compile(r"([a-z0-9])([A-Z])")

#: Mixed sequences: how the names of their members end, and what the field is called.
_MIXES: Final = (
    (("Row",), "rows"),
    (("Ret",), "rets"),
    (("Line", "LineAdd", "LineGroupAdd", "GroupLineAdd"), "lines"),
    (("LineMod", "LineGroupMod", "GroupLineMod"), "lines"),
)


@lru_cache(maxsize=8192)
def field_name(name: str) -> str:
    """Return the Python name of an element, attribute or object: ``TxnLineID`` is ``txn_line_id``."""
    split = _WORD_AFTER_CAPITALS.sub(r"\1_\2", name)
    split = _WORD_AFTER_SMALL.sub(r"\1_\2", split).lower()
    return f"{split}_" if keyword.iskeyword(split) else split


def mix_name(choice: Choice) -> str:
    """Return the name of the one field that holds a free mix of several elements.

    Raises:
        KeyError: the mix is of a kind that the hand-kept table does not know.
    """
    members = [branch[0].name for branch in choice.branches if hasattr(branch[0], "name")]
    if all(name.endswith(("LineRet", "LineGroupRet", "GroupLineRet")) for name in members):
        return "lines"
    for endings, field in _MIXES:
        if all(name.endswith(endings) for name in members):
            return field
    raise KeyError(tuple(members))
