"""Where symbolic links in Git lead from deps: to what DVC tracks, or into a submodule."""

from collections.abc import Iterable

from msgspec.structs import replace

from lineage_diff.git.snapshot import Snapshot
from lineage_diff.lineage.graph import OverlapIndex, ancestors, inside
from lineage_diff.lineage.stage import Dep, Stage
from lineage_diff.parsing.work_budget import PATHS, WorkBudget

Shared = dict[str, tuple[Stage, Stage]]
"""By id, the last stage read and what it became: a stage with equal targets is the same object."""


def with_targets(
    stages: Iterable[Stage], snapshot: Snapshot, work: WorkBudget, shared: Shared
) -> list[Stage]:
    """Return the stages, with the targets of the deps that links in the commit lead on from.

    Raises `TooMuchWorkError` where there is more to follow than the budget allows.
    """
    stages = list(stages)
    links = [path for path, entry in snapshot.files().items() if entry.kind == "symlink"]
    if not links:
        return stages
    linked = _Links(links, stages, snapshot, work)
    return [_shared(stage, linked, shared) for stage in stages]


def submodule_around(path: str, snapshot: Snapshot) -> str | None:
    """Return the submodule that a path is or lies in, its links followed; `None` for none."""
    reached = snapshot.follow(path)
    for above in (reached, *ancestors(reached)) if reached is not None else ():
        entry = snapshot.entry(above)
        if entry is not None:
            return above if entry.kind == "submodule" else None
    return None


class _Links:
    """Finds the targets of deps in one commit."""

    def __init__(
        self, links: list[str], stages: list[Stage], snapshot: Snapshot, work: WorkBudget
    ) -> None:
        self._links = links
        self._snapshot = snapshot
        self._work = work
        self._outputs = OverlapIndex({out.path: stage.id for stage in stages for out in stage.outs})

    def follow(self, dep: Dep) -> Dep:
        """Return the dep with its targets."""
        if dep.external:
            return dep
        target = self._target(dep.path)
        held = inside(self._links, dep.path if target is None else target)
        found = {self._target(link) for link in held} - {None}
        inner = tuple(sorted(path for path in found if path is not None))
        if target is None and not inner:
            return dep
        return replace(dep, target=target, inner_targets=inner)

    def _target(self, path: str) -> str | None:
        self._work.spend(4 + len(path) // 8, PATHS)
        reached = self._snapshot.follow(path)
        if reached is None or reached == path:
            return None
        is_made = next(self._outputs.overlapping_outputs(reached), None) is not None
        return reached if is_made or submodule_around(reached, self._snapshot) else None


def _shared(stage: Stage, links: _Links, shared: Shared) -> Stage:
    deps = tuple(links.follow(dep) for dep in stage.deps)
    if all(map(_is_same, deps, stage.deps)):
        return stage
    known = shared.get(stage.id)
    if known is not None and known[0] is stage and known[1].deps == deps:
        return known[1]
    linked = replace(stage, deps=deps)
    shared[stage.id] = stage, linked
    return linked


def _is_same(one: Dep, two: Dep) -> bool:
    return one is two
