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
        (b'{"lines": [{"sku": "A"}, {"sku": "A", "sku": "B"}]}', "lines[1].sku", None),
        (b'{"total": NaN}', "total", None),
        (b'{"attributes": 1}', "attributes", "a known field"),
        (b"-Infinity", "", "a JSON object"),
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


@pytest.mark.parametrize("written", ["1e2", "1.50", "NaN", "-Infinity", "-1E400"])
def test_a_float_is_shown_as_it_was_written(written):
    """The refusal shows what the file says, not what a float made of it."""
    (found,) = read(GOOD.replace(b'"total": "15.00"', b'"total": ' + written.encode()))
    assert (found.path, found.value, found.number) == ("total", written, "1001")


@pytest.mark.parametrize(
    ("written", "taken"), [("1e2", True), ("1.50", True), ("NaN", False), ("1E400", False)]
)
def test_attributes_hold_any_json_number(written, taken):
    """``attributes`` is free, but what is no JSON number is refused there too."""
    attributes = b'"lines": [{"attributes": {"weight": ' + written.encode() + b"}, "
    (found,) = read(GOOD.replace(b'"lines": [{', attributes, 1))
    assert isinstance(found, Sourced if taken else Refusal)
    assert taken or found.path == "lines[0].attributes"


def test_what_is_refused_keeps_its_identity():
    """Where a record can be read its number is known, and no source is the empty one; else neither is."""
    unnamed = json.dumps(record(source=..., total=1.5)).encode()
    double = b'{"number": "1", "source": "web", "date": "2026-01-01", "date": "2026-01-01"}'
    found = [(one.number, one.channel) for one in read(unnamed + b"\n" + double + b"\n[]\n{")]
    assert found == [("1001", ""), ("1", "web"), (None, None), (None, None)]
    (found,) = read(b'{"number": "1", "number": "2"}')
    assert found.number is None


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
