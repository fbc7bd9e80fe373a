"""When scheduled runs come, on simulated time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sim_host import Host, connect

from qbsync.testing import Company, End, Plan, SessionReport
from qbsync.testing._schedule import Schedule
from qbsync.testing.faults import SlowQuickBooks, WebConnectorKilled

START = datetime(2024, 1, 2, 8, tzinfo=UTC)


def report(**fields) -> SessionReport:
    return SessionReport(end=End.NO_WORK, status="", **fields)


def starts(run) -> list[float]:
    """Return when the sessions began, in seconds since the first."""
    first = run.sessions[0].began
    return [(one.began - first).total_seconds() for one in run.sessions]


@pytest.fixture
def company() -> Company:
    return Company()


@pytest.mark.parametrize(
    ("took", "missed", "expected"),
    [
        (10, "skipped", 60),
        (60, "skipped", 60),
        (61, "skipped", 120),
        (150, "skipped", 180),
        (150, "at once", 150),
        (10, "at once", 60),
    ],
)
def test_a_run_that_falls_due_during_a_long_one_is_skipped_or_comes_at_once(took, missed, expected):
    schedule = Schedule(every=60, missed=missed)
    ended = START + timedelta(seconds=took)

    assert schedule.next_run(START, ended, report()) == START + timedelta(seconds=expected)


def test_a_postponement_counts_from_the_end_and_wins_over_the_interval():
    ended = START + timedelta(seconds=2)

    assert Schedule(every=60).next_run(START, ended, report(postponed=10)) == ended + timedelta(seconds=10)


@pytest.mark.parametrize(("every", "asked", "interval"), [(60, 300, 300), (600, 300, 600), (60, None, 60)])
def test_the_host_sets_a_lower_limit_of_the_interval(every, asked, interval):
    assert Schedule(every=every).learned(report(minimum_interval=asked)).interval == interval


def test_runs_come_at_the_interval_without_backing_off_after_failures(company):
    host = Host(authenticate=[["t", "none"], (500, "text/html", b""), ["t", "none"]])
    run = connect(host, company).run_scheduled(3600, every=900)

    assert starts(run) == [0, 900, 1800, 2700]
    assert [one.end for one in run.sessions] == [End.NO_WORK, End.FAILED, End.NO_WORK, End.NO_WORK]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (["t", "none", "300"], [0, 300]),
        (["t", "", "300", "1200"], [0, 300, 1500]),
        (["t", "busy", "", "1200"], [0, 1200]),
        (["t", "none", "", "60"], [0, 900, 1800]),
    ],
)
def test_combinations_of_postponing_and_limiting(company, answer, expected):
    """The third string postpones this run, the fourth is kept: next run is last run plus the larger."""
    host = Host(authenticate=[answer, ["t", "none"]])
    connector = connect(host, company)
    run = connector.run_scheduled(2400, every=900)

    assert starts(run)[: len(expected)] == expected
    assert connector.minimum_interval == (int(answer[3]) if len(answer) > 3 else None)


def test_the_lower_limit_is_kept_for_later(company):
    connector = connect(Host(authenticate=[["t", "none", "", "1200"], ["t", "none"]]), company)
    connector.run_session()

    assert starts(connector.run_scheduled(3600, every=60)) == [0, 1200, 2400]


@pytest.mark.parametrize(("again", "runs"), [(True, 4), (False, 1)])
def test_whether_a_wrong_password_stops_the_schedule(company, again, runs):
    host = Host(authenticate=[["t", "nvu"]])

    assert len(connect(host, company, retries_after_refusal=again).run_scheduled(3600).sessions) == runs


def test_without_auto_run_there_are_no_runs(company):
    assert connect(Host(), company, auto_run=False).run_scheduled(3600).sessions == ()


@pytest.mark.parametrize(("missed", "second"), [("skipped", 1800), ("at once", 1002.0)])
def test_a_long_update_delays_the_next_run(company, missed, second):
    host = Host()
    plan = Plan(SlowQuickBooks(seconds=1000.9))
    run = connect(host, company, plan=plan, missed_run=missed).run_scheduled(2000, every=900)

    assert starts(run)[1] == pytest.approx(second, abs=1)


def test_a_killed_program_that_nobody_starts_again_is_locked_out(company):
    plan = Plan(WebConnectorKilled("authenticate"))
    connector = connect(Host(), company, plan=plan, restarts_after_kill=False)
    run = connector.run_scheduled(2700, every=900)

    assert [one.end for one in run.sessions] == [End.KILLED, End.LOCKED, End.LOCKED]
    connector.restart()
    assert connector.run_session().end is End.COMPLETED


def test_waiting_for_the_next_run_is_really_waited_where_wanted(company):
    waited = []
    connect(Host(authenticate=[["t", "none"]]), company, sleep=waited.append).run_scheduled(1800, every=600)

    assert waited == [0, 600, 600]
