"""What the matrix relies on: a case that comes to no verdict is told, and counts as wrong."""

from __future__ import annotations

import os

import pytest
from branches import Branches, run_branches
from matrix import Found, Switches
from test_crash_matrix import Table, needs_fork

from qbsync.testing.faults import LostReply, Plan

pytestmark = needs_fork
CASE = Plan(LostReply("authenticate"))


def branched(case):
    """Run a session of one moment; in the branch of its one case call *case* with the store."""
    branches = Branches(plans=(CASE,), copied=lambda: lambda: "the copy")

    def run(store):
        faults = branches.at(1, "authenticate", 1)
        return case(store, faults) if faults else "the parent's own"

    return run_branches(branches, run, "the original")


def test_a_branch_has_its_fault_and_its_copy():
    """What it came to is found under its plan; the parent's own session counts nothing."""
    assert branched(lambda store, faults: (store.store, faults)) == {CASE: ("the copy", CASE.faults)}


def test_a_branch_that_ends_without_a_verdict_is_told():
    """A process that exits as if all were well has judged nothing."""
    assert branched(lambda *_: os._exit(0)) == {CASE: "its process died without a word"}


@pytest.mark.parametrize("raised", [AssertionError, KeyboardInterrupt, SystemExit])
def test_a_branch_that_raises_is_told(raised):
    """Whatever it raises, even what would end a process quietly."""

    def fail(*_):
        raise raised("what it said")

    found = branched(fail)[CASE]
    assert isinstance(found, str)
    assert "what it said" in found


def test_a_verdict_that_cannot_be_told_is_none():
    """It cannot be sent through the pipe: the process dies without a word."""
    assert branched(lambda *_: lambda: None) == {CASE: "its process died without a word"}


@pytest.mark.parametrize(
    "found",
    [
        "its process died without a word",
        "its moment never came",
        Found(states={"done": 40}, wrong=("invoice 1 stands 2 times",)),
        Found(states={"done": 39}, wrong=()),
    ],
    ids=str,
)
def test_what_is_no_good_verdict_is_wrong(found):
    """No text, no fault and no missing order passes for a case that went well."""
    table = Table("memory")
    table.note(Switches(), CASE, Found(states={"done": 40}, wrong=()))
    table.note(Switches(), CASE, found)

    with pytest.raises(AssertionError, match="1 cases went wrong"):
        table.judge(lambda *_: None)
