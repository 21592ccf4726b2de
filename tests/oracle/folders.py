"""Asks the real DVC and us the same questions of any folder that holds DVC projects."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lineage_diff.app.evaluate import read_state
from lineage_diff.app.lint import LintRequest, lint
from lineage_diff.dvc.lineage_reader import LineageReader
from lineage_diff.dvc.plots.definitions import plot_definitions
from lineage_diff.dvc.plots.source import PlotSide
from lineage_diff.errors import InputError
from lineage_diff.git.repository import open_repository
from lineage_diff.history.reader import HistoryReader
from lineage_diff.lineage.evidence import CommitState
from lineage_diff.lineage.paths import join
from lineage_diff.report.findings import Finding
from tests.oracle.answers import Difference, Pair
from tests.oracle.differences import explain
from tests.oracle.statuses import status_differences
from tests.support.dvc_repo import dvc_environment
from tests.support.json_process import JsonProcess

QUESTIONS = ("refused", "index", "metrics", "params", "data", "plots", "status")
_WORKER = Path(__file__).with_name("folder_worker.py")
_SECONDS = 120
# They have severities of their own, and DVC's reasons differ: it says no word of an orphan.
_NO_REFUSAL = {"orphaned-lock", "unlocked-stage", "missing-dep", "stale-model", "stale-stage"}
_PARTS = {"stages": "index", "edges": "index"}


class DvcProcess:
    """The real DVC in one process, which is started again where a project ends or delays it."""

    def __init__(self) -> None:
        self._process: JsonProcess | None = None

    def ask(self, folder: Path, commits: tuple[str, str]) -> dict[str, Any]:
        """Return the answers of `folder_worker.py`; `{"error": …}` where there are none."""
        if self._process is None:
            self._process = JsonProcess(_WORKER, dvc_environment())
        request = json.dumps({"folder": str(folder), "commits": commits})
        try:
            answer: dict[str, Any] = self._process.ask(request, _SECONDS)
        except EOFError:
            self.close()
            return {"error": "DVC ended, or did not answer in time"}
        return answer

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
        self._process = None


@dataclass(frozen=True)
class Answered:
    """One question of one project: its differences, each with the rule that explains it."""

    question: str
    differences: tuple[tuple[Difference, str | None], ...]

    @property
    def outcome(self) -> str:
        """`equal`, `documented` where rules explain all differences, or `other`."""
        if not self.differences:
            return "equal"
        return "documented" if all(rule for _, rule in self.differences) else "other"


def projects(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield the DVC projects in a folder: the Git repository, or the project, and its root."""
    for above, folders, _ in os.walk(folder):
        if ".dvc" in folders:
            here = Path(above)
            top = next((at for at in (here, *here.parents) if (at / ".git").exists()), here)
            top = top if top == folder or folder in top.parents else here
            yield top, "" if here == top else here.relative_to(top).as_posix()
        folders[:] = sorted({*folders} - {".git", ".dvc"})


def copied(top: Path, root: str, copy: Path) -> tuple[str, str]:
    """Copy a repository, commit what its work tree holds, and return the last two commits."""
    shutil.copytree(top, copy, symlinks=True)
    config = copy / root / ".dvc/config"
    if config.is_file():
        # The copy has Git. Without this DVC would compare no commits.
        text = config.read_text(encoding="utf-8", errors="surrogateescape")
        text = re.sub(r"no_scm *= *\w+", "no_scm = false", text)
        config.write_text(text, encoding="utf-8", errors="surrogateescape")
    if not (copy / ".git").exists():
        _git(copy, "init", "-q")
    if subprocess.run(
        ["git", "rev-parse", "-q", "--verify", "HEAD"], cwd=copy, **_QUIET
    ).returncode:
        _git(copy, "commit", "-q", "--allow-empty", "-m", "Empty")
    base = _git(copy, "rev-parse", "HEAD").strip()
    _git(copy, "add", "-A")
    _git(copy, "commit", "-q", "--no-verify", "--allow-empty", "-m", "Work tree")
    return base, _git(copy, "rev-parse", "HEAD").strip()


