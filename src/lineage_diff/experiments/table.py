"""Build the table of several revisions: the values that differ, rated and ranked by the policy."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, cast

from msgspec.structs import replace

from lineage_diff.diff.metric_direction import assess, direction, has_own_tolerance, within
from lineage_diff.experiments.revision import Measured, MetricKey, Values
from lineage_diff.lineage.policy import Better, Policy, Severity
from lineage_diff.report.change import MetricNoise, Unknown, same_value
from lineage_diff.report.experiments import (
    ExperimentTable,
    MetricCell,
    MetricRow,
    ParamCell,
    ParamRow,
)
from lineage_diff.report.value_text import is_number
from lineage_diff.text import join_some

ROWS = 500
"""Rows of params, and of metrics: a table of more is not read."""

_SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
_MISSING = object()
_NAMES = 5


def build_table(
    measured: Sequence[Measured],
    policy: Policy,
    noise: Mapping[MetricKey, MetricNoise],
    omitted: int = 0,
    unknowns: tuple[Unknown, ...] = (),
    leading: int = 1,
) -> ExperimentTable:
    """Return the table; the first revision is the baseline. `omitted` counts left-out ones.
    The first `leading` revisions are no experiments.

    `noise` is that of the metrics that differ, by file and key, where it was looked up.
    """
    params = [
        _param(key, _cells(key, [item.params for item in measured]))
        for key in _keys([item.params for item in measured])
    ]
    params = [row for row in params if any(cell.differs for cell in row.values)]
    metrics = [_metric(key, measured, policy, noise) for key in metric_keys(measured)]
    metrics = sorted(filter(_is_shown, metrics), key=lambda row: _order(row, policy))
    return ExperimentTable(
        tuple(item.column for item in measured),
        tuple(params[:ROWS]),
        tuple(metrics[:ROWS]),
        max(0, len(params) - ROWS),
        max(0, len(metrics) - ROWS),
        omitted,
        (*unknowns, *_unknowns(measured)),
        leading,
    )


def metric_keys(measured: Sequence[Measured]) -> list[MetricKey]:
    """Return all metrics of the revisions, by file and key, sorted."""
    return _keys([item.metrics for item in measured])


def noisy_keys(measured: Sequence[Measured], policy: Policy) -> list[MetricKey]:
    """Return the metrics that differ and are rated by their noise."""
    return [
        key
        for key in metric_keys(measured)
        if direction(*key, policy)[0] is not None
        and not has_own_tolerance(*key, policy)
        and _differ([value for value, _ in _cells(key, [item.metrics for item in measured])])
    ]


def _keys(found: Sequence[Values]) -> list[MetricKey]:
    return sorted(
        {(file, key) for values in found for file, keys in values.items() for key in keys or ()}
    )


def _cells(key: MetricKey, found: Sequence[Values]) -> list[tuple[Any, bool]]:
    """Return the value of each revision, and whether it is unknown."""
    file, name = key
    cells = []
    for values in found:
        held = values.get(file, {})
        cells.append((None, True) if held is None else (held.get(name, _MISSING), False))
    return cells


def _differ(values: Sequence[Any]) -> bool:
    return any(not _same(values[0], value) for value in values[1:])


def _same(old: Any, new: Any) -> bool:
    if old is _MISSING or new is _MISSING:
        return old is new
    return same_value(old, new)


def _param(key: MetricKey, cells: Sequence[tuple[Any, bool]]) -> ParamRow:
    first, first_unknown = cells[0]
    return ParamRow(
        *key,
        tuple(
            ParamCell(_shown(value), not (unknown or first_unknown or _same(first, value)), unknown)
            for value, unknown in cells
        ),
    )


def _shown(value: Any) -> Any:
    return None if value is _MISSING else value


def _metric(
    key: MetricKey,
    measured: Sequence[Measured],
    policy: Policy,
    noise: Mapping[MetricKey, MetricNoise],
) -> MetricRow:
    better, _ = direction(*key, policy)
    cells = _cells(key, [item.metrics for item in measured])
    values = tuple(
        MetricCell(
            _shown(value),
            cast("Any", item.notes.get(key)) if item.notes.get(key) != "unknown" else None,
            _severity(key, item),
            beyond_limit=any(
                finding.rule == "metric-limit" and finding.subject == ":".join(key)
                for finding in item.column.findings
            ),
            stale=key[0] in item.stale_files,
            unknown=unknown,
        )
        for item, (value, unknown) in zip(measured, cells, strict=True)
    )
    ranked = _ranked(key, values, better, policy, noise.get(key))
    return MetricRow(*key, better, ranked, noise.get(key))


def _severity(key: MetricKey, item: Measured) -> Severity | None:
    subjects = (":".join(key), key[0])
    found = [
        finding.severity
        for finding in item.column.findings
        if finding.rule.startswith("metric-")
        and finding.subject in (subjects if item.notes.get(key) == "missing" else subjects[:1])
    ]
    return min(found, key=_SEVERITIES.index, default=None)


def _ranked(
    key: MetricKey,
    cells: tuple[MetricCell, ...],
    better: Better | None,
    policy: Policy,
    noise: MetricNoise | None,
) -> tuple[MetricCell, ...]:
    """Mark the best value and those near it; nothing if all values are equal."""
    numbers = [
        cell.value
        for cell in cells
        if is_number(cell.value) and not cell.stale and not cell.unknown
    ]
    if better is None or len(numbers) < 2 or not _differ(numbers):
        return cells
    best = max(numbers) if better == "higher" else min(numbers)
    return tuple(replace(cell, rank=_rank(key, best, cell, policy, noise)) for cell in cells)


def _rank(
    key: MetricKey, best: Any, cell: MetricCell, policy: Policy, noise: MetricNoise | None
) -> Literal["best", "near"] | None:
    if not is_number(cell.value) or cell.stale or cell.unknown:
        return None
    if cell.value == best:
        return "best"
    if has_own_tolerance(*key, policy):
        return "near" if assess(*key, best, cell.value, policy)[1] else None
    return "near" if within(best, cell.value, noise.spread if noise else None) else None


def _is_shown(row: MetricRow) -> bool:
    known = [cell.value for cell in row.values if not cell.unknown]
    return any(cell.severity is not None for cell in row.values) or (bool(known) and _differ(known))


def _order(row: MetricRow, policy: Policy) -> tuple[int, str, str]:
    entry = direction(row.file, row.key, policy)[1]
    return (0 if entry is not None else 1 if row.better else 2), row.file, row.key


def _unknowns(measured: Sequence[Measured]) -> Iterator[Unknown]:
    """List the files that cannot be read, with the revisions in which they cannot."""
    revs: dict[tuple[str, str], list[str]] = {}
    for item in measured:
        for file, reason in item.unreadable.items():
            revs.setdefault((file, reason), []).append(item.column.rev)
    for (file, reason), names in sorted(revs.items()):
        where = "" if len(names) == len(measured) else f" (at {join_some(names, _NAMES)})"
        yield Unknown(file, f"{reason}{where}")
