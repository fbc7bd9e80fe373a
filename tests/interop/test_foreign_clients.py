"""SOAP clients that are not ours complete a session against ``qbsync serve``.

zeep, PHP's SoapClient, Node's soap, and C# on Mono with the proxy that Mono's ``wsdl`` tool makes from our
description, which is the closest there is to the Web Connector's stack.
``scripts/install_interop.sh`` installs them; a client that is not there is skipped, in CI it fails.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from programs import PASSWORD, lines_of, qbsync, serving

from qbsync import Outbox
from qbsync.models import CustomerAdd, CustomerAddRq
from qbsync.store.sqlite import SQLiteStore
from qbsync.testing import Company

HERE = Path(__file__).parent
NODE_LIBRARIES = HERE.parents[1] / ".interop"
NAME = 'Müller & "Söhne" <€>'


def need(*commands):
    """Skip the test where a command is missing; fail it in CI."""
    missing = [command for command in commands if shutil.which(command) is None]
    if missing:
        lack(f"not installed: {', '.join(missing)}")


def lack(what):
    """Say that a client is not here."""
    say = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
    say(f"{what} (scripts/install_interop.sh)")


def zeep(_folder, url):
    return [sys.executable, str(HERE / "session_zeep.py"), f"{url}?wsdl"]


def php(_folder, url):
    need("php")
    loaded = subprocess.run(["php", "-r", "exit(extension_loaded('soap') ? 0 : 1);"], check=False)
    if loaded.returncode:
        lack("PHP's soap extension is not installed")
    return ["php", str(HERE / "session.php"), f"{url}?wsdl"]


def node(_folder, url):
    need("node")
    if not (NODE_LIBRARIES / "node_modules" / "soap").is_dir():
        lack("Node's soap is not installed")
    return ["node", str(HERE / "session.js"), f"{url}?wsdl"]


def mono(folder, url):
    need("mono", "mcs", "wsdl")
    proxy, program = folder / "Proxy.cs", folder / "Session.exe"
    for command in (
        ["wsdl", "-nologo", f"-out:{proxy}", f"{url}?wsdl"],
        ["mcs", "-r:System.Web.Services.dll", f"-out:{program}", str(proxy), str(HERE / "Session.cs")],
    ):
        done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=120, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    return ["mono", str(program), url]


def play(command, folder, company):
    """Run a client; give it QuickBooks' answers; return what each call returned."""
    environment = {**os.environ, "QBSYNC_INTEROP": str(NODE_LIBRARIES)}
    arguments = [*command, "shop", PASSWORD, str(folder)]
    errors = folder / "errors"
    with errors.open("wb") as log, (folder / "said").open("wb") as said:
        client = subprocess.Popen(arguments, stdout=said, stderr=log, env=environment)
        try:
            _answer(client, folder, company)
        finally:
            client.kill()
            client.wait(30)
    assert client.returncode == 0, errors.read_text(errors="replace")
    return [json.loads(line) for line in (folder / "said").read_text(encoding="utf-8").splitlines()]


def _answer(client, folder, company):
    """Answer the documents in *folder* as QuickBooks does, until the client ends."""
    number, until = 1, time.monotonic() + 90
    company.begin_session("Shop Sync")
    while client.poll() is None and time.monotonic() < until:
        document = folder / f"rq-{number}.xml"
        if document.exists():
            response = company.process(document.read_text(encoding="utf-8"))
            part = folder / "part"
            part.write_text(response, encoding="utf-8", newline="")
            part.rename(folder / f"rs-{number}.xml")
            number += 1
        else:
            time.sleep(0.01)
    company.end_session()


@pytest.mark.timeout(240)
@pytest.mark.parametrize("client", [zeep, php, node, mono], ids=lambda client: client.__name__)
def test_a_foreign_client_completes_a_session(client, tmp_path):
    """Wrong password, right password, several rounds, the end; and the work is in the books."""
    store_path = tmp_path / "store"
    added = qbsync(
        "user", "add", "shop", "--company", "Shop", "--password-stdin", "--store", store_path, typed=PASSWORD
    )
    assert added.returncode == 0, added.stderr
    store = SQLiteStore(store_path)
    outbox = Outbox(store, company="Shop")
    for number in range(12):
        outbox.put(CustomerAddRq(customer_add=CustomerAdd(name=f"{NAME} {number}")), key=f"{number}")
    store.close()
    folder, company = tmp_path / "answers", Company()
    folder.mkdir()
    with serving(store_path) as server:
        results = play(client(folder, server.url), folder, company)
        jobs = lines_of(qbsync("jobs", "--store", store_path, "--json"))

    named = [name for name, _ in results]
    values = dict(results)
    assert named[:4] == ["serverVersion", "clientVersion", "wrong", "authenticate"]
    assert named[-2:] == ["getLastError", "closeConnection"]
    assert values["wrong"] == "nvu"
    assert values["authenticate"] == ""
    assert int(values["receiveResponseXML"]) == 100, results
    assert values["closeConnection"] == "OK"
    assert [job["state"] for job in jobs] == ["done"] * 12
