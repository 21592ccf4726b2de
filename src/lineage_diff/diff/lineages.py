"""Compare two lineages, without the paths that the policy ignores."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from msgspec.structs import replace

from lineage_diff.diff.causes import Sides, edited_paths, is_quiet
from lineage_diff.diff.data import data_changes, with_files
from lineage_diff.diff.graph import GraphParts, changed_subgraph
from lineage_diff.diff.impact import CauseReach, find_impact, union_graph
from lineage_diff.diff.metric_causes import AttributionContext, attribute_metrics
from lineage_diff.diff.metrics import changed_metrics, metric_notes, metrics_of_stages
from lineage_diff.diff.models import ModelContext, model_changes
from lineage_diff.diff.params import param_changes
from lineage_diff.diff.stages import Pair, changed_parts, pair_stages, pipeline_changes
from lineage_diff.diff.unknowns import find_unknowns, plot_changes
from lineage_diff.diff.unread import adopt_unread, adopt_unread_locks
from lineage_diff.diff.values import diff_values
from lineage_diff.freshness.stages import StageFreshness, StaleBefore, freshness
from lineage_diff.lineage.evidence import CommitState
from lineage_diff.lineage.graph import LineageGraph, ancestors
from lineage_diff.lineage.models import find_models
from lineage_diff.lineage.outputs import outputs_by_path, with_git_versions
from lineage_diff.lineage.paths import matcher
from lineage_diff.lineage.policy import Policy
from lineage_diff.lineage.stage import Stage
from lineage_diff.lineage.version import is_recorded, same_version
from lineage_diff.report.change import Change, StageChange
from lineage_diff.report.reasons import Freshness

T = TypeVar("T")


def without(state: CommitState, patterns: tuple[str, ...]) -> CommitState:
    """Return the commit without the pipelines, deps, outs and files that a pattern matches."""
    lineage, evidence = state.lineage, state.evidence
    ignored = matcher(patterns)

    def kept(files: Mapping[str, T]) -> dict[str, T]:
        return {path: value for path, value in files.items() if not ignored(path)}

    lineage = replace(
        lineage,
        pipelines=tuple(item for item in lineage.pipelines if not ignored(item.file)),
        stages=tuple(
            _without_ignored(item, ignored) for item in lineage.stages if not ignored(item.file)
        ),
        artifacts=tuple(item for item in lineage.artifacts if not ignored(item.path)),
        plots=tuple(item for item in lineage.plots if not ignored(item.path)),
        metrics=kept(lineage.metrics),
        params=kept(lineage.params),
    )
    contents, listings = kept(evidence.contents), kept(evidence.listings)
    return CommitState(lineage, replace(evidence, contents=contents, listings=listings))


def _without_ignored(stage: Stage, ignored: Callable[[str], bool]) -> Stage:
    paths = [dep.path for dep in stage.deps] + [param.path for param in stage.params]
    paths += [out.path for out in stage.outs]
    if not any(map(ignored, paths)):
        return stage
    return replace(
        stage,
        deps=tuple(item for item in stage.deps if not ignored(item.path)),
        outs=tuple(item for item in stage.outs if not ignored(item.path)),
        params=tuple(item for item in stage.params if not ignored(item.path)),
    )


_NO_COMMITS: Mapping[str, tuple[str, ...]] = {}


def compare(
    base: CommitState,
    head: CommitState,
    policy: Policy,
    touched: Mapping[str, tuple[str, ...]] = _NO_COMMITS,
    base_freshness: Mapping[str, StageFreshness] | None = None,
) -> Change:
    """Compare two commits. `touched` gives the commits of the range by path, newest first.

    `base_freshness` is the freshness of the base's stages, computed if `None`.
    """
    if base is not head:
        base, head = adopt_unread(base, head), adopt_unread(head, base)
    old_fresh = freshness(base) if base_freshness is None else base_freshness
    new_fresh = old_fresh if head is base else freshness(head, base, old_fresh)
    if policy.ignore:
        base, head = without(base, policy.ignore), without(head, policy.ignore)
    return _compare(base, head, policy, touched, (old_fresh, new_fresh))


def _compare(
    old_state: CommitState,
    new_state: CommitState,
    policy: Policy,
    touched: Mapping[str, tuple[str, ...]],
    by_stage: tuple[Mapping[str, StageFreshness], Mapping[str, StageFreshness]],
) -> Change:
    """Compare two commits whose stages have the freshness `by_stage`, at base and head."""
    base, head = old_state.lineage, new_state.lineage
    old_fresh, new_fresh = by_stage
    if base is not head:
        base, head = adopt_unread_locks(base, head), adopt_unread_locks(head, base)
    old_state = CommitState(base, old_state.evidence)
    new_state = CommitState(head, new_state.evidence)
    old_held, new_held = old_state.evidence.contents, new_state.evidence.contents
    pairs = pair_stages(base.stages, head.stages)
    old_outs, new_outs = with_git_versions(
        outputs_by_path(base.stages, old_held),
        outputs_by_path(head.stages, new_held),
        old_held,
        new_held,
    )

    def same(path: str) -> bool:
        for at in (path, *ancestors(path)):
            old, new = old_outs.get(at), new_outs.get(at)
            if old is not None and new is not None:
                known = is_recorded(old.version)
                return known and same_version(old.version, new.version)
        return False

    metrics = diff_values(base.metrics, head.metrics)
    edited = edited_paths(old_held, new_held)
    sides = Sides(
        old_outs,
        new_outs,
        old_held,
        new_held,
        param_changes(base, head),
        edited,
        old_state.evidence.listings,
        new_state.evidence.listings,
    )
    quiet = not metrics and all(is_quiet(pair, sides) for pair in pairs)
    graph = LineageGraph({}, {}, {}) if quiet else union_graph(pairs)
    impact = CauseReach() if quiet else find_impact(pairs, graph, sides)
    before = StaleBefore(base.stages, old_fresh)
    states = {pair.id: _freshness(pair, before, new_fresh) for pair in pairs}
    stages = tuple(
        _stage(pair, states[pair.id], new_fresh) for pair in pairs if _is_stage(pair, new_fresh)
    )
    rows = changed_metrics(metrics, head.metrics, policy)
    old_models = find_models(old_outs, base.artifacts, policy)
    new_models = find_models(new_outs, head.artifacts, policy)
    ids = {pair.old.id: pair.id for pair in pairs if pair.old is not None}
    producers = frozenset(
        ids.get(model.made.stage.id, model.made.stage.id)
        for model in (*old_models.values(), *new_models.values())
        if model.made is not None
    )
    context = ModelContext(
        impact,
        ids,
        states,
        before,
        frozenset(stage.name for stage in stages),
        metrics_of_stages(pairs, graph, frozenset(rows), producers) if rows else {},
        rows,
        touched,
        (old_held, new_held),
    )
    models = model_changes(old_models, new_models, context)
    by_id = {pair.id: pair for pair in pairs}
    seen = AttributionContext(old_state, new_state, by_id, graph, impact, sides, touched)
    moves = attribute_metrics(rows, models, seen) if rows else ()
    # Models and metrics have their causes now; those of all stages take the most memory.
    impact.nearest.clear()
    data = with_files(
        data_changes(old_outs, new_outs),
        old_state.evidence.listings,
        new_state.evidence.listings,
    )
    differing = {stage.pipeline: True for stage in stages if stage.change != "unchanged"}
    return Change(
        pipelines=pipeline_changes(base, head, differing),
        models=models,
        stages=stages,
        data=data,
        params=diff_values(base.params, head.params),
        metrics=metrics,
        metric_notes=metric_notes(rows, base, head, same),
        metric_causes=moves,
        plots=plot_changes(base, head, old_outs, new_outs),
        graph=changed_subgraph(pairs, GraphParts(impact, stages, models, data)),
        unknowns=find_unknowns(old_state, new_state, by_stage, same),
    )


def _is_stage(pair: Pair, new: Mapping[str, StageFreshness]) -> bool:
    """Whether the report lists it: not the `.dvc` file of data, unless it has to say why.

    A `.dvc` file of an old DVC has a command.
    """
    stage = pair.any
    now = new.get(pair.new.id) if pair.new else None
    return not stage.is_dvcfile or bool(stage.cmd) or bool(now and now.freshness == "stale")


def _freshness(
    pair: Pair, before: StaleBefore, new: Mapping[str, StageFreshness]
) -> tuple[Freshness, bool | None]:
    now = new.get(pair.new.id) if pair.new else None
    stale = before.stage(pair.old.id) if pair.old else None
    if stale and pair.new is not None and not before.has_stale_outs(pair.new):
        # It has the name of a stale stage, and makes the outs of others.
        stale = None
    return (now.freshness if now else "unknown"), stale


def _stage(
    pair: Pair, state: tuple[Freshness, bool | None], new: Mapping[str, StageFreshness]
) -> StageChange:
    now = new.get(pair.new.id) if pair.new else None
    changed = changed_parts(pair)
    renamed = pair.old.id if pair.old and pair.old.id != pair.id else None
    change: Any = "unchanged"
    if pair.old is None or pair.new is None:
        change = "added" if pair.old is None else "removed"
    elif renamed:
        change = "renamed"
    elif changed:
        change = "modified"
    return StageChange(
        name=pair.id,
        pipeline=pair.any.file,
        change=change,
        changed=changed,
        freshness=state[0],
        reasons=now.reasons if now else (),
        renamed_from=renamed,
        stale_before=state[1],
    )
