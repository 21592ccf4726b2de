"""Time `index` beside `audit`: the whole history, and then ten commits that recorded runs.

    python bench/index.py [--commits 5000] [--repeat 3]

Whole processes, start-up included; the tables are in a folder. Keeps the result in
bench/RESULTS.md. Exit code 1 when a target is missed: the first index takes at most 1.2 times as
long as `audit` as JSON, ten new commits at most 2 seconds.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.generate_history import EVERY, generate_history
from bench.measure import Cost, keep, median, ours, program, run

_TIMES_AUDIT, _SECONDS = 1.2, 2.0
_NEW = 10


def main() -> int:
    """Run what the command line asks for; return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--commits", type=int, default=5_000)
    parser.add_argument("--repeat", type=int, default=3, help="runs of each; the median counts")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        repo, tables = Path(folder) / "repo", Path(folder) / "tables"
        generate_history(repo, given.commits)
        head = _git(repo, "rev-parse", "HEAD")
        audit = median(ours("audit", repo=repo), repo, given.repeat)
        typed = median([program("lineage-diff"), "audit"], repo, given.repeat)
        rounds = [_round(repo, tables, head) for _ in range(given.repeat)]
        size = sum(file.stat().st_size for file in tables.rglob("*") if file.is_file())
    first, new = (
        sorted(costs, key=lambda cost: cost.seconds)[len(costs) // 2]
        for costs in zip(*rounds, strict=True)
    )
    rows = [
        ("`audit --format json`", audit),
        ("`audit`, as text", typed),
        ("first `index`", first),
        (f"{_NEW} new commits", new),
    ]
    text = "\n".join(
        (
            f"{given.commits:,} commits, of which one in {EVERY} recorded runs. "
            f"The tables are {size / 1e6:.1f} MB.",
            "",
            "| | seconds | : `audit` as JSON | seconds of the processor | peak memory |",
            "|:--|--:|--:|--:|--:|",
            *(
                f"| {name} | **{cost.seconds:.2f}** | {cost.seconds / audit.seconds:.2f} | "
                f"{cost.processor:.2f} | {cost.megabytes:.0f} MB |"
                for name, cost in rows
            ),
        )
    )
    print(text)
    keep("index", text)
    return int(first.seconds > _TIMES_AUDIT * audit.seconds or new.seconds > _SECONDS)


def _round(repo: Path, tables: Path, head: str) -> tuple[Cost, Cost]:
    """Index the history except its last commits, and then these."""
    shutil.rmtree(tables, ignore_errors=True)
    command = [program("lineage-diff"), "index", "--to", str(tables)]
    _git(repo, "update-ref", "refs/heads/main", f"{head}~{_NEW * EVERY}")
    first = run(command, repo)
    _git(repo, "update-ref", "refs/heads/main", head)
    return first, run(command, repo)


def _git(repo: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(repo), *arguments], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
