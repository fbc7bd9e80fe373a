"""The page of the host checklist misses no demand and no story, and every test that it names exists."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "host-checklist.md"
#: How many demands each line of the checklist makes, and how many stories are told.
DEMANDS = {1: 6, 2: 6, 3: 2, 4: 1, 5: 5, 6: 3, 7: 7, 8: 5, 9: 3, 10: 3, 11: 3, 12: 2, 13: 1}
STORIES = 36
NUMBERS = [f"{line}.{n}" for line, count in DEMANDS.items() for n in range(1, count + 1)] + [
    f"S{n}" for n in range(1, STORIES + 1)
]


def rows():
    """Return the rows of the page: number, text, names of tests."""
    found = re.findall(r"^\| (S?[0-9][^|]*) \| ([^|]*) \| (.*) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    return [(number.strip(), text.strip(), re.findall(r"`([^`]+)`", tests)) for number, text, tests in found]


@cache
def named_in(path):
    """Return the names of the tests of a file, which is read and not run."""
    names = set()
    for node in ast.parse((ROOT / "tests" / path).read_text("utf-8")).body:
        inner = node.body if isinstance(node, ast.ClassDef) else [node]
        prefix = f"{node.name}::" if isinstance(node, ast.ClassDef) else ""
        names |= {prefix + one.name for one in inner if isinstance(one, ast.FunctionDef)}
    return {name for name in names if name.rpartition("::")[2].startswith("test_")}


def test_no_row_is_missing():
    """Every number once, in order; each row says something."""
    assert [number for number, _, _ in rows()] == NUMBERS
    assert [number for number, text, _ in rows() if len(text) < 20] == []


@pytest.mark.parametrize(("number", "names"), [(number, names) for number, _, names in rows()])
def test_every_test_that_is_named_exists(number, names):
    """By its file and its name; no row is without one."""
    missing = [
        name
        for name in names
        if not (ROOT / "tests" / name.partition("::")[0]).is_file()
        or name.partition("::")[2] not in named_in(name.partition("::")[0])
    ]

    assert names, number
    assert missing == []


def test_the_numbers_are_those_of_the_reference(shared):
    """As many lines in the checklist, as many stories, as the reference of the Web Connector has."""
    text = (shared / "reference" / "qbwc.md").read_text("utf-8")
    stories, checklist = (
        re.search(rf"^## {n}\. .*?(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)[0] for n in (8, 9)
    )

    assert [int(n) for n in re.findall(r"^([0-9]+)\. ", checklist, re.MULTILINE)] == list(DEMANDS)
    assert [int(n) for n in re.findall(r"^\| ([0-9]+) \|", stories, re.MULTILINE)] == [*range(1, STORIES + 1)]
