"""Stores that are broken on purpose, each in one way that real stores are.

Each is the memory store with one thing done wrongly. ``RULES`` names the test of the suite that must notice.
"""

from __future__ import annotations

import time
from contextlib import contextmanager

from attrs import evolve

from qbsync.errors import JobStateError, LeaseLostError, RevisionError
from qbsync.jobs import Move, Page, Put, PutResult, State
from qbsync.store import _rules
from qbsync.store._memory_jobs import MemoryJobs
from qbsync.store.memory import MemoryRecords, MemoryStore, MemoryTransaction


class Broken(MemoryStore):
    """A memory store whose halves can be exchanged."""

    jobs = MemoryJobs
    records = MemoryRecords

    @contextmanager
    def begin(self):
        with super().begin() as t:
            t._jobs = self.jobs(self._tables, t._now)
            t._records = self.records(self._tables)
            yield t


def broken(*, jobs=None, records=None):
    """Return a store class with one half exchanged."""
    return type("Exchanged", (Broken,), {"jobs": jobs or MemoryJobs, "records": records or MemoryRecords})


# Putting


class SwallowsConflicts(MemoryJobs):
    def put(self, jobs, /):
        answers = super().put(jobs)
        return [
            evolve(a, result=PutResult.EXISTING) if a.result is PutResult.CONFLICT else a for a in answers
        ]


class OneKeyForAll(MemoryJobs):
    def put(self, jobs, /):
        answers = []
        for job in jobs:
            taken = [n for (company, key), n in self._tables.keys.items() if key == job.key]
            if taken:
                answers.append(Put(job_id=str(taken[0]), result=PutResult.EXISTING))
            else:
                answers += super().put([job])
        return answers


class ForgetsDoneKeys(MemoryJobs):
    def put(self, jobs, /):
        for job in jobs:
            number = self._tables.keys.get((job.company, job.key))
            if number is not None and self._tables.jobs[number].job.state is State.DONE:
                del self._tables.keys[job.company, job.key]
        return super().put(jobs)


class IgnoresParents(MemoryJobs):
    def put(self, jobs, /):
        return super().put([evolve(job, depends_on=()) for job in jobs])


class PutsOneByOne(MemoryJobs):
    def put(self, jobs, /):
        return [answer for job in jobs for answer in super(PutsOneByOne, self).put([job])]


class PutsText(MemoryJobs):
    def put(self, jobs, /):
        read = [evolve(job, payload=job.payload.decode("utf-8", "replace").encode()) for job in jobs]
        return super().put(read)


class KeepsAnyOutcome(MemoryJobs):
    def _replace(self, job, digest, row):
        return super()._replace(job, digest, evolve(row, digest=digest))


class RemembersOldContent(MemoryJobs):
    def _replace(self, job, digest, row):
        answer = super()._replace(job, digest, row)
        number = int(answer.job_id)
        self._tables.write(evolve(self._tables.jobs[number], digest=row.digest))
        return answer


# Leasing


class CannotPostpone(MemoryJobs):
    def move(self, moves, /):
        waits = {str(n) for n, row in self._tables.jobs.items() if row.job.state is State.WAITING}
        super().move([evolve(m, until=None) if m.job_id in waits else m for m in moves])


class ReadyTooEarly(MemoryJobs):
    def ready(self, company):
        return bool(self._tables.waiting(company))


class LeasesTooEarly(MemoryJobs):
    def _due(self, company, kinds):
        for number in self._tables.waiting(company):
            job = self._tables.jobs[number].job
            if not kinds or job.kind in kinds:
                yield job


class IgnoresPriority(MemoryJobs):
    def _due(self, company, kinds):
        return iter(sorted((evolve(job, priority=0) for job in super()._due(company, kinds)), key=id_of))


class IgnoresKinds(MemoryJobs):
    def _due(self, company, kinds):  # noqa: ARG002 - that is what is broken
        return super()._due(company, ())


