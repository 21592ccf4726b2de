"""Helpers of rules on stages: declared paths, and stale stages that a stale model covers."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from lineage_diff.lineage.code_usage import Uses
from lineage_diff.lineage.graph import (
    LineageGraph,
    Link,
    ancestors,
    build_graph,
    folders_around,
    inside,
    reachable,
    value_around,
)
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.stage import Dep, Out, ParamDep, Part, Stage
from lineage_diff.lineage.version import Version, hash_text, same_version
from lineage_diff.report.change import Change
from lineage_diff.rules.facts import RuleFacts

# Of a stage of the tip, so many outs are looked up in other stages; a stage keeps its first ones.
_OUTS = 20


def stages_that_use(lineage: Lineage, facts: RuleFacts) -> Iterator[tuple[Stage, Uses]]:
    """Yield the stages with known uses that DVC runs only if a dep changed.

    A frozen stage does not run; one that always changes runs whatever it declares.
    """
    for stage in lineage.stages:
        uses = facts.uses.get(stage.id)
        runs = stage.frozen or stage.always_changed or not (stage.deps or stage.outs)
        if uses is not None and not runs:
            yield stage, uses


def declared_paths(stage: Stage) -> frozenset[str]:
    """Return the paths of a stage's deps, outs and params files."""
    return frozenset(
        (
            *(dep.path for dep in stage.deps),
            *(out.path for out in stage.outs),
            *(param.path for param in stage.params),
            *(() if stage.file == "" else (stage.file,)),
        )
    )


def is_declared(path: str, declared: frozenset[str]) -> bool:
    """Whether a path, a folder around it or something inside it is declared."""
    if path in declared or "" in declared or any(above in declared for above in ancestors(path)):
        return True
    return any(inner.startswith(path + "/") for inner in declared)


def place(stage: Stage) -> tuple[str, str]:
    """Return the file and entry that the stages of one `foreach` or `matrix` share."""
    return stage.file, stage.group or str(stage.name)


def stale_for_a_model(change: Change) -> frozenset[str]:
    """Return the ids of the stages that make stale models, and of stale stages upstream."""
    stages = {stage.name: stage for stage in change.stages}
    producers = [
        model.stage
        for model in change.models
        if model.stage is not None and model.freshness == "stale" and model.change != "removed"
    ]

    def outdated_by(name: str) -> list[str]:
        reasons = stages[name].reasons if name in stages else ()
        return [reason.subject for reason in reasons if reason.kind == "outdated-by"]

    return frozenset(reachable(producers, outdated_by))


# Stages visited for all counts of one report: a second of work.
_STEPS = 1_000_000


class Outdated:
    """Counts the stages that a stage outdates, directly or through others.

    The work is bounded: in a long chain each stage outdates nearly all others.
    """

    def __init__(self, change: Change) -> None:
        self._left = _STEPS
        self._users: dict[str, list[str]] = {}
        for stage in change.stages:
            for reason in stage.reasons:
                if reason.kind == "outdated-by":
                    self._users.setdefault(reason.subject, []).append(stage.name)

    def count(self, stage: str) -> tuple[int, bool]:
        """Return the number of outdated stages, and whether all were counted."""
        seen = {stage}
        waiting = list(self._users.get(stage, ()))
        while waiting and self._left > 0:
            self._left -= 1
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                waiting += self._users.get(name, ())
        return len(seen) - 1 or len(set(waiting)), not waiting


# The hashes of an empty file and of an empty folder: they say nothing of who made them.
EMPTY_HASHES = frozenset(
    f"{scheme}:{value}"
    for scheme in ("md5", "md5-dos2unix")
    for value in ("d41d8cd98f00b204e9800998ecf8427e", "d751713988987e9331980363e24189ce.dir")
)


