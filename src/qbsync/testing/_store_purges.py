"""The store suite: rules of dropping documents: ``settled``, ``purge``, and what stays for ever."""

from __future__ import annotations

from ..errors import DocumentsDroppedError, JobNotFoundError, JobStateError, UsageError
from ..jobs import Move, Outcome, PutResult, RequestOutcome, State
from ._store_base import SHOP, StoreBase

__all__ = ["Purges"]

_REQUEST = RequestOutcome(
    request_id="1",
    name="InvoiceAddRq",
    applied=True,
    status_code=0,
    severity="Info",
    message="for Jane Doe",
    ids={"TxnID": "1A-1"},
    response="<InvoiceAddRs/>",
)
_OUTCOME = Outcome(label="posted", ids={"invoice": "1A-1"}, requests=(_REQUEST,))


class Purges(StoreBase):
    """Rules of dropping documents."""

    def ended(self, key: str, state: State = State.DONE) -> str:
        """Put a job, bring it to its end with an outcome, and return its id."""
        job_id = self.put_one(self.new(key))
        (lease,) = self.lease()
        self.end(
            lease, State.FAILED if state is State.CANCELLED else state, outcome=_OUTCOME, reason="said so"
        )
        if state is State.CANCELLED:
            self.move(Move(job_id=job_id, to=state, reason="taken back"))
        return job_id

    def settled(self, seconds: float = 0, *, limit: int = 1000) -> list[str]:
        """Return what ended before the moment *seconds* from now."""
        with self.store.begin() as t:
            return t.jobs.settled(self.later(seconds), limit=limit)

    def purge(self, *ids: str, words: bool = False) -> None:
        """Purge in a transaction of its own."""
        with self.store.begin() as t:
            t.jobs.purge(ids, words=words)

    def test_settled_jobs_are_found_by_their_end(self) -> None:
        """``settled`` gives jobs that ended before a moment, in the order in which they ended."""
        ids = []
        for key, state in (("a", State.DONE), ("b", State.FAILED), ("c", State.CANCELLED)):
            ids.append(self.ended(key, state))
            self.clock.advance(10)
        for state in (State.WAITING, State.BLOCKED, State.LEASED, State.IN_DOUBT):
            self.job_in(state, f"{state} job")
        got = [self.settled(), self.settled(-10), self.settled(-20), self.settled(limit=2), self.settled(99)]

        self.same(got, [ids, ids[:2], ids[:1], ids[:2], ids], "jobs that ended before a moment")

    def test_settled_is_checked(self) -> None:
        """A limit below 1 or above 1000, and a naive moment, are refused."""
        for limit in (0, 1001):
            with self.refused(UsageError, f"limit {limit}"):
                self.settled(limit=limit)
        with self.refused(UsageError, "a naive moment"), self.store.begin() as t:
            t.jobs.settled(self.clock.now.replace(tzinfo=None))

    def test_a_purged_job_keeps_what_stands_for_it(self) -> None:
        """Payload, plan, messages and responses go; key, state, label, ids, codes, history stay."""
        job_id = self.ended("k")
        other = self.ended("other")
        before, kept = self.job(job_id), self.job(other)
        with self.store.begin() as t:
            history = list(t.jobs.history(job_id))
        self.clock.advance(10)
        self.purge(job_id)
        after = self.job(job_id)
        outcome = after.outcome
        with self.store.begin() as t:
            self.same(list(t.jobs.history(job_id)), history, "the history stays")
        self.same((after.purged, after.payload, after.plan), (True, b"", None), "documents are dropped")
        self.same(
            (after.key, after.kind, after.state, after.reason, after.updated_at, after.created_at),
            (before.key, before.kind, before.state, before.reason, before.updated_at, before.created_at),
            "what stands for the job stays",
        )
        request = RequestOutcome(
            request_id="1",
            name="InvoiceAddRq",
            applied=True,
            status_code=0,
            severity="Info",
            ids={"TxnID": "1A-1"},
        )
        expected = Outcome(label="posted", ids={"invoice": "1A-1"}, requests=(request,))
        self.same(outcome, expected, "ids stay, texts go")
        self.same(self.job(other), kept, "other jobs are left alone")

    def test_a_purged_job_is_settled_no_more(self) -> None:
        """It is not offered again; purging it again changes nothing."""
        job_id, other = self.ended("a"), self.ended("b")
        self.purge(job_id)
        after = self.job(job_id)
        self.purge(job_id)

        self.same(self.job(job_id), after, "purging twice is purging once")
        self.same(self.settled(1), [other], "purged jobs are not offered again")

    def test_a_purged_key_is_a_tombstone(self) -> None:
        """The key of a purged job still does the same thing never twice."""
        self.purge(self.ended("done"))
        answers = self.put(self.new("done"), self.new("done", payload=b"other"))

        self.same(
            [answer.result for answer in answers],
            [PutResult.EXISTING, PutResult.CONFLICT],
            "a tombstone tells equal content from other content",
        )

    def test_a_purged_job_cannot_wait_again(self) -> None:
        """What is gone cannot be sent; putting the key again brings the documents back."""
        for state in (State.FAILED, State.CANCELLED):
            job_id = self.ended(state.value, state)
            self.purge(job_id)
            with self.refused(DocumentsDroppedError, f"{state} and purged to waiting") as refusal:
                self.move(Move(job_id=job_id, to=State.WAITING))
            self.same(refusal.error.job_id, job_id, "the error names the job")
            (answer,) = self.put(self.new(state.value))
            again = self.job(job_id)
            self.same((answer.result, answer.job_id), (PutResult.REPLACED, job_id), "it can be put again")
            got = (again.purged, again.payload, again.state)
            self.same(got, (False, b"payload", State.WAITING), "with its documents")
            self.same(again.outcome and again.outcome.ids, {"invoice": "1A-1"}, "equal content keeps the ids")
            self.move(Move(job_id=job_id, to=State.CANCELLED))

    def test_a_key_stands_for_what_was_put_last(self) -> None:
        """What was put again under the key is what it stands for, also after what was there was dropped."""
        for drop in (False, True):
            key = f"dropped: {drop}"
            job_id = self.ended(key, State.FAILED)
            if drop:
                self.purge(job_id)
            self.put(self.new(key, payload=b"other"))
            answers = self.put(self.new(key, payload=b"other"), self.new(key))
            got = [answer.result for answer in answers]
            self.same(got, [PutResult.EXISTING, PutResult.CONFLICT], f"put again, {key}")
            self.same(self.job(job_id).payload, b"other", "the new content stays")
            self.move(Move(job_id=job_id, to=State.CANCELLED))

    def test_a_job_that_ended_twice_in_one_moment_counts_once(self) -> None:
        """The part of the list that is asked for holds so many jobs, whatever happened to each."""
        ids = [self.put_one(self.new(key)) for key in "abc"]
        ends = [Move(job_id=job_id, to=State.CANCELLED) for job_id in ids]
        self.move(ends[0])
        self.move(Move(job_id=ids[0], to=State.WAITING))
        self.move(*ends)
        self.clock.advance(1)
        with self.store.begin() as t:
            got = [t.jobs.settled(t.now(), limit=limit) for limit in (1, 2, 3, 4)]
        self.same([list(part) for part in got], [ids[:1], ids[:2], ids, ids], "each job once")

    def test_only_settled_jobs_are_purged(self) -> None:
        """A job that may still be needed is refused, and so is the whole call."""
        done = self.ended("done")
        for state in (State.WAITING, State.BLOCKED, State.LEASED, State.IN_DOUBT):
            job_id = self.job_in(state, state.value)
            with self.refused(JobStateError, f"purge of a {state} job") as refusal:
                self.purge(done, job_id)
            self.same(refusal.error.job_id, job_id, "the error names the job")
        for unknown in ("987654", "x"):
            with self.refused(JobNotFoundError, f"purge of {unknown!r}"):
                self.purge(done, unknown)
        self.purge()

        self.same(self.job(done).purged, False, "all or none")

    def test_words_go_with_the_documents_when_asked(self) -> None:
        """With *words* the reasons of the job and of its history are dropped, also after an earlier purge."""
        first, second = self.ended("a", State.FAILED), self.ended("b", State.FAILED)
        self.purge(first)
        self.same(self.job(first).reason, "said so", "without words the reason stays")
        self.purge(first, words=True)
        with self.store.begin() as t:
            words = [change.reason for job_id in (first, second) for change in t.jobs.history(job_id)]

        self.same((self.job(first).reason, self.job(second).reason), (None, "said so"), "the reason goes")
        self.same(words, [None, None, None, None, None, "said so"], "and those of its history")

    def test_a_purge_is_undone_with_its_transaction(self) -> None:
        """After an exception the documents are there."""
        job_id = self.ended("k")
        before = self.job(job_id)
        with self.refused(ZeroDivisionError, "the exception comes out"), self.store.begin() as t:
            t.jobs.purge([job_id], words=True)
            raise ZeroDivisionError

        self.same(self.job(job_id), before, "an exception undoes a purge")

    def test_purged_parents_are_done_all_the_same(self) -> None:
        """A job may depend on a purged one."""
        parent = self.ended("parent")
        self.purge(parent)
        self.put(self.new("child", depends_on=[parent]))

        self.same(self.states()["child"], State.WAITING, "a purged parent is done")

    def test_companies_are_told(self) -> None:
        """``companies`` gives each company that has jobs, once, in order."""
        with self.store.begin() as t:
            nothing = list(t.jobs.companies())
        self.put(*(self.new(key, company=name) for name in ("b", SHOP, "ä", "a") for key in "xy"))
        with self.store.begin() as t:
            got = list(t.jobs.companies())

        self.same((nothing, got), ([], ["a", "b", SHOP, "ä"]), "the companies that have jobs")
