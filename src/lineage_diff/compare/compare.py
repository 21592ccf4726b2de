"""Two lineages in, all that differs between them out."""

from collections.abc import Mapping
from typing import Any

from lineage_diff.compare.causes import Sides, edited_paths, is_quiet
from lineage_diff.compare.change import Change, StageChange
from lineage_diff.compare.data import data_changes
from lineage_diff.compare.files import with_files
from lineage_diff.compare.freshness import StageFreshness, freshness
from lineage_diff.compare.ignored import without
from lineage_diff.compare.impact import Impact, find_impact, union_graph
from lineage_diff.compare.made import made_outs
from lineage_diff.compare.measures import metrics_of_stages
from lineage_diff.compare.metric_moves import MoveContext, metric_moves
from lineage_diff.compare.metric_notes import changed_metrics, metric_notes
from lineage_diff.compare.model_changes import ModelContext, model_changes
from lineage_diff.compare.models import find_models
from lineage_diff.compare.param_changes import param_changes
from lineage_diff.compare.pipelines import pipeline_changes
from lineage_diff.compare.plots import plot_changes
from lineage_diff.compare.reason import Freshness
from lineage_diff.compare.structure import Pair, changed_parts, pair_stages
from lineage_diff.compare.subgraph import Drawn, draw
from lineage_diff.compare.unknowns import find_unknowns
from lineage_diff.compare.values import diff_values
from lineage_diff.compare.versions import same_version
from lineage_diff.lineage.graph import LineageGraph
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.policy import Policy

_NO_COMMITS: Mapping[str, tuple[str, ...]] = {}


def compare(
    base: Lineage,
    head: Lineage,
    policy: Policy,
    touched: Mapping[str, tuple[str, ...]] = _NO_COMMITS,
    judged: Mapping[str, StageFreshness] | None = None,
) -> Change:
    """Compare two commits. `touched` gives the commits of the range by path, newest first.

    `judged` is the freshness of the base's stages, where it is known.
    """
    old_fresh = freshness(base) if judged is None else judged
    new_fresh = old_fresh if head is base else freshness(head, base, old_fresh)
    if policy.ignore:
        base, head = without(base, policy.ignore), without(head, policy.ignore)
    pairs = pair_stages(base.stages, head.stages)
    old_outs, new_outs = (
        made_outs(base.stages, base.contents),
        made_outs(head.stages, head.contents),
    )

    def same(path: str) -> bool:
        old, new = old_outs.get(path), new_outs.get(path)
        known = old and new and old.version and old.version.hash
        return bool(known and old and new and same_version(old.version, new.version))

    metrics = diff_values(base.metrics, head.metrics)
    edited = edited_paths(base.contents, head.contents)
    sides = Sides(
        old_outs,
        new_outs,
        base.contents,
        head.contents,
        param_changes(base, head),
        edited,
    )
    quiet = not metrics and all(is_quiet(pair, sides) for pair in pairs)
    graph = LineageGraph({}, {}, {}) if quiet else union_graph(pairs)
    impact = Impact() if quiet else find_impact(pairs, graph, sides)
    stages = tuple(_stage(pair, old_fresh, new_fresh) for pair in pairs if _is_stage(pair))
    rows = changed_metrics(metrics, policy)
    old_models = find_models(old_outs, base.artifacts, policy)
    new_models = find_models(new_outs, head.artifacts, policy)
    ids = {pair.old.id: pair.id for pair in pairs if pair.old is not None}
    makers = frozenset(
        ids.get(model.made.stage.id, model.made.stage.id)
        for model in (*old_models.values(), *new_models.values())
        if model.made is not None
    )
    context = ModelContext(
        impact,
        ids,
        {pair.id: _freshness(pair, old_fresh, new_fresh) for pair in pairs},
        metrics_of_stages(pairs, graph, frozenset(rows), makers) if rows else {},
        rows,
        touched,
    )
    models = model_changes(old_models, new_models, context)
    by_id = {pair.id: pair for pair in pairs}
    seen = MoveContext(base, head, by_id, graph, impact, sides, touched)
    data = with_files(data_changes(old_outs, new_outs), base.listings, head.listings)
    differing = {stage.pipeline: True for stage in stages if stage.change != "unchanged"}
    return Change(
        pipelines=pipeline_changes(base, head, differing),
        models=models,
        stages=stages,
        data=data,
        params=diff_values(base.params, head.params),
        metrics=metrics,
        metric_notes=metric_notes(rows, base, head, same),
        metric_moves=metric_moves(rows, models, seen) if rows else (),
        plots=plot_changes(base, head, old_outs, new_outs),
        graph=draw(pairs, Drawn(impact, stages, models, data)),
        unknowns=find_unknowns(base, head, same),
    )


def _is_stage(pair: Pair) -> bool:
    return not pair.any.is_dvcfile


def _freshness(
    pair: Pair, old: Mapping[str, StageFreshness], new: Mapping[str, StageFreshness]
) -> tuple[Freshness, bool | None]:
    before = old.get(pair.old.id) if pair.old else None
    now = new.get(pair.new.id) if pair.new else None
    stale = None if before is None or before.freshness == "unknown" else before.freshness == "stale"
    return (now.freshness if now else "unknown"), stale


def _stage(
    pair: Pair, old: Mapping[str, StageFreshness], new: Mapping[str, StageFreshness]
) -> StageChange:
    now = new.get(pair.new.id) if pair.new else None
    state, stale_before = _freshness(pair, old, new)
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
        freshness=state,
        reasons=now.reasons if now else (),
        renamed_from=renamed,
        stale_before=stale_before,
    )
