"""The how-to page about a host's own transaction: every block of code runs, and does what the page says."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from qbsync.models import InvoiceAdd, InvoiceAddRq, InvoiceLineAdd, Ref
from qbsync.outbox import Outbox
from qbsync.store.sqlite import SQLiteStore

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "put-work-in-your-own-transaction.md"
REQUEST = InvoiceAddRq(
    invoice_add=InvoiceAdd(
        customer_ref=Ref(full_name="Doe, Jane"), lines=(InvoiceLineAdd(item_ref=Ref(full_name="Tea")),)
    )
)


class RolledBackError(Exception):
    """What goes wrong in a host."""


def block(heading: str) -> str:
    """Return the code under a heading of the page."""
    section = PAGE.read_text(encoding="utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    (code,) = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    return code


def failing(code: str) -> str:
    """Return *code* with an exception right after the put."""
    put = re.search(r"\n( +)outbox\.put\(.*\)\n", code)
    assert put is not None
    return code[: put.end()] + f"{put[1]}raise RolledBackError\n"


def run(heading: str, **names: object) -> None:
    """Run the code of the page twice: once with an exception after the put, once as it stands."""
    names |= {"request": REQUEST, "RolledBackError": RolledBackError}
    with pytest.raises(RolledBackError):
        exec(failing(block(heading)), dict(names))
    exec(block(heading), dict(names))


def jobs(store) -> list[str]:
    with store.begin() as t:
        found = [job.key for job in t.jobs.page(company="Shop").items]
    store.close()
    return found


@pytest.fixture
def sqlite_file(tmp_path):
    path = tmp_path / "shop.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE orders (number TEXT UNIQUE)")
    connection.commit()
    connection.close()
    return path


@pytest.fixture
def postgres_database(postgres):
    import psycopg  # noqa: PLC0415 - needs libpq, tests run without

    dsn = postgres()
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE TABLE orders (number TEXT UNIQUE)")
    return dsn


def orders(dsn) -> list[str]:
    import psycopg  # noqa: PLC0415 - needs libpq, tests run without

    with psycopg.connect(dsn) as connection:
        return [number for (number,) in connection.execute("SELECT number FROM orders")]


def test_sqlite3(sqlite_file):
    """The job is there exactly if the row is."""
    run("sqlite3", path=sqlite_file)
    connection = sqlite3.connect(sqlite_file)
    rows = connection.execute("SELECT number FROM orders").fetchall()
    connection.close()

    assert rows == [("1001",)]
    assert jobs(SQLiteStore(sqlite_file)) == ["order:1001"]


@pytest.mark.xdist_group("postgres")
class TestPostgres:
    def check(self, dsn: str) -> None:
        from qbsync.store.postgres import PostgresStore  # noqa: PLC0415 - needs libpq

        assert orders(dsn) == ["1001"]
        assert jobs(PostgresStore(dsn)) == ["order:1001"]

    def test_psycopg(self, postgres_database):
        """The job is there exactly if the row is."""
        run("psycopg", dsn=postgres_database)

        self.check(postgres_database)

    def test_sqlalchemy(self, postgres_database):
        """A session's transaction is joined; so is a connection's."""
        sqlalchemy = pytest.importorskip("sqlalchemy")
        psycopg = pytest.importorskip("psycopg")
        engine = sqlalchemy.create_engine(
            "postgresql+psycopg://", creator=lambda: psycopg.connect(postgres_database)
        )
        run("SQLAlchemy", dsn=postgres_database, engine=engine)
        self.check(postgres_database)
        from qbsync.store.postgres import PostgresStore  # noqa: PLC0415 - needs libpq

        store = PostgresStore(postgres_database)
        with engine.connect() as connection:
            Outbox(store, company="Shop").put(REQUEST, key="order:1002", connection=connection)
            connection.rollback()
        with engine.begin() as connection:
            Outbox(store, company="Shop").put(REQUEST, key="order:1003", connection=connection)
        engine.dispose()

        assert jobs(store) == ["order:1001", "order:1003"]

    def test_django(self, postgres_database):
        """``atomic()`` is joined; without it a put is refused."""
        pytest.importorskip("django")
        code = block("Django")
        done = subprocess.run(
            [
                sys.executable,
                Path(__file__).with_name("django_host.py"),
                postgres_database,
                failing(code),
                code,
            ],
            capture_output=True,
            text=True,
            check=True,
        )

        self.check(postgres_database)
        assert done.stdout.splitlines() == [
            "rolled back",
            "connection: expected one with an open transaction, this one is in autocommit mode",
        ]


def test_sqlalchemy_on_sqlite(sqlite_file):
    """The same works with one file: SQLAlchemy's session and the store on SQLite."""
    sqlalchemy = pytest.importorskip("sqlalchemy")
    engine = sqlalchemy.create_engine(f"sqlite:///{sqlite_file}")
    store = SQLiteStore(sqlite_file)
    outbox = Outbox(store, company="Shop")
    for number, keep in (("1001", False), ("1002", True)):
        with engine.connect() as connection:
            connection.execute(sqlalchemy.text(f"INSERT INTO orders (number) VALUES ('{number}')"))
            outbox.put(REQUEST, key=f"order:{number}", connection=connection)
            connection.commit() if keep else connection.rollback()
    engine.dispose()

    assert jobs(store) == ["order:1002"]
