"""Compare changes of public repositories under a policy that each of their commits has.

    python bench/planted_policy.py CLONES PAIRS [--changes N] [--work FOLDER]

CLONES is a folder of bare clones, NAME.git each; PAIRS a table of name, base and head, separated
by tabs. Every commit is written anew with a strict configuration, without a look at any file of
it; the clones stay as they are. Then N changes of each repository are compared: those of PAIRS,
and, if these are fewer, others spread over the history of the tip. Printed is every finding of
`freshness-lost` and `policy-changed`, every bound that is reached, and the steps of work. Exit
code 1: a bound is reached.
"""

import argparse
import csv
import json
import re
import subprocess
import sys
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha1
from pathlib import Path
from unittest.mock import patch

from lineage_diff.app.compare import Request, compare_revisions
from lineage_diff.errors import InputError
from lineage_diff.limits import USUAL
from lineage_diff.parsing.work_budget import WorkBudget
from lineage_diff.report.report import encode_report

POLICY = b"""rules: {stale-stage: warning, same-result: error}
silence: [{rule: stale-model, path: archive/**, reason: kept for reference}]
ignore: [examples-old/**]
fetch: [listings]
"""
_READ = ("freshness-lost", "policy-changed")
# The hint of each limit that a team can raise, and the words of `content-bytes`.
_BOUND = re.compile(r"limits: ([a-z-]+)")


@dataclass(slots=True)
class Tally:
    """Counts over all changes: of changes, rules, bounds; and the most steps of one commit."""

    changes: int = 0
    repositories: int = 0
    refused: list[str] = field(default_factory=list)
    rules: Counter[str] = field(default_factory=Counter)
    bounds: list[str] = field(default_factory=list)
    steps: int = 0
    seconds: float = 0.0


