"""Rows of an audit: siblings share one, with what they have in common and what each has alone."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, TypeVar

from msgspec import Struct

from lineage_diff.lineage.history import CommitInfo
from lineage_diff.render.groups.causes import CauseGroup, cause_groups
from lineage_diff.render.groups.items import ItemGroup, item_groups, kinds_of, reasons_likeness
from lineage_diff.render.groups.metrics import ends
from lineage_diff.render.groups.names import family_of
from lineage_diff.report.answers import (
    History,
    HistoryStep,
    ImpactedModel,
    Input,
    ParamUsed,
    RunStep,
    Trace,
)

Part = TypeVar("Part")


def trace_groups(traces: Iterable[Trace]) -> list[ItemGroup[Trace]]:
    """Return rows of audited models: of one entry or folder, made the same way, equally fresh.

    A model with a name or a registered version has a row of its own.
    """
    traces = list(traces)
    kinds = kinds_of(trace.path for trace in traces)

    def key_of(trace: Trace) -> Hashable:
        if trace.name is not None or trace.registered:
            return None
        family = family_of(trace.stage)
        reasons = reasons_likeness(family, trace.reasons)
        state = (trace.freshness, trace.freshness_then)
        return (family or kinds[trace.path], state, reasons, trace.made)

    return item_groups(traces, key_of, lambda trace: trace.path)


def history_groups(histories: Iterable[History]) -> list[ItemGroup[History]]:
    """Return rows of histories: of one entry or folder, whose versions are of the same commits."""
    histories = list(histories)
    kinds = kinds_of(history.path for history in histories)

    def key_of(history: History) -> Hashable:
        if history.key is not None or any(step.registered for step in history.steps):
            return None
        families = {family_of(step.stage) for step in history.steps}
        family = families.pop() if len(families) == 1 else None
        steps = tuple((_id(step.commit), step.change, step.beside) for step in history.steps)
        return (family or kinds[history.path], steps)

    return item_groups(histories, key_of, lambda history: history.path)


def impact_groups(models: Iterable[ImpactedModel]) -> list[ItemGroup[ImpactedModel]]:
    """Return rows of models made from some data: in the same commits, by stages of one entry."""
    return item_groups(models, _impact_likeness, lambda model: model.path)


def _impact_likeness(model: ImpactedModel) -> Hashable:
    if model.name is not None or any(made.registered for made in model.versions):
        return None
    spans = tuple((made.first, made.last, tuple(entries(made.via))) for made in model.versions)
    return (spans, model.clean_since)


def entries(stages: Iterable[str]) -> list[str]:
    """Return the stages with their entry for each generated one: `train@…` for `train@a`."""
    return [f"{family}@…" if (family := family_of(stage)) else stage for stage in stages]


class TraceParts(Struct, frozen=True):
    """Runs, inputs and params: those that all models of a row share, or those of one alone."""

    runs: Sequence[RunStep]
    inputs: Sequence[Input]
    params: Sequence[ParamUsed]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.runs) + len(self.inputs) + len(self.params)


def shared_parts(row: ItemGroup[Trace]) -> TraceParts:
    """Return what all models of a row share; of a single model all that it has."""
    return TraceParts(
        _shared([trace.runs for trace in row.items], _run),
        _shared([trace.inputs for trace in row.items], _input),
        _shared([trace.params for trace in row.items], _param),
    )


def own_parts(trace: Trace, shared: TraceParts) -> TraceParts:
    """Return what a model of a row does not share with all others."""
    return TraceParts(
        _rest(trace.runs, shared.runs, _run),
        _rest(trace.inputs, shared.inputs, _input),
        _rest(trace.params, shared.params, _param),
    )


def _shared(
    lists: Sequence[Sequence[Part]], identity: Callable[[Part], Hashable]
) -> Sequence[Part]:
    first, *others = lists
    common = [frozenset(map(identity, parts)) for parts in others]
    return [part for part in first if all(identity(part) in parts for parts in common)]


def _rest(
    parts: Sequence[Part], shared: Sequence[Part], identity: Callable[[Part], Hashable]
) -> Sequence[Part]:
    known = frozenset(map(identity, shared))
    return [part for part in parts if identity(part) not in known]


def _run(run: RunStep) -> Hashable:
    return (run.stage, _id(run.made))


def _input(item: Input) -> Hashable:
    return (item.kind, item.path, item.version.hash, _id(item.since), tuple(entries(item.via)))


def _param(item: ParamUsed) -> Hashable:
    return (item.key, repr(item.value), _id(item.since), tuple(entries((item.stage,))))


def _id(commit: CommitInfo | None) -> str | None:
    return None if commit is None else commit.id


class StepGroup(Struct, frozen=True):
    """One version of each model of a row, all of one commit.

    `ranges` are the metrics, each with its least and greatest number.
    """

    steps: tuple[HistoryStep, ...]
    causes: list[CauseGroup]
    ranges: tuple[tuple[str, tuple[float, float]], ...]

    @property
    def first(self) -> HistoryStep:
        """The version that stands for all."""
        return self.steps[0]

    def unexplained(self) -> bool:
        """Whether a model was made again or moved, and no recorded change explains one of them."""
        return self.first.change in ("retrained", "moved") and not self.causes


def step_groups(row: ItemGroup[History]) -> list[StepGroup]:
    """Return the versions of the models of a row, the newest first."""
    return [_step_group(steps) for steps in zip(*(item.steps for item in row.items), strict=True)]


def _step_group(steps: tuple[HistoryStep, ...]) -> StepGroup:
    values: dict[str, list[Any]] = {}
    for step in steps if len(steps) > 1 else ():
        for metric in step.metrics:
            values.setdefault(metric.key, []).append(metric.value)
    ranges = ((key, ends(found)) for key, found in values.items())
    return StepGroup(
        steps, cause_groups(steps), tuple((key, pair) for key, pair in ranges if pair is not None)
    )
