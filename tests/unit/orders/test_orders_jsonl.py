"""JSON lines of orders: every bad line is refused with its place, every other goes through."""

from __future__ import annotations

import io
import json

import pytest
from orders_support import record

from qbsync.orders import Refusal, Sourced, jsonl, read_file, read_lines


def read(data):
    return list(read_lines(io.BytesIO(data), file="orders.jsonl"))


GOOD = json.dumps(record()).encode()


def test_orders_come_with_their_place():
    """Lines count from 1, blank ones are skipped but count, a byte-order mark and CRLF are taken."""
    first, second = read(b"\xef\xbb\xbf" + GOOD + b"\r\n\n  \n" + GOOD)
    assert isinstance(first, Sourced)
    assert (first.file, first.line, second.line) == ("orders.jsonl", 1, 4)


def test_nothing_in_nothing_out():
    """An empty file holds no orders and no errors."""
    assert read(b"") == []
    assert read(b"\n\n") == []


@pytest.mark.parametrize(
    ("line", "path", "rule"),
    [
        (b'{"number": "1", ', "", "one JSON object on the line"),
        (b"[1]", "", "a JSON object"),
        (b'{"number": "caf\xe9"}', "", "text in UTF-8"),
        (b'{"number": "1", "number": "2"}', "number", "each field at most once in an object"),
        (b'{"total": NaN}', "", "JSON numbers (NaN and Infinity are none)"),
        (b'{"total": ' + b"9" * 5000 + b"}", "total", None),
        (b"[" * 100_000, "", None),
        (b'{"number": "1", "colour": 1}', "colour", "a known field"),
    ],
)
def test_a_bad_line_is_refused_and_the_others_go_through(line, path, rule):
    """One refusal with file, line, path, rule and value; the lines around it are orders."""
    before, found, after = read(GOOD + b"\n" + line + b"\n" + GOOD + b"\n")
    assert isinstance(before, Sourced)
    assert isinstance(after, Sourced)
    assert isinstance(found, Refusal)
    assert (found.file, found.line, found.path) == ("orders.jsonl", 2, path)
    assert rule is None or found.rule == rule
    assert found.value is not None
    assert len(found.value) <= 200
    assert found.reason.startswith("orders.jsonl:2: ")


def test_a_refusal_names_the_order_where_it_can():
    """A broken order still has a number and a channel if they can be read."""
    data = json.dumps(record(total=1.5)).encode()
    (found,) = read(data)
    assert (found.number, found.channel, found.path) == ("1001", "shop", "total")


def test_floats_keep_their_place():
    """A JSON float is refused by the field that it stands in; whole numbers are taken."""
    lines = [{"sku": "A", "quantity": 2, "unit_price": 7.5}]
    (found,) = read(json.dumps(record(lines=lines, total=...)).encode())
    assert found.path == "lines[0].unit_price"
    assert found.value == "7.5"


def test_a_line_that_never_ends_fills_no_memory(monkeypatch):
    """A longer line than any order is refused, and the next line is read."""
    monkeypatch.setattr(jsonl, "_MAX_LINE", 2000)
    first, second, third = read(b"x" * 9001 + b"\n" + GOOD + b"\n" + b"y" * 3000)
    assert "at most 2000 bytes" in first.rule
    assert isinstance(second, Sourced)
    assert isinstance(third, Refusal)


def test_a_file_is_read_by_its_path(tmp_path):
    """The file's name stands in refusals as it was given; a missing file is the caller's error."""
    path = tmp_path / "o.jsonl"
    path.write_bytes(b"{}\n")
    (found,) = read_file(path)
    assert found.file == str(path)
    with pytest.raises(OSError, match="nothing"):
        list(read_file(tmp_path / "nothing"))


def test_the_same_broken_line_has_the_same_digest():
    """What was refused is recognised when it comes again, wherever it stands."""
    one, other, third = read(b"{broken\n\n {broken \n{other")
    assert one.digest == other.digest != third.digest