def main() -> int:
    """Compare what the command line names; return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("clones", type=Path, metavar="CLONES")
    parser.add_argument("pairs", type=Path, metavar="PAIRS")
    parser.add_argument("--changes", type=int, default=25, help="changes of each repository")
    parser.add_argument("--work", type=Path, help="keep the rewritten repositories there")
    given = parser.parse_args()
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="planted-") as folder:
        for clone in sorted(given.clones.glob("*.git")):
            planted = (given.work or Path(folder)) / clone.name
            names = _plant(clone, planted)
            changes = [
                pair for pair in _changes(clone, given.pairs, given.changes) if {*pair} <= {*names}
            ]
            tally.repositories += bool(changes)
            for base, head in changes:
                _compare(planted, clone.stem, names[base], names[head], head, tally)
    print(json.dumps({
        "repositories": tally.repositories, "changes": tally.changes,
        "rules": dict(sorted(tally.rules.items())), "refused": len(tally.refused),
        "bounds": tally.bounds, "most steps": tally.steps, "of": USUAL.work_steps,
        "seconds of the processor": round(tally.seconds, 1),
    }))  # fmt: skip
    return int(bool(tally.bounds))


def _compare(repo: Path, name: str, base: str, head: str, shown: str, tally: Tally) -> None:
    """Compare two planted commits, print what is to be read, and count it."""
    least = USUAL.work_steps
    spend = WorkBudget.spend

    def counted(self: WorkBudget, steps: int, what: str) -> None:
        nonlocal least
        spend(self, steps, what)
        least = min(least, self.left)

    begin = time.process_time()
    tally.changes += 1
    try:
        with patch.object(WorkBudget, "spend", counted):
            request = Request(str(repo), base, head, direct=True, fetch=())
            report = compare_revisions(request).report
        text = encode_report(report).decode()
        for finding in report.findings:
            if finding.rule in _READ:
                tally.rules[finding.rule] += 1
                print(f"{name} {shown[:10]} {finding.severity} {finding.rule}: {finding.message}")
    except InputError as error:
        text = str(error)
        tally.refused.append(text)
        print(f"{name} {shown[:10]} refused: {text}", flush=True)
    tally.seconds += time.process_time() - begin
    tally.steps = max(tally.steps, USUAL.work_steps - least)
    reached = sorted({*_BOUND.findall(text)})
    tally.bounds += [f"{name} {shown[:10]} {bound}" for bound in reached]


def _changes(clone: Path, pairs: Path, most: int) -> list[tuple[str, str]]:
    """Return the pairs of a repository, filled up with changes of the tip's first parents."""
    with pairs.open(newline="") as file:
        rows = [row for row in csv.reader(file, delimiter="\t") if row[0] == clone.stem]
    found = {head: base for _, base, head, *_ in rows}
    lines = _git(clone, "log", "--first-parent", "--format=%H %P", "HEAD").decode().splitlines()
    others = {words[0]: words[1] for line in lines if len(words := line.split()) > 1}
    rest = [head for head in others if head not in found]
    missing = max(0, most - len(found))
    step = max(1, len(rest) // missing) if missing else 1
    found |= {head: others[head] for head in rest[::step][:missing]}
    return [(base, head) for head, base in list(found.items())[:most]]


def _plant(clone: Path, planted: Path) -> Mapping[str, str]:
    """Write each commit of a clone anew with the policy; return the new ids by the old ones."""
    kept = planted / "planted.json"
    if kept.exists():
        known: dict[str, str] = json.loads(kept.read_bytes())
        return known
    subprocess.run(["git", "init", "-q", "--bare", str(planted)], check=True)
    alternates = planted / "objects/info/alternates"
    alternates.write_text(f"{clone.resolve() / 'objects'}\n")
    writer = _Writer(planted)
    listed = _git(clone, "rev-list", "--topo-order", "--reverse", "--all").decode().split()
    names: dict[str, str] = {}
    for commit in listed:
        head, _, message = writer.read(commit).partition(b"\n\n")
        lines = [_renewed(line, names, writer) for line in head.split(b"\n")]
        names[commit] = writer.write(b"commit", b"\n".join(lines) + b"\n\n" + message)
    writer.close()
    kept.write_text(json.dumps(names))
    return names


def _renewed(line: bytes, names: Mapping[str, str], writer: "_Writer") -> bytes:
    """Return a line of a commit's head with the new id of its parent or tree."""
    kind, _, oid = line.partition(b" ")
    if kind == b"parent":
        return b"parent " + names.get(oid.decode(), oid.decode()).encode()
    return b"tree " + writer.with_policy(oid.decode()).encode() if kind == b"tree" else line


class _Writer:
    """Reads objects of a repository, and writes loose ones."""

    def __init__(self, repo: Path) -> None:
        self._objects = repo / "objects"
        self._trees: dict[str, str] = {}
        self._policy = bytes.fromhex(self.write(b"blob", POLICY))
        self._reader = subprocess.Popen(
            ["git", "-C", str(repo), "cat-file", "--batch"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def read(self, oid: str) -> bytes:
        """Return the content of an object."""
        assert self._reader.stdin
        assert self._reader.stdout
        self._reader.stdin.write(f"{oid}\n".encode())
        self._reader.stdin.flush()
        size = int(self._reader.stdout.readline().split()[2])
        return self._reader.stdout.read(size + 1)[:-1]

    def close(self) -> None:
        """End the process that reads."""
        self._reader.communicate()

    def write(self, kind: bytes, content: bytes) -> str:
        """Write an object; return its id."""
        raw = b"%s %d\0%s" % (kind, len(content), content)
        oid = sha1(raw, usedforsecurity=False).hexdigest()
        file = self._objects / oid[:2] / oid[2:]
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(zlib.compress(raw, 1))
        return oid

    def with_policy(self, tree: str) -> str:
        """Return the id of a tree that holds the policy as well."""
        if tree not in self._trees:
            rows = dict(_rows(self.read(tree)))
            mode, folder = rows.get(b".github", (b"", b""))
            inner = dict(_rows(self.read(folder.hex()))) if mode == b"40000" else {}
            inner[b"lineage-diff.yml"] = (b"100644", self._policy)
            rows[b".github"] = (b"40000", bytes.fromhex(self.write(b"tree", _tree(inner))))
            self._trees[tree] = self.write(b"tree", _tree(rows))
        return self._trees[tree]


def _tree(rows: Mapping[bytes, tuple[bytes, bytes]]) -> bytes:
    # Git sorts folders as if their names ended in a slash.
    order = sorted(rows.items(), key=lambda row: row[0] + (b"/" if row[1][0] == b"40000" else b""))
    return b"".join(b"%s %s\0%s" % (mode, name, oid) for name, (mode, oid) in order)


def _rows(tree: bytes) -> Iterator[tuple[bytes, tuple[bytes, bytes]]]:
    at = 0
    while at < len(tree):
        end = tree.index(b"\0", at)
        mode, _, name = tree[at:end].partition(b" ")
        yield name, (mode, tree[end + 1 : end + 21])
        at = end + 21


def _git(repo: Path, *arguments: str) -> bytes:
    return subprocess.run(
        ["git", "-C", str(repo), *arguments], check=True, stdout=subprocess.PIPE
    ).stdout


if __name__ == "__main__":
    sys.exit(main())
