"""What staging says about orders: refusals and remarks, as values for people and programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

from ..errors import InvalidOrderError, shorten

if TYPE_CHECKING:
    from .order import Order

__all__ = ["Refusal", "Remark", "Sourced"]

#: How much of a value is shown and kept.
_SHOWN = 200


@frozen(kw_only=True)
class Sourced:
    """An order and where it stands in its source."""

    order: Order
    #: The file, or ``None`` where there is none.
    file: str | None = None
    #: The 1-based line, or ``None``.
    line: int | None = None


@frozen(kw_only=True)
class Refusal:
    """An order that is not taken in, and why."""

    file: str | None
    line: int | None
    #: The field, e.g. ``lines[2].quantity``; empty for the whole record.
    path: str
    #: What was expected.
    rule: str
    #: What came, shortened.
    value: str | None
    #: The whole sentence.
    reason: str
    #: The channel and number of the order, where they could be read.
    channel: str | None = None
    number: str | None = None
    #: A digest of what was refused: the same content is kept once.
    digest: str = field(default="", repr=False)

    @classmethod
    def of(
        cls,
        error: InvalidOrderError,
        *,
        file: str | None = None,
        line: int | None = None,
        channel: str | None = None,
        number: str | None = None,
        digest: str = "",
    ) -> Refusal:
        """Make a refusal of an error that was found in a place."""
        place = ":".join(str(part) for part in (file, line) if part is not None)
        return cls(
            file=file,
            line=line,
            path=_storable(error.path),
            rule=_storable(error.rule),
            value=_shown(error.value),
            reason=_storable(f"{place}: {error.reason}" if place else error.reason),
            channel=None if channel is None else _storable(channel),
            number=None if number is None else _storable(number),
            digest=digest,
        )

    def to_dict(self) -> dict[str, object]:
        """Return the six facts that are written for programs."""
        return {
            "file": self.file,
            "line": self.line,
            "path": self.path,
            "rule": self.rule,
            "value": self.value,
            "reason": self.reason,
        }


def _shown(value: object) -> str | None:
    if value is None:
        return None
    text = _storable(value if isinstance(value, str) else shorten(value, _SHOWN))
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _storable(text: str) -> str:
    """Return *text* with halves of characters escaped: names of fields and shops may hold them too."""
    return text.encode(errors="backslashreplace").decode()


@frozen(kw_only=True)
class Remark:
    """A value that QuickBooks cannot hold as it is, and what is sent instead."""

    #: The field of the order.
    path: str
    #: The limit, in words.
    rule: str
    #: What the order says.
    value: str
    #: What is sent; ``None``: it is left out. Equal to *value* where nothing had to be altered.
    became: str | None
    channel: str = ""
    number: str = ""
    file: str | None = None
    line: int | None = None

    @property
    def altered(self) -> bool:
        """Whether something else is sent than the order says."""
        return self.became != self.value

    def __str__(self) -> str:
        if not self.altered:
            return f"{self.path}: {shorten(self.value)} stays: {self.rule}"
        became = "left out" if self.became is None else f"becomes {shorten(self.became)}"
        return f"{self.path}: {shorten(self.value)} {became}: {self.rule}"
