"""Find the metrics that measure a model, and note how changed metrics developed."""

from collections.abc import Callable, Mapping

from msgspec.structs import replace

from lineage_diff.diff.metric_direction import assess, has_own_tolerance, within
from lineage_diff.diff.stages import Pair
from lineage_diff.lineage.graph import LineageGraph, ancestors, topological
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.policy import Policy
from lineage_diff.lineage.values import ValuesFile
from lineage_diff.report.change import (
    Change,
    MetricNoise,
    MetricNote,
    ModelMetric,
    Unknown,
    ValueChanges,
    without_same,
)
from lineage_diff.report.value_text import is_number


def metrics_of_stages(
    pairs: tuple[Pair, ...], graph: LineageGraph, metrics: frozenset[str], producers: frozenset[str]
) -> dict[str, tuple[str, ...]]:
    """Return the `metrics` files that measure the outputs of each stage.

    Its own, and those of the nearest stages downstream that write metrics. The search ends at
    stages that make a model themselves (`producers`): metrics beyond measure that model.
    """
    own: dict[str, frozenset[str]] = {}
    for pair in pairs:
        stages = (pair.new,) if pair.old is pair.new else (pair.old, pair.new)
        own[pair.id] = frozenset(
            [
                out.path
                for stage in stages
                if stage is not None
                for out in stage.outs
                if out.kind == "metrics" or out.path in metrics
            ]
        )
    holders = {folder: path for path in sorted(metrics) for folder in ancestors(path)}
    for path in holders.keys() & graph.producers.keys():
        inside = {metric for metric in metrics if metric.startswith(path + "/")}
        producer = graph.producers[path]
        own[producer] = own.get(producer, frozenset()) | inside
    below: dict[str, tuple[int, frozenset[str]]] = {}
    order, _ = topological(graph)
    for stage in reversed(order):
        best: tuple[int, frozenset[str]] = (0, frozenset())
        for user in graph.downstream.get(stage, ()):
            if user in producers:
                continue
            step = (1, own[user]) if own[user] else (below[user][0] + 1, below[user][1])
            if not step[1]:
                continue
            if not best[1] or step[0] < best[0]:
                best = step
            elif step[0] == best[0] and step[1] is not best[1]:
                best = (best[0], best[1] | step[1])
        below[stage] = best
    empty: tuple[int, frozenset[str]] = (0, frozenset())
    return {
        stage: tuple(sorted((own[stage] | below.get(stage, empty)[1]) & metrics)) for stage in own
    }


def changed_metrics(
    changes: ValueChanges, head: Mapping[str, ValuesFile], policy: Policy
) -> dict[str, tuple[ModelMetric, ...]]:
    """Assess each changed metric, by file; `head` are the metrics files of the head."""
    found: dict[str, tuple[ModelMetric, ...]] = {}
    changes = without_same(changes)
    for file in sorted(changes):
        rows = []
        no_metrics = _no_metrics(head, file)
        for key in sorted(changes[file]):
            change = changes[file][key]
            old, new = change["old"], change["new"]
            better, tolerated = None, False
            if new is not None or key in no_metrics:
                better, tolerated = assess(file, key, old, new, policy)
            diff = change.get("diff")
            rows.append(ModelMetric(file, key, old, new, diff, better, tolerated))
        found[file] = tuple(rows)
    return found


def metric_notes(
    changed: Mapping[str, tuple[ModelMetric, ...]],
    base: Lineage,
    head: Lineage,
    same: Callable[[str], bool],
) -> tuple[MetricNote, ...]:
    """Note better, worse, tolerated and missing metrics, and files with unknown values.

    `same` returns whether a path's version is known at base and head and equal.
    """
    notes = [
        note
        for rows in changed.values()
        for row in rows
        if (note := _note(row, _no_metrics(head.metrics, row.file)))
    ]
    notes += [
        MetricNote(item.subject, None, "unknown", item.reason)
        for item in unknown_values(base.metrics, head.metrics, same)
    ]
    return tuple(sorted(notes, key=lambda note: (note.file, note.key or "")))


def losses_in_doubt(change: Change, policy: Policy) -> tuple[tuple[str, str], ...]:
    """Return the metrics that got worse and have no tolerance of their own, by file and key."""
    return tuple(
        (note.file, note.key)
        for note in change.metric_notes
        if note.key is not None
        and note.note in ("worse", "tolerated")
        and not has_own_tolerance(note.file, note.key, policy)
    )


def with_noise(change: Change, noise: Mapping[tuple[str, str], MetricNoise]) -> Change:
    """Assess losses by the noise of their metrics, given by file and key."""
    if not noise:
        return change
    notes = tuple(_with_noise(note, change, noise) for note in change.metric_notes)
    found = {(note.file, note.key): note for note in notes if note.noise}

    def assessed(row: ModelMetric) -> ModelMetric:
        note = found.get((row.file, row.key))
        if note is None:
            return row
        return replace(row, tolerated=note.note == "tolerated", noise=note.noise)

    models = tuple(
        replace(model, metrics=tuple(assessed(row) for row in model.metrics))
        for model in change.models
    )
    return replace(change, metric_notes=notes, models=models)


def _with_noise(
    note: MetricNote, change: Change, noise: Mapping[tuple[str, str], MetricNoise]
) -> MetricNote:
    found = None if note.key is None else noise.get((note.file, note.key))
    if found is None or note.key is None:
        return note
    value = change.metrics[note.file][note.key]
    small = within(value["old"], value["new"], found.spread)
    return replace(note, note="tolerated" if small else "worse", noise=found)


def unknown_values(
    old: Mapping[str, ValuesFile], new: Mapping[str, ValuesFile], same: Callable[[str], bool]
) -> list[Unknown]:
    """List files whose values are unknown at base or head, unless their version is the same."""
    found = []
    for path in sorted(old.keys() | new.keys()):
        for file in (new.get(path), old.get(path)):
            if file is not None and file.unknown is not None and not same(path):
                found.append(Unknown(path, file.unknown))
                break
    return found


def _no_metrics(files: Mapping[str, ValuesFile], file: str) -> frozenset[str]:
    return files[file].no_metrics if file in files else frozenset()


def _note(row: ModelMetric, no_metrics: frozenset[str]) -> MetricNote | None:
    if row.new is None and row.key not in no_metrics:
        return MetricNote(row.file, row.key, "missing")
    if is_number(row.old) and not is_number(row.new):
        return MetricNote(row.file, row.key, "no-number")
    if row.new is None:
        return MetricNote(row.file, row.key, "missing")
    if row.better is None:
        return None
    if row.tolerated:
        return MetricNote(row.file, row.key, "tolerated")
    return MetricNote(row.file, row.key, "better" if row.better else "worse")
