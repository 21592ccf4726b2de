"""Follow symbolic links from deps and params files, to outs of DVC or into a submodule."""

from collections.abc import Iterable
from operator import is_

from msgspec.structs import replace

from lineage_diff.git.snapshot import Snapshot
from lineage_diff.lineage.graph import OverlapIndex, ancestors, inside
from lineage_diff.lineage.stage import Dep, ParamDep, Stage
from lineage_diff.parsing.work_budget import PATHS, WorkBudget

Shared = dict[str, tuple[Stage, Stage]]
"""By id, the last stage read and what it became: a stage with equal targets is the same object."""


def with_targets(
    stages: Iterable[Stage], snapshot: Snapshot, work: WorkBudget, shared: Shared
) -> list[Stage]:
    """Return the stages, with the targets of the deps and params files that are or lie in links.

    Raises `TooMuchWorkError` where there is more to follow than the budget allows.
    """
    stages = list(stages)
    links = [path for path, entry in snapshot.files().items() if entry.kind == "symlink"]
    if not links:
        return stages
    linked = _Links(links, stages, snapshot, work)
    return [_share(stage, linked, shared) for stage in stages]


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
        # Many deps lie in one folder, and lead to one: its links are followed once.
        self._targets: dict[str, str | None] = {}
        self._inner: dict[str, tuple[str, ...]] = {}

    def follow(self, dep: Dep) -> Dep:
        """Return the dep with its targets."""
        if dep.external:
            return dep
        target = self._target(dep.path)
        inner = self._targets_inside(dep.path if target is None else target)
        if target is None and not inner:
            return dep
        return replace(dep, target=target, inner_targets=inner)

    def follow_param(self, param: ParamDep) -> ParamDep:
        """Return the params file with its target."""
        target = self._target(param.path)
        return param if target is None else replace(param, target=target)

    def _targets_inside(self, folder: str) -> tuple[str, ...]:
        if folder not in self._inner:
            held = inside(self._links, folder)
            self._work.spend(len(held), PATHS)
            found = {self._target(link) for link in held} - {None}
            self._inner[folder] = tuple(sorted(path for path in found if path is not None))
        # Each dep that has them is read with all of them.
        self._work.spend(len(self._inner[folder]), PATHS)
        return self._inner[folder]

    def _target(self, path: str) -> str | None:
        if path not in self._targets:
            self._targets[path] = self._follow(path)
        return self._targets[path]

    def _follow(self, path: str) -> str | None:
        self._work.spend(4 + len(path) // 8, PATHS)
        reached = self._snapshot.follow(path)
        if reached is None or reached == path:
            return None
        is_made = bool(self._outputs.overlapping_outputs(reached))
        return reached if is_made or submodule_around(reached, self._snapshot) else None


def _share(stage: Stage, links: _Links, shared: Shared) -> Stage:
    deps = tuple(map(links.follow, stage.deps))
    params = tuple(map(links.follow_param, stage.params))
    if all(map(is_, (*deps, *params), (*stage.deps, *stage.params))):
        return stage
    linked = replace(stage, deps=deps, params=params)
    known = shared.get(stage.id)
    if known is not None and known[0] is stage and known[1] == linked:
        return known[1]
    shared[stage.id] = stage, linked
    return linked
