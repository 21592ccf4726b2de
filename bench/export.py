"""Time `export --to openlineage` of a history beside its floor, and of a commit beside `audit`.

    python bench/export.py [--commits 5000 50000] [--stages 10000] [--repeat 3]

The floor is that of bench/history.py. What no export can do without is to start (the export of a
short history), the processes of Git, and to write the events: to encode them, read from the written
file, and to write them again. All times are processor time. Keeps the tables in bench/RESULTS.md;
exit code 1 when a target is missed.
"""

import argparse
import os
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

import msgspec

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.generate import generate
from bench.generate_history import generate_history, model
from bench.history import FLOOR
from bench.measure import in_turn, keep, ours

_TIMES_AUDIT, _TIMES_FLOOR, _BYTES_A_COMMIT = 1.5, 3.0, 1_024
_BATCH = 1_000
_SHORT = 6
# The memory of the processes of Git is not ours: they map the files of the repository. The
# collector of garbage is off, as `lineage_diff.cli.main.run` turns it off.
_OWN_COST = """
import gc, sys
gc.disable()
from lineage_diff.cli.main import main
main(sys.argv[2:])
from lineage_diff.child_processes import end_children
end_children()
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
git = getrusage(RUSAGE_CHILDREN)
with open(sys.argv[1], "w") as file:
    print(getrusage(RUSAGE_SELF).ru_maxrss, git.ru_utime + git.ru_stime, file=file)
"""


def main() -> int:
    """Run what the command line asks for; return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--commits", type=int, nargs="+", default=[5_000, 50_000])
    parser.add_argument("--stages", type=int, default=10_000)
    parser.add_argument("--repeat", type=int, default=3, help="runs of each; the median counts")
    given = parser.parse_args()
    missed: list[str] = []
    rows = [
        "| commits | events | floor | start | Git | to write them alone | together : floor |"
        " `history MODEL` | : floor | `export --all` | : floor | peak memory |",
        "|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    memory: dict[int, float] = {}
    for commits in given.commits:
        rows.append(_history(commits, given.repeat, missed, memory))
        print(rows[-1], flush=True)
    few, many = min(memory), max(memory)
    if few < many and (memory[many] - memory[few]) * 2**20 / (many - few) > _BYTES_A_COMMIT:
        missed.append(f"memory grows from {memory[few]:.0f} to {memory[many]:.0f} MB")
    rows += ["", *_commit(given.stages, given.repeat, missed)]
    print(rows[-1], flush=True)
    keep("export", "\n".join(rows))
    for text in missed:
        print(f"missed: {text}", file=sys.stderr)
    return int(bool(missed))


def _history(commits: int, repeat: int, missed: list[str], memory: dict[int, float]) -> str:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        repo, target = Path(folder) / "repo", Path(folder) / "events.ndjson"
        short, own = Path(folder) / "short", Path(folder) / "own"
        generate_history(repo, commits)
        generate_history(short, _SHORT)
        floor, start, history, export = in_turn(
            [
                ["bash", "-c", FLOOR],
                _export(short, Path(os.devnull), Path(os.devnull), "--all"),
                ours("history", model(3), repo=repo),
                _export(repo, target, own, "--all"),
            ],
            repo,
            repeat,
        )
        events, writing = _write_again(target)
        most, git = own.read_text(encoding="ascii").split()
        memory[commits] = int(most) / 1_024
    times = export.processor / floor.processor
    least = start.processor + float(git) + writing
    if times > _TIMES_FLOOR:
        missed.append(f"{commits:,} commits: export costs {times:.1f} times the floor")
    return (
        f"| {commits:,} | {events:,} | {floor.processor:.2f} s | {start.processor:.2f} s |"
        f" {float(git):.2f} s | {writing:.2f} s | {least / floor.processor:.1f} × |"
        f" {history.processor:.2f} s |"
        f" {history.processor / floor.processor:.1f} × | {export.processor:.2f} s |"
        f" **{times:.1f} ×** | {memory[commits]:.0f} MB |"
    )


def _commit(stages: int, repeat: int, missed: list[str]) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        repo = Path(folder) / "repo"
        generate(repo, stages)
        audit, export = in_turn(
            [ours("audit", repo=repo), _export(repo, Path(os.devnull), Path(os.devnull))],
            repo,
            repeat,
        )
    times = export.processor / audit.processor
    if times > _TIMES_AUDIT:
        missed.append(f"{stages:,} stages: export costs {times:.1f} times the audit")
    return [
        "| stages of one commit | `audit` | `export` | : audit | peak memory of each |",
        "|--:|--:|--:|--:|--:|",
        f"| {stages:,} | {audit.processor:.2f} s | {export.processor:.2f} s | **{times:.1f} ×** |"
        f" {audit.megabytes:.0f} / {export.megabytes:.0f} MB |",
    ]


def _export(repo: Path, target: Path, memory: Path, *scope: str) -> list[str]:
    """Return the command that writes the events, and its own peak memory to a file."""
    begin = [sys.executable, "-c", _OWN_COST, str(memory), "export", "--to", "openlineage"]
    return [*begin, *scope, "--repo", str(repo), "-o", str(target)]


def _write_again(file: Path) -> tuple[int, float]:
    """Return the number of events, and the seconds that it takes to encode and write them."""
    count, spent = 0, 0.0
    with file.open("rb") as lines, tempfile.NamedTemporaryFile(dir=file.parent) as target:
        while events := [msgspec.json.decode(line) for line in islice(lines, _BATCH)]:
            begin = time.process_time()
            target.writelines(msgspec.json.encode(event) + b"\n" for event in events)
            spent += time.process_time() - begin
            count += len(events)
    return count, spent


if __name__ == "__main__":
    sys.exit(main())
