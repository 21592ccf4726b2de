"""Sample reports: small, stale, nothing changed, hostile names, huge."""

import json
from functools import cache
from typing import Any, Literal

from msgspec.structs import replace

from lineage_diff.report.change import (
    DataChange,
    LeftOut,
    MetricAttribution,
    MetricNote,
    ModelCard,
    ModelChange,
    ModelMetric,
    PipelineChange,
    PlotChange,
    ReproAdvice,
    Side,
    StageChange,
    Unknown,
)
from lineage_diff.report.findings import Finding, Verdict
from lineage_diff.report.graph import Edge, Graph, Node
from lineage_diff.report.plots import Drawing, PlotImage, PlotLine
from lineage_diff.report.reasons import Cause, Reason
from lineage_diff.report.report import Report, Repository, Revision, Tool, encode_report

BASE = Revision("main", "a1b2c3d4e5f60718293a4b5c6d7e8f9001122334")
HEAD = Revision("more-data", "d4e5f6a7b8c9d0e1f2030405060708090a0b0c0d")
COMMIT = "3f2c1aa0b1c2d3e4f5061728394a5b6c7d8e9f00"


def empty(**values: Any) -> Report:
    """A report of nothing, with what is given."""
    return replace(
        Report(
            tool=Tool("lineage-diff", "0.1.0"),
            repository=Repository("example/models"),
            base=BASE,
            head=HEAD,
            comparison="merge-base",
            verdict=Verdict("success", 0, 0),
        ),
        **values,
    )


def digest(char: str) -> str:
    return f"md5:{char * 32}"


def edge(source: str, target: str) -> Edge:
    return {"from": source, "to": target}


def model(path: str, **values: Any) -> ModelChange:
    return replace(
        ModelChange(
            path=path,
            name=None,
            stage="dvc.yaml:train",
            pipeline="dvc.yaml",
            identified_by="convention",
            change="unchanged",
            freshness="fresh",
            affected=False,
            old=Side(digest("1"), 10),
            new=Side(digest("1"), 10),
        ),
        **values,
    )


def nothing_changed() -> Report:
    return empty(
        pipelines=(PipelineChange("dvc.yaml", 2, "unchanged"),),
        models=(model("model.pkl"),),
        stages=(
            StageChange("dvc.yaml:prepare", "dvc.yaml", "unchanged", freshness="fresh"),
            StageChange("dvc.yaml:train", "dvc.yaml", "unchanged", freshness="fresh"),
        ),
    )


CHURN = model(
    "models/churn.pkl",
    name="churn",
    change="retrained",
    affected=True,
    new=Side(digest("2"), 11),
    causes=(
        Cause(
            "data",
            "data/raw.csv",
            "modified",
            digest("2"),
            digest("9"),
            ("dvc.yaml:prepare", "dvc.yaml:featurize", "dvc.yaml:train"),
            (COMMIT,),
            14_400_000,
            20_100_000,
        ),
        Cause("param", "params.yaml:train.epochs", "modified", 10, 20, ("dvc.yaml:train",)),
    ),
    metrics=(
        ModelMetric("metrics.json", "accuracy", 0.912, 0.897, -0.015, better=False),
        ModelMetric("metrics.json", "auc", 0.941, 0.943, 0.002, better=True),
    ),
)
RANKER = model(
    "ranking/model.onnx",
    name="ranker",
    stage="ranking/dvc.yaml:rank",
    pipeline="ranking/dvc.yaml",
    freshness="stale",
    affected=True,
    stale_before=False,
    causes=(
        Cause(
            "code",
            "ranking/features.py",
            "modified",
            "git:41c0",
            "git:9b1d",
            ("ranking/dvc.yaml:rank",),
            (COMMIT,),
        ),
    ),
)


COLUMNS = ("rev", "filename", "field", "step", "loss")


def curve(plot_id: str, **values: Any) -> Drawing:
    """A loss before and after; the run after went on for longer."""
    points = {"before": (1.0, 0.6, 0.4, 0.3), "after": (1.0, 0.5, 0.3, 0.2, 0.15)}
    return replace(
        Drawing(
            plot_id,
            "vega",
            (plot_id,),
            title=plot_id,
            template="linear",
            x="step",
            y="loss",
            x_label="step",
            y_label="loss",
            lines=(PlotLine(plot_id, "loss"),),
            columns=COLUMNS,
            rows=tuple(
                (side, plot_id, "loss", step, loss)
                for side, losses in points.items()
                for step, loss in enumerate(losses)
            ),
        ),
        **values,
    )


