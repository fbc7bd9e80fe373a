"""The store suite: rules of transactions, one after the other and side by side.

What runs side by side runs in threads that start together; nothing sleeps, and every thread ends.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from attrs import evolve

from ..errors import KeyConflictError, QbsyncError, RevisionError, UsageError
from ..jobs import Move, PutResult, State
from ..store import Record
from ._store_base import SHOP, StoreBase

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Transactions"]

_THREADS = 4
#: No thread of a right store takes this long; a store that locks itself up fails instead of hanging.
_PATIENCE = 60.0


class Transactions(StoreBase):
    """Rules of transactions."""

    def test_what_was_committed_is_there(self) -> None:
        """A later transaction sees what an earlier one did, in both halves."""
        record = Record(company=SHOP, kind="session", key="k")
        with self.store.begin() as t:
            t.jobs.put([self.new("k")])
            t.records.put(record)
            inside = (t.jobs.ready(SHOP), t.records.get(SHOP, "session", "k"))
        with self.store.begin() as t:
            outside = (t.jobs.ready(SHOP), t.records.get(SHOP, "session", "k"))

        self.same(inside, (True, evolve(record, revision=1)), "a transaction sees its own work")
        self.same(outside, inside, "a later one sees it too")

    def test_an_exception_undoes_everything(self) -> None:
        """After an exception jobs, leases, history, counts and records are as before, and work goes on."""
        parent = self.put_one(self.new("parent"))
        child = self.put_one(self.new("child", depends_on=[parent]))
        cancelled = self.job_in(State.CANCELLED, "cancelled")
        with self.store.begin() as t:
            record = t.records.put(Record(company=SHOP, kind="a", key="old", value=b"old"))
        before = self.picture([parent, child, cancelled])
        with self.refused(ZeroDivisionError, "the block's own exception comes out"), self.store.begin() as t:
            self.clock.advance(5)
            t.jobs.put([self.new("new"), self.new("cancelled", payload=b"new", depends_on=[parent])])
            (lease, _) = t.jobs.lease(SHOP, holder="session", limit=9, until=self.later(9))
            t.jobs.move([self.handed(lease)])
            t.jobs.move([Move(job_id=parent, to=State.DONE, token=lease.token)])
            t.records.put(evolve(record, value=b"new"))
            t.records.put(Record(company=SHOP, kind="a", key="new"))
            t.records.delete(evolve(record, revision=2))
            raise ZeroDivisionError

        self.same(self.picture([parent, child, cancelled]), before, "an exception undoes everything")
        self.same(self.keys(self.lease()), ["parent"], "and work goes on")

    def picture(self, ids: list[str]) -> object:
        """Return all that can be seen of the store."""
        with self.store.begin() as t:
            return (
                list(t.jobs.page(limit=1000).items),
                dict(t.jobs.counts(SHOP)),
                [list(t.jobs.history(job_id)) for job_id in ids],
                t.jobs.leases("session"),
                list(t.records.page(SHOP, "a").items),
                t.jobs.ready(SHOP),
            )

    def test_a_refused_step_changes_nothing_even_if_the_rest_is_committed(self) -> None:
        """Who catches a refusal inside a transaction commits what was done before and after, no more."""
        done = self.job_in(State.DONE, "done")
        cancelled = self.job_in(State.CANCELLED, "cancelled")
        own = self.put_one(self.new("own", depends_on=[cancelled]))
        with self.store.begin() as t:
            for step in (
                lambda: t.jobs.put([self.new("bad"), self.new("worse", depends_on=["987654"])]),
                lambda: t.jobs.put(
                    [self.new("bad"), self.new("cancelled", payload=b"new", depends_on=[own])]
                ),
                lambda: t.jobs.move(
                    [Move(job_id=own, to=State.CANCELLED), Move(job_id=done, to=State.WAITING)]
                ),
                lambda: t.records.put(Record(company=SHOP, kind="a", key="k", revision=4)),
            ):
                with self.refused(QbsyncError, "a step that cannot be"):
                    step()
            t.jobs.put([self.new("good")])
        states = self.states()

        expected = {
            "done": State.DONE,
            "cancelled": State.CANCELLED,
            "own": State.BLOCKED,
            "good": State.WAITING,
        }
        self.same(states, expected, "a refused step changes nothing")

    def test_begin_inside_begin_is_refused(self) -> None:
        """A transaction inside another one of the same thread is refused; the outer one goes on."""
        with self.store.begin() as t:
            with self.refused(UsageError, "begin inside begin"), self.store.begin():
                pass
            t.jobs.put([self.new("k")])

        self.same(self.states(), {"k": State.WAITING}, "the outer one goes on")

    def test_a_transaction_ends_with_its_block(self) -> None:
        """After its block a transaction can do nothing."""
        with self.store.begin() as t:
            pass
        for step in (lambda: t.jobs, lambda: t.records, lambda: t.lock(SHOP)):
            with self.refused(UsageError, "use after the end"):
                step()

    def test_now_stands_still_in_a_transaction(self) -> None:
        """``now`` is the clock's moment at the begin, aware and in UTC."""
        start = self.clock.now
        with self.store.begin() as t:
            first = t.now()
            self.clock.advance(5)
            self.same((first, t.now()), (start, start), "now stands still")
            t.jobs.put([self.new("k", not_before=self.later(-1))])
            self.same(t.jobs.ready(SHOP), False, "and it is what counts")
        with self.store.begin() as t:
            self.same((t.now(), t.jobs.ready(SHOP)), (self.clock.now, True), "the next one has its own")
        self.clock.now = self.clock.now.astimezone(timezone(timedelta(hours=9)))
        with self.store.begin() as t:
            self.same((t.now().tzinfo, t.now()), (UTC, self.clock.now), "now is in UTC")

    def test_a_naive_clock_is_refused(self) -> None:
        """A clock without a time zone is refused, and blocks nothing."""
        right = self.clock.now
        self.states()
        self.clock.now = datetime(2026, 1, 1)  # noqa: DTZ001  # the point of the test
        with self.refused(UsageError, "a naive clock"):
            self.states()
        self.clock.now = right

        self.same(self.states(), {}, "the store goes on")

    def test_a_company_can_be_locked(self) -> None:
        """``lock`` is allowed once, twice, and for companies that have nothing."""
        with self.store.begin() as t:
            t.lock(SHOP)
            t.lock(SHOP)
            t.lock("nobody")
            t.jobs.put([self.new("k")])

        self.same(self.states(), {"k": State.WAITING}, "work goes on under a lock")

    def test_a_closed_store_does_nothing(self) -> None:
        """After ``close`` nothing begins; a second ``close`` is allowed."""
        self.put(self.new("k"))
        self.store.close()
        self.store.close()
        with self.refused(UsageError, "begin after close"), self.store.begin():
            pass

    def test_a_foreign_connection_is_refused(self) -> None:
        """What is no connection of the store's database cannot be joined."""
        for connection in (object(), None, "text"):
            with self.refused(UsageError, f"join {connection!r}"), self.store.join(connection):
                pass

    # Side by side

    def together(self, *works: Callable[[], None]) -> None:
        """Run *works* in threads that start together, and fail with what failed there."""
        store = self.store
        start = threading.Barrier(len(works))
        failures: list[BaseException] = []

        def run(work: Callable[[], None]) -> None:
            try:
                start.wait(_PATIENCE)
                work()
            except BaseException as error:  # noqa: BLE001  # raised again in the test's own thread
                failures.append(error)

        threads = [threading.Thread(target=run, args=(work,), daemon=True) for work in works]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(_PATIENCE)
        self.same(any(thread.is_alive() for thread in threads), False, f"threads on {store!r} come to an end")
        if failures:
            raise failures[0]

    def test_no_job_is_leased_twice(self) -> None:
        """Threads that lease at once get each job exactly once between them."""
        self.put(*(self.new(str(n)) for n in range(60)))
        got: dict[int, list[str]] = {n: [] for n in range(_THREADS)}

        def work(n: int) -> None:
            while leases := self.lease(holder=str(n), limit=4):
                got[n] += self.keys(leases)

        self.together(*(lambda n=n: work(n) for n in range(_THREADS)))
        leased = sorted((key for keys in got.values() for key in keys), key=int)

        self.same(leased, [str(n) for n in range(60)], "each job is leased once")

    def test_a_key_put_by_many_is_one_job(self) -> None:
        """Threads that put the same keys at once create each job once."""
        results: list[PutResult] = []

        def work() -> None:
            for n in range(15):
                results.extend(answer.result for answer in self.put(self.new(str(n))))

        self.together(*[work] * _THREADS)
        created = results.count(PutResult.CREATED)

        self.same((created, len(results)), (15, 15 * _THREADS), "one key, one job")
        self.same(set(results), {PutResult.CREATED, PutResult.EXISTING}, "the others find it there")

    def test_a_record_is_changed_by_one(self) -> None:
        """Of threads that know the same revision exactly one changes the record."""
        with self.store.begin() as t:
            record = t.records.put(Record(company=SHOP, kind="a", key="k"))
        won: list[int] = []

        def work(n: int) -> None:
            try:
                with self.store.begin() as t:
                    t.records.put(evolve(record, value=str(n).encode()))
            except RevisionError:
                return
            won.append(n)

        self.together(*(lambda n=n: work(n) for n in range(_THREADS)))
        with self.store.begin() as t:
            now = t.records.get(SHOP, "a", "k")

        self.same(len(won), 1, "one of them changes it")
        self.same(now, evolve(record, value=str(won[0]).encode(), revision=2), "as it said")

    def test_a_lock_makes_others_wait(self) -> None:
        """Under ``lock`` what was read is still so when it is written: no step of any thread is lost."""
        with self.store.begin() as t:
            t.records.put(Record(company=SHOP, kind="a", key="k", value=b"0"))

        def work() -> None:
            for _ in range(10):
                with self.store.begin() as t:
                    t.lock(SHOP)
                    record = t.records.get(SHOP, "a", "k")
                    assert record is not None, "the record is there"
                    t.records.put(evolve(record, value=str(int(record.value) + 1).encode()))

        self.together(*[work] * _THREADS)
        with self.store.begin() as t:
            record = t.records.get(SHOP, "a", "k")

        self.same(record and int(record.value), 10 * _THREADS, "no step is lost")

    def test_nobody_sees_half_a_transaction(self) -> None:
        """Two things done in one transaction are seen both, or none."""
        halves: set[tuple[bool, bool]] = set()

        def write() -> None:
            for n in range(20):
                with self.store.begin() as t:
                    (answer,) = t.jobs.put([self.new(str(n))])
                    t.records.put(Record(company=SHOP, kind="a", key=answer.job_id))

        def read() -> None:
            for n in range(20):
                with self.store.begin() as t:
                    jobs = t.jobs.find(SHOP, [str(n)])
                    record = t.records.get(SHOP, "a", jobs[str(n)].id) if jobs else None
                    halves.add((bool(jobs), record is not None))

        self.together(write, read, read)

        self.same(halves - {(False, False), (True, True)}, set(), "nobody sees half a transaction")

    def test_an_exception_in_one_thread_undoes_its_own_work_only(self) -> None:
        """What other threads commit meanwhile stays."""

        def good() -> None:
            for n in range(10):
                self.put(self.new(f"good {n}"))

        def bad() -> None:
            for n in range(10):
                try:
                    with self.store.begin() as t:
                        (answer,) = t.jobs.put([self.new(f"bad {n}")])
                        raise KeyConflictError(SHOP, f"bad {n}", answer.job_id)  # noqa: TRY301  # the rollback
                except KeyConflictError:
                    continue

        self.together(good, bad)

        self.same(sorted(self.states()), [f"good {n}" for n in range(10)], "only the bad work is undone")
