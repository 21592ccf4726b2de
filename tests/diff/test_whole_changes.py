"""One change of many kinds: each model, stage and data change with all that the report holds."""

import pytest

from lineage_diff.app.compare import Request, compare_revisions
from lineage_diff.report.change import (
    DataChange,
    MetricNoise,
    ModelChange,
    ModelMetric,
    Side,
    StageChange,
)
from lineage_diff.report.graph import Node
from lineage_diff.report.reasons import Cause, Reason
from lineage_diff.report.report import Report
from tests.support.git_repo import GitRepo
from tests.support.recorded_runs import RecordedRun, md5_of, track_data, write_runs

CODE, BETTER = "print(1)\n", "print(2)\n"
GOOD, BAD = '{"acc": 0.75}\n', '{"acc": 0.5}\n'
TRAIN = RecordedRun(
    deps={"train.py": CODE},
    params={"lr": 1},
    outs={"model.pkl": "m"},
    metrics={"metrics.json": GOOD},
    cmd="train",
)
TRAINED_AGAIN = TRAIN._replace(
    deps={"train.py": BETTER}, outs={"model.pkl": "n"}, metrics={"metrics.json": BAD}
)
FIT = RecordedRun(deps={"fit.py": CODE}, outs={"fitted.pkl": "f"}, cmd="fit")
MOVE = RecordedRun(outs={"old.pkl": "x"}, cmd="move")
GONE = RecordedRun(outs={"gone.pkl": "g"}, cmd="gone")
BASE = {"train": TRAIN, "fit": FIT, "move": MOVE, "gone": GONE}
HEAD = {"train": TRAINED_AGAIN, "fit": FIT, "move": MOVE._replace(outs={"new.pkl": "x"})}


def write(repo: GitRepo, runs: dict[str, RecordedRun], code: str, taken: str) -> str:
    paths = {path for run in runs.values() for path in run.outs} - {"model.pkl"}
    artifacts = {
        path.partition(".")[0]: {"path": path, "type": "model"}
        for path in sorted(paths | {"taken.pkl", "card.pkl"})
    }
    track_data(repo, "taken.pkl", taken)
    for path, text in {"card.pkl": "1", "train.py": code, "fit.py": code}.items():
        repo.write(path, text)
    write_runs(repo, runs, artifacts=artifacts)
    return repo.commit()


@pytest.fixture
def commits(git_repo: GitRepo) -> tuple[str, str]:
    return write(git_repo, BASE, CODE, "p"), write(git_repo, HEAD, BETTER, "q")


@pytest.fixture
def report(git_repo: GitRepo, commits: tuple[str, str]) -> Report:
    return compare_revisions(Request(git_repo.path, commits[0], direct=True)).report


def version(text: str) -> Side:
    return Side(f"md5:{md5_of(text)}", len(text))


def edited(path: str, stage: str, commit: str) -> Cause:
    return Cause(
        "code",
        path,
        "modified",
        f"md5:{md5_of(CODE)}",
        f"md5:{md5_of(BETTER)}",
        (stage,),
        (commit,),
        size_old=len(CODE),
        size_new=len(BETTER),
    )


def test_its_models(report: Report, commits: tuple[str, str]) -> None:
    head = commits[1]
    models = {model.path: model for model in report.models}
    worse = ModelMetric("metrics.json", "acc", 0.75, 0.5, -0.25, False, False, MetricNoise(None, 1))
    assert models == {
        "card.pkl": ModelChange(
            path="card.pkl",
            name="card",
            stage=None,
            pipeline=None,
            identified_by="artifact",
            change="unchanged",
            freshness="unknown",
            affected=False,
            old=Side(None),
            new=Side(None),
            measured=False,
        ),
        "fitted.pkl": ModelChange(
            path="fitted.pkl",
            name="fitted",
            stage="dvc.yaml:fit",
            pipeline="dvc.yaml",
            identified_by="artifact",
            change="unchanged",
            freshness="stale",
            affected=True,
            old=version("f"),
            new=version("f"),
            causes=(edited("fit.py", "dvc.yaml:fit", head),),
            stale_before=False,
            measured=False,
        ),
        "gone.pkl": ModelChange(
            path="gone.pkl",
            name="gone",
            stage="dvc.yaml:gone",
            pipeline="dvc.yaml",
            identified_by="artifact",
            change="removed",
            freshness="unknown",
            affected=True,
            old=version("g"),
            new=None,
            causes=(
                Cause(
                    "structure",
                    "dvc.yaml:gone",
                    "removed",
                    via=("dvc.yaml:gone",),
                    commits=(head,),
                ),
            ),
            stale_before=False,
            measured=False,
        ),
        "model.pkl": ModelChange(
            path="model.pkl",
            name=None,
            stage="dvc.yaml:train",
            pipeline="dvc.yaml",
            identified_by="convention",
            change="retrained",
            freshness="fresh",
            affected=True,
            old=version("m"),
            new=version("n"),
            causes=(edited("train.py", "dvc.yaml:train", head),),
            metrics=(worse,),
            stale_before=False,
            measured=True,
        ),
        "new.pkl": ModelChange(
            path="new.pkl",
            name="new",
            stage="dvc.yaml:move",
            pipeline="dvc.yaml",
            identified_by="artifact",
            change="moved",
            freshness="fresh",
            affected=True,
            old=version("x"),
            new=version("x"),
            renamed_from="old.pkl",
            stale_before=False,
            measured=False,
        ),
        "taken.pkl": ModelChange(
            path="taken.pkl",
            name="taken",
            stage=None,
            pipeline=None,
            identified_by="artifact",
            change="retrained",
            freshness="fresh",
            affected=True,
            old=version("p"),
            new=version("q"),
            stale_before=False,
            measured=False,
        ),
    }


