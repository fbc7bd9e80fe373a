"""The data of the benchmarks: invoices as a shop has them, the same ones in every run.

Here: typed requests to build, responses to read, and the plain tuples from which the baseline builds.
"""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs

from qbsync import models
from qbsync.qbxml import QBDateTime, build

if TYPE_CHECKING:
    from collections.abc import Iterator

LINES = 5
NAMES = (
    "Anna Smith",
    "Jürgen Müller",
    "O'Neil & Sons",
    "Kowalski <24h>",
    "Françoise Dubois",
    "Rossi Brothers",
)
CITIES = ("Springfield", "Riverton", "Fairview", "Salem", "Georgetown")
ITEMS = ("Lumber:2x4", "Hardware:Bolts & Nuts", "Paint:White", "Labor", "Freight", "Tile:Ceramic")
WORDS = (
    "delivery",
    "of",
    "material",
    "for",
    "the",
    "site",
    "as",
    "agreed",
    "by",
    "phone",
    "fragile",
    "urgent",
)
DAY = date(2024, 1, 1)


def reference(name: str, *, with_id: bool) -> models.Ref:
    number = 0x80000000 + sum(map(ord, name)) * 7919
    return models.Ref(list_id=f"{number:X}-1234567890" if with_id else None, full_name=name)


def address(rnd: random.Random, cls: type) -> Any:
    return cls(
        addr1=rnd.choice(NAMES),
        addr2=f"{rnd.randint(1, 9999)} Main St",
        city=rnd.choice(CITIES),
        state="CA",
        postal_code=f"{rnd.randint(10000, 99999)}",
        country="USA",
    )


def line(rnd: random.Random, cls: type, *, with_id: bool) -> Any:
    quantity, cents = Decimal(rnd.randint(1, 160)) / 4, rnd.randint(50, 90_000)
    values = {
        "item_ref": reference(rnd.choice(ITEMS), with_id=with_id),
        "desc": " ".join(rnd.choices(WORDS, k=9)),
        "quantity": quantity,
        "rate": Decimal(cents).scaleb(-2),
        "amount": (quantity * Decimal(cents).scaleb(-2)).quantize(Decimal("0.01")),
        "service_date": DAY + timedelta(days=rnd.randrange(700)),
        "sales_tax_code_ref": reference("Tax", with_id=with_id),
    }
    if with_id:
        values["txn_line_id"] = f"{rnd.randint(4096, 1048575):X}-{rnd.randint(10**9, 17 * 10**8)}"
    return cls(**values)


def shared_fields(rnd: random.Random, number: int, *, with_id: bool) -> dict[str, Any]:
    """Return what an invoice to add and an invoice read have in common."""
    day = DAY + timedelta(days=rnd.randrange(700))
    return {
        "customer_ref": reference(f"Customer {rnd.randrange(3000)}", with_id=with_id),
        "class_ref": reference("Retail", with_id=with_id),
        "template_ref": reference("Intuit Product Invoice", with_id=with_id),
        "txn_date": day,
        "ref_number": f"W{number}",
        "bill_address": address(rnd, models.BillAddress),
        "ship_address": address(rnd, models.ShipAddress),
        "is_pending": False,
        "po_number": f"PO-{rnd.randint(1000, 999999)}",
        "terms_ref": reference("Net 30", with_id=with_id),
        "due_date": day + timedelta(days=30),
        "ship_date": day,
        "memo": " ".join(rnd.choices(WORDS, k=6)),
        "is_to_be_printed": True,
    }


def requests(count: int) -> list[Any]:
    """Return requests that add invoices."""
    rnd = random.Random(1)
    return [
        models.InvoiceAddRq(
            request_id=str(number),
            invoice_add=models.InvoiceAdd(
                **shared_fields(rnd, number, with_id=False),
                lines=tuple(line(rnd, models.InvoiceLineAdd, with_id=False) for _ in range(LINES)),
            ),
        )
        for number in range(count)
    ]


def returned(count: int) -> list[Any]:
    """Return invoices as QuickBooks gives them."""
    rnd = random.Random(2)
    return [
        models.InvoiceRet(
            **shared_fields(rnd, number, with_id=True),
            txn_id=f"{rnd.randint(4096, 1048575):X}-{rnd.randint(10**9, 17 * 10**8)}",
            time_created=QBDateTime(f"2024-07-{1 + number % 28:02}T{number % 24:02}:21:06-08:00"),
            time_modified=QBDateTime(f"2024-08-{1 + number % 28:02}T{number % 24:02}:21:07-08:00"),
            edit_sequence=str(rnd.randint(10**9, 17 * 10**8)),
            txn_number=number,
            subtotal=Decimal(rnd.randint(1, 10**6)).scaleb(-2),
            balance_remaining=Decimal("0.00"),
            is_paid=True,
            lines=tuple(line(rnd, models.InvoiceLineRet, with_id=True) for _ in range(LINES)),
        )
        for number in range(count)
    ]


def response(count: int) -> bytes:
    """Return a response with invoices, a line for each tag as QuickBooks writes it."""
    message = models.InvoiceQueryRs(status_code=0, status_severity="Info", invoice_ret=tuple(returned(count)))
    return build([message], check=False).replace(b"><", b">\n<")


def plain(value: Any) -> tuple[tuple[str, Any], ...]:
    """Return an object as pairs of element name and value: what the baseline builds from."""
    return tuple(_pairs(value))


def _pairs(value: Any) -> Iterator[tuple[str, Any]]:
    from qbsync.qbxml.layout import layout  # noqa: PLC0415 - only to prepare the data

    name = "CustomerRef" if isinstance(value, models.Ref) else type(value).__name__
    slots = layout(name).fields
    for field in attrs.fields(type(value)):
        held = getattr(value, field.name)
        if field.name not in slots or held is None:
            continue
        for item in held if isinstance(held, tuple) else (held,):
            several = len(slots[field.name]) > 1
            tag = type(item).__name__ if several else slots[field.name][0].name
            yield tag, plain(item) if hasattr(item, "_kept") else item
