"""What one commit cannot tell of a stage, told by the history of its lock entry."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from lineage_diff.compare.freshness import StageFreshness, freshness
from lineage_diff.read.git import open_repository
from lineage_diff.read.lineage import LineageReader
from lineage_diff.read.locked_at import with_history
from tests.support.dvc_repo import DvcRepo, DvcShell

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

    def edit(self, path: str, text: str) -> None:
        self.repo.files({path: text})

    def judge(self, rev: str = "HEAD") -> dict[str, StageFreshness]:
        repository = open_repository(self.repo.path)
        reader = LineageReader(repository)
        lineage = with_history(repository, reader, reader.read(repository.resolve(rev)))
        assert not lineage.problems
        return {name.partition(":")[2]: found for name, found in freshness(lineage).items()}

    def states(self) -> dict[str, str]:
        return {name: found.freshness for name, found in self.judge().items() if name}

    def reset(self) -> None:
        self.repo.git("checkout", "-q", "-f", "-B", "main", self.base)
        self.repo.git("clean", "-fdq")
        self.repo.dvc("checkout", "-q", "--force")

    def relock(self, old: str, new: str, message: str = "Lock") -> str:
        """Change the lock by hand, as a run would."""
        self.repo.edit("dvc.lock", old, new)
        return self.repo.save(message)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    shell = DvcShell()
    repo = DvcRepo(tmp_path_factory.mktemp("history") / "repo", shell)
    repo.files(
        {
            "dvc.yaml": PIPELINE,
            "raw/a.txt": "a\n",
            "split.sh": "1\n",
            "lib/one.py": "1\n",
            "lib/two.py": "2\n",
            "lib/cache.pyc": "compiled",
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
    yield Project(repo, repo.save("Describe"))
    shell.close()


def edits(**files: str) -> Callable[[Project], object]:
    def change(project: Project) -> object:
        for path, text in files.items():
            project.edit(path, text)
        return project.repo.save("Change")

    return change


def more_data(project: Project) -> None:
    project.edit("raw/b.txt", "b\n")
    project.repo.dvc("add", "-q", "raw")
    project.repo.save("More data")


def reproduced(project: Project) -> None:
    more_data(project)
    project.repo.dvc("repro", "-q", "split")
    project.repo.save("Run what splits")


FRESH = dict.fromkeys(("split", "inner", "ignored", "pointer", "all", "holder"), "fresh")


@pytest.mark.parametrize(
    ("change", "differing"),
    [
        (lambda _: None, {}),
    ],
)
def test_unknown_parts_are_settled_by_what_changed_since(
    project: Project, change: Callable[[Project], object], differing: dict[str, str]
) -> None:
    project.reset()
    change(project)
    assert project.states() == FRESH | differing, project.judge()
