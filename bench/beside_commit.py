"""Time the commands beside those of an older commit, on the same repositories.

    python bench/beside_commit.py [--commit 2d55c5b] [--sizes 10 100 10000] [--minutes 10]

Both run in turn, whole processes with the same interpreter and packages, so that a machine that is
slower for a while is so for both. A figure is processor time, that of Git included, as the median
of the ratios of the pairs. Keeps the table in bench/RESULTS.md; exit code 1 when a target is
missed.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.generate import CHAIN
from bench.measure import Cost, keep, run

_HERE = Path(__file__).parent
_BEFORE = "2d55c5b"
_MODEL = f"models/c{3:05}.pkl"
_JSON = ("--format", "json", "-o", os.devnull)
_COMMANDS: Mapping[str, tuple[str, ...]] = {
    "compare": ("compare", "HEAD~1", "HEAD", *_JSON),
    "status": ("status", *_JSON),
    "lint": ("lint", *_JSON),
    "trace": ("trace", _MODEL, *_JSON),
}
# Up to so many stages, most of the time is the start: it is to take a tenth less.
_SMALL, _LESS = 100, 0.9
# How far the median of a ratio may lie above its target by chance.
_NOISE = 0.03
_PAIRS, _PAIRS_OF_LARGE, _LARGE = 15, 3, 10_000


@dataclass(frozen=True, slots=True)
class Beside:
    """A command now and before: the ratio of processor times, and both medians."""

    ratio: float
    now: Cost
    before: Cost

    @property
    def cell(self) -> str:
        """The times in milliseconds, the ratio, and the peak memory in MB."""
        return (
            f"{self.before.processor * 1000:.0f} → {self.now.processor * 1000:.0f} ms ="
            f" **{self.ratio:.2f}**, {self.before.megabytes:.0f} → {self.now.megabytes:.0f} MB"
        )


def main() -> int:
    """Run what the command line asks for; return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--commit", default=_BEFORE, help=f"the older one (default: {_BEFORE})")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 100, 10_000])
    parser.add_argument("--minutes", type=float, default=10, help="start no pair after as many")
    given = parser.parse_args()
    end = time.monotonic() + 60 * given.minutes
    missed: list[str] = []
    rows = [
        f"| stages | {' | '.join(f'`{name}`' for name in _COMMANDS)} |",
        f"|--:|{'--:|' * len(_COMMANDS)}",
    ]
    print(f"Beside {given.commit}, of each command: before → now", *rows, sep="\n", flush=True)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        old = Path(folder) / "before"
        unpack(given.commit, old)
        start = _beside(("--help",), Path(folder), old, _PAIRS, end)
        for size in given.sizes:
            cells = _of_size(size, Path(folder), old, end, missed)
            rows.append(f"| {size:,} | {' | '.join(cells)} |")
            print(rows[-1], flush=True)
    if start.ratio > 1 + _NOISE:
        missed.append(f"--help takes {start.ratio:.2f} times as long")
    rows += ["", f"`--help`: {start.cell}"]
    print(*rows[-2:], sep="\n")
    keep("commit", "\n".join([f"Beside `{given.commit}`.", "", *rows]))
    for text in missed:
        print(f"missed: {text}", file=sys.stderr)
    return int(bool(missed))


def unpack(commit: str, folder: Path) -> None:
    """Write the package of a commit of this repository into a folder.

    It runs with the packages of this environment: theirs is not the difference to measure.
    """
    command = ["git", "-C", str(_HERE.parent), "archive", commit, "src", "templates"]
    archive = subprocess.run(command, capture_output=True, check=False)
    if archive.returncode:
        raise SystemExit(f"{commit}: {archive.stderr.decode().strip()}")
    with tarfile.open(fileobj=BytesIO(archive.stdout)) as files:
        files.extractall(folder, filter="data")


def _of_size(size: int, folder: Path, old: Path, end: float, missed: list[str]) -> list[str]:
    repo = folder / str(size)
    # In a process of its own: what this one grows to would count as the memory of the others.
    run([sys.executable, str(_HERE / "generate.py"), str(repo), "--stages", str(size)], folder)
    cells: list[str] = []
    for name, command in _COMMANDS.items():
        # The smallest repository has one model only.
        given = [part if size > 3 * CHAIN else part.replace("c00003", "c00000") for part in command]
        pairs = _PAIRS_OF_LARGE if size >= _LARGE else _PAIRS
        found = _beside(given, repo, old, pairs, end)
        cells.append(found.cell)
        target = _LESS if size <= _SMALL else 1.0
        if found.ratio > target + _NOISE:
            missed.append(f"{size:,} stages: {name} takes {found.ratio:.2f}, {target} wanted")
        if size >= _LARGE and found.now.megabytes > found.before.megabytes * (1 + _NOISE):
            missed.append(f"{size:,} stages: {name} takes more memory: {found.cell}")
    return cells


def _beside(command: Sequence[str], repo: Path, old: Path, pairs: int, end: float) -> Beside:
    """Run a command of both in turn, after once each to fill caches."""
    ratios: list[float] = []
    costs: tuple[list[Cost], list[Cost]] = ([], [])
    for number in range(pairs + 1):
        before, now = (_run(tree, command, repo) for tree in (old, _HERE.parent))
        if number:
            ratios.append(now.processor / before.processor)
            costs[0].append(before)
            costs[1].append(now)
        if ratios and time.monotonic() > end:
            break
    return Beside(statistics.median(ratios), _median(costs[1]), _median(costs[0]))


def _run(tree: Path, command: Sequence[str], repo: Path) -> Cost:
    # `-P`: nothing is imported from the repository that is looked at.
    python = [sys.executable, "-P", "-m", "lineage_diff"]
    return run([*python, *command], repo, environment={"PYTHONPATH": str(tree / "src")})


def _median(costs: Sequence[Cost]) -> Cost:
    return Cost(
        statistics.median(cost.seconds for cost in costs),
        max(cost.megabytes for cost in costs),
        statistics.median(cost.processor for cost in costs),
    )


if __name__ == "__main__":
    sys.exit(main())
