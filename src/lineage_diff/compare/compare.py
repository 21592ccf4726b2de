"""Two lineages in, all that differs between them out."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lineage_diff.compare.causes import Sides
from lineage_diff.compare.change import Change, Freshness, StageChange
from lineage_diff.compare.data import data_changes, made_outs
from lineage_diff.compare.globs import matcher
from lineage_diff.compare.impact import find_impact, union_graph
from lineage_diff.compare.judged_elsewhere import diff_values, freshness
from lineage_diff.compare.measures import changed_metrics, metric_notes, metrics_of_stages
from lineage_diff.compare.model_changes import ModelContext, model_changes
from lineage_diff.compare.models import find_models
from lineage_diff.compare.param_changes import ParamChanges
from lineage_diff.compare.plots import plot_changes
from lineage_diff.compare.structure import Pair, changed_parts, pair_stages, pipeline_changes
from lineage_diff.compare.subgraph import Drawn, draw
from lineage_diff.compare.unknowns import find_unknowns
from lineage_diff.compare.versions import same_version
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.policy import Policy

_NO_COMMITS: Mapping[str, tuple[str, ...]] = {}


def compare(
    base: Lineage,
    head: Lineage,
    policy: Policy,
    touched: Mapping[str, tuple[str, ...]] = _NO_COMMITS,
) -> Change:
    """Compare two commits. `touched` gives the commits of the range by path, newest first."""
    base, head = _kept(base, policy), _kept(head, policy)
    pairs = pair_stages(base.stages, head.stages)
    old_outs, new_outs = (
        made_outs(base.stages, base.contents),
        made_outs(head.stages, head.contents),
    )

    def same(path: str) -> bool:
        old, new = old_outs.get(path), new_outs.get(path)
        known = old and new and old.version and old.version.hash
        return bool(known and old and new and same_version(old.version, new.version))

    ignored = matcher(policy.ignore)
    paths = {dep.path for pair in pairs for dep in pair.any.deps} if policy.ignore else set()
    sides = Sides(
        old_outs,
        new_outs,
        base.contents,
        head.contents,
        ParamChanges(base, head),
        frozenset(path for path in paths if ignored(path)),
    )
    graph = union_graph(pairs)
    impact = find_impact(pairs, graph, sides)
    old_fresh, new_fresh = freshness(base), freshness(head)
    stages = tuple(_stage(pair, old_fresh, new_fresh) for pair in pairs if _is_stage(pair))
    metrics = diff_values(base.metrics, head.metrics)
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
        metrics_of_stages(pairs, graph, frozenset(rows), makers),
        rows,
        touched,
    )
    models = model_changes(old_models, new_models, context)
    data = data_changes(old_outs, new_outs)
    differing = {stage.pipeline: True for stage in stages if stage.change != "unchanged"}
    return Change(
        pipelines=pipeline_changes(base, head, differing),
        models=models,
        stages=stages,
        data=data,
        params=diff_values(base.params, head.params),
        metrics=metrics,
        metric_notes=metric_notes(rows, base, head, same),
        plots=plot_changes(base, head, old_outs, new_outs),
        graph=draw(pairs, Drawn(impact, stages, models, data)),
        unknowns=find_unknowns(base, head, same),
    )


def _is_stage(pair: Pair) -> bool:
    return not pair.any.is_dvcfile


def _kept(lineage: Lineage, policy: Policy) -> Lineage:
    """Leave out what the policy ignores; the graph keeps ignored outs of stages that stay."""
    if not policy.ignore:
        return lineage
    ignored = matcher(policy.ignore)

    def kept(files: Mapping[str, Any]) -> dict[str, Any]:
        return {path: value for path, value in files.items() if not ignored(path)}

    return replace(
        lineage,
        pipelines=tuple(item for item in lineage.pipelines if not ignored(item.file)),
        stages=tuple(item for item in lineage.stages if not ignored(item.file)),
        artifacts=tuple(item for item in lineage.artifacts if not ignored(item.path)),
        plots=tuple(item for item in lineage.plots if not ignored(item.path)),
        metrics=kept(lineage.metrics),
        params=kept(lineage.params),
        contents=kept(lineage.contents),
    )


def _freshness(
    pair: Pair, old: Mapping[str, Any], new: Mapping[str, Any]
) -> tuple[Freshness, bool | None]:
    before = old.get(pair.old.id) if pair.old else None
    now = new.get(pair.new.id) if pair.new else None
    stale = None if before is None or before.freshness == "unknown" else before.freshness == "stale"
    return (now.freshness if now else "unknown"), stale


def _stage(pair: Pair, old: Mapping[str, Any], new: Mapping[str, Any]) -> StageChange:
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
