"""``qbsync simulate``: drive any endpoint as the Web Connector does, and say what that would say.

The endpoint may be anybody's. The simulated company file is new, or kept in a file from run to run.
Exit status 0: every session was fine; 1: the Web Connector would show an error.
"""

from __future__ import annotations

import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING

import click

from ..testing import Company, End, WebConnector
from ..testing.faults import Plan
from ..testing.verdicts import help_for, remarks_on
from ._output import error_line, json_line

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ..testing import SessionReport, Step

__all__ = ["simulate_url"]

_SHOWN = 60


def simulate_url(
    url: str,
    *,
    user_name: str,
    password_stdin: bool,
    sessions: int,
    company_file: Path | None,
    style: str,
    plan: str | None,
    log: str,
    timeout: float,
    as_json: bool,
) -> int:
    """Run sessions against *url* and write the verdict; see the command's options."""
    company = Company.load(company_file) if company_file is not None and company_file.exists() else Company()
    connector = WebConnector(
        url,
        company=company,
        user_name=user_name,
        password=_password(from_stdin=password_stdin),
        on_step=None if as_json else _tell,
        on_log=error_line,
        sleep=time.sleep,
        timeout=timeout,
        plan=Plan() if plan is None else Plan.parse(plan),
        style=style,
        log_level=log.upper(),
    )
    with closing(connector):
        page = connector.check_page()
        _head(url, page, as_json=as_json)
        reports = _run(connector, sessions, _json_session if as_json else _verdict)
    if company_file is not None:
        company.save(company_file)
    fine = page is None and all(report.fine for report in reports)
    if as_json:
        json_line({"fine": fine, "url": url, "page": page, "remarks": remarks_on(url)})
    else:
        click.echo("fine" if fine else "not fine: the Web Connector would show what stands above")
    return 0 if fine else 1


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return str(click.prompt("password", hide_input=True, default="", show_default=False, err=True))


def _run(
    connector: WebConnector, most: int, show: Callable[[int, SessionReport], None]
) -> list[SessionReport]:
    """Run up to *most* sessions; a wrong password or a session without work is the last."""
    reports: list[SessionReport] = []
    while len(reports) < most:
        report = connector.run_session()
        reports.append(report)
        show(len(reports), report)
        if report.end in {End.REFUSED, End.NO_WORK}:
            break
    return reports


def _head(url: str, page: str | None, *, as_json: bool) -> None:
    if as_json:
        return
    for remark in remarks_on(url):
        click.echo(f"remark: {remark}")
    click.echo(f"GET {url}: {page or 'answers'}")


def _tell(step: Step) -> None:
    """Write one line for each call that was answered."""
    if step.phase == "after":
        click.echo(f"  {step.call:<20}{_short(step)}")


def _short(step: Step) -> str:
    """Return what a reply says on one line; of a ticket, which is a secret, only that it is there."""
    result = step.result
    if isinstance(result, list):
        ticket = "no ticket" if not result[0] else "a ticket"
        return f"{ticket}, {', '.join(map(repr, result[1:]))}"
    text = repr(result)
    if len(text) <= _SHOWN:
        return text
    return f"{text[:_SHOWN]}… ({len(str(result))} characters)"


def _verdict(number: int, report: SessionReport) -> None:
    shown = report.status or report.end
    code = "" if report.code is None else f"QBWC{report.code}: "
    click.echo(
        f"session {number}: {report.end}: {code}{shown}"
        f" ({report.round_trips} round trips, {report.requests} requests)"
    )
    for error in report.errors:
        click.echo(f"  objected to: {error}")
    help_text = help_for(report.code)
    if help_text is not None:
        click.echo(f"  what it means: {help_text}")
    if report.minimum_interval is not None:
        click.echo(f"  asked for at least {report.minimum_interval} s from run to run")
    if report.postponed is not None:
        click.echo(f"  asked to come again in {report.postponed} s")


def _json_session(number: int, report: SessionReport) -> None:
    json_line(
        {
            "session": number,
            "end": str(report.end),
            "code": report.code,
            "status": report.status,
            "fine": report.fine,
            "calls": list(report.calls),
            "progress": list(report.progress),
            "round_trips": report.round_trips,
            "requests": report.requests,
            "errors": list(report.errors),
            "faults": [repr(fault) for fault in report.faults],
            "postponed": report.postponed,
            "minimum_interval": report.minimum_interval,
            "help": help_for(report.code),
        }
    )
