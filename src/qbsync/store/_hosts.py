"""The driver's connection inside what hosts work with: a driver's own, SQLAlchemy's, or Django's.

Neither SQLAlchemy nor Django is imported; what they are is told by what they have.
"""

from __future__ import annotations

from typing import Any

__all__ = ["driver_connection"]


def driver_connection(connection: object) -> object:
    """Return the database driver's connection in *connection*, or *connection* itself.

    Known are a SQLAlchemy ``Session`` or ``Connection`` (its transaction begins with this, as with any use
    of it) and a Django ``django.db.connection``.
    """
    if hasattr(connection, "ensure_connection"):  # Django
        connection.ensure_connection()
        return getattr(connection, "connection", None)
    if hasattr(connection, "get_bind") and hasattr(connection, "connection"):  # SQLAlchemy's Session
        connection = connection.connection()
    if hasattr(connection, "exec_driver_sql"):  # SQLAlchemy's Connection
        begun: Any = connection
        begun.exec_driver_sql("SELECT 1")
        return begun.connection.driver_connection
    return connection