def test_its_stages(report: Report, commits: tuple[str, str]) -> None:
    reason = Reason(
        "dep-changed",
        "fit.py",
        f"md5:{md5_of(BETTER)}",
        f"md5:{md5_of(CODE)}",
        file="dvc.yaml",
        line=13,
        commit=commits[0],
    )
    rows = {
        "fit": StageChange(
            "dvc.yaml:fit", "dvc.yaml", "unchanged", (), "stale", (reason,), stale_before=False
        ),
        "gone": StageChange("dvc.yaml:gone", "dvc.yaml", "removed", stale_before=False),
        "move": StageChange(
            "dvc.yaml:move", "dvc.yaml", "modified", ("outs",), "fresh", stale_before=False
        ),
        "train": StageChange(
            "dvc.yaml:train", "dvc.yaml", "modified", ("ran",), "fresh", stale_before=False
        ),
    }
    assert report.stages == tuple(rows[name] for name in sorted(rows))


def test_its_data(report: Report) -> None:
    assert report.data == (
        DataChange("gone.pkl", "removed", version("g"), None, "stage"),
        DataChange("metrics.json", "modified", version(GOOD), version(BAD), "git"),
        DataChange("model.pkl", "modified", version("m"), version("n"), "stage"),
        DataChange("new.pkl", "renamed", version("x"), version("x"), "stage", "old.pkl"),
        DataChange("taken.pkl", "modified", version("p"), version("q"), "dvc"),
    )


PIPELINE = "dvc.yaml"
NODES = (
    Node("file:fit.py", "code", "fit.py", "modified"),
    Node("file:fitted.pkl", "model", "fitted", "affected", "stale", PIPELINE),
    Node("file:gone.pkl", "model", "gone", "removed", "unknown", PIPELINE),
    Node("file:metrics.json", "metrics", "metrics.json", "modified", None, PIPELINE),
    Node("file:model.pkl", "model", "model.pkl", "modified", "fresh", PIPELINE),
    Node("file:new.pkl", "model", "new", "renamed", "fresh", PIPELINE),
    Node("file:taken.pkl", "model", "taken", "modified", "fresh"),
    Node("file:train.py", "code", "train.py", "modified"),
    Node(
        "params:params.yaml@dvc.yaml:train",
        "params",
        "lr",
        "unchanged",
        None,
        PIPELINE,
        context=True,
    ),
    Node("stage:dvc.yaml:fit", "stage", "fit", "affected", "stale", PIPELINE),
    Node("stage:dvc.yaml:gone", "stage", "gone", "removed", "unknown", PIPELINE),
    Node("stage:dvc.yaml:move", "stage", "move", "modified", "fresh", PIPELINE),
    Node("stage:dvc.yaml:train", "stage", "train", "modified", "fresh", PIPELINE),
)


def test_its_graph(report: Report) -> None:
    # The old path of the model that moved is in the graph, too.
    nodes = tuple(node for node in report.graph.nodes if node.id != "file:old.pkl")
    assert nodes == NODES


UNRUN = {"train": TRAIN._replace(outs={"model.pkl": {}})}
# A model that Git keeps, as it keeps metrics.
KEPT = TRAIN._replace(outs={}, metrics={"model.pkl": "1"})
KEPT_AGAIN = KEPT._replace(metrics={"model.pkl": "2"})
RAN = {"train": TRAIN}
IN_GIT: dict[str, RecordedRun] = {}


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        (RAN, RAN, "unchanged"),
        (UNRUN, RAN, "recorded"),
        (RAN, UNRUN, "unrecorded"),
        (UNRUN, UNRUN, "unchanged"),
        (RAN, {"train": TRAINED_AGAIN}, "retrained"),
        (IN_GIT, RAN, "recorded"),
        (RAN, IN_GIT, "unrecorded"),
        (IN_GIT, UNRUN, "unchanged"),
        ({"train": KEPT}, {"train": KEPT_AGAIN}, "retrained"),
        ({"train": KEPT}, {"train": KEPT._replace(cmd="fit --all")}, "unchanged"),
    ],
    ids=[
        "same",
        "first version",
        "version gone",
        "never run",
        "again",
        "from Git to a stage",
        "from a stage to Git",
        "to a stage that never ran",
        "again, in Git",
        "the same, in Git",
    ],
)
def test_a_change_of_a_model_by_the_versions_of_both_sides(
    git_repo: GitRepo,
    before: dict[str, RecordedRun],
    after: dict[str, RecordedRun],
    change: str,
) -> None:
    artifacts = {"churn": {"path": "model.pkl", "type": "model"}}
    for runs in (before, after):
        git_repo.write("train.py", CODE)
        write_runs(git_repo, {"other": FIT, **runs}, artifacts=artifacts)
        git_repo.commit()
    found = compare_revisions(Request(git_repo.path, "HEAD~1", direct=True)).report.models
    assert {model.path: model.change for model in found}["model.pkl"] == change


