"""Building, reading, streaming and checking, each beside a plain lxml loop on the same data.

    make bench

The figures depend on the machine, the ratios less so; a ratio over its aim is shown, and fails nothing.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
from baselines import build as build_plainly
from baselines import parse as parse_plainly
from baselines import stream as stream_plainly
from invoices import plain, requests, response

from qbsync.qbxml import build, check, iterparse, parse

if TYPE_CHECKING:
    from conftest import Pairs

#: How many requests go into one document.
SET = 100
MANY = 1000
LARGE = 4000


@pytest.fixture(scope="module")
def messages() -> list[Any]:
    return requests(MANY)


@pytest.fixture(scope="module")
def large() -> bytes:
    return response(LARGE)


def test_build(pairs: Pairs, messages: list[Any]) -> None:
    """Documents of a hundred requests each, all rules checked."""
    contents = [(message.request_id, plain(message.invoice_add)) for message in messages]
    assert parse(build(messages)).messages == parse(build_plainly(contents)).messages == tuple(messages)

    pairs(
        "build, all checks on",
        lambda: [build(messages[n : n + SET]) for n in range(0, MANY, SET)],
        lambda: [build_plainly(contents[n : n + SET]) for n in range(0, MANY, SET)],
        units=MANY,
        most=0.40,
    )


def test_check(pairs: Pairs, messages: list[Any]) -> None:
    """All rules, every problem with its path, beside building a tree that knows no rule."""
    contents = [(message.request_id, plain(message.invoice_add)) for message in messages[:SET]]

    pairs(
        "check alone, every problem with its path",
        lambda: [check(message, version="13.0") for message in messages[:SET]],
        lambda: build_plainly(contents),
        units=SET,
    )


def test_parse(pairs: Pairs, large: bytes) -> None:
    """A whole large response to typed objects."""
    assert len(parse(large).messages[0].invoice_ret) == len(parse_plainly(large)) == LARGE

    pairs("parse, whole", lambda: parse(large), lambda: parse_plainly(large), units=LARGE, most=1.15)


def test_stream(pairs: Pairs, large: bytes) -> None:
    """The same response, one invoice alive at a time."""
    pairs(
        "stream",
        lambda: sum(1 for _ in iterparse(large)),
        lambda: sum(1 for _ in stream_plainly(io.BytesIO(large), "InvoiceRet")),
        units=LARGE,
        most=1.30,
    )


@pytest.mark.parametrize(("count", "times"), [(40, 10), (1, 300)], ids=["page", "one"])
def test_small(pairs: Pairs, count: int, times: int) -> None:
    """Small responses again and again: a page of objects, and one object alone."""
    raw = response(count)

    pairs(
        f"parse, {count} invoice{'s' if count > 1 else ''}",
        lambda: [parse(raw) for _ in range(times)],
        lambda: [parse_plainly(raw) for _ in range(times)],
        units=count * times,
        most=1.20,
    )
