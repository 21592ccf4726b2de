"""Complete a commit with the other commit's stages of the files that it cannot read.

Their state is unknown: they count as neither removed, added nor run again.
"""

from collections.abc import Iterable, Mapping
from typing import Protocol, TypeVar

from msgspec.structs import replace

from lineage_diff.lineage.evidence import CommitState
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.stage import Stage

T = TypeVar("T")


class _OfFile(Protocol):
    @property
    def file(self) -> str:
        """The `dvc.yaml` that declares it."""


F = TypeVar("F", bound=_OfFile)


def adopt_unread(state: CommitState, from_state: CommitState) -> CommitState:
    """Return a commit with the stages, and all they use, of its files that it cannot read.

    They are the other commit's, and `unread` names them. A stage whose outs another stage makes
    here has moved, and is none of them.
    """
    side, other = state.lineage, from_state.lineage
    missing = _missing_stages(side, other)
    if not missing:
        return state
    files = {stage.file for stage in missing}
    paths = {path for stage in missing for path in _paths(stage)}
    lineage = replace(
        side,
        stages=tuple(sorted((*side.stages, *missing), key=lambda stage: stage.id)),
        pipelines=_with_files(side.pipelines, other.pipelines, files),
        artifacts=_with_files(side.artifacts, other.artifacts, files),
        plots=_with_files(side.plots, other.plots, files),
        metrics=_with_paths(side.metrics, other.metrics, other.metrics.keys()),
        params=_with_paths(side.params, other.params, other.params.keys()),
        unread=side.unread | {stage.id for stage in missing},
    )
    contents = _with_paths(state.evidence.contents, from_state.evidence.contents, paths)
    return CommitState(lineage, replace(state.evidence, contents=contents))


def _missing_stages(side: Lineage, other: Lineage) -> list[Stage]:
    whole = set(side.unreadable)
    parts = {(item.pipeline, item.stage) for item in side.problems if item.pipeline is not None}
    if not whole and not parts:
        return []
    known = {stage.id for stage in side.stages}
    made = {out.path for stage in side.stages for out in stage.outs}
    return [
        stage
        for stage in other.stages
        if stage.id not in known
        and (
            stage.file in whole
            or not parts.isdisjoint((stage.file, name) for name in (stage.name, stage.group, None))
        )
        and made.isdisjoint(out.path for out in stage.outs)
    ]


def _paths(stage: Stage) -> Iterable[str]:
    yield from (dep.path for dep in stage.deps)
    yield from (out.path for out in stage.outs)


def _with_files(own: tuple[F, ...], other: tuple[F, ...], files: set[str]) -> tuple[F, ...]:
    known = {item.file for item in own}
    return (*own, *(item for item in other if item.file in files - known))


def _with_paths(
    own: Mapping[str, T], other: Mapping[str, T], paths: Iterable[str]
) -> Mapping[str, T]:
    return {**{path: other[path] for path in paths if path in other}, **own}


def adopt_unread_locks(side: Lineage, other: Lineage) -> Lineage:
    """Return a commit with the `other` one's lock entries where its lock does not read."""
    found = [item.file for item in side.problems if item.pipeline is None]
    locks = {item.file for item in side.pipelines if item.lock_file in found}
    if not locks:
        return side
    locked = {stage.id: stage for stage in other.stages if stage.lock is not None}
    return replace(
        side,
        stages=tuple(
            _with_lock(stage, locked[stage.id])
            if stage.lock is None and stage.file in locks and stage.id in locked
            else stage
            for stage in side.stages
        ),
    )


def _with_lock(stage: Stage, other: Stage) -> Stage:
    if _declaration(stage) == _declaration(other):
        return other
    deps = {dep.declared: dep.locked for dep in other.deps}
    outs = {out.declared: out.locked for out in other.outs}
    params = {param.declared: param.locked for param in other.params}
    return replace(
        stage,
        lock=other.lock,
        deps=tuple(replace(dep, locked=deps.get(dep.declared)) for dep in stage.deps),
        outs=tuple(replace(out, locked=outs.get(out.declared)) for out in stage.outs),
        params=tuple(replace(param, locked=params.get(param.declared)) for param in stage.params),
    )


def _declaration(stage: Stage) -> Stage:
    """Return a stage without its lock entry and its line, to compare declarations."""
    return replace(
        stage,
        lock=None,
        line=None,
        deps=tuple(replace(item, locked=None) for item in stage.deps),
        outs=tuple(replace(item, locked=None) for item in stage.outs),
        params=tuple(replace(item, locked=None) for item in stage.params),
    )
