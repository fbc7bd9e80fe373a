"""The next document for QuickBooks: found, stored, and noted in the session, before anything is handed out.

The order of things: what is in doubt is settled first (:mod:`.doubts`); then a harmless request, if one is
due, and groups that are under suspicion (:mod:`.poison`); then jobs that are decided; then look-ups for jobs
that are not. Jobs are leased when nothing is left of those that the session holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from .. import models, planner
from ..jobs import Move, State
from ..qbxml import builder
from . import doubts, poison
from .asking import ask, templates_of
from .batches import Batch, Entry, Purpose
from .decisions import decided, move_for, wanted_by
from .look_ups import Found
from .plans import LookUpPlan, Part, SendPlan, need_digest
from .refusals import confirm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..jobs import Lease
    from ..planner import Chosen
    from .look_ups import Wanted
    from .turn import Turn

__all__ = ["document_out", "next_document"]

#: So many times jobs are leased in one call; those that ended without a document could be very many.
_MOST_ROUNDS = 20


def document_out(turn: Turn) -> bytes:
    """Return the document that is out once more, byte for byte."""
    batch = turn.batch(turn.session.batch)
    assert batch is not None, "a session that awaits an answer has a batch"
    return doubts.question(turn, batch) if turn.session.checking else batch.document


def next_document(turn: Turn) -> bytes | None:
    """Return the next document, everything about it being stored; ``None`` when nothing is to be sent now."""
    confirm(turn)
    if not turn.may_go_on:
        return None
    document = doubts.next_document(turn) or _probe(turn)
    for _ in range(_MOST_ROUNDS):
        if document is not None:
            return document
        group, rest = _group(turn)
        if group is not None:
            document = _of_group(turn, group, rest)
            continue
        usual, last = _suspects_last(turn, turn.leases())
        undecided, decided_jobs = _sorted_out(usual)
        chosen = _next(turn, decided_jobs)
        if chosen.ended_by == "all":  # more would fit: look up more jobs first, so that sets are full
            if not undecided:
                more = _lease(turn, len(decided_jobs) + len(last) // 2)  # suspects must not shut out others
                undecided, _ = _suspects_last(turn, more)
            document = _look_up(turn, undecided, ())
            if document is not None or undecided:
                continue
        if not chosen.job_ids:
            return _of_suspects(turn) if turn.company.unheard else None
        document = _send(turn, decided_jobs, chosen, ())
    turn.unfinished = document is None
    return document


def _of_group(turn: Turn, group: tuple[str, ...], rest: tuple[str, ...]) -> bytes | None:
    """Return a document of exactly the jobs under suspicion: their look-ups, if some are undecided."""
    undecided, decided_jobs = _sorted_out([one for one in turn.leases() if one.job.id in group])
    if undecided or not decided_jobs:
        return _look_up(turn, undecided, rest)
    chosen = _next(turn, decided_jobs)
    if not chosen.job_ids:
        return None  # too little is left of the session
    return _send(turn, decided_jobs, evolve(chosen, job_ids=group), rest)


def _sorted_out(leases: Sequence[Lease]) -> tuple[list[Lease], list[Lease]]:
    """Return the leases of jobs that are still to be looked up, and of those that are decided."""
    undecided: list[Lease] = []
    decided_jobs: list[Lease] = []
    for lease in leases:
        (undecided if SendPlan.of(lease.job) is None else decided_jobs).append(lease)
    return undecided, decided_jobs


def _lease(turn: Turn, held: int) -> list[Lease]:
    """Lease more jobs, to hold as many as can be decided or written in one reply."""
    limit = planner.jobs_in_reply(turn.settings.budgets, turn.costs.model) - held
    if limit < 1:
        return []
    return turn.t.jobs.lease(turn.session.company, holder=turn.key, limit=limit, until=turn.deadline)


def _group(turn: Turn) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
    """Return the jobs under suspicion that go next, and the other half of their group."""
    suspects = turn.session.suspects
    if not suspects:
        return None, ()
    below, group, rest = poison.next_group(suspects)
    turn.change(suspects=below)
    return group, rest


# -- what is decided


def _next(turn: Turn, leases: Sequence[Lease]) -> Chosen:
    """Return which of these decided jobs go out next."""
    met = frozenset(turn.session.met)
    plans = [(lease.job.id, SendPlan.of(lease.job)) for lease in leases]
    return planner.plan(
        [one.candidate(job_id, met) for job_id, one in plans if one is not None],
        turn.settings.budgets,
        costs=turn.costs.model,
        session_spent=(turn.now - turn.session.opened_at).total_seconds(),
    )


def _send(turn: Turn, leases: Sequence[Lease], chosen: Chosen, rest: tuple[str, ...]) -> bytes:
    """Return a document of the jobs that were chosen."""
    picked = [lease for lease in leases if lease.job.id in chosen.job_ids]
    purpose = Purpose.READ if chosen.reads else Purpose.WRITE
    batch = _batch(turn, purpose, picked, stop=chosen.stop_on_error, rest=rest)
    turn.write_batch(batch)
    turn.t.jobs.move(
        [
            Move(
                job_id=lease.job.id,
                to=State.LEASED,
                token=lease.token,
                batch=batch.id,
                until=turn.deadline,
                attempted=not (chosen.reads and _goes_on(lease)),
            )
            for lease in picked
        ]
    )
    turn.hand_out(batch)
    return batch.document


def _goes_on(lease: Lease) -> bool:
    """Return whether a job was handed out before under this plan: its pages are one try."""
    plan = SendPlan.of(lease.job)
    return plan is not None and plan.pages is not None and plan.pages.count > 0


def _batch(
    turn: Turn, purpose: Purpose, leases: Sequence[Lease], *, stop: bool, rest: tuple[str, ...]
) -> Batch:
    """Return the batch that sends the plans of *leases*: needs go ahead of the first job that needs them."""
    batch_id = turn.settings.new_id()
    met = set(turn.session.met)
    parts: list[tuple[str | None, str | None, Part]] = []
    for lease in leases:
        one = SendPlan.of(lease.job)
        assert one is not None, "only decided jobs are sent"
        needs = [(key, part) for key, part in one.needs if need_digest(key) not in met]
        met.update(need_digest(key) for key, _ in needs)
        parts += [(None, key, part) for key, part in needs]
        parts += [(lease.job.id, None, part) for part in one.due]
    entries = tuple(
        Entry(request_id=f"{batch_id[:10]}.{n}", name=part.name, job_id=job_id, need=key)
        for n, (job_id, key, part) in enumerate(parts, 1)
    )
    document = builder.document(
        [part.numbered(entry.request_id) for entry, (_, _, part) in zip(entries, parts, strict=True)],
        version=turn.session.version,
        on_error="stopOnError" if stop else "continueOnError",
        new_message_set_id=batch_id if purpose is Purpose.WRITE else None,
    )
    load = planner.measure(((part.name, part.xml) for _, _, part in parts), jobs=len(leases))
    return Batch(
        id=batch_id,
        company=turn.session.company,
        purpose=purpose,
        session=turn.key,
        document=document,
        entries=entries,
        job_ids=tuple(lease.job.id for lease in leases),
        details={"rest": list(rest), "load": load.to_list()},
        handed_out_at=turn.now,
    )


# -- what must be looked up


def _look_up(turn: Turn, leases: Sequence[Lease], rest: tuple[str, ...]) -> bytes | None:
    """Return a document with the look-ups of undecided jobs; those that need none are decided at once."""
    wanted = _wanted(turn, leases)
    return _asked(turn, leases, wanted, rest) if wanted else None


def _wanted(turn: Turn, leases: Sequence[Lease]) -> dict[str, tuple[Wanted, ...]]:
    """Return what undecided jobs want to know, by job id; those that need nothing are decided at once."""
    templates = templates_of(turn)
    wanted: dict[str, tuple[Wanted, ...]] = {}
    moves: list[Move] = []
    for lease in leases:
        job = lease.job
        if SendPlan.of(job) is not None:
            continue
        asked = wanted_by(turn, job, LookUpPlan.of(job), templates)
        if isinstance(asked, tuple) and asked:
            wanted[job.id] = asked
        else:
            said = asked if not isinstance(asked, tuple) else decided(turn, job, Found((), {}, templates))
            moves.append(move_for(turn, job, said, lease.token, templates))
    turn.move(moves)
    return wanted


def _asked(
    turn: Turn, leases: Sequence[Lease], wanted: dict[str, tuple[Wanted, ...]], rest: tuple[str, ...]
) -> bytes:
    """Return a document that asks what is wanted."""
    jobs = [lease.job for lease in leases if lease.job.id in wanted]
    singly = frozenset(job.id for job in jobs if LookUpPlan.of(job).singly)
    return ask(turn, jobs, wanted, singly=singly, details={"rest": list(rest)})


# -- what was asked in vain


def _suspects_last(turn: Turn, leases: Sequence[Lease]) -> tuple[list[Lease], list[Lease]]:
    """Return the leases without those of jobs whose questions brought no answer twice, and those."""
    sizes = turn.company.unheard
    return (
        [lease for lease in leases if not sizes.get(lease.job.id)],
        [lease for lease in leases if sizes.get(lease.job.id)],
    )


def _of_suspects(turn: Turn) -> bytes | None:
    """Return a document with the questions of some jobs that were asked in vain; of the larger parts first.

    If QuickBooks has answered nothing in this session yet, it is asked something harmless before: else a
    QuickBooks that answers nothing at all would be taken for the fault of jobs.
    """
    sizes = turn.company.unheard
    while held := {one.job.id: one for one in _suspects_last(turn, turn.leases())[1]}:
        most = max(sizes[job_id] for job_id in held)
        part = [held[job_id] for job_id, size in sizes.items() if job_id in held and size == most][:most]
        undecided, decided_jobs = _sorted_out(part)
        wanted = _wanted(turn, undecided)
        if undecided and not wanted:
            continue  # they were decided at once
        chosen = _next(turn, decided_jobs)
        if not wanted and not chosen.job_ids:
            return None
        if not turn.session.accepted:
            turn.change(probe=Purpose.LOOK_UP if wanted else Purpose.READ if chosen.reads else Purpose.WRITE)
            return _probe(turn)
        return _asked(turn, undecided, wanted, ()) if wanted else _send(turn, decided_jobs, chosen, ())
    return None


# -- a harmless request


def _probe(turn: Turn) -> bytes | None:
    """Return a document that nobody can object to, when it is to be told whether the frame is at fault."""
    purpose = turn.session.probe
    if purpose is None:
        return None
    batch_id = turn.settings.new_id()
    entry = Entry(request_id=f"{batch_id[:10]}.1", name="HostQueryRq")
    document = builder.build(
        [models.HostQueryRq(request_id=entry.request_id)],
        version=turn.session.version,
        edition=turn.session.edition,
        on_error="continueOnError",
        new_message_set_id=batch_id if purpose == Purpose.WRITE else None,
    )
    batch = Batch(
        id=batch_id,
        company=turn.session.company,
        purpose=Purpose.PROBE,
        session=turn.key,
        document=document,
        entries=(entry,),
        details={"for": purpose},
        handed_out_at=turn.now,
    )
    turn.write_batch(batch)
    turn.hand_out(batch)
    return document
