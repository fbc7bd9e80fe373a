"""Whatever request the catalogue knows, the simulated QuickBooks has an answer for it."""

from __future__ import annotations

import json
import re
from collections import Counter

import pytest
from grounding import Ground
from hypothesis import HealthCheck, given, settings
from lxml import etree

from qbsync.qbxml import build, catalogue
from qbsync.qbxml.catalogue import Choice
from qbsync.qbxml.schema import validate
from qbsync.testing import QuickBooksError, strategies

#: The requests of other editions.
ABROAD = {
    "PayrollLastPeriodQueryRq": "OE",
    "SalesTaxReturnLineQueryRq": "UK",
    "SalesTaxReturnQueryRq": "UK",
}
FIRST_ERROR = 1000
#: How many requests of a type are drawn, and how many more where none of them succeeded.
EXAMPLES, MORE = 6, 60

VALUES = {
    "STRTYPE": "x", "IDTYPE": "1-1", "GUIDTYPE": "0", "BOOLTYPE": "true", "DATETYPE": "2024-01-01",
    "DATETIMETYPE": "2024-01-01", "AMTTYPE": "1.00", "PRICETYPE": "1", "QUANTYPE": "1", "PERCENTTYPE": "1",
    "FLOATTYPE": "1", "INTTYPE": "1", "TIMEINTERVALTYPE": "PT1H",
}  # fmt: skip


def standing(ground: Ground) -> str:
    """Return everything that stands in the books, without the clock and the counters of IDs."""
    data = ground.company._books.to_data()
    del data["milliseconds"], data["last_txn"]
    return json.dumps(data, sort_keys=True)


def answered(ground: Ground, document: str, edition: str) -> tuple[int, list]:
    """Return the status of the one response, and what the written schema says against it."""
    answer = ground.company.process(document)
    return int(re.search(r'statusCode="(\d+)"', answer)[1]), validate(answer, version="14.0", edition=edition)


def grounded(ground: Ground, document: bytes) -> str:
    """Let a document's one request name what is there."""
    root = etree.fromstring(document)
    ground.ground(root[0][0])
    head = '<?xml version="1.0"?><?qbxml version="14.0"?>'
    return head + etree.tostring(root, encoding="unicode")


def drawn(name: str, edition: str, examples: int, seen: tuple[Counter, list, list]) -> None:
    """Let the company answer requests of one type as they were drawn, and again with names that are there."""
    ground, (codes, problems, traces) = Ground(country=edition), seen

    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategies.messages(name, version="14.0", edition=edition))
    def one(message):
        document = build([message], version="14.0", edition=edition)
        for text in (document.decode(), grounded(ground, document)):
            before = standing(ground)
            code, found = answered(ground, text, edition)
            if code >= FIRST_ERROR and standing(ground) != before:
                traces.append((name, code, text))
            codes[code] += 1
            problems.extend((name, problem) for problem in found)

    one()


def succeeded(counts: Counter) -> int:
    return counts[0] + counts[1]


def test_all_232_requests_get_answers_that_the_schema_takes_and_succeed(capsys):
    """Each type is answered with status 0 or 1 at least once; what fails leaves no trace in the books."""
    codes, problems, traces = {}, [], []
    here = dict.fromkeys(strategies.names(version="14.0", direction="request"), "US")
    for name, edition in {**here, **ABROAD}.items():
        counts = codes.setdefault(name, Counter())
        drawn(name, edition, EXAMPLES, (counts, problems, traces))
        if not succeeded(counts):
            drawn(name, edition, MORE, (counts, problems, traces))
    with capsys.disabled():
        total = sum(sum(counts.values()) for counts in codes.values())
        good = sum(map(succeeded, codes.values()))
        print(f"\n{len(codes)} types, {total} requests, {good} done or empty, {len(problems)} not by schema")  # noqa: T201

    assert problems == []
    assert traces == []
    assert [name for name, counts in codes.items() if not succeeded(counts)] == []
    assert len(codes) == 232


# -- least and full content, whatever it names


def content(particles, branch: int, depth: int = 0) -> str:
    """Write required content only (*branch* 0), or everything with that branch of each choice."""
    out = []
    for particle in particles:
        if isinstance(particle, Choice):
            choices = [one for one in particle.branches if not any("US" in not_in(part) for part in one)]
            if choices and (particle.min or branch):
                out.append(content(choices[min(max(branch, 1), len(choices)) - 1], branch, depth))
        elif "US" not in particle.not_in and (particle.min or (branch and depth < 6)):
            inner = (
                content(particle.shape.particles, branch, depth + 1)
                if particle.shape
                else (particle.values or (VALUES.get(particle.type, "x"),))[0]
            )
            out.append(f"<{particle.name}>{inner}</{particle.name}>")
    return "".join(out)


def not_in(particle) -> frozenset[str]:
    return frozenset() if isinstance(particle, Choice) else particle.not_in


@pytest.mark.parametrize("branch", range(4))
def test_every_us_request_gets_an_answer_with_a_status(books, branch):
    """Least content, and full content with the first, second and third branch of every choice."""
    names = [
        name
        for name in catalogue.names()
        if name.endswith("Rq") and "US" not in catalogue.element(name).not_in
    ]
    for name in names:
        inner = content(catalogue.message(name).particles, branch)
        rs = books.one(f"<{name}>{inner}</{name}>" if inner else f"<{name}/>", version="14.0")

        assert rs.tag == f"{name[:-2]}Rs"
        assert rs.get("statusSeverity") in {"Info", "Warn", "Error"}
        assert rs.get("statusMessage")
        assert rs.get("statusCode") != "1030"
    assert len(names) == 229


@pytest.mark.parametrize("name", ABROAD)
def test_requests_of_other_editions_refuse_the_document_of_a_us_company(books, name):
    """The schema is a union of all editions; QuickBooks is not."""
    with pytest.raises(QuickBooksError, match="0x80040400"):
        books.one(f"<{name}/>", version="14.0")


def test_the_books_stay_whole_after_all_of_them(books, tmp_path):
    """What went wrong on the way left nothing behind that could not be written and read again."""
    for name in catalogue.names():
        if name.endswith("Rq") and "US" not in catalogue.element(name).not_in:
            inner = content(catalogue.message(name).particles, 1)
            books.one(f"<{name}>{inner}</{name}>" if inner else f"<{name}/>", version="14.0")
    books.company.save(tmp_path / "a")
    type(books.company).load(tmp_path / "a").save(tmp_path / "b")

    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
