"""Stores agree: whatever is done, in any order, every store answers as the one in memory does.

The stores that speak SQL share no code with the memory store but the rules of ``_rules``; so the two are each
other's opponent.
"""

from __future__ import annotations

import itertools
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from qbsync.errors import QbsyncError
from qbsync.jobs import CHANGES, Move, NewJob, Outcome, RequestOutcome, State
from qbsync.store import Record
from qbsync.store._sql_work import micros
from qbsync.store.memory import MemoryStore
from qbsync.store.sqlite import SQLiteStore

#: What stands in the queues of an SQLite store.
QUEUES = (
    "SELECT job_id, company, kind, urgency, 0 FROM qbsync_due UNION ALL "
    "SELECT job_id, company, NULL, urgency, ready_at FROM qbsync_later"
)

COMPANIES = ("a", "b")
KEYS = ("k", "l", "m", "n")
HOLDERS = ("s", "t")

numbers = st.integers(1, 8)
outcomes = st.none() | st.builds(
    lambda label, message: Outcome(
        label=label,
        ids={"id": label},
        requests=(RequestOutcome(request_id="1", name="XRq", applied=True, message=message),),
    ),
    st.sampled_from(["", "x", "y"]),
    st.none() | st.just("words"),
)
#: What belongs to a move beside the state, the token and the outcome: reason, plan, batch, until, attempted.
details = st.tuples(
    st.sampled_from([None, "why"]),
    st.sampled_from([None, b"plan"]),
    st.sampled_from([None, "set", "other set"]),
    st.none() | st.integers(0, 20),
    st.booleans(),
)
new_jobs = st.builds(
    lambda company, key, kind, payload, priority, later, parents: (
        company, key, kind, payload, priority, later, parents
    ),
    st.sampled_from(COMPANIES),
    st.sampled_from(KEYS),
    st.sampled_from(["order", "query"]),
    st.sampled_from([b"p", b"q"]),
    st.integers(-1, 1),
    st.none() | st.integers(-5, 20),
    st.just([]) | st.just([]) | st.lists(st.integers(1, 4), max_size=2),
)  # fmt: skip


