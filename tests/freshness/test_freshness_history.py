"""What one commit cannot tell of a stage, told by the history of its lock entry."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from lineage_diff.app.status import StatusRequest, status_of
from lineage_diff.dvc.lineage_reader import LineageReader
from lineage_diff.freshness.stages import StageFreshness, freshness
from lineage_diff.git.repository import open_repository
from lineage_diff.history.reader import HistoryReader
from tests.support.dvc_repo import DvcRepo, DvcShell
from tests.support.git_repo import GitRepo
from tests.support.states import state_alone, state_with_history

PIPELINE = """\
stages:
  split:
    cmd: mkdir -p split && cp raw/a.txt split/a.txt && cp raw/a.txt split/b.txt
    deps: [raw, split.sh]
    outs: [split]
  inner:
    cmd: cp split/b.txt inner.txt && cp raw/a.txt other.txt
    deps: [split/b.txt, raw/a.txt]
    outs: [inner.txt, other.txt]
  ignored:
    cmd: ls lib > ignored.txt
    deps: [lib]
    outs: [ignored.txt]
  pointer:
    cmd: cp big.bin pointer.txt
    deps: [big.bin]
    outs: [pointer.txt]
  all:
    cmd: mkdir -p made/many && cp lib/one.py made/many/x && cp made/note.txt all.txt
    deps: [lib/one.py, made/note.txt]
    outs: [made/many, all.txt]
  holder:
    cmd: ls made > holder.txt
    deps: [made]
    outs: [holder.txt]