def small() -> Report:
    """What a team's everyday pull request does: one model retrained, a regression."""
    return empty(
        pipelines=(PipelineChange("dvc.yaml", 4, "modified"),),
        models=(CHURN,),
        stages=(
            StageChange("dvc.yaml:evaluate", "dvc.yaml", "added", freshness="fresh"),
            StageChange("dvc.yaml:featurize", "dvc.yaml", "modified", ("deps", "outs"), "fresh"),
            StageChange("dvc.yaml:prepare", "dvc.yaml", "unchanged", freshness="fresh"),
            StageChange("dvc.yaml:train", "dvc.yaml", "modified", ("params",), "fresh"),
        ),
        data=(
            DataChange(
                "data/holdout", "added", None, Side("md5:" + "5e77b04" * 4, 3_100_000, 214), "dvc"
            ),
            DataChange(
                "data/raw.csv",
                "modified",
                Side("md5:22a1a29" + "0" * 25, 14_400_000),
                Side("md5:9f0c3e1" + "0" * 25, 20_100_000),
                "dvc",
            ),
        ),
        params={
            "params.yaml": {
                "train.epochs": {"old": 10, "new": 20, "diff": 10},
                "train.loss": {"old": "hinge", "new": "log"},
            }
        },
        metrics={
            "metrics.json": {
                "accuracy": {"old": 0.912, "new": 0.897, "diff": -0.015},
                "auc": {"old": 0.941, "new": 0.943, "diff": 0.002},
                "f1": {"old": 0.88, "new": None},
            }
        },
        metric_notes=(
            MetricNote("metrics.json", "accuracy", "worse"),
            MetricNote("metrics.json", "auc", "better"),
            MetricNote("metrics.json", "f1", "missing", "the file no longer has it"),
        ),
        metric_causes=(
            MetricAttribution(
                "metrics.json",
                "dvc.yaml:evaluate",
                ("models/churn.pkl",),
                "caused",
                CHURN.causes,
                inputs=5,
                known=5,
            ),
        ),
        plots=(
            PlotChange("plots/loss.csv", Side(digest("a"), 2_000), Side(digest("b"), 2_100)),
            PlotChange("plots/roc.csv", None, Side(digest("c"), 1_000)),
        ),
        drawings=(curve("plots/loss.csv"),),
        findings=(
            Finding(
                "metric-regressed",
                "error",
                "metrics.json:accuracy",
                "`accuracy` fell from 0.912 to 0.897",
                "Look at what changed above, or set a tolerance for `accuracy`.",
                "metrics.json",
            ),
        ),
        graph=Graph(
            nodes=(
                Node("data/raw.csv", "data", "data/raw.csv", "modified"),
                Node("dvc.yaml:featurize", "stage", "featurize", "modified", "fresh", "dvc.yaml"),
                Node("dvc.yaml:prepare", "stage", "prepare", "affected", "fresh", "dvc.yaml"),
                Node("dvc.yaml:train", "stage", "train", "modified", "fresh", "dvc.yaml"),
                Node("models/churn.pkl", "model", "models/churn.pkl", "modified", "fresh"),
            ),
            edges=(
                edge("data/raw.csv", "dvc.yaml:prepare"),
                edge("dvc.yaml:featurize", "dvc.yaml:train"),
                edge("dvc.yaml:prepare", "dvc.yaml:featurize"),
                edge("dvc.yaml:train", "models/churn.pkl"),
            ),
        ),
        verdict=Verdict("failure", 1, 0),
    )


