"""The fixed workloads of the shared benchmark folder: its baselines and qbsync in turn.

    python benchmarks/fixed_workloads.py [w1 w2 w2s w3] [--rounds 7] [--shared FOLDER]

The folder (``$QBSYNC_SHARED``, else ``../shared``) has the data, the protocol and the baselines in ``bench``.
Each round runs the baseline and then qbsync, each in a process of its own; printed is the median of the
ratios of these pairs, and how much memory each took beyond what it started with.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

WORKLOADS = ("w1", "w2", "w2s", "w3")


def typed(name: str, content: dict[str, Any]) -> Any:
    """Return the model of an aggregate given as nested dictionaries of element names."""
    from qbsync.qbxml.layout import layout, model  # noqa: PLC0415 - only the driver needs it

    values: dict[str, Any] = {}
    for tag, value in content.items():
        slot = layout(name).slots[tag]
        if isinstance(value, list):
            value = tuple(typed(tag, item) for item in value)
        elif isinstance(value, dict):
            value = typed(tag, value)
        values[slot.field] = value if not slot.many or isinstance(value, tuple) else (value,)
    return model(name)(**values)


def drive(workload: str) -> None:
    """Run one workload with qbsync, by the protocol of the folder."""
    import _common as common  # type: ignore[import-not-found]  # noqa: PLC0415 - it is in the shared folder

    from qbsync import models  # noqa: PLC0415 - the baseline must not pay for it
    from qbsync.qbxml import build, iterparse, parse  # noqa: PLC0415 - loaded now, as the baseline's lxml is

    def w1(rec: Any) -> None:
        invoices = [typed("InvoiceAdd", content) for content in common.load_adds()]

        def one_set(some: list[Any], first: int) -> bytes:
            named = enumerate(some, first)
            rqs = [models.InvoiceAddRq(request_id=str(n), invoice_add=invoice) for n, invoice in named]
            return build(rqs, version="13.0", on_error="continueOnError")

        common.build_w1(rec, "qbsync", invoices, one_set)

    def w2(rec: Any) -> None:
        raw = common.read(common.W2_FILE)
        document = rec.timed("w2_parse", "invoice", 0, lambda: parse(raw), bytes=len(raw))
        found = document.messages[0].invoice_ret
        rec.results[-1]["units"] = len(found)
        amounts = [line.amount for invoice in found for line in invoice.lines]
        rec.check = {"invoices": len(found), "lines": len(amounts), "cents": sum(map(common.cents, amounts))}

    def w2s(rec: Any) -> None:
        def stream() -> tuple[int, int]:
            count = lines = 0
            for invoice in iterparse(common.path(common.W2_FILE)):
                count += 1
                lines += len(invoice.lines)
            return count, lines

        count, lines = rec.timed("w2s_stream", "invoice", 0, stream)
        rec.results[-1]["units"] = count
        rec.check = {"invoices": count, "lines": lines}

    def w3(rec: Any) -> None:
        page, tiny = common.read("customers_rs.xml"), common.read("invoice_add_rs.xml")
        rec.loop("w3a_cust100", "row", 100, lambda: parse(page))
        rec.loop("w3b_tiny", "call", 1, lambda: parse(tiny))

    sys.argv = [sys.argv[0], workload]
    common.main("qbsync", {"w1": w1, "w2": w2, "w2s": w2s, "w3": w3})


def run(command: list[str], bench: Path) -> dict[str, Any]:
    """Run one driver and return what it printed."""
    path = os.pathsep.join([str(bench), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, *command], env={**os.environ, "PYTHONPATH": path}, check=True, capture_output=True
    )
    printed: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return printed


def compare(workload: str, bench: Path, rounds: int) -> None:
    """Print the ratios of one workload."""
    baseline = [str(bench / "raw_lxml.py"), workload]
    ours = [str(Path(__file__).resolve()), "--drive", workload]
    pairs = [(run(ours, bench), run(baseline, bench)) for _ in range(rounds)]
    for number, result in enumerate(pairs[0][0]["results"]):

        def cost(printed: dict[str, Any], number: int = number) -> float:
            one = printed["results"][number]
            return float(one["wall"] / one["units"] * 1e6)

        own, other = ([cost(pair[side]) for pair in pairs] for side in (0, 1))
        ratio = statistics.median(mine / theirs for mine, theirs in zip(own, other, strict=True))
        grown = [(pairs[0][side]["rss_peak_kb"] - pairs[0][side]["rss_base_kb"]) / 1024 for side in (0, 1)]
        print(
            f"{result['name']:12} {ratio:5.2f}   ours {statistics.median(own):7.1f} µs, "
            f"lxml {statistics.median(other):7.1f} µs a {result['unit']}; "
            f"memory added {grown[0]:.0f} and {grown[1]:.0f} MiB"
        )


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("workloads", nargs="*", help="which of w1 w2 w2s w3; all when left out")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--shared", type=Path, default=os.environ.get("QBSYNC_SHARED", "../shared"))
    parser.add_argument("--drive", metavar="W", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.drive:
        drive(given.drive)
        return
    bench = Path(given.shared).resolve() / "bench"
    if not (bench / "raw_lxml.py").is_file():
        sys.exit(f"no baselines in {bench}; set QBSYNC_SHARED to the shared folder")
    data = subprocess.run(
        [sys.executable, "-c", "import _common; print(_common.DATA)"],
        cwd=bench,
        check=True,
        capture_output=True,
    )
    if not (Path(data.stdout.decode().strip()) / "manifest.json").is_file():
        subprocess.run([sys.executable, str(bench / "gen_data.py")], check=True, capture_output=True)
    for workload in given.workloads or WORKLOADS:
        compare(workload, bench, given.rounds)


if __name__ == "__main__":
    main()
