"""The planner in simulated worlds, against an oracle that knows what each request will cost.

What the figures mean, and how they look, is in docs/explanation/planner.md.
``benchmarks/planner_profiles.py`` prints the same for any number of seeds.
"""

from __future__ import annotations

import functools

import pytest
from planner_world import (
    CHANGING,
    STATIONARY,
    Batch,
    World,
    after_changes,
    makespan,
    off,
    off_after_changes,
    off_after_two,
    oracle,
    run,
)

from qbsync.planner import Budgets, CostModel

BUDGETS = Budgets()
SEEDS = range(500, 505)


@functools.cache
def played(profile: str, seed: int) -> tuple[World, list[Batch]]:
    world = World(seed, profile)
    return world, run(world, BUDGETS)


@pytest.mark.parametrize("profile", STATIONARY)
def test_makespan(profile):
    """2,000 orders take at most 1.15 times as long as somebody needs who knows all costs."""
    for seed in SEEDS:
        world, batches = played(profile, seed)

        assert sum(batch.jobs for batch in batches) == world.orders == 2_000
        assert makespan(batches) <= 1.15 * oracle(world, BUDGETS), seed


@pytest.mark.parametrize("profile", STATIONARY)
def test_batches_keep_to_the_budget(profile):
    """At most one batch in a hundred is over its budget, and none three times over."""
    batches = [batch for seed in SEEDS for batch in played(profile, seed)[1]]
    over = [batch for batch in batches if batch.seconds > BUDGETS.seconds]

    assert len(over) <= len(batches) / 100
    assert max(batch.seconds for batch in batches) <= 3 * BUDGETS.seconds
    assert len(batches) > 100


@pytest.mark.parametrize("profile", CHANGING)
def test_budget_holds_from_the_second_batch_after_a_change(profile):
    """One batch is caught by a change; from the next one on the budget holds again."""
    batches = [batch for seed in SEEDS for batch in after_changes(played(profile, seed)[1])]
    over = [b for b in batches if b.seconds > BUDGETS.seconds and b.jobs > 1]

    assert len(batches) > 100
    assert len(over) <= len(batches) / 500
    assert all(batch.seconds <= 1.1 * BUDGETS.seconds for batch in over)


def test_freezes_cost_little():
    """Freezes apart, which hit the oracle too, they cost at most a tenth of the time."""
    for seed in SEEDS:
        world, batches = played("freezes", seed)

        assert any(batch.froze for batch in batches)
        assert makespan(batches) <= 1.10 * oracle(world, BUDGETS), seed


@pytest.mark.parametrize(
    "seeds",
    [range(500, 515), pytest.param(range(1_000, 1_060), marks=pytest.mark.nightly)],
    ids=["some", "many"],
)
def test_forecast_after_two_batches(seeds):
    """After two batches the forecast is within 25 % of the truth in nine of ten stationary runs."""
    offs = [off_after_two(World(seed, profile)) for profile in STATIONARY for seed in seeds]

    assert sum(abs(one) <= 0.25 for one in offs) >= 0.9 * len(offs)


@pytest.mark.parametrize("round_trip", [0.3, 2.0])
def test_other_round_trips(round_trip):
    """Quick and slow round trips are learned too: four of five forecasts are near, and the budgets hold."""
    worlds = [
        World(seed, profile, round_trip=round_trip) for profile in STATIONARY for seed in range(700, 703)
    ]
    runs = [run(world, BUDGETS) for world in worlds]
    batches = [batch for played_run in runs for batch in played_run]

    assert sum(abs(off(played_run, 2)) <= 0.25 for played_run in runs) >= 0.8 * len(runs)
    assert sum(batch.seconds > BUDGETS.seconds for batch in batches) <= len(batches) / 100
    assert all(
        makespan(played_run) <= 1.15 * oracle(world, BUDGETS)
        for world, played_run in zip(worlds, runs, strict=True)
    )


def test_forecast_recovers_from_a_change():
    """Two batches after the pace has changed for good, the forecast is right again."""
    offs = [off_after_changes(played("noon", seed)[1]) for seed in range(500, 510)]

    assert sum(abs(one) <= 0.25 for one in offs) >= 0.8 * len(offs)


@pytest.mark.parametrize("profile", STATIONARY)
def test_range(profile):
    """The time left lies within the range in at least eight of ten forecasts made on the way."""
    hits = [
        batch.forecast[1] <= makespan(batches) - batch.at <= batch.forecast[2]
        for seed in SEEDS
        for batches in [played(profile, seed)[1]]
        for batch in batches[2:]
    ]

    assert sum(hits) >= 0.8 * len(hits)


def test_batches_start_small_and_grow_as_they_go_well():
    """Ten requests first, then at most twice as many, or four times after a quarter of the budget."""
    for profile in STATIONARY:
        for seed in SEEDS:
            _, batches = played(profile, seed)
            allowed = 10
            for batch in batches:
                assert batch.requests <= allowed
                growth = 4 if batch.seconds <= BUDGETS.seconds / 4 else 2
                allowed = max(allowed, growth * batch.requests)

            assert 5 <= batches[0].requests <= 10


def test_next_session_starts_where_the_last_one_ended():
    """What was learned is kept: the first batch of the next session is a full one."""
    world, batches = played("constant", 500)
    costs = CostModel()
    run(world, BUDGETS, learned := [])
    costs = learned[-1]

    assert run(World(500, "constant"), BUDGETS, costs=costs)[0].requests > 0.8 * max(
        batch.requests for batch in batches
    )


@pytest.mark.nightly
@pytest.mark.parametrize("profile", STATIONARY)
def test_many_seeds(profile):
    """The same over 60 other seeds."""
    count = over = 0
    for seed in range(1_000, 1_060):
        world = World(seed, profile)
        batches = run(world, BUDGETS)
        late = [batch for batch in batches if batch.seconds > BUDGETS.seconds]
        count, over = count + len(batches), over + len(late)

        assert makespan(batches) <= 1.15 * oracle(world, BUDGETS), seed
        assert max(batch.seconds for batch in batches) <= 3 * BUDGETS.seconds, seed
    assert over <= count / 100
