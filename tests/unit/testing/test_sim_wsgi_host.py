"""WSGI applications as endpoints in the test's own process."""

from __future__ import annotations

from wsgiref.validate import validator

import pytest
from sim_host import Host, connect

from qbsync.testing import Company, End, WSGIHost


def application(host: Host, seen: list[dict[str, object]], path: str = "/qbwc"):
    def app(environ, start_response):
        seen.append(environ)
        if environ["PATH_INFO"] != path:
            start_response("404 Not Found", [("Content-Type", "text/plain")])
            return [b"?"]
        if environ["REQUEST_METHOD"] == "GET":
            start_response("200 OK", [("Content-Type", "text/html")])
            return [b"a ", b"page"]
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        status, kind, content = host(body, environ["CONTENT_TYPE"], environ["HTTP_SOAPACTION"])
        start_response(f"{status} X", [("Content-Type", kind)])
        return [content]

    return app


def test_a_session_with_an_application_that_the_validator_of_the_standard_library_watches():
    host, seen = Host(), []
    endpoint = WSGIHost(validator(application(host, seen)))
    connector = connect(endpoint, Company())

    assert connector.run_session().end is End.COMPLETED
    assert len(host.calls) == 6
    assert connector.check_page() is None
    assert (seen[-1]["REQUEST_METHOD"], seen[0]["REQUEST_METHOD"]) == ("GET", "POST")


@pytest.mark.parametrize(
    ("path", "expected"), [("/a/b", None), ("/c", "QBWC1048: GET: expected status 200, got 404")]
)
def test_the_endpoint_may_be_anywhere_in_the_application(path, expected):
    endpoint = WSGIHost(application(Host(), [], path="/a/b"), path=path)

    assert connect(endpoint, Company()).check_page() == expected


def test_an_application_that_raises_answers_500_and_says_why_on_standard_error(capsys):
    def broken(_environ, _start_response):
        raise ZeroDivisionError("in the host")

    report = connect(WSGIHost(broken), Company()).run_session()

    assert report.status == "clientVersion: The request failed with HTTP status 500."
    assert "ZeroDivisionError: in the host" in capsys.readouterr().err


def test_written_parts_second_starts_and_closing_are_taken():
    closed = []

    class Parts(list):
        def close(self):
            closed.append(True)

    def app(_environ, start_response):
        start_response("200 OK", [("Content-Type", "text/html")])
        write = start_response("203 Other", [])
        write(b"a")
        return Parts([b"b"])

    answer = WSGIHost(app).page("", "q=1", base_url="")

    assert (answer.status, answer.content_type, answer.body, closed) == (203, "", b"ab", [True])
