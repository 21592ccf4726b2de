"""Reports of many models: what a matrix, many pipelines, and much that is stale or unknown give."""

from typing import Any

from msgspec.structs import replace

from lineage_diff.report.change import (
    MetricNote,
    ModelChange,
    ModelMetric,
    PipelineChange,
    ReproAdvice,
    Side,
    StageChange,
    Unknown,
)
from lineage_diff.report.findings import Finding, Verdict
from lineage_diff.report.graph import Graph, Node
from lineage_diff.report.reasons import Cause, KeyChange, Reason
from lineage_diff.report.report import Report
from tests.support.reports import COMMIT, digest, edge, empty, model

DATASETS = ("bsds300", "gas", "hepmass", "miniboone", "power")
FLOWS = ("coupling_flow", "masked_flow", "normal")


def five() -> Report:
    """Five models, retrained by one param; one got worse."""
    models = tuple(
        _trained(f"models/{name}.pkl", f"dvc.yaml:{name}", n)
        for n, name in enumerate(("churn", "fraud", "rank", "spam", "topic"))
    )
    return _report(models)


def matrix() -> Report:
    """45 models of three entries of a matrix, added and stale, each on data of its own."""
    sizes = {"train-benchmark": 10, "train-sim": 32, "train-tabular": 3}
    models = tuple(
        _added(
            f"results/{entry.removeprefix('train-')}/{DATASETS[n % 5]}/{FLOWS[n % 3]}_{n:02}",
            f"exp/dvc.yaml:{entry}@{n:02}",
            n,
        )
        for entry, size in sizes.items()
        for n in range(size)
    )
    return _report(models, pipelines=("exp/dvc.yaml",))


def pipelines() -> Report:
    """500 models in 20 pipelines, retrained by one edited file; one got worse."""
    models = tuple(
        replace(
            _trained(f"p{n % 20:02}/models/{n:03}.pkl", f"p{n % 20:02}/dvc.yaml:train-{n:03}", n),
            metrics=_metrics(0.9, 0.8 if n == 77 else 0.91),
        )
        for n in range(500)
    )
    return _report(models, pipelines=tuple(f"p{n:02}/dvc.yaml" for n in range(20)))


def stale_before() -> Report:
    """Everything was stale before this change, which changes nothing."""
    return _report(
        tuple(
            model(
                f"models/m{n:02}.pkl",
                stage=f"dvc.yaml:train@m{n:02}",
                freshness="stale",
                stale_before=True,
            )
            for n in range(12)
        )
    )


def unknowns() -> Report:
    """Nothing is known: no lock records what the models are made from."""
    models = tuple(
        model(
            f"models/m{n:02}.pkl",
            stage=f"dvc.yaml:train@m{n:02}",
            freshness="unknown",
            affected=True,
            causes=(_CODE,),
        )
        for n in range(12)
    )
    report = _report(models)
    return replace(
        report,
        unknowns=tuple(Unknown(f"out/m{n:02}/data.bin", "Git ignores it") for n in range(12)),
        metric_notes=tuple(
            MetricNote(f"out/m{n:02}/metrics.json", None, "unknown", "kept in DVC's cache")
            for n in range(12)
        ),
    )


_CODE = Cause("code", "src/train.py", "modified", "git:1", "git:2", commits=(COMMIT,))


def _trained(path: str, stage: str, place: int) -> ModelChange:
    worse = place == 1
    return model(
        path,
        stage=stage,
        pipeline=stage.rpartition(":")[0],
        change="retrained",
        affected=True,
        new=Side(digest("2"), 11),
        causes=(_CODE,),
        metrics=_metrics(0.9, 0.86 if worse else 0.91 + place / 1_000),
    )


def _added(folder: str, stage: str, place: int) -> ModelChange:
    causes = (
        Cause("structure", stage, "added", commits=(COMMIT,), via=(stage,)),
        Cause(
            "data",
            f"datasets/{DATASETS[place % 5]}.npy",
            "added",
            size_new=1_000_000 + place,
            via=(stage,),
        ),
    )
    own = Cause("param", "exp/params.yaml:gas.batch_size", "modified", 256, 512, (stage,))
    return model(
        f"{folder}/model.h5",
        stage=stage,
        pipeline="exp/dvc.yaml",
        change="added",
        freshness="stale",
        affected=True,
        old=None,
        stale_before=False,
        causes=(*causes, own) if "benchmark/gas/coupling" in folder else causes,
    )


def _metrics(old: float, new: float) -> tuple[ModelMetric, ...]:
    return (ModelMetric("m.json", "accuracy", old, new, new - old, better=new > old),)


