"""What no commit shows of a real pipeline, judged with its history and by the real `dvc status`."""

import contextlib
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from lineage_diff.git.repository import open_repository
from lineage_diff.lineage.evidence import CommitState
from tests.support.dvc_repo import dvc_environment
from tests.support.git_repo import GitRepo
from tests.support.states import state_with_history

PIPELINE = """\
stages:
  secret:
    cmd: cp .env secret.txt
    deps: [.env]
    outs: [secret.txt]
  loose:
    cmd: cp loose.txt copy.txt
    deps: [loose.txt]
    outs: [copy.txt]
  report:
    cmd: cp code.py report.json
    deps: [code.py]
    outs:
      - report.json:
          cache: false
  script:
    cmd: cp gone.py script.txt
    deps: [gone.py]
    outs: [script.txt]
  taken:
    cmd: cp raw.csv taken.csv
    deps: [raw.csv]
    outs: [taken.csv]
  folder:
    cmd: ls lib > folder.txt
    deps: [lib]
    outs: [folder.txt]
  split:
    cmd: mkdir -p split && cp split.py split/a.txt && cp code.py split/b.txt
    deps: [split.py, code.py]
    outs: [split]
  inner:
    cmd: cp split/b.txt inner.txt
    deps: [split/b.txt]
    outs: [inner.txt]
  pointer:
    cmd: cp big.bin pointer.txt
    deps: [big.bin]
    outs: [pointer.txt]
  notes:
    cmd: cat nb/a.ipynb nb/b.py > notes.txt
    deps: [nb]
    outs: [notes.txt]
  clean:
    cmd: cp nb2/clean.ipynb clean.txt
    deps: [nb2/clean.ipynb]
    outs: [clean.txt]
  note:
    cmd: cp nb/a.ipynb note.txt
    deps: [nb/a.ipynb]
    outs: [note.txt]
  lines:
    cmd: cp crlf.txt lines.txt
    deps: [crlf.txt]
    outs: [lines.txt]
  after:
    cmd: cp lines.txt after.txt
    deps: [lines.txt]
    outs: [after.txt]
"""
LINES = "one\r\ntwo\r\n"
# A clean filter such as that of nbstripout, by a macro.
ATTRIBUTES = '[attr]notebook filter=strip -diff\n"*.ipynb" notebook\n*.py -filter\n'
POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'a' * 64}\nsize 4\n"
UNTRACKED = {
    ".env": "KEY=1\n",
    "loose.txt": "loose\n",
    "report.json": "code\n",
    "lib/one.pyc": "compiled\n",
    "big.bin": "big\n",
    "nb/a.ipynb": "code\nOUTPUT 1\n",
}
BASE = {"secret": "unknown", "loose": "unknown", "report": "unknown", "after": "unknown"}


@dataclass
class Unseen:
    """The real repository; part of what it runs on is on disk only."""

    repo: GitRepo
    base: str = ""

    def dvc(self, step: Callable[[Any], Any]) -> Any:
        from dvc.repo import Repo

        with Repo(".") as dvc:
            return step(dvc)

    def commit(self) -> str:
        self.repo.git("add", "-A", "--", ".", ":!loose.txt", ":!big.bin")
        self.repo.git("commit", "-q", "--allow-empty", "-m", "Change")
        return self.repo.git("rev-parse", "HEAD")

    def reset(self) -> None:
        self.repo.git("reset", "-q", "--hard", self.base)
        self.repo.git("clean", "-fdq", "-e", "loose.txt")
        for path, text in UNTRACKED.items():
            self.repo.write(path, text)
        self.dvc(lambda dvc: dvc.checkout(force=True))

    def read(self) -> CommitState:
        repository = open_repository(".")
        return state_with_history(repository, repository.head())


@pytest.fixture(scope="module")
def unseen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Unseen]:
    from dvc.repo import Repo

    root = tmp_path_factory.mktemp("unseen")
    with pytest.MonkeyPatch.context() as patch, contextlib.chdir(root):
        for name, value in dvc_environment().items():
            patch.setenv(name, value)
        repo = GitRepo(root)
        Repo.init(".").close()
        unseen = Unseen(repo)
        repo.write(".gitignore", ".env\n*.json\n*.pyc\n")
        repo.write(".gitattributes", ATTRIBUTES)
        repo.git("config", "filter.strip.clean", "sed -e /OUTPUT/d")
        repo.write("dvc.yaml", PIPELINE)
        for path in ("code.py", "gone.py", "split.py", "lib/one.py", "nb/b.py"):
            repo.write(path, f"{path.removesuffix('.py')}\n")
        repo.write("nb2/clean.ipynb", "code\n")
        repo.write("raw.csv", "raw\n")
        repo.write("crlf.txt", LINES.encode())
        for path, text in UNTRACKED.items():
            repo.write(path, text)
        unseen.dvc(lambda dvc: dvc.add("raw.csv"))
        unseen.dvc(lambda dvc: dvc.reproduce())
        _lock_as_dvc_2(repo)
        _point_to_large_file(repo)
        unseen.base = unseen.commit()
        yield unseen


def _lock_as_dvc_2(repo: GitRepo) -> None:
    """Write the dep of `after` as DVC 2 did: the MD5 of the text with Unix line ends."""
    lock = repo.path / "dvc.lock"
    new = hashlib.md5(LINES.encode(), usedforsecurity=False).hexdigest()
    old = hashlib.md5(LINES.replace("\r", "").encode(), usedforsecurity=False).hexdigest()
    head, stage, rest = lock.read_text().partition("  after:\n")
    assert f"      hash: md5\n      md5: {new}\n" in rest
    rest = rest.replace(f"      hash: md5\n      md5: {new}\n", f"      md5: {old}\n", 1)
    lock.write_text(head + stage + rest)


