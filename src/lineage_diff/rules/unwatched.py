"""Find stages that a change stops DVC from checking.

They are newly frozen, have fewer deps or params, or are gone while a `.dvc` file, an import or Git
keeps their outs. DVC calls such a stage unchanged whatever happens to its inputs. Here its
declarations of the base are restored, so that its freshness covers all inputs.

Also find inputs that a change edits, and that only the tip of the base branch watches. The author
of a change chooses the commit that it starts at. If a stage is frozen, hidden or missing there,
and in the head too, neither of the two says that an edit of its inputs makes it stale; the tip,
into which the change is merged, does. And find the reverse: a stage that the change adds or edits,
whose input is another one at the tip.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from operator import attrgetter
from types import MappingProxyType

from msgspec import Struct
from msgspec.structs import replace

from lineage_diff.freshness.content_match import SAME, against_content, against_version
from lineage_diff.freshness.params import param_reasons
from lineage_diff.freshness.stages import StageFreshness
from lineage_diff.lineage.evidence import CommitState
from lineage_diff.lineage.graph import OverlapIndex, build_graph
from lineage_diff.lineage.lineage import Kept, Lineage
from lineage_diff.lineage.paths import is_inner_path, join
from lineage_diff.lineage.stage import Dep, Out, ParamDep, Part, Stage, lock_parts
from lineage_diff.lineage.version import Version
from lineage_diff.rules.rule import Context
from lineage_diff.rules.stages import Watchers, above_unseen, unrecorded

# The folder of outs that are gone with their stage: no path in Git begins so.
_APART = "\0/"
# What a `.dvc` file holds may be the same as before, or not.
ONLY_LISTED = "which only DVC's cache lists"


class Watched(Struct, frozen=True):
    """A head with the declarations of the base restored, and the change to each stage, by id."""

    lineage: Lineage
    effects: Mapping[str, str]


def watched_as_before(
    base: Mapping[str, Stage],
    state: CommitState,
    gone: Iterable[Stage] = (),
    kept: Mapping[str, Kept] = MappingProxyType({}),
    above: Iterable[Stage] = (),
) -> Watched:
    """Restore the base's declarations in the head. `base` are its stages, by their id there.

    `gone` are those without one, with the outs that the head holds, of which `kept` are those at
    other paths or in part. `above` are gone stages upstream, with all that they made. A dep that no
    longer exists stays removed, unless a stage of `above` or `gone` made it.
    """
    effects: dict[str, str] = {}
    gone, above = tuple(gone), tuple(above)
    held = _HeldPaths(state, map(_set_apart, (*gone, *above)))
    head = state.lineage
    dropped = state.evidence.dropped_params
    if dropped:
        head = replace(head, params={**head.params, **dropped})
    stages = list(head.stages)
    for place, stage in enumerate(head.stages):
        before = base.get(stage.id)
        if before is None or before is stage:
            continue
        if stage.is_dvcfile and not before.is_dvcfile:
            if _keeps_an_out(before, stage, kept):
                is_import = stage.imported is not None
                what = "is an import now" if is_import else "is tracked by hand now"
                unsure = any(out.path in kept and not kept[out.path].is_sure for out in stage.outs)
                effects[stage.id] = f"{what}, {ONLY_LISTED}" if unsure else what
                stages[place] = _restore_stage(before, stage, head, held)
            continue
        if stage.imported is not None:
            continue
        deps, params = _removed_deps(before, stage, held), _removed_params(before, stage, head)
        is_frozen = stage.frozen and not before.frozen
        if is_frozen or deps or params:
            effects[stage.id] = _effect(is_frozen, deps, params)
            stages[place] = replace(
                stage,
                frozen=stage.frozen and before.frozen,
                deps=(*stage.deps, *deps),
                params=(*stage.params, *params),
            )
    for stage in gone:
        left = [_left_out(out, state, kept.get(out.path)) for out in stage.outs]
        effects[stage.id] = f"is gone, while {left[0][1]}"
        outs = tuple(out for out, _ in left if out is not None)
        outs += _set_apart(stage).outs
        stages.append(_restore_stage(stage, replace(stage, outs=outs), head, held))
    if not effects:
        return Watched(state.lineage, {})
    stages += (_restore_stage(stage, _set_apart(stage), head, held) for stage in above)
    return Watched(replace(head, stages=tuple(stages)), effects)


def _set_apart(stage: Stage) -> Stage:
    """Return a gone stage with its outs at paths that only restored stages depend on.

    A stage of the head that still depends on such an out is missing it, as before.
    """
    outs = (replace(out, path=f"{_APART}{out.path}", cache=True) for out in stage.outs)
    return replace(stage, outs=tuple(outs))


def _left_out(out: Out, state: CommitState, kept: Kept | None) -> tuple[Out | None, str]:
    """Return what the head holds of an out whose stage is gone, where it does, and a text."""
    contents = state.evidence.contents
    content = contents.get(out.path)
    is_same = content is not None and (
        kept is None or (out.locked is not None and against_content(content, out.locked) is SAME)
    )
    if is_same:
        return out, f"Git still holds `{out.path}`"
    if kept is None:
        return None, f"Git still holds the content of `{out.path}`"
    what = f"the content of `{out.path}`, as `{kept.path}`"
    if kept.is_folder:
        what = f"most of `{out.path}`, such as `{kept.path}`"
    elif kept.path == out.path:
        what = f"`{out.path}`"
    if not kept.is_sure:
        what = f"`{out.path}` in `{kept.path}`, {ONLY_LISTED}"
        return replace(out, cache=True), f"{kept.by} may still hold {what}"
    # It is there, in whatever form and whatever else its folder holds now.
    there = contents.get(kept.path)
    version = out.locked if there is None else next(iter(there.versions), None)
    moved = replace(out, path=kept.path, declared=kept.path, locked=version, cache=True)
    return moved if version is not None else None, f"{kept.by} still holds {what}"


def _keeps_an_out(before: Stage, stage: Stage, kept: Mapping[str, Kept]) -> bool:
    """Whether a `.dvc` file has an out that a stage made, in any scheme, or its path alone.

    So has one in whose place, or elsewhere, the head keeps what the stage made.
    """
    if any(out.path in kept for out in stage.outs):
        return True
    recorded = {_value(out) for out in before.outs}
    paths = {out.path for out in before.outs}
    return any(
        out.path in paths if _value(out) is None else _value(out) in recorded for out in stage.outs
    )


def _value(out: Out) -> str | None:
    return out.locked.hash.value if out.locked is not None and out.locked.hash is not None else None


def _restore_stage(before: Stage, stage: Stage, head: Lineage, held: "_HeldPaths") -> Stage:
    """Return what keeps the outs as the stage that made them, with the inputs that still exist."""
    deps = tuple(held.kept_deps(before.deps))
    params = tuple(
        kept
        for param in before.params
        for kept in _held_keys(replace(param, keys=param.keys or tuple(param.locked or ())), head)
    )
    locked = {dep.declared: dep.locked for dep in deps if dep.locked is not None}
    lock = before.lock and replace(before.lock, deps=locked, outs={}, params={})
    return replace(
        stage,
        name=before.name,
        cmd=before.cmd,
        deps=deps,
        params=params,
        lock=lock,
        frozen=before.frozen,
        imported=None,
    )


def _effect(is_frozen: bool, deps: tuple[Dep, ...], params: tuple[ParamDep, ...]) -> str:
    if is_frozen:
        return "is `frozen` now"
    if deps:
        return f"no longer declares `{deps[0].path.removeprefix(_APART)}`"
    return f"no longer declares `{params[0].path}:{params[0].keys[0]}`"


def _removed_deps(before: Stage, stage: Stage, held: "_HeldPaths") -> tuple[Dep, ...]:
    """Return the deps that only the base declares and that are still locked.

    A moved pipeline has another name for the same path, or its files moved with it.
    """
    names = {dep.declared for dep in stage.deps}
    if stage.lock is None or stage.lock.deps.keys() <= names:
        return ()
    declared = {dep.path for dep in stage.deps}
    known = {dep.declared: dep for dep in before.deps} | {dep.path: dep for dep in before.deps}
    found: list[Dep] = []
    for name in stage.lock.deps.keys() - names:
        path = join(stage.wdir, name)
        old = known.get(path) or known.get(name)
        if old is None or path in declared:
            continue
        dep = replace(old, path=path, declared=name, locked=stage.lock.deps[name])
        if path != old.path:
            dep = replace(dep, external=not is_inner_path(path), target=None, inner_targets=())
        found += held.kept_deps([dep])
    return tuple(sorted(found, key=attrgetter("path")))


class _HeldPaths:
    """The paths at which a commit has content, in Git or as an out of its stages or of `others`."""

    def __init__(self, state: CommitState, others: Iterable[Stage]) -> None:
        self._state = state
        self._others = tuple(others)
        self._apart = {out.path: out.locked for each in self._others for out in each.outs}

    def kept_deps(self, deps: Iterable[Dep]) -> Iterator[Dep]:
        """Yield the deps that the commit has content for, and in place of others gone outs."""
        for dep in deps:
            if self.has(dep):
                yield dep
                continue
            for path in self._outs.overlapping_outputs(f"{_APART}{dep.path}"):
                if self._apart[path] is not None:
                    yield Dep(path, path, locked=self._apart[path])

    @cached_property
    def _outs(self) -> OverlapIndex:
        stages = (*self._state.lineage.stages, *self._others)
        return OverlapIndex(build_graph(stages).producers)

    def has(self, dep: Dep) -> bool:
        """Whether the commit has content at a dep's path."""
        known = dep.path in self._state.evidence.contents
        return known or bool(self._outs.overlapping_outputs(dep.path))


