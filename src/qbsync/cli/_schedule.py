"""``qbsync pause``, ``resume``, ``hours``: when work may go out. ``qbsync sweep``: what is due."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

import click

from ..orders.handler import OrderHandler
from ..planner import Window
from ..service import Service
from ..service.schedule import pause, resume, schedule_of, set_windows
from ._output import json_line
from ._stores import open_store

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["pause_company", "resume_company", "set_hours", "sweep_store"]


def pause_company(store_text: str, *, company: str, until: datetime | None) -> int:
    """Let nothing of a company go out."""
    with closing(open_store(store_text, must_exist=True)) as store:
        pause(store, company, until=until)
    click.echo(f"{company} is paused" + (f" until {until.isoformat()}" if until is not None else ""))
    return 0


def resume_company(store_text: str, *, company: str) -> int:
    """End a pause."""
    with closing(open_store(store_text, must_exist=True)) as store:
        resume(store, company)
    click.echo(f"{company} goes on")
    return 0


def set_hours(
    store_text: str,
    *,
    company: str,
    spans: Sequence[str],
    zone: str | None,
    always: bool,
    as_json: bool,
) -> int:
    """Set or show the hours in which a company's work may go out."""
    with closing(open_store(store_text, must_exist=True)) as store:
        before = schedule_of(store, company)
        if spans or always:
            windows = [] if always else [_window(span) for span in spans]
            set_windows(store, company, windows, zone=zone or before.zone)
        schedule = schedule_of(store, company)
    shown = [f"{window.start:%H:%M}-{window.end:%H:%M}" for window in schedule.windows]
    if as_json:
        json_line({"company": company, "hours": shown, "zone": schedule.zone, "paused": schedule.paused})
    else:
        click.echo(f"{company}: {', '.join(shown) or 'always'} ({schedule.zone})")
    return 0


def _window(span: str) -> Window:
    """Read ``22:00-06:00``."""
    try:
        start, end = (time.fromisoformat(part.strip()) for part in span.split("-"))
    except ValueError:
        raise click.UsageError(f"expected a span such as 22:00-06:00, got {span!r}") from None
    return Window(start, end)


def sweep_store(store_text: str) -> int:
    """Do once what a server does every second, for hosts that call it from a scheduler."""
    with closing(open_store(store_text, must_exist=True)) as store:
        Service(store=store, handlers=(OrderHandler(),)).tick(datetime.now(UTC))
    return 0