"""
LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 4\n"


@dataclass
class Project:
    """A repository whose stages were run on more than Git holds."""

    repo: DvcRepo
    base: str

    def judge(self, rev: str = "HEAD") -> dict[str, StageFreshness]:
        repository = open_repository(self.repo.path)
        state = state_with_history(repository, repository.resolve(rev))
        assert not state.lineage.problems
        return {name.partition(":")[2]: found for name, found in freshness(state).items()}

    def states(self) -> dict[str, str]:
        return {name: found.freshness for name, found in self.judge().items() if name}

    def reset(self) -> None:
        self.repo.git("checkout", "-q", "-f", "-B", "main", self.base)
        self.repo.git("clean", "-fdq")
        self.repo.dvc("checkout", "-q", "--force")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, shell: DvcShell) -> Project:
    repo = DvcRepo(tmp_path_factory.mktemp("history") / "repo", shell)
    repo.files(
        {
            "dvc.yaml": PIPELINE,
            "raw/a.txt": "a\n",
            "split.sh": "1\n",
            "lib/one.py": "1\n",
            "lib/two.py": "2\n",
            "lib/cache.pyc": "compiled",
            "lib/notes.md": "notes\n",
            ".dvcignore": "lib/notes.*\n",
            "big.bin": "big\n",
            "made/note.txt": "note\n",
            "README.md": "one\n",
        }
    )
    repo.dvc("add", "-q", "raw")
    repo.dvc("repro", "-q", "--all-pipelines")
    # What is in Git is less than what ran: an ignored file, and a pointer to a large one.
    with (repo.root / ".gitignore").open("a") as file:
        file.write("*.pyc\n")
    repo.files({"big.bin": LFS.format("a" * 64)})
    repo.save("Run")
    repo.files({"README.md": "two\n"})
    return Project(repo, repo.save("Describe"))


def edits(files: dict[str, str]) -> Callable[[Project], object]:
    def change(project: Project) -> object:
        project.repo.files(files)
        return project.repo.save("Change")

    return change


def more_data(project: Project) -> None:
    project.repo.files({"raw/b.txt": "b\n"})
    project.repo.dvc("add", "-q", "raw")
    project.repo.save("More data")


def split_again(project: Project) -> None:
    more_data(project)
    project.repo.dvc("repro", "-q", "split")
    project.repo.save("Run what splits")


def all_again(project: Project) -> None:
    more_data(project)
    project.repo.files({"big.bin": "bigger\n"})
    project.repo.dvc("repro", "-q", "--all-pipelines")
    project.repo.files({"big.bin": LFS.format("b" * 64)})
    project.repo.save("Run")


def removed(project: Project) -> None:
    project.repo.remove("lib/two.py")
    project.repo.save("Remove a script")


def linked(project: Project) -> None:
    project.repo.symlink("lib/more.py", "../README.md")
    project.repo.save("Link a script")


FRESH = dict.fromkeys(("split", "inner", "ignored", "pointer", "all", "holder"), "fresh")
CASES: dict[str, tuple[Callable[[Project], object], dict[str, str]]] = {
    "nothing": (lambda _: None, {}),
    "what no stage uses": (edits({"README.md": "three\n"}), {}),
    "a script beside an ignored file": (edits({"lib/two.py": "3\n"}), {"ignored": "stale"}),
    "its line ends alone": (edits({"lib/two.py": "2\r\n"}), {"ignored": "unknown"}),
    "and back again": (
        lambda project: [
            edits({"lib/two.py": "3\n"})(project),
            edits({"lib/two.py": "2\n"})(project),
        ],
        {},
    ),
    "a new file beside an ignored one": (edits({"lib/new.py": "1\n"}), {"ignored": "stale"}),
    "a link beside an ignored one": (linked, {"ignored": "stale"}),
    "a file fewer": (removed, {"ignored": "unknown"}),
    "files that DVC ignores": (
        edits({".dvcignore": "two.py\n"}),
        {"ignored": "unknown", "holder": "unknown"},
    ),
    "an edit that DVC ignores": (edits({"lib/notes.md": "changed\n"}), {}),
    "another large file": (edits({"big.bin": LFS.format("c" * 64)}), {"pointer": "stale"}),
    "a large file out of LFS": (edits({"big.bin": "big\n"}), {}),
    "data of which only the cache has the listing": (
        more_data,
        {"split": "stale", "inner": "stale"},
    ),
    "the same results from it": (split_again, {"inner": "unknown"}),
    # DVC does not run `inner` again: the files that it uses are the same.
    "all results from it": (all_again, {"inner": "unknown"}),
    "a file beside results": (
        edits({"made/note.txt": "other\n"}),
        {"all": "stale", "holder": "stale"},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_history_settles_what_it_can(project: Project, name: str) -> None:
    change, differing = CASES[name]
    project.reset()
    change(project)
    assert project.states() == FRESH | differing, project.judge()


def test_a_commit_alone_cannot_tell(project: Project) -> None:
    project.reset()
    repository = open_repository(project.repo.path)
    state = state_alone(LineageReader(repository), repository.head())
    assert {
        name.partition(":")[2]: found.freshness
        for name, found in freshness(state).items()
        if found.freshness != "fresh"
    } == {"inner": "unknown", "ignored": "stale", "pointer": "unknown", "holder": "unknown"}


def test_the_reason_says_what_changed(project: Project) -> None:
    project.reset()
    split_again(project)
    edits({"lib/two.py": "3\n"})(project)
    found = project.judge()
    (inner,) = found["inner"].reasons
    inside = "it lies inside `raw`, whose listing is only in DVC's cache"
    assert inner.detail == f"{inside}; `raw` changed since it was locked"
    (ignored,) = found["ignored"].reasons
    assert ignored.kind == "dep-changed"
    assert ignored.detail == "`lib/two.py` changed since it was locked"


def test_a_shallow_clone_does_not_guess(project: Project, tmp_path: Path) -> None:
    project.reset()
    project.repo.clone(tmp_path / "clone", "--depth", "1")
    found = Project(DvcRepo.__new__(DvcRepo), "")
    found.repo.path = tmp_path / "clone"
    judged = found.judge()
    assert {n for n, f in judged.items() if f.freshness == "unknown"} == {
        "inner",
        "ignored",
        "pointer",
        "holder",
    }
    assert all(
        "too shallow" in str(reason.detail) for stage in judged.values() for reason in stage.reasons
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (edits({"split.sh": "2\n"}), "last ran on `b026324`, in commit `{}`"),
        (edits({"lib/two.py": "3\n"}), "last ran, in commit `{}`: `lib/two.py` changed since"),
    ],
)
def test_a_finding_names_the_commit(
    project: Project, change: Callable[[Project], object], said: str
) -> None:
    project.reset()
    change(project)
    report = status_of(StatusRequest(project.repo.path)).report
    locked = project.repo.git("rev-parse", "--short=7", f"{project.base}^")
    messages = " ".join(finding.message for finding in report.findings)
    assert said.format(locked) in messages
    dated = {reason.commit for stage in report.stages for reason in stage.reasons}
    assert dated - {None} == {project.repo.git("rev-parse", f"{project.base}^")}


def test_git_is_asked_for_no_history_in_vain(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = GitRepo(tmp_path / "plain")
    repo.write("dvc.yaml", "stages: {a: {cmd: echo, deps: [x]}}\n")
    repo.write("x", "1\n")
    repo.write(
        "dvc.lock",
        "schema: '2.0'\nstages:\n  a:\n    cmd: echo\n    deps:\n    - path: x\n"
        "      hash: md5\n      md5: b026324c6904b2a9cb4b88d6d61c81d1\n      size: 2\n",
    )
    repo.commit()
    asked: list[str] = []
    monkeypatch.setattr(HistoryReader, "lock_commits", lambda _, commit: asked.append(commit))
    assert not status_of(StatusRequest(repo.path)).report.findings
    assert asked == []
    project.reset()
    status_of(StatusRequest(project.repo.path))
    assert asked == [project.base]
