"""Is every stage fresh? A commit's lock entries against what the commit holds, and downstream.

A stage is stale where `dvc status` would call it changed with all data at hand, and where a stage
above it is. Three things differ, on purpose:

- what DVC carries in no way, staleness from stage to stage, is carried (`outdated-by`), but not
  through a frozen stage, which DVC does not run for a change above it;
- a stage that DVC runs every time (`always_changed`, or a command without deps and outs) is
  *unknown*: no commit can show that its outs are what a run would make. It says nothing of the
  stages below, which DVC judges by the hashes of its outs;
- content that differs from the lock in its line ends alone is not stale.
"""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from msgspec import Struct

from lineage_diff.freshness.lock_check import CheckContext, own_reasons, scene_of
from lineage_diff.lineage.graph import LineageGraph, build_graph, topological
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.stage import Stage
from lineage_diff.report.reasons import Freshness, Reason, ReasonKind

# DVC is silent on these: they are told, and do not make a stage stale.
NOTES: frozenset[ReasonKind] = frozenset(
    ("dep-removed", "out-removed", "param-removed", "line-endings")
)
UNKNOWN: frozenset[ReasonKind] = frozenset(
    ("dep-unknown", "out-unknown", "always-changed", "unreadable", "skipped", "spliced")
)

ABOVE_UNKNOWN = "the stage that makes it cannot be judged"


class StageFreshness(Struct, frozen=True):
    """`reasons` hold notes too, which say something of a stage without making it stale."""

    freshness: Freshness
    reasons: tuple[Reason, ...] = ()


_FRESH = StageFreshness("fresh")


def freshness(
    lineage: Lineage,
    other: Lineage | None = None,
    judged: Mapping[str, StageFreshness] = MappingProxyType({}),
) -> Mapping[str, StageFreshness]:
    """Judge every stage and `.dvc` file of a commit, by id.

    What is `judged` of an `other` commit is taken over where both hold the same of a stage and of
    all above it: the reader shares stages that are equal.
    """
    graph = build_graph(lineage.stages)
    scene = scene_of(lineage, graph)
    alike = _alike(scene_of(other, build_graph(other.stages)), scene) if other else frozenset()
    stages = {stage.id: stage for stage in lineage.stages}
    order, _ = topological(graph)
    found: dict[str, StageFreshness] = {}
    for stage in (*order, *sorted(stages.keys() - set(order))):
        above = graph.upstream[stage]
        if stage in alike and all(found.get(link.stage) is judged[link.stage] for link in above):
            found[stage] = judged[stage]
            continue
        reasons = list(own_reasons(stages[stage], scene))
        if not stages[stage].frozen and any(found.get(link.stage) is not _FRESH for link in above):
            reasons += _from_above(stages[stage], graph, found)
        if not reasons:
            found[stage] = _FRESH
            continue
        now = StageFreshness(_freshness(reasons), tuple(reasons))
        known = judged.get(stage)
        found[stage] = known if known is not None and known == now else now
    return dict(sorted(found.items()))


def _alike(old: CheckContext, new: CheckContext) -> frozenset[str]:
    """Return the stages of which both commits hold the same: definition, lock, and all it uses."""
    # One graph for both says that each stage meets the same outs of the same stages.
    if (old.graph, old.broken, old.lock_files) != (new.graph, new.broken, new.lock_files):
        return frozenset()
    differing = _differing(old.lineage.contents, new.lineage.contents)
    differing |= _differing(old.lineage.params, new.lineage.params)
    differing |= old.lineage.git_ignored ^ new.lineage.git_ignored
    before = {stage.id: stage for stage in old.lineage.stages}
    same = {
        stage.id
        for stage in new.lineage.stages
        if before[stage.id] is stage
        and differing.isdisjoint(_paths(stage))
        and old.lineage.locked_at.get(stage.id) == new.lineage.locked_at.get(stage.id)
        and old.lineage.splices.get(stage.id) == new.lineage.splices.get(stage.id)
    }
    links = new.graph.upstream
    return frozenset(stage for stage in same if all(link.stage in same for link in links[stage]))


def _paths(stage: Stage) -> Iterator[str]:
    yield stage.file
    yield from (dep.path for dep in stage.deps)
    yield from (out.path for out in stage.outs)
    yield from (param.path for param in stage.params)


def _differing(old: Mapping[str, object], new: Mapping[str, object]) -> set[str]:
    return {path for path in old.keys() | new.keys() if old.get(path) != new.get(path)}


def _freshness(reasons: Iterable[Reason]) -> Freshness:
    kinds = {reason.kind for reason in reasons} - NOTES
    if kinds - UNKNOWN:
        return "stale"
    return "unknown" if kinds else "fresh"


def _from_above(
    stage: Stage, graph: LineageGraph, found: Mapping[str, StageFreshness]
) -> list[Reason]:
    reasons: list[Reason] = []
    for above in sorted({link.stage for link in graph.upstream.get(stage.id, ())}):
        # In a cycle a stage can come before one above it.
        judged = found.get(above)
        if judged is None:
            continue
        if judged.freshness == "stale":
            reasons.append(Reason("outdated-by", above, file=stage.file, line=stage.line))
        elif judged.freshness == "unknown" and any(
            reason.kind in UNKNOWN and reason.kind != "always-changed" for reason in judged.reasons
        ):
            where, line = stage.file, stage.line
            reasons.append(
                Reason("dep-unknown", above, detail=ABOVE_UNKNOWN, file=where, line=line)
            )
    return reasons


def repro_targets(lineage: Lineage, stale: Iterable[str]) -> tuple[str, ...]:
    """Return the addresses to give to `dvc repro` so that all of the stages are fresh again.

    DVC runs what lies above a target, so only those are named that no other one needs. A frozen
    stage cuts the way up, as it does for DVC.
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
    return tuple(sorted(stages[stage].address for stage in wanted if stage not in needed))


def repro_runs(lineage: Lineage, targets: Iterable[str]) -> frozenset[str]:
    """Return the ids of all stages that `dvc repro` looks at for these: they, and those above."""
    graph = build_graph(lineage.stages)
    stages = {stage.id: stage for stage in lineage.stages}
    found: set[str] = set()
    waiting = [target for target in targets if target in stages]
    while waiting:
        stage = waiting.pop()
        if stage not in found:
            found.add(stage)
            waiting += _above(stage, stages, graph)
    return frozenset(found)


def _above(stage: str, stages: Mapping[str, Stage], graph: LineageGraph) -> list[str]:
    if stages[stage].frozen:
        return []
    return [link.stage for link in graph.upstream.get(stage, ())]
