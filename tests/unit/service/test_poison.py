"""Finding what QuickBooks cannot read: the pure functions, and a model that tries every possibility."""

from __future__ import annotations

from itertools import combinations
from math import ceil, log2

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbsync.service import poison


def bound(n):
    """Return how many round trips may follow the first refusal until one poison job of n is found."""
    return ceil(log2(n)) + 2 if n else 0


class Play:
    """QuickBooks and a service that sends whatever is left; nothing else than the functions under test.

    Args:
        n: how many jobs.
        bad: places of jobs that cannot be read.
        frame: whether the frame of all documents can be read.
        accepted: whether a document of this purpose was taken before.
    """

    def __init__(self, n, bad, *, frame=True, accepted=False):
        self.left = [f"j{place}" for place in range(n)]
        self.bad = {f"j{place}" for place in bad}
        self.frame, self.accepted = frame, accepted
        self.suspects, self.probe = (), False
        self.done, self.blamed = [], []
        self.trips_after = None
        self.frame_blamed = False

    def run(self):
        """Go on until nothing is left, or the frame is known to be at fault."""
        for _ in range(40 + 20 * len(self.left)):
            if not self.left or self.frame_blamed:
                return self
            if self.trips_after is not None and len(self.blamed) < len(self.bad):
                self.trips_after += 1
            self.step()
        raise AssertionError(f"no end: {self.suspects} {self.left}")

    def step(self):
        """Make one round trip."""
        if self.probe:
            self.frame_blamed = not self.frame
            if self.frame:
                self.probe, self.accepted = False, True
                self.blame()
            return
        group, rest = tuple(self.left), ()
        if self.suspects:
            self.suspects, group, rest = poison.next_group(self.suspects)
        assert group
        if self.frame and not self.bad & set(group):
            self.done += group
            self.left = [job for job in self.left if job not in group]
            self.accepted = True
            self.suspects = poison.taken(self.suspects, rest)
            self.blame()
        else:
            self.trips_after = self.trips_after or 0
            found = poison.refused(self.suspects, group, rest, accepted=self.accepted)
            self.suspects, self.probe = found.suspects, self.probe or found.probe
            if self.accepted:
                self.blame()

    def blame(self):
        """Take the culprits out."""
        self.suspects, blamed = poison.culprits(self.suspects)
        self.blamed += blamed
        self.left = [job for job in self.left if job not in blamed]


@pytest.mark.parametrize("accepted", [False, True])
@pytest.mark.parametrize("n", [*range(1, 34), 50, 64, 100, 250, 500])
def test_one_among_n_is_found_within_the_bound(n, accepted):
    """At every position; nobody else is blamed, everybody else goes through."""
    for place in range(n):
        played = Play(n, {place}, accepted=accepted).run()

        assert played.blamed == [f"j{place}"]
        assert len(played.done) == n - 1
        assert played.trips_after <= bound(n), (n, place)


@pytest.mark.parametrize("accepted", [False, True])
@pytest.mark.parametrize("n", range(1, 9))
def test_every_set_of_poison_jobs_is_found(n, accepted):
    """Any of them, up to all: exactly those are blamed, within so many times the bound."""
    for count in range(1, n + 1):
        for bad in combinations(range(n), count):
            played = Play(n, bad, accepted=accepted).run()

            assert sorted(played.blamed) == sorted(played.bad)
            assert len(played.done) == n - count
            assert played.trips_after <= count * bound(n), bad


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_number_among_any_is_found(data):
    """K poison jobs among n are found within k times the bound."""
    n = data.draw(st.integers(1, 300))
    bad = data.draw(st.sets(st.integers(0, n - 1), min_size=1, max_size=8))
    played = Play(n, bad, accepted=data.draw(st.booleans())).run()

    assert sorted(played.blamed) == sorted(played.bad)
    assert len(played.done) == n - len(bad)
    assert played.trips_after <= len(bad) * bound(n)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 50, 500])
def test_a_cause_in_the_frame_blames_no_job(n):
    """A harmless request is refused as well: after at most three more documents nobody is blamed."""
    played = Play(n, (), frame=False).run()

    assert played.frame_blamed
    assert played.blamed == []
    assert played.done == []
    assert played.trips_after <= 3


def test_without_poison_nothing_is_suspected():
    """One document, taken."""
    played = Play(7, ()).run()

    assert played.trips_after is None
    assert len(played.done) == 7


def test_half_of_a_group_goes_first_and_the_rest_is_kept():
    """The first half is the larger one."""
    below, group, rest = poison.next_group(((poison.TRY, "x"), (poison.BAD, "a", "b", "c")))

    assert below == ((poison.TRY, "x"),)
    assert group == ("a", "b")
    assert rest == ("c",)


def test_a_group_that_is_only_to_be_tried_goes_whole():
    """It is not known to be at fault."""
    assert poison.next_group(((poison.TRY, "a", "b"),)) == ((), ("a", "b"), ())
