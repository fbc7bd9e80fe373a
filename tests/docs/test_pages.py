"""The pages of the documentation that tell a story run as they stand, block after block."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from qbsync.cli._commands import cli

DOCS = Path(__file__).parents[2] / "docs"
STORIES = [
    "how-to/authentication-failed.md",
    "how-to/bring-your-own-soap-server.md",
    "how-to/deploy-behind-a-proxy.md",
    "how-to/mount-in-your-framework.md",
    "how-to/sync-ten-thousand-orders.md",
]


def blocks(page, language):
    """Return the blocks of *page* in *language*."""
    text = (DOCS / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.mark.timeout(280)
@pytest.mark.parametrize("page", STORIES)
def test_the_python_of_a_page_runs(page, tmp_path, monkeypatch):
    """In one go, in an empty folder; what it asserts holds."""
    monkeypatch.chdir(tmp_path)
    names = {"__name__": "page"}
    code = blocks(page, "python")
    for block in code:
        exec(compile(block, page, "exec"), names)
    if "store" in names:
        names["store"].close()

    assert code


@pytest.mark.parametrize("page", STORIES)
def test_the_commands_of_a_page_are_there(page):
    """With the options that the page gives them."""
    text = (DOCS / page).read_text(encoding="utf-8")
    lines = re.findall(r"\bqbsync ((?:[a-z]+ )?[a-z]+[^`\n]*)", "\n".join(blocks(page, "sh")))
    for line in [*lines, *re.findall(r"`qbsync ([a-z][^`]*)`", text)]:
        words = line.split("#")[0].split()
        command = cli.commands[words[0]]
        if isinstance(command, click.Group) and len(words) > 1 and words[1] in command.commands:
            command = command.commands[words[1]]
        known = {
            option for parameter in command.params for option in parameter.opts + parameter.secondary_opts
        }
        used = {word.split("=")[0] for word in words if word.startswith("--")}
        assert used <= known, line

    assert lines or "qbsync" in text


@pytest.mark.parametrize("page", [*STORIES, "reference/hostile-input.md"])
def test_links_lead_somewhere(page):
    """To files that are there."""
    text = (DOCS / page).read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)

    assert [target for target in targets if not (DOCS / page).parent.joinpath(target).exists()] == []
