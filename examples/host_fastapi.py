"""A FastAPI app with the service beside its own routes.

QBSYNC_STORE=shop.qbsync uvicorn --app-dir examples --workers 2 host_fastapi:app
"""

from __future__ import annotations

import os

from fastapi import FastAPI

from qbsync import Service
from qbsync.adapters.fastapi import router
from qbsync.orders import OrderHandler
from qbsync.store.sqlite import SQLiteStore

app = FastAPI()
store = SQLiteStore(os.environ.get("QBSYNC_STORE", "shop.qbsync"))
service = Service(store=store, handlers=(OrderHandler(),))
app.include_router(router(service), prefix="/qbwc")


@app.get("/")
def shop() -> str:
    """Show a page of the host's own."""
    return "the shop"
