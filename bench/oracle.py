"""Ask the real DVC and lineage-diff the same questions of all DVC projects in a folder.

    python bench/oracle.py FOLDER... [--most N] [--rules] 2> DIFFERENCES

Each project is copied and its work tree committed; nothing in FOLDER is changed. The questions:
does DVC refuse the project, index and edges, `dvc metrics diff`, `dvc params diff` and `dvc diff`
between the last commit and the work tree, the ids of the plots, and `dvc status` with its reasons.
Exit code 1 when a difference has no rule in docs/differences-from-dvc.md or docs/freshness.md.
"""

import argparse
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.oracle.answers import Difference
from tests.oracle.folders import (
    QUESTIONS,
    Answered,
    DvcProcess,
    compare_folder,
    copied,
    projects,
)

OUTCOMES = ("equal", "documented", "other")


def main() -> int:
    """Compare over the folders that the command line names; return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--most", type=int, help="at most so many projects")
    parser.add_argument("--rules", action="store_true", help="print the documented ones, too")
    given = parser.parse_args()
    counts: Counter[tuple[str, str]] = Counter()
    rules: Counter[str] = Counter()
    dvc = DvcProcess()
    found = (item for folder in given.folders for item in projects(folder.resolve()))
    # What was asked until then is printed, too.
    with suppress(KeyboardInterrupt):
        for top, root in islice(found, given.most):
            counts["projects", ""] += 1
            for answered in _answers(dvc, top, root):
                counts[answered.question, answered.outcome] += 1
                rules.update(rule for _, rule in answered.differences if rule)
                for difference, rule in answered.differences:
                    if rule is None or given.rules:
                        print(
                            f"{top / root} [{rule}] {difference}"[:900], file=sys.stderr, flush=True
                        )
    dvc.close()
    print(
        f"{counts['projects', '']:,} projects\n\n| question | asked | equal | documented | other |"
    )
    print("|:--|--:|--:|--:|--:|")
    for question in (*QUESTIONS, *(["crash"] if counts["crash", "other"] else [])):
        row = [counts[question, outcome] for outcome in OUTCOMES]
        print(f"| {question} | {sum(row):,} | {' | '.join(f'{item:,}' for item in row)} |")
    print("\nrules:", ", ".join(f"{name} {count}" for name, count in sorted(rules.items())))
    return int(any(counts[question, "other"] for question in (*QUESTIONS, "crash")))


def _answers(dvc: DvcProcess, top: Path, root: str) -> Iterator[Answered]:
    """Yield the answers of a copy of a project; a crash is one, too."""
    with tempfile.TemporaryDirectory(prefix="oracle-") as scratch:
        copy = Path(scratch).resolve() / "copy"
        try:
            yield from compare_folder(dvc, copy, root, copied(top, root, copy))
        except Exception:
            crash = Difference("crash", root, None, traceback.format_exc(limit=-3))
            yield Answered("crash", ((crash, None),))


if __name__ == "__main__":
    sys.exit(main())
