"""An ASGI host: the service alone, for any ASGI server.

QBSYNC_STORE=shop.qbsync uvicorn --app-dir examples --workers 2 host_asgi:app
"""

from __future__ import annotations

import os

from qbsync import Service
from qbsync.adapters.asgi import application
from qbsync.orders import OrderHandler
from qbsync.store.sqlite import SQLiteStore

store = SQLiteStore(os.environ.get("QBSYNC_STORE", "shop.qbsync"))
app = application(Service(store=store, handlers=(OrderHandler(),)))
