"""Select what the table shows of one revision, from its change against the first one."""

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.values import ValuesFile, values_by_key
from lineage_diff.report.change import Change, MetricNoise
from lineage_diff.report.experiments import ChangedInput, ComparedRevision
from lineage_diff.report.findings import Finding, Verdict
from lineage_diff.report.reasons import Freshness
from lineage_diff.report.report import Revision

STAGES = 20
INPUTS = 20

MetricKey = tuple[str, str]
Values = Mapping[str, Mapping[str, Any] | None]


class Measured(Struct, frozen=True):
    """One revision: its column, and the values that make its cells.

    `metrics` and `params` are the values by file and key, `None` for a file that cannot be read.
    `notes` compares the metrics with the first revision; `noise` is that of its losses.
    `stale_files` are the metrics files that a stale stage writes; `unreadable` are the files that
    cannot be read, with the reason.
    """

    column: ComparedRevision
    metrics: Values
    params: Values
    notes: Mapping[MetricKey, str]
    noise: Mapping[MetricKey, MetricNoise]
    stale_files: frozenset[str]
    unreadable: Mapping[str, str]


def measure(
    revision: Revision,
    lineage: Lineage,
    change: Change,
    findings: tuple[Finding, ...],
    verdict: Verdict,
) -> Measured:
    """Return what the table shows of a revision; `change` leads to it from the first revision."""
    by_stage = {stage.name: stage.freshness for stage in change.stages}
    producers = {stage.id: stage for stage in lineage.stages if stage.id in by_stage}
    written = {
        stage.id: frozenset(out.path for out in stage.outs if out.path in lineage.metrics)
        for stage in producers.values()
    }
    made = {model.stage for model in change.models if model.change != "removed"}
    shown = sorted(stage for stage in producers if stage in made or written[stage]) or sorted(
        producers
    )
    stale = tuple(stage for stage in shown if by_stage[stage] == "stale")
    unknown = tuple(stage for stage in shown if by_stage[stage] == "unknown")
    unreadable = {
        path: file.unknown
        for files in (lineage.params, lineage.metrics)
        for path, file in sorted(files.items())
        if file.unknown is not None
    }
    inputs = sorted(set(_inputs(change)), key=lambda item: (item.kind, item.subject))
    notes = [note for note in change.metric_notes if note.key is not None]
    return Measured(
        ComparedRevision(
            revision.rev,
            revision.commit,
            _together(stale, unknown, shown),
            verdict,
            stale[:STAGES],
            unknown[:STAGES],
            tuple(inputs[:INPUTS]),
            max(0, len(inputs) - INPUTS),
            findings,
            tuple(unreadable)[:STAGES],
        ),
        _values(lineage.metrics),
        _values(lineage.params),
        {(note.file, note.key or ""): note.note for note in notes},
        {(note.file, note.key or ""): note.noise for note in notes if note.noise is not None},
        frozenset(file for stage in stale for file in written[stage]),
        unreadable,
    )


def _together(stale: tuple[str, ...], unknown: tuple[str, ...], shown: list[str]) -> Freshness:
    if stale:
        return "stale"
    return "unknown" if unknown or not shown else "fresh"


def _values(files: Mapping[str, ValuesFile]) -> Values:
    return {
        path: None if file.unknown is not None else values_by_key(file)
        for path, file in files.items()
    }


def _inputs(change: Change) -> Iterator[ChangedInput]:
    for found in (change.models, change.metric_causes):
        for item in found:
            for cause in item.causes:
                if cause.kind != "param":
                    yield ChangedInput(cause.kind, cause.subject)