def _removed_params(before: Stage, stage: Stage, head: Lineage) -> tuple[ParamDep, ...]:
    """Return the params that only the base declares and that lock and params file still have."""
    if stage.lock is None:
        return ()
    declared = {(param.path, key) for param in stage.params for key in param.keys}
    whole = {param.path for param in stage.params if not param.keys}
    found: list[ParamDep] = []
    names = {join(stage.wdir, name): name for name in stage.lock.params}
    for param in before.params:
        name = names.get(param.path, param.declared)
        locked = stage.lock.params.get(name, {})
        path = join(stage.wdir, name)
        if path != param.path:
            param = replace(param, path=path, target=None)
        keys = tuple(
            key
            for key in param.keys or locked
            if key in locked and (param.path, key) not in declared and param.path not in whole
        )
        found += _held_keys(replace(param, keys=keys, locked=locked), head)
    return tuple(found)


def _held_keys(param: ParamDep, head: Lineage) -> Iterator[ParamDep]:
    """Yield the param with those keys that the head's file still has, if any."""
    file = head.params.get(param.path)
    if file is None:
        return
    reasons = list(param_reasons(param, file, "", None))
    missing = {reason.subject for reason in reasons if reason.kind == "param-missing"}
    keys = tuple(key for key in param.keys if f"{param.path}:{key}" not in missing)
    if keys:
        yield replace(param, keys=keys)


