"""A Django project in one file, with the service beside its own pages.

QBSYNC_STORE=shop.qbsync gunicorn --chdir examples --workers 4 host_django:app
"""

from __future__ import annotations

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from qbsync import Service
from qbsync.adapters.django import urls
from qbsync.orders import OrderHandler
from qbsync.store.sqlite import SQLiteStore

settings.configure(
    SECRET_KEY=os.environ.get("SECRET_KEY", "only for this example"),
    ALLOWED_HOSTS=["localhost", "127.0.0.1"],
    ROOT_URLCONF=__name__,
    MIDDLEWARE=["django.middleware.common.CommonMiddleware", "django.middleware.csrf.CsrfViewMiddleware"],
)
store = SQLiteStore(os.environ.get("QBSYNC_STORE", "shop.qbsync"))
service = Service(store=store, handlers=(OrderHandler(),))


def shop(_request: HttpRequest) -> HttpResponse:
    """Show a page of the host's own."""
    return HttpResponse("the shop")


urlpatterns = [
    path("qbwc", include(urls(service))),  # without a slash at the end
    path("", shop),
]
app = get_wsgi_application()
