"""A hundred times the work takes a hundred times as long, and no more.

Here a ratio is the cost of an invoice among many to that of an invoice among a thousand.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import attrs
from invoices import requests, response

from qbsync.qbxml import build, iterparse, parse

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from conftest import Pairs

FEW = 1000
#: The small work is done so often, so that both take long enough to be measured.
AGAIN = 5
AIM = 1.10


class Repeated(io.RawIOBase):
    """A response that holds the same thousand invoices again and again, made while it is read."""

    def __init__(self, raw: bytes, times: int) -> None:
        super().__init__()
        first, last = raw.index(b"<InvoiceRet>"), raw.rindex(b"</InvoiceQueryRs>")
        self._parts = iter([raw[:first], *([raw[first:last]] * times), raw[last:]])
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        """Return at most *size* bytes."""
        if not self._rest:
            self._rest = next(self._parts, b"")
        piece, self._rest = self._rest[:size], self._rest[size:]
        return piece


def grows(pairs: Pairs, name: str, few: Callable[[], object], many: Callable[[], object], times: int) -> None:
    """Measure *many*, which is *times* thousand invoices, beside *few*, which is AGAIN times one thousand."""
    ratio = pairs(
        f"{name}, {times * FEW:,} invoices against {FEW:,}",
        many,
        few,
        units=times * FEW,
        most=AIM * times / AGAIN,
    )
    print(f"{name}: an invoice among {times * FEW:,} costs {ratio * AGAIN / times:.3f} of one among {FEW:,}")


def test_build(pairs: Pairs, capsys: pytest.CaptureFixture[str]) -> None:
    """One document of a hundred thousand requests against documents of a thousand."""
    messages: list[Any] = [attrs.evolve(message, request_id=None) for message in requests(10 * FEW)]
    parts = [messages[number * FEW : (number + 1) * FEW] for number in range(AGAIN)]
    with capsys.disabled():
        grows(pairs, "build", lambda: [build(part) for part in parts], lambda: build(messages * 10), 100)


def test_stream(pairs: Pairs, capsys: pytest.CaptureFixture[str]) -> None:
    """A stream of a hundred thousand invoices against streams of a thousand."""
    raw = response(FEW)

    def stream(times: int) -> int:
        return sum(1 for _ in iterparse(Repeated(raw, times)))

    with capsys.disabled():
        grows(pairs, "stream", lambda: [stream(1) for _ in range(AGAIN)], lambda: stream(100), 100)


def test_parse(pairs: Pairs, capsys: pytest.CaptureFixture[str]) -> None:
    """A whole response of twenty thousand invoices against responses of a thousand."""
    raw = response(FEW)
    large = Repeated(raw, 20).readall()
    with capsys.disabled():
        grows(pairs, "parse", lambda: [parse(raw) for _ in range(AGAIN)], lambda: parse(large), 20)
