"""Hold lineage-diff's answers against the real DVC's over any clone of a DVC repository.

    python bench/against_dvc.py CLONE...  [--pairs N] [--detail N]

Every pair of neighbouring commits that touch DVC's files, or N of them spread over the history.
The clone itself is left alone: DVC works in a copy without a work tree, whose default remote is an
empty folder. Exit code 1 when a difference has no rule in docs/differences-from-dvc.md.
"""

import argparse
import subprocess
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

sys.path.insert(0, str(Path(__file__).parents[1]))

from lineage_diff.dvc.lineage_reader import LineageReader
from lineage_diff.errors import InputError
from lineage_diff.git.repository import open_repository
from lineage_diff.lineage.evidence import CommitState
from tests.oracle.answers import Pair
from tests.oracle.differences import explain
from tests.oracle.dvc_judge import DvcError, DvcJudge
from tests.support.states import state_alone

_TOUCHED = ("*dvc.yaml", "*dvc.lock", "*.dvc", "*params.yaml", "*.dvcignore", "*metrics*.json")


@dataclass(slots=True)
class Tally:
    """What came of one repository's pairs."""

    pairs: int = 0
    equal: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    unanswered: Counter[str] = field(default_factory=Counter)
    unexplained: list[str] = field(default_factory=list)
    crashes: list[str] = field(default_factory=list)


def main() -> int:
    """Compare over the clones that the command line names; return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("clones", nargs="+", type=Path, metavar="CLONE")
    parser.add_argument("--pairs", type=int, default=0, help="at most so many pairs each; 0 is all")
    parser.add_argument("--detail", type=int, default=20, help="unexplained differences to print")
    arguments = parser.parse_args()
    bad = False
    print("| repository | pairs | equal | explained | unexplained | crashes |")
    print("|---|--:|--:|---|--:|--:|")
    details: list[str] = []
    for clone in arguments.clones:
        tally = compare_clone(clone, arguments.pairs)
        rules = ", ".join(f"{name} {count}" for name, count in sorted(tally.rules.items()))
        print(
            f"| {clone.name} | {tally.pairs} | {tally.equal} | {rules} | "
            f"{len(tally.unexplained)} | {len(tally.crashes)} |",
            flush=True,
        )
        bad = bad or bool(tally.unexplained or tally.crashes)
        details += [f"{clone.name}: {text}" for text in tally.unexplained[: arguments.detail]]
        details += [f"{clone.name}: {text}" for text in tally.crashes]
        details += [
            f"{clone.name}: no answer from DVC {count} times: {text}"
            for text, count in tally.unanswered.most_common(arguments.detail)
        ]
    print("\n".join(["", *details]))
    return int(bad)


def compare_clone(clone: Path, pairs: int) -> Tally:
    """Compare over one clone, in a copy of it without a work tree."""
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="against-dvc-") as folder:
        copy = Path(folder) / "copy"
        _git(Path(folder), "clone", "-q", "--no-checkout", str(clone.resolve()), str(copy))
        reader = LineageReader(open_repository(copy))
        for root, commits in projects(copy, pairs):
            others = tuple(other for other in roots(copy, "HEAD") if _below(other, root))
            prepare(copy / root, Path(folder) / "empty")
            with DvcJudge(copy / root) as judge:
                compare_project(tally, reader, judge, commits, root, others)
    return tally


def compare_project(
    tally: Tally,
    reader: LineageReader,
    judge: DvcJudge,
    commits: Sequence[tuple[str, str]],
    root: str,
    others: tuple[str, ...],
) -> None:
    """Compare over the pairs of one DVC project, and count what comes of each."""
    known: dict[str, CommitState] = {}
    for base, head in commits:
        tally.pairs += 1
        try:
            for commit in (base, head):
                if commit not in known:
                    known[commit] = state_alone(reader, commit)
            answer = judge.ask(base, head)
            pair = Pair.of(known[base], known[head], answer, root, others)
            found = list(pair.differences())
        except (DvcError, InputError) as error:
            tally.rules["no-answer"] += 1
            tally.unanswered[str(error)[:160]] += 1
            if isinstance(error, InputError):
                tally.crashes.append(f"{base[:9]}..{head[:9]} {error}")
            continue
        except Exception:
            tally.crashes.append(f"{base[:9]}..{head[:9]} {traceback.format_exc(limit=-3)}")
            continue
        known = {head: known[head]}
        names = [explain(difference, pair) for difference in found]
        tally.rules.update({name for name in names if name})
        tally.equal += not found
        for name, difference in zip(names, found, strict=True):
            if name == "no-answer":
                tally.unanswered[f"{difference.part}: {difference.dvc['error']}"[:160]] += 1
            if name is None:
                tally.unexplained.append(f"{base[:9]}..{head[:9]} {difference}"[:700])


def projects(copy: Path, pairs: int) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield the folder of each DVC project at HEAD, with the pairs of commits to compare."""
    for root in roots(copy, "HEAD"):
        log = _git(copy, "log", "--topo-order", "--format=%H %P", "HEAD", "--", *_TOUCHED)
        found = [line.split() for line in log.splitlines()]
        chosen = [(parents[0], commit) for commit, *parents in found if parents]
        chosen.reverse()
        step = max(1, len(chosen) // pairs) if pairs else 1
        yield root, chosen[::step]


def roots(copy: Path, commit: str) -> list[str]:
    """Return the folders that hold a `.dvc/config` at a commit."""
    names = _git(copy, "ls-tree", "-r", "--name-only", "-z", commit).split("\0")
    return [
        "" if str(path.parents[1]) == "." else str(path.parents[1])
        for path in map(PurePosixPath, names)
        if path.parts[-2:] == (".dvc", "config")
    ]


def prepare(root: Path, empty: Path) -> None:
    """Give DVC a project whose only remote is an empty folder, so that it asks no storage."""
    (root / ".dvc").mkdir(parents=True, exist_ok=True)
    empty.mkdir(exist_ok=True)
    (root / ".dvc/config").touch()
    (root / ".dvc/config.local").write_text(
        f"[core]\n    remote = nowhere\n['remote \"nowhere\"']\n    url = {empty}\n",
        encoding="utf-8",
    )


def _below(other: str, root: str) -> bool:
    return other != root and (not root or other.startswith(root + "/"))


def _git(folder: Path, *arguments: str) -> str:
    run = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=True)
    return run.stdout.decode("utf-8", "replace")


if __name__ == "__main__":
    sys.exit(main())
