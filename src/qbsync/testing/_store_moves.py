"""The store suite: rules of ``Queue.move``, for the moved jobs and for those that depend on them."""

from __future__ import annotations

from datetime import datetime

from ..errors import JobNotFoundError, JobStateError, LeaseLostError, UsageError
from ..jobs import CHANGES, Move, Outcome, RequestOutcome, State
from ._store_base import StoreBase

__all__ = ["Moves"]


class Moves(StoreBase):
    """Rules of moving."""

    def test_the_table_of_states_decides(self) -> None:
        """For every two states a move is carried out or refused as ``CHANGES`` says."""
        for before in State:
            for after in State:
                job_id = self.job_in(before, f"{before} to {after}")
                move = Move(job_id=job_id, to=after, token=self.token(job_id))
                rule = f"{before} to {after}"
                if after in CHANGES[before] and (after, before) != (State.LEASED, State.WAITING):
                    self.move(move)
                    self.same(self.job(job_id).state, after, rule)
                    continue
                with self.refused(JobStateError, rule) as refusal:
                    self.move(move)
                error = refusal.error
                got = (error.job_id, error.state, error.wanted, self.job(job_id).state)
                self.same(got, (job_id, before.value, after.value, before), rule)

    def test_a_leased_job_moves_with_its_token_only(self) -> None:
        """Without the token, or with another, a leased job does not move; the error lists all such."""
        ids = [self.put_one(self.new(key)) for key in "abc"]
        leases = self.lease()
        for token in (None, "other", ""):
            moves = [
                Move(job_id=ids[0], to=State.DONE, token=leases[0].token),
                *(Move(job_id=job_id, to=State.DONE, token=token) for job_id in ids[1:]),
            ]
            with self.refused(LeaseLostError, f"token {token!r}") as refusal:
                self.move(*moves)
            self.same(refusal.error.job_ids, tuple(ids[1:]), "the lost leases")

        self.same(set(self.states().values()), {State.LEASED}, "all or none")

    def test_a_job_that_is_not_leased_moves_without_token_only(self) -> None:
        """A token for a job that is not leased is a lease that was lost."""
        for state in set(State) - {State.LEASED}:
            job_id = self.job_in(state, f"in {state}")
            with self.refused(LeaseLostError, f"a token for a job that is {state}"):
                self.move(Move(job_id=job_id, to=State.WAITING, token="token"))  # noqa: S106  # no password
            self.same(self.job(job_id).state, state, "nothing is changed")

    def test_moves_are_carried_out_all_or_none(self) -> None:
        """One move that cannot be refuses all, and leaves no row of history."""
        good, bad = self.put_one(self.new("good")), self.job_in(State.DONE, "bad")
        first = Move(job_id=good, to=State.CANCELLED)
        naive = datetime(2026, 1, 1)  # noqa: DTZ001  # the point of the test
        for error, second in (
            (JobStateError, Move(job_id=bad, to=State.WAITING)),
            (JobNotFoundError, Move(job_id="987654", to=State.WAITING)),
            (JobNotFoundError, Move(job_id="nonsense", to=State.WAITING)),
            (LeaseLostError, Move(job_id=bad, to=State.WAITING, token="token")),  # noqa: S106  # no password
            (UsageError, first),
        ):
            with self.refused(error, f"{second!r} beside a good move"), self.store.begin() as t:
                t.jobs.move([first, second])
        with self.refused(UsageError, "a naive moment"):
            self.move(first, Move(job_id=bad, to=State.WAITING, until=naive))
        with self.store.begin() as t:
            rows = len(t.jobs.history(good))

        self.same((self.job(good).state, rows), (State.WAITING, 1), "all or none")

    def test_no_moves_change_nothing(self) -> None:
        """An empty list of moves is allowed."""
        self.put(self.new("k"))
        self.move()

        self.same(self.states(), {"k": State.WAITING}, "nothing moved")

    def test_a_hand_out_is_kept_while_it_matters(self) -> None:
        """Plan and batch stay while a job is leased or in doubt, and are dropped when it leaves these."""
        for last in (State.WAITING, State.DONE, State.FAILED, State.BLOCKED):
            job_id = self.put_one(self.new(f"to {last}"))
            (lease,) = self.lease()
            token = lease.token
            self.move(Move(job_id=job_id, to=State.LEASED, token=token, plan=b"plan"))
            self.move(Move(job_id=job_id, to=State.LEASED, token=token, batch="set", attempted=True))
            leased = self.job(job_id)
            self.move(Move(job_id=job_id, to=State.IN_DOUBT, token=token, reason="why"))
            doubtful = self.job(job_id)
            self.move(Move(job_id=job_id, to=State.IN_DOUBT, reason="still", batch="set 2"))
            still = self.job(job_id)
            self.move(Move(job_id=job_id, to=last, reason="over"))
            ended = self.job(job_id)

            self.same((leased.plan, leased.batch, leased.attempts), (b"plan", "set", 1), "leased")
            got = (doubtful.plan, doubtful.batch, doubtful.attempts, doubtful.reason)
            self.same(got, (b"plan", "set", 1, "why"), "in doubt")
            self.same((still.plan, still.batch, still.reason), (b"plan", "set 2", "still"), "still in doubt")
            got_last = (ended.state, ended.plan, ended.batch, ended.attempts, ended.reason)
            self.same(got_last, (last, None, None, 1, "over"), f"in doubt to {last}")
            self.drain()

    def drain(self) -> None:
        """Finish every job that is ready."""
        for lease in self.lease():
            self.end(lease, State.DONE)

    def test_a_plan_and_a_batch_can_be_given_with_the_doubt(self) -> None:
        """A move from LEASED to IN_DOUBT may bring the plan and the batch."""
        self.put(self.new("k"))
        (lease,) = self.lease()
        to = State.IN_DOUBT
        self.move(Move(job_id=lease.job.id, to=to, token=lease.token, plan=b"p", batch="b", attempted=True))
        job = self.job(lease.job.id)

        self.same((job.plan, job.batch, job.attempts), (b"p", "b", 1), "given with the doubt")

    def test_an_outcome_is_kept_until_another_is_given(self) -> None:
        """An outcome comes back as it was given, and stays when a move brings none."""
        request = RequestOutcome(
            request_id="7",
            name="InvoiceAddRq",
            applied=None,
            status_code=0,
            severity="Info",
            message="Status OK é",
            ids={"TxnID": "1-2"},
            response="<InvoiceAddRs/>",
        )
        first = Outcome(label="half", ids={"invoice": "1-2", "payment": None}, requests=(request,))
        second = Outcome(label="posted")
        self.put(self.new("k"))
        (lease,) = self.lease()
        self.end(lease, State.FAILED, outcome=first)
        self.move(Move(job_id=lease.job.id, to=State.WAITING))
        (again,) = self.lease()
        self.same(again.job.outcome, first, "kept, and part of the lease")
        self.end(again, State.DONE, outcome=second)

        self.same(self.job(lease.job.id).outcome, second, "until another is given")

    def test_the_reason_is_that_of_the_last_move(self) -> None:
        """A reason is never older than the last move."""
        job_id = self.job_in(State.BLOCKED)
        self.same(self.job(job_id).reason, "a person said so", "the reason of the move")
        self.move(Move(job_id=job_id, to=State.WAITING))
        self.same(self.job(job_id).reason, None, "a move without reason leaves none")

    def test_attempts_are_counted_and_begin_anew(self) -> None:
        """Each move with ``attempted`` counts; a job that ended and waits again begins at 0."""
        job_id = self.put_one(self.new("k"))
        for expected in (1, 2):
            (lease,) = self.lease()
            self.hand_out(lease)
            self.end(lease, State.WAITING)
            self.same(self.job(job_id).attempts, expected, "attempts are counted")
        (lease,) = self.lease()
        self.end(lease, State.FAILED)
        self.same(self.job(job_id).attempts, 2, "kept when it fails")
        self.move(Move(job_id=job_id, to=State.WAITING))

        self.same(self.job(job_id).attempts, 0, "anew after the end")

    def test_until_is_the_new_not_before(self) -> None:
        """A move to WAITING is ready at ``until``; without it at once."""
        job_id = self.put_one(self.new("k", not_before=self.later(5)))
        self.move(Move(job_id=job_id, to=State.WAITING))
        self.same(self.job(job_id).not_before, None, "at once")
        (lease,) = self.lease()
        until = self.later(30)
        self.move(Move(job_id=job_id, to=State.WAITING, token=lease.token, until=until, reason="again"))
        self.same((self.job(job_id).not_before, self.lease()), (until, []), "not yet")
        self.clock.advance(30)
        self.same(self.keys(self.lease()), ["k"], "at its moment")

    def test_a_job_that_leaves_its_lease_has_none(self) -> None:
        """After a move out of LEASED the holder holds nothing."""
        for state in sorted(CHANGES[State.LEASED] - {State.LEASED}):
            self.put(self.new(f"to {state}"))
            (lease,) = self.lease()
            self.end(lease, state)
            with self.store.begin() as t:
                self.same(t.jobs.leases("session"), [], f"LEASED to {state}")
            if state is State.WAITING:
                self.drain()

    # Jobs that depend on others

    def test_a_done_parent_unblocks_those_that_waited_for_it_alone(self) -> None:
        """A child waits until its last parent is done, and says in its history when that was."""
        first, second = self.put_one(self.new("first")), self.put_one(self.new("second"))
        self.put(self.new("one", depends_on=[first]))
        both = self.put_one(self.new("both", depends_on=[second, first]))
        leases = self.lease()
        self.end(leases[0], State.DONE)
        states = self.states()
        self.same((states["one"], states["both"]), (State.WAITING, State.BLOCKED), "the first is done")
        self.clock.advance(1)
        self.end(leases[1], State.DONE)
        job = self.job(both)
        self.same((job.state, job.reason, job.updated_at), (State.WAITING, None, self.clock.now), "both are")
        with self.store.begin() as t:
            last = t.jobs.history(both)[-1]
        self.same((last.before, last.after), (State.BLOCKED, State.WAITING), "history tells it")
        self.same(self.keys(self.lease()), ["one", "both"], "and they are leased")

    def test_parents_done_in_one_call(self) -> None:
        """Parents that become done together unblock their child."""
        parents = [self.put_one(self.new(key)) for key in "abc"]
        self.put(self.new("child", depends_on=parents))
        self.move(*(Move(job_id=one.job.id, to=State.DONE, token=one.token) for one in self.lease()))

        self.same(self.states()["child"], State.WAITING, "all parents are done")

    def test_an_unblocked_job_still_has_its_moment(self) -> None:
        """A child whose moment is later is not ready when its parent is done."""
        parent = self.put_one(self.new("parent"))
        self.put(self.new("child", depends_on=[parent], not_before=self.later(10)))
        self.drain()
        self.same((self.states()["child"], self.lease()), (State.WAITING, []), "not before its moment")
        self.clock.advance(10)
        self.same(self.keys(self.lease()), ["child"], "at its moment")

    def test_an_ended_parent_leaves_its_children_blocked(self) -> None:
        """A parent that fails or is cancelled leaves its children blocked; their reason names it."""
        for ended in (State.FAILED, State.CANCELLED):
            parent = self.put_one(self.new(f"parent {ended}"))
            child = self.put_one(self.new(f"child {ended}", depends_on=[parent]))
            before = self.job(child).reason
            if ended is State.FAILED:
                self.end(self.lease()[0], ended)
            else:
                self.move(Move(job_id=parent, to=ended))
            job = self.job(child)
            self.same(job.state, State.BLOCKED, f"a parent that {ended} blocks")
            self.same(parent in (job.reason or ""), True, "the reason names it")
            self.move(Move(job_id=parent, to=State.WAITING))
            self.same(self.job(child).reason, before, "not any more when it waits again")
            self.drain()
            self.same(self.job(child).state, State.WAITING, "and the child goes on when it is done")
            self.drain()

    def test_a_parent_put_again_is_a_parent_still(self) -> None:
        """Children of a job that is put again wait for it."""
        parent = self.job_in(State.CANCELLED, "parent")
        child = self.put_one(self.new("child", depends_on=[parent]))
        self.put(self.new("parent", payload=b"new"))
        self.same(parent in (self.job(child).reason or ""), False, "it is not ended any more")
        self.drain()

        self.same(self.job(child).state, State.WAITING, "its children go on when it is done")

    def test_a_job_whose_parents_are_open_cannot_be_made_to_wait(self) -> None:
        """WAITING means BLOCKED for a job whose parents are not all done."""
        parent = self.put_one(self.new("parent"))
        child = self.put_one(self.new("child", depends_on=[parent]))
        reason = self.job(child).reason
        self.move(Move(job_id=child, to=State.WAITING, reason="go"))
        job = self.job(child)
        self.same((job.state, job.reason), (State.BLOCKED, reason), "it stays blocked")
        self.move(Move(job_id=child, to=State.CANCELLED))
        self.move(Move(job_id=child, to=State.WAITING))
        self.same(self.job(child).state, State.BLOCKED, "also after a cancel")

    def test_a_cancelled_child_stays_cancelled(self) -> None:
        """A parent that becomes done does not revive a child that was taken back."""
        parent = self.put_one(self.new("parent"))
        child = self.put_one(self.new("child", depends_on=[parent]))
        self.move(Move(job_id=child, to=State.CANCELLED))
        self.drain()
        self.same(self.job(child).state, State.CANCELLED, "it stays cancelled")
        self.move(Move(job_id=child, to=State.WAITING))
        self.same(self.job(child).state, State.WAITING, "and waits for nothing when it is retried")

    def test_moves_of_one_call_have_no_order(self) -> None:
        """A child that is to wait, and its parent that is done, end alike whichever is named first."""
        for order in (1, -1):
            parent = self.put_one(self.new(f"parent {order}"))
            child = self.put_one(self.new(f"child {order}", depends_on=[parent]))
            self.move(Move(job_id=child, to=State.CANCELLED))
            (lease,) = self.lease()
            moves = [Move(job_id=parent, to=State.DONE, token=lease.token)]
            moves.append(Move(job_id=child, to=State.WAITING, reason="go"))
            self.move(*moves[::order])
            self.same((self.job(child).state, self.job(child).reason), (State.WAITING, None), "it waits")
            self.drain()

    def test_a_held_job_is_not_unblocked_by_others(self) -> None:
        """A job that a person holds stays blocked, whatever becomes of other jobs."""
        held = self.job_in(State.BLOCKED, "held")
        self.put(self.new("other"))
        self.drain()

        self.same(self.job(held).state, State.BLOCKED, "a held job is not unblocked by others")
