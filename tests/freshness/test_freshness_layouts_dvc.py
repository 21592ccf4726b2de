"""Mutations of less usual layouts, judged from the commit and by the real `dvc status`."""

import contextlib
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from lineage_diff.dvc.lineage_reader import LineageReader
from lineage_diff.freshness.stages import freshness
from lineage_diff.git.repository import open_repository
from tests.freshness.edge_cases import CASES as EDGES
from tests.freshness.made_params_cases import EDITS as KEPT
from tests.freshness.unseen_cases import CASES as UNSEEN
from tests.freshness.usual_cases import CASES as USUAL
from tests.support.differences import differences_on_page
from tests.support.dvc_repo import dvc_environment
from tests.support.git_repo import GitRepo
from tests.support.states import stale_by_itself, state_alone

ROOT = """\
vars:
  - settings.yaml
  - kind: forest
stages:
  folder:
    cmd: echo folder > folder.txt
    deps: [code]
    outs: [folder.txt]
  linked:
    cmd: echo linked > linked.txt
    deps: [link.py, linkdir]
    outs: [linked.txt]
  named:
    cmd: echo ${kind} ${depth} > named.txt
    deps: [code/a.py]
    outs: [named.txt]
  make:
    cmd: mkdir -p mixed && echo made > mixed/made.txt
    deps: [code/a.py]
    outs: [mixed/made.txt]
  above:
    cmd: echo above > above.txt
    deps: [mixed]
    outs: [above.txt]
  imported:
    cmd: cp imported.csv taken.csv
    deps: [imported.csv]
    outs: [taken.csv]
  listed:
    foreach: ${items}
    do:
      cmd: echo ${item.word} > listed_${key}.txt
      deps:
        - code/b.py
      outs:
        - listed_${key}.txt
  report:
    cmd: cp code/b.py report.md
    deps: [code/b.py]
    outs:
      - report.md:
          cache: false
"""
SETTINGS = "depth: 3\nitems:\n  one:\n    word: eins\n  two:\n    word: zwei\n"
PART = """\
stages:
  inside:
    wdir: work
    cmd: echo inside > inside.txt
    deps: [../run.py, own.py]
    params:
      - ../../params.yaml:
          - rate
    outs: [inside.txt]
"""


@dataclass
class Layout:
    """The real repository, with its data in the work tree."""

    repo: GitRepo
    source: GitRepo
    base: str

    def reset(self) -> None:
        self.repo.git("reset", "-q", "--hard", self.base)
        self.repo.git("clean", "-fdq")
        self.run(lambda dvc: dvc.checkout(force=True))

    def run(self, step: Callable[[Any], Any]) -> Any:
        from dvc.repo import Repo

        with Repo(".") as dvc:
            return step(dvc)

    def edit(self, path: str, old: str, new: str) -> None:
        text = (self.repo.path / path).read_text()
        assert old in text
        self.repo.write(path, text.replace(old, new))

    def commit(self) -> str:
        self.repo.git("add", "-A")
        self.repo.git("commit", "-q", "--allow-empty", "-m", "Change")
        return self.repo.git("rev-parse", "HEAD")


@pytest.fixture(scope="module")
def layout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Layout]:
    from dvc.repo import Repo

    source = tmp_path_factory.mktemp("source")
    root = tmp_path_factory.mktemp("layout")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in dvc_environment().items():
            patch.setenv(name, value)
        with contextlib.chdir(source):
            _source(GitRepo(source))
        with contextlib.chdir(root):
            repo = GitRepo(root)
            Repo.init(".").close()
            for path, text in {
                "dvc.yaml": ROOT,
                "settings.yaml": SETTINGS,
                "params.yaml": "rate: 1\n",
                "part/dvc.yaml": PART,
                "part/run.py": "run\n",
                "part/work/own.py": "own\n",
                "code/a.py": "a\n",
                "code/b.py": "b\n",
                "code/b2.py": "b2\n",
                "code/notes.log": "log\n",
                "code/deep/c.py": "c\n",
                ".dvcignore": "*.log\n",
                "mixed/kept.txt": "kept\n",
                "old/dvc.yaml": "stages:\n  old:\n    cmd: echo old\n    deps: [old.py]\n",
                "old/old.py": "first\nsecond\n",
                # The MD5 of the script; of `md5-dos2unix`, as nothing names the scheme.
                "old/dvc.lock": _old_lock("first\nsecond\n"),
            }.items():
                repo.write(path, text)
            (root / "link.py").symlink_to("code/a.py")
            (root / "linkdir").symlink_to("code/deep")
            layout = Layout(repo, GitRepo(source), "")
            layout.run(lambda dvc: dvc.imp(str(source), "data.csv", out="imported.csv"))
            layout.run(_reproduce)
            layout.base = layout.commit()
            yield layout