def edits_unwatched(
    context: Context, unknown: Mapping[str, frozenset[str]]
) -> Iterator[tuple[Stage, str, bool]]:
    """Yield stages of the tip with an input that the change edits unwatched, one for each stage.

    So is a pipeline, lock or `.dvc` file of a stage that neither base nor head reads.

    `unknown` has the stages that are not stale at the tip, each with the inputs that are unknown
    there. An input is left out if a stage with the same id, or with one of its outs, watches it in
    the base or the head: that stage is then the finding. It is not left out if it makes a model
    stale at the tip only, unless the stage ran again and made the same; the last value is then
    true.
    """
    edited = context.tip_facts.edited_inputs
    if context.tip is None or not edited:
        return
    sides = tuple(Watchers(lineage) for lineage in (context.base, context.head))
    unseen = above_unseen(context.tip, context.tip_facts.models.values(), sides)
    fresh = {stage.name for stage in context.change.stages if stage.freshness == "fresh"}
    made = {stage.id: _made(stage) for stage in context.head.stages if stage.id in fresh}
    for stage in context.tip.stages:
        if stage.id not in unknown or (stage.frozen and not stage.is_dvcfile):
            continue
        is_same = made.get(stage.id) == _made(stage)
        for path in _edited_inputs(stage, edited - unknown[stage.id], context):
            is_watched = any(side.watch(stage, path) for side in sides)
            if not is_watched or (stage.id in unseen and not is_same):
                yield stage, path, is_watched
                break