def _point_to_large_file(repo: GitRepo) -> None:
    repo.write("pointer.lfs", POINTER)
    oid = repo.git("hash-object", "-w", "pointer.lfs")
    repo.remove("pointer.lfs")
    repo.git("update-index", "--add", "--cacheinfo", f"100644,{oid},big.bin")


@dataclass(frozen=True)
class Case:
    """A mutation: what DVC calls changed, and what differs here from an untouched repository.

    `row` is the row of docs/freshness.md that says why both are not the same.
    """

    name: str
    mutate: Callable[[Unseen], Any]
    theirs: frozenset[str]
    ours: dict[str, str] = field(default_factory=dict)
    row: str | None = None
    orphans: tuple[str, ...] = ()


def write(path: str, text: str) -> Callable[[Unseen], Any]:
    return lambda unseen: unseen.repo.write(path, text)


def drop(*paths: str) -> Callable[[Unseen], Any]:
    def run(unseen: Unseen) -> None:
        for path in paths:
            unseen.repo.remove(path)

    return run


def keep_out_of_git(unseen: Unseen) -> None:
    unseen.repo.git("rm", "-q", "--cached", "gone.py")
    with (unseen.repo.path / ".gitignore").open("a") as file:
        file.write("gone.py\n")


def encrypt(unseen: Unseen) -> None:
    unseen.repo.git("config", "filter.crypt.clean", "tr a-z b-za")
    unseen.repo.write(".gitattributes", f"{ATTRIBUTES}gone.py filter=crypt\n")
    unseen.repo.git("add", "--renormalize", ".")


def split_again(unseen: Unseen) -> None:
    unseen.repo.write("split.py", "other\n")
    unseen.dvc(lambda dvc: dvc.reproduce("split"))


def rename_stage(unseen: Unseen) -> None:
    text = (unseen.repo.path / "dvc.yaml").read_text()
    unseen.repo.write("dvc.yaml", text.replace("  script:\n", "  scripted:\n"))


def delete_stage(unseen: Unseen) -> None:
    text = (unseen.repo.path / "dvc.yaml").read_text()
    above, _, below = text.partition("  split:\n")
    unseen.repo.write("dvc.yaml", above + below[below.index("  inner:\n") :])


def of(*stages: str) -> frozenset[str]:
    return frozenset(stages)


CASES = [
    Case("nothing", lambda _: None, of()),
    Case("an ignored dep", write(".env", "KEY=2\n"), of("secret"), row="not-tracked"),
    Case("an ignored dep, gone", drop(".env"), of("secret"), row="not-tracked"),
    Case("a dep never added", write("loose.txt", "x\n"), of("loose"), row="not-tracked"),
    Case("a dep never added, gone", drop("loose.txt"), of("loose"), row="not-tracked"),
    Case("an ignored out", write("report.json", "x\n"), of("report"), row="not-tracked"),
    Case("an ignored out, gone", drop("report.json"), of("report"), row="not-tracked"),
    Case(
        "a dep taken out of Git and ignored",
        keep_out_of_git,
        of(),
        {"script": "unknown"},
        "not-tracked",
    ),
    Case("a dep deleted", drop("gone.py"), of("script"), {"script": "stale"}),
    Case(
        "data whose `.dvc` file was deleted",
        drop("raw.csv.dvc"),
        of(),
        {"taken": "stale"},
        "untracked-data",
    ),
    Case(
        "a dep whose stage was deleted",
        delete_stage,
        of(),
        {"inner": "stale"},
        "untracked-data",
        ("split",),
    ),
    Case(
        "a stage above",
        write("split.py", "other\n"),
        of("split"),
        {"split": "stale", "inner": "stale"},
        "outdated-by",
    ),
    Case(
        "a file in a folder that Git ignores",
        write("lib/one.pyc", "x\n"),
        of("folder"),
        row="ignored-files",
    ),
    Case("a file of Git LFS on disk", write("big.bin", "other\n"), of("pointer"), row="not-in-git"),
    Case(
        "outputs of a notebook that Git strips",
        write("nb/a.ipynb", "code\nOUTPUT 2\n"),
        of("note", "notes"),
        row="converted",
    ),
    Case(
        "code of a notebook that Git strips",
        write("nb/a.ipynb", "other\nOUTPUT 1\n"),
        of("note", "notes"),
        {"note": "stale", "notes": "stale"},
    ),
    Case(
        "a file beside a notebook that Git strips",
        write("nb/b.py", "other\n"),
        of("notes"),
        {"notes": "stale"},
    ),
    Case(
        "a new file beside a notebook that Git strips",
        write("nb/c.py", "new\n"),
        of("notes"),
        {"notes": "stale"},
    ),
    Case(
        "a file gone beside a notebook that Git strips",
        drop("nb/b.py"),
        of("notes"),
        {"notes": "stale"},
    ),
    Case(
        "code of a clean notebook that Git strips",
        write("nb2/clean.ipynb", "other\n"),
        of("clean"),
        {"clean": "stale"},
    ),
    Case(
        "a file that Git encrypts since then",
        encrypt,
        of(),
        {"script": "unknown"},
        "converted",
    ),
    Case(
        "a notebook that Git strips, no more",
        write(".gitattributes", ""),
        of(),
    ),
    Case(
        "another directory, the same file in it",
        split_again,
        of(),
        {"inner": "unknown"},
        "inside-directory",
    ),
    Case("two schemes", lambda _: None, of(), {"after": "unknown"}, "two-schemes"),
    Case(
        "a stage renamed",
        rename_stage,
        of("scripted"),
        {"scripted": "stale"},
        "orphaned-lock",
        ("script",),
    ),
]
