"""Time lineage-diff beside the DVC commands that people put together for the same question.

    python bench/run.py [--sizes 100 1000 10000] [--shapes plain] [--repeat 3] [--no-dvc]

Whole processes, start-up included, one after the other on the same repository. Prints the ratios
as a Markdown table, and writes it to bench/RESULTS.md. Exit code 1 when a target is missed.
"""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.generate import Shape, generate

_HERE = Path(__file__).parent
_TARGETS = {100: 10.0, 1_000: 30.0, 10_000: 100.0}
_MEMORY = 400.0
_TWO_TO_ONE = 1.3
_HELP = 5.0
_DVC = (
    ("diff", "--json", "HEAD~1", "HEAD"),
    ("metrics", "diff", "--json", "HEAD~1", "HEAD"),
    ("params", "diff", "--json", "HEAD~1", "HEAD"),
    ("dag", "--dot"),
)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process cost: wall time in seconds, peak memory in MB."""

    seconds: float
    megabytes: float


def main() -> int:
    """Run what the command line asks for; return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=sorted(_TARGETS))
    parser.add_argument("--shapes", nargs="+", default=["plain"], choices=get_args(Shape))
    parser.add_argument("--repeat", type=int, default=3, help="runs of ours; the median counts")
    parser.add_argument("--no-dvc", action="store_true", help="time lineage-diff alone")
    parser.add_argument("--output", type=Path, default=_HERE / "RESULTS.md")
    given = parser.parse_args()
    missed: list[str] = []
    rows = [
        "| stages | shape | `dvc diff` + `metrics diff` + `params diff` + `dag` | lineage-diff |"
        " ratio | target | peak memory | two revisions : one |",
        "|--:|---|--:|--:|--:|--:|--:|--:|",
    ]
    print("\n".join(rows), flush=True)
    for size in given.sizes:
        for shape in given.shapes:
            rows.append(measure(size, shape, given.repeat, not given.no_dvc, missed))
            print(rows[-1], flush=True)
    start = help_ratio(missed)
    print(f"\n{start}")
    if not given.no_dvc:
        given.output.write_text(results(rows, start), encoding="utf-8")
    for text in missed:
        print(f"missed: {text}", file=sys.stderr)
    return int(bool(missed))


def measure(size: int, shape: Shape, repeat: int, with_dvc: bool, missed: list[str]) -> str:
    """Measure one repository; return its row, and add to `missed` what is slower than wanted."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        repo = Path(folder) / "repo"
        generate(repo, size, shape)
        ours = [program("lineage-diff"), "compare", "HEAD~1", "HEAD", "--repo", str(repo)]
        report = Path(folder) / "report.json"
        cost = median([*ours, "--format", "json", "-o", str(report)], repo, repeat)
        if not report.exists():
            raise SystemExit("lineage-diff wrote no report")
        reader = [sys.executable, str(_HERE / "read_revisions.py"), str(repo)]
        one = median([*reader, "HEAD"], repo, repeat + 2)
        two = median([*reader, "HEAD~1", "HEAD"], repo, repeat + 2)
        theirs = 0.0
        if with_dvc:
            dvc = [sys.executable, "-m", "dvc"]
            runs = 1 if size > 1_000 else repeat
            theirs = sum(median([*dvc, *command], repo, runs).seconds for command in _DVC)
    ratio, twice, target = theirs / cost.seconds, two.seconds / one.seconds, _TARGETS.get(size, 0.0)
    name = f"{size} stages ({shape})"
    if with_dvc and ratio < target:
        missed.append(f"{name}: {ratio:.1f} times as fast, {target:.0f} wanted")
    if cost.megabytes > _MEMORY:
        missed.append(f"{name}: {cost.megabytes:.0f} MB, {_MEMORY:.0f} wanted")
    if twice > _TWO_TO_ONE:
        missed.append(f"{name}: two revisions cost {twice:.2f} times one, {_TWO_TO_ONE} wanted")
    return (
        f"| {size:,} | {shape} | {theirs:.1f} s | {cost.seconds:.2f} s | **{ratio:.0f} ×** |"
        f" {target:.0f} × | {cost.megabytes:.0f} MB | {twice:.2f} |"
    )


def help_ratio(missed: list[str]) -> str:
    """Compare `lineage-diff --help` with the bare interpreter's start."""
    bare = median([sys.executable, "-c", "pass"], Path.cwd(), 11)
    ours = median([program("lineage-diff"), "--help"], Path.cwd(), 11)
    ratio = ours.seconds / bare.seconds
    if ratio > _HELP:
        missed.append(f"--help costs {ratio:.1f} times `python -c pass`, {_HELP:.0f} wanted")
    return (
        f"`lineage-diff --help` takes {ratio:.1f} times as long as `python -c pass`"
        f" ({ours.seconds * 1000:.0f} ms and {bare.seconds * 1000:.0f} ms; target {_HELP:.0f} ×)."
    )


def results(rows: Sequence[str], start: str) -> str:
    """Return the text of RESULTS.md."""
    import dvc

    return "\n".join(
        [
            "# Speed beside DVC",
            "",
            f"By `make bench`, with DVC {dvc.__version__} and its fast YAML (`ruamel.yaml.clib`),",
            f"Python {platform.python_version()}, {os.cpu_count()} cores. Whole processes,",
            "start-up included, in one run on the same machine: read them as ratios.",
            "",
            *rows,
            "",
            start,
            "",
        ]
    )


def program(name: str) -> str:
    """Return a command that stands beside the interpreter."""
    return str(Path(sys.executable).with_name(name))


def median(command: Sequence[str], folder: Path, repeat: int) -> Cost:
    """Run a command some times; return the median of its times and the most of its memory."""
    costs = [run(command, folder) for _ in range(repeat)]
    return Cost(
        statistics.median(cost.seconds for cost in costs), max(cost.megabytes for cost in costs)
    )


def run(command: Sequence[str], folder: Path) -> Cost:
    """Run a command once. Exit code 1 is an answer of lineage-diff's; more is a failure."""
    environment = os.environ | {"DVC_NO_ANALYTICS": "1"}
    begin = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(command)}: exit code {process.returncode}")
    return Cost(seconds, usage.ru_maxrss / 1024)


if __name__ == "__main__":
    sys.exit(main())
