"""The pages about the language: their Python runs, their output is what is printed, their commands exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from qbsync.cli._commands import run
from qbsync.qbxml import Code

PAGES = Path(__file__).resolve().parents[2] / "docs/how-to"


def blocks(page, language):
    return re.findall(rf"```{language}\n(.*?)```", (PAGES / page).read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("page", ["check-qbxml.md", "work-with-messages.md"])
def test_the_python_of_a_page_runs(page, capsys):
    """All blocks of a page, one after the other, and the tests that they define."""
    space: dict[str, object] = {}
    for block in blocks(page, "python"):
        exec(block, space)
    for name, function in list(space.items()):
        if name.startswith("test_"):
            function()
    assert capsys.readouterr().out == "".join(blocks(page, "text"))


def test_every_code_is_told():
    """The table of codes has all of them and no other."""
    text = (PAGES / "check-qbxml.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ((?:`[\w-]+`(?:, )?)+) \|", text, re.MULTILINE)

    assert set(re.findall(r"`([\w-]+)`", " ".join(rows))) == {code.value for code in Code}


@pytest.mark.parametrize(
    "arguments", re.findall(r"qbsync ((?:describe|status) .*)", "\n".join(blocks("check-qbxml.md", "sh")))
)
def test_the_commands_of_the_page_work(arguments, capsys):
    """What can be run without files is run."""
    assert run(arguments.split()) == 0
    assert capsys.readouterr().out
