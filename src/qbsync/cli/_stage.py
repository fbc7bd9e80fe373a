"""``qbsync stage``: from a file to where orders wait."""

from __future__ import annotations

import sys
from contextlib import closing
from itertools import chain, islice
from typing import TYPE_CHECKING

import click

from ..errors import UsageError
from ..orders.jsonl import read_file, read_lines
from ..orders.reports import Refusal
from ..orders.rules import Rules
from ..orders.sync import OrderSync
from ..outbox import Outbox
from ._output import error_line, json_line
from ._stores import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..orders.reports import Sourced
    from ..orders.sync import StageReport

__all__ = ["check_rules", "reading", "stage_file"]

_SOME_REFUSED = 3


def stage_file(
    file: str,
    *,
    company: str,
    store_text: str,
    posting: str | None,
    paid: str | None,
    names: str,
    income_account: str | None,
    as_json: bool,
) -> int:
    """Stage the orders of *file* and say what became of them.

    Raises:
        click.ClickException: the file cannot be read, or holds no order; a file that cannot be opened leaves
            no new store behind.
    """
    readable = False

    def watched() -> Iterator[Sourced | Refusal]:
        nonlocal readable
        for item in chain(first, source):
            readable = readable or not isinstance(item, Refusal) or bool(item.path)
            yield item

    check_rules(posting=posting, paid=paid, names=names, income_account=income_account)
    source = reading(file)
    first = list(islice(source, 1))
    with closing(open_store(store_text)) as store:
        sync = OrderSync(
            Outbox(store, company=company),
            posting=posting,
            paid=paid,
            names=names,
            income_account=income_account,
        )
        report = sync.stage(watched())
    (_say_json if as_json else _say)(report)
    if not readable:
        raise click.ClickException(f"{file}: no order could be read")
    return _SOME_REFUSED if report.refused else 0


def check_rules(*, posting: str | None, paid: str | None, names: str, income_account: str | None) -> None:
    """Refuse options that contradict each other, before anything is made.

    Raises:
        click.UsageError: they do.
    """
    try:
        Rules.of(posting=posting, paid=paid, names=names, income_account=income_account)
    except UsageError as error:
        raise click.UsageError(str(error)) from error


def reading(file: str) -> Iterator[Sourced | Refusal]:
    """Yield the orders of *file* as a stream; ``-`` is standard input.

    Raises:
        click.ClickException: the file cannot be read.
    """
    if file == "-" and sys.stdin is None:
        raise click.ClickException("standard input is closed: no order could be read")
    try:
        if file == "-":
            yield from read_lines(sys.stdin.buffer, file="-")
        else:
            yield from read_file(file)
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror or error}") from error


def _say_json(report: StageReport) -> None:
    for refusal in report.refused:
        json_line(refusal.to_dict())
    json_line(
        {
            "accepted": report.accepted,
            "already_staged": report.already_staged,
            "other_rules": report.other_rules,
            "payments_left_out": report.payments_left_out,
            "refused": len(report.refused),
            "altered": sum(remark.altered for remark in report.remarks),
            "total": f"{report.total:.2f}",
            "remarks": [
                {
                    "file": remark.file,
                    "line": remark.line,
                    "path": remark.path,
                    "rule": remark.rule,
                    "value": remark.value,
                    "became": remark.became,
                }
                for remark in report.remarks
            ],
        }
    )


def _say(report: StageReport) -> None:
    for refusal in report.refused:
        error_line(f"refused: {refusal.reason}")
    for remark in report.remarks:
        place = ":".join(str(part) for part in (remark.file, remark.line) if part is not None)
        error_line(f"{'fitted' if remark.altered else 'noted'}: {place}: {remark}")
    click.echo(
        f"{report.accepted} staged, {report.already_staged} staged before, {len(report.refused)} refused; "
        f"the orders that were not refused come to {report.total:,.2f}"
    )
    if report.payments_left_out:
        error_line(
            f"noted: orders whose payment is not posted: {report.payments_left_out} "
            "(--posting invoice+payment or sales-receipt posts it)"
        )
    if report.other_rules:
        error_line(
            f"noted: {report.other_rules} of those staged before keep the rules they were staged under, "
            "which are others than these"
        )
