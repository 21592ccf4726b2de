"""Reports of audits that hold a text wherever a repository decides what stands there."""

from msgspec.structs import replace

from lineage_diff.lineage.history import CommitInfo, Unreadable
from lineage_diff.lineage.registry import RegistryVersion
from lineage_diff.report.answers import (
    Fix,
    History,
    HistoryStep,
    Impact,
    ImpactedModel,
    Input,
    MadeFrom,
    MetricValue,
    ParamUsed,
    RecordedFile,
    Retrained,
    RunStep,
    Trace,
)
from lineage_diff.report.audit_report import AuditReport
from lineage_diff.report.change import Side, Unknown
from lineage_diff.report.findings import Verdict
from lineage_diff.report.mlflow import LinkedRun, LoggedDataset, MetricDisagreement
from lineage_diff.report.reasons import Cause, Reason
from lineage_diff.report.report import Repository, Revision, Tool

HOSTILE = (
    "<script>alert(1)</script>",
    "a|b\n\n# heading",
    "@everyone #1 https://example.com/x",
    "[link](https://example.com) ![x](https://example.com/x.png)",
    "=HYPERLINK(1)",
    "[bold red]x[/]\x1b[31m\u202e",
    "`` ` ``",
    "javascript:alert(1)",
    "\"' onmouseover=alert(1) x='\"",
    "</title></style></script><img src=x onerror=alert(1)>",
    "\u05e9\u05dc\u05d5\u05dd \u202emodel",
)


def report_of(text: str) -> AuditReport:
    """Return a report with a text wherever a repository decides what stands there."""
    commit = CommitInfo("1" * 40, text, "2026-01-02T03:04:05+02:00", text, 7)
    registered = (RegistryVersion(text, text, text, "2" * 40, (text,), active=False),)
    version = Side("md5:" + "3" * 32, 1000, 3)
    recorded = RecordedFile(text, version)
    metric = MetricValue(text, text, text)
    cause = Cause("param", text, "modified", text, [text], (text, text))
    trace = Trace(
        path=text,
        name=text,
        commit="1" * 40,
        stage=text,
        identified_by="artifact",
        version=version,
        made=commit,
        freshness="stale",
        freshness_then="unknown",
        reasons=(Reason("dep-changed", text, text, text, text, text),),
        runs=(
            RunStep(text, [text, text], (recorded,), (recorded,), commit),
            RunStep(text, text, (), (), None),
        ),
        inputs=(Input("import", text, version, None, text, text, (text,)),),
        params=(ParamUsed(text, text, text, commit),),
        metrics=(metric,),
        registered=registered,
    )
    step = HistoryStep(
        commit, text, "moved", text, version, version, (cause,), (metric,), registered, text, text
    )
    made = MadeFrom(version, commit, None, (text,), registered)
    return AuditReport(
        tool=Tool("lineage-diff", "1"),
        repository=Repository(None),
        revision=Revision(text, "1" * 40),
        complete=False,
        traces=(trace,),
        histories=(
            History(text, None, (step, replace(step, commit=None, beside=True))),
            History(text, text, (step,)),
        ),
        impacts=(Impact(text, text, (text,), (ImpactedModel(text, text, (made,), commit),)),),
        fixes=(Fix(text, commit, (Retrained(text, text, "yes", commit),), True, (commit,)),),
        unreadable=(Unreadable("1" * 40, text, text),),
        unknowns=(Unknown(text, text),),
        verdict=Verdict("failure", 1, 0),
        runs=(
            LinkedRun(
                text,
                "1" * 40,
                text,
                text,
                text,
                (text,),
                (text,),
                (LoggedDataset(text, text, text, text),),
            ),
            LinkedRun(text, "1" * 40, text, text, text, (), (text,)),
        ),
        metric_disagreements=(MetricDisagreement(text, text, text, 0.5, 0.6),),
        registry=registered,
    )


def _run(stage: str, deps: tuple[str, ...], out: str, commit: CommitInfo) -> RunStep:
    read = tuple(RecordedFile(path, Side(f"md5:{number}")) for number, path in enumerate(deps))
    command = stage.rpartition(":")[2].partition("-")[0]
    return RunStep(stage, command, read, (RecordedFile(out, Side("md5:9")),), commit)


def two_models(versions: int = 3) -> AuditReport:
    """Return an audit of two models that share a stage and data, one of them stale."""
    return many_models(2, versions)


def many_models(models: int, versions: int) -> AuditReport:
    """Return an audit of models `models/0.pkl` …, each made by a stage of its own from what one
    stage prepared; every second one is stale. The accuracy grows by 0.001 a version."""
    commits = [
        CommitInfo(f"{number:07x}" + "0" * 33, "Ada", "2026-01-02T00:00:00Z", f"Change {number}")
        for number in range(versions)
    ]
    traces, histories = [], []
    for number in range(models):
        path, stage = f"models/{number}.pkl", f"dvc.yaml:train-{number}"
        trace = Trace(
            path=path,
            name=f"model-{number}",
            commit=commits[-1].id,
            stage=stage,
            identified_by="artifact",
            version=Side(f"md5:{number:032x}", 1000),
            made=commits[-1],
            freshness="fresh" if number % 2 else "stale",
            runs=(
                _run(stage, ("data/clean", f"src/{number}.py"), path, commits[-1]),
                _run("dvc.yaml:prepare", ("raw.csv",), "data/clean", commits[0]),
            ),
            inputs=(
                Input("code", f"src/{number}.py", Side("md5:1"), commits[0], via=(stage,)),
                Input(
                    "data", "raw.csv", Side("md5:2"), commits[0], via=("dvc.yaml:prepare", stage)
                ),
            ),
            params=(ParamUsed(f"params.yaml:rate-{number}", number, stage, commits[0]),),
        )
        steps = [
            HistoryStep(
                commit,
                path,
                "retrained" if at else "added",
                stage,
                Side(None),
                Side(f"md5:{at:032x}", 1000),
                metrics=(MetricValue("metrics.json", "accuracy", round(0.5 + at / 1000, 3)),),
            )
            for at, commit in enumerate(commits)
        ]
        traces.append(trace)
        histories.append(History(path, None, tuple(reversed(steps))))
    return AuditReport(
        tool=Tool("lineage-diff", "1"),
        repository=Repository("team/models"),
        revision=Revision("HEAD", commits[-1].id),
        verdict=Verdict("failure", models // 2, 0),
        traces=tuple(traces),
        histories=tuple(histories),
    )
