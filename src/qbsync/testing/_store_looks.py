"""The store suite: rules of looking at jobs: ``get``, ``find``, ``page``, ``counts``, ``history``."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ..errors import JobNotFoundError, UsageError
from ..jobs import Change, Move, Outcome, State
from ._store_base import SHOP, StoreBase

if TYPE_CHECKING:
    from ..jobs import Job, Page

__all__ = ["Looks"]


class Looks(StoreBase):
    """Rules of looking."""

    def test_get_keeps_the_order_asked_for(self) -> None:
        """Jobs come in the order of their ids, also twice."""
        ids = [self.put_one(self.new(key)) for key in "abc"]
        asked = [ids[2], ids[0], ids[2]]
        with self.store.begin() as t:
            got = [job.id for job in t.jobs.get(asked)]
            nothing = t.jobs.get([])

        self.same((got, nothing), (asked, []), "get keeps the order")

    def test_an_unknown_id_is_told(self) -> None:
        """The first id that no job has is named, also one that can be no id."""
        job_id = self.put_one(self.new("k"))
        for unknown in ("987654321", "", "x", "-1", f"0{job_id}", f" {job_id}", "٣", "9" * 40):
            with self.refused(JobNotFoundError, f"get {unknown!r}") as refusal, self.store.begin() as t:
                t.jobs.get([job_id, unknown, "nonsense"])
            self.same(refusal.error.job_id, unknown, "the first unknown id")
            with self.refused(JobNotFoundError, f"history of {unknown!r}"), self.store.begin() as t:
                t.jobs.history(unknown)

    def test_find_by_key(self) -> None:
        """``find`` gives the company's jobs by key and leaves out what it does not know."""
        job_id = self.put_one(self.new("here"))
        self.put(self.new("there", company="other"))
        with self.store.begin() as t:
            found = t.jobs.find(SHOP, ["here", "there", "nowhere", "here"])
            nothing = t.jobs.find(SHOP, [])

        self.same((found, nothing), ({"here": self.job(job_id)}, {}), "find by key")

    # Pages

    def page(
        self,
        *,
        company: str | None = None,
        kind: str | None = None,
        state: State | None = None,
        label: str | None = None,
        batch: str | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page[Job]:
        """Return a part of the jobs."""
        with self.store.begin() as t:
            return t.jobs.page(
                company=company,
                kind=kind,
                state=state,
                label=label,
                batch=batch,
                limit=limit,
                cursor=cursor,
            )

    def filled(self) -> None:
        """Fill the store with jobs of two companies in many states."""
        for n, state in enumerate((*State, *State)):
            self.job_in(state, f"{n}", company=SHOP if n % 3 else "other")
        self.put(self.new("labelled", kind="k"), self.new("labelled", company="other", kind="k"))
        for company in (SHOP, "other"):
            (lease,) = self.lease(company=company, kinds=["k"])
            self.hand_out(lease, batch=f"batch of {company}")
            if company == SHOP:
                self.end(lease, State.FAILED, outcome=Outcome(label="half"))

    def test_pages_hold_what_fits(self) -> None:
        """Each filter, and several together, give exactly the jobs that fit, as they were put."""
        self.filled()
        everything = self.page(limit=1000).items
        numbers = [int(job.id) for job in everything]
        self.same((len(numbers), numbers), (16, sorted(numbers)), "no filter: all, in order")
        labels: list[str | None] = [None, "half", "none"]
        batches: list[str | None] = [None, "batch of other", "none"]
        for company in (None, SHOP, "other", "none"):
            for state in (None, *State):
                for label in labels:
                    for batch in batches:
                        got = self.page(company=company, state=state, label=label, batch=batch)
                        expected = [
                            job.id
                            for job in everything
                            if company in {None, job.company}
                            and state in {None, job.state}
                            and batch in {None, job.batch}
                            and (label is None or (job.outcome is not None and job.outcome.label == label))
                        ]
                        rule = f"page of {company}, {state}, {label}, {batch}"
                        self.same([job.id for job in got.items], expected, rule)

    def test_pages_of_a_kind(self) -> None:
        """``kind`` can be asked for alone and with every other filter."""
        self.filled()
        asked = (
            self.page(kind="k"),
            self.page(kind="k", company=SHOP),
            self.page(kind="k", state=State.FAILED),
            self.page(kind="k", label="half", company=SHOP),
            self.page(kind="k", batch="batch of other"),
            self.page(kind="none"),
        )
        got = [[job.company for job in page.items] for page in asked]

        self.same(got, [[SHOP, "other"], [SHOP], [SHOP], [SHOP], ["other"], []], "pages of a kind")

    def test_pages_do_not_follow_priorities(self) -> None:
        """Waiting jobs are listed as they were put, whatever their kinds and priorities, few or many."""
        for priorities in (3, 200):
            company = f"{priorities} priorities"
            self.put(
                *(
                    self.new(str(n), company=company, kind="ab"[n % 2], priority=n * 7 % priorities)
                    for n in range(200)
                )
            )
            for kind in (None, "a", "b"):
                got, cursor = list[str](), None
                while not got or cursor is not None:
                    page = self.page(company=company, kind=kind, state=State.WAITING, limit=30, cursor=cursor)
                    got += [job.key for job in page.items]
                    cursor = page.cursor
                expected = [str(n) for n in range(200) if kind in {None, "ab"[n % 2]}]
                self.same(got, expected, f"waiting jobs of kind {kind}, {priorities} priorities")

    def test_pages_join_without_gaps(self) -> None:
        """Parts of any length, one after the other, are the whole list; the last has no cursor."""
        self.filled()
        for company in (None, SHOP, "other"):
            whole = [job.id for job in self.page(company=company).items]
            for limit in (1, 2, 5, len(whole), len(whole) + 1):
                got: list[str] = []
                cursor: str | None = None
                for _ in range(len(whole) + 1):
                    part = self.page(company=company, limit=limit, cursor=cursor)
                    self.same(len(part.items) <= limit, True, "a part is no longer than its limit")
                    got += [job.id for job in part.items]
                    cursor = part.cursor
                    if cursor is None:
                        break
                self.same((got, cursor), (whole, None), f"parts of {limit} are the whole list")

    def test_a_cursor_is_stable_while_jobs_are_added(self) -> None:
        """What was shown is not shown again, and what is put meanwhile comes at the end."""
        self.put(*(self.new(key) for key in "abc"))
        first = self.page(company=SHOP, limit=2)
        self.put(self.new("d", priority=9))
        second = self.page(company=SHOP, limit=2, cursor=first.cursor)
        third = self.page(company=SHOP, limit=2)
        got = [[job.key for job in page.items] for page in (first, second, third)]

        self.same(got, [["a", "b"], ["c", "d"], ["a", "b"]], "cursors are stable")

    def test_pages_are_checked(self) -> None:
        """A limit below 1 or above 1000, and a cursor that no listing gave, are refused."""
        self.put(self.new("k"))
        for limit in (0, -1, 1001):
            with self.refused(UsageError, f"limit {limit}"):
                self.page(limit=limit)
        for cursor in ("", "nonsense", "☃", "WyJ4Il0", "WzFd", "W10"):
            with self.refused(UsageError, f"cursor {cursor!r}"):
                self.page(cursor=cursor)

    # Counts

    def test_counts_agree_with_the_jobs(self) -> None:
        """Counts are those of the listed jobs, whatever happened to them."""
        self.same(self.counts(), {}, "nothing is counted in an empty store")
        self.filled()
        parent = self.put_one(self.new("parent"))
        self.put(self.new("child", depends_on=[parent]), self.new("child", depends_on=[parent]))
        for lease in self.lease(limit=1):
            self.end(lease, State.DONE)
        for job in self.page(company=SHOP, state=State.CANCELLED).items:
            self.put(self.new(job.key, payload=b"new"))
        for company in (SHOP, "other", "none"):
            jobs = self.page(company=company, limit=1000).items
            self.same(self.counts(company), Counter(job.state for job in jobs), f"counts of {company}")

    def counts(self, company: str = SHOP) -> dict[State, int]:
        """Return the states that have jobs."""
        with self.store.begin() as t:
            return {state: count for state, count in t.jobs.counts(company).items() if count}

    # History

    def test_history_tells_every_change_of_state_and_every_hand_out(self) -> None:
        """Rows come oldest first, each with its moment, states, reason and batch."""
        start = self.clock.now
        job_id = self.put_one(self.new("k"))
        self.clock.advance(1)
        (lease,) = self.lease()
        token = lease.token
        self.move(Move(job_id=job_id, to=State.LEASED, token=token, plan=b"p"))
        self.clock.advance(1)
        self.hand_out(lease, batch="set")
        self.clock.advance(1)
        self.move(Move(job_id=job_id, to=State.IN_DOUBT, token=token, reason="lost"))
        self.move(Move(job_id=job_id, to=State.IN_DOUBT, reason="still"))
        self.clock.advance(1)
        self.move(Move(job_id=job_id, to=State.DONE, reason="found"))
        with self.store.begin() as t:
            history = list(t.jobs.history(job_id))
        expected = [
            (0, None, State.WAITING, None, None),
            (1, State.WAITING, State.LEASED, None, None),
            (2, State.LEASED, State.LEASED, None, "set"),
            (3, State.LEASED, State.IN_DOUBT, "lost", "set"),
            (4, State.IN_DOUBT, State.DONE, "found", "set"),
        ]
        got = [(round((c.at - start).total_seconds()), c.before, c.after, c.reason, c.batch) for c in history]

        self.same(got, expected, "the history of a job")
        self.same({type(c) for c in history}, {Change}, "rows of history are changes")
        self.same({c.job_id for c in history}, {job_id}, "of that job")

    def test_histories_are_apart(self) -> None:
        """A job's history holds its own rows only, also when jobs are changed together."""
        ids = [answer.job_id for answer in self.put(self.new("a"), self.new("b"))]
        self.move(*(Move(job_id=one.job.id, to=State.DONE, token=one.token) for one in self.lease()))
        with self.store.begin() as t:
            got = [[change.after for change in t.jobs.history(job_id)] for job_id in ids]

        self.same(got, [[State.WAITING, State.LEASED, State.DONE]] * 2, "each job its own rows")