def _report(models: tuple[ModelChange, ...], pipelines: tuple[str, ...] = ("dvc.yaml",)) -> Report:
    stale = [item for item in models if item.freshness == "stale" and not item.stale_before]
    worse = sum(metric.better is False for item in models for metric in item.metrics)
    return empty(
        pipelines=tuple(PipelineChange(path, 1, "modified") for path in pipelines),
        models=models,
        stages=tuple(map(_stage, models)),
        findings=tuple(map(_finding, stale)),
        graph=_graph(models),
        repro=ReproAdvice(tuple(sorted({str(item.stage).partition("@")[0] for item in stale}))),
        metric_notes=tuple(MetricNote("m.json", f"accuracy{n}", "worse") for n in range(worse)),
        verdict=Verdict("failure" if stale else "success", len(stale), worse),
    )


def _stage(item: ModelChange) -> StageChange:
    never = Reason("never-run", str(item.stage))
    unknown = tuple(
        Reason("out-unknown", f"out/{n}.bin", detail="Git ignores it") for n in range(6)
    )
    reasons = {"stale": (*unknown, never), "unknown": unknown, "fresh": ()}[item.freshness]
    change: Any = {"added": "added", "retrained": "modified"}.get(item.change, "unchanged")
    return StageChange(
        str(item.stage),
        str(item.pipeline),
        change,
        (),
        item.freshness,
        reasons,
        stale_before=item.stale_before,
    )


def _finding(item: ModelChange) -> Finding:
    return Finding(
        "stale-model",
        "error",
        item.path,
        f"`{item.path}` is stale: the lock file has no entry for `{item.stage}`",
        f"Run `dvc repro {item.stage}` and commit the lock file.",
        item.pipeline,
        3,
    )


def _graph(models: tuple[ModelChange, ...]) -> Graph:
    nodes: dict[str, Node] = {}
    edges = set()
    for item in models:
        group = str(item.stage).partition("@")[0] if "@" in str(item.stage) else None
        stage, made = f"stage:{item.stage}", f"file:{item.path}"
        change: Any = {"added": "added", "retrained": "modified"}.get(item.change, "affected")
        label = str(item.stage).rpartition(":")[2]
        nodes[stage] = Node(stage, "stage", label, change, item.freshness, item.pipeline, group)
        nodes[made] = Node(made, "model", item.path, change, item.freshness, item.pipeline, group)
        edges.add((stage, made))
        for cause in item.causes:
            if cause.kind in ("code", "data"):
                key = f"file:{cause.subject}"
                nodes[key] = Node(key, cause.kind, cause.subject, cause.change)
                edges.add((key, stage))
    return Graph(
        tuple(nodes[key] for key in sorted(nodes)),
        tuple(edge(*pair) for pair in sorted(edges)),
    )


def one_of_forty() -> Report:
    """One key of a mapping of forty changed, and the model was not trained again."""
    stage = "dvc.yaml:train"
    cause = Cause("param", "params.yaml:model.p30", "modified", 30, 31, (stage,))
    reason = Reason(
        "param-changed",
        "params.yaml:model",
        {f"p{n}": n + (n == 30) for n in range(10, 50)},
        {f"p{n}": n for n in range(10, 50)},
        file="params.yaml",
        line=22,
        keys=(KeyChange("params.yaml:model.p30", "modified", 30, 31),),
    )
    stale = model(
        "model.pkl", freshness="stale", affected=True, stale_before=False, causes=(cause,)
    )
    report = _report((stale,))
    return replace(
        report,
        stages=(StageChange(stage, "dvc.yaml", "unchanged", (), "stale", (reason,)),),
        params={"params.yaml": {"model.p30": {"old": 30, "new": 31, "diff": 1}}},
    )


def broken_beside_good() -> Report:
    """One pipeline cannot be read; the models of the others are what they were."""
    good = five()
    lost = model(
        "broken/model.pkl",
        stage="broken/dvc.yaml:train",
        pipeline="broken/dvc.yaml",
        freshness="unknown",
        affected=True,
    )
    fault = "broken/dvc.yaml:7: not valid YAML"
    reason = Reason("unreadable", "broken/dvc.yaml:train", detail=fault)
    stage = StageChange("broken/dvc.yaml:train", "broken/dvc.yaml", "unchanged", (), "unknown")
    return replace(
        good,
        models=(lost, *good.models),
        stages=(replace(stage, reasons=(reason,)), *good.stages),
        unknowns=(Unknown("broken/dvc.yaml", fault),),
    )


MANY = {
    "one-param-of-forty": one_of_forty,
    "broken-pipeline-beside-good": broken_beside_good,
    "five-models": five,
    "45-matrix-models": matrix,
    "500-models-in-20-pipelines": pipelines,
    "all-stale-before": stale_before,
    "nothing-but-unknowns": unknowns,
}
