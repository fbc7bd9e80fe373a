"""Whatever request the catalogue knows, the simulated QuickBooks has an answer for it."""

from __future__ import annotations

import pytest

from qbsync.qbxml import catalogue
from qbsync.qbxml.catalogue import Choice

VALUES = {
    "STRTYPE": "x", "IDTYPE": "1-1", "GUIDTYPE": "0", "BOOLTYPE": "true", "DATETYPE": "2024-01-01",
    "DATETIMETYPE": "2024-01-01", "AMTTYPE": "1.00", "PRICETYPE": "1", "QUANTYPE": "1", "PERCENTTYPE": "1",
    "FLOATTYPE": "1", "INTTYPE": "1", "TIMEINTERVALTYPE": "PT1H",
}  # fmt: skip


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
    assert len(names) == 229


def test_the_books_stay_whole_after_all_of_them(books, tmp_path):
    """What went wrong on the way left nothing behind that could not be written and read again."""
    for name in catalogue.names():
        if name.endswith("Rq") and "US" not in catalogue.element(name).not_in:
            inner = content(catalogue.message(name).particles, 1)
            books.one(f"<{name}>{inner}</{name}>" if inner else f"<{name}/>", version="14.0")
    books.company.save(tmp_path / "a")
    type(books.company).load(tmp_path / "a").save(tmp_path / "b")

    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
