"""Params files that a stage or a `.dvc` file makes, in every form: edges, as for the real DVC."""

import contextlib
import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from lineage_diff.app.compare import Request, compare_revisions
from lineage_diff.audit.ledger import Ledger, ledger
from lineage_diff.freshness.stages import freshness
from lineage_diff.git.repository import open_repository
from lineage_diff.history.reader import HistoryReader
from lineage_diff.lineage.evidence import CommitState
from lineage_diff.lineage.graph import build_graph
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.report.report import encode_report
from tests.support.dvc_repo import DvcRepo, DvcShell, dvc_environment
from tests.support.states import state_with_history

MODEL = "model.pkl"
TUNE = """\
stages:
  tune:
    cmd: python tune.py {file}
    deps: [data.txt, tune.py]
    {outs}
"""
TRAIN = """\
  train:
    cmd: cp {file} model.pkl
    {params}
    outs: [model.pkl]
"""
TUNE_PY = """\
import json, pathlib, sys
file = pathlib.Path(sys.argv[1])
file.parent.mkdir(exist_ok=True)
number = int(pathlib.Path("data.txt").read_text())
file.write_text(json.dumps({"lr": number / 10, "other": 7}) + chr(10))
"""


@dataclass(frozen=True)
class Form:
    """Where the tuner writes, and how the stage that trains names the file."""

    file: str = "best.yaml"
    outs: str = "outs: [best.yaml]"
    params: str = "params: [{best.yaml: [lr]}]"
    folder: str = ""
    kept: bool = False

    @property
    def out(self) -> str:
        return self.file.partition("/")[0]

    @property
    def train(self) -> str:
        return f"{self.folder}dvc.yaml:train"

    @property
    def model(self) -> str:
        return self.folder + MODEL

    def files(self) -> dict[str, str]:
        tune = TUNE.format(file=self.file, outs=self.outs)
        train = TRAIN.format(file="../" * bool(self.folder) + self.file, params=self.params)
        files = {"tune.py": TUNE_PY, "data.txt": "1\n"}
        if self.folder:
            return files | {"dvc.yaml": tune, f"{self.folder}dvc.yaml": f"stages:\n{train}"}
        return files | {"dvc.yaml": tune + train}


IN_FOLDER = "params: [{tuned/best.yaml: [lr]}]"
FORMS = {
    "cached": Form(kept=True),
    "not cached": Form(outs="outs: [{best.yaml: {cache: false}}]"),
    "in a folder": Form("tuned/best.yaml", "outs: [tuned]", IN_FOLDER, kept=True),
    "in a folder, not cached": Form(
        "tuned/best.yaml", "outs: [{tuned: {cache: false}}]", IN_FOLDER
    ),
    "metrics": Form(outs="metrics: [{best.yaml: {cache: false}}]"),
    "cached metrics": Form(outs="metrics: [best.yaml]", kept=True),
    "another folder": Form(params="params: [{../best.yaml: [lr]}]", folder="sub/", kept=True),
    "the default file": Form("params.yaml", "outs: [params.yaml]", "params: [lr]", kept=True),
    "the whole file": Form(
        outs="outs: [{best.yaml: {cache: false}}]", params="params: [{best.yaml: }]"
    ),
}


@dataclass
class Tuned:
    """A repository with three commits: a run, other data, and a run on these."""

    form: Form
    repo: DvcRepo
    commits: list[str] = field(default_factory=list)

    def state(self, commit: str) -> CommitState:
        state = state_with_history(open_repository(self.repo.path), commit)
        assert not state.lineage.problems
        return state

    def lineage(self, commit: str) -> Lineage:
        return self.state(commit).lineage

    def states(self, commit: str) -> dict[str, str]:
        return {name: one.freshness for name, one in freshness(self.state(commit)).items()}

    def ledger(self) -> Ledger:
        history = HistoryReader(open_repository(self.repo.path))
        return ledger(history.timeline(self.commits[-1])())

    def report(self, base: str, head: str, *fetch: Any) -> dict[str, Any]:
        request = Request(self.repo.path, base, head, direct=True, fetch=fetch)
        found: dict[str, Any] = json.loads(encode_report(compare_revisions(request).report))
        return found


def changed_commit(repo: DvcRepo) -> str:
    """Commit the work tree, though it may be the same."""
    repo.git("add", "-A")
    repo.git("commit", "-q", "--no-verify", "--allow-empty", "-m", "Change")
    return repo.git("rev-parse", "HEAD")


def status(repo: DvcRepo) -> set[str]:
    """Return what the real DVC calls changed in the work tree."""
    return set(full_status(repo))


def full_status(repo: DvcRepo) -> dict[str, Any]:
    """Return what the real DVC calls changed in the work tree, with its reasons."""
    from dvc.repo import Repo

    with contextlib.chdir(repo.root), pytest.MonkeyPatch.context() as patch:
        for name, value in dvc_environment().items():
            patch.setenv(name, value)
        with Repo(".") as dvc:
            found: dict[str, Any] = dvc.status()
            return found


@pytest.fixture(scope="module", params=list(FORMS.values()), ids=list(FORMS))
def tuned(
    request: pytest.FixtureRequest, shell: DvcShell, tmp_path_factory: pytest.TempPathFactory
) -> Tuned:
    form: Form = request.param
    repo = DvcRepo(tmp_path_factory.mktemp("tuned") / "repo", shell)
    repo.files(form.files())
    tuned = Tuned(form, repo)
    tuned.commits.append(repo.repro("Run"))
    repo.files({"data.txt": "2\n"})
    assert status(repo) == {"tune"}
    tuned.commits.append(repo.save("Other data"))
    tuned.commits.append(repo.repro("Run again"))
    assert status(repo) == set()
    return tuned


def edges(lineage: Lineage) -> list[list[str]]:
    links = build_graph(lineage.stages).upstream
    return sorted([stage, link.stage] for stage, found in links.items() for link in found)


DATA = """\
stages:
  train:
    cmd: cp {file} model.pkl
    params: [{{{file}: [lr]}}]
    outs: [model.pkl]
"""


@dataclass(frozen=True)
class Tracked:
    """Edits of a params file in a `.dvc` file; what they are for DVC and, unfetched, here.

    `row` is the row of docs/freshness.md that says why both are not the same.
    """

    text: str
    theirs: bool
    ours: str = "unknown"
    fetched: str = "stale"
    affected: bool = True
    row: str | None = "kept-params"


EDITS = {
    "the key that is taken": Tracked("lr: 2\nother: 1\n", theirs=True),
    "another key": Tracked("lr: 1\nother: 2\n", theirs=False, fetched="fresh"),
    "nothing": Tracked("lr: 1\nother: 1\n", False, "fresh", "fresh", False, None),
}


def edited_by_hand(repo: DvcRepo) -> None:
    repo.files({"best.yaml": '{"lr": 0.9, "other": 7}\n'})


CYCLE = """\
stages:
  a: {cmd: x, params: [{p.yaml: [k]}], outs: [o]}
  b: {cmd: y, deps: [o], outs: [p.yaml]}
"""
ALONE = "stages:\n  a: {cmd: x, params: [{p/q.yaml: [k]}], outs: [p]}\n"
