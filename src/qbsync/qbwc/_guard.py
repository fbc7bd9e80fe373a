"""What a body may hold before a parser sees it: a known encoding, few tags.

A body comes from the internet before anybody has logged in. Text in it costs its own size and no more, but
each tag and attribute costs some hundred bytes of memory, whatever it is worth on the wire: 64 MiB of empty
elements would take gigabytes. A call of the Web Connector has a dozen tags; a payload that somebody did not
escape has thousands. So tags are counted first, which takes one pass at the speed of memory.

Encodings are few and known, because one that hides a ``<`` (UTF-7, EBCDIC) would hide a DOCTYPE.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

from ..errors import ParseError, shorten

__all__ = ["MAX_TAGS", "MAX_TAG_BYTES", "bound_markup", "to_utf8"]

#: Tags outside CDATA: those of an answer of some megabytes that was not escaped, and some 50 MB of memory.
MAX_TAGS: Final = 250_000
#: Bytes of all tags together, which bounds their attributes.
MAX_TAG_BYTES: Final = 4 * 1024 * 1024

#: Encodings in which ASCII stands for itself, so that nothing can hide.
_PLAIN: Final = frozenset({"utf-8", "ascii", "iso8859-1", "iso8859-15", "cp1252"})
_UTF16: Final = frozenset({"utf-16", "utf-16-le", "utf-16-be"})
_UTF32_STARTS: Final = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, b"<\x00\x00", b"\x00\x00\x00<")
_UTF16_STARTS: Final = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_UTF16_BARE: Final = ((b"<\x00", "utf-16-le"), (b"\x00<", "utf-16-be"))

_DECLARATION: Final = re.compile(rb"\A\s*<\?xml\s[^>]{0,200}?\?>")
_DECLARED: Final = re.compile(rb"""\sencoding\s*=\s*["']([^"'>]{1,60})["']""")
_CHARSET: Final = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9._:-]{1,60})""", re.IGNORECASE)

#: A tag with its attributes; ``<`` cannot stand in a value, ``>`` can.
_TAG: Final = re.compile(rb"""<(?:[^<>"']++|"[^"<]*+"|'[^'<]*+')*+>""")
_SKIPPED: Final = ((b"<![CDATA[", b"]]>"), (b"<!--", b"-->"), (b"<?", b"?>"))


def to_utf8(body: bytes, content_type: str = "") -> bytes:
    """Return *body* in an encoding that the parser reads as it stands.

    What the document says of itself counts before the *charset* of *content_type*; UTF-8 is the default.

    Raises:
        ParseError: the encoding is none that a SOAP client uses, or the bytes are not in it.
    """
    if body.startswith(_UTF32_STARTS):
        raise ParseError("encoding: expected UTF-8 or UTF-16, got UTF-32")
    for start, encoding in _UTF16_STARTS + _UTF16_BARE:
        if body.startswith(start):
            return _transcoded(body, encoding)
    declaration = _DECLARATION.match(body)
    declared = _DECLARED.search(declaration[0]) if declaration else None
    if declared is not None:
        encoding = _known(declared[1].decode("ascii", "replace"))
        # .NET labels what was text in memory UTF-16, whatever it is sent in.
        return _DECLARATION.sub(b"", body, count=1) if encoding in _UTF16 else body
    charset = _CHARSET.search(content_type)
    encoding = _known(charset[1]) if charset else "utf-8"
    return body if encoding in {"utf-8"} | _UTF16 else _transcoded(body, encoding)


def _known(name: str) -> str:
    """Return Python's name of the encoding *name*.

    Raises:
        ParseError: it is not one of the few that are taken.
    """
    try:
        encoding = codecs.lookup(name).name
    except (LookupError, ValueError):
        encoding = ""
    if encoding not in _PLAIN | _UTF16:
        raise ParseError(f"encoding: expected UTF-8, UTF-16 or Windows-1252, got {shorten(name)}")
    return encoding


def _transcoded(body: bytes, encoding: str) -> bytes:
    """Return *body* as UTF-8 without its declaration."""
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as error:
        raise ParseError(f"encoding: expected {encoding}, got other bytes at {error.start}") from error
    return _DECLARATION.sub(b"", text.removeprefix("\ufeff").encode("utf-8", "replace"), count=1)


def bound_markup(body: bytes) -> None:
    """Refuse a body with more tags, or longer ones, than any call has.

    Raises:
        ParseError: there are more than ``MAX_TAGS`` tags outside CDATA, or more than ``MAX_TAG_BYTES``.
    """
    place = tags = size = 0
    while (place := body.find(b"<", place)) != -1:
        skipped = next((end for start, end in _SKIPPED if body.startswith(start, place)), None)
        if skipped is None:
            tag = _TAG.match(body, place, place + MAX_TAG_BYTES + 1)
            end = min(len(body), place + MAX_TAG_BYTES + 1) if tag is None else tag.end()
            size += end - place
        else:
            end = body.find(skipped, place)
        tags += 1
        if tags > MAX_TAGS or size > MAX_TAG_BYTES:
            raise ParseError(f"body: expected at most {MAX_TAGS} tags of {MAX_TAG_BYTES} bytes, got more")
        if end == -1:  # never closed: the parser stops here too, and says so
            return
        place = end
