"""Decide what was stale before a change: at the merge base, and at the base branch's tip too.

The author of a change chooses the merge base. So a model that was stale there is no excuse if it
is fresh at the tip of the base branch, or if the tip has no such stage.
"""

from msgspec.structs import replace

from lineage_diff.freshness.stages import StaleBefore, freshness
from lineage_diff.lineage.evidence import CommitState
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.report.change import Change, ModelChange, StageChange


def is_excused(change: Change) -> bool:
    """Whether a stale model or stage was already stale at the merge base."""
    parts: tuple[StageChange | ModelChange, ...] = (*change.models, *change.stages)
    return any(part.freshness == "stale" and part.stale_before for part in parts)


def with_tip(change: Change, head: Lineage, tip: CommitState) -> Change:
    """Return the change with `stale_before` only where the tip is stale, too."""
    at_tip = freshness(tip)
    before = StaleBefore(tip.lineage.stages, at_tip)
    declared = {stage.id: stage for stage in head.stages}

    def was_stale(stage: StageChange) -> bool | None:
        known = next((id_ for id_ in (stage.name, stage.renamed_from) if id_ in at_tip), None)
        new = declared.get(stage.name)
        if known is None or (new is not None and not before.has_stale_outs(new)):
            return False
        return before.stage(known)

    return replace(
        change,
        models=tuple(
            replace(model, stale_before=before.out(model.path, model.renamed_from))
            if model.freshness == "stale" and model.stale_before
            else model
            for model in change.models
        ),
        stages=tuple(
            replace(stage, stale_before=was_stale(stage))
            if stage.freshness == "stale" and stage.stale_before
            else stage
            for stage in change.stages
        ),
    )