class LeasesTwice(MemoryJobs):
    def lease(self, company, *, holder, limit, until, kinds=()):
        for number in self._tables.all_leased():
            row = self._tables.jobs[number]
            if row.job.company == company:
                job = evolve(row.job, state=State.WAITING)
                self._tables.write(evolve(row, job=job, token=None, holder=None, deadline=None))
        return super().lease(company, holder=holder, limit=limit, until=until, kinds=kinds)


class TakesAnyToken(MemoryJobs):
    def move(self, moves, /):
        rows = {move.job_id: self._row(move.job_id) for move in moves}
        super().move([evolve(move, token=rows[move.job_id].token) for move in moves])


class SendsDoubtfulAgain(MemoryJobs):
    def expire(self, company=None):
        rows = [self._tables.jobs[number] for number in self._tables.all_leased()]
        late = [row for row in rows if row.deadline <= self._now and company in {None, row.job.company}]
        self.move([Move(job_id=row.job.id, to=State.WAITING, token=row.token) for row in late])
        return len(late)


class NeverExpires(MemoryJobs):
    def expire(self, company=None):  # noqa: ARG002 - that is what is broken
        return 0


# Moving


class AllowsAnyMove(MemoryJobs):
    def move(self, moves, /):
        try:
            super().move(moves)
        except JobStateError:
            for move in moves:
                self._move(move, self._row(move.job_id), blocked=False)


class MovesOneByOne(MemoryJobs):
    def move(self, moves, /):
        _rules.unique_ids(moves)
        for move in moves:
            super().move([move])


class LosesLateTokens(MemoryJobs):
    def move(self, moves, /):
        for move in moves:
            row = self._row(move.job_id)
            if row.deadline is not None and row.deadline <= self._now:
                raise LeaseLostError([move.job_id])
        super().move(moves)


class LeavesChildrenBlocked(MemoryJobs):
    def _unblock_children(self, parent):
        pass


class FreesChildrenOfFailed(MemoryJobs):
    def _refresh_children(self, parent):
        for number in self._tables.children.get(parent, ()):
            row = self._tables.jobs[number]
            if row.job.state is State.BLOCKED:
                self._tables.write(evolve(row, job=evolve(row.job, state=State.WAITING)))


class DropsOutcomes(MemoryJobs):
    def _move(self, move, row, *, blocked):
        super()._move(move, evolve(row, job=evolve(row.job, outcome=None)), blocked=blocked)


class DropsHandOuts(MemoryJobs):
    def _move(self, move, row, *, blocked):
        if move.to is State.IN_DOUBT:
            row = evolve(row, job=evolve(row.job, plan=None, batch=None))
        super()._move(move, row, blocked=blocked)


class CountsOnForEver(MemoryJobs):
    def _move(self, move, row, *, blocked):
        attempts = row.job.attempts
        super()._move(move, row, blocked=blocked)
        now = self._row(move.job_id)
        self._tables.write(evolve(now, job=evolve(now.job, attempts=attempts + move.attempted)))


# Looking


class ForgetsHandOuts(MemoryJobs):
    def _note(self, job, before, reason, batch=None):
        if before is not job.state:
            super()._note(job, before, reason, batch)


class PagesByPlace(MemoryJobs):
    def page(self, *, limit=100, cursor=None, **filters):
        start = 0 if cursor is None else int(cursor)
        whole = sorted(super().page(limit=1000, **filters).items, key=lambda job: -job.priority)
        more = len(whole) > start + limit
        return Page(items=whole[start : start + limit], cursor=str(start + limit) if more else None)


class MiscountsReplaced(MemoryJobs):
    def _replace(self, job, digest, row):
        key = (row.job.company, row.job.state)
        before = self._tables.counts[key]
        answer = super()._replace(job, digest, row)
        self._tables.counts[key] = before
        return answer


# Dropping


class PurgesKeys(MemoryJobs):
    def purge(self, ids, /, *, words=False):
        super().purge(ids, words=words)
        for job_id in ids:
            job = self._row(job_id).job
            if self._tables.keys.get((job.company, job.key)):
                del self._tables.keys[job.company, job.key]


