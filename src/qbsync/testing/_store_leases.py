"""The store suite: rules of ``Queue.ready``, ``lease``, ``leases`` and ``expire``."""

from __future__ import annotations

from datetime import datetime, timedelta

from ..errors import LeaseLostError, UsageError
from ..jobs import Move, State
from ._store_base import SHOP, StoreBase

__all__ = ["Leases"]


class Leases(StoreBase):
    """Rules of leasing."""

    def ready(self, company: str = SHOP) -> bool:
        """Return whether a job of *company* could be leased."""
        with self.store.begin() as t:
            return t.jobs.ready(company)

    def test_ready_says_whether_lease_would_give_something(self) -> None:
        """``ready`` is true exactly while a waiting job's moment has come."""
        self.same(self.ready(), False, "an empty store has nothing ready")
        self.put(self.new("k"))
        self.same((self.ready(), self.ready("other")), (True, False), "ready is a company's own")
        (lease,) = self.lease()
        self.same(self.ready(), False, "a leased job is not ready")
        self.end(lease, State.WAITING)
        self.same(self.ready(), True, "a job that waits again is ready")

    def test_only_waiting_jobs_are_leased(self) -> None:
        """A job in any other state is neither ready nor leased."""
        for state in set(State) - {State.WAITING}:
            self.job_in(state, f"in {state}")

        self.same(self.ready(), False, "only waiting jobs are ready")
        self.same(self.lease(), [], "only waiting jobs are leased")

    def test_a_job_is_ready_from_its_moment_on(self) -> None:
        """``not_before`` itself is the first moment at which a job is ready."""
        self.put(self.new("later", not_before=self.later(10)))
        self.clock.advance(9.999999)
        self.same((self.ready(), self.lease()), (False, []), "not before its moment")
        self.clock.advance(0.000001)
        self.same(self.ready(), True, "at its moment")
        self.same(self.keys(self.lease()), ["later"], "at its moment")

    def test_a_job_is_leased_at_its_last_moment_only(self) -> None:
        """A waiting job that is postponed, brought forward or taken back leaves its old place."""
        ids = {key: self.put_one(self.new(key, not_before=self.later(10))) for key in ("sooner", "back")}
        ids["later"] = self.put_one(self.new("later"))
        self.move(
            Move(job_id=ids["sooner"], to=State.WAITING, until=self.later(5)),
            Move(job_id=ids["later"], to=State.WAITING, until=self.later(15)),
            Move(job_id=ids["back"], to=State.CANCELLED),
        )
        taken = []
        for _ in range(5):
            taken.append((self.ready(), self.keys(self.lease())))
            self.clock.advance(5)
        expected = [(False, []), (True, ["sooner"]), (False, []), (True, ["later"]), (False, [])]
        self.same(taken, expected, "each at its last moment, once")

    def test_a_moment_in_any_time_zone(self) -> None:
        """Moments are compared as moments, whatever their time zone."""
        text = self.later(10).astimezone().isoformat()
        self.put(self.new("later", not_before=datetime.fromisoformat(text)))
        self.clock.advance(10)

        self.same(self.keys(self.lease()), ["later"], "a moment in another zone")

    def test_highest_priority_first_then_the_order_of_puts(self) -> None:
        """Leases come by priority, equal ones as they were put; also those whose moment came late."""
        self.put(
            self.new("b", priority=1),
            self.new("c", kind="other"),
            self.new("first", priority=9, not_before=self.later(5)),
            self.new("a", priority=1, kind="another"),
            self.new("d"),
            self.new("e", kind="other"),
        )
        self.clock.advance(5)
        with self.store.begin() as t:
            first = t.jobs.lease(SHOP, holder="s", limit=4, until=self.later(60))
            rest = t.jobs.lease(SHOP, holder="s", limit=4, until=self.later(60))

        self.same(self.keys(first), ["first", "b", "a", "c"], "priority, then order, at most limit")
        self.same(self.keys(rest), ["d", "e"], "what is left")

    def test_a_large_lease_is_in_order_too(self) -> None:
        """Hundreds of jobs are leased at once, in the same order as a few."""
        kinds, jobs = ("x", "y", "z"), range(700)
        self.put(*(self.new(f"{n:03}", kind=kinds[n % 3], priority=n % 2) for n in jobs))
        with self.store.begin() as t:
            first = t.jobs.lease(SHOP, holder="s", limit=600, until=self.later(60))
            rest = t.jobs.lease(SHOP, holder="s", limit=600, until=self.later(60))

        wanted = [f"{n:03}" for n in (*jobs[1::2], *jobs[::2])]
        self.same(self.keys(first), wanted[:600], "priority, then order, up to the limit")
        self.same(self.keys(rest), wanted[600:], "what is left")

    def test_only_the_company_and_the_kinds_asked_for(self) -> None:
        """Jobs of other companies or kinds stay where they are."""
        self.put(self.new("a", kind="x"), self.new("b", kind="y"), self.new("c", kind="z"))
        self.put(self.new("d", company="other", kind="x"))

        self.same(self.keys(self.lease(kinds=["x", "z", "x", "none"])), ["a", "c"], "kinds")
        self.same(self.keys(self.lease()), ["b"], "no kinds: all")
        self.same(self.keys(self.lease(company="other")), ["d"], "the other company's job")

    def test_a_lease_says_what_was_leased(self) -> None:
        """A lease holds the job as it now is, a token, the holder and the deadline."""
        job_id = self.put_one(self.new("k"))
        self.clock.advance(3)
        (lease,) = self.lease(holder="me", seconds=45)

        self.same((lease.holder, lease.deadline), ("me", self.later(45)), "holder and deadline")
        self.same(lease.job, self.job(job_id), "the job as it is stored")
        self.same((lease.job.state, lease.handed_out), (State.LEASED, False), "leased, not handed out")
        self.same((lease.job.updated_at, bool(lease.token)), (self.clock.now, True), "moment and token")

    def test_each_lease_has_its_own_token(self) -> None:
        """A job leased again has another token, and the old one moves nothing."""
        self.put(self.new("k"))
        (old,) = self.lease()
        self.end(old, State.WAITING)
        (new,) = self.lease()
        self.same(old.token == new.token, False, "tokens are not used twice")
        with self.refused(LeaseLostError, "a stale token"):
            self.end(old, State.DONE)

        self.same(self.job(new.job.id).state, State.LEASED, "a stale lease changes nothing")

    def test_leases_of_a_holder(self) -> None:
        """``leases`` gives the holder's own, in the order of ``lease``, as they are now."""
        self.put(*(self.new(key, priority=priority) for key, priority in (("a", 0), ("b", 5), ("c", 0))))
        self.put(self.new("d", company="other"))
        leases = self.lease(holder="me", limit=3)
        others = self.lease(holder="you", company="other")
        self.hand_out(leases[1])
        with self.store.begin() as t:
            mine, yours, nobodys = (t.jobs.leases(holder) for holder in ("me", "you", "nobody"))

        self.same(self.keys(mine), ["b", "a", "c"], "the order of lease")
        self.same([lease.token for lease in mine], [lease.token for lease in leases], "the same tokens")
        self.same([lease.handed_out for lease in mine], [False, True, False], "as they are now")
        self.same((yours, nobodys), (others, []), "each holder's own")

    def test_leases_of_a_holder_in_several_companies(self) -> None:
        """``leases`` gives those of all companies, by priority and then in the order of the puts."""
        self.put(self.new("a"), self.new("b", company="other", priority=1), self.new("c", company="third"))
        self.lease(holder="me")
        self.lease(holder="me", company="other")
        self.lease(holder="you", company="third")
        with self.store.begin() as t:
            mine = t.jobs.leases("me")

        self.same(self.keys(mine), ["b", "a"], "the order of lease, over companies")

    def test_leasing_is_checked(self) -> None:
        """A limit below 1 and a naive deadline are refused."""
        self.put(self.new("k"))
        naive = datetime(2026, 1, 1)  # noqa: DTZ001  # the point of the test
        for limit in (0, -1):
            with self.refused(UsageError, f"limit {limit}"):
                self.lease(limit=limit)
        with self.refused(UsageError, "a naive deadline"), self.store.begin() as t:
            t.jobs.lease(SHOP, holder="s", limit=1, until=naive)

        self.same(self.states(), {"k": State.WAITING}, "nothing was leased")

    # Expiry

    def expire(self, company: str | None = None) -> int:
        """End leases in a transaction of its own."""
        with self.store.begin() as t:
            return t.jobs.expire(company)

    def test_a_lease_lasts_until_its_deadline(self) -> None:
        """Before the deadline nothing expires; at the deadline it does, once."""
        self.put(self.new("k"))
        self.lease(seconds=60)
        self.clock.advance(59.999999)
        self.same(self.expire(), 0, "before the deadline")
        self.clock.advance(0.000001)
        self.same((self.expire(), self.expire()), (1, 0), "at the deadline, once")

    def test_expiry_of_what_was_not_handed_out(self) -> None:
        """A job that did not go out waits again, ready at once, with a reason and without its plan."""
        self.put(self.new("k"))
        (lease,) = self.lease()
        self.move(Move(job_id=lease.job.id, to=State.LEASED, token=lease.token, plan=b"plan"))
        self.clock.advance(60)
        self.expire()
        job = self.job(lease.job.id)

        self.same((job.state, job.plan, bool(job.reason)), (State.WAITING, None, True), "it waits again")
        self.same(self.ready(), True, "it is ready")
        with self.refused(LeaseLostError, "the token of an ended lease"):
            self.end(lease, State.DONE)

    def test_expiry_of_what_was_handed_out(self) -> None:
        """A job that went out is in doubt, with a reason; what belongs to its hand-out is kept."""
        self.put(self.new("k"))
        (lease,) = self.lease()
        self.hand_out(lease, batch="set 1", plan=b"plan 1")
        self.clock.advance(60)
        self.expire()
        job = self.job(lease.job.id)

        self.same((job.state, bool(job.reason)), (State.IN_DOUBT, True), "it is in doubt")
        self.same((job.batch, job.plan, job.attempts), ("set 1", b"plan 1", 1), "its hand-out is kept")
        self.same(self.ready(), False, "a write never waits again by time alone")

    def test_expiry_of_one_company(self) -> None:
        """``expire`` with a company ends its leases only."""
        self.put(self.new("a"), self.new("b", company="other"))
        self.lease()
        self.lease(company="other")
        self.clock.advance(60)

        self.same(self.expire("other"), 1, "the company's own")
        self.same(self.states(), {"a": State.LEASED}, "the other company's lease stays")
        self.same(self.expire(), 1, "all others")

    def test_a_lease_can_be_prolonged(self) -> None:
        """A move to LEASED with ``until`` is a later deadline; without it the deadline stays."""
        self.put(self.new("k"))
        (lease,) = self.lease(seconds=60)
        until = self.later(90)
        self.move(Move(job_id=lease.job.id, to=State.LEASED, token=lease.token, until=until))
        self.hand_out(lease)
        with self.store.begin() as t:
            (now,) = t.jobs.leases("session")
        self.same(now.deadline, until, "the later deadline, kept by the next move")
        self.clock.now = until - timedelta(microseconds=1)
        self.same(self.expire(), 0, "before the later deadline")
        self.clock.now = until
        self.same(self.expire(), 1, "at the later deadline")

    def test_a_lease_past_its_deadline_is_good_until_it_is_ended(self) -> None:
        """An answer that comes late, but before anybody ended the lease, still counts."""
        self.put(self.new("k"))
        (lease,) = self.lease(seconds=60)
        self.hand_out(lease)
        self.clock.advance(3600)
        self.end(lease, State.DONE)

        self.same(self.states(), {"k": State.DONE}, "a late answer counts")
