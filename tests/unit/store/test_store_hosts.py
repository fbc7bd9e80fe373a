"""The driver's connection inside what hosts work with, told by what they have."""

from __future__ import annotations

from types import SimpleNamespace

from qbsync.store._hosts import driver_connection


def test_a_drivers_own_connection_is_itself():
    """What is neither of SQLAlchemy nor of Django is left as it is."""
    own = object()

    assert driver_connection(own) is own
    assert driver_connection(None) is None


def test_django_is_asked_to_connect():
    """Django connects when it is first used, which this is."""
    django = SimpleNamespace(connection=None)
    django.ensure_connection = lambda: setattr(django, "connection", "the driver's")

    assert driver_connection(django) == "the driver's"


def test_sqlalchemy_begins_as_with_any_use():
    """A session gives its connection, which is used once so that its transaction begins."""
    said = []
    connection = SimpleNamespace(
        exec_driver_sql=said.append, connection=SimpleNamespace(driver_connection="the driver's")
    )
    session = SimpleNamespace(get_bind=None, connection=lambda: connection)

    assert driver_connection(session) == "the driver's"
    assert driver_connection(connection) == "the driver's"
    assert said == ["SELECT 1"] * 2
