"""``qbsync diagnose``: what a Web Connector's log says, or how a service answers a Web Connector."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..qbwc.diagnose import diagnose
from ._output import error_line, json_line
from ._probe import probe

if TYPE_CHECKING:
    from ..qbwc.diagnose import Finding, SessionStory

__all__ = ["diagnose_source"]

#: The exit status when something was found that somebody must act on.
_FOUND = 1


def diagnose_source(source: str, *, as_json: bool) -> int:
    """Read a log, or call an URL; say what was found; 0 when nothing is wrong."""
    if source.startswith(("http://", "https://")):
        return _diagnose_url(source, as_json=as_json)
    text = _read(Path(source))
    stories = diagnose(text.splitlines(keepends=True))
    if not stories:
        raise click.ClickException(
            f"{source}: expected the log of a Web Connector (QWCLog.txt), found no entry"
        )
    for story in stories:
        _tell(story, as_json=as_json)
    return _FOUND if any(story.findings for story in stories) else 0


def _read(path: Path) -> str:
    """Return the text of a log; it is UTF-8, UTF-16 or Windows-1252, whatever wrote it."""
    raw = path.read_bytes()
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _tell(story: SessionStory, *, as_json: bool) -> None:
    if as_json:
        findings = [_values(finding) for finding in story.findings]
        json_line(
            {
                "began": story.began.isoformat(),
                "ended": story.ended.isoformat(),
                "application": story.application,
                "user": story.user_name,
                "calls": dict(story.calls),
                "end": story.end,
                "findings": findings,
            }
        )
        return
    who = " ".join(filter(None, [story.application, story.user_name and f"(user {story.user_name})"]))
    click.echo(f"{story.began:%Y-%m-%d %H:%M:%S} UTC  {who}".rstrip())
    rounds = story.calls.get("receiveResponseXML", 0)
    click.echo(f"  {story.end}; {rounds} answer(s) of QuickBooks, {story.ended - story.began} in all")
    for finding in story.findings:
        kind = f", {finding.kind}" if finding.kind else ""
        _show(
            f"{finding.code}{kind}: {finding.cause} (line {finding.line})", str(finding.who), finding.remedy
        )


def _show(what: str, who: str, remedy: str) -> None:
    error_line(f"  {what}")
    error_line(f"    who must act: {who}")
    error_line(f"    remedy: {remedy}")


def _values(finding: Finding) -> dict[str, object]:
    return {
        "code": finding.code,
        "kind": finding.kind,
        "cause": finding.cause,
        "who": str(finding.who),
        "remedy": finding.remedy,
        "line": finding.line,
        "said": finding.said,
    }


def _diagnose_url(url: str, *, as_json: bool) -> int:
    failed = False
    for check in probe(url):
        failed = failed or not check.passed
        if as_json:
            json_line(
                {"check": check.what, "passed": check.passed, "found": check.found, "remedy": check.remedy}
            )
        elif check.passed:
            click.echo(f"  ok      {check.what}: {check.found}")
        else:
            error_line(f"  FAILED  {check.what}: {check.found}")
            error_line(f"    remedy: {check.remedy}")
    return _FOUND if failed else 0
