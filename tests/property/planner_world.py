"""A simulated QuickBooks that only costs time, and an oracle that knows what everything will cost.

Nothing here comes from the package but the planner under test. A world has true costs (a round trip, each
request, each line), a profile of noise, and a clock; everything is drawn from its seed.
The oracle knows what each single request is going to cost and fills every batch up to the budget.
"""

from __future__ import annotations

import itertools
import math
import random
from dataclasses import dataclass, field

from qbsync.planner import Budgets, Candidate, CostModel, Load, forecast, plan

STATIONARY = ("constant", "noisy", "heavy tail", "growing")
CHANGING = ("freezes", "noon")

INVOICE, PAYMENT, CUSTOMER = "InvoiceAddRq", "ReceivePaymentAddRq", "CustomerAddRq"


@dataclass(frozen=True)
class Order:
    """One order: its requests and lines, and how each request differs from the average."""

    candidate: Candidate
    #: seconds at pace 1
    seconds: float


@dataclass(frozen=True)
class Batch:
    """One batch of a run."""

    number: int
    #: When it went out, on the world's clock.
    at: float
    jobs: int
    requests: int
    seconds: float
    #: How much slower the world was than at its start.
    pace: float
    #: What the planner thought it would hardly exceed.
    upper: float
    froze: bool = False
    #: What the planner forecast before it: (expected, low, high) seconds for all that was left.
    forecast: tuple[float, float, float] = (0.0, 0.0, 0.0)


@dataclass
class World:
    """True costs and their noise."""

    seed: int
    profile: str
    orders: int = 2_000
    #: Given costs; drawn from the seed where they are missing.
    round_trip: float = 0.0
    scale: float = 0.0
    _random: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._random = draw = random.Random(f"{self.profile} {self.seed}")
        self.round_trip = self.round_trip or draw.uniform(0.5, 1.5)
        self.scale = self.scale or math.exp(draw.uniform(math.log(0.1), math.log(0.5)))
        self.costs = {
            INVOICE: self.scale * draw.uniform(0.7, 1.3),
            PAYMENT: self.scale * draw.uniform(0.4, 1.0),
            CUSTOMER: self.scale * draw.uniform(0.5, 1.0),
            "line": self.scale * draw.uniform(0.02, 0.2),
        }
        self.paid = draw.uniform(0.0, 1.0)
        self.new = draw.uniform(0.1, 0.9)
        self.spread = draw.uniform(0.05, 0.12)
        self.tail = draw.uniform(0.5, 0.8)
        self.growth = draw.uniform(0.1, 0.3)
        self.queue = [self._order(number) for number in range(self.orders)]
        #: The work before each order, at pace 1.
        self._before = list(itertools.accumulate((order.seconds for order in self.queue), initial=0.0))
        whole = self._before[-1]
        self.noon = draw.uniform(0.2, 0.6) * whole
        #: (work done before it, seconds): moments at which somebody opens a dialogue.
        self.freezes = [(draw.uniform(0.05, 0.95) * whole, draw.uniform(30, 180)) for _ in range(5)]

    def _order(self, number: int) -> Order:
        draw = self._random
        lines = 1 + int(draw.expovariate(0.6))
        names = [INVOICE] + [PAYMENT] * (draw.random() < self.paid)
        needs = [CUSTOMER] * (draw.random() < self.new)
        seconds = sum(self.costs[name] * self._request_noise() for name in names + needs)
        candidate = Candidate(
            job_id=str(number),
            sizes=tuple(900 + 250 * lines if name == INVOICE else 600 for name in names),
            names=tuple(names),
            needs=tuple((f"{name} {number}", 700) for name in needs),
            need_names=tuple(needs),
            lines=lines,
        )
        return Order(candidate, seconds + lines * self.costs["line"])

    def _request_noise(self) -> float:
        if self.profile == "heavy tail":  # mean 1; one in a thousand costs 20 to 40 times the average
            return math.exp(self._random.gauss(-(self.tail**2) / 2, self.tail))
        if self.profile == "constant":
            return 1.0
        return self._random.uniform(0.5, 1.5)

    def pace(self, at: float, done: int) -> float:
        """How much slower the world is than at its start."""
        if self.profile == "growing":
            return 1 + self.growth * done / self.orders
        return 10.0 if self.profile == "noon" and at >= self.noon else 1.0

    def noise(self, number: int) -> float:
        """How much slower batch *number* is than the average: the same for planner and oracle."""
        if self.profile != "noisy":
            return 1.0
        draw = random.Random(f"{self.profile} {self.seed} {number}")
        return math.exp(draw.gauss(-(self.spread**2) / 2, self.spread))

    def answer(self, first: int, count: int, at: float, number: int) -> tuple[float, bool]:
        """Seconds from handing out *count* orders to the answer, and whether QuickBooks froze in it."""
        before, after = self._before[first], self._before[first + count]
        seconds = (self.round_trip + after - before) * self.pace(at, first) * self.noise(number)
        frozen = 0.0
        if self.profile == "freezes":
            frozen = sum(length for when, length in self.freezes if before <= when < after)
        return seconds + frozen, frozen > 0


