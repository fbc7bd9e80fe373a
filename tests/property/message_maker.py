"""Makes messages from the catalogue: valid ones, and ones with something wrong somewhere.

It knows the catalogue's facts and the models, and nothing of builder, parser or rules.
"""

from __future__ import annotations

import random
import string
from datetime import date, datetime, timedelta
from decimal import Decimal

import attrs

from qbsync import models
from qbsync.qbxml import CLEAR, QBDateTime, UseMacro, Version, catalogue
from qbsync.qbxml.catalogue import Choice, Element
from qbsync.qbxml.naming import field_name, mix_name

ALPHABET = string.ascii_letters + string.digits + " .,;-_/'\"&<>()\n\r\téüß€"
CLOCK = datetime(2001, 2, 3)  # noqa: DTZ001 - a wall clock has no zone
NEVER_EMPTY = {"INTTYPE", "GUIDTYPE", "ENUMTYPE"}
#: Fields of sales forms that a Mod refuses to clear.
NEVER_CLEARED = {
    "TxnDate", "IsPending", "DueDate", "ShipDate", "IsToBePrinted", "IsManuallyClosed", "CreateChangeOrder",
    "Quantity", "Rate", "RatePercent", "Amount", "MarkupRate", "MarkupRatePercent",
}  # fmt: skip


class Maker:
    """Makes one message after the other from a seed.

    Args:
        seed: the same seed makes the same messages.
        fill: how likely an optional element is there.
    """

    def __init__(self, seed: int, fill: float, version: str = "14.0", edition: str = "US") -> None:
        self.random = random.Random(seed)
        self.fill = fill
        self.version = Version.parse(version)
        self.edition = edition

    def allowed(self, element: Element) -> bool:
        return Version.parse(element.since) <= self.version and self.edition not in element.not_in

    def message(self, name: str) -> object | None:
        """Make the message, or nothing when the QuickBooks spoken to does not know it."""
        element = catalogue.element(name)
        if not self.allowed(element):
            return None
        return self.aggregate(element)

    def aggregate(self, element: Element) -> object:
        shape = element.shape
        values: dict[str, object] = {}
        for attribute in shape.attributes:
            if attribute.name in {"iterator", "iteratorID"}:
                continue  # they have rules of their own; the strategies know them
            if attribute.name == "requestID":
                values["request_id"] = f"id {self.random.randrange(10**6)} & <\"'>"
            elif attribute.required or self.random.random() < self.fill:
                values[field_name(attribute.name)] = self.scalar(attribute.type, attribute.values, 20)
        self.particles(shape.particles, values)
        return getattr(models, element.name)(**values)

    def particles(self, particles: tuple[Element | Choice, ...], values: dict[str, object]) -> None:
        for particle in particles:
            if isinstance(particle, Element):
                self.element(particle, values)
            elif particle.max is None:
                self.mix(particle, values)
            else:
                self.choice(particle, values)

    def element(self, element: Element, values: dict[str, object]) -> None:
        if not self.allowed(element):
            return
        if element.min == 0 and self.random.random() >= self.fill:
            return
        if element.max == 1:
            values[field_name(element.name)] = self.value(element)
        else:
            most = min(element.max or 3, 3)
            many = self.random.randint(1, most)
            values[field_name(element.name)] = tuple(self.value(element) for _ in range(many))

    def mix(self, choice: Choice, values: dict[str, object]) -> None:
        members = [branch[0] for branch in choice.branches if self.allowed(branch[0])]
        least = 1 if choice.min or self.random.random() < self.fill else 0
        many = self.random.randint(least, 3) if least else 0
        if members:
            values[mix_name(choice)] = tuple(self.value(self.random.choice(members)) for _ in range(many))

    def choice(self, choice: Choice, values: dict[str, object]) -> None:
        if choice.min == 0 and self.random.random() >= self.fill:
            return
        branches = [
            branch
            for branch in choice.branches
            if all(self.allowed(p) for p in branch if isinstance(p, Element) and p.min)
        ]
        self.random.shuffle(branches)
        for branch in branches:
            before = dict(values)
            self.particles(branch, values)
            if choice.min == 0 or len(values) > len(before):
                return
        if branches:
            fill, self.fill = self.fill, 1.0
            self.particles(branches[0], values)
            self.fill = fill

    def value(self, element: Element) -> object:
        if element.shape is not None:
            return self.aggregate(element)
        if element.macro and self.random.random() < 0.3:
            return UseMacro("TxnID:é & 1")
        may_clear = element.type not in NEVER_EMPTY and element.name not in NEVER_CLEARED
        if may_clear and self.random.random() < 0.05:
            return CLEAR
        if element.min_value is not None:
            low, high = Decimal(element.min_value), Decimal(element.max_value or 1000)
            return int(high) if element.type == "INTTYPE" else self.random.choice([low, high])
        return self.scalar(element.type, element.values, element.max_length(self.edition))

    def scalar(self, kind: str, values: tuple[str, ...], longest: int | None) -> object:
        rnd = self.random
        if values:
            return rnd.choice(values)
        if kind in {"STRTYPE", "UUIDTYPE", "MACROTYPE", "IDTYPE"}:
            longest = 36 if kind == "IDTYPE" else min(longest or 60, 60)
            return "".join(rnd.choices(ALPHABET, k=rnd.randint(1, longest)))
        if kind == "AMTTYPE":
            return Decimal(rnd.randint(-(10**9), 10**9)).scaleb(-2)
        makers = {
            "BOOLTYPE": lambda: rnd.random() < 0.5,
            "DATETYPE": lambda: date(2000, 1, 1) + timedelta(days=rnd.randrange(9000)),
            "DATETIMETYPE": lambda: QBDateTime.of(CLOCK + timedelta(seconds=rnd.randrange(10**9))),
            "TIMEINTERVALTYPE": lambda: timedelta(seconds=rnd.randint(-(10**6), 10**6)),
            "INTTYPE": lambda: rnd.randint(0, 10**6),
            "FLOATTYPE": lambda: Decimal(rnd.randrange(1, 10**6)).scaleb(-5),
            "GUIDTYPE": lambda: rnd.choice(["0", "{12345678-90ab-CDEF-1234-567890abcdef}"]),
        }
        maker = makers.get(kind, lambda: Decimal(rnd.randint(-(10**9), 10**9)).scaleb(-rnd.randint(1, 5)))
        return maker()


