"""Params files that a stage or a `.dvc` file makes, in every form: edges, as for the real DVC."""

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from lineage_diff.app.compare import Request, compare_revisions
from lineage_diff.app.evaluate import with_history
from lineage_diff.audit.history import history_steps
from lineage_diff.audit.impact import impacted, of_path
from lineage_diff.audit.ledger import Ledger, ledger
from lineage_diff.audit.trace import inputs_behind, provenance, runs_behind
from lineage_diff.dvc.lineage_reader import LineageReader
from lineage_diff.freshness.stages import freshness
from lineage_diff.git.repository import open_repository
from lineage_diff.history.reader import HistoryReader
from lineage_diff.lineage.graph import build_graph
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.report.json_codec import encode
from tests.oracle.dvc_judge import DvcError, DvcJudge, dvc_index, dvc_params_diff
from tests.support.dvc_repo import DvcRepo, DvcShell, dvc_environment

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


@pytest.fixture(scope="module")
def shell() -> Iterator[DvcShell]:
    shell = DvcShell()
    yield shell
    shell.close()


@dataclass
class Tuned:
    """A repository with three commits: a run, other data, and a run on these."""

    form: Form
    repo: DvcRepo
    commits: list[str] = field(default_factory=list)

    def lineage(self, commit: str) -> Lineage:
        repository = open_repository(self.repo.path)
        reader = LineageReader(repository)
        lineage = with_history(HistoryReader(repository), reader, reader.read(commit))
        assert not lineage.problems
        return lineage

    def states(self, commit: str) -> dict[str, str]:
        return {name: one.freshness for name, one in freshness(self.lineage(commit)).items()}

    def ledger(self) -> Ledger:
        history = HistoryReader(open_repository(self.repo.path))
        return ledger(history.timeline(self.commits[-1])())

    def report(self, base: str, head: str, *fetch: Any) -> dict[str, Any]:
        request = Request(self.repo.path, base, head, direct=True, fetch=fetch)
        found: dict[str, Any] = json.loads(encode(compare_revisions(request).report))
        return found


def changed_commit(repo: DvcRepo) -> str:
    """Commit the work tree, though it may be the same."""
    repo.git("add", "-A")
    repo.git("commit", "-q", "--no-verify", "--allow-empty", "-m", "Change")
    return repo.git("rev-parse", "HEAD")


def status(repo: DvcRepo) -> set[str]:
    """Return what the real DVC calls changed in the work tree."""
    from dvc.repo import Repo

    with contextlib.chdir(repo.root), pytest.MonkeyPatch.context() as patch:
        for name, value in dvc_environment().items():
            patch.setenv(name, value)
        with Repo(".") as dvc:
            return set(dvc.status())


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


def test_the_edges_are_those_of_dvc(tuned: Tuned) -> None:
    with DvcJudge(tuned.repo.root) as judge:
        theirs = dvc_index(judge, tuned.commits[0])["edges"]
    assert edges(tuned.lineage(tuned.commits[0])) == theirs == [[tuned.form.train, "dvc.yaml:tune"]]


def test_what_trains_is_as_fresh_as_the_tuner(tuned: Tuned) -> None:
    tune, train = "dvc.yaml:tune", tuned.form.train
    run, edited, again = tuned.commits
    assert tuned.states(run) == tuned.states(again) == {tune: "fresh", train: "fresh"}
    found = freshness(tuned.lineage(edited))
    assert [found[name].freshness for name in (tune, train)] == ["stale", "stale"]
    (reason,) = found[train].reasons
    assert (reason.kind, reason.subject) == ("outdated-by", tune)


def test_the_cause_is_what_the_tuner_ran_on(tuned: Tuned) -> None:
    run, edited, again = tuned.commits
    way = ["dvc.yaml:tune", tuned.form.train]
    for head, change in ((edited, "unchanged"), (again, "retrained")):
        report = tuned.report(run, head)
        (model,) = report["models"]
        assert (model["path"], model["change"], model["affected"]) == (
            tuned.form.model,
            change,
            True,
        )
        causes = [(one["kind"], one["subject"], one["via"]) for one in model["causes"]]
        assert causes == [("data", "data.txt", way)]
    drawn = {(edge["from"], edge["to"]) for edge in report["graph"]["edges"]}
    assert ("stage:dvc.yaml:tune", f"file:{tuned.form.out}") in drawn
    assert (f"file:{tuned.form.file}", f"stage:{tuned.form.train}") in drawn


def test_the_advice_runs_both(tuned: Tuned) -> None:
    report = tuned.report(tuned.commits[0], tuned.commits[1])
    (finding,) = (item for item in report["findings"] if item["rule"] == "stale-model")
    address = tuned.form.train.removeprefix("dvc.yaml:")
    assert f"dvc repro {address}`" in json.dumps(finding)


def test_the_history_knows_the_way(tuned: Tuned) -> None:
    past, model = tuned.ledger(), tuned.form.model
    new, first = history_steps(past, model)
    assert (new.change, first.change) == ("retrained", "added")
    assert [(cause.kind, cause.subject) for cause in new.causes] == [("data", "data.txt")]
    found = provenance(past, model, past.entries[model][-1])
    assert [run.stage for run in runs_behind(past, found)] == [tuned.form.train, "dvc.yaml:tune"]
    inputs = {item.path: item.via for item in inputs_behind(past, found)}
    assert inputs["data.txt"] == ("dvc.yaml:tune", tuned.form.train)
    (hit,) = impacted(past, [(model, None)], of_path("data.txt"))
    assert len(hit.versions) == 2
    for path in {tuned.form.file, tuned.form.out}:
        assert [one.path for one in impacted(past, [(model, None)], of_path(path))] == [model]


