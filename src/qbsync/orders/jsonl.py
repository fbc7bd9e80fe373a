"""JSON lines: a file of order records, one JSON object a line, read as a stream.

One bad line never stops the others: each comes out as a refusal with file, line, path, rule and value.
A byte-order mark is skipped, blank lines are skipped. A key that stands twice in one object is refused, since
one of the two would be lost; a number written as a float, and NaN and Infinity, which are no JSON at all, are
refused by the field that they stand in.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, BinaryIO

from ..errors import InvalidOrderError
from .record import from_record
from .reports import Refusal, Sourced

if TYPE_CHECKING:
    from collections.abc import Iterator
    from os import PathLike

__all__ = ["read_file", "read_lines"]

#: No order is longer than this; a longer line is another kind of file, and would only fill the memory.
_MAX_LINE = 16 * 1024 * 1024
_BOM = b"\xef\xbb\xbf"


def read_file(path: str | PathLike[str]) -> Iterator[Sourced | Refusal]:
    """Read the order records of a file, in order, as a stream.

    Raises:
        OSError: the file cannot be read.
    """
    with open(path, "rb") as stream:  # noqa: PTH123 - text paths of the command line stay as they were given
        yield from read_lines(stream, file=str(path))


def read_lines(stream: BinaryIO, *, file: str | None = None) -> Iterator[Sourced | Refusal]:
    """Read order records from a binary stream, in order.

    Args:
        stream: what is read, to its end.
        file: what it is called in refusals.

    Yields:
        An order with its place, or a refusal.
    """
    line = 0
    while raw := stream.readline(_MAX_LINE + 1):
        line += 1
        whole = len(raw) <= _MAX_LINE or raw.endswith(b"\n")
        if not whole:
            _skip_rest(stream)
        raw = raw.removeprefix(_BOM) if line == 1 else raw
        if raw.strip():
            yield _item(raw, file, line, whole=whole)


def _skip_rest(stream: BinaryIO) -> None:
    while (more := stream.readline(_MAX_LINE)) and not more.endswith(b"\n"):
        pass


def _item(raw: bytes, file: str | None, line: int, *, whole: bool) -> Sourced | Refusal:
    data: object = None
    try:
        data = _decode(raw, whole=whole)
        _refuse_doubles(data)
        return Sourced(order=from_record(data), file=file, line=line)
    except InvalidOrderError as error:
        number, channel = _text_of(data, "number"), _text_of(data, "source")
        digest = hashlib.sha256(raw.strip()).hexdigest()
        return Refusal.of(error, file=file, line=line, number=number, channel=channel, digest=digest)


def _text_of(data: object, name: str) -> str | None:
    """Return what identifies a record that is refused; a source that it does not state is the empty one."""
    if not isinstance(data, dict) or (isinstance(data, _Doubled) and data.key == name):
        return None
    value = data.get(name, "" if name == "source" else None)
    return " ".join(value.split()) if isinstance(value, str) else None


def _decode(raw: bytes, *, whole: bool) -> object:
    if not whole:
        raise InvalidOrderError("", f"a line of at most {_MAX_LINE} bytes", raw[:80].decode(errors="replace"))
    try:
        return json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_Float,
            parse_float=_Float,
            parse_int=_integer,
        )
    except UnicodeDecodeError as exc:
        shown = raw.strip().decode("utf-8", errors="backslashreplace")
        raise InvalidOrderError("", "text in UTF-8", shown) from exc
    except json.JSONDecodeError as exc:
        rule = "one JSON object on the line"
        shown = raw.strip().decode("utf-8")
        reason = f"expected {rule}: {exc.msg} at column {exc.pos + 1}"
        raise InvalidOrderError("", rule, shown, reason) from exc
    except RecursionError as exc:
        raise InvalidOrderError(
            "", "JSON that is not nested so deeply", raw[:80].decode(errors="replace")
        ) from exc


class _Float(float):
    """A float that is shown as it was written."""

    def __new__(cls, text: str) -> _Float:  # noqa: PYI034 - nothing derives from it
        made = super().__new__(cls, text)
        made.text = text
        return made

    text: str

    def __repr__(self) -> str:
        return self.text


class _Doubled(dict[str, object]):
    """An object in which a key stands twice."""

    key: str


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    keys = [key for key, _ in pairs]
    doubled = _Doubled(found)
    doubled.key = next(key for key in keys if keys.count(key) > 1)
    return doubled


def _refuse_doubles(data: object) -> None:
    waiting: list[tuple[str, object]] = [("", data)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, list):
            waiting.extend((f"{path}[{index}]", part) for index, part in enumerate(value))
        elif isinstance(value, dict):
            if isinstance(value, _Doubled):
                where = f"{path}.{value.key}" if path else value.key
                raise InvalidOrderError(where, "each field at most once in an object", value.key)
            waiting.extend((f"{path}.{key}" if path else key, part) for key, part in value.items())


def _integer(digits: str) -> int | str:
    # Python refuses to read integers of thousands of digits; no field has more than a few, so it stays text
    # and is refused by the field that it stands in.
    return int(digits) if len(digits) <= 40 else f"{digits[:40]}…"  # noqa: PLR2004 - see above
