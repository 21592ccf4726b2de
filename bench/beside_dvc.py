"""Time lineage-diff beside the DVC commands that people put together for the same question.

    python bench/beside_dvc.py [--sizes 100 1000 10000] [--shapes …] [--at-large plain] [--no-dvc]

Whole processes, start-up included, one after the other on the same repository. Prints the ratios
as a Markdown table, and keeps it in bench/RESULTS.md. Exit code 1 when a target is missed. What is
compared is in bench/commands.py.
"""

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import get_args

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.commands import DVCS, OURS
from bench.generate import Shape, generate
from bench.measure import Cost, keep, median, ours, program

_HERE = Path(__file__).parent
_SIZES = (100, 1_000, 10_000)
# Of plain pipelines: how many times as fast `compare` is to be at so many stages, and what both
# revisions may cost together, in times one.
_TARGETS = {100: 10.0, 1_000: 30.0, 10_000: 100.0}
_TWO_TO_ONE = 1.3
_MEMORY = 400.0
_HELP = 5.0
# From so many stages DVC's commands are run once; above them only what is asked for.
_LARGE = 1_000
# Seconds that one of DVC's commands may take.
_MOST = 600.0


def main() -> int:
    """Run what the command line asks for; return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    shapes = get_args(Shape)
    parser.add_argument("--sizes", type=int, nargs="+", default=_SIZES)
    parser.add_argument("--shapes", nargs="+", default=shapes, choices=shapes)
    parser.add_argument(
        "--at-large",
        nargs="+",
        default=["plain"],
        choices=shapes,
        help=f"the shapes that are run at more than {_LARGE:,} stages",
    )
    parser.add_argument("--repeat", type=int, default=3, help="runs of ours; the median counts")
    parser.add_argument("--no-dvc", action="store_true", help="time lineage-diff alone")
    given = parser.parse_args()
    missed: list[str] = []
    rows = [
        f"| stages | shape | {' | '.join(f'`{name}`' for name in OURS)} | target of `compare` |"
        " peak memory of `compare` | two revisions : one |",
        f"|--:|:--|{'--:|' * len(OURS)}--:|--:|--:|",
    ]
    print("\n".join(rows), flush=True)
    left_out: list[str] = []
    for size in given.sizes:
        for shape in given.shapes:
            if size > _LARGE and shape not in given.at_large:
                left_out.append(f"{size:,} {shape}")
                continue
            rows.append(measure(size, shape, given.repeat, not given.no_dvc, missed))
            print(rows[-1], flush=True)
    end = [help_ratio(missed)]
    if left_out:
        end.append(f"Not run, for the time that DVC takes: {', '.join(left_out)}.")
    print("", *end, sep="\n")
    if not given.no_dvc:
        keep("dvc", results(rows, end))
    for text in missed:
        print(f"missed: {text}", file=sys.stderr)
    return int(bool(missed))


def measure(size: int, shape: Shape, repeat: int, with_dvc: bool, missed: list[str]) -> str:
    """Measure one repository; return its row, and add to `missed` what is slower than wanted."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        repo = Path(folder) / "repo"
        generate(repo, size, shape)
        costs: dict[str, Cost] = {}
        for name, command in OURS.items():
            report = Path(folder) / f"{name}.json"
            costs[name] = median(ours(*command, repo=repo, out=report), repo, repeat)
            if not report.exists():
                raise SystemExit(f"lineage-diff {name} wrote no report")
        reader = [sys.executable, str(_HERE / "read_revisions.py"), str(repo)]
        one = median([*reader, "HEAD"], repo, repeat + 2)
        two = median([*reader, "HEAD~1", "HEAD"], repo, repeat + 2)
        theirs: Mapping[str, float | None] = {}
        if with_dvc:
            theirs = seconds_of_dvc(repo, 1 if size >= _LARGE else repeat)
    memory, twice = costs["compare"].megabytes, two.seconds / one.seconds
    target = _TARGETS.get(size) if shape == "plain" else None
    by_dvc = theirs.get("compare")
    where = f"{size} stages ({shape})"
    if target and by_dvc and by_dvc / costs["compare"].seconds < target:
        ratio = by_dvc / costs["compare"].seconds
        missed.append(f"{where}: {ratio:.1f} times as fast, {target:.0f} wanted")
    if memory > _MEMORY:
        missed.append(f"{where}: {memory:.0f} MB, {_MEMORY:.0f} wanted")
    if shape == "plain" and twice > _TWO_TO_ONE:
        missed.append(f"{where}: two revisions cost {twice:.2f} times one, {_TWO_TO_ONE} wanted")
    cells = (_cell(costs[name].seconds, with_dvc, theirs.get(name)) for name in OURS)
    wanted = f"{target:.0f} ×" if target else ""
    return (
        f"| {size:,} | {shape} | {' | '.join(cells)} | {wanted} | {memory:.0f} MB | {twice:.2f} |"
    )


def seconds_of_dvc(repo: Path, repeat: int) -> Mapping[str, float | None]:
    """Return by our command how long DVC's take together; `None` where one takes too long."""
    dvc = [sys.executable, "-m", "dvc"]
    costs: dict[tuple[str, ...], float | None] = {}
    for command in dict.fromkeys(command for commands in DVCS.values() for command in commands):
        try:
            costs[command] = median([*dvc, *command], repo, repeat, _MOST).seconds
        except TimeoutError:
            costs[command] = None
    return {name: _sum(costs[command] for command in commands) for name, commands in DVCS.items()}


def _sum(costs: Iterable[float | None]) -> float | None:
    total = 0.0
    for cost in costs:
        if cost is None:
            return None
        total += cost
    return total


def _cell(mine: float, with_dvc: bool, theirs: float | None) -> str:
    if not with_dvc:
        return f"{mine:.2f} s"
    if theirs is None:
        return f"more than {_MOST:.0f} s : {mine:.2f} s"
    return f"{theirs:.1f} s : {mine:.2f} s = **{theirs / mine:.0f} ×**"


def help_ratio(missed: list[str]) -> str:
    """Compare `lineage-diff --help` with the bare interpreter's start."""
    bare = median([sys.executable, "-c", "pass"], Path.cwd(), 11)
    start = median([program("lineage-diff"), "--help"], Path.cwd(), 11)
    ratio = start.seconds / bare.seconds
    if ratio > _HELP:
        missed.append(f"--help costs {ratio:.1f} times `python -c pass`, {_HELP:.0f} wanted")
    return (
        f"`lineage-diff --help` takes {ratio:.1f} times as long as `python -c pass`"
        f" ({start.seconds * 1000:.0f} ms and {bare.seconds * 1000:.0f} ms; target {_HELP:.0f} ×)."
    )


def results(rows: Sequence[str], end: Sequence[str]) -> str:
    """Return what RESULTS.md says of this run."""
    import dvc

    by = (
        f"With DVC {dvc.__version__} and its fast YAML (`ruamel.yaml.clib`), "
        f"Python {platform.python_version()}, {os.cpu_count()} cores."
    )
    return "\n".join([by, "", *rows, "", *end])


if __name__ == "__main__":
    sys.exit(main())
