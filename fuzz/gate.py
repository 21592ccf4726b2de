"""Random pull requests on real DVC repositories, judged by lineage-diff and by the real DVC.

    python fuzz/gate.py [--runs N] [--seed N] [--number N] [--from N]

No model that the merge makes stale by `dvc status` may be green, nothing may be red that no
`dvc repro` clears, and what changes no stage must be green. A case that differs is named by its
number, and shrunk to the fewest edits; `--number` makes one of them again.
"""

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from fuzz.pull_request.cases import Case, draw
from fuzz.pull_request.verdict import Bench, Verdict, judge, shrunk
from tests.support.dvc_repo import DvcShell


def kinds(verdict: Verdict) -> set[str]:
    """Return in which ways a case differs."""
    return {text.partition(":")[0] for text in verdict.differences}


def main() -> None:
    """Run what the command line asks for; exit with 1 if a case differs."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--from", type=int, default=0, dest="start")
    parser.add_argument("--number", type=int, help="make this one only")
    asked = parser.parse_args()
    numbers = range(asked.start, asked.start + asked.runs)
    if asked.number is not None:
        numbers = range(asked.number, asked.number + 1)
    outcomes, purposes, differing = Counter[str](), Counter[str](), 0
    begun = time.process_time()
    with tempfile.TemporaryDirectory(prefix="gate-") as folder:
        shell = DvcShell()
        bench = Bench(Path(folder), shell)
        try:
            for number in numbers:
                case = draw(asked.seed, number)
                verdict = judge(case, bench, rerun=number % 4 == 0)
                outcomes[verdict.outcome] += 1
                if number % 50 == 49:
                    print(f"{number + 1 - numbers[0]} cases", file=sys.stderr)
                purposes.update(set(verdict.exempt))
                if verdict.differences:
                    differing += 1
                    report(number, case, verdict, bench)
        finally:
            bench.close()
            shell.close()
    print(json.dumps({"differing": differing, "outcomes": outcomes, "on purpose": purposes}))
    print(f"{time.process_time() - begun:.0f} s", file=sys.stderr)
    sys.exit(bool(differing))


def report(number: int, case: Case, verdict: Verdict, bench: Bench) -> None:
    """Print a case that differs, and the least that does."""
    asked = kinds(verdict)
    least = shrunk(case, lambda each: bool(asked & kinds(judge(each, bench))))
    print(f"{number} {least}")
    for text in judge(least, bench).differences:
        print(f"    {text}")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