BAD = (
    "", "x" * 5000, "\x00", "\x85", "ł", "😀", "\ud800", b"x", "Z",
    1.5, float("nan"), -1, 10**20, True, None, object(), [], (), (None,),
    Decimal("NaN"), Decimal("1.234567"), Decimal("1E+30"), CLEAR, UseMacro("TxnID:x"), UseMacro(""),
    date(1960, 1, 1), CLOCK, timedelta(microseconds=1), QBDateTime("1960-01-01"),
    models.Ref(full_name="x"), models.InvoiceLineAdd(), (models.Ref(),) * 60,
)  # fmt: skip


def spoil(message: object, rnd: random.Random) -> object:
    """Return the message with one field somewhere in it replaced."""
    fields = [field for field in attrs.fields(type(message)) if field.alias != "_kept"]
    inner = [
        field
        for field in fields
        if attrs.has(type(getattr(message, field.name))) and hasattr(getattr(message, field.name), "_kept")
    ]
    if inner and rnd.random() < 0.8:
        field = rnd.choice(inner)
        return attrs.evolve(message, **{field.alias: spoil(getattr(message, field.name), rnd)})
    lists = [f for f in fields if isinstance(getattr(message, f.name), tuple) and getattr(message, f.name)]
    if lists and rnd.random() < 0.4:
        field = rnd.choice(lists)
        items = list(getattr(message, field.name))
        place = rnd.randrange(len(items))
        deeper = hasattr(items[place], "_kept") and rnd.random() < 0.8
        items[place] = spoil(items[place], rnd) if deeper else rnd.choice(BAD)
        return attrs.evolve(message, **{field.alias: tuple(items)})
    if not fields:
        return message
    return attrs.evolve(message, **{rnd.choice(fields).alias: rnd.choice(BAD)})
