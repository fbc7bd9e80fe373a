"""What a batch asks of QuickBooks, in the numbers that its cost depends on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["Load", "measure"]

_LINE = re.compile(r"</\w+Line(?:Add|Mod)>")
_KEY = re.compile(r"</(?:ListID|FullName|TxnID|RefNumber|RefNumberCaseSensitive)>")


@frozen(kw_only=True)
class Load:
    """What a batch, or a job, or a whole queue asks of QuickBooks.

    Counts may be fractions: a typical job has 0.4 customers.
    """

    #: How many requests, by name, e.g. ``{"InvoiceAddRq": 12}``.
    requests: Mapping[str, float] = field(factory=dict)
    #: Keys in list queries (``FullName``, ``RefNumber`` …).
    keys: float = 0
    #: Lines of transactions.
    lines: float = 0
    #: Bytes of the document.
    size: float = 0
    #: Jobs that it is for: sent, or looked up.
    jobs: float = 0

    @property
    def total(self) -> float:
        """The number of requests."""
        return sum(self.requests.values())

    @property
    def reads(self) -> bool:
        """Whether it only asks."""
        return all(name.endswith("QueryRq") for name in self.requests)

    def __add__(self, other: Load) -> Load:
        requests = dict(self.requests)
        for name, count in other.requests.items():
            requests[name] = requests.get(name, 0) + count
        return Load(
            requests=requests,
            keys=self.keys + other.keys,
            lines=self.lines + other.lines,
            size=self.size + other.size,
            jobs=self.jobs + other.jobs,
        )

    def times(self, factor: float) -> Load:
        """Return *factor* times as much."""
        return Load(
            requests={name: count * factor for name, count in self.requests.items()},
            keys=self.keys * factor,
            lines=self.lines * factor,
            size=self.size * factor,
            jobs=self.jobs * factor,
        )

    @classmethod
    def sum(cls, loads: Iterable[Load]) -> Load:
        """Return all *loads* together."""
        return sum(loads, start=cls())

    def to_list(self) -> list[Any]:
        """Return the stored form: JSON values."""
        return [dict(self.requests), self.keys, self.lines, self.size, self.jobs]

    @classmethod
    def from_list(cls, stored: Sequence[Any]) -> Load:
        """Read the stored form back."""
        requests, keys, lines, size, jobs = stored
        return cls(requests=requests, keys=keys, lines=lines, size=size, jobs=jobs)


def measure(parts: Iterable[tuple[str, str]], *, jobs: int = 0) -> Load:
    """Return the load of written requests.

    Keys and lines are counted by their end tags; that is exact enough for a cost, and far cheaper than
    parsing a document a second time.

    Args:
        parts: the name of each request and its XML, e.g. ``("InvoiceAddRq", "<InvoiceAddRq>…")``.
        jobs: how many jobs they are for.
    """
    requests: dict[str, float] = {}
    keys = lines = size = 0
    for name, xml in parts:
        requests[name] = requests.get(name, 0) + 1
        size += len(xml)
        if name.endswith("QueryRq"):
            keys += len(_KEY.findall(xml))
        else:
            lines += len(_LINE.findall(xml))
    return Load(requests=requests, keys=keys, lines=lines, size=size, jobs=jobs)
