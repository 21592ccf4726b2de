"""Time the commands by the number of stages and the shape of the pipeline, beside the floor.

    python bench/scale.py [--sizes 10 100 …] [--shapes plain …] [--repeat 3]

Keeps the table in bench/RESULTS.md; exit code 1 when a target is missed.
"""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import get_args

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.generate import Shape
from bench.measure import Cost, keep, median, ours, run

_HERE = Path(__file__).parent
_SIZES = (10, 100, 1_000, 10_000, 50_000)
# Times the floor, at this size; and how much faster than the stages the time may grow.
_TIMES_FLOOR, _AT = 1.5, 10_000
_GROWTH, _FROM, _TO = 1.2, 1_000, 50_000
_COMMANDS = (("compare", "HEAD~1", "HEAD", "--direct"), ("status",), ("lint",), ("audit",))


def main() -> int:
    """Run what the command line asks for; return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=_SIZES)
    parser.add_argument("--shapes", nargs="+", default=get_args(Shape), choices=get_args(Shape))
    parser.add_argument("--repeat", type=int, default=3, help="runs of each; the median counts")
    given = parser.parse_args()
    missed: list[str] = []
    rows = [
        "| stages | shape | floor | `compare` | : floor | `status` | `lint` | `audit` |"
        " peak memory of `compare` |",
        "|--:|:--|--:|--:|--:|--:|--:|--:|--:|",
    ]
    print("\n".join(rows), flush=True)
    for shape in given.shapes:
        compared: dict[int, Cost] = {}
        for size in given.sizes:
            rows.append(_row(size, shape, given.repeat, missed, compared))
            print(rows[-1], flush=True)
        if _FROM in compared and _TO in compared:
            growth = compared[_TO].seconds / compared[_FROM].seconds / (_TO / _FROM)
            if growth > _GROWTH:
                missed.append(f"{shape}: compare grows {growth:.2f} times as fast as the stages")
    keep("scale", "\n".join(rows))
    for text in missed:
        print(f"missed: {text}", file=sys.stderr)
    return int(bool(missed))


def _row(size: int, shape: Shape, repeat: int, missed: list[str], compared: dict[int, Cost]) -> str:
    if size >= _AT:
        repeat = min(repeat, 1 if size > _AT else 2)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        repo = Path(folder) / "repo"
        # In a process of its own: what this one grows to would count as the memory of the others.
        making = [sys.executable, str(_HERE / "generate.py"), str(repo)]
        run([*making, "--stages", str(size), "--shape", shape], Path.cwd())
        floor = median([sys.executable, str(_HERE / "floor.py"), str(repo)], repo, repeat)
        compare, status, lint, audit = (
            median(ours(*command, repo=repo), repo, repeat) for command in _COMMANDS
        )
    compared[size] = compare
    times = compare.seconds / floor.seconds
    if size == _AT and times > _TIMES_FLOOR:
        missed.append(f"{shape}: compare of {size:,} stages costs {times:.1f} times the floor")
    return (
        f"| {size:,} | {shape} | {floor.seconds:.2f} s | {compare.seconds:.2f} s |"
        f" **{times:.1f} ×** | {status.seconds:.2f} s | {lint.seconds:.2f} s |"
        f" {audit.seconds:.2f} s | {compare.megabytes:.0f} MB |"
    )


if __name__ == "__main__":
    sys.exit(main())