class PurgesIds(MemoryJobs):
    def purge(self, ids, /, *, words=False):
        super().purge(ids, words=words)
        for job_id in ids:
            row = self._row(job_id)
            self._tables.write(evolve(row, job=evolve(row.job, outcome=None)))


class PurgesAnything(MemoryJobs):
    def purge(self, ids, /, *, words=False):
        for job_id in ids:
            self._purge(self._row(job_id), words=words)


class SendsNothing(MemoryJobs):
    def move(self, moves, /):
        for move in moves:
            row = self._row(move.job_id)
            if row.job.purged:
                self._tables.write(evolve(row, job=evolve(row.job, purged=False)))
        super().move(moves)


# Records


class LastWriterWins(MemoryRecords):
    def put(self, record):
        there = self.get(record.company, record.kind, record.key)
        return super().put(evolve(record, revision=there.revision if there else 0))


class OverwritesTheNew(MemoryRecords):
    def put(self, record):
        if record.revision == 0 and (there := self.get(record.company, record.kind, record.key)):
            self.delete(there)
        return super().put(record)


class DeletesBlindly(MemoryRecords):
    def delete(self, record):
        there = self.get(record.company, record.kind, record.key)
        if there is None:
            raise RevisionError(record.kind, record.revision, None)
        super().delete(there)


class SortsByKey(MemoryRecords):
    def page(self, company, kind, **ask):
        page = super().page(company, kind, **ask)
        return Page(items=sorted(page.items, key=lambda record: record.key), cursor=page.cursor)


# Transactions


class NeverRollsBack(Broken):
    def __init__(self, **options):
        super().__init__(**options)
        self._tables.roll_back = self._tables.commit


class LosesCommits(Broken):
    def __init__(self, **options):
        super().__init__(**options)
        self._tables.commit = self._tables.roll_back


class ClockRunsOn(Broken):
    @contextmanager
    def begin(self):
        with super().begin() as t:
            t.now = self._clock
            yield t


class OpenForEver(Broken):
    @contextmanager
    def begin(self):
        with super().begin() as t:
            t.end = lambda: None
            yield t


class Slow(MemoryRecords):
    def get(self, company, kind, key):
        found = super().get(company, kind, key)
        time.sleep(0.001)
        return found


class LocksNothing(Broken):
    """Runs transactions side by side on the same tables."""

    @contextmanager
    def begin(self):
        t = MemoryTransaction(self._tables, self._clock())
        t._records = Slow(self._tables)
        yield t


def id_of(job):
    return int(job.id)


