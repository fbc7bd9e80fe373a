"""The planner against an oracle, profile by profile: a table, and with ``--plots`` a picture of each.

    python benchmarks/planner_profiles.py [--seeds 20] [--round-trip 3] [--plots docs/explanation/planner]

The worlds and the oracle are those of the tests (``tests/property/planner_world.py``).
Pictures need matplotlib, the dependency group ``plots``.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "property"))

from planner_world import (
    CHANGING,
    STATIONARY,
    World,
    after_changes,
    makespan,
    off,
    off_after_changes,
    oracle,
    run,
)

from qbsync.planner import Budgets

if TYPE_CHECKING:
    from planner_world import Batch

BUDGETS = Budgets()
#: A forecast is near when it is off by no more.
NEAR = 0.25
#: The world that is drawn.
DRAWN = 500


def measure(profile: str, seeds: range, *, round_trip: float) -> str:
    """Return the row of a profile; a round trip of 0 s stands for 0.5 to 1.5 s."""
    ratios, offs, batches, checked, hits = [], [], 0, [], []
    for seed in seeds:
        world = World(seed, profile, round_trip=round_trip)
        played = run(world, BUDGETS)
        ratios.append(makespan(played) / oracle(world, BUDGETS))
        batches += len(played)
        checked += played if profile in STATIONARY else after_changes(played)
        if profile in STATIONARY:
            offs.append(off(played, 2))
        elif profile == "noon":
            offs.append(off_after_changes(played))
        hits += [b.forecast[1] <= makespan(played) - b.at <= b.forecast[2] for b in played[2:]]
    checked = [batch for batch in checked if batch.jobs > 1]  # a single job cannot be made smaller
    over = sum(batch.seconds > BUDGETS.seconds for batch in checked)
    worst = max((batch.seconds for batch in checked), default=0.0) / BUDGETS.seconds
    near = f"{sum(abs(one) <= NEAR for one in offs) / len(offs):.0%}" if offs else ""
    cells = (
        profile,
        f"{sum(ratios) / len(ratios):.3f}",
        f"{max(ratios):.3f}",
        f"{over} of {len(checked)}",
        f"{worst:.2f}",
        near,
        f"{sum(hits) / len(hits):.0%}",
    )
    return "| " + " | ".join(cells) + " |"


def draw(profile: str, folder: Path) -> None:
    """Draw one run: the seconds of each batch, and each forecast against what it came to be."""
    import matplotlib as mpl  # noqa: PLC0415 - only who wants pictures needs it

    mpl.use("agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415 - as above

    played = run(World(DRAWN, profile), BUDGETS)
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
    figure.suptitle(profile)
    _draw_batches(left, played)
    _draw_forecasts(right, played)
    figure.savefig(folder / f"{profile.replace(' ', '-')}.png", dpi=80)
    plt.close(figure)


def _draw_batches(axes: object, played: list[Batch]) -> None:
    at = [batch.at for batch in played]
    axes.axhline(BUDGETS.seconds, color="tab:red", linewidth=1, label="budget")
    axes.plot(at, [batch.upper for batch in played], color="tab:orange", linewidth=1, label="upper estimate")
    axes.plot(at, [batch.seconds for batch in played], ".", markersize=4, label="batch")
    axes.set(xlabel="seconds since the start", ylabel="seconds of a batch", yscale="log")
    axes.legend(fontsize="small")


def _draw_forecasts(axes: object, played: list[Batch]) -> None:
    at = [batch.at for batch in played]
    low, high = [b.forecast[1] for b in played[1:]], [b.forecast[2] for b in played[1:]]
    axes.fill_between(at[1:], low, high, alpha=0.25, label="10 to 90 %")
    axes.plot(at[1:], [batch.forecast[0] for batch in played[1:]], linewidth=1, label="forecast")
    axes.plot(at, [makespan(played) - when for when in at], "k--", linewidth=1, label="truth")
    axes.set(xlabel="seconds since the start", ylabel="seconds left", ylim=(0, None))
    axes.legend(fontsize="small")


def main() -> None:
    """Print the table; draw the pictures if asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20, help="worlds of each profile")
    parser.add_argument("--round-trip", type=float, default=0.0, help="its seconds (default: 0.5 to 1.5)")
    parser.add_argument("--plots", type=Path, metavar="FOLDER", help="where pictures go")
    options = parser.parse_args()
    print("| profile | mean | worst run | batches over budget | worst batch | forecast near | in range |")
    print("| --- | --: | --: | --: | --: | --: | --: |")
    for profile in (*STATIONARY, *CHANGING):
        seeds = range(500, 500 + options.seeds)
        print(measure(profile, seeds, round_trip=options.round_trip), flush=True)
        if options.plots:
            options.plots.mkdir(parents=True, exist_ok=True)
            draw(profile, options.plots)


if __name__ == "__main__":
    main()
