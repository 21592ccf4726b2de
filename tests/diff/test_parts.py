"""The smaller parts of a comparison: plots, unknowns, pipelines, cycles, rehashed data."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from lineage_diff.app.compare import Request, compare_revisions
from lineage_diff.diff.impact import NEAREST
from lineage_diff.diff.lineages import compare
from lineage_diff.lineage.evidence import CommitState
from lineage_diff.lineage.lineage import Pipeline, PlotSource
from lineage_diff.lineage.policy import Policy
from lineage_diff.lineage.stage import Stage
from lineage_diff.lineage.values import ValuesFile
from lineage_diff.lineage.version import Hash, Version
from lineage_diff.report.change import PipelineChange
from tests.support.git_repo import GitRepo
from tests.support.lineages import edited, stage, state, states, tracked
from tests.support.recorded_runs import RecordedRun, write_runs

POLICY = Policy()
TRAIN = stage("train", ("raw.csv",), ("model.pkl",))


def test_a_plot_whose_source_changed_is_listed_with_both_versions() -> None:
    def drawn(run: int) -> CommitState:
        made = stage("train", (), ("roc.csv", "loss.csv"), run)
        outs = (made.outs[0], replace(made.outs[1], locked=TRAIN.outs[0].locked))
        sources = tuple(PlotSource(path, "dvc.yaml") for path in ("loss.csv", "roc.csv"))
        return edited(state(replace(made, outs=outs)), plots=sources)

    (plot,) = compare(drawn(1), drawn(2), POLICY).plots
    assert plot.id == "roc.csv"
    assert plot.base is not None
    assert plot.head is not None
    assert (plot.base.size, plot.head.size) == (1, 2)


PIPELINES = {
    "added": ((), ("a", "b"), PipelineChange("dvc.yaml", 2, "added")),
    "removed": (("a", "b"), (), PipelineChange("dvc.yaml", 2, "removed")),
    "a stage more": (("a",), ("a", "b"), PipelineChange("dvc.yaml", 2, "modified")),
    "the same": (("a",), ("a",), PipelineChange("dvc.yaml", 1, "unchanged")),
}


@pytest.mark.parametrize("case", PIPELINES.values(), ids=PIPELINES)
def test_pipelines(case: tuple[tuple[str, ...], tuple[str, ...], PipelineChange]) -> None:
    before, after, expected = case
    base, head = (state(*(stage(name, (), (name,)) for name in side)) for side in (before, after))
    assert compare(base, head, POLICY).pipelines == (expected,)


def test_two_pipelines_change_on_their_own() -> None:
    other = replace(stage("rank", (), ("r",)), id="b/dvc.yaml:rank", file="b/dvc.yaml")
    pipelines = (
        Pipeline("b/dvc.yaml", ("b/dvc.yaml:rank",)),
        Pipeline("dvc.yaml", ("dvc.yaml:train",)),
    )
    base, head = (
        edited(state(TRAIN, item), pipelines=pipelines)
        for item in (other, replace(other, cmd="run it otherwise"))
    )
    found = compare(base, head, POLICY).pipelines
    assert [(item.path, item.change) for item in found] == [
        ("b/dvc.yaml", "modified"),
        ("dvc.yaml", "unchanged"),
    ]


FIT: dict[str, Any] = {
    "cmd": "fit",
    "deps": ["train.py", "raw.csv"],
    "params": ["lr", {"p.yaml": ["a", "b"]}],
    "outs": ["model.pkl", "more.bin"],
    "metrics": [{"m.json": {"cache": False}}],
    "plots": [{"roc.csv": {"cache": False}}],
}
RAN = RecordedRun({"train.py": "1"}, {"model.pkl": "m"}, {"m.json": "{}"}, {"lr": 1}, "fit")
UNCACHED = {"cache": False}


@pytest.mark.parametrize(
    ("edit", "run", "parts"),
    [
        ({"cmd": "fit --all"}, {}, ["cmd"]),
        ({"deps": ["train.py"]}, {}, ["deps"]),
        ({"deps": ["raw.csv", "train.py"]}, {}, []),
        ({"outs": ["model.pkl"]}, {}, ["outs"]),
        ({"outs": ["more.bin", "model.pkl"]}, {}, []),
        ({"outs": ["model.pkl", {"more.bin": {"persist": True}}]}, {}, ["outs"]),
        ({"outs": ["model.pkl", {"more.bin": {"push": False}}]}, {}, ["outs"]),
        ({"outs": ["model.pkl", {"more.bin": {"remote": "r"}}]}, {}, ["outs"]),
        ({"outs": ["model.pkl", {"more.bin": {"type": "model"}}]}, {}, ["outs"]),
        ({"outs": ["model.pkl", {"more.bin": {"desc": "d"}}]}, {}, ["outs"]),
        ({"outs": ["model.pkl", {"more.bin": {"labels": ["l"]}}]}, {}, ["outs"]),
        ({"outs": ["model.pkl", {"more.bin": UNCACHED}]}, {}, ["outs"]),
        ({"metrics": ["m.json"]}, {}, ["metrics"]),
        ({"metrics": [{"n.json": UNCACHED}]}, {}, ["metrics"]),
        ({"metrics": [], "outs": [*FIT["outs"], {"m.json": UNCACHED}]}, {}, ["metrics", "outs"]),
        ({"plots": ["roc.csv"]}, {}, ["plots"]),
        (
            {"plots": [], "metrics": [*FIT["metrics"], {"roc.csv": UNCACHED}]},
            {},
            ["metrics", "plots"],
        ),
        ({"params": ["lr", {"p.yaml": ["a"]}]}, {}, ["params"]),
        ({"params": [{"p.yaml": ["b", "a"]}, "lr"]}, {}, []),
        ({"params": ["lr", {"p.yaml": None}]}, {}, ["params"]),
        ({"frozen": True}, {}, ["frozen"]),
        ({"always_changed": True}, {}, ["always_changed"]),
        ({"desc": "d"}, {}, ["desc"]),
        ({}, {"deps": {"train.py": "2"}}, ["ran"]),
        ({}, {"outs": {"model.pkl": "n"}}, ["ran"]),
        ({}, {"params": {"lr": 2}}, ["ran"]),
        ({}, {"cmd": "fit again"}, ["ran"]),
        # What is no longer recorded is no run.
        ({}, {"deps": {}}, []),
        ({}, {"params": {}}, []),
        ({"cmd": "x"}, {"cmd": "x", "outs": {"model.pkl": "n"}}, ["cmd", "ran"]),
    ],
)
def test_the_changed_parts_of_a_stage(
    git_repo: GitRepo, edit: dict[str, Any], run: dict[str, Any], parts: list[str]
) -> None:
    for path in ("train.py", "raw.csv", "p.yaml", "roc.csv"):
        git_repo.write(path, "a: 1\n" if path == "p.yaml" else "1")
    for declared, ran in ((FIT, RAN), ({**FIT, **edit}, RAN._replace(**run))):
        write_runs(git_repo, {"train": ran}, stages={"train": declared})
        git_repo.commit()
    report = compare_revisions(Request(git_repo.path, "HEAD~1", direct=True)).report
    changed = {item.name: item.changed for item in report.stages}
    assert sorted(changed.get("dvc.yaml:train", ())) == parts


def test_metrics_that_git_does_not_hold_are_unknown() -> None:
    missing = {"metrics.json": ValuesFile("metrics.json", None, "cached")}
    head = edited(state(TRAIN), metrics=missing)
    found = compare(state(TRAIN), head, POLICY).unknowns
    assert [item.subject for item in found] == ["metrics.json"]


def ring(run: int) -> tuple[Stage, ...]:
    return (
        stage("a", ("c.bin", "raw.csv"), ("a.bin",), run),
        stage("b", ("a.bin",), ("b.bin",), run),
        stage("c", ("b.bin",), ("c.bin",), run),
        stage("train", ("c.bin",), ("model.pkl",), run),
    )


def test_a_cyclic_lineage_is_compared() -> None:
    change = compare(
        state(*ring(1), tracked("raw.csv", 1)), state(*ring(1), tracked("raw.csv", 2)), POLICY
    )
    (model,) = change.models
    assert model.affected
    assert [cause.subject for cause in model.causes] == ["raw.csv"]


def test_another_name_of_the_hash_alone_is_rehashed() -> None:
    def hashed(algorithm: str) -> CommitState:
        data = tracked("raw.csv", 1)
        locked = Version(Hash(algorithm, f"{1:032x}"), 1)
        return state(replace(data, outs=(replace(data.outs[0], locked=locked),)), TRAIN)

    change = compare(hashed("md5-dos2unix"), hashed("md5"), POLICY)
    assert [(item.path, item.change) for item in change.data] == [("raw.csv", "rehashed")]
    assert not any(model.affected for model in change.models)


def test_causes_that_are_not_listed_are_counted() -> None:
    scripts = [f"src/s{number:02}.py" for number in range(NEAREST + 5)]
    train = stage("train", tuple(scripts), ("model.pkl",))
    base, head = (state(train, code=dict.fromkeys(scripts, version)) for version in (1, 2))
    (model,) = compare(base, head, POLICY).models
    assert (len(model.causes), model.omitted_causes) == (NEAREST, 5)


@given(states(), states(), st.integers(4, 9))
@settings(deadline=None, max_examples=60)
def test_other_data_and_params_never_reach_fewer_models(
    one: CommitState, two: CommitState, number: int
) -> None:
    def affected(head: CommitState) -> set[str]:
        return {model.path for model in compare(one, head, POLICY).models if model.affected}

    stages = tuple(
        tracked("raw.csv", number) if item.is_dvcfile else item for item in two.lineage.stages
    )
    values = {"params.yaml": ValuesFile("params.yaml", {"a": number})}
    before = affected(two)
    assert before <= affected(edited(two, stages=stages))
    assert before <= affected(edited(two, params=values))
