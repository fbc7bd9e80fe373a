"""Hosts for each adapter, as servers load them: the store is named by QBSYNC_STORE.

Each is what a user would write; the server imports this module in each of its worker processes.
"""

# ruff: noqa: PLC0415 - each host loads its own framework only
from __future__ import annotations

import os

from qbsync import Service
from qbsync.cli._stores import open_store

#: Where the service stands in every host: below a path of the host's own.
MOUNT = "/books/qbwc"


def service():
    """Return the service of this process."""
    return Service(store=open_store(os.environ["QBSYNC_STORE"]))


def wsgi():
    """Return a WSGI host with the service at the mount."""
    from werkzeug.exceptions import NotFound
    from werkzeug.middleware.dispatcher import DispatcherMiddleware

    from qbsync.adapters.wsgi import application

    return DispatcherMiddleware(NotFound(), {MOUNT: application(service())})


def asgi():
    """Return an ASGI host with the service at the mount."""
    from qbsync.adapters.asgi import application

    serve = application(service())

    async def host(scope, receive, send):
        if scope["type"] == "http" and scope["path"].startswith(MOUNT):
            await serve({**scope, "root_path": MOUNT}, receive, send)

    return host


def flask():
    """Return a Flask app."""
    from flask import Flask

    from qbsync.adapters.flask import blueprint

    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 1000
    app.register_blueprint(blueprint(service()), url_prefix=MOUNT)
    return app


def fastapi():
    """Return a FastAPI app."""
    from fastapi import FastAPI

    from qbsync.adapters.fastapi import router

    app = FastAPI()
    app.include_router(router(service()), prefix=MOUNT)
    return app


def django_urls():
    """Return the URL configuration of the Django project."""
    from django.urls import include, path

    from qbsync.adapters.django import urls

    return [path(MOUNT.lstrip("/"), include(urls(service())))]


def _django():
    import sys
    from types import ModuleType

    import django
    from django.conf import settings

    if not settings.configured:
        urlconf = ModuleType("hosts_urls")
        sys.modules["hosts_urls"] = urlconf
        settings.configure(
            SECRET_KEY="of a test",
            ALLOWED_HOSTS=["*"],
            ROOT_URLCONF="hosts_urls",
            DATA_UPLOAD_MAX_MEMORY_SIZE=1000,
            MIDDLEWARE=[
                "django.middleware.security.SecurityMiddleware",
                "django.middleware.common.CommonMiddleware",
                "django.middleware.csrf.CsrfViewMiddleware",
            ],
        )
        django.setup()
        urlconf.urlpatterns = django_urls()


def django_wsgi():
    """Return the WSGI side of a Django project."""
    from django.core.wsgi import get_wsgi_application

    _django()
    return get_wsgi_application()


def django_asgi():
    """Return the ASGI side of a Django project."""
    from django.core.asgi import get_asgi_application

    _django()
    return get_asgi_application()


def __getattr__(name):
    """Make the application that a server asks for, ``wsgi_app`` and so on, once in each process."""
    factory = globals().get(name.removesuffix("_app"))
    if not name.endswith("_app") or factory is None:
        raise AttributeError(name)
    globals()[name] = factory()
    return globals()[name]