def _made(stage: Stage) -> tuple[tuple[str, str | None], ...]:
    return tuple((out.path, _value(out)) for out in stage.outs)


def outdated_by_tip(
    context: Context, at_tip: Mapping[str, StageFreshness]
) -> Iterator[tuple[Stage, str, bool]]:
    """Yield fresh stages of the change that the merge makes stale, each with one input.

    A merge takes an input that the change does not edit from the tip, and the lock entry from the
    change, unless both wrote it; so does it the declarations. The last value is whether the run
    had such an input at all.
    """
    moved = context.tip_facts.moved_inputs
    if context.tip is None or not moved:
        return
    fresh = {stage.name for stage in context.change.stages if stage.freshness == "fresh"}
    before = {stage.id: stage for stage in context.base.stages}
    later = {stage.id: stage for stage in context.tip.stages}
    outs = {out.path: out.locked for stage in context.tip.stages for out in stage.outs}
    for stage in context.head.stages:
        old, now = before.get(stage.id), later.get(stage.id)
        if stage.id not in fresh or stage.frozen or old is stage:
            continue
        # The base branch ran, renamed or removed the stage, too: only the merge shows what counts.
        if (old or now) and (old is None or now is None or _recorded(old) != _recorded(now)):
            continue
        if now is not None and at_tip[now.id].freshness != "fresh":
            continue
        inputs = [dep.path for dep in stage.deps if _is_other(dep, context, outs)]
        inputs += [param.path for param in stage.params if _has_other(param, context.tip)]
        path = next((path for path in inputs if path in moved), None)
        if path is not None:
            yield stage, path, True
        elif stage.file in moved and old is not None and now is not None:
            path = unrecorded(old, now, stage)
            if path is not None:
                yield stage, path, False


def _recorded(stage: Stage | None) -> frozenset[Part] | None:
    return None if stage is None or stage.lock is None else lock_parts(stage.lock)


def _is_other(dep: Dep, context: Context, outs: Mapping[str, Version | None]) -> bool:
    """Whether a dep is as locked in the head, and surely is not at the tip."""
    if dep.locked is None:
        return False
    here = context.head_facts.evidence.contents.get(dep.path)
    there = context.tip_facts.evidence.contents.get(dep.path)
    if here is not None:
        is_held = against_content(here, dep.locked) is SAME
        return is_held and (
            there is not None and against_content(there, dep.locked).outcome == "different"
        )
    recorded = outs.get(dep.reached)
    if recorded is None or recorded.hash is None:
        return False
    return against_version(recorded, dep.locked, not dep.external).outcome == "different"


def _has_other(param: ParamDep, tip: Lineage) -> bool:
    reasons = param_reasons(param, tip.params.get(param.path), "", None)
    return any(reason.kind == "param-changed" for reason in reasons)


def _edited_inputs(stage: Stage, edited: frozenset[str], context: Context) -> Iterator[str]:
    for dep in stage.deps:
        if dep.path in edited:
            yield dep.path
    for param in stage.params:
        if param.path in edited and _differ(param, context.base, context.head):
            yield param.path
    yield from (path for path in stage.own_files if path in edited)


def _differ(param: ParamDep, base: Lineage, head: Lineage) -> bool:
    """Whether the change edits the values of a param, and they are not those of the last run."""
    now, before = (
        list(param_reasons(param, side.params.get(param.path), "", None)) for side in (head, base)
    )
    return bool(now) and (now != before or param.path not in head.params)
