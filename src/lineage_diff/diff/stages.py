"""Match the stages of two commits, and find changed stages and pipelines."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping

from msgspec import Struct

from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.stage import Out, Stage
from lineage_diff.lineage.version import Version, is_recorded, same_version
from lineage_diff.report.change import PipelineChange, same_value


class Pair(Struct, frozen=True):
    """One stage at base and head; `id` is the head's, or the base's if it was removed."""

    id: str
    old: Stage | None
    new: Stage | None

    @property
    def any(self) -> Stage:
        """The stage at the head, or at the base if it was removed."""
        stage = self.new or self.old
        assert stage is not None  # noqa: S101
        return stage


def pair_stages(base: Iterable[Stage], head: Iterable[Stage]) -> tuple[Pair, ...]:
    """Match stages by id, then the rest by content. Sorted by id.

    A removed and a new stage with the same command, deps, params and outs are a rename, whatever
    their names and `dvc.yaml`.
    """
    old = {stage.id: stage for stage in base}
    new = {stage.id: stage for stage in head}
    gone: dict[Hashable, list[Stage]] = defaultdict(list)
    for key in sorted(old.keys() - new.keys()):
        if not old[key].is_dvcfile:
            gone[_content(old[key])].append(old[key])
    pairs = [Pair(key, old[key], new[key]) for key in old.keys() & new.keys()]
    moved: set[str] = set()
    for key in sorted(new.keys() - old.keys()):
        twins = () if new[key].is_dvcfile else gone.get(_content(new[key]), ())
        twin = twins.pop(0) if isinstance(twins, list) and twins else None
        if twin is not None:
            moved.add(twin.id)
        pairs.append(Pair(key, twin, new[key]))
    pairs += [Pair(key, old[key], None) for key in old.keys() - new.keys() - moved]
    return tuple(sorted(pairs, key=lambda pair: pair.id))


def _content(stage: Stage) -> Hashable:
    return (
        stage.cmd,
        tuple(sorted(dep.path for dep in stage.deps)),
        tuple(sorted((out.path, out.kind) for out in stage.outs)),
        tuple(sorted((param.path, param.keys) for param in stage.params)),
    )


def changed_parts(pair: Pair) -> tuple[str, ...]:
    """Return the changed parts of a stage; empty if it was added or removed.

    `cmd`, `deps`, `outs`, `metrics`, `plots`, `params`, `wdir`, `frozen`, `always_changed` and
    `desc` are the definition; `ran` means that `dvc.lock` has another run.
    """
    old, new = pair.old, pair.new
    if old is None or new is None or old is new:
        return ()
    checks = {
        "cmd": old.cmd != new.cmd,
        "deps": _paths(old) != _paths(new),
        "outs": _outs(old, "out") != _outs(new, "out"),
        "metrics": _outs(old, "metrics") != _outs(new, "metrics"),
        "plots": _outs(old, "plots") != _outs(new, "plots"),
        "params": _params(old) != _params(new),
        "wdir": old.wdir != new.wdir and old.file == new.file,
        "frozen": old.frozen != new.frozen,
        "always_changed": old.always_changed != new.always_changed,
        "desc": old.desc != new.desc,
        "ran": ran(old, new),
    }
    return tuple(name for name, differs in checks.items() if differs)


def ran(old: Stage, new: Stage) -> bool:
    """Whether the lock entries record another run: another version, param or command.

    A version or param that is no longer recorded does not count.
    """
    if old.lock is None and new.lock is not None:
        return True
    if old.lock is not None and new.lock is not None and old.lock.cmd != new.lock.cmd:
        return True
    before, after = _locked_versions(old), _locked_versions(new)
    if any(
        is_recorded(after[path]) and not same_version(before[path], after[path])
        for path in before.keys() & after.keys()
    ):
        return True
    params = {param.path: param.locked for param in old.params}
    return any(
        param.path in params
        and param.locked is not None
        and not same_value(params[param.path], param.locked)
        for param in new.params
    )


def _locked_versions(stage: Stage) -> dict[str, Version | None]:
    found = {dep.path: dep.locked for dep in stage.deps}
    return found | {out.path: out.locked for out in stage.outs}


def _paths(stage: Stage) -> set[str]:
    return {dep.path for dep in stage.deps}


def _params(stage: Stage) -> set[tuple[str, frozenset[str]]]:
    return {(param.path, frozenset(param.keys)) for param in stage.params}


def _outs(stage: Stage, kind: str) -> set[tuple[object, ...]]:
    return {_declaration(out) for out in stage.outs if out.kind == kind}


def _declaration(out: Out) -> tuple[object, ...]:
    return (
        out.path, out.cache, out.persist, out.push, out.remote, out.type, out.desc, out.labels
    )  # fmt: skip


def pipeline_changes(
    base: Lineage, head: Lineage, stages: Mapping[str, bool]
) -> tuple[PipelineChange, ...]:
    """List every `dvc.yaml` of both commits. `stages`: the pipelines, true if a stage changed."""
    old = {pipeline.file: pipeline for pipeline in base.pipelines}
    new = {pipeline.file: pipeline for pipeline in head.pipelines}
    found = []
    for file in sorted(old.keys() | new.keys()):
        if file not in new:
            found.append(PipelineChange(file, len(old[file].stages), "removed"))
        elif file not in old:
            found.append(PipelineChange(file, len(new[file].stages), "added"))
        else:
            change = stages.get(file, False)
            count = len(new[file].stages)
            found.append(PipelineChange(file, count, "modified" if change else "unchanged"))
    return tuple(found)
