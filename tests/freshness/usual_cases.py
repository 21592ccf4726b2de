"""Each mutation of a real pipeline, judged from the commit and by the real `dvc status`."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.dvc_repo import dvc_environment
from tests.support.git_repo import GitRepo

PIPELINE = """\
stages:
  prepare:
    cmd: cp data/raw.csv prepared.csv
    deps:
      - data/raw.csv
      - src/prepare.py
    params:
      - prepare.seed
    outs:
      - prepared.csv
  split:
    cmd: mkdir -p split && cp prepared.csv split/a.csv && cp prepared.csv split/b.csv
    deps:
      - prepared.csv
    outs:
      - split
  train:
    cmd: cp split/a.csv model.pkl
    deps:
      - split
      - src/train.py
    params:
      - train.lr
      - train.flag
      - train.layers
    outs:
      - model.pkl
  inner:
    cmd: cp split/b.csv inner.txt
    deps:
      - split/b.csv
    outs:
      - inner.txt
  evaluate:
    cmd:
      - echo measuring
      - cp src/metrics.json metrics.json
    deps:
      - model.pkl
    metrics:
      - metrics.json:
          cache: false
  whole:
    cmd: cp settings.yaml whole.txt
    params:
      - settings.yaml:
    outs:
      - whole.txt
  tree:
    cmd: cat src/* > tree.txt
    deps:
      - src
    outs:
      - tree.txt
  grid:
    foreach:
      - red
      - blue
    do:
      cmd: echo ${item} > grid_${item}.txt
      deps:
        - data/images
        - src/grid.py
      outs:
        - grid_${item}.txt
  cross:
    matrix:
      size: [1, 2]
    cmd: echo ${item.size} > cross_${item.size}.txt
    deps:
      - src/grid.py
    outs:
      - cross_${item.size}.txt
"""
RANKING = """\
stages:
  rank:
    cmd: cp ../model.pkl rank.pkl
    deps:
      - ../model.pkl
      - rank.py
    outs:
      - rank.pkl
"""
PARAMS = """\
prepare:
  seed: 1
train:
  lr: 0.001
  flag: 1
  layers:
    - 8
    - 4
"""


@dataclass
class Project:
    """The real repository, with its data in the work tree."""

    repo: GitRepo
    base: str
    dvc: Any

    def edit(self, path: str, old: str, new: str) -> None:
        text = (self.repo.path / path).read_text()
        assert old in text
        (self.repo.path / path).write_text(text.replace(old, new, 1))

    def add(self, path: str, text: str, target: str) -> None:
        (self.repo.path / path).unlink(missing_ok=True)
        self.repo.write(path, text)
        self.dvc.add(target)

    def reset(self) -> None:
        self.repo.git("reset", "-q", "--hard", self.base)
        self.repo.git("clean", "-fdq")
        self.reopen()
        self.dvc.checkout(force=True)

    def reopen(self) -> None:
        from dvc.repo import Repo

        self.dvc.close()
        self.dvc = Repo(".")

    def commit(self) -> str:
        self.repo.git("add", "-A")
        self.repo.git("commit", "-q", "--allow-empty", "-m", "Change")
        return self.repo.git("rev-parse", "HEAD")

    def status(self) -> dict[str, list[Any]]:
        self.reopen()
        found: dict[str, list[Any]] = self.dvc.status()
        return found


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    from dvc.repo import Repo

    root = tmp_path_factory.mktemp("project")
    with pytest.MonkeyPatch.context() as patch, contextlib.chdir(root):
        for name, value in dvc_environment().items():
            patch.setenv(name, value)
        repo = GitRepo(root)
        dvc = Repo.init(".")
        repo.write("dvc.yaml", PIPELINE)
        repo.write("sub/dvc.yaml", RANKING)
        repo.write("sub/rank.py", "rank\n")
        repo.write("params.yaml", PARAMS)
        repo.write("settings.yaml", "depth: 3\nname: forest\n")
        for name in ("prepare.py", "train.py", "grid.py"):
            repo.write(f"src/{name}", f"# {name}\nprint(1)\n")
        repo.write("src/metrics.json", '{"accuracy": 0.9}\n')
        repo.write("data/raw.csv", "a,b\n1,2\n")
        repo.write("data/images/1.txt", "one\n")
        repo.write("data/images/2.txt", "two\n")
        dvc.add(["data/raw.csv", "data/images"])
        dvc.reproduce(all_pipelines=True)
        project = Project(repo, "", dvc)
        project.base = project.commit()
        yield project
        project.dvc.close()


@dataclass(frozen=True)
class Case:
    """A mutation; `unknown` and `notes` are where a commit says less, or more, than DVC.

    `differs` names the row of docs/freshness.md that allows it.
    """

    name: str
    mutate: Callable[[Project], Any]
    unknown: frozenset[str] = frozenset()
    silent: frozenset[str] = frozenset()
    notes: frozenset[tuple[str, str]] = frozenset()
    stale: frozenset[str] | None = None
    differs: str | None = None


def edit(path: str, old: str, new: str) -> Callable[[Project], None]:
    return lambda project: project.edit(path, old, new)


def write(path: str, text: str) -> Callable[[Project], Any]:
    return lambda project: project.repo.write(path, text)


def remove(*paths: str) -> Callable[[Project], None]:
    def run(project: Project) -> None:
        for path in paths:
            project.repo.remove(path)

    return run


def both(*steps: Callable[[Project], Any]) -> Callable[[Project], Any]:
    return lambda project: [step(project) for step in steps]


def new_data(project: Project) -> None:
    project.add("data/raw.csv", "a,b\n3,4\n", "data/raw.csv")


def other_data(project: Project) -> None:
    # Not those of `new_data`: DVC's run cache would bring back what `dvc commit` took for a run.
    project.add("data/raw.csv", "a,b\n5,6\n", "data/raw.csv")


def reproduce(*targets: str) -> Callable[[Project], Any]:
    def run(project: Project) -> None:
        project.reopen()
        project.dvc.reproduce(list(targets) or None, all_pipelines=not targets)

    return run


def accept(project: Project) -> None:
    project.reopen()
    project.dvc.commit(force=True)


TRAIN_LR = "      - train.lr\n"
GRID = "      - src/grid.py\n"
ADDED = "  added:\n    cmd: 'true'\n    deps: [src]\n"
TRAINS = "cp split/a.csv model"
WITH_OUT = "      - model.pkl"
FROZEN = edit("dvc.yaml", "  train:\n", "  train:\n    frozen: true\n")
CASES = [
    Case("nothing", lambda _: None, stale=frozenset()),
    Case("script", edit("src/train.py", "1", "2"), stale=frozenset({"train", "tree"})),
    Case("script of two", edit("src/prepare.py", "1", "2")),
    Case("script of all siblings", edit("src/grid.py", "1", "2")),
    Case("script of a sub-project", edit("sub/rank.py", "rank", "sort")),
    Case("new file in a folder dep", write("src/more.py", "x\n"), stale=frozenset({"tree"})),
    Case("deleted script", remove("src/train.py")),
    Case(
        "renamed script",
        both(remove("src/train.py"), write("src/fit.py", "# train.py\nprint(1)\n")),
    ),
    Case(
        "renamed script, declared",
        both(
            remove("src/train.py"),
            write("src/fit.py", "# train.py\nprint(1)\n"),
            edit("dvc.yaml", "src/train.py", "src/fit.py"),
        ),
        differs="removed",
        notes=frozenset({("train", "dep-removed")}),
    ),
    Case("param", edit("params.yaml", "0.001", "0.01"), stale=frozenset({"train"})),
    Case("param as 1e-3", edit("params.yaml", "0.001", "1.0e-3"), stale=frozenset()),
    Case("param as 1.0", edit("params.yaml", "flag: 1", "flag: 1.0"), stale=frozenset()),
    Case("param as true", edit("params.yaml", "flag: 1", "flag: true"), stale=frozenset()),
    Case("param as text", edit("params.yaml", "flag: 1", "flag: '1'")),
    Case("param as null", edit("params.yaml", "flag: 1", "flag: null")),
    Case(
        "param that was NaN when the stage ran",
        both(edit("params.yaml", "0.001", ".nan"), reproduce()),
        differs="nan-param",
        silent=frozenset({"train"}),
        stale=frozenset(),
    ),
    Case("param that is NaN now", edit("params.yaml", "0.001", ".nan"), stale=frozenset({"train"})),
    Case("param in a list", edit("params.yaml", "- 8", "- 9")),
    Case("param deleted", edit("params.yaml", "  flag: 1\n", "")),
    Case("param that no stage takes", edit("params.yaml", "train:", "other: 1\ntrain:")),
    Case("params comment", edit("params.yaml", "train:", "# better\ntrain:"), stale=frozenset()),
    Case("params file deleted", remove("params.yaml")),
    Case("whole file, changed", edit("settings.yaml", "3", "4"), stale=frozenset({"whole"})),
    Case("whole file, key added", edit("settings.yaml", "depth", "width: 1\ndepth")),
    Case("whole file, key deleted", edit("settings.yaml", "name: forest\n", "")),
    Case("whole file, reordered", write("settings.yaml", "name: forest\ndepth: 3\n")),
    Case("command", edit("dvc.yaml", "cp split/a.csv model", "cp -p split/a.csv model")),
    Case("one of two commands", edit("dvc.yaml", "echo measuring", "echo measured")),
    Case(
        "command as a list of one",
        edit("dvc.yaml", "cmd: cp split/b.csv inner.txt", "cmd: [cp split/b.csv inner.txt]"),
    ),
    Case("command of all siblings", edit("dvc.yaml", "echo ${item} >", "echo -n ${item} >")),
    Case("dep added", edit("dvc.yaml", "      - src/train.py\n", "      - src/train.py\n" + GRID)),
    Case(
        "dep removed",
        edit("dvc.yaml", "      - src/train.py\n", ""),
        differs="removed",
        notes=frozenset({("train", "dep-removed")}),
        stale=frozenset(),
    ),
    Case("param added", edit("dvc.yaml", TRAIN_LR, TRAIN_LR + "      - prepare.seed\n")),
    Case(
        "param removed",
        edit("dvc.yaml", TRAIN_LR, ""),
        differs="removed",
        notes=frozenset({("train", "param-removed")}),
        stale=frozenset(),
    ),
    Case("out added", edit("dvc.yaml", "      - inner.txt\n", "      - inner.txt\n      - in2\n")),
    Case(
        "stage added",
        edit("dvc.yaml", "  inner:", "  fresh:\n    cmd: 'true'\n    deps: [src]\n  inner:"),
    ),
    Case("stage renamed", edit("dvc.yaml", "  inner:", "  core:")),
    Case("item added", edit("dvc.yaml", "      - blue\n", "      - blue\n      - green\n")),
    Case("matrix size added", edit("dvc.yaml", "[1, 2]", "[1, 2, 3]")),
    Case("item removed", edit("dvc.yaml", "      - blue\n", "")),
    Case("stage without its lock entry", edit("dvc.lock", "  inner:", "  other:")),
    Case(
        "no lock",
        remove("dvc.lock"),
        differs="needs-lock",
        unknown=frozenset({"sub/dvc.yaml:rank"}),
    ),
    Case("metrics edited", edit("metrics.json", "0.9", "0.8"), stale=frozenset({"evaluate"})),
    Case("metrics deleted", remove("metrics.json"), stale=frozenset({"evaluate"})),
    Case("data", new_data, stale=frozenset({"prepare"})),
    Case("data, committed by dvc commit", both(other_data, accept)),
    Case(
        "data, reproduced in part", both(new_data, reproduce("prepare")), stale=frozenset({"split"})
    ),
    Case("data, reproduced", both(new_data, reproduce()), stale=frozenset()),
    Case("data in a folder", lambda p: p.add("data/images/3.txt", "three\n", "data/images")),
    Case("frozen", FROZEN, stale=frozenset()),
    Case("frozen, script", both(FROZEN, edit("src/train.py", "1", "2")), stale=frozenset({"tree"})),
    Case("frozen, param", both(FROZEN, edit("params.yaml", "0.001", "0.1"))),
    Case("frozen, command", both(FROZEN, edit("dvc.yaml", TRAINS, "echo; " + TRAINS))),
    Case(
        "always changed",
        edit("dvc.yaml", "  train:\n", "  train:\n    always_changed: true\n"),
        differs="always-changed",
        unknown=frozenset({"train"}),
    ),
    Case(
        "callback",
        edit("dvc.yaml", "  inner:", "  hello:\n    cmd: echo hello\n  inner:"),
        differs="always-changed",
        unknown=frozenset({"hello"}),
    ),
    Case(
        "line ends",
        lambda p: p.repo.write("sub/rank.py", b"rank\r\n"),
        differs="line-endings",
        notes=frozenset({("sub/dvc.yaml:rank", "line-endings")}),
        silent=frozenset({"sub/dvc.yaml:rank"}),
    ),
    Case("annotations", edit("dvc.yaml", "  train:\n", "  train:\n    desc: The model\n")),
    Case("out's flags", edit("dvc.yaml", WITH_OUT, WITH_OUT + ":\n          persist: true")),
    Case("executable", lambda p: (p.repo.path / "src/train.py").chmod(0o755), stale=frozenset()),
    Case("touching nothing of DVC", write("README.md", "Hello\n"), stale=frozenset()),
]
