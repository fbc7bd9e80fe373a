"""The table of rules: complete against the dossier, and everything it names is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import attrs
import pytest

from qbsync.testing import ClientSwitches, faults

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "reference" / "simulator-connector-rules.md"
ROW = re.compile(
    r"^\| (\d+\.\d+(?:\.\d+)?) \| (.+?) \| (simulated|switch|fault|not) \| (.+) \|$", re.MULTILINE
)
NAMED = re.compile(r"`([^`]+)`")
SECTIONS = ("2", "3", "8")


def rows() -> list[tuple[str, str, str, str]]:
    return ROW.findall(PAGE.read_text(encoding="utf-8"))


def named_tests(name: str) -> set[str]:
    """Return the names of the tests in a file, wherever it stands."""
    (path,) = (ROOT / "tests").rglob(f"{name}.py")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def numbered(text: str) -> list[str]:
    """Number the rules of the dossier: each line, point, row or sequence of its sections 2, 3 and 8."""
    found, section, count, fenced = [], ("", ""), 0, False
    lines = text.splitlines()
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        heading = re.match(r"#{2,3} (\d+)(?:\.(\d+))?", line)
        if heading:
            section, count = (heading[1], heading[2] or "0"), 0
        fenced ^= line.startswith("```")
        is_heading_of_table = re.fullmatch(r"\|[-| ]+\|", following)
        is_text = line.strip(" -`") and not line.startswith("#") and not re.fullmatch(r"\|[-| ]+\|", line)
        if section[0] not in SECTIONS or not is_text or is_heading_of_table:
            continue
        story = re.match(r"\| (\d+) \|", line)
        if section[0] == "8":
            found += [f"8.{story[1]}"] if story else []
        elif not (fenced and line.startswith(" ")) and not re.fullmatch(r"[^|]*disagreements:", line):
            count += 1
            found.append(f"{section[0]}.{section[1]}.{count}")
    return found


def test_every_rule_of_the_dossier_is_in_the_table_once_and_in_order(shared):
    dossier = (shared / "reference" / "qbwc.md").read_text(encoding="utf-8")

    assert [rule for rule, *_ in rows()] == numbered(dossier)


def test_the_table_has_no_row_that_is_not_read():
    text = PAGE.read_text(encoding="utf-8")

    assert len(rows()) == len(re.findall(r"^\| \d", text, re.MULTILINE)) > 100


@pytest.mark.parametrize(
    ("rule", "how", "by"), [(rule, how, by) for rule, _, how, by in rows() if how != "not"]
)
def test_every_test_switch_and_fault_named_is_there(rule, how, by):
    named = NAMED.findall(by)
    tests = [name.split("::") for name in named if "::" in name]
    others = {name for name in named if "::" not in name}
    known = {
        "simulated": set(),
        "switch": {field.name for field in attrs.fields(ClientSwitches)},
        "fault": set(faults.KINDS),
    }[how]

    assert tests, rule
    assert all(name in named_tests(file) for file, name in tests)
    assert others <= known
    assert bool(others) is (how != "simulated")


@pytest.mark.parametrize(("rule", "why"), [(rule, by) for rule, _, how, by in rows() if how == "not"])
def test_what_is_not_simulated_has_a_reason(rule, why):
    assert len(why) > 40, rule


def test_every_switch_and_every_fault_is_somewhere_on_the_page():
    named = set(NAMED.findall(PAGE.read_text(encoding="utf-8")))
    switches = {field.name for field in attrs.fields(ClientSwitches)}

    assert switches - named == set()
    assert set(faults.KINDS) - named == set()
