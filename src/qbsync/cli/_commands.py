"""The commands, their options and their exit statuses; what they do is loaded when one is run.

Exit statuses: 0 it went well, 1 it could not be done, 2 wrong usage, 3 some orders were refused, or documents
have problems.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import QbsyncError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["cli", "run"]

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
EDITIONS = ("US", "CA", "UK", "AU", "OE")
JOB_STATES = ("waiting", "blocked", "leased", "in_doubt", "done", "failed", "cancelled")


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status; what qbsync raises on purpose is one line of text."""
    try:
        result = cli.main(args=None if arguments is None else list(arguments), standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("stopped", err=True)
        return 1
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except QbsyncError as error:
        click.echo(f"error: {error}", err=True)
        return 1
    except OSError as error:
        click.echo(f"error: {error}", err=True)
        return 1
    return result if isinstance(result, int) else 0


def store_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--store``, which every command but ``demo`` needs."""
    return click.option(
        "--store",
        "store_text",
        metavar="STORE",
        envvar="QBSYNC_STORE",
        required=True,
        help="Path of an SQLite file, or a postgresql:// URL (or QBSYNC_STORE).",
    )(function)


def json_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--json``."""
    return click.option("--json", "as_json", is_flag=True, help="One JSON object a line, for programs.")(
        function
    )


def listing_options(states: Sequence[str]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add ``--company``, ``--state`` and ``--limit``."""

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        function = click.option(
            "--limit", type=click.IntRange(min=1), metavar="N", help="At most so many; all without it."
        )(function)
        function = click.option("--state", type=click.Choice(states), help="Only those in this state.")(
            function
        )
        return click.option("--company", help="Only those of this company.")(function)

    return add


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="qbsync")
def cli() -> None:
    """Shop orders into QuickBooks Desktop, through Intuit's Web Connector."""


@cli.group()
def user() -> None:
    """Who may connect: the Web Connector's user names and passwords."""


def password_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--password-stdin`` and ``--hashing``."""
    function = click.option(
        "--hashing", type=click.Choice(["scrypt", "argon2"]), default="scrypt", help="How it is kept."
    )(function)
    return click.option(
        "--password-stdin",
        is_flag=True,
        help="Read the password from standard input (its first line); without it one is made and shown.",
    )(function)


@user.command("add")
@click.argument("name")
@click.option("--company", required=True, help="The company that this user's orders belong to.")
@password_options
@store_option
def user_add(name: str, **options: Any) -> int:
    """Let NAME connect for a company; a user that is there gets the new password at once."""
    from ._user import add  # noqa: PLC0415 - each command loads only what it needs

    return add(name, **options)


@user.command("rotate")
@click.argument("name")
@click.option(
    "--overlap",
    "overlap_hours",
    type=click.FloatRange(min=0),
    default=72,
    show_default=True,
    metavar="HOURS",
    help="How long the present password is taken too.",
)
@password_options
@store_option
def user_rotate(name: str, **options: Any) -> int:
    """Give NAME a new password; the present one is taken for some time more."""
    from ._user import rotate  # noqa: PLC0415 - as above

    return rotate(name, **options)


@user.command("list")
@store_option
@click.option("--company", help="Only those of this company.")
@json_option
def user_list(**options: Any) -> int:
    """List who may connect, for which company."""
    from ._user import list_users  # noqa: PLC0415 - as above

    return list_users(**options)


@user.command("remove")
@click.argument("name")
@store_option
def user_remove(name: str, **options: Any) -> int:
    """Let NAME not connect any more; what waits stays."""
    from ._user import remove  # noqa: PLC0415 - as above

    return remove(name, **options)


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
@click.argument("name")
@click.option("--url", required=True, help="Where the Web Connector will call: https, or http on localhost.")
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), help="The file; else standard output."
)
@click.option("--app-name", help="The name under which QuickBooks knows it; do not change it later.")
@click.option("--display-name", "app_display_name", help="The name in the Web Connector's list.")
@click.option("--unique-name", "app_unique_name", help="Lets the file replace an installed one.")
@click.option("--description", "app_description", help="At most 80 characters.")
@click.option("--support-url", "app_support", help="A page for people on the same host.  [default: the URL]")
@click.option("--cert-url", help="Where the certificate is checked.  [default: the URL]")
@click.option(
    "--every", type=click.IntRange(min=0), metavar="MINUTES", help="How often it runs; 0: by hand only.  [15]"
)
@click.option("--type", "qb_type", type=click.Choice(["QBFS", "QBPOS"]), help="QuickBooks or Point of Sale.")
@click.option("--style", type=click.Choice(["Document", "DocWrapped", "RPC"]), help="The SOAP form.")
@click.option("--auth-flags", type=click.IntRange(0, 15), help="Editions: 1, 2, 4, 8 added up; 0 all.")
@click.option("--read-only/--read-write", "is_read_only", default=None, help="What QuickBooks is asked for.")
@click.option("--notify/--no-notify", default=None, help="A balloon for each run.")
@click.option(
    "--personal-data", type=click.Choice(["pdpNotNeeded", "pdpOptional", "pdpRequired"]), help="Permission."
)
@click.option("--unattended", "unattended_mode", type=click.Choice(["umpRequired", "umpOptional"]))
@store_option
def qwc(name: str, **options: Any) -> int:
    """Write the .qwc file of user NAME; it is the same whenever it is asked for."""
    from ._qwc import write_file  # noqa: PLC0415 - as above

    return write_file(name, **options)


@cli.command()
@click.argument("source", metavar="QWCLOG|URL")
@json_option
def diagnose(source: str, *, as_json: bool) -> int:
    """Say what a Web Connector's log tells, or check the service at an URL as a Web Connector would."""
    from ._diagnose import diagnose_source  # noqa: PLC0415 - as above

    return diagnose_source(source, as_json=as_json)


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


def edition_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--edition``."""
    return click.option(
        "--edition",
        type=click.Choice(EDITIONS),
        default="US",
        show_default=True,
        help="The edition of QuickBooks spoken to.",
    )(function)


@cli.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(allow_dash=True))
@click.option("--version", metavar="X.Y", help="The qbXML version.  [default: what the document states]")
@edition_option
@click.option(
    "--xsd",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Judge by this XML Schema as well, such as Intuit's own.",
)
@json_option
def check(files: tuple[str, ...], **options: Any) -> int:
    """Tell everything that is wrong with qbXML documents (- is standard input)."""
    from ._check import check_files  # noqa: PLC0415 - as above

    return check_files(files, **options)


@cli.command()
@click.argument("name")
@click.option("--version", metavar="X.Y", help="The qbXML version; what is newer is left out.")
@edition_option
def describe(name: str, **options: Any) -> int:
    """Print what the message or aggregate NAME holds: types, limits, versions."""
    from ._describe import describe_name  # noqa: PLC0415 - as above

    return describe_name(name, **options)


@cli.command()
@click.argument("codes", metavar="CODE...", nargs=-1, required=True)
def status(codes: tuple[str, ...]) -> int:
    """Explain status codes (3100) and results of calls (0x80040400): who must act, and what helps."""
    from ._status import explain_codes  # noqa: PLC0415 - as above

    return explain_codes(codes)


@cli.command()
@store_option
def migrate(store_text: str) -> int:
    """Bring a store that an older version wrote to the format of this one (stop its programs first)."""
    from ._upkeep import migrate_store  # noqa: PLC0415 - as above

    return migrate_store(store_text)


@cli.command()
@click.argument("copy", metavar="FILE", type=click.Path(path_type=Path))
@store_option
def backup(copy: Path, *, store_text: str) -> int:
    """Copy an SQLite store to the new FILE, consistently, while it is in use."""
    from ._upkeep import make_backup  # noqa: PLC0415 - as above

    return make_backup(copy, store_text=store_text)


@cli.command()
@store_option
@click.option("--mark", "set_mark", is_flag=True, help="The store comes from a copy made by other means.")
@click.option("--clear", "clear_mark", is_flag=True, help="All that was sent is known to be in the store.")
def restored(store_text: str, *, set_mark: bool, clear_mark: bool) -> int:
    """Tell whether a store was restored from a copy: then each write is looked up before it is sent."""
    if set_mark and clear_mark:
        raise click.UsageError("expected one of --mark and --clear")
    from ._upkeep import tell_restored  # noqa: PLC0415 - as above

    return tell_restored(store_text, set_mark=set_mark, clear_mark=clear_mark)


@cli.command()
@click.argument("words", metavar="WORDS...", nargs=-1, required=True)
@click.option("--company", required=True, help="Whose jobs and records.")
@store_option
@click.option("--dry-run", is_flag=True, help="Only tell what would be done.")
@json_option
def forget(words: tuple[str, ...], *, company: str, store_text: str, dry_run: bool, as_json: bool) -> int:
    """Drop all documents that hold any of WORDS: a person's name, e-mail address, phone number."""
    from ._upkeep import forget_person  # noqa: PLC0415 - as above

    return forget_person(words, company=company, store_text=store_text, dry_run=dry_run, as_json=as_json)


@cli.command()
@store_option
def sweep(store_text: str) -> int:
    """Do what no call triggers: end idle sessions, tell hosts, drop old documents (serve does it itself)."""
    from ._schedule import sweep_store  # noqa: PLC0415 - as above

    return sweep_store(store_text)


@cli.command()
@click.option("--company", required=True, help="Whose work.")
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d"]),
    metavar="MOMENT",
    help="When it ends by itself, in UTC, e.g. 2026-12-01T06:00.",
)
@store_option
def pause(store_text: str, *, company: str, until: datetime | None) -> int:
    """Let nothing of a company go out until resumed."""
    from ._schedule import pause_company  # noqa: PLC0415 - as above

    moment = until.replace(tzinfo=UTC) if until is not None else None
    return pause_company(store_text, company=company, until=moment)


@cli.command()
@click.option("--company", required=True, help="Whose work.")
@store_option
def resume(store_text: str, *, company: str) -> int:
    """End a pause."""
    from ._schedule import resume_company  # noqa: PLC0415 - as above

    return resume_company(store_text, company=company)


@cli.command()
@click.argument("spans", metavar="[SPAN]...", nargs=-1)
@click.option("--company", required=True, help="Whose work.")
@click.option("--zone", metavar="ZONE", help="The time zone of the spans, e.g. America/Chicago.")
@click.option("--always", is_flag=True, help="At every hour.")
@store_option
@json_option
def hours(spans: tuple[str, ...], **options: Any) -> int:
    """Show or set the hours in which a company's work may go out, e.g. 22:00-06:00."""
    if spans and options["always"]:
        raise click.UsageError("expected spans or --always, not both")
    from ._schedule import set_hours  # noqa: PLC0415 - as above

    return set_hours(spans=spans, **options)


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
@click.argument("url")
@click.option("--user", "user_name", metavar="NAME", default="shop", show_default=True, help="Who connects.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option(
    "--sessions",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="At most so many; a session without work is the last.",
)
@click.option(
    "--company-file",
    type=click.Path(path_type=Path),
    help="Where the simulated company is kept; a new one each time without it.",
)
@click.option("--style", type=click.Choice(["document", "rpc"]), default="document", show_default=True)
@click.option("--plan", metavar="PLAN", help="What goes wrong: \"Plan(LostReply('receiveResponseXML'))\".")
@click.option(
    "--log",
    type=click.Choice(["none", "debug", "verbose"]),
    default="none",
    show_default=True,
    help="Write the Web Connector's log to standard error.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0.1),
    default=100.0,
    show_default=True,
    metavar="SECONDS",
    help="How long a call may take.",
)
@json_option
def simulate(url: str, **options: Any) -> int:
    """Drive the endpoint at URL as the Web Connector does, and say what the real one would say."""
    from ._simulate import simulate_url  # noqa: PLC0415 - as above

    return simulate_url(url, **options)
