"""Counts of a report's models, stages, metrics and data."""

from collections import Counter
from collections.abc import Iterable, Mapping

from lineage_diff.render.groups.models import got_worse
from lineage_diff.report.change import ModelChange, StageChange, ValueChanges
from lineage_diff.report.report import Report


def freshness_counts(report: Report) -> Mapping[str, int]:
    """Return the number of fresh, stale and unknown models."""
    return Counter(model.freshness for model in report.models if model.change != "removed")


def model_counts(models: Iterable[ModelChange]) -> Mapping[str, int]:
    """Return the number of models that became or stayed stale, changed, or are only affected."""
    counts: Counter[str] = Counter()
    for model in models:
        if model.change != "removed" and model.freshness == "stale":
            counts["stale_before" if model.stale_before else "stale"] += 1
        if model.change != "unchanged":
            counts[model.change] += 1
        elif model.freshness == "fresh":
            counts["repaired" if model.stale_before else "reached"] += 1
        elif model.freshness == "unknown":
            counts["unknown"] += 1
    return counts


def use_counts(models: Iterable[ModelChange]) -> Mapping[str, int]:
    """Return the number of models in use that are stale, removed, or got worse."""
    used = [model for model in models if model.in_use]
    return Counter(
        {
            "stale": sum(m.freshness == "stale" and m.change != "removed" for m in used),
            "removed": sum(model.change == "removed" for model in used),
            "worse": sum(got_worse(model) for model in used),
        }
    )


def shown_stages(report: Report) -> tuple[StageChange, ...]:
    """Return the stages that changed or are not fresh."""
    return tuple(
        stage
        for stage in report.stages
        if stage.change != "unchanged" or stage.freshness != "fresh" or stage.stale_before
    )


def stages_of_head(report: Report) -> tuple[StageChange, ...]:
    """Return the stages that the head has."""
    return tuple(stage for stage in report.stages if stage.change != "removed")


def stage_counts(report: Report) -> Mapping[str, int]:
    """Return the number of stages by change, and of those stale, unknown, changed and in all."""
    changes: Counter[str] = Counter(stage.change for stage in report.stages)
    present = stages_of_head(report)
    return Counter(
        {
            **changes,
            "stale": sum(stage.freshness == "stale" for stage in present),
            "unknown": sum(stage.freshness == "unknown" for stage in present),
            "changed": len(report.stages) - changes["unchanged"],
            "all": len(present),
        }
    )


def note_counts(report: Report) -> Mapping[str, int]:
    """Return the number of metrics by note: worse, missing, unknown …."""
    return Counter(note.note for note in report.metric_notes)


def data_counts(report: Report) -> Mapping[str, int]:
    """Return the number of data paths by change."""
    return Counter(data.change for data in report.data)


def pipeline_count(report: Report) -> int:
    """Return the number of pipelines in the head."""
    return sum(pipeline.change != "removed" for pipeline in report.pipelines)


def value_count(changes: ValueChanges) -> int:
    """Return the number of changed params or metrics in all files."""
    return sum(map(len, changes.values()))
