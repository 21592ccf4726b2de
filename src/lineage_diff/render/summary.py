"""A report prepared for the templates: its facts by the names that these use, and its rows."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Literal, TypeVar, get_args

from lineage_diff.lineage.policy import Severity
from lineage_diff.render import metrics_table
from lineage_diff.render.facts import counts, repro, shown_models
from lineage_diff.render.facts.staleness import Staleness
from lineage_diff.render.groups.items import (
    ItemGroup,
    data_groups,
    finding_groups,
    move_groups,
    note_groups,
    stage_groups,
    unknown_groups,
)
from lineage_diff.render.groups.models import DETAILS, MOST_ROWS, ModelGroup, model_groups
from lineage_diff.render.groups.names import short_names
from lineage_diff.render.humanize import ROOT_PIPELINE
from lineage_diff.render.templates import render
from lineage_diff.report.change import (
    DataChange,
    MetricAttribution,
    MetricNote,
    ModelChange,
    StageChange,
    Unknown,
)
from lineage_diff.report.findings import Finding
from lineage_diff.report.report import Report, of_last_report, without_nan_changes
from lineage_diff.text import shorten, visible

Fact = TypeVar("Fact")


def _fact(of: Callable[[Report], Fact]) -> "cached_property[Fact]":
    """Compute a fact of the report once, when a template first asks for it."""
    return cached_property(lambda summary: of(summary.report))


@dataclass(frozen=True)
class Summary:
    """A report prepared for a template. All its facts come from the report."""

    report: Report

    one_commit = _fact(shown_models.is_one_commit)
    models = _fact(shown_models.shown_models)
    stages = _fact(counts.shown_stages)
    freshness_counts = _fact(counts.freshness_counts)
    stage_counts = _fact(counts.stage_counts)
    data_counts = _fact(counts.data_counts)
    pipelines = _fact(counts.pipeline_count)
    note_counts = _fact(counts.note_counts)
    notes = _fact(metrics_table.notes_by_metric)
    noise = _fact(metrics_table.noise_by_metric)
    open_notes = _fact(metrics_table.open_notes)
    command = _fact(repro.repro_command)
    long_command = _fact(repro.is_long_command)
    command_targets = _fact(repro.repro_target_count)
    left_out = _fact(repro.left_out_stages)
    locks = _fact(repro.files_written)
    _shown = _fact(without_nan_changes)

    @cached_property
    def pipeline(self) -> str:
        """The pipeline that goes without saying: the only one of the report, else the root's."""
        pipelines = {stage.pipeline for stage in self.report.stages}
        return pipelines.pop() if len(pipelines) == 1 else ROOT_PIPELINE

    @cached_property
    def light(self) -> Literal["red", "yellow", "white", "green"]:
        """The colour for the whole report: never green if a model is stale or unknown."""
        verdict = self.report.verdict
        if verdict.conclusion == "failure":
            return "red"
        stale = self.freshness_counts["stale"] or self.stage_counts["stale"]
        if verdict.warnings or verdict.suppressed or stale:
            return "yellow"
        unknown = any(model.freshness == "unknown" for model in self.models)
        stages_alone = self.one_commit or not self.report.models
        unknown = unknown or (stages_alone and bool(self.stage_counts["unknown"]))
        return "white" if unknown or verdict.conclusion == "neutral" else "green"

    @cached_property
    def no_model(self) -> bool:
        """Whether the head has stages, and neither side a model among what they make."""
        return not self.report.models and bool(self.stage_counts["all"])

    @cached_property
    def changed(self) -> bool:
        """Whether the report has a difference, a finding or a stale stage."""
        return bool(
            self.one_commit
            or self.models
            or self._differs
            or self.report.metric_notes
            or self.report.findings
            or self.stage_counts["stale"]
        )

    @cached_property
    def touched(self) -> bool:
        """Whether the change itself caused anything, apart from what was stale or found before.

        An error always counts, because it fails the check.
        """
        report = self.report
        return bool(
            self._differs
            or report.verdict.errors
            or any(model.affected or model.change != "unchanged" for model in report.models)
            or any(stage.freshness == "stale" and not stage.stale_before for stage in report.stages)
        )

    @cached_property
    def _differs(self) -> bool:
        """Whether data, values, plots, stages or pipelines of the two sides differ."""
        report = self._shown
        return bool(
            report.data
            or report.params
            or report.metrics
            or report.plots
            or any(stage.change != "unchanged" for stage in report.stages)
            or any(pipeline.change != "unchanged" for pipeline in report.pipelines)
        )

    @cached_property
    def model_counts(self) -> Mapping[str, int]:
        """The number of shown models that became or stayed stale, changed, or are only affected."""
        return counts.model_counts(self.models)

    @cached_property
    def change_of_stale(self) -> str:
        """The one change of the models that became stale, if no other model has it; else empty."""
        stale = {model.path for model in self.models if _became_stale(model)}
        changes = {model.change for model in self.models if model.path in stale}
        change = min(changes, default="unchanged")
        same = {model.path for model in self.models if model.change == change}
        return change if len(changes) == 1 and same == stale and change != "unchanged" else ""

    @cached_property
    def use_counts(self) -> Mapping[str, int]:
        """The number of models in use that are stale, removed, or got worse."""
        return counts.use_counts(self.models)

    @cached_property
    def params(self) -> int:
        """The number of changed params."""
        return counts.value_count(self._shown.params)

    @cached_property
    def metrics(self) -> int:
        """The number of changed metrics."""
        return counts.value_count(self._shown.metrics)

    @cached_property
    def key_names(self) -> Mapping[str, str]:
        """The long keys of changed params and metrics, each with its shorter name."""
        return short_names(chain(*self._shown.params.values(), *self._shown.metrics.values()), 100)

    @cached_property
    def file_names(self) -> Mapping[str, str]:
        """The long paths of files with changed params and metrics, each with its shorter name."""
        return short_names((*self._shown.params, *self._shown.metrics), 80)

    @cached_property
    def unread_metrics(self) -> bool:
        """Whether the values of a metric are unknown: then `no change` is not certain."""
        return bool(self.note_counts["unknown"])

    @cached_property
    def not_pushed(self) -> frozenset[str]:
        """The paths of the outs that the remote does not have."""
        return frozenset(out.path for out in self.report.pushed if out.state == "missing")

    def suppressed_note(self, key: str, count: int, named: bool) -> str:
        """Return how much of the `count` stale models or stages is suppressed; empty for nothing.

        `key` is one of `_suppressed_reasons`; the reasons are shown if `named`.
        """
        reasons = self._suppressed_reasons[key]
        return render("words/suppressed.j2", reasons=reasons, count=count, named=named)

    @cached_property
    def _suppressed_reasons(self) -> Mapping[str, list[str]]:
        """The reasons for which stale models and stages are suppressed.

        By `stale` and `stale_before`, both of models, `models` for all, and `stages`.
        """
        found: defaultdict[str, list[str]] = defaultdict(list)
        before = {model.path: model.stale_before for model in self.report.models}
        for item in self.report.verdict.suppressed:
            reason = visible(shorten(item.reason, 80))
            if item.rule == "stale-model" and item.subject in before:
                found["stale_before" if before[item.subject] else "stale"].append(reason)
                found["models"].append(reason)
            elif item.rule == "stale-stage":
                found["stages"].append(reason)
        return found

    @cached_property
    def staleness(self) -> Staleness:
        """Why each model is stale."""
        return Staleness(self.report.stages)

    def event(self, model: ModelChange) -> Hashable:
        """Return what happened to a model, as far as the words for it differ."""
        happened = shown_models.status_event if self.one_commit else shown_models.change_event
        return (happened(model, self.staleness), model.path in self.not_pushed)

    @cached_property
    def rows(self) -> tuple[ModelGroup, ...]:
        """The rows of the models to show, the most urgent first."""
        return model_groups(self.models, self.event)

    @cached_property
    def folded(self) -> bool:
        """Whether the rows of the models leave something out."""
        return len(self.rows) > MOST_ROWS or any(
            len(row.models) > 1 or len(row.causes) > DETAILS or len(row.first.metrics) > DETAILS
            for row in self.rows
        )

    def first_rows(self, most: int) -> list[tuple[ModelGroup, int]]:
        """Return the rows of the first `most` models, and how many of each row's models."""
        found: list[tuple[ModelGroup, int]] = []
        for row in self.rows:
            if most <= 0:
                break
            found.append((row, min(most, len(row.models))))
            most -= len(row.models)
        return found

    @cached_property
    def stage_rows(self) -> list[ItemGroup[StageChange]]:
        """The rows of `stages`: those that are stale, then those not known, then the others."""
        order = {"stale": 0, "unknown": 1, "fresh": 2}
        return stage_groups(sorted(self.stages, key=lambda stage: order[stage.freshness]))

    @cached_property
    def finding_rows(self) -> list[ItemGroup[Finding]]:
        """The rows of the findings: of each severity, those on models in use come first."""
        used = {
            subject
            for model in self.report.models
            if model.in_use
            for subject in (model.path, *(f"{item.file}:{item.key}" for item in model.metrics))
        }
        severities = get_args(Severity)

        def order(row: ItemGroup[Finding]) -> tuple[int, bool]:
            return severities.index(row.first.severity), used.isdisjoint(row.names)

        return sorted(finding_groups(self.report.findings), key=order)

    @cached_property
    def data_rows(self) -> list[ItemGroup[DataChange]]:
        """The rows of the changed data."""
        return data_groups(self.report.data)

    @cached_property
    def unknown_rows(self) -> list[ItemGroup[Unknown]]:
        """The rows of what is not known."""
        return unknown_groups(self.report.unknowns)

    @cached_property
    def move_rows(self) -> list[ItemGroup[MetricAttribution]]:
        """The rows of the explanations of changed metrics."""
        return move_groups(self.report.metric_causes)

    @cached_property
    def note_rows(self) -> list[ItemGroup[MetricNote]]:
        """The rows of `open_notes`."""
        return note_groups(self.open_notes)


def _became_stale(model: ModelChange) -> bool:
    return model.freshness == "stale" and not model.stale_before and model.change != "removed"


@of_last_report
def summary_of(report: Report) -> Summary:
    """Return the summary of a report."""
    return Summary(report)
