"""``qbsync jobs``: look at jobs, and settle those that a person must settle."""

from __future__ import annotations

from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING

import click

from ..jobs import State
from ..outbox import Outbox
from ._output import json_line, table
from ._stores import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..jobs import Job
    from ..store import Store

__all__ = ["cancel", "list_jobs", "resolve", "retry", "show"]

_PAGE = 500


def list_jobs(
    store_text: str, *, company: str | None, state: str | None, limit: int | None, as_json: bool
) -> int:
    """Write the jobs of a store in the order they were put."""
    with closing(open_store(store_text, must_exist=True)) as store:
        found = islice(_jobs(store, company, state), limit)
        if as_json:
            for job in found:
                json_line(_as_dict(job))
        else:
            rows = ((j.id, j.company, j.key, j.state, str(j.attempts), j.reason or "") for j in found)
            table(("id", "company", "key", "state", "attempts", "reason"), rows, nothing="no jobs")
    return 0


def show(job_id: str, *, store_text: str, as_json: bool) -> int:
    """Write one job and its history."""
    with closing(open_store(store_text, must_exist=True)) as store, store.begin() as t:
        (job,) = t.jobs.get([job_id])
        history = [
            {
                "at": change.at.isoformat(),
                "before": change.before,
                "after": change.after,
                "reason": change.reason,
            }
            for change in t.jobs.history(job_id)
        ]
    ids = {} if job.outcome is None else dict(job.outcome.ids)
    if as_json:
        json_line({**_as_dict(job), "ids": ids, "history": history})
        return 0
    for name, value in {**_as_dict(job), **ids}.items():
        click.echo(f"{name:10} {'' if value is None else value}")
    table(
        ("at", "from", "to", "reason"),
        [(str(h["at"]), h["before"] or "", str(h["after"]), h["reason"] or "") for h in history],
        nothing="no history",
    )
    return 0


def resolve(job_id: str, *, applied: bool, store_text: str) -> int:
    """Settle a job in doubt as a person found it."""
    with closing(open_store(store_text, must_exist=True)) as store:
        outbox = Outbox(store, company=_company(store, job_id))
        outbox.resolve(job_id, applied=applied)
    click.echo(f"job {job_id} is {'done' if applied else 'waiting again'}")
    return 0


def retry(job_ids: Sequence[str], *, store_text: str) -> int:
    """Let failed or held jobs wait again; the first that cannot ends it."""
    with closing(open_store(store_text, must_exist=True)) as store:
        for job_id in job_ids:
            Outbox(store, company=_company(store, job_id)).retry(job_id)
            click.echo(f"job {job_id} is waiting again")
    return 0


def cancel(job_ids: Sequence[str], *, store_text: str) -> int:
    """Take jobs back that wait, are held, or failed; the first that cannot ends it."""
    with closing(open_store(store_text, must_exist=True)) as store:
        for job_id in job_ids:
            Outbox(store, company=_company(store, job_id)).cancel(job_id)
            click.echo(f"job {job_id} is cancelled")
    return 0


def _company(store: Store, job_id: str) -> str:
    with store.begin() as t:
        return t.jobs.get([job_id])[0].company


def _jobs(store: Store, company: str | None, state: str | None) -> Iterator[Job]:
    wanted = None if state is None else State(state)
    cursor: str | None = None
    while True:
        with store.begin() as t:
            page = t.jobs.page(company=company, state=wanted, limit=_PAGE, cursor=cursor)
        yield from page.items
        cursor = page.cursor
        if cursor is None:
            return


def _as_dict(job: Job) -> Mapping[str, object]:
    return {
        "id": job.id,
        "company": job.company,
        "key": job.key,
        "kind": job.kind,
        "state": job.state,
        "attempts": job.attempts,
        "reason": job.reason,
    }
