"""The main facts of a report: the models to show, the counts for the headline, the fix."""

import shlex
from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from lineage_diff.render.groups.items import (
    ItemGroup,
    data_groups,
    finding_groups,
    move_groups,
    note_groups,
    stage_groups,
    unknown_groups,
)
from lineage_diff.render.groups.models import MOST_ROWS, ModelGroup, got_worse, model_groups
from lineage_diff.render.groups.names import common_name, family_of
from lineage_diff.render.humanize import ROOT_PIPELINE
from lineage_diff.render.templates import render
from lineage_diff.report.change import (
    DataChange,
    MetricAttribution,
    MetricNoise,
    MetricNote,
    ModelChange,
    StageChange,
    Unknown,
    ValueChange,
    ValueChanges,
    without_same,
)
from lineage_diff.report.findings import Finding
from lineage_diff.report.reasons import STALE, Reason
from lineage_diff.report.report import Report
from lineage_diff.text import shorten, visible

# With more targets, `--all-pipelines` is easier to read than the list.
MANY_TARGETS = 4
LONG_COMMAND = 300
# In characters: a longer command is not shown.
LONGEST_COMMAND = 4_000
# The most causes, and the most metrics, in the row of a model.
DETAILS = 4
_ORDER = {
    "removed": 3,
    "unrecorded": 4,
    "edited": 4,
    "retrained": 5,
    "recorded": 6,
    "added": 7,
    "moved": 8,
    "unchanged": 9,
}


class Because(Struct, frozen=True):
    """Why a model became stale; `subject` is the out or dep, if there is one."""

    kind: Literal["out-missing", "out-edited", "relocked", "never-ran", "inputs"]
    subject: str = ""


# The most stages that are named of one chain.
_CHAIN = 50