#: The broken store, what is wrong with it, and the test that must notice.
RULES = [
    (broken(jobs=SwallowsConflicts), "tells other content as the same", "other_content_is_a_conflict"),
    (broken(jobs=OneKeyForAll), "keys are shared by all companies", "keys_belong_to_a_company"),
    (
        broken(jobs=ForgetsDoneKeys),
        "the key of a done job is free again",
        "a_key_stays_taken_in_every_other_state",
    ),
    (broken(jobs=IgnoresParents), "depends_on is ignored", "a_job_waits_for_what_it_depends_on"),
    (
        broken(jobs=PutsOneByOne),
        "half a put stays",
        "a_refused_step_changes_nothing_even_if_the_rest_is_committed",
    ),
    (broken(jobs=PutsText), "payloads are kept as text", "payloads_are_any_bytes"),
    (
        broken(jobs=KeepsAnyOutcome),
        "new content inherits an old outcome",
        "a_replaced_job_keeps_its_outcome_with_equal_content_only",
    ),
    (
        broken(jobs=ReadyTooEarly),
        "a job for later counts as ready",
        "a_job_is_ready_from_its_moment_on",
    ),
    (broken(jobs=LeasesTooEarly), "a job for later is leased", "a_job_is_ready_from_its_moment_on"),
    (broken(jobs=IgnoresPriority), "priority is ignored", "highest_priority_first_then_the_order_of_puts"),
    (broken(jobs=IgnoresKinds), "kinds are ignored", "only_the_company_and_the_kinds_asked_for"),
    (broken(jobs=LeasesTwice), "a leased job is leased again", "only_waiting_jobs_are_leased"),
    (broken(jobs=TakesAnyToken), "any token moves a leased job", "a_leased_job_moves_with_its_token_only"),
    (
        broken(jobs=SendsDoubtfulAgain),
        "what was handed out waits again by time alone",
        "expiry_of_what_was_handed_out",
    ),
    (broken(jobs=NeverExpires), "leases never end", "expiry_of_what_was_not_handed_out"),
    (broken(jobs=AllowsAnyMove), "any state follows any other", "the_table_of_states_decides"),
    (
        broken(jobs=MovesOneByOne),
        "half a list of moves stays",
        "a_refused_step_changes_nothing_even_if_the_rest_is_committed",
    ),
    (
        broken(jobs=LosesLateTokens),
        "an answer after the deadline is lost",
        "a_lease_past_its_deadline_is_good_until_it_is_ended",
    ),
    (
        broken(jobs=LeavesChildrenBlocked),
        "children of a done job stay blocked",
        "a_done_parent_unblocks_those_that_waited_for_it_alone",
    ),
    (
        broken(jobs=FreesChildrenOfFailed),
        "children of a failed job are sent",
        "an_ended_parent_leaves_its_children_blocked",
    ),
    (
        broken(jobs=DropsOutcomes),
        "a move without outcome drops it",
        "an_outcome_is_kept_until_another_is_given",
    ),
    (
        broken(jobs=DropsHandOuts),
        "a doubtful job forgets what was sent",
        "a_hand_out_is_kept_while_it_matters",
    ),
    (broken(jobs=CountsOnForEver), "attempts never begin anew", "attempts_are_counted_and_begin_anew"),
    (
        broken(jobs=ForgetsHandOuts),
        "history leaves hand-outs out",
        "history_tells_every_change_of_state_and_every_hand_out",
    ),
    (broken(jobs=PagesByPlace), "pages shift while jobs are put", "a_cursor_is_stable_while_jobs_are_added"),
    (broken(jobs=MiscountsReplaced), "counts drift", "counts_agree_with_the_jobs"),
    (broken(jobs=PurgesKeys), "a purge frees the key", "a_purged_key_is_a_tombstone"),
    (
        broken(jobs=RemembersOldContent),
        "new content is compared with the old",
        "a_key_stands_for_what_was_put_last",
    ),
    (
        broken(jobs=CannotPostpone),
        "a waiting job cannot be postponed",
        "a_job_is_leased_at_its_last_moment_only",
    ),
    (broken(jobs=PurgesIds), "a purge drops QuickBooks' ids", "a_purged_job_keeps_what_stands_for_it"),
    (broken(jobs=PurgesAnything), "a job that waits is purged", "only_settled_jobs_are_purged"),
    (broken(jobs=SendsNothing), "a job without documents waits again", "a_purged_job_cannot_wait_again"),
    (broken(records=LastWriterWins), "revisions are ignored", "a_change_needs_the_present_revision"),
    (broken(records=OverwritesTheNew), "a new record overwrites", "a_new_record_must_be_new"),
    (broken(records=DeletesBlindly), "a stale deletion deletes", "a_change_needs_the_present_revision"),
    (
        broken(records=SortsByKey),
        "records come in another order",
        "pages_of_records_are_sorted_by_sort_then_key",
    ),
    (NeverRollsBack, "an exception undoes nothing", "an_exception_undoes_everything"),
    (LosesCommits, "a commit is lost", "what_was_committed_is_there"),
    (ClockRunsOn, "the moment changes inside a transaction", "now_stands_still_in_a_transaction"),
    (OpenForEver, "a transaction works on after its end", "a_transaction_ends_with_its_block"),
    (LocksNothing, "transactions run into each other", "a_lock_makes_others_wait"),
]
