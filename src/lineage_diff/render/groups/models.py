"""The rows of models: a row is one model, or siblings that share what happened to them.

docs/reading.md has the rules. All formats and the picture take their rows from here.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import cached_property, partial
from itertools import chain

from msgspec import Struct

from lineage_diff.render.groups.causes import CauseGroup, by_kind, cause_groups, identity, nearest
from lineage_diff.render.groups.metrics import MetricRange, metric_ranges
from lineage_diff.render.groups.names import (
    SharedName,
    common_name,
    distinct_names,
    family_of,
    folder_of,
    shared_name,
)
from lineage_diff.render.metrics_table import worst_first
from lineage_diff.report.change import ModelChange, ModelMetric
from lineage_diff.report.reasons import Cause

# The most rows of models above the folds.
MOST_ROWS = 12
# The most causes, and the most metrics, in the row of a model.
DETAILS = 4
# Up to this number every model has a row.
FEW = 5
# Fewer siblings have rows of their own.
LEAST = 3
# So many models that got worse, or are in use, stand out; of more, those in use to which something
# happened, if they are not more; each other is in the row of its siblings.
FEW_OUTSTANDING = 3

# What happened to a model, as far as the words for it differ.
Event = Hashable
Row = tuple[ModelChange, ...]


class ModelGroup(Struct, frozen=True, dict=True):
    """The models of one row. `shared` is what their paths share, of a single model all of it.

    `families` are the entries that generate their stages, with the number of models of each.
    """

    models: tuple[ModelChange, ...]
    shared: SharedName
    families: tuple[tuple[str, int], ...] = ()

    @property
    def first(self) -> ModelChange:
        """The model that stands for all."""
        return self.models[0]

    @cached_property
    def name(self) -> str:
        """The path of a single model, else what the paths share; empty if it is nothing."""
        return common_name([model.path for model in self.models])

    @cached_property
    def pipelines(self) -> int:
        """The number of pipelines that the models are from."""
        return len({model.pipeline for model in self.models})

    @cached_property
    def folder(self) -> str:
        """The folder that all models are in, with its `/`."""
        return folder_of([model.path for model in self.models])

    def label(self, place: int) -> str:
        """Return the name of one model beside its siblings: its own, or the rest of its path."""
        model = self.models[place]
        return model.name or self.shared.rest(model.path) or model.path

    @cached_property
    def causes(self) -> list[CauseGroup]:
        """The causes of the models: those that all share first, then those of some."""
        return cause_groups(self.models)

    def nearest(self, most: int) -> list[CauseGroup]:
        """Return the first `most` of the causes in the order to print: shared ones first."""
        return nearest(self.causes, most)

    @cached_property
    def shared_causes(self) -> list[Cause]:
        """The causes that all models share."""
        return by_kind(chain.from_iterable(group.causes for group in self.causes if group.all))

    def own_causes(self, place: int) -> list[Cause]:
        """Return the causes of one model that it does not share with all others.

        Without the changes of its own stage that all its siblings have in theirs.
        """
        return by_kind(c for c in self.models[place].causes if identity(c) not in self._shared)

    @cached_property
    def _shared(self) -> frozenset[Hashable]:
        entries = {family for family, _ in self.families}
        own = (
            group.causes
            for group in self.causes
            if not group.only and len(group.causes) > 1 and group.name in entries
        )
        shared = chain(self.shared_causes, chain.from_iterable(own))
        return frozenset(identity(cause) for cause in shared)

    @property
    def omitted_causes(self) -> int:
        """The number of causes that the report counts only; for several models the least."""
        return min(model.omitted_causes for model in self.models)

    @cached_property
    def ranges(self) -> list[MetricRange]:
        """The range of each metric."""
        return metric_ranges(self.models)

    def worst_first(self, place: int) -> list[ModelMetric]:
        """Return the metrics of one model, the most worsened first."""
        if place not in self._ordered:
            self._ordered[place] = worst_first(self.models[place].metrics)
        return self._ordered[place]

    @cached_property
    def _ordered(self) -> dict[int, list[ModelMetric]]:
        # A format asks several times, and a model may have hundreds of thousands.
        return {}

    @property
    def old_path(self) -> str:
        """The old path of a moved model, or what the old paths share."""
        return common_name([model.renamed_from or model.path for model in self.models])


def model_groups(
    models: Sequence[ModelChange], event: Callable[[ModelChange], Event], most: int = MOST_ROWS
) -> tuple[ModelGroup, ...]:
    """Return the rows of models that are in order of urgency, in this order.

    Models of one event are siblings by the `foreach` or `matrix` entry that makes them, or by
    their causes and their folder, or their name in folders side by side. As long as that gives
    more than `most` rows, those of one event and pipeline are merged, then those of one event. A
    model that stands out has a row of its own.
    """
    out = _standing_out(models)
    events = {model.path: event(model) for model in models if model.path not in out}
    rows: list[Row] = [(model,) for model in models]
    if len(models) > FEW:
        known: dict[Hashable, int] = {}
        rows = _merged(rows, partial(_key, events, partial(_sibling, known)), 0)
        alone = {row[0].path: events.get(row[0].path) for row in rows if len(row) == 1}
        left = {path: found for path, found in alone.items() if found is not None}
        rows = _merged(rows, partial(_key, left, partial(_namesake, known)), 0)
    for place in (_pipeline, _no_place):
        rows = _merged(rows, partial(_key, events, place), most)
    order = {model.path: place for place, model in enumerate(models)}
    return tuple(_group(row) for row in sorted(rows, key=lambda row: order[row[0].path]))


def _key(
    events: Mapping[str, Event], place: Callable[[ModelChange], Hashable], model: ModelChange
) -> Hashable:
    """Return the key of a model that has siblings; its path if it stands out."""
    return (events[model.path], place(model)) if model.path in events else model.path


def _merged(rows: list[Row], key: Callable[[ModelChange], Hashable], most: int) -> list[Row]:
    """Merge the rows of each key, of the commonest first, as long as there are more than `most`."""
    found: dict[Hashable, list[Row]] = defaultdict(list)
    for row in rows:
        found[key(row[0])].append(row)
    left = len(rows)
    merged: list[Row] = []
    for members in sorted(found.values(), key=len, reverse=True):
        models = tuple(chain.from_iterable(members))
        if left > most and len(members) > 1 and len(models) >= LEAST:
            left -= len(members) - 1
            merged.append(models)
        else:
            merged += members
    return merged


def _sibling(known: dict[Hashable, int], model: ModelChange) -> Hashable:
    family = family_of(model.stage)
    if family is not None:
        return family
    causes = _causes(known, model)
    return (model.path.rpartition("/")[0], causes, model.omitted_causes > 0)


def _namesake(known: dict[Hashable, int], model: ModelChange) -> Hashable:
    """Return what models of a pipeline and name in folders side by side share: `ner/…/best`."""
    folder, _, name = model.path.rpartition("/")
    around = folder.rpartition("/")[0]
    if family_of(model.stage) is not None or not around:
        return model.path
    causes = _causes(known, model)
    return (model.pipeline, around, name, causes, model.omitted_causes > 0)


def _causes(known: dict[Hashable, int], model: ModelChange) -> frozenset[int]:
    """Return the causes of a model by their numbers among all `known` ones, which it adds to."""
    return frozenset(known.setdefault(identity(cause), len(known)) for cause in model.causes)


def _pipeline(model: ModelChange) -> Hashable:
    return model.pipeline


def _no_place(model: ModelChange) -> Hashable:
    return None


def _standing_out(models: Iterable[ModelChange]) -> frozenset[str]:
    """Return the paths of models that are in use, in use and at risk, or worse: a kind if few."""
    models = tuple(models)
    found: list[str] = []
    for stands_out in (got_worse, is_in_use, _is_at_risk):
        paths = [model.path for model in models if stands_out(model)]
        found += paths if len(paths) <= FEW_OUTSTANDING else ()
    return frozenset(found)


def is_in_use(model: ModelChange) -> bool:
    """Whether a registered version of the model is in use."""
    return bool(model.in_use)


def _is_at_risk(model: ModelChange) -> bool:
    """Whether a model in use is stale, removed or worse."""
    return is_in_use(model) and (
        model.freshness == "stale" or model.change == "removed" or got_worse(model)
    )


def got_worse(model: ModelChange) -> bool:
    """Whether a metric of the model regressed."""
    return any(metric.better is False and not metric.tolerated for metric in model.metrics)


def _group(members: Sequence[ModelChange]) -> ModelGroup:
    families = Counter(family_of(model.stage) for model in members)
    del families[None]
    known = sorted((family, count) for family, count in families.items() if family is not None)
    shared = shared_name(model.path for model in members)
    return ModelGroup(tuple(members), shared, tuple(known))


def row_names(rows: Sequence[ModelGroup], width: int) -> list[str]:
    """Return the name of each row in at most about `width` characters; no two look the same."""
    short = distinct_names((row.name for row in rows if row.name), width)
    counts = Counter(row.name for row in rows)
    names: list[str] = []
    for row in rows:
        name = short.get(row.name, "")
        names.append(f"{name} ({row.label(0)}…)".lstrip() if counts[row.name] > 1 else name)
    return names


def rows_by_path(rows: Iterable[ModelGroup]) -> Mapping[str, int]:
    """Return the place of each model's row, by the model's path."""
    return {model.path: place for place, row in enumerate(rows) for model in row.models}
