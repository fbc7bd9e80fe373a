"""The example hosts run as they stand: a Web Connector posts an order through each."""

from __future__ import annotations

import ast
from contextlib import closing
from pathlib import Path

import pytest
from servers import Server

from qbsync import Outbox
from qbsync.auth import add_account
from qbsync.models import CustomerAdd, CustomerAddRq
from qbsync.store.sqlite import SQLiteStore
from qbsync.testing import Company, WebConnector

EXAMPLES = Path(__file__).parents[2] / "examples"
HOSTS = {
    "host_wsgi": ("waitress", ""),
    "own_soap_server": ("waitress", ""),
    "host_flask": ("waitress", "/qbwc"),
    "host_django": ("waitress", "/qbwc"),
    "host_asgi": ("uvicorn", ""),
    "host_fastapi": ("uvicorn", "/qbwc"),
}


@pytest.mark.parametrize("example", HOSTS)
def test_an_example_serves_a_session(example, tmp_path):
    """From a login to the end, over HTTP."""
    name, mount = HOSTS[example]
    path = tmp_path / "store"
    with closing(SQLiteStore(path)) as store:
        add_account(store, "shop", company="Shop", password="right")
        Outbox(store, company="Shop").put(CustomerAddRq(customer_add=CustomerAdd(name="Ada")), key="1")
    server = Server(name, f"{example}:app", path, folder=EXAMPLES, mount=mount)
    try:
        company = Company()
        connector = WebConnector(server.url, company=company, user_name="shop", password="right", timeout=30)
        report = connector.run_session()
        connector.close()
    finally:
        server.stop()
        server.errors.close()

    assert str(report.end) == "completed"
    assert len(company.customers) == 1


@pytest.mark.parametrize("example", [name for name in HOSTS if name.startswith("host_")])
def test_a_host_needs_less_than_ten_lines_for_the_mount(example):
    """Statements that name the service, imports included."""
    tree = ast.parse((EXAMPLES / f"{example}.py").read_text(encoding="utf-8"))
    words = ("qbsync", "service", "store", "urls(")
    lines = [ast.unparse(node) for node in tree.body if any(word in ast.unparse(node) for word in words)]

    assert 4 <= len(lines) < 10
