"""A Flask app with the service beside its own pages.

QBSYNC_STORE=shop.qbsync gunicorn --chdir examples --workers 4 host_flask:app
"""

from __future__ import annotations

import os

from flask import Flask

from qbsync import Service
from qbsync.adapters.flask import blueprint
from qbsync.orders import OrderHandler
from qbsync.store.sqlite import SQLiteStore

app = Flask(__name__)
store = SQLiteStore(os.environ.get("QBSYNC_STORE", "shop.qbsync"))
service = Service(store=store, handlers=(OrderHandler(),))
app.register_blueprint(blueprint(service), url_prefix="/qbwc")


@app.get("/")
def shop() -> str:
    """Show a page of the host's own."""
    return "the shop"
