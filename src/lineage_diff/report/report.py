"""The report of a comparison, schema version 1: the only input of all output formats."""

from collections.abc import Callable
from functools import wraps
from threading import RLock
from typing import Literal, TypeVar

from msgspec import Struct, field
from msgspec.structs import asdict, replace

from lineage_diff.report.change import (
    Change,
    DataChange,
    MetricAttribution,
    MetricNote,
    ModelCard,
    ModelChange,
    PipelineChange,
    PlotChange,
    ReproAdvice,
    StageChange,
    Unknown,
    UsedElsewhere,
    ValueChanges,
    without_same,
)
from lineage_diff.report.experiments import ExperimentTable
from lineage_diff.report.findings import Finding, Verdict
from lineage_diff.report.graph import Graph
from lineage_diff.report.mlflow import NO_RUNS, LinkedRun, LinkedRuns, MetricDisagreement
from lineage_diff.report.plots import Drawing
from lineage_diff.report.pushed import PushedOut

Fact = TypeVar("Fact")


class Tool(Struct, frozen=True):
    """The program that wrote the report."""

    name: str
    version: str


class Repository(Struct, frozen=True):
    """`name` is `owner/name`, or a longer path on other forges than GitHub.

    `server` is the address of its GitHub, without a final `/`. `None` if unknown.
    """

    name: str | None
    server: str | None = None


class Revision(Struct, frozen=True):
    """`rev` as the user wrote it, and the full id of its `commit`."""

    rev: str
    commit: str

    @property
    def is_commit(self) -> bool:
        """Whether it is a commit. Files on disk or in the index have zeros as their id."""
        return self.commit.strip("0") != ""


class Report(Struct, frozen=True, kw_only=True):
    """Every key is always present; lists are sorted; unknown is `None`, its reason in `unknowns`.

    `experiments` compares those that began at a commit of the change, `None` if the configuration
    asks for none, or there are none; `elsewhere` is who else uses what changes, `None` if the
    tables of the organization were not asked. `metrics` and `params` have the shape and the values
    of `dvc metrics diff --json` and `dvc params diff --json`.
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
    metric_causes: tuple[MetricAttribution, ...] = ()
    plots: tuple[PlotChange, ...] = ()
    drawings: tuple[Drawing, ...] = ()
    runs: tuple[LinkedRun, ...] = ()
    metric_disagreements: tuple[MetricDisagreement, ...] = ()
    experiments: ExperimentTable | None = None
    elsewhere: UsedElsewhere | None = None
    findings: tuple[Finding, ...] = ()
    graph: Graph = field(default_factory=Graph)
    repro: ReproAdvice = field(default_factory=ReproAdvice)
    pushed: tuple[PushedOut, ...] = ()
    cards: tuple[ModelCard, ...] = ()
    unknowns: tuple[Unknown, ...] = ()


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
    server: str | None = None,
) -> Report:
    """Return the report; `version` is the tool's, `repository` is its name or `None`.

    `server` is the address of its GitHub.
    """
    # Each field of a change is one of the report; `Report` refuses a name that it lacks.
    # A server that fails is asked for the runs, and for the versions in use.
    unknowns = tuple(dict.fromkeys((*change.unknowns, *linked.unknowns)))
    parts = asdict(change) | {"unknowns": unknowns}
    return Report(
        tool=Tool("lineage-diff", version),
        repository=Repository(repository, server),
        base=base,
        head=head,
        comparison=comparison,
        verdict=verdict,
        drawings=drawings,
        runs=linked.runs,
        metric_disagreements=linked.disagreements,
        findings=findings,
        **parts,
    )


def of_last_report(function: Callable[[Report], Fact]) -> Callable[[Report], Fact]:
    """Make a function remember what it returned for the last report, by identity.

    One report is shown in many formats, by many threads.
    """
    last: list[tuple[Report, Fact]] = []
    one_at_a_time = RLock()

    @wraps(function)
    def remembered(report: Report) -> Fact:
        with one_at_a_time:
            if not last or last[0][0] is not report:
                last[:] = [(report, function(report))]
            return last[0][1]

    return remembered


@of_last_report
def without_nan_changes(report: Report) -> Report:
    """Return the report without values that stayed NaN, which DVC lists as changes."""
    params, metrics = without_same(report.params), without_same(report.metrics)
    if params is report.params and metrics is report.metrics:
        return report
    return replace(report, params=params, metrics=metrics)