@dataclass(frozen=True)
class Summary:
    """A report prepared for a template. All its facts come from the report."""

    report: Report

    @cached_property
    def one_commit(self) -> bool:
        """Whether the report is of a single commit: it compares the commit with itself."""
        report = self.report
        return report.comparison == "direct" and report.base == report.head

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
        unknown = unknown or (self.one_commit and bool(self.stage_counts["unknown"]))
        return "white" if unknown or verdict.conclusion == "neutral" else "green"

    @cached_property
    def no_model(self) -> bool:
        """Whether the head has stages, and neither side a model among what they make."""
        return not self.report.models and bool(self._present)

    @cached_property
    def freshness_counts(self) -> Mapping[str, int]:
        """The number of fresh, stale and unknown models."""
        return Counter(model.freshness for model in self.report.models if model.change != "removed")

    def chain(self, model: ModelChange) -> list[str]:
        """Name the stages from the one that is stale by itself down to the model's own.

        Of a chain longer than `_CHAIN`, the last ones after an ellipsis.
        """
        found: dict[str, None] = {}
        name = model.stage
        while name is not None and name not in found:
            if len(found) == _CHAIN:
                return ["…", *reversed(found)]
            found[name] = None
            name = self._outdated_by.get(name)
        return list(reversed(found))

    @cached_property
    def _outdated_by(self) -> Mapping[str, str]:
        """By stage, the first upstream stage that outdates it."""
        found: dict[str, str] = {}
        for stage in self.report.stages:
            above = [reason.subject for reason in stage.reasons if reason.kind == "outdated-by"]
            if above:
                found[stage.name] = min(above)
        return found

    @cached_property
    def _stages(self) -> Mapping[str, StageChange]:
        return {stage.name: stage for stage in self.report.stages}

    def because(self, model: ModelChange) -> Because:
        """Return why a model became stale."""
        edited = self._edited_outs(model)
        if edited:
            missing = edited[0].kind == "out-missing"
            return Because("out-missing" if missing else "out-edited", edited[0].subject)
        relocked = self._relocked(model)
        if relocked is not None:
            return Because("relocked", relocked)
        return Because("never-ran" if self._never_ran(model) else "inputs")

    def _edited_outs(self, model: ModelChange) -> list[Reason]:
        """Return the outs edited or deleted in Git, if nothing else makes the model stale."""
        chain = [self._stages[name] for name in self.chain(model) if name in self._stages]
        reasons = [reason for stage in chain for reason in stage.reasons if reason.kind in STALE]
        edited = all(reason.kind in ("out-changed", "out-missing") for reason in reasons)
        return reasons if edited else []

    def _own_reasons(self, model: ModelChange) -> tuple[Reason, ...]:
        stage = self._stages.get(model.stage) if model.stage is not None else None
        return stage.reasons if stage is not None else ()

    def _relocked(self, model: ModelChange) -> str | None:
        """Return an unchanged dep for which the lock now records a different version."""
        locked = {
            reason.subject: (reason.actual, reason.locked)
            for reason in self._own_reasons(model)
            if reason.kind == "dep-changed" and reason.actual is not None
        }
        for cause in model.causes:
            if locked.get(cause.subject) == (cause.old, cause.new):
                return cause.subject
        return None

    def _never_ran(self, model: ModelChange) -> bool:
        """Whether no run of the model's own stage is recorded."""
        return any(reason.kind == "never-run" for reason in self._own_reasons(model))

    def event(self, model: ModelChange) -> Hashable:
        """Return what happened to a model, as far as the words for it differ."""
        stale = model.freshness == "stale"
        if self.one_commit:
            chain = _entries(self.chain(model)) if stale else ()
            return (model.freshness, model.path in self.not_pushed, *chain)
        why = self.because(model).kind if stale and not model.stale_before else ""
        before = bool(model.stale_before)
        return (
            model.change,
            model.freshness,
            before,
            why,
            bool(model.causes or model.omitted_causes),
            model.path in self.not_pushed,
        )

    @cached_property
    def rows(self) -> tuple[ModelGroup, ...]:
        """The rows of the models to show, the most urgent first."""
        return model_groups(self.models, self.event)

    def row_chain(self, row: ModelGroup) -> list[str]:
        """Name the stages of `chain` of a row: of siblings the entries that generate them."""
        chain = self.chain(row.first)
        return chain if len(row.models) == 1 else _entries(chain)

    def subject_of(self, row: ModelGroup) -> str:
        """Return the subject of `because`, or what the subjects of the models share."""
        return common_name([self.because(model).subject for model in row.models])

    @cached_property
    def folded(self) -> bool:
        """Whether the rows of the models leave something out."""
        return (
            any(
                len(row.models) > 1 or len(row.causes) > DETAILS or len(row.first.metrics) > DETAILS
                for row in self.rows
            )
            or len(self.rows) > MOST_ROWS
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
    def models(self) -> tuple[ModelChange, ...]:
        """The models to show, most urgent first. All others are unchanged and fresh."""
        shown = [
            model
            for model in self.report.models
            if self.one_commit
            or model.affected
            or model.change != "unchanged"
            or model.freshness == "stale"
            or model.stale_before
        ]
        return tuple(
            sorted(shown, key=lambda model: (not model.in_use, self._rank(model), model.path))
        )

    def _rank(self, model: ModelChange) -> int:
        if model.freshness == "stale" and model.change != "removed":
            return 1 if model.stale_before else 0
        if any(metric.better is False for metric in model.metrics):
            return 2
        return _ORDER[model.change]

    @cached_property
    def model_counts(self) -> Mapping[str, int]:
        """The number of shown models that became or stayed stale, changed, or are only affected."""
        counts: Counter[str] = Counter()
        for model in self.models:
            if model.change != "removed" and model.freshness == "stale":
                counts["stale_before" if model.stale_before else "stale"] += 1
            if model.change != "unchanged":
                counts[model.change] += 1
            elif model.freshness == "fresh":
                counts["repaired" if model.stale_before else "reached"] += 1
            elif model.freshness == "unknown":
                counts["unknown"] += 1
        return Counter(counts)

    @cached_property
    def use_counts(self) -> Mapping[str, int]:
        """The number of models in use that are stale, removed, or got worse."""
        used = [model for model in self.models if model.in_use]
        return Counter(
            {
                "stale": sum(m.freshness == "stale" and m.change != "removed" for m in used),
                "removed": sum(model.change == "removed" for model in used),
                "worse": sum(got_worse(model) for model in used),
            }
        )

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
    def note_counts(self) -> Mapping[str, int]:
        """The number of metrics by note: worse, missing, unknown …."""
        return Counter(note.note for note in self.report.metric_notes)

    @cached_property
    def notes(self) -> Mapping[tuple[str, str | None], str]:
        """Each metric's note, by file and key."""
        return {(note.file, note.key): note.note for note in self.report.metric_notes}

    @cached_property
    def noise(self) -> Mapping[tuple[str, str | None], MetricNoise]:
        """The noise of metrics that got worse, by file and key."""
        return {
            (note.file, note.key): note.noise
            for note in self.report.metric_notes
            if note.noise is not None
        }

    @cached_property
    def open_notes(self) -> tuple[MetricNote, ...]:
        """Notes on metrics that are in no list of changes: missing or unknown."""
        return tuple(
            note
            for note in self.report.metric_notes
            if note.note in ("missing", "unknown")
            and note.key not in self.report.metrics.get(note.file, {})
        )

    @cached_property
    def unread_metrics(self) -> bool:
        """Whether the values of a metric are unknown: then `no change` is not certain."""
        return bool(self.note_counts["unknown"])

    @cached_property
    def stages(self) -> tuple[StageChange, ...]:
        """Stages that changed or are not fresh."""
        return tuple(
            stage
            for stage in self.report.stages
            if stage.change != "unchanged" or stage.freshness != "fresh" or stage.stale_before
        )

    @cached_property
    def stage_rows(self) -> list[ItemGroup[StageChange]]:
        """The rows of `stages`: those that are stale, then those not known, then the others."""
        order = {"stale": 0, "unknown": 1, "fresh": 2}
        return stage_groups(sorted(self.stages, key=lambda stage: order[stage.freshness]))

    @cached_property
    def finding_rows(self) -> list[ItemGroup[Finding]]:
        """The rows of the findings."""
        return finding_groups(self.report.findings)

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

    @cached_property
    def stage_counts(self) -> Mapping[str, int]:
        """The number of stages by change, and of those stale, unknown, changed and in all."""
        counts: Counter[str] = Counter(stage.change for stage in self.report.stages)
        stale = sum(stage.freshness == "stale" for stage in self._present)
        unknown = sum(stage.freshness == "unknown" for stage in self._present)
        return Counter(
            {
                **counts,
                "stale": stale,
                "unknown": unknown,
                "changed": len(self.report.stages) - counts["unchanged"],
                "all": len(self._present),
            }
        )

    @cached_property
    def data_counts(self) -> Mapping[str, int]:
        """The number of data paths by change."""
        return Counter(data.change for data in self.report.data)

    @cached_property
    def params(self) -> int:
        """The number of changed params."""
        return sum(map(len, self._shown.params.values()))

    @cached_property
    def metrics(self) -> int:
        """The number of changed metrics."""
        return sum(map(len, self._shown.metrics.values()))

    @cached_property
    def pipelines(self) -> int:
        """The number of pipelines in the head."""
        return sum(pipeline.change != "removed" for pipeline in self.report.pipelines)

    @cached_property
    def changed(self) -> bool:
        """Whether the report has a difference, a finding or a stale stage."""
        report = self._shown
        return bool(
            self.one_commit
            or self.models
            or report.data
            or report.params
            or report.metrics
            or report.metric_notes
            or report.plots
            or report.findings
            or any(stage.change != "unchanged" for stage in report.stages)
            or any(pipeline.change != "unchanged" for pipeline in report.pipelines)
            or self.stage_counts["stale"]
        )

    @cached_property
    def touched(self) -> bool:
        """Whether the change itself caused anything, apart from what was stale or found before.

        An error always counts, because it fails the check.
        """
        report = self._shown
        return bool(
            report.data
            or report.params
            or report.metrics
            or report.plots
            or report.verdict.errors
            or any(model.affected or model.change != "unchanged" for model in report.models)
            or any(pipeline.change != "unchanged" for pipeline in report.pipelines)
            or any(
                stage.change != "unchanged"
                or (stage.freshness == "stale" and not stage.stale_before)
                for stage in report.stages
            )
        )

    @cached_property
    def _shown(self) -> Report:
        return without_nan_changes(self.report)

    @cached_property
    def _present(self) -> tuple[StageChange, ...]:
        return tuple(stage for stage in self.report.stages if stage.change != "removed")

    @cached_property
    def _stale(self) -> tuple[StageChange, ...]:
        return tuple(stage for stage in self._present if stage.freshness == "stale")

    @cached_property
    def command(self) -> str:
        """The `dvc repro` that the report advises; empty if there is none, or it is too long."""
        advice = self.report.repro
        command = shlex.join(("dvc", "repro", *advice.targets)) if advice.targets else ""
        long = len(advice.targets) > MANY_TARGETS or len(command) > LONG_COMMAND
        if long and advice.all_pipelines:
            return "dvc repro --all-pipelines"
        return command if len(command) <= LONGEST_COMMAND else ""

    @cached_property
    def left_out(self) -> Mapping[str, tuple[str, ...]]:
        """The ids of the stale stages that the command does not run, by why."""
        found: dict[str, tuple[str, ...]] = {}
        for item in self.report.repro.left_out:
            found[item.reason] = (*found.get(item.reason, ()), item.stage)
        return found

    @cached_property
    def locks(self) -> tuple[str, ...]:
        """The files that the command will write."""
        left_out = {item.stage for item in self.report.repro.left_out}
        names = {
            stage.pipeline.removesuffix("dvc.yaml") + "dvc.lock"
            if stage.pipeline.endswith("dvc.yaml")
            else stage.pipeline
            for stage in self._stale
            if stage.name not in left_out
        }
        return tuple(sorted(names))


def _entries(stages: list[str]) -> list[str]:
    return [family_of(stage) or stage for stage in stages]


def without_nan_changes(report: Report) -> Report:
    """Return the report without values that stayed NaN, which DVC lists as changes."""
    params, metrics = without_same(report.params), without_same(report.metrics)
    return replace(report, params=params, metrics=metrics)


def flat(changes: ValueChanges) -> list[tuple[str, str, ValueChange]]:
    """List params or metrics as (file, key, change), in order."""
    return [
        (file, key, changes[file][key]) for file in sorted(changes) for key in sorted(changes[file])
    ]
