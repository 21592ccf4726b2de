"""The metrics of a row of models: of one model its values, of several their range."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from lineage_diff.render.metrics_table import note_of, worst_first
from lineage_diff.report.change import ModelChange, ModelMetric
from lineage_diff.report.value_text import is_number


class MetricRange(Struct, frozen=True):
    """One metric of several models: the least and greatest number at each side.

    `old` and `new` are `None` without a number. `worse` are the places of the models that it got
    worse for, the worst first, each with its metric; `better` and `models` are counts.
    """

    key: str
    old: tuple[float, float] | None
    new: tuple[float, float] | None
    worse: tuple[tuple[int, ModelMetric], ...]
    better: int
    models: int


def metric_ranges(models: Sequence[ModelChange]) -> list[MetricRange]:
    """Return the range of each metric of the models, those that most got worse for first."""
    found: dict[str, list[tuple[int, ModelMetric]]] = defaultdict(list)
    for place, model in enumerate(models):
        for metric in model.metrics:
            found[metric.key].append((place, metric))
    ranges = [_range(key, members) for key, members in found.items()]
    return sorted(ranges, key=lambda item: (-len(item.worse), item.key))


def _range(key: str, members: list[tuple[int, ModelMetric]]) -> MetricRange:
    places = {id(metric): place for place, metric in members}
    ordered = worst_first(tuple(metric for _, metric in members))
    worse = [metric for metric in ordered if note_of(metric) in ("no-number", "worse")]
    return MetricRange(
        key,
        ends([metric.old for _, metric in members]),
        ends([metric.new for _, metric in members]),
        tuple((places[id(metric)], metric) for metric in worse),
        sum(note_of(metric) == "better" for _, metric in members),
        len({place for place, _ in members}),
    )


def ends(values: Sequence[Any]) -> tuple[float, float] | None:
    """Return the least and the greatest number among values; `None` without one."""
    numbers = [value for value in values if is_number(value)]
    return (min(numbers), max(numbers)) if numbers else None
