"""ASGI applications as endpoints in the test's own process."""

from __future__ import annotations

import pytest
from sim_host import Host, connect

from qbsync.testing import ASGIHost, Company, End


def application(host: Host, seen: list[dict[str, object]]):
    async def app(scope, receive, send):
        seen.append(scope)
        if scope["method"] == "GET":
            answer = (200 if scope["path"] == "/qbwc" else 404, "text/html", b"page")
        else:
            body, more = b"", True
            while more:
                message = await receive()
                body, more = body + message["body"], message["more_body"]
            headers = {name.decode(): value.decode() for name, value in scope["headers"]}
            assert headers["content-length"] == str(len(body))
            answer = host(body, headers["content-type"], headers["soapaction"])
        status, kind, content = answer
        await send({
            "type": "http.response.start", "status": status, "headers": [(b"Content-Type", kind.encode())],
        })  # fmt: skip
        await send({"type": "http.response.body", "body": content[:5], "more_body": True})
        await send({"type": "http.response.body", "body": content[5:]})

    return app


def test_a_session_with_an_asgi_application():
    host, seen = Host(), []
    connector = connect(ASGIHost(application(host, seen)), Company())

    assert connector.run_session().end is End.COMPLETED
    assert len(host.calls) == 6
    assert connector.check_page() is None
    assert [scope["method"] for scope in seen] == ["POST"] * 6 + ["GET"]


def test_the_endpoint_is_where_it_is():
    endpoint = ASGIHost(application(Host(), []), path="/elsewhere")

    assert connect(endpoint, Company()).check_page() == "QBWC1048: GET: expected status 200, got 404"


def test_a_real_framework_is_driven():
    """Starlette parses the request itself; it is what FastAPI is made of."""
    applications = pytest.importorskip("starlette.applications")
    responses = pytest.importorskip("starlette.responses")
    routing = pytest.importorskip("starlette.routing")
    host = Host()

    async def endpoint(request):
        status, kind, content = host(
            await request.body(), request.headers["content-type"], request.headers["soapaction"]
        )
        return responses.Response(content, status, media_type=None, headers={"content-type": kind})

    app = applications.Starlette(routes=[routing.Route("/qbwc", endpoint, methods=["POST"])])

    assert connect(ASGIHost(app), Company()).run_session().end is End.COMPLETED


def test_an_application_that_raises_answers_500_and_says_why_on_standard_error(capsys):
    async def broken(_scope, _receive, _send):
        raise ZeroDivisionError("in the host")

    report = connect(ASGIHost(broken), Company()).run_session()

    assert report.status == "clientVersion: The request failed with HTTP status 500."
    assert "ZeroDivisionError: in the host" in capsys.readouterr().err


def test_who_listens_on_hears_that_the_client_is_gone():
    heard = []

    async def app(_scope, receive, send):
        heard.extend([(await receive())["type"], (await receive())["type"]])
        await send({"type": "http.response.start", "status": 204})

    answer = ASGIHost(app).page("", "", base_url="")

    assert heard == ["http.request", "http.disconnect"]
    assert (answer.status, answer.content_type, answer.body) == (204, "", b"")
