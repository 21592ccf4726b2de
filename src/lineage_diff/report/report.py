"""The report, schema version 1: the waist between what computes and what shows."""

from dataclasses import dataclass, field
from typing import Literal

from lineage_diff.compare.change import (
    DataChange,
    MetricMove,
    MetricNote,
    ModelChange,
    PipelineChange,
    PlotChange,
    StageChange,
)
from lineage_diff.compare.changed_graph import Graph
from lineage_diff.compare.mlflow_metrics import MetricDisagreement
from lineage_diff.compare.mlflow_runs import LinkedRun
from lineage_diff.compare.unknown import Unknown
from lineage_diff.compare.value_change import ValueChanges
from lineage_diff.judge.finding import Finding, Verdict
from lineage_diff.lineage.drawing import Drawing
from lineage_diff.report.provenance import Repository, Revision, Tool


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Every key is always present; lists are sorted; unknown is `None`, its reason in `unknowns`.

    `metrics` and `params` have the shape and the values of `dvc metrics diff --json` and
    `dvc params diff --json`.
    """

    schema_version: Literal[1] = 1
    tool: Tool
    repository: Repository
    base: Revision
    head: Revision
    comparison: Literal["merge-base", "direct"]
    verdict: Verdict
    pipelines: tuple[PipelineChange, ...] = ()
    models: tuple[ModelChange, ...] = ()
    stages: tuple[StageChange, ...] = ()
    data: tuple[DataChange, ...] = ()
    params: ValueChanges = field(default_factory=dict)
    metrics: ValueChanges = field(default_factory=dict)
    metric_notes: tuple[MetricNote, ...] = ()
    metric_moves: tuple[MetricMove, ...] = ()
    plots: tuple[PlotChange, ...] = ()
    drawings: tuple[Drawing, ...] = ()
    runs: tuple[LinkedRun, ...] = ()
    metric_disagreements: tuple[MetricDisagreement, ...] = ()
    findings: tuple[Finding, ...] = ()
    graph: Graph = field(default_factory=Graph)
    unknowns: tuple[Unknown, ...] = ()
