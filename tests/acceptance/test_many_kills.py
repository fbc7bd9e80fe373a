"""Real processes: the server is killed again and again while eight companies sync; the books stay right."""

from __future__ import annotations

import os
import random
import shlex
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from contextlib import contextmanager
from urllib.parse import quote, urlencode

import pytest

from qbsync.auth import add_account
from qbsync.cli._stores import open_store
from qbsync.orders import Customer, Line, Order, OrderSync
from qbsync.outbox import Outbox
from qbsync.testing import Company, WebConnector

COMPANIES = 8
ORDERS = 40
KILLS = 200
PASSWORD = "a password of eight words"


def orders(company, rng):
    """Return orders with payments; the numbers are the same in all companies."""
    return [
        Order(
            source="shop",
            number=f"W{n}",
            date="2026-03-01",
            customer=Customer(name=f"{company} customer {rng.randrange(ORDERS)}"),
            lines=(
                Line(sku=f"{company}-{rng.randrange(12)}", name="Thing", quantity="2", unit_price="3.25"),
            ),
        )
        for n in range(ORDERS)
    ]


class Server:
    """``qbsync serve`` on one port, killed and started again."""

    def __init__(self, store, port):
        self.store, self.port = store, port
        self.url = f"http://127.0.0.1:{port}/qbwc"
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "qbsync", "serve", "--store", self.store, "--port", str(self.port)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        first = self.process.stdout.readline()
        assert first.startswith("listening "), self.process.communicate()[1]

    def kill(self):
        """End it as a power cut does."""
        self.process.kill()
        self.process.communicate()


class Shop(threading.Thread):
    """One company's Web Connector, in a thread of its own, until it is told to stop."""

    def __init__(self, name, url):
        super().__init__(name=name, daemon=True)
        self.books = Company(name=f"{name} Inc", file_id=f"{{{uuid.uuid4()}}}")
        self.connector = WebConnector(
            url, company=self.books, user_name=name.lower(), password=PASSWORD, timeout=20
        )
        self.over = threading.Event()

    def run(self):
        while not self.over.is_set():
            self.connector.run_session()
            time.sleep(0.05)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def syncing(store_text, rng):
    """Eight companies with work, a server, and their Web Connectors at work."""
    names = [f"Shop{n}" for n in range(COMPANIES)]
    store = open_store(store_text)
    for name in names:
        add_account(store, name.lower(), company=name, password=PASSWORD)
        sync = OrderSync(Outbox(store, company=name), posting="invoice+payment", paid="Cash")
        assert sync.stage(orders(name, rng)).accepted == ORDERS
    server = Server(store_text, free_port())
    shops = [Shop(name, server.url) for name in names]
    for shop in shops:
        shop.start()
    try:
        yield server, shops, store
    finally:
        for shop in shops:
            shop.over.set()
        for shop in shops:
            shop.join(30)
            shop.connector.close()
        server.kill()
        store.close()


def settle_by_hand(store, name, books):
    """Do what a person does: look into the books, and say of each order in doubt what is there."""
    outbox = Outbox(store, company=name)
    numbers = {invoice.ref_number for invoice in books.invoices}
    doubtful = outbox.list(state="in_doubt", limit=1000).items
    for job in doubtful:
        outbox.resolve(job.id, applied=False) if job.key.rpartition(":")[2] not in numbers else None
    return len(doubtful)


def until_done(store, shops, seconds=120):
    """Let the Web Connectors run on; return how many orders a person had to decide about."""
    by_hand, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        counts = Counter()
        for shop in shops:
            by_hand += settle_by_hand(store, shop.name, shop.books)
            counts.update(Outbox(store, company=shop.name).counts())
        if counts["done"] == COMPANIES * ORDERS:
            return by_hand
        time.sleep(0.5)
    raise AssertionError(f"work is left: {dict(counts)}")


def check_books(shops):
    """Each company's books hold its own orders, each once, each paid once."""
    for shop in shops:
        invoices = Counter(one.ref_number for one in shop.books.invoices)
        payments = Counter(one.ref_number for one in shop.books.payments)
        expected = Counter(f"W{n}" for n in range(ORDERS))
        assert invoices == expected, shop.name
        assert payments == expected, shop.name
        assert all(entry.full_name.startswith(shop.name) for entry in shop.books.customers)


def kill_again_and_again(server, rng, restart=None):
    """Kill the server at random moments; *restart* its database three times in between."""
    for n in range(KILLS):
        time.sleep(rng.uniform(0.02, 0.25))
        server.kill()
        if restart is not None and n in {50, 100, 150}:
            subprocess.run(restart, check=True, stdout=subprocess.DEVNULL, timeout=60)
        server.start()


@pytest.mark.nightly
@pytest.mark.timeout(1500)
def test_the_server_is_killed_on_an_sqlite_file(tmp_path, record_property):
    """200 kills at random moments: nothing is lost, doubled or mixed."""
    record_property("outcome table", endure(str(tmp_path / "many.qbsync"), seed=20261126))


@pytest.mark.nightly
@pytest.mark.timeout(1500)
@pytest.mark.xdist_group("postgres")  # it restarts the server that others use
def test_the_server_is_killed_on_postgresql(postgres, record_property):
    """The same on PostgreSQL, which itself is restarted three times without a shutdown."""
    restart = os.environ.get("QBSYNC_TEST_PG_RESTART")
    if not restart:
        pytest.skip("no PostgreSQL that may be restarted (scripts/postgres_for_tests.sh gives one)")
    parts = pytest.importorskip("psycopg").conninfo.conninfo_to_dict(postgres())
    url = f"postgresql://{parts.pop('user')}@/{parts.pop('dbname')}?{urlencode(parts, quote_via=quote)}"
    record_property("outcome table", endure(url, seed=20261127, restart=shlex.split(restart)))


def endure(store_text, *, seed, restart=None):
    """Sync while the server is killed, then to the end, check the books, and say how it went."""
    rng = random.Random(seed)
    with syncing(store_text, rng) as (server, shops, store):
        kill_again_and_again(server, rng, restart)
        by_hand = until_done(store, shops)
        for shop in shops:
            shop.over.set()
        check_books(shops)
    return f"{KILLS} kills (seed {seed}): every order once in the books, {by_hand} of them settled by hand"
