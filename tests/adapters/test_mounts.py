"""Each mount passes on what came and what goes back, and keeps its limits; behind it stands a recorder."""

# ruff: noqa: PLC0415 - each mount loads its own framework only
from __future__ import annotations

import asyncio
import importlib
import io
import sys
from types import ModuleType

import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app

from qbsync.adapters._http import Request
from qbsync.service import Reply

MOUNT = "/books/qbwc"
LIMIT = 1000


class Recorder:
    """Answers anything and remembers what it was asked."""

    def __init__(self):
        self.asked = []

    def handle(self, body, *, content_type, soap_action):
        self.asked.append(("handle", body, content_type, soap_action))
        return Reply(status=500, content_type="text/xml; charset=utf-8", body=b"<fault/>")

    def too_large(self, max_body):
        self.asked.append(("too_large", max_body))
        return Reply(status=413, content_type="text/xml; charset=utf-8", body=b"<large/>")

    def page(self, path, query="", *, base_url, authorised=False):
        self.asked.append(("page", path, query, base_url, authorised))
        return Reply(status=200, content_type="text/html; charset=utf-8", body=b"<p>page</p>")


class Unread(io.RawIOBase):
    """A body that must not be read further than *most*."""

    def __init__(self, most):
        self.left = most

    def readable(self):
        return True

    def readinto(self, buffer):
        self.left -= len(buffer)
        assert self.left >= 0, "more of the body is read than is taken"
        buffer[:] = b"x" * len(buffer)
        return len(buffer)


def wsgi(service, **options):
    from qbsync.adapters.wsgi import application

    return under_mount(application(service, max_body=LIMIT, **options))


def under_mount(app):
    """Return a WSGI application with *app* at the mount."""

    def outer(environ, start_response):
        environ["SCRIPT_NAME"] += MOUNT
        environ["PATH_INFO"] = environ["PATH_INFO"].removeprefix(MOUNT)
        return app(environ, start_response)

    return outer


def flask(service, **options):
    from flask import Flask

    from qbsync.adapters.flask import blueprint

    app = Flask(__name__)
    app.register_blueprint(blueprint(service, max_body=LIMIT, **options), url_prefix=MOUNT)
    return app


def django(service, **options):
    from django.conf import settings
    from django.core.handlers.wsgi import WSGIHandler
    from django.urls import clear_url_caches, include, path

    from qbsync.adapters.django import urls

    urlconf = ModuleType("mount_urls")
    urlconf.urlpatterns = [path(MOUNT[1:], include(urls(service, max_body=LIMIT, **options)))]
    sys.modules["mount_urls"] = urlconf
    if not settings.configured:
        settings.configure(
            SECRET_KEY="of a test",
            ALLOWED_HOSTS=["*"],
            ROOT_URLCONF="mount_urls",
            DATA_UPLOAD_MAX_MEMORY_SIZE=10,
            MIDDLEWARE=[
                "django.middleware.security.SecurityMiddleware",
                "django.middleware.common.CommonMiddleware",
                "django.middleware.csrf.CsrfViewMiddleware",
            ],
        )
        import django as framework

        framework.setup()
    clear_url_caches()
    return WSGIHandler()


def asgi(service, **options):
    from qbsync.adapters.asgi import application

    app = application(service, max_body=LIMIT, **options)

    async def host(scope, receive, send):
        await app({**scope, "root_path": MOUNT}, receive, send)

    return host


def fastapi(service, **options):
    from fastapi import FastAPI

    from qbsync.adapters.fastapi import router

    app = FastAPI()
    app.include_router(router(service, max_body=LIMIT, **options), prefix=MOUNT)
    return app


WSGI_MOUNTS = (wsgi, flask, django)
ASGI_MOUNTS = (asgi, fastapi)
each_mount = pytest.mark.parametrize("mount", WSGI_MOUNTS + ASGI_MOUNTS, ids=lambda mount: mount.__name__)


def ask(mount, service, method, path=MOUNT, *, body=b"", query="", headers=(), peer="10.0.0.9", **options):
    """Send one request to *mount*; return status, headers (lower case) and body."""
    app = mount(service, **options)
    how = over_wsgi if mount in WSGI_MOUNTS else over_asgi
    return how(app, method, path, body, query, {"Host": "shop.example", **dict(headers)}, peer)