def stale() -> Report:
    """The example of the documentation: one retrained, one stale, and things not known."""
    report = small()
    return replace(
        report,
        pipelines=(*report.pipelines, PipelineChange("ranking/dvc.yaml", 1, "unchanged")),
        repro=ReproAdvice(("ranking/dvc.yaml:rank",), all_pipelines=True),
        models=(CHURN, RANKER, model("other.pkl")),
        stages=(
            *report.stages,
            StageChange(
                "ranking/dvc.yaml:rank",
                "ranking/dvc.yaml",
                "unchanged",
                (),
                "stale",
                (
                    Reason(
                        "dep-changed",
                        "ranking/features.py",
                        "md5:9b1d" + "0" * 28,
                        "md5:41c0" + "0" * 28,
                        file="ranking/dvc.lock",
                        line=14,
                    ),
                ),
                stale_before=False,
            ),
        ),
        findings=(
            Finding(
                "stale-model",
                "error",
                "ranking/model.onnx",
                "`ranking/features.py` is `9b1d…` in this commit, but `rank` last ran on `41c0…`",
                "Run `dvc repro ranking/dvc.yaml:rank` and commit `ranking/dvc.lock`.",
                "ranking/dvc.lock",
                14,
            ),
            *report.findings,
            Finding(
                "undeclared-dependency",
                "warning",
                "dvc.yaml:train",
                "`src/train.py` imports `src/losses.py`, which is in no `deps` of `train`",
                "Add `src/losses.py` to the `deps` of `train`.",
                "dvc.yaml",
                9,
            ),
        ),
        graph=Graph(
            nodes=(
                *report.graph.nodes,
                Node(
                    "ranking/dvc.yaml:rank",
                    "stage",
                    "rank",
                    "affected",
                    "stale",
                    "ranking/dvc.yaml",
                ),
                Node("ranking/features.py", "code", "ranking/features.py", "modified"),
                Node("ranking/model.onnx", "model", "ranking/model.onnx", "affected", "stale"),
            ),
            edges=(
                *report.graph.edges,
                edge("ranking/dvc.yaml:rank", "ranking/model.onnx"),
                edge("ranking/features.py", "ranking/dvc.yaml:rank"),
            ),
        ),
        unknowns=(Unknown("reports/scores.json", "kept in the cache of DVC, so not in Git"),),
        verdict=Verdict("failure", 2, 1),
    )


_WHY: tuple[Any, ...] = ("no-outs", "no-model")
_BY: tuple[Literal["caused", "unexplained", "unknown"], ...] = ("caused", "unexplained", "unknown")
HOSTILE = (
    "a|b",
    "`x`",
    "``",
    "<img src=x onerror=alert(1)>",
    "</details></table><script>x</script>",
    "@octocat",
    "org/repo#1",
    "#1",
    "GH-12",
    "https://evil.example/a?b=c",
    "www.evil.example",
    "a@b.example",
    "javascript:alert(1)",
    "[a](javascript:x)",
    "![a](https://evil.example/i.png)",
    COMMIT,
    "one\ntwo\n\n# three",
    "\u202etxt.exe",
    "\x1b[31mred\x1b[0m",
    " lead and trail ",
    "a\\",
    ":tada:",
    "$x^2$",
    "[bold red]x[/bold red]",
    "[/]",
    "{{ 7 * 7 }}",
    "|---|",
    "-->",
    "\udcff",
)


def _hostile_drawings(name: str) -> tuple[Drawing, ...]:
    odd = curve(f"0 {name}", title=name, x_label=name, y_label=name)
    rows = tuple((side, file, name, *rest) for side, file, _, *rest in odd.rows)
    return (
        replace(odd, lines=(PlotLine(name, name),), rows=rows),
        curve(f"1 {name}", template=name, content={name: "<DVC_METRIC_DATA>"}),
        curve(f"2 {name}", unknown=name),
        Drawing(f"3 {name}", "image", (name,), images=(PlotImage("after", name, b"x"),)),
    )


