"""A host program: puts orders in, serves the Web Connector, and watches the orders go.

    python examples/demo_server.py [STORE] [PORT]

Prints the user name and password to type into the Web Connector, then one line for each change of an order,
and ends when all of them are in the books.
"""

from __future__ import annotations

import secrets
import sys
import threading
import time
from datetime import UTC, date, datetime
from decimal import Decimal
from wsgiref.simple_server import WSGIRequestHandler, make_server

from qbsync import Outbox, Service
from qbsync.adapters import wsgi
from qbsync.auth import add_account
from qbsync.orders import Customer, Line, Order, OrderHandler, OrderState, OrderSync
from qbsync.store.sqlite import SQLiteStore

COMPANY = "Corner Shop"


class Quiet(WSGIRequestHandler):
    """Writes no line for each call."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing."""


def orders() -> list[Order]:
    """Return what a shop would take from its own database."""
    tea = Line(sku="TEA-1", name="Green Tea", quantity=Decimal(2), unit_price=Decimal("7.50"))
    cup = Line(sku="CUP-1", name="Tea Cup", quantity=Decimal(4), unit_price=Decimal("3.25"))
    names = [("Ada", "Quimby"), ("Bo", "Lindgren"), ("Ada", "Quimby")]
    return [
        Order(
            source="corner-shop",
            number=str(1000 + index),
            date=date(2026, 11, 2 + index),
            customer=Customer(first_name=first, last_name=last),
            lines=(tea, cup) if index else (tea,),
        )
        for index, (first, last) in enumerate(names)
    ]


def watch(sync: OrderSync) -> None:
    """Print each change until every order is in the books."""
    seen: dict[str | None, OrderState] = {}
    while not seen or not set(seen.values()) <= {OrderState.POSTED, OrderState.ALREADY_THERE}:
        for order in sync.orders().items:
            if seen.get(order.number) is not order.state:
                seen[order.number] = order.state
                print(f"order {order.number}: {order.state} {order.reason or ''}", flush=True)
        time.sleep(0.2)


def main(path: str = "corner-shop.qbsync", port: str = "8080") -> None:
    """Serve until all orders are in the books."""
    store = SQLiteStore(path)
    password = secrets.token_urlsafe(12)
    add_account(store, "corner", company=COMPANY, password=password)
    sync = OrderSync(Outbox(store, company=COMPANY))
    sync.stage(orders())

    service = Service(store=store, handlers=(OrderHandler(),))
    server = make_server("127.0.0.1", int(port), wsgi.application(service), handler_class=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"listening http://127.0.0.1:{server.server_port}/ user corner password {password}", flush=True)

    watch(sync)
    time.sleep(1)  # the Web Connector closes its session
    server.shutdown()
    service.tick(datetime.now(UTC))
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:3])
