"""Freshness of all stages: compare lock entries with the commit, then propagate downstream.

A stage is stale if `dvc status` with all data available would report it as changed, or if a stage
upstream is stale. This differs from DVC in three points, on purpose:

- staleness propagates from stage to stage (`outdated-by`), which DVC does not do; but not through
  a frozen stage, which DVC does not run for a change upstream;
- a stage that DVC always runs (`always_changed`, or a command without deps and outs) is *unknown*:
  no commit can show that a run would make the same outs. This does not affect the stages
  downstream, which DVC compares by the hashes of its outs;
- a content that differs from the lock only in its line ends is not stale.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from msgspec import Struct

from lineage_diff.freshness.lock_check import CheckContext, check_context, own_reasons
from lineage_diff.lineage.evidence import CommitState
from lineage_diff.lineage.graph import LineageGraph, build_graph, topological, value_around
from lineage_diff.lineage.stage import Stage
from lineage_diff.report.reasons import NOTES, UNKNOWN, Freshness, Reason

ABOVE_UNKNOWN = "the freshness of the stage that makes it is unknown"


class StageFreshness(Struct, frozen=True):
    """The freshness of a stage. `reasons` include notes, which do not make it stale."""

    freshness: Freshness
    reasons: tuple[Reason, ...] = ()


_FRESH = StageFreshness("fresh")


def freshness(
    state: CommitState,
    other: CommitState | None = None,
    other_freshness: Mapping[str, StageFreshness] = MappingProxyType({}),
) -> Mapping[str, StageFreshness]:
    """Return the freshness of every stage and `.dvc` file of a commit, by id.

    `other_freshness` is that of an `other` commit. It is reused for a stage if both commits have
    the same of that stage and of all upstream: the reader shares equal stages.
    """
    graph = build_graph(state.lineage.stages)
    context = check_context(state, graph)
    unchanged = (
        _unchanged_stages(check_context(other, build_graph(other.lineage.stages)), context)
        if other
        else frozenset()
    )
    stages = {stage.id: stage for stage in state.lineage.stages}
    order, _ = topological(graph)
    found: dict[str, StageFreshness] = {}
    for stage in (*order, *sorted(stages.keys() - set(order))):
        above = graph.upstream[stage]
        if stage in unchanged and all(
            found.get(link.stage) is other_freshness[link.stage] for link in above
        ):
            found[stage] = other_freshness[stage]
            continue
        reasons = list(own_reasons(stages[stage], context))
        if not stages[stage].frozen and any(found.get(link.stage) is not _FRESH for link in above):
            reasons += _from_above(stages[stage], graph, found)
        if not reasons:
            found[stage] = _FRESH
            continue
        now = StageFreshness(_freshness(reasons), tuple(reasons))
        known = other_freshness.get(stage)
        found[stage] = known if known is not None and known == now else now
    return dict(sorted(found.items()))


class StaleBefore:
    """What was stale in a commit, of which `stages` have the freshness `by_stage`.

    It goes by the paths of outs: a change may swap the names of two stages, and one that was stale
    excuses no model of the other.
    """

    def __init__(self, stages: Iterable[Stage], by_stage: Mapping[str, StageFreshness]) -> None:
        self._by_stage = by_stage
        self._producers = {out.path: stage.id for stage in stages for out in stage.outs}

    def stage(self, id_: str | None) -> bool | None:
        """Return whether a stage was stale, `None` if it is unknown or there was none."""
        found = None if id_ is None else self._by_stage.get(id_)
        return None if found is None or found.freshness == "unknown" else found.freshness == "stale"

    def out(self, *paths: str | None) -> bool | None:
        """Return whether the first of the paths that a stage made was stale, `None` if unknown.

        False if none of them was made: it is new.
        """
        for path in paths:
            producer = None if path is None else value_around(path, self._producers)
            if producer is not None:
                return self.stage(producer)
        return False

    def has_stale_outs(self, stage: Stage) -> bool:
        """Whether all outs of a later stage that were made before were stale; one must have been.

        True for a stage without outs.
        """
        made = {value_around(out.path, self._producers) for out in stage.outs} - {None}
        return all(map(self.stage, made)) and bool(made or not stage.outs)


def _unchanged_stages(old: CheckContext, new: CheckContext) -> frozenset[str]:
    """Return the stages with the same definition, lock and inputs in both commits."""
    # The same graph: each stage has the same links to the same outs.
    if (old.graph, old.broken, old.lock_files) != (new.graph, new.broken, new.lock_files):
        return frozenset()
    differing = _differing_paths(old.evidence.contents, new.evidence.contents)
    differing |= _differing_paths(old.lineage.params, new.lineage.params)
    differing |= old.evidence.git_ignored ^ new.evidence.git_ignored
    touched = _differing_paths(old.evidence.locked_at, new.evidence.locked_at)
    touched |= _differing_paths(old.evidence.splices, new.evidence.splices)
    before = {stage.id: stage for stage in old.lineage.stages}
    same = {
        stage.id
        for stage in new.lineage.stages
        if before[stage.id] is stage
        and stage.id not in touched
        and differing.isdisjoint(_paths(stage))
    }
    links = new.graph.upstream
    return frozenset(stage for stage in same if all(link.stage in same for link in links[stage]))


def _paths(stage: Stage) -> list[str]:
    return [*stage.own_files, *stage.used_paths, *[out.path for out in stage.outs]]


def _differing_paths(old: Mapping[str, object], new: Mapping[str, object]) -> set[str]:
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
        # In a cycle a stage can come before one upstream.
        known = found.get(above)
        if known is None:
            continue
        if known.freshness == "stale":
            reasons.append(Reason("outdated-by", above, file=stage.file, line=stage.line))
        elif known.freshness == "unknown" and any(
            reason.kind in UNKNOWN and reason.kind != "always-changed" for reason in known.reasons
        ):
            where, line = stage.file, stage.line
            reasons.append(
                Reason("dep-unknown", above, detail=ABOVE_UNKNOWN, file=where, line=line)
            )
    return reasons