class StoresAgree(RuleBasedStateMachine):
    """Does the same to two stores and compares everything that can be seen."""

    def make(self):
        raise NotImplementedError

    @initialize()
    def begin(self):
        self.now = datetime(2026, 3, 4, tzinfo=UTC)
        self.stores = [MemoryStore(clock=lambda: self.now), self.make()]
        self.tokens = [{}, {}]
        self.put([(company, key, "order", b"p", 0, None, []) for company in COMPANIES for key in "kl"])
        self.put([("a", "m", "query", b"p", 1, None, [1]), ("a", "n", "order", b"p", 0, None, [1, 2])])

    def both(self, do):
        """Do something in a transaction of each store; answers and refusals must be equal."""
        answers = []
        for n, store in enumerate(self.stores):
            try:
                with store.begin() as t:
                    answers.append(do(t, self.tokens[n]))
            except QbsyncError as error:
                answers.append((type(error).__name__, error.args))
        assert answers[0] == answers[1]

    @rule(jobs=st.lists(new_jobs, min_size=1, max_size=3))
    def put(self, jobs):
        new = [
            NewJob(
                company=company,
                key=key,
                kind=kind,
                payload=payload,
                priority=priority,
                not_before=None if later is None else self.now + timedelta(seconds=later),
                depends_on=tuple(map(str, parents)),
            )
            for company, key, kind, payload, priority, later, parents in jobs
        ]
        self.both(lambda t, _: t.jobs.put(new))

    @rule(
        company=st.sampled_from(COMPANIES),
        holder=st.sampled_from(HOLDERS),
        limit=st.integers(1, 3),
        kinds=st.sampled_from([(), ("order",), ("query", "order")]),
        seconds=st.integers(1, 10),
    )
    def lease(self, company, holder, limit, kinds, seconds):
        def do(t, tokens):
            until = t.now() + timedelta(seconds=seconds)
            leases = t.jobs.lease(company, holder=holder, limit=limit, until=until, kinds=kinds)
            tokens.update({one.job.id: one.token for one in leases})
            return [(one.job, one.holder, one.deadline) for one in leases]

        self.both(do)

    @rule(
        moves=st.lists(
            st.tuples(
                numbers,
                st.sampled_from(State),
                st.booleans(),
                outcomes,
                details,
            ),
            min_size=1,
            max_size=3,
        )
    )
    def move(self, moves):
        """Move any jobs anywhere; mostly it is refused."""

        def do(t, tokens):
            t.jobs.move(
                [
                    self.moved(t, str(number), to, tokens.get(str(number)) if with_token else None, *what)
                    for number, to, with_token, *what in moves
                ]
            )

        self.both(do)

    def moved(self, t, job_id, to, token, *what):
        outcome, (reason, plan, batch, later, attempted) = what
        return Move(
            job_id=job_id,
            to=to,
            token=token,
            outcome=outcome,
            reason=reason,
            plan=plan,
            batch=batch,
            until=None if later is None else t.now() + timedelta(seconds=later),
            attempted=attempted,
        )

    @rule(
        holder=st.sampled_from(HOLDERS),
        ways=st.lists(
            st.tuples(st.sampled_from(sorted(CHANGES[State.LEASED])), outcomes, details),
            min_size=1,
            max_size=3,
        ),
    )
    def go_on(self, holder, ways):
        """Move all that a holder has: handed out, kept, given back, in doubt, ended; some of them alike."""

        def do(t, _):
            leases = t.jobs.leases(holder)
            t.jobs.move(
                [
                    self.moved(t, one.job.id, to, one.token, outcome, more)
                    for one, (to, outcome, more) in zip(leases, itertools.cycle(ways), strict=False)
                ]
            )

        self.both(do)

    @rule(
        state=st.sampled_from([state for state in State if CHANGES[state] and state is not State.LEASED]),
        ways=st.lists(st.tuples(st.integers(0, 6), outcomes, details), min_size=1, max_size=2),
    )
    def decide(self, state, ways):
        """Move all jobs in a state to where they may go."""
        ends = sorted(CHANGES[state] - {State.LEASED})

        def do(t, _):
            jobs = t.jobs.page(state=state).items
            t.jobs.move(
                [
                    self.moved(t, job.id, ends[n % len(ends)], None, outcome, more)
                    for job, (n, outcome, more) in zip(jobs, itertools.cycle(ways), strict=False)
                ]
            )

        self.both(do)

    @rule(
        company=st.sampled_from([None, *COMPANIES]),
        kind=st.sampled_from([None, "order"]),
        state=st.sampled_from([None, *State]),
        label=st.sampled_from([None, "", "x", "y"]),
        batch=st.sampled_from([None, None, "set"]),
        limit=st.integers(1, 3),
    )
    def pages(self, limit, **wanted):
        """List jobs, page by page."""

        def do(t, _):
            found, cursor = [], None
            while True:
                page = t.jobs.page(limit=limit, cursor=cursor, **wanted)
                found.append([job.id for job in page.items])
                cursor = page.cursor
                if cursor is None:
                    return found

        self.both(do)

    @rule(limit=st.integers(1, 3), words=st.booleans())
    def sweep(self, limit, words):
        """Purge what ended before now, some at a time."""
        self.both(lambda t, _: t.jobs.purge(t.jobs.settled(self.now, limit=limit), words=words))

    @rule(seconds=st.integers(1, 8))
    def turn_the_clock(self, seconds):
        self.now += timedelta(seconds=seconds)

    @rule(company=st.sampled_from([None, *COMPANIES]))
    def expire(self, company):
        self.both(lambda t, _: t.jobs.expire(company))

    @rule(ids=st.lists(numbers, max_size=2), words=st.booleans())
    def purge(self, ids, words):
        self.both(lambda t, _: t.jobs.purge([str(number) for number in ids], words=words))

    @rule(key=st.sampled_from(KEYS), value=st.binary(max_size=2), known=st.booleans(), gone=st.booleans())
    def record(self, key, value, known, gone):
        def do(t, _):
            there = t.records.get("a", "kind", key) if known else None
            record = there or Record(company="a", kind="kind", key=key)
            if gone:
                t.records.delete(record)
                return None
            return t.records.put(evolve(record, value=value, state=value.hex()[:1], sort=value.hex()))

        self.both(do)

    @invariant()
    def all_that_can_be_seen_is_equal(self):
        def look(t, _):
            jobs = t.jobs.page(limit=1000).items
            return (
                list(jobs),
                [list(t.jobs.history(job.id)) for job in jobs],
                [dict(t.jobs.counts(company)) for company in COMPANIES],
                [t.jobs.ready(company) for company in COMPANIES],
                [[(one.job.id, one.deadline) for one in t.jobs.leases(holder)] for holder in HOLDERS],
                t.jobs.settled(self.now),
                list(t.jobs.companies()),
                list(t.records.page("a", "kind").items),
                [[job.id for job in t.jobs.page(label="x", state=state).items] for state in (None, *State)],
            )

        self.both(look)

    def teardown(self):
        for store in getattr(self, "stores", ()):
            store.close()


