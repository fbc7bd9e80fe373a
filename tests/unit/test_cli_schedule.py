"""The command line, for when work may go out."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from qbsync.auth import add_account
from qbsync.cli import main
from qbsync.models import CustomerAdd, CustomerAddRq
from qbsync.outbox import Outbox
from qbsync.service import Service
from qbsync.service.schedule import schedule_of
from qbsync.store.sqlite import SQLiteStore


@pytest.fixture
def store(tmp_path, monkeypatch):
    """A store with one job, its path in the environment."""
    monkeypatch.setenv("QBSYNC_STORE", str(tmp_path / "s"))
    opened = SQLiteStore(tmp_path / "s")
    Outbox(opened, company="Shop").put(CustomerAddRq(customer_add=CustomerAdd(name="Ada")), key="1")
    add_account(opened, "shop", company="Shop", password="long enough")
    yield opened
    opened.close()


def word(store):
    """What a login is told."""
    return Service(store=store).authenticate("shop", "long enough")[1]


def test_a_paused_company_has_no_work(store, capsys):
    """Until it is resumed."""
    assert main(["pause", "--company", "Shop"]) == 0
    assert word(store) == "none"
    assert main(["resume", "--company", "Shop"]) == 0
    assert word(store) == ""
    assert capsys.readouterr().out == "Shop is paused\nShop goes on\n"


def test_a_pause_ends_by_itself(store):
    """The moment is kept in UTC; a pause in the past is none."""
    assert main(["pause", "--company", "Shop", "--until", "2020-01-01T06:00"]) == 0
    assert schedule_of(store, "Shop").paused_until == datetime(2020, 1, 1, 6, tzinfo=UTC)
    assert word(store) == ""


def test_a_pause_tells_when_to_come_again(store):
    """The Web Connector is told the seconds, and beside them the shortest interval."""
    until = datetime.now(UTC) + timedelta(hours=2)
    assert main(["pause", "--company", "Shop", "--until", f"{until:%Y-%m-%dT%H:%M}"]) == 0
    told = Service(store=store, minimum_interval=timedelta(minutes=5)).authenticate("shop", "long enough")
    assert told[1] == "none"
    assert 7000 < int(told[2]) <= 7200
    assert told[3] == "300"
    assert main(["resume", "--company", "Shop"]) == 0
    assert Service(store=store).authenticate("shop", "long enough")[1:] == [""]


@pytest.mark.usefixtures("store")
def test_hours_are_set_shown_and_lifted(capsys):
    """Spans and their time zone."""
    spans = ["22:00-06:00", "12:00-13:30"]
    assert main(["hours", *spans, "--company", "Shop", "--zone", "America/Chicago"]) == 0
    assert main(["hours", "--company", "Shop", "--json"]) == 0
    assert main(["hours", "--company", "Shop", "--always"]) == 0
    first, second, third = capsys.readouterr().out.splitlines()
    assert first == "Shop: 22:00-06:00, 12:00-13:30 (America/Chicago)"
    assert json.loads(second)["hours"] == ["22:00-06:00", "12:00-13:30"]
    assert third == "Shop: always (America/Chicago)"


@pytest.mark.parametrize("arguments", [["noon"], ["25:00-26:00"], ["10:00-11:00", "--always"]])
def test_what_is_no_span_is_wrong_usage(store, arguments, capsys):
    """Exit status 2, and nothing is changed."""
    assert main(["hours", *arguments, "--company", "Shop"]) == 2
    assert schedule_of(store, "Shop").windows == ()
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.usefixtures("store")
def test_an_unknown_zone_is_refused(capsys):
    """The message names it."""
    assert main(["hours", "10:00-11:00", "--zone", "Mars/Base", "--company", "Shop"]) == 1
    assert "Mars/Base" in capsys.readouterr().err


def test_a_sweep_does_what_is_due(store, monkeypatch):
    """A session that has been idle for too long is over after it."""
    service = Service(store=store)
    ticket, _ = service.authenticate("shop", "long enough")
    assert service.send_request_xml(ticket, major=13)
    monkeypatch.setattr("qbsync.cli._schedule.Service", lambda **kw: Service(**kw, idle=timedelta(0)))
    assert main(["sweep"]) == 0
    assert service.send_request_xml(ticket) == ""
    assert "the session is over" in service.get_last_error(ticket)
