"""The example program does what its first lines say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from qbsync.testing import WebConnector

PROGRAM = Path(__file__).resolve().parents[2] / "examples" / "demo_server.py"


def test_the_host_program_sees_its_orders_go(tmp_path, company):
    """It serves at a free port, its three orders reach the books, and it ends by itself."""
    process = subprocess.Popen(
        [sys.executable, str(PROGRAM), str(tmp_path / "store"), "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        words = process.stdout.readline().split()
        connector = WebConnector(words[1], company=company, user_name=words[3], password=words[5])
        report = connector.run_session()
        connector.close()
        said, errors = process.communicate(timeout=30)
    finally:
        process.kill()

    assert report.errors == ()
    assert [invoice.ref_number for invoice in company.invoices] == ["1000", "1001", "1002"]
    assert [customer.full_name for customer in company.customers] == ["Quimby, Ada", "Lindgren, Bo"]
    assert all(f"order {number}: posted" in said for number in (1000, 1001, 1002))
    assert (process.returncode, errors) == (0, "")