class InputChanges:
    """The inputs of a stage by path, beside those of the stage that it was, if there was one."""

    def __init__(self, old: Stage | None, new: Stage) -> None:
        self.deps = {dep.path: dep for dep in reversed(new.deps)}
        self.params = {param.path for param in new.params}
        self._is_new = old is None
        self._old, self._new = (_locked(old) if old else {}), _locked(new)
        self._names = {dep.path: dep.declared for dep in new.deps}
        self._names |= {out.path: out.declared for out in new.outs}
        self._by_name = {**old.lock.deps, **old.lock.outs} if old and old.lock else {}
        self._old_params = {param.path: param.locked for param in old.params} if old else {}
        self._absolute = (_absolute_paths(old) if old else {}), _absolute_paths(new)
        self._renewed = {
            param.path for param in new.params if self._old_params.get(param.path) != param.locked
        }

    def is_newly_absolute(self, path: str) -> bool:
        """Whether the stage names a path by an absolute one, and did not in the base."""
        old, new = self._absolute
        return new.get(path) is not None and old.get(path) != new.get(path)

    def is_renewed(self, path: str) -> bool:
        """Whether the lock records a run on another version of an input than in the base."""
        if self._is_new:
            return True
        if path in self._new:
            # Another `wdir` gives the same entry other paths.
            old, new = self._old.get(path, self._by_name.get(self._names[path])), self._new[path]
            # Without its scheme, a hash is that of the same run.
            is_alike = _value(old) is not None and _value(old) == _value(new)
            return not same_version(old, new) and not is_alike
        return path in self._renewed


class CommitOuts:
    """The outs of a commit with their stages, by path."""

    def __init__(self, lineage: Lineage) -> None:
        self.producers: dict[str, Stage] = {}
        self.hashes: dict[str, str | None] = {}
        for stage in lineage.stages:
            for out in stage.outs:
                self.producers.setdefault(out.path, stage)
                self.hashes.setdefault(out.path, hash_text(out.locked))
        self._paths = sorted(self.producers)

    def around(self, path: str) -> dict[str, str | None]:
        """Return the hashes of the outs at a path, around it and inside it, by their paths."""
        paths = [path, *ancestors(path), *inside(self._paths, path)]
        return {one: self.hashes[one] for one in paths if one in self.hashes}

    def keeps(self, path: str) -> bool:
        """Whether DVC's cache keeps what is at a path, as an out or inside one."""
        stage = value_around(path, self.producers)
        outs = stage.outs if stage is not None else ()
        return any(out.cache for out in outs if path == out.path or path.startswith(f"{out.path}/"))

    def tells_less(self, path: str, later: "CommitOuts") -> bool:
        """Whether a later commit has another hash for the out at a path, or none.

        DVC 3 in place of DVC 2 gives the same content another hash, and DVC does not run for it.
        """
        old, new = self.hashes.get(path), later.hashes.get(path)
        is_upgraded = bool(old and new) and (_scheme(old), _scheme(new)) == ("md5-dos2unix", "md5")
        return old is not None and old != new and not is_upgraded


class Watchers:
    """The stages of a commit by id and by out."""

    def __init__(self, lineage: Lineage) -> None:
        self._lineage = lineage
        self._stages = {stage.id: stage for stage in lineage.stages}
        self._producers = {out.path: stage for stage in lineage.stages for out in stage.outs}
        # The inputs of each stage, and the folders around them: made once for all paths.
        self._inputs: dict[str, tuple[frozenset[str], set[str]]] = {}

    def graph(self) -> LineageGraph:
        """Return the graph of its stages."""
        return build_graph(self._lineage.stages)

    @cached_property
    def has_frozen(self) -> bool:
        """Whether a stage of a pipeline is frozen."""
        return any(stage.frozen and not stage.is_dvcfile for stage in self._lineage.stages)

    def used_outs(self, stage: Stage) -> set[str]:
        """Return the outs of others that the stage of that id, or one with the same out, takes."""
        upstream = self.graph().upstream
        ids = {one.id for one in self._like(stage) if one is not None and not one.frozen}
        return {link.out for id_ in ids for link in upstream[id_]}

    def know(self, stage: Stage) -> bool:
        """Whether there is a stage with the id of one, or with the same out."""
        return any(one is not None for one in self._like(stage))

    def watch(self, stage: Stage, path: str) -> bool:
        """Whether the stage of that id, or one with the same out, has `path` as an input.

        Any such stage is read with the DVC files that it stands in.
        """
        if path in stage.own_files:
            return self.know(stage)
        found = {id(one): one for one in self._like(stage) if one is not None and not one.frozen}
        return any(self._covers(one, path) for one in found.values())

    def _like(self, stage: Stage) -> Iterator[Stage | None]:
        yield self._stages.get(stage.id)
        for out in stage.outs[:_OUTS]:
            yield self._producers.get(out.path)

    def _covers(self, stage: Stage, path: str) -> bool:
        known = self._inputs.get(stage.id)
        if known is None:
            used = frozenset(stage.used_paths)
            known = self._inputs[stage.id] = used, folders_around(used)
        used, folders = known
        return path in used or path in folders or not used.isdisjoint(ancestors(path))


