"""Whatever waits and whatever was measured: what holds for every plan, model and forecast."""

from __future__ import annotations

import math

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from qbsync.planner import Budgets, Candidate, CostModel, Load, ahead, fitting, forecast, plan, within

NAMES = ("InvoiceAddRq", "ReceivePaymentAddRq", "CustomerAddRq", "ItemNonInventoryAddRq")

QUERIES = ("CustomerQueryRq", "InvoiceQueryRq")

_sizes = st.integers(1, 400_000)


@st.composite
def candidates(draw: st.DrawFn) -> list[Candidate]:
    """Up to 15 jobs; some share needs, some go alone, some depend on others."""
    made: list[Candidate] = []
    for number in range(draw(st.integers(0, 15))):
        shape = draw(st.integers(0, 19))
        reads = shape in {0, 1}
        names = draw(st.lists(st.sampled_from(QUERIES if reads else NAMES), min_size=1, max_size=6))
        needs = [] if reads else draw(st.lists(st.sampled_from("abcdefg"), max_size=3, unique=True))
        parent = draw(st.integers(0, number - 1)) if number and shape in {2, 3} else None
        made.append(
            Candidate(
                job_id=str(number),
                sizes=(draw(_sizes),) * len(names),
                names=tuple(names),
                needs=tuple((need, 700) for need in needs),
                need_names=("CustomerAddRq",) * len(needs),
                alone=shape == 4,
                reads=reads,
                lines=shape,
                depends_on=() if parent is None else (str(parent),),
            )
        )
    return made


loads = st.builds(
    Load,
    requests=st.dictionaries(st.sampled_from((*NAMES, "InvoiceQueryRq")), st.integers(1, 250), min_size=1),
    keys=st.integers(0, 500),
    lines=st.integers(0, 500),
    size=st.integers(0, 1_000_000),
    jobs=st.integers(1, 200),
)

any_seconds = st.floats(0, 1e6) | st.sampled_from([math.nan, math.inf, -1.0])


@st.composite
def models(draw: st.DrawFn) -> CostModel:
    """A model that has seen up to six answers, however odd."""
    costs = CostModel()
    for load, seconds in draw(st.lists(st.tuples(loads, any_seconds), max_size=12)):
        costs = costs.learn(load, seconds)
    return costs


budgets = st.builds(
    Budgets,
    max_requests=st.integers(1, 300),
    max_bytes=st.integers(1, 2_000_000),
    seconds=st.floats(0.1, 100),
)


# Many small draws, on machines that do other things as well.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@patient
@given(candidates(), budgets, models())
def test_plan(waiting, limits, costs):
    """A plan takes whole jobs in order, mixes no sorts, keeps the caps, and always gets on."""
    chosen = plan(waiting, limits, costs=costs)

    by_id = {job.job_id: job for job in waiting}
    jobs = [by_id[job_id] for job_id in chosen.job_ids]
    assert bool(jobs) == bool(waiting)
    assert [int(job.job_id) for job in jobs] == sorted(int(job.job_id) for job in jobs)
    assert all(job.reads is chosen.reads for job in jobs)
    assert not any(job.alone for job in jobs) or len(jobs) == 1
    if len(jobs) > 1:
        total = sum(len(job.sizes) for job in jobs) + len({key for job in jobs for key, _ in job.needs})
        assert total == chosen.load.total <= min(limits.max_requests, costs.allowed(reads=chosen.reads))
        assert chosen.load.size <= limits.max_bytes
        assert chosen.upper <= limits.seconds + 1e-6


@patient
@given(candidates(), budgets, models())
def test_plan_keeps_dependencies(waiting, limits, costs):
    """No job goes out while a job that it depends on waits beside it."""
    chosen = plan(waiting, limits, costs=costs)

    ids = {job.job_id for job in waiting}
    by_id = {job.job_id: job for job in waiting}
    assert all(ids.isdisjoint(by_id[job_id].depends_on) for job_id in chosen.job_ids)


@patient
@given(candidates(), budgets, models())
def test_plans_empty_the_queue(waiting, limits, costs):
    """Plan after plan, every job goes out exactly once."""
    sent: list[str] = []
    while waiting:
        chosen = plan(waiting, limits, costs=costs)
        sent += chosen.job_ids
        waiting = [job for job in waiting if job.job_id not in chosen.job_ids]

    assert len(sent) == len(set(sent))


@patient
@given(models())
def test_model_is_kept(costs):
    """A model read back from its stored form is the same model."""
    assert CostModel.from_json(costs.to_json()) == costs


@patient
@given(models(), loads)
def test_estimates(costs, load):
    """Costs are positive, and the upper estimate is above the expected one."""
    assert 0 < costs.seconds(load) < costs.upper(load) < math.inf
    assert costs.seconds(load) < costs.seconds(load + load)
    assert costs.allowed(reads=True) >= 1
    assert costs.allowed(reads=False) >= 1


@patient
@given(models(), loads, st.floats(21, 1e6))
def test_late_answer_shrinks_the_next_batch(costs, load, seconds):
    """After an answer over the budget, less is allowed at once."""
    assume(load.total > 1)
    after = costs.learn(load, seconds)

    assert after.allowed(reads=load.reads) <= max(1, load.total / 2)


@patient
@given(models(), st.integers(0, 5_000), st.integers(0, 5_000))
def test_forecast(costs, jobs, more):
    """The range holds the expected time; more jobs never take less time."""
    one, two = forecast(jobs, Budgets(), costs), forecast(jobs + more, Budgets(), costs)

    assert one.low <= one.seconds <= one.high
    assert one.seconds <= two.seconds * 1.05 + 1e-6
    assert one.round_trips <= two.round_trips
    assert bool(jobs) == bool(one.round_trips)


@patient
@given(models(), st.integers(1, 2_000))
def test_batches_ahead_add_up(costs, jobs):
    """The batches to come hold all jobs."""
    coming = ahead(jobs, Budgets(), costs, limit=100_000)

    assert math.isclose(sum(batch.jobs for batch in coming), jobs, rel_tol=1e-3, abs_tol=0.01)
    assert abs(len(coming) - forecast(jobs, Budgets(), costs).round_trips) <= 1


@patient
@given(st.integers(1, 10_000), st.integers(0, 10_000))
def test_fitting(count, most):
    """What is taken is all that fits, or a single thing."""
    taken = fitting(count, lambda number: number <= most)

    assert taken == max(1, min(count, most))


@patient
@given(loads, budgets, models())
def test_within(load, limits, costs):
    """What may go out as look-ups keeps to the same bounds as a plan."""
    if within(load, limits, costs):
        assert load.total <= limits.max_requests
        assert load.size <= limits.max_bytes
        assert costs.upper(load) <= limits.seconds
