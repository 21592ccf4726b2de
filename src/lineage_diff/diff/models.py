"""The change of each model, whether it is affected, and its causes."""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from lineage_diff.diff.impact import CauseReach, nearest_causes, omitted_causes
from lineage_diff.freshness.stages import StaleBefore
from lineage_diff.lineage.models import Model
from lineage_diff.lineage.outputs import TrackedOutput
from lineage_diff.lineage.version import (
    Content,
    Version,
    hash_text,
    is_recorded,
    same_content,
    same_version,
)
from lineage_diff.report.change import ModelChange, ModelMetric, side
from lineage_diff.report.reasons import Freshness

What = Literal[
    "added", "removed", "retrained", "edited", "moved", "recorded", "unrecorded", "unchanged"
]


class ModelContext(Struct, frozen=True):
    """Results of the other comparisons, from which model changes are built.

    `ids` gives a base stage's id at the head; `freshness`, by stage, its freshness at the head and
    whether it was stale at the base; `before` what was stale there; `stages` the stages of the
    change; `measured` the metrics files of a stage; `changed` the changed metrics of a file;
    `touched` the commits of a path; `in_git` what Git holds at each path, at base and head.
    """

    impact: CauseReach
    ids: Mapping[str, str]
    freshness: Mapping[str, tuple[Freshness, bool | None]]
    before: StaleBefore
    stages: frozenset[str]
    measured: Mapping[str, tuple[str, ...]]
    changed: Mapping[str, tuple[ModelMetric, ...]]
    touched: Mapping[str, tuple[str, ...]]
    in_git: tuple[Mapping[str, Content], Mapping[str, Content]]


def model_changes(
    old: Mapping[str, Model], new: Mapping[str, Model], context: ModelContext
) -> tuple[ModelChange, ...]:
    """List the models of base and head by path; a moved one by its new path."""
    gone: dict[str, list[str]] = {}
    for path in sorted(old.keys() - new.keys()):
        key = hash_text(_version(old[path]))
        if key is not None:
            gone.setdefault(key, []).append(path)
    found: list[ModelChange] = []
    moved: set[str] = set()
    for path in sorted(new):
        before = old.get(path)
        source: str | None = None
        if before is None and (twins := gone.get(hash_text(_version(new[path])) or "")):
            source = twins.pop(0)
            moved.add(source)
            before = old[source]
        found.append(_model(path, before, new[path], source, context))
    found += [_model(path, old[path], None, None, context) for path in old if path not in new]
    found = [model for model in found if model.change != "removed" or model.path not in moved]
    return tuple(sorted(found, key=lambda model: model.path))


def _version(model: Model | None) -> Version | None:
    # An artifact inside a folder out has no version of its own in Git.
    if model is None or model.made is None or model.made.out.path != model.path:
        return None
    return model.made.version


def _model(
    path: str, before: Model | None, after: Model | None, source: str | None, context: ModelContext
) -> ModelChange:
    known = after or before
    assert known is not None  # noqa: S101
    change = _what(before, after, source)
    if before and after and before.made is None and after.made is None:
        change = _what_in_git(path, context)
    made = known.made
    stage = made.stage if made else None
    stage_id = context.ids.get(stage.id, stage.id) if stage else ""
    freshness, stale_before = context.freshness.get(stage_id, ("unknown", None))
    if before is not None and before.made is not None:
        # Of its own stage at the base: that of the same name may have made another model.
        stale_before = context.before.stage(before.made.stage.id)
    elif stale_before:
        stale_before = None
    reached = bool(stage_id) and context.impact.reached(stage_id)
    lost = (stale_before is False and freshness != "fresh") or (
        stale_before is not None and freshness == "unknown"
    )
    files = context.measured.get(stage_id, ())
    causes = nearest_causes(context.impact, stage_id, context.touched, (path, source))
    return ModelChange(
        path=path,
        name=known.name,
        stage=stage.id if stage and stage_id in context.stages else None,
        pipeline=stage.file if stage and not stage.is_dvcfile else None,
        identified_by=known.identified_by,
        change=change,
        freshness=freshness,
        affected=change != "unchanged" or reached or lost or _has_lost_its_stage(before, after),
        old=side(_version(before)) if before else None,
        new=side(_version(after)) if after else None,
        causes=causes,
        metrics=tuple(metric for file in files for metric in context.changed.get(file, ())),
        renamed_from=source,
        stale_before=stale_before,
        omitted_causes=omitted_causes(context.impact, stage_id),
        measured=bool(files),
    )


def _has_lost_its_stage(before: Model | None, after: Model | None) -> bool:
    """Whether a stage made it, and a `.dvc` file tracks it now."""
    old, new = (model and model.made for model in (before, after))
    return bool(old and new and new.stage.is_dvcfile and not old.stage.is_dvcfile)


def _is_edited(old: TrackedOutput, new: TrackedOutput) -> bool:
    """Whether the file in Git differs, and the locked version does not."""
    one, two = old.out.locked, new.out.locked
    return is_recorded(one) and not new.out.cache and same_version(one, two)


def _what_in_git(path: str, context: ModelContext) -> What:
    """Return the change of an artifact that is no out on either side, by its file in Git."""
    old, new = (held.get(path) for held in context.in_git)
    if same_content(old, new):
        return "unchanged"
    if old is None or new is None:
        return "recorded" if old is None else "unrecorded"
    return "edited"


def _what(before: Model | None, after: Model | None, source: str | None) -> What:
    if before is None or after is None:
        return "added" if before is None else "removed"
    if source is not None:
        return "moved"
    old, new = before.made, after.made
    if old is not None and new is not None and not same_version(old.version, new.version):
        if not is_recorded(new.version):
            return "unrecorded"
        if is_recorded(old.version) and _is_edited(old, new):
            return "edited"
        return "retrained" if is_recorded(old.version) else "recorded"
    if (old is None) != (new is None):
        # An artifact that a stage makes on one side only; on the other it may be a file in Git.
        was, now = is_recorded(_version(before)), is_recorded(_version(after))
        return "recorded" if now and not was else "unrecorded" if was and not now else "unchanged"
    return "unchanged"
