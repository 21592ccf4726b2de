"""Decide what was stale before a change: at the merge base, and at the base branch's tip too.

The author of a change chooses the merge base. So a model that was stale there is no excuse if it
is fresh at the tip of the base branch, or if the tip has no such stage.
"""

from collections.abc import Mapping

from msgspec.structs import replace

from lineage_diff.freshness.stages import StageFreshness, freshness
from lineage_diff.lineage.evidence import CommitState
from lineage_diff.lineage.graph import value_around
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.report.change import Change, ModelChange, StageChange


def is_excused(change: Change) -> bool:
    """Whether a stale model or stage was already stale at the merge base."""
    parts: tuple[StageChange | ModelChange, ...] = (*change.models, *change.stages)
    return any(part.freshness == "stale" and part.stale_before for part in parts)


def with_tip(change: Change, head: Lineage, tip: CommitState) -> Change:
    """Return the change with `stale_before` only where the tip is stale, too."""
    at_tip = freshness(tip)
    renamed = {stage.name: stage.renamed_from for stage in change.stages}

    def was_stale(stage: str | None) -> bool | None:
        if stage is None:
            return False
        return _was_stale(at_tip, stage, renamed.get(stage))

    producers = {out.path: stage.id for stage in head.stages for out in stage.outs}
    return replace(
        change,
        models=tuple(
            replace(model, stale_before=was_stale(value_around(model.path, producers)))
            if model.freshness == "stale" and model.stale_before
            else model
            for model in change.models
        ),
        stages=tuple(
            replace(stage, stale_before=was_stale(stage.name))
            if stage.freshness == "stale" and stage.stale_before
            else stage
            for stage in change.stages
        ),
    )


def _was_stale(
    at_tip: Mapping[str, StageFreshness], stage: str, renamed_from: str | None
) -> bool | None:
    """Return whether a stage is stale at the tip, by its new or old id; `None` if unknown."""
    found = at_tip.get(stage) or at_tip.get(renamed_from or "")
    if found is None:
        return False
    return None if found.freshness == "unknown" else found.freshness == "stale"
