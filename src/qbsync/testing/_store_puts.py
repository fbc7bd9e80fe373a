"""The store suite: rules of ``Queue.put``."""

from __future__ import annotations

from datetime import datetime

from attrs import evolve

from ..errors import JobNotFoundError, UsageError
from ..jobs import Move, Outcome, Put, PutResult, RequestOutcome, State
from ._store_base import SHOP, StoreBase

__all__ = ["Puts"]

_OUTCOME = Outcome(
    label="partly",
    ids={"invoice": "1A-2", "payment": None},
    requests=(
        RequestOutcome(
            request_id="1", name="InvoiceAddRq", applied=True, ids={"TxnID": "1A-2"}, response="<a/>"
        ),
        RequestOutcome(request_id="2", name="ReceivePaymentAddRq", applied=False, status_code=3140),
    ),
)


class Puts(StoreBase):
    """Rules of putting."""

    def test_a_job_reads_back_as_it_was_put(self) -> None:
        """A job has what was put, waits, was never tried, and says when it came."""
        parent = self.put_one(self.new("parent"))
        moment = self.later(90)
        new = self.new("näme ☃ \U0001f600", priority=-7, not_before=moment, depends_on=[parent])
        job = self.job(self.put_one(new))
        got = (job.company, job.kind, job.key, job.payload, job.priority, job.not_before, job.depends_on)

        expected = (SHOP, "order", "näme ☃ \U0001f600", b"payload", -7, moment, (parent,))
        self.same(got, expected, "a job has what was put")
        rest = (job.attempts, job.outcome, job.plan, job.batch, job.created_at, job.updated_at)
        now = self.clock.now
        self.same(rest, (0, None, None, None, now, now), "a new job has no past")

    def test_payloads_are_any_bytes(self) -> None:
        """A payload comes back byte for byte, whatever it is."""
        payloads = [b"", bytes(range(256)), "é ☃".encode(), b"x" * 1_000_000]
        answers = self.put(*(self.new(str(n), payload=payload) for n, payload in enumerate(payloads)))
        with self.store.begin() as t:
            got = [job.payload for job in t.jobs.get([answer.job_id for answer in answers])]

        self.same(got == payloads, True, "payloads are opaque bytes")

    def test_ids_are_numbers_in_the_order_of_puts(self) -> None:
        """Ids are the decimal text of rising numbers, never used twice."""
        first = [answer.job_id for answer in self.put(*(self.new(str(n)) for n in range(12)))]
        with self.refused(ZeroDivisionError, "the block's own exception comes out"), self.store.begin() as t:
            t.jobs.put([self.new("undone")])
            raise ZeroDivisionError
        ids = [*first, self.put_one(self.new("last"))]
        numbers = [int(job_id) for job_id in ids]

        self.same(ids, [str(number) for number in numbers], "ids are decimal text")
        self.same(numbers, sorted(set(numbers)), "ids rise")

    def test_nothing_put_is_nothing_answered(self) -> None:
        """An empty put is allowed."""
        self.same(self.put(), [], "no jobs, no answers")

    def test_equal_content_is_existing(self) -> None:
        """The same key, kind and payload is the job that is there, whatever else differs."""
        job_id = self.put_one(self.new("k"))
        before = self.job(job_id)
        self.clock.advance(5)
        answers = self.put(self.new("k", priority=9, not_before=self.later(9)))

        self.same(answers, [Put(job_id=job_id, result=PutResult.EXISTING)], "equal content is EXISTING")
        self.same(self.job(job_id), before, "EXISTING changes nothing")

    def test_other_content_is_a_conflict(self) -> None:
        """The same key with another payload or kind is CONFLICT, and changes nothing."""
        job_id = self.put_one(self.new("k"))
        before = self.job(job_id)
        self.clock.advance(5)
        answers = self.put(self.new("k", payload=b"other"), self.new("k", kind="other"))

        self.same(answers, [Put(job_id=job_id, result=PutResult.CONFLICT)] * 2, "other content is CONFLICT")
        self.same(self.job(job_id), before, "CONFLICT changes nothing")

    def test_kind_and_payload_cannot_be_shifted(self) -> None:
        """Kind and payload are compared each for itself."""
        self.put(self.new("k", kind="ab", payload=b"c"))
        (answer,) = self.put(self.new("k", kind="a", payload=b"bc"))

        self.same(answer.result, PutResult.CONFLICT, "kind and payload are not one text")

    def test_keys_belong_to_a_company(self) -> None:
        """The same key of another company is another job."""
        first = self.put_one(self.new("k"))
        second = self.put_one(self.new("k", company="other"))

        self.same(first == second, False, "keys are unique within a company only")

    def test_a_key_twice_in_one_call(self) -> None:
        """Within one call the second job of a key meets the first."""
        answers = self.put(self.new("k"), self.new("k"), self.new("k", payload=b"other"))
        results = [answer.result for answer in answers]

        self.same(
            results,
            [PutResult.CREATED, PutResult.EXISTING, PutResult.CONFLICT],
            "jobs of one call meet each other",
        )
        self.same(len({answer.job_id for answer in answers}), 1, "one key, one job")

    def test_a_key_stays_taken_in_every_other_state(self) -> None:
        """The key of a job that did not fail and was not cancelled stays its own."""
        for state in set(State) - {State.FAILED, State.CANCELLED}:
            job_id = self.job_in(state, f"in {state}")
            job = self.job(job_id)
            same, other = self.put(
                self.new(job.key, kind=job.kind), self.new(job.key, kind=job.kind, payload=b"new")
            )
            got = (same.result, other.result, self.job(job_id))

            self.same(got, (PutResult.EXISTING, PutResult.CONFLICT, job), f"a key stays taken: {state}")

    def test_a_failed_or_cancelled_key_is_replaced(self) -> None:
        """The key of a failed or cancelled job may be put again: same id, new content, begun anew."""
        for state in (State.FAILED, State.CANCELLED):
            job_id = self.job_in(state, f"in {state}")
            created = self.job(job_id).created_at
            self.clock.advance(5)
            new = self.new(f"in {state}", kind="newer", payload=b"new", priority=3, not_before=self.later(9))
            answers = self.put(new)
            job = self.job(job_id)

            self.same(answers, [Put(job_id=job_id, result=PutResult.REPLACED)], f"{state} is REPLACED")
            got = (job.kind, job.payload, job.priority, job.not_before, job.state, job.attempts, job.reason)
            expected = ("newer", b"new", 3, new.not_before, State.WAITING, 0, None)
            self.same(got, expected, "a replaced job has the new content and waits")
            self.same((job.created_at, job.updated_at), (created, self.clock.now), "its moments")
            with self.store.begin() as t:
                last = t.jobs.history(job_id)[-1]
            self.same((last.before, last.after), (state, State.WAITING), "history tells it")

    def test_a_replaced_job_keeps_its_outcome_with_equal_content_only(self) -> None:
        """What was done under the same content is still known; under other content it means nothing."""
        for payload, kept in ((b"payload", _OUTCOME), (b"other", None)):
            key = f"with {payload!r}"
            self.put(self.new(key))
            (lease,) = self.lease()
            self.hand_out(lease)
            self.end(lease, State.FAILED, outcome=_OUTCOME, reason="half of it")
            (answer,) = self.put(self.new(key, payload=payload))
            job = self.job(answer.job_id)

            self.same((job.attempts, job.outcome), (0, kept), "the outcome stays with the content")
            self.end(self.lease()[0], State.DONE)

    def test_a_replaced_job_can_be_leased(self) -> None:
        """A job that was put again is ready like a new one."""
        self.job_in(State.CANCELLED)
        self.put(self.new("job", payload=b"new"))
        with self.store.begin() as t:
            ready = t.jobs.ready(SHOP)

        self.same(ready, True, "a replaced job is ready")
        self.same(self.keys(self.lease()), ["job"], "a replaced job is leased")

    def test_a_job_waits_for_what_it_depends_on(self) -> None:
        """A job whose parents are not all done is blocked, and says why."""
        done, open_ = self.job_in(State.DONE, "done"), self.put_one(self.new("open"))
        blocked = self.job(self.put_one(self.new("child", depends_on=[done, open_])))
        free = self.job(self.put_one(self.new("free", depends_on=[done, done])))

        self.same(blocked.state, State.BLOCKED, "parents not all done: blocked")
        self.same(bool(blocked.reason), True, "a blocked job has a reason")
        self.same((free.state, free.reason), (State.WAITING, None), "parents all done: waiting")
        self.same(free.depends_on, (done,), "a parent counts once")

    def test_a_job_put_under_an_ended_parent_names_it(self) -> None:
        """A job whose parent failed already is blocked with a reason that names the parent."""
        parent = self.job_in(State.FAILED, "parent")
        child = self.job(self.put_one(self.new("child", depends_on=[parent])))

        self.same(child.state, State.BLOCKED, "a failed parent blocks")
        self.same(parent in (child.reason or ""), True, "the reason names the failed parent")

    def test_an_unknown_parent_refuses_the_whole_put(self) -> None:
        """A parent that does not exist in that company refuses everything; nothing is put."""
        foreign = self.put_one(self.new("foreign", company="other"))
        for parent in (foreign, "987654321", "x", "", "-1", "007", "٣", "9" * 40):
            jobs = [self.new("good"), self.new("child", depends_on=[parent])]
            with self.refused(JobNotFoundError, f"parent {parent!r}") as refusal:
                self.put(*jobs)
            self.same(refusal.error.job_id, parent, "the error names the parent")

        self.same(self.states(), {}, "nothing is put")

    def test_a_job_cannot_wait_for_itself(self) -> None:
        """A job put again under something that waits for it is refused; nothing is put."""
        first = self.put_one(self.new("first"))
        second = self.put_one(self.new("second", depends_on=[first]))
        self.move(Move(job_id=first, to=State.CANCELLED), Move(job_id=second, to=State.CANCELLED))
        before = self.states()
        for parents in ([first], [second]):
            again = self.new("first", payload=b"new", depends_on=parents)
            with self.refused(UsageError, "a job above itself"):
                self.put(self.new("good"), again)
        with self.refused(UsageError, "two jobs above each other"):
            self.put(self.new("second", depends_on=[first]), self.new("first", depends_on=[second]))

        self.same(self.states(), before, "nothing is put")

    def test_a_replaced_job_has_its_new_parents_only(self) -> None:
        """The parents of a job that is put again are the new ones."""
        old, new = self.put_one(self.new("old")), self.put_one(self.new("new"))
        child = self.put_one(self.new("child", depends_on=[old]))
        self.move(Move(job_id=child, to=State.CANCELLED))
        self.put(self.new("child", payload=b"other", depends_on=[new]))
        leases = {lease.job.key: lease for lease in self.lease()}
        self.end(leases["old"], State.DONE)

        self.same(self.job(child).state, State.BLOCKED, "the old parent is a parent no more")
        self.end(leases["new"], State.DONE)
        self.same(self.job(child).state, State.WAITING, "the new parent counts")

    def test_what_cannot_be_kept_is_refused(self) -> None:
        """Empty or broken names, wrong types and naive moments are refused; nothing is put."""
        good = self.new("good")
        naive = datetime(2026, 1, 1)  # noqa: DTZ001  # the point of the test
        names = ("", "a\0b", "a\ud800b")
        bad = [
            *(evolve(good, company=name) for name in names),
            *(evolve(good, kind=name) for name in names),
            *(evolve(good, key=name) for name in names),
            evolve(good, priority=2**31),
            evolve(good, priority=-(2**31) - 1),
            evolve(good, not_before=naive),
            evolve(good, payload="text"),  # type: ignore[arg-type]  # the point of the test
        ]
        for job in bad:
            with self.refused(UsageError, f"put {job!r}"):
                self.put(good, job)

        self.same(self.states(), {}, "nothing is put")
        self.put(evolve(good, priority=2**31 - 1), evolve(good, key="least", priority=-(2**31)))
        self.same(self.keys(self.lease()), ["good", "least"], "the bounds themselves are fine")
