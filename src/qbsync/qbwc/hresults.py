"""The result codes (HRESULT) that come with ``connectionError`` and a failed ``receiveResponseXML``.

Here is how to read one, whatever its form. The one code that proves that nothing was executed has a name.
"""

from __future__ import annotations

import re

__all__ = ["UNPARSABLE", "number", "text"]

#: QuickBooks could not parse the document: nothing of that message set was executed.
UNPARSABLE = 0x80040400

_HEX = re.compile(r"(?:0x)?([0-9a-f]{8})", re.IGNORECASE)


def number(written: str) -> int | None:
    """Return the unsigned 32-bit code that *written* stands for, or ``None`` if it is none.

    Accepts ``0x80040400``, ``80040400`` and the signed or unsigned decimal forms.
    """
    cleaned = written.strip()
    hexadecimal = _HEX.fullmatch(cleaned)
    if hexadecimal:
        return int(hexadecimal[1], 16)
    try:
        return int(cleaned) & 0xFFFFFFFF
    except ValueError:
        return None


def text(written: str) -> str:
    """Return *written* as it is shown to people: ``0x80040400``, or as it came if it is no code."""
    code = number(written)
    return written.strip() if code is None else f"0x{code:08X}"