def over_wsgi(app, method, path, body, query, headers, peer):  # noqa: PLR0917 - all of a request
    builder = EnvironBuilder(method=method, path=path, query_string=query, headers=headers)
    environ = {**builder.get_environ(), "REMOTE_ADDR": peer}
    if isinstance(body, bytes):
        environ["wsgi.input"] = io.BytesIO(body)
        environ["CONTENT_LENGTH"] = headers.get("Content-Length", str(len(body)))
    else:
        environ["wsgi.input"] = body
        environ.pop("CONTENT_LENGTH", None)
        environ["wsgi.input_terminated"] = True
    parts, status, got = run_wsgi_app(app, environ, buffered=True)
    return int(status.split()[0]), {k.lower(): v for k, v in got}, b"".join(parts)


def over_asgi(app, method, path, body, query, headers, peer):  # noqa: PLR0917 - as above
    got = []
    if isinstance(body, bytes):
        headers = {"Content-Length": str(len(body)), **headers}

    async def receive():
        if isinstance(body, bytes):
            return {"type": "http.request", "body": body}
        if body is None:
            await asyncio.sleep(60)
        return {"type": "http.request", "body": body.read(400), "more_body": True}

    async def send(message):
        got.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
        "headers": [(k.lower().encode(), v.encode()) for k, v in headers.items()],
        "client": (peer, 1), "server": ("127.0.0.1", 80),
    }  # fmt: skip
    asyncio.run(app(scope, receive, send))
    start, *rest = got
    content = b"".join(message.get("body", b"") for message in rest)
    return start["status"], {k.decode(): v.decode() for k, v in start["headers"]}, content


@each_mount
@pytest.mark.parametrize("path", [MOUNT, MOUNT + "/"])
def test_a_call_is_passed_on_as_it_came(mount, path):
    """Body, type and SOAPAction in; status, type, length and bytes out, also of a fault."""
    service = Recorder()
    headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '"http://x/authenticate"'}
    body = "<ä/>".encode()
    status, got, content = ask(mount, service, "POST", path, body=body, headers=headers)

    assert service.asked == [("handle", body, "text/xml; charset=utf-8", '"http://x/authenticate"')]
    assert (status, content) == (500, b"<fault/>")
    assert got["content-type"] == "text/xml; charset=utf-8"
    assert got["content-length"] == "8"
    assert "content-encoding" not in got


@each_mount
def test_a_page_is_asked_for_with_its_path_and_address(mount):
    """Below a path of the host's own; HEAD is a GET without the body."""
    service = Recorder()
    _, _, page = ask(mount, service, "GET", query="wsdl")
    status, got, head = ask(mount, service, "HEAD", MOUNT + "/a/shop.qwc")

    assert service.asked == [
        ("page", "", "wsdl", f"http://shop.example{MOUNT}", False),
        ("page", "/a/shop.qwc", "", f"http://shop.example{MOUNT}", False),
    ]
    assert page == b"<p>page</p>"
    assert (status, head, got["content-length"]) == (200, b"", "11")


@each_mount
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_other_methods_are_not_allowed(mount, method):
    """The answer names those that are."""
    service = Recorder()
    status, got, _ = ask(mount, service, method)

    assert status == 405
    assert {name.strip() for name in got["allow"].split(",")} == {"GET", "HEAD", "POST"}
    assert service.asked == []


@each_mount
def test_a_body_of_exactly_the_limit_is_taken(mount):
    """One byte more is not."""
    service = Recorder()
    ask(mount, service, "POST", body=b"x" * LIMIT)
    status, _, content = ask(mount, service, "POST", body=b"x" * (LIMIT + 1))

    assert [asked[0] for asked in service.asked] == ["handle", "too_large"]
    assert service.asked[1] == ("too_large", LIMIT)
    assert (status, content) == (413, b"<large/>")


@each_mount
def test_a_body_that_declares_a_gibibyte_is_not_read(mount):
    """Not a byte of it."""
    service = Recorder()
    status, _, _ = ask(mount, service, "POST", headers={"Content-Length": str(2**30)})

    assert status == 413
    assert service.asked == [("too_large", LIMIT)]


@pytest.mark.parametrize("mount", [wsgi, flask, *ASGI_MOUNTS], ids=lambda mount: mount.__name__)
def test_an_endless_body_is_read_to_the_limit(mount):
    """Nothing declares its length; Django takes such a body for an empty one, so it is not here."""
    service = Recorder()
    status, _, _ = ask(mount, service, "POST", body=Unread(70_000))

    assert status == 413