def _source(repo: GitRepo) -> None:
    from dvc.repo import Repo

    with Repo.init(".") as dvc:
        repo.write("data.csv", "x\n1\n")
        dvc.add("data.csv")
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", "Data")


def _reproduce(dvc: Any) -> None:
    targets = ["dvc.yaml", "part/dvc.yaml"]
    dvc.reproduce(targets)


def _old_lock(text: str) -> str:
    digest = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
    return (
        "schema: '2.0'\nstages:\n  old:\n    cmd: echo old\n    deps:\n"
        f"    - path: old.py\n      md5: {digest}\n      size: {len(text)}\n"
    )


@dataclass(frozen=True)
class Case:
    """A mutation, and where a commit says less than DVC; `differs` names the row of the page."""

    name: str
    mutate: Callable[[Layout], Any]
    stale: frozenset[str] | None = None
    unknown: frozenset[str] = frozenset()
    silent: frozenset[str] = frozenset()
    more: frozenset[str] = frozenset()
    differs: str | None = None


def edit(path: str, old: str, new: str) -> Callable[[Layout], None]:
    return lambda layout: layout.edit(path, old, new)


def write(path: str, text: str | bytes) -> Callable[[Layout], Any]:
    return lambda layout: layout.repo.write(path, text)


def relink(path: str, target: str) -> Callable[[Layout], None]:
    def run(layout: Layout) -> None:
        (layout.repo.path / path).unlink(missing_ok=True)
        (layout.repo.path / path).symlink_to(target)

    return run


def both(*steps: Callable[[Layout], Any]) -> Callable[[Layout], Any]:
    return lambda layout: [step(layout) for step in steps]


def drop(path: str) -> Callable[[Layout], None]:
    return lambda layout: (layout.repo.path / path).unlink()


def forge_import(layout: Layout) -> None:
    digest = (layout.repo.path / "imported.csv.dvc").read_text().rpartition("md5: ")[2].split()[0]
    layout.edit("imported.csv.dvc", digest, "f" * 32)


def move_source(layout: Layout) -> None:
    layout.source.write("data.csv", "x\n2\n")
    with contextlib.chdir(layout.source.path):
        layout.run(lambda dvc: dvc.add("data.csv"))
    layout.source.git("commit", "-q", "-am", "More data")


