"""A WSGI host: the service alone, for any WSGI server.

QBSYNC_STORE=shop.qbsync gunicorn --chdir examples --workers 4 host_wsgi:app
"""

from __future__ import annotations

import os

from qbsync import Service
from qbsync.adapters.wsgi import application
from qbsync.orders import OrderHandler
from qbsync.store.sqlite import SQLiteStore

store = SQLiteStore(os.environ.get("QBSYNC_STORE", "shop.qbsync"))
app = application(Service(store=store, handlers=(OrderHandler(),)))