_QUIET: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def _git(folder: Path, *arguments: str) -> str:
    run = subprocess.run(
        ["git", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", *arguments],
        cwd=folder,
        env=dvc_environment(),
        capture_output=True,
        check=True,
    )
    return run.stdout.decode("utf-8", "replace")


def compare_folder(
    dvc: DvcProcess, copy: Path, root: str, commits: tuple[str, str]
) -> Iterator[Answered]:
    """Yield each question's answer for the project in `root` of a repository made by `copied`."""
    theirs = dvc.ask(copy / root, commits)
    repository = open_repository(copy)
    history, reader = HistoryReader(repository), LineageReader(repository)
    base, head = (_state(history, reader, commit) for commit in commits)
    if "refused" in theirs:
        yield Answered("refused", tuple(_refusal(copy, root, theirs["refused"])))
    others = _others(copy, root)
    if "index" in theirs:
        pair = Pair.of(base, head, theirs, root, others)
        found: dict[str, list[tuple[Difference, str | None]]] = {
            name: [] for name in ("index", "metrics", "params", "data")
        }
        for item in pair.differences():
            rule = explain(item, pair)
            if rule is None and item.part == "data" and item.dvc is None:
                # Without a `.gitignore` Git holds what DVC keeps, and DVC lists its files alone.
                held = repository.snapshot(head.commit).entry(join(root, item.subject))
                rule = "held-by-git" if held is not None else None
            found[_PARTS.get(item.part, item.part)].append((item, rule))
        yield from (Answered(name, tuple(items)) for name, items in found.items())
    if "plots" in theirs:
        side = PlotSide(repository.snapshot(head.commit), head.lineage)
        yield Answered("plots", tuple(_plots(side, root, others, theirs["plots"])))
    if "status" in theirs:
        yield Answered("status", tuple(status_differences(head, root, others, theirs["status"])))


def _state(history: HistoryReader, reader: LineageReader, commit: str) -> CommitState:
    return read_state(history, reader, *reader.read_with_contents(commit))


def _others(copy: Path, root: str) -> tuple[str, ...]:
    roots = (at for top, at in projects(copy) if top == copy)
    return tuple(at for at in roots if at != root and (not root or at.startswith(f"{root}/")))


def refusals(findings: Iterable[Finding]) -> list[str]:
    """Return the findings that say, as an error, what DVC refuses too; none is of freshness."""
    return [
        f"{item.rule} {item.file}:{item.line} {item.message}"
        for item in findings
        if item.rule not in _NO_REFUSAL and item.severity == "error"
    ]


def _refusal(copy: Path, root: str, theirs: str | None) -> Iterator[tuple[Difference, str | None]]:
    rules: set[str] = set()
    try:
        findings = lint(LintRequest(copy)).report.findings
        rules = {item.rule for item in findings}
        ours = refusals(findings)
    except InputError as error:
        ours = [error.message]
    if bool(ours) != (theirs is not None):
        found = Difference("refused", root, theirs, ours[:3])
        local = copy / root / ".dvc/config.local"
        legacy = "legacy-lock" if "legacy-lock" in rules else None
        yield found, legacy or ("machine" if local.exists() else _explained_refusal(theirs))


_MACHINE = (
    "is supported, but requires these missing dependencies",
    "RemoteConfigError",
    "NoRemoteError",
    "ConfigError: config file error: no remote",
    "CloneError",
    "RevError",
    "FileNotFoundError: [Errno 2]",
    # Of a remote, which a `config.local` may give.
    "expected 'url' for dictionary value",
)


def _explained_refusal(theirs: str | None) -> str | None:
    if theirs is not None and any(text in theirs for text in _MACHINE):
        return "machine"
    return None


def _plots(
    side: PlotSide, root: str, others: tuple[str, ...], theirs: list[str]
) -> Iterator[tuple[Difference, str | None]]:
    from dvc.utils.plots import group_definitions_by_id

    prefix = f"{root}/" if root else ""

    def is_own(path: str) -> bool:
        return path.startswith(prefix) and not any(path.startswith(f"{at}/") for at in others)

    # The plots of stages are under no file.
    config = {
        file: {"data": {name: props for name, props in plots.items() if file or is_own(name)}}
        for file, plots in plot_definitions(side).items()
        if not file or is_own(file)
    }
    ours = {name.removeprefix(prefix) for name in group_definitions_by_id(config)}
    for name in sorted(ours ^ set(theirs)):
        yield Difference("plots", name, name in theirs, name in ours), None
