"""Real servers around the hosts, as processes of their own, on free ports of this machine."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from hosts import MOUNT

HERE = Path(__file__).parent

#: How each server is started.
COMMANDS = {
    "waitress": ["waitress", "--host=127.0.0.1", "--port={port}", "{target}"],
    "gunicorn": [
        "gunicorn", "--workers=4", "--bind=127.0.0.1:{port}", "--no-control-socket", "--log-level=warning",
        "--graceful-timeout=1", "{target}",
    ],
    "uvicorn": [
        "uvicorn", "--workers=2", "--host=127.0.0.1", "--port={port}", "--log-level=warning", "{target}",
    ],
}  # fmt: skip


class Server:
    """A server process with its workers."""

    def __init__(self, name, target, store, *, folder=HERE, mount=MOUNT):
        self.name, self.target, self.store = name, target, store
        self.folder, self.mount = folder, mount
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the server
        self.process = None
        self.start()

    @property
    def url(self):
        """Where the service is."""
        return f"http://127.0.0.1:{self.port}{self.mount}"

    def start(self):
        """Start it and wait until it answers."""
        command = [part.format(port=self.port, target=self.target) for part in COMMANDS[self.name]]
        environment = {**os.environ, "QBSYNC_STORE": str(self.store), "PYTHONWARNINGS": "default"}
        folders = [str(self.folder), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment["PYTHONPATH"] = os.pathsep.join(folders)
        self.process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=self.folder,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=self.errors,
            start_new_session=True,
        )
        until = time.monotonic() + 60
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > until:
                self.stop()
                self.errors.seek(0)
                raise AssertionError(f"{self.name} did not start: {self.errors.read().decode()}")
            time.sleep(0.05)

    def _answers(self):
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
            try:
                connection.request("GET", self.mount or "/")
                return connection.getresponse().status == 200
            finally:
                connection.close()
        return False

    def restart(self):
        """End all workers at once (SIGKILL) and start new ones."""
        self.stop()
        self.start()

    def stop(self):
        """End all its processes."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(30)


@contextlib.contextmanager
def serving(name, host, store):
    """Run a server for as long as the block runs."""
    server = Server(name, f"hosts:{host}_app", store)
    try:
        yield server
    finally:
        server.stop()
        server.errors.close()
