"""A hundred times the work takes a hundred times as long, and no more.

Here a ratio is the cost of an invoice among many to that of an invoice among a thousand.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from invoices import requests, response

from qbsync.qbxml import build, iterparse, parse

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from conftest import Pairs

FEW = 1000
#: The small work is done so often that both take long enough to be measured.
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


def grows(pairs: Pairs, name: str, work: Callable[[int], object], times: int) -> None:
    """Measure *work* on *times* thousand invoices beside the same on one thousand."""
    ratio = pairs(
        f"{name}, {times * FEW:,} invoices against {FEW:,}",
        lambda: work(times),
        lambda: [work(1) for _ in range(AGAIN)],
        units=times * FEW,
        most=AIM * times / AGAIN,
    )
    print(f"{name}: an invoice among {times * FEW:,} costs {ratio * AGAIN / times:.3f} of one among {FEW:,}")


def test_build(pairs: Pairs, capsys: pytest.CaptureFixture[str]) -> None:
    """One document of ten thousand requests; a hundred of them are a hundred thousand invoices."""
    messages: list[Any] = requests(10 * FEW)
    with capsys.disabled():
        grows(pairs, "build", lambda times: build(messages[: times * FEW]), 10)


def test_stream(pairs: Pairs, capsys: pytest.CaptureFixture[str]) -> None:
    """A stream of a hundred thousand invoices."""
    raw = response(FEW)
    with capsys.disabled():
        grows(pairs, "stream", lambda times: sum(1 for _ in iterparse(Repeated(raw, times))), 100)


def test_parse(pairs: Pairs, capsys: pytest.CaptureFixture[str]) -> None:
    """A whole response of twenty thousand invoices."""
    raw = response(FEW)
    documents = {times: Repeated(raw, times).readall() for times in (1, 20)}
    with capsys.disabled():
        grows(pairs, "parse", lambda times: parse(documents[times]), 20)