WDIR = "part/dvc.yaml:inside"
CASES = [
    Case("nothing", lambda _: None, frozenset()),
    Case(
        "file deep in a folder", edit("code/deep/c.py", "c", "d"), frozenset({"folder", "linked"})
    ),
    Case("file deleted from a folder", drop("code/b2.py"), frozenset({"folder"})),
    Case(
        "link that leads nowhere",
        drop("code/deep/c.py"),
        differs="link-to-nothing",
        unknown=frozenset({"linked"}),
    ),
    Case("file added that .dvcignore leaves out", write("code/more.log", "x\n"), frozenset()),
    Case("file edited that .dvcignore leaves out", write("code/notes.log", "y\n"), frozenset()),
    Case(".dvcignore that takes it back", write(".dvcignore", "\n"), frozenset({"folder"})),
    Case("target of a link", edit("code/a.py", "a", "z")),
    Case("link to a file of other content", relink("link.py", "code/b.py"), frozenset({"linked"})),
    Case(
        "link to a file of the same content",
        both(write("code2/a.py", "a\n"), relink("link.py", "code2/a.py")),
        frozenset(),
    ),
    Case("link made a file", both(drop("link.py"), write("link.py", "a\n")), frozenset()),
    Case("link to a folder, turned", relink("linkdir", "part/work"), frozenset({"linked"})),
    Case("link in a folder", relink("code/in.py", "../part/run.py")),
    Case("variable of a file", edit("settings.yaml", "depth: 3", "depth: 4"), frozenset({"named"})),
    Case("variable of dvc.yaml", edit("dvc.yaml", "kind: forest", "kind: tree")),
    Case("item of a mapping", edit("settings.yaml", "zwei", "deux"), frozenset({"listed@two"})),
    Case(
        "item added to a mapping", write("settings.yaml", SETTINGS + "  three:\n    word: drei\n")
    ),
    Case("script beside wdir", edit("part/run.py", "run", "ran"), frozenset({WDIR})),
    Case("script in wdir", edit("part/work/own.py", "own", "mine"), frozenset({WDIR})),
    Case("param above wdir", edit("params.yaml", "1", "2"), frozenset({WDIR})),
    Case("Git-tracked out", edit("report.md", "b", "c"), frozenset({"report"})),
    Case("Git-tracked out deleted", drop("report.md"), frozenset({"report"})),
    Case(
        "Git's part of a mixed folder",
        edit("mixed/kept.txt", "kept", "left"),
        differs="holds-outs",
        unknown=frozenset({"above"}),
    ),
    Case(
        "file added to a mixed folder",
        write("mixed/more.txt", "x\n"),
        differs="holds-outs",
        unknown=frozenset({"above"}),
    ),
    Case(
        "DVC 2 hash, script edited",
        edit("old/old.py", "first", "third"),
        frozenset({"old/dvc.yaml:old"}),
    ),
    Case("DVC 2 hash, CRLF", write("old/old.py", b"first\r\nsecond\r\n"), frozenset()),
    Case(
        "import, its md5 edited",
        forge_import,
        differs="edited-dvc-file",
        silent=frozenset({"imported.csv.dvc"}),
        more=frozenset({"imported"}),
    ),
    Case(
        "import, whose source moved on",
        move_source,
        differs="import-source",
        silent=frozenset({"imported.csv.dvc"}),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_says_what_dvc_status_says(layout: Layout, case: Case) -> None:
    layout.reset()
    case.mutate(layout)
    commit = layout.commit()
    theirs = set(layout.run(lambda dvc: dvc.status()))
    state = state_alone(LineageReader(open_repository(".")), commit)
    lineage = state.lineage
    assert not lineage.problems
    found = freshness(state)
    address = {stage.id: stage.address for stage in lineage.stages}
    ours = stale_by_itself(state, found)
    assert case.more <= ours
    assert ours - case.unknown - case.more == theirs - case.unknown - case.silent
    if case.stale is not None:
        assert ours == case.stale
    assert {f.freshness for s, f in found.items() if address[s] in case.unknown} <= {"unknown"}


def test_the_page_names_each_difference() -> None:
    differs = {case.name: (case.differs, case.unknown | case.silent) for case in CASES}
    usual = {case.name: (case.differs, case.unknown | case.silent | case.notes) for case in USUAL}
    listed = (*differs.items(), *usual.items())
    assert not [name for name, (row, allowed) in listed if (row is None) == bool(allowed)]
    used = {row for _, (row, _) in listed} | {case.row for case in UNSEEN}
    used |= {edit.row for edit in KEPT.values()}
    used |= {"left-out" for case in EDGES if case.unknown} | {case.row for case in EDGES}
    # Those of merges have a table of their own: tests/history/test_splices.py.
    assert differences_on_page().keys() - {"spliced-lock"} == used - {None}
