"""Time the commands by the number of stages and the shape of the pipeline, beside the floor.

    python bench/scale.py [--sizes 10 100 …] [--shapes plain …] [--repeat 3]

Keeps the table in bench/RESULTS.md; exit code 1 when a target is missed.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import get_args

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.commands import OURS
from bench.generate import Shape
from bench.measure import Cost, in_turn, keep, ours, run

_HERE = Path(__file__).parent
_SIZES = (10, 100, 1_000, 10_000, 50_000)
# Times the floor, at this size; and how much faster than the stages the time may grow.
_TIMES_FLOOR, _AT = 1.5, 10_000
_GROWTH, _FROM, _TO = 1.2, 1_000, 50_000


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
        f"| stages | shape | floor | {' | '.join(f'`{name}` | : floor' for name in OURS)} |"
        " peak memory of each |",
        f"|--:|:--|--:|{'--:|--:|' * len(OURS)}--:|",
    ]
    print("\n".join(rows), flush=True)
    for shape in given.shapes:
        measured: dict[int, Mapping[str, Cost]] = {}
        for size in given.sizes:
            floor, measured[size] = _costs(size, shape, given.repeat)
            rows.append(_row(size, shape, floor, measured[size]))
            print(rows[-1], flush=True)
            times = measured[size]["compare"].seconds / floor.seconds
            if size == _AT and times > _TIMES_FLOOR:
                missed.append(
                    f"{shape}: compare of {size:,} stages costs {times:.1f} times the floor"
                )
        missed += _growing(shape, measured)
    keep("scale", "\n".join(rows))
    for text in missed:
        print(f"missed: {text}", file=sys.stderr)
    return int(bool(missed))


def _costs(size: int, shape: Shape, repeat: int) -> tuple[Cost, Mapping[str, Cost]]:
    """Return what the floor costs, and each command."""
    if size >= _AT:
        repeat = min(repeat, 1 if size > _AT else 2)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        repo = Path(folder) / "repo"
        # In a process of its own: what this one grows to would count as the memory of the others.
        making = [sys.executable, str(_HERE / "generate.py"), str(repo)]
        run([*making, "--stages", str(size), "--shape", shape], Path.cwd())
        floor, *costs = in_turn(
            [
                [sys.executable, str(_HERE / "floor.py"), str(repo)],
                *(ours(*command, repo=repo) for command in OURS.values()),
            ],
            repo,
            repeat,
        )
        return floor, dict(zip(OURS, costs, strict=True))


def _row(size: int, shape: Shape, floor: Cost, costs: Mapping[str, Cost]) -> str:
    cells = (
        f"{cost.seconds:.2f} s | **{cost.seconds / floor.seconds:.1f} ×**"
        for cost in costs.values()
    )
    memory = " / ".join(f"{cost.megabytes:.0f}" for cost in costs.values())
    return f"| {size:,} | {shape} | {floor.seconds:.2f} s | {' | '.join(cells)} | {memory} MB |"


def _growing(shape: Shape, measured: Mapping[int, Mapping[str, Cost]]) -> Iterator[str]:
    """Yield what grows faster than the stages."""
    if _FROM not in measured or _TO not in measured:
        return
    for name in OURS:
        growth = measured[_TO][name].seconds / measured[_FROM][name].seconds / (_TO / _FROM)
        if growth > _GROWTH:
            yield f"{shape}: {name} grows {growth:.2f} times as fast as the stages"


if __name__ == "__main__":
    sys.exit(main())