def above_unseen(tip: Lineage, models: Iterable[str], sides: Sequence[Watchers]) -> set[str]:
    """Return the ids of the stages for which DVC calls a model stale at the tip, and in no side.

    Those are the makers of models that no side has, the makers of outs that a stage uses at the tip
    only, and all stages upstream of both. A frozen stage uses nothing.
    """
    paths = set(models)
    graph = build_graph(tip.stages)
    if any(side.graph() is graph and not side.has_frozen for side in sides):
        return set()
    frozen = {stage.id for stage in tip.stages if stage.frozen}

    def above(stage: str) -> list[str]:
        return [] if stage in frozen else [link.stage for link in graph.upstream[stage]]

    makers = [stage for stage in tip.stages if any(out.path in paths for out in stage.outs)]
    unseen = [stage.id for stage in makers if not any(side.know(stage) for side in sides)]
    leading = set(reachable([stage.id for stage in makers], above)) - frozen
    for stage in tip.stages:
        links = graph.upstream[stage.id] if stage.id in leading else ()
        if links:
            used = set().union(*(side.used_outs(stage) for side in sides))
            unseen += [link.stage for link in links if link.out not in used]
    return set(reachable(unseen, above))


def recorded_inputs(stage: Stage) -> tuple[Part, ...]:
    """Return the deps that a lock records, with their versions; without any, the params."""
    deps = tuple(
        ("deps", dep.path, str(dep.locked.hash))
        for dep in stage.deps
        if dep.locked is not None and dep.locked.hash is not None
    )
    return deps or tuple(
        (f"{param.path}:", key, repr(value))
        for param in stage.params
        for key, value in (param.locked or {}).items()
    )


def _value(version: Version | None) -> str | None:
    return version.hash.value if version is not None and version.hash is not None else None


def _scheme(text: str | None) -> str:
    return (text or "").partition(":")[0]


def _locked(stage: Stage) -> dict[str, Version | None]:
    """Return the recorded versions of the deps and outs of a stage, by path; the first counts."""
    items: tuple[Dep | Out, ...] = (*stage.deps, *stage.outs)
    return {item.path: item.locked for item in reversed(items)}


def _absolute_paths(stage: Stage) -> dict[str, str | None]:
    """Return the absolute paths that a stage is declared with, by path in the repository."""
    items: tuple[Dep | Out, ...] = (*stage.deps, *stage.outs)
    return {item.path: item.absolute for item in items}


def drops_a_dep(stage: Stage, old: Stage) -> bool:
    """Whether a stage, or a `.dvc` file in its place, has no more a dep that it had before."""
    if stage is old or old.is_dvcfile:
        return False
    declared = {dep.path for dep in stage.deps}
    return any(dep.path not in declared for dep in old.deps)


def gone_above(
    stages: Iterable[str], lineage: Lineage, is_gone: Callable[[Link], bool]
) -> list[str]:
    """Return the stages upstream of some, through links that are gone."""
    starts = list(dict.fromkeys(stages))
    if not starts:
        return []
    graph = build_graph(lineage.stages)
    found = reachable(
        starts, lambda stage: [link.stage for link in graph.upstream[stage] if is_gone(link)]
    )
    return found[len(starts) :]


def unrecorded(old: Stage, later: Stage, now: Stage) -> str | None:
    """Return what a stage declares only at the tip, and the lock of the change does not record."""
    if now.lock is None:
        return None
    if later.cmd != old.cmd and now.cmd == old.cmd and now.lock.cmd != later.cmd:
        return "command"
    known = {*now.lock.deps, *now.lock.outs}.union(
        name for stage in (old, now) for name in _declared(stage)
    )
    paths = [path for name, path in _declared(later).items() if name not in known]
    paths += [
        param.path
        for param in later.params
        if not _keys(param.path, later) <= _keys(param.path, old, now) | _locked_keys(param, now)
    ]
    return next(iter(paths), None)


def _declared(stage: Stage) -> Mapping[str, str]:
    deps = {dep.declared: dep.path for dep in stage.deps}
    return deps | {out.declared: out.path for out in stage.outs}


def _keys(path: str, *stages: Stage) -> frozenset[str]:
    params = (param for stage in stages for param in stage.params if param.path == path)
    return frozenset(key for param in params for key in param.keys)


def _locked_keys(param: ParamDep, stage: Stage) -> frozenset[str]:
    entry = stage.lock.params if stage.lock is not None else {}
    return frozenset(entry.get(param.declared, {}))