@pytest.mark.parametrize(
    ("before", "after", "change", "affected"),
    [
        ({"card": "1"}, {"card": "1"}, "unchanged", False),
        ({"card": "1"}, {"card": "2"}, "edited", True),
        ({"card/a": "1"}, {"card/a": "2"}, "edited", True),
        ({}, {"card": "1"}, "recorded", True),
        ({"card": "1"}, {}, "unrecorded", True),
        ({}, {}, "unchanged", False),
    ],
    ids=["same", "file", "folder", "first", "gone", "never there"],
)
def test_a_model_that_only_git_tracks_changes_with_its_file(
    git_repo: GitRepo, before: dict[str, str], after: dict[str, str], change: str, affected: bool
) -> None:
    artifacts = {"card": {"path": "card", "type": "model"}}
    for files in (before, after):
        for path, text in files.items():
            git_repo.write(path, text)
        write_runs(git_repo, {"fit": FIT}, artifacts=artifacts)
        git_repo.commit()
        for path in files:
            git_repo.remove(path)
    report = compare_revisions(Request(git_repo.path, "HEAD~1", direct=True)).report
    models = {model.path: (model.change, model.affected) for model in report.models}
    assert models["card"] == (change, affected)


PREPARE = RecordedRun(outs={"table.csv": "u"}, cmd="prepare")
OLDER = TRAIN._replace(deps={"table.csv": "t", "train.py": CODE})
LATER = OLDER._replace(outs={"model.pkl": "n"})


@pytest.mark.parametrize(
    ("again", "cause"),
    [
        (LATER._replace(params={"lr": 2}), ("param", "params.yaml:lr", "modified", 1, 2)),
        (
            LATER._replace(deps={"table.csv": "u", "train.py": CODE}),
            ("data", "table.csv", "modified", version("t").hash, version("u").hash),
        ),
        (
            LATER._replace(deps={"table.csv": "t", "train.py": BETTER}),
            ("code", "train.py", "modified", version(CODE).hash, version(BETTER).hash),
        ),
    ],
    ids=["param", "data of a stage", "code"],
)
def test_what_a_run_caught_up_with_is_its_cause(
    git_repo: GitRepo, again: RecordedRun, cause: tuple[object, ...]
) -> None:
    """At the base, the stage had not run on what it has."""
    for train in (OLDER, again):
        write_runs(git_repo, {"prepare": PREPARE, "train": train})
        git_repo.write("params.yaml", f"lr: {again.params['lr']}\n")
        git_repo.write("train.py", CODE if again.deps["train.py"] == CODE else BETTER)
        git_repo.commit()
    (model,) = compare_revisions(Request(git_repo.path, "HEAD~1", direct=True)).report.models
    assert (model.change, model.stale_before) == ("retrained", True)
    (found,) = model.causes
    assert (found.kind, found.subject, found.change, found.old, found.new) == cause


@pytest.mark.parametrize(
    ("before", "after", "change"), [({}, RAN, "added"), (RAN, {}, "removed")], ids=["new", "gone"]
)
def test_a_stage_that_comes_or_goes_with_its_model(
    git_repo: GitRepo, before: dict[str, RecordedRun], after: dict[str, RecordedRun], change: str
) -> None:
    for runs in (before, after):
        git_repo.write("train.py", CODE)
        git_repo.write("metrics.json", GOOD)
        write_runs(git_repo, {"other": FIT, **runs})
        git_repo.commit()
    report = compare_revisions(Request(git_repo.path, "HEAD~1", direct=True)).report
    (model,) = report.models
    assert (model.path, model.change, model.affected) == ("model.pkl", change, True)
    sides = [side and side.hash for side in (model.old, model.new)]
    made = version("m").hash
    assert sides == ([None, made] if change == "added" else [made, None])
    (cause,) = model.causes
    assert (cause.kind, cause.subject, cause.change) == ("structure", "dvc.yaml:train", change)
    stages = {stage.name: stage.change for stage in report.stages}
    assert stages["dvc.yaml:train"] == change
    assert {data.path: data.change for data in report.data}["model.pkl"] == change
    nodes = {node.id: node.change for node in report.graph.nodes}
    assert (nodes["file:model.pkl"], nodes["stage:dvc.yaml:train"]) == (change, change)
