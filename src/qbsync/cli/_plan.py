"""``qbsync plan``: the batches to come, and when all of it will be done."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import click
from attrs import frozen

from .. import planner
from ..jobs import State
from ..service.batches import KIND, Batch, BatchState
from ..service.costs import MeasuredCosts
from ..service.schedule import permit
from ._output import json_line, table
from ._stores import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..jobs import Job
    from ..planner import Ahead, Forecast, Load, Permit
    from ..store import Store, Transaction

__all__ = ["show_plan"]

_PAGE = 500
_AHEAD = 10


@frozen(kw_only=True)
class _Outlook:
    """What is to be said of a company."""

    forecast: Forecast
    batches: list[Ahead]
    permit: Permit
    blocked: int
    in_doubt: int


def show_plan(store_text: str, *, company: str, job_id: str | None, as_json: bool) -> int:
    """Write the forecast for a company, or for one of its jobs, and the batches to come."""
    with closing(open_store(store_text, must_exist=True)) as store:
        position = None if job_id is None else _position(store, company, job_id)
        with store.begin() as t:
            outlook = _outlook(t, company, position)
    if as_json:
        json_line({"company": company, "job": job_id, "position": position, **_as_dict(outlook)})
    else:
        _tell(outlook, position)
    return 0


def _outlook(t: Transaction, company: str, position: int | None) -> _Outlook:
    counts = t.jobs.counts(company)
    costs = MeasuredCosts.load(t, company).model
    allowed = permit(t, company)
    awaited, waited = _awaited(t, company)
    out = 0 if awaited is None else round(awaited.jobs)
    left = max(counts.get(State.WAITING, 0) + counts.get(State.LEASED, 0) - out, 0)
    waits = 0.0 if allowed.at is None else max((allowed.at - t.now()).total_seconds(), 0.0)
    budgets = planner.Budgets()
    forecast = planner.forecast(
        left, budgets, costs, position=position, awaited=awaited, waited=waited, waits=waits
    )
    return _Outlook(
        forecast=forecast,
        batches=planner.ahead(min(left, position or left), budgets, costs, limit=_AHEAD),
        permit=allowed,
        blocked=counts.get(State.BLOCKED, 0),
        in_doubt=counts.get(State.IN_DOUBT, 0),
    )


def _awaited(t: Transaction, company: str) -> tuple[Load | None, float]:
    """Return the load of the batch that is out, and for how many seconds it has been."""
    page = t.records.page(company, KIND, state=BatchState.SENT, limit=1)
    if not page.items:
        return None, 0.0
    batch = Batch.from_record(page.items[0])
    stored = batch.details.get("load")
    if not isinstance(stored, list):
        return None, 0.0
    return planner.Load.from_list(stored), (t.now() - batch.handed_out_at).total_seconds()


def _position(store: Store, company: str, job_id: str) -> int:
    """Return the place of a job among those that wait: 1 is the next.

    Raises:
        click.ClickException: it does not wait.
    """
    with store.begin() as t:
        (job,) = t.jobs.get([job_id])
    if job.company != company or job.state is not State.WAITING:
        raise click.ClickException(f"job {job_id}: expected one of {company} that waits, it is {job.state}")
    place, passed = 1, False
    for other in _waiting(store, company):
        if other.id == job.id:
            passed = True
        elif other.priority > job.priority or (other.priority == job.priority and not passed):
            place += 1
    return place


def _waiting(store: Store, company: str) -> Iterator[Job]:
    cursor: str | None = None
    while True:
        with store.begin() as t:
            page = t.jobs.page(company=company, state=State.WAITING, limit=_PAGE, cursor=cursor)
        yield from page.items
        cursor = page.cursor
        if cursor is None:
            return


def _as_dict(outlook: _Outlook) -> Mapping[str, object]:
    forecast = outlook.forecast
    return {
        "jobs": forecast.jobs,
        "round_trips": forecast.round_trips,
        "seconds": round(forecast.seconds, 1),
        "low": round(forecast.low, 1),
        "high": round(forecast.high, 1),
        "waits": round(forecast.waits, 1),
        "blocked": outlook.blocked,
        "in_doubt": outlook.in_doubt,
        "reason": forecast.reason,
        "held_up": outlook.permit.reason or None,
        "batches": [
            {"jobs": round(b.jobs, 1), "requests": round(b.requests, 1), "seconds": round(b.seconds, 1)}
            for b in outlook.batches
        ],
    }


def _tell(outlook: _Outlook, position: int | None) -> None:
    forecast = outlook.forecast
    if position is not None:
        click.echo(f"place {position} in the queue")
    click.echo(forecast.reason)
    if forecast.round_trips:
        click.echo(f"between {planner.duration(forecast.low)} and {planner.duration(forecast.high)}")
    if outlook.permit.reason:
        click.echo(outlook.permit.reason)
    for count, words in ((outlook.blocked, "blocked"), (outlook.in_doubt, "in doubt")):
        if count:
            click.echo(f"{count} more {words}")
    rows = (
        (str(number), f"{b.jobs:.0f}", f"{b.requests:.0f}", planner.duration(b.seconds))
        for number, b in enumerate(outlook.batches, 1)
    )
    table(("batch", "jobs", "requests", "time"), rows, nothing="no batches to come")
