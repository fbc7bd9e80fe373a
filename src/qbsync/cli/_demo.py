"""``qbsync demo``: the whole line once, with a simulated QuickBooks at its end.

A real HTTP server serves a store; a simulated Web Connector runs sessions against it; a simulated company
file takes the requests. The rest is what ``stage`` and ``serve`` do.
"""

from __future__ import annotations

import secrets
from contextlib import ExitStack, closing
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click
from attrs import frozen
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ..auth import add_account
from ..orders.handler import OrderHandler
from ..orders.reports import Refusal
from ..orders.rules import Posting, job_key
from ..orders.sync import OrderSync
from ..orders.view import OrderState, view_of
from ..outbox import Outbox
from ..service import Service
from ..testing import Company, WebConnector
from ._output import error_line, json_line
from ._server import Server, in_thread, ticking
from ._stage import check_rules, reading
from ._stores import is_postgres, open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from decimal import Decimal

    from ..orders.reports import Sourced
    from ..orders.sync import StageReport
    from ..store import Store
    from ..testing import RunReport, Step

__all__ = ["run_demo"]

COMPANY = "Demo"
USER = "demo"
_MOST_SESSIONS = 20
#: What one request a round trip costs at a second each: look up and post; and once more for the payment.
_ONE_BY_ONE, _ONE_BY_ONE_PAID = 2, 3
_ENDED = frozenset({OrderState.POSTED, OrderState.ALREADY_THERE})


@frozen(kw_only=True)
class _Staged:
    """What the demo has to bring into the books."""

    report: StageReport
    #: The keys of the orders that were not refused.
    keys: tuple[str, ...]
    #: Those of them that were in the books before this run.
    before: frozenset[str]
    #: How many of them come with a payment.
    paid: int


@frozen(kw_only=True)
class _Run:
    """What the sessions did."""

    report: RunReport
    simulated_seconds: float
    books_total: Decimal
    customers: int
    items: int
    open_balance: Decimal


def run_demo(
    *,
    orders_file: Path | None,
    paid: str | None,
    names: str,
    store_text: str | None,
    company_file: Path | None,
    as_json: bool,
) -> int:
    """Run the demo and write what the books hold; exit status 1 when work is left."""
    say: Callable[[str], None] = error_line if as_json else click.echo
    check_rules(posting=Posting.INVOICE_AND_PAYMENT, paid=paid, names=names, income_account=None)
    with ExitStack() as stack:
        if store_text is None:
            folder = stack.enter_context(TemporaryDirectory(prefix="qbsync-demo-"))
            store_text = str(Path(folder) / "demo.qbsync")
        company_file = _company_path(store_text, company_file)
        store = stack.enter_context(closing(open_store(store_text)))
        staged = _stage(store, orders_file, paid=paid, names=names, say=say)
        say(f"staged {len(staged.keys)} orders in {store_text}, {len(staged.report.refused)} refused")
        for refusal in staged.report.refused:
            error_line(f"refused: {refusal.reason}")
        for remark in staged.report.remarks:
            order = " ".join(filter(None, (remark.channel, remark.number)))
            error_line(f"{'fitted' if remark.altered else 'noted'}: {order}: {remark}")
        run = _run_sessions(store, company_file, staged, say=say)
        counts = _counts(store, staged)
        reasons = _reasons(store, staged)
    figures = _figures(staged, run, counts)
    if as_json:
        json_line(figures)
    else:
        _summary(figures, run, reasons)
    for error in run.report.errors:
        error_line(f"the Web Connector said: {error}")
    return 0 if run.report.idle else 1


def _company_path(store_text: str, given: Path | None) -> Path:
    if given is None and is_postgres(store_text):
        raise click.UsageError("a store in PostgreSQL has no file beside it: name a --company-file")
    path = given or Path(f"{store_text}.company")
    if not path.absolute().parent.is_dir():
        raise click.ClickException(f"there is no folder {path.parent} for the company file {path.name}")
    return path


def _stage(
    store: Store, orders_file: Path | None, *, paid: str | None, names: str, say: Callable[[str], None]
) -> _Staged:
    """Stage the orders of the file, or those that come with the package, with the payments they state."""
    orders: dict[str, bool] = {}

    def watched(items: Iterator[Sourced | Refusal]) -> Iterator[Sourced | Refusal]:
        for item in items:
            if not isinstance(item, Refusal):
                orders[job_key(item.order.channel, item.order.number)] = bool(item.order.payments)
            yield item

    outbox = Outbox(store, company=COMPANY)
    sync = OrderSync(outbox, posting=Posting.INVOICE_AND_PAYMENT, paid=paid, names=names)
    say(f"reading {'the orders that come with qbsync' if orders_file is None else orders_file}")
    if orders_file is None:
        sample = resources.files("qbsync.orders") / "samples" / "shop.jsonl"
        with resources.as_file(sample) as path:
            report = sync.stage(watched(reading(str(path))))
    else:
        report = sync.stage(watched(reading(str(orders_file))))
    with store.begin() as t:
        jobs = t.jobs.find(COMPANY, list(orders))
    return _Staged(
        report=report,
        keys=tuple(jobs),
        before=frozenset(key for key, job in jobs.items() if view_of(job).state in _ENDED),
        paid=len(jobs) if paid is not None else sum(orders[key] for key in jobs),
    )


