"""What work costs in simulated time, exact or with noise, slow spells and freezes."""

# A request is easier to read on one line than in pieces.
# ruff: noqa: E501

from __future__ import annotations

import pytest

from qbsync.errors import UsageError
from qbsync.testing import Company, Costs

DOCUMENT = '<?xml version="1.0"?><?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="stopOnError">{}</QBXMLMsgsRq></QBXML>'
ADD = "<CustomerAddRq><CustomerAdd><Name>{}</Name></CustomerAdd></CustomerAddRq>"
QUERY = "<CustomerQueryRq>{}</CustomerQueryRq>"


def spent(company: Company, *bodies: str) -> list[float]:
    """Return what each document costs."""
    times = []
    for body in bodies:
        before = company.simulated_seconds
        company.process(DOCUMENT.format(body))
        times.append(round(company.simulated_seconds - before, 3))
    return times


def test_the_profile_seed_is_exact():
    """1 s a round trip, 0.1 s a write, 0.02 s a query and 0.001 s a key, whatever the size."""
    company = Company()
    keys = "<FullName>A</FullName><FullName>B</FullName>"

    assert spent(company, "", ADD.format("A"), QUERY.format(""), QUERY.format(keys)) == [
        1.0,
        1.1,
        1.02,
        1.022,
    ]
    assert Company(profile="seed").simulated_seconds == 0


def test_types_lines_rows_and_size_cost():
    costs = Costs(
        round_trip=0, write=1, query=2, key=0.5, line=0.25, row=0.125, size=10, by_type={"HostQuery": 7}
    )
    empty = Costs(round_trip=0, write=0, query=0, key=0, size=10)
    company = Company(costs=costs)
    size = spent(Company(costs=empty), "<HostQueryRq/>")[0]
    lines = "<ItemGroupAddRq><ItemGroupAdd><Name>G</Name><ItemGroupLine/><ItemGroupLine/></ItemGroupAdd></ItemGroupAddRq>"
    times = spent(company, "<HostQueryRq/>", lines, QUERY.format("<FullName>A</FullName>"))

    assert times[0] == pytest.approx(7 + size)
    assert times[1] == pytest.approx(1 + 2 * 0.25 + size)
    assert times[2] == pytest.approx(2 + 0.5 + size, abs=0.02)
    assert spent(company, ADD.format("A"), QUERY.format(""))[1] == pytest.approx(2 + 0.125 + size, abs=0.02)


def test_noise_is_between_its_bounds_and_the_same_for_the_same_seed():
    noisy = Costs(noise=0.2, seed=5)
    first, second = (spent(Company(costs=noisy), *[""] * 50) for _ in range(2))

    assert first == second
    assert min(first) >= 0.8
    assert max(first) <= 1.2
    assert len(set(first)) > 40
    assert spent(Company(costs=Costs(noise=0.2, seed=6)), *[""] * 50) != first


def test_slow_spells_last_some_documents():
    costs = Costs(spell_chance=0.05, spell_factor=5, spell_documents=3, seed=1)
    times = spent(Company(costs=costs), *[""] * 200)
    slow = "".join("s" if time == 5 else "." for time in times)

    assert set(times) == {1.0, 5.0}
    assert {len(run) % 3 for run in slow.split(".") if run} == {0}


def test_a_freeze_adds_its_time():
    times = spent(Company(costs=Costs(freeze_chance=0.02, freeze=90, seed=2)), *[""] * 300)

    assert set(times) == {1.0, 91.0}
    assert times.count(91.0) < 20


def test_the_office_profile_is_uneven():
    times = spent(Company(profile="office"), *[""] * 20)

    assert len(set(times)) > 10


def test_pace_goes_on_after_saving(tmp_path):
    costs = Costs(noise=0.3, spell_chance=0.2, spell_documents=4)
    straight, halves = Company(costs=costs), Company(costs=costs)
    expected = spent(straight, *[""] * 30)
    first = spent(halves, *[""] * 15)
    halves.save(tmp_path / "c")

    assert first + spent(Company.load(tmp_path / "c"), *[""] * 15) == expected


@pytest.mark.parametrize(("field", "value"), [("write", -1), ("noise", 1.5), ("freeze_chance", 2)])
def test_figures_that_cannot_be_are_refused(field, value):
    with pytest.raises(UsageError, match=field):
        Costs(**{field: value})
