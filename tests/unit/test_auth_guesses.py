"""Wrong guesses: counted, forgotten with time, bounded in what they cost."""

from __future__ import annotations

import threading

import pytest

from qbsync._guesses import Guesses, Remembered


class Clock:
    """Time that passes when somebody sleeps or works."""

    def __init__(self):
        self.now = 1000.0
        self.slept = []

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def guesses(clock):
    return Guesses(clock=clock, sleep=clock.sleep)


def test_five_wrong_guesses_for_a_name_are_many(guesses):
    """Other names are not concerned."""
    for _ in range(4):
        guesses.was_wrong("shop")
    assert not guesses.are_many("shop")

    guesses.was_wrong("shop")
    assert guesses.are_many("shop")
    assert not guesses.are_many("other")


def test_the_count_falls_by_one_a_minute_and_does_not_pile_up(guesses, clock):
    """A thousand guesses are forgotten as fast as six."""
    for _ in range(1000):
        guesses.was_wrong("shop")
    clock.now += 59
    assert guesses.are_many("shop")

    clock.now += 62
    assert not guesses.are_many("shop")


def test_fifty_wrong_guesses_for_any_names_are_many_for_all(guesses, clock):
    """Guessing names is guessing too; it is over a second after it stops."""
    for number in range(50):
        guesses.was_wrong(f"name {number}")
    assert guesses.are_many("shop")

    clock.now += 2
    assert not guesses.are_many("shop")


def test_the_table_of_names_is_bounded(guesses):
    """A million names take no memory to speak of."""
    for number in range(10_000):
        guesses.was_wrong(f"name {number}")

    assert len(guesses._names) == 4096


def test_after_a_guess_the_slot_rests_three_times_as_long(guesses, clock):
    """So a flood takes a quarter of one core at most."""
    for _ in range(10):
        with guesses.slot() as mine:
            assert mine
            clock.now += 0.05

    worked, rested = 10 * 0.05, sum(clock.slept)
    assert rested == pytest.approx(9 * 0.15)
    assert worked / (worked + rested) < 0.28


def test_one_works_one_waits_and_the_next_is_sent_away(guesses):
    """No more than two threads of a server are taken, whatever comes in."""
    inside, leave, waited = threading.Event(), threading.Event(), threading.Event()

    def work():
        with guesses.slot() as mine:
            assert mine
            inside.set()
            assert leave.wait(10)

    def wait():
        with guesses.slot() as mine:
            assert mine
            waited.set()

    first = threading.Thread(target=work)
    first.start()
    assert inside.wait(10)
    second = threading.Thread(target=wait)
    second.start()
    while guesses._queue._value:
        pass
    with guesses.slot() as mine:
        assert not mine
    assert not waited.is_set()
    leave.set()
    first.join(10)
    second.join(10)

    assert waited.is_set()
    with guesses.slot() as mine:
        assert mine


def test_a_remembered_password_is_that_of_its_stored_hash():
    """Another password, or the same after the account changed, is not remembered."""
    remembered = Remembered()
    remembered.add("hash 1", "right")

    assert remembered.has("hash 1", "right")
    assert not remembered.has("hash 1", "wrong")
    assert not remembered.has("hash 2", "right")


def test_what_is_remembered_is_bounded_and_no_password():
    """The oldest goes first; what is kept is a keyed digest."""
    remembered = Remembered()
    for number in range(5000):
        remembered.add(f"hash {number}", "password")

    assert len(remembered._digests) == 4096
    assert not remembered.has("hash 0", "password")
    assert remembered.has("hash 4999", "password")
    assert b"password" not in b"".join(remembered._digests.values())


def test_two_processes_remember_under_different_keys():
    """The key is random and never leaves its process."""
    first, second = Remembered(), Remembered()

    assert first._digest("hash", "x") != second._digest("hash", "x")