def _run_sessions(store: Store, company_file: Path, staged: _Staged, *, say: Callable[[str], None]) -> _Run:
    """Serve the store and run sessions against it until the Web Connector finds no work."""
    company = Company.load(company_file) if company_file.exists() else Company()
    start = company.simulated_seconds
    password = secrets.token_urlsafe(16)
    add_account(store, USER, company=COMPANY, password=password)
    service = Service(store=store, handlers=(OrderHandler(),))
    server = Server(service, host="127.0.0.1", port=0)
    thread = in_thread(server.run)
    say(f"serving at {server.url}; a simulated Web Connector connects")
    try:
        with ticking(service), _progress() as progress:
            task = progress.add_task("in the books", total=len(staged.keys))

            def on_step(step: Step) -> None:
                if step.phase == "after" and step.call == "ProcessRequest":
                    company.save(company_file)
                if step.phase == "after" and step.call == "receiveResponseXML":
                    progress.update(task, completed=_ended(store, staged.keys))

            connector = WebConnector(
                server.url, company=company, user_name=USER, password=password, on_step=on_step
            )
            with closing(connector):
                report = connector.run(max_sessions=_MOST_SESSIONS, interval=0)
            progress.update(task, completed=_ended(store, staged.keys))
    finally:
        server.stop()
        thread.join(timeout=30)
    company.save(company_file)
    return _Run(
        report=report,
        simulated_seconds=float(company.simulated_seconds - start),
        books_total=company.books_total(),
        customers=len(company.customers),
        items=len(company.items),
        open_balance=company.open_balance(),
    )


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    )


def _ended(store: Store, keys: tuple[str, ...]) -> int:
    with store.begin() as t:
        found = t.jobs.find(COMPANY, keys)
    return sum(view_of(job).state in _ENDED for job in found.values())


def _counts(store: Store, staged: _Staged) -> Mapping[str, int]:
    """Return how many orders of the file ended how, by the words of the last line."""
    counts = dict.fromkeys(("posted", "already_there", "refused", "held", "in_doubt"), 0)
    counts["refused"] = len(staged.report.refused)
    with store.begin() as t:
        jobs = t.jobs.find(COMPANY, staged.keys)
    for key, job in jobs.items():
        state = view_of(job).state
        if state in _ENDED:
            fresh = state is OrderState.POSTED and key not in staged.before
            counts["posted" if fresh else "already_there"] += 1
        elif state is OrderState.IN_DOUBT:
            counts["in_doubt"] += 1
        else:
            counts["refused" if state is OrderState.FAILED else "held"] += 1
    return counts


def _reasons(store: Store, staged: _Staged) -> list[str]:
    """Return why orders are not in the books."""
    with store.begin() as t:
        views = [view_of(job) for job in t.jobs.find(COMPANY, staged.keys).values()]
    return [f"{v.number} {v.state}: {v.reason or ''}" for v in views if v.state not in _ENDED]


def _figures(staged: _Staged, run: _Run, counts: Mapping[str, int]) -> dict[str, object]:
    accepted = len(staged.keys)
    one_by_one = _ONE_BY_ONE * (accepted - staged.paid) + _ONE_BY_ONE_PAID * staged.paid
    return {
        "orders": sum(counts.values()),
        **counts,
        "round_trips": run.report.round_trips,
        "requests": run.report.requests,
        "simulated_seconds": round(run.simulated_seconds, 3),
        "one_by_one_seconds": one_by_one,
        "orders_total": f"{staged.report.total:.2f}",
        "books_total": f"{run.books_total:.2f}",
    }


def _summary(figures: Mapping[str, object], run: _Run, reasons: list[str]) -> None:
    click.echo(
        f"{figures['posted']} of {figures['orders']} orders posted, "
        f"{figures['already_there']} already there, "
        f"{figures['refused']} refused, {figures['held']} held, {figures['in_doubt']} in doubt"
    )
    for reason in reasons:
        click.echo(f"  {reason}")
    click.echo(
        f"the books hold invoices of {run.books_total:,.2f}, {run.open_balance:,.2f} of it still to be paid; "
        f"{run.customers} customers, {run.items} items"
    )
    click.echo(
        f"{figures['round_trips']} round trips with {figures['requests']} requests took "
        f"{run.simulated_seconds:,.1f} simulated seconds; "
        f"one by one it is {figures['one_by_one_seconds']:,} s"
    )
