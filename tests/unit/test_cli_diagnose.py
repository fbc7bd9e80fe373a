"""``qbsync diagnose``: logs in files, services at addresses; the opponent is the standard library."""

from __future__ import annotations

import http.server
import json
import shutil
import ssl
import subprocess
import threading
from contextlib import contextmanager

import pytest

from qbsync.cli import main
from qbsync.qbwc import soap

STAMP = "20261103.07:30:00 UTC\t: Place.x() : "
LOG = (
    f'{STAMP}*** Calling authenticate() with following parameters:<userName="Müller">\n'
    f"{STAMP}QBWC1012: Authentication failed\nThe operation has timed out\n"
)


def run(*arguments):
    """Run ``qbsync diagnose`` and return its exit status."""
    return main(["diagnose", *map(str, arguments)])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_log_is_read_in_the_encodings_of_windows(tmp_path, encoding, capsys):
    """One object a session with --json; exit status 1 because somebody must act."""
    path = tmp_path / "QWCLog.txt"
    path.write_text(LOG, encoding=encoding)
    assert run(path, "--json") == 1
    (session,) = (json.loads(line) for line in capsys.readouterr().out.splitlines())

    assert list(session) == ["began", "ended", "application", "user", "calls", "end", "findings"]
    assert session["user"] == "Müller"
    assert session["calls"] == {"authenticate": 1}
    (finding,) = session["findings"]
    assert list(finding) == ["code", "kind", "cause", "who", "remedy", "line", "said"]
    assert (finding["code"], finding["kind"], finding["line"]) == ("QBWC1012", "time-out", 2)


def test_people_read_who_must_act_and_what_to_do(tmp_path, capsys):
    """The story on standard output, what is wrong on standard error."""
    path = tmp_path / "QWCLog.txt"
    path.write_text(LOG, encoding="utf-8")
    assert run(path) == 1
    written = capsys.readouterr()

    assert written.out.startswith("2026-11-03 07:30:00 UTC  (user Müller)")
    assert "stopped by QBWC1012 (time-out)" in written.out
    assert "who must act: whoever runs the service" in written.err
    assert "remedy: do slow work outside the call" in written.err


def test_a_day_without_trouble_exits_0(tmp_path, capsys):
    """Nothing is on standard error."""
    path = tmp_path / "QWCLog.txt"
    path.write_text(f'{STAMP}*** Calling authenticate()\n{STAMP}<authRet[0]="t"><authRet[1]="none">\n')

    assert run(path) == 0
    assert capsys.readouterr().err == ""


def test_what_is_no_log_is_said(tmp_path, capsys):
    """Another file, or none."""
    path = tmp_path / "other.txt"
    path.write_text("hello\n")

    assert run(path) == 1
    assert "expected the log of a Web Connector" in capsys.readouterr().err
    assert run(tmp_path / "missing.txt") == 1
    assert "missing.txt" in capsys.readouterr().err


@contextmanager
def service(**changes):
    """Run a service that answers as it should but for *changes*; give its address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self, status, body, **headers):
            self.send_response(status)
            for name, value in {"Content-Type": "text/xml; charset=utf-8", **headers}.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def do_GET(self):
            self.answer(changes.get("page", 200), b"page")

        do_HEAD = do_GET  # noqa: N815 - the names are the base class's

        def do_POST(self):
            call = soap.decode(self.rfile.read(int(self.headers["Content-Length"]))).call
            result = {"authenticate": changes.get("login", ["t", "nvu"])}.get(call.name, "")
            body = changes.get("before", b"") + soap.encode(call.name, result)
            self.answer(changes.get("status", 200), body, **changes.get("headers", {}))

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None
    if "context" in changes:
        server.socket = changes["context"].wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}/qbwc"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_certificate_of_ones_own_is_found(tmp_path, capsys):
    """The Web Connector would show QBWC1048."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not here to make a certificate")
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    made = f"req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout {key} -out {certificate}"
    subprocess.run(["openssl", *made.split()], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with service(context=context) as url:
        status, failed, found = checks(url.replace("http:", "https:"), capsys)

    assert status == 1
    assert "self" in failed["certificate"]
    assert "QBWC1048" in found[-1]["remedy"]


def test_a_port_that_speaks_no_tls_is_found(capsys):
    """An http server behind an https address."""
    with service() as url:
        status, failed, _ = checks(url.replace("http:", "https:"), capsys)

    assert status == 1
    assert {"TLS", "connection"} & set(failed)


def checks(url, capsys):
    """Return the checks of a service that failed, with what was found, and the exit status."""
    status = run(url, "--json")
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return status, {each["check"]: each["found"] for each in found if not each["passed"]}, found


def test_a_service_that_answers_as_it_should_passes(capsys):
    """Address, connection, pages, three calls."""
    with service() as url:
        status, failed, found = checks(url, capsys)

    assert (status, failed) == (0, {})
    assert [each["check"] for each in found] == [
        "address",
        "connection",
        "GET",
        "HEAD",
        "serverVersion",
        "clientVersion",
        "authenticate",
    ]


@pytest.mark.parametrize(
    ("changes", "check", "says"),
    [
        ({"page": 405}, "GET", "status 405"),
        ({"page": 302}, "HEAD", "status 302"),
        ({"status": 404}, "serverVersion", "HTTP status 404"),
        ({"headers": {"Content_Type": "text/html"}}, "clientVersion", "text/html"),
        ({"headers": {"Content_Encoding": "gzip"}}, "serverVersion", "compressed"),
        ({"before": b"\n"}, "serverVersion", "not well-formed"),
        ({"login": ["t", ""]}, "authenticate", "'' for a user that nobody has"),
        ({"login": ["t"]}, "authenticate", "Index was outside the bounds"),
    ],
)
def test_what_the_web_connector_would_not_take_is_found(changes, check, says, capsys):
    """Each with a remedy."""
    with service(**changes) as url:
        status, failed, found = checks(url, capsys)

    assert status == 1
    assert says in failed[check]
    assert all(each["remedy"] for each in found if not each["passed"])


def test_an_address_that_cannot_be_in_a_file_and_a_service_that_is_not_there(capsys):
    """Both are said; nothing more can be asked."""
    with service() as url:
        gone = url.replace("localhost", "127.0.0.1")
    status, failed, found = checks(gone, capsys)

    assert status == 1
    assert "QBWC1001" in failed["address"]
    assert len(found) == 2
    assert "connection" in failed


def test_people_read_the_checks_too(capsys):
    """What is good on standard output, what is not on standard error, with the remedy."""
    with service(page=404) as url:
        assert run(url) == 1
    written = capsys.readouterr()

    assert "ok      serverVersion" in written.out
    assert "FAILED  GET: status 404" in written.err
    assert "QBWC1048" in written.err
