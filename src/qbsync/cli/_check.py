"""The command ``check``: documents are read and judged, problems are told with file and line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import ParseError, UsageError
from ..qbxml import check_document, schema
from ._output import json_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..qbxml import Problem

__all__ = ["check_files"]


def check_files(
    files: Iterable[str], *, version: str | None, edition: str, xsd: Path | None, as_json: bool
) -> int:
    """Judge documents; the exit status is 0 when nothing is wrong, else 3.

    Args:
        files: paths; ``-`` is standard input.
        version: the qbXML version to judge by; ``None``: what each document states.
        edition: the edition to judge by.
        xsd: a schema to judge by as well.
        as_json: write one object a problem.
    """
    counts = []
    for file in files:
        document = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        found = list(_rows(document, version=version, edition=edition, xsd=xsd))
        for row in found:
            if as_json:
                json_line({"file": file, **row})
            else:
                click.echo(_line(file, row))
        if not found and not as_json:
            click.echo(f"{file}: nothing is wrong")
        counts.append(len(found))
    return 3 if any(counts) else 0


def _rows(
    document: bytes, *, version: str | None, edition: str, xsd: Path | None
) -> Iterator[dict[str, str | int | None]]:
    """Yield what is wrong with a document."""
    try:
        found: list[Problem] = check_document(document, version=version, edition=edition)
        if xsd is not None:
            told = {(problem.path, problem.code) for problem in found}
            by_schema = schema.validate(document, version=version, edition=edition, xsd=xsd)
            found += [problem for problem in by_schema if (problem.path, problem.code) not in told]
    except ParseError as error:
        yield {
            "line": error.line,
            "path": "",
            "code": "parse",
            "expected": "a qbXML document",
            "got": error.reason,
            "message": str(error),
        }
        return
    except UsageError as error:
        raise click.UsageError(str(error)) from None
    for problem in found:
        yield {
            "line": problem.line,
            "path": problem.path,
            "code": problem.code.value,
            "expected": problem.expected,
            "got": problem.got,
            "message": problem.message,
        }


def _line(file: str, row: dict[str, str | int | None]) -> str:
    """Return one problem as compilers write theirs."""
    place = file if row["line"] is None else f"{file}:{row['line']}"
    return f"{place}: {row['message']} [{row['code']}]"