def run(
    world: World, budgets: Budgets, learned: list[CostModel] | None = None, *, costs: CostModel | None = None
) -> list[Batch]:
    """Let the planner send everything; return its batches, and put each model into *learned*."""
    costs = costs or CostModel()
    candidates = [order.candidate for order in world.queue]
    # Adding up all that is left before each batch would take longer than all the rest.
    loads = list(itertools.accumulate((job.load() for job in reversed(candidates)), initial=Load()))[::-1]
    done, at, batches = 0, 0.0, []
    while done < world.orders:
        waiting = candidates[done : done + 300]
        chosen = plan(waiting, budgets, costs=costs)
        count = len(chosen.job_ids)
        assert chosen.job_ids == tuple(job.job_id for job in waiting[:count])
        expected = forecast(loads[done], budgets, costs)
        seconds, froze = world.answer(done, count, at, len(batches))
        batches.append(
            Batch(
                number=len(batches),
                at=at,
                jobs=count,
                requests=round(chosen.load.total),
                seconds=seconds,
                upper=chosen.upper or 0.0,
                pace=world.pace(at, done),
                froze=froze,
                forecast=(expected.seconds, expected.low, expected.high),
            )
        )
        costs = CostModel.from_json(costs.learn(chosen.load, seconds, budget=budgets.seconds).to_json())
        if learned is not None:
            learned.append(costs)
        done, at = done + count, at + seconds
    return batches


def oracle(world: World, budgets: Budgets) -> float:
    """The makespan of somebody who knows what each request will cost, and what each batch."""
    done, at, number = 0, 0.0, 0
    while done < world.orders:
        count, requests, taken = 0, 0, 0.0
        while done + count < world.orders:
            job = world.queue[done + count].candidate
            size = len(job.sizes) + len(job.needs)
            seconds, _ = world.answer(done, count + 1, at, number)
            if count and (seconds > budgets.seconds or requests + size > budgets.max_requests):
                break
            count, requests, taken = count + 1, requests + size, seconds
        done, at, number = done + count, at + taken, number + 1
    return at


def makespan(batches: list[Batch]) -> float:
    """Seconds until everything was answered."""
    return batches[-1].at + batches[-1].seconds


def time_left(batches: list[Batch], number: int) -> float:
    """Seconds from the moment batch *number* went out until everything was answered."""
    return makespan(batches) - batches[number].at


def off(batches: list[Batch], number: int) -> float:
    """How far off the forecast before batch *number* was: 0.1 is 10 % too long."""
    return batches[number].forecast[0] / time_left(batches, number) - 1


def off_after_two(world: World) -> float:
    """How far off the forecast was after two batches."""
    return off(run(world, Budgets()), 2)


def after_changes(batches: list[Batch]) -> list[Batch]:
    """The batches from the second after the first change on, but those that froze."""
    first = next(
        batch.number
        for batch, before in zip(batches, [batches[0], *batches], strict=False)
        if batch.froze or batch.pace != before.pace
    )
    return [batch for batch in batches[first + 1 :] if not batch.froze]


def off_after_changes(batches: list[Batch]) -> float:
    """How far off the forecast was two batches after the pace changed."""
    first = next(batch.number for batch in batches if batch.pace != batches[0].pace)
    return off(batches, first + 2)
