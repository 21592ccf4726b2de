"""Count what each rule finds in any local clones, at their tips and in their changes.

    python bench/rules_in_the_wild.py REPO... [--commits N] [--rule NAME] [--list]

For each clone the tip is judged as if everything in it were new, then N of its commits that touch
DVC's files or code, spread over the history, each against its first parent. `--list` prints every
finding once, for reading them by hand.
"""

import argparse
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lineage_diff.app.evaluate import find_change, read_state
from lineage_diff.app.rule_facts import facts_of_change
from lineage_diff.dvc.lineage_reader import LineageReader
from lineage_diff.errors import InputError
from lineage_diff.git.repository import open_repository
from lineage_diff.history.reader import HistoryReader
from lineage_diff.lineage.evidence import CommitState
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.policy import Policy
from lineage_diff.report.findings import Finding
from lineage_diff.rules.engine import check_rules
from lineage_diff.rules.facts import NO_FACTS

_TOUCHED = ("*dvc.yaml", "*dvc.lock", "*.dvc", "*params.yaml", "*.py", "*.R")


@dataclass(slots=True)
class Tally:
    """What came of one clone; findings by rule, with the commits that gave them."""

    tip: Counter[str] = field(default_factory=Counter)
    changes: Counter[str] = field(default_factory=Counter)
    findings: dict[Finding, list[str]] = field(default_factory=lambda: defaultdict(list))
    commits: int = 0
    unreadable: list[str] = field(default_factory=list)
    seconds: float = 0.0


def main() -> int:
    """Count over the clones that the command line names; return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("clones", nargs="+", type=Path, metavar="REPO")
    parser.add_argument("--commits", type=int, default=20, help="changes of each clone to judge")
    parser.add_argument("--rule", action="append", help="only this rule; may be repeated")
    parser.add_argument("--list", action="store_true", help="print every finding once")
    given = parser.parse_args()
    totals: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    print("| repository | commits | rule | at the tip | new in changes |")
    print("|---|--:|---|--:|--:|")
    for clone in given.clones:
        tally = judge_clone(clone, given.commits)
        name = clone.parent.name if clone.name == "repo" else clone.name
        for rule in sorted(tally.tip | tally.changes):
            if given.rule and rule not in given.rule:
                continue
            row = totals[rule]
            row[0] += tally.tip[rule]
            row[1] += tally.changes[rule]
            row[2] += 1
            print(
                f"| {name} | {tally.commits} | {rule} | {tally.tip[rule]} "
                f"| {tally.changes[rule]} |",
                flush=True,
            )
        for text in tally.unreadable:
            print(f"{name}: {text}", file=sys.stderr)
        if given.list:
            _print_findings(name, tally, given.rule)
    print("\n| rule | at the tips | new in changes | repositories |\n|---|--:|--:|--:|")
    for rule, (tip, changes, repositories) in sorted(totals.items()):
        print(f"| {rule} | {tip} | {changes} | {repositories} |")
    return 0


def judge_clone(clone: Path, commits: int) -> Tally:
    """Judge a clone's tip and some of its changes."""
    tally = Tally()
    repository = open_repository(clone)
    history, reader = HistoryReader(repository), LineageReader(repository)

    def read(commit: str) -> CommitState:
        return read_state(history, reader, *reader.read_with_contents(commit))

    started = time.perf_counter()
    try:
        tip = read(repository.head())
        for finding in _judged(history, CommitState(Lineage(tip.commit)), tip):
            tally.tip[finding.rule] += 1
            tally.findings[finding].append("tip")
        for parent, commit in _changes(clone, tip.commit, commits):
            tally.commits += 1
            for finding in _judged(history, read(parent), read(commit)):
                # What was there before is milder than the rule: only news are counted.
                if finding.severity != "info":
                    tally.changes[finding.rule] += 1
                    tally.findings[finding].append(commit[:10])
    except InputError as error:
        tally.unreadable.append(str(error))
    tally.seconds = time.perf_counter() - started
    return tally


def _judged(history: HistoryReader, base: CommitState, head: CommitState) -> tuple[Finding, ...]:
    policy = Policy()
    change, lines = find_change(history, base, head, policy)
    # One commit alone is judged as if the base held nothing.
    alone = base.commit == head.commit
    facts = facts_of_change(history.repository, head if alone else base, head, None, lines)
    before = NO_FACTS if alone else facts[0]
    return check_rules(
        change, base.lineage, head.lineage, policy, base_facts=before, head_facts=facts[1]
    )[0]


def _changes(clone: Path, tip: str, count: int) -> Iterator[tuple[str, str]]:
    listing = subprocess.run(
        ["git", "log", "--first-parent", "-m", "--format=%P %H", tip, "--", *_TOUCHED],
        cwd=clone,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    pairs = [(words[0], words[-1]) for line in listing if len(words := line.split()) > 1]
    step = max(1, len(pairs) // count) if count else 1
    yield from pairs[::step][:count]


def _print_findings(name: str, tally: Tally, rules: list[str] | None) -> None:
    for finding, commits in tally.findings.items():
        if rules and finding.rule not in rules:
            continue
        print(
            f"  {name} {commits[0]} x{len(commits)} {finding.severity} {finding.rule} "
            f"{finding.file}:{finding.line} {finding.message}"
        )


if __name__ == "__main__":
    sys.exit(main())
