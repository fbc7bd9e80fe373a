"""The service as a Flask blueprint.

    app.register_blueprint(blueprint(service), url_prefix="/qbwc")

Flask-WTF's ``CSRFProtect`` needs ``csrf.exempt(blueprint)``: the Web Connector knows no tokens; its ticket is
what lets it in. A ``MAX_CONTENT_LENGTH`` of the app does not apply here, *max_body* does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from ._http import MAX_BODY, METHODS
from .wsgi import application

try:
    from flask import Blueprint, Response, request
except ImportError as error:
    raise ImportError("qbsync.adapters.flask needs Flask: pip install 'qbsync[flask]'") from error

if TYPE_CHECKING:
    from ..service import Service

__all__ = ["blueprint"]


def blueprint(
    service: Service, *, name: str = "qbsync", max_body: int = MAX_BODY, trust_proxy: bool = False
) -> Blueprint:
    """Return a blueprint that serves *service*; it stands at ``/qbwc`` unless it is registered elsewhere.

    Args:
        service: what answers.
        name: the name of the blueprint; two services in one app need two.
        max_body: the largest request body in bytes; larger ones are answered with 413 and not read.
        trust_proxy: believe ``X-Forwarded-…``; only behind a proxy that sets them itself. Not needed where
            the app has werkzeug's ``ProxyFix``.
    """
    serve = application(service, max_body=max_body, trust_proxy=trust_proxy)
    mounted = Blueprint(name, __name__, url_prefix="/qbwc")

    def view(path: str = "") -> Response:
        whole = request.environ.get("PATH_INFO", "")
        mount = whole.removesuffix(path).rstrip("/")
        script = request.environ.get("SCRIPT_NAME", "") + mount
        environ = {**request.environ, "SCRIPT_NAME": script, "PATH_INFO": whole.removeprefix(mount)}
        return cast("Response", Response.from_app(serve, environ, buffered=True))

    for rule in ("", "/", "/<path:path>"):
        mounted.add_url_rule(rule, "serve", view, methods=list(METHODS), provide_automatic_options=False)
    return mounted
