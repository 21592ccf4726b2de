"""What stands out in a report: the models worth a line, the counts of a headline, what to run."""

import shlex
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from msgspec.structs import replace

from lineage_diff.report.change import (
    MetricNote,
    ModelChange,
    StageChange,
    ValueChange,
    ValueChanges,
    without_same,
)
from lineage_diff.report.reasons import Cause, Reason
from lineage_diff.report.report import Report

# A longer list of targets is harder to read than the option that reproduces everything.
MANY_TARGETS = 4
LONG_COMMAND = 300
# Nobody pastes a longer one.
LONGEST_COMMAND = 4_000
# What says nothing of why a stage is stale by itself.
_BESIDE = frozenset(
    {"outdated-by", "line-endings", "dep-removed", "out-removed", "param-removed"}
    | {"dep-unknown", "out-unknown", "always-changed", "unreadable", "spliced"}
)
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

# Stages of one chain that are named.
_CHAIN = 50


@dataclass(frozen=True)
class Summary:
    """Reads a report for a template; computes nothing that the report does not say."""

    report: Report

    @cached_property
    def one_commit(self) -> bool:
        """Whether the report looks at one commit by itself: it compares it with itself."""
        report = self.report
        return report.comparison == "direct" and report.base == report.head

    @cached_property
    def no_model(self) -> bool:
        """Whether the head has stages, and neither side a model among what they make."""
        return not self.report.models and bool(self._present)

    @cached_property
    def freshness_counts(self) -> Mapping[str, int]:
        """How many of all models are fresh, stale or unknown."""
        return Counter(model.freshness for model in self.report.models if model.change != "removed")

    def chain(self, model: ModelChange) -> list[str]:
        """Name the stages from the one that is stale by itself down to the model's own.

        Of more than a person reads the last ones, after an ellipsis.
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
        """By stage, the first of those upstream that it is outdated by."""
        found: dict[str, str] = {}
        for stage in self.report.stages:
            above = [reason.subject for reason in stage.reasons if reason.kind == "outdated-by"]
            if above:
                found[stage.name] = min(above)
        return found

    def edited_outs(self, model: ModelChange) -> list[Reason]:
        """Return what was edited or deleted in Git, where nothing else makes the model stale."""
        stages = {stage.name: stage for stage in self.report.stages}
        chain = [stages[name] for name in self.chain(model) if name in stages]
        reasons = [
            reason for stage in chain for reason in stage.reasons if reason.kind not in _BESIDE
        ]
        edited = all(reason.kind in ("out-changed", "out-missing") for reason in reasons)
        return reasons if edited else []

    def relocked(self, model: ModelChange) -> str | None:
        """Return a dep that did not change, and of which the lock now names another version."""
        stages = (stage for stage in self.report.stages if stage.name == model.stage)
        locked = {
            reason.subject: (reason.actual, reason.locked)
            for stage in stages
            for reason in stage.reasons
            if reason.kind == "dep-changed" and reason.actual is not None
        }
        for cause in model.causes:
            if locked.get(cause.subject) == (cause.old, cause.new):
                return cause.subject
        return None

    def never_ran(self, model: ModelChange) -> bool:
        """Whether no run of the model's own stage is recorded."""
        stages = (stage for stage in self.report.stages if stage.name == model.stage)
        return any(reason.kind == "never-run" for stage in stages for reason in stage.reasons)

    @cached_property
    def models(self) -> tuple[ModelChange, ...]:
        """Models to show, those that need a person first; the rest are unchanged and fresh."""
        shown = [
            model
            for model in self.report.models
            if self.one_commit
            or model.affected
            or model.change != "unchanged"
            or model.freshness == "stale"
            or model.stale_before
        ]
        return tuple(sorted(shown, key=lambda model: (self._rank(model), model.path)))

    def _rank(self, model: ModelChange) -> int:
        if model.freshness == "stale" and model.change != "removed":
            return 1 if model.stale_before else 0
        if any(metric.better is False for metric in model.metrics):
            return 2
        return _ORDER[model.change]

    @cached_property
    def model_counts(self) -> Mapping[str, int]:
        """How many of the models to show became or stayed stale, changed, or were only reached."""
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
    def note_counts(self) -> Mapping[str, int]:
        """How many metrics are worse, missing, unknown …."""
        return Counter(note.note for note in self.report.metric_notes)

    @cached_property
    def notes(self) -> Mapping[tuple[str, str | None], str]:
        """Each metric's note, by file and key."""
        return {(note.file, note.key): note.note for note in self.report.metric_notes}

    @cached_property
    def open_notes(self) -> tuple[MetricNote, ...]:
        """Notes on metrics that are in no list of changes: gone, or not known."""
        return tuple(
            note
            for note in self.report.metric_notes
            if note.note in ("missing", "unknown")
            and note.key not in self.report.metrics.get(note.file, {})
        )

    @cached_property
    def unread_metrics(self) -> bool:
        """Whether some metric's values are not known, so that silence proves nothing."""
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
    def stage_counts(self) -> Mapping[str, int]:
        """How many stages by change, and how many are stale."""
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
        """How many data paths by change."""
        return Counter(data.change for data in self.report.data)

    @cached_property
    def params(self) -> int:
        """How many params differ."""
        return sum(map(len, self._shown.params.values()))

    @cached_property
    def metrics(self) -> int:
        """How many metrics differ."""
        return sum(map(len, self._shown.metrics.values()))

    @cached_property
    def pipelines(self) -> int:
        """How many pipelines the head holds."""
        return sum(pipeline.change != "removed" for pipeline in self.report.pipelines)

    @cached_property
    def changed(self) -> bool:
        """Whether the report tells any difference, or anything at all to look at."""
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
        """Whether the change did any of it: not what was stale, or found, before it already.

        An error counts in any case, for it fails the check.
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
        return shown(self.report)

    @cached_property
    def _present(self) -> tuple[StageChange, ...]:
        return tuple(stage for stage in self.report.stages if stage.change != "removed")

    @cached_property
    def _stale(self) -> tuple[StageChange, ...]:
        return tuple(stage for stage in self._present if stage.freshness == "stale")

    @cached_property
    def command(self) -> str:
        """The `dvc repro` that the report advises; empty where there is none, or none to read."""
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
            found[item.why] = (*found.get(item.why, ()), item.stage)
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


def shown(report: Report) -> Report:
    """Return a report for people: NaN that stayed NaN, which DVC lists, is no change to them."""
    params, metrics = without_same(report.params), without_same(report.metrics)
    return replace(report, params=params, metrics=metrics)


def by_kind(causes: tuple[Cause, ...]) -> list[Cause]:
    """Order causes as a reviewer asks: data, params, code, then the rest."""
    kinds = ("data", "import", "param", "code", "command", "structure", "environment")
    return sorted(causes, key=lambda cause: (kinds.index(cause.kind), cause.subject))


def flat(changes: ValueChanges) -> list[tuple[str, str, ValueChange]]:
    """List params or metrics as (file, key, change), in order."""
    return [
        (file, key, changes[file][key]) for file in sorted(changes) for key in sorted(changes[file])
    ]
