"""The tester's page: its code is run, and finds what the page says it finds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import qbsync.testing

pytest_plugins = ["pytester"]
NAME = "qbsync.testing.pytest_plugin"
PAGE = Path(__file__).resolve().parents[3] / "docs" / "how-to" / "test-your-integration.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks() -> list[tuple[str, str]]:
    """Return language and text of each block of code, in order."""
    return BLOCK.findall(PAGE.read_text(encoding="utf-8"))


def code(name: str) -> str:
    """Return the block that names itself so in its first line."""
    (found,) = [text for _, text in blocks() if text.startswith(f"# {name}\n")]
    return found


@pytest.fixture
def project(pytester, monkeypatch):
    """A folder with the files of the page, and a run of pytest in it with our plugin alone."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    for name in ("shop", "test_shop"):
        pytester.makepyfile(**{name: code(f"{name}.py")})

    def run(*arguments: str):
        return pytester.runpytest_inprocess("-p", NAME, *arguments)

    return run


def repair(pytester) -> None:
    repaired = code("shop.py, repaired").replace("import shop\n", "").replace("shop.", "")
    pytester.makepyfile(shop=code("shop.py") + repaired)


def test_from_installing_to_the_failing_test_it_is_at_most_40_lines():
    first, *rest = blocks()
    until = next(place for place, (_, text) in enumerate(rest) if text == "pytest\n")
    lines = sum(len(text.splitlines()) for _, text in [first, *rest[: until + 1]])

    assert first == ("sh", "pip install 'qbsync[testing]'\n")
    assert lines <= 40
    assert qbsync.testing.WebConnector


def test_the_doubled_invoice_is_found(project):
    result = project("test_shop.py")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*Doubled(kind='Invoice', number='W1001', customer='Ann Lee'*",
            "*Web Connector: plan*",
            "*--qb-plan \"Plan(CutBefore('receiveResponseXML'))\"*",
            "*Web Connector: log*",
        ]
    )


def test_the_repair_holds_where_quickbooks_remembers_and_not_where_it_does_not(project, pytester):
    repair(pytester)
    pytester.makepyfile(test_forgetful=code("test_forgetful.py"))

    project("test_shop.py").assert_outcomes(passed=1)
    project("test_forgetful.py").assert_outcomes(failed=1)


def test_every_fault_at_every_call_is_tried(project, pytester):
    pytester.makepyfile(test_all=code("test_all.py"))
    naive = project("test_all.py", "-vv")
    repair(pytester)

    naive.assert_outcomes(failed=1)
    naive.stdout.fnmatch_lines(["*Plan(CutBefore('receiveResponseXML'))*"])
    project("test_all.py").assert_outcomes(passed=1)