@pytest.mark.parametrize("mount", ASGI_MOUNTS, ids=lambda mount: mount.__name__)
def test_a_body_that_does_not_come_is_given_up(mount):
    """The time is a setting; the answer is 408."""
    service = Recorder()
    status, got, _ = ask(mount, service, "POST", body=None, body_seconds=0.01)

    assert (status, service.asked) == (408, [])
    assert got["connection"] == "close"


@pytest.mark.parametrize(
    ("mount", "length"),
    [
        *((mount, length) for mount in WSGI_MOUNTS + ASGI_MOUNTS for length in ("x", "-1")),
        *((mount, "²") for mount in ASGI_MOUNTS),  # a WSGI server does not pass such a header on
    ],
)
def test_a_length_that_is_no_number_counts_as_none(mount, length):
    """Never an exception."""
    status, _, _ = ask(mount, Recorder(), "POST", headers={"Content-Length": length})

    assert status == 500


@each_mount
@pytest.mark.parametrize(
    ("peer", "headers", "authorised"),
    [
        ("127.0.0.1", {"Host": "localhost:8080"}, True),
        ("127.0.0.1", {"Host": "127.0.0.1"}, True),
        ("::1", {"Host": "[::1]:8080"}, True),
        ("::ffff:127.0.0.1", {"Host": "localhost:8080"}, True),
        ("::ffff:10.0.0.1", {"Host": "localhost:8080"}, False),
        ("127.0.0.1", {"Host": "shop.example"}, False),
        ("127.0.0.1", {"Host": "localhost", "X-Forwarded-For": "127.0.0.1"}, False),
        ("127.0.0.1", {"Host": "localhost", "Forwarded": "for=10.0.0.9"}, False),
        ("10.0.0.9", {"Host": "localhost"}, False),
        ("", {"Host": "localhost"}, False),
    ],
)
def test_only_this_machine_is_let_at_files(mount, peer, headers, authorised):
    """A proxy on this machine is somebody else's mouth; a page elsewhere cannot ask under another name."""
    service = Recorder()
    ask(mount, service, "GET", MOUNT + "/shop.qwc", headers=headers, peer=peer)

    assert [asked[-1] for asked in service.asked] == [authorised]


@each_mount
def test_what_a_proxy_says_counts_only_when_it_is_trusted(mount):
    """Anybody can send such headers; of several values the last is the nearest proxy's."""
    service = Recorder()
    headers = {
        "X-Forwarded-Proto": "http, https",
        "X-Forwarded-Host": "evil.example, books.example",
        "X-Forwarded-Prefix": "/outside/",
    }
    for trust in (False, True):
        ask(mount, service, "GET", headers=headers, trust_proxy=trust)

    assert [asked[3] for asked in service.asked] == [
        f"http://shop.example{MOUNT}",
        f"https://books.example/outside{MOUNT}",
    ]


@pytest.mark.parametrize("host", ['"><script>', "a b", "shop.example/x", ""])
def test_a_host_that_is_no_name_is_not_shown(host):
    """It would stand in the page and in the description."""
    request = Request(
        method="GET", scheme="http", host=host, mount="/q", path="", query="", peer="", headers={}
    )

    assert request.base_url(trust_proxy=False) == "http://localhost/q"


def test_web_sockets_and_lifespan_are_refused_as_servers_expect():
    """A server takes the exception as: not served here."""
    with pytest.raises(NotImplementedError, match="qbsync serves http, not lifespan"):
        asyncio.run(asgi(Recorder())({"type": "lifespan"}, None, None))


@pytest.mark.parametrize(
    ("module", "framework", "extra"),
    [("flask", "flask", "flask"), ("django", "django.http", "django"), ("fastapi", "fastapi", "fastapi")],
)
def test_a_missing_framework_names_its_extra(monkeypatch, module, framework, extra):
    """It is imported in its own module only."""
    name = f"qbsync.adapters.{module}"
    monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, framework, None)

    with pytest.raises(ImportError, match=rf"pip install 'qbsync\[{extra}\]'"):
        importlib.import_module(name)


def test_each_mount_is_short():
    """A mount that needs more lines does the service's work."""
    from pathlib import Path

    import qbsync.adapters

    (folder,) = qbsync.adapters.__path__
    lengths = {path.name: len(path.read_text().splitlines()) for path in Path(folder).glob("[a-z]*.py")}

    assert set(lengths) == {"asgi.py", "django.py", "fastapi.py", "flask.py", "wsgi.py"}
    assert max(lengths.values()) <= 80
