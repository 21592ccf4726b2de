"""What a reader must know of each changed metric."""

from collections.abc import Callable, Mapping

from lineage_diff.compare.better import judged
from lineage_diff.compare.change import MetricNote, ModelMetric
from lineage_diff.compare.unknown import Unknown
from lineage_diff.compare.value_change import ValueChanges
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.policy import Policy
from lineage_diff.lineage.values import ValuesFile


def changed_metrics(changes: ValueChanges, policy: Policy) -> dict[str, tuple[ModelMetric, ...]]:
    """Say of each changed metric whether it got better, by file."""
    found: dict[str, tuple[ModelMetric, ...]] = {}
    for file in sorted(changes):
        rows = []
        for key in sorted(changes[file]):
            change = changes[file][key]
            old, new = change["old"], change["new"]
            better, tolerated = judged(file, key, old, new, policy)
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
    """Note better, worse, tolerated and missing metrics, and files that a commit cannot tell.

    `same` says that a path's version is known on both sides and equal.
    """
    notes = [note for rows in changed.values() for row in rows if (note := _note(row))]
    notes += [
        MetricNote(item.subject, None, "unknown", item.reason)
        for item in unknown_values(base.metrics, head.metrics, same)
    ]
    return tuple(sorted(notes, key=lambda note: (note.file, note.key or "")))


def unknown_values(
    old: Mapping[str, ValuesFile], new: Mapping[str, ValuesFile], same: Callable[[str], bool]
) -> list[Unknown]:
    """List the files that a side cannot tell, but for those whose version is surely the same."""
    found = []
    for path in sorted(old.keys() | new.keys()):
        for file in (new.get(path), old.get(path)):
            if file is not None and file.unknown is not None and not same(path):
                found.append(Unknown(path, file.unknown))
                break
    return found


def _note(row: ModelMetric) -> MetricNote | None:
    if row.new is None:
        return MetricNote(row.file, row.key, "missing")
    if row.better is None:
        return None
    if row.tolerated:
        return MetricNote(row.file, row.key, "tolerated")
    return MetricNote(row.file, row.key, "better" if row.better else "worse")
