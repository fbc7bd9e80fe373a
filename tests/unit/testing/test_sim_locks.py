"""The UpdateLock of a Windows user, and the AppLock in the company file."""

from __future__ import annotations

import pytest
from sim_host import Host, connect

from qbsync.testing import Company, Cut, End, Plan, UpdateLock
from qbsync.testing.faults import WebConnectorKilled


@pytest.fixture
def company() -> Company:
    return Company()


def test_only_one_update_runs_at_a_time_over_all_applications(company):
    """A second application that falls due meanwhile makes no call at all."""
    lock, seen = UpdateLock(), []
    second_host = Host()
    second = connect(second_host, company, update_lock=lock, application="Second")

    def meanwhile(step):
        if str(step) == "after authenticate":
            seen.append(second.run_session())

    first = connect(Host(), company, update_lock=lock, application="First", on_step=meanwhile)

    assert first.run_session().end is End.COMPLETED
    assert [(one.end, one.calls) for one in seen] == [(End.LOCKED, ())]
    assert "held by First" in seen[0].status
    assert second_host.calls == []
    assert second.run_session().end is End.COMPLETED


def test_a_kill_leaves_the_update_lock_behind_until_it_is_freed(company):
    lock = UpdateLock()
    killed = connect(Host(), company, update_lock=lock, plan=Plan(WebConnectorKilled("sendRequestXML")))
    other = connect(Host(), company, update_lock=lock, application="Other")
    killed.run_session()

    assert lock.holder == "Shop Sync"
    assert other.run_session().end is End.LOCKED
    lock.free()
    assert other.run_session().end is End.COMPLETED


def test_starting_the_killed_program_again_frees_its_update_lock(company):
    connector = connect(Host(), company, plan=Plan(WebConnectorKilled("sendRequestXML")))
    connector.run_session()

    assert connector.update_lock.holder == "Shop Sync"
    assert connector.run_session().end is End.COMPLETED
    assert connector.update_lock.holder is None


def test_locks_may_be_gone_after_a_kill(company):
    plan = Plan(WebConnectorKilled("sendRequestXML"))
    connector = connect(Host(), company, plan=plan, locks_stay_after_kill=False)
    connector.run_session()

    assert (connector.update_lock.holder, company.locked_by) == (None, "")


def test_the_company_file_is_locked_while_quickbooks_is_open_and_free_before_close_connection(company):
    seen = {}

    def watch(step):
        seen[str(step)] = company.locked_by

    connect(Host(), company, machine="ONE", on_step=watch).run_session()

    assert seen["before authenticate"] == ""
    assert seen["before sendRequestXML"] == "ONE"
    assert seen["after receiveResponseXML"] == "ONE"
    assert seen["before closeConnection"] == ""


def test_the_lock_shows_in_the_host_answer_with_the_own_computer(company):
    host = Host()
    connect(host, company, machine="ONE").run_session()

    assert "LOCKED:ONE:" in host.values("sendRequestXML")["strHCPResponse"]


def test_another_computer_is_locked_out_of_the_file(company):
    other_host, seen = Host(), []
    other = connect(other_host, company, machine="TWO")

    def meanwhile(step):
        if str(step) == "after ProcessRequest":
            seen.append(other.run_session())

    connect(Host(), company, machine="ONE", on_step=meanwhile).run_session()

    assert [one.end for one in seen] == [End.LOCKED]
    assert seen[0].status == "Update aborted. The company file is locked by another client."
    assert other_host.names()[-1] == "authenticate"
    assert other.run_session().end is End.COMPLETED


def test_a_kill_leaves_the_file_locked_for_other_computers_only(company):
    plan = Plan(WebConnectorKilled("receiveResponseXML"))
    killed = connect(Host(), company, machine="ONE", plan=plan)
    killed.run_session()

    assert company.locked_by == "ONE"
    assert connect(Host(), company, machine="TWO").run_session().end is End.LOCKED
    assert killed.run_session().end is End.COMPLETED
    assert connect(Host(), company, machine="TWO").run_session().end is End.COMPLETED


@pytest.mark.parametrize("closes", [True, False])
def test_whether_a_locked_file_is_followed_by_close_connection(company, closes):
    company.locked_by = "ELSEWHERE"
    host = Host()
    report = connect(host, company, closes_after_failure=closes).run_session()

    assert host.names()[-1] == ("closeConnection" if closes else "authenticate")
    assert (report.end, company.locked_by) == (End.LOCKED, "ELSEWHERE")


def test_a_cut_by_the_test_is_a_kill(company):
    def cut(step):
        if str(step) == "after sendRequestXML":
            raise Cut

    connector = connect(Host(), company, on_step=cut)
    connector.run_session()

    assert connector.update_lock.holder is not None
    assert company.locked_by == "SHOP-PC"


def test_an_error_in_the_test_itself_leaves_no_lock(company):
    def broken(_step):
        raise ZeroDivisionError

    connector = connect(Host(), company, on_step=broken)
    with pytest.raises(ZeroDivisionError):
        connector.run_session()

    assert connector.update_lock.holder is None
