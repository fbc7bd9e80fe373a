"""The next document for QuickBooks: found, stored, and noted in the session, before anything is handed out.

The order of things: what is in doubt is settled first (:mod:`.doubts`); then a harmless request, if one is
due, and groups that are under suspicion (:mod:`.poison`); then jobs that are decided; then look-ups for jobs
that are not. Jobs are leased when nothing is left of those that the session holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import models, planner
from ..jobs import Move, State
from ..qbxml import builder
from . import doubts, poison
from .asking import ask, templates_of
from .batches import Batch, Entry, Purpose
from .decisions import decided, move_for, wanted_by
from .look_ups import Found
from .plans import LookUpPlan, SendPlan, need_digest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..jobs import Lease
    from .look_ups import Wanted
    from .turn import Turn

__all__ = ["document_out", "next_document"]


def document_out(turn: Turn) -> bytes:
    """Return the document that is out once more, byte for byte."""
    batch = turn.batch(turn.session.batch)
    assert batch is not None, "a session that awaits an answer has a batch"
    return doubts.question(turn, batch) if turn.session.checking else batch.document


def next_document(turn: Turn) -> bytes | None:
    """Return the next document, everything about it being stored; ``None`` when there is nothing to send."""
    document = doubts.next_document(turn) or _probe(turn)
    while document is None:
        group, rest = _group(turn)
        leases = turn.leases()
        chosen = [lease for lease in leases if group is None or lease.job.id in group]
        if not chosen and group is None:
            chosen = _lease(turn)
            if not chosen:
                return None
        document = _send(turn, chosen, group, rest) or _look_up(turn, chosen, rest)
    return document


def _lease(turn: Turn) -> list[Lease]:
    return turn.t.jobs.lease(
        turn.session.company,
        holder=turn.key,
        limit=turn.settings.budgets.max_look_ups,
        until=turn.deadline,
    )


def _group(turn: Turn) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
    """Return the jobs under suspicion that go next, and the other half of their group."""
    suspects = turn.session.suspects
    if not suspects:
        return None, ()
    below, group, rest = poison.next_group(suspects)
    turn.change(suspects=below)
    return group, rest


# -- what is decided


def _send(
    turn: Turn, leases: Sequence[Lease], group: tuple[str, ...] | None, rest: tuple[str, ...]
) -> bytes | None:
    """Return a document of decided jobs: as many as fit, or exactly *group*."""
    plans = {lease.job.id: one for lease in leases if (one := SendPlan.of(lease.job)) is not None}
    if group is not None and len(plans) < len(leases):
        return None  # some of the group are still to be looked up
    met = frozenset(turn.session.met)
    candidates = [plans[job_id].candidate(job_id, met) for job_id in plans]
    chosen = planner.plan(candidates, turn.settings.budgets)
    if not chosen.job_ids:
        return None
    job_ids = tuple(plans) if group is not None else chosen.job_ids
    picked = {job_id: plans[job_id] for job_id in job_ids}
    tokens = {lease.job.id: lease.token for lease in leases}
    purpose = Purpose.READ if chosen.reads else Purpose.WRITE
    batch = _batch(turn, purpose, picked, stop=chosen.stop_on_error, rest=rest)
    turn.write_batch(batch)
    turn.t.jobs.move(
        [
            Move(
                job_id=job_id,
                to=State.LEASED,
                token=tokens[job_id],
                batch=batch.id,
                until=turn.deadline,
                attempted=True,
            )
            for job_id in picked
        ]
    )
    turn.hand_out(batch)
    return batch.document


def _batch(
    turn: Turn, purpose: Purpose, plans: dict[str, SendPlan], *, stop: bool, rest: tuple[str, ...]
) -> Batch:
    """Return the batch that sends *plans*: needs go ahead of the first job that needs them."""
    batch_id = turn.settings.new_id()
    met = set(turn.session.met)
    entries: list[Entry] = []
    elements: list[bytes] = []
    for job_id, one in plans.items():
        needs = [(key, part) for key, part in one.needs if need_digest(key) not in met]
        met.update(need_digest(key) for key, _ in needs)
        for key, part in (*needs, *((None, part) for part in one.parts)):
            request_id = f"{batch_id[:10]}.{len(entries) + 1}"
            owner = job_id if key is None else None
            entries.append(Entry(request_id=request_id, name=part.name, job_id=owner, need=key))
            elements.append(part.numbered(request_id))
    document = builder.document(
        elements,
        version=turn.session.version,
        on_error="stopOnError" if stop else "continueOnError",
        new_message_set_id=batch_id if purpose is Purpose.WRITE else None,
    )
    return Batch(
        id=batch_id,
        company=turn.session.company,
        purpose=purpose,
        session=turn.key,
        document=document,
        entries=tuple(entries),
        job_ids=tuple(plans),
        details={"rest": list(rest)},
        handed_out_at=turn.now,
    )


# -- what must be looked up


def _look_up(turn: Turn, leases: Sequence[Lease], rest: tuple[str, ...]) -> bytes | None:
    """Return a document with the look-ups of undecided jobs; those that need none are decided at once."""
    templates = templates_of(turn)
    wanted: dict[str, tuple[Wanted, ...]] = {}
    moves: list[Move] = []
    undecided = [lease for lease in leases if SendPlan.of(lease.job) is None]
    for lease in undecided:
        job = lease.job
        asked = wanted_by(turn, job, LookUpPlan.of(job), templates)
        if isinstance(asked, tuple) and asked:
            wanted[job.id] = asked
        else:
            said = asked if not isinstance(asked, tuple) else decided(turn, job, Found((), {}, templates))
            moves.append(move_for(turn, job, said, lease.token, templates))
    turn.move(moves)
    jobs = [lease.job for lease in undecided if lease.job.id in wanted]
    if not jobs:
        return None
    singly = frozenset(job.id for job in jobs if LookUpPlan.of(job).singly)
    return ask(turn, jobs, wanted, singly=singly, details={"rest": list(rest)})


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
