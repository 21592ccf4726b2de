"""Time lineage-diff beside the DVC commands that people put together for the same question.

    python bench/beside_dvc.py [--sizes 100 1000 10000] [--shapes plain] [--repeat 3] [--no-dvc]

Whole processes, start-up included, one after the other on the same repository. Prints the ratios
as a Markdown table, and keeps it in bench/RESULTS.md. Exit code 1 when a target is missed.
"""

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.generate import Shape, generate
from bench.measure import keep, median, program

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


def main() -> int:
    """Run what the command line asks for; return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=sorted(_TARGETS))
    parser.add_argument("--shapes", nargs="+", default=["plain"], choices=get_args(Shape))
    parser.add_argument("--repeat", type=int, default=3, help="runs of ours; the median counts")
    parser.add_argument("--no-dvc", action="store_true", help="time lineage-diff alone")
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
        keep("dvc", results(rows, start))
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
    """Return what RESULTS.md says of this run."""
    import dvc

    by = (
        f"With DVC {dvc.__version__} and its fast YAML (`ruamel.yaml.clib`), "
        f"Python {platform.python_version()}, {os.cpu_count()} cores."
    )
    return "\n".join([by, "", *rows, "", start])


if __name__ == "__main__":
    sys.exit(main())
