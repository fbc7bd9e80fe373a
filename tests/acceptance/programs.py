"""The command line as people run it, and servers as processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager

from qbsync.testing import WebConnector

PASSWORD = "a password of eight words"


def qbsync(*arguments, typed=None):
    """Run a command and return the finished process, its output as text."""
    return subprocess.run(
        [sys.executable, "-m", "qbsync", *map(str, arguments)],
        input=typed,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        timeout=240,
        check=False,
    )


def lines_of(finished):
    """Return the JSON objects on standard output."""
    return [json.loads(line) for line in finished.stdout.splitlines()]


def orders_of(store, *more):
    """Return what ``qbsync orders --json`` says."""
    finished = qbsync("orders", "--store", store, "--json", *more)
    assert finished.returncode == 0, finished.stderr
    return lines_of(finished)


class Serving:
    """A ``qbsync serve`` process."""

    def __init__(self, store):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "qbsync", "serve", "--store", str(store), "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        first = self.process.stdout.readline()
        if not first.startswith("listening "):
            raise AssertionError(f"serve said {first!r}: {self.process.communicate()[1]}")
        self.url = first.removeprefix("listening ").strip()

    def kill(self):
        """End it as a power cut does (SIGKILL)."""
        self.process.kill()
        self.process.communicate()

    def stop(self):
        """Ask it to stop and return its exit status and what it wrote to standard error."""
        self.process.terminate()
        _, errors = self.process.communicate(timeout=30)
        return self.process.returncode, errors


@contextmanager
def serving(store):
    """Run ``qbsync serve`` for as long as the block runs."""
    server = Serving(store)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.kill()


def connect(url, company, **options):
    """Return a Web Connector for the user of :func:`prepared`."""
    given = {"user_name": "shop", "password": PASSWORD, "sleep": time.sleep, "timeout": 30, **options}
    return WebConnector(url, company=company, **given)


def run_until_idle(url, company):
    """Let the Web Connector come again and again until there is no work."""
    connector = connect(url, company)
    try:
        report = connector.run(max_sessions=40, interval=0.3)
    finally:
        connector.close()
    assert report.idle, report
    return report


def prepare(store, file, *options, company="Shop"):
    """Add the user and stage *file*, each in a process of its own."""
    added = qbsync(
        "user",
        "add",
        "shop",
        "--company",
        company,
        "--password-stdin",
        "--store",
        store,
        typed=PASSWORD + "\n",
    )
    assert added.returncode == 0, added.stderr
    return qbsync("stage", file, "--company", company, "--store", store, *options)