class SQLiteAgrees(StoresAgree):
    def make(self):
        self.folder = tempfile.TemporaryDirectory()
        return SQLiteStore(Path(self.folder.name) / "q.db", clock=lambda: self.now, durable=False)

    @invariant()
    def jobs_stand_where_they_belong(self):
        """In the queues is who waits, once and at the right place, and nobody else."""
        with self.stores[1].begin() as t:
            rows = t._work._cursor.execute(QUEUES).fetchall()
            jobs = {int(job.id): job for job in t.jobs.page(limit=1000).items}
        waiting = [job for job in jobs.values() if job.state is State.WAITING]
        assert sorted(row[0] for row in rows) == [int(job.id) for job in waiting]
        for number, company, kind, urgency, ready_at in rows:
            job = jobs[number]
            assert (company, kind or job.kind, urgency) == (job.company, job.kind, -job.priority)
            assert ready_at in {0, None if job.not_before is None else micros(job.not_before)}
            assert ready_at or job.not_before is None or job.not_before <= self.now

    def teardown(self):
        super().teardown()
        if hasattr(self, "folder"):
            self.folder.cleanup()


def few(examples):
    """Return settings for so many runs of 30 steps."""
    return settings(
        max_examples=examples,
        stateful_step_count=30,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


def test_sqlite_agrees_with_memory():
    """Whatever is done to both, an SQLite store answers and looks like the memory store."""
    run_state_machine_as_test(SQLiteAgrees, settings=few(60))


@pytest.mark.nightly
def test_sqlite_agrees_with_memory_for_long():
    """The same with many more runs."""
    run_state_machine_as_test(SQLiteAgrees, settings=few(2000))


@pytest.mark.xdist_group("postgres")
def test_postgresql_agrees_with_memory(postgres):
    """Whatever is done to both, a PostgreSQL store answers and looks like the memory store."""
    from qbsync.store.postgres import PostgresStore  # noqa: PLC0415 - needs libpq, tests run without

    made = PostgresStore(postgres())

    class PostgresAgrees(StoresAgree):
        def make(self):
            made._clock = lambda: self.now
            with made.begin() as t:
                t._work._cursor.execute(
                    "TRUNCATE qbsync_job, qbsync_payload, qbsync_dependency, qbsync_history, qbsync_tally,"
                    " qbsync_tally_put, qbsync_settled, qbsync_record, qbsync_company"
                )
                t._work._cursor.execute("ALTER SEQUENCE qbsync_job_number RESTART")
            return made

        def teardown(self):
            pass

    run_state_machine_as_test(PostgresAgrees, settings=few(40))
    made.close()
