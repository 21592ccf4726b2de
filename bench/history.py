"""Time the questions to the history beside what no answer can do without.

    python bench/history.py [--commits 5000 50000] [--repeat 5]

The floor is `git log --raw --no-abbrev -m --first-parent -- dvc.lock`, and after it reading the
blobs that it names through a pipe from `git cat-file --batch`. Keeps the table in bench/RESULTS.md;
exit code 1 when a target is missed.
"""

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.generate_history import generate_history, model, source
from bench.measure import Cost, in_turn, keep, ours

FLOOR = (
    "ids=$(git log --raw --no-abbrev -m --first-parent -- dvc.lock | awk '/^:/ {print $4}')"
    ' && git cat-file --batch <<< "$ids" | cat > /dev/null'
)
_TIMES_FLOOR, _MEGABYTES, _GROWTH = 2.5, 500.0, 1.2


def main() -> int:
    """Run what the command line asks for; return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--commits", type=int, nargs="+", default=[5_000, 50_000])
    parser.add_argument("--repeat", type=int, default=5, help="runs of each; the median counts")
    given = parser.parse_args()
    missed: list[str] = []
    rows = [
        "| commits | floor | `history MODEL` | : floor | `trace` | `impact` | `audit` | : floor |"
        " peak memory |",
        "|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    print("\n".join(rows), flush=True)
    audits: dict[int, Cost] = {}
    for commits in given.commits:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            repo = Path(folder) / "repo"
            generate_history(repo, commits)
            rows.append(_row(repo, commits, given.repeat, missed, audits))
        print(rows[-1], flush=True)
    keep("history", "\n".join(rows))
    few, many = min(audits), max(audits)
    growth = audits[many].seconds / audits[few].seconds / (many / few)
    if growth > _GROWTH:
        missed.append(f"audit grows {growth:.2f} times as fast as the history")
    for text in missed:
        print(f"missed: {text}", file=sys.stderr)
    return int(bool(missed))


def _row(repo: Path, commits: int, repeat: int, missed: list[str], audits: dict[int, Cost]) -> str:
    questions = ("history", model(3)), ("trace", model(3)), ("impact", source(3)), ("audit",)
    floor, history, trace, impact, audit = in_turn(
        [["bash", "-c", FLOOR], *(ours(*question, repo=repo) for question in questions)],
        repo,
        repeat,
    )
    audits[commits] = audit
    memory = max(cost.megabytes for cost in (history, trace, impact, audit))
    times = history.seconds / floor.seconds
    if times > _TIMES_FLOOR:
        missed.append(f"{commits} commits: history costs {times:.1f} times the floor")
    if memory > _MEGABYTES:
        missed.append(f"{commits} commits: {memory:.0f} MB, {_MEGABYTES:.0f} wanted")
    return (
        f"| {commits:,} | {floor.seconds:.2f} s | {history.seconds:.2f} s | **{times:.1f} ×** |"
        f" {trace.seconds:.2f} s | {impact.seconds:.2f} s | {audit.seconds:.2f} s |"
        f" **{audit.seconds / floor.seconds:.1f} ×** | {memory:.0f} MB |"
    )


if __name__ == "__main__":
    sys.exit(main())
