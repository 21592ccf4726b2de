"""Count what is stale at the tips of any local clones, and what their pull requests made stale.

    python bench/stale_in_the_wild.py CLONE... [--pulls N] [--reasons]

Pull requests are the merge commits on the default branch (their first parent against the second)
and the refs under `refs/pull/`, of which a merged one counts once. Each head is judged against the
merge base; it made a stage stale when that is stale at the head and was not at the base. Only those
count that touch a pipeline: a DVC file, or what a stage at the head depends on. Stages are stale
here by their own lock entry, or by a stage above; frozen ones count as for `dvc status`.
"""

import argparse
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lineage_diff.app.evaluate import read_state
from lineage_diff.dvc.lineage_reader import LineageReader
from lineage_diff.dvc.project import has_project
from lineage_diff.errors import InputError
from lineage_diff.freshness.stages import StageFreshness, freshness
from lineage_diff.git.repository import GitRepository, open_repository
from lineage_diff.history.reader import HistoryReader
from lineage_diff.lineage.evidence import CommitState
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.report.reasons import NOTES, UNKNOWN

_DVC_FILES = ("dvc.yaml", "dvc.lock")


@dataclass(frozen=True, slots=True)
class Pull:
    """A pull request: its head, and the branch's commit that it is held against."""

    name: str
    onto: str
    head: str


@dataclass(slots=True)
class Counts:
    """What the pull requests of one clone came to."""

    touching: int = 0
    made_stale: int = 0
    left_stale: int = 0
    lock_untouched: int = 0
    unreadable: int = 0
    names: list[str] = field(default_factory=list)


class Judge:
    """Judges the commits of one clone; what they share is read and judged once."""

    def __init__(self, clone: Path) -> None:
        self.repository: GitRepository = open_repository(clone)
        self._history = HistoryReader(self.repository)
        self._reader = LineageReader(self.repository)
        self._last: tuple[CommitState, Mapping[str, StageFreshness]] | None = None

    def judge(self, commit: str) -> tuple[Lineage, Mapping[str, StageFreshness]] | None:
        """Return a commit's lineage and its stages' freshness; `None` without a DVC project."""
        if not has_project(self.repository.snapshot(commit)):
            return None
        held = self._reader.read_with_contents(commit)
        state = read_state(self._history, self._reader, *held)
        found = freshness(state, *(self._last or ()))
        self._last = state, found
        return state.lineage, found


