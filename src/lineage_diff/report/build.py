"""A change and what was judged of it, put together as a Report."""

from typing import Literal

from lineage_diff.compare.change import Change
from lineage_diff.compare.mlflow_runs import NO_RUNS, LinkedRuns
from lineage_diff.judge.finding import Finding, Verdict
from lineage_diff.lineage.drawing import Drawing
from lineage_diff.report.provenance import Repository, Revision, Tool
from lineage_diff.report.report import Report


def build_report(
    change: Change,
    findings: tuple[Finding, ...],
    verdict: Verdict,
    *,
    version: str,
    repository: str | None,
    base: Revision,
    head: Revision,
    comparison: Literal["merge-base", "direct"],
    drawings: tuple[Drawing, ...] = (),
    linked: LinkedRuns = NO_RUNS,
) -> Report:
    """Return the report; `version` is the tool's, `repository` is `owner/name` or `None`."""
    return Report(
        tool=Tool("lineage-diff", version),
        repository=Repository(repository),
        base=base,
        head=head,
        comparison=comparison,
        verdict=verdict,
        pipelines=change.pipelines,
        models=change.models,
        stages=change.stages,
        data=change.data,
        params=change.params,
        metrics=change.metrics,
        metric_notes=change.metric_notes,
        metric_moves=change.metric_moves,
        plots=change.plots,
        drawings=drawings,
        runs=linked.runs,
        metric_disagreements=linked.disagreements,
        findings=findings,
        graph=change.graph,
        unknowns=(*change.unknowns, *linked.unknowns),
    )