def test_params_that_dvc_keeps_are_fetched(tuned: Tuned) -> None:
    run, _, again = tuned.commits
    with DvcJudge(tuned.repo.root) as judge:
        theirs = dvc_params_diff(judge, run, again)
    assert theirs == {tuned.form.file: {"lr": {"old": 0.1, "new": 0.2, "diff": 0.1}}}
    report = tuned.report(run, again, "metrics")
    assert report["params"] == theirs
    assert (tuned.report(run, again)["params"] == {}) == tuned.form.kept


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


@pytest.mark.parametrize("file", ["settings.yaml", "conf/settings.yaml"])
@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_a_dvc_file_makes_params_too(
    edit: Tracked, file: str, shell: DvcShell, tmp_path: Path
) -> None:
    repo = DvcRepo(tmp_path / "repo", shell)
    target = file.partition("/")[0]
    repo.files({"dvc.yaml": DATA.format(file=file), file: "lr: 1\nother: 1\n"})
    repo.dvc("add", "-q", target)
    tuned = Tuned(Form(), repo, [repo.repro("Run")])
    repo.dvc("unprotect", target)
    repo.files({file: edit.text})
    repo.dvc("add", "-q", target)
    assert status(repo) == ({"train"} if edit.theirs else set())
    tuned.commits.append(changed_commit(repo))
    maker = f"{target}.dvc"
    with DvcJudge(repo.root) as judge:
        assert edges(tuned.lineage(tuned.commits[1])) == dvc_index(judge, tuned.commits[1])["edges"]
    assert tuned.states(tuned.commits[0]) == {maker: "fresh", "dvc.yaml:train": "fresh"}
    assert tuned.states(tuned.commits[1])["dvc.yaml:train"] == edit.ours
    (model,) = tuned.report(*tuned.commits)["models"]
    assert model["affected"] == edit.affected
    causes = [(cause["kind"], cause["subject"]) for cause in model["causes"]]
    assert causes == ([("data", target)] if edit.affected else [])
    (model,) = tuned.report(*tuned.commits, "metrics")["models"]
    assert (model["freshness"], model["affected"]) == (edit.fetched, edit.theirs)
    past = tuned.ledger()
    (hit,) = impacted(past, [(MODEL, None)], of_path(file))
    assert hit.path == MODEL


def edited_by_hand(repo: DvcRepo) -> None:
    repo.files({"best.yaml": '{"lr": 0.9, "other": 7}\n'})


def test_tuned_params_edited_by_hand_are_the_cause(shell: DvcShell, tmp_path: Path) -> None:
    repo = DvcRepo(tmp_path / "repo", shell)
    repo.files(FORMS["not cached"].files())
    tuned = Tuned(FORMS["not cached"], repo, [repo.repro("Run")])
    edited_by_hand(repo)
    assert status(repo) == {"tune", "train"}
    tuned.commits.append(repo.save("Edit"))
    report = tuned.report(*tuned.commits)
    (model,) = report["models"]
    assert (model["freshness"], model["affected"]) == ("stale", True)
    assert [(one["kind"], one["subject"]) for one in model["causes"]] == [("param", "best.yaml:lr")]
    node = next(one for one in report["graph"]["nodes"] if one["id"] == "file:best.yaml")
    assert node["change"] == "modified"


CYCLE = """\
stages:
  a: {cmd: x, params: [{p.yaml: [k]}], outs: [o]}
  b: {cmd: y, deps: [o], outs: [p.yaml]}
"""
ALONE = "stages:\n  a: {cmd: x, params: [{p/q.yaml: [k]}], outs: [p]}\n"


@pytest.mark.parametrize("pipeline", [CYCLE, ALONE])
def test_a_circle_through_params_is_refused(pipeline: str, shell: DvcShell, tmp_path: Path) -> None:
    repo = DvcRepo(tmp_path / "repo", shell)
    repo.files({"dvc.yaml": pipeline})
    commit = repo.save("A circle")
    with DvcJudge(repo.root) as judge, pytest.raises(DvcError, match=r"Circular|Cyclic"):
        dvc_index(judge, commit)
    lineage = LineageReader(open_repository(repo.path)).read(commit)
    assert [problem.rule for problem in lineage.problems] == ["cycle"]


@pytest.mark.parametrize(
    ("step", "states"),
    [
        (lambda repo: None, "fresh"),
        (lambda repo: repo.edit("dvc.yaml", "[lr]", "[lr, other]"), "stale"),
        (lambda repo: repo.edit("dvc.yaml", "{best.yaml: [lr]}", "{best.yaml: }"), "unknown"),
    ],
    ids=["nothing", "a key added", "the whole file"],
)
def test_keys_of_a_file_that_dvc_keeps(
    step: Callable[[DvcRepo], object], states: str, shell: DvcShell, tmp_path: Path
) -> None:
    repo = DvcRepo(tmp_path / "repo", shell)
    repo.files(FORMS["cached"].files())
    tuned = Tuned(FORMS["cached"], repo, [repo.repro("Run")])
    step(repo)
    changed = status(repo)
    tuned.commits.append(changed_commit(repo))
    found = tuned.states(tuned.commits[1])["dvc.yaml:train"]
    assert found == states
    assert changed == (set() if states == "fresh" else {"train"})


def test_params_that_git_ignores_are_not_known(shell: DvcShell, tmp_path: Path) -> None:
    repo = DvcRepo(tmp_path / "repo", shell)
    repo.files({".gitignore": "secret.yaml\n", "secret.yaml": "lr: 1\n"})
    repo.files({"dvc.yaml": DATA.format(file="secret.yaml")})
    tuned = Tuned(Form(), repo, [repo.repro("Run")])
    assert tuned.states(tuned.commits[0]) == {"dvc.yaml:train": "unknown"}