def hostile() -> Report:
    """Every text that comes from a repository tries to be more than text."""
    finding: Literal["warning"] = "warning"
    graph = Graph(
        nodes=tuple(Node(name, "data", name, "modified") for name in sorted(HOSTILE)),
        edges=(edge(HOSTILE[0], HOSTILE[1]),),
    )
    return empty(
        repository=Repository("@octocat/#1"),
        head=Revision("`@octocat`", HEAD.commit),
        base=Revision("<b>@octocat</b> #1", BASE.commit),
        pipelines=tuple(PipelineChange(name, 1, "added") for name in HOSTILE),
        models=tuple(
            model(
                name,
                name=name,
                stage=name,
                freshness="stale",
                affected=True,
                causes=(
                    Cause("code", name, "modified", commits=(name,), via=(name,)),
                    Cause("param", name, "modified", name, [name]),
                    Cause("data", name, "modified", name, f"{name}2"),
                    Cause("import", name, "added", None, name),
                ),
                metrics=(ModelMetric(name, name, name, 0.5, None, False),),
            )
            for name in HOSTILE
        ),
        stages=tuple(
            StageChange(
                name,
                name,
                "renamed",
                (name,),
                "stale",
                (Reason("dep-unknown", name, detail=name),),
                renamed_from=name,
            )
            for name in HOSTILE
        ),
        repro=ReproAdvice(
            HOSTILE[:3], tuple(LeftOut(name, why) for name in HOSTILE for why in _WHY)
        ),
        data=tuple(
            DataChange(name, "renamed", Side(name, 1), Side(f"{name}2", 2, 3), "dvc", name)
            for name in HOSTILE
        ),
        params={name: {name: {"old": name, "new": {name: name}}} for name in HOSTILE},
        metrics={name: {name: {"old": name, "new": None}} for name in HOSTILE},
        metric_notes=tuple(MetricNote(name, name, "missing", name) for name in HOSTILE),
        metric_causes=tuple(
            MetricAttribution(
                name, name, (name,), by, (Cause("code", name, "modified"),), roots=(name,)
            )
            for name in HOSTILE
            for by in _BY
        ),
        plots=tuple(PlotChange(name, Side(name), Side(f"{name}2")) for name in HOSTILE),
        cards=tuple(
            ModelCard(
                name, name, name, (name,), (name,), (name,), name, name, (name,), (f"{name}!",)
            )
            for name in HOSTILE
        ),
        drawings=tuple(drawing for name in HOSTILE for drawing in _hostile_drawings(name)),
        findings=tuple(Finding(name, finding, name, name, name, name, 1) for name in HOSTILE),
        graph=graph,
        unknowns=tuple(Unknown(name, name) for name in HOSTILE),
        verdict=Verdict("success", 0, len(HOSTILE)),
    )


@cache
def huge(count: int = 10_000) -> Report:
    """A monorepo where everything changed; the same object each time."""
    report = stale()
    numbers = range(count)
    return replace(
        report,
        models=tuple(
            replace(
                RANKER,
                path=f"models/{n:05}/model.onnx",
                name=f"model-{n:05}",
                stage=f"models/{n:05}/dvc.yaml:rank",
            )
            for n in numbers
        ),
        stages=tuple(
            replace(report.stages[-1], name=f"models/{n:05}/dvc.yaml:rank") for n in numbers
        ),
        repro=ReproAdvice(
            tuple(f"models/{n:05}/dvc.yaml:rank" for n in numbers), all_pipelines=True
        ),
        data=tuple(replace(report.data[1], path=f"data/{n:05}/raw.csv") for n in numbers),
        params={"params.yaml": {f"p{n:05}": {"old": n, "new": n + 1} for n in numbers}},
        findings=tuple(
            replace(report.findings[0], file=f"models/{n:05}/dvc.lock") for n in numbers
        ),
        unknowns=tuple(Unknown(f"x{n:05}", "not in Git") for n in numbers),
        verdict=Verdict("failure", count, 0),
    )


REPORTS = {
    "nothing-changed": nothing_changed,
    "small": small,
    "stale": stale,
    "hostile": hostile,
}


def chained(count: int) -> dict[str, Any]:
    """Return a report as JSON of a chain of so many stages, which no commit can make."""
    report: dict[str, Any] = json.loads(encode_report(stale()))
    report["graph"]["nodes"] = [
        report["graph"]["nodes"][0] | {"id": f"stage:p:s{number:06}", "label": f"s{number}"}
        for number in range(count)
    ]
    report["graph"]["edges"] = [
        {"from": f"stage:p:s{number:06}", "to": f"stage:p:s{number + 1:06}"}
        for number in range(count - 1)
    ]
    stage = next(stage for stage in report["stages"] if stage["reasons"])
    reason = stage["reasons"][0] | {"kind": "outdated-by"}
    report["stages"] = [
        stage | {"name": f"p:s{n}", "reasons": [reason | {"subject": f"p:s{n + 1}"}]}
        for n in range(20_000)
    ]
    model = next(model for model in report["models"] if model["freshness"] == "stale")
    report["models"] = [model | {"path": f"m{n}", "stage": "p:s0"} for n in range(1_000)]
    return report
