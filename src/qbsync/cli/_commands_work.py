"""``qbsync stage``, ``serve``, ``orders``, ``jobs``, ``plan``, ``demo``: orders on their way to the books."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ._group import cli
from ._options import json_option, listing_options, store_option

__all__: list[str] = []

POSTINGS = ("invoice", "invoice+payment", "sales-receipt", "sales-order", "estimate")
ORDER_STATES = (
    "staged",
    "held",
    "sent",
    "in_doubt",
    "posted",
    "already_there",
    "failed",
    "refused",
    "cancelled",
)
JOB_STATES = ("waiting", "blocked", "leased", "in_doubt", "done", "failed", "cancelled")


@cli.command()
@click.argument("file", type=click.Path(allow_dash=True))
@click.option("--company", required=True, help="Whose orders these are.")
@store_option
@click.option("--posting", type=click.Choice(POSTINGS), help="What an order becomes.  [default: invoice]")
@click.option("--paid", metavar="METHOD", help="Orders without payments count as paid in full by METHOD.")
@click.option(
    "--names",
    type=click.Choice(["fit", "refuse"]),
    default="fit",
    show_default=True,
    help="What to do with text that QuickBooks cannot hold.",
)
@click.option("--income-account", metavar="NAME", help="The income account of new items.")
@json_option
def stage(file: str, **options: Any) -> int:
    """Put the orders of FILE (JSON lines; - is standard input) where they wait for QuickBooks."""
    from ._stage import stage_file  # noqa: PLC0415 - as above

    return stage_file(file, **options)


@cli.command()
@store_option
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0 takes a free one."
)
@click.option(
    "--threads", type=click.IntRange(1, 64), default=4, show_default=True, help="Calls served at one time."
)
@click.option(
    "--trust-proxy",
    is_flag=True,
    help="Believe X-Forwarded-Proto and -Host; only behind a proxy that sets them.",
)
def serve(store_text: str, *, host: str, port: int, threads: int, trust_proxy: bool) -> int:
    """Serve the Web Connector until stopped."""
    from ._serve import serve_store  # noqa: PLC0415 - as above

    return serve_store(store_text, host=host, port=port, threads=threads, trust_proxy=trust_proxy)


@cli.command()
@store_option
@listing_options(ORDER_STATES)
@json_option
def orders(store_text: str, **options: Any) -> int:
    """List orders: what waits, what is in the books, what was refused and why."""
    from ._orders import list_orders  # noqa: PLC0415 - as above

    return list_orders(store_text, **options)


@cli.group(invoke_without_command=True)
@click.option(
    "--store", "store_text", metavar="STORE", envvar="QBSYNC_STORE", help="As for the other commands."
)
@listing_options(JOB_STATES)
@json_option
@click.pass_context
def jobs(context: click.Context, /, store_text: str | None, **options: Any) -> int:
    """List jobs, or settle one by hand (see the commands below)."""
    if context.invoked_subcommand is not None:
        return 0
    if store_text is None:
        raise click.MissingParameter(ctx=context, param_hint="'--store'", param_type="option")
    from ._jobs import list_jobs  # noqa: PLC0415 - as above

    return list_jobs(store_text, **options)


@jobs.command("show")
@click.argument("job_id", metavar="ID")
@store_option
@json_option
def jobs_show(job_id: str, *, store_text: str, as_json: bool) -> int:
    """Show a job with its history."""
    from ._jobs import show  # noqa: PLC0415 - as above

    return show(job_id, store_text=store_text, as_json=as_json)


@jobs.command("resolve")
@click.argument("job_id", metavar="ID")
@click.option("--applied", is_flag=True, help="QuickBooks did it: the job is done.")
@click.option("--not-applied", is_flag=True, help="QuickBooks did not do it: the job waits again.")
@store_option
def jobs_resolve(job_id: str, *, applied: bool, not_applied: bool, store_text: str) -> int:
    """Say what became of a job that is in doubt, after a look into QuickBooks."""
    if applied == not_applied:
        raise click.UsageError("expected one of --applied and --not-applied")
    from ._jobs import resolve  # noqa: PLC0415 - as above

    return resolve(job_id, applied=applied, store_text=store_text)


@jobs.command("retry")
@click.argument("job_ids", metavar="ID...", nargs=-1, required=True)
@store_option
def jobs_retry(job_ids: tuple[str, ...], *, store_text: str) -> int:
    """Let failed or held jobs wait again."""
    from ._jobs import retry  # noqa: PLC0415 - as above

    return retry(job_ids, store_text=store_text)


@jobs.command("cancel")
@click.argument("job_ids", metavar="ID...", nargs=-1, required=True)
@store_option
def jobs_cancel(job_ids: tuple[str, ...], *, store_text: str) -> int:
    """Take back jobs that are not at work; then their orders can be staged anew, with other content too."""
    from ._jobs import cancel  # noqa: PLC0415 - as above

    return cancel(job_ids, store_text=store_text)


@cli.command("plan")
@store_option
@click.option("--company", required=True, help="Whose work.")
@click.option("--job", "job_id", metavar="ID", help="Only until this job is done.")
@json_option
def plan_command(store_text: str, **options: Any) -> int:
    """Show the batches to come, and how long it will take until all is in the books."""
    from ._plan import show_plan  # noqa: PLC0415 - as above

    return show_plan(store_text, **options)


@cli.command()
@click.option(
    "--orders", "orders_file", type=click.Path(path_type=Path), help="Orders of your own (JSON lines)."
)
@click.option("--paid", metavar="METHOD", help="Orders without payments count as paid in full by METHOD.")
@click.option("--names", type=click.Choice(["fit", "refuse"]), default="fit", show_default=True)
@click.option(
    "--store",
    "store_text",
    metavar="STORE",
    envvar="QBSYNC_STORE",
    help="Where the orders wait; without it a temporary file that is removed at the end.",
)
@click.option(
    "--company-file",
    type=click.Path(path_type=Path),
    help="Where the simulated company is kept.  [default: STORE.company]",
)
@json_option
def demo(**options: Any) -> int:
    """Send orders through a real server into a simulated QuickBooks company, and look at its books."""
    from ._demo import run_demo  # noqa: PLC0415 - as above

    return run_demo(**options)
