"""The table of the rules of the company file: complete against the dossier, and what it names is there."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import attrs
import pytest

from qbsync.testing.company import Switches

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "reference" / "simulator-rules.md"
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| (.+?) \| (simulated|switch|not) \| (.+) \|$", re.MULTILINE)
NAMED = re.compile(r"`([^`]+)`")
SECTIONS = ("3", "4", "5", "6", "8", "9")
SWITCHES = {field.name for field in attrs.fields(Switches)}


def rows() -> list[tuple[str, str, str, str]]:
    return ROW.findall(PAGE.read_text(encoding="utf-8"))


@cache
def named_in(name: str) -> frozenset[str]:
    """Return the names of the tests in a file of this folder."""
    tree = ast.parse((Path(__file__).parent / f"{name}.py").read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def is_rule(section: str, line: str, following: str) -> bool:
    """Say whether a line of the dossier states a rule: no title, no head of a table, no announcement."""
    if not line.strip(" -") or line.startswith("#"):
        return False
    if re.fullmatch(r"\|[-| ]+\|", line) or re.fullmatch(r"\|[-| ]+\|", following):
        return False
    if section == "8.3":
        return re.fullmatch(r"\*\*[A-Za-z]+\*\*", line) is not None or line.startswith("Server-required")
    return not re.fullmatch(r"[A-Z][a-z]+( [a-z]+)*|[^|]*:", line)


def numbered(text: str) -> list[str]:
    """Number the rules of the dossier's sections 3 to 6, 8 and 9, in their order."""
    found, section, count, fenced = [], "", 0, False
    lines = text.splitlines()
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        heading = re.match(r"#{2,3} (\d+)(?:\.(\d+))?", line)
        if heading:
            section, count = f"{heading[1]}.{heading[2] or 0}", 0
        is_fence = line.startswith("```")
        fenced ^= is_fence
        if fenced or is_fence or section.partition(".")[0] not in SECTIONS:
            continue
        if is_rule(section, line, following):
            count += 1
            found.append(f"{section}.{count}")
    return found


def test_every_rule_of_the_dossier_is_in_the_table_once_and_in_order(shared):
    dossier = (shared / "reference" / "qbxml.md").read_text(encoding="utf-8")

    assert [rule for rule, *_ in rows()] == numbered(dossier)


def test_the_table_has_no_row_that_is_not_read():
    text = PAGE.read_text(encoding="utf-8")

    assert len(rows()) == len(re.findall(r"^\| \d", text, re.MULTILINE)) > 300


@pytest.mark.parametrize(
    ("rule", "how", "by"), [(rule, how, by) for rule, _, how, by in rows() if how != "not"]
)
def test_every_test_and_switch_named_is_there(rule, how, by):
    """A simulated rule names tests, a switch names an argument of ``Company`` and tests."""
    named = NAMED.findall(by)
    tests = [name.split("::") for name in named if "::" in name]
    switches = {name for name in named if name in SWITCHES}

    assert tests, rule
    assert [test for file, test in tests if test not in named_in(file)] == []
    assert bool(switches) is (how == "switch"), rule


def test_every_switch_is_named_in_the_table():
    named = set(NAMED.findall(PAGE.read_text(encoding="utf-8")))

    assert named >= SWITCHES


def test_what_is_not_simulated_says_why():
    assert [rule for rule, _, how, by in rows() if how == "not" and len(by) < 10] == []
