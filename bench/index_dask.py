"""Time `index --dask` with one worker and with two: many repositories, one task each.

    python bench/index_dask.py [--repositories 48] [--commits 3000]

The workers are processes of this machine, with one thread each. The repositories are clones of one
history; each has an address of its own, because two clones of one address are one part. Keeps the
result in bench/RESULTS.md. Exit code 1 when two workers are less than 1.7 times as fast as one.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from distributed import LocalCluster

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.generate_history import generate_history
from bench.measure import Cost, keep, program, run

_TIMES = 1.7


def main() -> int:
    """Run what the command line asks for; return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--repositories", type=int, default=48)
    parser.add_argument("--commits", type=int, default=3_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        listed = _clones(Path(folder), given.repositories, given.commits)
        one, two = (_index(Path(folder), listed, workers) for workers in (1, 2))
    times = one.seconds / two.seconds
    text = "\n".join(
        (
            f"{given.repositories} repositories of {given.commits:,} commits.",
            "",
            "| workers | seconds | one worker : it |",
            "|--:|--:|--:|",
            f"| 1 | {one.seconds:.1f} | 1.00 |",
            f"| 2 | {two.seconds:.1f} | **{times:.2f}** |",
        )
    )
    print(text)
    keep("index_dask", text)
    return int(times < _TIMES)


def _clones(folder: Path, number: int, commits: int) -> Path:
    """Make the repositories, and return the file that lists them."""
    generate_history(folder / "history", commits)
    clones = [folder / f"clone-{index}" for index in range(number)]
    for index, clone in enumerate(clones):
        _git(["clone", "-q", "--bare", "--shared", str(folder / "history"), str(clone)])
        address = f"https://example.com/team/repository-{index}.git"
        _git(["-C", str(clone), "config", "remote.origin.url", address])
    listed = folder / "repositories.txt"
    listed.write_text("".join(f"{clone}\n" for clone in clones), encoding="utf-8")
    return listed


def _git(arguments: Sequence[str]) -> None:
    subprocess.run(["git", *arguments], check=True)


def _index(folder: Path, listed: Path, workers: int) -> Cost:
    """Index all with some workers, which are started before the time is taken."""
    with LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster:
        tables = str(folder / f"tables-{workers}")
        where = ["--repos", str(listed), "--to", tables, "--dask", cluster.scheduler_address]
        return run([program("lineage-diff"), "index", *where], folder)


if __name__ == "__main__":
    raise SystemExit(main())