def main() -> int:
    """Count over the clones that the command line names; return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("clones", nargs="+", type=Path, metavar="CLONE")
    parser.add_argument("--pulls", type=int, default=10_000, help="newest pull requests to judge")
    parser.add_argument("--reasons", action="store_true", help="print every reason at the tips")
    given = parser.parse_args()
    print("| repository | tip | stages | stale | main reasons | pulls | made stale | lock left |")
    print("|---|---|--:|--:|---|--:|--:|--:|")
    verdicts: Counter[str] = Counter()
    total = Counts()
    for clone in given.clones:
        name = clone.parent.name if clone.name == "repo" else clone.name
        try:
            row, reasons, counts = _clone(clone, given.pulls)
        except InputError as error:
            print(f"{name}: {error}", file=sys.stderr)
            continue
        verdicts[row[0]] += 1
        total.touching += counts.touching
        total.made_stale += counts.made_stale
        total.left_stale += counts.left_stale
        total.lock_untouched += counts.lock_untouched
        total.unreadable += counts.unreadable
        cells = (name, *row, counts.touching, counts.made_stale, counts.lock_untouched)
        print("| " + " | ".join(map(str, cells)) + " |", flush=True)
        if given.reasons:
            print("\n".join([*reasons, *(f"  made stale: {pull}" for pull in counts.names)]))
    print("\nTips: " + ", ".join(f"{count} {name}" for name, count in sorted(verdicts.items())))
    share = 100 * total.made_stale / (total.touching or 1)
    print(
        f"Pull requests that touch a pipeline: {total.touching}; made something stale: "
        f"{total.made_stale} ({share:.0f} %), {total.lock_untouched} of them without a lock file; "
        f"left something stale: {total.left_stale}; not judged: {total.unreadable}"
    )
    return 0


def _clone(clone: Path, pulls: int) -> tuple[tuple[str, int, int, str], list[str], Counts]:
    judge = Judge(clone)
    # Only a clone that was checked out knows its default branch by this name; a mirror's is HEAD.
    remote = _git(clone, "for-each-ref", "--format=%(objectname)", "refs/remotes/origin/HEAD")
    tip = remote[0] if remote else judge.repository.head()
    judged = judge.judge(tip)
    row, reasons = ("no project", 0, 0, ""), list[str]()
    if judged is not None:
        row, reasons = _tip(*judged)
    counts = Counts()
    for pull in list(_pulls(clone, tip))[:pulls]:
        try:
            _count(judge, pull, counts, clone)
        except InputError as error:
            counts.unreadable += 1
            print(f"{clone}: {pull.name}: {error}", file=sys.stderr)
    return row, reasons, counts


def _tip(
    lineage: Lineage, found: Mapping[str, StageFreshness]
) -> tuple[tuple[str, int, int, str], list[str]]:
    states = [judged.freshness for judged in found.values()]
    verdict = next((state for state in ("stale", "unknown") if state in states), "fresh")
    kinds: Counter[str] = Counter()
    reasons: list[str] = []
    for stage, judged in found.items():
        own = {reason.kind for reason in judged.reasons} - NOTES
        kinds.update(own - UNKNOWN if judged.freshness == "stale" else own)
        reasons += [
            f"  {stage}: {reason.kind} {reason.subject}: here {reason.actual}, "
            f"locked {reason.locked} {reason.detail or ''}".rstrip()
            for reason in judged.reasons
            if reason.kind != "outdated-by"
        ]
    main_reasons = ", ".join(f"{kind} {count}" for kind, count in _commonest(kinds))
    return (verdict, len(lineage.stages), states.count("stale"), main_reasons), reasons


def _commonest(kinds: Counter[str]) -> list[tuple[str, int]]:
    return sorted(kinds.items(), key=lambda item: (-item[1], item[0]))[:4]


def _pulls(clone: Path, tip: str) -> Iterator[Pull]:
    """Yield each pull request once, by its head; the merges first, newest first."""
    heads: set[str] = set()
    for line in _git(clone, "rev-list", "--first-parent", "--merges", "--parents", tip):
        merge, onto, *merged = line.split()
        heads.add(merged[0])
        yield Pull(merge[:10], onto, merged[0])
    refs = _git(clone, "for-each-ref", "--format=%(objectname) %(refname)", "refs/pull/*/head")
    for line in sorted(refs, key=lambda line: -int(line.split("/")[-2])):
        head, name = line.split()
        if head not in heads:
            heads.add(head)
            yield Pull(name, tip, head)


def _count(judge: Judge, pull: Pull, counts: Counts, clone: Path) -> None:
    base = judge.repository.merge_base(pull.onto, pull.head)
    if base == pull.head:
        # Merged by fast-forward or already part of the branch: no base of its own is left.
        return
    changed = _git(clone, "diff", "--name-only", "--no-renames", "-z", base, pull.head)
    paths = [path for path in "".join(changed).split("\0") if path]
    head = judge.judge(pull.head)
    if head is None or not _touches(paths, head[0]):
        return
    before = judge.judge(base)
    counts.touching += 1
    stale = {stage for stage, judged in head[1].items() if judged.freshness == "stale"}
    old = (
        {stage for stage, judged in before[1].items() if judged.freshness == "stale"}
        if before
        else set[str]()
    )
    counts.left_stale += bool(stale)
    if stale - old:
        counts.made_stale += 1
        counts.lock_untouched += not any(path.endswith("dvc.lock") for path in paths)
        counts.names.append(f"{pull.name}: {', '.join(sorted(stale - old)[:3])}")


def _touches(paths: list[str], lineage: Lineage) -> bool:
    used = {dep.path for stage in lineage.stages for dep in stage.deps}
    used |= {param.path for stage in lineage.stages for param in stage.params}
    used |= {out.path for stage in lineage.stages for out in stage.outs if not out.cache}
    return any(
        path.rpartition("/")[2] in _DVC_FILES
        or path.endswith(".dvc")
        or any(path == one or path.startswith(one.rstrip("/") + "/") for one in used)
        for path in paths
    )


def _git(clone: Path, *arguments: str) -> list[str]:
    run = subprocess.run(("git", *arguments), cwd=clone, check=True, capture_output=True)
    return run.stdout.decode("utf-8", "surrogateescape").splitlines()


if __name__ == "__main__":
    sys.exit(main())
