"""Advise which targets of `dvc repro` make models and metrics fresh again."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

from lineage_diff.lineage.graph import LineageGraph, build_graph, reachable
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.stage import Stage
from lineage_diff.report.change import Change, LeftOut, ReproAdvice, StageChange
from lineage_diff.report.reasons import STALE


def repro_advice(head: Lineage, change: Change) -> ReproAdvice:
    """Return the fewest targets of `dvc repro` that make the head's models and metrics fresh.

    Stages with outs that are stale by themselves are targets, too. A stage without outs acts on
    the world (it uploads, it deploys), so it is left out. So is a stage that only another one
    outdates, unless a model or metric comes from it.
    """
    stages = {stage.id: stage for stage in head.stages if not stage.is_dvcfile}
    stale = {
        stage.name: stage
        for stage in change.stages
        if stage.freshness == "stale" and stage.change != "removed" and stage.name in stages
    }
    models = {model.stage for model in change.models if model.change != "removed"}
    wanted = [
        name for name, stage in stale.items() if name in models or _is_wanted(stages[name], stage)
    ]
    left_out = tuple(
        LeftOut(name, "no-model" if stages[name].outs else "no-outs")
        for name in sorted(stale.keys() - repro_runs(head, wanted))
    )
    return ReproAdvice(repro_targets(head, wanted), left_out, not left_out and _is_safe(stages))


def _is_wanted(stage: Stage, change: StageChange) -> bool:
    if any(out.kind == "metrics" for out in stage.outs):
        return True
    return bool(stage.outs) and any(reason.kind in STALE for reason in change.reasons)


def _is_safe(stages: Mapping[str, Stage]) -> bool:
    """Whether a run of all stale stages runs none that only acts on the world."""
    return all(stage.outs and not stage.always_changed for stage in stages.values())


def repro_targets(lineage: Lineage, stale: Iterable[str]) -> tuple[str, ...]:
    """Return the targets of `dvc repro` that make all of the stages fresh again.

    DVC also runs the stages upstream of a target, so those are left out. A frozen stage ends the
    search upstream, as in DVC. A `foreach` or `matrix` entry stands for its stages if DVC looks at
    all of them anyway.
    """
    graph = build_graph(lineage.stages)
    stages = {stage.id: stage for stage in lineage.stages}
    wanted = sorted(set(stale) & stages.keys())
    needed: set[str] = set()
    for target in wanted:
        if target in needed:
            continue
        waiting = _above(target, stages, graph)
        while waiting:
            stage = waiting.pop()
            if stage not in needed and stage != target:
                needed.add(stage)
                waiting += _above(stage, stages, graph)
    targets = [stages[stage] for stage in wanted if stage not in needed]
    return tuple(sorted(_by_entry(targets, lineage.stages, needed.union(wanted))))


def _by_entry(
    targets: Iterable[Stage], stages: Iterable[Stage], run: Collection[str]
) -> Iterator[str]:
    """Yield the addresses of targets; one for several of an entry whose stages all `run` has."""
    found: dict[tuple[str, str], list[Stage]] = defaultdict(list)
    for stage in targets:
        if stage.group is None:
            yield stage.address
        else:
            found[stage.file, stage.group].append(stage)
    partly = {(s.file, s.group) for s in stages if s.group is not None and s.id not in run}
    for entry, members in found.items():
        if len(members) == 1 or entry in partly:
            yield from (stage.address for stage in members)
        else:
            file, group = entry
            yield group if file == "dvc.yaml" else f"{file}:{group}"


def repro_runs(lineage: Lineage, targets: Iterable[str]) -> frozenset[str]:
    """Return the ids of all stages that `dvc repro` looks at for these: they, and those above."""
    graph = build_graph(lineage.stages)
    stages = {stage.id: stage for stage in lineage.stages}
    known = [target for target in targets if target in stages]
    return frozenset(reachable(known, lambda stage: _above(stage, stages, graph)))


def _above(stage: str, stages: Mapping[str, Stage], graph: LineageGraph) -> list[str]:
    if stages[stage].frozen:
        return []
    return [link.stage for link in graph.upstream.get(stage, ()) if link.is_known_to_dvc]
